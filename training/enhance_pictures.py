"""Pictures of what ``ct-enhance`` does: rows of the same cut, and spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from training.figures import GRID, INK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from training.ct_noise import Spectrum

COLOURS = ((31, 119, 180), (214, 90, 20), (44, 140, 60), (120, 120, 120))


def grey(hu: npt.NDArray[np.floating], window: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """HU → 0–255 through a window (centre, width)."""
    centre, width = window
    return np.asarray(np.clip((hu - centre) / width + 0.5, 0, 1) * 255, np.uint8)


def panels(
    path: Path,
    rows: Sequence[tuple[str, Sequence[npt.NDArray[np.floating]]]],
    titles: Sequence[str],
    windows: Sequence[tuple[float, float]],
) -> None:
    """A grid of cuts of one size: a row each with its name, a column each with its title and window."""
    edge = rows[0][1][0].shape[0]
    gap, head = 6, 24
    picture = Image.new(
        "RGB", (len(titles) * (edge + gap) + gap, head + len(rows) * (edge + head + gap)), (250, 250, 250)
    )
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    for column, title in enumerate(titles):
        draw.text((gap + column * (edge + gap), 4), title, fill=INK, font=font)
    for row, (name, images) in enumerate(rows):
        top = head + row * (edge + head + gap)
        draw.text((gap, top + 2), name, fill=INK, font=font)
        for column, (image, window) in enumerate(zip(images, windows, strict=True)):
            picture.paste(Image.fromarray(grey(image, window)), (gap + column * (edge + gap), top + head - 2))
    picture.save(path)


def spectra(path: Path, curves: Mapping[str, Spectrum], title: str) -> None:
    """Radial noise power against frequency, one line each, in the order given."""
    width, height, left, bottom = 720, 340, 80, 300
    picture = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    most = max(float(one.power.max()) for one in curves.values())
    for tick in range(5):
        y = bottom - (bottom - 40) * tick / 4
        draw.line((left, y, width - 20, y), fill=GRID)
        draw.text((left - 6, y), f"{most * tick / 4:.3g}", fill=INK, font=font, anchor="rm")
        x = left + (width - 20 - left) * tick / 4
        draw.text((x, bottom + 6), f"{0.5 * tick / 4:.3g}", fill=INK, font=font, anchor="mt")
    draw.text((left, 12), title, fill=INK, font=font)
    draw.text((width - 20, bottom + 22), "cycles per pixel", fill=INK, font=font, anchor="rt")
    for number, (name, one) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [
            (left + (width - 20 - left) * f / 0.5, bottom - (bottom - 40) * p / most)
            for f, p in zip(one.frequency, one.power, strict=True)
        ]
        draw.line(points, fill=colour, width=2, joint="curve")
        draw.text((width - 24, 40 + 18 * number), name, fill=colour, font=font, anchor="rt")
    picture.save(path)
