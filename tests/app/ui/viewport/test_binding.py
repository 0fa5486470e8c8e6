"""What the canvas needs of the Qt binding that it is installed with."""

from __future__ import annotations

import sys

import PySide6
import pytest
from PySide6.QtGui import QColor, QImage, QPainter


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is never freed since Python 3.12")
def test_calls_into_qt_keep_none_alive() -> None:
    # PySide6 6.12.0 gives back one reference to None too many in every call that returns nothing. Python 3.11 counts
    # them, and after some thousand calls, a few seconds of scrolling, it ends the program with "deallocating None".
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    colour = QColor("black")
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.fillRect(0, 0, 8, 8, colour)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < 100, f"PySide6 {PySide6.__version__} loses references to None on Python 3.11: install 6.11"
