"""The process that draws pages of PDFs: reads orders from its standard input, answers on its standard output.

PDFium is other people's C++, and documents come from anywhere: a page that crashes it costs a process that is thrown
away, never the program. Started by ``pdf_pages``; ends when its input ends.

Order: 4 bytes of length, then a pickled ``PageOrder``. Answer: 1 byte of status, 8 bytes of length, then as many bytes:
the number of pages, a page's height and width with its pixels (RGB), or the reason (UTF-8). One empty answer before the
first order says that all is imported.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from app.dicom.confined import alarm, limit_memory
from app.dicom.shared import Borrowed
from app.dicom.worker import ANSWER, FAILED, LONGEST_S, OK, ORDER
from app.errors import UnreadableFile
from inference.words import say

if TYPE_CHECKING:
    import numpy.typing as npt
    import pypdfium2

    from app.dicom.shared import Place

COUNT = struct.Struct("<I")
SHAPE = struct.Struct("<II")
MEMORY_LIMIT = 3 * 2**30
MAX_PAGES = 20_000
MAX_PIXELS = 24_000_000
"""Of a page: a hostile one may claim to be a kilometre wide."""
POINTS_AN_INCH = 72.0


@dataclass(frozen=True)
class PageOrder:
    """Draw page ``number`` (from 0) of the PDF at ``document``, or count its pages where that is ``None``."""

    document: Place
    number: int | None
    dots_per_inch: float


def main() -> None:
    """Serve orders until the input ends."""
    # Ctrl+C is the program's to handle: it ends this process by closing the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    limit_memory(MEMORY_LIMIT)
    import pypdfium2  # noqa: F401  (so that the first order does not wait for it)

    memory = Borrowed()
    _tell(answers, OK, b"")
    while len(size := orders.read(ORDER.size)) == ORDER.size:
        order: PageOrder = pickle.loads(orders.read(ORDER.unpack(size)[0]))
        # Should the program itself be killed meanwhile, nobody else ends an endless loop.
        alarm(LONGEST_S)
        _answer(answers, order, memory)
        alarm(0)


def _answer(answers: BinaryIO, order: PageOrder, memory: Borrowed) -> None:
    try:
        with memory.view(order.document) as view:
            # A copy: PDFium reads the document again while it draws.
            data = bytes(view)
        if order.number is None:
            _tell(answers, OK, COUNT.pack(page_count(data)))
            return
        picture = page_picture(data, order.number, order.dots_per_inch)
    except UnreadableFile as error:
        _tell(answers, FAILED, error.why.encode())
    except MemoryError:
        _tell(answers, FAILED, b"it needs more memory than a page may")
    except OSError as error:
        _tell(answers, FAILED, (error.strerror or say("input/output error")).encode())
    else:
        _tell(answers, OK, SHAPE.pack(*picture.shape[:2]) + picture.tobytes())


def _tell(answers: BinaryIO, status: int, data: bytes) -> None:
    answers.write(ANSWER.pack(status, len(data)))
    answers.write(data)
    answers.flush()


def page_count(data: bytes) -> int:
    """How many pages the PDF has. Raises ``UnreadableFile`` with the reason."""
    document = _opened(data)
    try:
        return min(len(document), MAX_PAGES)
    finally:
        document.close()


def page_picture(data: bytes, number: int, dots_per_inch: float) -> npt.NDArray[np.uint8]:
    """See ``pdf_pages.page_picture``."""
    import pypdfium2

    document = _opened(data)
    try:
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise _unreadable(say("page {number} has no size that can be shown", number=number + 1))
        scale = dots_per_inch / POINTS_AN_INCH
        scale = min(scale, (MAX_PIXELS / (width * height)) ** 0.5)
        picture = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False).to_numpy()
        # A copy: the bitmap's memory goes with the document.
        return np.array(picture[:, :, :3] if picture.ndim == 3 else np.stack([picture] * 3, axis=-1), dtype=np.uint8)
    except (pypdfium2.PdfiumError, IndexError, ValueError, OverflowError) as error:
        raise _unreadable(say("page {number} cannot be drawn", number=number + 1)) from error
    finally:
        document.close()


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        if len(document) < 1:
            document.close()
            raise _unreadable(say("it has no pages"))
        return document
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise _unreadable(say("it is protected by a password") if locked else say("it is damaged or no PDF")) from error


def _unreadable(why: str) -> UnreadableFile:
    return UnreadableFile(say("Cannot show the document"), why, say("Ask for the file again."))
