"""A child process that may crash, hang or be killed at any time, and the pipe to it.

Decision: plain child processes, not multiprocessing: a child never runs the program's own main module again.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

NICE = 3
SECONDS_TO_START = 60.0

_ROOT = str(Path(__file__).resolve().parents[2])
_SLICE_S = 0.1


class Died(Exception):
    """The process ended, or was ended, before it answered. ``str`` is the reason for the reader."""


class Child:
    """A process that runs ``module``'s ``main``; a frozen program is started with ``flag`` as its first argument and
    must call it. ``called``: what people call it, in reasons. Raises ``OSError`` where no process can be started.
    """

    def __init__(self, module: str, flag: str, called: str, descriptors: tuple[int, ...] = ()) -> None:
        # The window draws on the same few cores: neither starting nor working may make it wait for a turn.
        nice = f"import os; hasattr(os, 'nice') and os.nice({NICE})"
        code = f"{nice}; import sys; sys.path.insert(0, {_ROOT!r}); from {module} import main; main()"
        frozen = getattr(sys, "frozen", False)
        command = [sys.executable, flag] if frozen else [sys.executable, "-P", "-c", code]
        self._called = called
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=descriptors,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def _write(self, data: bytes) -> None:
        """No more than a pipe holds: who does not read must not keep the writer. Raises ``OSError``."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def _fill(self, view: memoryview, deadline: float, look: Callable[[], None]) -> None:
        """Read until ``view`` is full or ``deadline`` (of ``time.monotonic``). ``look`` is called now and then, and may
        raise. Raises ``Died``.
        """
        pipe = self._process.stdout
        assert pipe is not None
        while view:
            while not self._readable(_SLICE_S):
                look()
                if time.monotonic() > deadline:
                    raise Died(say("{program} took too long on this file", program=self._called))
            got = pipe.readinto(view)  # type: ignore[attr-defined]
            if not got:
                raise Died(say("{program} crashed on this file", program=self._called))
            view = view[got:]

    def _readable(self, seconds: float) -> bool:
        """Whether the process has written something (or ended), waiting at most ``seconds``."""
        assert self._process.stdout is not None
        if sys.platform == "win32":
            return _readable_windows(self._process, seconds)
        import select

        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()

    def close(self, *, kill: bool = False) -> None:
        """End the process; without ``kill`` it may finish what it does."""
        if kill:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _readable_windows(process: subprocess.Popen[bytes], seconds: float) -> bool:
    # Pipes cannot be waited for on Windows; they can be looked into.
    import ctypes
    import msvcrt

    assert process.stdout is not None
    handle = msvcrt.get_osfhandle(process.stdout.fileno())  # type: ignore[attr-defined,unused-ignore]
    available = ctypes.c_ulong(0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        peek = ctypes.windll.kernel32.PeekNamedPipe  # type: ignore[attr-defined,unused-ignore]
        if not peek(handle, None, 0, None, ctypes.byref(available), None) or available.value:
            return True
        time.sleep(0.0005)
    return False
