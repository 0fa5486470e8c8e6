"""Segmentations of other makers, and files that are none (app/dicom/segmentation.py, app/core/placing.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest

from app.core.placing import segments_on
from app.dicom.segmentation import read_seg
from app.errors import UnreadableFile
from app.report.seg import seg_bytes
from inference.types import Cancelled
from tests import phantoms
from tests.app.report.answers import laid, open_series, overlay


@pytest.fixture
def written(tmp_path: Path) -> Path:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    path = tmp_path / "seg.dcm"
    path.write_bytes(seg_bytes(overlay(series), series))
    return path


def test_a_fractional_one_by_highdicom_keeps_its_shares(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    share = np.linspace(0, 1, 3 * 23 * 38).reshape(3, 23, 38)
    code = highdicom.sr.CodedConcept("39607008", "SCT", "Lung")
    segment = highdicom.seg.SegmentDescription(1, "Lung", code, code, "MANUAL")
    headers = [instance.header for instance in series.instances]
    highdicom.seg.Segmentation(
        headers, share, "FRACTIONAL", [segment], highdicom.UID(), 1, highdicom.UID(), 1, "M", "M", "1", "1"
    ).save_as(tmp_path / "f.dcm")
    read = laid(tmp_path / "f.dcm", series)
    assert read.is_fractional
    for index in range(3):
        ((cover, label),) = read.covers(index)
        np.testing.assert_array_equal(cover, np.round(share[index] * 255))
        ((mask, _),) = read.masks(index)
        np.testing.assert_array_equal(mask, cover >= 128)
        assert label.name == "Lung"


def test_a_label_map_by_highdicom(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    drawn = overlay(series)
    code = highdicom.sr.CodedConcept("39607008", "SCT", "Lung")
    segments = [highdicom.seg.SegmentDescription(n, f"S{n}", code, code, "MANUAL") for n in (1, 5)]
    headers = [instance.header for instance in series.instances]
    highdicom.seg.Segmentation(
        headers, drawn.label_map, "LABELMAP", segments, highdicom.UID(), 1, highdicom.UID(), 1, "M", "M", "1", "1"
    ).save_as(tmp_path / "l.dcm")
    read = laid(tmp_path / "l.dcm", series)
    for index in range(3):
        present = [value for value in (1, 5) if (drawn.label_map[index] == value).any()]
        assert [label.value for _, label in read.masks(index)] == present
        for mask, label in read.masks(index):
            np.testing.assert_array_equal(mask, drawn.label_map[index] == label.value)


def test_overlapping_segments_of_a_real_one(shared_data: Path) -> None:
    folder = shared_data / "ct" / "rider-lung-1129164940"
    path = next(iter(sorted((folder / "seg").rglob("*.dcm"))))
    _, series = open_series(*(p for p in sorted(folder.iterdir()) if p.name not in ("seg", "rtstruct")))
    read = laid(path, series)
    theirs = highdicom.seg.segread(path)
    marked = list(read.frames)
    assert marked
    for index in marked[:: max(len(marked) // 6, 1)]:
        expected = theirs.get_pixels_by_source_instance(
            [series.instance_of(index).sop_instance_uid],
            assert_missing_frames_are_empty=True,
            ignore_spatial_locations=True,
        )[0]
        found = np.zeros_like(expected)
        for mask, label in read.masks(index):
            found[..., label.value - 1] = mask
        np.testing.assert_array_equal(found, expected)
    both = [np.logical_and.reduce([mask for mask, _ in read.masks(i)]).any() for i in marked]
    assert any(both)


def test_a_segmentation_of_other_images_covers_nothing(written: Path, tmp_path: Path, pydicom_data: Path) -> None:
    phantoms.ct(tmp_path / "other", series="other")
    _, other = open_series(tmp_path / "other")
    assert laid(written, other).frames == ()
    assert laid(written, other).masks(0) == []
    assert laid(pydicom_data / "liver.dcm", other).frames == ()


def test_reading_one_can_be_cancelled_at_every_step(written: Path) -> None:
    steps: list[float] = []
    read_seg(written, steps.append)
    assert len(steps) >= 3
    for last in range(1, len(steps) + 1):
        left = iter(range(last))

        def tick(_: float, left=left) -> None:
            if next(left, None) is None:
                raise Cancelled

        if last < len(steps):
            with pytest.raises(Cancelled):
                read_seg(written, tick)
        else:
            read_seg(written, tick)


def test_another_matrix_size_is_told(written: Path, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "small", shape=(3, 5, 6))
    _, small = open_series(tmp_path / "small")
    layer = laid(written, replace(small, frame_of_reference_uid="1.2.3"))
    assert layer.frames == ()
    assert "38×23 pixels, the images 6×5" in layer.notes[0]


def test_what_is_no_segmentation_is_told(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    with pytest.raises(UnreadableFile, match="not a DICOM Segmentation"):
        read_seg(tmp_path / "a.dcm")
    with pytest.raises(UnreadableFile, match="no such file"):
        read_seg(tmp_path / "missing.dcm")
    with pytest.raises(UnreadableFile):
        read_seg(tmp_path)
    for path in phantoms.hostile(tmp_path / "hostile").values():
        with pytest.raises(UnreadableFile) as raised:
            read_seg(path)
        assert str(path) in str(raised.value)


def test_a_damaged_one_is_told_or_read_never_more(written: Path, tmp_path: Path) -> None:
    """Cut anywhere, or with any one byte turned round: a clear refusal or a readable file, no other exception."""
    _, series = open_series(tmp_path / "ct")
    whole = written.read_bytes()
    random = np.random.default_rng(1)
    refused = 0
    for number in range(150):
        data = bytearray(whole)
        position = int(random.integers(132, len(whole)))
        if number % 2:
            del data[position:]
        else:
            data[position] ^= 0xFF
        path = tmp_path / "damaged.dcm"
        path.write_bytes(data)
        try:
            layer = segments_on(read_seg(path), series, "damaged", "damaged")
            for index in range(3):
                layer.masks(index)
        except UnreadableFile:
            refused += 1
    assert refused > 40


def test_without_references_frames_find_their_place_in_the_frame_of_reference(written: Path, tmp_path: Path) -> None:
    _, series = open_series(tmp_path / "ct")
    layer = laid(written, series)
    expected = [layer.masks(index) for index in range(3)]
    dataset = pydicom.dcmread(written)
    for group in dataset.PerFrameFunctionalGroupsSequence:
        del group.DerivationImageSequence
    dataset.save_as(written)
    layer = laid(written, series)
    for index, masks in enumerate(layer.masks(index) for index in range(3)):
        assert [label for _, label in masks] == [label for _, label in expected[index]]
        for (mask, _), (before, _) in zip(masks, expected[index], strict=True):
            np.testing.assert_array_equal(mask, before)
    dataset.FrameOfReferenceUID = "1.2.3"
    dataset.save_as(written)
    assert laid(written, series).frames == ()
