"""Garbage collection out of the reader's way."""

from __future__ import annotations

import gc


def wait_with_collecting() -> None:
    """No collections until ``keep_what_is_loaded``: while modules load, all that they make stays, and looking for what
    does not takes a twentieth of the start."""
    gc.disable()


def keep_what_is_loaded() -> None:
    """Leaves everything that exists now out of later collections, which begin.

    Modules and widgets stay to the end, and looking through them holds the interpreter, and so the window, 80 ms each
    time; with torch among them, over 100 ms.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
