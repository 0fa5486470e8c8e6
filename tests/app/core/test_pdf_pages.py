"""Pages of a PDF as pictures: where things lie, and what hostile ones come to."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from app.core import pdf_pages
from app.core.pdf_pages import page_count, page_picture
from app.core.pdf_worker import MAX_PIXELS
from app.errors import UnreadableFile
from inference.types import Cancelled
from tests.report_phantoms import pdf_data


@pytest.mark.parametrize("dots", [72, 144, 100])
def test_a_page_is_drawn_in_its_size(dots: float) -> None:
    data = pdf_data()
    assert page_count(data) == 2
    picture = page_picture(data, 1, dots)
    scale = dots / 72
    assert picture.shape[:2] == pytest.approx((400 * scale, 300 * scale), abs=1)
    red = (picture[..., 0] > 200) & (picture[..., 1] < 60) & (picture[..., 2] < 60)
    rows, columns = np.nonzero(red)
    # PDF counts from the bottom.
    expected = [(400 - 250) * scale, (400 - 200) * scale, 100 * scale, 150 * scale]
    assert [rows.min(), rows.max() + 1, columns.min(), columns.max() + 1] == pytest.approx(expected, abs=1)
    assert tuple(picture[2, 2]) == (255, 255, 255)


def test_a_page_of_a_kilometre_stays_bounded() -> None:
    picture = page_picture(pdf_data(size=(14_000, 14_000)), 0, 600)
    assert picture.shape[0] * picture.shape[1] <= MAX_PIXELS * 1.01


@pytest.mark.parametrize("cut", [0, 5, 60, 400])
def test_what_is_no_pdf_says_so(cut: int) -> None:
    data = b"%PDF-1.4\n" + b"\xff" * cut if cut else b"no pdf at all"
    with pytest.raises(UnreadableFile, match="Cannot show the document") as told:
        page_count(data)
    assert "damaged or no PDF" in told.value.why


def test_any_damage_gives_pages_or_a_reason() -> None:
    data, random = pdf_data(), np.random.default_rng(5)
    ends = set()
    for _ in range(60):
        broken = bytearray(data)
        for at in random.integers(0, len(data), 40):
            broken[at] = random.integers(0, 256)
        try:
            count = page_count(bytes(broken))
            assert page_picture(bytes(broken), count - 1, 30).ndim == 3
            ends.add("drawn")
        except UnreadableFile:
            ends.add("refused")
    assert ends == {"drawn", "refused"}


def test_a_page_that_is_not_there() -> None:
    with pytest.raises(UnreadableFile):
        page_picture(pdf_data(), 7, 72)


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped with POSIX signals")


def _pid() -> int:
    """The process that draws, started by drawing a page."""
    page_picture(pdf_data(), 0, 30)
    drawer = pdf_pages._keeper.drawer
    assert drawer is not None
    return drawer._process.pid


def _meanwhile(pid: int, then: Callable[[], object]) -> threading.Thread:
    """Stops the process, so that it is surely at a page when ``then`` happens."""
    os.kill(pid, signal.SIGSTOP)

    def later() -> None:
        time.sleep(0.1)
        then()

    thread = threading.Thread(target=later)
    thread.start()
    return thread


@needs_signals
def test_a_page_that_crashes_its_process_is_an_error_line_and_the_next_one_draws() -> None:
    pid = _pid()

    def crash() -> None:
        os.kill(pid, signal.SIGSEGV)
        os.kill(pid, signal.SIGCONT)

    thread = _meanwhile(pid, crash)
    with pytest.raises(UnreadableFile, match="Cannot show the document") as told:
        page_picture(pdf_data(), 0, 72)
    thread.join()
    assert "crashed on this file" in told.value.why
    assert page_picture(pdf_data(), 0, 72).shape == (400, 300, 3)
    assert _pid() != pid


@needs_signals
def test_a_process_that_ended_while_idle_costs_nothing() -> None:
    pid = _pid()
    drawer = pdf_pages._keeper.drawer
    assert drawer is not None
    drawer.kill()
    drawer._process.wait()
    assert page_count(pdf_data()) == 2
    assert _pid() != pid


@needs_signals
def test_a_page_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    pid = _pid()
    monkeypatch.setattr(pdf_pages, "SECONDS_A_PAGE", 0.3)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(UnreadableFile) as told:
        page_picture(pdf_data(), 0, 72)
    assert "took too long" in told.value.why
    monkeypatch.undo()
    assert page_count(pdf_data()) == 2


@needs_signals
def test_a_page_that_nobody_waits_for_is_left_at_once() -> None:
    pid = _pid()
    os.kill(pid, signal.SIGSTOP)

    def tick(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        page_picture(pdf_data(), 0, 72, tick)
    assert page_count(pdf_data()) == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of another process are set on Linux only")
def test_a_page_that_needs_too_much_memory_says_so() -> None:
    import resource
    from pathlib import Path

    pid = _pid()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 2**25
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
    with pytest.raises(UnreadableFile) as told:
        page_picture(pdf_data(size=(14_000, 14_000)), 0, 600)
    assert "memory" in told.value.why or "crashed" in told.value.why or "cannot be drawn" in told.value.why
    pdf_pages.close()
    assert page_picture(pdf_data(), 0, 72).shape == (400, 300, 3)


def test_the_program_itself_never_loads_pdfium() -> None:
    import subprocess

    code = (
        "import sys; from app.core.pdf_pages import page_count, page_picture;"
        "from tests.report_phantoms import pdf_data; data = pdf_data(); page_count(data); page_picture(data, 0, 30);"
        "assert not [name for name in sys.modules if name.startswith('pypdfium2')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
