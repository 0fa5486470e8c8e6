"""A study's own objects as files of other kinds: what lies over the images as SEG, RT Structure Set or NIfTI.

The label maps are those of the screen, pixel for pixel; the writers are those of the program's own masks. What it says
of a model there is taken back here: nobody's contours become an AI's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.core.document import Overlay
from app.report.derived import code_item, to_bytes
from app.report.nifti import nifti_bytes
from app.report.rtstruct import rtstruct_dataset
from app.report.seg import seg_dataset
from inference.types import Code, ModelRef, no_tick

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.core.layers import Layer
    from app.dicom.model import Series
    from inference.types import Tick

_MOST = 255
"""Parts in a label map of bytes."""
_TISSUE = Code("85756007", "Tissue")
"""What a part is, where its file has no code for it (CID 7150)."""


def overlays_of(layer: Layer, series: Series, hidden: frozenset[int] = frozenset()) -> tuple[Overlay, ...]:
    """``layer`` on all frames of ``series`` as label maps: one, or several where its parts overlap, for a pixel of a
    label map has one value. Shares of a fractional segmentation count from one half on. ``hidden``: parts to leave out.
    """
    clashes: dict[int, set[int]] = {part.value: set() for part in layer.parts if part.value not in hidden}
    for index in layer.frames:
        masks = [(mask, part.value) for mask, part in layer.masks(index) if part.value in clashes]
        count = np.zeros(layer.shape, np.uint16)
        for mask, _ in masks:
            count += mask
        shared = count > 1
        if shared.any():
            here = [(mask & shared, value) for mask, value in masks if (mask & shared).any()]
            for n, (mask, value) in enumerate(here):
                for other, another in here[n + 1 :]:
                    if (mask & other).any():
                        clashes[value].add(another)
                        clashes[another].add(value)
    maps: list[list[int]] = []
    for value, others in clashes.items():
        home = next((one for one in maps if len(one) < _MOST and not others.intersection(one)), None)
        if home is None:
            maps.append([value])
        else:
            home.append(value)
    return tuple(_overlay(layer, series, values, number) for number, values in enumerate(maps))


def _overlay(layer: Layer, series: Series, values: list[int], number: int) -> Overlay:
    numbers = {value: n for n, value in enumerate(values, 1)}
    label_map = np.zeros((len(series.frames), *layer.shape), np.uint8)
    for index in layer.frames:
        for mask, part in layer.masks(index):
            if part.value in numbers:
                label_map[index][mask] = numbers[part.value]
    labels = tuple(
        replace(part, value=numbers[part.value], code=part.code if _is_coded(part.code) else _TISSUE)
        for part in layer.parts
        if part.value in numbers
    )
    # Names no model: what the writers say of one is replaced below.
    origin = ModelRef(layer.title.split("  ·  ")[-1].strip() or "object", "", "")
    indices = tuple(range(len(series.frames)))
    return Overlay(f"{layer.uid}-{number}", series.key, indices, label_map, labels, origin)


def _is_coded(code: Code) -> bool:
    return bool(code.value and code.scheme and code.meaning)


def seg_bytes(overlay: Overlay, series: Series, tick: Tick = no_tick) -> bytes:
    """One of ``overlays_of`` as a DICOM SEG."""
    out = seg_dataset(overlay, series, tick)
    _describe(out, overlay)
    out.ContentLabel = "CONVERTED"
    out.ContentDescription = f"Converted from {overlay.model.id}"[:64]
    for item, label in zip(out.SegmentSequence, overlay.labels, strict=True):
        # How it was drawn is not known; that it was converted is.
        item.SegmentAlgorithmType = "SEMIAUTOMATIC"
        item.SegmentAlgorithmName = "converted"
        del item.SegmentationAlgorithmIdentificationSequence
        item.TrackingID = label.name[:64]
        if label.code == _TISSUE:
            item.SegmentedPropertyCategoryCodeSequence = [code_item(_TISSUE.value, _TISSUE.scheme, _TISSUE.meaning)]
    return to_bytes(out)


def rtstruct_bytes(overlay: Overlay, series: Series, tick: Tick = no_tick) -> bytes:
    """One of ``overlays_of`` as an RT Structure Set, with contours along the edges of its pixels."""
    out = rtstruct_dataset(overlay, series, tick)
    _describe(out, overlay)
    out.StructureSetDescription = f"Converted from {overlay.model.id}"
    for item in out.StructureSetROISequence:
        item.ROIGenerationAlgorithm = None
        item.ROIGenerationDescription = "converted"
    return to_bytes(out)


def _describe(out: Dataset, overlay: Overlay) -> None:
    out.SeriesDescription = f"Converted: {overlay.model.id}"[:64]


WRITERS = {
    "seg": ("object-seg", ".dcm", seg_bytes),
    "rtstruct": ("object-rtstruct", ".dcm", rtstruct_bytes),
    "nifti": ("object-labels", ".nii.gz", nifti_bytes),
}
"""Format → what its files are called, and what makes one."""
