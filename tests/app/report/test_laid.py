"""A study's own objects in pictures and reports (app/report/laid.py)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from app.core.document import Document
from app.core.layers import Layer, Outline, Region
from app.dicom.load import load
from app.dicom.voi import Window
from app.report import picture
from app.report.laid import Laid, draw
from app.report.picture import Style
from app.report.png import annotated_png
from inference.types import Code, Label
from tests import phantoms
from tests.app.core.test_wash import _grid
from tests.app.report.answers import open_series

RED, BLUE = (255, 0, 0), (0, 0, 255)
LIVER, VEIN = Code("10200004", "Liver"), Code("29092000", "Vein")
PARTS = (Label(1, "Liver", LIVER, RED), Label(2, "Vein", VEIN, BLUE))
SQUARE = np.array([[4.0, 6.0], [4.0, 16.0], [14.0, 16.0], [14.0, 6.0]])


def _layer(*, regions: bool = False, outlines: bool = False) -> Layer:
    cover = np.zeros((23, 38), np.uint8)
    cover[5:9, 10:20] = 255
    region = Region.of(1, cover)
    assert region is not None
    return Layer(
        "1.2",
        "Segmentation: organs",
        ("s", 0),
        (23, 38),
        PARTS,
        {1: (region,)} if regions else {},
        {1: (Outline(2, SQUARE),)} if outlines else {},
    )


def test_a_segment_tints_its_pixels_alone() -> None:
    shown = np.full((23, 38, 3), 100.0)
    draw(shown, Laid((_layer(regions=True),)), 1, 0.5, frozenset())
    inside = np.zeros((23, 38), bool)
    inside[5:9, 10:20] = True
    np.testing.assert_allclose(shown[inside], [[177.5, 50, 50]] * 40)
    assert (shown[~inside] == 100).all()
    untouched = np.full((23, 38, 3), 100.0)
    draw(untouched, Laid((_layer(regions=True),)), 0, 0.5, frozenset())
    draw(untouched, Laid((_layer(regions=True),)), 1, 0.5, frozenset({("1.2", 1)}))
    assert (untouched == 100).all()


def test_contours_are_lines_where_they_lie(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    style = Style(Window(40, 400), laid=Laid((_layer(outlines=True),)))
    pixels = load(series)
    plain = np.asarray(picture.annotated(series, 1, pixels, Document(), replace(style, laid=Laid()))).astype(int)
    drawn = np.asarray(picture.annotated(series, 1, pixels, Document(), style)).astype(int)
    changed = (drawn != plain).any(axis=2)
    scale = np.array(drawn.shape[:2]) / (23, 38)
    rows = np.flatnonzero(changed.any(axis=1)) / scale[0] - 0.5
    columns = np.flatnonzero(changed.any(axis=0)) / scale[1] - 0.5
    np.testing.assert_allclose([rows.min(), rows.max(), columns.min(), columns.max()], [4, 14, 6, 16], atol=0.3)
    middle = tuple(int((9.5 + 0.5) * scale[0]) if axis == 0 else int((11 + 0.5) * scale[1]) for axis in (0, 1))
    assert not changed[middle], "a contour is a line, not a fill"
    assert (picture.annotated(series, 0, pixels, Document(), style).tobytes()) == (
        picture.annotated(series, 0, pixels, Document(), replace(style, laid=Laid())).tobytes()
    )


def test_a_dose_is_coloured_from_its_threshold_on(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    wash = _grid(tmp_path, series)
    values = wash.plane(1)
    assert values is not None
    threshold = float(np.nanmedian(values))
    shown = np.full((23, 38, 3), 100.0)
    laid = Laid((), ((wash, threshold),))
    draw(shown, laid, 1, 1.0, frozenset())
    with np.errstate(invalid="ignore"):
        above = values >= threshold
    assert (shown[~above] == 100).all()
    row, column = (int(n) for n in np.argwhere(above)[0])
    share = (np.floor(np.clip((values[row, column] - wash.low) * 254 / (wash.high - wash.low), 0, 254)) + 0.0) / 254
    np.testing.assert_allclose(shown[row, column], wash.colour_of(float(share)), atol=2)
    assert laid.on(1)[0].endswith(f"to {wash.high:.4g} Gy")


def test_the_strip_names_parts_and_the_objects_that_they_come_from(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    style = Style(Window(40, 400), laid=Laid((_layer(regions=True, outlines=True),)))
    assert picture.visible_labels(Document(), series, (1,), style) == PARTS
    assert picture.visible_labels(Document(), series, (0,), style) == ()
    pixels = load(series)
    with_strip = Image.open(BytesIO(annotated_png(series, 1, pixels, Document(), style)))
    without = Image.open(BytesIO(annotated_png(series, 0, pixels, Document(), style)))
    assert with_strip.width == without.width
    assert with_strip.height > without.height
    strip = np.asarray(with_strip)[without.height :].reshape(-1, 3).tolist()
    assert list(RED) in strip
    assert list(BLUE) in strip
