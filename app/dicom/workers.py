"""Codec processes: compressed frames are decoded where a crash or an endless loop harms nothing.

Each is a plain child process (``child``) with two places in memory that it shares with the program (``shared``), no
larger than a frame: while one frame is copied into the volume the next is decoded, and a decoder that writes where it
must not can spoil a frame of its own, never the volume.
"""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import pickle
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import codecs
from app.dicom.child import SECONDS_TO_START, Child, Died
from app.dicom.shared import Memory
from app.dicom.syntaxes import require_decoder
from app.dicom.worker import ANSWER, FAILED, ORDER, Order
from app.errors import UnreadableFile
from inference.types import Cancelled
from inference.words import known, said_by, say

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from app.dicom.codecs import FrameSpec
    from app.dicom.encapsulated import Span
    from app.dicom.shared import Place

SECONDS_A_FRAME = 10.0
"""A frame that takes longer (plus a second for every 4 MB of pixels) is taken for an endless loop."""
FLAG = "--codec-worker"
"""First argument of a frozen program that asks it to be a codec process."""

DEPTH = 2
"""Frames that a process has at a time: the one it decodes, and the next."""
_SLICE_S = 0.1
_PATIENCE_S = 0.25
_MOST_KEPT = 2**26


def count() -> int:
    """How many codec processes run at most: one a core, up to four."""
    return max(1, min(os.cpu_count() or 1, 4))


@dataclass(frozen=True, eq=False)
class Task:
    """Decode the frame whose fragments lie at ``spans`` of ``path`` into ``target`` (``spec.shape``; a wider dtype is
    allowed). ``key`` is the caller's.
    """

    key: int
    path: Path
    spans: tuple[Span, ...]
    spec: FrameSpec
    target: npt.NDArray[Any]

    @cached_property
    def size(self) -> int:
        """Bytes of the decoded frame."""
        return math.prod(self.spec.shape) * self.spec.dtype.itemsize


@lru_cache(16)
def _pickled(spec: FrameSpec) -> bytes:
    return pickle.dumps(spec)


class _Worker(Child):
    """One child process and the memory shared with it."""

    def __init__(self) -> None:
        self._memory = Memory()
        try:
            super().__init__("app.dicom.worker", FLAG, say("the decoder"), self._memory.descriptors)
        except BaseException:
            self._memory.close()
            raise
        self._is_ready = False
        self._sent: deque[Place] = deque()
        self._turn = 0

    def has_room(self, size: int) -> bool:
        """Whether a frame of ``size`` bytes can be ordered now; where nothing is under way it always can."""
        return not self._sent or (len(self._sent) < DEPTH and size <= self._memory.size // DEPTH)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._sent

    def reserve(self, size: int) -> None:
        """Make room for frames of ``size`` bytes; none may be under way. Raises ``Died``."""
        try:
            if size > self._memory.size // DEPTH:
                self._memory.hold(size * DEPTH)
        except OSError as error:
            raise Died(say("there is not enough memory for this image")) from error

    def send(self, task: Task) -> None:
        """Order a frame; ``has_room`` must say that it can be. Raises ``Died``."""
        self.reserve(task.size)
        try:
            self._turn = (self._turn + 1) % DEPTH
            place = self._memory.place(self._turn * (self._memory.size // DEPTH), task.size)
            data = pickle.dumps(Order(str(task.path), task.spans, _pickled(task.spec), place))
            self._write(ORDER.pack(len(data)) + data)
        except OSError as error:
            raise Died(say("the decoder ended")) from error
        self._sent.append(place)

    def receive(self, task: Task, stop: threading.Event | None) -> None:
        """Wait for the frame that was ordered first, ``task``, and put it where it belongs. Raises
        ``UnreadableFile``, ``Died``, or ``Cancelled`` once ``stop`` is set.
        """
        place, length = self._answer(SECONDS_A_FRAME + task.size / 2**22, stop)
        if length != task.size:
            raise Died(say("the decoder answered with another size"))
        with self._memory.view(place) as view:
            task.target[...] = np.frombuffer(view, task.spec.dtype).reshape(task.spec.shape)

    def _answer(self, patience: float, stop: threading.Event | None) -> tuple[Place, int]:
        """The place and the length that come next, waited for at most ``patience`` seconds."""
        head = bytearray(ANSWER.size)

        def look() -> None:
            if stop is not None and stop.is_set():
                raise Cancelled

        if not self._is_ready:
            # A busy machine may take seconds to start a process: that is not the frame's fault.
            self._fill(memoryview(head), time.monotonic() + max(patience, SECONDS_TO_START), look)
            self._is_ready = True
        self._fill(memoryview(head), time.monotonic() + patience, look)
        status, length = ANSWER.unpack(head)
        place = self._sent.popleft()
        if status == FAILED:
            reason = bytearray(length)
            self._fill(memoryview(reason), time.monotonic() + patience, lambda: None)
            raise UnreadableFile(
                say("Cannot read the image"), known(reason.decode(errors="replace")), say("Ask for the file again.")
            )
        return place, length

    def settle(self) -> bool:
        """Take the answers that nobody waits for any more, if they come soon; whether none is left."""
        until = time.monotonic() + _PATIENCE_S
        try:
            while self._sent:
                if not self._is_ready and not self._readable(0):
                    return False
                with contextlib.suppress(UnreadableFile):
                    self._answer(until - time.monotonic(), None)
            if self._memory.size > _MOST_KEPT:
                self._memory.hold(0)
        except (Died, OSError):
            return False
        return self.is_alive

    def close(self, *, kill: bool = False) -> None:
        """End the process and give its memory back; without ``kill`` it may finish what it does."""
        super().close(kill=kill)
        self._memory.close()


class _Pool:
    """At most ``count()`` workers, started when asked for, kept for the next order."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._alive = 0

    def warm(self) -> None:
        """Start all workers that are not there yet, without waiting for them."""
        with self._changed:
            missing = count() - self._alive
            self._alive += missing
        for _ in range(missing):
            self._give_back(self._started())

    def borrow(self, stop: threading.Event | None) -> _Worker | None:
        """A worker, started now if need be; ``None`` where this system starts no process."""
        with self._changed:
            while not self._idle and self._alive >= count():
                self._changed.wait(_SLICE_S)
                if stop is not None and stop.is_set():
                    raise Cancelled
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    return worker
                # What ended while it had nothing to do says nothing of the next frame.
                worker.close(kill=True)
                self._alive -= 1
            self._alive += 1
        started = self._started()
        if started is None:
            self._give_back(None)
        return started

    def _started(self) -> _Worker | None:
        try:
            return _Worker()
        except OSError:
            return None

    def give_back(self, worker: _Worker, *, healthy: bool) -> None:
        """Keep a healthy worker for the next order; end another."""
        if healthy:
            self._give_back(worker)
        else:
            worker.close(kill=True)
            self._give_back(None)

    def _give_back(self, worker: _Worker | None) -> None:
        with self._changed:
            if worker is None:
                self._alive -= 1
            else:
                self._idle.append(worker)
            self._changed.notify()

    def close(self) -> None:
        """End all idle workers."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._alive -= len(idle)
        for worker in idle:
            worker.close()


_pool = _Pool()
atexit.register(_pool.close)


def warm() -> None:
    """Start the codec processes without waiting, so that the first compressed frame finds them ready."""
    _pool.warm()


def close() -> None:
    """End all idle codec processes; the next order starts new ones."""
    _pool.close()


class Line:
    """A codec process of one's own for many frames: a context manager, one thread at a time.

    Frames are ordered ahead of the one that is waited for, so that the process never idles. One that dies costs the
    frame that it was at; the next frames go to a new one. Where the system starts no process, frames are decoded by
    the calling thread: better a risk than no picture.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop
        self._worker: _Worker | None = None
        self._tasks: deque[Task] = deque()
        self._is_alone = False

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            _pool.give_back(worker, healthy=worker.settle())

    @property
    def is_empty(self) -> bool:
        """Whether no frame is under way."""
        return not self._tasks

    def has_room(self, task: Task) -> bool:
        """Whether ``task`` can be put without taking another first."""
        if self._is_alone or self._worker is None:
            return not self._tasks
        return self._worker.has_room(task.size)

    def put(self, task: Task) -> None:
        """Order a frame. Raises ``UnreadableFile`` where there is no decoder, ``Cancelled`` once ``stop`` is set."""
        require_decoder(task.spec.transfer_syntax_uid)
        self._tasks.append(task)
        self._send(task)

    def _send(self, task: Task, *, reserve: int = 0) -> None:
        if self._worker is None and not self._is_alone:
            self._worker = _pool.borrow(self._stop)
            self._is_alone = self._worker is None
        if self._worker is not None:
            try:
                if self._worker.is_idle:
                    self._worker.reserve(reserve)
                self._worker.send(task)
            except Died:
                # Found out when its answer is waited for.
                self._worker.kill()

    def take(self) -> tuple[Task, UnreadableFile | None]:
        """The frame that was ordered first, filled, or why it is not. Raises ``Cancelled`` once ``stop`` is set."""
        task = self._tasks.popleft()
        try:
            if self._worker is None:
                task.target[...] = codecs.decode_frame(_read(task), task.spec)
            else:
                self._worker.receive(task, self._stop)
        except UnreadableFile as error:
            return task, error
        except OSError as error:
            why = error.strerror or say("input/output error")
            return task, UnreadableFile(say("Cannot read the file"), why, say("Check that it is still there."))
        except MemoryError:
            return task, UnreadableFile(
                say("Cannot read the image"), say("not enough memory"), say("Close other series or programs.")
            )
        except Died as died:
            self._replace()
            return task, UnreadableFile(
                say("Cannot read the image"),
                say("corrupt: {cause}", cause=said_by(died)),
                say("Ask for the file again."),
            )
        return task, None

    def _replace(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            _pool.give_back(worker, healthy=False)
        size = max((task.size for task in self._tasks), default=0)
        for task in self._tasks:
            self._send(task, reserve=size)


def _read(task: Task) -> bytes:
    with task.path.open("rb", buffering=0) as file:
        parts = []
        for offset, length in task.spans:
            file.seek(offset)
            parts.append(file.read(length))
    return b"".join(parts)


def decode(
    path: Path,
    spans: tuple[Span, ...],
    spec: FrameSpec,
    target: npt.NDArray[Any],
    stop: threading.Event | None = None,
) -> None:
    """Decode a compressed frame of ``path`` into ``target`` (``spec.shape``) in a codec process; blocks without the
    GIL.

    Raises ``UnreadableFile`` with the reason, also when the decoder crashed or took too long, and ``Cancelled`` once
    ``stop`` is set.
    """
    with Line(stop) as line:
        line.put(Task(0, path, spans, spec, target))
        _, error = line.take()
    if error is not None:
        raise error
