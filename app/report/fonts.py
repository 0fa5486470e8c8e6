"""Fonts of printed and drawn text: Inter for Latin, Greek and Cyrillic; the PDF reader's own for Chinese, Japanese and
Korean.

PDF readers bring fonts for the Adobe character collections, so those are named and not embedded (ISO 32000-1, 9.7.5.2).
A character that no font here has becomes a question mark, never an empty box.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from app.paths import assets_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageFont

REGULAR = "Inter"
BOLD = "Inter-SemiBold"
_FILES = {REGULAR: "Inter.ttf", BOLD: "Inter-SemiBold.ttf"}
_CHINESE, _JAPANESE, _KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
_UNKNOWN = "?"


@cache
def register() -> None:
    """Makes the fonts known to reportlab, once. Raises ``reportlab``'s ``TTFError`` where a font file is missing."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(assets_dir() / "fonts" / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    for name in (_CHINESE, _JAPANESE, _KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


@cache
def _covered() -> frozenset[int]:
    """Code points that Inter has."""
    register()
    from reportlab.pdfbase import pdfmetrics

    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


def markup(text: str, *, bold: bool = False) -> str:
    """``text`` as reportlab's paragraph markup: escaped, each run in a font that can show it."""
    register()
    font = BOLD if bold else REGULAR
    eastern = _eastern_font(text)
    runs: list[tuple[str, str]] = []
    for character in _printable(text):
        name = eastern if _is_eastern(character) else font
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + character)
        else:
            runs.append((name, character))
    return "".join(f'<font name="{name}">{escape(run)}</font>' for name, run in runs)


def plain(text: str) -> str:
    """``text`` with what Inter cannot show replaced: for pictures."""
    return "".join(c if ord(c) in _covered() else _UNKNOWN for c in _printable(text))


@cache
def for_picture(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Inter for Pillow, ``size`` in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(assets_dir() / "fonts" / _FILES[BOLD if bold else REGULAR], size)


def _printable(text: str) -> Iterator[str]:
    """Characters of ``text`` that some font can show, composed; the rest as ``?``. Control characters become blanks."""
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            yield " "
        elif ord(character) in _covered() or _is_eastern(character):
            yield character
        else:
            simpler = unicodedata.normalize("NFKD", character)
            yield from (c if ord(c) in _covered() else _UNKNOWN for c in simpler)


def _is_eastern(character: str) -> bool:
    """In the basic plane and in one of the Adobe collections: kana, Hangul, Han, full-width forms."""
    point = ord(character)
    return (
        0x3000 <= point <= 0x30FF
        or 0x3131 <= point <= 0x318E
        or 0x4E00 <= point <= 0x9FFF
        or 0xAC00 <= point <= 0xD7A3
        or 0xF900 <= point <= 0xFAFF
        or 0xFF01 <= point <= 0xFF9F
    )


def _eastern_font(text: str) -> str:
    """One font for a text's eastern characters: Hangul means Korean, kana Japanese; Han alone is taken as Chinese."""
    if any(0xAC00 <= ord(c) <= 0xD7A3 or 0x3131 <= ord(c) <= 0x318E for c in text):
        return _KOREAN
    if any(0x3041 <= ord(c) <= 0x30FF or 0xFF66 <= ord(c) <= 0xFF9F for c in text):
        return _JAPANESE
    return _CHINESE
