"""A label map as an RT Structure Set that refers to the images it was made from (PS3.3 A.19.3).

Contours run along the edges of pixels, so that whoever fills them gets the label map back, voxel by voxel. Holes hang
on their region by a keyhole (C.8.8.6.3), which every reader of closed planar contours understands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydicom import Dataset
from pydicom.uid import RTStructureSetStorage
from pydicom.valuerep import format_number_as_ds

from app.core import raster
from app.core.lattice import slice_plane
from app.dicom import header as headers
from app.report.derived import begin, to_bytes
from app.report.wording import EDITED
from inference.types import no_tick
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.core.document import Overlay
    from app.dicom.model import Series
    from inference.types import Label, Tick

# Detached Study Management, retired, is what the attribute still asks for (C.8.8.5).
_STUDY_CLASS = "1.2.840.10008.3.1.2.3.1"


def why_not(series: Series) -> str:
    """Why a structure set cannot be made on ``series``, or an empty string: contours are places in the patient."""
    if slice_plane(series, 0) is None or series.calibration is not Calibration.PATIENT:
        return say("the images have no place in the patient")
    return "" if series.frame_of_reference_uid else say("the images share no frame of reference")


def rtstruct_bytes(overlay: Overlay, series: Series, tick: Tick = no_tick) -> bytes:
    """The overlay as an RT Structure Set file. See ``rtstruct_dataset``."""
    return to_bytes(rtstruct_dataset(overlay, series, tick))


def rtstruct_dataset(overlay: Overlay, series: Series, tick: Tick = no_tick) -> Dataset:
    """An RT Structure Set of ``overlay`` on ``series``: a structure a label, closed planar contours on each image.

    Raises ``ValueError`` where ``why_not`` has a reason, ``Cancelled`` from ``tick``.
    """
    if reason := why_not(series):
        raise ValueError(reason)
    first = series.instance_of(overlay.indices[0])
    out = begin(first.header, study_uid=series.study_uid, sop_class_uid=RTStructureSetStorage, modality="RTSTRUCT")
    del out.ContentDate, out.ContentTime
    out.SeriesNumber = max(series.number or 0, 0) % 10_000_000 * 100 + 91
    out.SeriesDescription = f"AI {overlay.model.id}: research use only"[:64]
    out.OperatorsName = None
    out.StructureSetLabel = overlay.model.id[:16]
    out.StructureSetDescription = f"Made by the model {overlay.model.id} {overlay.model.version}; not for diagnosis"
    out.StructureSetDate, out.StructureSetTime = out.SeriesDate, out.SeriesTime
    out.FrameOfReferenceUID = series.frame_of_reference_uid
    out.PositionReferenceIndicator = headers.text(first.header, "PositionReferenceIndicator") or None
    out.ReferencedFrameOfReferenceSequence = [_frame_of_reference(overlay, series)]
    out.StructureSetROISequence, out.ROIContourSequence, out.RTROIObservationsSequence = [], [], []
    for done, label in enumerate(overlay.labels):
        tick(done / len(overlay.labels))
        out.StructureSetROISequence.append(_roi(label, overlay, series))
        out.ROIContourSequence.append(_contours(label, overlay, series, tick))
        out.RTROIObservationsSequence.append(_observation(label, done + 1))
    tick(1.0)
    return out


def _frame_of_reference(overlay: Overlay, series: Series) -> Dataset:
    """Which images, of which series and study, share the contours' frame of reference."""
    images = Dataset()
    images.SeriesInstanceUID = series.uid
    images.ContourImageSequence = list(_images(series, overlay.indices))
    study = Dataset()
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = _STUDY_CLASS, series.study_uid
    study.RTReferencedSeriesSequence = [images]
    frame = Dataset()
    frame.FrameOfReferenceUID = series.frame_of_reference_uid
    frame.RTReferencedStudySequence = [study]
    return frame


def _images(series: Series, indices: Iterable[int]) -> Iterable[Dataset]:
    for index in indices:
        instance = series.instance_of(index)
        image = Dataset()
        image.ReferencedSOPClassUID = instance.sop_class_uid
        image.ReferencedSOPInstanceUID = instance.sop_instance_uid
        if "NumberOfFrames" in instance.header:
            image.ReferencedFrameNumber = series.frames[index].frame + 1
        yield image


def _roi(label: Label, overlay: Overlay, series: Series) -> Dataset:
    roi = Dataset()
    roi.ROINumber = label.value
    roi.ReferencedFrameOfReferenceUID = series.frame_of_reference_uid
    roi.ROIName = label.name[:64]
    by_hand = label.value in overlay.by_hand
    roi.ROIGenerationAlgorithm = "SEMIAUTOMATIC" if by_hand else "AUTOMATIC"
    if by_hand:
        roi.ROIDescription = EDITED
    roi.ROIGenerationDescription = f"{overlay.model.id} {overlay.model.version}"[:64]
    return roi


def _contours(label: Label, overlay: Overlay, series: Series, tick: Tick) -> Dataset:
    item = Dataset()
    item.ROIDisplayColor = list(label.colour)
    item.ContourSequence = []
    for number, index in enumerate(overlay.indices):
        mask = overlay.label_map[number] == label.value
        if not mask.any():
            continue
        tick(0.0)
        plane = slice_plane(series, index)
        assert plane is not None
        first, down, across = plane
        for ring in raster.outlines(mask):
            points = first + ring[:, :1] * down + ring[:, 1:] * across
            contour = Dataset()
            contour.ContourImageSequence = list(_images(series, (index,)))
            contour.ContourGeometricType = "CLOSED_PLANAR"
            contour.NumberOfContourPoints = len(points)
            contour.ContourData = [format_number_as_ds(float(v)) for v in np.round(points, 6).reshape(-1)]
            item.ContourSequence.append(contour)
    if not item.ContourSequence:
        del item.ContourSequence
    item.ReferencedROINumber = label.value
    return item


def _observation(label: Label, number: int) -> Dataset:
    item = Dataset()
    item.ObservationNumber = number
    item.ReferencedROINumber = label.value
    item.RTROIInterpretedType = None
    item.ROIInterpreter = None
    return item
