"""Classes of a radiograph with an interval each, and where the model looked.

An ensemble answers for the image and for its mirror image. The score is the mean of these answers, the interval their
range: what the model's own members disagree about, no confidence interval of the disease. How much a wide interval
says is measured (``training.evaluate``) and in the model's card.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inference import preprocess, runtime
from inference.bundle import BundleError
from inference.tasks.radiographs import begin
from inference.types import HeatMap, Refused, Request, Result, Tick, no_tick
from inference.words import known, say

if TYPE_CHECKING:
    import torch

    from inference.bundle import Bundle

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Examined:
    """What the network says of one image, on its own grid.

    ``answers``: (members × 2, classes) probabilities, of the image and its mirror image. ``attention``: (heads, h, w),
    each head's weights sum to 1. ``cam``: (h, w) ≥ 0, Grad-CAM of the most probable class (Selvaraju et al. 2017, arXiv
    1610.02391) at the map that attention reads. ``strangeness``: of ``SnapshotEnsemble``; more than 1 is not accepted.
    """

    answers: npt.NDArray[np.float64]
    attention: FloatArray
    cam: FloatArray
    strangeness: float

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """(classes,) mean of the answers."""
        return np.asarray(self.answers.mean(axis=0))


def answer(request: Request, bundle: Bundle, device: str, tick: Tick) -> Result:
    """See ``inference.engine.run``."""
    prepared, timings = begin(request, bundle, device, tick)
    image = request.volume.voxels[0]
    started = time.perf_counter()
    found, device, moved = runtime.with_fallback(
        bundle, device, lambda network, place: examine(network, prepared, place, tick)
    )
    timings["network"] = time.perf_counter() - started

    started = time.perf_counter()
    silent = bool(bundle.contract.silences(request.attributes))
    doubts = _judge(found.strangeness, silent=silent, insist=request.insist)
    names = tuple(label.name for label in bundle.labels)
    if len(names) != len(found.scores):
        raise BundleError(f"{bundle.root}: {len(found.scores)} classes are answered, but {len(names)} have a label")
    low, high = found.answers.min(axis=0), found.answers.max(axis=0)
    top = int(found.scores.argmax())
    tick(0.95)
    shape = (image.shape[0], image.shape[1])
    maps = _maps(found, known(bundle.labels[top].code.meaning), shape)
    timings["postprocess"] = time.perf_counter() - started
    return Result(
        request_id=request.id,
        model=bundle.ref,
        device=device,
        timings_s=timings,
        labels=bundle.labels,
        scores={name: float(found.scores[index]) for index, name in enumerate(names)},
        intervals={name: (float(low[index]), float(high[index])) for index, name in enumerate(names)},
        maps=maps,
        notes=moved + doubts,
    )


def _judge(strangeness: float, *, silent: bool, insist: bool) -> tuple[str, ...]:
    """An image unlike those of the training is refused where no header vouches for it, else it carries a note."""
    if strangeness <= 1:
        return ()
    if silent and not insist:
        raise Refused(
            say(
                "the header does not say that this is a frontal chest radiograph of a child, and it does not look like "
                "those that the model knows ({times:.1f} times the difference that is accepted)",
                times=strangeness,
            ),
            overridable=True,
        )
    return (say("Check this result: the image does not look like those that the model learnt from."),)


def _maps(found: Examined, top: str, shape: tuple[int, int]) -> tuple[HeatMap, ...]:
    """Attention of all heads and of each, and Grad-CAM, on the image's own grid."""

    def spread(values: FloatArray, name: str, meaning: str) -> HeatMap:
        # scaled on the network's grid, so that the brightest cell is 1 on every size of image
        highest = float(values.max())
        fine = preprocess.resize(values / np.float32(highest if highest > 0 else 1), shape)
        return HeatMap(name, np.clip(fine, 0, 1)[np.newaxis], meaning)

    says = say(
        "Bright: the answer rests more on this place, as a share of the brightest. It shows where the model looked, "
        "not that this is the reason."
    )
    maps = [spread(found.attention.mean(axis=0), say("Attention"), says)]
    for number, head in enumerate(found.attention, start=1):
        maps.append(spread(head, say("Attention, head {number}", number=number), says))
    meaning = say(
        "Bright: more of this would raise the score of {name}. It shows where the model looked, not that this is the "
        "reason.",
        name=top,
    )
    maps.append(spread(found.cam, say("Grad-CAM, {name}", name=top), meaning))
    return tuple(maps)


def examine(network: Any, image: FloatArray, device: str, tick: Tick = no_tick) -> Examined:
    """(S, S) prepared image → what the ensemble ``network`` says of it."""
    import torch

    batch = torch.from_numpy(image)[None, None]
    with runtime.exclusively(network, tick):
        batch = torch.cat([batch, batch.flip(3)]).to(device).contiguous(memory_format=torch.channels_last)
        features = [member.features(batch) for member in network.members]
        told = [member.answer(one) for member, one in zip(network.members, features, strict=True)]
        strangeness = network.strangeness(features[0]).min().double()
        logits = network.calibrated(torch.stack([one[0] for one in told]).double(), strangeness[None])
        answers = logits.softmax(dim=2).reshape(-1, logits.shape[2])
        attention = torch.stack([_unmirrored(one[1]) for one in told]).mean(dim=0)
        top = int(answers.mean(dim=0).argmax())
        cams = [_grad_cam(member, one, top) for member, one in zip(network.members, features, strict=True)]
        cam = torch.stack([_unmirrored(one)[0] for one in cams]).mean(dim=0)
    unlike = float(strangeness) / network.strange_above
    return Examined(answers.cpu().numpy(), attention.float().cpu().numpy(), cam.float().cpu().numpy(), unlike)


def _unmirrored(maps: torch.Tensor) -> torch.Tensor:
    """(2, C, h, w) of an image and its mirror image → their mean (C, h, w) on the image."""
    return (maps[0] + maps[1].flip(-1)) / 2


def _grad_cam(member: Any, features: torch.Tensor, which: int) -> torch.Tensor:
    """(B, 1, h, w): channels weighed by how much each moves the logit of class ``which``, what lowers it left out."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        leaf = features.clone().requires_grad_(True)
        member.answer(leaf)[0][:, which].sum().backward()
        assert leaf.grad is not None
        weights = leaf.grad.mean(dim=(2, 3), keepdim=True)
        return (weights * leaf.detach()).sum(dim=1, keepdim=True).relu()
