"""Pages of a PDF as pictures: where things lie, and what hostile ones come to."""

from __future__ import annotations

import numpy as np
import pytest

from app.core import pdf_pages
from app.core.pdf_pages import page_count, page_picture
from app.errors import UnreadableFile
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
    assert picture.shape[0] * picture.shape[1] <= pdf_pages.MAX_PIXELS * 1.01


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
