"""After the training: how sure the scores should be, and what an image of the right kind looks like to the network.

Both are fitted on the tuning part, with the weights as the model folder stores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from inference import networks
from inference.networks.attention_classifier import STRANGENESS
from inference.preprocess import prepare
from training.class_metrics import log_loss
from training.export import compact
from training.vary import vary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.train_pneumonia import Films

Weights = dict[str, torch.Tensor]
Floats = npt.NDArray[np.float64]
Image = npt.NDArray[np.float32]

STATES = ((0.0, 2.0), (0.4, 1.0), (0.8, 1.0))
"""Strength of the variation, and weight, of the states in which each tuning image calibrates: as it is counts as much
as both others."""
ACCEPTED = 0.997
MARGIN = 1.25
"""An image is accepted whose ``strangeness`` is at most so many times that which this share of the tuning images, as
they are, stays below: other departments' films are a little stranger, pictures of other things much more."""


def finished(
    members: Sequence[Weights], arguments: dict[str, Any], films: Films, tuning: Films, size: int
) -> tuple[Weights, dict[str, Any]]:
    """Weights and arguments of the ``SnapshotEnsemble`` that ships: members as stored, temperatures, strangeness."""
    network = networks.build("SnapshotEnsemble", {**arguments, "members": len(members)})
    weights = {
        **network.state_dict(),
        **{f"members.{index}.{name}": value for index, part in enumerate(members) for name, value in part.items()},
    }
    network.load_state_dict(stored(weights))
    network.eval()

    seen = means_of(network, [prepare(image, size) for image in films.images[::3]])
    centre, whiten = whitening(seen)
    weights["centre"] = torch.from_numpy(centre).float()
    weights["whiten"] = torch.from_numpy(whiten).float()
    network.load_state_dict(stored(weights))
    states = []
    for strength, weight in STATES:
        images = [
            vary(image, size, np.random.default_rng((31, n)), strength) if strength else prepare(image, size)
            for n, image in enumerate(tuning.images)
        ]
        states.append(Seen(logits_of_members(network, images), strangeness_of(network, images), weight))
    first, offset, caution = binary_calibration(states, tuning.classes)
    arguments = {
        **arguments,
        "members": len(members),
        "first": first,
        "rest": temperature_among(states[0].logits, tuning.classes),
        "offset": offset,
        "caution": caution,
        "strange_above": MARGIN * float(np.quantile(states[0].strangeness, ACCEPTED)),
    }
    return weights, arguments


def stored(weights: Weights) -> Weights:
    """Weights after a round trip through the model folder's precision."""
    return {name: value.to(weights[name].dtype) for name, value in compact(weights).items()}


@dataclass(frozen=True, eq=False)
class Seen:
    """What the members say of images: ``logits`` (K, N, C), ``strangeness`` (N,); it counts ``weight`` times."""

    logits: Floats
    strangeness: Floats
    weight: float = 1.0


def binary_calibration(seen: Sequence[Seen], classes: npt.NDArray[np.intp]) -> tuple[float, float, float]:
    """``first``, ``offset`` and ``caution`` of ``SnapshotEnsemble`` that make the mean of the answers most likely.

    For class 0 against the others. Fitted on the same images (``classes`` (N,)) in several states: as they are and
    varied, so that the scores hold where images are made otherwise; by their strangeness the network tells the states
    apart, and none has to pay for another.
    """
    positive = torch.from_numpy(classes > 0)
    parts = [
        (
            torch.from_numpy(np.logaddexp.reduce(one.logits[..., 1:], axis=-1) - one.logits[..., 0]),
            torch.from_numpy(np.log(np.clip(one.strangeness, *STRANGENESS))),
            one.weight,
        )
        for one in seen
    ]
    chosen = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([chosen], max_iter=200, line_search_fn="strong_wolfe")

    def losing() -> torch.Tensor:
        optimiser.zero_grad()
        loss = chosen.new_zeros(())
        for against, strange, weight in parts:
            answers = torch.sigmoid(against * chosen[0].exp() + chosen[1] - chosen[2] * strange)
            mean = answers.mean(dim=0).clamp(1e-7, 1 - 1e-7)
            loss = loss - weight * torch.where(positive, mean.log(), (1 - mean).log()).mean()
        loss.backward()
        return loss

    optimiser.step(losing)
    sharpness, offset, caution = chosen.detach().tolist()
    return float(np.clip(np.exp(-sharpness), 0.2, 5)), offset, caution


def temperature_among(logits: Floats, classes: npt.NDArray[np.intp]) -> float:
    """``rest`` of ``SnapshotEnsemble``: the best temperature among the classes but 0, on images that are none of it."""
    others = classes > 0
    if not others.any():
        return 1.0
    among = logits[:, others, 1:]

    def losing(temperature: float) -> float:
        scaled = among / temperature
        shares = np.exp(scaled - np.logaddexp.reduce(scaled, axis=-1, keepdims=True)).mean(axis=0)
        return log_loss(shares, classes[others] - 1)

    return float(min(np.geomspace(0.2, 5, 161), key=losing))


def logits_of_members(network: Any, images: Sequence[Image], batch: int = 16) -> Floats:
    """(members × 2, N, C): each member's logits, before any temperature, of each image and its mirror image."""
    found = []
    for stack in _stacks(images, batch):
        with torch.inference_mode():
            for_each = [torch.stack([member(one) for member in network.members]) for one in (stack, stack.flip(3))]
            found.append(torch.cat(for_each).double().numpy())
    return np.concatenate(found, axis=1)


def strangeness_of(network: Any, images: Sequence[Image], batch: int = 16) -> Floats:
    """(N,) of prepared images, the smaller of image and mirror image, as the serving code takes it."""
    found = []
    for stack in _stacks(images, batch):
        with torch.inference_mode():
            both = [network.strangeness(network.members[0].features(one)) for one in (stack, stack.flip(3))]
            found.append(torch.minimum(*both).double().numpy())
    return np.concatenate(found)


def means_of(network: Any, images: Sequence[Image], batch: int = 16) -> Floats:
    """(N, width): the mean token of each prepared image, by the first member."""
    found = []
    for stack in _stacks(images, batch):
        with torch.inference_mode():
            found.append(network.members[0].features(stack).float().mean(dim=(2, 3)).double().numpy())
    return np.concatenate(found)


def whitening(points: Floats, shrink: float = 0.1) -> tuple[Floats, Floats]:
    """Centre (D,) and matrix (D, D) that turn ``points`` (N, D) into uncorrelated ones of variance (about) 1.

    The covariance is drawn towards a multiple of the identity by ``shrink`` (Ledoit & Wolf 2004): directions in which
    the points hardly vary must not decide alone.
    """
    centre = points.mean(axis=0)
    covariance = np.cov(points - centre, rowvar=False)
    covariance = (1 - shrink) * covariance + shrink * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    values, vectors = np.linalg.eigh(covariance)
    return centre, (vectors / np.sqrt(values)).T


def _stacks(images: Sequence[Image], batch: int) -> list[torch.Tensor]:
    return [
        torch.from_numpy(np.stack(images[first : first + batch])[:, None]).contiguous(memory_format=torch.channels_last)
        for first in range(0, len(images), batch)
    ]
