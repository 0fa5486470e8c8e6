"""One set of icons in the theme's colours: outlines of Phosphor (MIT), and the few it lacks drawn in its manner.

Decision: they are carried as SVG files rather than taken from an icon font's package, which cost half a second at every
start. A new one is a file ``assets/icons/<name>.svg`` on a grid of 256 units, in ``currentColor``.
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

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


def _drawn(outline: QSvgRenderer, pixels: int) -> QPixmap:
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    outline.render(painter)
    painter.end()
    return pixmap


def _outline(source: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(source.encode()))


def _tinted(drawn: QPixmap, colour: str) -> QPixmap:
    """The same shape in one other colour."""
    pixmap = QPixmap(drawn)
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), QColor(colour))
    painter.end()
    return pixmap


_icons: dict[int, tuple[str, str]] = {}
_pixmaps: dict[int, tuple[str, int, str, float]] = {}
"""What was made, by Qt's key, so that it can be made again in the colours of another theme."""


def icon(name: str, colour: str = "") -> QIcon:
    """The icon called ``name`` in ``colour``, else that of text. Raises ``ValueError`` for a name that does not
    exist."""
    return _icon(name, colour or theme.TEXT, theme.TEXT_DISABLED)


@functools.cache
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    made = QIcon()
    # Read once and drawn once a size: a window has a hundred icons, and shows when they are there.
    outline = _outline(_source(name).replace("currentColor", colour))
    for pixels in _PIXELS:
        drawn = _drawn(outline, pixels)
        made.addPixmap(drawn, QIcon.Mode.Normal)
        made.addPixmap(_tinted(drawn, disabled), QIcon.Mode.Disabled)
    _icons[made.cacheKey()] = (name, colour)
    return made


def pixmap(name: str, size: int, colour: str = "", ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of ``size`` device-independent pixels on a screen of ``ratio`` device pixels each."""
    return _pixmap(name, size, colour or theme.TEXT, ratio)


@functools.cache
def _pixmap(name: str, size: int, colour: str, ratio: float) -> QPixmap:
    drawn = _drawn(_outline(_source(name).replace("currentColor", colour)), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    _pixmaps[drawn.cacheKey()] = (name, size, colour, ratio)
    return drawn


def tint_again(application: QApplication) -> None:
    """Gives every icon on screen the colour that its role has in the theme in force."""
    for widget in application.allWidgets():
        for holder in (widget, *widget.actions()):
            if isinstance(holder, QAbstractButton | QAction):
                kept = _icons.get(holder.icon().cacheKey())
                if kept is not None:
                    holder.setIcon(icon(kept[0], theme.translated(kept[1])))
        if isinstance(widget, QLabel):
            drawn = _pixmaps.get(widget.pixmap().cacheKey())
            if drawn is not None:
                name, size, colour, ratio = drawn
                widget.setPixmap(pixmap(name, size, theme.translated(colour), ratio))


def application_icon() -> QIcon:
    """The program's own."""
    made, outline = QIcon(), _outline(_source("scoutview"))
    for pixels in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_drawn(outline, pixels))
    return made
