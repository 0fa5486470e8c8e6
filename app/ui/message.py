"""The one module that speaks to the user in dialogs. Tests put a recorder in their place with ``use``.

What failed, why, and what to do now: the three parts of ``UserError``. A failure that nobody foresaw is told with
details that can be copied into a report; they name places in the program, never values, which may be a patient's.
"""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget

from app.errors import UserError
from app.ui import icons, theme
from app.ui.language import shown, tr
from inference.types import Refused
from inference.words import said_by, say


class Kind(Enum):
    """How serious it is: which icon stands beside it."""

    INFORMATION = "info"
    QUESTION = "question"
    ERROR = "warning-circle"


@dataclass(frozen=True)
class Spoken:
    """A message as the user sees it. ``buttons``: what can be answered, the first is the default."""

    kind: Kind
    what: str
    why: str = ""
    what_now: str = ""
    details: str = ""
    buttons: tuple[str, ...] = (say("Close"),)


def dialog(parent: QWidget | None, spoken: Spoken) -> QMessageBox:
    """The box that shows ``spoken``, not yet open."""
    box = QMessageBox(parent)
    box.setWindowTitle("Scoutview")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(shown(spoken.what))
    box.setInformativeText("\n\n".join(shown(part) for part in (spoken.why, spoken.what_now) if part))
    colour = {Kind.INFORMATION: theme.ACCENT, Kind.QUESTION: theme.ACCENT, Kind.ERROR: theme.WARNING}[spoken.kind]
    box.setIconPixmap(icons.pixmap(spoken.kind.value, 40, colour, box.devicePixelRatioF()))
    for number, name in enumerate(spoken.buttons):
        last = number == len(spoken.buttons) - 1
        role = QMessageBox.ButtonRole.RejectRole if last else QMessageBox.ButtonRole.AcceptRole
        button = box.addButton(shown(name), role)
        button.setObjectName(str(name))
        if number == 0:
            box.setDefaultButton(button)
        if last:
            box.setEscapeButton(button)
    if spoken.details:
        copy = QPushButton(tr("Copy details"), box)
        box.addButton(copy, QMessageBox.ButtonRole.ActionRole)
        # A message box closes at any of its buttons; this one only copies.
        copy.clicked.disconnect()
        copy.clicked.connect(lambda: QApplication.clipboard().setText(spoken.details))
        box.setDetailedText(spoken.details)
    return box


def _show_box(parent: QWidget | None, spoken: Spoken) -> str:
    box = dialog(parent, spoken)
    box.exec()
    clicked = box.clickedButton()
    answer = clicked.objectName() if clicked is not None else spoken.buttons[-1]
    box.deleteLater()
    return answer


Speaker = Callable[[QWidget | None, Spoken], str]
"""Says something and returns the name of the button that answered it."""

_speaker: Speaker = _show_box


def use(speaker: Speaker | None) -> None:
    """Lets ``speaker`` say what comes from now on, for tests and where nobody is there to close a dialog.

    ``None`` brings the dialogs back.
    """
    global _speaker
    _speaker = speaker or _show_box


def show(parent: QWidget | None, spoken: Spoken) -> str:
    """Says ``spoken`` and returns the name of the button that answered it."""
    return _speaker(parent, spoken)


def information(parent: QWidget | None, what: str, why: str = "") -> None:
    """Something that the user wants to know, and that is no fault."""
    show(parent, Spoken(Kind.INFORMATION, what, why))


def confirm(parent: QWidget | None, what: str, why: str, yes: str) -> bool:
    """Asks before something that cannot be taken back. ``yes`` is a verb, never "OK"."""
    return show(parent, Spoken(Kind.QUESTION, what, why, buttons=(yes, say("Cancel")))) == yes


def error(parent: QWidget | None, doing: str, fault: Exception) -> None:
    """Tells a failure. ``doing``: what the program was at ("Opening files"), for those that nobody foresaw."""
    show(parent, spoken_of(doing, fault))


def spoken_of(doing: str, fault: Exception) -> Spoken:
    """How ``fault`` is told."""
    if isinstance(fault, UserError):
        return Spoken(Kind.ERROR, fault.what, fault.why, fault.what_now)
    if isinstance(fault, Refused):
        return Spoken(Kind.ERROR, tr("The model does not fit these images"), said_by(fault))
    if isinstance(fault, MemoryError):
        return Spoken(
            Kind.ERROR,
            tr("{doing} needs more memory than is free", doing=doing),
            what_now=tr("Close other programs or other studies, and try again."),
        )
    return Spoken(
        Kind.ERROR,
        tr("{doing} failed", doing=doing),
        tr("Scoutview met a fault of its own."),
        tr("What you were working on is still open. The details say where it happened and hold no patient data."),
        details=details_of(fault),
    )


def details_of(fault: BaseException) -> str:
    """Where ``fault`` happened: types and places in the code. No messages, no values: they may name a patient."""
    lines = [
        f"{type(fault).__module__}.{type(fault).__qualname__}",
        *(
            f"  {frame.name} ({_short(frame.filename)}:{frame.lineno})"
            for frame in traceback.extract_tb(fault.__traceback__)
        ),
    ]
    if fault.__cause__ is not None:
        lines += ["caused by", details_of(fault.__cause__)]
        return "\n".join(lines)
    lines += [
        "",
        f"Python {platform.python_version()}, Qt {qt_version}, {platform.system()} {platform.release()}",
    ]
    return "\n".join(lines)


def _short(filename: str) -> str:
    """The last folders of a source path: enough to find it, without the name of the user's home."""
    return "/".join(filename.replace("\\", "/").split("/")[-3:])
