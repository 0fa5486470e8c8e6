"""Lung fields on a frontal chest radiograph: one lung each, their areas, and whether the answer looks like lungs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference import plausibility, postprocess, runtime
from inference.tasks.radiographs import begin
from inference.types import Refused, Request, Result, Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from torch import nn

    from inference.bundle import Bundle

FloatArray = npt.NDArray[np.float32]
Predict = Callable[[FloatArray], FloatArray]


def answer(request: Request, bundle: Bundle, device: str, tick: Tick) -> Result:
    """See ``inference.engine.run``."""
    prepared, timings = begin(request, bundle, device, tick)
    image = request.volume.voxels[0]
    started = time.perf_counter()
    probabilities, device, moved = runtime.with_fallback(
        bundle, device, lambda network, place: _forward(network, prepared, bundle.flip, place, tick)
    )
    timings["network"] = time.perf_counter() - started

    started = time.perf_counter()
    silences = bundle.contract.silences(request.attributes)
    cleaned = postprocess.clean(probabilities)
    doubts = _judge(plausibility.objection(cleaned), bool(silences), request.insist)
    sides = postprocess.label_sides(cleaned, (image.shape[0], image.shape[1]))
    tick(0.95)
    label_map, labels, side_notes = postprocess.name_sides(
        sides, bundle.labels, request.attributes.patient_orientation[0]
    )
    measures = postprocess.areas(label_map, labels, request.volume)
    timings["postprocess"] = time.perf_counter() - started
    return Result(
        request_id=request.id,
        model=bundle.ref,
        device=device,
        timings_s=timings,
        label_map=label_map[np.newaxis],
        labels=labels,
        measures=measures,
        notes=moved + doubts + side_notes,
    )


def _judge(objection: str | None, silent: bool, insist: bool) -> tuple[str, ...]:
    """An implausible result is refused where only the result could vouch for the image, else it carries a note."""
    if objection is None:
        return ()
    if silent and not insist:
        raise Refused(
            say(
                "the header does not say that this is a frontal chest radiograph, and the result does not look "
                "like one: {objection}",
                objection=objection,
            ),
            overridable=True,
        )
    return (say("Check this result: {objection}.", objection=objection),)


def predictor(bundle: Bundle, device: str = "auto") -> Predict:
    """A function (S, S) prepared image → (2, S, S) probabilities, for scoring many images with the serving code."""
    place = runtime.pick_device(device)
    network = runtime.load_network(bundle, place)
    return lambda image: _forward(network, image, bundle.flip, place, no_tick)


def predictor_of(network: nn.Module, flip: bool) -> Predict:
    """The same for a network on the CPU that is in no bundle, such as one of a cross-validation."""
    network.requires_grad_(False).eval()
    return lambda image: _forward(network, image, flip, "cpu", no_tick)


def _forward(network: nn.Module, image: FloatArray, flip: bool, device: str, tick: Tick) -> FloatArray:
    """(S, S) → probabilities (2, S, S) of the lung on the left and on the right of the image."""
    import torch

    batch = torch.from_numpy(image)[None, None]
    if flip:
        batch = torch.cat([batch, batch.flip(3)])
    with runtime.exclusively(network, tick):
        batch = batch.to(device).contiguous(memory_format=torch.channels_last)
        probabilities = torch.sigmoid(network(batch).float()).cpu()
    if flip:
        # mirrored back, and with the two lungs exchanged
        probabilities = (probabilities[:1] + probabilities[1:].flip(3).flip(1)) / 2
    result: FloatArray = probabilities[0].numpy()
    return result
