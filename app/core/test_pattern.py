"""A test pattern to judge a monitor by: our own drawing, made for the pixels it is shown on.

It holds what SMPTE RP 133 and the TG18-QC pattern are used for: eighteen even steps of grey with a low-contrast patch
in each, patches of 5 % on black and 95 % on white, line pairs of one and two pixels at the centre and in the corners,
a grid and a circle for geometry, a frame on the outermost pixels. It is no copy of either and proves no conformance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

LEVELS = tuple(round(255 * step / 17) for step in range(18))
"""Greys of the steps, in per cent of the full signal 0, 5.9, … 100: even steps of 15."""

GROUND = 64
"""Around the patches: dark, so that the eye adapts as it does to images."""

FIVE, NINETY_FIVE = round(255 * 0.05), round(255 * 0.95)
_LINES = 112
_LOW = 6
"""Of 255: how much the low-contrast patches and line pairs differ from their ground."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the pattern."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        """(row, column) of its middle."""
        return self.y + self.height // 2, self.x + self.width // 2

    def slices(self) -> tuple[slice, slice]:
        """(rows, columns)"""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True)
class Plan:
    """Where the parts lie. ``cell``: side of a step; ``steps``: those of ``LEVELS``, in order."""

    width: int
    height: int
    cell: int
    steps: tuple[Box, ...]
    dark: Box
    bright: Box
    centre_lines: Box
    corner_lines: tuple[Box, ...]
    ramp: Box


def plan(width: int, height: int) -> Plan:
    """The plan of a pattern of ``width`` × ``height`` pixels. Raises ``ValueError`` below 240 × 180."""
    if width < 240 or height < 180:
        raise ValueError("a test pattern needs 240 × 180 pixels")
    # Six cells across, five down and their margins fit the shorter side.
    cell = max(min(width // 9, height // 8), 20)
    left, top = (width - 6 * cell) // 2, (height - 5 * cell) // 2
    # The steps go round the middle, clockwise from the top left; the middle holds patches and lines.
    ring = [(0, column) for column in range(6)]
    ring += [(row, 5) for row in range(1, 4)]
    ring += [(4, column) for column in range(5, -1, -1)]
    ring += [(row, 0) for row in range(3, 0, -1)]
    steps = tuple(Box(left + column * cell, top + row * cell, cell, cell) for row, column in ring)
    lines = max(cell * 3 // 4 // 8 * 8, 16)
    middle = Box(width // 2 - lines, top + 2 * cell + (cell - lines) // 2, 2 * lines, lines)
    inset = max(cell // 4, 6)
    corners = tuple(
        Box(x, y, lines, lines // 2)
        for y in (inset, height - inset - lines // 2)
        for x in (inset, width - inset - lines)
    )
    ramp_width = min(256 * max(1, 4 * cell // 256), 6 * cell)
    ramp = Box(
        (width - ramp_width) // 2, min(top + 5 * cell + cell // 4, height - cell // 2 - 2), ramp_width, cell // 2
    )
    patch = cell - 2 * (cell // 8)
    row = top + cell + cell // 8
    dark = Box(left + cell + cell // 2, row, patch, patch)
    bright = Box(left + 4 * cell - cell // 2 + (cell - patch), row, patch, patch)
    return Plan(width, height, cell, steps, dark, bright, middle, corners, ramp)


def test_pattern(width: int, height: int) -> Bytes:
    """The pattern: uint8, shape (height, width), to be shown one to one on device pixels. Raises ``ValueError`` where
    there is no room for it."""
    parts = plan(width, height)
    out = np.full((height, width), GROUND, np.uint8)
    _geometry(out, parts.cell)
    for level, box in zip(LEVELS, parts.steps, strict=True):
        out[box.slices()] = level
        _low_contrast(out, box, level)
    for box, ground, level in ((parts.dark, 0, FIVE), (parts.bright, 255, NINETY_FIVE)):
        out[box.slices()] = ground
        third = box.width // 3
        inner = Box(box.x + third, box.y + third, box.width - 2 * third, box.height - 2 * third)
        out[inner.slices()] = level
    _line_pairs(out, parts.centre_lines)
    for box in parts.corner_lines:
        _line_pairs(out, box)
    ramp = parts.ramp
    out[ramp.slices()] = np.rint(np.linspace(0, 255, ramp.width)).astype(np.uint8)
    return out


test_pattern.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test's


def _geometry(out: Bytes, cell: int) -> None:
    """A grid about the centre, a circle that must look round, and a frame on the outermost pixels."""
    height, width = out.shape
    for middle, size, axis in ((height // 2, height, 0), (width // 2, width, 1)):
        for at in sorted({*range(middle, size, cell), *range(middle, -1, -cell)}):
            line = (at, slice(None)) if axis == 0 else (slice(None), at)
            out[line] = _LINES
    y, x = np.ogrid[:height, :width]
    radius = min(height, width) / 2 - 3
    away = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2)
    out[np.abs(away - radius) < 0.75] = 160
    out[[0, -1], :] = 255
    out[:, [0, -1]] = 255


def _low_contrast(out: Bytes, box: Box, level: int) -> None:
    """Two small squares on a step, one a little darker, one a little brighter: both must show, on every step."""
    size, gap = max(box.width // 5, 3), max(box.width // 8, 2)
    darker = Box(box.x + gap, box.y + gap, size, size)
    brighter = Box(box.x + box.width - gap - size, box.y + box.height - gap - size, size, size)
    out[darker.slices()] = max(level - _LOW, 0) if level > 0 else _LOW
    out[brighter.slices()] = min(level + _LOW, 255) if level < 255 else 255 - _LOW


def _line_pairs(out: Bytes, box: Box) -> None:
    """Eight fields in two rows: lines of one and of two pixels, upright and lying; above black on white, below at low
    contrast."""
    column, row = box.width // 4, box.height // 2
    for number in range(8):
        pair, upright = 1 + (number % 4) // 2, number % 2 == 0
        low, high = (0, 255) if number < 4 else (128 - 2 * _LOW, 128 + 2 * _LOW)
        field = Box(box.x + (number % 4) * column, box.y + (number // 4) * row, column, row)
        along = np.arange(column if upright else row) // pair % 2
        lines = np.where(along == 0, low, high).astype(np.uint8)
        out[field.slices()] = lines[np.newaxis, :] if upright else lines[:, np.newaxis]
