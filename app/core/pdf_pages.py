"""Pages of a PDF as pictures, drawn by PDFium in a process that may die (``pdf_worker``). Any thread may ask."""

from __future__ import annotations

import atexit
import pickle
import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from app.core.pdf_worker import COUNT, MAX_PAGES, MAX_PIXELS, SHAPE, PageOrder
from app.dicom.child import SECONDS_TO_START, Child, Died
from app.dicom.shared import Memory
from app.dicom.worker import ANSWER, FAILED, ORDER
from app.errors import UnreadableFile
from inference.types import Tick, no_tick
from inference.words import said_by, say

if TYPE_CHECKING:
    import numpy.typing as npt

FLAG = "--pdf-worker"
"""First argument of a frozen program that asks it to be the process that draws pages."""
SECONDS_A_PAGE = 20.0
"""A page that takes longer is taken for an endless loop."""
_LONGEST_ANSWER = 3 * MAX_PIXELS * 2
_SLICE_S = 0.1

Answer = bytearray
"""What the process says: see ``pdf_worker``. Never unpickled: whoever drew a hostile page is not to be trusted."""


def page_count(data: bytes, tick: Tick = no_tick) -> int:
    """How many pages the PDF has. Raises ``UnreadableFile`` with the reason, ``Cancelled`` from ``tick``."""
    answer = _keeper.ask(data, None, 0.0, tick)
    count = COUNT.unpack(answer)[0] if len(answer) == COUNT.size else 0
    if not 1 <= count <= MAX_PAGES:
        raise _unreadable(say("it has no pages"))
    return int(count)


def page_picture(data: bytes, number: int, dots_per_inch: float, tick: Tick = no_tick) -> npt.NDArray[np.uint8]:
    """Page ``number`` (from 0) on white: uint8, shape (height, width, 3). Coarser than asked where it would be huge.

    Raises ``UnreadableFile`` with the reason, also where the page crashed its process or took too long; ``Cancelled``
    from ``tick``.
    """
    answer = _keeper.ask(data, number, dots_per_inch, tick)
    height, width = SHAPE.unpack_from(answer) if len(answer) >= SHAPE.size else (0, 0)
    if len(answer) != SHAPE.size + 3 * height * width:
        raise _unreadable(say("page {number} cannot be drawn", number=number + 1))
    return np.frombuffer(answer, np.uint8, offset=SHAPE.size).reshape(height, width, 3)


def _unreadable(why: str) -> UnreadableFile:
    return UnreadableFile(say("Cannot show the document"), why, say("Ask for the file again."))


class _Drawer(Child):
    """The process, and the memory that brings it documents."""

    def __init__(self) -> None:
        self._memory = Memory()
        try:
            super().__init__("app.core.pdf_worker", FLAG, say("the program that draws it"), self._memory.descriptors)
        except BaseException:
            self._memory.close()
            raise
        self._is_ready = False

    def ask(self, data: bytes, number: int | None, dots_per_inch: float, tick: Tick) -> Answer:
        """The answer to one order. Raises ``UnreadableFile``, ``Died``, ``OSError``, ``Cancelled``."""
        if len(data) > self._memory.size:
            self._memory.hold(len(data))
        place = self._memory.place(0, len(data))
        with self._memory.view(place) as view:
            view[:] = data
        order = pickle.dumps(PageOrder(place, number, dots_per_inch))
        if not self._is_ready:
            # A busy machine may take seconds to start a process: that is not the page's fault.
            self._answer(SECONDS_TO_START, tick)
            self._is_ready = True
        self._write(ORDER.pack(len(order)) + order)
        status, answer = self._answer(SECONDS_A_PAGE, tick)
        if status == FAILED:
            raise _unreadable(answer.decode(errors="replace"))
        return answer

    def _answer(self, patience: float, tick: Tick) -> tuple[int, Answer]:
        until = time.monotonic() + patience
        head = bytearray(ANSWER.size)
        self._fill(memoryview(head), until, lambda: tick(0.0))
        status, length = ANSWER.unpack(head)
        if length > _LONGEST_ANSWER:
            raise Died(say("the program that draws it answered nonsense"))
        answer = Answer(length)
        self._fill(memoryview(answer), until, lambda: tick(0.0))
        return status, answer

    def close(self, *, kill: bool = False) -> None:
        """End the process and give its memory back."""
        super().close(kill=kill)
        self._memory.close()


class _Keeper:
    """One drawer, started when it is needed, replaced when it dies. PDFium allows no two pages at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self.drawer: _Drawer | None = None

    def ask(self, data: bytes, number: int | None, dots_per_inch: float, tick: Tick) -> Answer:
        while not self._turn.acquire(timeout=_SLICE_S):
            tick(0.0)
        try:
            return self._asked(data, number, dots_per_inch, tick)
        finally:
            self._turn.release()

    def _asked(self, data: bytes, number: int | None, dots_per_inch: float, tick: Tick) -> Answer:
        if self.drawer is not None and not self.drawer.is_alive:
            # What ended while it had nothing to do says nothing of this page.
            self._drop()
        try:
            if self.drawer is None:
                self.drawer = _Drawer()
            return self.drawer.ask(data, number, dots_per_inch, tick)
        except UnreadableFile:
            raise
        except Died as died:
            self._drop()
            raise _unreadable(said_by(died)) from died
        except OSError as error:
            self._drop()
            why = say(
                "the program that draws it cannot run ({fault})", fault=error.strerror or say("input/output error")
            )
            raise UnreadableFile(
                say("Cannot show the document"), why, say("Close other programs and try again.")
            ) from error
        except BaseException:
            # Cancelled: what it is at now must not be taken for the next answer.
            self._drop()
            raise

    def _drop(self) -> None:
        if self.drawer is not None:
            self.drawer.close(kill=True)
            self.drawer = None

    def close(self) -> None:
        """End the process; the next page starts a new one."""
        with self._turn:
            self._drop()


_keeper = _Keeper()
atexit.register(_keeper.close)


def close() -> None:
    """End the process that draws pages; the next page starts a new one."""
    _keeper.close()
