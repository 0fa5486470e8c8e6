"""Work that is put off comes once, in a turn of its own, or at once where it is needed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.later import Later


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def later(qapp, done: list[str]) -> Later:
    return Later(lambda: done.append("done"), QObject(qapp))


def test_it_comes_once_however_often_it_was_asked_for(later: Later, done: list[str]) -> None:
    later.ask()
    later.ask()
    assert done == []
    for _ in range(3):
        QApplication.processEvents()
    assert done == ["done"]


def test_it_is_done_at_once_where_somebody_needs_it(later: Later, done: list[str]) -> None:
    later.ask()
    later.settle()
    assert done == ["done"]
    for _ in range(3):
        QApplication.processEvents()
    assert done == ["done"], "and then no more"


def test_it_has_a_turn_of_its_own(later: Later, done: list[str], qapp) -> None:
    class Painted(QWidget):
        def paintEvent(self, _: QPaintEvent) -> None:
            done.append("painted")

    widget = Painted()
    widget.show()
    QTest.qWaitForWindowExposed(widget)
    QApplication.processEvents()
    done.clear()
    beat = QTimer()
    beat.timeout.connect(lambda: done.append("beat"))
    beat.start(0)
    widget.update()
    later.ask()
    while "done" not in done:
        QApplication.processEvents()
    assert done.index("painted") < done.index("beat") < done.index("done"), "the window answers in between"


def test_what_nobody_asked_for_is_not_done(later: Later, done: list[str]) -> None:
    later.settle()
    assert done == []


def test_it_can_be_asked_for_again(later: Later, done: list[str]) -> None:
    for _ in range(2):
        later.ask()
        later.settle()
    assert done == ["done", "done"]


def test_it_goes_with_its_parent(qapp, done: list[str]) -> None:
    parent = QObject()
    later = Later(lambda: done.append("done"), parent)
    later.ask()
    del later, parent
    for _ in range(3):
        QApplication.processEvents()
    assert done == []
