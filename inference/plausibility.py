"""Does this result look like the lungs of a frontal chest radiograph?

A segmentation network marks something on almost any picture. On an image whose header is silent that must not pass for
lungs, so the shape of the answer is checked against what lungs look like. Limits were set on the tuning part of the
training data; how often they refuse real chest radiographs is measured on the other sets and stated in the model card.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.words import say

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """What the check looks at, all on the network's square grid and as fractions of its edge or area.

    ``areas``, ``centres`` (x, y), ``heights``: of the image-left and the image-right lung. ``doubt``: share of the
    pixels with probability over 0.1 that are not decided (0.1–0.9). ``overlap``: height that both lungs share, of
    the smaller one's.
    """

    areas: tuple[float, float]
    centres: tuple[tuple[float, float], tuple[float, float]]
    heights: tuple[float, float]
    doubt: float
    overlap: float


def shape(probabilities: FloatArray) -> Shape:
    """Measure (2, S, S) cleaned probabilities. An empty lung has area, height and centre 0."""
    size = probabilities.shape[-1]
    masks = probabilities >= 0.5
    areas: list[float] = []
    centres: list[tuple[float, float]] = []
    spans: list[tuple[int, int]] = []
    for mask in masks:
        rows, columns = np.nonzero(mask)
        areas.append(rows.size / mask.size)
        centres.append((float(columns.mean()) / size, float(rows.mean()) / size) if rows.size else (0.0, 0.0))
        spans.append((int(rows.min()), int(rows.max()) + 1) if rows.size else (0, 0))
    highest = probabilities.max(axis=0)
    marked = highest > 0.1
    shared = max(0, min(spans[0][1], spans[1][1]) - max(spans[0][0], spans[1][0]))
    shorter = min(spans[0][1] - spans[0][0], spans[1][1] - spans[1][0])
    return Shape(
        areas=(areas[0], areas[1]),
        centres=(centres[0], centres[1]),
        heights=((spans[0][1] - spans[0][0]) / size, (spans[1][1] - spans[1][0]) / size),
        doubt=float((marked & (highest < 0.9)).sum() / max(1, int(marked.sum()))),
        overlap=shared / shorter if shorter else 0.0,
    )


MIN_AREA, MAX_AREA = 0.03, 0.36
MIN_HEIGHT = 0.2
MAX_DOUBT = 0.3
MIN_OVERLAP = 0.5
MAX_IMBALANCE = 5.0
MIN_APART, MAX_APART = 0.15, 0.7


def objection(probabilities: FloatArray) -> str | None:
    """Why (2, S, S) cleaned probabilities are no pair of lungs, in words for the reader; ``None`` when they may be."""
    found = shape(probabilities)
    small, large = sorted(found.areas)
    apart = found.centres[1][0] - found.centres[0][0]
    if large == 0:
        return say("no lung was found")
    if small < MIN_AREA / MAX_IMBALANCE or large / small > MAX_IMBALANCE:
        return say("only one lung was found")
    if large < MIN_AREA or min(found.heights) < MIN_HEIGHT:
        return say("what was found is too small for lungs")
    if large > MAX_AREA:
        return say("what was found is too large for lungs")
    if not MIN_APART <= apart <= MAX_APART:
        return say("the two areas found do not lie side by side")
    if found.overlap < MIN_OVERLAP:
        return say("the two areas found are not at the same height")
    if found.doubt > MAX_DOUBT:
        return say("the outline is uncertain over much of its area")
    return None
