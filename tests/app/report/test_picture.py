"""Frames with everything drawn in (app/report/picture.py, png.py)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import RESEARCH_USE
from app.core.document import Document, Measurement, MeasurementKind, Place
from app.dicom.load import load
from app.dicom.voi import Window
from app.report import fonts, picture
from app.report.picture import Style
from app.report.png import annotated_png, png_bytes
from tests import phantoms
from tests.app.dicom.test_overlay_planes import add_plane
from tests.app.report.answers import LABELS, open_series, overlay

WINDOW = Style(Window(2000, 4000))
POINTS = {
    MeasurementKind.DISTANCE: ((10.0, 10.0), (60.0, 50.0)),
    MeasurementKind.ANGLE: ((10.0, 10.0), (60.0, 20.0), (80.0, 90.0)),
    MeasurementKind.RECTANGLE: ((100.0, 70.0), (118.0, 94.0)),
    MeasurementKind.ELLIPSE: ((20.0, 30.0), (70.0, 60.0)),
    MeasurementKind.COBB: ((20.0, 20.0), (24.0, 70.0), (80.0, 20.0), (70.0, 70.0)),
    MeasurementKind.BIDIRECTIONAL: ((20.0, 50.0), (80.0, 50.0), (45.0, 30.0), (45.0, 70.0)),
    MeasurementKind.POLYGON: ((20.0, 20.0), (20.0, 70.0), (70.0, 70.0), (50.0, 40.0)),
    MeasurementKind.FREEHAND: ((20.0, 20.0), (25.0, 60.0), (70.0, 70.0), (60.0, 30.0), (40.0, 18.0)),
    MeasurementKind.POINT: ((40.0, 40.0),),
    MeasurementKind.ARROW: ((40.0, 40.0), (60.0, 70.0)),
    MeasurementKind.TEXT: ((40.0, 40.0),),
}


def test_blending_colours_the_mask_and_nothing_else() -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    mask = np.zeros((3, 4), bool)
    mask[1, 2] = True
    blended = picture.blend(grey, [(mask, (200, 0, 100))], opacity=0.5)
    expected = np.repeat(grey[..., np.newaxis], 3, axis=2)
    expected[1, 2] = [(120 + 200) // 2, 60, 110]
    np.testing.assert_array_equal(blended, expected)


def test_a_frame_is_what_the_pipeline_shows(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", bits=12)
    _, series = open_series(tmp_path / "a.dcm")
    shown = picture.frame(0, load(series), WINDOW)
    stored = phantoms.radiograph_values().astype(np.float64)
    y = np.clip((stored - 1999.5) / 3999 + 0.5, 0, 1)
    np.testing.assert_array_equal(shown, np.floor(255 * y + 0.5).astype(np.uint8))


def test_overlay_and_outline_lie_on_the_mask(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", imager_pixel_spacing=None, PatientOrientation=None)
    _, series = open_series(tmp_path / "a.dcm")
    drawn = overlay(series)
    document = Document().with_overlay(drawn)
    shown = np.asarray(picture.annotated(series, 0, load(series), document, WINDOW)).astype(int)
    plain = np.asarray(picture.annotated(series, 0, load(series), Document(), WINDOW)).astype(int)
    changed = (shown != plain).any(axis=2)
    height, width = changed.shape
    rows = (np.arange(height) * series.rows / height).astype(int)
    columns = (np.arange(width) * series.columns / width).astype(int)
    mask = drawn.label_map[0][np.ix_(rows, columns)] != 0
    # Magnified edges are smooth: at most a band of one image pixel differs from hard ones.
    assert (changed != mask).mean() < 0.03
    middle = shown[round(4 * height / series.rows), round(20 * width / series.columns)]
    red, _, blue = LABELS[0].colour
    assert (blue > red) == (middle[2] > middle[0])


def test_hidden_labels_are_not_drawn(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    _, series = open_series(tmp_path / "a.dcm")
    document = Document().with_overlay(overlay(series))
    hidden = replace(WINDOW, hidden_labels=frozenset((("overlay", label.value)) for label in LABELS))
    pixels = load(series)
    shown = picture.annotated(series, 0, pixels, document, hidden)
    assert shown.tobytes() == picture.annotated(series, 0, pixels, Document(), hidden).tobytes()
    assert picture.visible_labels(document, series, (0,), hidden) == ()
    assert picture.visible_labels(document, series, (0,), WINDOW) == LABELS


@pytest.mark.parametrize("kind", MeasurementKind)
def test_measurements_are_drawn_where_they_are(kind: MeasurementKind, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", imager_pixel_spacing=None)
    _, series = open_series(tmp_path / "a.dcm")
    made = Measurement("m", kind, Place.of(series, 0), POINTS[kind], name="Nodule 結節")
    pixels = load(series)
    before = picture.annotated(series, 0, pixels, Document(), WINDOW)
    after = picture.annotated(series, 0, pixels, Document().with_measurement(made), WINDOW)
    difference = (np.asarray(before).astype(int) != np.asarray(after).astype(int)).any(axis=2)
    scale = after.height / series.rows
    # Of an ellipse the middle of a side of its box; of a point an arm of its cross, which spares the pixel.
    on_line = {MeasurementKind.ELLIPSE: (45.0, 30.0), MeasurementKind.POINT: (40.0, 41.0)}
    corners = (on_line.get(kind, POINTS[kind][0]),)
    for row, column in corners:
        y, x = round((row + 0.5) * scale), round((column + 0.5) * scale)
        assert difference[y - 3 : y + 4, x - 3 : x + 4].any()
    assert 0.001 < difference.mean() < 0.15


def test_pictures_are_true_to_shape(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", shape=(120, 96), imager_pixel_spacing=(0.2, 0.1))
    _, series = open_series(tmp_path / "a.dcm")
    shown = picture.annotated(series, 0, load(series), Document(), WINDOW)
    assert shown.width / shown.height == pytest.approx(96 * 0.1 / (120 * 0.2), abs=0.01)


def test_a_large_picture_is_bounded(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", shape=(2000, 1500))
    _, series = open_series(tmp_path / "a.dcm")
    shown = picture.annotated(series, 0, load(series), Document().with_overlay(overlay(series)), WINDOW)
    assert max(shown.size) == picture.LONG_SIDE


def test_colour_is_shown_as_it_is(tmp_path: Path) -> None:
    phantoms.cine(tmp_path / "a.dcm")
    _, series = open_series(tmp_path / "a.dcm")
    pixels = load(series)
    np.testing.assert_array_equal(picture.frame(3, pixels, Style(None)), phantoms.cine_values()[3])


def test_an_annotated_png_says_what_made_it_and_what_it_is_for(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    _, series = open_series(tmp_path / "a.dcm")
    pixels = load(series)
    bare = Image.open(BytesIO(annotated_png(series, 0, pixels, Document(), WINDOW)))
    marked = Image.open(BytesIO(annotated_png(series, 0, pixels, Document().with_overlay(overlay(series)), WINDOW)))
    assert marked.width == bare.width
    strip = np.asarray(marked)[bare.height :]
    assert len(strip) > 30
    for label in LABELS:
        assert (strip == label.colour).all(axis=2).sum() > 50
    assert RESEARCH_USE == "Research use only. Not for diagnosis."


def test_a_png_holds_the_pixels_exactly() -> None:
    random = np.random.default_rng(0)
    for shape in ((7, 5), (7, 5, 3)):
        image = random.integers(0, 256, shape, dtype=np.uint8)
        np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png_bytes(image)))), image)


@pytest.mark.parametrize("text", ["Müller", "Ωμέγα", "Люксембург", "山田 太郎", "홍길동", "やまだ", "³²×−≥µ°"])
def test_names_of_many_scripts_have_glyphs(text: str) -> None:
    assert "?" not in "".join(piece for _, piece in fonts.runs(text))


def test_what_no_font_has_becomes_a_question_mark() -> None:
    assert "".join(piece for _, piece in fonts.runs("a\u0e01\U0001f600b\x00c")) == "a??b c"
    assert fonts.markup("<b>&") == '<font name="Inter">&lt;b&gt;&amp;</font>'


def test_overlay_planes_are_drawn_and_can_be_left_out(tmp_path: Path) -> None:
    (path,) = phantoms.radiograph(tmp_path / "a.dcm", imager_pixel_spacing=None, PatientOrientation=None)
    bits = np.zeros((1, 120, 96), bool)
    bits[0, 40, 10:80] = True
    add_plane(path, 0x6000, bits)
    _, series = open_series(path)
    pixels = load(series)
    shown = np.asarray(picture.annotated(series, 0, pixels, Document(), WINDOW)).astype(int)
    plain = np.asarray(picture.annotated(series, 0, pixels, Document(), replace(WINDOW, graphics=False))).astype(int)
    changed = np.nonzero((shown != plain).any(axis=2))
    scale = np.array([shown.shape[0] / 120, shown.shape[1] / 96])
    # Nothing but the line, with the softness of a magnified edge.
    assert (np.abs((changed[0] + 0.5) / scale[0] - 40.5) < 1.5).all()
    assert changed[1].min() / scale[1] == pytest.approx(10, abs=1.5)
    middle = shown[round(40.5 * scale[0]), round(45 * scale[1])]
    assert np.abs(middle - picture.GRAPHICS).max() <= 2


def test_labels_keep_off_shapes_and_off_each_other() -> None:
    from app.report.picture import _along, _draw_label

    sheet = Image.new("RGB", (600, 400))
    shapes = [(280.0, 180.0, 320.0, 220.0), (330.0, 100.0, 420.0, 300.0)]
    rims = [[(a, b), (c, b), (c, d), (a, d), (a, b)] for a, b, c, d in shapes]
    drawn = np.concatenate([_along(rim, 2.0) for rim in rims])
    taken: list[tuple[float, float, float, float]] = []
    for shape in shapes:
        taken.append(_draw_label(sheet, shape, ["Area 1.0 cm²", "Mean 3"], 1.0, drawn, taken))
    for left, top, right, bottom in taken:
        assert left >= 0
        assert top >= 0
        assert right <= 600
        assert bottom <= 400
        assert not ((drawn >= (left, top)) & (drawn <= (right, bottom))).all(axis=1).any()
    assert picture._shared(*taken) == 0
