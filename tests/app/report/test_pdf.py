"""The PDF report, read back (app/report/pdf.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from app import RESEARCH_USE
from app.core.document import Document, Finding, FindingStatus, Measurement, MeasurementKind, Place
from app.core.layers import Layer, Region
from app.core.view import place_text
from app.dicom.load import load
from app.dicom.voi import Window
from app.report import wording
from app.report.laid import Laid
from app.report.pdf import MAX_PICTURES, Content, key_images, pdf_bytes
from app.report.picture import Style
from app.report.version import version
from inference.types import Cancelled, Label, Measure
from tests import phantoms, phantoms_4d
from tests.app.report.answers import LABELS, MODEL, NOTE, answered, open_series, overlay

STYLE = Style(Window(2000, 4000))


def made(path: Path, statuses: dict[str, FindingStatus] | None = None, *, measurements: int = 1) -> Content:
    document, study, series, pixels, result = answered(path, statuses)
    place = Place.of(series, 0)
    for number in range(measurements):
        points = ((1.0, 2.0), (31.0, 42.0 + number))
        document = document.with_measurement(Measurement(f"m{number}", MeasurementKind.DISTANCE, place, points))
    return Content(document, study, series, pixels, STYLE, key_images(document, series), (result,))


def pages(data: bytes) -> list[str]:
    """The text of each page, white space joined."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


@pytest.fixture
def radiograph(tmp_path: Path) -> Path:
    path = tmp_path / "a.dcm"
    phantoms.radiograph(
        path, InstitutionName="Phantom Hospital", pixel_spacing=(0.3, 0.2), imager_pixel_spacing=(0.36, 0.24)
    )
    return path


def test_it_says_whose_images_these_are(radiograph: Path) -> None:
    text = " ".join(pages(pdf_bytes(made(radiograph))))
    for expected in (
        "Test",
        "Phantom",
        "PHANTOM",
        "1970-01-01",
        "other",
        "2024-01-31",
        "Phantom study",
        "Phantom Hospital",
        "A1",
    ):
        assert expected in text


def test_only_what_a_reader_accepted_is_a_finding(radiograph: Path) -> None:
    statuses = {"Right lung": FindingStatus.ACCEPTED, "nodule": FindingStatus.REJECTED}
    text = " ".join(pages(pdf_bytes(made(radiograph, statuses))))
    findings, proposals = text.index("Findings"), text.index("AI proposals, not reviewed")
    measurements = text.index("Measurements")
    assert findings < text.index("Right lung 1") < proposals
    assert "accepted by a reader" in text[findings:proposals]
    assert "Area 232 cm²" in text[findings:proposals]
    assert "Left lung 1" in text[proposals:measurements]
    assert NOTE in text[proposals:measurements]
    assert "nodule" not in text
    assert "Lungs: area 430 cm²" in text


def test_a_proposal_shows_its_score_and_the_range_that_the_model_gives(radiograph: Path) -> None:
    text = " ".join(pages(pdf_bytes(made(radiograph))))
    assert "No finding was recorded by a reader." in text
    assert "nodule 1 Range of the model's answers 0.250–0.500 0.333" in text


def test_the_model_is_named_with_version_and_digest(radiograph: Path) -> None:
    text = " ".join(pages(pdf_bytes(made(radiograph))))
    assert MODEL.id in text
    assert MODEL.version in text
    assert MODEL.sha256 in text.replace(" ", "")
    assert "cpu, 0.3 s" in text
    for label in LABELS:
        assert label.name in text


def test_every_page_says_what_it_is_for_and_which_it_is(radiograph: Path) -> None:
    found = pages(pdf_bytes(made(radiograph, measurements=60)))
    assert len(found) > 2
    for number, text in enumerate(found, 1):
        assert RESEARCH_USE in text
        assert f"Page {number} of {len(found)}" in text
        assert f"Scoutview {version()}" in text
    assert all("PHANTOM" in text for text in found)
    # The table's head comes again with the table.
    assert sum("Measurement Image Values" in text for text in found) >= 2


def test_measurements_carry_their_unit(radiograph: Path) -> None:
    text = " ".join(pages(pdf_bytes(made(radiograph))))
    length = np.hypot(30 * 0.3, 40 * 0.2)
    assert f"Distance 1 {length:.1f} mm" in text


@pytest.mark.parametrize(
    ("spacing", "words"),
    [(None, "lengths and areas are in pixels"), ((0.2, 0.15), "Lengths are at the detector")],
)
def test_what_lengths_mean_is_said(spacing: tuple[float, float] | None, words: str, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", imager_pixel_spacing=spacing)
    assert words in " ".join(pages(pdf_bytes(made(tmp_path / "a.dcm"))))


def test_lossy_compression_is_said(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", LossyImageCompression="01", LossyImageCompressionRatio="12.5")
    text = " ".join(pages(pdf_bytes(made(tmp_path / "a.dcm"))))
    assert text.count("Lossy compressed (ratio 12.5:1)") == 2


@pytest.mark.parametrize(
    ("character_set", "name", "shown"),
    [
        ("ISO_IR 126", "Διονυσιος^Ωμέγα", "Διονυσιος, Ωμέγα"),
        ("ISO_IR 192", "Müller-Łoś^Ağca", "Müller-Łoś, Ağca"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎", "Yamada, Tarou (山田 太郎)"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong (洪 吉洞)"),
    ],
)
def test_names_are_printed_in_their_script(
    character_set: str | list[str], name: str, shown: str, tmp_path: Path
) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", SpecificCharacterSet=character_set, PatientName=name)
    assert shown in " ".join(pages(pdf_bytes(made(tmp_path / "a.dcm"))))


def test_a_name_is_text_never_markup(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", PatientName="<b>A & B</b><img src='x'/>", StudyDescription="1 < 2 & 3")
    text = " ".join(pages(pdf_bytes(made(tmp_path / "a.dcm"))))
    assert "<b>A & B</b>" in text
    assert "1 < 2 & 3" in text


def test_absurdly_long_values_do_not_break_the_page(tmp_path: Path) -> None:
    long = dict.fromkeys(("PatientName", "StudyDescription", "InstitutionName", "SeriesDescription"), "x y" * 20000)
    phantoms.radiograph(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 192", **long)
    assert "x yx y" in " ".join(pages(pdf_bytes(made(tmp_path / "a.dcm"))))


def test_what_the_file_leaves_out_is_not_made_up(tmp_path: Path) -> None:
    silent = (
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyDate",
        "StudyDescription",
        "AccessionNumber",
    )
    phantoms.radiograph(tmp_path / "a.dcm", **dict.fromkeys(silent))
    first, *rest = pages(pdf_bytes(made(tmp_path / "a.dcm")))
    assert first.count("not stated") == 7
    assert all("Patient not stated" in text for text in rest)


def test_document_information_names_no_patient(radiograph: Path) -> None:
    document = pypdfium2.PdfDocument(pdf_bytes(made(radiograph)))
    told = document.get_metadata_dict()
    document.close()
    assert told["Subject"] == RESEARCH_USE
    assert told["Author"] == "Scoutview"
    assert not any("phantom" in value.lower() for value in told.values())


def test_the_key_image_is_in_the_file_without_loss(radiograph: Path) -> None:
    from app.report.picture import annotated

    content = made(radiograph)
    document = pypdfium2.PdfDocument(pdf_bytes(content))
    images = [
        item.get_bitmap().to_pil()
        for page in document
        for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
    ]
    expected = annotated(content.series, 0, content.pixels, content.document, content.style)
    assert len(images) == 1
    np.testing.assert_array_equal(np.asarray(images[0].convert("RGB")), np.asarray(expected))
    document.close()


def test_key_images_are_those_with_marks(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(9, 23, 38))
    _, series = open_series(tmp_path / "ct")
    document = Document().with_overlay(overlay(series))
    place = Place.of(series, 3)
    marked = document.with_measurement(Measurement("m", MeasurementKind.DISTANCE, place, ((1, 1), (5, 5))))
    sizes = [int((plane != 0).sum()) for plane in overlay(series).label_map]
    assert key_images(Document(), series) == (4,)
    assert key_images(document, series) == (int(np.argmax(sizes)),)
    assert key_images(marked, series, (8, 99)) == (8, 3, int(np.argmax(sizes)))


def test_a_report_of_many_marks_is_bounded_and_says_so(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(12, 23, 38))
    study, series = open_series(tmp_path / "ct")
    content = Content(Document(), study, series, load(series), STYLE, tuple(range(12)))
    text = " ".join(pages(pdf_bytes(content)))
    assert text.count("of 12 ") == MAX_PICTURES
    assert f"{12 - MAX_PICTURES} more images hold marks" in text


def test_a_cine_names_its_frame(tmp_path: Path) -> None:
    phantoms.cine(tmp_path / "a.dcm")
    study, series = open_series(tmp_path / "a.dcm")
    text = " ".join(pages(pdf_bytes(Content(Document(), study, series, load(series), Style(None), (2,)))))
    assert "Image 3 of 6 (frame 3)" in text


def test_it_can_be_cancelled(radiograph: Path) -> None:
    def tick(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        pdf_bytes(made(radiograph), tick)


def test_accepted_everything_leaves_no_proposals(radiograph: Path) -> None:
    accepted = dict.fromkeys(("Right lung", "Left lung", "nodule"), FindingStatus.ACCEPTED)
    text = " ".join(pages(pdf_bytes(made(radiograph, accepted))))
    assert "AI proposals" not in text
    assert NOTE in text


def test_findings_of_other_series_stay_out(radiograph: Path) -> None:
    content = made(radiograph)
    foreign = tuple(
        replace(f, id=f"x{f.id}", kind="elsewhere", place=replace(f.place, series_uid="1.2.3"))
        for f in content.document.findings
    )
    document = replace(content.document, findings=(*content.document.findings, *foreign))
    assert "elsewhere" not in " ".join(pages(pdf_bytes(replace(content, document=document))))


# -- volumes and places ------------------------------------------------------------------------------------------------


def stack(folder: Path, **finding) -> Content:
    """A CT of three slices with a model's labels on all of them, and a segment of the study's own."""
    phantoms.ct(folder)
    study, series = open_series(folder)
    made = overlay(series)
    findings = tuple(
        Finding(label.name, label.name, Place.of(series, 0), overlay_id=made.id, label_value=label.value, **finding)
        for label in LABELS
    )
    document = Document(overlays=(made,), findings=findings)
    cover = np.zeros((series.rows, series.columns), np.uint8)
    cover[5:9, 10:20] = 255
    parts = (Label(1, "Liver", LABELS[0].code, (255, 0, 0)), Label(2, "Vein", LABELS[0].code, (0, 0, 255)))
    regions = {k: tuple(Region.of(part.value, cover) for part in parts) for k in (1, 2)}
    layer = Layer("1.2", "Segmentation: organs", series.key, cover.shape, parts, regions)
    style = replace(STYLE, laid=Laid((layer,)), hidden_labels=frozenset({("1.2", 2)}))
    return Content(document, study, series, load(series), style, key_images(document, series))


def test_volumes_are_listed_with_who_drew_them(tmp_path: Path) -> None:
    content = stack(tmp_path / "ct", status=FindingStatus.ACCEPTED)
    text = " ".join(pages(pdf_bytes(content)))
    listed = text[text.index("Volumes") : text.index("AI models")]
    voxel = 2.5 * 0.7 * 0.4 / 1000
    liver = 2 * 40 * voxel
    assert f"Liver Segmentation: organs 2 {wording.measure(Measure(liver, 'ml'))}" in listed
    assert "Vein" not in listed, "hidden on screen, left out here"
    for label in LABELS:
        counts = [(plane == label.value).sum() for plane in content.document.overlays[0].label_map]
        said = wording.measure(Measure(sum(counts) * voxel, "ml"))
        assert f"{label.name} AI: made-lungs 1.2.3, accepted by a reader {int(np.argmax(counts)) + 1} {said}" in listed


def test_a_volume_that_nobody_reviewed_says_so(tmp_path: Path) -> None:
    text = " ".join(pages(pdf_bytes(stack(tmp_path / "ct"))))
    assert "Right lung AI: made-lungs 1.2.3, not reviewed" in text[text.index("Volumes") :]


def test_a_radiograph_has_no_volumes(radiograph: Path) -> None:
    assert "Volumes" not in " ".join(pages(pdf_bytes(made(radiograph))))


def test_images_that_share_places_are_named_by_place_and_point(tmp_path: Path) -> None:
    phantoms_4d.series(tmp_path, 4, TemporalPositionIndex=lambda p, k: p + 1, TemporalResolution="50")
    study, series = open_series(tmp_path)
    index = series.axis.at(1, 2)
    line = Measurement("m", MeasurementKind.DISTANCE, Place.of(series, index), ((1.0, 2.0), (1.0, 12.0)))
    document = Document(
        measurements=(line,), findings=(Finding("f", "Scar", Place.of(series, index), status=FindingStatus.ACCEPTED),)
    )
    content = Content(document, study, series, load(series), STYLE, key_images(document, series))
    text = " ".join(pages(pdf_bytes(content)))
    assert f"Distance {place_text(series, index)} 4.00 mm" in text
    assert f"Scar {place_text(series, index)}" in text
    assert f"{place_text(series, index)} ·" in text[text.index("Key images") :]
    assert place_text(series, index).startswith("Slice 2, ")
