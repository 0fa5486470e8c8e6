"""What another scanner, protocol, body or disease would change in a CT slice, made on the network's grid.

HU go in, HU come out; the label follows: tumour, consolidation and ground glass stay lung, effusion does not.
Randomness comes from the generator that is handed in.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

AIR = -1024.0
LARGEST_BALL = 20.0
"""Pixels: radius of the largest nodule or mass that is painted."""


def move(
    hu: torch.Tensor, label: torch.Tensor, size: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn, scale, shift and mirror (B, 3, W, W) HU and (B, 3, W, W) label channels → (B, 3, ``size``, ``size``) each.

    Label channels: right, left, ignore. A mirror image exchanges right and left: a side is a place, not an anatomy, so
    that the sides of a patient whose organs are transposed, or who lies prone, come out as the header has them.
    """
    batch, wide = hu.shape[0], hu.shape[-1]
    angle = torch.randn(batch, generator=generator) * math.radians(9)
    scale = torch.exp(torch.randn(batch, generator=generator) * 0.1)
    aspect = torch.exp(torch.randn(batch, generator=generator) * 0.04)
    shift = torch.randn(batch, 2, generator=generator) * 0.07
    mirrored = torch.rand(batch, generator=generator) < 0.5
    upside = torch.rand(batch, generator=generator) < 0.25
    across = torch.where(mirrored, -1.0, 1.0) * scale * aspect
    down = torch.where(upside, -1.0, 1.0) * scale / aspect
    ratio = size / wide
    matrix = torch.zeros(batch, 2, 3)
    matrix[:, 0, 0], matrix[:, 0, 1] = torch.cos(angle) * across, -torch.sin(angle) * down
    matrix[:, 1, 0], matrix[:, 1, 1] = torch.sin(angle) * across, torch.cos(angle) * down
    matrix[:, :, :2] *= ratio
    matrix[:, :, 2] = shift
    grid = functional.affine_grid(matrix, [batch, 6, size, size], align_corners=False)
    # air is 0 here, so that what comes from beyond the image is air
    both = torch.cat([hu - AIR, label], dim=1)
    both = functional.grid_sample(both, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    hu, label = both[:, :3] + AIR, both[:, 3:]
    label = torch.where(mirrored[:, None, None, None], label[:, [1, 0, 2]], label)
    backwards = torch.rand(batch, generator=generator) < 0.5
    hu = torch.where(backwards[:, None, None, None], hu.flip(1), hu)
    return hu, label


def disturb(
    hu: torch.Tensor, label: torch.Tensor, generator: torch.Generator, strength: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Disease, contrast medium, kernel, noise and field of view, each in some of the images. Shapes stay.

    ``strength``: share of ``LARGEST_BALL`` that masses reach. The largest look much like the dome of the diaphragm,
    which is no lung: a stage that ends a training should paint smaller ones.
    """
    hu, label = hu.clone(), label.clone()
    for index in range(hu.shape[0]):
        _one(hu[index], label[index], generator, strength * LARGEST_BALL)
    return hu, label


def _one(hu: torch.Tensor, label: torch.Tensor, generator: torch.Generator, largest: float) -> None:
    """One image, in place: ``hu`` (3, S, S), ``label`` (3, S, S)."""

    def chance(share: float) -> bool:
        return bool(torch.rand(1, generator=generator) < share)

    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand(1, generator=generator))

    size = hu.shape[-1]
    lung = label[:2].amax(dim=0)
    if bool((lung > 0.5).sum() > 200):
        if chance(0.15):
            region = _blobs(size, between(3, 8), between(0.4, 1.6), generator) * lung
            hu += region * between(80, 450) * (hu < 0)
        if chance(0.18):
            region = _blobs(size, between(3, 7), between(0.5, 1.5), generator) * lung
            bronchi = _blobs(size, 24, between(1.2, 2.2), generator)
            _mix(hu, region * (1 - bronchi), between(-20, 80))
        if chance(0.12):
            _lobe(hu, label, between(10, 90), generator)
        if chance(0.1):
            hu -= _blobs(size, between(4, 16), 0.5, generator) * lung * between(20, 120) * (hu < -500)
        if chance(0.35):
            for _ in range(1 + int(between(0, 2.99))):
                _mix(hu, _ball(lung, between(2, largest), generator) * lung, between(0, 90))
        if chance(0.15):
            _effusion(hu, label, between(-5, 40), generator)
    if chance(0.2):
        dense = ((hu[1] > 0) & (hu[1] < 120)).float() * (1 - lung)
        hu += dense * _blobs(size, between(3, 8), between(0.0, 1.0), generator) * between(40, 300)
    if chance(0.35):
        hu.copy_(_blurred(hu, between(0.3, 1.2)))
    elif chance(0.25):
        hu += (hu - _blurred(hu, 0.8)) * between(0.2, 1.0)
    if chance(0.7):
        noise = torch.randn(hu.shape, generator=generator)
        if chance(0.5):
            noise = _blurred(noise, 0.7) * 2.2
        hu += noise * between(2, 70) * (hu > -1000)
    if chance(0.5):
        hu *= between(0.97, 1.03)
        hu += between(-25, 25)
    if chance(0.12):
        _cut(hu, label, between(0.3, 0.5), generator)
    hu.clamp_(min=AIR)


def _field(size: int, cells: float, generator: torch.Generator) -> torch.Tensor:
    """Smooth Gaussian noise (S, S) of unit variance with about ``cells`` bumps a side."""
    count = max(2, round(cells))
    coarse = torch.randn(1, 1, count + 3, count + 3, generator=generator)
    field = functional.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=True)[0, 0]
    return (field - field.mean()) / field.std().clamp(min=1e-6)


def _blobs(size: int, cells: float, above: float, generator: torch.Generator) -> torch.Tensor:
    """Soft patches in 0–1 where the smooth noise exceeds ``above``."""
    return torch.sigmoid((_field(size, cells, generator) - above) * 6)


def _mix(hu: torch.Tensor, region: torch.Tensor, value: float) -> None:
    """Replace HU by ``value`` to the extent of ``region``, where that makes it denser."""
    hu += region * (value - hu).clamp(min=0)


def _ball(lung: torch.Tensor, radius: float, generator: torch.Generator) -> torch.Tensor:
    """A lumpy ball (S, S) in 0–1 of about ``radius`` pixels somewhere in the lung."""
    rows, columns = torch.nonzero(lung > 0.5, as_tuple=True)
    pick = int(torch.randint(len(rows), (1,), generator=generator))
    y, x = _coordinates(lung.shape[-1])
    lumps = 1 + 0.2 * _field(lung.shape[-1], 12, generator)
    distance = torch.hypot(y - rows[pick], x - columns[pick])
    return torch.sigmoid((radius * lumps - distance) * 1.5)


def _effusion(hu: torch.Tensor, label: torch.Tensor, value: float, generator: torch.Generator) -> None:
    """Fluid in the dependent part of one pleural space: a level or a crescent, mostly posterior. It is no lung."""
    side = int(torch.randint(2, (1,), generator=generator))
    space = label[side] > 0.5
    if not bool(space.sum() > 200):
        return
    y, x = _coordinates(hu.shape[-1])
    angle = float(torch.randn(1, generator=generator)) * 0.5 + (
        math.pi if torch.rand(1, generator=generator) < 0.2 else 0
    )
    depth = y * math.cos(angle) + x * math.sin(angle) + _field(hu.shape[-1], 4, generator) * 2
    if torch.rand(1, generator=generator) < 0.5:
        # a crescent: the level curves up along the chest wall
        middle = x[space].mean()
        depth = depth + ((x - middle) / 12) ** 2
    share = 0.45 + 0.5 * float(torch.rand(1, generator=generator))
    level = torch.quantile(depth[space][::7], share)
    fluid = torch.sigmoid((depth - level) * 1.5) * label[side]
    hu += fluid * (value - hu)
    label[side] *= 1 - fluid


def _lobe(hu: torch.Tensor, label: torch.Tensor, value: float, generator: torch.Generator) -> None:
    """Consolidation of all that lies beyond a bent line through one lung, with air left in its bronchi. It is lung."""
    size = hu.shape[-1]
    side = int(torch.randint(2, (1,), generator=generator))
    lung = label[side] > 0.5
    if not bool(lung.sum() > 200):
        return
    y, x = _coordinates(size)
    angle = float(torch.rand(1, generator=generator)) * 2 * math.pi
    depth = y * math.cos(angle) + x * math.sin(angle) + _field(size, 5, generator) * 3
    share = 0.3 + 0.6 * float(torch.rand(1, generator=generator))
    beyond = torch.sigmoid((depth - torch.quantile(depth[lung][::7], share)) * 1.5)
    bronchi = _blobs(size, 28, 1.4 + 1.2 * float(torch.rand(1, generator=generator)), generator)
    _mix(hu, beyond * label[side] * (1 - bronchi), value)


def _cut(hu: torch.Tensor, label: torch.Tensor, radius: float, generator: torch.Generator) -> None:
    """A round field of view of ``radius`` (of the edge): nothing is seen, and no lung marked, outside it."""
    size = hu.shape[-1]
    y, x = _coordinates(size)
    centre = (torch.rand(2, generator=generator) - 0.5) * 0.2 * size + size / 2
    outside = torch.hypot(y - centre[0], x - centre[1]) > radius * size
    hu[:, outside] = AIR
    label[:, outside] = 0


def _coordinates(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    line = torch.arange(size, dtype=torch.float32)
    return line[:, None].expand(size, size), line[None, :].expand(size, size)


def _blurred(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian of ``sigma`` pixels on (3, S, S)."""
    reach = torch.arange(-3, 4, dtype=torch.float32)
    kernel = torch.exp(-(reach**2) / (2 * sigma**2))
    kernel /= kernel.sum()
    padded = functional.pad(images[:, None], (3, 3, 3, 3), mode="replicate")
    padded = functional.conv2d(padded, kernel[None, None, None, :])
    return functional.conv2d(padded, kernel[None, None, :, None])[:, 0]
