"""The underlined letters of a menu: one for each entry, none twice, so that Alt and a letter do one thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKED = re.compile(r"&(\w)")
_BEHIND = re.compile(r"\(&\w\)")
"""How Chinese carries the letter: behind the text, in brackets."""


def told_apart(texts: Sequence[str]) -> list[str]:
    """The entries of a menu, in order, each with a letter of its own: its author's, where no entry above has it.

    Otherwise another letter of its text; an entry none of whose letters is free keeps none. Letters behind the text may
    be any. Entries without a letter stay so.
    """
    taken: set[str] = set()
    later: list[int] = []
    result = list(texts)
    for index, text in enumerate(texts):
        found = _MARKED.search(_without_literal(text))
        if found is not None:
            letter = found[1].lower()
            if letter in taken:
                later.append(index)
            taken.add(letter)
    for index in later:
        letter = _free_letter(texts[index], taken)
        taken.add(letter)
        result[index] = _with(texts[index], letter)
    return result


def _without_literal(text: str) -> str:
    return text.replace("&&", "  ")


def _free_letter(words: str, taken: set[str]) -> str:
    """The first free letter, of a word's beginning before any other; empty where there is none."""
    if _BEHIND.search(words):
        candidates = "abcdefghijklmnopqrstuvwxyz"
    else:
        plain = words.replace("&", "").lower()
        candidates = "".join(re.findall(r"\b[a-z]", plain)) + plain
    return next((one for one in candidates if one.isascii() and one.isalpha() and one not in taken), "")


def _with(words: str, letter: str) -> str:
    """``words`` with ``letter`` underlined, and no other."""
    if _BEHIND.search(words):
        return _BEHIND.sub(f"(&{letter.upper()})" if letter else "", words)
    plain = words.replace("&&", "\0").replace("&", "")
    if letter:
        at = re.search(rf"\b{letter}", plain, re.IGNORECASE) or re.search(letter, plain, re.IGNORECASE)
        assert at is not None
        plain = f"{plain[: at.start()]}&{plain[at.start() :]}"
    return plain.replace("\0", "&&")
