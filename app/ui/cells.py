"""A cell, which holds a viewport, and a grid of cells that series are dropped on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.core.layout import MOST, Content
from app.ui import theme
from app.ui.language import tr
from app.ui.reference_lines import ReferenceLines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.planes import PlaneName
    from app.dicom.model import Series
    from app.ui.viewport import Viewport

SERIES_MIME = "application/x-scoutview-series"
"""What a series is dragged as: its key, as JSON."""

GAP = 2


class Cell(QWidget):
    """A viewport in its frame. ``series``: what is shown, as it was opened; ``plane``: the plane that is cut from
    it, else ``None``."""

    def __init__(self, viewport: Viewport, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self.series: Series | None = None
        self.plane: PlaneName | None = None
        self.lines = ReferenceLines()
        self.last = 0
        """The frame that was shown when views last moved together."""
        self._state = ""
        viewport.setParent(self)
        viewport.layers.append(self.lines)
        self._inset = 0
        self._hint = QLabel(tr("Drop a series here"), self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setProperty("role", "canvas")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()

    @property
    def content(self) -> Content | None:
        """What the layout says of it."""
        return None if self.series is None else Content(self.series.key, self.plane)

    def dress(self, *, framed: bool, active: bool, dropping: bool = False) -> None:
        """``framed``: one of several. ``active``: the reader is here. ``dropping``: a series hangs over it."""
        inset = 2 if framed else 0
        self._hint.setVisible(framed and self.series is None)
        state = "drop" if dropping else "active" if framed and active else ""
        if (inset, state) != (self._inset, self._state):
            self._inset, self._state = inset, state
            self._place()
            self.update()

    def _place(self) -> None:
        inset = self._inset
        self.viewport.setGeometry(self.rect().adjusted(inset, inset, -inset, -inset))
        self._hint.setGeometry(self.viewport.geometry())

    def resizeEvent(self, event: object) -> None:
        """The viewport fills it."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame: accent where the reader is."""
        painter = QPainter(self)
        colour = {"active": theme.ACCENT, "drop": theme.ACCENT}.get(self._state, theme.CANVAS)
        painter.fillRect(self.rect(), QColor(colour))
        painter.end()


class CellGrid(QWidget):
    """Cells in rows and columns. Holds none of its own: it places those that it is given, by their numbers."""

    dropped = Signal(int, object)
    """(cell, series key): a series was dropped."""
    hovered = Signal(int)
    """A series hangs over this cell; -1 once it hangs over none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placed: dict[int, Cell] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setAcceptDrops(True)
        self.setObjectName("views")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def place(self, cells: Mapping[int, Cell], columns: int) -> None:
        """Shows ``cells``, row by row, and no other; those that go elsewhere are taken there by whoever holds them."""
        for cell in self._placed.values():
            self._grid.removeWidget(cell)
        for line in range(MOST):
            self._grid.setRowStretch(line, 0)
            self._grid.setColumnStretch(line, 0)
        self._placed = dict(cells)
        for place, cell in enumerate(cells.values()):
            row, column = divmod(place, columns)
            self._grid.addWidget(cell, row, column)
            self._grid.setRowStretch(row, 1)
            self._grid.setColumnStretch(column, 1)
            cell.show()

    def _cell_at(self, position: QPoint) -> int:
        for number, cell in self._placed.items():
            if QRect(cell.mapTo(self, QPoint(0, 0)), cell.size()).contains(position):
                return number
        return -1

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Series may be dropped on a view; files go on to the window."""
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Marks the view that it hangs over."""
        self.hovered.emit(self._cell_at(event.position().toPoint()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: object) -> None:
        """It went on."""
        self.hovered.emit(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Asks to show the series where it was dropped."""
        self.hovered.emit(-1)
        number, key = self._cell_at(event.position().toPoint()), series_key(event.mimeData())
        if key is not None and number >= 0:
            event.acceptProposedAction()
            self.dropped.emit(number, key)


def mime_of(series: Series) -> QMimeData:
    """A series for dragging."""
    data = QMimeData()
    data.setData(SERIES_MIME, QByteArray(json.dumps(list(series.key)).encode()))
    return data


def series_key(data: QMimeData) -> tuple[str, int] | None:
    """The key of the series that is dragged; ``None`` where it is none."""
    try:
        uid, stack = json.loads(bytes(data.data(SERIES_MIME).data()))
    except ValueError:
        return None
    return str(uid), int(stack)
