"""What the four corners of an image say. Pure text: what the file leaves out leaves no gap."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from app.core import presenting
from app.core.preset_book import presets_of
from app.core.view import Canvas, zoom_of
from app.dicom import header
from app.dicom.frames import Groups
from app.dicom.voi import Lut, Window, WindowFunction
from app.ui.language import shown, tr, tr_n
from inference.words import joined, raised, say

if TYPE_CHECKING:
    from app.core.view import View
    from app.dicom.model import Series
    from app.dicom.voi import Voi


class TextLevel(IntEnum):
    """How much text lies on the image; T goes round."""

    NONE = 0
    LESS = 1
    ALL = 2


@dataclass(frozen=True)
class Line:
    """One line. ``weight``: what is kept longest where there is no room (higher stays). ``level``: the least text level
    that shows it. ``strong``: set in bold. ``warns``: in the colour of warnings. ``short``: what stands in its place
    where it does not fit; else it is cut off."""

    text: str
    weight: int = 0
    level: TextLevel = TextLevel.ALL
    strong: bool = False
    warns: bool = False
    short: str = ""


Lines = tuple[Line, ...]


@dataclass(frozen=True)
class Corners:
    """Lines of each corner, from top to bottom."""

    top_left: Lines = ()
    top_right: Lines = ()
    bottom_left: Lines = ()
    bottom_right: Lines = ()


@dataclass(frozen=True)
class Now:
    """What changes under the reader's hands."""

    view: View
    canvas: Canvas
    probe: str = ""
    playing_ms: float | None = None
    graphics: str = ""
    states_offered: int = 0
    key_image: str = ""


class CornerText:
    """Composes the corners of one series, reading each header once."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._top = identity(series)
        self._frames: dict[int, Lines] = {}

    def at(self, now: Now) -> Corners:
        """The text of all four corners for frame ``now.view.index``."""
        index = now.view.index
        if index not in self._frames:
            self._frames[index] = frame_lines(self._series, index)
        return Corners(*self._top, state_lines(self._series, now), self._frames[index])


def anonymous(corners: Corners, series: Series) -> Corners:
    """The corners for a picture that travels: no patient, no study, and no description, which people fill with
    names."""
    kept = tuple(line for line in corners.bottom_right if line.text != shown(series.description))
    return replace(corners, top_left=(), top_right=(), bottom_right=kept)


# -- identity ----------------------------------------------------------------------------------------------------------


def identity(series: Series) -> tuple[Lines, Lines]:
    """Top left: the patient. Top right: the study. From the image's own header, so that they are those of the image."""
    first = series.instances[0].header
    birth, day = _date(header.code(first, "PatientBirthDate")), _date(header.code(first, "StudyDate"))
    sex, identifier = header.code(first, "PatientSex"), header.text(first, "PatientID")
    accession = header.text(first, "AccessionNumber")
    left = _lines(
        Line(header.person_name(first, "PatientName") or tr("No patient name"), 9, TextLevel.LESS, strong=True),
        Line(identifier and tr("ID {identifier}", identifier=identifier), 8, TextLevel.LESS),
        Line(
            _joined(
                birth and tr("Born {birth}", birth=birth),
                _age(header.code(first, "PatientAge")),
                _SEXES.get(sex.upper(), sex),
            ),
            5,
        ),
    )
    right = _lines(
        Line(header.text(first, "InstitutionName"), 2),
        Line(header.text(first, "StudyDescription"), 6),
        Line(_joined(day, _time(header.code(first, "StudyTime"))), 7, TextLevel.LESS, short=day),
        Line(accession and tr("Acc {accession}", accession=accession), 3),
    )
    return left, right


_SEXES = {"M": say("Male"), "F": say("Female"), "O": say("Other")}


def _date(stated: str) -> str:
    """``YYYYMMDD`` → ``YYYY-MM-DD``. De-identified files keep the year alone, or zeros, which say nothing."""
    if not stated.strip("0"):
        return ""
    if len(stated) == 8 and stated.isdecimal():
        try:
            return datetime.date(int(stated[:4]), int(stated[4:6]), int(stated[6:])).isoformat()
        except ValueError:
            return stated[:4] if stated.endswith("0000") else stated
    return stated


def _time(stated: str) -> str:
    return f"{stated[:2]}:{stated[2:4]}" if len(stated) >= 4 and stated[:4].isdecimal() else ""


def _age(stated: str) -> str:
    """An age string such as ``065Y`` (PS3.5 6.2) → ``65 y``."""
    number, unit = stated[:-1], stated[-1:].upper()
    if not number.isdecimal():
        return ""
    count = int(number)
    ages = {
        "Y": say("{count} y", count=count),
        "M": say("{count} mo", count=count),
        "W": say("{count} wk", count=count),
        "D": say("{count} d", count=count),
    }
    return shown(ages.get(unit, ""))


# -- the frame ---------------------------------------------------------------------------------------------------------


def frame_lines(series: Series, index: int) -> Lines:
    """Bottom right: the series and this frame of it."""
    dataset = series.instance_of(index).header
    frame = series.frames[index].frame
    number = tr("Series {number}", number=series.number) if series.number is not None else ""
    thickness = header.numbers(Groups(dataset).holder(frame, "PixelMeasuresSequence"), "SliceThickness")
    side = header.code(dataset, "ImageLaterality") or header.code(dataset, "Laterality")
    return _lines(
        Line(sentence(series.lossy), 6, TextLevel.LESS),
        Line(shown(_SIDES.get(side.upper(), "")), 8, TextLevel.LESS, strong=True),
        Line(_joined(header.code(dataset, "ViewPosition"), header.text(dataset, "BodyPartExamined")), 2),
        Line(patient_position(header.code(dataset, "PatientPosition")), 2),
        Line(
            _joined(
                tr("Thick {thickness} mm", thickness=_short(thickness[0])) if thickness else "",
                _location(series, index),
            ),
            5,
        ),
        Line(_joined(number, series.modality), 3),
        Line(shown(series.description), 7, TextLevel.LESS),
    )


_ENDS = {
    "HF": say("Head first"),
    "FF": say("Feet first"),
    "LF": say("Left first"),
    "RF": say("Right first"),
    "AF": say("Anterior first"),
}
_ENDS["PF"] = say("Posterior first")
_LYING = {"S": say("supine"), "P": say("prone"), "DR": say("decubitus right"), "DL": say("decubitus left")}


def patient_position(code: str) -> str:
    """Patient Position in words (PS3.3 C.7.3.1.1.2): ``"FFDR"`` → ``"Feet first, decubitus right"``."""
    end, lying = _ENDS.get(code[:2].upper()), _LYING.get(code[2:].upper())
    return tr("{end}, {lying}", end=end, lying=lying) if end and lying else code


_SIDES = {"L": say("Left"), "R": say("Right"), "B": say("Both sides")}


def _location(series: Series, index: int) -> str:
    """Where the frame lies along its normal, in mm."""
    if series.positions is None or series.orientation is None:
        return ""
    normal = np.cross(series.orientation[:3], series.orientation[3:])
    # Towards the head, the left or the back counts up, whichever way the rows were scanned.
    normal = normal * np.sign(normal[int(np.argmax(np.abs(normal)))])
    return tr("Loc {location} mm", location=_signed(float(series.positions[index] @ normal), 1))


# -- state -------------------------------------------------------------------------------------------------------------


def state_lines(series: Series, now: Now) -> Lines:
    """Bottom left: what the reader does with the frame."""
    speed = f"{1000 / now.playing_ms:.3g} /s" if now.playing_ms else ""
    zoom = tr("Zoom {percent:.0f} %", percent=100 * zoom_of(now.view, now.canvas))
    return _lines(
        Line(shown(now.probe), 6, TextLevel.LESS),
        *_where(series, now.view.index, speed),
        Line(now.graphics, 4, TextLevel.LESS),
        Line(presentation_text(series, now), 7, TextLevel.LESS, strong=now.view.presentation is not None),
        Line(now.key_image and f"\u2605 {now.key_image}", 7, TextLevel.LESS, strong=True),
        Line(zoom, 1),
        Line(voi_text(series, now.view), 9, TextLevel.LESS, short=voi_numbers(series, now.view)),
    )


def _where(series: Series, index: int, speed: str) -> Lines:
    """Which frame of the stack; with a fourth axis which slice, and on a line of its own which point."""
    axis, count = series.axis, len(series.frames)
    if axis is None:
        is_image = series.positions is not None and series.frame_time_ms is None
        where = tr("Frame {number} / {count}", number=index + 1, count=count)
        if is_image:
            where = tr("Image {number} / {count}", number=index + 1, count=count)
        return (Line(_joined(where if count > 1 else "", speed), 8, TextLevel.LESS),)
    slice_, point = axis.place(index)
    here = int((axis.table[slice_] >= 0).sum())
    lacks = tr_n("%n missing here", "%n missing here", axis.points - here) if here < axis.points else ""
    label = f"{sentence(axis.name)} {point + 1} / {axis.points}"
    where = tr("Slice {number} / {count}", number=slice_ + 1, count=axis.slices)
    if series.positions is None:
        where = tr("View {number} / {count}", number=slice_ + 1, count=axis.slices)
    return _lines(
        Line(where if axis.slices > 1 else "", 8, TextLevel.LESS),
        Line(_joined(label, axis.values[index], speed), 8, TextLevel.LESS),
        Line(sentence(lacks), 7, TextLevel.LESS, warns=True),
    )


def presentation_text(series: Series, now: Now) -> str:
    """The presentation state that is chosen, and whether it is about this frame; or how many could be."""
    state = now.view.presentation
    if state is None:
        return tr("Presentation: none of {count}", count=now.states_offered) if now.states_offered else ""
    name = state.label or state.description or tr("presentation state")
    if not state.covers(series, now.view.index):
        return tr("{name}: not for this image", name=name)
    notes = presenting.notes_on(state, series, now.view.index)
    return shown(joined("; ", (say("Presentation: {name}", name=name), *notes)))


def voi_text(series: Series, view: View) -> str:
    """The window in words: ``W 1500  L −600  Lung``."""
    inverted = tr("inverted") if view.invert else ""
    if series.is_colour:
        return tr("Colour, inverted") if view.invert else tr("Colour")
    if view.voi is None:
        return ""
    return _joined(_voi_name(series, view.voi), inverted)


def voi_numbers(series: Series, view: View) -> str:
    """The window without its name; empty where it has no numbers, or something else is to be said of it."""
    if series.is_colour or view.voi is None or isinstance(view.voi, Lut) or view.invert:
        return ""
    return "" if view.voi.function is WindowFunction.SIGMOID else _numbers(view.voi)


def _numbers(voi: Window) -> str:
    return f"W {_number(voi.width)}  L {_number(voi.center)}"


def _voi_name(series: Series, voi: Voi) -> str:
    if isinstance(voi, Lut):
        return voi.explanation or tr("VOI LUT")
    text = _numbers(voi)
    sigmoid = tr("sigmoid") if voi.function is WindowFunction.SIGMOID else ""
    return _joined(f"{text}  {window_name(series, voi)}".rstrip(), sigmoid)


def window_name(series: Series, window: Window) -> str:
    """The preset or the file's own explanation of a window; empty for one that was set by hand."""
    if window.explanation:
        return window.explanation
    for preset in presets_of(series):
        if (preset.window.center, preset.window.width) == (window.center, window.width):
            return shown(preset.name)
    return ""


# -- words -------------------------------------------------------------------------------------------------------------


def _lines(*lines: Line) -> Lines:
    return tuple(line for line in lines if line.text)


def _joined(*parts: str) -> str:
    return "  ·  ".join(shown(part) for part in parts if part)


def sentence(text: str) -> str:
    """``text`` in the window's language, with a capital at its beginning."""
    return shown(raised(text))


def _short(value: float) -> str:
    return f"{value:.4g}"


def _signed(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "\u2212")


def _number(value: float) -> str:
    """Windows of CT are whole numbers on screen; those of small values keep their digits."""
    if abs(value) >= 100 or value == round(value):
        return _signed(value, 0)
    return _signed(value, 1 if abs(value) >= 10 else 3)


def visible(lines: Lines, level: TextLevel, room: int) -> Lines:
    """The lines that show at ``level`` where ``room`` lines fit: the heaviest, in their own order."""
    all_ = [line for line in lines if line.level <= level]
    kept = sorted(all_, key=lambda line: -line.weight)[: max(room, 0)]
    return tuple(line for line in all_ if line in kept)
