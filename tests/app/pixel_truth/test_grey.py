"""``render --size native`` against the plain pipeline, for each thing that a file may say about its grey pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from tests import oracle, phantoms
from tests.app.pixel_truth.made import (
    Array,
    Render,
    assert_true,
    explicit_window,
    grey_file,
    ramp,
    read,
    spelled,
    table,
)

FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID", None)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("center", "width"),
    [("40", "400"), ("-600", "1500"), ("12.5", "1"), ("0.25", "3.75"), ("1e3", "20000"), ("40", "0.5")],
)
def test_every_window_function(render: Render, tmp_path: Path, function: str | None, center: str, width: str) -> None:
    path = grey_file(
        tmp_path / "a.dcm",
        ramp(-2048, 2047, "i2"),
        RescaleSlope="1",
        RescaleIntercept="0",
        WindowCenter=center,
        WindowWidth=width,
        VOILUTFunction=function,
    )
    assert_true(render, path)


@pytest.mark.parametrize("window", [(40.0, 400.0), (-12.25, 1.0), (100.0, 7.5), (0.0, 4095.0)])
def test_a_window_on_the_command_line_takes_the_place_of_the_files(
    render: Render, tmp_path: Path, window: oracle.Window
) -> None:
    path = grey_file(tmp_path / "a.dcm", ramp(-2048, 2047, "i2"), WindowCenter="1", WindowWidth="10")
    assert_true(render, path, window)


def test_each_of_several_windows_and_tables_is_what_it_says(render: Render, tmp_path: Path) -> None:
    path = grey_file(
        tmp_path / "a.dcm",
        ramp(0, 4095, "u2"),
        bits=12,
        WindowCenter=["2000", "100", "3000"],
        WindowWidth=["3000", "50", "0"],
        WindowCenterWidthExplanation=["WIDE", "NARROW", "BROKEN"],
        VOILUTSequence=[table(0, 16, np.arange(4096) ** 2 // 300), table(1000, 12, np.arange(3000)[::-1])],
    )
    dataset = read(path)
    choices = [*oracle.windows(dataset), *dataset.VOILUTSequence]
    assert len(choices) == 4
    pictures = []
    for number, voi in enumerate(choices, start=1):
        pictures.append(render(path, "--window", f"dicom:{number}"))
        np.testing.assert_array_equal(pictures[-1], oracle.picture(dataset, 0, voi))
    assert len({picture.tobytes() for picture in pictures}) == 4
    np.testing.assert_array_equal(render(path), pictures[0])


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", ["INVERSE", "IDENTITY", None])
def test_inversion_happens_once(render: Render, tmp_path: Path, photometric: str, shape: str | None) -> None:
    path = grey_file(
        tmp_path / "a.dcm",
        ramp(0, 4095, "u2"),
        bits=12,
        PhotometricInterpretation=photometric,
        PresentationLUTShape=shape,
        WindowCenter="2048",
        WindowWidth="4096",
    )
    shown = assert_true(render, path)
    assert (shown[0, 0] > shown[-1, -1]) == (photometric == "MONOCHROME1" or shape == "INVERSE")


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("dtype", "padding", "limit"),
    [("u2", 0, None), ("u2", 4000, 4095), ("u2", 4095, 4000), ("i2", -2000, None), ("i2", -2000, -1500), ("i2", -1, 5)],
)
def test_padding_is_black_and_does_not_count(
    render: Render, tmp_path: Path, photometric: str, dtype: str, padding: int, limit: int | None
) -> None:
    values = ramp(0, 4095, dtype) if dtype == "u2" else ramp(-2048, 2047, dtype)
    values[:9] = padding
    path = grey_file(tmp_path / "a.dcm", values, PhotometricInterpretation=photometric)
    dataset = pydicom.dcmread(path)
    vr = "SS" if dtype == "i2" else "US"
    dataset.add_new("PixelPaddingValue", vr, padding)
    if limit is not None:
        dataset.add_new("PixelPaddingRangeLimit", vr, limit)
    dataset.save_as(path)
    shown = assert_true(render, path)
    assert not shown[:9].any()
    assert_true(render, path, (100.0, 900.0))
    np.testing.assert_array_equal(shown, render(path, "--window", "auto"))


@pytest.mark.parametrize("vr", ["SS", "US"])
def test_a_negative_padding_value_may_be_written_as_unsigned(render: Render, tmp_path: Path, vr: str) -> None:
    path = grey_file(tmp_path / "a.dcm", ramp(-2000, 2000, "i2"))
    dataset = pydicom.dcmread(path)
    dataset.add_new("PixelPaddingValue", vr, -2000 if vr == "SS" else 63536)
    dataset.save_as(path)
    assert assert_true(render, path, (-1990.0, 100.0))[0, 0] == 0


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(
    ("values", "options"),
    [
        (ramp(0, 255, "u1"), {}),
        (ramp(-128, 127, "i1"), {}),
        (ramp(0, 127, "u1"), {"bits": 7}),
        (ramp(0, 4095, "u2"), {"bits": 12}),
        (ramp(0, 4095, "u2"), {"bits": 12, "junk": True}),
        (ramp(-2048, 2047, "i2"), {"bits": 12, "junk": True}),
        (ramp(0, 1023, "u2"), {"bits": 10, "high_bit": 11, "junk": True}),
        (ramp(-512, 511, "i2"), {"bits": 10, "high_bit": 12, "junk": True}),
        (ramp(0, 4095, "u2"), {"bits": 12, "high_bit": 15, "junk": True}),
        (ramp(0, 65535, "u2"), {}),
        (ramp(-32768, 32767, "i2"), {}),
        (ramp(0, 2**32 - 1, "u4"), {}),
        (ramp(-(2**31), 2**31 - 1, "i4"), {}),
        (ramp(0, 2**20 - 1, "u4"), {"bits": 20, "junk": True}),
        (ramp(-1000, 1000, "f4") / np.float32(7), {}),
        (ramp(-1000, 1000, "f8") / 7, {}),
    ],
    ids=lambda value: value.dtype.str if isinstance(value, np.ndarray) else "-".join(map(str, value.values())),
)
def test_every_bit_depth(render: Render, tmp_path: Path, syntax: str, values: Array, options: dict[str, Any]) -> None:
    path = grey_file(tmp_path / "a.dcm", values, syntax=syntax, **options)
    np.testing.assert_array_equal(oracle.stored(read(path)), values)
    shown = assert_true(render, path)
    assert len(np.unique(shown)) > 50
    assert_true(render, path, explicit_window(read(path), values, 0))


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, RLELossless, JPEGLSLossless])
@pytest.mark.parametrize(
    ("values", "options"),
    [
        (ramp(0, 255, "u1"), {}),
        (ramp(0, 4095, "u2"), {"bits": 12}),
        (ramp(0, 65535, "u2"), {}),
        (ramp(-2048, 2047, "i2"), {"bits": 12}),
        (ramp(-32768, 32767, "i2"), {}),
    ],
    ids=lambda value: value.dtype.str if isinstance(value, np.ndarray) else "-".join(map(str, value.values())),
)
def test_every_lossless_encoding_that_pydicom_writes(
    render: Render, tmp_path: Path, syntax: str, values: Array, options: dict[str, Any]
) -> None:
    path = grey_file(tmp_path / "a.dcm", values, syntax=syntax, RescaleSlope="0.5", RescaleIntercept="-7", **options)
    assert_true(render, path)


@pytest.mark.parametrize("shape", [(3, 8, 16), (3, 5, 7), (1, 1, 3)])
def test_one_bit_frames(render: Render, tmp_path: Path, shape: tuple[int, int, int]) -> None:
    bits = np.random.default_rng(1).integers(0, 2, shape, np.uint8)
    path = grey_file(tmp_path / "a.dcm", bits, bits=1)
    dataset = pydicom.dcmread(path)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    dataset.BitsAllocated = 1
    dataset.save_as(path)
    for frame in range(len(bits)):
        shown = assert_true(render, path, (0.5, 1.0), frame)
        np.testing.assert_array_equal(shown, bits[frame] * 255)


@pytest.mark.parametrize(
    ("slope", "intercept"), [("1", "-1024"), ("0.37", "12.625"), ("-1", "0"), ("-2.5", "100"), ("0.0001234", "0")]
)
@pytest.mark.parametrize("dtype", ["u2", "i2"])
def test_rescale(render: Render, tmp_path: Path, slope: str, intercept: str, dtype: str) -> None:
    values = ramp(0, 4095, "u2") if dtype == "u2" else ramp(-2048, 2047, "i2")
    path = grey_file(tmp_path / "a.dcm", values, bits=12, RescaleSlope=slope, RescaleIntercept=intercept)
    assert_true(render, path)
    x = oracle.modality(read(path), values)
    assert_true(render, path, (float(round(x.mean(), 3)), 1.0 + float(round(np.ptp(x) / 2))))


@pytest.mark.parametrize("dtype", ["u2", "i2"])
def test_modality_lut(render: Render, tmp_path: Path, dtype: str) -> None:
    first = 300 if dtype == "u2" else -400
    values = ramp(0, 1023, "u2") if dtype == "u2" else ramp(-512, 511, "i2")
    item = table(first, 16, 60000 - np.arange(700) ** 2 // 9, vr="US" if dtype == "u2" else "SS")
    path = grey_file(tmp_path / "a.dcm", values, bits=10, ModalityLUTSequence=[item])
    assert_true(render, path)
    assert_true(render, path, (30000.0, 20000.0))
    both = grey_file(
        tmp_path / "b.dcm", values, bits=10, ModalityLUTSequence=[item], RescaleSlope="2", RescaleIntercept="1"
    )
    assert_true(render, both)


@pytest.mark.parametrize(
    ("dtype", "rescale", "first", "bits", "entries", "packed"),
    [
        ("u2", None, 100, 12, np.arange(3000), False),
        ("u2", None, 100, 8, np.arange(2999) % 256, True),
        ("u2", None, 100, 8, np.arange(3000) % 256, False),
        ("u2", None, 0, 16, np.arange(65536), False),
        ("u2", None, 40000, 16, np.arange(20000), False),
        ("i2", None, -32768, 16, np.arange(65536), False),
        ("i2", None, -1000, 10, np.arange(1024)[::-1], False),
        ("u2", ("1", "-1024"), -1024, 12, np.arange(4096), False),
        ("u2", ("2", "1000"), 1000, 12, np.arange(4096), False),
        ("u2", ("-1", "0"), -4095, 12, np.arange(4096), False),
        ("u2", ("-1", "100"), -3995, 12, np.arange(4096), False),
        ("u2", ("0.5", "-1024"), -1000, 12, np.arange(2000) * 2, False),
    ],
)
def test_voi_lut(
    render: Render,
    tmp_path: Path,
    dtype: str,
    rescale: tuple[str, str] | None,
    first: int,
    bits: int,
    entries: Array,
    packed: bool,
) -> None:
    deep = rescale is None
    values = {"u2": ramp(0, 65535 if deep else 4095, "u2"), "i2": ramp(-32768, 32767, "i2")}[dtype]
    slope, intercept = rescale or (None, None)
    # With implicit VR no sign is written at all: the reader must know it.
    for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian):
        item = table(first, bits, entries, packed=packed, vr="SS" if first < 0 else "US", syntax=syntax)
        path = grey_file(
            tmp_path / f"{syntax}.dcm",
            values,
            bits=16 if deep else 12,
            syntax=syntax,
            RescaleSlope=slope,
            RescaleIntercept=intercept,
            VOILUTSequence=[item],
        )
        assert len(np.unique(assert_true(render, path))) > 10


def test_each_frame_of_functional_groups_has_its_own_rescale_and_window(render: Render, tmp_path: Path) -> None:
    (path,) = phantoms.enhanced_ct(tmp_path / "a.dcm", order=(2, 0, 1))
    dataset = read(path)
    for frame in range(3):
        shown = render(path, "--frame", frame + 1, "--window", "dicom")
        np.testing.assert_array_equal(shown, oracle.picture(dataset, frame))
        assert_true(render, path, (-900.0, 150.0), frame)


def test_shared_functional_groups_serve_all_frames(render: Render, tmp_path: Path) -> None:
    (path,) = phantoms.enhanced_ct(tmp_path / "a.dcm")
    dataset = pydicom.dcmread(path)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        for keyword in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            shared[keyword] = frame[keyword]
            del frame[keyword]
    # Left over from a classic object, and not what counts.
    dataset.RescaleSlope, dataset.RescaleIntercept = "5", "5"
    dataset.save_as(path)
    for frame in range(3):
        assert_true(render, path, frame=frame)


def test_percentiles_of_sixteen_slices_each_with_its_rescale_and_padding(render: Render, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    voxels = rng.integers(0, 2000, (37, 12, 14)).astype(np.int16)
    voxels[:, :3] = -2000
    phantoms.ct(
        tmp_path / "ct", voxels=voxels, window=None, PixelPaddingValue=-2000, RescaleSlope=lambda k: f"{1 + k % 5}"
    )
    slices = sorted((read(p) for p in (tmp_path / "ct").iterdir()), key=lambda d: float(d.ImagePositionPatient[2]))
    chosen = [round(at) for at in np.linspace(0, 36, 16)]
    window = oracle.percentile_window([(slices[at], oracle.stored(slices[at]), 0) for at in chosen])
    for index in (0, 17, 36):
        shown = render(tmp_path / "ct", "--index", index)
        np.testing.assert_array_equal(shown, oracle.picture(slices[index], 0, window))


@pytest.mark.parametrize("seed", range(40))
def test_any_combination(render: Render, tmp_path: Path, seed: int) -> None:
    """Everything above at once, drawn at random: what is right alone may go wrong together."""
    rng = np.random.default_rng(seed)
    size = int(rng.choice([8, 16, 32]))
    bits = int(rng.integers(max(size // 2, 6), size + 1))
    signed = bool(rng.integers(2))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    values = rng.integers(low, high, (2, 19, 27)).astype(f"{'i' if signed else 'u'}{size // 8}")
    attributes: dict[str, Any] = {
        "PhotometricInterpretation": rng.choice(["MONOCHROME1", "MONOCHROME2"]).item(),
        "PresentationLUTShape": rng.choice(["INVERSE", "IDENTITY"]).item(),
    }
    modality_values = (float(low), float(high))
    kind = rng.choice(["rescale", "table", "neither"] if bits <= 16 else ["rescale", "neither"])
    if kind == "rescale":
        slope, intercept = rng.choice([1.0, -1.0, 0.5, 3.0, -0.013]).item(), rng.choice([0.0, -1024.0, 7.25]).item()
        attributes |= {"RescaleSlope": f"{slope}", "RescaleIntercept": f"{intercept}"}
        modality_values = tuple(sorted((slope * low + intercept, slope * high + intercept)))
    elif kind == "table":
        entries = rng.integers(0, 65536, int(rng.integers(2, 500)))
        first = int(rng.integers(low, low + (high - low) // 2))
        attributes["ModalityLUTSequence"] = [table(first, 16, entries, vr="SS" if signed else "US")]
        modality_values = (0.0, 65535.0)
    if rng.integers(2):
        span = modality_values[1] - modality_values[0]
        attributes |= {
            "WindowCenter": f"{rng.uniform(*modality_values):.6g}",
            "WindowWidth": f"{max(rng.uniform(0, span), 1):.6g}",
            "VOILUTFunction": rng.choice(["LINEAR", "LINEAR_EXACT", "SIGMOID"]).item(),
        }
    if rng.integers(2) and bits <= 16:
        ends = rng.integers(low, high, 2).tolist()
        values[:, :4] = ends[0]
        attributes["PixelPaddingValue"] = ends[0]
        attributes["PixelPaddingRangeLimit"] = ends[0] + (ends[1] - ends[0]) // 8
    syntaxes = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
    syntax = syntaxes[rng.integers(3 if kind != "table" else 2)]
    path = grey_file(
        tmp_path / "a.dcm",
        values,
        bits=bits,
        high_bit=int(rng.integers(bits - 1, size)),
        junk=bool(rng.integers(2)),
        syntax=syntax,
        **attributes,
    )
    np.testing.assert_array_equal(oracle.stored(read(path), 1), values[1])
    window = oracle.opening_window(read(path), 0)
    for frame in (0, 1):
        shown = render(path, "--frame", frame + 1)
        np.testing.assert_array_equal(shown, oracle.picture(read(path), frame, window))
        other = explicit_window(read(path), values[frame], frame)
        np.testing.assert_array_equal(
            render(path, "--frame", frame + 1, "--window", spelled(other)), oracle.picture(read(path), frame, other)
        )


@pytest.mark.parametrize("keyword", ["FloatPixelPaddingValue", "DoubleFloatPixelPaddingValue"])
@pytest.mark.parametrize("limit", [None, -900.0])
def test_padding_of_floats(render: Render, tmp_path: Path, keyword: str, limit: float | None) -> None:
    values = ramp(-1000, 1000, "f4" if keyword.startswith("Float") else "f8") / 8
    values[:5] = -1000
    more = {} if limit is None else {keyword.replace("Value", "RangeLimit"): limit}
    path = grey_file(tmp_path / "a.dcm", values, **{keyword: -1000.0}, PhotometricInterpretation="MONOCHROME1", **more)
    shown = assert_true(render, path)
    assert not shown[:5].any()


def test_pixels_that_are_no_numbers_are_black(render: Render, tmp_path: Path) -> None:
    values = ramp(-1000, 1000, "f4") / np.float32(3)
    values[3, 5:9] = np.nan
    values[4, 5], values[4, 6] = np.inf, -np.inf
    path = grey_file(tmp_path / "a.dcm", values)
    window = oracle.percentile_window([(read(path), values, 0)])
    shown = render(path)
    assert not shown[3, 5:9].any()
    assert (shown[4, 5], shown[4, 6]) == (255, 0)
    known = np.isfinite(values)
    expected = oracle.shown(read(path), np.where(known, values, 0), 0, window)
    np.testing.assert_array_equal(shown[known], expected[known])
