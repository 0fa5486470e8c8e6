"""ZIP archives: their DICOM files, unpacked within bounds into a folder of the program's own.

An archive is not trusted. Its names never become paths: each file gets a numbered folder, and a name that is more than
a plain relative one is refused. What is written is counted, whatever the archive declares. Only what begins like DICOM
is unpacked, so documents that are archives too cost a look at their entries.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import struct
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.dicom import parse
from app.dicom.faults import DATA_ERRORS
from app.dicom.model import Skipped
from inference.words import said_by, say

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ENTRIES = 100_000
MAX_DIRECTORY = 16 * 2**20
MAX_BYTES = 32 * 2**30
MAX_RATIO = 250
SMALL = 64 * 2**20
"""Bytes that any archive may unpack to, whatever its ratio: blank images compress a thousandfold."""
_SPARE_DISK = 2**30
_CHUNK = 2**20
_HEAD = 1024
_ENCRYPTED = 0x1
_DAMAGED, _OTHER, _EMPTY = say("damaged in its ZIP archive"), say("not a DICOM file"), say("empty file")
_BY_HAND = say("unpack it with another program and open the folder")

_FAULTS: tuple[type[Exception], ...] = (*DATA_ERRORS, zipfile.BadZipFile, zipfile.LargeZipFile)
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Unpacked:
    """``files``: what was unpacked, and by which path in the archive the reader knows it. ``skipped``: the rest."""

    files: dict[Path, Path]
    skipped: tuple[Skipped, ...] = ()


class _Refused(Exception):
    """``str`` is why the whole archive is not opened."""


class _Folder:
    """The program's own temporary folder: made when it is needed, removed when the program ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._root: Path | None = None
        self._known: dict[tuple[Path, int, int], Unpacked] = {}

    def new(self) -> Path:
        """An empty folder that only this user can read."""
        with self._lock:
            if self._root is None:
                self._root = Path(tempfile.mkdtemp(prefix="scoutview-"))
                atexit.register(_remove, self._root, os.getpid())
            return Path(tempfile.mkdtemp(dir=self._root))

    def known(self, key: tuple[Path, int, int]) -> Unpacked | None:
        """What an archive that has not changed was unpacked to, while that is still there."""
        with self._lock:
            found = self._known.get(key)
        return found if found is not None and all(file.is_file() for file in found.files) else None

    def remember(self, key: tuple[Path, int, int], unpacked: Unpacked) -> None:
        with self._lock:
            self._known[key] = unpacked


def _remove(root: Path, process: int) -> None:
    # A forked child ends too, and must leave its parent's files alone.
    if os.getpid() == process:
        shutil.rmtree(root, ignore_errors=True)


_folder = _Folder()


def unpack(archive: Path, tick: Callable[[], None] = lambda: None) -> Unpacked:
    """The DICOM files of ``archive``, unpacked until the program ends; an archive that is opened again is not unpacked
    again.

    ``tick`` is called between pieces of work and may raise, which leaves nothing behind. Raises nothing for what an
    archive holds: a bomb, a damaged or an encrypted one comes back in ``skipped``, with its reason.
    """
    try:
        status = archive.stat()
        key = archive.resolve(), status.st_size, status.st_mtime_ns
        found = _folder.known(key)
        if found is None:
            found = _unpack(archive, status.st_size, tick)
            _folder.remember(key, found)
        return found
    except _Refused as refused:
        return _none(archive, said_by(refused))
    except OSError as error:
        return _none(
            archive,
            say("a ZIP archive that cannot be unpacked ({fault})", fault=error.strerror or say("input/output error")),
        )
    except _FAULTS:
        return _none(archive, say("a damaged ZIP archive"))


def _none(archive: Path, reason: str) -> Unpacked:
    return Unpacked({}, (Skipped(archive, reason, is_dicom=False),))


def _unpack(archive: Path, size: int, tick: Callable[[], None]) -> Unpacked:
    with archive.open("rb") as file:
        if _directory_size(file, size) > MAX_DIRECTORY:
            raise _Refused(say("a ZIP archive with too many files: {remedy}", remedy=_BY_HAND))
        file.seek(0)
        with zipfile.ZipFile(file) as opened:
            entries = [info for info in opened.infolist() if not info.is_dir()]
            if len(entries) > MAX_ENTRIES:
                raise _Refused(say("a ZIP archive with too many files: {remedy}", remedy=_BY_HAND))
            if entries and all(info.flag_bits & _ENCRYPTED for info in entries):
                raise _Refused(say("an encrypted ZIP archive: unpack it with its password and open the folder"))
            entries.sort(key=lambda info: info.filename)
            target = _folder.new()
            try:
                return _Unpacking(archive, opened, target, _limit(size, target), tick).all(entries)
            except BaseException:
                shutil.rmtree(target, ignore_errors=True)
                raise


def _limit(size: int, target: Path) -> int:
    """How many bytes an archive of ``size`` bytes may become."""
    free = shutil.disk_usage(target).free - _SPARE_DISK
    return max(min(MAX_BYTES, max(SMALL, MAX_RATIO * size), free), 0)


def _directory_size(file: BinaryIO, size: int) -> int:
    """Bytes of the central directory as its end record declares them: ``zipfile`` reads all of it into memory.

    Raises ``BadZipFile`` where there is no end record. (APPNOTE 4.3.14 to 4.3.16)
    """
    start = max(size - 65557, 0)
    file.seek(start)
    tail = file.read(65557)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        raise zipfile.BadZipFile
    declared = int(struct.unpack_from("<I", tail, at + 12)[0])
    if tail[max(at - 20, 0) : at][:4] == b"PK\6\7":
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if len(record) == 56 and record[:4] == b"PK\6\6":
            return max(declared if declared != 0xFFFFFFFF else 0, int(struct.unpack_from("<Q", record, 40)[0]))
    return declared


class _Unpacking:
    """One archive on its way into ``target``, at most ``limit`` bytes of it."""

    def __init__(
        self, archive: Path, opened: zipfile.ZipFile, target: Path, limit: int, tick: Callable[[], None]
    ) -> None:
        self._archive, self._opened, self._target, self._tick = archive, opened, target, tick
        self._left = limit
        self._too_large = say(
            "a ZIP archive that would unpack to more than {size:.1f} GB: {remedy}",
            size=limit / 2**30,
            remedy=_BY_HAND,
        )

    def all(self, entries: list[zipfile.ZipInfo]) -> Unpacked:
        """Every entry is a file or skipped with its reason."""
        if sum(info.file_size for info in entries) > self._left:
            raise _Refused(self._too_large)
        files: dict[Path, Path] = {}
        skipped = []
        for number, info in enumerate(entries):
            self._tick()
            parts = _parts(info)
            reason = _refusal(info) if parts else say("refused: its name leads out of the archive, or is no plain name")
            shown = self._archive.joinpath(*parts) if parts else self._archive
            if not reason:
                try:
                    files[self._write(info, number, parts[-1])] = shown
                    continue
                except _NotDicom as other:
                    reason = str(other)
                except OSError as error:
                    raise _Refused(
                        say(
                            "a ZIP archive that cannot be unpacked ({fault})",
                            fault=error.strerror or say("input/output error"),
                        )
                    ) from error
                except _FAULTS:
                    reason = _DAMAGED
            skipped.append(Skipped(shown, reason, is_dicom=reason == _DAMAGED))
        if not files and all(entry.reason in (_OTHER, _EMPTY) for entry in skipped):
            # A document that is an archive too: its parts are no news.
            return _none(self._archive, say("a ZIP archive without DICOM files"))
        return Unpacked(files, tuple(skipped))

    def _write(self, info: zipfile.ZipInfo, number: int, name: str) -> Path:
        with self._opened.open(info) as source:
            head = source.read(_HEAD)
            if head[:4] == b"PK\3\4":
                raise _NotDicom(say("a ZIP archive within another: unpack it and open the folder"))
            if not parse.looks_like_dicom(head):
                raise _NotDicom(_OTHER if head else _EMPTY)
            folder = self._target / f"{number:06d}"
            folder.mkdir()
            file = folder / _file_name(name)
            try:
                with file.open("xb") as target:
                    while head:
                        self._left -= len(head)
                        if self._left < 0:
                            raise _Refused(self._too_large)
                        target.write(head)
                        self._tick()
                        head = source.read(_CHUNK)
            except _FAULTS:
                # A damaged entry is known only at its end: what was written of it must not be opened.
                file.unlink(missing_ok=True)
                raise
            return file


class _NotDicom(Exception):
    """``str`` says what an entry is instead."""


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The entry's name, part by part; empty where it is not a plain relative name."""
    name = info.orig_filename.replace("\\", "/")
    if name.startswith("/") or not name.isprintable():
        return ()
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if any(part == ".." or ":" in part or _RESERVED.match(part) for part in parts):
        return ()
    return parts


def _refusal(info: zipfile.ZipInfo) -> str:
    """Why an entry is not even looked at; empty where it may be."""
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return say("refused: a link or special file in a ZIP archive")
    if info.flag_bits & _ENCRYPTED:
        return say("encrypted in its ZIP archive")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The others inflate without a bound on memory.
        return say(
            "compressed by a method of ZIP that is not supported (number {method})",
            method=info.compress_type,
        )
    return ""


def _file_name(name: str) -> str:
    """A name that every file system takes; the numbered folder makes it unique."""
    safe = re.sub(r'[<>"|?*]', "_", name).rstrip(". ") or "file"
    return safe if len(os.fsencode(safe)) <= 200 else safe[-40:]
