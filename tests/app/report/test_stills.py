"""Pictures as files: their pixels, their names, and nothing left behind where a series cannot be written whole."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import OutputError
from app.report import atomic
from app.report.stills import STILLS, Files, numbered, still_bytes
from inference.types import Cancelled

VALUES = np.add.outer(np.arange(40) * 5, np.arange(30)).astype(np.uint8)


def picture(number: int = 0) -> Image.Image:
    return Image.fromarray(VALUES + np.uint8(number))


@pytest.mark.parametrize("kind", STILLS)
def test_pixels_and_format(kind: str) -> None:
    with Image.open(BytesIO(still_bytes(picture(), kind))) as opened:
        assert opened.format == STILLS[kind]
        assert opened.mode == "L"
        away = np.abs(np.asarray(opened).astype(int) - VALUES)
        assert away.max() <= (4 if kind == "jpeg" else 0)


@pytest.mark.parametrize("kind", STILLS)
def test_colours_keep_their_place(kind: str) -> None:
    thin = np.zeros((32, 32, 3), np.uint8)
    thin[:, 15] = (200, 30, 30)
    with Image.open(BytesIO(still_bytes(Image.fromarray(thin), kind))) as opened:
        shown = np.asarray(opened).astype(int)
        assert np.abs(shown - thin).max() <= (25 if kind == "jpeg" else 0)


def test_names_sort_as_the_frames_do(tmp_path: Path) -> None:
    names = [path.name for path in numbered(tmp_path, 1200, "jpeg")]
    assert names[0] == "image-0001.jpg"
    assert names == sorted(names)
    assert numbered(tmp_path, 3, "tiff")[2].name == "image-003.tif"


def test_a_series_is_written_one_after_the_other(tmp_path: Path) -> None:
    heard: list[float] = []
    paths = numbered(tmp_path / "new", 4, "png")
    atomic.write_all(Files(paths, "png", picture, heard.append))
    for number, path in enumerate(paths):
        with Image.open(path) as opened:
            assert np.array_equal(np.asarray(opened), VALUES + np.uint8(number))
    assert heard == [0, 0.25, 0.5, 0.75]


def test_cancelled_half_way_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    def tick(fraction: float) -> None:
        if fraction >= 0.5:
            raise Cancelled

    (tmp_path / "image-001.png").write_bytes(b"before")
    with pytest.raises(Cancelled):
        atomic.write_all(Files(numbered(tmp_path, 4, "png"), "png", picture, tick))
    assert [path.name for path in tmp_path.iterdir()] == ["image-001.png"]
    assert (tmp_path / "image-001.png").read_bytes() == b"before"


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OutputError, match="taken"):
        atomic.write_all(Files(numbered(tmp_path / "taken", 2, "png"), "png", picture))
