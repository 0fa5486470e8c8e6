"""Files that appear whole or not at all.

Each output is made in memory, written to a hidden file beside its target, flushed to the disk and then renamed. A full
disk, a missing permission or a cancelled job leaves what was there before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import OutputError
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHY = {
    errno.ENOSPC: (say("the disk is full"), say("Free some space, or choose another folder.")),
    errno.EDQUOT: (say("your disk quota is used up"), say("Free some space, or choose another folder.")),
    errno.EFBIG: (
        say("the file would be larger than the system allows"),
        say("Choose another folder, or raise the limit."),
    ),
    errno.EACCES: (say("permission denied"), say("Choose a folder that you may write to.")),
    errno.EPERM: (say("not permitted"), say("Choose a folder that you may write to.")),
    errno.EROFS: (say("the file system is read-only"), say("Choose another folder.")),
    errno.ENOTDIR: (say("part of the path is a file, not a folder"), say("Choose another folder.")),
    errno.EEXIST: (say("part of the path is a file, not a folder"), say("Choose another folder.")),
    errno.EISDIR: (say("it is a folder"), say("Name a file.")),
    errno.ENAMETOOLONG: (say("the name is too long"), say("Choose a shorter path.")),
    errno.ELOOP: (say("the path's links lead in a circle"), say("Choose another folder.")),
}
_OTHERWISE = say("Check the path, or choose another folder.")


def output_error(target: Path, error: OSError) -> OutputError:
    """An ``OSError`` met while writing ``target``, in the user's words."""
    why, what_now = _WHY.get(error.errno or 0, (error.strerror or type(error).__name__, _OTHERWISE))
    return OutputError(say("cannot write {target}", target=target), why, what_now)


def write(target: Path, data: bytes) -> None:
    """Writes one file. Raises ``OutputError``; the target is then as it was."""
    write_all({target: data})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Writes several files, all or none, and the folders they need.

    Every file lies complete and flushed on the disk before the first one gets its name. On failure, and on Ctrl-C, the
    hidden files and the folders made here are removed. Raises ``OutputError`` naming the file.
    """
    folders: list[Path] = []
    parts: list[tuple[Path, Path]] = []
    target = Path()
    try:
        for target, data in files.items():
            folders += _make_folder(target.parent)
            if _is_device(target):
                target.write_bytes(data)
                continue
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            part = target.with_name(f".{secrets.token_hex(6)}.part")
            parts.append((part, target))
            _write_flushed(part, data)
        while parts:
            part, target = parts[0]
            part.replace(target)
            parts.pop(0)
    except OSError as error:
        raise output_error(target, error) from error
    finally:
        # After success there is nothing in `parts`; the folders are then not empty, so they stay.
        for part, _ in parts:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        for folder in reversed(folders):
            with contextlib.suppress(OSError):
                folder.rmdir()
    for folder in {path.parent for path in files}:
        _flush_folder(folder)


def _make_folder(folder: Path) -> list[Path]:
    """Makes ``folder`` and its parents. Returns those that were not there, outermost first."""
    missing = []
    for candidate in (folder, *folder.parents):
        if candidate.exists():
            break
        missing.append(candidate)
    made: list[Path] = []
    try:
        for candidate in reversed(missing):
            candidate.mkdir(exist_ok=True)
            made.append(candidate)
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except OSError:
        for candidate in reversed(made):
            with contextlib.suppress(OSError):
                candidate.rmdir()
        raise
    return made


def _is_device(target: Path) -> bool:
    """Pipes and devices such as /dev/stdout are written straight: renaming over one would replace the device."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISBLK(mode)


def _write_flushed(part: Path, data: bytes) -> None:
    # O_EXCL and not tempfile: the file gets the permissions that any new file of the user's would get.
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """Makes the renames last through a power cut, where the system can do that."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def require_folder(folder: Path) -> None:
    """Whether files can be written under ``folder`` (which may not exist yet), found out by writing one.

    Leaves nothing behind, folders neither. Raises ``OutputError``.
    """
    probe = folder / f".{secrets.token_hex(6)}.part"
    made: list[Path] = []
    try:
        made = _make_folder(folder)
        _write_flushed(probe, b"scoutview")
    except OSError as error:
        raise output_error(folder, error) from error
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir()
