"""``scoutview info``: what lies under a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.uid import UID

from app.cli.opening import note_skipped, open_index, require_series
from app.cli.terminal import say, say_json
from app.core.attachments import attachments

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.attachments import Attachment
    from app.dicom.fourth_axis import FourthAxis
    from app.dicom.model import Series, Study, StudyIndex


def info(path: Path, *, as_json: bool) -> int:
    """Prints studies and stacks under ``path``. Raises ``NothingReadable`` where there are none; JSON then still lists
    what was skipped and why."""
    found = open_index(path)
    if as_json:
        say_json(record(found))
        if not found.studies:
            require_series(found, path)
        return 0
    if not found.studies:
        require_series(found, path)
    known = attachments(found)
    for study in found.studies:
        _say_study(study)
        for attachment in known:
            if any(attachment.object is own for own in study.objects):
                _say_object(attachment)
    note_skipped(found)
    return 0


def record(found: StudyIndex) -> dict[str, Any]:
    """The JSON of ``info --json``: one entry a stack, one an object that is no plain image."""
    known = {id(attachment.object): attachment for attachment in attachments(found)}
    return {
        "studies": [
            {
                "uid": study.uid,
                "date": study.date,
                "description": study.description,
                "patient": {"id": study.patient.id, "name": study.patient.name},
                "series": [_series(series) for series in study.series],
                "objects": [_object(known[id(stored)]) for stored in study.objects],
            }
            for study in found.studies
        ],
        "skipped": [{"file": str(skipped.file), "reason": skipped.reason} for skipped in found.skipped],
    }


def _object(attachment: Attachment) -> dict[str, Any]:
    stored = attachment.object
    return {
        "kind": stored.kind.id,
        "uid": stored.sop_instance_uid,
        "modality": stored.modality,
        "label": stored.label,
        "file": str(stored.path),
        "attached_to": list(attachment.series_uids),
        "why_not": attachment.why_not,
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "uid": series.uid,
        "stack": series.stack,
        "number": series.number,
        "modality": series.modality,
        "description": series.description,
        "rows": series.rows,
        "columns": series.columns,
        "slices": slices(series),
        "frames": len(series.frames),
        "spacing_mm": spacing(series),
        "transfer_syntaxes": list(series.transfer_syntaxes),
        "files": len({instance.path for instance in series.instances}),
        "warnings": list(series.warnings),
        **({} if series.axis is None else {"fourth_axis": _axis(series.axis)}),
    }


def _axis(axis: FourthAxis) -> dict[str, Any]:
    """What tells the images at one place apart: its name, its points with their values at the first slice, and how many
    images a complete product would have more."""
    first = [axis.at(0, point) for point in range(axis.points)]
    values = [None if index is None else axis.values[index] for index in first]
    return {"name": axis.name, "points": axis.points, "values": values, "missing": axis.missing}


def slices(series: Series) -> int:
    """How many places in the patient the frames lie at; without positions, how many images there are: 1 for a cine."""
    if series.axis is not None:
        return series.axis.slices
    if series.positions is None:
        return len(series.instances)
    # Positions are written with a few decimals; a hundredth of a millimetre apart is the same place.
    return len(np.unique(np.round(series.positions, 2), axis=0))


def spacing(series: Series) -> list[float | None] | None:
    """Millimetres in the patient between slices, rows and columns; ``None`` for each that is unknown, and for the whole
    where all are."""
    values = list(series.spacing_mm)
    return values if any(value is not None for value in values) else None


def _say_study(study: Study) -> None:
    patient = " ".join(
        part for part in (study.patient.name, f"({study.patient.id})" if study.patient.id else "") if part
    )
    parts = (patient or "patient not stated", study.date, study.description)
    say(" · ".join(part for part in parts if part))
    say(f"  study {study.uid}")
    for series in study.series:
        number = "–" if series.number is None else str(series.number)
        name = " ".join(part for part in (series.modality, series.description) if part)
        count = f"{len(series.frames)} frame{'' if len(series.frames) == 1 else 's'}"
        if series.axis is not None:
            count += f" ({series.axis.slices} × {series.axis.points} {series.axis.plural})"
        say(f"  {number:>4}  {name}: {series.columns} × {series.rows}, {count}, {_spacing_text(series)}")
        stack = f" stack {series.stack}" if series.stack or _has_stacks(study, series) else ""
        syntaxes = ", ".join(UID(uid).name for uid in series.transfer_syntaxes)
        say(f"        {series.uid}{stack}, {syntaxes}")
        for warning in series.warnings:
            say(f"        ! {warning}")


def _say_object(attachment: Attachment) -> None:
    stored = attachment.object
    numbers = dict.fromkeys("–" if s.number is None else str(s.number) for s in attachment.series)
    where = f"on series {', '.join(numbers)}" if numbers else attachment.why_not
    say(f"     +  {stored.modality or stored.kind.id} {stored.label}: {where}")
    say(f"        {stored.path}")


def _has_stacks(study: Study, series: Series) -> bool:
    return sum(other.uid == series.uid for other in study.series) > 1


def _spacing_text(series: Series) -> str:
    known = spacing(series)
    if known is None:
        return "no spacing"
    return " × ".join("?" if value is None else f"{value:.4g}" for value in known) + " mm"
