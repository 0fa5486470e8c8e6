from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.ui.widgets import ProgressBar


class Painted(QObject):
    """Counts how often what it is installed on is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def beside(bar: QProgressBar, qtbot) -> tuple[QWidget, QWidget, Painted]:
    """A shown window, a widget in it beside ``bar``, and its watch."""
    window, other, painted = QWidget(), QWidget(), Painted()
    column = QVBoxLayout(window)
    column.addWidget(bar)
    column.addWidget(other)
    other.setMinimumSize(40, 40)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    other.installEventFilter(painted)
    other.update()
    qtbot.waitUntil(lambda: painted.count > 0)
    return window, other, painted


@pytest.mark.parametrize(("made", "at_once"), [(QProgressBar, 1), (ProgressBar, 0)])
def test_progress_paints_nothing_else_at_once(qtbot, made: type[QProgressBar], at_once: int) -> None:
    bar = made()
    bar.setRange(0, 1000)
    _window, other, painted = beside(bar, qtbot)
    before = painted.count
    other.update()
    bar.setValue(500)
    assert painted.count - before == at_once, "Qt's own bar is here so that one sees when this is no longer needed"
    qtbot.waitUntil(lambda: painted.count > before)
    assert bar.value() == 500
    assert bar.updatesEnabled()
