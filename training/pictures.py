"""Figures of an evaluation: outlines over images (to look at), outlines alone (to publish), the spread of scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inference.preprocess import resize
from training.data import Row
from training.figures import INK, dots
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
    dots(path, groups)
