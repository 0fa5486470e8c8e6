"""Colours, sizes and fonts of what is drawn on an image.

Images are read on black in every theme. Text reaches WCAG AA on black, and its halo keeps it readable on white.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtGui import QColor, QFont

from app.ui import theme

CANVAS = QColor(theme.CANVAS)
TEXT = QColor(theme.DARK.text)
QUIET = QColor(theme.DARK.text_quiet)
HALO = QColor(0, 0, 0, 215)
PLATE = QColor(0, 0, 0, 150)
"""Behind the words of a measurement: they lie on the picture, wherever that is bright."""
ACCENT = QColor(theme.DARK.accent)
WARNING = QColor(theme.DARK.warning)
MEASUREMENT = QColor("#ffd84a")
AI = QColor("#cbb8ff")
TRACK = QColor(255, 255, 255, 34)
TRACK_LOADED = QColor(255, 255, 255, 82)

MARGIN = 10
"""Between text and the viewport's edge, logical pixels."""

EDGE_RIGHT = 18
"""The right margin leaves room for the slice bar, whether it shows or not, so that text never jumps."""

EDGE_BOTTOM = 10
"""What the bar of a fourth axis takes of the bottom edge."""


def text_height(width: int, height: int) -> int:
    """Font height in logical pixels that suits a viewport of this size: small in a mosaic, larger on a big screen."""
    side = min(width, height)
    for limit, size in ((360, 11), (620, 12), (1000, 13), (1500, 15), (2000, 18)):
        if side < limit:
            return size
    return 24


class Face(NamedTuple):
    """A font by what tells fonts on an image apart: height in logical pixels, and weight."""

    pixels: int
    bold: bool = False


@lru_cache(maxsize=64)
def font(pixels: int, bold: bool = False) -> QFont:
    """The program's own font at a height in logical pixels."""
    return theme.font(pixels, QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
