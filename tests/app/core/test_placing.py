"""Segmentations of every kind on images that they were made from, and on others (app/core/placing.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.uid import RLELossless

from app.dicom.model import Series
from tests import phantoms
from tests.app.report.answers import laid, open_series

_LUNG = highdicom.sr.CodedConcept("39607008", "SCT", "Lung")
ORIENTATIONS = {"axial": phantoms.AXIAL, "sagittal": phantoms.SAGITTAL, "oblique": phantoms.OBLIQUE}


def written(
    path: Path, series: Series, masks: npt.NDArray[Any], kind: str = "BINARY", count: int = 1, **words: Any
) -> Path:
    """A SEG by highdicom on ``series``."""
    segments = [highdicom.seg.SegmentDescription(n, f"S{n}", _LUNG, _LUNG, "MANUAL") for n in range(1, count + 1)]
    headers = [instance.header for instance in series.instances]
    highdicom.seg.Segmentation(
        headers, masks, kind, segments, highdicom.UID(), 1, highdicom.UID(), 1, "M", "M", "1", "1", **words
    ).save_as(path)
    return path


def found(path: Path, series: Series, count: int = 1) -> npt.NDArray[np.uint8]:
    """Cover by (frame, row, column, segment)."""
    layer = laid(path, series)
    whole = np.zeros((len(series.frames), series.rows, series.columns, count), np.uint8)
    for index in layer.frames:
        for cover, part in layer.covers(index):
            whole[index, ..., part.value - 1] = cover
    return whole


@pytest.mark.parametrize("omit", [False, True], ids=["all frames", "empty frames omitted"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_segments_that_overlap_both_come_back(tmp_path: Path, orientation: str, omit: bool) -> None:
    phantoms.ct(tmp_path / "ct", shape=(5, 23, 38), orientation=ORIENTATIONS[orientation], reverse=True)
    _, series = open_series(tmp_path / "ct")
    masks = np.zeros((5, 23, 38, 2), np.uint8)
    masks[1, 2:12, 3:20, 0] = masks[1, 8:20, 10:38, 1] = masks[3, 22, 37, 0] = masks[4, 0, 0, 1] = 1
    path = written(tmp_path / "s.dcm", series, masks, count=2, omit_empty_frames=omit)
    np.testing.assert_array_equal(found(path, series, 2), masks * 255)
    assert laid(path, series).frames == (1, 3, 4)


@pytest.mark.parametrize("kind", ["FRACTIONAL", "LABELMAP"])
def test_compressed_ones_come_back(tmp_path: Path, kind: str) -> None:
    phantoms.ct(tmp_path / "ct", shape=(3, 40, 44))
    _, series = open_series(tmp_path / "ct")
    if kind == "LABELMAP":
        masks: npt.NDArray[Any] = (np.arange(3 * 40 * 44).reshape(3, 40, 44) % 3).astype(np.uint8)
        expected = np.stack([masks == 1, masks == 2], axis=-1) * 255
    else:
        masks = np.linspace(0, 1, 3 * 40 * 44).reshape(3, 40, 44)
        expected = np.rint(masks * 255)[..., np.newaxis]
    count = expected.shape[-1]
    path = written(tmp_path / "s.dcm", series, masks, kind, count, transfer_syntax_uid=RLELossless)
    np.testing.assert_array_equal(found(path, series, count), expected)


def test_the_largest_fraction_is_what_the_file_says(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    share = np.zeros((3, 23, 38))
    share[1, 4, 5], share[1, 6, 7] = 1.0, 0.5
    path = written(tmp_path / "s.dcm", series, share, "FRACTIONAL", max_fractional_value=100)
    assert pydicom.dcmread(path).MaximumFractionalValue == 100
    cover = found(path, series)[1, ..., 0]
    assert (cover[4, 5], cover[6, 7], np.count_nonzero(cover)) == (255, 128, 2)


def test_a_finer_grid_of_its_own_is_resampled_and_said(tmp_path: Path) -> None:
    """A segmentation on a grid of half the pixel, turned and flipped, in the same frame of reference."""
    phantoms.ct(tmp_path / "ct", shape=(4, 23, 38), spacing=(2.0, 1.0, 1.0), origin=(0, 0, 0), series="a")
    reference = phantoms.uid("a", "frame of reference")
    phantoms.ct(tmp_path / "fine", shape=(76, 8, 46), spacing=(0.5, 1.0, 0.5), origin=(37.25, 22.25, -0.5), series="b",
                orientation=(0, -1, 0, 0, 0, 1), FrameOfReferenceUID=reference)  # fmt: skip
    _, series = open_series(tmp_path / "ct")
    _, fine = open_series(tmp_path / "fine")
    assert fine.affine is not None
    assert series.affine is not None
    expected = np.zeros((4, 23, 38), bool)
    expected[1:3, 5:12, 7:30] = True
    expected[2, 6:8, 9:11] = False
    indices = np.stack(np.indices((76, 8, 46)), axis=-1)
    at = indices @ fine.affine[:3, :3].T + fine.affine[:3, 3]
    k, row, column = np.moveaxis(np.rint(at / np.array([1.0, 1.0, 2.0])).astype(int)[..., ::-1], -1, 0)
    inside = (k >= 0) & (k < 4) & (row >= 0) & (row < 23) & (column >= 0) & (column < 38)
    masks = np.where(inside, expected[np.clip(k, 0, 3), np.clip(row, 0, 22), np.clip(column, 0, 37)], False)
    path = written(tmp_path / "s.dcm", fine, masks.astype(np.uint8))
    np.testing.assert_array_equal(found(path, series)[..., 0] == 255, expected)
    assert "resampled" in laid(path, series).notes[0]


def test_segments_of_one_name_are_told_apart_by_their_description(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    path = written(tmp_path / "s.dcm", series, np.ones((3, 23, 38, 2), np.uint8), count=2)
    dataset = pydicom.dcmread(path)
    for item, description in zip(dataset.SegmentSequence, ("by hand", "by machine"), strict=True):
        item.SegmentLabel, item.SegmentDescription = "Tumour", description
    dataset.save_as(path)
    assert [part.name for part in laid(path, series).parts] == ["Tumour (by hand)", "Tumour (by machine)"]


def test_masks_are_kept_as_bits_of_the_box_around_them(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(3, 400, 400))
    _, series = open_series(tmp_path / "ct")
    masks = np.zeros((3, 400, 400), np.uint8)
    masks[1, 100:180, 30:110] = 1
    layer = laid(written(tmp_path / "s.dcm", series, masks), series)
    ((region,),) = layer.regions.values()
    assert (region.top, region.left, region.shape, region.nbytes) == (100, 30, (80, 80), 800)
    np.testing.assert_array_equal(layer.masks(1)[0][0], masks[1] == 1)
