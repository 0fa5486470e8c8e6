"""The reader's window presets by modality, made of the built-in ones and changed in the window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core.presets import CT_PRESETS, Preset
from app.dicom.voi import Window, WindowFunction
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.dicom.model import Series

MOST = 40
"""Presets of one group, at most."""

GROUPS = ("CT", "PT", "MR", "NM", "CR", "DX", "MG", "XA", "RF", "US")
"""Modalities that the editor offers, in its order; others join where a reader adds a preset to theirs."""


def _suv(high: float) -> Preset:
    window = Window(high / 2, high, WindowFunction.LINEAR_EXACT, explanation=f"SUV 0–{high:g}")
    return Preset(f"suv-{high:g}", window.explanation, window)


BUILT_IN: dict[str, tuple[Preset, ...]] = {"CT": CT_PRESETS, "PT": (_suv(5), _suv(7), _suv(10), _suv(20))}
"""Windows that mean the same on every scanner: Hounsfield units and SUV. The others have none until a reader adds one:
their values depend on the machine."""


def group_of(series: Series) -> str:
    """The group that a series takes its presets from; empty where presets mean nothing: for colour, for CT that is not
    in Hounsfield units, for PET without SUV."""
    if series.is_colour:
        return ""
    if series.unit == "HU":
        return "CT"
    if series.modality == "PT":
        return "PT" if series.unit.startswith("SUV") else ""
    return "" if series.modality == "CT" else series.modality


def made(name: str, width: float, centre: float) -> Preset:
    """A reader's preset. Raises ``ValueError`` with a sentence where name or numbers do not serve."""
    name = " ".join(name.split())
    if not name:
        raise ValueError(say("A preset needs a name."))
    if not (math.isfinite(width) and math.isfinite(centre)) or width <= 0:
        raise ValueError(say("The width must be above 0."))
    # LINEAR cannot be narrower than 1 (PS3.3 C.11.2.1.2).
    function = WindowFunction.LINEAR if width >= 50 else WindowFunction.LINEAR_EXACT
    return Preset(name.lower().replace(" ", "-"), name, Window(centre, width, function, explanation=name))


@dataclass(frozen=True)
class PresetBook:
    """``changed``: group → its presets in the order of keys 1–9, where the reader has changed them."""

    changed: Mapping[str, tuple[Preset, ...]]

    def of_group(self, group: str) -> tuple[Preset, ...]:
        """The presets of a group."""
        return self.changed.get(group, BUILT_IN.get(group, ()))

    def of(self, series: Series) -> tuple[Preset, ...]:
        """The presets that mean something for a series."""
        group = group_of(series)
        return self.of_group(group) if group else ()

    def groups(self) -> tuple[str, ...]:
        """Every group that can be edited."""
        return tuple(dict.fromkeys((*GROUPS, *self.changed)))

    def with_group(self, group: str, presets: Sequence[Preset]) -> PresetBook:
        """Other presets for a group. Those that are built in are not kept as the reader's."""
        changed = {**self.changed, group: tuple(presets)[:MOST]}
        if changed[group] == BUILT_IN.get(group, ()):
            del changed[group]
        return PresetBook(changed)

    def stored(self) -> dict[str, list[list[Any]]]:
        """What the settings keep: group → [name, width, centre] of each."""
        return {
            group: [[preset.name, preset.window.width, preset.window.center] for preset in presets]
            for group, presets in self.changed.items()
        }


def from_stored(stored: object) -> PresetBook:
    """The book of what the settings kept. What is damaged is left out, never the rest."""
    changed: dict[str, tuple[Preset, ...]] = {}
    for group, entries in stored.items() if isinstance(stored, dict) else ():
        if not isinstance(group, str) or not isinstance(entries, list):
            continue
        known = {preset.name: preset for preset in BUILT_IN.get(group, ())}
        presets = []
        for entry in entries[:MOST]:
            try:
                name, width, centre = entry
                preset = made(str(name), float(width), float(centre))
            except (TypeError, ValueError):
                continue
            built_in = known.get(preset.name)
            numbers = (preset.window.width, preset.window.center)
            same = built_in is not None and (built_in.window.width, built_in.window.center) == numbers
            presets.append(built_in if built_in is not None and same else preset)
        changed[group] = tuple(presets)
    return PresetBook(changed)


_book = PresetBook({})


def use(book: PresetBook) -> None:
    """Makes ``book`` the one that ``presets_of`` answers from. Called on the window's thread."""
    # One reader, one book; it holds no patient data.
    global _book
    _book = book


def book() -> PresetBook:
    """The book in use."""
    return _book


def presets_of(series: Series) -> tuple[Preset, ...]:
    """The presets that mean something for a series, in the order of keys 1–9."""
    return _book.of(series)
