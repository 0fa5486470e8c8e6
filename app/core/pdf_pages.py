"""Pages of a PDF as pictures, through PDFium. Call it in one thread at a time: PDFium allows no two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.errors import UnreadableFile

if TYPE_CHECKING:
    import numpy.typing as npt
    import pypdfium2

MAX_PAGES = 20_000
MAX_PIXELS = 24_000_000
"""Of a page: a hostile one may claim to be a kilometre wide."""
POINTS_AN_INCH = 72.0


def page_count(data: bytes) -> int:
    """How many pages the PDF has. Raises ``UnreadableFile`` with the reason."""
    document = _opened(data)
    try:
        return min(len(document), MAX_PAGES)
    finally:
        document.close()


def page_picture(data: bytes, number: int, dots_per_inch: float) -> npt.NDArray[np.uint8]:
    """Page ``number`` (from 0) on white: uint8, shape (height, width, 3). Coarser than asked where it would be huge.

    Raises ``UnreadableFile`` with the reason.
    """
    import pypdfium2

    document = _opened(data)
    try:
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise _unreadable(f"page {number + 1} has no size that can be shown")
        scale = dots_per_inch / POINTS_AN_INCH
        scale = min(scale, (MAX_PIXELS / (width * height)) ** 0.5)
        picture = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False).to_numpy()
        # A copy: the bitmap's memory goes with the document.
        return np.array(picture[:, :, :3] if picture.ndim == 3 else np.stack([picture] * 3, axis=-1), dtype=np.uint8)
    except (pypdfium2.PdfiumError, IndexError, ValueError, OverflowError) as error:
        raise _unreadable(f"page {number + 1} cannot be drawn") from error
    finally:
        document.close()


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        if len(document) < 1:
            document.close()
            raise _unreadable("it has no pages")
        return document
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise _unreadable("it is protected by a password" if locked else "it is damaged or no PDF") from error


def _unreadable(why: str) -> UnreadableFile:
    return UnreadableFile("Cannot show the document", why, "Ask for the file again.")
