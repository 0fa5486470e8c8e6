"""Standardized uptake values: what a PET image's values are, and by how much to multiply them (PS3.3 C.8.9.1).

SUVbw = activity concentration · body weight / dose at the time to which the activity is corrected, in g/ml. Where
anything that this needs is missing or contradicts itself, values keep the file's unit and a warning says why: an SUV
that is a little wrong looks like one that is right.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.dicom import header
from app.dicom.frames import Groups
from app.dicom.real_world import real_world_maps
from app.dicom.units import pet_unit
from inference.words import joined, said_by, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset

    from app.dicom.model import Instance

SUV_BW = "SUVbw"
ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
_SUV_NAMES = {"SUVBW": SUV_BW, "SUVLBM": "SUVlbm", "SUVBSA": "SUVbsa", "SUVIBW": "SUVibw"}
_PHILIPS = "Philips PET Private Group"
_GE = "GEMS_PETD_01"
_MAX_HALF_LIVES = 10
_MIN_DOSE_BQ = 1e4


@dataclass(frozen=True)
class PetValues:
    """What a stack's modality values are. ``factors``: one for each instance, what slope and intercept are multiplied
    with to give ``unit``.
    """

    unit: str
    factors: tuple[float, ...]
    warnings: tuple[str, ...] = ()


class _Unknown(Exception):
    """``str`` says why there is no SUV, as half a sentence."""


def pet_values(instances: Sequence[Instance], series: Sequence[Instance] = ()) -> PetValues:
    """The unit and factors of PET images that make one stack: SUVbw where every one of them allows it.

    ``series``: all images of their series, where that made several stacks: they share the start of the scan. Never
    raises for what headers hold.
    """
    datasets = [instance.header for instance in instances]
    ones = (1.0,) * len(datasets)
    if any(instance.sop_class_uid == ENHANCED_PET for instance in instances):
        return _enhanced_values(instances)
    units = sorted({pet_unit(dataset) for dataset in datasets})
    if len(units) > 1:
        return PetValues(
            "",
            ones,
            (_different(units),),
        )
    if not any(_is_activity(dataset) for dataset in datasets):
        return PetValues(units[0], ones)
    notes: dict[str, None] = {}
    try:
        earliest = _earliest_acquisition([instance.header for instance in series or instances])
        factors = tuple(_factor(dataset, earliest, notes) for dataset in datasets)
    except _Unknown as why:
        values = say("values are in {unit}", unit=units[0]) if units[0] else say("values have no unit")
        return PetValues(
            units[0], ones, (say("SUV is not computed: {why}; {values}.", why=said_by(why), values=values),)
        )
    return PetValues(SUV_BW, factors, tuple(notes))


def _different(units: Sequence[str]) -> str:
    named = joined(", ", (unit or say("none") for unit in units))
    return say("The images have different units: {units}.", units=named)


def _enhanced_values(instances: Sequence[Instance]) -> PetValues:
    """The same for enhanced PET, whose real-world mappings say what the values are (PS3.3 A.56.3, C.8.22)."""
    ones = (1.0,) * len(instances)
    found = [_mapped_unit(instance) for instance in instances]
    units = sorted({unit for unit, _ in found})
    if len(units) > 1:
        return PetValues("", ones, (_different(units),))
    unit = units[0]
    ratios = tuple(ratio for _, ratio in found)
    if unit.upper().startswith("SUV"):
        known = _SUV_NAMES.get(unit.upper(), unit)
        if all(ratio is not None for ratio in ratios):
            return PetValues(known, tuple(ratio or 1.0 for ratio in ratios))
    # What the values become without SUV: the mapping's unit, where rescaled values are already in it.
    plain = unit if all(ratio == 1.0 for ratio in ratios) else ""
    if unit not in ("Bq/ml", "Bq/mL", "kBq/ml", "kBq/mL", ""):
        return PetValues(plain, ones)
    try:
        if not unit:
            raise _Unknown(say("the file does not say the unit of its values"))
        if any(ratio is None for ratio in ratios):
            raise _Unknown(say("the unit of its values is not that of its rescale"))
        kilo = 1000.0 if unit.startswith("k") else 1.0
        factors = tuple(
            kilo * (ratio or 1.0) * _enhanced_factor(instance.header)
            for instance, ratio in zip(instances, ratios, strict=True)
        )
    except _Unknown as why:
        values = say("values are in {unit}", unit=plain) if plain else say("values have no unit")
        return PetValues(plain, ones, (say("SUV is not computed: {why}; {values}.", why=said_by(why), values=values),))
    return PetValues(SUV_BW, factors)


def _mapped_unit(instance: Instance) -> tuple[str, float | None]:
    """The unit of all frames' first real-world mapping, and what rescaled values are multiplied with to be in it;
    ``""`` where frames differ, ``None`` where no one factor serves.
    """
    groups = Groups(instance.header)
    units: set[str] = set()
    ratios: list[float | None] = []
    for frame in range(instance.number_of_frames):
        maps = real_world_maps(groups, frame, signed=header.integer(instance.header, "PixelRepresentation") == 1)
        rescale = groups.holder(frame, "PixelValueTransformationSequence")
        slope, intercept = header.number(rescale, "RescaleSlope"), header.number(rescale, "RescaleIntercept") or 0.0
        units.add(maps[0].unit if maps else "")
        if not maps or maps[0].table is not None or not slope:
            ratios.append(None)
            continue
        ratio = maps[0].slope / slope
        agrees = math.isclose(maps[0].intercept, ratio * intercept, rel_tol=1e-6, abs_tol=1e-6 * abs(maps[0].slope))
        ratios.append(ratio if agrees else None)
    first = ratios[0] if ratios else None
    same = first is not None and all(r is not None and math.isclose(r, first, rel_tol=1e-6) for r in ratios)
    close = 1.0 if same and first is not None and math.isclose(first, 1.0, rel_tol=1e-6) else first
    return units.pop() if len(units) == 1 else "", close if same else None


def _enhanced_factor(dataset: Dataset) -> float:
    """SUVbw for each Bq/ml. Raises ``_Unknown``."""
    for keyword, what in (("AttenuationCorrected", "attenuation"), ("DecayCorrected", "decay")):
        if header.code(dataset, keyword).upper() != "YES":
            raise _Unknown(say("the images are not corrected for {what}", what=what))
    zone = header.code(dataset, "TimezoneOffsetFromUTC")
    injections = header.items(dataset, "RadiopharmaceuticalInformationSequence")
    if len(injections) != 1:
        raise _Unknown(say("the file names several injections") if injections else say("the injection is missing"))
    injection = injections[0]
    dose = _positive(injection, "RadionuclideTotalDose", say("the injected dose is missing"))
    if dose < _MIN_DOSE_BQ:
        raise _Unknown(say("a dose of {dose:g} Bq cannot be meant in becquerel", dose=dose))
    half_life = _positive(injection, "RadionuclideHalfLife", say("the half-life is missing"))
    corrected = date_time(header.code(dataset, "DecayCorrectionDateTime"), zone)
    injected = date_time(header.code(injection, "RadiopharmaceuticalStartDateTime"), zone)
    if corrected is None:
        raise _Unknown(say("the time of its decay correction is missing"))
    if injected is None:
        raise _Unknown(say("the time of the injection is missing"))
    seconds = (corrected - injected).total_seconds()
    if not 0 <= seconds <= _MAX_HALF_LIVES * half_life:
        raise _Unknown(say("the injection's time does not fit that of the scan"))
    grams = 1000.0 * _positive(dataset, "PatientWeight", say("the patient's weight is missing"))
    factor = float(grams / (dose * 2.0 ** (-seconds / half_life)))
    if not (math.isfinite(factor) and factor > 0):
        raise _Unknown(say("weight and dose are beyond any patient's"))
    return factor


def _is_activity(dataset: Dataset) -> bool:
    """Whether values could become SUV: other units are those of finished maps (%, ml/g/min, SUV itself)."""
    return header.code(dataset, "Units").upper() in ("BQML", "CNTS", "PROPCNTS", "")


def _factor(dataset: Dataset, earliest: datetime | None, notes: dict[str, None]) -> float:
    """SUVbw for each unit of the file's values. Raises ``_Unknown``."""
    units = header.code(dataset, "Units").upper()
    if units not in ("BQML", "CNTS"):
        raise _Unknown(
            say("counts are only proportional") if units else say("the file does not say the unit of its values")
        )
    rescale = Groups(dataset).holder(0, "PixelValueTransformationSequence")
    if header.number(rescale, "RescaleSlope") in (None, 0.0):
        raise _Unknown(say("the images have no Rescale Slope"))
    corrections = {value.upper() for value in header.codes(dataset, "CorrectedImage")}
    for name, what in (("ATTN", "attenuation"), ("DECY", "decay")):
        if name not in corrections:
            raise _Unknown(say("the images are not corrected for {what}", what=what))
    activity = 1.0
    if units == "CNTS":
        direct, found = _philips(dataset, 0x00), _philips(dataset, 0x09)
        if direct is not None:
            return direct
        if found is None:
            raise _Unknown(say("counts need a factor that the file does not hold"))
        activity = found
    grams = 1000.0 * _positive(dataset, "PatientWeight", say("the patient's weight is missing"))
    factor = activity * grams / _dose(dataset, earliest, notes)
    if not (math.isfinite(factor) and factor > 0):
        raise _Unknown(say("weight and dose are beyond any patient's"))
    return factor


def _philips(dataset: Dataset, element: int) -> float | None:
    """Philips' private SUV factor (00) or activity concentration factor (09) of group 7053; ``None`` where absent."""
    # Anonymisation drops creators; without any, the block is the one that Philips always uses.
    first = 0x70531000 | element if not header.code(dataset, 0x70530010) else None
    tag = header.private_tag(dataset, 0x7053, _PHILIPS, element) or first
    value = header.number(dataset, tag) if tag is not None else None
    return value if value is not None and value > 0 else None


def _dose(dataset: Dataset, earliest: datetime | None, notes: dict[str, None]) -> float:
    """The injected activity in Bq, decayed to the time that the images are corrected to. Raises ``_Unknown``."""
    injections = header.items(dataset, "RadiopharmaceuticalInformationSequence")
    if len(injections) != 1:
        raise _Unknown(say("the file names several injections") if injections else say("the injection is missing"))
    injection = injections[0]
    dose = _positive(injection, "RadionuclideTotalDose", say("the injected dose is missing"))
    if dose < _MIN_DOSE_BQ:
        raise _Unknown(say("a dose of {dose:g} Bq cannot be meant in becquerel", dose=dose))
    reference = header.code(dataset, "DecayCorrection").upper()
    if reference == "ADMIN":
        return dose
    if reference != "START":
        # NONE contradicts DECY; anything else says nothing.
        why = (
            say("its decay correction is NONE")
            if reference == "NONE"
            else say("the time of its decay correction is missing")
        )
        raise _Unknown(why)
    half_life = _positive(injection, "RadionuclideHalfLife", say("the half-life is missing"))
    scan = _scan_start(dataset, half_life, earliest)
    if scan is None:
        raise _Unknown(say("the time of the scan is missing"))
    return float(dose * 2.0 ** (-_uptake_s(dataset, injection, scan, half_life, notes) / half_life))


def _uptake_s(dataset: Dataset, injection: Dataset, scan: datetime, half_life: float, notes: dict[str, None]) -> float:
    """Seconds from the injection to ``scan``. Raises ``_Unknown``."""
    code = header.code(injection, "RadiopharmaceuticalStartDateTime")
    dated = date_time(code, header.code(dataset, "TimezoneOffsetFromUTC")) if len(code) >= 14 else None
    if dated is not None:
        seconds = (scan - dated).total_seconds()
        if 0 <= seconds <= _MAX_HALF_LIVES * half_life:
            return seconds
    time = header.code(injection, "RadiopharmaceuticalStartTime")
    started = date_time(f"{scan:%Y%m%d}", "", time)
    if started is None:
        raise _Unknown(
            say("the time of the injection is missing") if dated is None else say("the injection's date does not fit")
        )
    if dated is not None:
        notes[say("The date of the injection does not fit that of the scan: SUV is computed with its time alone.")] = (
            None
        )
    seconds = (scan - started).total_seconds()
    # A time without a date that lies after the scan is that of the evening before.
    seconds = seconds if seconds >= 0 else seconds + 86400.0
    if seconds > _MAX_HALF_LIVES * half_life:
        raise _Unknown(say("the injection's time does not fit that of the scan"))
    return seconds


def _scan_start(dataset: Dataset, half_life: float, earliest: datetime | None) -> datetime | None:
    """When the scan started: the time that DecayCorrection START means.

    Series Date and Time, unless a later series (a reconstruction, a copy) gave them its own; then what the bed
    position's own times lead back to.
    """
    series = date_time(header.code(dataset, "SeriesDate"), "", header.code(dataset, "SeriesTime"))
    acquired = _acquired(dataset)
    if series is not None and (acquired is None or series <= acquired):
        return series
    tag = header.private_tag(dataset, 0x0009, _GE, 0x0D)
    scanned = date_time(header.code(dataset, tag)) if tag is not None else None
    if scanned is not None:
        return scanned
    reference_ms = header.number(dataset, "FrameReferenceTime")
    duration_ms = header.number(dataset, "ActualFrameDuration")
    if acquired is not None and reference_ms and duration_ms and 0 < reference_ms < 1e9 and 0 < duration_ms < 1e9:
        # Frame Reference Time lies where the frame has its average count rate (PS3.3 C.8.9.4.1.5), from the scan on.
        decay = math.log(2) * duration_ms / 1000.0 / half_life
        rate = math.log(decay / -math.expm1(-decay)) / decay if 1e-9 < decay < 700 else 0.5
        return acquired + timedelta(seconds=rate * duration_ms / 1000.0 - reference_ms / 1000.0)
    return earliest


def _earliest_acquisition(datasets: Sequence[Dataset]) -> datetime | None:
    times = [time for time in map(_acquired, datasets) if time is not None]
    return min(times) if len(times) == len(datasets) else None


def _acquired(dataset: Dataset) -> datetime | None:
    """When this image's acquisition started."""
    date, time = header.code(dataset, "AcquisitionDate"), header.code(dataset, "AcquisitionTime")
    whole = header.code(dataset, "AcquisitionDateTime")
    zone = header.code(dataset, "TimezoneOffsetFromUTC")
    return date_time(date, "", time) or (date_time(whole, zone) if len(whole) >= 14 else None)


def _positive(dataset: Dataset, keyword: str, missing: str) -> float:
    value = header.number(dataset, keyword)
    if value is None or value <= 0:
        raise _Unknown(missing)
    return value


_DATE_TIME = re.compile(r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6}))?\s*([+-]\d{4})?$")
_ZONE = re.compile(r"^([+-])(\d\d)(\d\d)$")


def date_time(date: str, zone: str = "", time: str = "") -> datetime | None:
    """A moment on the file's own clock, from DT, or from DA and TM (PS3.5 6.2); ``None`` where it is not one.

    ``zone``: Timezone Offset From UTC of the file, to which a DT with an offset of its own is converted.
    """
    # ACR-NEMA wrote 2024.01.31 and 12:00:00.
    joined = date.replace(".", "") + time.replace(":", "") if time else date
    match = _DATE_TIME.match(joined) if time or len(date) > 8 else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), min(int(second or 0), 59))
        moment += timedelta(microseconds=int((fraction or "").ljust(6, "0") or 0))
        here, there = _ZONE.match(zone), _ZONE.match(offset or "")
        return moment + (_offset(here) - _offset(there)) if here and there else moment
    except (ValueError, OverflowError):
        return None


def _offset(match: re.Match[str]) -> timedelta:
    return timedelta(hours=int(match[2]), minutes=int(match[3])) * (-1 if match[1] == "-" else 1)
