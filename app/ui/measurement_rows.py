"""How a measurement looks in the list: its kind and name, the image it is on, and its values on the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui import icons, theme
from app.ui.language import tr
from app.ui.painting import draw_text

ID = Qt.ItemDataRole.UserRole + 1
ICON = Qt.ItemDataRole.UserRole + 2
WHERE = Qt.ItemDataRole.UserRole + 3
VALUES = Qt.ItemDataRole.UserRole + 4

_PAD = 8
_TEXT = 36
"""Where names begin, right of the icon."""


class MeasurementDelegate(QStyledItemDelegate):
    """Draws one row; the field to rename it covers the name alone."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines at the least, more where there are more values."""
        lines = max(2, len(index.data(VALUES)))
        return QSize(200, lines * QFontMetrics(option.font).height() + 2 * _PAD)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draws one row."""
        painter.save()
        rect, state = QRect(option.rect), option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.ACCENT_QUIET))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.HOVER))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.LINE))
        metrics = QFontMetrics(option.font)
        line = metrics.height()
        values = index.data(VALUES)
        widest = max((metrics.horizontalAdvance(text) for text in values), default=0)
        right = QRect(rect.right() - 12 - widest, rect.top() + _PAD, widest + 1, line)
        for number, text in enumerate(values):
            draw_text(painter, right.translated(0, number * line), text, option.font, theme.TEXT, right=True)
        ratio = option.widget.devicePixelRatioF() if isinstance(option.widget, QWidget) else 1.0
        mark = icons.pixmap(index.data(ICON), 16, theme.TEXT_QUIET, ratio)
        painter.drawPixmap(QPoint(rect.left() + 12, rect.top() + _PAD + (line - 16) // 2), mark)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        left = QRect(rect.left() + _TEXT, rect.top() + _PAD, right.left() - rect.left() - _TEXT - 8, line)
        draw_text(painter, left, index.data(Qt.ItemDataRole.DisplayRole), bold, theme.TEXT)
        draw_text(painter, left.translated(0, line), index.data(WHERE), option.font, theme.TEXT_QUIET)
        painter.restore()

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Over the row, right of the icon."""
        rect = QRect(option.rect)
        height = editor.sizeHint().height()
        editor.setGeometry(rect.left() + _TEXT - 6, rect.top() + 2, rect.width() - _TEXT - 2, height)
        if isinstance(editor, QLineEdit):
            editor.setAccessibleName(tr("Name of the measurement"))
