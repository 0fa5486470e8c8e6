"""Random variation of a batch of radiographs: what another detector, projection, patient or film room would change.

Everything works on whole batches of tensors, so that the time goes into the network, and takes its randomness from the
``generator`` that is passed in: a step of training is reproducible from its number alone.
"""

from __future__ import annotations

import math

import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn import functional


class Random:
    """Per-image random numbers (B, 1, 1, 1) on ``device``, drawn on the CPU so that every device sees the same."""

    def __init__(self, batch: int, generator: torch.Generator, device: torch.device, strength: float = 1.0) -> None:
        self.batch, self.generator, self.device, self.strength = batch, generator, device, strength

    def uniform(self, low: float, high: float) -> torch.Tensor:
        value = torch.rand(self.batch, 1, 1, 1, generator=self.generator) * (high - low) + low
        return value.to(self.device)

    def around(self, low: float, high: float) -> torch.Tensor:
        """Uniform about "no change" (0), the narrower the lower the strength."""
        return self.uniform(low * self.strength, high * self.strength)

    def chance(self, probability: float) -> torch.Tensor:
        return self.uniform(0, 1) < probability * self.strength

    def normal(self, *shape: int) -> torch.Tensor:
        return torch.randn(self.batch, *shape, generator=self.generator).to(self.device)


def augment(
    image: torch.Tensor,
    lungs: torch.Tensor,
    counted: torch.Tensor,
    marks: torch.Tensor,
    generator: torch.Generator,
    strength: float = 1.0,
    *,
    mirrored: bool = True,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Vary a batch. ``image`` (B, 1, S, S) in 0–1, ``lungs`` (B, 2, S, S), ``counted`` (B, 1, S, S); same shapes back.

    ``marks`` (M, 1, S, S) from ``burnt_in_marks``. ``strength`` in 0–1 scales how often and how far images are changed.
    ``mirrored``: some of them are shown as in a mirror.
    The image ends normalised as ``preprocess.normalise`` does.
    """
    random = Random(image.shape[0], generator, image.device, strength)
    image, lungs, counted = _geometry(image, lungs, counted, random, mirrored=mirrored)
    image = _opacities(image, random)
    image = _tone(image, random)
    image = _sharpness(image, random)
    image = _marks(image, marks, random)
    image = _collimation(image, random)
    return _normalise(image, random), lungs, counted


def _geometry(
    image: torch.Tensor, lungs: torch.Tensor, counted: torch.Tensor, random: Random, *, mirrored: bool = True
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rotation ±15°, scale, aspect, shear, shift, left-right flip (which exchanges the two lungs)."""
    angle = random.around(-1, 1) * random.uniform(0, math.radians(15))
    scale = torch.exp(random.around(-0.28, 0.28))
    aspect = torch.exp(random.around(-0.16, 0.16))
    shear = random.around(-0.08, 0.08)
    # drawn either way, so that all else stays the same
    flip = random.chance(0.3) & mirrored
    mirror = torch.where(flip, -1.0, 1.0)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    across, down = scale * aspect, scale / aspect
    top = torch.cat([cosine * across * mirror, (shear - sine) * across, random.around(-0.18, 0.18)], dim=3)
    bottom = torch.cat([sine * down * mirror, cosine * down, random.around(-0.18, 0.18)], dim=3)
    theta = torch.cat([top, bottom], dim=2)[:, 0]
    grid = functional.affine_grid(theta, list(image.shape), align_corners=False)
    # an offset of 1 lets the padding value 0 stand for "outside": outside the film it is dark, not lung, and counted
    stack = torch.cat([image, lungs, 1 - counted], dim=1)
    stack = functional.grid_sample(stack, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    image, lungs, counted = stack[:, :1], (stack[:, 1:3] >= 0.5).float(), (stack[:, 3:] < 0.5).float()
    return image, torch.where(flip, lungs.flip(1), lungs), counted


def _blobs(random: Random, cells: int, size: int) -> torch.Tensor:
    """A smooth random field (B, 1, size, size), about standard normal at its nodes."""
    return functional.interpolate(random.normal(1, cells, cells), size=size, mode="bicubic", align_corners=False)


def _opacities(image: torch.Tensor, random: Random) -> torch.Tensor:
    """Cloudy brightening as of consolidation or effusion: the lung field stays where it is."""
    size = image.shape[-1]
    cloud = torch.sigmoid((_blobs(random, 6, size) - random.uniform(0.4, 1.6)) * 4)
    strength = cloud * random.uniform(0.2, 0.9) * random.chance(0.3)
    return image + (random.uniform(0.5, 0.85) - image) * strength


def _tone(image: torch.Tensor, random: Random) -> torch.Tensor:
    """Characteristic curve, contrast, brightness, and a slow gradient over the film."""
    image = image.clamp(1e-4, 1) ** torch.exp(random.around(-0.6, 0.6))
    slow = _blobs(random, 3, image.shape[-1]) * random.uniform(0, 0.12) * random.chance(0.5)
    image = image * torch.exp(random.around(-0.4, 0.12)) + random.around(-0.08, 0.08) + slow
    return image.clamp(0, 1)


def _sharpness(image: torch.Tensor, random: Random) -> torch.Tensor:
    """Blur, edge enhancement and local equalisation (one filter, negative to positive weight), and quantum noise."""
    fine = _binomial(_binomial(image))
    coarse = functional.interpolate(functional.avg_pool2d(image, 16), size=image.shape[-1], mode="bilinear")
    blurred = random.uniform(0, 1) * random.chance(0.3)
    image = image + (fine - image) * blurred
    image = image + (image - fine) * random.uniform(0, 2) * random.chance(0.25)
    image = image + (image - coarse) * random.uniform(0, 1.2) * random.chance(0.25)
    noise = random.normal(1, *image.shape[-2:]) * random.uniform(0, 0.07) * random.chance(0.5)
    return (image + noise).clamp(0, 1)


def _binomial(image: torch.Tensor) -> torch.Tensor:
    """One 5×5 binomial smoothing, separable."""
    taps = torch.tensor([1.0, 4, 6, 4, 1], device=image.device) / 16
    padded = functional.pad(image, (2, 2, 2, 2), mode="replicate")
    return functional.conv2d(functional.conv2d(padded, taps.view(1, 1, 5, 1)), taps.view(1, 1, 1, 5))


def _marks(image: torch.Tensor, marks: torch.Tensor, random: Random) -> torch.Tensor:
    """Letters, numbers, lines and devices, brighter than anything or (rarely) dark."""
    chosen = torch.randint(len(marks), (image.shape[0],), generator=random.generator).to(image.device)
    overlay = marks[chosen] * random.uniform(0.4, 1) * random.chance(0.5)
    value = random.chance(0.85).float()
    return image + (value - image) * overlay


def _collimation(image: torch.Tensor, random: Random) -> torch.Tensor:
    """Straight borders without exposure: dark, sometimes bright, on any of the four sides."""
    size = image.shape[-1]
    ramp = (torch.arange(size, device=image.device) + 0.5) / size
    x, y = ramp.view(1, 1, 1, -1), ramp.view(1, 1, -1, 1)
    outside = torch.zeros_like(image, dtype=torch.bool)
    for axis in (x, 1 - x, y, 1 - y):
        outside |= (axis < random.uniform(0, 0.12)) & random.chance(0.12)
    return torch.where(outside, random.chance(0.2).float(), image)


def _normalise(image: torch.Tensor, random: Random) -> torch.Tensor:
    """Percentiles to 0 and 1 as ``preprocess.normalise``, from every fourth pixel and with a little play."""
    flat = image[..., ::4, ::4].flatten(1).sort(dim=1).values
    last = flat.shape[1] - 1
    low = (random.uniform(0.001, 0.02) * last).round().long().view(-1, 1)
    high = (random.uniform(0.98, 0.999) * last).round().long().view(-1, 1)
    bottom = flat.gather(1, low).view(-1, 1, 1, 1)
    top = flat.gather(1, high).view(-1, 1, 1, 1)
    return ((image - bottom) / (top - bottom).clamp(min=1e-3)).clamp(0, 1)


def burnt_in_marks(size: int, count: int, generator: torch.Generator) -> torch.Tensor:
    """(count, 1, size, size) in 0–1: side letters, dates, exposure values, wires, electrodes, drawn once."""

    def pick(low: float, high: float) -> float:
        return float(torch.rand(1, generator=generator)) * (high - low) + low

    words = (
        "R",
        "L",
        "AP",
        "PA",
        "AP SUPINE",
        "PORTABLE",
        "12:48",
        "2019-03-07",
        "kV 85",
        "SUPINE",
        "ERECT",
        "1.6 mAs",
    )
    result = torch.zeros(count, 1, size, size)
    for index in range(count):
        picture = Image.new("L", (size, size))
        draw = ImageDraw.Draw(picture)
        for _ in range(int(pick(1, 4))):
            word = words[int(pick(0, len(words)))]
            draw.text(
                (pick(0, size * 0.9), pick(0, size * 0.95)), word, fill=255, font=ImageFont.load_default(pick(8, 26))
            )
        if pick(0, 1) < 0.5:
            points = [(pick(0, size), pick(0, size))]
            for _ in range(6):
                x, y = points[-1]
                points.append((x + pick(-40, 40), y + pick(-40, 40)))
            draw.line(points, fill=int(pick(120, 255)), width=int(pick(1, 3)), joint="curve")
        for _ in range(int(pick(0, 4))):
            x, y, radius = pick(0, size), pick(0, size), pick(2, 6)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(pick(120, 255)))
        if pick(0, 1) < 0.1:
            x, y = pick(0, size), pick(0, size)
            draw.rectangle((x, y, x + pick(20, 60), y + pick(20, 60)), fill=int(pick(120, 255)))
        result[index, 0] = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).view(size, size) / 255
    return result
