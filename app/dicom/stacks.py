"""Frames of one series become stacks: split by what must not be mixed, sorted, and checked for a regular grid.

Tolerances: cosines that differ by less than 0.001 are one orientation; positions closer than 0.01 mm are one
position; a grid is regular where every frame is within 3 % of a step (at most 0.1 mm) of its place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header, nuclear
from app.dicom.dimensions import arrange
from app.dicom.frames import Frame, angle_degrees, distances
from inference import geometry
from inference.volume import Calibration
from inference.words import joined, say, say_n

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from app.dicom.fourth_axis import FourthAxis

FloatArray = npt.NDArray[np.float64]

_COSINE_TOLERANCE = 1e-3
_POSITION_TOLERANCE_MM = 0.01
_GRID_TOLERANCE = 0.03
_GRID_TOLERANCE_MM = 0.1
_TILT_DEGREES = 0.2
_MAX_ORIENTATIONS = 1000
_NAMED_GAPS = 6


@dataclass(frozen=True, eq=False)
class Stack:
    """Sorted frames. ``affine`` only where all lie on one regular grid; ``one_orientation`` where all share the
    first's. ``axis``: where several images lie at each place.
    """

    frames: tuple[Frame, ...]
    affine: FloatArray | None
    one_orientation: bool
    frame_of_reference: str
    warnings: tuple[str, ...]
    axis: FourthAxis | None = None


def split(frames: Sequence[Frame]) -> list[Stack]:
    """The stacks of one series: volumes and images first, localisers last, each by first Instance Number."""
    built: list[tuple[bool, Stack]] = []
    for group in _by(frames, _matrix_key):
        for oriented in _by_orientation(group):
            for same in _by_frame_of_reference(oriented):
                built.extend((_is_localizer(same[0]), stack) for stack in _by_position(same))
    built.sort(key=lambda entry: (entry[0], *_order(entry[1].frames[0])))
    return [stack for _, stack in built]


def _by(frames: Iterable[Frame], key: Callable[[Frame], Hashable]) -> list[list[Frame]]:
    groups: dict[Hashable, list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[key(frame)].append(frame)
    return list(groups.values())


def _order(frame: Frame) -> tuple[float, float, str, int]:
    """Instance Number, then time, then file: where positions do not say."""
    number = np.inf if frame.number is None else frame.number
    return float(number), frame.times.get("ContentTime", 0.0), frame.instance.path.name, frame.index


def _is_localizer(frame: Frame) -> bool:
    return "LOCALIZER" in frame.image_type


def _image_type_key(frame: Frame) -> tuple[str, ...]:
    # CT writes how a slice was scanned behind AXIAL, differently within one scan; MR writes what a frame is.
    kept = 3 if header.code(frame.instance.header, "Modality").upper() == "CT" else len(frame.image_type)
    return frame.image_type[:kept]


def _matrix_key(frame: Frame) -> Hashable:
    spec = frame.instance.spec
    clip = frame.instance.number_of_frames > 1 and frame.position is None
    spacing = frame.spacing
    return (
        frame.instance.sop_class_uid,
        spec.rows,
        spec.columns,
        spec.samples,
        spec.photometric,
        _image_type_key(frame),
        spacing.calibration,
        None if spacing.pixel is None else tuple(float(f"{s:.4g}") for s in spacing.pixel),
        frame.position is None,
        # A cine stands for itself; so does an image without a series.
        str(frame.instance.path) if clip else "",
    )


def _by_orientation(frames: list[Frame]) -> list[list[Frame]]:
    """Frames of one orientation together; a localiser's planes are one stack that scrolls."""
    groups: list[list[Frame]] = []
    for frame in frames:
        for group in groups:
            first = group[0].orientation
            if first is frame.orientation:
                same = True
            elif first is None or frame.orientation is None:
                same = first is None and frame.orientation is None
            else:
                same = float(np.abs(first - frame.orientation).max()) < _COSINE_TOLERANCE
            if same:
                group.append(frame)
                break
        else:
            groups.append([frame])
            if len(groups) > _MAX_ORIENTATIONS:
                # They scroll as one below; comparing each with each would take minutes for thousands.
                return [frames]
    if len(groups) > 1 and _scrolls_as_one(groups):
        return [[frame for group in groups for frame in group]]
    return groups


def _scrolls_as_one(groups: list[list[Frame]]) -> bool:
    """Localisers, and radial scans: most orientations have a single frame."""
    frame = groups[0][0]
    words = header.text(frame.instance.header, "SeriesDescription").lower()
    named = re.search(r"\b(loc|localizer|localiser|scout|survey|3[- ]?plane)", words) is not None
    single = sum(len(group) == 1 for group in groups)
    return _is_localizer(frame) or named or single * 2 > len(groups)


def _by_frame_of_reference(frames: list[Frame]) -> list[list[Frame]]:
    """Split by Frame of Reference UID, unless nearly every image has its own: that UID says nothing."""
    groups = _by(frames, lambda frame: frame.frame_of_reference)
    images = len({id(frame.instance) for frame in frames})
    return [frames] if len(groups) > 1 and len(groups) > images / 2 else groups


def _by_position(frames: list[Frame]) -> list[Stack]:
    """One stack, or several where an attribute tells the frames at one position apart."""
    warnings = []
    references = {frame.frame_of_reference for frame in frames}
    reference = next(iter(references))
    if len(references) > 1:
        reference = ""
        warnings.append(
            say("Every image has its own frame of reference: this stack cannot be linked to others by position.")
        )
    orientations = _distinct_orientations(frames)
    if frames[0].position is None or any(frame.position is None for frame in frames):
        return [_planar(frames, reference, warnings) or _unplaced(frames, reference, warnings)]
    if orientations > 1:
        note = say(
            "The images have {orientations} different orientations: they scroll, but make no volume.",
            orientations=orientations,
        )
        ordered = tuple(sorted(frames, key=_order))
        return [Stack(ordered, None, False, reference, (*warnings, note))]
    along = distances(frames)
    places = _places(along)
    if len(set(places)) == len(frames):
        return [_volume([frames[i] for i in np.argsort(along, kind="stable")], reference, warnings)]
    return [_four_dimensional(frames, places, reference, warnings)]


def _distinct_orientations(frames: Sequence[Frame]) -> int:
    distinct = {id(f.orientation): f.orientation for f in frames}.values()
    return len({None if cosines is None else tuple(np.round(cosines, 2) + 0.0) for cosines in distinct})


def _unplaced(frames: list[Frame], reference: str, warnings: list[str]) -> Stack:
    """Frames without position: Instance Number is all there is."""
    ordered = tuple(sorted(frames, key=_order))
    volumetric = header.code(frames[0].instance.header, "Modality").upper() in ("CT", "MR", "PT")
    if volumetric and len(frames) > 1:
        note = say("The images have no position in the patient: they are sorted by Instance Number and make no volume.")
        warnings = [*warnings, note]
    one = _distinct_orientations(frames) == 1
    return Stack(ordered, None, one, reference, tuple(warnings))


def _planar(frames: list[Frame], reference: str, warnings: list[str]) -> Stack | None:
    """Planar nuclear medicine: views or moments × detectors or energy windows; ``None`` for all else."""
    if not nuclear.is_nuclear(frames[0].instance.header) or len({id(frame.instance) for frame in frames}) > 1:
        return None
    shared = [nuclear.place(frame.times) for frame in frames]
    distinct = sorted(set(shared))
    if len(distinct) == len(frames):
        return None
    arranged = arrange(frames, [distinct.index(place) for place in shared])
    notes = (*warnings, *arranged.warnings)
    return Stack(arranged.frames, None, _distinct_orientations(frames) == 1, reference, notes, arranged.axis)


def _places(along: FloatArray) -> list[int]:
    """The number of each frame's position among the distinct ones, in order along the normal."""
    order = np.argsort(along, kind="stable")
    places = np.zeros(len(along), dtype=np.int64)
    steps = np.diff(along[order]) > _POSITION_TOLERANCE_MM
    places[order] = np.concatenate([[0], np.cumsum(steps)])
    return [int(place) for place in places]


def _four_dimensional(frames: list[Frame], places: list[int], reference: str, warnings: list[str]) -> Stack:
    """Slices × phases, echoes, ... as one stack: by slice, then along the fourth axis."""
    arranged = arrange(frames, places)
    firsts = [arranged.frames[arranged.axis.nearest(place, 0)] for place in range(arranged.axis.slices)]
    slices = _volume(firsts, reference, warnings)
    axis = replace(arranged.axis, affine=slices.affine)
    return Stack(arranged.frames, None, True, reference, (*slices.warnings, *arranged.warnings), axis)


def _volume(frames: list[Frame], reference: str, warnings: list[str]) -> Stack:
    """Frames at distinct positions, sorted along the normal: a volume where they lie on one regular grid."""
    positions = np.array([frame.position for frame in frames])
    orientation = frames[0].orientation
    assert orientation is not None
    normal = np.cross(orientation[:3], orientation[3:])
    if len(frames) == 1:
        # One slice has no distance to the next; a step of its thickness keeps the affine regular.
        thickness = frames[0].thickness
        step = normal * (thickness if thickness and thickness > 0 else 1.0)
        return Stack(tuple(frames), _affine(frames[0], orientation, step), True, reference, tuple(warnings))
    step = (positions[-1] - positions[0]) / (len(frames) - 1)
    notes = list(warnings)
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    tilt = angle_degrees(step, normal)
    if tilt > _TILT_DEGREES:
        notes.append(say("Gantry tilt of {tilt:.1f}°: slices are shifted against each other.", tilt=tilt))
    expected = positions[0] + np.arange(len(frames))[:, None] * step
    off = float(np.linalg.norm(positions - expected, axis=1).max())
    regular = off <= min(_GRID_TOLERANCE_MM, _GRID_TOLERANCE * float(np.linalg.norm(step))) + 1e-3
    if not regular:
        notes.append(_irregular(frames, steps))
    affine = _affine(frames[0], orientation, step) if regular else None
    return Stack(tuple(frames), affine, True, reference, tuple(notes))


def _affine(first: Frame, orientation: FloatArray, step: FloatArray) -> FloatArray | None:
    spacing = first.spacing
    if spacing.pixel is None or spacing.calibration is not Calibration.PATIENT or first.position is None:
        return None
    affine = geometry.affine_from_dicom(first.position, orientation, np.array(spacing.pixel), step)
    return None if geometry.is_singular(affine) else affine


def _irregular(frames: list[Frame], steps: FloatArray) -> str:
    """A warning that names the distances and the files at each gap."""
    usual = _usual(steps)
    distinct = sorted({float(f"{step:.2f}") for step in steps})
    wide = [i for i, step in enumerate(steps) if step > usual * 1.5]
    missing = len(distinct) > 1 and all(_is_multiple(steps[i], usual) for i in wide)
    close = all(abs(step - usual) <= usual * _GRID_TOLERANCE for i, step in enumerate(steps) if i not in wide)
    if wide and missing and close:
        named = [
            say(
                "{gap:.2f} mm between {first} and {second}",
                gap=steps[i],
                first=frames[i].instance.path.name,
                second=frames[i + 1].instance.path.name,
            )
            for i in wide[:_NAMED_GAPS]
        ]
        if len(wide) > _NAMED_GAPS:
            left = len(wide) - _NAMED_GAPS
            named.append(say_n("%n more", "%n more", left))
        return say("Slices are missing: {gaps}, where {usual:.2f} mm is usual.", gaps=joined("; ", named), usual=usual)
    if len(distinct) <= _NAMED_GAPS:
        values = ", ".join(f"{value:.2f}" for value in distinct)
    else:
        values = say("{least:.2f} to {most:.2f}", least=distinct[0], most=distinct[-1])
    changes = [i for i in range(1, len(steps)) if abs(steps[i] - steps[i - 1]) > usual * _GRID_TOLERANCE]
    files = ", ".join(frames[i].instance.path.name for i in changes[:_NAMED_GAPS])
    if changes:
        values = say("{values} mm (changes at {files})", values=values, files=files)
    else:
        values = say("{values} mm", values=values)
    return say("Slice distances vary: {values}. The stack is shown slice by slice and makes no volume.", values=values)


def _usual(steps: FloatArray) -> float:
    """The most frequent distance."""
    values, counts = np.unique(np.round(steps, 2), return_counts=True)
    return max(float(values[np.argmax(counts)]), 1e-3)


def _is_multiple(step: float, usual: float) -> bool:
    return abs(step / usual - round(step / usual)) < 0.1
