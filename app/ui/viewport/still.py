"""Pictures of frames that need not be on screen: for copies and files, with or without identity and annotations."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from app.core.view import Canvas, fitted, zoom_of
from app.ui.viewport.annotator import Annotator
from app.ui.viewport.corners import TextLevel
from app.ui.viewport.picture import Picture, Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.session import Session
    from app.ui.viewport.widget import Viewport

_LEAST = 512
"""Shorter side of a whole image, so that marks and text have room: smaller images are enlarged by whole numbers."""


@dataclass(frozen=True)
class StillOptions:
    """``identity``: patient and study in the corners. ``annotations``: text, letters, scale and measurements. What is
    AI's and what warns is always said. ``whole``: the whole image at its own pixels instead of the part on screen."""

    identity: bool = False
    annotations: bool = True
    whole: bool = False


class StillPainter:
    """Paints frames of what a viewport shows, as it shows them. Lives on the window's thread; keeps the series alive,
    so the viewport may go on to another."""

    def __init__(self, viewport: Viewport, session: Session, options: StillOptions) -> None:
        if viewport.series is None or viewport.pixels is None:
            raise ValueError("the viewport shows nothing")
        self.series, self.pixels, self.view = viewport.series, viewport.pixels, viewport.view
        self._options, self._session = options, session
        self._level = viewport.text_level if options.annotations else TextLevel.NONE
        if options.annotations and options.identity:
            # Who asks for identity gets it, whatever the corners say at the moment.
            self._level = max(self._level, TextLevel.LESS)
        self._annotator = Annotator(session)
        # Fusion, crosshair and lines are made for the frame on screen.
        self._layers, self._on_screen = tuple(viewport.layers), viewport.index
        self._picture = Picture(session)
        self._picture.follow(viewport.picture)
        self._picture.open(self.series, self.pixels)
        self._picture.waits = True
        self._picture.identity, self._picture.annotated = options.identity, options.annotations
        self._size = self._whole_size() if options.whole else viewport.device_size()
        if options.whole:
            self.view = fitted(self.view)
        elif self.view.zoom is None:
            # Fitted to the view as it is, not to a size that was rounded.
            canvas = Canvas.of(self.series, *self._size, self.view)
            self.view = replace(self.view, zoom=zoom_of(self.view, canvas))
        self.ratio = 1.0 if options.whole else viewport.devicePixelRatioF()

    def _whole_size(self) -> tuple[int, int]:
        canvas = Canvas.of(self.series, 1, 1, self.view)
        tall, wide = self.series.rows * canvas.aspect[0], self.series.columns * canvas.aspect[1]
        if self.view.rotation % 2:
            tall, wide = wide, tall
        factor = max(1, math.ceil(_LEAST / min(tall, wide)))
        return round(wide * factor), round(tall * factor)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._size

    def paint(self, index: int, *, alone: bool = True) -> QImage:
        """Frame ``index``, Format_RGB32. ``alone``: one picture, so what other views and series lay over the frame on
        screen is drawn in; a series of pictures goes without, because it is not there for the others."""
        image = QImage(*self._size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.ratio)
        image.fill(0)
        what = Shown(self.series, self.pixels, replace(self.view, index=index), *self._size, self.ratio)
        painter = QPainter(image)
        extras = self._layers if alone and index == self._on_screen else ()
        self._picture.paint(painter, what, self._level, self._annotator, extras=extras)
        painter.end()
        return image


class LayoutPainter:
    """Paints several views as they are arranged on screen, each as ``StillPainter`` does."""

    def __init__(self, viewports: Sequence[Viewport], session: Session, options: StillOptions) -> None:
        shown = [viewport for viewport in viewports if viewport.series is not None and viewport.is_ready]
        if not shown:
            raise ValueError("no view shows anything")
        # Views without a picture keep their place: the others stay where the reader has them.
        places = {id(one): QRect(one.mapTo(one.window(), QPoint(0, 0)), one.size()) for one in viewports}
        whole = QRect()
        for place in places.values():
            whole = whole.united(place)
        self._whole, self.ratio = whole, viewports[0].devicePixelRatioF()
        self._views = [
            (StillPainter(one, session, replace(options, whole=False)), one.index, places[id(one)].topLeft())
            for one in shown
        ]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return round(self._whole.width() * self.ratio), round(self._whole.height() * self.ratio)

    def paint(self, index: int = 0, *, alone: bool = True) -> QImage:
        """All views, Format_RGB32; there is one picture, so ``index`` and ``alone`` change nothing."""
        image = QImage(*self.size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.ratio)
        image.fill(0)
        painter = QPainter(image)
        for view, number, place in self._views:
            painter.drawImage(place - self._whole.topLeft(), view.paint(number))
        painter.end()
        return image


def as_pillow(image: QImage) -> Image.Image:
    """The same pixels for Pillow: "L" where all of them are grey, else "RGB"."""
    shown = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height, stride = shown.width(), shown.height(), shown.bytesPerLine()
    made = Image.frombytes("RGB", (width, height), bytes(shown.constBits()), "raw", "RGB", stride)
    red, green, blue = made.split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else made
