"""Structured reports read as the tree that was written: words, values with units, codes, images; hostile ones end."""

from __future__ import annotations

from pathlib import Path

import pydicom.data
import pytest
from pydicom import Dataset

from app.core.report_marks import drawings_of
from app.dicom import structured_report
from app.dicom.parse import read_object
from app.dicom.structured_report import ImageReference, report_of
from tests import phantoms
from tests.app.dicom.helpers import all_series, one_series
from tests.made_objects import item
from tests.report_phantoms import code, content, image_content, key_objects, number, report


def read(path: Path) -> structured_report.Report:
    return report_of(read_object(path))


def lines(found: structured_report.Report) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.text) for one in found.root.walk()][1:]


def test_every_kind_of_value_reads_as_words(tmp_path: Path) -> None:
    finding = content("CODE", code("121071", "Finding"), ConceptCodeSequence=[code("4147007", "Mass", "SCT")])
    path = report(
        tmp_path / "sr.dcm",
        content("TEXT", code("121106", "Comment"), TextValue="Nothing else.\r\nNo change."),
        finding,
        number("Diameter", "-12.50", "mm"),
        content("NUM", code("n", "Lost"), NumericValueQualifierCodeSequence=[code("114000", "Not a number")]),
        content("PNAME", code("p", "Reader"), PersonName="Müller^Jörg"),
        content("DATE", code("d", "Day"), Date="20240131"),
        content("TIME", code("t", "Clock"), Time="134501"),
        content("DATETIME", code("dt", "Moment"), DateTime="20240131134500.5+0100"),
        content("UIDREF", code("u", "Tracking"), UID="1.2.3"),
    )
    found = read(path)
    assert (found.title, found.status) == ("Imaging Measurement Report", "Complete, Unverified")
    assert found.facts == (("Date", "2024-01-31 13:05"),)
    assert lines(found) == [
        ("TEXT", "Comment", "Nothing else.\r\nNo change."),
        ("CODE", "Finding", "Mass"),
        ("NUM", "Diameter", "\u221212.50 mm"),
        ("NUM", "Lost", "Not a number"),
        ("PNAME", "Reader", "Müller, Jörg"),
        ("DATE", "Day", "2024-01-31"),
        ("TIME", "Clock", "13:45:01"),
        ("DATETIME", "Moment", "2024-01-31 13:45"),
        ("UIDREF", "Tracking", "1.2.3"),
    ]
    assert str(found.root.children[1].value_code) == "SCT 4147007"


def test_japanese_text_by_code_extensions(tmp_path: Path) -> None:
    path = report(
        tmp_path / "sr.dcm",
        content("TEXT", code("121106", "所見"), TextValue="異常なし"),
        SpecificCharacterSet=["ISO 2022 IR 6", "ISO 2022 IR 87"],
    )
    assert lines(read(path)) == [("TEXT", "所見", "異常なし")]


def test_relationships_and_references(tmp_path: Path) -> None:
    (image,) = phantoms.enhanced_ct(tmp_path / "e.dcm")
    path = report(
        tmp_path / "sr.dcm",
        number("Size", "3", "cm", image_content(image, 2, 3, relation="INFERRED FROM", state_uid="1.2.9")),
        item(RelationshipType="INFERRED FROM", ReferencedContentItemIdentifier=[1, 1]),
    )
    found = read(path)
    uid = pydicom.dcmread(image).SOPInstanceUID
    assert found.images() == (ImageReference(pydicom.dcmread(image).SOPClassUID, uid, (2, 3), "1.2.9"),)
    inferred = found.root.children[0].children[0]
    assert (inferred.relationship, inferred.kind) == ("INFERRED FROM", "IMAGE")
    # By reference: named, never followed, so a cycle of them has no end to reach.
    assert found.root.children[1].text == "see item 1.1"


@pytest.mark.parametrize("name", ["test-SR.dcm", "reportsi.dcm"])
def test_reports_of_others(name: str) -> None:
    path = Path(str(pydicom.data.get_testdata_file(name, download=False)))
    found = read(path)

    def count(dataset: Dataset) -> int:
        return 1 + sum(count(child) for child in dataset.get("ContentSequence", []))

    assert sum(1 for _ in found.root.walk()) == count(pydicom.dcmread(path))
    if name == "test-SR.dcm":
        assert found.facts[1][1].startswith("Riesmeier, Jörg on 2001-02-13")
        assert ("NUM", "Diameter", "3 Length Unit") in lines(found)


def test_a_hostile_tree_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured_report, "MAX_ITEMS", 50)
    wide = report(tmp_path / "wide.dcm", *[content("TEXT", None, TextValue=str(i)) for i in range(80)])
    found = read(wide)
    assert sum(1 for _ in found.root.walk()) == 50
    assert found.notes == ("Only the first 10000 items are shown.",) or "first 50 items" in found.notes[0]
    deep = content("TEXT", None, TextValue="the deepest")
    for _ in range(45):
        deep = content("CONTAINER", None, deep)
    monkeypatch.setattr(structured_report, "MAX_ITEMS", 10_000)
    found = read(report(tmp_path / "deep.dcm", deep))
    assert "nested deeper than 40 levels" in found.notes[0]
    assert "the deepest" not in [one.text for one in found.root.walk()]


def test_key_objects_have_title_description_and_images(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path / "ct")
    found = read(key_objects(tmp_path / "ko.dcm", [image_content(paths[2]), image_content(paths[0])], paths))
    assert (found.title, found.description) == ("Of Interest", "Nodule in the left lung")
    uids = [pydicom.dcmread(paths[k]).SOPInstanceUID for k in (2, 0)]
    assert [image.sop_instance_uid for image in found.images()] == uids


def test_coordinates_lie_on_their_image_with_the_measured_value(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path / "ct")
    points = content(
        "SCOORD",
        code("111030", "Image Region"),
        image_content(paths[1], relation="SELECTED FROM"),
        relation="INFERRED FROM",
        GraphicType="POLYLINE",
        GraphicData=[10.5, 4.5, 20.5, 14.5],
    )
    found = read(report(tmp_path / "sr.dcm", number("Long axis", "7.1", "mm", points)))
    series = one_series(tmp_path / "ct")
    uid = pydicom.dcmread(paths[1]).SOPInstanceUID
    for index in range(3):
        drawn = drawings_of(found.marks(), series, index)
        if series.instance_of(index).sop_instance_uid != uid:
            assert drawn == ()
            continue
        (drawing,) = drawn
        # The file counts from the corner of the first pixel, column first.
        assert drawing.graphics[0].points == ((4.0, 10.0), (14.0, 20.0))
        assert drawing.texts[0].text == "Long axis 7.1 mm"


@pytest.mark.parametrize("orientation", [phantoms.AXIAL, phantoms.OBLIQUE])
def test_coordinates_in_the_patient_lie_on_the_slice_that_they_are_in(tmp_path: Path, orientation) -> None:
    phantoms.ct(tmp_path / "ct", orientation=orientation)
    (series,) = all_series(tmp_path / "ct")
    assert series.affine is not None
    corners = [(1, 3, 5), (1, 3, 25), (1, 17, 25)]
    lps = [(series.affine @ (*corner, 1))[:3] for corner in corners]
    points = content(
        "SCOORD3D",
        code("111030", "Image Region"),
        GraphicType="POLYGON",
        GraphicData=[float(value) for point in lps for value in point],
        ReferencedFrameOfReferenceUID=series.frame_of_reference_uid,
    )
    marks = read(report(tmp_path / "sr.dcm", points)).marks()
    assert [len(drawings_of(marks, series, index)) for index in range(3)] == [0, 1, 0]
    drawn = drawings_of(marks, series, 1)[0].graphics[0].points
    for point, (_, row, column) in zip(drawn, [*corners, corners[0]], strict=True):
        assert point == pytest.approx((row, column), abs=1e-4)
