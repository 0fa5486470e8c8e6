"""The input of CT models: axial slices in Hounsfield units, one or a stack of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from inference.contract import body_part_said, check_content, check_unit, fits, modality_of, named
from inference.types import Attributes, Refused
from inference.words import joined, say

if TYPE_CHECKING:
    from inference.volume import Volume


@dataclass(frozen=True)
class CtContract:
    """``Contract`` of a CT model.

    ``modalities``: upper-case values that fit. ``body_parts``: upper-case words that fit where Body Part Examined
    says anything; empty accepts any. ``size``: edge in pixels of the network's square grid. ``min_size``: fewest rows
    or columns. ``min_slices``: fewest slices. ``max_thickness_mm``: thickest Slice Thickness.
    ``needs_grid``: slices must lie on one regular grid; else each slice is read for itself.
    """

    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    size: int
    min_size: int = 64
    min_slices: int = 1
    max_thickness_mm: float = 10.0
    needs_grid: bool = True

    @property
    def takes(self) -> Literal["image", "volume"]:
        return "volume"

    def check_header(self, attributes: Attributes, shape: tuple[int, int, int]) -> None:
        """See ``Contract``."""
        modality = modality_of(attributes)
        if modality not in self.modalities:
            raise Refused(say("expects CT; this is {modality}", modality=named(modality)))
        if attributes.is_colour:
            raise Refused(say("expects greyscale CT slices; this series is in colour"))
        slices, rows, columns = shape
        if min(rows, columns) < self.min_size:
            raise Refused(
                say(
                    "expects at least {least}×{least} pixels; these slices have {columns}×{rows}",
                    least=self.min_size,
                    columns=columns,
                    rows=rows,
                )
            )
        if slices < self.min_slices:
            raise Refused(
                say(
                    "expects at least {least} slices; this series has {slices}",
                    least=self.min_slices,
                    slices=slices,
                )
            )
        thickness = attributes.slice_thickness_mm
        if thickness is not None and thickness > self.max_thickness_mm:
            raise Refused(
                say(
                    "expects slices of at most {most:g} mm; these are {thickness:g} mm",
                    most=self.max_thickness_mm,
                    thickness=thickness,
                ),
                overridable=True,
            )
        if self.body_parts and attributes.body_part.strip() and not fits(attributes.body_part, self.body_parts):
            raise Refused(
                say(
                    "expects the {wanted}; the header says {body_part}",
                    wanted=joined(" or ", map(body_part_said, self.body_parts[:2])),
                    body_part=body_part_said(attributes.body_part),
                ),
                overridable=True,
            )

    def check(self, volume: Volume, attributes: Attributes) -> None:
        """See ``Contract``."""
        self.check_header(attributes, volume.shape)
        check_unit(volume, "HU")
        if self.needs_grid and volume.affine is None:
            raise Refused(say("expects evenly spaced slices of one volume; these are none"))
        check_content(volume)

    def silences(self, attributes: Attributes) -> tuple[str, ...]:
        """See ``Contract``."""
        if self.body_parts and not attributes.body_part.strip():
            return (say("Body part unknown: the header does not name one."),)
        return ()
