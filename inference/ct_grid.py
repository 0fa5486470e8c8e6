"""CT slices on the grid that a network reads: square, of one spacing, around the body. And probabilities back from it.

The same code trains and serves. Planes are in canonical order: rows grow towards Posterior, columns towards Left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

FloatArray = npt.NDArray[np.float32]

SPACING_MM = 2.0
AIR = -1024.0
BODY = -300.0
"""HU above which a voxel counts as body when its middle is sought."""

CONTEXT_MM = 4.0
"""The network sees the slice and one on either side, about this far away."""
LUNG_WINDOW = (-1024.0, 300.0)
SOFT_WINDOW = (-160.0, 240.0)
CHANNELS = 4
"""Slice below, slice, slice above in the lung window; the slice in a soft-tissue window, which parts fluid from muscle
and fat."""


@dataclass(frozen=True)
class Frame:
    """Where the network's square lies on planes of ``shape`` (rows, columns) with ``spacing`` mm (rows, columns).

    ``centre``: (row, column) index of its middle, fractional, counted at pixel centres.
    """

    shape: tuple[int, int]
    spacing: tuple[float, float]
    centre: tuple[float, float]


def frame_of(voxels: npt.NDArray[np.generic], spacing: tuple[float, float]) -> Frame:
    """The frame around the body in (slices, rows, columns) HU: at most nine slices are looked at."""
    slices, rows, columns = voxels.shape
    chosen = np.unique(np.linspace(0, slices - 1, min(slices, 9)).round().astype(int))
    body = np.asarray(voxels[chosen, ::4, ::4]) > BODY
    if not body.any():
        return Frame((rows, columns), spacing, ((rows - 1) / 2, (columns - 1) / 2))
    _, at_rows, at_columns = np.nonzero(body)
    return Frame((rows, columns), spacing, (4 * float(at_rows.mean()), 4 * float(at_columns.mean())))


def to_grid(plane: npt.NDArray[np.generic], frame: Frame, size: int, *, fill: float = AIR) -> FloatArray:
    """(rows, columns) → float32 (size, size) at ``SPACING_MM``: area-weighted (triangle filter), ``fill`` outside."""
    reach = [size * SPACING_MM / 2 / step for step in frame.spacing]
    # edges of the square in pixel-edge coordinates, where pixel i covers i to i + 1
    top, left = (frame.centre[0] + 0.5 - reach[0], frame.centre[1] + 0.5 - reach[1])
    bottom, right = top + 2 * reach[0], left + 2 * reach[1]
    margin = 2
    first_row, first_column = int(np.floor(top)) - margin, int(np.floor(left)) - margin
    last_row, last_column = int(np.ceil(bottom)) + margin, int(np.ceil(right)) + margin
    wide = np.full((last_row - first_row, last_column - first_column), fill, np.float32)
    rows, columns = frame.shape
    r0, r1 = max(0, first_row), min(rows, last_row)
    c0, c1 = max(0, first_column), min(columns, last_column)
    if r0 < r1 and c0 < c1:
        wide[r0 - first_row : r1 - first_row, c0 - first_column : c1 - first_column] = plane[r0:r1, c0:c1]
    box = (left - first_column, top - first_row, right - first_column, bottom - first_row)
    return np.array(Image.fromarray(wide).resize((size, size), Image.Resampling.BILINEAR, box=box), dtype=np.float32)


def from_grid(values: FloatArray, frame: Frame) -> FloatArray:
    """(size, size) on the network's grid → float32 (rows, columns), bilinear; 0 outside the square."""
    size = values.shape[0]
    rows, columns = frame.shape
    across, down = frame.spacing[1] / SPACING_MM, frame.spacing[0] / SPACING_MM
    # output pixel centre (x + 0.5) → input edge coordinate
    coefficients = (
        across,
        0.0,
        size / 2 - across * (frame.centre[1] + 0.5),
        0.0,
        down,
        size / 2 - down * (frame.centre[0] + 0.5),
    )
    image = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.array(
        image.transform((columns, rows), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR),
        dtype=np.float32,
    )


def context(step_mm: float) -> int:
    """How many slices away the neighbours are that the network sees, for slices ``step_mm`` apart."""
    return max(1, round(CONTEXT_MM / step_mm))


def scaled(values: FloatArray, window: tuple[float, float]) -> FloatArray:
    """HU → 0–1 over ``window``, clipped."""
    low, high = window
    result: FloatArray = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return result


def network_input(below: FloatArray, here: FloatArray, above: FloatArray) -> FloatArray:
    """Three slices (size, size) in HU → (``CHANNELS``, size, size) in 0–1."""
    return np.stack(
        [
            scaled(below, LUNG_WINDOW),
            scaled(here, LUNG_WINDOW),
            scaled(above, LUNG_WINDOW),
            scaled(here, SOFT_WINDOW),
        ]
    )
