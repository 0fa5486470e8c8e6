"""Which input a model accepts. What does not fit is refused with the reason, never guessed.

Two kinds of refusal: a wrong modality, unit or shape is final; a header that names another body part or view may be
wrong, so the reader may override it (``Refused.overridable``). One class for each kind of input; a model's manifest
says which it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from inference.types import Attributes, Refused
from inference.words import say

if TYPE_CHECKING:
    from inference.volume import Volume

MODALITY_NAMES = {
    "CR": say("computed radiography"),
    "CT": say("computed tomography"),
    "DX": say("digital radiography"),
    "ES": say("endoscopy"),
    "IO": say("intra-oral radiography"),
    "IVUS": say("intravascular ultrasound"),
    "MG": say("mammography"),
    "MR": say("magnetic resonance"),
    "NM": say("nuclear medicine"),
    "OP": say("ophthalmic photography"),
    "OT": say("other", note="modality"),
    "PT": say("positron emission tomography"),
    "PX": say("panoramic radiography"),
    "RF": say("fluoroscopy"),
    "RTIMAGE": say("radiotherapy image"),
    "SC": say("secondary capture"),
    "SEG": say("segmentation"),
    "US": say("ultrasound"),
    "XA": say("X-ray angiography"),
    "XC": say("photography"),
}
"""Defined Terms of Modality (PS3.3 C.7.3.1.1.1) that a viewer meets, in words."""

SILENT_MODALITIES = ("", "OT", "SC")
"""Modalities that say nothing of how the image was made: a scanned film may be any of these."""


class Contract(Protocol):
    """The input that a model was made for.

    ``takes``: one image of a series, or all images of a stack at once. ``modalities``: upper-case Modality values that
    fit. ``size``: edge in pixels of the square grid that the network reads.
    """

    @property
    def takes(self) -> Literal["image", "volume"]: ...

    @property
    def needs_grid(self) -> bool:
        """Whether the images must lie on one regular grid in the patient."""

    @property
    def modalities(self) -> tuple[str, ...]: ...

    @property
    def size(self) -> int: ...

    def check_header(self, attributes: Attributes, shape: tuple[int, int, int]) -> None:
        """The part of ``check`` that needs no pixels: raises ``Refused`` for what the header alone rules out.

        ``shape``: (slices, rows, columns) of the input. A list of models asks this before anything is loaded.
        """

    def check(self, volume: Volume, attributes: Attributes) -> None:
        """Returns quietly when the input fits, else raises ``Refused`` with the first reason."""

    def silences(self, attributes: Attributes) -> tuple[str, ...]:
        """Sentences on what the header does not say; empty when it vouches for the contract by itself.

        An input with silences may be anything, so a task then also asks whether its *result* is plausible.
        """


def modality_of(attributes: Attributes) -> str:
    """Modality (0008,0060), upper case without blanks."""
    return attributes.modality.strip().upper()


def named(modality: str) -> str:
    """A modality with its name in words, where it is known."""
    name = MODALITY_NAMES.get(modality)
    return say("{modality} ({name})", modality=modality, name=name) if name else modality or say("of no modality")


def words(text: str) -> list[str]:
    """The upper-case words of a header's value."""
    return re.findall(r"[A-Z]+", text.upper().replace("-", ""))


def fits(text: str, accepted: tuple[str, ...]) -> bool:
    """Whether a header's value holds one of the ``accepted`` words."""
    return any(word in accepted for word in words(text))


_BODY_PARTS = {
    "CHEST": say("chest"),
    "THORAX": say("thorax"),
    "LUNG": say("lung"),
    "ABDOMEN": say("abdomen"),
    "PELVIS": say("pelvis"),
    "HEAD": say("head"),
    "SKULL": say("skull"),
    "BRAIN": say("brain"),
    "NECK": say("neck"),
    "SPINE": say("spine"),
    "BREAST": say("breast"),
    "HEART": say("heart"),
    "SHOULDER": say("shoulder"),
    "ARM": say("arm"),
    "HAND": say("hand"),
    "HIP": say("hip"),
    "KNEE": say("knee"),
    "LEG": say("leg"),
    "FOOT": say("foot"),
    "EXTREMITY": say("extremity"),
}
"""Body Part Examined (PS3.16 Annex L) as words; the others are said as the header has them."""


def body_part_said(code: str) -> str:
    """A Body Part Examined in the middle of a sentence."""
    code = code.strip()
    return _BODY_PARTS.get(code.upper(), code.lower())


def check_unit(volume: Volume, unit: str) -> None:
    """Raises ``Refused`` where the values are in another unit than the model reads."""
    if volume.unit != unit:
        found = volume.unit or say("unitless")
        if unit == "HU":
            why = say("the pixel values of this image are {found}: this series has no Rescale to HU", found=found)
            raise Refused(say("expects {wanted}; {why}", wanted=unit, why=why))
        wanted = unit or say("unitless values")
        raise Refused(say("expects {wanted}; the pixel values of this image are {found}", wanted=wanted, found=found))


def check_content(volume: Volume) -> None:
    """Raises ``Refused`` for a blank image."""
    voxels = volume.voxels
    if voxels.dtype.kind == "f":
        voxels = voxels[np.isfinite(voxels)]
    # percentiles, not extremes: one bright annotation on an empty film does not make it an image
    sample = voxels.reshape(-1)[:: max(1, voxels.size // 100_000)].astype(np.float64)
    if sample.size == 0 or np.percentile(sample, 2) == np.percentile(sample, 98):
        raise Refused(say("the image is blank: (nearly) all pixels have the same value"))
