"""How counts, shares and reasons read on screen. Measures read as in reports (``app.report.wording``)."""

from __future__ import annotations


def percent(fraction: float) -> str:
    """A share of one as per cent."""
    return f"{100 * fraction:.0f} %"


def sentence(text: str) -> str:
    """``text`` with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def counted(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
