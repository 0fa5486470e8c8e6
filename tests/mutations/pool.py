"""Processes that may crash, hang or eat memory alone, each doing one case after the other."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
WORKER = (sys.executable, "-m", "tests.mutations.worker")
SECONDS_TO_START = 120.0


class Lost(Exception):
    """The process crashed, or was ended because it took too long. ``str`` says which, with what it left on stderr."""


class Process:
    """One child that answers each line of JSON with another."""

    def __init__(self, command: Sequence[str]) -> None:
        # A file, so that nothing that a child says can block it.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in `end`
        environment = {
            **os.environ,
            "PYTHONPATH": str(_ROOT),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONFAULTHANDLER": "1",
        }
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            cwd=_ROOT,
            env=environment,
            start_new_session=True,
        )
        self._started = False

    def ask(self, case: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to ``case``. Raises ``Lost``."""
        assert self._child.stdin is not None
        deadline = time.monotonic() + seconds + (0.0 if self._started else SECONDS_TO_START)
        try:
            self._child.stdin.write(json.dumps(case).encode() + b"\n")
            answer = self._line(deadline)
        except OSError:
            answer = b""
        if answer is None:
            stack = self.end(dump=True)
            raise Lost(f"hang: no answer within {seconds:.0f} s\n{stack}")
        if not answer:
            self._child.wait()
            raise Lost(f"crash: the process ended with {self._child.returncode}\n{self.end()}")
        self._started = True
        found: dict[str, Any] = json.loads(answer)
        return found

    def _line(self, deadline: float) -> bytes | None:
        """A whole line; empty where the child ended, ``None`` where it took too long."""
        out = self._child.stdout
        assert out is not None
        parts = b""
        while not parts.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                return None
            part = out.read(65536)
            if not part:
                return b""
            parts += part
        return parts

    def end(self, *, dump: bool = False) -> str:
        """Ends the child and its own children; returns the end of what it wrote to stderr."""
        if dump and self._child.poll() is None:
            # faulthandler writes where every thread is.
            self._child.send_signal(signal.SIGABRT)
            time.sleep(0.5)
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._child.wait()
        self._errors.seek(0)
        text = self._errors.read()[-4000:].decode(errors="replace")
        self._errors.close()
        return text


def run(
    cases: Iterable[dict[str, Any]], jobs: int, seconds: float, command: Sequence[str] = WORKER
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(case, answer) of each, in the order they end. A case that costs its process is answered for with ``kind``
    ``"failed"`` and the next one gets a new process.
    """
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[dict[str, Any], dict[str, Any]] | None] = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    for _ in range(jobs):
        waiting.put(None)
    threads = [threading.Thread(target=_serve, args=(waiting, done, seconds, command)) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    running = jobs
    try:
        while running:
            answered = done.get()
            if answered is None:
                running -= 1
            else:
                yield answered
    finally:
        while not waiting.empty():
            waiting.get()
        for _ in range(jobs):
            waiting.put(None)
        for thread in threads:
            thread.join()


def _serve(waiting: Any, done: Any, seconds: float, command: Sequence[str]) -> None:
    process: Process | None = None
    try:
        while (case := waiting.get()) is not None:
            process = process or Process(command)
            try:
                answer = process.ask(case, seconds)
            except Lost as lost:
                process = None
                answer = {"kind": "failed", "reasons": [], "failed_frames": [], "fault": str(lost)}
            done.put((case, answer))
    finally:
        if process is not None:
            process.end()
        done.put(None)
