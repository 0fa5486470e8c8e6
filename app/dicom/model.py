"""Studies, series and instances as the program sees them: frozen headers, no pixels.

A *stack* is what scrolls: the frames of one series that share orientation, spacing and matrix. ``Series`` below is one
stack; a DICOM series that mixes geometries gives several, numbered 0, 1, ... (PS3.3 C.7.6.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from inference.volume import Calibration

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from pydicom import Dataset

    from app.dicom.codecs import FrameSpec
    from app.dicom.fourth_axis import FourthAxis
    from app.dicom.objects import StoredObject


@dataclass(frozen=True)
class Skipped:
    """A file that was not opened. ``reason`` is a sentence without the path. ``is_dicom`` is false for other files."""

    file: Path
    reason: str
    is_dicom: bool = True


@dataclass(frozen=True)
class PixelElement:
    """Where an instance's pixel data lies. ``offset``: byte of the value's first byte, in the file (in the inflated
    data set for the deflated transfer syntax). ``length``: bytes, ``None`` for encapsulated (undefined length).
    ``kind``: ``"int"`` (7FE0,0010), ``"float"`` (7FE0,0008) or ``"double"`` (7FE0,0009). ``vr``: ``"OB"``, ``"OW"``,
    ...
    """

    offset: int
    length: int | None
    kind: str = "int"
    vr: str = "OW"


@dataclass(frozen=True, eq=False)
class Instance:
    """One SOP instance: where it lies and its header (no pixel data).

    ``header`` is the dataset up to the pixel data; ``transfer_syntax_uid`` is that of the pixel data.
    ``number_of_frames``: the frames that the file really holds (fewer than it claims where it is truncated; ``notes``
    says so).
    """

    path: Path
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    number_of_frames: int
    header: Dataset
    pixels: PixelElement = PixelElement(0, 0)
    notes: tuple[str, ...] = ()

    @cached_property
    def spec(self) -> FrameSpec:
        """What the header says about its frames' bytes; worked out once."""
        from app.dicom.specs import spec_of

        return spec_of(self)


@dataclass(frozen=True)
class FrameKey:
    """A frame of a stack: position of its instance in ``Series.instances``, and the frame in it, counted from 0."""

    instance: int
    frame: int


@dataclass(frozen=True)
class Patient:
    """Identity as the file states it; empty where silent. ``name`` is the alphabetic group, formatted for reading."""

    id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, eq=False)
class Series:
    """One stack: sorted frames of one matrix size, ready to scroll.

    ``affine``: 4×4, index (k, row, column) → LPS mm, where all frames lie on one regular grid; otherwise ``None``, and
    ``positions`` says where each frame is. ``positions``: (frames, 3) LPS mm of each frame's first voxel centre, or
    ``None``. ``orientation``: the six cosines, or ``None`` (projections). ``pixel_spacing``: (between rows, between
    columns) in the unit of ``calibration``. ``unit``: of modality values ("HU", "", ...). ``warnings``: sentences the
    reader must see.
    """

    uid: str
    stack: int
    study_uid: str
    number: int | None
    modality: str
    description: str
    rows: int
    columns: int
    samples_per_pixel: int
    photometric: str
    instances: tuple[Instance, ...]
    frames: tuple[FrameKey, ...]
    affine: npt.NDArray[np.float64] | None
    positions: npt.NDArray[np.float64] | None
    orientation: npt.NDArray[np.float64] | None
    pixel_spacing: tuple[float, float] | None
    calibration: Calibration
    frame_of_reference_uid: str
    unit: str
    transfer_syntaxes: tuple[str, ...]
    """Transfer syntax UIDs, sorted."""
    frame_time_ms: float | None = None
    """Time between the frames of a cine, where the file says so."""
    lossy: str = ""
    """What the file says of lossy compression, for the screen and reports: ``"lossy 10:1"``; empty where it is
    lossless.
    """
    warnings: tuple[str, ...] = ()
    value_factors: tuple[float, ...] = ()
    """For each instance, what its rescaled values are multiplied with to be in ``unit`` (PET's SUV); empty: nothing."""
    axis: FourthAxis | None = None
    """Where several images lie at each place; the frames are then sorted by slice, then along it."""
    cut_from: CutFrom | None = None
    """For planes that were cut in memory: from what. ``None`` for images as they were acquired."""

    @property
    def key(self) -> tuple[str, int]:
        """Identity of the stack in the program: (series UID, stack)."""
        return self.uid, self.stack

    @property
    def spacing_mm(self) -> tuple[float | None, float | None, float | None]:
        """(between slices, between rows, between columns) in mm of the patient; ``None`` where unknown.

        Between slices is the distance of positions along a regular stack, never Slice Thickness.
        """
        patient = self.pixel_spacing is not None and self.calibration is Calibration.PATIENT
        rows, columns = self.pixel_spacing if self.pixel_spacing and patient else (None, None)
        grid, count = (self.affine, len(self.frames)) if self.axis is None else (self.axis.affine, self.axis.slices)
        if grid is None or count < 2:
            return None, rows, columns
        return float(np.linalg.norm(grid[:3, 0])), rows, columns

    @property
    def slice_count(self) -> int:
        """Places in the patient: one for each frame, unless there is a fourth axis."""
        return len(self.frames) if self.axis is None else self.axis.slices

    def slice_index(self, index: int) -> int:
        """Which of them frame ``index`` (in sorted order) lies at."""
        return index if self.axis is None else self.axis.place(index)[0]

    @property
    def is_colour(self) -> bool:
        """Colour images are never windowed as grey."""
        return self.samples_per_pixel == 3 or self.photometric == "PALETTE COLOR"

    @property
    def is_projection(self) -> bool:
        """A projection radiograph (CR, DX, MG, ...): no position in the patient."""
        return self.modality in {"CR", "DX", "MG", "RG", "IO", "PX", "RF", "XA"}

    def instance_of(self, index: int) -> Instance:
        """The instance that holds frame ``index`` (in sorted order)."""
        return self.instances[self.frames[index].instance]


@dataclass(frozen=True, eq=False)
class CutFrom:
    """What a stack of planes was cut from: ``series``, of which the slices are the sorted ``frames``. ``advance``: unit
    vector from one plane to the next. ``thickness`` (mm, 0 for a single plane) and ``projection``: of the slab that
    each plane stands for. ``name``: what the reader calls the planes."""

    series: Series
    frames: tuple[int, ...]
    advance: npt.NDArray[np.float64]
    thickness: float
    projection: str
    name: str


@dataclass(frozen=True, eq=False)
class Study:
    """One study of one patient: its stacks in series-number order, and what it holds besides images. Either may be
    empty. ``date``: as in the file (YYYYMMDD) or empty.
    """

    uid: str
    date: str
    description: str
    institution: str
    accession_number: str
    patient: Patient
    series: tuple[Series, ...]
    objects: tuple[StoredObject, ...] = ()


@dataclass(frozen=True, eq=False)
class StudyIndex:
    """Everything that was found under the opened paths."""

    studies: tuple[Study, ...] = ()
    skipped: tuple[Skipped, ...] = field(default=())

    def series(self) -> tuple[Series, ...]:
        """All stacks in browser order."""
        return tuple(series for study in self.studies for series in study.series)

    def objects(self) -> tuple[StoredObject, ...]:
        """All objects that are no plain images, study by study."""
        return tuple(found for study in self.studies for found in study.objects)

    def study_of(self, series: Series) -> Study:
        """The study that ``series`` belongs to. Raises ``KeyError`` where the index does not hold it."""
        for study in self.studies:
            # The very object first: files of two patients may carry the same UIDs.
            if any(series is other for other in study.series):
                return study
        for study in self.studies:
            if study.uid == series.study_uid and any(series.key == other.key for other in study.series):
                return study
        raise KeyError(series.key)
