"""``scoutview render``: one image as PNG, exactly as the display pipeline makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.cli.frames import named_voi, require_frame
from app.cli.opening import chosen_series, open_index, require_series
from app.cli.terminal import Progress, note
from app.core import presenting
from app.core.layers import Layer
from app.core.objects import AT_ONCE, layer_of
from app.core.planes import Plane, PlaneName, plane
from app.dicom import header
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Skipped
from app.dicom.objects import StoredObject
from app.dicom.parse import read_instance, read_object
from app.dicom.presentation import GRAYSCALE, presentation_state, why_not_shown
from app.errors import UnreadableFile, UsageError, UserError
from app.report import atomic, picture
from app.report.png import png_bytes
from app.report.resample import letterbox
from inference.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

    from app.cli.parser import Arguments
    from app.dicom.model import Series
    from app.dicom.presentation import PresentationState

Bytes = npt.NDArray[np.uint8]


def render(arguments: Arguments) -> int:
    """Writes the picture that ``arguments`` ask for. Raises ``UsageError``, ``NothingReadable``, ``OutputError``."""
    stacks = require_series(open_index(arguments.path), arguments.path)
    series = chosen_series(stacks, arguments.series, arguments.stack)
    overlay = None if arguments.overlay is None else _overlay(arguments.overlay, series)
    if arguments.plane is not None:
        image, aspect = _plane_image(series, arguments, overlay)
    else:
        image, aspect = _frame_image(series, arguments, overlay)
    if arguments.size is not None:
        width, height = arguments.size
        image = letterbox(image, aspect, height, width)
    atomic.write(arguments.out, png_bytes(image))
    return 0


def _overlay(path: Path, series: Series) -> Layer:
    """A segmentation or a structure set on ``series``. Raises ``UnreadableFile``, ``UsageError`` for other images."""
    if not path.exists():
        raise UnreadableFile(f"cannot read {path}", "there is no such file", "Check the path after --overlay.")
    found = read_instance(path)
    if not isinstance(found, StoredObject) or found.kind not in AT_ONCE:
        why = found.reason if isinstance(found, Skipped) else "it is neither a DICOM Segmentation nor a structure set"
        raise UnreadableFile(f"cannot read {path}", why, "Name a DICOM SEG or an RT Structure Set.")
    with Progress("Reading the overlay") as progress:
        layer = layer_of(found, series, progress)
    assert isinstance(layer, Layer)
    if not layer.frames:
        why = " ".join(layer.notes) or "it refers to other images"
        raise UsageError(f"--overlay {path}", why.rstrip("."), "Choose its series with --series.")
    for sentence in layer.notes:
        note(sentence)
    return layer


def _shares(layer: Layer, index: int) -> list[tuple[picture.Mask | picture.Share, tuple[int, int, int]]]:
    """What lies on frame ``index``, for ``picture.blend``: masks, or the shares of a fractional segmentation."""
    if layer.is_fractional:
        return [((cover / 255).astype(np.float32), part.colour) for cover, part in layer.covers(index)]
    return [(mask, part.colour) for mask, part in layer.masks(index)]


def _frame_image(series: Series, arguments: Arguments, overlay: Layer | None) -> tuple[Bytes, tuple[float, float]]:
    index = _index(series, arguments)
    pixels = SeriesPixels(series)
    require_frame(pixels, index)
    state = None if arguments.presentation is None else _state(arguments.presentation, series, index)
    own = state is None or arguments.window is not None
    style = picture.Style(named_voi(arguments.window, pixels, index) if own else None, presentation=state)
    image = picture.frame(index, pixels, style)
    if arguments.graphics:
        image = picture.with_planes(image, picture.coloured_planes(series, index, state))
    if overlay is not None:
        image = picture.blend(image, _shares(overlay, index))
    aspect = picture.aspect_of(series, index, state)
    if state is not None:
        image = presenting.turned(image, presenting.turned_view(state, series, index))
        aspect = aspect[::-1] if state.rotation % 2 else aspect
        if arguments.graphics:
            image = picture.with_drawings(image, series, index, state)
        for said in presenting.notes_on(state, series, index, whole=True):
            note(f"{state.label or 'the presentation state'}: {said}")
    return image, aspect


def _state(path: Path, series: Series, index: int) -> PresentationState:
    """The presentation state in a file. Raises ``UnreadableFile``, and ``UsageError`` where it is for other images."""
    dataset = read_object(path)
    sop_class = header.code(dataset, "SOPClassUID")
    why = why_not_shown(sop_class) or ("" if sop_class == GRAYSCALE else "it is no presentation state")
    if why:
        raise UsageError(f"--presentation {path}", why, "Name a grayscale presentation state.")
    state = presentation_state(dataset)
    if not state.covers(series, index):
        raise UsageError(
            f"--presentation {path}", "it is for other images", "Choose its images with --series, --index."
        )
    return state


def _index(series: Series, arguments: Arguments) -> int:
    """``--index`` in sorted order or ``--frame`` as in DICOM → sorted frame index."""
    count = len(series.frames)
    if arguments.frame is None:
        index: int = arguments.index or 0
        if index >= count:
            raise UsageError(f"--index {index}", f"the series has {count} images", f"Use 0 to {count - 1}.")
        return index
    if arguments.index is not None:
        raise UsageError("--index and --frame", "both choose the image", "Use one of them.")
    for index, key in enumerate(series.frames):
        if key.instance == 0 and key.frame == arguments.frame - 1:
            return index
    have = sum(key.instance == 0 for key in series.frames)
    raise UsageError(f"--frame {arguments.frame}", f"there are {have} frames", f"Use 1 to {have}.")


def _plane_image(series: Series, arguments: Arguments, overlay: Layer | None) -> tuple[Bytes, tuple[float, float]]:
    """A plane through the *displayed* grey values: display works pixel by pixel, so the order makes no difference, and
    every frame keeps its own rescale, padding and inversion."""
    if arguments.frame is not None:
        raise UsageError("--frame and --plane", "a plane has no frame number", "Use --index.")
    if arguments.graphics or arguments.presentation is not None:
        given = "--graphics" if arguments.graphics else "--presentation"
        raise UsageError(f"{given} and --plane", "it belongs to images, not to planes", "Leave out one of them.")
    if series.is_colour:
        raise UsageError(f"--plane {arguments.plane}", "the images are in colour", "Leave out --plane.")
    indices, affine = _volume_of(series, arguments)
    if affine is None:
        # Asked before hundreds of slices are read.
        _plane(Volume(np.zeros((1, 1, 1)), None, series.pixel_spacing, series.calibration), arguments)
    if len(indices) == len(series.frames):
        with Progress("Loading") as progress:
            pixels = load(series, tick=progress)
    else:
        pixels = SeriesPixels(series)
    for index in indices:
        require_frame(pixels, index)
    voi = named_voi(arguments.window, pixels, indices[len(indices) // 2])
    grey = np.stack([picture.frame(index, pixels, picture.Style(voi)) for index in indices])
    found = _plane(Volume(grey, affine, series.pixel_spacing, series.calibration), arguments)
    image = np.asarray(found.values, dtype=np.uint8)
    if overlay is not None:
        image = picture.blend(image, _plane_masks(series, arguments, overlay, indices, affine))
    return image, found.spacing


def _volume_of(series: Series, arguments: Arguments) -> tuple[list[int], npt.NDArray[np.float64] | None]:
    """Sorted frames of the volume that is meant, and their affine: of a 4-D stack the slices of one point."""
    axis, point = series.axis, arguments.point
    if axis is None:
        if point is not None:
            raise UsageError(f"--point {point}", "the images have no fourth axis", "Leave out --point.")
        return list(range(len(series.frames))), series.affine
    point = point or 0
    if point >= axis.points:
        raise UsageError(f"--point {point}", f"there are {axis.points} {axis.plural}", f"Use 0 to {axis.points - 1}.")
    indices = [axis.at(slice_, point) for slice_ in range(axis.slices)]
    there = [index for index in indices if index is not None]
    if len(there) < len(indices):
        lacking = f"{len(indices) - len(there)} of {len(indices)} slices lack this {axis.name}"
        raise UsageError(f"--point {point}", lacking, "Choose another --point, or render its images with --index.")
    return there, axis.affine


def _plane(volume: Volume, arguments: Arguments) -> Plane:
    try:
        return plane(volume, PlaneName(arguments.plane), arguments.index)
    except UnreadableFile:
        raise
    except UserError as error:
        raise UsageError(f"--plane: {error.what}", error.why, error.what_now) from error


def _plane_masks(
    series: Series,
    arguments: Arguments,
    overlay: Layer,
    indices: list[int],
    affine: npt.NDArray[np.float64] | None,
) -> list[tuple[picture.Mask, tuple[int, int, int]]]:
    masks = []
    for label in overlay.parts:
        volume = np.zeros((len(indices), series.rows, series.columns), bool)
        for number, index in enumerate(indices):
            for mask, part in overlay.masks(index):
                if part.value == label.value:
                    volume[number] = mask
        cut = _plane(Volume(volume, affine, series.pixel_spacing, series.calibration), arguments)
        masks.append((np.asarray(cut.values, dtype=bool), label.colour))
    return masks
