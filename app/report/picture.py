"""A frame with everything drawn in: overlay, measurements, orientation letters. No identity, so it may travel alone.

Spaces: *image* (row, column), (0, 0) is the centre of the first pixel; *picture* (x, y), (0, 0) is its top-left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from app.core import presenting
from app.core.document import Document, Measurement, MeasurementKind, Point
from app.core.measure import measure
from app.core.presenting import outline
from app.core.view import View, orientation_edges, shown_shape
from app.dicom.cielab import from_cielab
from app.dicom.overlay_planes import overlay_planes
from app.dicom.voi import Window
from app.report import fonts, laid
from app.report.resample import fitted_size, resize, resize_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.core.document import Overlay
    from app.core.presenting import Drawing
    from app.dicom.annotations import Layer
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.overlay_planes import OverlayPlane
    from app.dicom.presentation import DisplayedArea, PresentationState
    from app.dicom.voi import Voi
    from inference.types import Label

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Share = npt.NDArray[np.float32]
"""How much of each pixel is covered, 0 to 1."""
ColouredPlane = tuple["OverlayPlane", "tuple[int, int, int]"]

OPACITY = 0.35
GRAPHICS = (120, 232, 208)
"""Of overlay planes, whose files name no colour: neither a measurement's nor a grey."""
REGION_OPACITY = 0.3
LONG_SIDE = 1400
_SHORTEST = 1000
_MOST = 2400
"""Longest side of the picture that a small part is cut from: floats of three colours take a lot of memory."""
_MEASURE_COLOUR = (255, 214, 10)
_LETTER_COLOUR = (235, 235, 235)
_SMOOTH = 2
_Box = tuple[float, float, float, float]
"""Left, top, right, bottom in picture coordinates."""
_FILL = 90
"""How opaque filled graphics of presentation states are, of 255: the image must be seen through them."""
_COLOUR = Window(128, 256)
"""Stands in for a window where there is none to choose: colour is never windowed."""


@dataclass(frozen=True)
class Style:
    """How frames are shown. ``voi``: for grey images; ``None`` for colour ones, and where ``presentation`` has it."""

    voi: Voi | None
    invert: bool = False
    opacity: float = OPACITY
    hidden_labels: frozenset[tuple[str, int]] = frozenset()
    graphics: bool = True
    """Whether overlay planes and annotations are drawn."""
    presentation: PresentationState | None = None
    """The presentation state that the images are shown with."""
    laid: laid.Laid = field(default_factory=laid.Laid)
    """The study's own objects that lie over the images."""


def frame(index: int, pixels: SeriesPixels, style: Style) -> Bytes:
    """Sorted frame ``index`` as the display pipeline makes it: uint8, (rows, columns) or (rows, columns, 3). What its
    shutter covers is black."""
    stored, state = pixels.stored[index], style.presentation
    voi = style.voi
    if voi is None and state is not None:
        voi = presenting.voi_for(pixels, index, state)
    stages = presenting.stages(pixels, index, state)
    shown = stages.display(stored, voi or _COLOUR, invert=style.invert)
    covered, grey = presenting.covered(pixels.series, index, state)
    if covered is not None:
        # Colour may be the stored array itself.
        shown = shown.copy()
        shown[covered] = grey
    return shown


def as_rgb(image: Bytes) -> Bytes:
    """Grey or RGB → RGB, (rows, columns, 3)."""
    return image if image.ndim == 3 else np.repeat(image[:, :, np.newaxis], 3, axis=2)


def blend(image: Bytes, masks: Iterable[tuple[Mask | Share, tuple[int, int, int]]], opacity: float = OPACITY) -> Bytes:
    """Colours ``masks`` (each (rows, columns) of the image, or how much of each pixel, 0 to 1) over it; pixels outside
    them keep their value. RGB."""
    out = as_rgb(image).astype(np.float64)
    for cover, colour in masks:
        inside = cover > 0
        share = np.asarray(cover[inside], dtype=np.float64)[:, np.newaxis] * opacity
        out[inside] += (np.array(colour, dtype=np.float64) - out[inside]) * share
    return np.floor(out + 0.5).astype(np.uint8)


def layer_colour(layer: Layer | None) -> tuple[int, int, int]:
    """The colour that a graphic layer recommends, in 8 bits; ``GRAPHICS`` where it recommends none."""
    if layer is None:
        return GRAPHICS
    if layer.cielab is not None:
        return from_cielab(layer.cielab)
    if layer.rgb is not None:
        red, green, blue = (value >> 8 if max(layer.rgb) > 255 else value for value in layer.rgb)
        return red, green, blue
    return GRAPHICS if layer.grey is None else (min(max(layer.grey, 0), 65535) >> 8,) * 3


def coloured_planes(series: Series, index: int, state: PresentationState | None) -> list[ColouredPlane]:
    """The overlay planes that show on a frame, with their colours. Embedded ones are read now."""
    own = overlay_planes(series, index)
    return [(plane, layer_colour(layer)) for plane, layer in presenting.shown_planes(state, series, index, own)]


def with_planes(image: Bytes, planes: Iterable[ColouredPlane]) -> Bytes:
    """``image`` with overlay planes, RGB: graphics opaque, regions tinted."""
    out = as_rgb(image)
    for plane, colour in planes:
        out = blend(out, [(plane.bits, colour)], REGION_OPACITY if plane.kind == "R" else 1.0)
    return out


def with_drawings(image: Bytes, series: Series, index: int, state: PresentationState) -> Bytes:
    """``image``, the whole frame turned as ``state`` has it, with what the state draws on it. RGB."""
    view = presenting.turned_view(state, series, index)
    drawn = Image.fromarray(as_rgb(image))
    scale = presenting.onto_picture(view, (series.rows, series.columns), (drawn.height, drawn.width))
    unit = max(1.0, max(drawn.size) / 700)
    for drawing in presenting.drawings(state, series, index):
        _draw_drawing(drawn, drawing, aspect_of(series, index, state), scale, unit)
    return np.asarray(drawn)


def aspect_of(series: Series, index: int = 0, state: PresentationState | None = None) -> tuple[float, float]:
    """Height and width of a pixel as it is shown, in any common unit; square where nothing says."""
    return shown_shape(series, index, state) or (1.0, 1.0)


def annotated(series: Series, index: int, pixels: SeriesPixels, document: Document, style: Style) -> Image.Image:
    """Frame ``index`` with overlays, measurements and letters; longest side ``LONG_SIDE`` at most, true to shape.

    Turned, flipped and cut as its presentation state has it.
    """
    image = frame(index, pixels, style)
    aspect = aspect_of(series, index, style.presentation)
    area = presenting.area_to_cut(style.presentation, series, index)
    height, width = _whole_size(series, aspect, area)
    shown = as_rgb(resize_bytes(image, height, width)).astype(np.float64)
    if style.graphics:
        _draw_planes(shown, coloured_planes(series, index, style.presentation))
    laid.draw(shown, style.laid, index, style.opacity, style.hidden_labels)
    for overlay in document.overlays_on(series):
        _draw_overlay(shown, overlay, index, style)
    view = presenting.turned_view(style.presentation, series, index)
    picture = Image.fromarray(presenting.turned(np.floor(shown + 0.5).astype(np.uint8), view))
    scale = presenting.onto_picture(view, (series.rows, series.columns), (picture.height, picture.width))
    if area is not None:
        picture, scale = _cut(picture, scale, area)
    unit = max(1.0, max(picture.size) / 700)
    if style.graphics and style.presentation is not None:
        for drawing in presenting.drawings(style.presentation, series, index):
            _draw_drawing(picture, drawing, aspect, scale, unit)
    for points, colour in laid.strokes(style.laid, index, style.hidden_labels):
        _draw_strokes(picture, [[_to_picture(point, scale) for point in points]], colour, 1.6 * unit)
    _draw_letters(picture, series, view, unit)
    said = {
        measurement: measure(measurement, series, index, pixels, document.calibration_of(measurement.place)).lines
        for measurement in document.measurements_on(series, index)
    }
    _draw_measurements(picture, said, scale, unit)
    return picture


def _whole_size(series: Series, aspect: tuple[float, float], area: DisplayedArea | None) -> tuple[int, int]:
    """Height and width of a picture of the whole frame of which ``area`` is cut: the larger, the less of it is."""
    rows: float = series.rows
    columns: float = series.columns
    if area is not None:
        rows, columns = area.rows[1] - area.rows[0] + 1, area.columns[1] - area.columns[0] + 1
    natural = max(rows * aspect[0], columns * aspect[1]) / min(aspect)
    side = min(LONG_SIDE, max(natural, _SHORTEST)) / natural
    whole = max(series.rows * aspect[0], series.columns * aspect[1]) / min(aspect)
    longest = round(min(whole * side, _MOST))
    return fitted_size(series.rows, series.columns, aspect, longest, longest)


def _cut(
    picture: Image.Image, scale: npt.NDArray[np.float64], area: DisplayedArea
) -> tuple[Image.Image, npt.NDArray[np.float64]]:
    """The part of a picture of the whole frame that ``area`` names, black where it reaches beyond; and where pixels of
    the image lie on it."""
    # Pixels count from 1, and the area holds its last ones whole.
    corners = [
        _to_picture((row, column), scale)
        for row, column in zip(
            (area.rows[0] - 1.5, area.rows[1] - 0.5), (area.columns[0] - 1.5, area.columns[1] - 0.5), strict=True
        )
    ]
    (left, right), (top, bottom) = (sorted(round(corner[n]) for corner in corners) for n in (0, 1))
    cut = picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    scale = np.column_stack([scale[:, :2], scale[:, 2] - (left, top)])
    grow = _SHORTEST / max(cut.size)
    if grow > 1.0:
        width, height = (max(1, round(side * grow)) for side in cut.size)
        scale = scale * np.array([[width / cut.width], [height / cut.height]])
        cut = cut.resize((width, height), Image.Resampling.BILINEAR)
    return cut, scale


def visible_labels(document: Document, series: Series, indices: Iterable[int], style: Style) -> tuple[Label, ...]:
    """Labels that are drawn on any of the frames, each once, for a legend: overlays', then objects' parts."""
    found: dict[tuple[str, int], Label] = {}
    for overlay in document.overlays_on(series):
        for index in indices:
            plane = overlay.plane(index)
            if plane is None:
                continue
            present = set(np.unique(plane).tolist())
            for label in overlay.labels:
                if label.value in present and (overlay.id, label.value) not in style.hidden_labels:
                    found.setdefault((overlay.id, label.value), label)
    return (*found.values(), *laid.legend(style.laid, indices, style.hidden_labels))


def _draw_overlay(shown: npt.NDArray[np.float64], overlay: Overlay, index: int, style: Style) -> None:
    plane = overlay.plane(index)
    if plane is None:
        return
    height, width = shown.shape[:2]
    for label in overlay.labels:
        mask = plane == label.value
        if (overlay.id, label.value) in style.hidden_labels or not mask.any():
            continue
        # Coverage of each picture pixel, 0–1: edges are smooth in any size.
        coverage = resize(mask, height, width)
        outline = _outline(coverage >= 0.5, max(1, round(max(height, width) / 900)))
        alpha = np.maximum(coverage * style.opacity, outline * 0.9)[:, :, np.newaxis]
        shown += (np.array(label.colour, dtype=np.float64) - shown) * alpha


def _draw_planes(shown: npt.NDArray[np.float64], planes: Iterable[ColouredPlane]) -> None:
    height, width = shown.shape[:2]
    for plane, colour in planes:
        if not plane.bits.any():
            continue
        coverage = resize(plane.bits, height, width)
        # A line of one pixel keeps its strength where the picture is smaller than the image.
        strength = coverage * REGION_OPACITY if plane.kind == "R" else np.minimum(2.0 * coverage, 1.0)
        shown += (np.array(colour, dtype=np.float64) - shown) * strength[:, :, np.newaxis]


def _outline(mask: Mask, thickness: int) -> Mask:
    """The mask's own pixels within ``thickness`` of its border."""
    inner = mask.copy()
    for _ in range(thickness):
        eroded = inner.copy()
        eroded[1:] &= inner[:-1]
        eroded[:-1] &= inner[1:]
        eroded[:, 1:] &= inner[:, :-1]
        eroded[:, :-1] &= inner[:, 1:]
        inner = eroded
    return mask & ~inner


def _draw_letters(picture: Image.Image, series: Series, view: View, unit: float) -> None:
    edges = orientation_edges(series, view.index, view)
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    size, gap = round(20 * unit), 8 * unit
    places = (
        (edges.left, 0.0, 0.5),
        (edges.right, 1.0, 0.5),
        (edges.top, 0.5, 0.0),
        (edges.bottom, 0.5, 1.0),
    )
    for text, across, down in places:
        x = gap + (width - 2 * gap - fonts.width(text, size, bold=True)) * across
        y = gap + size / 2 + (height - 2 * gap - size) * down
        fonts.draw(pen, (x, y), text, size, _LETTER_COLOUR, bold=True, rim=max(1, size // 12))


def _draw_drawing(
    picture: Image.Image, drawing: Drawing, aspect: tuple[float, float], scale: npt.NDArray[np.float64], unit: float
) -> None:
    """What a presentation state draws on one layer."""
    colour, size = layer_colour(drawing.layer), round(15 * unit)
    strokes = []
    for graphic in drawing.graphics:
        line = [_to_picture(point, scale) for point in outline(graphic, aspect[0] / aspect[1])]
        if graphic.shape == "POINT":
            (x, y), reach = line[0], 5 * unit
            strokes += [[(x - reach, y), (x + reach, y)], [(x, y - reach), (x, y + reach)]]
            continue
        if graphic.filled:
            cover = Image.new("L", picture.size, 0)
            ImageDraw.Draw(cover).polygon(line, fill=_FILL)
            picture.paste(colour, (0, 0), cover)
        strokes.append([*line, line[0]] if graphic.filled else line)
    if strokes:
        _draw_strokes(picture, strokes, colour, 1.6 * unit)
    pen = ImageDraw.Draw(picture)
    for text in drawing.texts:
        lines = text.text.split("\n")
        anchor = None if text.anchor is None else _to_picture(text.anchor, scale)
        if text.box is not None:
            corners = [_to_picture(corner, scale) for corner in text.box]
            (left, right), (top, _) = (sorted(values) for values in zip(*corners, strict=True))
        elif anchor is not None:
            left = right = anchor[0] + 12 * unit
            top = anchor[1] - size * 0.65 * len(lines)
        if anchor is not None and text.anchor_visible:
            _draw_strokes(picture, [[anchor, (left, top + size * 0.65 * len(lines))]], colour, 1.2 * unit)
        for number, line_ in enumerate(lines):
            wide = fonts.width(line_, size, bold=True)
            x = {"CENTER": (left + right - wide) / 2, "RIGHT": right - wide}.get(text.align, left)
            at = (x, top + size * 1.3 * (number + 0.5))
            fonts.draw(pen, at, line_, size, colour, bold=True, rim=max(1, size // 12))


def _draw_measurements(
    picture: Image.Image, said: Mapping[Measurement, tuple[str, ...]], scale: npt.NDArray[np.float64], unit: float
) -> None:
    """All shapes, then their labels, each where it covers least of the shapes and of the labels before it."""
    shapes = [[_to_picture(point, scale) for point in measurement.points] for measurement in said]
    dots = [np.zeros((0, 2))]
    for measurement, points in zip(said, shapes, strict=True):
        strokes = _strokes(measurement.kind, points, 5 * unit)
        _draw_strokes(picture, strokes, _MEASURE_COLOUR, 1.6 * unit)
        dots += [_along(stroke, 3 * unit) for stroke in strokes]
    drawn, taken = np.concatenate(dots), list[_Box]()
    for (measurement, lines), points in zip(said.items(), shapes, strict=True):
        written = [measurement.name, *lines] if measurement.name else list(lines)
        if written:
            taken.append(_draw_label(picture, _around(measurement.kind, points, unit), written, unit, drawn, taken))


def _along(stroke: list[tuple[float, float]], step: float) -> npt.NDArray[np.float64]:
    """Points (x, y) on a polyline, no further apart than ``step``."""
    corners = np.array(stroke)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    at = np.linspace(0, way[-1], max(int(way[-1] / step) + 2, 2))
    return np.column_stack([np.interp(at, way, corners[:, 0]), np.interp(at, way, corners[:, 1])])


def _to_picture(point: Point, scale: npt.NDArray[np.float64]) -> tuple[float, float]:
    """``scale``: of ``presenting.onto_picture``."""
    x, y = scale[:, :2] @ np.array(point) + scale[:, 2]
    return float(x), float(y)


def _strokes(kind: MeasurementKind, points: list[tuple[float, float]], tick: float) -> list[list[tuple[float, float]]]:
    """Polylines in picture coordinates that draw a measurement."""
    if kind is MeasurementKind.DISTANCE:
        return _capped(points, tick)
    if kind is MeasurementKind.BIDIRECTIONAL:
        return [*_capped(points[:2], tick), *_capped(points[2:], tick)]
    if kind is MeasurementKind.COBB:
        return [points[:2], points[2:], *_dashes(_middle(points[:2]), _middle(points[2:]), tick)]
    if kind is MeasurementKind.ANGLE:
        return [points, _arc(points, 5 * tick)]
    if kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        return [[*points, points[0]]]
    if kind is MeasurementKind.ARROW:
        return [points, *_head(points[0], points[1], 2.6 * tick)]
    if len(points) == 1:
        (x, y) = points[0]
        # A cross that leaves the pixel itself in sight; of a text, its dot.
        near, far = (0.8 * tick, 2.2 * tick) if kind is MeasurementKind.POINT else (0.0, 0.35 * tick)
        ways = ((1, 0), (-1, 0), (0, 1), (0, -1))
        return [[(x + dx * near, y + dy * near), (x + dx * far, y + dy * far)] for dx, dy in ways]
    (x0, y0), (x1, y1) = points
    if kind is MeasurementKind.RECTANGLE:
        return [[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]]
    turns = np.linspace(0, 2 * np.pi, 97)
    xs = (x0 + x1) / 2 + (x1 - x0) / 2 * np.cos(turns)
    ys = (y0 + y1) / 2 + (y1 - y0) / 2 * np.sin(turns)
    return [list(zip(xs.tolist(), ys.tolist(), strict=True))]


def _capped(points: list[tuple[float, float]], tick: float) -> list[list[tuple[float, float]]]:
    """A line with short bars across its ends."""
    (x0, y0), (x1, y1) = points
    length = float(np.hypot(x1 - x0, y1 - y0)) or 1.0
    dx, dy = -(y1 - y0) / length * tick, (x1 - x0) / length * tick
    return [points, *([(x - dx, y - dy), (x + dx, y + dy)] for x, y in points)]


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    (x0, y0), (x1, y1) = points
    return (x0 + x1) / 2, (y0 + y1) / 2


def _dashes(start: tuple[float, float], end: tuple[float, float], length: float) -> list[list[tuple[float, float]]]:
    """A broken line."""
    way = np.subtract(end, start)
    count = max(int(np.hypot(*way) / (2 * length)), 1)
    parts = (np.arange(count)[:, np.newaxis] + (0.0, 0.5)) / count
    return [[(start[0] + t * way[0], start[1] + t * way[1]) for t in part.tolist()] for part in parts]


def _head(tip: tuple[float, float], tail: tuple[float, float], size: float) -> list[list[tuple[float, float]]]:
    """The two strokes of an arrow's head."""
    along = float(np.arctan2(tail[1] - tip[1], tail[0] - tip[0]))
    sides = (along - np.radians(24), along + np.radians(24))
    return [[tip, (tip[0] + size * float(np.cos(a)), tip[1] + size * float(np.sin(a)))] for a in sides]


def _arc(points: list[tuple[float, float]], radius: float) -> list[tuple[float, float]]:
    first, vertex, last = (np.array(point) for point in points)
    a, b = (float(np.arctan2(*(end - vertex)[::-1])) for end in (first, last))
    turn = (b - a + np.pi) % (2 * np.pi) - np.pi
    radius = min(radius, float(np.linalg.norm(first - vertex)), float(np.linalg.norm(last - vertex)))
    angles = a + np.linspace(0, turn, 25)
    return [(float(vertex[0] + radius * np.cos(t)), float(vertex[1] + radius * np.sin(t))) for t in angles]


def _around(kind: MeasurementKind, points: list[tuple[float, float]], unit: float) -> _Box:
    """What a label stands beside: the shape; of an angle its vertex, of an arrow its tail, of Cobb's angle the middle
    between its lines."""
    corners = np.array(points)
    if kind in (MeasurementKind.ANGLE, MeasurementKind.ARROW):
        corners = corners[1:2]
    elif kind is MeasurementKind.COBB:
        corners = corners.mean(axis=0, keepdims=True)
    reach = 11 * unit if kind is MeasurementKind.POINT else 0.0
    (left, top), (right, bottom) = corners.min(axis=0) - reach, corners.max(axis=0) + reach
    return float(left), float(top), float(right), float(bottom)


def _draw_strokes(
    picture: Image.Image, strokes: list[list[tuple[float, float]]], colour: tuple[int, int, int], width: float
) -> None:
    """Polylines with a dark rim, drawn larger and shrunk, because Pillow's own lines have steps."""
    size = (picture.width * _SMOOTH, picture.height * _SMOOTH)
    for shade, extra in (((0, 0, 0), 2.2), (colour, 0.0)):
        layer = Image.new("L", size, 0)
        pen = ImageDraw.Draw(layer)
        for stroke in strokes:
            enlarged = [(x * _SMOOTH, y * _SMOOTH) for x, y in stroke]
            pen.line(enlarged, fill=255, width=max(1, round((width + extra) * _SMOOTH)), joint="curve")
        coverage = layer.resize(picture.size, Image.Resampling.BOX)
        if extra:
            coverage = coverage.point([round(v * 0.55) for v in range(256)])
        picture.paste(shade, (0, 0), coverage)


def _draw_label(
    picture: Image.Image,
    around: _Box,
    lines: list[str],
    unit: float,
    drawn: npt.NDArray[np.float64],
    taken: list[_Box],
) -> _Box:
    """Lines of text beside a measurement, inside the picture. Returns the box that they took.

    ``drawn``: points (x, y) on all shapes; ``taken``: the boxes of other labels.
    """
    pen, size = ImageDraw.Draw(picture), round(16 * unit)
    gap, line = size * 0.6, size * 1.3
    wide, tall = max(fonts.width(text, size, bold=True) for text in lines), line * len(lines)
    left, top, right, bottom = around
    across, down = (left + right - wide) / 2, (top + bottom - tall) / 2
    beside = ((right + gap, down), (left - gap - wide, down), (across, bottom + gap), (across, top - gap - tall))
    corner = ((right + gap, bottom + gap), (left - gap - wide, top - gap - tall))
    best, least = (0.0, 0.0, wide, tall), float("inf")
    for wanted in (*beside, *corner):
        x = min(max(wanted[0], gap), max(picture.width - wide - gap, 0))
        y = min(max(wanted[1], gap), max(picture.height - tall - gap, 0))
        box = (x, y, x + wide, y + tall)
        covered = ((drawn >= box[:2]) & (drawn <= box[2:])).all(axis=1).sum()
        # As much as the letters of a label that lies under this one.
        over = sum(_shared(box, other) for other in taken) / line
        cost = 4.0 * float(covered) + over + abs(x - wanted[0]) + abs(y - wanted[1])
        if cost < least:
            best, least = box, cost
    for number, text in enumerate(lines):
        at = (best[0], best[1] + line * (number + 0.5))
        fonts.draw(pen, at, text, size, _MEASURE_COLOUR, bold=True, rim=max(1, size // 12))
    return best


def _shared(one: _Box, other: _Box) -> float:
    """Area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
