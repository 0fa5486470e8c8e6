"""A study's own objects in pictures: segments, contours and washes of colour, as they lie over the image on screen.

Spaces as in ``picture``. A picture is an array (height, width, 3) of float64, 0 to 255, changed in place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.plane_images import document_on, layers_on
from app.report.resample import resize
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.core.document import Document
    from app.core.layers import Layer
    from app.core.plane_images import PlaneImage
    from app.core.wash import Wash
    from app.report.picture import Style
    from inference.types import Label, Tick

Picture = npt.NDArray[np.float64]
Stroke = tuple[list[tuple[float, float]], tuple[int, int, int]]
"""Points (row, column) in image pixels, colour."""


@dataclass(frozen=True)
class Laid:
    """``washes``: with the value below which each is not drawn."""

    layers: tuple[Layer, ...] = ()
    washes: tuple[tuple[Wash, float], ...] = ()

    def on(self, index: int) -> tuple[str, ...]:
        """Titles of what is drawn on frame ``index``, and the range of colours where values are. May take as long as
        drawing it."""
        found = [layer.title for layer in self.layers if index in layer.regions or index in layer.outlines]
        for wash, threshold in self.washes:
            shades = wash.shades(index, threshold)
            if shades is not None and shades.any():
                found.append(
                    say(
                        "{title}, coloured from {low:.4g} to {high:.4g} {unit}",
                        title=wash.title,
                        low=max(wash.low, threshold),
                        high=wash.high,
                        unit=wash.unit,
                    )
                )
        return tuple(text.strip() for text in found)


def on_plane(plane: PlaneImage, document: Document, style: Style, tick: Tick) -> tuple[Document, Style]:
    """``document`` and ``style`` for drawing a plane: overlays, segments and values as the plane cuts them. What the
    files draw on their own images, and how a presentation state turns these, is not about planes."""
    cut = Laid(
        layers_on(plane, style.laid.layers, tick),
        tuple((wash.over(plane.series), threshold) for wash, threshold in style.laid.washes),
    )
    return document_on(plane, document), replace(style, laid=cut, graphics=False, presentation=None)


def draw(shown: Picture, laid: Laid, index: int, opacity: float, hidden: frozenset[tuple[str, int]]) -> None:
    """Washes, then segments of frame ``index``. Contours are lines: see ``strokes``."""
    height, width = shown.shape[:2]
    for wash, threshold in laid.washes:
        shades = wash.shades(index, threshold)
        if shades is None or not shades.any():
            continue
        colours = np.array([wash.colour_of(max(n - 1, 0) / 254) for n in range(256)], dtype=np.float64)
        # nearest, as on screen: a colour between two stands for a value that is not there
        rows = (np.arange(height) * shades.shape[0] // height)[:, np.newaxis]
        columns = np.arange(width) * shades.shape[1] // width
        numbers = shades[rows, columns]
        seen = numbers > 0
        shown[seen] += (colours[numbers[seen]] - shown[seen]) * opacity
    for layer in laid.layers:
        parts = {part.value: part for part in _parts(layer, hidden)}
        for region in layer.regions.get(index, ()):
            if region.part not in parts:
                continue
            cover = np.zeros(layer.shape, np.float32)
            rows_, columns_ = region.shape
            cover[region.top : region.top + rows_, region.left : region.left + columns_] = region.cover / np.float32(
                255
            )
            share = resize(cover, height, width) * opacity
            if region.part in layer.hollow:
                share = _edge(share >= opacity / 2, max(1, round(max(height, width) / 900))) * min(1.0, 2.5 * opacity)
            shown += (np.array(parts[region.part].colour, np.float64) - shown) * share[:, :, np.newaxis]


def _edge(mask: npt.NDArray[np.bool_], thickness: int) -> npt.NDArray[np.float64]:
    """1 on the mask's own pixels within ``thickness`` of its border, 0 elsewhere."""
    inner = np.pad(mask, thickness)
    for _ in range(thickness):
        inner[1:-1, 1:-1] &= inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    return (mask & ~inner[thickness:-thickness, thickness:-thickness]).astype(np.float64)


def strokes(laid: Laid, index: int, hidden: frozenset[tuple[str, int]]) -> Iterator[Stroke]:
    """The contours on frame ``index``, without the channels to their holes."""
    for layer in laid.layers:
        parts = {part.value: part for part in _parts(layer, hidden)}
        for outline in layer.outlines.get(index, ()):
            if outline.part not in parts:
                continue
            for points, is_closed in outline.strokes:
                line = [(float(row), float(column)) for row, column in points]
                yield [*line, line[0]] if is_closed else line, parts[outline.part].colour


def legend(laid: Laid, indices: Iterable[int], hidden: frozenset[tuple[str, int]]) -> tuple[Label, ...]:
    """Parts that lie on any of the frames, in the objects' order."""
    wanted = tuple(indices)
    found: list[Label] = []
    for layer in laid.layers:
        here = {region.part for index in wanted for region in layer.regions.get(index, ())}
        here |= {outline.part for index in wanted for outline in layer.outlines.get(index, ())}
        found += [part for part in _parts(layer, hidden) if part.value in here]
    return tuple(found)


def _parts(layer: Layer, hidden: frozenset[tuple[str, int]]) -> Iterator[Label]:
    return (part for part in layer.parts if (layer.uid, part.value) not in hidden)
