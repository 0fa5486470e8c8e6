"""Named windows, and windows written as text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.dicom.voi import Window
from app.errors import UsageError
from inference.words import say


@dataclass(frozen=True)
class Preset:
    """A named window: ``name`` on screen, ``id`` on the command line."""

    id: str
    name: str
    window: Window


def _ct(preset_id: str, name: str, width: float, center: float) -> Preset:
    return Preset(preset_id, name, Window(center, width, explanation=name))


CT_PRESETS = (
    _ct("lung", say("Lung"), 1500, -600),
    _ct("mediastinum", say("Mediastinum"), 350, 50),
    _ct("abdomen", say("Abdomen"), 400, 40),
    _ct("liver", say("Liver"), 150, 30),
    _ct("bone", say("Bone"), 2000, 350),
    _ct("brain", say("Brain"), 80, 40),
    _ct("stroke", say("Stroke"), 40, 40),
    _ct("subdural", say("Subdural"), 200, 75),
    _ct("angio", say("Angio"), 600, 300),
    _ct("liver-pv", say("Liver (portal venous)"), 150, 90),
)
"""Hounsfield windows in the order of keys 1–9; those after the ninth have no key."""


def presets_for(unit: str) -> tuple[Preset, ...]:
    """Presets that mean something for values in ``unit``: Hounsfield windows for ``"HU"``, none otherwise."""
    return CT_PRESETS if unit == "HU" else ()


_WINDOW = re.compile(
    r"\s*([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)\s*/\s*([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)\s*", re.IGNORECASE
)


def parse_window(text: str) -> Window:
    """``"1500/-600"`` (width/centre) or a preset's id → a window. Raises ``UsageError`` for anything else."""
    for preset in CT_PRESETS:
        if text.strip().lower() == preset.id:
            return preset.window
    match = _WINDOW.fullmatch(text)
    if match is None:
        names = ", ".join(preset.id for preset in CT_PRESETS)
        raise UsageError(
            say("window {text!r}", text=text),
            say("not understood"),
            say("Write width/centre such as 1500/-600, or one of {names}.", names=names),
        )
    try:
        return Window(float(match[2]), float(match[1]))
    except ValueError as error:
        raise UsageError(say("window {text!r}", text=text), str(error), say("Use a width of 1 or more.")) from error
