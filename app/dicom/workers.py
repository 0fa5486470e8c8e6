"""Codec processes: compressed frames are decoded where a crash or an endless loop harms nothing.

Decision: plain child processes and pipes, not multiprocessing and shared memory. A child never runs the program's own
main module again, pipes have no size limit (containers give 64 MB of shared memory), and pixels are read from the
pipe straight into the volume, so memory stays one copy. The price is one pass of memcpy, about 1 % of a decode.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import codecs
from app.dicom.syntaxes import require_decoder
from app.dicom.worker import ANSWER, FAILED, ORDER, Order
from app.errors import UnreadableFile
from inference.types import Cancelled

if TYPE_CHECKING:
    from app.dicom.codecs import FrameSpec
    from app.dicom.encapsulated import Span

SECONDS_A_FRAME = 10.0
"""A frame that takes longer (plus a second for every 4 MB of pixels) is taken for an endless loop."""
SECONDS_TO_START = 60.0
NICE = 3
FLAG = "--codec-worker"
"""First argument of a frozen program that asks it to be a codec process."""

_ROOT = str(Path(__file__).resolve().parents[2])
_SLICE_S = 0.1
_CHUNK = 2**20


def count() -> int:
    """How many codec processes run at most: one a core, up to four."""
    return max(1, min(os.cpu_count() or 1, 4))


class _Died(Exception):
    """The process ended, or was ended, before it answered. ``str`` is the reason for the reader."""


class _Worker:
    """One child process. One order at a time."""

    def __init__(self) -> None:
        # The window draws on the same few cores: neither starting nor decoding may make it wait for a turn.
        nice = f"import os; hasattr(os, 'nice') and os.nice({NICE})"
        code = f"{nice}; import sys; sys.path.insert(0, {_ROOT!r}); from app.dicom.worker import main; main()"
        frozen = getattr(sys, "frozen", False)
        command = [sys.executable, FLAG] if frozen else [sys.executable, "-P", "-c", code]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._is_ready = False

    def decode(self, order: Order, target: npt.NDArray[Any], stop: threading.Event | None) -> None:
        """Fill ``target`` (``order.spec.shape``). Raises ``UnreadableFile``, ``_Died``, or ``Cancelled`` once
        ``stop`` is set.
        """
        data = pickle.dumps(order)
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(ORDER.pack(len(data)) + data)
        except OSError as error:
            raise _Died("the decoder ended") from error
        head = bytearray(ANSWER.size)
        if not self._is_ready:
            # A busy machine may take seconds to start a process: that is not the frame's fault.
            self._fill(memoryview(head), time.monotonic() + SECONDS_TO_START, stop)
            self._is_ready = True
        deadline = time.monotonic() + SECONDS_A_FRAME + target.nbytes / 2**22
        self._fill(memoryview(head), deadline, stop)
        status, length = ANSWER.unpack(head)
        if status == FAILED:
            reason = bytearray(length)
            self._fill(memoryview(reason), deadline, stop)
            raise UnreadableFile("Cannot read the image", reason.decode(errors="replace"), "Ask for the file again.")
        direct = target.dtype == order.spec.dtype and target.flags.c_contiguous
        pixels = target if direct else np.empty(order.spec.shape, order.spec.dtype)
        if length != pixels.nbytes:
            raise _Died("the decoder answered with another size")
        self._fill(pixels.reshape(-1).view(np.uint8).data, deadline, stop)
        if not direct:
            target[...] = pixels

    def _fill(self, view: memoryview, deadline: float, stop: threading.Event | None) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        while view:
            self._await(deadline, stop)
            got = pipe.readinto(view[:_CHUNK])  # type: ignore[attr-defined]
            if not got:
                raise _Died("the decoder crashed on this file")
            view = view[got:]

    def _await(self, deadline: float, stop: threading.Event | None) -> None:
        """Until there is something to read; ends the process when it must not be waited for any longer."""
        while not _readable(self._process, _SLICE_S):
            if stop is not None and stop.is_set():
                raise Cancelled
            if time.monotonic() > deadline:
                raise _Died("the decoder took too long on this file")

    def close(self, *, kill: bool = False) -> None:
        """End the process; without ``kill`` it may finish what it does."""
        if kill:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _readable(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the process has written something (or ended), waiting at most ``seconds``."""
    assert process.stdout is not None
    if sys.platform == "win32":
        return _readable_windows(process, seconds)
    import select

    return bool(select.select([process.stdout], [], [], seconds)[0])


def _readable_windows(process: subprocess.Popen[bytes], seconds: float) -> bool:
    # Pipes cannot be waited for on Windows; they can be looked into.
    import ctypes
    import msvcrt

    assert process.stdout is not None
    handle = msvcrt.get_osfhandle(process.stdout.fileno())  # type: ignore[attr-defined,unused-ignore]
    available = ctypes.c_ulong(0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        peek = ctypes.windll.kernel32.PeekNamedPipe  # type: ignore[attr-defined,unused-ignore]
        if not peek(handle, None, 0, None, ctypes.byref(available), None) or available.value:
            return True
        time.sleep(0.0005)
    return False


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
            if self._idle:
                return self._idle.pop()
            self._alive += 1
        worker = self._started()
        if worker is None:
            self._give_back(None)
        return worker

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
    require_decoder(spec.transfer_syntax_uid)
    order = Order(str(path), spans, spec)
    worker = _pool.borrow(stop)
    if worker is None:
        # Better a risk than no picture, where the system forbids processes.
        with path.open("rb", buffering=0) as file:
            parts = []
            for offset, length in spans:
                file.seek(offset)
                parts.append(file.read(length))
        target[...] = codecs.decode_frame(b"".join(parts), spec)
        return
    healthy = False
    try:
        worker.decode(order, target, stop)
        healthy = True
    except UnreadableFile:
        healthy = True
        raise
    except _Died as died:
        raise UnreadableFile("Cannot read the image", f"corrupt: {died}", "Ask for the file again.") from died
    finally:
        _pool.give_back(worker, healthy=healthy)
