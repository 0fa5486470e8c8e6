"""Run a model on an image: the only place where a network is called.

``run`` is made for a worker thread. It imports torch on first use, reports through ``tick`` and stops at the next layer
once ``tick`` raises ``Cancelled``. Nothing in it holds the interpreter lock for long: per-pixel work happens in numpy,
SimpleITK, Pillow and torch kernels, which release it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inference import contract, networks, plausibility, postprocess, preprocess
from inference.bundle import Bundle, BundleError
from inference.types import Refused, Request, Result, Tick, no_tick

if TYPE_CHECKING:
    import torch
    from torch import nn

log = logging.getLogger(__name__)

FloatArray = npt.NDArray[np.float32]

MAX_CACHED = 4
_cache: OrderedDict[tuple[str, str], nn.Module] = OrderedDict()
_cache_lock = threading.Lock()
_network_lock = threading.Lock()
"""One network runs at a time: they share the cores, and hooks for cancelling sit on the shared module."""


class DeviceError(Exception):
    """The device that was asked for does not exist here. ``str(error)`` says which ones do."""


def run(request: Request, bundle: Bundle, tick: Tick = no_tick) -> Result:
    """Answer ``request`` with ``bundle``. Same input, same answer: everything runs in float32, without randomness.

    Raises ``Refused`` (input breaks the contract, or the result is implausible and the header does not vouch for the
    image), ``Cancelled`` (from ``tick``), ``BundleError`` (weights changed or do not fit), ``DeviceError``.
    """
    timings: dict[str, float] = {}
    tick(0.0)
    try:
        contract.check(bundle.contract, request.volume, request.attributes)
        overridden: tuple[str, ...] = ()
    except Refused as refusal:
        if not (request.insist and refusal.overridable):
            raise
        overridden = (f"Run against the model's input contract: it {refusal}.",)
    silences = contract.silences(bundle.contract, request.attributes)

    started = time.perf_counter()
    device = pick_device(request.device)
    network = load_network(bundle, device)
    timings["load"] = time.perf_counter() - started
    tick(0.05)

    started = time.perf_counter()
    image = request.volume.voxels[0]
    prepared = preprocess.prepare(image, bundle.contract.size)
    timings["preprocess"] = time.perf_counter() - started
    tick(0.1)

    started = time.perf_counter()
    probabilities, device, moved = _predict(network, prepared, bundle, device, tick)
    timings["network"] = time.perf_counter() - started

    started = time.perf_counter()
    cleaned = postprocess.clean(probabilities)
    doubts = _judge(plausibility.objection(cleaned), bool(silences), request.insist)
    sides = postprocess.label_sides(cleaned, (image.shape[0], image.shape[1]))
    tick(0.95)
    label_map, labels, side_notes = postprocess.name_sides(
        sides, bundle.labels, request.attributes.patient_orientation[0]
    )
    measures = postprocess.areas(label_map, labels, request.volume)
    timings["postprocess"] = time.perf_counter() - started
    tick(1.0)
    return Result(
        request_id=request.id,
        model=bundle.ref,
        device=device,
        timings_s=timings,
        label_map=label_map[np.newaxis],
        labels=labels,
        measures=measures,
        notes=overridden + moved + silences + doubts + side_notes,
    )


def _judge(objection: str | None, silent: bool, insist: bool) -> tuple[str, ...]:
    """An implausible result is refused where only the result could vouch for the image, else it carries a note."""
    if objection is None:
        return ()
    if silent and not insist:
        raise Refused(
            "the header does not say that this is a frontal chest radiograph, and the result does not look like one: "
            f"{objection}",
            overridable=True,
        )
    return (f"Check this result: {objection}.",)


def pick_device(wanted: str) -> str:
    """``auto`` → a GPU if there is one, else ``cpu``; ``cuda`` → ``cuda:0``. Raises ``DeviceError`` if not here."""
    if wanted == "cpu":
        return wanted
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "auto":
        return "cuda:0" if count else "cpu"
    kind, _, number = wanted.partition(":")
    if kind != "cuda" or not (number or "0").isdecimal():
        raise DeviceError(f"unknown device {wanted!r}: use auto, cpu, cuda or cuda:n")
    index = int(number or "0")
    if index >= count:
        raise DeviceError(f"device {wanted!r} is not here: {count} CUDA device(s) found; use auto or cpu")
    return f"cuda:{index}"


def load_network(bundle: Bundle, device: str) -> nn.Module:
    """The bundle's network on ``device``, ready to run, from the cache where it is there. Raises ``BundleError``."""
    key = (bundle.sha256, device)
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
        network = _read_network(bundle, device)
        _cache[key] = network
        while len(_cache) > MAX_CACHED:
            _cache.popitem(last=False)
        return network


def forget_networks() -> None:
    """Empty the cache and free its memory."""
    with _cache_lock:
        _cache.clear()


def _read_network(bundle: Bundle, device: str) -> nn.Module:
    import safetensors
    import safetensors.torch
    import torch

    content = bundle.read_weights()
    try:
        with torch.device("meta"):
            network = networks.build(bundle.network, bundle.arguments)
        weights = {
            name: value.float() if value.is_floating_point() else value
            for name, value in safetensors.torch.load(content).items()
        }
        network.load_state_dict(weights, assign=True)
    except (ValueError, RuntimeError, TypeError, safetensors.SafetensorError) as error:
        raise BundleError(f"{bundle.weights_path}: the weights do not fit {bundle.network}: {error}") from error
    network.requires_grad_(False)
    return network.eval().to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _predict(
    network: nn.Module, image: FloatArray, bundle: Bundle, device: str, tick: Tick
) -> tuple[FloatArray, str, tuple[str, ...]]:
    """(S, S) → probabilities (2, S, S), the device that answered, notes. Out of GPU memory: on the CPU, and say so."""
    import torch

    try:
        return _forward(network, image, bundle.flip, device, tick), device, ()
    except torch.cuda.OutOfMemoryError:
        log.warning("out of memory on %s, continuing on the CPU", device)
        with _cache_lock:
            _cache.pop((bundle.sha256, device), None)
    torch.cuda.empty_cache()
    probabilities = _forward(load_network(bundle, "cpu"), image, bundle.flip, "cpu", tick)
    return probabilities, "cpu", (f"Ran on the CPU: {device} has too little free memory.",)


def _forward(network: nn.Module, image: FloatArray, flip: bool, device: str, tick: Tick) -> FloatArray:
    import torch

    batch = torch.from_numpy(image)[None, None]
    if flip:
        batch = torch.cat([batch, batch.flip(3)])
    while not _network_lock.acquire(timeout=0.05):
        tick(0.1)
    try:
        with torch.inference_mode(), _Cancellable(network, tick):
            batch = batch.to(device).contiguous(memory_format=torch.channels_last)
            probabilities = torch.sigmoid(network(batch).float()).cpu()
    finally:
        _network_lock.release()
    if flip:
        # mirrored back, and with the two lungs exchanged
        probabilities = (probabilities[:1] + probabilities[1:].flip(3).flip(1)) / 2
    result: FloatArray = probabilities[0].numpy()
    return result


class _Cancellable:
    """Ticks before every layer while active, so that a forward pass stops within one layer of a Cancel."""

    def __init__(self, network: nn.Module, tick: Tick, first: float = 0.1, last: float = 0.9) -> None:
        self.layers = [layer for layer in network.modules() if not any(True for _ in layer.children())]
        self.tick, self.first, self.last, self.done = tick, first, last, 0
        self.handles: list[Any] = []

    def __enter__(self) -> None:
        self.handles = [layer.register_forward_pre_hook(self._before) for layer in self.layers]

    def __exit__(self, *exception: object) -> None:
        for handle in self.handles:
            handle.remove()

    def _before(self, layer: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        self.tick(self.first + (self.last - self.first) * min(1.0, self.done / max(1, len(self.layers))))
        self.done += 1


Predict = Callable[[FloatArray], FloatArray]


def predictor(bundle: Bundle, device: str = "auto") -> Predict:
    """A function (S, S) prepared image → (2, S, S) probabilities, for scoring many images with the serving code."""
    place = pick_device(device)
    network = load_network(bundle, place)
    return lambda image: _forward(network, image, bundle.flip, place, no_tick)


def predictor_of(network: nn.Module, flip: bool) -> Predict:
    """The same for a network on the CPU that is in no bundle, such as one of a cross-validation."""
    network.requires_grad_(False).eval()
    return lambda image: _forward(network, image, flip, "cpu", no_tick)
