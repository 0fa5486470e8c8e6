"""Colours that a grey image may be shown in: a table of 256, looked up with the grey of the display.

A colour stands for a grey that has been through the whole grey pipeline (PS3.3 C.11.15), so window, LUT and inversion
act as they do without it. Colour images have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.colour_maps import colour_map
from app.dicom import palettes
from app.paths import assets_dir
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

Table = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Palette:
    """``id`` in a view and in settings, ``name`` on screen, ``about`` in a sentence's half."""

    id: str
    name: str
    about: str


PALETTES = (
    Palette("", say("Grey"), say("the greys of the file")),
    Palette("hot-iron", say("Hot iron"), say("DICOM's, for nuclear medicine")),
    Palette("pet", "PET", say("DICOM's, for PET")),
    Palette("hot-metal-blue", say("Hot metal blue"), say("DICOM's, for fusion")),
    Palette("pet-20-step", say("PET 20 step"), say("DICOM's, twenty plain colours")),
    Palette("viridis", say("Viridis"), say("even steps of lightness; readable with any colour vision")),
    Palette("inferno", say("Inferno"), say("even steps of lightness, from black")),
    Palette("hot", say("Hot"), say("even steps of lightness, black to white")),
    Palette("ice", say("Ice"), say("even steps of lightness, in blues")),
)
"""In the order of the menu. Grey is no palette at all: the display stays exact."""


def _stored(name: str) -> Table:
    return np.loadtxt(assets_dir() / "colours" / f"{name}.csv", np.uint8, delimiter=",")


_MADE: dict[str, Callable[[], Table]] = {
    "hot-iron": lambda: palettes.palette(palettes.HOT_IRON),
    "pet": lambda: palettes.palette(palettes.PET),
    "hot-metal-blue": lambda: palettes.palette(palettes.HOT_METAL_BLUE),
    "pet-20-step": lambda: palettes.palette(palettes.PET_20_STEP),
    "viridis": lambda: _stored("viridis"),
    "inferno": lambda: _stored("inferno"),
    "hot": lambda: colour_map("hot").table,
    "ice": lambda: colour_map("ice").table,
}


@lru_cache(maxsize=len(_MADE))
def table_of(palette_id: str) -> Table | None:
    """The colours of a palette, uint8, shape (256, 3); ``None`` for grey. Raises ``KeyError`` for one that there is
    not."""
    if not palette_id:
        return None
    table = np.ascontiguousarray(_MADE[palette_id]())
    table.flags.writeable = False
    return table


def name_of(palette_id: str) -> str:
    """What the palette is called on screen."""
    return next(palette.name for palette in PALETTES if palette.id == palette_id)
