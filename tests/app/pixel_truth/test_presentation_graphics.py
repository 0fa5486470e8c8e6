"""What a presentation state draws, covers and lays out, each against places that are known without arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core import presenting
from app.core.document import Document
from app.core.view import Canvas, View, direction_letters
from app.dicom.model import Series
from app.dicom.parse import read_object
from app.dicom.presentation import PresentationState, presentation_state
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
    assert "its pixels are 2 times as high as wide; shown as the image has them, 1" in told
    assert "its displayed area is not cut out" in told
    series, _ = opened(*paths)
    plain = presentation_state(read_object(made))
    assert len(presenting.notes_on(plain, series, 0)) == 1
    whole = state(tmp_path / "w.dcm", paths, label="WHOLE",
                  DisplayedAreaSelectionSequence=[area_item((1, 1, SIZE[1], SIZE[0]))])  # fmt: skip
    assert presenting.notes_on(presentation_state(read_object(whole)), series, 0, whole=True) == ()
