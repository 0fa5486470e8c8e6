"""What the user is told: what failed, why, what to do now; and never a patient's data in details."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from app.errors import NothingReadable, OutputError, UserError
from app.ui import message
from app.ui.message import Kind, Spoken, spoken_of
from inference.types import Refused

PATIENT = "Doe, Jane"


def _fault() -> Exception:
    try:
        name = PATIENT
        raise ValueError(f"cannot parse {name}")
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("fault", "what", "why", "what_now"),
    [
        (NothingReadable("Cannot open x", "no such file", "Check the path."), "Cannot open x", "no such file", "Check"),
        (OutputError("Cannot write x", "no space left", "Free some."), "Cannot write x", "no space left", "Free"),
        (UserError("Only what"), "Only what", "", ""),
        (Refused("expects a radiograph; this is CT"), "does not fit", "expects a radiograph", ""),
        (MemoryError(), "Opening files needs more memory", "", "Close"),
    ],
)
def test_known_failures_say_what_why_and_what_now(fault: Exception, what: str, why: str, what_now: str) -> None:
    spoken = spoken_of("Opening files", fault)
    assert what in spoken.what
    assert why in spoken.why
    assert what_now in spoken.what_now
    assert spoken.details == ""


def test_an_unforeseen_failure_has_details_without_values() -> None:
    spoken = spoken_of("Opening files", _fault())
    assert spoken.what == "Opening files failed"
    assert "builtins.ValueError" in spoken.details
    assert "test_message.py" in spoken.details
    said = repr(spoken)
    assert PATIENT not in said
    assert str(Path.home()) not in said


def test_causes_are_named_without_their_words_too() -> None:
    try:
        raise RuntimeError("outer") from _fault()
    except RuntimeError as error:
        details = message.details_of(error)
    assert details.index("RuntimeError") < details.index("caused by") < details.index("ValueError")
    assert PATIENT not in details
    assert "outer" not in details


def test_the_box_shows_all_parts_and_copies_details(qtbot) -> None:
    spoken = Spoken(Kind.ERROR, "What", "Why", "What now", "the details")
    box = message.dialog(None, spoken)
    qtbot.addWidget(box)
    assert box.text() == "What"
    assert box.informativeText() == "Why\n\nWhat now"
    copy = next(button for button in box.findChildren(QPushButton) if button.text() == "Copy details")
    box.show()
    copy.click()
    assert QApplication.clipboard().text() == "the details"
    assert box.isVisible()


def test_names_are_never_taken_for_markup(qtbot) -> None:
    box = message.dialog(None, Spoken(Kind.ERROR, "<b>Doe</b>"))
    qtbot.addWidget(box)
    assert box.textFormat().name == "PlainText"


def test_asking_offers_the_verb_first_and_cancel_last(ear) -> None:
    assert not message.confirm(None, "Close the studies?", "They are lost.", "Close studies")
    assert ear.heard[0].buttons == ("Close studies", "Cancel")
    ear.answer = "Close studies"
    assert message.confirm(None, "Close the studies?", "They are lost.", "Close studies")
