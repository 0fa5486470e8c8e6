"""The input of radiograph models: one frontal projection of the chest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from inference.contract import (
    SILENT_MODALITIES,
    body_part_said,
    check_content,
    check_unit,
    fits,
    modality_of,
    named,
    words,
)
from inference.types import Attributes, Refused
from inference.words import say

if TYPE_CHECKING:
    from inference.volume import Volume

FRONTAL_VIEWS = ("PA", "AP", "FRONTAL", "POSTEROANTERIOR", "ANTEROPOSTERIOR")
OTHER_VIEWS = {
    "LL": say("left lateral"),
    "RL": say("right lateral"),
    "LAT": say("lateral"),
    "LATERAL": say("lateral"),
    "LLD": say("left lateral decubitus"),
    "RLD": say("right lateral decubitus"),
    "LLO": say("left lateral oblique"),
    "RLO": say("right lateral oblique"),
    "LPO": say("left posterior oblique"),
    "RPO": say("right posterior oblique"),
    "LAO": say("left anterior oblique"),
    "RAO": say("right anterior oblique"),
    "OBLIQUE": say("oblique"),
}
"""View Position (PS3.3 C.8.1.2, C.8.7.5.1.1), and free text seen in its place."""


@dataclass(frozen=True)
class RadiographContract:
    """``Contract`` of a radiograph model.

    ``modalities``, ``body_parts``: upper-case values that fit. ``unit``: ``Volume.unit`` that it reads. ``views``:
    upper-case View Positions that fit; empty accepts any. ``size``: edge in pixels of the square it is squashed
    to. ``min_size``: fewest rows or columns worth analysing. ``max_aspect``: longest side ÷ shortest side.
    ``max_age_years``: oldest patient that the model was made for; ``None``: any.
    """

    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    views: tuple[str, ...]
    unit: str
    size: int
    min_size: int = 64
    max_aspect: float = 2.0
    max_age_years: float | None = None

    @property
    def takes(self) -> Literal["image", "volume"]:
        return "image"

    @property
    def needs_grid(self) -> bool:
        return False

    def check_header(self, attributes: Attributes, shape: tuple[int, int, int]) -> None:
        """See ``Contract``."""
        self._check_modality(attributes)
        self._check_shape(shape, attributes)
        self._check_age(attributes)
        self._check_body_part(attributes)
        self._check_view(attributes)

    def check(self, volume: Volume, attributes: Attributes) -> None:
        """See ``Contract``."""
        self.check_header(attributes, volume.shape)
        check_unit(volume, self.unit)
        check_content(volume)

    def silences(self, attributes: Attributes) -> tuple[str, ...]:
        """See ``Contract``."""
        notes = []
        if modality_of(attributes) not in self.modalities:
            notes.append(say("Modality unknown: the header does not say that this is a radiograph."))
        if not attributes.body_part.strip():
            notes.append(say("Body part unknown: the header does not name one."))
        if self.views and not self._is_frontal(attributes) and not _names_another_view(attributes):
            notes.append(say("View unknown: the header does not say whether this is a frontal view."))
        if self.max_age_years is not None and attributes.patient_age_years is None:
            notes.append(say("Age unknown: the header does not say how old the patient is."))
        return tuple(notes)

    def _check_modality(self, attributes: Attributes) -> None:
        modality = modality_of(attributes)
        if modality not in self.modalities and modality not in SILENT_MODALITIES:
            raise Refused(
                say(
                    "expects a radiograph ({wanted}); this is {modality}",
                    wanted=", ".join(self.modalities),
                    modality=named(modality),
                )
            )

    def _check_shape(self, shape: tuple[int, int, int], attributes: Attributes) -> None:
        slices, rows, columns = shape
        if attributes.is_colour:
            raise Refused(say("expects a greyscale image; this one is in colour"))
        if attributes.number_of_frames > 1 or slices > 1:
            count = max(attributes.number_of_frames, slices)
            raise Refused(say("expects a single image; this one has {count} frames or slices", count=count))
        if min(rows, columns) < self.min_size:
            raise Refused(
                say(
                    "expects at least {least}×{least} pixels; this image has {columns}×{rows}",
                    least=self.min_size,
                    columns=columns,
                    rows=rows,
                )
            )
        if max(rows, columns) > self.max_aspect * min(rows, columns):
            raise Refused(
                say(
                    "expects a single film; {columns}×{rows} pixels are too elongated for one (stitched, or a strip)",
                    columns=columns,
                    rows=rows,
                ),
                overridable=True,
            )

    def _check_age(self, attributes: Attributes) -> None:
        age = attributes.patient_age_years
        if self.max_age_years is not None and age is not None and age > self.max_age_years:
            raise Refused(
                say(
                    "was made for children up to {most:g} years; the header says {age:.0f}",
                    most=self.max_age_years,
                    age=age,
                ),
                overridable=True,
            )

    def _check_body_part(self, attributes: Attributes) -> None:
        if attributes.body_part.strip() and not fits(attributes.body_part, self.body_parts):
            wanted = body_part_said(self.body_parts[0])
            raise Refused(
                say(
                    "expects the {wanted}; the header says {body_part}",
                    wanted=wanted,
                    body_part=body_part_said(attributes.body_part),
                ),
                overridable=True,
            )

    def _check_view(self, attributes: Attributes) -> None:
        if not self.views:
            return
        for word in words(attributes.view_position):
            if word in OTHER_VIEWS and word not in self.views:
                raise Refused(
                    say("expects a frontal view (PA or AP); this is {view}", view=OTHER_VIEWS[word]),
                    overridable=True,
                )
        row, column = (direction.strip().upper() for direction in attributes.patient_orientation)
        if row[:1] in ("A", "P"):
            raise Refused(
                say("expects a frontal view (PA or AP); by Patient Orientation this is a lateral one"), overridable=True
            )
        if row[:1] in ("H", "F") or column[:1] in ("L", "R"):
            raise Refused(
                say("expects an upright image; by Patient Orientation this one lies on its side"), overridable=True
            )
        if column[:1] == "H":
            raise Refused(
                say("expects an upright image; by Patient Orientation this one is upside down"), overridable=True
            )

    def _is_frontal(self, attributes: Attributes) -> bool:
        views = self.views + FRONTAL_VIEWS
        if any(word in views for word in words(attributes.view_position)):
            return True
        # columns running from right to left of the patient and rows from head to foot are a frontal projection
        row, column = (direction.strip().upper() for direction in attributes.patient_orientation)
        return row[:1] in ("L", "R") and column[:1] == "F"


def _names_another_view(attributes: Attributes) -> bool:
    return any(word in OTHER_VIEWS for word in words(attributes.view_position))
