"""The codec process: reads orders from its standard input, decodes into shared memory, says so on its standard output.

Decoders are other people's C: a mutated stream can make one loop for ever or write where it must not. Here that costs a
process that is thrown away, never the program. Started by ``workers``; ends when its input ends.

Order: 4 bytes of length, then a pickled ``Order``. Answer: 1 byte of status, 8 bytes of length: of the pixels (C order)
in the order's place, or of the reason (UTF-8), which follows. One empty answer before the first order says that all is
imported. Orders are answered one after another, in the order in which they came.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from app.dicom import codecs
from app.dicom.confined import alarm, limit_memory
from app.dicom.shared import Borrowed
from app.errors import UnreadableFile
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.codecs import FrameSpec
    from app.dicom.encapsulated import Span
    from app.dicom.shared import Place

ORDER = struct.Struct("<I")
ANSWER = struct.Struct("<BQ")
OK, FAILED = 0, 1
MEMORY_LIMIT = 6 * 2**30
LONGEST_S = 600


@dataclass(frozen=True)
class Order:
    """Decode the frame whose fragments lie at ``spans`` of ``path`` into ``place``."""

    path: str
    spans: tuple[Span, ...]
    spec: bytes
    """The pickled ``FrameSpec``: the frames of a series share one, which is read once."""
    place: Place


def main() -> None:
    """Serve orders until the input ends."""
    # Ctrl+C is the program's to handle: it ends this process by closing the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    # What a decoder prints must not be taken for pixels.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    limit_memory(MEMORY_LIMIT)
    import imagecodecs  # noqa: F401  (so that the first order does not wait for it)

    memory = Borrowed()
    answers.write(ANSWER.pack(OK, 0))
    while len(size := orders.read(ORDER.size)) == ORDER.size:
        (length,) = ORDER.unpack(size)
        order = pickle.loads(orders.read(length))
        # Should the program itself be killed meanwhile, nobody else ends an endless loop.
        alarm(LONGEST_S)
        _answer(answers, order, memory)
        alarm(0)


def _answer(answers: BinaryIO, order: Order, memory: Borrowed) -> None:
    try:
        spec = _spec(order.spec)
        pixels = codecs.decode_frame(_read(order), spec)
        with memory.view(order.place) as view:
            np.frombuffer(view, spec.dtype).reshape(spec.shape)[...] = pixels
    except UnreadableFile as error:
        _reason(answers, error.why or error.what)
    except MemoryError:
        _reason(answers, say("not enough memory"))
    except OSError as error:
        _reason(answers, error.strerror or say("input/output error"))
    else:
        answers.write(ANSWER.pack(OK, pixels.nbytes))


@lru_cache(16)
def _spec(pickled: bytes) -> FrameSpec:
    spec: FrameSpec = pickle.loads(pickled)
    return spec


def _read(order: Order) -> bytes:
    parts = []
    with open(order.path, "rb", buffering=0) as file:  # noqa: PTH123
        for offset, length in order.spans:
            file.seek(offset)
            parts.append(file.read(length))
    return b"".join(parts)


def _reason(answers: BinaryIO, reason: str) -> None:
    text = reason.encode()
    answers.write(ANSWER.pack(FAILED, len(text)))
    _write(answers, memoryview(text))


def _write(answers: BinaryIO, data: memoryview) -> None:
    while data:
        data = data[answers.write(data) :]
