"""A structured report as a document that reads from top to bottom, with a link at each image that is open."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from app.ui import theme
from app.ui.language import shown, tr
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.dicom.structured_report import ContentItem, ImageReference, Report

MOST_ITEMS = 3000
"""Items that are laid out: a page that scrolls for ever helps nobody, and takes seconds."""

_RELATIONS = {
    "HAS OBS CONTEXT": say("context"),
    "HAS CONCEPT MOD": say("more exactly"),
    "HAS ACQ CONTEXT": say("acquisition"),
    "HAS PROPERTIES": say("properties"),
    "INFERRED FROM": say("inferred from"),
    "SELECTED FROM": say("selected from"),
}
"""Relationships in words; CONTAINS goes without saying (PS3.3 C.17.3.2.4)."""


@dataclass(frozen=True)
class Page:
    """``html``, and what its links lead to: ``image:<n>`` is ``links[n]``."""

    html: str
    links: tuple[tuple[ImageReference, ContentItem], ...]


def page_of(report: Report, is_open: Callable[[ImageReference], str], *, codes: bool) -> Page:
    """The report as HTML. ``is_open``: what an image is called, or ``""`` where it is not open. ``codes``: whether the
    codes of concepts are shown.
    """
    writer = _Writer(is_open, codes=codes)
    facts = "".join(
        f"<tr><td style='color:{theme.TEXT_QUIET}; padding-right:16px'>{escape(shown(name))}</td>"
        f"<td>{escape(shown(value))}</td></tr>"
        for name, value in (*report.facts, (tr("Status"), report.status))
        if value
    )
    title = f"<p style='font-size:18px; font-weight:600; margin-bottom:6px'>{escape(report.title)}</p>"
    writer.parts.append(f"{title}<table cellspacing='0'>{facts}</table>")
    writer.children(report.root, 0)
    notes = list(report.notes)
    if writer.left <= 0:
        notes.append(tr("Only the first {count} items are laid out.", count=MOST_ITEMS))
    writer.parts += [f"<p style='color:{theme.WARNING}'>{escape(shown(note))}</p>" for note in notes]
    return Page("".join(writer.parts), tuple(writer.links))


class _Writer:
    def __init__(self, is_open: Callable[[ImageReference], str], *, codes: bool) -> None:
        self._is_open = is_open
        self._codes = codes
        self.parts: list[str] = []
        self.links: list[tuple[ImageReference, ContentItem]] = []
        self.left = MOST_ITEMS

    def children(self, item: ContentItem, depth: int) -> None:
        for child in item.children:
            if self.left <= 0:
                return
            self.left -= 1
            self._item(child, depth)
            self.children(child, depth + 1)

    def _item(self, item: ContentItem, depth: int) -> None:
        indent = 18 * min(depth, 12)
        name = escape(item.name)
        if item.kind == "CONTAINER":
            title = name or tr("Section")
            size = "16px" if depth == 0 else "14px"
            style = f"margin:14px 0 4px {indent}px; font-size:{size}; font-weight:600"
            self.parts.append(f"<p style='{style}'>{title}{self._code(item.code)}</p>")
            return
        relation = _RELATIONS.get(
            item.relationship, "" if item.relationship == "CONTAINS" else item.relationship.lower()
        )
        quiet = f"<span style='color:{theme.TEXT_QUIET}'>"
        lead = f"{quiet}{escape(shown(relation))}&nbsp;&nbsp;</span>" if relation else ""
        value = self._value(item)
        label = f"{quiet}{name}:</span> " if name and value else name
        self.parts.append(
            f"<p style='margin:3px 0 3px {indent}px'>{lead}{label}{value}"
            f"{self._code(item.code)}{self._code(item.value_code)}</p>"
        )

    def _code(self, code: object) -> str:
        text = escape(str(code)) if code is not None and self._codes else ""
        return f" <span style='color:{theme.TEXT_QUIET}'>[{text}]</span>" if text else ""

    def _value(self, item: ContentItem) -> str:
        text = escape(shown(item.text)).replace("\n", "<br>")
        text = f"<span style='font-weight:600'>{text}</span>" if item.kind in ("NUM", "CODE") and text else text
        reference = item.reference
        if reference is None:
            return text
        frames = (
            tr(", frame {numbers}", numbers=", ".join(str(f) for f in reference.frames[:8])) if reference.frames else ""
        )
        called = self._is_open(reference)
        if not called:
            what = tr("image that is not open") if item.kind == "IMAGE" else tr("object that is not open")
            return f"{text} <span style='color:{theme.TEXT_QUIET}'>{what}{escape(frames)}</span>"
        self.links.append((reference, item))
        lead = f"{text} " if text else ""
        return f"{lead}<a href='image:{len(self.links) - 1}'>{escape(called)}{escape(frames)}</a>"
