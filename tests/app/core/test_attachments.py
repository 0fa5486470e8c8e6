"""Which objects belong to which series (app/core/attachments.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.attachments import Attachment, attached_to, attachments
from app.core.session import Session
from app.dicom.index import index
from app.dicom.scan import scan
from tests import phantoms
from tests.app.report.answers import open_series
from tests.made_objects import evidence, item, references, stored

_RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two series of one patient in one frame of reference, the second of other images; one of another patient."""
    folder = tmp_path / "images"
    reference = phantoms.uid("frame")
    phantoms.ct(folder / "a", series="a", SeriesNumber="1", FrameOfReferenceUID=reference)
    phantoms.ct(folder / "b", series="b", SeriesNumber="2", FrameOfReferenceUID=reference)
    phantoms.ct(folder / "other", series="a", patient_id="OTHER", FrameOfReferenceUID=reference,
                SOPInstanceUID=lambda k: phantoms.uid("other", k))  # fmt: skip
    return folder


def _only(*paths: Path) -> Attachment:
    (found,) = attachments(index(scan(paths)))
    return found


def _numbers(found: Attachment) -> list[tuple[int | None, str]]:
    return [(series.number, str(series.instances[0].header.PatientID)) for series in found.series]


def test_objects_are_attached_by_what_they_name(images: Path, tmp_path: Path) -> None:
    _, second = open_series(images / "b")
    frame = second.frame_of_reference_uid
    both = [(1, "PHANTOM"), (2, "PHANTOM")]
    named = {"instances": evidence(second), "series": [item(SeriesInstanceUID=second.uid)]}
    by_instance = stored(tmp_path / "1", _RTSTRUCT, "RTSTRUCT", FrameOfReferenceUID=frame,
                         CurrentRequestedProcedureEvidenceSequence=named["instances"])  # fmt: skip
    by_series = stored(tmp_path / "2", _RTSTRUCT, "RTSTRUCT", FrameOfReferenceUID=frame,
                       ReferencedSeriesSequence=named["series"])  # fmt: skip
    by_frame = stored(tmp_path / "3", _RTSTRUCT, "RTSTRUCT", FrameOfReferenceUID=frame)
    assert _numbers(_only(images, by_instance)) == [(2, "PHANTOM")]
    assert _numbers(_only(images, by_series)) == [(2, "PHANTOM")]
    assert _numbers(_only(images, by_frame)) == both


def test_what_cannot_be_attached_says_why(images: Path, tmp_path: Path) -> None:
    _, second = open_series(images / "b")
    theirs = stored(tmp_path / "1", _RTSTRUCT, "RTSTRUCT", patient_id="THIRD",
                    ReferencedImageSequence=references(second))  # fmt: skip
    unknown = stored(tmp_path / "2", _RTSTRUCT, "RTSTRUCT", FrameOfReferenceUID="1.2.3",
                     ReferencedImageSequence=[item(ReferencedSOPInstanceUID="1.2.3")])  # fmt: skip
    elsewhere = stored(tmp_path / "3", _RTSTRUCT, "RTSTRUCT", FrameOfReferenceUID="1.2.3")
    letter = stored(tmp_path / "4", "1.2.840.10008.5.1.4.1.1.104.1", "DOC", DocumentTitle="Letter")
    for path, why in (
        (theirs, "another patient ID"),
        (unknown, "not open"),
        (elsewhere, "frame of reference"),
        (letter, "study as a whole"),
    ):
        found = _only(images, path)
        assert found.series == ()
        assert why in found.why_not


@pytest.mark.parametrize("object_first", [True, False])
def test_whichever_is_opened_first_they_meet(images: Path, tmp_path: Path, object_first: bool) -> None:
    _, second = open_series(images / "b")
    path = stored(tmp_path / "1", _RTSTRUCT, "RTSTRUCT", ReferencedImageSequence=references(second))
    session = Session()
    parts = [index(scan([path])), index(scan([images]))]
    for part in parts if object_first else reversed(parts):
        session.open(part)
    # Opened again, it is still there once.
    session.open(parts[0])
    (found,) = session.attachments
    assert _numbers(found) == [(2, "PHANTOM")]
    opened = {(s.number, str(s.instances[0].header.PatientID)): s for s in session.index.series()}
    assert attached_to(session.attachments, opened[2, "PHANTOM"]) == (found.object,)
    assert attached_to(session.attachments, opened[1, "PHANTOM"]) == ()
    session.close_all()
    assert session.attachments == ()
