"""Numbers, dates and remarks in the words that reports use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from app.dicom import header as headers
from app.dicom.header import PARSE_ERRORS
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.core.document import Overlay
    from app.dicom.model import Series
    from app.dicom.voi import Voi
    from inference.types import Measure

MINUS = "\u2212"
EDITED = "Edited by a reader"
"""Of masks that a model made and a hand changed."""
_UNITS = {"cm2": "cm²", "mm2": "mm²", "px2": "px²", "cm3": "cm³", "mm3": "mm³", "deg": "°"}
_SEX = {"M": say("male"), "F": say("female"), "O": say("other", note="sex")}


def maker(overlay: Overlay) -> str:
    """Who made an overlay: the model, and that a reader changed it."""
    return f"{overlay.model}, {EDITED[:1].lower()}{EDITED[1:]}" if overlay.by_hand else str(overlay.model)


def number(value: float) -> str:
    """Three significant figures at the least, no exponent for everyday sizes, a real minus sign."""
    if not math.isfinite(value):
        return "–"
    magnitude = abs(value)
    if magnitude and not 1e-4 <= magnitude < 1e7:
        return f"{value:.3g}".replace("-", MINUS)
    if magnitude >= 10000:
        # Thin spaces would need care in tables; plain digits read well up to seven of them.
        return f"{value:.0f}".replace("-", MINUS)
    digits = 0 if magnitude >= 100 else 1 if magnitude >= 10 or magnitude == 0 else 2 if magnitude >= 0.1 else 4
    return f"{value:.{digits}f}".replace("-", MINUS)


def measure(value: Measure) -> str:
    """``"231 cm²"``; a unitless number stands alone."""
    unit = _UNITS.get(value.unit, value.unit)
    if unit in ("°", "%"):
        return f"{number(value.value)}{' ' if unit == '%' else ''}{unit}"
    return f"{number(value.value)} {unit}".rstrip()


def date(value: str) -> str:
    """DICOM's YYYYMMDD as YYYY-MM-DD; anything else as it stands."""
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 and value.isdecimal() else value


def sex(value: str) -> str:
    """Patient's Sex (0010,0040) as a word; anything else as it stands."""
    return _SEX.get(value.strip().upper(), value)


def ideographic_name(header: Dataset) -> str:
    """The patient's name in ideographs for reading, where it stands beside the alphabetic one (PS3.5 6.2.1.2)."""
    try:
        value = header.get("PatientName")
        if value is None or not str(value.alphabetic).strip(" ^"):
            return ""
        return " ".join(part for part in str(value.ideographic).split("^") if part)
    except PARSE_ERRORS:
        return ""


def window(voi: Voi | None) -> str:
    """How grey values were shown: ``"W 1500 / C −600"``, a lookup table's name, or empty for colour."""
    width, center = getattr(voi, "width", None), getattr(voi, "center", None)
    if width is not None and center is not None:
        return f"W {width:g} / C {center:g}".replace("-", MINUS)
    return "VOI LUT" if voi is not None else ""


def compression(series: Series, index: int) -> str:
    """A sentence where the frame was compressed with loss, with its ratio if stated (PS3.3 C.7.6.1.1.5); or empty."""
    header = series.instance_of(index).header
    if headers.code(header, "LossyImageCompression") != "01":
        return ""
    ratio = headers.numbers(header, "LossyImageCompressionRatio")
    if not ratio:
        return say("Lossy compressed.")
    return say("Lossy compressed (ratio {ratio}:1).", ratio=number(ratio[-1]))


def spacing_remark(series: Series) -> str:
    """What lengths in this series mean, where they are not millimetres in the patient; or empty."""
    if series.calibration is Calibration.DETECTOR:
        return say("Lengths are at the detector: the projection magnifies, so they are larger than in the patient.")
    if series.calibration is Calibration.NONE:
        return say("The images state no pixel spacing: lengths and areas are in pixels.")
    return ""
