"""One series in colour over another: where, what values, which colours, and when not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.colour_maps import NAMES, colour_map
from app.core.fusion import FusionStyle, check, coloured, default_style, fused_plane, place_on, refusal, table
from app.core.linking import place_of
from app.core.mpr import Source, source
from app.dicom.index import index
from app.dicom.load import load
from app.dicom.scan import scan
from app.errors import UserError
from tests import phantoms

FRAME = "1.2.3.4"


def made(folder: Path, name: str, **keywords) -> Source:
    paths = phantoms.ct(folder / name, series=name, FrameOfReferenceUID=FRAME, **keywords)
    (series,) = index(scan(paths)).series()
    return source(series, load(series))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Source, Source]:
    """Fine anatomy, and coarse values that rise by 100 a slice, 10 a row and 1 a column of their own grid."""
    under = made(tmp_path, "under", shape=(8, 40, 50), spacing=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0))
    voxels = phantoms.ct_values((6, 12, 14))
    voxels[0, 0, 0] = 0
    over = made(tmp_path, "over", voxels=voxels, spacing=(2.0, 4.0, 4.0), origin=(-3.0, -3.0, -1.0), intercept=0)
    return under, over


def test_values_lie_where_they_are_in_the_patient(pair: tuple[Source, Source]) -> None:
    under, over = pair
    for at in (2, 3):
        shown = place_of(under.series, at)
        fused = fused_plane(over, shown, (-0.5, -0.5, 39.5, 49.5))
        row, column = np.indices(fused.values.shape)
        x = fused.left + column * fused.step[1]
        y = fused.top + row * fused.step[0]
        expected = 100 * (at + 1) / 2 + 10 * (y + 3) / 4 + (x + 3) / 4
        inside = (x > -3) & (x < -3 + 13 * 4) & (y > -3) & (y < -3 + 11 * 4)
        assert inside.any()
        np.testing.assert_allclose(fused.values[inside], expected[inside], atol=0.01)
    assert fused.step == pytest.approx((1.0, 1.0)), "a quarter of its voxels"


def test_only_what_the_screen_shows_is_sampled(pair: tuple[Source, Source]) -> None:
    under, over = pair
    fused = fused_plane(over, place_of(under.series, 2), (10.0, 20.0, 19.0, 32.0), finest=3.0)
    assert fused.values.shape == (4, 5)
    assert (fused.top, fused.left) == (10.0, 20.0)


def test_outside_the_series_there_is_no_colour(tmp_path: Path, pair: tuple[Source, Source]) -> None:
    small = made(tmp_path, "small", shape=(4, 5, 5), spacing=(2.0, 2.0, 2.0), origin=(10.0, 10.0, 0.0))
    fused = fused_plane(small, place_of(pair[0].series, 2), (-0.5, -0.5, 39.5, 49.5))
    nothing = np.isnan(fused.values)
    assert nothing[0, 0]
    assert not nothing.all()
    assert (coloured(fused.values, FusionStyle())[nothing] == 0).all()


def test_an_oblique_plane_is_fused_too(pair: tuple[Source, Source]) -> None:
    _, over = pair
    middle = over.stack_grid.corners().mean(axis=0)
    shown = replace(
        place_of(pair[0].series, 0),
        origin=middle - 2.0,
        right=np.array([0.8, 0.6, 0.0]),
        down=np.array([-0.36, 0.48, 0.8]),
        rows=4,
        columns=4,
    )
    fused = fused_plane(over, shown, (0.0, 0.0, 3.0, 3.0))
    at = (middle - 2.0 - np.array([-3.0, -3.0, -1.0])) / np.array([4.0, 4.0, 2.0])
    assert fused.values[0, 0] == pytest.approx(100 * at[2] + 10 * at[1] + at[0], abs=0.01)


def test_other_frames_of_reference_are_never_fused(pair: tuple[Source, Source]) -> None:
    under, over = (one.series for one in pair)
    assert refusal(under, over) == ""
    check(under, over)
    with pytest.raises(UserError, match="different frames of reference"):
        check(under, replace(over, frame_of_reference_uid="9.9.9"))
    assert "nowhere" in refusal(under, replace(over, frame_of_reference_uid=""))
    assert refusal(under, under)
    with pytest.raises(UserError, match="where in the patient"):
        place_on(replace(under, positions=None), 0)


def test_pet_over_ct_in_suv(shared_data: Path) -> None:
    folder = shared_data / "pet-ct" / "STS_005"
    if not folder.is_dir():
        pytest.skip("no pet-ct/STS_005 in the shared data")
    found = {series.modality: series for series in index(scan([folder])).series()}
    ct, pet = found["CT"], found["PT"]
    check(ct, pet)
    over = source(pet, load(pet))
    assert over.series.unit == "SUVbw"
    assert default_style(over) == FusionStyle()
    hottest = np.unravel_index(np.nanargmax(over.values), over.values.shape)
    pet_place = place_of(pet, int(hottest[0]))
    point = pet_place.point(float(hottest[1]), float(hottest[2]))
    at = int(np.argmin(np.abs(ct.positions[:, 2] - point[2])))
    shown = place_of(ct, at)
    row, column = shown.image(point)
    fused = fused_plane(over, shown, (row, column, row + 1, column + 1))
    expected = load(pet).modality(int(hottest[0]))[hottest[1], hottest[2]]
    assert fused.values[0, 0] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_maps_rise_evenly_in_lightness(name: str) -> None:
    colours = colour_map(name).table.astype(float) / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    lightness = np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)
    assert lightness[0] == 0
    assert (np.diff(lightness) > -0.6).all(), "never darker for more, but for the rounding to eight bits"
    assert lightness[-1] > 90
    assert len(np.unique(colour_map(name).table, axis=0)) > 200


def test_colour_is_opacity_and_range() -> None:
    style = FusionStyle("grey", 0.5, 2.0, 4.0)
    words = coloured(np.array([[1.0, 2.0, 3.0, 4.0, 9.0, np.nan]], np.float32), style)[0]
    alpha = words >> 24
    assert alpha.tolist() == [0, 0, 128, 128, 128, 0]
    assert words[3] == words[4] == 0x80808080, "white at half its strength, premultiplied"
    assert (table(style) & 0xFF <= table(style) >> 24).all()
    assert alpha[2] == 128
    with pytest.raises(ValueError, match="opacity"):
        FusionStyle(opacity=1.2)
    with pytest.raises(ValueError, match="range"):
        FusionStyle(low=3.0, high=3.0)


def test_other_units_get_a_range_of_their_own(pair: tuple[Source, Source]) -> None:
    style = default_style(pair[1])
    assert style.low == 0.0
    assert 500 < style.high <= 623
