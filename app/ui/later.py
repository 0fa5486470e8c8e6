"""Work on the window that the picture need not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.ui.dispatch import window_first

if TYPE_CHECKING:
    from collections.abc import Callable


class Later(QObject):
    """Does ``work`` in a turn of the event loop of its own, once however often it was asked for meanwhile.

    A list of many widgets takes as long to make as an image takes to draw. Done in the turn in which the reader chose
    another series, it would hold up the image, and the window would stop for the time of both.
    """

    def __init__(self, work: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._is_next = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._come_round)

    def ask(self) -> None:
        """It is to be done, soon."""
        self._is_next = False
        self._timer.start()

    def settle(self) -> None:
        """Does it now, where it is still to be done."""
        if self._timer.isActive():
            self._timer.stop()
            self._work()

    def _come_round(self) -> None:
        # A timer ends the turn that it was started in, after the painting: the work is for the turn after that.
        if not self._is_next:
            self._is_next = True
            self._timer.start()
            return
        window_first()
        self._work()
