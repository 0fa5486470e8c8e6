"""Networks in memory: loaded once, on the device that was asked for, run one at a time, stopped within one layer."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from inference import networks
from inference.bundle import Bundle, BundleError
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import torch
    from torch import nn

    from inference.types import Tick

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

MAX_CACHED = 4
_cache: OrderedDict[tuple[str, str], nn.Module] = OrderedDict()
_cache_lock = threading.Lock()
_network_lock = threading.Lock()
"""One network runs at a time: they share the cores, and hooks for cancelling sit on the shared module."""


class DeviceError(Exception):
    """The device that was asked for does not exist here. ``str(error)`` says which ones do."""


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
        raise DeviceError(say("unknown device {wanted!r}: use auto, cpu, cuda or cuda:n", wanted=wanted))
    index = int(number or "0")
    if index >= count:
        raise DeviceError(
            say(
                "device {wanted!r} is not here: {count} CUDA device(s) found; use auto or cpu",
                wanted=wanted,
                count=count,
            )
        )
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
        raise BundleError(
            say(
                "{path}: the weights do not fit {network}: {error}",
                path=bundle.weights_path,
                network=bundle.network,
                error=error,
            )
        ) from error
    network.requires_grad_(False)
    return network.eval().to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def with_fallback(
    bundle: Bundle, device: str, work: Callable[[nn.Module, str], Answer]
) -> tuple[Answer, str, tuple[str, ...]]:
    """``work(network, device)``, the device that answered, notes. Out of GPU memory: on the CPU, and a note says so."""
    import torch

    try:
        return work(load_network(bundle, device), device), device, ()
    except torch.cuda.OutOfMemoryError:
        log.warning("out of memory on %s, continuing on the CPU", device)
        with _cache_lock:
            _cache.pop((bundle.sha256, device), None)
    torch.cuda.empty_cache()
    return (
        work(load_network(bundle, "cpu"), "cpu"),
        "cpu",
        (say("Ran on the CPU: {device} has too little free memory.", device=device),),
    )


@contextmanager
def exclusively(network: nn.Module, tick: Tick, first: float = 0.1, last: float = 0.9) -> Iterator[None]:
    """Inside, ``network`` may run: no other does, gradients are off, and every layer ticks.

    ``tick`` is told fractions from ``first`` to ``last`` over one forward pass; what it raises ends the pass.
    """
    import torch

    while not _network_lock.acquire(timeout=0.05):
        tick(first)
    try:
        with torch.inference_mode(), _Cancellable(network, tick, first, last):
            yield
    finally:
        _network_lock.release()


class _Cancellable:
    """Ticks before every layer while active, so that a forward pass stops within one layer of a Cancel."""

    def __init__(self, network: nn.Module, tick: Tick, first: float, last: float) -> None:
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
