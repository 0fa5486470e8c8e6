"""What tells the images at one place apart: the attribute that makes the fourth axis of a stack (PS3.3 C.7.6.2).

The first attribute that separates all images at every place names the axis; else the first pair of them; else
Instance Number orders what nothing explains, and a warning says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom.fourth_axis import MISSING, FourthAxis
from inference.words import joined, say, say_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.dicom.frames import Frame

Key = tuple[float, ...]

_LONGEST_BEAT_MS = 2500.0
"""Trigger times beyond the longest heart beat are those of a scan that goes on: time points, not phases."""
_NAMED = 4


@dataclass(frozen=True)
class _Attribute:
    """``keyword``: in ``Frame.times``. ``value``: how a value is written, empty where the number alone says nothing."""

    keyword: str
    name: str
    value: str = ""
    is_time: bool = False


ATTRIBUTES = (
    _Attribute("EchoTime", say("echo"), "TE {:g} ms"),
    _Attribute("EchoNumbers", say("echo")),
    _Attribute("DiffusionBValue", say("b-value"), "b = {:g} s/mm²"),
    _Attribute("InversionTime", say("inversion time"), "TI {:g} ms"),
    _Attribute("FlipAngle", say("flip angle"), "{:g}°"),
    _Attribute("KVP", say("tube voltage"), "{:g} kV"),
    _Attribute("NominalPercentageOfCardiacPhase", say("phase"), "{:g} %", True),
    _Attribute("NominalPercentageOfRespiratoryPhase", say("phase"), "{:g} %", True),
    _Attribute("TriggerTime", say("phase"), "{:.0f} ms", True),
    _Attribute("TimeSlot", say("phase"), "", True),
    _Attribute("TimeSlice", say("time"), "", True),
    _Attribute("TemporalPositionIndex", say("time"), "", True),
    _Attribute("TemporalPositionIdentifier", say("time"), "", True),
    _Attribute("FrameReferenceTime", say("time"), "", True),
    _Attribute("FrameReferenceDateTime", say("time"), "", True),
    _Attribute("AcquisitionNumber", say("acquisition"), "", True),
    _Attribute("AcquisitionTime", say("time"), "", True),
    _Attribute("ContentTime", say("time"), "", True),
    _Attribute("EnergyWindow", say("energy window")),
    _Attribute("Detector", say("detector")),
)
"""Attributes that may tell images at one place apart, the most telling first."""

_CLOCKS = ("FrameReferenceDateTime", "AcquisitionTime", "ContentTime")
"""Moments in seconds, from which the time since the first point is told."""


@dataclass(frozen=True, eq=False)
class Arranged:
    """``frames``: by place, then along ``axis``, whose affine is still unknown."""

    frames: tuple[Frame, ...]
    axis: FourthAxis
    warnings: tuple[str, ...]


def arrange(frames: Sequence[Frame], places: Sequence[int]) -> Arranged:
    """Sorts images that share places (``places``: a number from 0 for each frame) into slices × points."""
    by_place: list[list[int]] = [[] for _ in range(max(places) + 1)]
    for index, place in enumerate(places):
        by_place[place].append(index)
    chosen = _separating(frames, by_place)
    warnings = []
    if chosen is None:
        chosen = _explaining(frames, by_place)
        what = say("nothing in the files tells them apart")
        if chosen:
            what = say("only their {attribute} is known", attribute=chosen[0].name)
        warnings.append(
            say("Several images lie at each position and {what}: they are sorted by Instance Number.", what=what)
        )
    keys = [_key(frame, chosen) for frame in frames]
    if not chosen or warnings:
        keys = [(*key, _number(frame), float(frame.index)) for key, frame in zip(keys, frames, strict=True)]
    for group in by_place:
        group.sort(key=lambda index: (keys[index], _number(frames[index]), frames[index].index))
    columns = _columns(by_place, keys, aligned=not warnings)
    order = [index for group in by_place for index in group]
    rank = {index: sorted_index for sorted_index, index in enumerate(order)}
    table = np.full((len(by_place), max(max(column) for column in columns) + 1), MISSING, np.int64)
    for place, (group, column) in enumerate(zip(by_place, columns, strict=True)):
        table[place, column] = [rank[index] for index in group]
    values = _values(frames, by_place, chosen)
    name = _name(frames, chosen) if chosen and not warnings else say("image")
    axis = FourthAxis(
        name=name,
        table=table,
        values=tuple(values[index] for index in order),
        step_ms=_step_ms(frames, by_place, chosen) if name == "phase" else None,
        is_time=bool(chosen) and chosen[-1].is_time,
    )
    return Arranged(tuple(frames[i] for i in order), axis, (*warnings, *_incomplete(axis)))


def _number(frame: Frame) -> float:
    return float("inf") if frame.number is None else float(frame.number)


def _key(frame: Frame, attributes: Sequence[_Attribute]) -> Key:
    return tuple(frame.times[attribute.keyword] for attribute in attributes)


def _known(frames: Sequence[Frame]) -> list[_Attribute]:
    """Attributes that every frame has and that are not the same in all."""
    known = []
    for attribute in ATTRIBUTES:
        values = {frame.times.get(attribute.keyword) for frame in frames}
        if None not in values and len(values) > 1:
            known.append(attribute)
    return known


def _separates(frames: Sequence[Frame], by_place: list[list[int]], attributes: Sequence[_Attribute]) -> bool:
    return all(len({_key(frames[i], attributes) for i in group}) == len(group) for group in by_place)


def _separating(frames: Sequence[Frame], by_place: list[list[int]]) -> tuple[_Attribute, ...] | None:
    """One attribute, or two, that tell all images at every place apart."""
    known = _known(frames)
    # Clocks differ between any two images: what was varied on purpose comes first, and stays part of the answer.
    varied = [a for a in known if not a.is_time and _varies(frames, by_place, a)]
    singles = [(attribute,) for attribute in known]
    pairs = list(combinations(known, 2))
    of_varied = [pair for pair in pairs if any(attribute in varied for attribute in pair)]
    for attributes in [*((attribute,) for attribute in varied), *of_varied, *singles, *pairs]:
        if _separates(frames, by_place, attributes):
            return attributes
    return None


def _varies(frames: Sequence[Frame], by_place: list[list[int]], attribute: _Attribute) -> bool:
    """Whether it differs between images at one place."""
    return any(len({frames[i].times[attribute.keyword] for i in group}) > 1 for group in by_place)


def _explaining(frames: Sequence[Frame], by_place: list[list[int]]) -> tuple[_Attribute, ...]:
    """An attribute that differs within places, though several images share its values: diffusion directions."""
    for attribute in _known(frames):
        if _varies(frames, by_place, attribute):
            return (attribute,)
    return ()


def _columns(by_place: list[list[int]], keys: list[Key], *, aligned: bool) -> list[list[int]]:
    """The point of each image of each place, in order: by value where places share values, else by the nearest value
    of the places that are complete, else by rank."""
    most = max(len(group) for group in by_place)
    distinct = sorted({key for group in by_place for key in (keys[i] for i in group)})
    if aligned and len(distinct) == most:
        column = {key: number for number, key in enumerate(distinct)}
        return [[column[keys[i]] for i in group] for group in by_place]
    if aligned and len(distinct[0]) == 1:
        full = np.array([[keys[i][0] for i in group] for group in by_place if len(group) == most])
        usual = np.median(full, axis=0)
        return [_matched(np.array([keys[i][0] for i in group]), usual) for group in by_place]
    return [list(range(len(group))) for group in by_place]


def _matched(values: npt.NDArray[np.float64], usual: npt.NDArray[np.float64]) -> list[int]:
    if len(values) < len(usual):
        near = np.abs(values[:, None] - usual[None, :]).argmin(axis=1)
        if (np.diff(near) > 0).all():
            return [int(column) for column in near]
    return list(range(len(values)))


def _name(frames: Sequence[Frame], chosen: Sequence[_Attribute]) -> str:
    if len(chosen) == 1 and chosen[0].keyword == "TriggerTime":
        longest = max(frame.times["TriggerTime"] for frame in frames)
        return say("phase") if longest <= _LONGEST_BEAT_MS else say("time")
    first, *others = dict.fromkeys(attribute.name for attribute in chosen)
    return joined(" and ", (first, *others)) if others else first


def _values(frames: Sequence[Frame], by_place: list[list[int]], chosen: Sequence[_Attribute]) -> list[str]:
    """For each frame what its point is worth, with the unit; by several attributes one after the other."""
    texts: list[list[str]] = [[] for _ in frames]
    for attribute in chosen:
        found = _texts(frames, by_place, attribute, alone=len(chosen) == 1)
        for text, parts in zip(found, texts, strict=True):
            if text:
                parts.append(text)
    return ["" if not parts else parts[0] if len(parts) == 1 else joined(", ", parts) for parts in texts]


def _texts(frames: Sequence[Frame], by_place: list[list[int]], attribute: _Attribute, *, alone: bool) -> list[str]:
    named = [frame.names.get(attribute.keyword, "") for frame in frames]
    if any(named):
        return named
    if attribute.keyword == "TriggerTime" and max(frame.times["TriggerTime"] for frame in frames) > _LONGEST_BEAT_MS:
        return [f"{frame.times['TriggerTime'] / 1000:.1f} s" for frame in frames]
    if attribute.value:
        return [attribute.value.format(frame.times[attribute.keyword]) for frame in frames]
    if attribute.is_time:
        elapsed = _elapsed(frames, by_place)
        if elapsed is not None:
            return [f"{seconds:.1f} s" for seconds in elapsed]
    if alone:
        return [""] * len(frames)
    return [
        say("{attribute} {number:g}", attribute=attribute.name, number=frame.times[attribute.keyword])
        for frame in frames
    ]


def _elapsed(frames: Sequence[Frame], by_place: list[list[int]]) -> list[float] | None:
    """Seconds since the scan began, or since the first point of the same place; ``None`` where no clock moves on."""
    # PS3.3 C.8.9.4.1.5: Frame Reference Time counts from the scan's own start, in milliseconds.
    reference = [frame.times.get("FrameReferenceTime") for frame in frames]
    if len(set(reference)) > 1 and None not in reference:
        return [float(ms or 0.0) / 1000 for ms in reference]
    for keyword in _CLOCKS:
        times = [frame.times.get(keyword) for frame in frames]
        if None in times:
            continue
        seconds = np.array(times, dtype=np.float64)
        if not all(len(set(seconds[group])) == len(group) for group in by_place):
            continue
        since = np.empty(len(frames))
        for group in by_place:
            since[group] = seconds[group] - seconds[group].min()
        return [float(value) for value in since]
    return None


def _step_ms(frames: Sequence[Frame], by_place: list[list[int]], chosen: Sequence[_Attribute]) -> float | None:
    """Milliseconds between phases, where trigger times tell them."""
    if not chosen or chosen[0].keyword != "TriggerTime":
        return None
    steps = np.concatenate([np.diff([frames[i].times["TriggerTime"] for i in group]) for group in by_place])
    return float(np.median(steps)) if steps.size and np.median(steps) > 0 else None


def _incomplete(axis: FourthAxis) -> tuple[str, ...]:
    if not axis.missing:
        return ()
    short = np.flatnonzero((axis.table == MISSING).any(axis=1))
    named: list[str] = [
        say("slice {number} has {count}", number=place + 1, count=int((axis.table[place] != MISSING).sum()))
        for place in short[:_NAMED]
    ]
    if len(short) > _NAMED:
        left = len(short) - _NAMED
        named.append(say_n("%n more slice lacks some", "%n more slices lack some", left))
    return (
        say_n(
            "%n image is missing of {slices} slices × {points} {plural}: {named} of {points}.",
            "%n images are missing of {slices} slices × {points} {plural}: {named} of {points}.",
            axis.missing,
            slices=axis.slices,
            points=axis.points,
            plural=axis.plural,
            named=joined(", ", named),
        ),
    )
