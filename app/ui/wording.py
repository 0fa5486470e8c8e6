"""How counts, shares and reasons read on screen. Measures read as in reports (``app.report.wording``)."""

from __future__ import annotations

from app.ui.language import shown, tr
from inference.words import raised


def percent(fraction: float) -> str:
    """A share of one as per cent."""
    return f"{100 * fraction:.0f} %"


def capital(text: str) -> str:
    """``text`` in the window's language, with a capital first letter."""
    return shown(raised(text))


def sentence(text: str) -> str:
    """``text`` in the window's language, with a capital first letter and a full stop."""
    text = shown(raised(text.strip() if type(text) is str else text))
    if not text or text.endswith((".", "!", "?", "\u3002", "\uff01", "\uff1f")):
        return text
    return tr("{sentence}.", sentence=text)


def counted(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def score_text(score: float, interval: tuple[float, float] | None = None) -> str:
    """A probability, with the range that the model gives: ``93 % (88–96 %)``."""
    if interval is None:
        return percent(score)
    return f"{percent(score)} ({100 * interval[0]:.0f}–{percent(interval[1])})"
