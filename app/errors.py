"""Errors that reach the user, each with what failed, why, and what to do now.

::

    Exception
    └── UserError                exit 1   what, why, what_now
        ├── UsageError           exit 2   the command line's words are off
        ├── NothingReadable      exit 3   no such path, or nothing in it can be read
        │   └── UnreadableFile   exit 3   one file: truncated, corrupt, a codec is missing
        ├── EveryInputRefused    exit 4   the model's contract refused every input
        └── OutputError          exit 5   not writable, disk full

``inference.types.Cancelled`` (exit 130) and ``inference.types.Refused`` (4) stand beside it: they are answers, not
faults.
"""

from __future__ import annotations


class UserError(Exception):
    """A failure told in the user's words. ``str(error)`` is the one line for stderr: what: why. what_now."""

    exit_code = 1

    def __init__(self, what: str, why: str = "", what_now: str = "") -> None:
        super().__init__(what, why, what_now)
        self.what = what
        self.why = why
        self.what_now = what_now

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}" if self.why else self.what
        text = text if text.endswith((".", "!", "?")) else f"{text}."
        return f"{text} {self.what_now}" if self.what_now else text


class UsageError(UserError):
    """The command line's words are off."""

    exit_code = 2


class NothingReadable(UserError):
    """No such path, or nothing under it that Scoutview can read."""

    exit_code = 3


class UnreadableFile(NothingReadable):
    """One file cannot be read: truncated, corrupt, or its codec is missing."""


class EveryInputRefused(UserError):
    """Every input broke the model's contract."""

    exit_code = 4


class OutputError(UserError):
    """The output cannot be written: no permission, no space, no such folder."""

    exit_code = 5
