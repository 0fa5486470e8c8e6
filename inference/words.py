"""English sentences that remember what they were put together from, so that a window can say them in other languages.

``say("Slice {n} of {all} is missing.", n=3, all=12)`` is the English sentence, a ``str`` like any other: logs, JSON,
the command line and files get English without knowing of this module. It also keeps its template and values; whoever
shows it (``app.ui.language``) looks the template up in a catalogue and puts the values into the translation.
Nothing here knows which languages there are.

The first argument is a literal, so that the catalogue's extraction (``packaging/translations.py``) finds it. An
f-string around such a sentence, or ``+``, gives plain English again: nest with a value, or use ``joined``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Said(str):
    """An English sentence with its ``template``, its ``values`` and, where it counts something, its ``number``.

    ``note`` tells sentences apart that are the same in English only. Of joined parts the template is what stands
    between them, and the parts are ``values[PARTS]``.
    """

    template: str
    values: Mapping[str, Any]
    number: int | None
    note: str

    def __new__(
        cls, english: str, template: str, values: Mapping[str, Any], number: int | None = None, note: str = ""
    ) -> Said:
        """``english``: the whole sentence. Made by the functions below."""
        made = super().__new__(cls, english)
        made.template = template
        made.values = values
        made.number = number
        made.note = note
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Processes hand each other whole sentences."""
        return Said, (str(self), self.template, dict(self.values), self.number, self.note)


PARTS = "\0parts"
"""The value that holds the parts of what was joined. No placeholder can have this name."""


def filled(template: str, values: Mapping[str, Any]) -> str:
    """``template`` with ``values`` in its ``{placeholders}``. Without values, braces stand for themselves."""
    return template.format_map(values) if values else template


def say(template: str, /, *, note: str = "", **values: object) -> str:
    """A sentence. Placeholders are those of ``str.format``; only names, no positions."""
    return Said(filled(template, values), template, values, None, note)


def say_n(one: str, many: str, n: int, /, *, note: str = "", **values: object) -> str:
    """A sentence that counts: ``one`` for one, ``many`` for any other number. ``%n`` in them becomes the number.

    ``many`` is what catalogues know it by; each language has its own forms there.
    """
    form = (one if n == 1 else many).replace("%n", str(n))
    return Said(filled(form, values), many, values, n, note)


def joined(separator: str, parts: Iterable[str], /, *, note: str = "") -> str:
    """``separator.join(parts)``; separators and parts that are sentences are translated one by one."""
    kept = tuple(parts)
    return Said(separator.join(kept), separator, {PARTS: kept}, None, note)


def lowered(text: str) -> str:
    """``text`` for the middle of an English sentence: its first letter small, unless it begins with an abbreviation.
    Other languages need not know."""
    english = text[:1].lower() + text[1:] if text[1:2].islower() else str(text)
    return Said(english, text.template, text.values, text.number, text.note) if isinstance(text, Said) else english


def raised(text: str) -> str:
    """``text`` for the beginning of an English line: its first letter a capital."""
    english = text[:1].upper() + text[1:]
    return Said(english, text.template, text.values, text.number, text.note) if isinstance(text, Said) else english


def known(name: str) -> str:
    """A name that a shipped file gives, such as a model's for what it marks: said in other languages where it is known
    to their catalogues, and as it stands where it is not."""
    return Said(name, name, {})


def said_by(fault: BaseException) -> str:
    """What ``fault`` says: the sentence that it was made with, or its text."""
    first = fault.args[0] if fault.args else None
    return first if isinstance(first, Said) else str(fault)
