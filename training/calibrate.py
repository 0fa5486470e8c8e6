"""After the training: how sure the scores should be, and what an image of the right kind looks like to the network.

Both are fitted on the tuning part, with the weights as the model folder stores them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from inference import networks
from inference.preprocess import prepare
from training.class_metrics import ece, ece_of_perfect, log_loss
from training.export import compact
from training.vary import vary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.train_pneumonia import Films

Weights = dict[str, torch.Tensor]
Floats = npt.NDArray[np.float64]
Image = npt.NDArray[np.float32]

OFFSETS = tuple(0.5 * sign * step for step in range(9) for sign in (1, -1))
"""Shifts of the logit of pneumonia to try, the smallest first."""
ACCEPTED = 0.997
"""Share of the tuning images, as they are and mildly varied, that the check of ``strangeness`` accepts."""


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
    plain = [prepare(image, size) for image in tuning.images]
    varied = [vary(image, size, np.random.default_rng((31, n)), 0.5) for n, image in enumerate(tuning.images)]
    unlike = np.concatenate([strangeness_of(network, images) for images in (plain, varied)])

    logits = logits_of_members(network, plain)
    first, rest, offset = temperatures(logits, tuning.classes)
    arguments = {
        **arguments,
        "members": len(members),
        "first": first,
        "rest": rest,
        "offset": offset,
        "strange_above": float(np.quantile(unlike, ACCEPTED)),
    }
    return weights, arguments


def stored(weights: Weights) -> Weights:
    """Weights after a round trip through the model folder's precision."""
    return {name: value.to(weights[name].dtype) for name, value in compact(weights).items()}


def temperatures(logits: Floats, classes: npt.NDArray[np.intp]) -> tuple[float, float, float]:
    """``first``, ``rest`` and ``offset`` of ``SnapshotEnsemble`` that make the mean of answers (K, N, C) most likely.

    The first for class 0 against the others, on all images; one among the others, on these alone. The offset is the
    smallest with which the scores are calibrated as well as chance lets one see: it moves the threshold, and a set
    collected elsewhere should not pay for the last of it.
    """
    grid = np.geomspace(0.2, 5, 161)
    binary = np.minimum(classes, 1)
    against = np.logaddexp.reduce(logits[..., 1:], axis=-1) - logits[..., 0]

    def losing_first(chosen: tuple[float, float]) -> float:
        positive = (1 / (1 + np.exp(-against / chosen[0] - chosen[1]))).mean(axis=0)
        return log_loss(np.stack([1 - positive, positive], axis=1), binary)

    others = classes > 0
    among = logits[:, others, 1:]

    def losing_rest(temperature: float) -> float:
        scaled = among / temperature
        shares = np.exp(scaled - np.logaddexp.reduce(scaled, axis=-1, keepdims=True)).mean(axis=0)
        return log_loss(shares, classes[others] - 1)

    for offset in (*OFFSETS, OFFSETS[0]):
        first = min(((one, offset) for one in grid), key=losing_first)[0]
        positive = (1 / (1 + np.exp(-against / first - offset))).mean(axis=0)
        if ece(positive, binary > 0) <= ece_of_perfect(positive)[1]:
            break
    rest = min(grid, key=losing_rest) if others.any() else 1.0
    return float(first), float(rest), float(offset)


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
