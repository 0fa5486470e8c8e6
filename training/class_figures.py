"""Figures of an evaluation of classes: curves to publish, maps without the images under them, and images to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from inference.preprocess import resize
from training.class_metrics import roc
from training.data import read_image, read_mask
from training.figures import GRID, INK, LINES
from training.metrics import surface

if TYPE_CHECKING:
    from pathlib import Path

    from training.evaluate_classes import Answers

EDGE, PAD, TILE = 300, 56, 200
HEAT = np.array([(0, 0, 0), (40, 15, 95), (140, 40, 130), (240, 105, 70), (253, 242, 160)], np.float64)
OUTLINE = (90, 220, 120)


def draw_figures(folder: Path, split: str, found: dict[str, Any], answers: Answers) -> None:
    """``curves-``, ``confusion-``, ``maps-`` (no image of a patient) and ``cases-<split>.png`` (images: look, do not
    publish)."""
    _curves(folder / f"curves-{split}.png", found, answers)
    _confusion(folder / f"confusion-{split}.png", found, answers.names)
    chosen = _cases(answers)
    _sheet(folder / f"maps-{split}.png", answers, chosen, with_image=False)
    _sheet(folder / f"cases-{split}.png", answers, chosen, with_image=True)


def _curves(path: Path, found: dict[str, Any], answers: Answers) -> None:
    """ROC, calibration and risk-coverage side by side."""
    picture = Image.new("RGB", (3 * (EDGE + PAD) + PAD, EDGE + 2 * PAD), "white")
    draw = ImageDraw.Draw(picture)
    false, hits = roc(answers.positive, answers.classes > 0)
    auc = found["discrimination"]["auc"]["mean"]
    chart = _Chart(draw, 0, f"ROC, AUC {auc:.4f}", "1 - specificity", "sensitivity")
    chart.line([(0, 0), (1, 1)], GRID)
    chart.line(list(zip(false, hits, strict=True)), LINES[0])
    entry = found["calibration"]
    title = (
        f"Calibration, ECE {entry['ece']:.3f} ({entry['perfect_low']:.3f} to {entry['perfect_high']:.3f} if perfect)"
    )
    chart = _Chart(draw, 1, title, "mean score of a bin", "share ill")
    chart.line([(0, 0), (1, 1)], GRID)
    chart.dots([(one["mean_score"], one["share_ill"]) for one in entry["bins"]], LINES[0])
    curve = found["uncertainty"]["curve"]
    top = max(0.02, max(risk for _, risk in curve))
    chart = _Chart(draw, 2, "Errors left, widest intervals set aside", "coverage", "error rate", top)
    chart.line([(0, curve[-1][1]), (1, curve[-1][1])], GRID)
    chart.line([(coverage, risk) for coverage, risk in curve], LINES[1])
    picture.save(path, optimize=True)


class _Chart:
    """Axes from 0 to 1 (or ``top``) at one of the places of a row."""

    def __init__(self, draw: ImageDraw.ImageDraw, place: int, title: str, x: str, y: str, top: float = 1.0) -> None:
        self.draw, self.left, self.top, self.high = draw, PAD + place * (EDGE + PAD), PAD, top
        font, small = ImageFont.load_default(13), ImageFont.load_default(11)
        for tick in range(6):
            at = tick / 5
            draw.line((*self._at(0, at * top), *self._at(1, at * top)), fill=GRID)
            draw.line((*self._at(at, 0), *self._at(at, top)), fill=GRID)
            across, down = self._at(at, 0)
            draw.text((across, down + 6), f"{at:.1f}", fill=INK, font=small, anchor="mt")
            across, down = self._at(0, at * top)
            draw.text((across - 5, down), f"{at * top:.2g}", fill=INK, font=small, anchor="rm")
        draw.text((self.left, self.top - 20), title, fill=INK, font=font, anchor="lb")
        draw.text((self.left, self.top - 6), y, fill=INK, font=small, anchor="lb")
        draw.text((self.left + EDGE, self.top + EDGE + 22), x, fill=INK, font=small, anchor="rt")

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + EDGE * x, self.top + EDGE * (1 - y / self.high)

    def line(self, points: Any, colour: tuple[int, int, int]) -> None:
        self.draw.line([self._at(x, y) for x, y in points], fill=colour, width=2)

    def dots(self, points: Any, colour: tuple[int, int, int]) -> None:
        for x, y in points:
            across, down = self._at(x, y)
            self.draw.ellipse((across - 4, down - 4, across + 4, down + 4), fill=colour)


def _confusion(path: Path, found: dict[str, Any], names: tuple[str, ...]) -> None:
    """Rows: what it is; columns: the most probable class."""
    counts = np.array(found["discrimination"]["confusion"])
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    cell, left, top = 96, 110, 60
    picture = Image.new("RGB", (left + cell * len(names) + 16, top + cell * len(names) + 16), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    draw.text((left, 8), "most probable class", fill=INK, font=font)
    for row, name in enumerate(names):
        draw.text((left - 8, top + cell * (row + 0.5)), name, fill=INK, font=font, anchor="rm")
        draw.text((left + cell * (row + 0.5), top - 8), name, fill=INK, font=font, anchor="mb")
        for column in range(len(names)):
            shade = round(255 - 170 * shares[row, column])
            x, y = left + cell * column, top + cell * row
            draw.rectangle((x, y, x + cell - 2, y + cell - 2), fill=(shade, shade, 255))
            text = f"{counts[row, column]}\n{100 * shares[row, column]:.0f} %"
            draw.multiline_text((x + cell / 2, y + cell / 2), text, fill=INK, font=font, anchor="mm", align="center")
    picture.save(path, optimize=True)


def _cases(answers: Answers) -> list[tuple[str, int]]:
    """Two typical images of each class (in the middle of their score) and the six furthest from the truth."""
    right = answers.scores[np.arange(len(answers.classes)), answers.classes]
    chosen = []
    for which, name in enumerate(answers.names):
        members = np.flatnonzero(answers.classes == which)
        middle = members[np.argsort(right[members])][len(members) // 2 :][:2]
        chosen += [(f"typical {name}", int(index)) for index in middle]
    surely = np.where(answers.classes > 0, answers.positive, 1 - answers.positive)
    return chosen + [("worst", int(index)) for index in np.argsort(surely)[:6]]


def _sheet(path: Path, answers: Answers, chosen: list[tuple[str, int]], *, with_image: bool) -> None:
    """Each case: mean attention and Grad-CAM, with the lungs' outline where it is known."""
    columns, step = 6, TILE * 2 + 44
    rows = -(-len(chosen) // columns)
    picture = Image.new("RGB", (columns * (TILE + 8), rows * step), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(12)
    for number, (kind, index) in enumerate(chosen):
        left, top = number % columns * (TILE + 8), number // columns * step
        row = answers.rows[index]
        scores = ", ".join(f"{value:.2f}" for value in answers.scores[index])
        draw.text((left + 2, top + 2), f"{kind}: is {row.label}", fill=INK, font=font)
        draw.text((left + 2, top + 18), scores, fill=INK, font=font)
        background = resize(read_image(row.image), (TILE, TILE)) / 255 if with_image else None
        outline = surface(resize(read_mask(row)[0], (TILE, TILE)) >= 0.5) if row.mask is not None else None
        for place, values in enumerate((answers.attention[index].mean(axis=0), answers.cams[index])):
            tile = _heat(values, background)
            if outline is not None:
                tile[outline] = OUTLINE
            picture.paste(Image.fromarray(tile), (left, top + 36 + place * (TILE + 2)))
    picture.save(path, optimize=True)


def _heat(values: npt.NDArray[np.float32], background: npt.NDArray[Any] | None) -> npt.NDArray[np.uint8]:
    """(h, w) ≥ 0 → colours on TILE × TILE, over the image where there is one."""
    share = np.clip(resize(values / max(float(values.max()), 1e-12), (TILE, TILE)), 0, 1)
    at = np.linspace(0, 1, len(HEAT))
    colours = np.stack([np.interp(share, at, HEAT[:, channel]) for channel in range(3)], axis=-1)
    if background is not None:
        colours = 0.6 * background[..., np.newaxis] * 255 + 0.4 * colours
    return np.rint(colours).astype(np.uint8)
