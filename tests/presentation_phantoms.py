"""Grayscale presentation states made with pydicom alone, attribute by attribute (PS3.3 A.33.1)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, GrayscaleSoftcopyPresentationStateStorage

from tests import phantoms


def item(**attributes: Any) -> Dataset:
    """A sequence item."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def image_item(image: Dataset, *frames: int) -> Dataset:
    """An item of a Referenced Image Sequence."""
    made = item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)
    if frames:
        made.ReferencedFrameNumber = list(frames)
    return made


def window_item(center: float, width: float, *images: Dataset, function: str = "") -> Dataset:
    """An item of a Softcopy VOI LUT Sequence; for all images unless told."""
    made = item(WindowCenter=str(center), WindowWidth=str(width))
    if function:
        made.VOILUTFunction = function
    if images:
        made.ReferencedImageSequence = list(images)
    return made


def table_item(entries: Sequence[int], first: int = 0, bits: int = 16) -> Dataset:
    """A lookup table."""
    made = Dataset()
    made.add_new(0x00283002, "US", [len(entries) % 65536, first % 65536, bits])
    made.add_new(0x00283006, "OW", np.asarray(entries, "<u2").tobytes())
    return made


def area_item(
    corners: tuple[float, float, float, float], mode: str = "SCALE TO FIT", *images: Dataset, **attributes: Any
) -> Dataset:
    """An item of a Displayed Area Selection Sequence. ``corners``: left, top, right, bottom, from 1 on."""
    made = item(PixelOriginInterpretation="FRAME", PresentationSizeMode=mode, PresentationPixelAspectRatio=["1", "1"])
    made.DisplayedAreaTopLeftHandCorner = [int(corner) for corner in corners[:2]]
    made.DisplayedAreaBottomRightHandCorner = [int(corner) for corner in corners[2:]]
    if images:
        made.ReferencedImageSequence = list(images)
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def graphic_item(
    shape: str, points: Sequence[tuple[float, float]], units: str = "PIXEL", *, filled: bool = False
) -> Dataset:
    """A graphic object. ``points``: (column, row) as the standard has them."""
    return item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points),
        GraphicData=[float(value) for point in points for value in point],
        GraphicType=shape,
        GraphicFilled="Y" if filled else "N",
    )


def text_item(
    text: str,
    *,
    box: tuple[float, float, float, float] | None = None,
    anchor: tuple[float, float] | None = None,
    units: str = "PIXEL",
    align: str = "LEFT",
    visible: bool = True,
) -> Dataset:
    """A text object, with a bounding box (left, top, right, bottom), an anchor (column, row), or both."""
    made = item(UnformattedTextValue=text)
    if box is not None:
        made.BoundingBoxAnnotationUnits = units
        made.BoundingBoxTopLeftHandCorner, made.BoundingBoxBottomRightHandCorner = list(box[:2]), list(box[2:])
        made.BoundingBoxTextHorizontalJustification = align
    if anchor is not None:
        made.AnchorPointAnnotationUnits, made.AnchorPoint = units, list(anchor)
        made.AnchorPointVisibility = "Y" if visible else "N"
    return made


def annotation_item(layer: str, *objects: Dataset, images: Sequence[Dataset] = ()) -> Dataset:
    """An item of a Graphic Annotation Sequence with graphics and texts."""
    made = item(GraphicLayer=layer)
    made.GraphicObjectSequence = [one for one in objects if "GraphicType" in one]
    made.TextObjectSequence = [one for one in objects if "UnformattedTextValue" in one]
    if images:
        made.ReferencedImageSequence = list(images)
    return made


def layer_item(name: str, order: int, **attributes: Any) -> Dataset:
    """A graphic layer."""
    return item(GraphicLayer=name, GraphicLayerOrder=order, **attributes)


def state(path: Path, images: Sequence[Path], *, label: str = "STATE", **attributes: Any) -> Path:
    """A grayscale presentation state for ``images`` of one series; ``attributes`` are added, ``None`` removes one.

    Unless told, it has nothing but Presentation LUT Shape IDENTITY: every step of it is an identity.
    """
    targets = [pydicom.dcmread(image, stop_before_pixels=True) for image in images]
    first = targets[0]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = GrayscaleSoftcopyPresentationStateStorage
    meta.MediaStorageSOPInstanceUID = phantoms.uid("state", label, first.SOPInstanceUID)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    identity = "PatientName PatientID PatientBirthDate PatientSex"
    for keyword in f"{identity} StudyInstanceUID StudyDate StudyTime StudyID AccessionNumber".split():
        setattr(made, keyword, first.get(keyword, ""))
    made.SeriesInstanceUID = phantoms.uid("states", first.SeriesInstanceUID)
    made.Modality, made.SeriesNumber, made.InstanceNumber = "PR", "99", "1"
    made.Manufacturer, made.ContentLabel, made.ContentDescription = "Phantom", label, "A presentation state"
    made.PresentationCreationDate, made.PresentationCreationTime = "20240131", "130000"
    made.ContentCreatorName = "Reader^Test"
    made.ReferencedSeriesSequence = [
        item(SeriesInstanceUID=first.SeriesInstanceUID, ReferencedImageSequence=[image_item(one) for one in targets])
    ]
    made.PresentationLUTShape = "IDENTITY"
    for keyword, value in attributes.items():
        if value is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path, enforce_file_format=True)
    return path
