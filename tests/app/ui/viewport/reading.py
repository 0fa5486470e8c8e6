"""What the viewport's tests share: a series on screen, and hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.core import view as views
from app.core.document import Overlay
from app.core.session import Session, new_id
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.ui.viewport import Viewport
from inference.types import Code, Label, ModelRef

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
MODEL = ModelRef("test-lungs", "1.2.0", "ab" * 32)


@dataclass
class Reading:
    """A viewport with a series on it."""

    session: Session
    viewport: Viewport
    series: Series
    pixels: SeriesPixels

    def at(self, row: float, column: float) -> QPointF:
        """Where an image point is in the widget."""
        canvas = self.viewport.canvas()
        assert canvas is not None
        return QPointF(*views.to_screen(views.transform(self.viewport.view, canvas), (row, column)))

    def under(self, position: QPointF) -> tuple[float, float]:
        """The image point at a position in the widget."""
        canvas = self.viewport.canvas()
        assert canvas is not None
        back = views.inverse(views.transform(self.viewport.view, canvas))
        return views.to_screen(back, (position.x(), position.y()))

    def _mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        event = QMouseEvent(kind, at, self.viewport.mapToGlobal(at), button, held, NONE)
        QApplication.sendEvent(self.viewport, event)

    def press(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self._mouse(QEvent.Type.MouseButtonPress, at, button, button)

    def move(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        held = button
        self._mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, held)

    def hover(self, at: QPointF) -> None:
        self._mouse(QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)

    def release(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self._mouse(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton)

    def double_click(self, at: QPointF) -> None:
        self._mouse(QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT)

    def drag(self, start: QPointF, *stops: QPointF, button: Qt.MouseButton = LEFT) -> None:
        """Press, move through ``stops``, release at the last."""
        self.press(start, button)
        for stop in stops:
            self.move(stop, button)
        self.release(stops[-1], button)

    def click(self, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        self.press(at, button)
        self.release(at, button)

    def wheel(self, angle: int, at: QPointF | None = None, modifiers: Qt.KeyboardModifier = NONE) -> None:
        position = at if at is not None else QPointF(self.viewport.rect().center())
        event = QWheelEvent(
            position,
            self.viewport.mapToGlobal(position),
            QPoint(),
            QPoint(0, angle),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.viewport, event)

    def overlay(self, plane: npt.NDArray[np.uint8], *, index: int | None = None) -> Overlay:
        """Commits a label map of values 1 and 2 on one frame."""
        labels = (
            Label(1, "Right lung", Code("1", "right"), (255, 0, 0)),
            Label(2, "Left lung", Code("2", "left"), (0, 0, 255)),
        )
        where = self.viewport.index if index is None else index
        made = Overlay(new_id(), self.series.key, (where,), plane[np.newaxis], labels, MODEL)
        self.session.commit("AI", self.session.document.with_overlay(made))
        return made


def first_series(paths: Sequence[Path]) -> tuple[Session, Series]:
    """A session with ``paths`` open, and its first stack."""
    session = Session()
    session.open(index(scan(list(paths))))
    return session, session.index.series()[0]


def pixels_of(series: Series) -> SeriesPixels:
    """All of a stack, loaded."""
    return load(series)


def rgb(image: QImage) -> npt.NDArray[np.uint8]:
    """A picture as an array (height, width, 3)."""
    copy = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(copy.constBits(), np.uint8).reshape(copy.height(), copy.bytesPerLine() // 4, 4)
    return raw[:, : copy.width(), 2::-1].copy()
