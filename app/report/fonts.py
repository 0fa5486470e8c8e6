"""Fonts of printed and drawn text: Inter for Latin, Greek and Cyrillic; Droid Sans Fallback for Chinese, Japanese and
Korean.

Both are embedded, so that a name reads the same wherever the report is opened. A character that neither has becomes a
question mark, never an empty box.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from app.paths import assets_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageDraw, ImageFont

REGULAR = "Inter"
BOLD = "Inter-SemiBold"
EASTERN = "DroidSansFallback"
_FILES = {REGULAR: "Inter.ttf", BOLD: "Inter-SemiBold.ttf", EASTERN: "cjk/DroidSansFallback.ttf"}
_UNKNOWN = "?"


@cache
def register() -> None:
    """Makes the fonts known to reportlab, once. Raises ``reportlab``'s ``TTFError`` where a font file is missing."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(assets_dir() / "fonts" / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def _covered(font: str) -> frozenset[int]:
    """Code points that ``font`` has."""
    register()
    from reportlab.pdfbase import pdfmetrics

    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)


def markup(text: str, *, bold: bool = False) -> str:
    """``text`` as reportlab's paragraph markup: escaped, each run in a font that can show it."""
    return "".join(f'<font name="{font}">{escape(run)}</font>' for font, run in runs(text, bold=bold))


def runs(text: str, *, bold: bool = False) -> list[tuple[str, str]]:
    """``text`` in pieces of one font each: (font, piece)."""
    pieces: list[tuple[str, str]] = []
    main = BOLD if bold else REGULAR
    for character in _printable(text):
        font = main if ord(character) in _covered(REGULAR) else EASTERN
        if pieces and pieces[-1][0] == font:
            pieces[-1] = (font, pieces[-1][1] + character)
        else:
            pieces.append((font, character))
    return pieces


def _printable(text: str) -> Iterator[str]:
    """Characters of ``text`` that some font can show, composed; the rest as ``?``. Control characters become blanks."""
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            yield " "
        elif _is_covered(character):
            yield character
        else:
            simpler = unicodedata.normalize("NFKD", character)
            yield from (c if _is_covered(c) else _UNKNOWN for c in simpler)


def _is_covered(character: str) -> bool:
    return ord(character) in _covered(REGULAR) or ord(character) in _covered(EASTERN)


# -- in pictures -------------------------------------------------------------------------------------------------------


@cache
def _for_picture(font: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(assets_dir() / "fonts" / _FILES[font], size)


def width(text: str, size: int, *, bold: bool = False) -> float:
    """Length in pixels of one line of ``text``, ``size`` pixels high."""
    return sum(_for_picture(font, size).getlength(piece) for font, piece in runs(text, bold=bold))


def draw(
    pen: ImageDraw.ImageDraw,
    position: tuple[float, float],
    text: str,
    size: int,
    fill: tuple[int, int, int],
    *,
    bold: bool = False,
    rim: int = 0,
) -> None:
    """One line of ``text``; ``position`` (x, y) is the left end of its middle line. ``rim``: black edge, pixels."""
    x, y = position
    for font, piece in runs(text, bold=bold):
        shape = _for_picture(font, size)
        pen.text((x, y), piece, font=shape, fill=fill, anchor="lm", stroke_width=rim, stroke_fill=(0, 0, 0))
        x += shape.getlength(piece)
