"""Objects that are no images: kept with their header (app/dicom/objects.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from app.core.objects import layer_of
from app.dicom import parse
from app.dicom.index import index
from app.dicom.objects import ObjectKind, StoredObject
from app.dicom.scan import scan
from app.errors import UnreadableFile
from app.report.rtstruct import rtstruct_bytes
from app.report.seg import seg_bytes
from tests import phantoms
from tests.app.report.answers import open_series, overlay
from tests.made_objects import dose, item, stored

_SOP = "1.2.840.10008.5.1.4.1.1."


def _title(text: str) -> list[object]:
    return [item(CodeValue="1", CodingSchemeDesignator="99TEST", CodeMeaning=text)]


@pytest.mark.parametrize(
    ("sop_class", "modality", "attributes", "kind", "label"),
    [
        (f"{_SOP}481.3", "RTSTRUCT", {"StructureSetLabel": "Plan A"}, ObjectKind.RTSTRUCT, "Plan A"),
        (f"{_SOP}11.1", "PR", {"ContentLabel": "ARROWS"}, ObjectKind.PRESENTATION_STATE, "ARROWS"),
        (f"{_SOP}88.59", "KO", {"ConceptNameCodeSequence": _title("Teaching")}, ObjectKind.KEY_OBJECTS, "Teaching"),
        (f"{_SOP}88.33", "SR", {"ConceptNameCodeSequence": _title("CT Report")}, ObjectKind.REPORT, "CT Report"),
        (f"{_SOP}104.1", "DOC", {"DocumentTitle": "Letter"}, ObjectKind.DOCUMENT, "Letter"),
        (f"{_SOP}66.4", "SEG", {"SeriesDescription": "Lungs"}, ObjectKind.SEG, "Lungs"),
    ],
)  # fmt: skip
def test_each_kind_is_kept_with_its_label_and_references(
    tmp_path: Path, sop_class: str, modality: str, attributes: dict[str, object], kind: ObjectKind, label: str
) -> None:
    named = item(SeriesInstanceUID="1.2.3", ReferencedSOPSequence=[item(ReferencedSOPInstanceUID="1.2.3.4")])
    path = stored(tmp_path / "a", sop_class, modality, ReferencedSeriesSequence=[named], **attributes)
    found = scan([path])
    assert (found.instances, found.skipped) == ((), ())
    (kept,) = found.objects
    assert (kept.kind, kept.label, kept.modality, kept.path) == (kind, label, modality, path)
    assert (kept.instance_uids, kept.series_uids) == ({"1.2.3.4"}, {"1.2.3"})
    (study,) = index(found).studies
    assert (study.patient.name, study.date, study.series) == ("Phantom, Test", "20240131", ())
    assert study.objects == (kept,)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("rtstruct.dcm", ObjectKind.RTSTRUCT),
        ("rtdose.dcm", ObjectKind.RTDOSE),
        ("liver_1frame.dcm", ObjectKind.SEG),
        ("reportsi.dcm", ObjectKind.REPORT),
    ],
)
def test_public_objects_are_kept(file: str, kind: ObjectKind) -> None:
    kept = parse.read_instance(Path(str(get_testdata_file(file, download=False))))
    assert isinstance(kept, StoredObject)
    assert kept.kind is kind


def test_a_scan_reads_no_contours_and_no_document(tmp_path: Path) -> None:
    path = stored(tmp_path / "a", f"{_SOP}104.1", "DOC", EncapsulatedDocument=b"%PDF" * 1000)
    (kept,) = scan([path]).objects
    assert "EncapsulatedDocument" not in kept.header
    assert parse.read_object(path).EncapsulatedDocument == b"%PDF" * 1000


def test_an_object_is_kept_once(tmp_path: Path) -> None:
    path = stored(tmp_path / "a", f"{_SOP}481.3", "RTSTRUCT", StructureSetLabel="A")
    (tmp_path / "b").write_bytes(path.read_bytes())
    found = index(scan([tmp_path]))
    assert [kept.path.name for kept in found.objects()] == ["a"]
    assert [skipped.reason for skipped in found.skipped] == ["a copy of a (same SOP Instance UID)"]


def test_reading_a_damaged_object_is_refused_with_its_file(tmp_path: Path) -> None:
    for path in phantoms.hostile(tmp_path).values():
        if path.is_file():
            refused = False
            try:
                parse.read_object(path)
            except UnreadableFile as error:
                refused = str(path) in str(error)
            # Images without their pixels may well have a readable data set.
            assert refused or path.name not in ("empty", "text")
    with pytest.raises(UnreadableFile, match="no such file"):
        parse.read_object(tmp_path / "missing")


def test_damaged_objects_are_kept_or_skipped_and_read_or_refused(tmp_path: Path) -> None:
    """Cut anywhere, or with any one byte turned round: no other exception, whatever kind it is."""
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    drawn = overlay(series)
    assert series.positions is not None
    whole = {
        "rtstruct": rtstruct_bytes(drawn, series),
        "seg": seg_bytes(drawn, series),
        "dose": dose(tmp_path / "dose", np.ones((3, 9, 9), np.uint16), (0, 2.5, 5.0), origin=series.positions[0],
                     spacing=(1.0, 1.0), frame_of_reference=series.frame_of_reference_uid).read_bytes(),
    }  # fmt: skip
    random = np.random.default_rng(3)
    shown = refused = 0
    for data in whole.values():
        for number in range(60):
            damaged = bytearray(data)
            position = int(random.integers(132, len(data)))
            if number % 3:
                damaged[position] ^= 1 << int(random.integers(8))
            else:
                del damaged[position:]
            path = tmp_path / "damaged"
            path.write_bytes(damaged)
            kept = parse.read_instance(path)
            if isinstance(kept, StoredObject):
                try:
                    layer_of(kept, series)
                    shown += 1
                except UnreadableFile as error:
                    refused += str(path) in str(error)
    assert shown > 40
    assert refused > 20
