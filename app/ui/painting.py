"""What list rows are painted with."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter


def draw_text(painter: QPainter, rect: QRect, text: str, font: QFont, colour: str, *, right: bool = False) -> None:
    """One line within ``rect``, cut with an ellipsis where it does not fit."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | side), shown)
