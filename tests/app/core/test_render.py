"""The screen's pixels against a banal version that visits them one by one."""

import numpy as np
import pytest
from PIL import Image

from app.core import view as views
from app.core.render import Renderer
from app.core.view import Canvas, View
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.dicom.voi import Window
from app.report import picture
from tests import phantoms

VOI = Window(200, 900)
LAYOUTS = [(h, v, r) for h in (False, True) for v in (False, True) for r in range(4)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(phantoms.ct(tmp_path_factory.mktemp("ct"), spacing=(2.0, 1.0, 1.0)))).series()
    return series, load(series)


def native(series: Series, pixels: SeriesPixels, view: View) -> np.ndarray:
    assert view.voi is not None
    return pixels.pipeline(view.index).display(pixels.stored[view.index], view.voi, invert=view.invert)


@pytest.mark.parametrize(("horizontal", "vertical", "rotation"), LAYOUTS)
@pytest.mark.parametrize("zoom", [1.0, 3.0])
def test_flat_pixels_are_where_the_transform_says(opened, horizontal, vertical, rotation, zoom) -> None:
    series, pixels = opened
    width, height = 151, 97
    view = View(1, VOI, False, horizontal, vertical, rotation, zoom, (9.0, 14.0))
    image = Renderer(series, pixels, interpolate=False).image(view, width, height)
    assert image is not None
    shown = native(series, pixels, view)
    back = views.inverse(views.transform(view, Canvas.of(series, width, height)))
    for y in range(0, height, 3):
        for x in range(0, width, 3):
            row, column = views.to_screen(back, (x + 0.5, y + 0.5))
            if min(abs((row + 0.5) % 1), abs((column + 0.5) % 1)) < 1e-6:
                continue  # on the border between two pixels either is right
            r, c = int(np.floor(row + 0.5)), int(np.floor(column + 0.5))
            inside = 0 <= r < series.rows and 0 <= c < series.columns
            assert image[y, x] == (shown[r, c] if inside else 0), (x, y)


def test_one_to_one_is_the_display_pipeline_itself(opened) -> None:
    series, pixels = opened
    for invert in (False, True):
        view = View(0, VOI, invert, zoom=1.0)
        image = Renderer(series, pixels).image(view, series.columns, series.rows)
        assert np.array_equal(image, native(series, pixels, view))


def test_minified_pictures_average_the_area_under_each_screen_pixel(opened) -> None:
    series, pixels = opened
    view = View(2, VOI, zoom=0.5)
    image = Renderer(series, pixels).image(view, 19, 11)
    assert image is not None
    # 23 rows at half size are 11.5 screen pixels: the first pixel starts a quarter of a screen pixel inside the image.
    stored = pixels.stored[2].astype(np.float64)
    weights = np.zeros((11, 23))
    for y in range(11):
        low, high = 2 * y + 0.5, 2 * y + 2.5
        for row in range(23):
            weights[y, row] = max(0.0, min(high, row + 1) - max(low, row)) / 2
    mean = weights @ stored @ np.kron(np.eye(19), [[0.5], [0.5]])
    expected = pixels.pipeline(2).display(np.rint(mean).astype(np.int16), VOI)
    assert np.abs(image.astype(int) - expected.astype(int)).max() <= 1


def test_a_single_bright_pixel_survives_every_zoom(tmp_path) -> None:
    (series,) = index(scan(phantoms.radiograph(tmp_path / "dx.dcm", shape=(400, 300)))).series()
    pixels = load(series)
    pixels.stored[...] = 100
    pixels.stored[0, 201, 157] = 4000
    dark = pixels.pipeline(0).inverse
    for zoom in (0.1, 0.25, 0.37, 0.5, 0.9, 1.0, 2.5):
        image = Renderer(series, pixels).image(View(0, Window(120, 60), invert=dark, zoom=zoom), 300, 400)
        assert image is not None
        values, counts = np.unique(image[image > 0], return_counts=True)
        background = values[np.argmax(counts)]
        assert image.max() > background, zoom


def test_panning_by_whole_pixels_moves_the_picture(opened) -> None:
    series, pixels = opened
    renderer = Renderer(series, pixels)
    view = View(0, VOI, zoom=2.0)
    canvas = Canvas.of(series, 120, 90)
    before = renderer.image(view, 120, 90)
    after = renderer.image(views.panned(view, canvas, 7, -5), 120, 90)
    assert before is not None
    assert after is not None
    assert np.array_equal(after[:85, 7:], before[5:, :113])


def test_a_frame_that_has_not_arrived_is_none_and_so_is_one_without_a_window(opened) -> None:
    series, pixels = opened
    assert Renderer(series, SeriesPixels(series)).image(View(0, VOI), 10, 10) is None
    assert Renderer(series, pixels).image(View(0), 10, 10) is None


def test_an_image_off_the_screen_leaves_it_black(opened) -> None:
    series, pixels = opened
    image = Renderer(series, pixels).image(View(0, VOI, zoom=1.0, centre=(-500.0, 0.0)), 40, 30)
    assert image is not None
    assert not image.any()


def test_padding_does_not_bleed_into_averages(tmp_path) -> None:
    paths = phantoms.ct(tmp_path, shape=(1, 40, 40), spacing=(2.0, 1.0, 1.0), PixelPaddingValue=-2000)
    (series,) = index(scan(paths)).series()
    pixels = load(series)
    pixels.stored[...] = 1000
    pixels.stored[0, :, :21] = -2000
    voi = Window(float(pixels.pipeline(0).modality(np.array([[1000]], pixels.stored.dtype))[0, 0]), 100)
    image = Renderer(series, pixels).image(View(0, voi, zoom=0.25), 10, 10)
    assert image is not None
    tissue = image[0, -1]
    assert (image[:, 6:] == tissue).all()
    assert (image[:, 5] == tissue).all(), "three quarters tissue: tissue, undimmed by the padding"
    assert (image[:, :5] == 0).all()


@pytest.mark.parametrize("zoom", [1.5, 2.0, 7.3])
def test_magnified_pictures_interpolate_like_pillow(opened, zoom) -> None:
    series, pixels = opened
    view = View(1, VOI, zoom=zoom)
    width, height = int(series.columns * zoom), int(series.rows * zoom)
    image = Renderer(series, pixels).image(view, width, height)
    back = views.inverse(views.transform(view, Canvas.of(series, width, height)))
    (top, left), (bottom, right) = (views.to_screen(back, corner) for corner in ((0, 0), (width, height)))
    box = (left + 0.5, top + 0.5, right + 0.5, bottom + 0.5)
    expected = Image.fromarray(native(series, pixels, view)).resize((width, height), Image.Resampling.BILINEAR, box)
    assert np.abs(np.asarray(image).astype(int) - np.asarray(expected).astype(int)).max() <= 1


SHUTTER = {
    "ShutterShape": "RECTANGULAR",
    "ShutterUpperHorizontalEdge": 5,
    "ShutterLowerHorizontalEdge": 16,
    "ShutterLeftVerticalEdge": 9,
    "ShutterRightVerticalEdge": 32,
}


@pytest.mark.parametrize("invert", [False, True])
def test_what_a_shutter_covers_is_black_and_the_rest_as_it_is(tmp_path, invert) -> None:
    (series,) = index(scan(phantoms.ct(tmp_path, spacing=(2.0, 1.0, 1.0), **SHUTTER))).series()
    pixels = load(series)
    view = View(1, VOI, invert, zoom=1.0)
    image = Renderer(series, pixels).image(view, series.columns, series.rows)
    expected = np.zeros((series.rows, series.columns), np.uint8)
    expected[4:16, 8:32] = native(series, pixels, view)[4:16, 8:32]
    assert np.array_equal(image, expected)
    assert np.array_equal(picture.frame(1, pixels, picture.Style(VOI, invert)), expected)


def test_a_shutter_does_not_bleed_into_averages(tmp_path) -> None:
    voxels = np.full((1, 24, 40), 500, np.int16)
    voxels[:, 4:16, 8:32] = 1000
    edges = {"window": None, "slope": 1.0, "intercept": 0.0, "spacing": (2.0, 1.0, 1.0)}
    (series,) = index(scan(phantoms.ct(tmp_path, voxels=voxels, **edges, **SHUTTER))).series()
    view = View(0, Window(500, 1001), zoom=0.25)
    image = Renderer(series, load(series)).image(view, 10, 6)
    expected = np.zeros((6, 10), np.uint8)
    expected[1:4, 2:8] = 255
    assert np.array_equal(image, expected)


def test_a_shutter_on_colour_leaves_the_stored_pixels_alone(tmp_path) -> None:
    (series,) = index(scan(phantoms.cine(tmp_path / "c.dcm", **SHUTTER))).series()
    pixels = load(series)
    before = pixels.stored.copy()
    image = Renderer(series, pixels).image(View(2, zoom=1.0), series.columns, series.rows)
    expected = np.zeros_like(before[2])
    expected[4:16, 8:32] = before[2][4:16, 8:32]
    assert np.array_equal(image, expected)
    assert np.array_equal(picture.frame(2, pixels, picture.Style(None)), expected)
    assert np.array_equal(pixels.stored, before)


@pytest.mark.parametrize("zoom", [0.21, 0.377, 0.5, 0.93])
def test_a_large_picture_is_averaged_in_parts_as_in_one(tmp_path, zoom) -> None:
    values = np.random.default_rng(5).integers(0, 4096, (610, 433), dtype=np.uint16)
    (series,) = index(scan(phantoms.radiograph(tmp_path / "a.dcm", pixels=values, imager_pixel_spacing=None))).series()
    view = View(0, Window(2048, 4096), zoom=zoom)
    width, height = int(433 * zoom), int(610 * zoom)
    image = Renderer(series, load(series)).image(view, width, height)
    back = views.inverse(views.transform(view, Canvas.of(series, width, height)))
    (top, left), (bottom, right) = (views.to_screen(back, corner) for corner in ((0, 0), (width, height)))
    box = (left + 0.5, top + 0.5, right + 0.5, bottom + 0.5)
    whole = Image.fromarray(values.astype(np.float32)).resize((width, height), Image.Resampling.BOX, box)
    expected = Window(2048, 4096).apply(np.rint(np.asarray(whole))) * 255
    assert height > 64, "more than two parts"
    assert np.abs(np.asarray(image) - expected).max() <= 0.6
