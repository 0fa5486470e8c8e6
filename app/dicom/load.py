"""A series' pixels, filled while others look: the visible frame first, then outwards from it.

Bytes that need no codec are read straight into the volume by the calling thread. Compressed frames are decoded by
codec processes (``workers``), each driven by a thread that waits for it without the GIL. Memory is one copy of the
volume in its stored type.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import workers
from app.dicom.pixels import Pipeline, pipeline
from app.dicom.reading import FrameSource
from app.dicom.specs import spec_of
from app.errors import UserError
from inference.types import Cancelled, Tick, no_tick

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from app.dicom.codecs import FrameSpec
    from app.dicom.model import Series

Array = npt.NDArray[Any]

FALLBACK_MEMORY = 8 * 2**30


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
        self.specs: tuple[FrameSpec, ...] = tuple(spec_of(instance) for instance in series.instances)
        dtype = np.result_type(*{spec.dtype for spec in self.specs})
        shape = (len(series.frames), *self.specs[0].shape)
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        limit = memory_limit if memory_limit is not None else available_memory()
        if size > limit:
            raise UserError(
                f"Cannot open the series: its {len(series.frames)} images need {size / 2**30:.1f} GB of memory",
                f"{limit / 2**30:.1f} GB can be used",
                "Close other series or programs, or open fewer images.",
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


def available_memory() -> int:
    """Bytes that one series may take: 80 % of what is free now, or 8 GB where the system does not say."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return FALLBACK_MEMORY
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
            for line in file:
                if line.startswith("MemAvailable:"):
                    free = int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return int(free * 0.8)


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
    settled = _read_all(target, waiting) if _all_direct(target) else _decode_all(target, waiting)
    try:
        for index, state in settled:
            target.mark(index, state)
            done += 1
            if on_frame is not None:
                on_frame(index)
            tick(done / len(waiting))
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


def _settle(pixels: SeriesPixels, source: FrameSource, index: int) -> FrameState:
    try:
        source.read_into(pixels.series.frames[index].frame, pixels.stored[index])
    except UserError as error:
        return FrameState(Status.FAILED, error.why or error.what)
    except Cancelled:
        return _WAITING
    except MemoryError:
        return FrameState(Status.FAILED, "not enough memory")
    return _LOADED


def _read_all(pixels: SeriesPixels, order: list[int]) -> Generator[tuple[int, FrameState], None, None]:
    """Native frames, read one after another by the calling thread."""
    series = pixels.series
    source: FrameSource | None = None
    try:
        for index in order:
            instance = series.frames[index].instance
            if source is None or source.instance is not series.instances[instance]:
                if source is not None:
                    source.close()
                source = FrameSource(series.instances[instance], pixels.specs[instance])
            yield index, _settle(pixels, source, index)
    finally:
        if source is not None:
            source.close()


def _decode_all(pixels: SeriesPixels, order: list[int]) -> Generator[tuple[int, FrameState], None, None]:
    """Compressed frames, decoded by a pool of threads; the first one alone, so that it is on screen soonest."""
    sources = _Sources(pixels)
    todo = deque(order)
    count = workers.count()
    pool = ThreadPoolExecutor(count, thread_name_prefix="decode")
    running: dict[Future[FrameState], int] = {}
    try:
        while todo or running:
            # Few are in flight, so that cancelling waits for no more than one frame a worker.
            is_first = len(todo) == len(order)
            while todo and len(running) < (1 if is_first else count + 1):
                index = todo.popleft()
                running[pool.submit(sources.settle, index)] = index
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), future.result()
    finally:
        sources.stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        sources.close()


class _Sources:
    """Open instances shared by workers. A multi-frame object is opened once a thread, so that its frames are found
    once.
    """

    def __init__(self, pixels: SeriesPixels) -> None:
        self._pixels = pixels
        self._local = threading.local()
        self._open: list[FrameSource] = []
        self.stop = threading.Event()

    def settle(self, index: int) -> FrameState:
        number = self._pixels.series.frames[index].instance
        instance = self._pixels.series.instances[number]
        if instance.number_of_frames == 1:
            with FrameSource(instance, self._pixels.specs[number], self.stop) as single:
                return _settle(self._pixels, single, index)
        source: FrameSource | None = getattr(self._local, "source", None)
        if source is None or source.instance is not instance:
            if source is not None:
                source.close()
            self._local.source = source = FrameSource(instance, self._pixels.specs[number], self.stop)
            self._open.append(source)
        return _settle(self._pixels, source, index)

    def close(self) -> None:
        for source in self._open:
            source.close()
