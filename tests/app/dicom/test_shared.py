"""Memory shared with codec processes: it holds what is asked, and nothing of it stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.dicom import shared
from app.dicom.shared import Borrowed, Memory

needs_descriptors = pytest.mark.skipif(sys.platform == "win32", reason="Windows shares memory by name")


def test_what_one_side_writes_the_other_reads() -> None:
    memory, borrowed = Memory(), Borrowed()
    memory.hold(100_000)
    first, second = memory.place(0, 50_000), memory.place(50_000, 50_000)
    with borrowed.view(second) as view:
        view[:] = b"\7" * 50_000
    with memory.view(second) as view:
        assert bytes(view) == b"\7" * 50_000
    with memory.view(first) as view:
        assert not any(view)
    memory.close()


def test_it_grows_and_shrinks_and_the_other_side_follows() -> None:
    memory, borrowed = Memory(), Borrowed()
    for size in (10, 300_000, 70_000, 300_000, 0, 20):
        memory.hold(size)
        assert size <= memory.size < size + 2**16
        if size:
            place = memory.place(size - 10, 10)
            with borrowed.view(place) as view:
                view[:] = bytes(range(10))
            with memory.view(place) as view:
                assert bytes(view) == bytes(range(10))
    memory.close()


@needs_descriptors
@pytest.mark.parametrize("has_memory_files", [True, False])
def test_no_file_has_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_memory_files: bool) -> None:
    monkeypatch.setattr(shared.tempfile, "tempdir", str(tmp_path))
    if not has_memory_files:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    memory = Memory()
    memory.hold(2**20)
    with memory.view(memory.place(0, 4)) as view:
        view[:] = b"abcd"
    assert list(tmp_path.iterdir()) == []
    memory.close()
    assert memory.descriptors == ()


@needs_descriptors
def test_a_child_fills_it_and_may_die_without_a_trace() -> None:
    memory = Memory()
    memory.hold(2**16)
    place = memory.place(8, 4)
    code = (
        "import os, signal; from app.dicom.shared import Borrowed, Place\n"
        f"view = Borrowed().view({place!r}); view[:] = b'done'; os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(shared.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=root,
        pass_fds=memory.descriptors,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-9, b"")
    with memory.view(place) as view:
        assert bytes(view) == b"done"
    memory.close()
