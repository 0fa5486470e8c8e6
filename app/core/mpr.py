"""Multiplanar reformation: planes cut through one stack, as stacks that a viewport shows like any other.

Planes along the voxels' own axes are the voxels themselves, seen from another side, without a copy. Oblique ones, and
all planes of a sheared or uneven stack, are interpolated. A slab projects neighbouring planes into one.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from pydicom import Dataset

from app.core.planes import LAYOUT, PlaneName, nearest_axes
from app.core.sampling import Grid, Projection, Slab, sample
from app.core.stack_grid import StackGrid, stack_grid
from app.dicom.load import FrameState, SeriesPixels, Status
from app.dicom.model import CutFrom, FrameKey, Instance
from app.errors import UserError
from inference.types import no_tick
from inference.words import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.dicom.model import Series
    from app.dicom.pixels import Pipeline
    from inference.types import Tick

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

COARSE = 2
"""While the reader drags, planes that take long are cut at every second pixel."""

_KEPT = 24
"""Interpolated planes that are kept for coming back."""


# -- what planes are cut from ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Source:
    """A loaded volume that planes can be cut from.

    ``values``: (slices, rows, columns), the stored values where one rescale serves all slices, otherwise modality
    values in float32 with NaN for padding. ``pipeline``: from them to the screen. ``nothing``: what stands for places
    outside the volume, padding to ``pipeline``. ``gaps``: the range of values within the volume that are padding.
    ``frames``: the sorted frame of ``series`` that each slice is.
    """

    series: Series
    values: Array
    stack_grid: StackGrid
    pipeline: Pipeline
    nothing: float
    gaps: tuple[float, float] | None
    frames: tuple[int, ...]

    def modality(self, found: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Interpolated ``values`` in the series' unit; NaN stays."""
        one = self.pipeline
        return np.asarray(found * np.float32(one.slope) + np.float32(one.intercept), dtype=np.float32)

    def store(self, found: npt.NDArray[np.float32]) -> Array:
        """Interpolated ``values`` in their own type, NaN as ``nothing``."""
        dtype = self.values.dtype
        if dtype.kind == "f":
            return found.astype(dtype, copy=False)
        limits = np.iinfo(dtype.name)
        gap = np.isnan(found)
        whole = np.clip(np.rint(np.where(gap, np.float32(0), found)), limits.min, limits.max).astype(dtype)
        whole[gap] = dtype.type(self.nothing)
        return whole


def source(
    series: Series, pixels: SeriesPixels, frames: Sequence[int] | None = None, *, tick: Tick = no_tick
) -> Source:
    """What planes of ``series`` are cut from; ``frames``: those of one time point, ascending along the normal.

    Raises ``UserError`` with the reason where there is no volume: colour, no positions, images missing.
    """
    if series.is_colour:
        raise UserError(
            say("Cannot cut planes through the series"), say("it is in colour"), say("Read the images as they are.")
        )
    lies = stack_grid(series, frames)
    chosen = tuple(range(len(series.frames)) if frames is None else frames)
    missing = [index for index in chosen if not pixels.is_loaded(index)]
    if missing:
        state = pixels.state(missing[0])
        file = series.instance_of(missing[0]).path.name
        why = f"{file}: {state.reason}" if state.status is Status.FAILED else say("they have not been loaded yet")
        raise UserError(
            say("Cannot cut planes through the series: {count} images are missing", count=len(missing)),
            why,
        )
    stages = [pixels.pipeline(index) for index in chosen]
    first = stages[0]
    if all(_alike(first, other) for other in stages):
        values = pixels.stored if frames is None else np.ascontiguousarray(pixels.stored[list(chosen)])
        nothing = _unused(values, first)
        if nothing is not None:
            padding = first.padding or (nothing, nothing)
            return Source(series, values, lies, replace(first, padding=padding), nothing, first.padding, chosen)
    # Each slice has its own rescale (PET, many MR): interpolating between stored values would mix scales.
    values = np.empty((len(stages), series.rows, series.columns), np.float32)
    for place, (index, one) in enumerate(zip(chosen, stages, strict=True)):
        tick(place / len(stages))
        stored = pixels.stored[index]
        values[place] = one.modality(stored)
        gap = one.padding_mask(stored)
        if gap is not None:
            values[place][gap] = np.nan
    plain = replace(first, slope=1.0, intercept=0.0, modality_lut=None, padding=None, stored_dtype=np.dtype(np.float32))
    return Source(series, values, lies, plain, float("nan"), None, chosen)


def _alike(one: Pipeline, other: Pipeline) -> bool:
    if one.modality_lut is not None or other.modality_lut is not None:
        return False
    return (one.slope, one.intercept, one.padding) == (other.slope, other.intercept, other.padding)


def _unused(values: Array, one: Pipeline) -> float | None:
    """A stored value for places outside the volume: padding, or one that no voxel has. ``None`` where there is none."""
    if values.dtype.kind == "f":
        return float("nan")
    limits = np.iinfo(values.dtype.name)
    if one.padding is not None and limits.min <= one.padding[0] <= limits.max:
        return float(int(one.padding[0]))
    end = limits.min if limits.min < 0 else limits.max
    if one.bits_stored < 8 * values.dtype.itemsize or not (values == end).any():
        return float(end)
    return None


# -- stacks of planes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PlaneStack:
    """Parallel planes: ``first`` is plane 0, the others follow ``step`` mm apart along ``advance``, a unit vector."""

    first: Grid
    advance: FloatArray
    step: float
    count: int

    def grid(self, index: int) -> Grid:
        """Where plane ``index`` lies."""
        return replace(self.first, origin=self.first.origin + index * self.step * self.advance)

    def index_of(self, point: FloatArray) -> int:
        """The plane nearest to an LPS point, held within the stack."""
        at = float((np.asarray(point) - self.first.origin) @ self.advance) / self.step
        return int(np.clip(round(at), 0, self.count - 1))


def orientation_of(lies: StackGrid, name: PlaneName) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unit vectors (advance, down, right) of one of the body's planes, along the axes of the stack nearest to it."""
    axes, signs = nearest_axes(np.block([[lies.basis.T, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]]))
    found = []
    for patient_axis, wanted in LAYOUT[name]:
        grid_axis = axes.index(patient_axis)
        found.append(lies.basis[grid_axis] * signs[grid_axis] * wanted)
    return found[0], found[1], found[2]


def plane_stack(lies: StackGrid, advance: FloatArray, down: FloatArray, right: FloatArray) -> PlaneStack:
    """All planes across ``advance`` through the volume, as fine as its voxels. The vectors are mutually perpendicular
    unit vectors."""
    corners = lies.corners()
    axes = np.stack([advance, down, right])
    placed = corners @ axes.T
    low, high = placed.min(axis=0), placed.max(axis=0)
    pitch = np.array([lies.pitch(axis) for axis in axes])
    counts = np.floor((high - low) / pitch + 1e-3).astype(int) + 1
    # What is left over lies half on each side, so that turning the planes does not make them creep.
    low = low + (high - low - (counts - 1) * pitch) / 2
    first = Grid(low @ axes, right, down, (float(pitch[1]), float(pitch[2])), int(counts[1]), int(counts[2]))
    return PlaneStack(first, advance, float(pitch[0]), int(counts[0]))


def _voxels_along(lies: StackGrid, stack: PlaneStack, values: Array) -> Array | None:
    """The voxels in the order of ``stack``: (planes, rows, columns), a view; ``None`` where they must be
    interpolated."""
    lying = voxel_axes(lies, stack)
    if lying is None:
        return None
    return np.asarray(values.transpose(lying[0])[tuple(slice(None, None, sign) for sign in lying[1])])


def voxel_axes(lies: StackGrid, stack: PlaneStack) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """For planes, rows and columns of ``stack`` the axis of the volume that they run along, and 1 or −1 for the way;
    ``None`` where the planes do not lie along the voxels."""
    if not lies.is_regular or lies.is_sheared:
        return None
    turn = lies.basis @ np.stack([stack.advance, stack.first.down, stack.first.right]).T
    order = np.abs(turn).argmax(axis=0)
    if np.abs(turn).max(axis=0).min() < 1 - 1e-9 or sorted(order) != [0, 1, 2]:
        return None
    return tuple(int(axis) for axis in order), tuple(1 if turn[axis, at] > 0 else -1 for at, axis in enumerate(order))


# -- as a series -------------------------------------------------------------------------------------------------------

_KEPT_ATTRIBUTES = (
    "SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "StudyDate",
    "StudyTime", "AccessionNumber", "InstitutionName", "StudyDescription", "StudyInstanceUID", "SeriesInstanceUID",
    "SeriesNumber", "SeriesDescription", "SeriesDate", "SeriesTime", "Modality", "BodyPartExamined", "Laterality",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation",
    "LossyImageCompression", "LossyImageCompressionRatio", "Units", "SUVType",
    "ImageType",
)  # fmt: skip
"""What holds for a plane that no file has: whose it is, not how it was acquired."""


def plane_series(origin: Source, stack: PlaneStack, name: str, slab: Slab | None = None) -> Series:
    """``stack`` as a series of its own: same patient, same study, same frame of reference, its own positions. ``name``:
    what the reader calls the planes, such as ``"Coronal"``."""
    series = origin.series
    header = Dataset()
    for keyword in _KEPT_ATTRIBUTES:
        if keyword in series.instances[0].header:
            header[keyword] = series.instances[0].header[keyword]
    header.Rows, header.Columns = stack.first.rows, stack.first.columns
    slab = slab or Slab()
    label = (
        say("{name}, {projection} {mm:g} mm", name=name, projection=slab.projection.value, mm=slab.thickness)
        if slab.thickness > 0
        else name
    )
    uid = f"{series.uid}/{series.stack}/{name}"
    instance = Instance(
        series.instances[0].path, uid, series.instances[0].sop_class_uid, "1.2.840.10008.1.2.1", stack.count, header
    )
    affine = np.eye(4)
    affine[:3, 0] = stack.step * stack.advance
    affine[:3, 1] = stack.first.spacing[0] * stack.first.down
    affine[:3, 2] = stack.first.spacing[1] * stack.first.right
    affine[:3, 3] = stack.first.origin
    return replace(
        series,
        uid=uid,
        stack=0,
        description=joined(" – ", (series.description, label)) if series.description else label,
        rows=stack.first.rows,
        columns=stack.first.columns,
        instances=(instance,),
        frames=tuple(FrameKey(0, frame) for frame in range(stack.count)),
        affine=affine,
        positions=stack.first.origin + np.arange(stack.count)[:, np.newaxis] * affine[:3, 0],
        orientation=np.concatenate([stack.first.right, stack.first.down]),
        pixel_spacing=stack.first.spacing,
        frame_time_ms=None,
        value_factors=(),
        axis=None,
        cut_from=CutFrom(series, origin.frames, stack.advance, slab.thickness, slab.projection.value, name),
    )


class Reformatted(SeriesPixels):
    """The planes of a stack as pixels that a viewport can show.

    Those along the voxels are there at once. Others wait until someone hands in what ``cut`` made, on any thread; the
    last ones are kept.
    """

    def __init__(self, series: Series, origin: Source, stack: PlaneStack, slab: Slab | None = None) -> None:
        # Nothing of the base class's own: there are no files behind these frames.
        self.series = series
        self.specs = ()
        self.source = origin
        self.stack = stack
        self.slab = slab or Slab()
        self._lock = threading.Lock()
        self._fine: OrderedDict[int, bool] = OrderedDict()
        voxels = _voxels_along(origin.stack_grid, stack, origin.values)
        self._voxels = voxels
        self.is_along_voxels = voxels is not None
        self.is_instant = voxels is not None and self.slab.half(stack.step) == 0
        # Voxels alone hold nothing that lies outside, so what stands for it need not be looked for.
        self._pipeline = replace(origin.pipeline, padding=origin.gaps) if self.is_instant else origin.pipeline
        if voxels is not None and self.is_instant:
            self.stored = voxels
        else:
            self._frames = _Frames((stack.count, stack.first.rows, stack.first.columns), origin.values.dtype)
            # A list of frames in the one way that anybody uses an array of them: by index.
            self.stored = cast("Array", self._frames)

    def __len__(self) -> int:
        return self.stack.count

    def state(self, index: int) -> FrameState:
        return _LOADED if self.is_loaded(index) else _WAITING

    def is_loaded(self, index: int) -> bool:
        return self.is_instant or index in self._frames

    def is_fine(self, index: int) -> bool:
        """Whether plane ``index`` is there at full resolution."""
        return self.is_instant or self._fine.get(index, False)

    @property
    def loaded(self) -> tuple[int, ...]:
        return tuple(range(len(self))) if self.is_instant else self._frames.indices()

    @property
    def is_complete(self) -> bool:
        return self.is_instant

    def pipeline(self, index: int) -> Pipeline:
        return self._pipeline

    def mark(self, index: int, state: FrameState) -> None:
        raise TypeError("reformatted planes are put, not marked")

    @cached_property
    def is_slow(self) -> bool:
        """Whether a plane takes so long that a drag is better served by a coarse one."""
        samples = self.stack.first.rows * self.stack.first.columns * (2 * self.slab.half(self.stack.step) + 1)
        return self._voxels is None and samples > 400_000

    def cut(self, index: int, *, coarse: bool = False, tick: Tick = no_tick) -> Array:
        """Plane ``index`` in the type of ``stored``, shape (rows, columns). Safe on any thread.

        ``coarse``: every second pixel, repeated, and every second plane of a slab.
        """
        if self._voxels is not None:
            return _slab_of_voxels(self.source, self._voxels, index, self.slab, self.stack.step)
        grid = self.stack.grid(index)
        times = COARSE if coarse else 1
        found = sample(
            self.source.values,
            self.source.stack_grid,
            grid.coarser(times),
            slab=self.slab,
            slab_step=self.stack.step * times,
            padding=self.source.gaps,
            tick=tick,
        )
        plane = self.source.store(found)
        if times > 1:
            plane = plane.repeat(times, axis=0)[: grid.rows].repeat(times, axis=1)[:, : grid.columns]
        return np.ascontiguousarray(plane)

    def alone(self, index: int) -> SinglePlane:
        """Plane ``index``, which is there, without the volume."""
        return SinglePlane(self, index)

    def put(self, index: int, plane: Array, *, fine: bool = True) -> None:
        """Hands in what ``cut`` made."""
        with self._lock:
            self._frames.put(index, plane)
            self._fine[index] = fine
            self._fine.move_to_end(index)
            while len(self._fine) > _KEPT:
                gone, _ = self._fine.popitem(last=False)
                self._frames.drop(gone)


class SinglePlane(SeriesPixels):
    """One plane of ``stack``, as a series of its own; it keeps nothing of the volume."""

    def __init__(self, planes: Reformatted, index: int) -> None:
        series = planes.series
        assert series.positions is not None
        self.series = replace(
            series, frames=(FrameKey(0, 0),), positions=series.positions[index : index + 1].copy(), affine=None
        )
        self.specs = ()
        self.stored = np.array(planes.stored[index])[np.newaxis]
        self._pipeline = planes.pipeline(index)

    def __len__(self) -> int:
        return 1

    def state(self, index: int) -> FrameState:
        return _LOADED

    def is_loaded(self, index: int) -> bool:
        return True

    @property
    def loaded(self) -> tuple[int, ...]:
        return (0,)

    @property
    def is_complete(self) -> bool:
        return True

    def pipeline(self, index: int) -> Pipeline:
        return self._pipeline

    def mark(self, index: int, state: FrameState) -> None:
        raise TypeError("a plane that was cut is there")


_LOADED, _WAITING = FrameState(Status.LOADED), FrameState(Status.WAITING)


class _Frames:
    """Frames by index; those that are not there read as zeros, like the pages of an untouched array."""

    def __init__(self, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> None:
        self.shape, self.dtype = shape, dtype
        self.ndim = 3
        self._held: dict[int, Array] = {}

    def __len__(self) -> int:
        return self.shape[0]

    def __contains__(self, index: int) -> bool:
        return index in self._held

    def __getitem__(self, index: int) -> Array:
        found = self._held.get(int(index))
        return np.zeros(self.shape[1:], self.dtype) if found is None else found

    @property
    def nbytes(self) -> int:
        return sum(frame.nbytes for frame in tuple(self._held.values()))

    def indices(self) -> tuple[int, ...]:
        return tuple(sorted(self._held))

    def put(self, index: int, plane: Array) -> None:
        if plane.shape != self.shape[1:] or plane.dtype != self.dtype:
            raise ValueError(f"a plane must be {self.shape[1:]} of {self.dtype}; got {plane.shape} of {plane.dtype}")
        self._held[index] = plane

    def drop(self, index: int) -> None:
        self._held.pop(index, None)


_STRIP = 8
"""Rows that a slab goes through at a time: their voxels stay in the cache from one plane to the next."""


def _slab_of_voxels(origin: Source, voxels: Array, index: int, slab: Slab, step: float) -> Array:
    """The projection of whole planes of voxels, in the stored type."""
    half = slab.half(step)
    planes = voxels[max(index - half, 0) : index + half + 1]
    if len(planes) == 1:
        return np.ascontiguousarray(planes[0])
    out = np.empty(planes.shape[1:], planes.dtype)
    for top in range(0, planes.shape[1], _STRIP):
        out[top : top + _STRIP] = _projected(origin, planes[:, top : top + _STRIP], slab.projection)
    return out


def _projected(origin: Source, strip: Array, projection: Projection) -> Array:
    """(planes, rows, columns) → (rows, columns); padding and NaN take no part, unless there is nothing else."""
    if origin.gaps is None and strip.dtype.kind != "f" and projection is not Projection.MEAN:
        combine = np.maximum if projection is Projection.MIP else np.minimum
        found = combine(strip[0], strip[1])
        for plane in strip[2:]:
            combine(found, plane, out=found)
        return np.asarray(found)
    gap = origin.pipeline.padding_mask(strip) if origin.gaps is not None else None
    values = strip.astype(np.float32)
    if gap is not None:
        values[gap] = np.nan
    if projection is Projection.MIP:
        return origin.store(np.fmax.reduce(values, axis=0))
    if projection is Projection.MINIP:
        return origin.store(np.fmin.reduce(values, axis=0))
    there = ~np.isnan(values)
    count = there.sum(axis=0, dtype=np.float32)
    total = np.where(there, values, np.float32(0)).sum(axis=0)
    return origin.store(np.where(count > 0, total / np.maximum(count, 1), np.float32(np.nan)).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Planes:
    """Planes of one orientation through a volume: what a viewport is given."""

    series: Series
    pixels: Reformatted


def planes(origin: Source, stack: PlaneStack, name: str, slab: Slab | None = None) -> Planes:
    """``stack`` through ``origin`` as a series with pixels."""
    series = plane_series(origin, stack, name, slab)
    return Planes(series, Reformatted(series, origin, stack, slab))


def body_planes(origin: Source, name: PlaneName, slab: Slab | None = None) -> Planes:
    """All axial, coronal or sagittal planes of a volume."""
    lies = origin.stack_grid
    return planes(origin, plane_stack(lies, *orientation_of(lies, name)), name.value.title(), slab)


def frames_at(series: Series, index: int) -> tuple[int, ...] | None:
    """The frames that make one volume with frame ``index``: those of its point of the fourth axis; ``None`` for all.

    Raises ``UserError`` where the point lacks images.
    """
    axis = series.axis
    if axis is None or axis.slices == 1:
        return None
    point = axis.place(index)[1]
    frames = tuple(axis.at(slice_, point) for slice_ in range(axis.slices))
    found = tuple(frame for frame in frames if frame is not None)
    if len(found) < len(frames):
        why = say("{missing} of its {all} slices have no image here", missing=len(frames) - len(found), all=len(frames))
        raise UserError(
            say("Cannot cut planes through the series"), why, say("Choose another point of its fourth axis.")
        )
    return found
