"""Right and left lung in CT, and what they measure: volume, density, emphysema index, denser lung.

The stack is brought into one orientation by its affine, so that right and left are the patient's, whichever way the
image shows them. Slices go through the network one after another, with their neighbours; memory is bounded by them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference import ct_grid, geometry, lung_parts, runtime
from inference.kernels import Sharpness, sharpness
from inference.postprocess import LUNGS
from inference.types import Attributes, Label, Measure, Refused, Request, Result, Tick, no_tick
from inference.words import joined, say

if TYPE_CHECKING:
    from torch import nn

    from inference.bundle import Bundle

FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
Bytes = npt.NDArray[np.uint8]
Predict = Callable[[FloatArray], FloatArray]
"""(N, 4, S, S) network input → (N, 2, S, S) probabilities of right and left lung."""

BATCH = 8
EMPHYSEMA_HU = -950
DENSER_HU = -500
VOLUME, DENSITY = say("volume"), say("mean density")
EMPHYSEMA, DENSER = say("below −950 HU"), say("denser than −500 HU")
THIN_MM = 1.5
"""Thickest slices on which the emphysema index is usual."""
MIN_PLANE_MM = 100.0
"""Extent that axial planes must have: less is a stack of coronal or sagittal slices too thin to look at axially."""
CUT_CM2 = 2.0
"""Lung in the first or last slice from which on the scan counts as ending inside it."""
PADDING = -1100.0
"""HU below which a voxel is padding outside the field of view, not air."""
MAX_TILT = 0.35
"""Sine of the angle between an axis and the patient's from which on the slices count as oblique."""
LIKELY_LUNG = (-980.0, -350.0)
"""Median HU of what may pass for lung where the header does not vouch for it."""


def answer(request: Request, bundle: Bundle, device: str, tick: Tick) -> Result:
    """See ``inference.engine.run``.

    Refuses (overridable) where no lung is found, or where the header is silent and what was found is no lung by its
    density.
    """
    timings: dict[str, float] = {}
    tick = _Listening(tick)
    started = time.perf_counter()
    runtime.load_network(bundle, device)
    timings["load"] = time.perf_counter() - started
    tick(0.02)

    started = time.perf_counter()
    assert request.volume.affine is not None
    order, reverse = geometry.nearest_axes(request.volume.affine)
    voxels, affine = geometry.reorder(request.volume.voxels, request.volume.affine, order, reverse)
    spacing = geometry.spacing(affine)
    _check_planes(voxels.shape, spacing)
    frame, planes = on_grid(voxels, spacing, bundle.contract.size, tick)
    timings["preprocess"] = time.perf_counter() - started

    started = time.perf_counter()
    sides, device, moved = runtime.with_fallback(
        bundle,
        device,
        lambda network, place: probabilities(
            planes, spacing[0], _predictor(network, place, bundle.flip, tick.again), tick
        ),
    )
    timings["network"] = time.perf_counter() - started

    started = time.perf_counter()
    found = label_planes(sides, planes, frame, spacing, tick)
    _require_lung(found, voxels, bool(bundle.contract.silences(request.attributes)), request.insist)
    measures, notes = measured(found, voxels, spacing, bundle.labels, request.attributes)
    if oblique(affine):
        notes = (*notes, say("The slices are oblique: right and left follow the nearest of the patient's axes."))
    label_map = np.ascontiguousarray(geometry.restore(found, order, reverse))
    timings["postprocess"] = time.perf_counter() - started
    return Result(
        request_id=request.id,
        model=bundle.ref,
        device=device,
        timings_s=timings,
        label_map=_as_labelled(label_map, bundle.labels),
        labels=bundle.labels,
        measures=measures,
        notes=moved + notes,
    )


def _check_planes(shape: tuple[int, ...], spacing: tuple[float, float, float]) -> None:
    extent = (shape[1] * spacing[1], shape[2] * spacing[2])
    if min(extent) < MIN_PLANE_MM:
        raise Refused(
            say(
                "expects a stack that shows axial planes of at least {least:g} mm; these cover {width:.0f} × "
                "{depth:.0f} mm",
                least=MIN_PLANE_MM,
                width=extent[1],
                depth=extent[0],
            )
        )


def oblique(affine: npt.NDArray[np.float64]) -> bool:
    """Whether an axis of a reordered volume strays far from the patient's."""
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.abs(directions[::-1] - np.eye(3)).max() > MAX_TILT)


def on_grid(
    voxels: npt.NDArray[np.generic], spacing: tuple[float, float, float], size: int, tick: Tick = no_tick
) -> tuple[ct_grid.Frame, npt.NDArray[np.int16]]:
    """Canonical (slices, rows, columns) HU → its frame, and int16 HU (slices, ``size``, ``size``) on the grid."""
    frame = ct_grid.frame_of(voxels, (spacing[1], spacing[2]))
    planes = np.empty((len(voxels), size, size), np.int16)
    for k, plane in enumerate(voxels):
        clean = np.nan_to_num(plane, nan=ct_grid.AIR) if plane.dtype.kind == "f" else plane
        planes[k] = np.rint(ct_grid.to_grid(np.clip(clean, ct_grid.AIR, 3071), frame, size))
        tick(0.02 + 0.18 * (k + 1) / len(voxels))
    return frame, planes


def probabilities(
    planes: npt.NDArray[np.int16], step_mm: float, predict: Predict, tick: Tick = no_tick
) -> tuple[HalfArray, HalfArray]:
    """HU on the grid (slices, S, S) → probabilities of right and of left lung, float16 of the same shape."""
    count = len(planes)
    away = ct_grid.context(step_mm)
    right, left = np.empty(planes.shape, np.float16), np.empty(planes.shape, np.float16)
    for first in range(0, count, BATCH):
        indices = range(first, min(first + BATCH, count))
        batch = np.stack(
            [
                ct_grid.network_input(
                    *(planes[min(max(0, k + shift * away), count - 1)].astype(np.float32) for shift in (-1, 0, 1))
                )
                for k in indices
            ]
        )
        sides = predict(batch)
        right[first : indices[-1] + 1], left[first : indices[-1] + 1] = sides[:, 0], sides[:, 1]
        tick(0.2 + 0.5 * (indices[-1] + 1) / count)
    return right, left


class _Listening:
    """A ``Tick`` that remembers the last fraction: Cancel is heard at every layer, progress is shown at every slice."""

    def __init__(self, tick: Tick) -> None:
        self.tick, self.fraction = tick, 0.0

    def __call__(self, fraction: float) -> None:
        self.fraction = fraction
        self.tick(fraction)

    def again(self, fraction: float) -> None:
        """Ticks where progress stands, whatever the fraction of this forward pass."""
        self.tick(self.fraction)


def _predictor(network: nn.Module, device: str, flip: bool, tick: Tick) -> Predict:
    import torch

    def sides(images: torch.Tensor) -> torch.Tensor:
        logits = network(images.to(device).contiguous(memory_format=torch.channels_last))
        return torch.sigmoid(logits.float()).cpu()

    def predict(batch: FloatArray) -> FloatArray:
        images = torch.from_numpy(batch)
        with runtime.exclusively(network, tick):
            answer = sides(images)
            if flip:
                # mirrored back, and with the two lungs exchanged
                answer = (answer + sides(images.flip(3)).flip(3).flip(1)) / 2
        result: FloatArray = answer.numpy()
        return result

    return predict


def predictor(bundle: Bundle, device: str = "auto") -> Predict:
    """``Predict`` of a bundle, for scoring many scans with the serving code."""
    place = runtime.pick_device(device)
    return _predictor(runtime.load_network(bundle, place), place, bundle.flip, no_tick)


def predictor_of(network: nn.Module, flip: bool) -> Predict:
    """The same for a network on the CPU that is in no bundle, such as one of a cross-validation."""
    network.requires_grad_(False).eval()
    return _predictor(network, "cpu", flip, no_tick)


def label_planes(
    sides: tuple[HalfArray, HalfArray],
    planes: npt.NDArray[np.int16],
    frame: ct_grid.Frame,
    spacing: tuple[float, float, float],
    tick: Tick = no_tick,
) -> Bytes:
    """Probabilities on the grid → uint8 (slices, rows, columns): 0, 1 right, 2 left.

    Parts and holes are judged on the grid, where HU also settle the outline; it is placed between the grid's pixels by
    interpolation.
    """
    kept = lung_parts.lungs(*sides, spacing[0])
    out = np.zeros((len(kept), *frame.shape), np.uint8)
    for k, plane in enumerate(kept):
        if plane.any():
            hu = planes[k].astype(np.float32)
            on_right, on_left = plane == lung_parts.RIGHT, plane == lung_parts.LEFT
            right = lung_parts.outlined(_settled(sides[0][k], on_right), on_right, on_left, hu)
            left = lung_parts.outlined(_settled(sides[1][k], on_left), on_left, on_right, hu)
            right, left = ct_grid.from_grid(right, frame), ct_grid.from_grid(left, frame)
            out[k] = np.where(right >= left, np.uint8(lung_parts.RIGHT), np.uint8(lung_parts.LEFT))
            out[k][np.maximum(right, left) < lung_parts.THRESHOLD] = 0
        tick(0.7 + 0.2 * (k + 1) / len(kept))
    return out


def _settled(values: HalfArray, kept: npt.NDArray[np.bool_]) -> FloatArray:
    """Probabilities that agree with the parts that were kept: dropped ones fall to 0, filled holes rise to 1."""
    result = values.astype(np.float32)
    result[kept & (result < lung_parts.THRESHOLD)] = 1.0
    result[~kept & (result >= lung_parts.THRESHOLD)] = 0.0
    return result


def segment(voxels: npt.NDArray[np.generic], spacing: tuple[float, float, float], size: int, predict: Predict) -> Bytes:
    """Canonical (slices, rows, columns) HU → uint8: 0, 1 right, 2 left, exactly as ``answer`` makes it."""
    frame, planes = on_grid(voxels, spacing, size)
    return label_planes(probabilities(planes, spacing[0], predict), planes, frame, spacing)


def _require_lung(
    found: Bytes,
    voxels: npt.NDArray[np.generic],
    silent: bool,
    insist: bool,
) -> None:
    if insist:
        return
    if not found.any():
        raise Refused(say("no lung was found in these slices"), overridable=True)
    if silent:
        middle = float(np.median(voxels[found > 0][::7].astype(np.float32)))
        if not LIKELY_LUNG[0] <= middle <= LIKELY_LUNG[1]:
            raise Refused(
                say(
                    "the header does not name the body part, and what was found does not look like lung (median "
                    "{middle:.0f} HU)",
                    middle=middle,
                ),
                overridable=True,
            )


def measured(
    found: Bytes,
    voxels: npt.NDArray[np.generic],
    spacing: tuple[float, float, float],
    labels: tuple[Label, ...],
    attributes: Attributes,
) -> tuple[dict[str, Measure], tuple[str, ...]]:
    """Measures of (right, left, both) and the notes that belong to them. Arrays in canonical order; ``labels``:
    (right lung, left lung)."""
    names = {lung_parts.RIGHT: labels[0].name, lung_parts.LEFT: labels[1].name, 0: LUNGS}
    totals = _totals(found, voxels)
    withheld = why_no_volume(found, voxels, spacing)
    voxel_ml = float(np.prod(spacing)) / 1000
    measures: dict[str, Measure] = {}
    for side in (lung_parts.RIGHT, lung_parts.LEFT, 0):
        count, hu, low, dense = totals[side]
        if not count:
            continue
        name = names[side]
        if withheld is None:
            measures[f"{name}: {VOLUME}"] = Measure(float(count * voxel_ml), "ml")
        measures[f"{name}: {DENSITY}"] = Measure(float(hu / count), "HU")
        measures[f"{name}: {EMPHYSEMA}"] = Measure(float(100 * low / count), "%")
        measures[f"{name}: {DENSER}"] = Measure(float(100 * dense / count), "%")
    notes = []
    if withheld is not None:
        notes.append(say("No lung volume: {reason}. Densities are those of the lung that is seen.", reason=withheld))
    if not totals[lung_parts.RIGHT][0]:
        notes.append(say("No right lung was found."))
    if not totals[lung_parts.LEFT][0]:
        notes.append(say("No left lung was found."))
    return measures, (*notes, *index_cautions(attributes))


def _totals(found: Bytes, voxels: npt.NDArray[np.generic]) -> dict[int, npt.NDArray[np.float64]]:
    """For right, left and both (0): voxels, sum of HU, voxels below ``EMPHYSEMA_HU``, voxels above ``DENSER_HU``.

    Slice by slice, so that no second copy of the lungs is made.
    """
    totals = {side: np.zeros(4) for side in (lung_parts.RIGHT, lung_parts.LEFT)}
    for labelled, plane in zip(found, voxels, strict=True):
        for side, total in totals.items():
            hu = np.asarray(plane[labelled == side], dtype=np.float64)
            total += (hu.size, hu.sum(), (hu < EMPHYSEMA_HU).sum(), (hu > DENSER_HU).sum())
    return {**totals, 0: totals[lung_parts.RIGHT] + totals[lung_parts.LEFT]}


def why_no_volume(found: Bytes, voxels: npt.NDArray[np.generic], spacing: tuple[float, float, float]) -> str | None:
    """Why a volume of (slices, rows, columns) lungs would not be that of the whole lungs; ``None`` where it is."""
    if len(found) == 1:
        return say("a single slice shows no volume")
    cm2 = spacing[1] * spacing[2] / 100
    below, above = ((found[k] > 0).sum() * cm2 > CUT_CM2 for k in (0, -1))
    if below and above:
        return say("the lung goes on beyond both ends of the scan")
    if below:
        return say("the lung goes on beyond the lower end of the scan")
    if above:
        return say("the lung goes on beyond the upper end of the scan")
    if _leaves_the_field(found, voxels):
        return say("the field of view cuts the lung")
    return None


def _leaves_the_field(found: Bytes, voxels: npt.NDArray[np.generic], reach: int = 3, least: int = 40) -> bool:
    """Whether lung lies along the border of the image, or of the padding around a round field of view.

    Counts lung voxels that have the border or padding within ``reach`` steps along a row or a column.
    """
    touching = 0
    for k in np.flatnonzero(found.any(axis=(1, 2))):
        lung = found[k] > 0
        beyond = np.pad(np.asarray(voxels[k]) < PADDING, reach, constant_values=True)
        rows, columns = lung.shape
        near = np.zeros(lung.shape, bool)
        for step in (-reach, reach):
            near |= beyond[reach + step : reach + step + rows, reach:-reach]
            near |= beyond[reach:-reach, reach + step : reach + step + columns]
        touching += int((lung & near).sum())
    return touching > least


def index_cautions(attributes: Attributes) -> tuple[str, ...]:
    """What makes the share below −950 HU incomparable with the literature: sharp kernels, thick slices, silence."""
    reasons = []
    sharp = sharpness(attributes.kernel)
    if sharp is Sharpness.SHARP:
        reasons.append(say("the kernel {kernel} is sharp", kernel=attributes.kernel))
    elif sharp is Sharpness.UNKNOWN and attributes.kernel:
        reasons.append(say("the kernel {kernel} is unfamiliar", kernel=attributes.kernel))
    elif sharp is Sharpness.UNKNOWN:
        reasons.append(say("the kernel is unknown"))
    thickness = attributes.slice_thickness_mm
    if thickness is None:
        reasons.append(say("the slice thickness is unknown"))
    elif thickness > THIN_MM:
        reasons.append(say("slices are {thickness:g} mm thick (more than {thin:g})", thickness=thickness, thin=THIN_MM))
    if not reasons:
        return ()
    because = joined(" and ", reasons)
    return (say("Mind the emphysema index (share below −950 HU): {reasons}.", reasons=because),)


def _as_labelled(label_map: Bytes, labels: tuple[Label, ...]) -> Bytes:
    """1 right, 2 left → the values of the bundle's labels (right lung, left lung)."""
    return np.array([0, labels[0].value, labels[1].value], np.uint8)[label_map]
