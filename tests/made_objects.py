"""Objects that refer to made images: structure sets, doses, reports and the rest, as small as their kind allows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from app.dicom.model import Series
from tests.phantoms import uid


def item(**attributes: Any) -> Dataset:
    """One item of a sequence."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def stored(path: Path, sop_class: str, modality: str, *, patient_id: str = "PHANTOM", **attributes: Any) -> Path:
    """A file of class ``sop_class`` in the study of the phantoms; ``attributes`` are its data set's."""
    meta = FileMetaDataset()
    instance_uid = uid(path.name, sop_class)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, instance_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = sop_class, instance_uid, modality
    dataset.PatientName, dataset.PatientID = "Phantom^Test", patient_id
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "O"
    dataset.StudyInstanceUID = uid("study", patient_id)
    dataset.SeriesInstanceUID = uid("series of", path.name)
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20240131", "120000", "1"
    dataset.SeriesNumber, dataset.InstanceNumber = "9", "1"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def references(series: Series, indices: Iterable[int] | None = None) -> list[Dataset]:
    """(SOP class, SOP instance) of the images ``indices`` of ``series``; all by default."""
    chosen = range(len(series.frames)) if indices is None else indices
    return [
        item(
            ReferencedSOPClassUID=series.instance_of(index).sop_class_uid,
            ReferencedSOPInstanceUID=series.instance_of(index).sop_instance_uid,
        )
        for index in chosen
    ]


def evidence(series: Series) -> list[Dataset]:
    """A Current Requested Procedure Evidence Sequence that names the images of ``series`` (PS3.3 C.17.2.3)."""
    named = item(SeriesInstanceUID=series.uid, ReferencedSOPSequence=references(series))
    return [item(StudyInstanceUID=series.study_uid, ReferencedSeriesSequence=[named])]


def contour(points: Any, kind: str = "CLOSED_PLANAR", images: list[Dataset] | None = None) -> Dataset:
    """One item of a Contour Sequence; ``points``: (n, 3) in LPS mm."""
    values = np.asarray(points, dtype=np.float64)
    made = item(
        ContourGeometricType=kind,
        NumberOfContourPoints=len(values),
        ContourData=[f"{value:.10g}" for value in values.reshape(-1)],
    )
    if images is not None:
        made.ContourImageSequence = images
    return made


def structure_set(path: Path, series: Series, structures: dict[str, list[Dataset]], **attributes: Any) -> Path:
    """An RT Structure Set on ``series``: contours by name of structure."""
    frame = series.frame_of_reference_uid
    names = list(structures)
    values: dict[str, Any] = {
        "StructureSetLabel": "MADE",
        "FrameOfReferenceUID": frame,
        "ReferencedFrameOfReferenceSequence": [
            item(
                FrameOfReferenceUID=frame,
                RTReferencedStudySequence=[
                    item(
                        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
                        ReferencedSOPInstanceUID=series.study_uid,
                        RTReferencedSeriesSequence=[
                            item(SeriesInstanceUID=series.uid, ContourImageSequence=references(series))
                        ],
                    )
                ],
            )
        ],
        "StructureSetROISequence": [
            item(ROINumber=number, ROIName=name, ReferencedFrameOfReferenceUID=frame)
            for number, name in enumerate(names, 1)
        ],
        "ROIContourSequence": [
            item(ReferencedROINumber=number, ROIDisplayColor=[10 * number, 20, 30], ContourSequence=structures[name])
            for number, name in enumerate(names, 1)
        ],
    }
    return stored(path, "1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT", **{**values, **attributes})


def dose(
    path: Path,
    stored_values: npt.NDArray[np.uint16] | npt.NDArray[np.uint32],
    offsets: Any,
    *,
    frame_of_reference: str,
    origin: Any,
    spacing: tuple[float, float],
    orientation: Any = (1, 0, 0, 0, 1, 0),
    scaling: float = 0.001,
    **attributes: Any,
) -> Path:
    """An RT Dose of ``stored_values`` (planes, rows, columns); ``offsets``: its Grid Frame Offset Vector."""
    planes, rows, columns = stored_values.shape
    bits = stored_values.dtype.itemsize * 8
    values: dict[str, Any] = {
        "FrameOfReferenceUID": frame_of_reference,
        "ImagePositionPatient": [f"{v:.10g}" for v in origin],
        "ImageOrientationPatient": [f"{v:.10g}" for v in orientation],
        "PixelSpacing": [f"{v:.10g}" for v in spacing],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "NumberOfFrames": planes,
        "FrameIncrementPointer": 0x3004000C,
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 0,
        "DoseUnits": "GY",
        "DoseType": "PHYSICAL",
        "DoseSummationType": "PLAN",
        "GridFrameOffsetVector": [f"{v:.10g}" for v in offsets],
        "DoseGridScaling": f"{scaling:.10g}",
        "PixelData": stored_values.tobytes() + b"\0" * (stored_values.nbytes % 2),
    }
    return stored(path, "1.2.840.10008.5.1.4.1.1.481.2", "RTDOSE", **{**values, **attributes})
