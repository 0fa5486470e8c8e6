"""A presentation state on an image: its pipeline, its shutter, how it lies in a viewport, what it draws.

All that a state draws comes out in pixels of the image, so that it stays on the image whatever the reader does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np
import numpy.typing as npt

from app.core.view import SAME_SHAPE, Canvas, View, linear_of, shown_shape
from app.dicom.overlay_planes import OverlayPlane, planes_in
from app.dicom.presentation import full_range
from app.dicom.shutters import aspect_of, covered_by, shutter
from app.dicom.voi import Window
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.dicom.annotations import Graphic, Layer, Pair, Text
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.pixels import Pipeline
    from app.dicom.presentation import DisplayedArea, PresentationState
    from app.dicom.voi import Lut, Voi

Bits = npt.NDArray[np.bool_]

AnyScalar = TypeVar("AnyScalar", bound=np.generic)

_STEPS = 72
_MOST_OUTSIDE = 4.0
"""A displayed area may be so many times as large as its image, and is cut; the rest would be black alone."""
_CURVE_STEPS = 8


# -- grey --------------------------------------------------------------------------------------------------------------


def applied(state: PresentationState | None, series: Series, index: int) -> PresentationState | None:
    """``state`` where it is about sorted frame ``index``; otherwise the frame shows as it is."""
    return state if state is not None and state.covers(series, index) else None


def stages(pixels: SeriesPixels, index: int, state: PresentationState | None) -> Pipeline:
    """The pipeline that shows a frame: its own, or with what the state puts in the place of its own (PS3.4 N.2.1)."""
    own = pixels.pipeline(index)
    state = applied(state, pixels.series, index)
    if state is None:
        return own
    return replace(
        own,
        slope=state.slope,
        intercept=state.intercept,
        modality_lut=_with_sign(state.modality_lut, signed=own.stored_dtype.kind == "i"),
        inverse=state.inverse,
        presentation_lut=state.presentation_lut,
    )


def voi_for(pixels: SeriesPixels, index: int, state: PresentationState) -> Voi | None:
    """The state's window for a frame, or all that the frame can hold; ``None`` where the state is not about it."""
    if applied(state, pixels.series, index) is None:
        return None
    voi = state.voi_of(pixels.series, index)
    own = stages(pixels, index, state)
    if isinstance(voi, Window):
        return voi
    if voi is not None:
        return _with_sign(voi, signed=own.modality_lut is None and _range(own)[0] < 0)
    if own.modality_lut is not None:
        return full_range(0.0, 2.0**own.modality_lut.bits - 1)
    if own.stored_dtype.kind == "f":
        values = own.modality(pixels.stored[index])
        values = values[np.isfinite(values)]
        return full_range(float(values.min()), float(values.max())) if values.size else None
    return full_range(*_range(own))


def _range(stages_: Pipeline) -> tuple[float, float]:
    """The least and the greatest value that a rescale can make of the bits that are stored."""
    ends = np.array([0.0, 2.0**stages_.bits_stored - 1])
    if stages_.stored_dtype.kind == "i":
        ends -= 2.0 ** (stages_.bits_stored - 1)
    low, high = np.sort(ends * stages_.slope + stages_.intercept)
    return float(low), float(high)


@overload
def _with_sign(table: Lut, *, signed: bool) -> Lut: ...
@overload
def _with_sign(table: Lut | None, *, signed: bool) -> Lut | None: ...
def _with_sign(table: Lut | None, *, signed: bool) -> Lut | None:
    """A table whose first value is signed where what comes in is (PS3.3 C.11.1.1.1, C.11.2.1.1)."""
    if table is None or not signed or table.first < 0x8000:
        return table
    return replace(table, first=table.first - 0x10000)


def covered(series: Series, index: int, state: PresentationState | None) -> tuple[Bits | None, int]:
    """What a shutter covers of a frame, and with which grey: the state's shutter instead of the image's own."""
    state = applied(state, series, index)
    if state is None:
        return shutter(series, index), 0
    if state.shutter is None:
        return None, 0
    mask = covered_by(state.shutter, (series.rows, series.columns), aspect_of(series))
    return mask, int(np.floor(255.0 * state.shutter_grey + 0.5))


# -- where it lies -----------------------------------------------------------------------------------------------------


def laid_out(view: View, canvas: Canvas, state: PresentationState, series: Series, dots_per_mm: float) -> View:
    """``view`` turned, flipped and zoomed as the state wants (PS3.3 C.10.4, C.10.6). ``dots_per_mm``: of the screen."""
    view = replace(_turned(view, state), zoom=None, centre=None)
    canvas = Canvas.of(series, canvas.width, canvas.height, replace(view, presentation=state))
    rotation = view.rotation
    area = state.area_of(series, view.index)
    if area is None:
        return view
    (top, bottom), (left, right) = area.rows, area.columns
    centre = ((top + bottom) / 2 - 1, (left + right) / 2 - 1)
    aspect = canvas.aspect
    if area.mode == "MAGNIFY" and area.magnification is not None:
        return replace(view, zoom=area.magnification, centre=centre)
    if area.mode == "TRUE SIZE" and area.spacing is not None:
        # A view's zoom counts along the axis with the finer spacing.
        return replace(view, zoom=min(area.spacing) * dots_per_mm, centre=centre)
    if (top, bottom, left, right) == (1, canvas.rows, 1, canvas.columns):
        return view
    tall, wide = (bottom - top + 1) * aspect[0], (right - left + 1) * aspect[1]
    if rotation % 2:
        tall, wide = wide, tall
    return replace(view, zoom=min(canvas.width / wide, canvas.height / tall), centre=centre)


def _turned(view: View, state: PresentationState) -> View:
    # The state flips what it has turned; a view turns what it has flipped.
    rotation = -state.rotation % 4 if state.flip else state.rotation
    return replace(view, flip_horizontal=state.flip, flip_vertical=False, rotation=rotation)


def turned_view(state: PresentationState | None, series: Series, index: int) -> View:
    """A view of a frame with the turns and flips of a state that is about it (PS3.3 C.10.6), and nothing else."""
    state = applied(state, series, index)
    return View(index=index) if state is None else _turned(View(index=index), state)


def turned(image: npt.NDArray[AnyScalar], view: View) -> npt.NDArray[AnyScalar]:
    """``image``, (rows, columns, ...), flipped and then turned as ``view`` has it."""
    flipped = image[:, ::-1] if view.flip_horizontal else image
    return np.ascontiguousarray(np.rot90(flipped, -view.rotation))


def onto_picture(view: View, size: tuple[int, int], shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """2×3 affine: pixels (row, column, 1) of an image of ``size`` (rows, columns) → (x, y) on a picture of ``shape``
    (height, width), which is the whole image turned as ``view`` has it; (0, 0) is the picture's corner.
    """
    rows, columns = size[::-1] if view.rotation % 2 else size
    scale = np.array([shape[1] / columns, shape[0] / rows])
    linear = linear_of(view) * scale[:, np.newaxis]
    middle = scale * (columns / 2, rows / 2)
    return np.column_stack([linear, middle - linear @ ((np.array(size) - 1) / 2)])


def area_to_cut(state: PresentationState | None, series: Series, index: int) -> DisplayedArea | None:
    """The part of a frame that a picture of it shows, as the state has it; ``None`` for the whole frame."""
    state = applied(state, series, index)
    area = None if state is None else state.area_of(series, index)
    if area is None or area.is_whole(series.rows, series.columns) or not _can_cut(area, series):
        return None
    return area


def _can_cut(area: DisplayedArea, series: Series) -> bool:
    tall, wide = area.rows[1] - area.rows[0] + 1, area.columns[1] - area.columns[0] + 1
    meets = area.rows[1] >= 1 and area.rows[0] <= series.rows and area.columns[1] >= 1
    meets = meets and area.columns[0] <= series.columns
    return meets and tall <= _MOST_OUTSIDE * series.rows and wide <= _MOST_OUTSIDE * series.columns


def notes_on(state: PresentationState | None, series: Series, index: int, *, whole: bool = False) -> tuple[str, ...]:
    """What the state asks for on a frame and the reader must know: what it does not get, and where its pixels have
    another shape than the image's. Half sentences. ``whole``: the picture is of the whole image, whatever part of it
    the state would show.
    """
    state = applied(state, series, index)
    if state is None:
        return ()
    notes = list(state.notes)
    area, own = state.area_of(series, index), aspect_of(series)
    shape = shown_shape(series, index, state) or (1.0, 1.0)
    aspect = shape[0] / shape[1]
    if abs(aspect / own - 1) > SAME_SHAPE:
        notes.append(
            say(
                "it shows pixels {aspect:.3g} times as high as wide; the image's own are {own:.3g}",
                aspect=aspect,
                own=own,
            )
        )
    if area is not None and not area.is_whole(series.rows, series.columns) and (whole or not _can_cut(area, series)):
        notes.append(say("its displayed area is not cut out"))
    return tuple(notes)


def is_laid_out_alike(first: DisplayedArea | None, second: DisplayedArea | None) -> bool:
    """Whether two images show the same part in the same way."""
    if first is None or second is None:
        return first is second
    of = [(one.rows, one.columns, one.mode, one.spacing, one.magnification) for one in (first, second)]
    return of[0] == of[1]


# -- what it draws -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawing:
    """Graphics and texts of one layer, all in pixels of the image. ``layer``: its colours, ``None`` where the state
    does not describe it.
    """

    layer: Layer | None
    graphics: tuple[Graphic, ...]
    texts: tuple[Text, ...]


def drawings(state: PresentationState, series: Series, index: int) -> tuple[Drawing, ...]:
    """What the state draws on a frame, lowest layer first."""
    if applied(state, series, index) is None:
        return ()
    area = state.area_of(series, index)

    def placed(point: Pair, in_image: bool) -> Pair:
        return point if in_image else _on_image(point, state, area, series)

    found = []
    for one in state.annotations_on(series, index):
        graphics = tuple(
            replace(graphic, points=tuple(placed(point, graphic.in_image) for point in graphic.points), in_image=True)
            for graphic in one.graphics
        )
        texts = tuple(
            replace(
                text,
                box=None
                if text.box is None
                else (placed(text.box[0], text.box_in_image), placed(text.box[1], text.box_in_image)),
                anchor=None if text.anchor is None else placed(text.anchor, text.anchor_in_image),
                box_in_image=True,
                anchor_in_image=True,
            )
            for text in one.texts
        )
        found.append(Drawing(state.layer(one.layer), graphics, texts))
    return tuple(found)


def _on_image(point: Pair, state: PresentationState, area: DisplayedArea | None, series: Series) -> Pair:
    """A part of the displayed area (down, across; 0–1) → the image point that the state puts there."""
    matrix = linear_of(_turned(View(), state))
    (top, bottom), (left, right) = (area.rows, area.columns) if area else ((1, series.rows), (1, series.columns))
    down, across = point
    # A signed permutation: its transpose is the way back.
    rows, columns = matrix.T @ np.array([across - 0.5, down - 0.5])
    row = (top + bottom) / 2 - 1 + rows * (bottom - top + 1)
    column = (left + right) / 2 - 1 + columns * (right - left + 1)
    return float(row), float(column)


def outline(graphic: Graphic, aspect: float) -> tuple[Pair, ...]:
    """The line that draws a graphic, as a polyline in its own coordinates; a POINT is itself. ``aspect``: the height
    of a pixel over its width.
    """
    points = np.array(graphic.points)
    turns = np.linspace(0.0, 2 * np.pi, _STEPS + 1)
    if graphic.shape == "CIRCLE":
        step = (points[1] - points[0]) * (aspect, 1.0)
        radius = float(np.hypot(*step))
        line = points[0] + np.stack([np.sin(turns) * radius / aspect, np.cos(turns) * radius], axis=1)
    elif graphic.shape == "ELLIPSE":
        first, second = (points[1] - points[0]) / 2, (points[3] - points[2]) / 2
        line = (points[0] + points[1]) / 2 + np.cos(turns)[:, None] * first + np.sin(turns)[:, None] * second
    elif graphic.shape == "INTERPOLATED" and len(points) > 2:
        line = _curve(points)
    else:
        line = points
    return tuple((float(row), float(column)) for row, column in line)


def _curve(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A smooth line through all points (Catmull–Rom), closed where the last is the first."""
    closed = bool((points[0] == points[-1]).all())
    ends = (points[-2], points[1]) if closed else (points[0], points[-1])
    p = np.concatenate([ends[0][None], points, ends[1][None]])
    t = np.linspace(0.0, 1.0, _CURVE_STEPS, endpoint=False)[:, None]
    pieces = []
    for i in range(1, len(p) - 2):
        a, b, c, d = p[i - 1], p[i], p[i + 1], p[i + 2]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*pieces, points[-1:]])


def shown_planes(
    state: PresentationState | None, series: Series, index: int, own: Sequence[OverlayPlane]
) -> tuple[tuple[OverlayPlane, Layer | None], ...]:
    """Overlay planes that show, with their layers: all of the image's own, or those that the state activates, which
    may be the state's (PS3.3 C.11.7).
    """
    state = applied(state, series, index)
    if state is None:
        return tuple((plane, None) for plane in own)
    brought = {plane.group: plane for plane in planes_in(state.dataset, (series.rows, series.columns))}
    every = {plane.group: plane for plane in own} | brought
    found = [(every[group], state.layer(name)) for group, name in state.overlay_layers.items() if group in every]
    return tuple(sorted(found, key=lambda pair: pair[1].order if pair[1] is not None else 0))
