"""The Qt binding keeps its references straight: one that does not aborts the program after some thousand repaints."""

import sys

import pytest
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QLabel

CALLS = 500


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_calls_that_return_nothing_do_not_take_none_away(qtbot) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    pixmap = QPixmap(8, 8)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter = QPainter(pixmap)
        painter.drawLine(0, 0, 3, 3)
        painter.end()
        label.setText("other")
        label.update()
    assert sys.getrefcount(None) > before - CALLS // 2
