"""Paths in, headers out: every file is an image instance, an object of another kind, or skipped with its reason."""

from __future__ import annotations

import gc
import os
import re
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.dicom import archive, header, objects, parse, workers
from app.dicom.model import Instance, Skipped
from app.dicom.syntaxes import NATIVE
from app.errors import NothingReadable
from inference.types import Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.dicom.objects import StoredObject


@dataclass(frozen=True)
class Scan:
    """What was found, in the order of paths."""

    instances: tuple[Instance, ...]
    skipped: tuple[Skipped, ...]
    objects: tuple[StoredObject, ...] = ()


def scan(paths: Sequence[Path], tick: Tick = no_tick) -> Scan:
    """Read the headers of all files under ``paths`` (folders recursively, files, DICOMDIRs, ZIP archives).

    A file is never trusted: what is truncated, corrupt, hostile or no DICOM comes back in ``skipped`` with its reason.
    Raises ``NothingReadable`` where a path does not exist, ``Cancelled`` from ``tick``.
    """
    tick(0.0)
    files: dict[Path, Path] = {}
    skipped: list[Skipped] = []
    for path in paths:
        if not path.exists():
            raise NothingReadable(
                say("Cannot open {path}", path=path), say("no such file or folder"), say("Check the path.")
            )
        for file in _files(path):
            if isinstance(file, Skipped):
                skipped.append(file)
            else:
                files.setdefault(file, file)
            if len(files) % 256 == 0:
                tick(0.0)
    instances, found, others = _read_all(files, tick)
    tick(1.0)
    skipped.extend(others)
    # A directory of files that are here anyway is no news, but alone it is all that can be said.
    told = [entry for entry in skipped if not _is_dicomdir(entry)]
    return Scan(tuple(instances), tuple(told if told or instances or found else skipped), tuple(found))


def _read_all(files: dict[Path, Path], tick: Tick) -> tuple[list[Instance], list[StoredObject], list[Skipped]]:
    """Each of ``files`` (and by which path the reader knows it) as an instance, an object or skipped, archives by what
    they hold.
    """
    instances: list[Instance] = []
    stored: list[StoredObject] = []
    skipped: list[Skipped] = []
    waiting = deque(files.items())
    done, fraction = 0, 0.0
    warmed = False
    with _without_collection():
        while waiting:
            # An archive adds files: what was done stays done.
            fraction = max(fraction, done / (done + len(waiting)))
            tick(fraction)
            file, shown = waiting.popleft()
            found = parse.read_instance(file, partial(_at, tick, fraction))
            done += 1
            if isinstance(found, Instance):
                if found.transfer_syntax_uid not in NATIVE and not warmed:
                    # Decoders start while the rest is scanned.
                    workers.warm()
                    warmed = True
                instances.append(found)
                if (beside := parse.object_beside(found)) is not None:
                    stored.append(beside)
            elif isinstance(found, objects.StoredObject):
                stored.append(found)
            elif found.reason == parse.ARCHIVE:
                unpacked = archive.unpack(file, partial(tick, fraction))
                skipped.extend(unpacked.skipped)
                waiting.extendleft(reversed(unpacked.files.items()))
            else:
                skipped.append(found if shown is file else replace(found, file=shown))
    return instances, stored, skipped


def _at(tick: Tick, fraction: float, _: float) -> None:
    """Progress within a file is progress of nothing, but the reader may have had enough."""
    tick(fraction)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep the cycle collector still: headers are thousands of objects that live on, and each full pass over them and
    everything else holds the interpreter for 100 ms, which the window feels.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_dicomdir(skipped: Skipped) -> bool:
    return skipped.reason.startswith("a DICOMDIR") and skipped.file.name.upper().startswith("DICOMDIR")


_OUTSIDE = say("the DICOMDIR leads out of its own folder, which is not followed")


def _files(path: Path) -> Iterator[Path | Skipped]:
    """All files of a folder, a DICOMDIR's referenced files, or the file itself."""
    if path.is_dir():
        yield from _walk(path, set())
        return
    referenced = _referenced_files(path) if path.name.upper().startswith("DICOMDIR") else []
    yield from referenced or [path]


def _walk(folder: Path, visited: set[tuple[int, int]]) -> Iterator[Path]:
    """Files below ``folder`` in the order of their names. A folder that was seen (a link back) is not entered twice."""
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        # Listed as skipped, with its reason: nothing is left out in silence.
        yield folder
        return
    # Windows reports inode 0 for some file systems: there the resolved path would be needed, and links are rare.
    identity = (status.st_dev, status.st_ino)
    if identity in visited and status.st_ino:
        return
    visited.add(identity)
    for entry in entries:
        try:
            is_folder = entry.is_dir()
        except OSError:
            # A link to itself, for one. As a file it is listed with its reason.
            is_folder = False
        if is_folder:
            yield from _walk(Path(entry.path), visited)
        else:
            yield Path(entry.path)


def _referenced_files(dicomdir: Path) -> list[Path | Skipped]:
    """The files that a DICOMDIR names, within its own folder only (PS3.3 F.3.2.2); missing ones are said."""
    dataset = parse.read_dataset_alone(dicomdir)
    if dataset is None:
        return []
    root = dicomdir.parent.resolve()
    folders: dict[Path, dict[str, str]] = {}
    files: dict[Path | Skipped, None] = {}
    for record in header.items(dataset, "DirectoryRecordSequence"):
        parts = header.codes(record, "ReferencedFileID")
        if not parts:
            continue
        if not all(
            part.isprintable() and part not in ("", ".", "..") and not _SEPARATOR.search(part) for part in parts
        ):
            files.setdefault(Skipped(dicomdir, _OUTSIDE))
            continue
        file = dicomdir.parent
        for part in parts:
            file = file / _as_written(file, part, folders)
        try:
            within, is_there = file.resolve().is_relative_to(root), file.is_file()
        except (OSError, RuntimeError):
            within, is_there = True, False
        if not within:
            files.setdefault(Skipped(file, _OUTSIDE))
        else:
            files.setdefault(file if is_there else Skipped(file, say("the DICOMDIR names it, but it is not there")))
    return list(files)


_SEPARATOR = re.compile(r"[/\\:]")


def _as_written(folder: Path, name: str, folders: dict[Path, dict[str, str]]) -> str:
    """The name of ``name``'s entry in ``folder``, whatever its case: copies of media are often in lower case."""
    if folder not in folders:
        try:
            names = sorted((entry.name for entry in os.scandir(folder)), reverse=True)
        except OSError:
            names = []
        folders[folder] = {entry.lower(): entry for entry in names} | {entry: entry for entry in names}
    return folders[folder].get(name) or folders[folder].get(name.lower(), name)
