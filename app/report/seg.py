"""A label map as a DICOM Segmentation that refers to the images it was made from (PS3.3 A.51, C.8.20).

One binary segment a label. Written with pydicom alone: highdicom's writer needs a frame of reference or gives a
projection a Pixel Spacing of zero and no Patient Orientation; here one path serves projections, cines and volumes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.uid import SegmentationStorage
from pydicom.valuerep import format_number_as_ds

from app.dicom import cielab
from app.dicom import header as headers
from app.report.derived import MANUFACTURER, begin, code_item, new_uid, to_bytes
from app.report.wording import EDITED
from inference import geometry
from inference.types import Code, no_tick
from inference.volume import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Overlay
    from app.dicom.model import Instance, Series
    from inference.types import Label, Tick

# Segmented Property Category (CID 7150) goes with the type. Everything the bundled models draw is anatomy, unless it is
# one of these kinds of lesion.
_ANATOMY = Code("123037004", "Anatomical Structure")
_LESION = Code("49755003", "Morphologically Abnormal Structure")
_LESIONS = frozenset({"52988006", "108369006", "4147007", "27925004", "86049000", "367651003", "40733004", "233604007"})

_MAX_IS = 2**31 - 1


@dataclass(frozen=True, eq=False)
class _Grid:
    """Where the covered frames lie in the patient. ``positions``: (frames, 3) LPS mm; ``orientation``: six cosines."""

    positions: npt.NDArray[np.float64]
    orientation: npt.NDArray[np.float64]
    thickness: float | None
    step: float | None


def seg_bytes(overlay: Overlay, series: Series, tick: Tick = no_tick) -> bytes:
    """The overlay as a DICOM SEG file. See ``seg_dataset``."""
    return to_bytes(seg_dataset(overlay, series, tick))


def seg_dataset(overlay: Overlay, series: Series, tick: Tick = no_tick) -> Dataset:
    """A binary SEG of ``overlay`` on ``series``: a segment a label, a frame for each image that a segment touches.

    Frames refer to their source by SOP Instance UID and frame number. Where the images lie in the patient and share a
    frame of reference, planes are stated too; a projection has none, and none is made up. Spacing is stated where it
    is the patient's.
    Raises ``ValueError`` where labels and label map disagree, ``Cancelled`` from ``tick``.
    """
    _check(overlay, series)
    first = series.instance_of(overlay.indices[0])
    out = begin(first.header, study_uid=series.study_uid, sop_class_uid=SegmentationStorage, modality="SEG")
    out.SeriesNumber = _series_number(series)
    out.SeriesDescription = f"AI {overlay.model.id}: research use only"[:64]
    _image(out, overlay, series, first)
    _segments(out, overlay)
    grid = _grid(overlay, series)
    if grid is None:
        out.PatientOrientation = list(headers.codes(first.header, "PatientOrientation")) or None
    else:
        out.FrameOfReferenceUID = series.frame_of_reference_uid
        out.PositionReferenceIndicator = headers.text(first.header, "PositionReferenceIndicator") or None
    frames = _occupied(overlay)
    _dimensions(out, grid)
    out.SharedFunctionalGroupsSequence = [_shared(series, grid)]
    per_frame = []
    packed = _Packer()
    for done, (label, number) in enumerate(frames):
        packed.add(overlay.label_map[number] == label.value)
        per_frame.append(_frame(overlay, series, grid, label, number))
        tick(done / len(frames))
    out.PerFrameFunctionalGroupsSequence = per_frame
    out.NumberOfFrames = len(frames)
    out.PixelData = packed.data()
    out["PixelData"].VR = "OB"
    _references(out, series, [overlay.indices[number] for _, number in frames])
    tick(1.0)
    return out


def _check(overlay: Overlay, series: Series) -> None:
    expected = (len(overlay.indices), series.rows, series.columns)
    if overlay.label_map.shape != expected or not overlay.indices:
        raise ValueError(f"the label map has shape {overlay.label_map.shape}; its images need {expected}")
    if not overlay.labels:
        raise ValueError("a segmentation needs at least one label")
    strange = np.setdiff1d(np.unique(overlay.label_map), [0, *(label.value for label in overlay.labels)])
    if strange.size:
        raise ValueError(f"the label map holds values without a label: {strange.tolist()}")


def _series_number(series: Series) -> int:
    """Beside its source when sorted by number; Series Number is type 1 here (PS3.3 C.8.20.1)."""
    number = max(series.number or 0, 0) * 100 + 90
    return number if number <= _MAX_IS else 90


def _image(out: Dataset, overlay: Overlay, series: Series, first: Instance) -> None:
    """Image Pixel and Segmentation Image modules (C.7.6.3, C.8.20.2)."""
    out.ImageType = ["DERIVED", "PRIMARY"]
    out.SamplesPerPixel = 1
    out.PhotometricInterpretation = "MONOCHROME2"
    out.Rows, out.Columns = series.rows, series.columns
    out.BitsAllocated, out.BitsStored, out.HighBit = 1, 1, 0
    out.PixelRepresentation = 0
    # A mask drawn on a lossy image has been through that loss too.
    out.LossyImageCompression = "01" if headers.code(first.header, "LossyImageCompression") == "01" else "00"
    if out.LossyImageCompression == "01":
        for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
            if keyword in first.header:
                setattr(out, keyword, first.header[keyword].value)
    out.SegmentationType = "BINARY"
    out.SegmentsOverlap = "NO"
    out.ContentLabel = "".join(c if c.isascii() and c.isalnum() else "_" for c in overlay.model.id.upper())[:16]
    out.ContentDescription = f"Made by the model {overlay.model.id}; not for diagnosis"[:64]
    out.ContentCreatorName = None


def _segments(out: Dataset, overlay: Overlay) -> None:
    """Segment Description (C.8.20.4). The algorithm is named with its version and the digest of its weights; a segment
    that a reader changed is no longer its work alone."""
    out.SegmentSequence = []
    model = overlay.model
    for number, label in enumerate(overlay.labels, 1):
        item = Dataset()
        item.SegmentNumber = number
        item.SegmentLabel = label.name[:64]
        category = _LESION if label.code.value in _LESIONS else _ANATOMY
        item.SegmentedPropertyCategoryCodeSequence = [code_item(category.value, category.scheme, category.meaning)]
        item.SegmentedPropertyTypeCodeSequence = [code_item(label.code.value, label.code.scheme, label.code.meaning)]
        by_hand = label.value in overlay.by_hand
        if by_hand:
            item.SegmentDescription = EDITED
        item.SegmentAlgorithmType = "SEMIAUTOMATIC" if by_hand else "AUTOMATIC"
        item.SegmentAlgorithmName = f"{model.id} {model.version}"[:64]
        algorithm = Dataset()
        algorithm.AlgorithmFamilyCodeSequence = [code_item("123110", "DCM", "Artificial Intelligence")]
        algorithm.AlgorithmName = model.id[:64]
        algorithm.AlgorithmVersion = model.version[:64]
        algorithm.AlgorithmSource = MANUFACTURER
        algorithm.AlgorithmParameters = f"weights sha256:{model.sha256}"
        item.SegmentationAlgorithmIdentificationSequence = [algorithm]
        item.TrackingID = f"{model.id} {label.name}"
        item.TrackingUID = new_uid()
        item.RecommendedDisplayCIELabValue = list(cielab.to_cielab(label.colour))
        out.SegmentSequence.append(item)


def _grid(overlay: Overlay, series: Series) -> _Grid | None:
    """``None`` for images that do not lie in the patient, or have no frame of reference that they share."""
    in_patient = series.pixel_spacing is not None and series.calibration is Calibration.PATIENT
    if series.positions is None or series.orientation is None or not (in_patient and series.frame_of_reference_uid):
        return None
    first = series.instance_of(overlay.indices[0]).header
    step = geometry.spacing(series.affine)[0] if series.affine is not None and len(series.frames) > 1 else None
    thickness = headers.number(first, "SliceThickness")
    return _Grid(
        positions=series.positions[list(overlay.indices)],
        orientation=series.orientation,
        thickness=thickness if thickness and thickness > 0 else step,
        step=step,
    )


def _occupied(overlay: Overlay) -> list[tuple[Label, int]]:
    """(label, position in the overlay) of each frame to write, by segment; empty ones are left out (C.8.20.2)."""
    frames = [
        (label, number)
        for label in overlay.labels
        for number, plane in enumerate(overlay.label_map)
        if (plane == label.value).any()
    ]
    # An image has at least one frame: a segmentation that found nothing says so with an empty one.
    return frames or [(overlay.labels[0], 0)]


def _dimensions(out: Dataset, grid: _Grid | None) -> None:
    """Frames are told apart by segment, then by place (C.7.6.17)."""
    organization = new_uid()
    item = Dataset()
    item.DimensionOrganizationUID = organization
    out.DimensionOrganizationSequence = [item]
    pointers = [("ReferencedSegmentNumber", "SegmentIdentificationSequence")]
    if grid is not None and len(np.unique(grid.positions, axis=0)) == len(grid.positions):
        pointers.append(("ImagePositionPatient", "PlanePositionSequence"))
    else:
        pointers.append(("InStackPositionNumber", "FrameContentSequence"))
    out.DimensionIndexSequence = []
    for attribute, group in pointers:
        index = Dataset()
        index.DimensionIndexPointer = tag_for_keyword(attribute)
        index.FunctionalGroupPointer = tag_for_keyword(group)
        index.DimensionOrganizationUID = organization
        index.DimensionDescriptionLabel = attribute
        out.DimensionIndexSequence.append(index)


def _shared(series: Series, grid: _Grid | None) -> Dataset:
    """What holds for every frame (C.7.6.16.2). Spacing at the detector is none in the patient, so it is left out."""
    shared = Dataset()
    if series.pixel_spacing is not None and series.calibration is Calibration.PATIENT:
        measures = Dataset()
        measures.PixelSpacing = [_ds(value) for value in series.pixel_spacing]
        # Readers insist on a thickness (highdicom fails without one) and dciodvfy on a positive one. Projections and
        # cines have none, a slice may keep silent about it: then it is 1 mm, and only areas mean anything.
        measures.SliceThickness = "1" if grid is None or grid.thickness is None else _ds(grid.thickness)
        if grid is not None and grid.step is not None:
            measures.SpacingBetweenSlices = _ds(grid.step)
        shared.PixelMeasuresSequence = [measures]
    if grid is not None:
        orientation = Dataset()
        orientation.ImageOrientationPatient = [_ds(value) for value in grid.orientation]
        shared.PlaneOrientationSequence = [orientation]
    return shared


def _ds(value: float) -> str:
    return format_number_as_ds(float(value))


def _frame(overlay: Overlay, series: Series, grid: _Grid | None, label: Label, number: int) -> Dataset:
    """Functional groups of one frame: its segment, its source and, in the patient, its place."""
    segment = [other.value for other in overlay.labels].index(label.value) + 1
    frame = Dataset()
    content = Dataset()
    content.StackID = "1"
    content.InStackPositionNumber = number + 1
    content.DimensionIndexValues = [segment, number + 1]
    frame.FrameContentSequence = [content]
    identification = Dataset()
    identification.ReferencedSegmentNumber = segment
    frame.SegmentIdentificationSequence = [identification]
    frame.DerivationImageSequence = [_derivation(series, overlay.indices[number])]
    if grid is not None:
        place = Dataset()
        place.ImagePositionPatient = [_ds(value) for value in grid.positions[number]]
        frame.PlanePositionSequence = [place]
    return frame


def _derivation(series: Series, index: int) -> Dataset:
    """Derivation Image (C.7.6.16.2.6): which image, which frame, pixel for pixel."""
    instance = series.instance_of(index)
    source = Dataset()
    source.ReferencedSOPClassUID = instance.sop_class_uid
    source.ReferencedSOPInstanceUID = instance.sop_instance_uid
    if "NumberOfFrames" in instance.header:
        source.ReferencedFrameNumber = series.frames[index].frame + 1
    source.PurposeOfReferenceCodeSequence = [code_item("121322", "DCM", "Source image for image processing operation")]
    source.SpatialLocationsPreserved = "YES"
    derivation = Dataset()
    derivation.SourceImageSequence = [source]
    derivation.DerivationCodeSequence = [code_item("113076", "DCM", "Segmentation")]
    return derivation


def _references(out: Dataset, series: Series, indices: Sequence[int]) -> None:
    """Common Instance Reference (C.12.2): every image that a frame refers to, once."""
    seen: dict[str, Instance] = {}
    for index in sorted(indices):
        instance = series.instance_of(index)
        seen.setdefault(instance.sop_instance_uid, instance)
    references = Dataset()
    references.SeriesInstanceUID = series.uid
    references.ReferencedInstanceSequence = []
    for instance in seen.values():
        item = Dataset()
        item.ReferencedSOPClassUID = instance.sop_class_uid
        item.ReferencedSOPInstanceUID = instance.sop_instance_uid
        references.ReferencedInstanceSequence.append(item)
    out.ReferencedSeriesSequence = [references]


class _Packer:
    """Frames → one run of bits, the first pixel in the lowest bit; only the end is padded, not frames (PS3.5 8.1.1)."""

    def __init__(self) -> None:
        self._bytes: list[bytes] = []
        self._rest: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)

    def add(self, mask: npt.NDArray[np.bool_]) -> None:
        """One frame, any shape, in row-major order."""
        bits = np.concatenate([self._rest, mask.reshape(-1)])
        whole = bits.size // 8 * 8
        self._bytes.append(np.packbits(bits[:whole], bitorder="little").tobytes())
        self._rest = bits[whole:]

    def data(self) -> bytes:
        """All bytes, padded to an even number (PS3.5 8.2)."""
        data = b"".join([*self._bytes, np.packbits(self._rest, bitorder="little").tobytes()])
        return data + b"\0" * (len(data) % 2)
