"""Figures of an evaluation: outlines over images (to look at), outlines alone (to publish), the spread of scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inference.preprocess import resize
from training.data import Row
from training.figures import GRID, INK
from training.metrics import surface
from training.scoring import Predict, predict_mask, read_sample

if TYPE_CHECKING:
    from pathlib import Path

TILE = 256
FOUND, WANTED = (255, 140, 0), (60, 200, 90)
Rows = Mapping[str, Row]
Choose = Callable[[Row], Predict]


def _cases(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Five typical images (around the median Dice), then the five worst."""
    ordered = sorted(report["images"], key=lambda image: image["dice"])
    middle = max(0, len(ordered) // 2 - 2)
    return [("typical", image) for image in ordered[middle : middle + 5]] + [("worst", image) for image in ordered[:5]]


def overlays(path: Path, report: Mapping[str, Any], rows: Rows, choose: Choose, size: int) -> None:
    """Model (orange) and reference (green) over the images. Shows the data: mind their licence before publishing."""
    _sheet(path, report, rows, choose, size, background=True)


def contours(path: Path, report: Mapping[str, Any], rows: Rows, choose: Choose, size: int) -> None:
    """The same outlines without any image under them."""
    _sheet(path, report, rows, choose, size, background=False)


def _sheet(path: Path, report: Mapping[str, Any], rows: Rows, choose: Choose, size: int, background: bool) -> None:
    cases = _cases(report)
    sheet = Image.new("RGB", (5 * TILE, 2 * (TILE + 20)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, (kind, case) in enumerate(cases):
        row = rows[case["name"]]
        sample = read_sample(row)
        found, _ = predict_mask(choose(row), sample.image, size)
        tile = np.full((TILE, TILE, 3), 255, np.uint8)
        if background:
            tile[:] = np.rint(resize(sample.image, (TILE, TILE)) * 255)[..., np.newaxis]
        for mask, colour in ((sample.lung, WANTED), (found, FOUND)):
            tile[_outline(mask)] = colour
        left, top = index % 5 * TILE, index // 5 * (TILE + 20)
        sheet.paste(Image.fromarray(tile), (left, top + 20))
        draw.text(
            (left + 4, top + 3), f"{kind}: Dice {case['dice']:.3f}, HD95 {case['hd95']:.1f} %", fill=INK, font=font
        )
    sheet.save(path, optimize=True)


def _outline(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return surface(resize(mask, (TILE, TILE)) >= 0.5)


def distribution(path: Path, report: Mapping[str, Any]) -> None:
    """Every image a dot at its Dice, one row a subgroup, with the median marked."""
    groups: dict[str, list[float]] = {"all": [image["dice"] for image in report["images"]]}
    for image in report["images"]:
        for name in (image["label"], f"view {image['view']}" if image["view"] else ""):
            if name:
                groups.setdefault(name, []).append(image["dice"])
    low = max(0.0, np.floor(min(groups["all"]) * 20) / 20)
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
        middle = 10 + line * index + line // 2
        draw.text((left - 10, middle), f"{name} ({len(values)})", fill=INK, font=font, anchor="rm")
        for value in values:
            x, y = across(value), middle + jitter.uniform(-12, 12)
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(31, 119, 180))
        median = across(float(np.median(values)))
        draw.line((median, middle - 16, median, middle + 16), fill=(214, 90, 20), width=3)
    picture.save(path, optimize=True)
