"""One set of icons in the theme's colours: outlines of Phosphor (MIT), and the few it lacks drawn in its manner.

Decision: they are carried as SVG files rather than taken from an icon font's package, which cost half a second at every
start. A new one is a file ``assets/icons/<name>.svg`` on a grid of 256 units, in ``currentColor``.
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.paths import assets_dir
from app.ui import theme

SIZE = 20
"""Of tool bar icons, in device-independent pixels."""
_PIXELS = (16, 20, 24, 32, 40)
"""Of icons on buttons, on screens of one and of two device pixels each."""


@functools.cache
def _source(name: str) -> str:
    file = assets_dir() / "icons" / f"{name}.svg"
    if not file.is_file():
        raise ValueError(f"there is no icon {name!r} in {file.parent}")
    return file.read_text(encoding="utf-8")


def _drawn(source: str, pixels: int) -> QPixmap:
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    return pixmap


@functools.cache
def icon(name: str, colour: str = theme.TEXT, disabled: str = theme.TEXT_DISABLED) -> QIcon:
    """The icon called ``name`` in ``colour``. Raises ``ValueError`` for a name that does not exist."""
    made = QIcon()
    for mode, shade in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        source = _source(name).replace("currentColor", shade)
        for pixels in _PIXELS:
            made.addPixmap(_drawn(source, pixels), mode)
    return made


@functools.cache
def pixmap(name: str, size: int, colour: str = theme.TEXT, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of ``size`` device-independent pixels on a screen of ``ratio`` device pixels each."""
    drawn = _drawn(_source(name).replace("currentColor", colour), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    return drawn


def application_icon() -> QIcon:
    """The program's own."""
    made = QIcon()
    for pixels in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_drawn(_source("scoutview"), pixels))
    return made
