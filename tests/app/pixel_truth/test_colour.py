"""``render --size native`` against the plain pipeline, for each thing that a file may say about its colours."""

from __future__ import annotations

from pathlib import Path

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

from app.main import main
from tests.app.pixel_truth.made import (
    Array,
    Render,
    assert_true,
    colour_file,
    palette_file,
    ramp,
)

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
