"""RT Structure Sets that leave the program (app/report/rtstruct.py), and the marked phantom's way out and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from app.core.attachments import attachments
from app.core.document import Overlay
from app.dicom.index import index
from app.dicom.load import load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.report.rtstruct import rtstruct_bytes, why_not
from app.report.seg import seg_bytes
from inference.types import Cancelled
from tests import phantoms
from tests.app.report.answers import LABELS, MODEL, laid, open_series, overlay, verify

ORIENTATIONS = {
    "axial": phantoms.AXIAL,
    "coronal": phantoms.CORONAL,
    "sagittal": phantoms.SAGITTAL,
    "oblique": phantoms.OBLIQUE,
    "feet first, face down": (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
}
WRITERS = {"SEG": (seg_bytes, "Segmentation"), "RTSTRUCT": (rtstruct_bytes, "RTStructureSet")}


def _labels(path: Path, series: Series) -> np.ndarray:
    """The label map that ``path`` draws on ``series``, by the names of its parts."""
    values = {label.name: label.value for label in LABELS}
    layer = laid(path, series)
    assert layer.notes == ()
    found = np.zeros((len(series.frames), series.rows, series.columns), np.uint8)
    for number in layer.frames:
        for mask, part in layer.masks(number):
            found[number][mask] = values[part.name]
    return found


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_marked_phantom_goes_out_and_comes_back(
    tmp_path: Path, orientation: str, reverse: bool, writer: str
) -> None:
    phantoms.ct(tmp_path / "ct", orientation=ORIENTATIONS[orientation], reverse=reverse)
    _, series = open_series(tmp_path / "ct")
    _out_and_back(tmp_path, series, writer)


@pytest.mark.parametrize("writer", WRITERS)
def test_gaps_and_empty_slices_stay_where_they_are(tmp_path: Path, writer: str) -> None:
    """Slices 2 and 5 of 8 are missing; the second that is left holds nothing, and no frame of the file is about it."""
    phantoms.ct(tmp_path / "ct", shape=(8, 23, 38), gaps=(2, 5), orientation=phantoms.OBLIQUE)
    _, series = open_series(tmp_path / "ct")
    assert series.affine is None
    _out_and_back(tmp_path, series, writer)


def _out_and_back(folder: Path, series: Series, writer: str) -> None:
    """The label of the brightest voxel, the marked corner, is found on the images, written, and found again."""
    write, kind = WRITERS[writer]
    drawn = overlay(series)
    marked = np.zeros_like(drawn.label_map)
    stored = load(series).stored
    marked[stored == phantoms.CORNER] = 5
    assert marked.sum() == 5
    label_map = np.where(marked > 0, marked, drawn.label_map)
    drawn = Overlay("o", series.key, drawn.indices, label_map, LABELS, MODEL)
    path = folder / "out" / "object.dcm"
    path.parent.mkdir()
    path.write_bytes(write(drawn, series))
    verify(path, kind)
    np.testing.assert_array_equal(_labels(path, series), label_map)
    # Opened beside its images, it finds them by itself.
    (found,) = attachments(index(scan([folder])))
    assert found.series_uids == (series.uid,)


def test_whose_it_is_and_who_made_it(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    (tmp_path / "rs.dcm").write_bytes(rtstruct_bytes(overlay(series), series))
    written = pydicom.dcmread(tmp_path / "rs.dcm")
    assert (written.PatientID, written.StudyInstanceUID, written.Modality) == ("PHANTOM", series.study_uid, "RTSTRUCT")
    assert "not for diagnosis" in written.StructureSetDescription
    assert [roi.ROIName for roi in written.StructureSetROISequence] == [label.name for label in LABELS]
    assert {roi.ROIGenerationAlgorithm for roi in written.StructureSetROISequence} == {"AUTOMATIC"}
    assert [tuple(item.ROIDisplayColor) for item in written.ROIContourSequence] == [label.colour for label in LABELS]


def test_images_without_a_place_have_none(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    _, series = open_series(tmp_path / "a.dcm")
    assert "no place in the patient" in why_not(series)
    with pytest.raises(ValueError, match="no place"):
        rtstruct_bytes(overlay(series), series)


def test_writing_can_be_cancelled(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")

    def tick(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        rtstruct_bytes(overlay(series), series, tick)
