"""Palettes against the standard's own numbers, and what they may and may not change on screen."""

from pathlib import Path

import numpy as np
import pytest

from app.core.palettes import PALETTES, table_of
from app.core.render import Renderer
from app.core.view import View
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.dicom.voi import Window
from tests import phantoms

VOI = Window(200, 900)


def opened(paths: list[Path]) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(paths)).series()
    return series, load(series)


@pytest.fixture(scope="module")
def ct(tmp_path_factory) -> tuple[Series, SeriesPixels]:
    return opened(phantoms.ct(tmp_path_factory.mktemp("ct")))


def test_hot_iron_is_that_of_the_standard() -> None:
    # PS3.6 B.1.1: red rises by 2 to 254 at 127, then green from 128 on, blue by 4 from 192 (4) on; the last is white.
    whole = table_of("hot-iron")
    assert whole is not None
    assert whole[255].tolist() == [255, 255, 255]
    table, step = whole[:255], np.arange(255)
    assert np.array_equal(table[:, 0], np.where(step < 128, 2 * step, 255))
    assert np.array_equal(table[:, 1], np.where(step < 128, 0, 2 * (step - 128)))
    assert np.array_equal(table[:, 2], np.where(step < 192, 0, 4 * (step - 191)))


def test_pet_20_step_has_twenty_colours_at_most() -> None:
    table = table_of("pet-20-step")
    assert table is not None
    assert 15 <= len(np.unique(table, axis=0)) <= 20


def test_each_palette_on_the_menu_has_a_table() -> None:
    for palette in PALETTES[1:]:
        table = table_of(palette.id)
        assert table is not None
        assert (table.dtype, table.shape) == (np.uint8, (256, 3))
    assert table_of("") is None
    with pytest.raises(KeyError):
        table_of("rainbow")


@pytest.mark.parametrize("palette", ["viridis", "inferno", "hot", "ice"])
def test_lightness_never_falls(palette: str) -> None:
    table = table_of(palette)
    assert table is not None
    linear = (table / 255.0) ** 2.2
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > -0.003).all()
    assert luminance[-1] > luminance[0] + 0.4


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("invert", [False, True])
def test_a_palette_looks_up_the_greys_of_the_display(ct, zoom: float, invert: bool) -> None:
    series, pixels = ct
    grey = View(1, VOI, invert, zoom=zoom)
    plain = Renderer(series, pixels).image(grey, 120, 90)
    shown = Renderer(series, pixels).image(View(1, VOI, invert, zoom=zoom, palette="hot-iron"), 120, 90)
    table = table_of("hot-iron")
    assert plain is not None
    assert shown is not None
    assert table is not None
    assert shown.shape == (90, 120, 3)
    # Around the image it stays black; viridis would show if it were looked up there.
    assert np.array_equal(shown, table[plain])
    dark = Renderer(series, pixels).image(View(1, VOI, invert, zoom=zoom, palette="viridis"), 120, 90)
    assert dark is not None
    assert not dark[0, 0].any()


def test_what_the_shutter_covers_stays_black(tmp_path: Path) -> None:
    edges = {"Left": 5, "Right": 30, "Upper": 4, "Lower": 20}
    attributes = {f"Shutter{side}{'VerticalEdge' if side in ('Left', 'Right') else 'HorizontalEdge'}": at
                  for side, at in edges.items()}  # fmt: skip
    series, pixels = opened(phantoms.ct(tmp_path, shape=(1, 23, 38), ShutterShape="RECTANGULAR", **attributes))
    for zoom in (1.0, 0.5):
        view = View(0, VOI, zoom=zoom, palette="viridis")
        shown = Renderer(series, pixels).image(view, 38, 40)
        assert shown is not None
        assert not shown[20, 0].any()
        assert shown[20, 19].any()


def test_colour_images_are_never_mapped(tmp_path: Path) -> None:
    series, pixels = opened(phantoms.cine(tmp_path / "cine.dcm"))
    plain = Renderer(series, pixels).image(View(2), 90, 70)
    mapped = Renderer(series, pixels).image(View(2, palette="hot-iron"), 90, 70)
    assert np.array_equal(plain, mapped)


def test_flat_pixels_where_interpolation_is_switched_off(ct) -> None:
    series, pixels = ct
    view = View(0, VOI, zoom=4.0, interpolate=False)
    assert np.array_equal(
        Renderer(series, pixels).image(view, 160, 160),
        Renderer(series, pixels, interpolate=False).image(View(0, VOI, zoom=4.0), 160, 160),
    )
    assert not np.array_equal(
        Renderer(series, pixels).image(view, 160, 160), Renderer(series, pixels).image(View(0, VOI, zoom=4.0), 160, 160)
    )
