"""How the bootstrap speaks and runs commands. Standard library only."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Settings of the user's shell that would send packages elsewhere, or take modules from elsewhere.
MISLEADING = ("PIP_PREFIX", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


class SetupError(Exception):
    """The set-up cannot go on; the text says what happened, why, and what to do."""


def accept_any_console() -> None:
    """Let a console of another encoding show a question mark for a dash rather than end in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Tell the user what is being done."""
    print(text, flush=True)


def heading(text: str) -> None:
    """Open a part of the output."""
    say(f"\n── {text} " + "─" * max(4, 76 - len(text)))


def clean_environment(environ: Mapping[str, str], **extra: str) -> dict[str, str]:
    """Return the environment for commands: `environ` without what would mislead them, plus `extra`."""
    kept = {name: value for name, value in environ.items() if name not in MISLEADING}
    return {**kept, "PYTHONNOUSERSITE": "1", **extra}


def run(command: Sequence[str], cwd: Path | None = None, **extra: str) -> int:
    """Run a command, let it write to the terminal, and return its exit code. It gets no input."""
    done = subprocess.run(
        list(command),
        cwd=cwd,
        env=clean_environment(os.environ, **extra),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode
