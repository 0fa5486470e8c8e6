"""Which input a model accepts. What does not fit is refused with the reason, never guessed.

Two kinds of refusal: a wrong modality, unit or shape is final; a header that names another body part or view may be
wrong, so the reader may override it (``Refused.overridable``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inference.types import Attributes, Refused

if TYPE_CHECKING:
    from inference.volume import Volume

MODALITY_NAMES = {
    "CR": "computed radiography",
    "CT": "computed tomography",
    "DX": "digital radiography",
    "ES": "endoscopy",
    "IO": "intra-oral radiography",
    "IVUS": "intravascular ultrasound",
    "MG": "mammography",
    "MR": "magnetic resonance",
    "NM": "nuclear medicine",
    "OP": "ophthalmic photography",
    "OT": "other",
    "PT": "positron emission tomography",
    "PX": "panoramic radiography",
    "RF": "fluoroscopy",
    "RTIMAGE": "radiotherapy image",
    "SC": "secondary capture",
    "SEG": "segmentation",
    "US": "ultrasound",
    "XA": "X-ray angiography",
    "XC": "photography",
}
"""Defined Terms of Modality (PS3.3 C.7.3.1.1.1) that a viewer meets, in words."""

SILENT_MODALITIES = ("", "OT", "SC")
"""Modalities that say nothing of how the image was made: a scanned film may be any of these."""

FRONTAL_VIEWS = ("PA", "AP", "FRONTAL", "POSTEROANTERIOR", "ANTEROPOSTERIOR")
OTHER_VIEWS = {
    "LL": "left lateral",
    "RL": "right lateral",
    "LAT": "lateral",
    "LATERAL": "lateral",
    "LLD": "left lateral decubitus",
    "RLD": "right lateral decubitus",
    "LLO": "left lateral oblique",
    "RLO": "right lateral oblique",
    "LPO": "left posterior oblique",
    "RPO": "right posterior oblique",
    "LAO": "left anterior oblique",
    "RAO": "right anterior oblique",
    "OBLIQUE": "oblique",
}
"""View Position (PS3.3 C.8.1.2, C.8.7.5.1.1), and free text seen in its place."""


@dataclass(frozen=True)
class Contract:
    """The input that a radiograph model was made for.

    ``modalities``, ``body_parts``: upper-case values that fit. ``unit``: ``Volume.unit`` that it reads. ``views``:
    upper-case View Positions that fit; empty accepts any. ``size``: edge in pixels of the square it is squashed
    to. ``min_size``: fewest rows or columns worth analysing. ``max_aspect``: longest side ÷ shortest side.
    """

    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    views: tuple[str, ...]
    unit: str
    size: int
    min_size: int = 64
    max_aspect: float = 2.0


def check(contract: Contract, volume: Volume, attributes: Attributes) -> None:
    """Return quietly when the image fits ``contract``, else raise ``Refused`` with the first reason."""
    check_header(contract, attributes, volume.shape)
    _check_unit(contract, volume)
    _check_content(volume)


def check_header(contract: Contract, attributes: Attributes, shape: tuple[int, int, int]) -> None:
    """The part of ``check`` that needs no pixels: raises ``Refused`` for what the header alone rules out.

    ``shape``: (slices, rows, columns) of one input. A list of models asks this before anything is loaded.
    """
    _check_modality(contract, attributes)
    _check_shape(contract, shape, attributes)
    _check_body_part(contract, attributes)
    _check_view(contract, attributes)


def silences(contract: Contract, attributes: Attributes) -> tuple[str, ...]:
    """Sentences on what the header does not say; empty when it vouches for the contract by itself.

    An image with silences may be anything, so the engine then also asks whether its *result* is plausible.
    """
    notes = []
    if _modality(attributes) not in contract.modalities:
        notes.append("Modality unknown: the header does not say that this is a radiograph.")
    if not attributes.body_part.strip():
        notes.append("Body part unknown: the header does not name one.")
    if contract.views and not _is_frontal(contract, attributes) and not _names_another_view(attributes):
        notes.append("View unknown: the header does not say whether this is a frontal view.")
    return tuple(notes)


def _modality(attributes: Attributes) -> str:
    return attributes.modality.strip().upper()


def _check_modality(contract: Contract, attributes: Attributes) -> None:
    modality = _modality(attributes)
    if modality in contract.modalities or modality in SILENT_MODALITIES:
        return
    name = MODALITY_NAMES.get(modality)
    found = f"{modality} ({name})" if name else modality
    raise Refused(f"expects a radiograph ({', '.join(contract.modalities)}); this is {found}")


def _check_shape(contract: Contract, shape: tuple[int, int, int], attributes: Attributes) -> None:
    slices, rows, columns = shape
    if attributes.is_colour:
        raise Refused("expects a greyscale image; this one is in colour")
    if attributes.number_of_frames > 1 or slices > 1:
        count = max(attributes.number_of_frames, slices)
        raise Refused(f"expects a single image; this one has {count} frames or slices")
    if min(rows, columns) < contract.min_size:
        raise Refused(
            f"expects at least {contract.min_size}×{contract.min_size} pixels; this image has {columns}×{rows}"
        )
    if max(rows, columns) > contract.max_aspect * min(rows, columns):
        raise Refused(
            f"expects a single film; {columns}×{rows} pixels are too elongated for one (stitched, or a strip)",
            overridable=True,
        )


def _check_unit(contract: Contract, volume: Volume) -> None:
    if volume.unit != contract.unit:
        wanted = contract.unit or "unitless values"
        raise Refused(f"expects {wanted}; the pixel values of this image are {volume.unit or 'unitless'}")


def _check_content(volume: Volume) -> None:
    voxels = volume.voxels
    if voxels.dtype.kind == "f":
        voxels = voxels[np.isfinite(voxels)]
    # percentiles, not extremes: one bright annotation on an empty film does not make it an image
    sample = voxels.reshape(-1)[:: max(1, voxels.size // 100_000)].astype(np.float64)
    if sample.size == 0 or np.percentile(sample, 2) == np.percentile(sample, 98):
        raise Refused("the image is blank: (nearly) all pixels have the same value")


def _check_body_part(contract: Contract, attributes: Attributes) -> None:
    if attributes.body_part.strip() and not _fits(attributes.body_part, contract.body_parts):
        wanted = contract.body_parts[0].lower()
        raise Refused(f"expects the {wanted}; the header says {attributes.body_part.strip().lower()}", overridable=True)


def _check_view(contract: Contract, attributes: Attributes) -> None:
    if not contract.views:
        return
    for word in _words(attributes.view_position):
        if word in OTHER_VIEWS and word not in contract.views:
            raise Refused(f"expects a frontal view (PA or AP); this is {OTHER_VIEWS[word]}", overridable=True)
    row, column = (direction.strip().upper() for direction in attributes.patient_orientation)
    if row[:1] in ("A", "P"):
        raise Refused(
            "expects a frontal view (PA or AP); by Patient Orientation this is a lateral one", overridable=True
        )
    if row[:1] in ("H", "F") or column[:1] in ("L", "R"):
        raise Refused("expects an upright image; by Patient Orientation this one lies on its side", overridable=True)
    if column[:1] == "H":
        raise Refused("expects an upright image; by Patient Orientation this one is upside down", overridable=True)


def _is_frontal(contract: Contract, attributes: Attributes) -> bool:
    views = contract.views + FRONTAL_VIEWS
    if any(word in views for word in _words(attributes.view_position)):
        return True
    # columns running from right to left of the patient and rows from head to foot are a frontal projection
    row, column = (direction.strip().upper() for direction in attributes.patient_orientation)
    return row[:1] in ("L", "R") and column[:1] == "F"


def _names_another_view(attributes: Attributes) -> bool:
    return any(word in OTHER_VIEWS for word in _words(attributes.view_position))


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z]+", text.upper().replace("-", ""))


def _fits(text: str, accepted: tuple[str, ...]) -> bool:
    return any(word in accepted for word in _words(text))
