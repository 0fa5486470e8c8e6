"""Playing a stack at the speed that its file asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_FRAME_MS = 100.0
SLOWEST_FRAME_MS, FASTEST_FRAME_MS = 2000.0, 8.0


def swept(at: int, steps: int, count: int, *, back: bool) -> tuple[int, bool]:
    """Where ``steps`` more lead that go to and fro between 0 and ``count`` − 1, and whether they then go back."""
    if count < 2:
        return 0, False
    round_trip = 2 * (count - 1)
    place = ((round_trip - at if back else at) + steps) % round_trip
    return (round_trip - place, True) if place >= count else (place, False)


class Cine(QObject):
    """Tells which step is due. Steps are counted from the clock, so a slow picture drops frames and never slows the
    heart that is being looked at."""

    playingChanged = Signal(bool)

    def __init__(self, step: Callable[[int], None], parent: QObject) -> None:
        super().__init__(parent)
        self._step = step
        self._frame_ms = DEFAULT_FRAME_MS
        self._done = 0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._due)
        self._playing = False
        self.sweeps = False
        """To and fro instead of round and round."""
        self.back = False
        """Which way a sweep goes."""
        self.chosen_ms: float | None = None
        """The reader's own speed; ``None`` is the file's."""

    @property
    def playing(self) -> bool:
        """Whether frames are running."""
        return self._playing

    @property
    def frame_ms(self) -> float:
        """Time between frames."""
        return self._frame_ms

    def start(self, frame_time_ms: float | None) -> None:
        """Plays with ``frame_time_ms`` between frames, ten a second where that is not known; at the reader's speed
        where one was chosen."""
        own = frame_time_ms if frame_time_ms and frame_time_ms > 0 else DEFAULT_FRAME_MS
        wanted = self.chosen_ms or own
        self._frame_ms = min(max(wanted, FASTEST_FRAME_MS), SLOWEST_FRAME_MS)
        self._done = 0
        self._clock.start()
        self._timer.start(round(self._frame_ms))
        if not self._playing:
            self._playing, self.back = True, False
            self.playingChanged.emit(True)

    def stop(self) -> None:
        """Stands still."""
        if self.playing:
            self._playing = False
            self._timer.stop()
            self.playingChanged.emit(False)

    def _due(self) -> None:
        elapsed = float(self._clock.elapsed())
        # The timer may wake a little early; half a millisecond is as near as it gets.
        due = int((elapsed + 0.5) / self._frame_ms)
        steps, self._done = due - self._done, due
        if steps > 0:
            self._step(steps)
        if self._playing:
            self._timer.start(max(1, round((due + 1) * self._frame_ms - self._clock.elapsed())))
