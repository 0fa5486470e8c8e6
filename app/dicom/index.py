"""Headers in, studies out: frames become stacks, each with one matrix, one orientation and one scale."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from app.dicom import header, objects, stacks
from app.dicom.frames import Frame, frames_of
from app.dicom.model import FrameKey, Instance, Patient, Series, Skipped, Study, StudyIndex
from app.dicom.suv import PetValues, pet_values
from app.dicom.units import rescale_warnings, unit_of
from inference.words import say

if TYPE_CHECKING:
    from pathlib import Path

    from app.dicom.objects import StoredObject
    from app.dicom.scan import Scan
    from app.dicom.stacks import Stack


def index(scan: Scan) -> StudyIndex:
    """Sort what ``scan`` found into studies and stacks (PS3.3 C.7.6.2).

    Slices order by position along the normal, and by Instance Number only where positions are missing. Never raises for
    what a header holds.
    """
    unique, skipped = _without_duplicates(scan.instances)
    images = {image.sop_instance_uid: image for image in unique if objects.kind_of(image.header) is None}
    images.pop("", None)
    stored, copies = _without_duplicates(tuple(o for o in scan.objects if o.sop_instance_uid not in images))
    copies += [_copy(o.path, images[o.sop_instance_uid].path) for o in scan.objects if o.sop_instance_uid in images]
    by_series: dict[tuple[str, str, str], list[Instance]] = defaultdict(list)
    for instance in unique:
        by_series[_series_key(instance)].append(instance)
    by_study: dict[tuple[str, str], list[Series]] = defaultdict(list)
    others: dict[tuple[str, str], list[StoredObject]] = defaultdict(list)
    for found in stored:
        others[found.patient_id, found.study_uid].append(found)
        by_study[found.patient_id, found.study_uid]
    for (patient, study, series), instances in by_series.items():
        by_study[patient, study].extend(_series(study, series, instances))
    studies = [_study(key[1], group, others[key]) for key, group in by_study.items()]
    studies.sort(key=lambda study: (study.patient.name, study.patient.id, study.date, study.uid))
    return StudyIndex(tuple(studies), (*scan.skipped, *skipped, *copies))


_Stored = TypeVar("_Stored", "Instance", "StoredObject")


def _without_duplicates(instances: tuple[_Stored, ...]) -> tuple[list[_Stored], list[Skipped]]:
    """Each SOP instance once: the first file wins, copies are listed."""
    seen: dict[str, _Stored] = {}
    unique, skipped = [], []
    for instance in instances:
        first = seen.get(instance.sop_instance_uid)
        if instance.sop_instance_uid and first is not None:
            skipped.append(_copy(instance.path, first.path))
            continue
        seen[instance.sop_instance_uid] = instance
        unique.append(instance)
    return unique, skipped


def _copy(path: Path, first: Path) -> Skipped:
    return Skipped(path, say("a copy of {name} (same SOP Instance UID)", name=first.name))


def _series_key(instance: Instance) -> tuple[str, str, str]:
    """(patient, study, series). Patients are never mixed, whatever UIDs their files share."""
    dataset = instance.header
    series = header.code(dataset, "SeriesInstanceUID") or instance.sop_instance_uid or str(instance.path)
    return header.text(dataset, "PatientID"), header.code(dataset, "StudyInstanceUID"), series


def _series(study: str, uid: str, instances: list[Instance]) -> list[Series]:
    frames = [frame for instance in instances for frame in frames_of(instance)]
    return [_stack(study, uid, number, stack, instances) for number, stack in enumerate(stacks.split(frames))]


def _stack(study: str, uid: str, number: int, stack: Stack, series: list[Instance]) -> Series:
    first = stack.frames[0]
    dataset = first.instance.header
    used: dict[int, int] = {}
    instances: list[Instance] = []
    keys = []
    for frame in stack.frames:
        identity = id(frame.instance)
        if identity not in used:
            used[identity] = len(instances)
            instances.append(frame.instance)
        keys.append(FrameKey(used[identity], frame.index))
    notes = [note for instance in instances for note in instance.notes] + rescale_warnings(instances)
    modality, samples = header.code(dataset, "Modality").upper(), header.integer(dataset, "SamplesPerPixel") or 1
    photometric = header.code(dataset, "PhotometricInterpretation").upper()
    is_pet = modality == "PT" and samples == 1 and photometric.startswith("MONOCHROME")
    pet = pet_values(instances, series) if is_pet else PetValues(unit_of(first), ())
    return Series(
        uid=uid,
        stack=number,
        study_uid=study,
        number=header.integer(dataset, "SeriesNumber"),
        modality=modality,
        description=header.text(dataset, "SeriesDescription"),
        rows=header.integer(dataset, "Rows") or 0,
        columns=header.integer(dataset, "Columns") or 0,
        samples_per_pixel=samples,
        photometric=photometric,
        instances=tuple(instances),
        frames=tuple(keys),
        affine=stack.affine,
        positions=_positions(stack.frames),
        orientation=first.orientation if stack.one_orientation else None,
        pixel_spacing=first.spacing.pixel,
        calibration=first.spacing.calibration,
        frame_of_reference_uid=stack.frame_of_reference,
        unit=pet.unit,
        transfer_syntaxes=tuple(sorted({instance.transfer_syntax_uid for instance in instances})),
        frame_time_ms=_frame_time(first.instance) if first.instance.number_of_frames > 1 else None,
        lossy=_lossy(instances),
        warnings=tuple(dict.fromkeys([*stack.warnings, *first.spacing.warnings, *pet.warnings, *notes])),
        value_factors=pet.factors,
        axis=stack.axis,
    )


def _positions(frames: tuple[Frame, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    positions = [frame.position for frame in frames if frame.position is not None]
    return np.array(positions) if len(positions) == len(frames) else None


def _frame_time(instance: Instance) -> float | None:
    """Milliseconds between frames of a cine (PS3.3 C.7.6.5)."""
    dataset = instance.header
    time = header.number(dataset, "FrameTime")
    if time and time > 0:
        return time
    vector = [step for step in header.numbers(dataset, "FrameTimeVector") if step > 0]
    if vector:
        return sum(vector) / len(vector)
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        rate = header.number(dataset, keyword)
        if rate and rate > 0:
            return 1000.0 / rate
    return None


def _lossy(instances: list[Instance]) -> str:
    """Lossy Image Compression and its largest ratio (PS3.3 C.7.6.1.1.5)."""
    lossy = [i.header for i in instances if header.code(i.header, "LossyImageCompression") == "01"]
    if not lossy:
        return ""
    ratios = [ratio for dataset in lossy for ratio in header.numbers(dataset, "LossyImageCompressionRatio")]
    return say("lossy {ratio:.0f}:1", ratio=max(ratios)) if ratios else say("lossy")


def _study(uid: str, series: list[Series], stored: list[StoredObject]) -> Study:
    series.sort(key=lambda s: (s.number is None, s.number or 0, s.uid, s.stack))
    dataset = series[0].instances[0].header if series else stored[0].header
    return Study(
        uid=uid,
        date=header.code(dataset, "StudyDate"),
        description=header.text(dataset, "StudyDescription"),
        institution=header.text(dataset, "InstitutionName"),
        accession_number=header.text(dataset, "AccessionNumber"),
        patient=Patient(
            id=header.text(dataset, "PatientID"),
            name=header.person_name(dataset, "PatientName"),
            birth_date=header.code(dataset, "PatientBirthDate"),
            sex=header.code(dataset, "PatientSex"),
        ),
        series=tuple(series),
        objects=tuple(sorted(stored, key=lambda found: (found.kind.id, found.date, found.label, found.uid))),
    )
