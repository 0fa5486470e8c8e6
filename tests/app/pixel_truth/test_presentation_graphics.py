"""What a presentation state draws, covers and lays out, each against places that are known without arithmetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core import presenting
from app.core.document import Document, Measurement, MeasurementKind, Place
from app.core.render import Renderer
from app.core.view import Canvas, View, direction_letters, to_screen, transform
from app.dicom.model import Series
from app.dicom.parse import read_object
from app.dicom.presentation import PresentationState, Scope, presentation_state
from app.dicom.voi import Window
from app.report import picture
from tests import phantoms
from tests.app.dicom.helpers import opened
from tests.app.pixel_truth.made import Render
from tests.presentation_phantoms import annotation_item, area_item, graphic_item, layer_item, text_item, window_item
from tests.presentation_phantoms import state as bare_state

RED = {"GraphicLayerRecommendedDisplayRGBValue": [65535, 0, 0]}
SIZE = (80, 120)
SQUARE = (2.5, 0.5, 0.5)


def blank(folder: Path, **attributes: Any) -> list[Path]:
    """A black image of 80 × 120: all that is drawn on it stands out."""
    return phantoms.ct(folder, shape=(1, *SIZE), voxels=np.zeros((1, *SIZE), np.uint16), spacing=SQUARE, **attributes)


def state(path: Path, images: list[Path], **attributes: Any) -> Path:
    """A state whose window shows 0 as black and 4000 as white."""
    return bare_state(path, images, **{"SoftcopyVOILUTSequence": [window_item(2000, 4000)], **attributes})


def annotated(folder: Path, *objects: Any, **attributes: Any) -> tuple[list[Path], Path]:
    paths = blank(folder / "ct")
    made = state(folder / "s.dcm", paths, GraphicAnnotationSequence=[annotation_item("L", *objects)],
                 GraphicLayerSequence=[layer_item("L", 1, **RED)], **attributes)  # fmt: skip
    return paths, made


def loaded(folder: Path, *objects: Any, **attributes: Any) -> tuple[Series, PresentationState, Any]:
    paths, made = annotated(folder, *objects, **attributes)
    series, pixels = opened(*paths)
    return series, presentation_state(read_object(made)), pixels


def red(image: np.ndarray) -> np.ndarray:
    return np.asarray((image[..., 0] > 128) & (image[..., 1] < 90))


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """First row, last row, first column, last column."""
    rows, columns = np.nonzero(mask)
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


# Column and row from the corner of the first pixel, as the standard counts.
ELLIPSE = graphic_item("ELLIPSE", [(20.5, 40.5), (100.5, 40.5), (60.5, 20.5), (60.5, 60.5)])


def test_an_ellipse_reaches_the_ends_of_its_axes_and_no_further(tmp_path: Path) -> None:
    series, made, _ = loaded(tmp_path, ELLIPSE)
    (drawing,) = presenting.drawings(made, series, 0)
    line = np.array(presenting.outline(drawing.graphics[0], 1.0))
    assert (*line.min(axis=0), *line.max(axis=0)) == pytest.approx((20, 20, 60, 100), abs=1e-9)
    # Every point is on the ellipse of half axes 20 and 40 around (40, 60).
    np.testing.assert_allclose(((line - (40, 60)) / (20, 40)) ** 2 @ (1, 1), 1.0)


def test_an_interpolated_line_goes_through_all_its_points_smoothly(tmp_path: Path) -> None:
    corners = [(10.5, 10.5), (40.5, 50.5), (70.5, 10.5), (100.5, 50.5)]
    series, made, _ = loaded(tmp_path, graphic_item("INTERPOLATED", corners))
    (drawing,) = presenting.drawings(made, series, 0)
    line = np.array(presenting.outline(drawing.graphics[0], 1.0))
    for column, row in corners:
        assert np.abs(line - (row - 0.5, column - 0.5)).sum(axis=1).min() < 1e-9
    turns = np.diff(line, axis=0)
    turns /= np.linalg.norm(turns, axis=1)[:, None]
    # A polyline would turn by 106° at a corner; no step of the curve comes near that.
    assert (turns[1:] * turns[:-1]).sum(axis=1).min() > np.cos(np.radians(45))


@pytest.mark.parametrize("filled", [False, True])
def test_filled_graphics_are_filled_and_seen_through(render: Render, tmp_path: Path, filled: bool) -> None:
    box = [(30.5, 20.5), (80.5, 20.5), (80.5, 60.5), (30.5, 60.5), (30.5, 20.5)]
    paths, made = annotated(tmp_path, graphic_item("POLYLINE", box, filled=filled))
    image = render(paths[0], "--presentation", made, "--graphics")
    assert bounds(red(image)) == pytest.approx((20, 60, 30, 80), abs=1)
    assert tuple(image[40, 55]) == ((90, 0, 0) if filled else (0, 0, 0))


@pytest.mark.parametrize(("rotation", "flip"), [(0, "N"), (90, "N"), (180, "N"), (270, "N"), (0, "Y"), (90, "Y")])
def test_graphics_and_pixels_turn_together(render: Render, tmp_path: Path, rotation: int, flip: str) -> None:
    """A bright pixel and the cross that marks it, in ``render`` and in reports."""
    voxels = np.zeros((1, *SIZE), np.uint16)
    voxels[0, 15, 30] = 4000
    paths = phantoms.ct(tmp_path / "ct", shape=(1, *SIZE), voxels=voxels, spacing=SQUARE)
    made = state(tmp_path / "s.dcm", paths, ImageRotation=rotation, ImageHorizontalFlip=flip,
                 GraphicAnnotationSequence=[annotation_item("L", graphic_item("POINT", [(30.5, 15.5)]))],
                 GraphicLayerSequence=[layer_item("L", 1, **RED)])  # fmt: skip
    plain = render(paths[0], "--presentation", made)
    ((row, column),) = np.argwhere(plain > 128)
    drawn = red(render(paths[0], "--presentation", made, "--graphics"))
    first, last, left, right = bounds(drawn)
    assert ((first + last) / 2, (left + right) / 2) == pytest.approx((row, column), abs=1)
    series, pixels = opened(*paths)
    style = picture.Style(Window(2000, 4000), presentation=presentation_state(read_object(made)))
    report = np.asarray(picture.annotated(series, 0, pixels, Document(), style))
    scale = report.shape[0] / plain.shape[0]
    assert report.shape[1] / plain.shape[1] == pytest.approx(scale, rel=0.01)
    first, last, left, right = bounds(red(report))
    assert ((first + last) / 2, (left + right) / 2) == pytest.approx(
        ((row + 0.5) * scale, (column + 0.5) * scale), abs=3
    )


def test_letters_of_a_report_turn_with_its_picture(tmp_path: Path) -> None:
    series, made, _ = loaded(tmp_path, ELLIPSE, ImageRotation=90)
    view = presenting.turned_view(made, series, 0)
    assert (view.rotation, view.flip_horizontal) == (1, False)
    assert direction_letters(series, 0) is not None
    assert presenting.turned(np.arange(6).reshape(2, 3), view).tolist() == [[3, 0], [4, 1], [5, 2]]


def test_a_text_stands_in_its_box_and_a_line_leads_to_its_anchor(render: Render, tmp_path: Path) -> None:
    paths, made = annotated(tmp_path, text_item("TT", box=(60, 40, 110, 70), anchor=(10.5, 10.5)))
    drawn = red(render(paths[0], "--presentation", made, "--graphics"))
    first, _, left, right = bounds(drawn)
    assert (first, left) == pytest.approx((10, 10), abs=1)
    # The words lie within the box's columns, from its left edge on.
    inside = drawn[40:70]
    assert inside[:, 61:].any()
    assert right < 110
    hidden = state(tmp_path / "h.dcm", paths, label="HIDDEN", GraphicLayerSequence=[layer_item("L", 1, **RED)],
                   GraphicAnnotationSequence=[annotation_item(
                       "L", text_item("TT", box=(60, 40, 110, 70), anchor=(10.5, 10.5), visible=False))])  # fmt: skip
    drawn = red(render(paths[0], "--presentation", hidden, "--graphics"))
    assert bounds(drawn)[0] >= 38
    assert bounds(drawn)[2] >= 58


@pytest.mark.parametrize(("align", "low", "high"), [("LEFT", 20, 60), ("CENTER", 45, 75), ("RIGHT", 60, 101)])
def test_a_text_is_aligned_in_its_box(render: Render, tmp_path: Path, align: str, low: int, high: int) -> None:
    paths, made = annotated(tmp_path, text_item("TT", box=(20, 30, 100, 60), align=align))
    _, _, left, right = bounds(red(render(paths[0], "--presentation", made, "--graphics")))
    assert low - 1 <= left < right <= high + 1


def packed(bits: np.ndarray) -> bytes:
    return np.packbits(bits.reshape(-1), bitorder="little").tobytes()


def overlay(group: int, bits: np.ndarray) -> dict[int, tuple[str, Any]]:
    return {
        0x0010: ("US", bits.shape[0]),
        0x0011: ("US", bits.shape[1]),
        0x0040: ("CS", "G"),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
        0x3000: ("OW", packed(bits)),
    }


def with_overlay(path: Path, group: int, bits: np.ndarray, **attributes: Any) -> Path:
    """The file with an overlay plane, and more."""
    import pydicom

    dataset = pydicom.dcmread(path)
    for element, (vr, value) in overlay(group, bits).items():
        dataset.add_new(group << 16 | element, vr, value)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
    return path


def test_a_bitmap_shutter_covers_what_its_plane_marks(render: Render, tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path / "ct", shape=(1, *SIZE), voxels=np.full((1, *SIZE), 4000, np.uint16))
    bits = np.zeros(SIZE, bool)
    bits[:25], bits[:, 90:] = True, True
    made = with_overlay(state(tmp_path / "s.dcm", paths), 0x6002, bits, ShutterShape="BITMAP",
                        ShutterOverlayGroup=0x6002, ShutterPresentationValue=0x8000)  # fmt: skip
    image = render(paths[0], "--presentation", made)
    np.testing.assert_array_equal(image, np.where(bits, 128, 255))


@pytest.mark.parametrize("active", [True, False])
def test_only_planes_that_the_state_activates_show_in_their_layers_colour(
    render: Render, tmp_path: Path, active: bool
) -> None:
    paths = blank(tmp_path / "ct")
    bits = np.zeros(SIZE, bool)
    bits[30:40, 50:70] = True
    with_overlay(paths[0], 0x6000, bits)
    made = state(tmp_path / "s.dcm", paths, GraphicLayerSequence=[layer_item("L", 1, **RED)])
    if active:
        import pydicom

        dataset = pydicom.dcmread(made)
        dataset.add_new(0x60001001, "CS", "L")
        dataset.save_as(made)
    drawn = red(render(paths[0], "--presentation", made, "--graphics"))
    np.testing.assert_array_equal(drawn, bits if active else np.zeros(SIZE, bool))


def test_true_size_is_true_to_the_millimetre(tmp_path: Path) -> None:
    area = area_item((11, 21, 30, 40), "TRUE SIZE", PresentationPixelSpacing=["0.5", "0.5"])
    series, made, _ = loaded(tmp_path, DisplayedAreaSelectionSequence=[area])
    view = presenting.laid_out(View(), Canvas.of(series, 800, 600), made, series, dots_per_mm=4.0)
    # A pixel of half a millimetre on a screen of 4 dots to the millimetre: two dots.
    assert view.zoom == pytest.approx(2.0)
    assert view.centre == (29.5, 19.5)


def test_what_is_not_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from app.main import main

    area = area_item((11, 21, 30, 40), PresentationPixelAspectRatio=["2", "1"])
    paths, made = annotated(tmp_path, ELLIPSE, DisplayedAreaSelectionSequence=[area])
    assert main(["render", str(paths[0]), "--presentation", str(made), "--out", str(tmp_path / "x.png")]) == 0
    told = capsys.readouterr().err
    assert "it shows pixels 2 times as high as wide; the image's own are 1" in told
    assert "its displayed area is not cut out" in told
    series, _ = opened(*paths)
    plain = presentation_state(read_object(made))
    assert len(presenting.notes_on(plain, series, 0)) == 1
    whole = state(tmp_path / "w.dcm", paths, label="WHOLE",
                  DisplayedAreaSelectionSequence=[area_item((1, 1, SIZE[1], SIZE[0]))])  # fmt: skip
    assert presenting.notes_on(presentation_state(read_object(whole)), series, 0, whole=True) == ()


# -- displayed areas and the shape of pixels ---------------------------------------------------------------------------

PLAIN = picture.Style(Window(2000, 4000))
LANDMARKS = ((30, 50, 4000), (49, 50, 2000), (30, 89, 1000))
"""Bright pixels of (row, column, value), each the first, or a corner, of what ``AREA`` shows."""
AREA = (51, 31, 90, 50)
"""Left, top, right, bottom from 1 on: rows 30 to 49 and columns 50 to 89."""


def marked(folder: Path, area: Any, *objects: Any, **attributes: Any) -> tuple[Series, Any, PresentationState]:
    voxels = np.zeros((1, *SIZE), np.uint16)
    for row, column, value in LANDMARKS:
        voxels[0, row, column] = value
    paths = phantoms.ct(folder / "ct", shape=(1, *SIZE), voxels=voxels, spacing=SQUARE, intercept=0)
    more = {"GraphicAnnotationSequence": [annotation_item("L", *objects)]} if objects else {}
    made = state(folder / "s.dcm", paths, DisplayedAreaSelectionSequence=[area],
                 GraphicLayerSequence=[layer_item("L", 1, **RED)], **more, **attributes)  # fmt: skip
    series, pixels = opened(*paths)
    return series, pixels, presentation_state(read_object(made))


def shown(series: Series, pixels: Any, made: PresentationState, document: Document | None = None) -> np.ndarray:
    style = picture.Style(Window(2000, 4000), presentation=made)
    return np.asarray(picture.annotated(series, 0, pixels, document or Document(), style).convert("RGB"))


@pytest.mark.parametrize(("rotation", "flip"), [(0, "N"), (90, "N"), (180, "Y"), (270, "Y")])
def test_a_report_shows_the_area_that_the_state_displays_and_no_more(tmp_path: Path, rotation: int, flip: str) -> None:
    series, pixels, made = marked(tmp_path, area_item(AREA), ImageRotation=rotation, ImageHorizontalFlip=flip)
    image = shown(series, pixels, made)
    tall, wide = (20, 40) if rotation % 180 == 0 else (40, 20)
    assert image.shape[1] / image.shape[0] == pytest.approx(wide / tall, rel=0.01)
    assert max(image.shape) == 1000
    # Each landmark fills its own cell of the area, 25 pixels a pixel, in a corner of the picture.
    cell = np.zeros((20, 40))
    for row, column, value in LANDMARKS:
        cell[row - 30, column - 50] = value / 4000 * 255
    turned = presenting.turned(cell, presenting.turned_view(made, series, 0))
    factor = image.shape[0] // turned.shape[0]
    for row, column in zip(*np.nonzero(turned), strict=True):
        middle = image[int((row + 0.5) * factor), int((column + 0.5) * factor), 0]
        assert middle == pytest.approx(turned[row, column], abs=15)
    assert presenting.notes_on(made, series, 0) == ()


def test_what_lies_beyond_the_image_is_black_in_a_report(tmp_path: Path) -> None:
    area = area_item((-59, 1, 60, 80))
    series, pixels, made = marked(tmp_path, area)
    image = shown(series, pixels, made)
    # 120 columns: 60 beyond the left edge, and the first half of the image.
    assert image.shape[1] / image.shape[0] == pytest.approx(1.5, rel=0.01)
    factor = image.shape[0] / 80
    assert image[int(30.5 * factor), int((60 + 50.5) * factor), 0] > 220
    assert image[: int(30 * factor), int(20 * factor) : int(50 * factor)].max() == 0
    far = area_item((100_000, 100_000, 100_100, 100_100))
    series, pixels, made = marked(tmp_path / "far", far)
    assert "its displayed area is not cut out" in presenting.notes_on(made, series, 0)
    assert shown(series, pixels, made).shape[1] / shown(series, pixels, made).shape[0] == pytest.approx(1.5, rel=0.01)


def test_marks_stay_on_their_pixels_where_a_report_is_cut(tmp_path: Path) -> None:
    box = graphic_item("POLYLINE", [(60.0, 35.0), (80.0, 35.0), (80.0, 45.0), (60.0, 45.0), (60.0, 35.0)], filled=True)
    series, pixels, made = marked(tmp_path, area_item(AREA), box)
    image = shown(series, pixels, made)
    top, bottom, left, right = bounds((image[..., 0] > 40) & (image[..., 1] < 30))
    # Columns 60 to 80 and rows 35 to 45 from the corner of the first pixel: 10 and 5 into the area, 25 each.
    assert (top, bottom, left, right) == pytest.approx((5 * 25, 15 * 25, 10 * 25, 30 * 25), abs=4)
    line = Measurement("m", MeasurementKind.DISTANCE, Place.of(series, 0), ((34.5, 59.5), (34.5, 79.5)))
    drawn = shown(series, pixels, marked(tmp_path / "b", area_item(AREA))[2], Document(measurements=(line,)))
    yellow = (drawn[..., 0] > 200) & (drawn[..., 1] > 160) & (drawn[..., 2] < 80)
    rows = np.flatnonzero(yellow[:, 260:740].sum(axis=1) > 400)
    assert rows.mean() == pytest.approx(5 * 25, abs=2)


def test_a_tiny_area_is_large_in_a_report(tmp_path: Path) -> None:
    series, pixels, made = marked(tmp_path, area_item((51, 31, 52, 32)))
    image = shown(series, pixels, made)
    assert image.shape[:2] == (1000, 1000)
    assert image[250, 250, 0] > 200
    assert image[750, 750, 0] < 60


@pytest.mark.parametrize("aspect", [(2, 1), (1, 3)])
def test_pixels_have_the_shape_that_the_state_gives_them(tmp_path: Path, aspect: tuple[int, int]) -> None:
    circle = graphic_item("CIRCLE", [(60.5, 40.5), (69.5, 40.5)], filled=True)
    whole = area_item((1, 1, SIZE[1], SIZE[0]), PresentationPixelAspectRatio=[str(part) for part in aspect])
    series, pixels, made = marked(tmp_path, whole, circle)
    view = View(presentation=made)
    canvas = Canvas.of(series, 640, 480, view)
    across, down = np.abs(transform(view, canvas)[:, :2]).max(axis=1)
    assert down / across == pytest.approx(aspect[0] / aspect[1])
    rendered = Renderer(series, pixels).image(replace(view, voi=Window(2000, 4000)), 640, 480)
    lit = bounds(rendered > 120)
    assert lit[0] == pytest.approx(to_screen(transform(view, canvas), (29.5, 0))[1], abs=1.5)
    image = shown(series, pixels, made)
    shape = SIZE[1] * aspect[1] / (SIZE[0] * aspect[0])
    assert image.shape[1] / image.shape[0] == pytest.approx(shape, rel=0.01)
    top, bottom, left, right = bounds((image[..., 0] > 40) & (image[..., 1] < 30))
    assert bottom - top == pytest.approx(right - left, abs=4), "a circle is round as it is shown"
    assert presenting.notes_on(made, series, 0) == (
        f"it shows pixels {aspect[0] / aspect[1]:.3g} times as high as wide; the image's own are 1",
    )
    other = replace(made, scope=Scope((("1.2.3", frozenset()),)))
    assert Canvas.of(series, 640, 480, View(presentation=other)).aspect == (1.0, 1.0), "it is about other images"


def test_an_image_without_spacing_has_its_own_pixel_aspect_ratio(tmp_path: Path) -> None:
    (path,) = phantoms.radiograph(tmp_path / "a.dcm", imager_pixel_spacing=None, PixelAspectRatio=["2", "1"])
    series, pixels = opened(path)
    assert series.pixel_spacing is None
    across, down = np.abs(transform(View(), Canvas.of(series, 640, 480))[:, :2]).max(axis=1)
    assert down / across == pytest.approx(2.0)
    drawn = picture.annotated(series, 0, pixels, Document(), PLAIN)
    assert drawn.height / drawn.width == pytest.approx(2 * series.rows / series.columns, rel=0.01)
