"""Run a model on an image: the one door through which anything is analysed.

``run`` is made for a worker thread. It imports torch on first use, reports through ``tick`` and stops at the next layer
once ``tick`` raises ``Cancelled``. Nothing in it holds the interpreter lock for long: per-pixel work happens in numpy,
SimpleITK, Pillow and torch kernels, which release it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inference import tasks
from inference.runtime import DeviceError, forget_networks, pick_device
from inference.types import Refused, Request, Result, Tick, no_tick
from inference.words import said_by, say

if TYPE_CHECKING:
    from inference.bundle import Bundle

__all__ = ["DeviceError", "forget_networks", "pick_device", "run"]


def run(request: Request, bundle: Bundle, tick: Tick = no_tick) -> Result:
    """Answer ``request`` with ``bundle``. Same input, same answer: everything runs in float32, without randomness.

    Raises ``Refused`` (input breaks the contract, or the result is implausible and the header does not vouch for the
    image), ``Cancelled`` (from ``tick``), ``BundleError`` (weights changed or do not fit), ``DeviceError``.
    """
    tick(0.0)
    overridden: tuple[str, ...] = ()
    try:
        bundle.contract.check(request.volume, request.attributes)
    except Refused as refusal:
        if not (request.insist and refusal.overridable):
            raise
        overridden = (say("Run against the model's input contract: it {refusal}.", refusal=said_by(refusal)),)
    result = tasks.task(bundle.task).answer(request, bundle, pick_device(request.device), tick)
    tick(1.0)
    return replace(result, notes=overridden + bundle.contract.silences(request.attributes) + result.notes)
