"""Plots as PNG, drawn with Pillow alone: training needs no plotting library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

INK, GRID, LINES = (40, 40, 40), (222, 222, 222), ((31, 119, 180), (214, 90, 20))


def curves(path: Path, log: Sequence[Mapping[str, float]], x: str = "step") -> None:
    """One panel for each quantity of ``log`` against ``x``, written to ``path`` as PNG."""
    names = [name for name in log[0] if name != x]
    width, height = 720, 260
    picture = Image.new("RGB", (width, height * len(names)), "white")
    draw = ImageDraw.Draw(picture)
    for index, name in enumerate(names):
        points = [(float(entry[x]), float(entry[name])) for entry in log]
        panel(draw, (70, index * height + 30, width - 20, (index + 1) * height - 40), points, name, x, LINES[index % 2])
    picture.save(path)


def panel(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    points: Sequence[tuple[float, float]],
    title: str,
    x_title: str,
    colour: tuple[int, int, int],
) -> None:
    """A line through ``points`` inside ``box`` (left, top, right, bottom in pixels), with four grid lines."""
    left, top, right, bottom = box
    font = ImageFont.load_default(13)
    low_x, high_x = _span([point[0] for point in points])
    low_y, high_y = _span([point[1] for point in points])
    for tick in range(5):
        y = bottom - (bottom - top) * tick / 4
        draw.line((left, y, right, y), fill=GRID)
        draw.text((left - 6, y), f"{low_y + (high_y - low_y) * tick / 4:.4g}", fill=INK, font=font, anchor="rm")
        at = left + (right - left) * tick / 4
        draw.text((at, bottom + 6), f"{low_x + (high_x - low_x) * tick / 4:.4g}", fill=INK, font=font, anchor="mt")
    draw.text((left, top - 8), title, fill=INK, font=font, anchor="lb")
    draw.text((right, bottom + 22), x_title, fill=INK, font=font, anchor="rt")
    placed = [
        (
            left + (right - left) * (across - low_x) / (high_x - low_x),
            bottom - (bottom - top) * (up - low_y) / (high_y - low_y),
        )
        for across, up in points
    ]
    if len(placed) > 1:
        draw.line(placed, fill=colour, width=2, joint="curve")
    for across, up in placed:
        draw.ellipse((across - 2, up - 2, across + 2, up + 2), fill=colour)


def dots(path: Path, groups: Mapping[str, Sequence[float]]) -> None:
    """Every score (0–1) a dot, one row a group, with the median marked; written to ``path`` as PNG.

    Groups without a score leave their row empty.
    """
    low = max(0.0, np.floor(min(value for values in groups.values() for value in values) * 20) / 20)
    width, left, line = 760, 150, 46
    picture = Image.new("RGB", (width, line * len(groups) + 40), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)

    def across(value: float) -> float:
        return float(left + (width - left - 30) * (value - low) / (1 - low))

    for tick in np.linspace(low, 1, 6):
        draw.line((across(tick), 10, across(tick), line * len(groups) + 12), fill=GRID)
        draw.text((across(tick), line * len(groups) + 16), f"{tick:.2f}", fill=INK, font=font, anchor="mt")
    jitter = np.random.default_rng(0)
    for index, (name, values) in enumerate(groups.items()):
        if not values:
            continue
        middle = 10 + line * index + line // 2
        draw.text((left - 10, middle), f"{name} ({len(values)})", fill=INK, font=font, anchor="rm")
        for value in values:
            x, y = across(value), middle + jitter.uniform(-12, 12)
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=LINES[0])
        median = across(float(np.median(values)))
        draw.line((median, middle - 16, median, middle + 16), fill=LINES[1], width=3)
    picture.save(path, optimize=True)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
