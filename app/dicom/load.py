"""A series' pixels, filled while others look: the visible frame first, then outwards from it.

Bytes that need no codec are read straight into the volume by two threads, which wait for the disk and for memory
without the GIL. Compressed frames are decoded by codec processes (``workers``), each driven by a thread that waits for
it without the GIL. Memory is one copy of the volume in its stored type.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import workers
from app.dicom.memory import available_memory
from app.dicom.pixels import Pipeline, pipeline
from app.dicom.reading import FrameSource
from app.errors import UserError
from inference.types import Cancelled, Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.dicom.codecs import FrameSpec
    from app.dicom.model import Series

Array = npt.NDArray[Any]

READERS = 2
"""Threads that read native frames: one waits for the disk or for fresh memory while the other copies."""
BATCH_BYTES = 2**22
_ASK_S = 0.1


class Status(Enum):
    """What is known of a frame's pixels."""

    WAITING = "waiting"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True)
class FrameState:
    """``reason``: why a frame failed, in the reader's words; empty otherwise."""

    status: Status
    reason: str = ""


_WAITING = FrameState(Status.WAITING)
_LOADED = FrameState(Status.LOADED)


class SeriesPixels:
    """The stored values of one stack, filled progressively; safe to read from any thread.

    ``stored``: shape (frames, rows, columns), or (frames, rows, columns, 3) RGB, in the stored dtype; zero where a
    frame is not loaded. Raises ``UserError`` where the volume does not fit ``memory_limit`` (bytes; by default most
    of the machine's memory).
    """

    def __init__(self, series: Series, *, memory_limit: int | None = None) -> None:
        self.series = series
        self.specs: tuple[FrameSpec, ...] = tuple(instance.spec for instance in series.instances)
        dtype = np.result_type(*{spec.dtype for spec in self.specs})
        shape = (len(series.frames), *self.specs[0].shape)
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        limit = memory_limit if memory_limit is not None else available_memory()
        if size > limit:
            raise UserError(
                say(
                    "Cannot open the series: its {count} images need {size:.1f} GB of memory",
                    count=len(series.frames),
                    size=size / 2**30,
                ),
                say("{size:.1f} GB can be used", size=limit / 2**30),
                say("Close other series or programs, or open fewer images."),
            )
        # Untouched pages cost nothing: memory grows as frames arrive.
        self.stored: Array = np.zeros(shape, dtype)
        self._states = [_WAITING] * len(series.frames)
        self._pipelines: dict[int, Pipeline] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._states)

    def state(self, index: int) -> FrameState:
        """Whether frame ``index`` (in sorted order) waits, is loaded, or failed and why."""
        return self._states[index]

    def is_loaded(self, index: int) -> bool:
        """Whether frame ``index`` can be shown."""
        return self._states[index].status is Status.LOADED

    @property
    def loaded(self) -> tuple[int, ...]:
        """Indices of the frames that can be shown, ascending."""
        return tuple(i for i, state in enumerate(self._states) if state.status is Status.LOADED)

    @property
    def is_complete(self) -> bool:
        """Whether no frame waits (some may have failed)."""
        return all(state.status is not Status.WAITING for state in self._states)

    def pipeline(self, index: int) -> Pipeline:
        """The grayscale or colour pipeline of frame ``index``; made once."""
        with self._lock:
            found = self._pipelines.get(index)
            if found is None:
                found = self._pipelines[index] = pipeline(self.series, index)
            return found

    def modality(self, index: int) -> npt.NDArray[np.float32]:
        """Modality values of frame ``index``, shape (rows, columns), in ``series.unit``."""
        return self.pipeline(index).modality(self.stored[index])

    def mark(self, index: int, state: FrameState) -> None:
        """Set the state of a frame. For loaders."""
        self._states[index] = state


def read_frame(series: Series, index: int) -> Array:
    """One frame's stored values, shape (rows, columns) or (rows, columns, 3) RGB, read now.

    Raises ``UnreadableFile`` with the reason.
    """
    key = series.frames[index]
    with FrameSource(series.instances[key.instance]) as source:
        target = np.empty(source.spec.shape, source.spec.dtype)
        source.read_into(key.frame, target)
        return target


def load(
    series: Series,
    *,
    first: int = 0,
    tick: Tick = no_tick,
    pixels: SeriesPixels | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> SeriesPixels:
    """Load all frames of ``series``, frame ``first`` before all others, then outwards from it.

    ``pixels``: what to fill (frames that are loaded or failed there are left as they are); made where absent.
    ``on_frame(index)`` is called on the calling thread as each frame is settled, loaded or failed. A broken frame is
    marked with its reason and never stops the rest. When ``tick`` raises ``Cancelled`` no thread is left behind.
    Raises ``UserError`` where memory is short.
    """
    target = pixels if pixels is not None else SeriesPixels(series)
    waiting = [i for i in outwards(first, len(target)) if target.state(i).status is Status.WAITING]
    tick(0.0)
    done = 0
    sources = _Sources(target)
    settled = _read_all(sources, waiting) if _all_direct(target) else _decode_all(sources, waiting)
    try:
        for index, state in settled:
            if index is not None:
                target.mark(index, state)
                done += 1
                if on_frame is not None:
                    on_frame(index)
            # A tick may take its time, to let others go first: so do the threads then.
            sources.going.clear()
            tick(done / len(waiting))
            sources.going.set()
    finally:
        settled.close()
    return target


def outwards(first: int, count: int) -> Iterator[int]:
    """``first``, then its neighbours in growing distance: 5 → 5, 6, 4, 7, 3, ..."""
    first = min(max(first, 0), max(count - 1, 0))
    for distance in range(count):
        for index in dict.fromkeys((first + distance, first - distance)):
            if 0 <= index < count:
                yield index


def _all_direct(pixels: SeriesPixels) -> bool:
    return all(spec.is_direct for spec in pixels.specs)


_Settled = Generator[tuple[int | None, FrameState], None, None]
"""Frames as they are settled; no frame from time to time, so that whoever waits can be asked whether to go on."""


def _settle(pixels: SeriesPixels, source: FrameSource, index: int) -> FrameState:
    try:
        source.read_into(pixels.series.frames[index].frame, pixels.stored[index])
    except Cancelled:
        return _WAITING
    except (UserError, MemoryError) as error:
        return _failed(error)
    return _LOADED


def _failed(error: UserError | MemoryError) -> FrameState:
    if isinstance(error, MemoryError):
        return FrameState(Status.FAILED, say("not enough memory"))
    return FrameState(Status.FAILED, error.why or error.what)


def _read_all(sources: _Sources, order: list[int]) -> _Settled:
    """Native frames in ``order``: the first one at once, the others in batches that two threads read in turn."""
    batch = max(1, BATCH_BYTES // max(sources.pixels.stored[0].nbytes, 1)) if order else 1

    def read(indices: list[int]) -> list[FrameState]:
        with sources.mine():
            return [_WAITING if sources.stop.is_set() else sources.settle(index) for index in indices]

    try:
        yield from zip(order[:1], read(order[:1]), strict=True)
        todo = deque(order[at : at + batch] for at in range(1, len(order), batch))
        if not todo:
            return
        pool = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        running: deque[tuple[list[int], Future[list[FrameState]]]] = deque()
        try:
            while todo or running:
                while todo and len(running) < READERS + 1:
                    indices = todo.popleft()
                    running.append((indices, pool.submit(read, indices)))
                indices, future = running.popleft()
                yield from zip(indices, future.result(), strict=True)
        finally:
            sources.end()
            pool.shutdown(wait=True, cancel_futures=True)
    finally:
        sources.close()


def _decode_all(sources: _Sources, order: list[int]) -> _Settled:
    """Compressed frames, decoded by as many processes as there are cores; the first one alone, so that it is on screen
    soonest.
    """
    settled: SimpleQueue[tuple[int, FrameState] | Exception] = SimpleQueue()
    todo: deque[int] = deque()

    def drive() -> None:
        try:
            _keep_busy(sources, todo, settled)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits for the frames
            settled.put(error)

    def started(count: int) -> list[threading.Thread]:
        threads = [threading.Thread(target=drive, name=f"decode-{n}") for n in range(count)]
        for thread in threads:
            thread.start()
        return threads

    threads: list[threading.Thread] = []
    try:
        for part in (order[:1], order[1:]):
            todo.extend(part)
            threads += started(min(len(part), workers.count()))
            left = len(part)
            while left:
                try:
                    answer = settled.get(timeout=_ASK_S)
                except Empty:
                    yield None, _WAITING
                    continue
                if isinstance(answer, Exception):
                    raise answer
                left -= 1
                yield answer
    finally:
        sources.end()
        for thread in threads:
            thread.join()
        sources.close()


def _keep_busy(sources: _Sources, todo: deque[int], settled: SimpleQueue[tuple[int, FrameState] | Exception]) -> None:
    """Feed one codec process with frames of ``todo`` until there are none, always one ahead of the one it is at."""
    with sources.mine(), workers.Line(sources.stop) as line:
        task: workers.Task | None = None
        while not sources.stop.is_set():
            sources.going.wait()
            if task is None and todo:
                index = _next(todo)
                if index is None:
                    continue
                try:
                    task = sources.task(index)
                except UserError as error:
                    settled.put((index, _failed(error)))
                    continue
                if task is None:
                    settled.put((index, sources.settle(index)))
                    continue
            if task is not None and line.has_room(task):
                line.put(task)
                task = None
                continue
            if line.is_empty:
                return
            done, fault = line.take()
            settled.put((done.key, _LOADED if fault is None else _failed(fault)))


def _next(todo: deque[int]) -> int | None:
    try:
        return todo.popleft()
    except IndexError:
        return None


class _Sources:
    """Open instances, one a thread, so that the frames of a multi-frame object are found once a thread."""

    def __init__(self, pixels: SeriesPixels) -> None:
        self.pixels = pixels
        self._local = threading.local()
        self._open: list[FrameSource] = []
        self.stop = threading.Event()
        self.going = threading.Event()
        """Not set: the threads are to pause before their next frame."""
        self.going.set()

    def end(self) -> None:
        """The threads are to end, those that pause too."""
        self.stop.set()
        self.going.set()

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Lets go of the calling thread's file at the end, where it is of one frame."""
        try:
            yield
        finally:
            source: FrameSource | None = getattr(self._local, "source", None)
            if source is not None and source.instance.number_of_frames == 1:
                source.close()
                self._local.source = None

    def source(self, index: int) -> FrameSource:
        """What holds frame ``index``."""
        number = self.pixels.series.frames[index].instance
        instance = self.pixels.series.instances[number]
        source: FrameSource | None = getattr(self._local, "source", None)
        if source is None or source.instance is not instance:
            if source is not None:
                source.close()
            self._local.source = source = FrameSource(instance, self.pixels.specs[number], self.stop)
            if instance.number_of_frames > 1:
                self._open.append(source)
        return source

    def settle(self, index: int) -> FrameState:
        """Reads frame ``index`` on this thread."""
        return _settle(self.pixels, self.source(index), index)

    def task(self, index: int) -> workers.Task | None:
        """What a codec process must do for frame ``index``; ``None`` where none is needed."""
        return self.source(index).task(index, self.pixels.series.frames[index].frame, self.pixels.stored[index])

    def close(self) -> None:
        """Lets go of all files."""
        for source in self._open:
            source.close()
