"""One set of icons in the theme's colours: Phosphor (MIT) through qtawesome, and the few it lacks drawn in its manner.

``icon("ruler")`` is Phosphor's; a file ``assets/icons/<name>.svg`` goes before it. The drawn ones stand on Phosphor's
grid: 256 units, strokes of 16, round ends, ``currentColor``.
"""

from __future__ import annotations

import functools

import qtawesome
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.paths import assets_dir
from app.ui import theme

SIZE = 20
"""Of tool bar icons, in device-independent pixels."""
_PIXELS = (16, 20, 24, 32, 40, 48, 64)


@functools.cache
def _svg(name: str) -> str | None:
    file = assets_dir() / "icons" / f"{name}.svg"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _drawn(source: str, pixels: int) -> QPixmap:
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    return pixmap


@functools.cache
def icon(name: str, colour: str = theme.TEXT, disabled: str = theme.TEXT_DISABLED) -> QIcon:
    """The icon called ``name`` in ``colour``. Raises an exception for a name that neither set has."""
    source = _svg(name)
    made = QIcon()
    for mode, shade in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        # Pictures rather than qtawesome's own icon engine, which complains when a style asks for a size of nothing.
        glyph = qtawesome.icon(f"ph.{name}", color=shade) if source is None else None
        for pixels in _PIXELS:
            if glyph is not None:
                made.addPixmap(glyph.pixmap(pixels, pixels), mode)
            elif source is not None:
                made.addPixmap(_drawn(source.replace("currentColor", shade), pixels), mode)
    return made


def pixmap(name: str, size: int, colour: str = theme.TEXT, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of ``size`` device-independent pixels on a screen of ``ratio`` device pixels each."""
    return icon(name, colour).pixmap(QSize(size, size), ratio)


def application_icon() -> QIcon:
    """The program's own."""
    source = _svg("scoutview")
    made = QIcon()
    for pixels in (*_PIXELS, 128, 256):
        made.addPixmap(_drawn(source or "", pixels))
    return made
