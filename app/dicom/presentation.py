"""Grayscale softcopy presentation states: how somebody wants images to be seen (PS3.3 A.33.1, PS3.4 N.2).

What a state holds replaces what the image says of the same: where the state is silent, that step is an identity, and
the image's own is not used in its place (PS3.4 N.2.1). A state changes what is shown and no value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.dicom import header, luts
from app.dicom.annotations import Annotation, Layer, annotations_of, layers_of
from app.dicom.voi import Lut, Voi, Window, WindowFunction
from inference.words import say

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.model import Series

GRAYSCALE = "1.2.840.10008.5.1.4.1.1.11.1"

_OTHER_STATES = {
    "1.2.840.10008.5.1.4.1.1.11.2": say("a colour presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.3": say("a pseudo-colour presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.4": say("a blending presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.5": say("an XA/XRF presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.6": say("a planar MPR presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.7": say("a compositing planar MPR presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.8": say("an advanced blending presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.9": say("a volume rendering presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.10": say("a segmented volume rendering presentation state"),
    "1.2.840.10008.5.1.4.1.1.11.11": say("a multiple volume rendering presentation state"),
}
_UNSUPPORTED = {
    "MaskSubtractionSequence": say("its mask subtraction is not applied"),
    "RecommendedViewingMode": say("its recommended viewing mode is not applied"),
    "PaletteColorLookupTableUID": say("its palette is not applied"),
    "RedPaletteColorLookupTableData": say("its palette is not applied"),
    "BlendingSequence": say("its blending is not applied"),
}
_MAX_ITEMS = 10_000


@dataclass(frozen=True)
class Scope:
    """Which images something is for. ``images``: SOP Instance UID → frames, from 1 on; none are all. No images at all
    are every image of the state.
    """

    images: tuple[tuple[str, frozenset[int]], ...] = ()

    def holds(self, sop_instance_uid: str, frame: int) -> bool:
        """Whether it is for ``frame`` (from 0) of an instance."""
        if not self.images:
            return True
        return any(uid == sop_instance_uid and (not f or frame + 1 in f) for uid, f in self.images)


@dataclass(frozen=True, eq=False)
class DisplayedArea:
    """The part of an image that fills the screen (PS3.3 C.10.4). ``rows``, ``columns``: first and last pixel, from 1
    on, may lie outside. ``mode``: SCALE TO FIT, TRUE SIZE or MAGNIFY. ``spacing``: mm between rows and columns;
    ``magnification``: screen pixels to image pixels. ``aspect``: the height of a pixel over its width, where it says.
    """

    scope: Scope
    rows: tuple[float, float]
    columns: tuple[float, float]
    mode: str
    spacing: tuple[float, float] | None
    magnification: float | None
    aspect: float | None = None

    def is_whole(self, rows: int, columns: int) -> bool:
        """Whether it is all of an image of that size."""
        return self.rows == (1, rows) and self.columns == (1, columns)


@dataclass(frozen=True, eq=False)
class StateVoi:
    """The window of some of the images."""

    scope: Scope
    voi: Voi


@dataclass(frozen=True, eq=False)
class PresentationState:
    """One state. ``slope`` and ``intercept``, or ``modality_lut``: its own, an identity where it is silent.
    ``presentation_lut``: after the window, instead of ``inverse``. ``shutter``: the data set that describes its shutter
    or ``None``; ``shutter_grey``: 0–1. ``rotation``: quarter turns clockwise; ``flip``: left–right, after them.
    ``overlay_layers``: layer by overlay group; other planes do not show. ``notes``: what it asks for that is not done.

    First values of its tables are unsigned as yet: whether they have a sign hangs on the image (``core.presenting``).
    """

    uid: str
    label: str
    description: str
    creator: str
    date: str
    scope: Scope
    slope: float
    intercept: float
    modality_lut: Lut | None
    vois: tuple[StateVoi, ...]
    inverse: bool
    presentation_lut: Lut | None
    shutter: Dataset | None
    shutter_grey: float
    rotation: int
    flip: bool
    areas: tuple[DisplayedArea, ...]
    layers: tuple[Layer, ...]
    annotations: tuple[Annotation, ...]
    overlay_layers: dict[int, str]
    dataset: Dataset
    notes: tuple[str, ...] = field(default=())

    def covers(self, series: Series, index: int) -> bool:
        """Whether it is about sorted frame ``index`` of ``series``."""
        return self.scope.holds(*_address(series, index)) and not series.is_colour

    def voi_of(self, series: Series, index: int) -> Voi | None:
        """Its window for a frame; ``None`` where it has none: the whole range shows."""
        address = _address(series, index)
        return next((one.voi for one in self.vois if one.scope.holds(*address)), None)

    def area_of(self, series: Series, index: int) -> DisplayedArea | None:
        """Its displayed area for a frame."""
        address = _address(series, index)
        return next((one for one in self.areas if one.scope.holds(*address)), None)

    def annotations_on(self, series: Series, index: int) -> tuple[Annotation, ...]:
        """What it draws on a frame, lowest layer first."""
        address = _address(series, index)
        order = {layer.name: layer.order for layer in self.layers}
        on = [one for one in self.annotations if Scope(one.images).holds(*address)]
        return tuple(sorted(on, key=lambda one: order.get(one.layer, 0)))

    def layer(self, name: str) -> Layer | None:
        """The layer of that name."""
        return next((layer for layer in self.layers if layer.name == name), None)


def why_not_shown(sop_class_uid: str) -> str:
    """Why a state of this class cannot be applied, as half a sentence; empty for grayscale ones."""
    what = _OTHER_STATES.get(sop_class_uid)
    return say("{what} is not supported", what=what) if what else ""


def presentation_state(dataset: Dataset) -> PresentationState:
    """The state that a data set holds. What is malformed is left out; never raises for what it holds."""
    inverse, table = _presentation_lut(dataset)
    shutter = dataset if header.has(dataset, "ShutterShape") else None
    transform = luts.modality_lut(dataset, signed=False)
    slope = header.number(dataset, "RescaleSlope")
    return PresentationState(
        uid=header.code(dataset, "SOPInstanceUID"),
        label=header.text(dataset, "ContentLabel"),
        description=header.text(dataset, "ContentDescription"),
        creator=header.person_name(dataset, "ContentCreatorName"),
        date=header.code(dataset, "PresentationCreationDate"),
        scope=scope_of(
            [
                image
                for s in header.items(dataset, "ReferencedSeriesSequence")[:_MAX_ITEMS]
                for image in header.items(s, "ReferencedImageSequence")[:_MAX_ITEMS]
            ]
        ),
        slope=slope or 1.0,
        intercept=(header.number(dataset, "RescaleIntercept") or 0.0) if slope is not None else 0.0,
        modality_lut=transform if slope is None else None,
        vois=_vois(dataset),
        inverse=inverse,
        presentation_lut=table,
        shutter=shutter,
        shutter_grey=min(max((header.integer(dataset, "ShutterPresentationValue") or 0) / 65535.0, 0.0), 1.0),
        rotation=round((header.number(dataset, "ImageRotation") or 0.0) / 90.0) % 4,
        flip=header.code(dataset, "ImageHorizontalFlip").upper() == "Y",
        areas=_areas(dataset),
        layers=layers_of(dataset),
        annotations=annotations_of(dataset),
        overlay_layers=_overlay_layers(dataset),
        dataset=dataset,
        notes=_notes(dataset),
    )


def scope_of(images: list[Dataset]) -> Scope:
    """The images that items of a Referenced Image Sequence name."""
    found = []
    for item in images[:_MAX_ITEMS]:
        uid = header.code(item, "ReferencedSOPInstanceUID")
        frames = frozenset(int(number) for number in header.numbers(item, "ReferencedFrameNumber"))
        if uid:
            found.append((uid, frames))
    return Scope(tuple(found))


def _address(series: Series, index: int) -> tuple[str, int]:
    key = series.frames[index]
    return series.instances[key.instance].sop_instance_uid, key.frame


def _scope(item: Dataset) -> Scope:
    return scope_of(list(header.items(item, "ReferencedImageSequence")))


def _vois(dataset: Dataset) -> tuple[StateVoi, ...]:
    """Softcopy VOI LUT: the first window or table of each item (PS3.3 C.11.8)."""
    found: list[StateVoi] = []
    for item in header.items(dataset, "SoftcopyVOILUTSequence")[:_MAX_ITEMS]:
        tables = luts.voi_luts(item, signed=False)
        voi: Voi | None = tables[0] if tables else _window(item)
        if voi is not None:
            found.append(StateVoi(_scope(item), voi))
    return tuple(found)


def _window(item: Dataset) -> Window | None:
    center, width = header.number(item, "WindowCenter"), header.number(item, "WindowWidth")
    if center is None or width is None:
        return None
    try:
        function = WindowFunction(header.code(item, "VOILUTFunction").upper() or "LINEAR")
    except ValueError:
        function = WindowFunction.LINEAR
    try:
        return Window(center, width, function, header.text(item, "WindowCenterWidthExplanation").split("\\")[0])
    except ValueError:
        return None


def _presentation_lut(dataset: Dataset) -> tuple[bool, Lut | None]:
    """Inversion and table of the Softcopy Presentation LUT (PS3.3 C.11.6)."""
    for item in header.items(dataset, "PresentationLUTSequence"):
        table = luts.lut_of(item, signed=False)
        if table is not None:
            return False, table
    return header.code(dataset, "PresentationLUTShape").upper() == "INVERSE", None


def _areas(dataset: Dataset) -> tuple[DisplayedArea, ...]:
    found = []
    for item in header.items(dataset, "DisplayedAreaSelectionSequence")[:_MAX_ITEMS]:
        first = header.numbers(item, "DisplayedAreaTopLeftHandCorner")
        last = header.numbers(item, "DisplayedAreaBottomRightHandCorner")
        if len(first) != 2 or len(last) != 2 or max(map(abs, (*first, *last))) > 1e6:
            continue
        # Corners as they lie on screen, named in pixels of the image as it is stored: after a flip, the first may
        # be the greater.
        (left, right), (top, bottom) = sorted((first[0], last[0])), sorted((first[1], last[1]))
        mode = header.code(item, "PresentationSizeMode").upper() or "SCALE TO FIT"
        ratio = header.number(item, "PresentationPixelMagnificationRatio")
        spacing = header.positive_pair(item, "PresentationPixelSpacing")
        shape = spacing or header.positive_pair(item, "PresentationPixelAspectRatio")
        found.append(
            DisplayedArea(
                _scope(item),
                (top, bottom),
                (left, right),
                mode,
                spacing,
                ratio if ratio and ratio > 0 else None,
                shape[0] / shape[1] if shape else None,
            )
        )
    return tuple(found)


def _overlay_layers(dataset: Dataset) -> dict[int, str]:
    """Overlay groups that show, with the layer on which they do (PS3.3 C.11.7)."""
    groups = range(0x6000, 0x6020, 2)
    layers = {group: header.code(dataset, group << 16 | 0x1001) for group in groups}
    return {group: layer for group, layer in layers.items() if layer}


def _notes(dataset: Dataset) -> tuple[str, ...]:
    notes = [why for keyword, why in _UNSUPPORTED.items() if header.has(dataset, keyword)]
    for annotation in header.items(dataset, "GraphicAnnotationSequence")[:_MAX_ITEMS]:
        if header.items(annotation, "CompoundGraphicSequence"):
            notes.append(say("its compound graphics are not drawn"))
    for item in header.items(dataset, "DisplayedAreaSelectionSequence"):
        if header.code(item, "PixelOriginInterpretation").upper() == "VOLUME":
            notes.append(say("its displayed area is for a whole-slide matrix"))
    for group in range(0x5000, 0x5020, 2):
        if (group << 16 | 0x1001) in dataset:
            notes.append(say("its curves are not drawn"))
    return tuple(dict.fromkeys(notes))


def full_range(low: float, high: float) -> Window:
    """The window that shows all values from ``low`` to ``high``: what no VOI LUT means."""
    if high - low < 1 or not np.isfinite([low, high]).all():
        return Window((low + high) / 2 if np.isfinite(low + high) else 0.5, 1.0)
    return Window((low + high) / 2 + 0.5, high - low + 1)
