"""Look of the PDF report: page, colours, text styles, and the header and footer of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from app import RESEARCH_USE
from app.report import fonts

if TYPE_CHECKING:
    from collections.abc import Callable

INK, SOFT, RULE = HexColor("#1b2430"), HexColor("#5c6875"), HexColor("#cfd6dd")
ACCENT, PANEL = HexColor("#0b6e8a"), HexColor("#f4f6f8")
WARN, WARN_PANEL = HexColor("#8a5a00"), HexColor("#fff7e6")

PAGE = A4
MARGIN = 18 * mm
TOP, BOTTOM = 24 * mm, 20 * mm
WIDTH = PAGE[0] - 2 * MARGIN
# A cell must fit on a page. DICOM's longest one-line values have 64 characters a component group, notes a few hundred.
_LONGEST = 600
_LONGEST_RUNNING = 180


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    settings = {"fontName": fonts.REGULAR, "fontSize": size, "leading": size * 1.38, "textColor": INK} | more
    return ParagraphStyle(name, **settings)


BODY = _style("body", 9)
SMALL = _style("small", 7.6, textColor=SOFT)
DIGEST = _style("digest", 6.9, leading=12.4, textColor=SOFT)
RIGHT = _style("right", 9, alignment=TA_RIGHT)
TITLE = _style("title", 18, fontName=fonts.BOLD, spaceAfter=2)
HEADING = _style("heading", 11.5, fontName=fonts.BOLD, textColor=ACCENT, spaceBefore=14, spaceAfter=5)
WARNING = _style("warning", 9, textColor=WARN)


def text(value: str, style: ParagraphStyle = BODY, *, bold: bool = False) -> Paragraph:
    """A paragraph of plain text: markup in it is shown, not obeyed. What is longer than any real value is cut."""
    if len(value) > _LONGEST:
        value = f"{value[:_LONGEST]}…"
    return Paragraph(fonts.markup(value, bold=bold or style.fontName == fonts.BOLD), style)


def numbered(running: str, made: str) -> Callable[..., Canvas]:
    """A canvas that puts on every page: who it is about, the research-use line, how it was made, "Page 1 of 3"."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            # The number of pages is known at the end, so each page waits for it.
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                _furniture(self, running, made, number, len(self._pages))
                super().showPage()
            super().save()

    return Numbered


def _furniture(canvas: Canvas, running: str, made: str, number: int, count: int) -> None:
    right = PAGE[0] - MARGIN
    top, bottom = PAGE[1] - 15 * mm, 15 * mm
    canvas.saveState()
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(1.2)
    canvas.line(MARGIN, top - 2.2 * mm, right, top - 2.2 * mm)
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, bottom, right, bottom)
    canvas.restoreState()
    left = _style("running", 7.6, textColor=SOFT, leading=9)
    research = _style("research", 7.6, textColor=WARN, fontName=fonts.BOLD, leading=9, alignment=TA_RIGHT)
    # Two lines fit above the rule; whoever has a longer name is known by the ID in the report's head.
    running = running if len(running) <= _LONGEST_RUNNING else f"{running[:_LONGEST_RUNNING]}…"
    _line(canvas, text(running if number > 1 else "Scoutview", left, bold=number == 1), MARGIN, top, WIDTH * 0.62)
    _line(canvas, text(RESEARCH_USE, research), MARGIN + WIDTH * 0.62, top, WIDTH * 0.38)
    _line(canvas, text(made, left), MARGIN, bottom - 4.5 * mm, WIDTH * 0.8)
    pages = _style("pages", 7.6, textColor=SOFT, leading=9, alignment=TA_RIGHT)
    _line(canvas, text(f"Page {number} of {count}", pages), MARGIN + WIDTH * 0.8, bottom - 4.5 * mm, WIDTH * 0.2)


def _line(canvas: Canvas, paragraph: Paragraph, x: float, y: float, width: float) -> None:
    _, height = paragraph.wrap(width, 40 * mm)
    # A long name grows upwards, into the margin, never into the text.
    paragraph.drawOn(canvas, x, y if y > PAGE[1] / 2 else y - height + 9)
