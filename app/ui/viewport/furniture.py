"""Everything on an image that is neither picture nor measurement: corners, letters, scale bar, warnings, AI mark."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from app.ui import language
from app.ui.language import tr, tr_n
from app.ui.viewport import style
from app.ui.viewport.corners import Line, TextLevel, visible
from app.ui.viewport.style import Face
from inference.volume import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from app.core.view import Edges
    from app.ui.viewport.corners import Corners, Lines
    from app.ui.viewport.halo import HaloText
    from inference.types import Label, ModelRef


SMALL = 340.0
"""A viewport narrower or lower than this, in logical pixels, has no room for all text."""

_LEGEND = 12
"""Lines of a legend; what an object shows beyond them is counted."""


_USUAL_WINDOW = "W 8888  L \u22128888"
"""What must fit beside the letter of the lower edge: were it the window itself, text would jump while it changes."""

WARNING_LINES = 7
"""So many lines of warnings at most: the picture comes first."""


@dataclass(frozen=True)
class Mark:
    """What the image says about one overlay: of a model, or, where that is ``None``, the study's own, by its title.
    ``by_hand``: the reader changed it. ``drawn_by_model``: the title is about the pixels themselves, which a model
    made."""

    model: ModelRef | None
    labels: tuple[Label, ...]
    title: str = ""
    by_hand: bool = False
    drawn_by_model: bool = False


@dataclass(frozen=True)
class ScaleBar:
    """``length`` in logical pixels, ``text`` what it stands for, ``parts`` how many divisions."""

    length: float
    text: str
    parts: int


def scale_bar(pixels_per_unit: float, calibration: Calibration, room: float) -> ScaleBar | None:
    """The longest round length that fits ``room`` logical pixels. ``pixels_per_unit``: those of a millimetre, or of an
    image pixel where there is no calibration."""
    if pixels_per_unit <= 0 or room < 24:
        return None
    most = room / pixels_per_unit
    decade = 10.0 ** math.floor(math.log10(most))
    step = next((step for step in (5, 2, 1) if step * decade <= most * (1 + 1e-9)), 1)
    length = step * decade
    parts = step if step > 1 else 10
    if calibration is Calibration.NONE:
        text = f"{length:g} px"
    else:
        text = f"{length / 10:g} cm" if length >= 10 else f"{length:g} mm"
        if calibration is Calibration.DETECTOR:
            text = tr("{length} at detector", length=text)
    return ScaleBar(length * pixels_per_unit, text, parts)


class Furniture:
    """Draws the text of a viewport. ``size`` is in logical pixels; ``blocks`` are the rectangles that text took in the
    last picture, so that labels keep off them."""

    def __init__(self, text: HaloText) -> None:
        self._text = text
        self.blocks: list[QRectF] = []
        self.warning_rect = QRectF()
        """Where the warnings were drawn, for their tooltip."""

    def begin(self) -> None:
        """A new picture."""
        self.blocks = []
        self.warning_rect = QRectF()

    # -- corners ---------------------------------------------------------------------------------------------------

    def paint_corners(
        self,
        painter: QPainter,
        size: tuple[float, float],
        corners: Corners,
        level: TextLevel,
        *,
        warnings: Sequence[str] = (),
        marks: Sequence[Mark] = (),
        edges: Edges | None = None,
    ) -> None:
        """All four corners; warnings under the patient, the AI mark under the study, whatever the level. ``edges``: the
        letters that stand in the middle of the edges."""
        width, height = size
        pixels = style.text_height(round(width), round(height))
        line = self._text.line_height(Face(pixels))
        small = min(width, height) < SMALL
        if small:
            level = min(level, TextLevel.LESS)
        # Half the width each, less a gap for the letters in the middle of the edges.
        both = width - style.MARGIN - style.EDGE_RIGHT
        column = max((both - 4 * pixels) / 2, 40.0)
        room = int((height / 2 - style.MARGIN - 1.5 * line) / line)
        left, right = style.MARGIN, width - style.EDGE_RIGHT
        first, second = visible(corners.top_left, level, room), visible(corners.top_right, level, room)
        letters = edges.top if edges else ""
        # What must follow: a line of warnings, and in few words that a model drew.
        must = (4 + line) * bool(warnings) + (4 + 3 * line) * any(mark.model is not None for mark in marks)
        spare = int((height / 2 - line - style.MARGIN - line * len(first) - must) / line)
        aside = min(self._aside(first[:1], width, letters, pixels), max(spare, 0))
        ended = 0.0 if small else both / 2
        rooms = self._rooms(first, second, width, letters, pixels, aside=aside, ended=ended)
        top = self._block(painter, left, style.MARGIN + aside * line, first, rooms[0], pixels)
        under = top
        most = int((height / 2 - 2 * line - top) / line) if level is TextLevel.ALL else 1
        if small and spare - aside >= 1:
            most = 2
        # What lies over the image is told in little where there is little room, so warnings get the more of it.
        warned = 0.68 * both if small and warnings else column
        self._warnings(painter, left, top, warned, warnings, pixels, min(most, WARNING_LINES))
        top = self._block(painter, right, style.MARGIN, second, rooms[1], pixels, to_right=True)
        few = small or level is not TextLevel.ALL
        if few and any(mark.model is not None for mark in marks):
            # Whole words about AI, under the warnings.
            self._few_marks(painter, right, max(top, under, self.warning_rect.bottom()), both, marks, pixels)
        elif few:
            self._few_marks(painter, right, max(top, under) if small else top, both - warned - 8, marks, pixels)
        else:
            self._marks(painter, right, top, column, marks, pixels)
        first, second = visible(corners.bottom_left, level, room), visible(corners.bottom_right, level, room)
        # From the bottom upwards: there the letter stands in the way of the last line.
        letters = edges.bottom if edges else ""
        usual = (Line(_USUAL_WINDOW),) if first and first[-1].short else ()
        aside = self._aside((*first[-1:], *usual), width, letters, pixels)
        rooms = self._rooms(first[::-1], second[::-1], width, letters, pixels, aside=aside, ended=0.0)
        bottom = height - style.MARGIN
        self._block(painter, left, bottom - line * (len(first) + aside), first, rooms[0][::-1], pixels)
        self._block(painter, right, bottom - line * len(second), second, rooms[1][::-1], pixels, to_right=True)

    def _aside(self, lines: Lines, width: float, letters: str, pixels: int) -> int:
        """1 where ``lines`` do not fit beside the letter in the middle of the edge, so that they go on the next row:
        who the patient is and which window is on are never cut off for it. Else 0."""
        room = self._beside(width, letters, pixels)
        wide = (self._text.width(line.short or line.text, Face(pixels, line.strong)) for line in lines)
        return int(bool(letters) and any(one > room for one in wide))

    def _beside(self, width: float, letters: str, pixels: int) -> float:
        """How much the letter in the middle of an edge leaves on its left."""
        half = self._text.width(letters, Face(pixels + 2, True)) / 2 + pixels / 2
        return max(width / 2 - style.MARGIN - half, 40.0)

    def _rooms(
        self, left: Lines, right: Lines, width: float, letters: str, pixels: int, *, aside: int, ended: float
    ) -> tuple[list[float], list[float]]:
        """How wide each line may be, from the edge of the viewport inwards: at the edge as far as the letters in its
        middle, after that what the line across leaves. ``aside``: so many rows the left lines begin later. ``ended``:
        what is kept free for warnings and legends where the other corner has ended."""
        both = width - style.MARGIN - style.EDGE_RIGHT
        widths = [[self._text.width(line.text, Face(pixels, line.strong)) for line in lines] for lines in (left, right)]
        beside = self._beside(width, letters, pixels)
        found: tuple[list[float], list[float]] = ([], [])
        for side, other, shift, margin in ((0, 1, aside, style.MARGIN), (1, 0, -aside, style.EDGE_RIGHT)):
            for row in range(len(widths[side])):
                facing = row + shift
                across = widths[other][facing] if 0 <= facing < len(widths[other]) else ended
                free = max(both - pixels - across, (both - pixels) / 2)
                at_the_edge = row == 0 and letters and not (side == 0 and aside)
                found[side].append(beside + style.MARGIN - margin if at_the_edge else free)
        return found

    def _block(
        self,
        painter: QPainter,
        x: float,
        top: float,
        lines: Lines,
        rooms: Sequence[float],
        pixels: int,
        *,
        to_right: bool = False,
    ) -> float:
        """Draws lines downwards from ``top``; returns where the block ends."""
        for line, room in zip(lines, rooms, strict=True):
            font = Face(pixels, line.strong)
            fits = not line.short or self._text.width(line.text, font) <= room
            text = self._text.elide(line.text if fits else line.short, font, room)
            wide = self._text.width(text, font)
            colour = style.WARNING if line.warns else style.TEXT
            self._text.draw(painter, x - wide if to_right else x, top, text, font, colour)
            high = self._text.line_height(font)
            self._take(x, top, wide, high, to_right=to_right)
            top += high
        return top

    def _take(self, x: float, top: float, width: float, height: float, *, to_right: bool) -> None:
        if width > 0 and height > 0:
            self.blocks.append(QRectF(x - width if to_right else x, top, width, height))

    def _warnings(
        self, painter: QPainter, x: float, top: float, column: float, warnings: Sequence[str], pixels: int, lines: int
    ) -> None:
        """The sentences in full where there are ``lines`` for them; what has no room is counted, and in the tooltip."""
        if not warnings:
            return
        top += 4
        start = top
        font = Face(pixels)
        line = self._text.line_height(font)
        icon = pixels * 1.15
        room = min(column, 34.0 * pixels) - icon - 5
        sentences = self._warning_rows(warnings, font, room, max(lines, 1))
        widest = icon + 5 + max(self._text.width(row, font) for rows in sentences for row in rows)
        self.warning_rect = QRectF(x, start, widest, line * sum(len(rows) for rows in sentences))
        self.blocks.append(self.warning_rect)
        _paint_plate(painter, self.warning_rect)
        for rows in sentences:
            _paint_triangle(painter, QRectF(x, top + (line - icon) / 2 - 1, icon, icon))
            for row in rows:
                self._text.draw(painter, x + icon + 5, top, row, font, style.WARNING)
                top += line

    def _warning_rows(self, warnings: Sequence[str], font: Face, room: float, lines: int) -> list[list[str]]:
        """Each sentence wrapped; the last that has room is cut off and says how many more there are."""
        shown: list[list[str]] = []
        for number, warning in enumerate(warnings):
            rows, left = self._wrapped(warning, font, room), len(warnings) - number - 1
            free = lines - sum(len(other) for other in shown)
            if len(rows) < free or (not left and len(rows) == free):
                shown.append(rows)
                continue
            # The count must survive the elision.
            count = f"  +{left}" if left else ""
            last = self._text.elide(" ".join(rows[free - 1 :]), font, room - self._text.width(count, font))
            return [*shown, [*rows[: free - 1], last + count]]
        return shown

    def _marks(
        self, painter: QPainter, right: float, top: float, column: float, marks: Sequence[Mark], pixels: int
    ) -> None:
        """The AI mark and the legend of each overlay, set from the right."""
        font, strong = Face(pixels), Face(pixels, True)
        line = self._text.line_height(font)
        for mark in marks:
            start, widest = top + 4, 0.0
            top = start
            if mark.model is None and not mark.drawn_by_model:
                texts, colour = [mark.title], style.QUIET
            else:
                name = mark.title if mark.model is None else f"AI  ·  {mark.model.id} {mark.model.version}"
                name = tr("{name}, edited", name=name) if mark.by_hand else name
                whole = tr("{name} — research use only", name=name)
                # One line where there is room for it, two where there is not; never a cut-off warning.
                texts = [whole] if self._text.width(whole, strong) <= column else [name, tr("research use only")]
                colour = style.AI
            texts = [self._text.elide(text, strong, column) for text in texts]
            widest = max(self._text.width(text, strong) for text in texts)
            if colour is style.AI:
                _paint_plate(painter, QRectF(right - widest, top, widest, line * len(texts)))
            for text in texts:
                self._text.draw(painter, right - self._text.width(text, strong), top, text, strong, colour)
                top += line
            swatch = round(pixels * 0.72)
            for label in mark.labels[:_LEGEND]:
                shown = self._text.elide(language.shown(label.name), font, column - swatch - 7)
                wide = self._text.width(shown, font)
                self._text.draw(painter, right - swatch - 7 - wide, top, shown, font, style.TEXT)
                box = QRectF(right - swatch, top + (line - swatch) / 2 - 1, swatch, swatch)
                painter.fillRect(box.adjusted(-1, -1, 1, 1), style.HALO)
                painter.fillRect(box, QColor(*label.colour))
                widest, top = max(widest, wide + swatch + 7), top + line
            if len(mark.labels) > _LEGEND:
                shown = tr_n("and %n more", "and %n more", len(mark.labels) - _LEGEND)
                wide = self._text.width(shown, font)
                self._text.draw(painter, right - swatch - 7 - wide, top, shown, font, style.QUIET)
                widest, top = max(widest, wide + swatch + 7), top + line
            self._take(right, start, widest, top - start, to_right=True)

    def _few_marks(
        self, painter: QPainter, right: float, top: float, room: float, marks: Sequence[Mark], pixels: int
    ) -> None:
        """In a small view, or where the reader wants less text: AI in words, as ever, and of all that lies over the
        image the colours alone. Their names are in the panels, and would lie over what they name."""
        strong = Face(pixels, True)
        line = self._text.line_height(strong)
        start, widest = top + 4, 0.0
        top = start
        models = [mark.model for mark in marks if mark.model is not None]
        if models:
            several = tr_n("%n model", "%n models", len(models))
            name = f"AI  ·  {models[0].id if len(models) == 1 else several}"
            texts = [self._text.elide(text, strong, room) for text in (name, tr("research use only"))]
            widest = max(self._text.width(text, strong) for text in texts)
            _paint_plate(painter, QRectF(right - widest, top, widest, line * len(texts)))
            for text in texts:
                self._text.draw(painter, right - self._text.width(text, strong), top, text, strong, style.AI)
                top += line
        swatch = round(pixels * 0.72)
        labels = [label for mark in marks for label in mark.labels]
        shown_labels = labels[: max(int((room + 4) / (swatch + 4)), 1)]
        for place, label in enumerate(shown_labels):
            box = QRectF(right - swatch - place * (swatch + 4), top + (line - swatch) / 2 - 1, swatch, swatch)
            painter.fillRect(box.adjusted(-1, -1, 1, 1), style.HALO)
            painter.fillRect(box, QColor(*label.colour))
        if labels:
            widest, top = max(widest, len(shown_labels) * (swatch + 4)), top + line
        self._take(right, start, widest, top - start, to_right=True)

    # -- letters and scale -----------------------------------------------------------------------------------------

    def paint_letters(self, painter: QPainter, size: tuple[float, float], edges: Edges, *, scale: bool) -> None:
        """Orientation letters in the middle of the edges. ``scale``: the left edge also carries the scale bar."""
        width, height = size
        pixels = style.text_height(round(width), round(height)) + 2
        font = Face(pixels, True)
        line = self._text.line_height(font)
        inset = style.MARGIN + (14 if scale else 0)
        places = (
            (edges.left, lambda w: (inset, (height - line) / 2)),
            (edges.right, lambda w: (width - style.EDGE_RIGHT - w, (height - line) / 2)),
            (edges.top, lambda w: ((width - w) / 2, style.MARGIN - 2)),
            (edges.bottom, lambda w: ((width - w) / 2, height - style.MARGIN - line + 2)),
        )
        for letters, place in places:
            if letters:
                wide = self._text.width(letters, font)
                x, y = place(wide)
                self._text.draw(painter, x, y, letters, font, style.TEXT)
                self.blocks.append(QRectF(x, y, wide, line))

    def paint_scale(self, painter: QPainter, size: tuple[float, float], bar: ScaleBar) -> None:
        """The scale bar, upright in the middle of the left edge, with its length below."""
        width, height = size
        font = Face(max(style.text_height(round(width), round(height)) - 1, 10))
        x, top = style.MARGIN, round((height - bar.length) / 2)
        # Rectangles on whole pixels: crisp, and drawn in a tenth of the time of lines with a width.
        bars = [QRectF(x, top, 1, bar.length)]
        for part in range(bar.parts + 1):
            long = part in (0, bar.parts) or (bar.parts == 10 and part == 5)
            bars.append(QRectF(x, round(top + bar.length * part / bar.parts), 8 if long else 4, 1))
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.HALO)
        painter.drawRects([rect.adjusted(-1, -1, 1, 1) for rect in bars])
        painter.setBrush(style.TEXT)
        painter.drawRects(bars)
        painter.restore()
        self._text.draw(painter, style.MARGIN, top + bar.length + 5, bar.text, font, style.TEXT)
        line = self._text.line_height(font)
        wide = self._text.width(bar.text, font)
        self.blocks += [QRectF(x, top, 8, bar.length), QRectF(style.MARGIN, top + bar.length + 5, wide, line)]

    # -- states ----------------------------------------------------------------------------------------------------

    def paint_message(self, painter: QPainter, size: tuple[float, float], title: str, detail: str = "") -> None:
        """A quiet sentence in the middle: loading, or why there is no picture."""
        width, height = size
        pixels = style.text_height(round(width), round(height)) + 1
        font, small = Face(pixels, bool(detail)), Face(pixels - 1)
        line = self._text.line_height(font)
        rows = [(title, font, style.TEXT if detail else style.QUIET)]
        rows += [(text, small, style.QUIET) for text in self._wrapped(detail, small, min(width - 40, 460.0))]
        y = height / 2 - line * len(rows) / 2
        for text, face, colour in rows:
            shown = self._text.elide(text, face, max(width - 24, 40))
            self._text.draw(painter, (width - self._text.width(shown, face)) / 2, y, shown, face, colour)
            y += line

    def _wrapped(self, text: str, font: Face, width: float) -> list[str]:
        rows: list[str] = []
        for piece in _PIECE.findall(text):
            if rows and self._text.width((rows[-1] + piece).rstrip(), font) <= width:
                rows[-1] += piece
            else:
                rows.append(piece)
        return [row.strip() for row in rows]


_PIECE = re.compile(
    r"(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[\u3000-\u3002\uff01-\uff1f\u201d]*\s*"
)
"""What a line may break after: a word, or an ideograph, with the punctuation that must not begin a line."""


def _paint_plate(painter: QPainter, box: QRectF) -> None:
    """Under words in a colour that must be read on bright pictures too: a plate, as measurements have."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.PLATE)
    painter.drawRoundedRect(box.adjusted(-4, -1, 4, 1), 4, 4)


def _paint_triangle(painter: QPainter, box: QRectF) -> None:
    """A warning sign that needs no glyph of the font."""
    path = QPainterPath()
    path.moveTo(box.center().x(), box.top())
    path.lineTo(box.bottomRight())
    path.lineTo(box.bottomLeft())
    path.closeSubpath()
    painter.save()
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.HALO, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)
    painter.setPen(QPen(style.WARNING, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(style.WARNING)
    painter.drawPath(path)
    painter.setPen(QPen(style.CANVAS, box.width() * 0.12, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    x = box.center().x()
    painter.drawLine(QPointF(x, box.top() + box.height() * 0.38), QPointF(x, box.top() + box.height() * 0.64))
    painter.drawPoint(QPointF(x, box.top() + box.height() * 0.82))
    painter.restore()
