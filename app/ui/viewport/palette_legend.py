"""The bar beside an image in colours: which colour is which value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from app.core.palettes import name_of, table_of
from app.dicom.voi import Lut, Window, WindowFunction
from app.ui import language
from app.ui.viewport import style
from app.ui.viewport.style import Face
from app.ui.viewport.wash import value_text

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.core.view import View
    from app.dicom.model import Series
    from app.dicom.voi import Voi
    from app.ui.viewport.halo import HaloText

_BAR = 10.0
_GAP = 6.0


def ends_of(voi: Voi | None) -> tuple[float, float] | None:
    """Values at the first and the last colour; ``None`` where the window has no such ends (a lookup table)."""
    if not isinstance(voi, Window) or isinstance(voi, Lut):
        return None
    if voi.function is WindowFunction.LINEAR:
        half = (voi.width - 1) / 2
        return voi.center - 0.5 - half, voi.center - 0.5 + half
    return voi.center - voi.width / 2, voi.center + voi.width / 2


def paint_palette_legend(
    painter: QPainter, text: HaloText, series: Series, view: View, size: tuple[float, float]
) -> list[QRectF]:
    """The bar of ``view.palette`` on the right, above the middle; returns where it lies, nothing for grey."""
    table = None if series.is_colour else table_of(view.palette)
    if table is None:
        return []
    width, height = size
    pixels = style.text_height(round(width), round(height))
    font, line = Face(pixels), text.line_height(Face(pixels))
    tall = min(height * 0.22, 180.0)
    if tall < 4 * line:
        return []
    right, bottom = width - style.EDGE_RIGHT, height / 2 - 1.3 * line
    top = bottom - tall
    bar = QRectF(right - _BAR, top + 1.4 * line, _BAR, tall - 1.4 * line)
    painter.fillRect(bar.adjusted(-1, -1, 1, 1), style.HALO)
    # One column of the table, light values on top; inverted greys run the other way.
    colours = table if view.invert else table[::-1]
    column = QImage(bytes(colours.tobytes()), 1, 256, 3, QImage.Format.Format_RGB888).copy()
    painter.drawImage(bar, column)
    widest = 0.0
    ends = ends_of(view.voi)
    if ends is not None:
        low, high = ends
        for value, y in ((high, bar.top()), ((low + high) / 2, bar.center().y()), (low, bar.bottom())):
            shown = value_text(value, high - low).replace("-", "\u2212")
            wide = text.width(shown, font)
            widest = max(widest, wide)
            text.draw(painter, bar.left() - _GAP - wide, y - line / 2, shown, font, style.TEXT)
    title = "  ·  ".join(part for part in (language.shown(name_of(view.palette)), series.unit) if part)
    wide = text.width(title, font)
    text.draw(painter, right - wide, top - line * 0.2, title, font, style.TEXT)
    reach = max(wide, _BAR + _GAP + widest)
    return [QRectF(right - reach, top, reach, tall + line / 2)]
