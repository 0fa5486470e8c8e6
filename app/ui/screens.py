"""The window among several screens: to the next one, and never out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QObject, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QScreen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_GRIP = 80
"""So much of a window's upper edge must be on a screen for a reader to get hold of it, in logical pixels."""


def carried(window: QRect, one: QRect, other: QRect) -> QRect:
    """Where a window on the screen ``one`` lies on ``other``: as large where there is room, at the same share of the
    way from left to right and from top to bottom."""

    def place(at: int, size: int, low: int, room: int, new_low: int, new_room: int, new_size: int) -> int:
        share = (at - low) / (room - size) if room > size else 0.5
        return round(new_low + min(max(share, 0.0), 1.0) * (new_room - new_size))

    width, height = min(window.width(), other.width()), min(window.height(), other.height())
    left = place(window.x(), window.width(), one.x(), one.width(), other.x(), other.width(), width)
    top = place(window.y(), window.height(), one.y(), one.height(), other.y(), other.height(), height)
    return QRect(left, top, width, height)


def is_in_sight(window: QRect, screens: list[QRect]) -> bool:
    """Whether enough of the window's upper edge lies on one of ``screens``."""
    edge = QRect(window.x(), window.y(), window.width(), min(_GRIP, window.height()))
    return any(
        shared.width() >= min(_GRIP, window.width()) and shared.height() >= edge.height() // 2
        for shared in (edge.intersected(screen) for screen in screens)
    )


def screen_of(window: QWidget) -> QScreen:
    """The screen that the middle of ``window`` is on."""
    # Not the window's ``screen()``: PySide would then take the screen for a child of the window.
    return QGuiApplication.screenAt(window.geometry().center()) or QGuiApplication.primaryScreen()


def next_screen(window: QWidget) -> QScreen | None:
    """The screen after that of ``window``; ``None`` where there is one only."""
    every = QGuiApplication.screens()
    here = screen_of(window)
    other = every[(every.index(here) + 1) % len(every)]
    return None if other is here else other


class Screens(QObject):
    """Moves ``window``; ``changed`` when a screen comes or goes."""

    changed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._changed)
            application.screenRemoved.connect(self._removed)

    def _changed(self) -> None:
        self.changed.emit()

    def _removed(self) -> None:
        self.changed.emit()
        self.keep_in_sight()

    @property
    def several(self) -> bool:
        """Whether there is another screen to go to."""
        return len(QGuiApplication.screens()) > 1

    def go_on(self) -> None:
        """To the next screen, as large as it fits there; maximised and full screen stay so."""
        here, other = screen_of(self._window), next_screen(self._window)
        if other is not None:
            self._move(here.availableGeometry(), other.availableGeometry())

    def _move(self, one: QRect, other: QRect) -> None:
        window, state = self._window, self._window.windowState()
        filling = state & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen)
        if filling:
            place = window.normalGeometry()
            window.setWindowState(state & ~filling)
        else:
            place = window.geometry()
        # What must fit is the window with the frame that the desktop gives it.
        frame, inner = window.frameGeometry(), window.geometry()
        edges = QMargins(
            inner.left() - frame.left(),
            inner.top() - frame.top(),
            frame.right() - inner.right(),
            frame.bottom() - inner.bottom(),
        )
        window.setGeometry(carried(place.marginsAdded(edges), one, other).marginsRemoved(edges))
        if filling:
            window.setWindowState(state)

    def keep_in_sight(self) -> None:
        """Brings a window back whose screen is gone."""
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if not is_in_sight(self._window.geometry(), screens):
            room = QGuiApplication.primaryScreen().availableGeometry()
            self._move(self._window.geometry(), room)
