"""The same jobs without a window: arguments in, text, JSON and files out. Never imports Qt.

``run(arguments)`` answers ``info``, ``render``, ``analyze`` and ``models``; ``app.main`` opens the window and the demo.
"""

from __future__ import annotations

from app.cli.parser import Arguments, parse
from app.cli.run import run

__all__ = ["Arguments", "parse", "run"]
