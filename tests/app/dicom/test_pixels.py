"""The display pipeline against the plain second implementation, and against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_color_lut

from app.dicom.load import SeriesPixels, load
from app.dicom.pixels import Pipeline, auto_window, default_voi, pipeline, window_between
from app.dicom.voi import Lut, Window, WindowFunction
from tests import oracle, phantoms
from tests.app.dicom.helpers import one_series, opened

FUNCTIONS = [WindowFunction.LINEAR, WindowFunction.LINEAR_EXACT, WindowFunction.SIGMOID]


def test_file(name: str) -> Path:
    return Path(str(get_testdata_file(name, download=False)))


test_file.__test__ = False  # type: ignore[attr-defined]


def lut_item(first: int, bits: int, entries: list[int], *, packed: bool = False, explanation: str = "") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries) % 65536, first % 65536, bits])
    if packed:
        item.add_new("LUTData", "OW", bytes(entries) + b"\0" * (len(entries) % 2))
    else:
        item.add_new("LUTData", "OW", np.array(entries, "<u2").tobytes())
    item.LUTExplanation = explanation
    return item


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("center", "width"), [(40.0, 400.0), (0.0, 1.0), (-600.0, 1500.0), (100.5, 2.0), (1e4, 3e4)])
def test_window_equals_the_standards_pseudo_code(function: WindowFunction, center: float, width: float) -> None:
    x = np.linspace(center - 2 * width - 3, center + 2 * width + 3, 4001)
    x = np.concatenate([x, [center - 0.5, center, center + 0.5, center - width / 2, center + width / 2]])
    np.testing.assert_allclose(
        Window(center, width, function).apply(x), oracle.windowed(x, center, width, function.value), rtol=0, atol=1e-12
    )


def test_a_window_of_width_one_is_a_threshold() -> None:
    values = Window(10, 1).apply(np.array([9.0, 9.5, 9.6, 10.0]))
    assert values.tolist() == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("CT_small.dcm", (40.0, 400.0)),
        ("MR_small.dcm", (600.0, 1600.0)),
        ("MR_small_bigendian.dcm", (600.0, 1600.0)),
        ("examples_overlay.dcm", (450.0, 790.0)),
    ],
)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_grey_equals_the_plain_pipeline(name: str, window: tuple[float, float], function: WindowFunction) -> None:
    dataset = pydicom.dcmread(test_file(name))
    series, pixels = opened(test_file(name))
    found = pixels.pipeline(0).display(pixels.stored[0], Window(*window, function))
    np.testing.assert_array_equal(found, oracle.picture(dataset, 0, (*window, function.value)))
    assert series.rows == len(found)


@pytest.mark.parametrize("name", ["RG1_UNCR.dcm", "RG3_UNCR.dcm", "693_UNCR.dcm", "MR2_UNCR.dcm"])
def test_grey_of_large_images_equals_the_plain_pipeline(name: str, pydicom_data: Path) -> None:
    dataset = pydicom.dcmread(pydicom_data / name)
    series, pixels = opened(pydicom_data / name)
    found = pixels.pipeline(0).display(pixels.stored[0], default_voi(series, pixels))
    np.testing.assert_array_equal(found, oracle.picture(dataset))


def test_modality_lut_pattern(pydicom_data: Path) -> None:
    dataset = pydicom.dcmread(pydicom_data / "mlut_18.dcm")
    series, pixels = opened(pydicom_data / "mlut_18.dcm")
    expected = oracle.modality(dataset, oracle.stored(dataset))
    np.testing.assert_array_equal(pixels.modality(0), expected)
    assert pixels.modality(0).dtype == np.float32
    assert pixels.pipeline(0).modality_lut is not None
    voi = default_voi(series, pixels)
    assert isinstance(voi, Window)
    low, high = np.percentile(expected, [0.5, 99.5])
    shown = pixels.pipeline(0).display(pixels.stored[0], voi)
    np.testing.assert_array_equal(shown, oracle.picture(dataset, 0, ((low + high) / 2 + 0.5, high - low + 1)))


def test_voi_lut_pattern(pydicom_data: Path) -> None:
    dataset = pydicom.dcmread(pydicom_data / "vlut_04.dcm")
    series, pixels = opened(pydicom_data / "vlut_04.dcm")
    voi = default_voi(series, pixels)
    assert isinstance(voi, Lut)
    shown = pixels.pipeline(0).display(pixels.stored[0], voi)
    np.testing.assert_array_equal(shown, oracle.picture(dataset))
    assert len(np.unique(shown)) > 100


def test_monochrome1_and_inverse_shape_invert_once_together(tmp_path: Path) -> None:
    voi = Window(2048, 4096)
    shown = {}
    for photometric, shape in [("MONOCHROME1", "INVERSE"), ("MONOCHROME1", None), ("MONOCHROME2", "IDENTITY")]:
        path = tmp_path / f"{photometric}-{shape}"
        phantoms.radiograph(path, photometric=photometric, PresentationLUTShape=shape)
        _, pixels = opened(path)
        shown[photometric, shape] = pixels.pipeline(0).display(pixels.stored[0], voi).astype(int)
    same = shown["MONOCHROME2", "IDENTITY"]
    assert same.std() > 20
    for picture in shown.values():
        # One grey level: the inverted ramp 4095 − x meets the window half a value off.
        assert np.abs(picture - same).max() <= 1


def test_inverse_shape_inverts_monochrome2(tmp_path: Path) -> None:
    (path,) = phantoms.radiograph(tmp_path / "dx", PresentationLUTShape="INVERSE")
    _, pixels = opened(path)
    one, voi = pixels.pipeline(0), Window(2048, 4096)
    assert one.inverse
    np.testing.assert_array_equal(
        one.display(pixels.stored[0], voi, invert=True), 255 - one.display(pixels.stored[0], voi)
    )


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("invert", [False, True])
def test_padding_is_black_and_never_counts(tmp_path: Path, photometric: str, invert: bool) -> None:
    values = np.full((20, 30), 1000, np.uint16)
    values[:, :15] = np.arange(15) * 10 + 500
    values[:5] = 4000
    stored = 4095 - values if photometric == "MONOCHROME1" else values
    padding = int(stored[0, 0])
    (path,) = phantoms.radiograph(
        tmp_path / "dx", pixels=values, photometric=photometric, PixelPaddingValue=padding, WindowCenter=None
    )
    series, pixels = opened(path)
    one = pixels.pipeline(0)
    mask = one.padding_mask(pixels.stored[0])
    assert mask is not None
    np.testing.assert_array_equal(mask, np.arange(20)[:, None] * np.ones(30) < 5)
    shown = one.display(pixels.stored[0], Window(2048, 4096), invert=invert)
    assert (shown[:5] == 0).all()
    assert (shown[5:] > 0).all()
    inside = np.percentile(pixels.stored[0][5:], [0.5, 99.5])
    voi = default_voi(series, pixels)
    assert isinstance(voi, Window)
    assert voi.width == pytest.approx(inside[1] - inside[0] + 1)


def test_padding_range_holds_in_either_order_and_with_sign(tmp_path: Path) -> None:
    for low, high in [(-2000, -1900), (-1900, -2000)]:
        voxels = np.array([[[-2001, -2000, -1950, -1900, -1899]]], np.int16)
        folder = tmp_path / str(low)
        phantoms.ct(folder, voxels=voxels, PixelPaddingValue=low, PixelPaddingRangeLimit=high)
        _, pixels = opened(folder)
        mask = pixels.pipeline(0).padding_mask(pixels.stored[0])
        assert mask is not None
        assert mask.tolist() == [[False, True, True, True, False]]


def test_several_windows_keep_their_explanations_and_bad_ones_go(tmp_path: Path) -> None:
    phantoms.ct(
        tmp_path,
        WindowCenter=["40", "-600", "10"],
        WindowWidth=["400", "1500", "0"],
        WindowCenterWidthExplanation=["SOFT", "LUNG", "BROKEN"],
    )
    _, pixels = opened(tmp_path)
    windows = pixels.pipeline(0).windows
    assert [(w.center, w.width, w.explanation) for w in windows] == [(40, 400, "SOFT"), (-600, 1500, "LUNG")]


@pytest.mark.parametrize("name", ["LINEAR", "LINEAR_EXACT", "SIGMOID", None, "NONSENSE"])
def test_voi_lut_function_is_read(tmp_path: Path, name: str | None) -> None:
    phantoms.ct(tmp_path, VOILUTFunction=name)
    _, pixels = opened(tmp_path)
    expected = WindowFunction(name) if name in {f.value for f in FUNCTIONS} else WindowFunction.LINEAR
    assert pixels.pipeline(0).windows[0].function is expected


def test_a_rescale_makes_the_modality_lut_void(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", ModalityLUTSequence=[lut_item(0, 16, [7, 8, 9])])
    _, pixels = opened(tmp_path / "a")
    assert pixels.pipeline(0).modality_lut is None
    phantoms.ct(
        tmp_path / "b", RescaleSlope=None, RescaleIntercept=None, ModalityLUTSequence=[lut_item(0, 16, [7, 8, 9])]
    )
    series, pixels = opened(tmp_path / "b")
    assert set(np.unique(pixels.modality(1))) == {9.0}
    assert series.unit == ""


@pytest.mark.parametrize("packed", [False, True])
def test_voi_lut_entries_of_8_bits_packed_or_not(tmp_path: Path, packed: bool) -> None:
    entries = [0, 10, 200, 255, 3]
    item = lut_item(-1022, 8, entries, packed=packed, explanation="BONE")
    phantoms.ct(tmp_path, voxels=np.array([[[1, 2, 3, 4, 5, 6, 7]]], np.int16), window=None, VOILUTSequence=[item])
    series, pixels = opened(tmp_path)
    (table,) = pixels.pipeline(0).voi_luts
    assert (table.first, table.bits, table.explanation) == (-1022, 8, "BONE")
    shown = pixels.pipeline(0).display(pixels.stored[0], default_voi(series, pixels))
    assert shown.tolist() == [[0, 0, 10, 200, 255, 3, 3]]


def test_a_table_of_zero_entries_means_65536() -> None:
    dataset = Dataset()
    dataset.VOILUTSequence = [lut_item(0, 16, list(range(65536)))]
    from app.dicom.luts import voi_luts

    (table,) = voi_luts(dataset, signed=False)
    assert len(table.table) == 65536


def test_each_enhanced_frame_has_its_own_rescale_and_window(tmp_path: Path) -> None:
    phantoms.enhanced_ct(tmp_path / "e.dcm", order=[2, 0, 1])
    _, pixels = opened(tmp_path / "e.dcm")
    values = phantoms.ct_values()
    for k in range(3):
        np.testing.assert_array_equal(pixels.modality(k), values[k] - 1024.0 - k)
        assert pixels.pipeline(k).windows[0].center == 40.0 + k


@pytest.mark.parametrize("bits", [8, 16])
def test_palette_colours(tmp_path: Path, bits: int) -> None:
    series, pixels = opened(*phantoms.palette(tmp_path / "p.dcm", bits=bits))
    assert series.is_colour
    shown = pixels.pipeline(0).display(pixels.stored[0], Window(0, 1))
    row, column = np.indices((30, 41))
    np.testing.assert_array_equal(shown, phantoms.palette_table()[(5 * row + column) % 256])


def colours_by_pydicom(dataset: pydicom.Dataset) -> np.ndarray:
    """The first frame through its palette, in 8 bits."""
    values = dataset.pixel_array[0] if int(dataset.get("NumberOfFrames") or 1) > 1 else dataset.pixel_array
    colours = apply_color_lut(values, dataset)
    return (colours >> 8 if colours.dtype == np.uint16 else colours).astype(np.uint8)


@pytest.mark.parametrize("name", ["OBXXXX1A.dcm", "OBXXXX1A_rle.dcm", "gdcm-US-ALOKA-16.dcm"])
def test_palettes_plain_and_segmented_equal_pydicoms(name: str, pydicom_data: Path) -> None:
    dataset = pydicom.dcmread(pydicom_data / name)
    _, pixels = opened(pydicom_data / name)
    shown = pixels.pipeline(0).display(pixels.stored[0], Window(0, 1))
    np.testing.assert_array_equal(shown, colours_by_pydicom(dataset))


def test_a_big_endian_palette_gives_the_colours_of_its_little_endian_twin(pydicom_data: Path) -> None:
    shown = []
    for name in ("OBXXXX1A.dcm", "OBXXXX1A_expb.dcm"):
        _, pixels = opened(pydicom_data / name)
        shown.append(pixels.pipeline(0).display(pixels.stored[0], Window(0, 1)))
    np.testing.assert_array_equal(*shown)


def test_a_palette_of_8_bit_tables_equals_pydicoms() -> None:
    path = test_file("examples_palette.dcm")
    dataset = pydicom.dcmread(path)
    _, pixels = opened(path)
    shown = pixels.pipeline(0).display(pixels.stored[0], Window(0, 1))
    np.testing.assert_array_equal(shown, colours_by_pydicom(dataset))


@pytest.mark.parametrize("planar", [0, 1])
def test_rgb_is_shown_as_it_is_whatever_the_window(tmp_path: Path, planar: int) -> None:
    _, pixels = opened(*phantoms.cine(tmp_path / "c.dcm", planar=planar))
    values = phantoms.cine_values()
    for frame in (0, 5):
        one = pixels.pipeline(frame)
        np.testing.assert_array_equal(one.display(pixels.stored[frame], Window(0, 1)), values[frame])


def test_16_bit_colour_keeps_its_high_byte(pydicom_data: Path) -> None:
    path = pydicom_data / "SC_rgb_16bit.dcm"
    _, pixels = opened(path)
    expected = (oracle.stored(pydicom.dcmread(path)) >> 8).astype(np.uint8)
    np.testing.assert_array_equal(pixels.pipeline(0).display(pixels.stored[0], Window(0, 1)), expected)


@given(
    data=st.data(),
    dtype=st.sampled_from(["u1", "i1", "u2", "i2"]),
    slope=st.sampled_from([1.0, 0.5, -2.0, 3.7]),
    intercept=st.sampled_from([0.0, -1024.0, 12.25]),
    function=st.sampled_from(FUNCTIONS),
    inverse=st.booleans(),
    invert=st.booleans(),
)
def test_table_and_direct_path_agree_exactly(
    data: st.DataObject,
    dtype: str,
    slope: float,
    intercept: float,
    function: WindowFunction,
    inverse: bool,
    invert: bool,
) -> None:
    center = data.draw(st.floats(-3000, 3000))
    width = data.draw(st.floats(1, 5000))
    info = np.iinfo(dtype)
    padding = data.draw(st.none() | st.tuples(st.integers(info.min, info.max), st.integers(info.min, info.max)))
    one = Pipeline(
        slope=slope,
        intercept=intercept,
        modality_lut=None,
        padding=None if padding is None else (min(padding), max(padding)),
        windows=(),
        voi_luts=(),
        inverse=inverse,
        unit="",
        is_colour=False,
        palette=None,
        bits_stored=info.bits,
        stored_dtype=np.dtype(dtype),
    )
    stored = np.arange(info.min, info.max + 1, 13, dtype=np.int32).astype(dtype)[None]
    voi = Window(center, width, function)
    table = one.lookup_table(voi, invert=invert)
    assert len(table.table) == 2**info.bits
    direct = one.display(stored, voi, invert=invert)
    np.testing.assert_array_equal(table.apply(stored), direct)
    np.testing.assert_array_equal(table.table[stored.astype(int) - table.first], direct)


def test_large_images_take_the_table_and_look_the_same(pydicom_data: Path) -> None:
    _, pixels = opened(pydicom_data / "RG1_UNCR.dcm")
    one, voi = pixels.pipeline(0), Window(12000, 20000)
    whole = one.display(pixels.stored[0], voi)
    part = one.display(np.ascontiguousarray(pixels.stored[0][:20, :20]), voi)
    np.testing.assert_array_equal(whole[:20, :20], part)


def test_no_table_for_colour_or_wide_values(tmp_path: Path) -> None:
    _, pixels = opened(*phantoms.cine(tmp_path / "c.dcm"))
    with pytest.raises(ValueError, match="colour"):
        pixels.pipeline(0).lookup_table(Window(0, 1))


def test_default_window_is_the_percentiles_of_sixteen_slices(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    voxels = rng.integers(-900, 900, (40, 12, 14)).astype(np.int16)
    voxels[::2] += 500
    phantoms.ct(tmp_path, voxels=voxels, window=None)
    series, pixels = opened(tmp_path)
    chosen = np.unique(np.linspace(0, 39, 16).round().astype(int))
    low, high = np.percentile(voxels[chosen] - 1024.0, [0.5, 99.5])
    voi = default_voi(series, pixels)
    assert isinstance(voi, Window)
    assert voi.center == pytest.approx((low + high) / 2 + 0.5)
    assert voi.width == pytest.approx(high - low + 1)


def test_default_window_uses_only_what_is_loaded(tmp_path: Path) -> None:
    voxels = np.zeros((5, 10, 10), np.int16)
    voxels[2] = np.arange(100).reshape(10, 10)
    phantoms.ct(tmp_path, voxels=voxels, window=None, slope=1.0, intercept=0.0)
    series = one_series(tmp_path)
    pixels = SeriesPixels(series)
    assert default_voi(series, pixels) == Window(0.5, 1.0)

    class Enough(Exception):
        pass

    def stop(index: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        load(series, first=2, pixels=pixels, on_frame=stop)
    assert pixels.loaded == (2,)
    voi = default_voi(series, pixels)
    assert isinstance(voi, Window)
    assert voi.width == pytest.approx(np.percentile(voxels[2], 99.5) - np.percentile(voxels[2], 0.5) + 1)


def test_a_constant_image_gets_a_window_of_width_one(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, voxels=np.full((2, 6, 7), 1100, np.int16), window=None)
    series, pixels = opened(tmp_path)
    voi = default_voi(series, pixels)
    assert isinstance(voi, Window)
    assert voi.width == 1.0
    assert set(np.unique(pixels.pipeline(0).display(pixels.stored[0], voi))) <= {0, 255}


def test_auto_window_is_of_one_frame(tmp_path: Path) -> None:
    phantoms.ct(tmp_path)
    _, pixels = opened(tmp_path)
    low, high = np.percentile(phantoms.ct_values()[1] - 1024.0, [0.5, 99.5])
    voi = auto_window(pixels, 1)
    assert (voi.center, voi.width) == (pytest.approx((low + high) / 2 + 0.5), pytest.approx(high - low + 1))


@given(low=st.floats(-1e4, 1e4), span=st.floats(0.001, 1e4), whole=st.booleans())
def test_window_between_maps_its_ends_to_black_and_white(low: float, span: float, whole: bool) -> None:
    y = window_between(low, low + span, whole=whole).apply(np.array([low, low + span / 2, low + span]))
    np.testing.assert_allclose(y, [0, 0.5, 1], atol=1e-6)


def test_fractions_get_an_exact_window() -> None:
    assert window_between(0.0, 7.5, whole=False).function is WindowFunction.LINEAR_EXACT


def test_pixels_that_are_not_numbers_are_black(tmp_path: Path) -> None:
    one = Pipeline(1.0, 0.0, None, None, (), (), True, "", False, None, 32, np.dtype(np.float32))
    shown = one.display(np.array([[np.nan, 0.0, 1.0]], np.float32), Window(0.5, 1.0, WindowFunction.LINEAR_EXACT))
    assert shown.tolist() == [[0, 255, 0]]


def test_pet_slices_keep_their_own_slope(shared_data: Path) -> None:
    folder = shared_data / "pet-ct" / "STS_012"
    if not folder.is_dir():
        pytest.skip("pet-ct is not there")
    from tests.app.dicom.helpers import all_series

    (series,) = [s for s in all_series(folder) if s.modality == "PT"]
    pixels = load(series)
    assert series.unit == "SUVbw"
    slopes = {pixels.pipeline(i).slope for i in range(len(pixels))}
    assert len(slopes) > len(pixels) / 2
    for index in (0, 20, 40):
        dataset = pydicom.dcmread(series.instance_of(index).path)
        expected = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
        np.testing.assert_allclose(pixels.modality(index), expected, rtol=1e-6)
        assert pipeline(series, index).slope == float(dataset.RescaleSlope)


def test_frames_that_are_shown_alike_share_one_table(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(3, 260, 260))
    pixels = load(one_series(tmp_path))
    window = Window(40.0, 400.0)
    first, second = (pixels.pipeline(index)._shared_table(window, False) for index in (0, 1))
    assert first is second
    assert pixels.pipeline(0)._shared_table(window, True) is not first
    assert pixels.pipeline(0)._shared_table(Window(41.0, 400.0), False) is not first
    other = replace(pixels.pipeline(0), intercept=-1000.0)
    assert other._shared_table(window, False) is not first
    for stages in (pixels.pipeline(0), other):
        expected = stages.lookup_table(window).apply(pixels.stored[0])
        np.testing.assert_array_equal(stages.display(pixels.stored[0], window), expected)
