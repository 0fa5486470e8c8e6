"""DICOM SEG: it says what the model drew, on the images that it drew on (app/report/seg.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import JPEGLSLossless

from app.core.document import Overlay
from app.dicom.model import Series
from app.report.seg import seg_bytes
from inference.types import Cancelled
from tests import phantoms
from tests.app.report.answers import LABELS, MODEL, label_map, laid, open_series, overlay, verify

Maker = Callable[[Path], object]

SOURCES: dict[str, Maker] = {
    "DX without spacing": lambda p: phantoms.radiograph(p / "a.dcm", imager_pixel_spacing=None),
    "DX with detector spacing": lambda p: phantoms.radiograph(p / "a.dcm"),
    "CR with patient spacing": lambda p: phantoms.radiograph(
        p / "a.dcm", modality="CR", pixel_spacing=(0.3, 0.2), imager_pixel_spacing=(0.36, 0.24)
    ),
    "CR that is inverted": lambda p: phantoms.radiograph(p / "a.dcm", modality="CR", photometric="MONOCHROME1"),
    "ultrasound cine": lambda p: phantoms.cine(p / "a.dcm"),
    "CT": lambda p: phantoms.ct(p),
    "CT, oblique, numbered backwards": lambda p: phantoms.ct(p, orientation=phantoms.OBLIQUE, reverse=True),
    "CT, sagittal, JPEG-LS": lambda p: phantoms.ct(p, orientation=phantoms.SAGITTAL, transfer_syntax=JPEGLSLossless),
    "enhanced CT, frames out of order": lambda p: phantoms.enhanced_ct(p / "a.dcm", order=(2, 0, 1)),
}


def write(folder: Path, drawn: Overlay, series: Series) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "seg.dcm"
    path.write_bytes(seg_bytes(drawn, series))
    return path


def read_by_highdicom(path: Path, series: Series, drawn: Overlay) -> np.ndarray:
    """Segment numbers, shape (frames covered, rows, columns), found through the references alone."""
    seg = highdicom.seg.segread(path)
    keys = [series.frames[index] for index in drawn.indices]
    multi = series.instances[0].number_of_frames > 1
    if multi:
        return seg.get_pixels_by_source_frame(
            series.instances[0].sop_instance_uid,
            [key.frame + 1 for key in keys],
            combine_segments=True,
            assert_missing_frames_are_empty=True,
        )
    return seg.get_pixels_by_source_instance(
        [series.instances[key.instance].sop_instance_uid for key in keys],
        combine_segments=True,
        assert_missing_frames_are_empty=True,
    )


def numbered(drawn: Overlay) -> np.ndarray:
    """Label values as segment numbers: 1, 2, ... in the order of the labels."""
    numbers = np.zeros(256, np.uint8)
    for number, label in enumerate(drawn.labels, 1):
        numbers[label.value] = number
    return numbers[drawn.label_map]


def check_everything(folder: Path, drawn: Overlay, series: Series) -> Dataset:
    path = write(folder, drawn, series)
    verify(path)
    np.testing.assert_array_equal(read_by_highdicom(path, series, drawn), numbered(drawn))
    ours = laid(path, series)
    for index in range(len(series.frames)):
        expected = numbered(drawn)[drawn.indices.index(index)] if index in drawn.indices else 0
        found = np.zeros((series.rows, series.columns), np.uint8)
        for mask, label in ours.masks(index):
            found[mask] = label.value
        np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))
    return pydicom.dcmread(path)


@pytest.mark.parametrize("source", SOURCES)
def test_the_mask_comes_back_on_the_images_that_it_was_drawn_on(source: str, tmp_path: Path) -> None:
    SOURCES[source](tmp_path / "images")
    _, series = open_series(tmp_path / "images")
    check_everything(tmp_path / "out", overlay(series), series)


@pytest.mark.parametrize(
    "name", ["RG1_UNCR.dcm", "RG3_UNCR.dcm", "color3d_jpeg_baseline.dcm", "emri_small.dcm", "693_UNCR.dcm"]
)
def test_public_images(name: str, tmp_path: Path, pydicom_data: Path) -> None:
    _, series = open_series(pydicom_data / name)
    check_everything(tmp_path, overlay(series, tuple(range(min(3, len(series.frames))))), series)


@pytest.mark.parametrize("name", ["crlm-ct-1004", "head-gantry-tilt"])
def test_real_ct_series(name: str, tmp_path: Path, shared_data: Path) -> None:
    _, series = open_series(shared_data / "ct" / name)
    written = check_everything(tmp_path, overlay(series), series)
    assert written.FrameOfReferenceUID == series.frame_of_reference_uid
    assert len(written.ReferencedSeriesSequence[0].ReferencedInstanceSequence) == len(series.frames) - 1


def test_some_frames_of_a_series(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(9, 23, 38))
    _, series = open_series(tmp_path / "ct")
    check_everything(tmp_path / "out", overlay(series, (7, 2, 4)), series)


def test_a_projection_has_no_made_up_geometry(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", PatientOrientation=["R", "F"])
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    assert list(written.PatientOrientation) == ["R", "F"]
    assert "FrameOfReferenceUID" not in written
    assert "PixelMeasuresSequence" not in written.SharedFunctionalGroupsSequence[0]
    assert "PlanePositionSequence" not in written.PerFrameFunctionalGroupsSequence[0]


def test_a_volume_states_planes_and_spacing(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", SliceThickness="1")
    _, series = open_series(tmp_path / "ct")
    written = check_everything(tmp_path / "out", overlay(series), series)
    measures = written.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert [float(v) for v in measures.PixelSpacing] == [0.7, 0.4]
    assert (float(measures.SliceThickness), float(measures.SpacingBetweenSlices)) == (1.0, 2.5)
    volume = highdicom.seg.segread(tmp_path / "out" / "seg.dcm").get_volume(
        combine_segments=True, allow_missing_positions=True
    )
    assert volume.spacing == pytest.approx((2.5, 0.7, 0.4))


def test_the_model_is_named_with_version_and_digest(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    assert written.Manufacturer == "Scoutview"
    assert written.ContentLabel == "MADE_LUNGS"
    assert "research use only" in written.SeriesDescription
    assert written.Modality == "SEG"
    for segment, label in zip(written.SegmentSequence, LABELS, strict=True):
        assert segment.SegmentLabel == label.name
        assert segment.SegmentAlgorithmType == "AUTOMATIC"
        algorithm = segment.SegmentationAlgorithmIdentificationSequence[0]
        assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == (MODEL.id, MODEL.version)
        assert MODEL.sha256 in algorithm.AlgorithmParameters
        kind = segment.SegmentedPropertyTypeCodeSequence[0]
        assert (kind.CodeValue, kind.CodingSchemeDesignator) == (label.code.value, "SCT")
    assert len({segment.TrackingUID for segment in written.SegmentSequence}) == 2
    read = laid(tmp_path / "out" / "seg.dcm", series)
    assert [(label.name, label.colour, label.code) for label in read.parts] == [
        (label.name, label.colour, label.code) for label in LABELS
    ]


@pytest.mark.parametrize("drawn", ["nothing", "one label"])
def test_what_was_not_found_is_still_a_valid_answer(drawn: str, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    masks = label_map(series, 3)
    masks[masks != (0 if drawn == "nothing" else 5)] = 0
    made = replace(overlay(series), label_map=masks)
    written = check_everything(tmp_path / "out", made, series)
    assert len(written.SegmentSequence) == 2
    assert written.NumberOfFrames == (1 if drawn == "nothing" else 2)


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 126", "Διονυσιος"),
        ("ISO_IR 144", "Люксембург"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 192", "Äneas^Ωμέγα"),
    ],
)
def test_names_keep_every_character(character_set: str | list[str], name: str, tmp_path: Path) -> None:
    # The phantom writes in the character set itself, so that the source is not UTF-8.
    phantoms.radiograph(tmp_path / "a.dcm", SpecificCharacterSet=character_set, PatientName=name)
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    assert str(written.PatientName) == name
    assert written.SpecificCharacterSet == "ISO_IR 192"


def test_patient_and_study_are_those_of_the_source(tmp_path: Path) -> None:
    phantoms.radiograph(
        tmp_path / "a.dcm", AccessionNumber="ACC 7", ReferringPhysicianName="Phantom^Doctor", PatientWeight="71.5"
    )
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    source = pydicom.dcmread(tmp_path / "a.dcm")
    for keyword in (
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientWeight", "StudyInstanceUID",
        "StudyDate", "StudyTime", "StudyID", "StudyDescription", "AccessionNumber", "ReferringPhysicianName",
    ):  # fmt: skip
        assert written[keyword].value == source[keyword].value, keyword
    assert written.SeriesInstanceUID != source.SeriesInstanceUID
    assert written.SOPInstanceUID != source.SOPInstanceUID


def test_what_the_source_leaves_out_stays_empty(tmp_path: Path) -> None:
    silent = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID")
    phantoms.radiograph(tmp_path / "a.dcm", PatientOrientation=None, **dict.fromkeys(silent))
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    for keyword in (*silent, "PatientOrientation"):
        assert keyword in written
        assert not written[keyword].value


def test_lossy_stays_lossy(tmp_path: Path) -> None:
    lossy = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": "12.5",
        "LossyImageCompressionMethod": "ISO_10918_1",
    }
    phantoms.radiograph(tmp_path / "a.dcm", **lossy)
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    assert (written.LossyImageCompression, written.LossyImageCompressionRatio) == ("01", 12.5)


def test_odd_values_of_the_source_do_not_stop_it(tmp_path: Path) -> None:
    odd = {"PatientSex": "MALE", "PatientBirthDate": "unknown", "PatientAge": "old", "SeriesNumber": None}
    phantoms.radiograph(tmp_path / "a.dcm", **odd)
    _, series = open_series(tmp_path / "a.dcm")
    written = pydicom.dcmread(write(tmp_path / "out", overlay(series), series))
    assert written.PatientSex == "MALE"
    assert written.SeriesNumber > 0


def test_a_mask_that_does_not_fit_its_labels_or_images_is_a_mistake(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    _, series = open_series(tmp_path / "a.dcm")
    good = overlay(series)
    with pytest.raises(ValueError, match="shape"):
        seg_bytes(replace(good, label_map=good.label_map[:, 1:]), series)
    with pytest.raises(ValueError, match=r"without a label: \[5\]"):
        seg_bytes(replace(good, labels=LABELS[:1]), series)
    with pytest.raises(ValueError, match="at least one label"):
        seg_bytes(replace(good, labels=()), series)


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    seen: list[float] = []

    def tick(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        seg_bytes(overlay(series), series, tick)
    assert len(seen) == 2


def test_a_calibrated_projection_states_its_spacing(tmp_path: Path) -> None:
    SOURCES["CR with patient spacing"](tmp_path)
    _, series = open_series(tmp_path)
    written = check_everything(tmp_path / "out", overlay(series), series)
    measures = written.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert [float(v) for v in measures.PixelSpacing] == [0.3, 0.2]
    assert "PlaneOrientationSequence" not in written.SharedFunctionalGroupsSequence[0]


def test_removed_identity_stays_marked(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", PatientIdentityRemoved="YES")
    _, series = open_series(tmp_path / "a.dcm")
    written = check_everything(tmp_path / "out", overlay(series), series)
    assert written.PatientIdentityRemoved == "YES"
    assert written.DeidentificationMethod
