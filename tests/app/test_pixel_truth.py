"""``render --size native`` against the plain pipeline of ``tests/oracle.py``: every pixel must be the same.

Public files first, then phantoms for each thing that a file may say about its pixels.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_store
import numpy as np
import numpy.typing as npt
import pydicom
import pydicom.data
import pytest
import SimpleITK as sitk
from PIL import Image
from pydicom import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from app.main import main
from tests import oracle, phantoms

Array = npt.NDArray[Any]
Render = Callable[..., Array]

SHIPPED = Path(pydicom.data.__file__).parent / "test_files"
PUBLIC = Path(data_store.__file__).parent / "data"

NO_IMAGE = {
    "ExplVR_BigEndNoMeta.dcm": "not an image",
    "ExplVR_LitEndNoMeta.dcm": "not an image",
    "JPEG2000-embedded-sequence-delimiter.dcm": "where the header says 1024 × 256",
    "MR_truncated.dcm": "truncated",
    "UN_sequence.dcm": "no size",
    "badVR.dcm": "a radiotherapy dose",
    "empty_charset_LEI.dcm": "not an image",
    "liver.dcm": "a segmentation",
    "liver_1frame.dcm": "a segmentation",
    "liver_expb.dcm": "a segmentation",
    "liver_expb_1frame.dcm": "a segmentation",
    "meta_missing_tsyntax.dcm": "not an image",
    "nested_priv_SQ.dcm": "not an image",
    "no_meta.dcm": "not a DICOM file",
    "no_meta_group_length.dcm": "no size",
    "priv_SQ.dcm": "no size",
    "reportsi.dcm": "not an image",
    "reportsi_with_empty_number_tags.dcm": "not an image",
    "rtdose.dcm": "a radiotherapy dose",
    "rtdose_1frame.dcm": "a radiotherapy dose",
    "rtdose_expb.dcm": "a radiotherapy dose",
    "rtdose_expb_1frame.dcm": "a radiotherapy dose",
    "rtdose_rle.dcm": "a radiotherapy dose",
    "rtdose_rle_1frame.dcm": "a radiotherapy dose",
    "rtplan.dcm": "not an image",
    "rtplan_truncated.dcm": "not an image",
    "rtstruct.dcm": "not an image",
    "test-SR.dcm": "not an image",
    "waveform_ecg.dcm": "not an image",
}
"""Files that are refused, and the words that say why."""

BY_GDCM = {
    "GDCMJ2K_TextGBR.dcm",
    "JPEG-LL.dcm",
    "JPEG-lossy.dcm",
    "JPGExtended.dcm",
    "JPGLosslessP14SV1_1s_1f_8b.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "bad_sequence.dcm",
}
"""Compressed in ways for which pydicom has no decoder here; GDCM, within SimpleITK, gives their stored values."""

TWINS = {"emri_small_jpeg_2k_lossless_too_short.dcm": "emri_small.dcm"}
"""Files that pydicom cannot read at all, with a twin that it can."""

TOO_LARGE = {"MR2_J2KR.dcm", "RG1_J2KI.dcm", "RG1_J2KR.dcm", "RG1_UNCI.dcm", "RG3_J2KR.dcm", "RG3_UNCI.dcm"}
"""Seconds each, for what smaller files show as well."""


@pytest.fixture
def render(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Render:
    """``render(path, …)`` → the pixels of the PNG that the command line writes for it."""

    def run(path: Path, *words: object) -> Array:
        out = tmp_path / "shown.png"
        code = main(["render", str(path), "--out", str(out), "--size", "native", *(str(word) for word in words)])
        assert (code, capsys.readouterr().err) == (0, "")
        with Image.open(out) as image:
            assert image.mode in ("L", "RGB")
            return np.asarray(image)

    return run


def read(path: Path) -> Dataset:
    """The data set with pydicom's complaints about odd files left out: they are no concern of a pixel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        dataset.decode()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


def spelled(window: oracle.Window) -> str:
    """A window as the command line takes it: width before centre."""
    return f"{window[1]:.17g}/{window[0]:.17g}"


def explicit_window(dataset: Dataset, values: Array, frame: int) -> oracle.Window:
    """A window that cuts both ends of the frame off and does not fall on round numbers."""
    x = oracle.modality(dataset, values, frame)
    low, high = np.percentile(x, [20, 80])
    return round((low + high) / 2 + 0.3, 3), round(max(high - low, 1) * 0.9 + 1.0, 3)


def files() -> list[Path]:
    found = [*SHIPPED.glob("*.dcm"), *PUBLIC.glob("*.dcm")]
    return sorted((path for path in found if path.name not in TOO_LARGE), key=lambda path: path.name)


@pytest.mark.parametrize(
    "path", [p for p in files() if p.name not in {*NO_IMAGE, *BY_GDCM, *TWINS}], ids=lambda p: p.name
)
def test_a_public_file_shows_what_the_plain_pipeline_shows(render: Render, path: Path) -> None:
    dataset = read(path)
    np.testing.assert_array_equal(render(path, "--frame", 1), oracle.picture(dataset))
    last = int(dataset.get("NumberOfFrames", 1)) - 1
    values = oracle.stored(dataset, last)
    if oracle.is_colour(dataset):
        if last:
            np.testing.assert_array_equal(render(path, "--frame", last + 1), oracle.rgb(dataset, values))
        return
    window = explicit_window(dataset, values, last)
    shown = render(path, "--frame", last + 1, "--window", spelled(window))
    np.testing.assert_array_equal(shown, oracle.shown(dataset, values, last, window))
    for number, own in enumerate(oracle.windows(dataset, last), start=1):
        shown = render(path, "--frame", last + 1, "--window", f"dicom:{number}")
        np.testing.assert_array_equal(shown, oracle.shown(dataset, values, last, own))


@pytest.mark.parametrize("path", [p for p in files() if p.name in BY_GDCM], ids=lambda p: p.name)
def test_a_public_file_that_gdcm_decodes_shows_the_same(render: Render, path: Path) -> None:
    dataset = read(path)
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    values = sitk.GetArrayFromImage(reader.Execute())[0].astype(np.int64)
    if dataset.get("RescaleSlope") is not None:
        # SimpleITK hands out modality values.
        values = (values - int(dataset.RescaleIntercept)) // int(dataset.RescaleSlope)
    if oracle.is_colour(dataset):
        # GDCM has turned it into RGB.
        np.testing.assert_array_equal(render(path), values)
        return
    window = explicit_window(dataset, values, 0)
    shown = render(path, "--window", spelled(window))
    np.testing.assert_array_equal(shown, oracle.shown(dataset, values, 0, window))
    own = oracle.windows(dataset)
    opening = own[0] if own else oracle.percentile_window([(dataset, values, 0)])
    np.testing.assert_array_equal(render(path), oracle.shown(dataset, values, 0, opening))


@pytest.mark.parametrize("name", sorted(TWINS))
def test_what_is_whole_of_a_truncated_file_equals_its_twin(render: Render, name: str) -> None:
    twin = read(PUBLIC / TWINS[name])
    for frame in (0, 3):
        shown = render(PUBLIC / name, "--frame", frame + 1, "--window", "300/150")
        np.testing.assert_array_equal(shown, oracle.picture(twin, frame, (150.0, 300.0)))


@pytest.mark.parametrize("path", [p for p in files() if p.name in NO_IMAGE], ids=lambda p: p.name)
def test_a_public_file_without_an_image_is_refused_with_the_reason(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["render", str(path), "--out", str(tmp_path / "x.png"), "--size", "native"])
    told = capsys.readouterr().err
    assert code == 3
    assert path.name in told
    assert NO_IMAGE[path.name] in told
    assert not (tmp_path / "x.png").exists()


# --- phantoms ------------------------------------------------------------------------------------------------------


def grey_file(
    path: Path,
    values: Array,
    *,
    bits: int | None = None,
    high_bit: int | None = None,
    junk: bool = False,
    syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> Path:
    """A grey image of any stored type; ``values``: (rows, columns) or (frames, rows, columns).

    ``junk``: the bits beyond ``bits`` are all set, as an overlay in them would. Attributes that are ``None`` go.
    """
    words = np.asarray(values)
    size = words.dtype.itemsize * 8
    bits = bits or size
    high_bit = bits - 1 if high_bit is None else high_bit
    dataset = blank(path, words.shape[-2:])
    if words.dtype.kind == "f":
        del dataset.PixelData, dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit
        dataset.BitsAllocated = size
        data = words.tobytes() if syntax != ExplicitVRBigEndian else words.byteswap().tobytes()
        setattr(dataset, "FloatPixelData" if size == 32 else "DoubleFloatPixelData", data)
    else:
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = size, bits, high_bit
        dataset.PixelRepresentation = int(words.dtype.kind == "i")
        mask = 2**bits - 1
        # In 64 bits, which hold all of 32.
        cells = (words.astype(np.int64) & mask) << (high_bit + 1 - bits)
        if junk:
            cells |= (2**size - 1) & ~(mask << (high_bit + 1 - bits))
        set_pixels(dataset, cells.astype(f"u{size // 8}"), syntax)
    if words.ndim == 3:
        dataset.NumberOfFrames = len(words)
    return save(dataset, path, syntax, attributes)


def colour_file(
    path: Path, values: Array, photometric: str, *, planar: int = 0, syntax: str = ExplicitVRLittleEndian, bits: int = 0
) -> Path:
    """A colour image of unsigned samples, (rows, columns, 3)."""
    dataset = blank(path, values.shape[:2])
    size = values.dtype.itemsize * 8
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, photometric, planar
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = size, bits or size, (bits or size) - 1
    set_pixels(dataset, values if planar == 0 else np.moveaxis(values, -1, 0), syntax)
    return save(dataset, path, syntax, {})


def blank(path: Path, shape: tuple[int, int]) -> Dataset:
    """The header of a radiograph without window and inversion, for other pixels."""
    phantoms.radiograph(path, shape=shape, PresentationLUTShape=None)
    dataset = pydicom.dcmread(path)
    dataset.Rows, dataset.Columns = shape
    return dataset


def set_pixels(dataset: Dataset, cells: Array, syntax: str) -> None:
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    data = np.ascontiguousarray(cells).astype(cells.dtype.newbyteorder(order)).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if cells.dtype.itemsize == 1 else "OW"


def save(dataset: Dataset, path: Path, syntax: str, attributes: dict[str, Any]) -> Path:
    for keyword, value in attributes.items():
        if value is None:
            dataset.pop(keyword, None)
        else:
            setattr(dataset, keyword, value)
    if syntax in (RLELossless, JPEGLSLossless):
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
        return path
    # A new data set, which remembers no encoding: pydicom refuses to turn one byte order into another.
    fresh = Dataset()
    fresh.update({element.tag: element for element in dataset})
    fresh.file_meta = dataset.file_meta
    fresh.file_meta.TransferSyntaxUID = syntax
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(path, fresh, implicit_vr=implicit, little_endian=little, enforce_file_format=True)
    return path


def ramp(low: int, high: int, dtype: str, shape: tuple[int, int] = (23, 38)) -> Array:
    """Whole numbers from ``low`` to ``high``, no two rows alike."""
    return np.linspace(low, high, shape[0] * shape[1]).round().astype(dtype).reshape(shape)


def assert_true(render: Render, path: Path, window: oracle.Window | None = None, frame: int = 0) -> Array:
    """The file renders as the oracle shows it, with ``window`` (LINEAR) or what the file asks for; the picture."""
    words = () if window is None else ("--window", spelled(window))
    shown = render(path, "--frame", frame + 1, *words)
    np.testing.assert_array_equal(shown, oracle.picture(read(path), frame, window))
    return shown


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


def table(
    first: int, bits: int, entries: Array, *, packed: bool = False, vr: str = "US", syntax: str = ExplicitVRLittleEndian
) -> Dataset:
    """An item of a Modality or VOI LUT Sequence. ``packed``: two 8-bit entries a word, the first in its low byte."""
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [len(entries) % 65536, first, bits])
    if packed:
        data = np.asarray(entries, "u1").tobytes()
        words = np.frombuffer(data + b"\0" * (len(data) % 2), "<u2")
    else:
        words = np.asarray(entries, "u2")
    item.add_new("LUTData", "OW", words.astype(">u2" if syntax == ExplicitVRBigEndian else "<u2").tobytes())
    item.ModalityLUTType = "OD"
    return item


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


NOISE = np.random.default_rng(4).integers(0, 256, (32, 40, 3), np.uint8)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_colour(render: Render, tmp_path: Path, planar: int, photometric: str, syntax: str) -> None:
    path = colour_file(tmp_path / "a.dcm", NOISE, photometric, planar=planar, syntax=syntax)
    shown = assert_true(render, path)
    if photometric == "RGB":
        np.testing.assert_array_equal(shown, NOISE)
    # Colour is never windowed as grey.
    np.testing.assert_array_equal(render(path, "--window", "10/5"), shown)


def test_every_ybr_value_becomes_the_rgb_of_the_standard(render: Render, tmp_path: Path) -> None:
    """Every Cb and Cr with every fifth Y."""
    y, blue, red = np.meshgrid(np.arange(0, 256, 5), np.arange(256), np.arange(0, 256, 3), indexing="ij")
    values = np.stack([y, blue, red], axis=-1).astype(np.uint8).reshape(52 * 8, -1, 3)
    assert_true(render, colour_file(tmp_path / "a.dcm", values, "YBR_FULL"))


def test_ybr_422_shares_its_chroma_between_two_pixels(render: Render, tmp_path: Path) -> None:
    path = colour_file(tmp_path / "a.dcm", NOISE, "YBR_FULL_422")
    dataset = pydicom.dcmread(path)
    pairs = NOISE.reshape(-1, 2, 3)
    dataset.PixelData = np.stack([pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1], pairs[:, 0, 2]], axis=-1).tobytes()
    dataset["PixelData"].VR = "OB"
    dataset.save_as(path)
    assert_true(render, path)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("dtype", "bits"), [("u2", 16), ("u2", 12), ("u4", 32)])
def test_deep_colour(render: Render, tmp_path: Path, planar: int, syntax: str, dtype: str, bits: int) -> None:
    values = np.random.default_rng(5).integers(0, 2**bits, (16, 20, 3), dtype)
    assert_true(render, colour_file(tmp_path / "a.dcm", values, "RGB", planar=planar, syntax=syntax, bits=bits))


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_compressed_colour(render: Render, tmp_path: Path, syntax: str) -> None:
    shown = assert_true(render, colour_file(tmp_path / "a.dcm", NOISE, "RGB", syntax=syntax))
    np.testing.assert_array_equal(shown, NOISE)


def palette_file(path: Path, values: Array, tables: list[Array], first: int, bits: int, **options: Any) -> Path:
    """A PALETTE COLOR image; tables of 8 bits are packed, two entries a word."""
    syntax = options.get("syntax", ExplicitVRLittleEndian)
    signed = values.dtype.kind == "i"
    more: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    grey_file(path, values, **options)
    dataset = pydicom.dcmread(path)
    for name, entries in zip(("Red", "Green", "Blue"), tables, strict=True):
        prefix = f"{name}PaletteColorLookupTable"
        dataset.add_new(f"{prefix}Descriptor", "SS" if signed else "US", [len(entries) % 65536, first, bits])
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        data = np.asarray(entries, "u1" if bits == 8 else f"{order}u2").tobytes()
        data += b"\0" * (len(data) % 2)
        if bits == 8 and order == ">":
            data = np.frombuffer(data, "<u2").astype(">u2").tobytes()
        dataset.add_new(f"{prefix}Data", "OW", data)
    return save(dataset, path, syntax, more)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(
    ("values", "first", "count", "bits"),
    [
        (ramp(0, 255, "u1"), 0, 256, 8),
        (ramp(0, 255, "u1"), 0, 256, 16),
        (ramp(0, 255, "u1"), 30, 101, 8),
        (ramp(0, 255, "u1"), 30, 101, 16),
        (ramp(0, 65535, "u2"), 0, 65536, 16),
        (ramp(0, 65535, "u2"), 40000, 20000, 16),
        (ramp(-128, 127, "i1"), -128, 256, 16),
        (ramp(-600, 600, "i2"), -500, 1000, 16),
    ],
)
def test_palettes(
    render: Render, tmp_path: Path, syntax: str, values: Array, first: int, count: int, bits: int
) -> None:
    rng = np.random.default_rng(6)
    tables = [rng.integers(0, 2**bits, count) for _ in range(3)]
    path = palette_file(tmp_path / "a.dcm", values, tables, first, bits, syntax=syntax)
    shown = assert_true(render, path)
    assert len(np.unique(shown)) > 50


@pytest.mark.parametrize("bits", [8, 16])
def test_segmented_palettes(render: Render, tmp_path: Path, bits: int) -> None:
    """Discrete, linear (rising and falling) and, with 16 bits, indirect segments."""
    top = 2**bits - 1
    path = palette_file(tmp_path / "a.dcm", ramp(0, 255, "u1"), [np.zeros(256, int)] * 3, 0, bits)
    dataset = pydicom.dcmread(path)
    for number, name in enumerate(("Red", "Green", "Blue")):
        codes = [0, 2, number, 10 + number, 1, 98, top - number, 1, 56, 20]
        codes += [2, 2, 4, 0] if bits == 16 else [1, 98, top, 0, 2, 5, 6]
        if bits == 16:
            # Two segments again: from the first linear one on.
            codes[-2:] = [4, 0]
            count = 2 + 98 + 56 + 98 + 56
        else:
            count = 2 + 98 + 56 + 98 + 2
        prefix = f"{name}PaletteColorLookupTable"
        del dataset[f"{prefix}Data"]
        dataset.add_new(f"{prefix}Descriptor", "US", [count, 0, bits])
        data = np.asarray(codes, f"<u{bits // 8}").tobytes()
        dataset.add_new(f"Segmented{prefix}Data", "OW", data + b"\0" * (len(data) % 2))
    dataset.save_as(path)
    assert_true(render, path)


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


@pytest.mark.parametrize("photometric", ["HSV", "ARGB", "CMYK", "YBR_PARTIAL_422", "YBR_PARTIAL_420"])
def test_colours_that_cannot_be_shown_truly_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], photometric: str
) -> None:
    path = colour_file(tmp_path / "a.dcm", NOISE, photometric)
    assert main(["render", str(path), "--out", str(tmp_path / "x.png"), "--size", "native"]) == 3
    assert f"stored as {photometric}" in capsys.readouterr().err


@pytest.mark.parametrize("dtype", ["u1", "u4"])
def test_a_palette_that_is_missing_or_too_deep_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dtype: str
) -> None:
    tables = [np.arange(256)] * 3
    path = palette_file(tmp_path / "a.dcm", ramp(0, 255, dtype), tables, 0, 16)
    if dtype == "u1":
        dataset = pydicom.dcmread(path)
        del dataset.RedPaletteColorLookupTableData
        dataset.save_as(path)
    assert main(["render", str(path), "--out", str(tmp_path / "x.png"), "--size", "native"]) == 3
    assert "palette" in capsys.readouterr().err


# --- the oracle ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("center", "width", "x", "y"),
    [
        (2048, 4096, [0, 1, 4094, 4095], [0, 1 / 4095, 4094 / 4095, 1]),
        (2048, 1, [2047, 2048], [0, 1]),
        (0, 100, [-50, -49, 0, 49, 50], [0, 1 / 99, 50 / 99, 1, 1]),
        (0, 1, [-1, 0], [0, 1]),
    ],
)
def test_the_oracle_gives_the_standards_own_examples(
    center: float, width: float, x: list[float], y: list[float]
) -> None:
    """PS3.3 C.11.2.1.2.1, the note below the pseudo-code."""
    np.testing.assert_allclose(oracle.windowed(np.array(x, float), center, width), y, rtol=0, atol=1e-12)


def test_the_oracle_knows_nothing_of_the_program() -> None:
    modules = re.findall(r"^\s*(?:from|import) ([\w.]+)", source(Path(oracle.__file__)), re.MULTILINE)
    assert {name.split(".")[0] for name in modules} == {"__future__", "collections", "numpy", "pydicom", "typing"}


# --- the table of rules --------------------------------------------------------------------------------------------


def test_every_test_that_the_table_of_rules_names_exists() -> None:
    tests = Path(__file__).parents[1]
    section = (tests / "README.md").read_text(encoding="utf-8").split("\n## Rules of truthful display\n", 1)[1]
    rows = [line for line in section.splitlines() if line.startswith("| ") and line != "| Rule | Tests |"]
    named = set(re.findall(r"`([\w/]+\.py)::(\w+)`", "".join(rows)))
    assert len(named) > 100
    assert [f"{file}::{test}" for file, test in sorted(named) if f"\ndef {test}(" not in source(tests / file)] == []
    # A rule names its tests, or says that there are none.
    assert [row for row in rows if "::" not in row and "not yet" not in row] == []


def source(file: Path) -> str:
    return file.read_text(encoding="utf-8")
