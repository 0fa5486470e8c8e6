"""Drawn bodies whose truth is exact: a slice without any noise, to be scanned at low dose in the computer."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


def body(seed: int, size: int = 512, spacing_mm: float = 0.7) -> FloatArray:
    """(size, size) HU of a chest or an abdomen, as ``seed`` will have it: fat, muscle, organs, ribs, spine, vessels.

    Drawn four times finer in each direction and averaged, so that edges are as soft as a detector makes them.
    """
    rng = np.random.default_rng(seed)
    fine = 2
    axis = (np.arange(size * fine) - (size * fine - 1) / 2) * spacing_mm / fine
    image = np.full((size * fine, size * fine), -1000.0, np.float32)

    def ellipse(cy: float, cx: float, ry: float, rx: float, angle: float, value: float) -> None:
        c, s = math.cos(angle), math.sin(angle)
        reach = max(ry, rx)
        rows = slice(*np.searchsorted(axis, (cy - reach, cy + reach)))
        columns = slice(*np.searchsorted(axis, (cx - reach, cx + reach)))
        across, down = axis[None, columns] - cx, axis[rows, None] - cy
        u, v = (across * c + down * s) / rx, (down * c - across * s) / ry
        image[rows, columns][u * u + v * v < 1] = value

    tall, wide = rng.uniform(95, 120), rng.uniform(135, 165)
    ellipse(0, 0, tall, wide, 0, -100)
    ellipse(0, 0, tall - rng.uniform(8, 22), wide - rng.uniform(8, 25), 0, 55)
    chest = seed % 2 == 0
    if chest:
        for side in (-1, 1):
            ellipse(-4, side * wide * 0.42, tall * 0.62, wide * 0.3, 0.1 * side, -860)
            for _ in range(60):
                angle, reach = rng.uniform(0, 2 * math.pi), math.sqrt(rng.uniform(0, 0.8))
                cy = -4 + reach * math.sin(angle) * tall * 0.55
                cx = side * wide * 0.42 + reach * math.cos(angle) * wide * 0.25
                radius = rng.uniform(0.6, 3.2)
                ellipse(cy, cx, radius, radius * rng.uniform(1, 3), rng.uniform(0, math.pi), rng.uniform(-200, 40))
        ellipse(-10, 12, 38, 34, 0.5, 60)
        ellipse(18, 8, 11, 11, 0, 170)
    else:
        ellipse(-5, -wide * 0.38, tall * 0.6, wide * 0.42, 0.2, 105)
        ellipse(10, wide * 0.5, 26, 20, 0.4, 120)
        ellipse(32, -42, 22, 15, 0.3, 190)
        ellipse(32, 42, 22, 15, -0.3, 190)
        ellipse(-38, 40, 20, 30, 0.2, rng.uniform(-900, 30))
        for _ in range(18):
            radius = rng.uniform(1, 5)
            cy, cx = rng.uniform(-45, 25), rng.uniform(-wide * 0.65, -20)
            ellipse(cy, cx, radius, radius * rng.uniform(1, 2), rng.uniform(0, 3), rng.choice([60.0, 150.0, 165.0]))
    ellipse(tall * 0.55, 0, 17, 20, 0, 220)
    ellipse(tall * 0.55, 0, 14, 17, 0, 150)
    ellipse(tall * 0.8, 0, 8, 8, 0, 30)
    for index in range(11):
        angle = math.pi * (0.1 + 0.8 * index / 10)
        for side in (-1, 1):
            cy = -math.cos(angle) * (tall - 20)
            cx = side * math.sin(angle) * (wide - 20)
            ellipse(cy, cx, 4, 9, math.atan2(cy, cx) + math.pi / 2, 500)
            ellipse(cy, cx, 2.2, 7, math.atan2(cy, cx) + math.pi / 2, 180)
    coarse = image.reshape(size, fine, size, fine).mean(axis=(1, 3))
    # the scanner's own blur, a binomial kernel of 0.7 pixels
    for turn in (0, 1):
        coarse = (np.roll(coarse, 1, turn) + 2 * coarse + np.roll(coarse, -1, turn)) / 4
    return np.asarray(coarse, np.float32)
