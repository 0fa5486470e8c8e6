"""``scoutview render`` makes exactly the pixels that plain arithmetic makes (app/cli/render.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.document import Overlay
from app.dicom.model import Series
from app.report.picture import GRAPHICS, REGION_OPACITY
from app.report.rtstruct import rtstruct_bytes
from app.report.seg import seg_bytes
from tests import phantoms, phantoms_4d
from tests.app.cli_tools import Command, Ran
from tests.app.dicom.test_overlay_planes import add_plane, marks
from tests.app.report.answers import LABELS, open_series, overlay


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def picture(ran: Ran, path: Path) -> np.ndarray:
    assert (ran.code, ran.err) == (0, "")
    with Image.open(path) as image:
        return np.asarray(image)


def grey(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1, LINEAR, written out."""
    # Between the ends there is a slope; a width of 1 has no between.
    slope = 0.0 if width == 1 else (values - (center - 0.5)) / (width - 1) + 0.5
    above = values > center - 0.5 + (width - 1) / 2
    y = np.where(values <= center - 0.5 - (width - 1) / 2, 0.0, np.where(above, 1.0, slope))
    return np.floor(255 * y + 0.5).astype(np.uint8)


HU = phantoms.ct_values().astype(np.float64) - 1024


@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize(
    ("window", "center", "width"),
    [
        (None, 40, 400),
        ("400/-800", -800, 400),
        ("lung", -600, 1500),
        ("dicom", 40, 400),
        ("dicom:1", 40, 400),
        ("1/-900", -900, 1),
    ],
)
def test_native_is_the_pipeline_pixel_for_pixel(
    command: Command, tmp_path: Path, k: int, window: str | None, center: float, width: float
) -> None:
    phantoms.ct(tmp_path / "ct", reverse=True)
    out = tmp_path / "x.png"
    more = () if window is None else ("--window", window)
    shown = picture(command("render", tmp_path / "ct", "--out", out, "--index", k, *more), out)
    np.testing.assert_array_equal(shown, grey(HU[k], center, width))


def test_auto_is_the_percentiles_of_the_image(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    out = tmp_path / "x.png"
    shown = picture(command("render", tmp_path / "ct", "--out", out, "--index", 1, "--window", "auto"), out)
    low, high = np.percentile(HU[1], [0.5, 99.5])
    np.testing.assert_array_equal(shown, grey(HU[1], (low + high) / 2 + 0.5, high - low + 1))


def test_without_a_window_of_its_own_a_series_gets_the_percentiles_of_its_slices(
    command: Command, tmp_path: Path
) -> None:
    phantoms.ct(tmp_path / "ct", window=None)
    out = tmp_path / "x.png"
    low, high = np.percentile(HU, [0.5, 99.5])
    for k in (0, 2):
        shown = picture(command("render", tmp_path / "ct", "--out", out, "--index", k), out)
        np.testing.assert_array_equal(shown, grey(HU[k], (low + high) / 2 + 0.5, high - low + 1))


def test_monochrome1_is_inverted_once(command: Command, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "two.dcm", window=(2048, 4096))
    phantoms.radiograph(tmp_path / "one.dcm", photometric="MONOCHROME1", window=(2048, 4096))
    shown = []
    for name in ("one", "two"):
        out = tmp_path / f"{name}.png"
        shown.append(picture(command("render", tmp_path / f"{name}.dcm", "--out", out), out).astype(int))
    assert np.abs(shown[0] - shown[1]).max() <= 1
    np.testing.assert_array_equal(shown[1], grey(phantoms.radiograph_values().astype(float), 2048, 4096))


def test_colour_is_rgb_as_stored_and_frames_count_from_1(command: Command, tmp_path: Path) -> None:
    phantoms.cine(tmp_path / "a.dcm")
    out = tmp_path / "x.png"
    for frame in (1, 4, 6):
        shown = picture(command("render", tmp_path / "a.dcm", "--out", out, "--frame", frame), out)
        np.testing.assert_array_equal(shown, phantoms.cine_values()[frame - 1])
    ran = command("render", tmp_path / "a.dcm", "--out", out, "--frame", 7)
    assert ran.code == 2
    assert "Use 1 to 6" in ran.line


def test_a_frame_is_that_of_the_file_an_index_that_of_the_stack(command: Command, tmp_path: Path) -> None:
    phantoms.enhanced_ct(tmp_path / "a.dcm", order=(2, 0, 1))
    out = tmp_path / "x.png"
    third = picture(command("render", tmp_path / "a.dcm", "--out", out, "--index", 2, "--window", "4000/0"), out)
    first_frame = picture(command("render", tmp_path / "a.dcm", "--out", out, "--frame", 1, "--window", "4000/0"), out)
    np.testing.assert_array_equal(third, first_frame)
    # Each frame has a rescale of its own.
    np.testing.assert_array_equal(third, grey(HU[2] - 2, 0, 4000))


@pytest.mark.parametrize(
    ("plane", "index", "expected"),
    [
        ("axial", 0, HU[0]),
        ("axial", 2, HU[2]),
        ("coronal", 5, HU[::-1, 5, :]),
        ("coronal", None, HU[::-1, 11, :]),
        ("sagittal", 37, HU[::-1, :, 37]),
    ],
)
def test_planes_are_one_pixel_a_voxel_with_superior_or_anterior_at_the_top(
    command: Command, tmp_path: Path, plane: str, index: int | None, expected: np.ndarray
) -> None:
    phantoms.ct(tmp_path / "ct")
    out = tmp_path / "x.png"
    more = () if index is None else ("--index", index)
    shown = picture(
        command("render", tmp_path / "ct", "--out", out, "--plane", plane, "--window", "4000/0", *more), out
    )
    np.testing.assert_array_equal(shown, grey(expected, 0, 4000))


def test_a_plane_of_one_point_of_a_fourth_axis(command: Command, tmp_path: Path) -> None:
    phantoms_4d.series(tmp_path / "4d", 3, missing=[(2, 1)], EchoTime=lambda p, k: str(20 + 60 * p))
    window = ("--window", "512/1256")

    def plane(*words: object) -> np.ndarray:
        ran = command("render", tmp_path / "4d", "--out", tmp_path / "x.png", "--plane", "axial", *window, *words)
        assert ran.code == 0, ran.err
        return np.asarray(Image.open(tmp_path / "x.png"))

    for point in (0, 1):
        for k in range(3):
            seen = plane("--point", point, "--index", k)
            # Of 100 a point and 10 a slice, as grey values of a window of 512.
            expected = 255 * (phantoms_4d.value(point, k) - 1024 - (1256 - 0.5 - 511 / 2)) / 511
            assert seen[0, 0] == np.clip(np.floor(expected + 0.5), 0, 255)
    assert np.array_equal(plane(), plane("--point", 0))
    for words, line in (
        (("--point", 2), "1 of 3 slices lack this echo"),
        (("--point", 3), "there are 3 echoes"),
    ):
        ran = command("render", tmp_path / "4d", "--out", tmp_path / "y.png", "--plane", "axial", *words)
        assert ran.code == 2
        assert line in ran.line
    phantoms.ct(tmp_path / "ct")
    ran = command("render", tmp_path / "ct", "--out", tmp_path / "y.png", "--plane", "axial", "--point", 0)
    assert ran.code == 2
    assert not (tmp_path / "y.png").exists()


def test_a_plane_needs_a_regular_volume(command: Command, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    phantoms.ct(tmp_path / "ct", shape=(6, 23, 38), gaps=(3,))
    phantoms.cine(tmp_path / "us.dcm")
    for path in ("a.dcm", "ct", "us.dcm"):
        ran = command("render", tmp_path / path, "--out", tmp_path / "x.png", "--plane", "coronal")
        assert ran.code == 2
        assert "--plane" in ran.line
    ran = command("render", tmp_path / "ct", "--out", tmp_path / "x.png", "--plane", "axial", "--frame", 1)
    assert ran.code == 2
    assert not (tmp_path / "x.png").exists()


def test_a_size_is_filled_on_black_and_averages_areas(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(1, 20, 40), spacing=(1.0, 0.5, 0.5))
    out = tmp_path / "x.png"
    native = picture(command("render", tmp_path / "ct", "--out", out), out)
    small = picture(command("render", tmp_path / "ct", "--out", out, "--size", "20x30"), out)
    assert small.shape == (30, 20)
    expected = np.floor(native.reshape(10, 2, 20, 2).mean(axis=(1, 3)) + 0.5)
    np.testing.assert_array_equal(small[10:20], expected)
    assert not small[:10].any()
    assert not small[20:].any()


def test_pixels_that_are_not_square_keep_their_shape(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(1, 20, 20), spacing=(1.0, 2.0, 1.0), window=(-1000.0, 2.0))
    out = tmp_path / "x.png"
    shown = picture(command("render", tmp_path / "ct", "--out", out, "--size", "40x40"), out)
    assert np.array_equal(np.flatnonzero(shown.any(axis=0)), np.arange(10, 30))


@pytest.mark.parametrize("write", [seg_bytes, rtstruct_bytes], ids=["SEG", "RTSTRUCT"])
def test_an_overlay_lands_where_the_model_put_it(
    command: Command, tmp_path: Path, write: Callable[[Overlay, Series], bytes]
) -> None:
    phantoms.ct(tmp_path / "ct", orientation=phantoms.OBLIQUE, reverse=True)
    _, series = open_series(tmp_path / "ct")
    drawn = overlay(series)
    (tmp_path / "seg.dcm").write_bytes(write(drawn, series))
    out = tmp_path / "x.png"
    for k in range(3):
        plain = picture(command("render", tmp_path / "ct", "--out", out, "--index", k), out)
        shown = picture(
            command("render", tmp_path / "ct", "--out", out, "--index", k, "--overlay", tmp_path / "seg.dcm"), out
        )
        expected = np.repeat(plain[..., np.newaxis], 3, axis=2).astype(float)
        for label in LABELS:
            mask = drawn.label_map[k] == label.value
            expected[mask] += 0.35 * (np.array(label.colour) - expected[mask])
        np.testing.assert_array_equal(shown, np.floor(expected + 0.5).astype(np.uint8))


def test_an_overlay_is_cut_by_planes_too(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    drawn = overlay(series)
    (tmp_path / "seg.dcm").write_bytes(seg_bytes(drawn, series))
    out = tmp_path / "x.png"
    words = ("render", tmp_path / "ct", "--out", out, "--plane", "coronal", "--index", 4)
    plain = picture(command(*words), out)
    shown = picture(command(*words, "--overlay", tmp_path / "seg.dcm"), out)
    changed = (shown != plain[..., np.newaxis]).any(axis=2)
    np.testing.assert_array_equal(changed, drawn.label_map[::-1, 4, :] != 0)


def test_an_overlay_of_other_images_is_refused(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    phantoms.ct(tmp_path / "other", series="other")
    _, series = open_series(tmp_path / "ct")
    (tmp_path / "seg.dcm").write_bytes(seg_bytes(overlay(series), series))
    ran = command("render", tmp_path / "other", "--out", tmp_path / "x.png", "--overlay", tmp_path / "seg.dcm")
    assert ran.code == 2
    assert "other images" in ran.line
    ran = command("render", tmp_path / "other", "--out", tmp_path / "x.png", "--overlay", tmp_path / "ct")
    assert ran.code == 3


def test_series_and_stack_choose(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", series="a", SeriesNumber=1)
    phantoms.ct(tmp_path / "b", series="b", SeriesNumber=2, shape=(1, 11, 12))
    out = tmp_path / "x.png"
    chosen = phantoms.uid("series", "b", "PHANTOM")
    assert picture(command("render", tmp_path, "--out", out), out).shape == (23, 38)
    assert picture(command("render", tmp_path, "--out", out, "--series", chosen), out).shape == (11, 12)
    for words in (("--series", "1.2.3"), ("--stack", 1), ("--index", 3), ("--window", "wide"), ("--window", "dicom:9")):
        ran = command("render", tmp_path, "--out", tmp_path / "y.png", *words)
        assert ran.code == 2
        assert str(words[0]).removeprefix("--") in ran.line
    assert command("render", tmp_path, "--out", out, "--index", 0, "--frame", 1).code == 2
    assert not (tmp_path / "y.png").exists()


def test_the_picture_holds_nothing_but_the_picture(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    out = tmp_path / "x.png"
    picture(command("render", tmp_path / "ct", "--out", out), out)
    with Image.open(out) as image:
        assert image.mode == "L"
        assert image.info == {}


def test_a_public_radiograph(command: Command, tmp_path: Path, pydicom_data: Path) -> None:
    """MONOCHROME1, 16 bits, window 30000/15000 by the file."""
    import pydicom

    out = tmp_path / "x.png"
    shown = picture(command("render", pydicom_data / "RG1_UNCR.dcm", "--out", out), out)
    stored = pydicom.dcmread(pydicom_data / "RG1_UNCR.dcm").pixel_array.astype(float)
    np.testing.assert_array_equal(shown, np.floor(255 * (1 - _y(stored, 15000, 30000)) + 0.5).astype(np.uint8))


def _y(values: np.ndarray, center: float, width: float) -> np.ndarray:
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


def test_overlay_planes_are_drawn_only_when_asked_for(command: Command, tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path / "ct", shape=(1, 23, 38))
    add_plane(path, 0x6000, marks())
    add_plane(path, 0x6002, ~marks(), e0040=("CS", "R"))
    plain = picture(command("render", path, "--out", tmp_path / "x.png"), tmp_path / "x.png")
    np.testing.assert_array_equal(plain, grey(HU[0], 40, 400))
    drawn = picture(command("render", path, "--out", tmp_path / "y.png", "--graphics"), tmp_path / "y.png")
    bits = marks()[0][..., np.newaxis]
    tint = np.floor(plain[..., np.newaxis] + (np.array(GRAPHICS) - plain[..., np.newaxis]) * REGION_OPACITY + 0.5)
    np.testing.assert_array_equal(drawn, np.where(bits, GRAPHICS, tint).astype(np.uint8))
    assert command("render", path, "--out", tmp_path / "z.png", "--graphics", "--plane", "axial").code == 2
