"""How one frame lies in a viewport: index, window, inversion, zoom, pan, flips and turns. View state, never undone.

Spaces: *image* (row, column), where (0, 0) is the centre of the first pixel; *screen* (x, y) in device pixels, where
(0, 0) is the top-left corner of the viewport and a screen pixel's centre is at .5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header
from app.dicom.frames import Groups
from app.dicom.plane import orientation_of
from app.dicom.shutters import aspect_of
from inference import geometry
from inference.words import raised, say

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.presentation import PresentationState
    from app.dicom.voi import Voi

Affine2 = npt.NDArray[np.float64]
"""2×3: (row, column, 1) → (x, y), or the way back."""

MIN_ZOOM, MAX_ZOOM = 0.02, 100.0


@dataclass(frozen=True)
class View:
    """``rotation``: quarter turns clockwise, applied after the flips. ``zoom``: screen pixels per image pixel along
    the axis with the finer spacing; ``None`` fits the image. ``centre``: image point at the middle of the viewport;
    ``None`` is the image's own. ``voi``: ``None`` until the series' own window is known. ``presentation``: the
    presentation state that is applied; to images that it is not about it does nothing. ``palette``: of
    ``app.core.palettes``; empty is grey. ``interpolate``: greys between pixels when magnified, else flat pixels."""

    index: int = 0
    voi: Voi | None = None
    invert: bool = False
    flip_horizontal: bool = False
    flip_vertical: bool = False
    rotation: int = 0
    zoom: float | None = None
    centre: tuple[float, float] | None = None
    presentation: PresentationState | None = None
    palette: str = ""
    interpolate: bool = True


@dataclass(frozen=True)
class Canvas:
    """What a view is laid out on: the image's size, the height and width of a pixel as it is shown (in any common unit;
    ``None``: square), the viewport's size in device pixels."""

    rows: int
    columns: int
    pixel_spacing: tuple[float, float] | None
    width: int
    height: int

    @staticmethod
    def of(series: Series, width: int, height: int, view: View | None = None) -> Canvas:
        """The canvas of a series in a viewport of ``width`` × ``height`` device pixels; with the pixels of the
        presentation state that ``view`` has applied, where that gives them another shape."""
        index, state = (view.index, view.presentation) if view is not None else (0, None)
        return Canvas(series.rows, series.columns, shown_shape(series, index, state), width, height)

    @property
    def aspect(self) -> tuple[float, float]:
        """Factors (row, column) ≥ 1 that make non-square pixels true to shape."""
        if self.pixel_spacing is None:
            return 1.0, 1.0
        finest = min(self.pixel_spacing)
        return self.pixel_spacing[0] / finest, self.pixel_spacing[1] / finest


SAME_SHAPE = 0.01
"""Aspect ratios that differ by less are one: files round them."""


def shown_shape(series: Series, index: int, state: PresentationState | None) -> tuple[float, float] | None:
    """Height and width of a pixel of frame ``index`` on screen, in any common unit; ``None`` where nothing says.

    What a presentation state that is about the frame says of its displayed area (PS3.3 C.10.4), else the spacing, else
    Pixel Aspect Ratio (PS3.3 C.7.6.3.1.7).
    """
    own = aspect_of(series)
    area = state.area_of(series, index) if state is not None and state.covers(series, index) else None
    if area is not None and area.aspect is not None and abs(area.aspect / own - 1) > SAME_SHAPE:
        return area.aspect, 1.0
    return series.pixel_spacing or ((own, 1.0) if own != 1.0 else None)


def fit_zoom(view: View, canvas: Canvas) -> float:
    """The zoom at which the whole image just fits."""
    aspect = canvas.aspect
    tall, wide = canvas.rows * aspect[0], canvas.columns * aspect[1]
    if view.rotation % 2:
        tall, wide = wide, tall
    return max(min(canvas.width / wide, canvas.height / tall), 1e-6)


def zoom_of(view: View, canvas: Canvas) -> float:
    """The zoom in force: the view's own, or the fitting one."""
    return fit_zoom(view, canvas) if view.zoom is None else view.zoom


def centre_of(view: View, canvas: Canvas) -> tuple[float, float]:
    """Image point (row, column) in the middle of the viewport."""
    return ((canvas.rows - 1) / 2, (canvas.columns - 1) / 2) if view.centre is None else view.centre


def linear_of(view: View) -> npt.NDArray[np.float64]:
    """2×2 signed permutation: image directions (row, column) → screen directions (x, y)."""
    # Columns of the matrix are where +row and +column point on screen: down and right, before flips and turns.
    matrix = np.array([[0.0, 1.0], [1.0, 0.0]])
    if view.flip_horizontal:
        matrix[0] = -matrix[0]
    if view.flip_vertical:
        matrix[1] = -matrix[1]
    for _ in range(view.rotation % 4):
        matrix = np.array([-matrix[1], matrix[0]])
    return matrix


def transform(view: View, canvas: Canvas) -> Affine2:
    """2×3 affine: image (row, column, 1) → screen (x, y)."""
    scale = zoom_of(view, canvas) * np.array(canvas.aspect)
    linear = linear_of(view) * scale[np.newaxis, :]
    middle = np.array([canvas.width / 2, canvas.height / 2])
    shift = middle - linear @ np.array(centre_of(view, canvas))
    return np.column_stack([linear, shift])


def inverse(affine: Affine2) -> Affine2:
    """2×3 affine the other way: screen (x, y, 1) → image (row, column)."""
    linear = np.linalg.inv(affine[:, :2])
    return np.column_stack([linear, -linear @ affine[:, 2]])


def to_screen(affine: Affine2, point: tuple[float, float]) -> tuple[float, float]:
    """One point through a 2×3 affine (either way)."""
    x, y = affine[:, :2] @ np.array(point) + affine[:, 2]
    return float(x), float(y)


# -- verbs: each returns a new view ------------------------------------------------------------------------------------


def zoomed(view: View, canvas: Canvas, factor: float, anchor: tuple[float, float]) -> View:
    """Zooms by ``factor`` so that the image point under screen point ``anchor`` stays where it is."""
    before = zoom_of(view, canvas)
    zoom = float(np.clip(before * factor, MIN_ZOOM, MAX_ZOOM))
    fixed = np.array(to_screen(inverse(transform(view, canvas)), anchor))
    centre = np.array(centre_of(view, canvas))
    row, column = fixed + (centre - fixed) * (before / zoom)
    return replace(view, zoom=zoom, centre=(float(row), float(column)))


def panned(view: View, canvas: Canvas, dx: float, dy: float) -> View:
    """Moves the picture by (dx, dy) screen pixels."""
    affine = transform(view, canvas)
    row, column = np.array(centre_of(view, canvas)) - np.linalg.inv(affine[:, :2]) @ np.array([dx, dy])
    return replace(view, zoom=zoom_of(view, canvas), centre=(float(row), float(column)))


def fitted(view: View) -> View:
    """The whole image in the viewport, and so it stays when the viewport is resized."""
    return replace(view, zoom=None, centre=None)


def flipped(view: View, *, horizontal: bool) -> View:
    """Mirrors what is on screen, left–right or top–bottom, whatever the rotation."""
    # After an odd number of quarter turns the screen's horizontal is the image's vertical.
    if horizontal == (view.rotation % 2 == 0):
        return replace(view, flip_horizontal=not view.flip_horizontal)
    return replace(view, flip_vertical=not view.flip_vertical)


def rotated(view: View, quarter_turns: int) -> View:
    """Turns what is on screen clockwise by quarter turns."""
    return replace(view, rotation=(view.rotation + quarter_turns) % 4)


# -- where in the stack ------------------------------------------------------------------------------------------------


def first_index(series: Series) -> int:
    """The frame to begin with: the middle of a volume (at its first time point), the start of a cine or of loose
    images."""
    if series.positions is None or series.frame_time_ms is not None:
        return 0
    return len(series.frames) // 2 if series.axis is None else series.axis.nearest(series.axis.slices // 2, 0)


def place_text(series: Series, index: int) -> str:
    """Where frame ``index`` is in its stack, in words: ``"Image 5"``, ``"Slice 5, phase 7/20, 312 ms"``."""
    if series.axis is None:
        return say("Image {number}", number=index + 1)
    label = series.axis.label(index)
    if series.axis.slices == 1:
        return raised(label)
    number = series.slice_index(index) + 1
    if series.positions is None:
        return say("View {number}, {point}", number=number, point=label)
    return say("Slice {number}, {point}", number=number, point=label)


# -- orientation -------------------------------------------------------------------------------------------------------


def direction_letters(series: Series, index: int) -> tuple[str, str]:
    """Patient-orientation codes of increasing column and of increasing row on frame ``index``; empty where unknown.

    From the cosines (PS3.3 C.7.6.2), else from Patient Orientation (0020,0020) for projections.
    """
    dataset = series.instance_of(index).header
    cosines = series.orientation
    if cosines is None:
        # Each frame of a localiser has its own.
        holder = Groups(dataset).holder(series.frames[index].frame, "PlaneOrientationSequence")
        cosines = orientation_of(holder)
    if cosines is not None:
        return geometry.orientation_letters(cosines[:3]), geometry.orientation_letters(cosines[3:])
    stated = header.codes(dataset, "PatientOrientation")
    return (stated[0].upper(), stated[1].upper()) if len(stated) == 2 else ("", "")


@dataclass(frozen=True)
class Edges:
    """Letters at the four edges of a viewport; empty where the file does not say."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


def orientation_edges(series: Series, index: int, view: View) -> Edges:
    """Letters at the edges, for the flips and turns of ``view``."""
    along_columns, along_rows = direction_letters(series, index)
    sides = {"left": "", "right": "", "top": "", "bottom": ""}
    for letters, axis in ((along_rows, 0), (along_columns, 1)):
        x, y = linear_of(view)[:, axis]
        ahead, behind = ("right", "left") if x else ("bottom", "top")
        if x + y < 0:
            ahead, behind = behind, ahead
        sides[ahead], sides[behind] = letters, geometry.opposite(letters)
    return Edges(**sides)
