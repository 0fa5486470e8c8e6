"""From a path to the stacks under it, and to the one that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.terminal import Progress, note
from app.dicom.index import index
from app.dicom.scan import scan
from app.errors import NothingReadable, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from app.dicom.model import Series, StudyIndex


def open_index(path: Path) -> StudyIndex:
    """Everything under ``path``, also if that is nothing. Raises ``NothingReadable`` for a path that does not exist."""
    try:
        with Progress("Reading") as progress:
            return index(scan([path], progress))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise NothingReadable(f"cannot open {path}", why, "Check the path.") from error


def require_series(found: StudyIndex, path: Path) -> tuple[Series, ...]:
    """The stacks of ``found``. Raises ``NothingReadable`` if there are none, with the reason if it is one."""
    stacks = found.series()
    if stacks:
        return stacks
    others = found.objects()
    if others:
        what = others[0].kind.title if len(others) == 1 else f"{len(others)} objects that are no images"
        why = f"it holds {what}" if len(others) > 1 else f"it is {what}, not an image"
        where = others[0].path if len(others) == 1 else path
        raise NothingReadable(f"cannot open {where}", why, "Name the images that it belongs to as well.")
    dicom = [skipped for skipped in found.skipped if skipped.is_dicom]
    if not found.skipped:
        raise NothingReadable(f"cannot open {path}", "the folder is empty", "Name a folder or file with DICOM images.")
    if len(found.skipped) == 1:
        skipped = found.skipped[0]
        raise NothingReadable(f"cannot open {skipped.file}", skipped.reason, "Name a folder or file with DICOM images.")
    why = f"none of its {len(found.skipped)} files is a DICOM image"
    if dicom:
        why = f"{why} ({dicom[0].file.name}: {dicom[0].reason})"
    raise NothingReadable(f"cannot open {path}", why, "`scoutview info --json` lists all reasons.")


def chosen_series(stacks: tuple[Series, ...], uid: str | None, stack: int) -> Series:
    """The stack that the options name; the first series by default. Raises ``UsageError`` naming what there is."""
    wanted = uid if uid is not None else stacks[0].uid
    same = [series for series in stacks if series.uid == wanted]
    if not same:
        raise UsageError(f"--series {wanted}", "no such series under the path", "`scoutview info` lists them.")
    for series in same:
        if series.stack == stack:
            return series
    raise UsageError(f"--stack {stack}", f"the series has {len(same)}", f"Use 0 to {len(same) - 1}.")


def note_skipped(found: StudyIndex) -> None:
    """Names the DICOM files that were not opened, each with its reason, and counts the others: on stderr."""
    others = sum(not skipped.is_dicom for skipped in found.skipped)
    for skipped in found.skipped:
        if skipped.is_dicom:
            note(f"skipped {skipped.file}: {skipped.reason}")
    if others:
        note(f"skipped {others} file{'' if others == 1 else 's'} that {'is' if others == 1 else 'are'} not DICOM")
