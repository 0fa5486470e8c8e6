"""Short ways to a series and its pixels."""

from __future__ import annotations

from pathlib import Path

from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan


def all_series(*paths: Path) -> tuple[Series, ...]:
    """All stacks under ``paths``."""
    return index(scan(paths)).series()


def one_series(*paths: Path) -> Series:
    """The only stack under ``paths``."""
    (series,) = all_series(*paths)
    return series


def opened(*paths: Path) -> tuple[Series, SeriesPixels]:
    """The only stack under ``paths``, loaded completely."""
    series = one_series(*paths)
    pixels = load(series)
    assert [pixels.state(i).reason for i in range(len(pixels))] == [""] * len(pixels)
    return series, pixels
