"""Graphics and texts of presentation states, and the layers that they lie on (PS3.3 C.10.5, C.10.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.dicom import header

if TYPE_CHECKING:
    from pydicom import Dataset

Pair = tuple[float, float]

SHAPES = frozenset({"POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE"})
_MAX_OBJECTS = 5000
_MAX_POINTS = 100_000
_MAX_TEXT = 10_240


@dataclass(frozen=True)
class Layer:
    """Where graphics lie: higher ``order`` covers lower. ``grey``: 0–65535; ``cielab``, ``rgb``: recommended colours,
    as far as the state has them.
    """

    name: str
    order: int
    description: str = ""
    grey: int | None = None
    cielab: tuple[int, int, int] | None = None
    rgb: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Graphic:
    """``points``: (row, column). ``in_image``: pixels of the image, where (0, 0) is the centre of the first one; else
    parts of the displayed area, 0–1. CIRCLE: centre, then a point on it; ELLIPSE: both ends of one axis, then of the
    other.
    """

    shape: str
    points: tuple[Pair, ...]
    in_image: bool
    filled: bool = False


@dataclass(frozen=True)
class Text:
    """``box``: two corners, in pixels of the image or in parts of the displayed area; ``anchor``: what it is about.
    ``align``: LEFT, CENTER or RIGHT.
    """

    text: str
    box: tuple[Pair, Pair] | None
    box_in_image: bool
    align: str
    anchor: Pair | None
    anchor_in_image: bool
    anchor_visible: bool


@dataclass(frozen=True)
class Annotation:
    """What one item draws on ``images`` (SOP Instance UID and frames from 1 on; none: on all)."""

    images: tuple[tuple[str, frozenset[int]], ...]
    layer: str
    graphics: tuple[Graphic, ...]
    texts: tuple[Text, ...]


def layers_of(dataset: Dataset) -> tuple[Layer, ...]:
    """The Graphic Layer Sequence, lowest first."""
    layers = []
    for item in header.items(dataset, "GraphicLayerSequence")[:_MAX_OBJECTS]:
        lab = header.numbers(item, "GraphicLayerRecommendedDisplayCIELabValue")
        rgb = header.numbers(item, "GraphicLayerRecommendedDisplayRGBValue")
        layers.append(
            Layer(
                name=header.code(item, "GraphicLayer"),
                order=header.integer(item, "GraphicLayerOrder") or 0,
                description=header.text(item, "GraphicLayerDescription"),
                grey=header.integer(item, "GraphicLayerRecommendedDisplayGrayscaleValue"),
                cielab=_words(lab) if len(lab) == 3 else None,
                # Retired; 16 bits a channel.
                rgb=_words(rgb) if len(rgb) == 3 else None,
            )
        )
    return tuple(sorted(layers, key=lambda layer: layer.order))


def _words(values: tuple[float, ...]) -> tuple[int, int, int]:
    first, second, third = (int(min(max(value, 0), 65535)) for value in values)
    return first, second, third


def annotations_of(dataset: Dataset) -> tuple[Annotation, ...]:
    """The Graphic Annotation Sequence. What is malformed is left out."""
    annotations = []
    left = _MAX_OBJECTS
    for item in header.items(dataset, "GraphicAnnotationSequence")[:_MAX_OBJECTS]:
        graphics = [_graphic(one) for one in header.items(item, "GraphicObjectSequence")[:left]]
        texts = [_text(one) for one in header.items(item, "TextObjectSequence")[:left]]
        left = max(left - len(graphics) - len(texts), 0)
        images = [
            (uid, frozenset(int(number) for number in header.numbers(one, "ReferencedFrameNumber")))
            for one in header.items(item, "ReferencedImageSequence")
            if (uid := header.code(one, "ReferencedSOPInstanceUID"))
        ]
        annotations.append(
            Annotation(
                tuple(images),
                header.code(item, "GraphicLayer"),
                tuple(one for one in graphics if one is not None),
                tuple(one for one in texts if one is not None),
            )
        )
    return tuple(annotations)


def _graphic(item: Dataset) -> Graphic | None:
    shape = header.code(item, "GraphicType").upper()
    in_image = header.code(item, "GraphicAnnotationUnits").upper() != "DISPLAY"
    points = pairs(header.numbers(item, "GraphicData"), in_image=in_image)
    least = {"POINT": 1, "CIRCLE": 2, "ELLIPSE": 4}.get(shape, 2)
    if shape not in SHAPES or len(points) < least:
        return None
    points = points[:least] if shape in ("POINT", "CIRCLE", "ELLIPSE") else points
    return Graphic(shape, points, in_image, header.code(item, "GraphicFilled").upper() == "Y")


def pairs(values: tuple[float, ...], *, in_image: bool) -> tuple[Pair, ...]:
    """Column\\row pairs as (row, column). In pixels, the file counts from the corner of the first one and we from its
    centre."""
    if len(values) > 2 * _MAX_POINTS or any(abs(value) > 1e7 for value in values):
        return ()
    shift = 0.5 if in_image else 0.0
    return tuple((values[i + 1] - shift, values[i] - shift) for i in range(0, len(values) - 1, 2))


def _text(item: Dataset) -> Text | None:
    text = header.text(item, "UnformattedTextValue")[:_MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    box_in_image = header.code(item, "BoundingBoxAnnotationUnits").upper() != "DISPLAY"
    anchor_in_image = header.code(item, "AnchorPointAnnotationUnits").upper() != "DISPLAY"
    corners = [
        pairs(header.numbers(item, f"BoundingBox{corner}HandCorner"), in_image=box_in_image)
        for corner in ("TopLeft", "BottomRight")
    ]
    anchor = pairs(header.numbers(item, "AnchorPoint"), in_image=anchor_in_image)
    box = (corners[0][0], corners[1][0]) if all(len(corner) == 1 for corner in corners) else None
    if not text or (box is None and len(anchor) != 1):
        return None
    return Text(
        text=text,
        box=box,
        box_in_image=box_in_image,
        align=header.code(item, "BoundingBoxTextHorizontalJustification").upper() or "LEFT",
        anchor=anchor[0] if len(anchor) == 1 else None,
        anchor_in_image=anchor_in_image,
        anchor_visible=header.code(item, "AnchorPointVisibility").upper() == "Y",
    )
