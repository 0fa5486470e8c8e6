"""What is said on stdout and stderr."""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

_INTERVAL_S = 0.1
_HALF = re.compile("[\ud800-\udfff]")


def say(text: str) -> None:
    """A line of output."""
    print(showable(text, sys.stdout.encoding))


def note(text: str) -> None:
    """A line beside the output: on stderr."""
    print(showable(text, sys.stderr.encoding), file=sys.stderr)


def showable(text: str, encoding: str | None) -> str:
    """``text`` as one line that any terminal can take: what it cannot show is escaped.

    Files' texts may hold control characters, and those would drive the terminal.
    """
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    name = encoding or "utf-8"
    return escaped.encode(name, "backslashreplace").decode(name)


def say_json(value: Any) -> None:
    """JSON and nothing else. Names keep their letters where the output can carry them."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, indent=2, ensure_ascii=not unicode, allow_nan=False)
    # File names may be no UTF-8; Python holds such bytes as half characters, which no encoding takes.
    print(_HALF.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


class Progress:
    """A ``Tick`` that draws "label 42 %" on stderr, only on a terminal. A context manager: it clears its line."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = False
        self._last = 0.0

    def __call__(self, fraction: float) -> None:
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._last < _INTERVAL_S:
            return
        self._last = now
        self._shown = True
        sys.stderr.write(f"\r\x1b[K{self._label} {100 * fraction:3.0f} %")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
