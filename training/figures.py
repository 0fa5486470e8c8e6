"""Line plots as PNG, drawn with Pillow alone: training needs no plotting library."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
