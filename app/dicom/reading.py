"""Bytes of one frame out of its file, and on into the array where it belongs."""

from __future__ import annotations

import struct
from io import FileIO
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from app.dicom import codecs, encapsulated, header, parse, workers
from app.dicom.memory import available_memory
from app.dicom.syntaxes import DEFLATED, require_decoder
from app.errors import UnreadableFile
from inference.words import say

if TYPE_CHECKING:
    import threading
    from types import TracebackType

    from app.dicom.codecs import FrameSpec
    from app.dicom.encapsulated import Span
    from app.dicom.model import Instance

Array = npt.NDArray[Any]


class FrameSource:
    """An open instance that gives its frames in any order; a context manager. One thread at a time."""

    def __init__(self, instance: Instance, spec: FrameSpec | None = None, stop: threading.Event | None = None) -> None:
        self.instance = instance
        self._stop = stop
        self.spec = spec or instance.spec
        self._file: BinaryIO | None = None
        self._size = 0
        self._spans: tuple[tuple[Span, ...], ...] | None = None
        self._inflated: bytes | None = None

    def __enter__(self) -> FrameSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read_into(self, frame: int, target: Array) -> None:
        """Frame ``frame`` (from 0) into ``target`` (``spec.shape``, contiguous; a wider dtype is allowed).

        Raises ``UnreadableFile`` with the reason, ``Cancelled`` once ``stop`` is set.
        """
        try:
            require_decoder(self.spec.transfer_syntax_uid)
            if self.spec.is_direct and target.dtype == self.spec.dtype and self._in_file:
                self._read_direct(frame, target)
            elif self.spec.is_native:
                data, bit_offset = self._native_bytes(frame)
                target[...] = codecs.decode_frame(data, self.spec, bit_offset)
            else:
                workers.decode(self.instance.path, self._spans_of(frame), self.spec, target, self._stop)
        except OSError as error:
            raise _unreadable(error) from error

    def task(self, key: int, frame: int, target: Array) -> workers.Task | None:
        """What a codec process must do for frame ``frame``; ``None`` where ``read_into`` needs none.

        Raises ``UnreadableFile`` with the reason.
        """
        try:
            if self.spec.is_native:
                return None
            require_decoder(self.spec.transfer_syntax_uid)
            return workers.Task(key, self.instance.path, self._spans_of(frame), self.spec, target)
        except OSError as error:
            raise _unreadable(error) from error

    @property
    def _in_file(self) -> bool:
        return self.instance.pixels.length is not None and self.spec.transfer_syntax_uid != DEFLATED

    def _open(self) -> BinaryIO:
        if self._file is None:
            self._file = FileIO(self.instance.path)
            self._size = self._file.seek(0, 2)
        return self._file

    def _read_direct(self, frame: int, target: Array) -> None:
        file = self._open()
        file.seek(self.instance.pixels.offset + frame * self.spec.frame_bits // 8)
        view = target.reshape(-1).view(np.uint8).data
        done = 0
        while done < len(view):
            count = file.readinto(view[done:])  # type: ignore[attr-defined]
            if not count:
                raise _truncated(done, len(view))
            done += count
        if self.spec.is_big_endian:
            target.byteswap(inplace=True)
        codecs.clean(target, self.spec)

    def _spans_of(self, frame: int) -> tuple[Span, ...]:
        """Where the fragments of an encapsulated frame lie."""
        if self._spans is None:
            count = max(header.integer(self.instance.header, "NumberOfFrames") or 1, 1)
            file, offset = self._open(), self.instance.pixels.offset
            try:
                self._spans = encapsulated.frame_spans(file, offset, self._size, count, self.instance.header)
            except struct.error as error:
                # It shrank while it was read.
                raise UnreadableFile(
                    say("Cannot read the image"), say("truncated"), say("Ask for the file again.")
                ) from error
        if frame >= len(self._spans):
            raise UnreadableFile(say("Cannot read the image"), say("truncated"), say("Ask for the file again."))
        return self._spans[frame]

    def _native_bytes(self, frame: int) -> tuple[bytes, int]:
        """The bytes that hold a native frame, and the bit in the first of them where it starts."""
        pixels, spec = self.instance.pixels, self.spec
        if pixels.length is None:
            return encapsulated.read(self._open(), self._spans_of(frame)), 0
        start, bit_offset = divmod(frame * spec.frame_bits, 8)
        length = (bit_offset + spec.frame_bits + 7) // 8
        if spec.swapped:
            # Words of two samples: keep whole words, whatever the frame's size.
            bit_offset = start % 2 * 8
            start -= start % 2
            length = (bit_offset + spec.frame_bits + 15) // 16 * 2
        if spec.transfer_syntax_uid == DEFLATED:
            data = self._inflate()[pixels.offset + start : pixels.offset + start + length]
        else:
            file = self._open()
            file.seek(pixels.offset + start)
            data = _read_all(file, length)
        if len(data) < length - 1:
            raise _truncated(len(data), length)
        return data, bit_offset

    def _inflate(self) -> bytes:
        if self._inflated is None:
            whole = self.spec.frame_bits * self.instance.number_of_frames // 8
            # All of it beside the volume itself: what a few megabytes inflate to may be more than there is.
            if whole > available_memory() / 2:
                why = say("not enough memory: its deflated pixels take {size:.1f} GB", size=whole / 2**30)
                raise UnreadableFile(say("Cannot read the image"), why, say("Convert it to an uncompressed file."))
            file = self._open()
            file.seek(0)
            self._inflated = parse.inflate_dataset(file.read(), self.instance.pixels.offset + whole + 8)
        return self._inflated


def _unreadable(error: OSError) -> UnreadableFile:
    why = error.strerror or say("input/output error")
    return UnreadableFile(say("Cannot read the file"), why, say("Check that it is still there."))


def _truncated(found: int, needed: int) -> UnreadableFile:
    return UnreadableFile(
        say("Cannot read the image"),
        say("truncated: {found} of {needed} bytes", found=found, needed=needed),
        say("Ask for the file again."),
    )


def _read_all(file: BinaryIO, length: int) -> bytes:
    parts = []
    while length > 0 and (part := file.read(length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
