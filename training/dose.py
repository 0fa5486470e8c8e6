"""Low dose from a slice of normal dose: quantum and electronic noise of the rays that were not sent.

The original image stays as it is and receives the reconstruction of noise alone: image + FBP(noise). Line integrals of
the slice give each ray's expected photons, and so its noise; a filtered back projection with the series' own kernel
gives the noise its texture, its streaks and its place. After Yu et al. 2012 (J Comput Assist Tomogr 36: 477) and Zabic
et al. 2013 (Med Phys 40: 031102), for one slice and a parallel beam.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

WATER_PER_MM = 0.0192
"""Linear attenuation of water in 1/mm at about 70 keV, the effective energy of a tube at 120 kV (NIST XCOM)."""
VIEWS = 720
MAX_INTEGRAL = 10.0
"""No ray is taken to be darker than e^-10 of the beam: behind 52 cm of water."""
OVERSAMPLED = 4
"""Filtered projections are read at a quarter of a pixel's pitch, nearest neighbour."""


@dataclass(frozen=True, eq=False)
class Sinogram:
    """Line integrals of a slice. ``values``: (views, rays) float32, dimensionless. Parallel beam, half a turn.

    ``pitch``: pixels between rays. The middle of the rays passes through the middle of the image.
    """

    values: torch.Tensor
    pitch: float


def extend(hu: FloatArray, valid: npt.NDArray[np.bool_], margin: int, reach: float) -> FloatArray:
    """(rows, columns) → (rows + 2 margin, columns + 2 margin): truncated bodies go on beyond what was reconstructed.

    Outside of ``valid`` (and of the image) a pixel takes the value at the border in its direction from the centre,
    fading to air over ``reach`` pixels along a cosine. Without this, rays through the cut parts would seem to have
    lost fewer photons than they did, and the noise would be too low there.
    """
    rows, columns = hu.shape
    centre = np.array([(rows - 1) / 2, (columns - 1) / 2])
    grid = np.indices((rows + 2 * margin, columns + 2 * margin)).astype(np.float32)
    away = grid - (centre + margin)[:, None, None].astype(np.float32)
    distance = np.hypot(away[0], away[1])
    angles = 1440
    turn = np.arange(angles) * (2 * math.pi / angles)
    radii = np.arange(math.ceil(math.hypot(*centre)) + 2, dtype=np.float32)
    along = (
        np.rint(centre[0] + np.sin(turn)[:, None] * radii).astype(int),
        np.rint(centre[1] + np.cos(turn)[:, None] * radii).astype(int),
    )
    inside = (along[0] >= 0) & (along[0] < rows) & (along[1] >= 0) & (along[1] < columns)
    clipped = np.clip(along[0], 0, rows - 1), np.clip(along[1], 0, columns - 1)
    known = inside & valid[clipped]
    # the last known radius of each direction, and the mean of the few pixels before it
    last = np.where(known.any(axis=1), known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1), 0)
    steps = np.maximum(last[:, None] - np.arange(1, 6), 0)
    border = hu[clipped][np.arange(angles)[:, None], steps].mean(axis=1)
    border = np.maximum(border, -1000.0)
    direction = np.rint(np.arctan2(away[0], away[1]) / (2 * math.pi / angles)).astype(int) % angles
    beyond = np.clip((distance - last[direction]) / reach, 0, 1)
    fading = 0.5 + 0.5 * np.cos(math.pi * beyond)
    result = (-1000 + (border[direction] + 1000) * fading).astype(np.float32)
    middle = result[margin : margin + rows, margin : margin + columns]
    middle[valid] = hu[valid]
    return result


def project(mu: torch.Tensor, views: int = VIEWS) -> torch.Tensor:
    """Attenuation (H, W) per pixel length → line integrals (views, max(H, W)) over half a turn, rays one pixel apart.

    Samples one pixel apart, bilinear, air outside.
    """
    height, width = mu.shape
    size = max(height, width)
    steps = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    result = torch.empty(views, size)
    angles = torch.arange(views) * (math.pi / views)
    block = 24
    for first in range(0, views, block):
        angle = angles[first : first + block]
        cosine, sine = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
        across, along = steps[None, None, :], steps[None, :, None]
        x, y = across * cosine - along * sine, across * sine + along * cosine
        grid = torch.stack([x * (2 / width), y * (2 / height)], dim=-1)
        rotated = torch.nn.functional.grid_sample(
            mu.expand(len(angle), 1, height, width), grid, mode="bilinear", padding_mode="zeros", align_corners=False
        )
        result[first : first + block] = rotated.sum(dim=2)[:, 0]
    return result


def sinogram(hu: FloatArray, valid: npt.NDArray[np.bool_], spacing_mm: float, views: int = VIEWS) -> Sinogram:
    """Line integrals of a slice, its truncated parts extended first. Computed on pixels of twice the size: photons vary
    slowly from ray to ray, and it takes a quarter of the time."""
    reach = 60 / spacing_mm
    wide = extend(hu, valid, margin=math.ceil(reach) + 1, reach=reach)
    mu = torch.from_numpy(wide).add(1000).clamp(min=0).mul(WATER_PER_MM * spacing_mm / 1000)
    coarse = torch.nn.functional.avg_pool2d(mu[None, None], 2)[0, 0]
    return Sinogram(project(coarse, views) * 2, pitch=2.0)


def at_rays(rays: Sinogram, count: int) -> torch.Tensor:
    """(views, count): the line integrals on rays one pixel apart, linear in between."""
    size = rays.values.shape[1]
    wanted = (torch.arange(count) - (count - 1) / 2) / rays.pitch + (size - 1) / 2
    low = wanted.floor().clamp(0, size - 2).long()
    part = (wanted - low).clamp(0, 1)
    return rays.values[:, low] * (1 - part) + rays.values[:, low + 1] * part


def ray_count(shape: tuple[int, int]) -> int:
    """Rays one pixel apart that cover an image of ``shape`` at any angle."""
    return 2 * math.ceil(math.hypot(*shape) / 2) + 8


def apodisation(frequency: DoubleArray, power: DoubleArray, length: int) -> torch.Tensor:
    """Filter (length // 2 + 1,) on the frequencies of ``rfft(length)`` whose noise has the radial spectrum ``power``.

    White noise in the rays becomes, filtered by F and projected back, an image of spectrum F² / f (Riederer, Pelc,
    Chesler 1978, Phys Med Biol 23: 446), so F = sqrt(f · power). Between and beyond the given frequencies
    (cycles per pixel) the power is linear, and it fades below the first and to zero at 0.5.
    """
    wanted = np.arange(length // 2 + 1) / length
    inside = (frequency > 0) & (frequency < 0.5)
    known_f = np.concatenate([[0.0], frequency[inside], [0.5]])
    known = np.concatenate([[power[inside][0] * 0.5], power[inside], [0.0]])
    response = np.sqrt(np.maximum(np.interp(wanted, known_f, known), 0) * wanted)
    # a reconstruction keeps what is coarse as it is: there the filter is the ramp itself
    coarse = (wanted > 0.03) & (wanted < 0.12)
    return torch.from_numpy(response / (response[coarse] / wanted[coarse]).mean()).float()


def filtered(rays: torch.Tensor, response: torch.Tensor) -> torch.Tensor:
    """(..., rays) times the filter → (..., OVERSAMPLED · rays) band-limited samples a fraction of a pixel apart."""
    length = 2 * (len(response) - 1)
    frequency = torch.fft.rfft(rays, n=length) * response
    samples = torch.fft.irfft(frequency, n=length * OVERSAMPLED)[..., : OVERSAMPLED * rays.shape[-1]]
    return samples * OVERSAMPLED


def back_project(
    rays: torch.Tensor, response: torch.Tensor, shape: tuple[int, int], pixels: torch.Tensor | None = None
) -> torch.Tensor:
    """(C, views, rays) → filtered, then summed over the views: (pixels, C).

    ``pixels``: flat indices into ``shape``, all of them if not given. Ray (rays − 1) / 2 passes through the middle of
    the image. The sum has no factor: for an image multiply by π / views.
    """
    channels, views, count = rays.shape
    pixels = torch.arange(shape[0] * shape[1]) if pixels is None else pixels
    row = torch.div(pixels, shape[1], rounding_mode="floor").float() - (shape[0] - 1) / 2
    column = (pixels % shape[1]).float() - (shape[1] - 1) / 2
    result = torch.zeros(len(pixels), channels)
    middle = OVERSAMPLED * (count - 1) / 2 + 0.5  # half a sample more, so that cutting off rounds
    block = 40
    for first in range(0, views, block):
        lines = filtered(rays[:, first : first + block], response).permute(1, 2, 0).contiguous()
        for offset, line in enumerate(lines):
            angle = math.pi * (first + offset) / views
            place = column * (OVERSAMPLED * math.cos(angle))
            place.add_(row, alpha=OVERSAMPLED * math.sin(angle)).add_(middle)
            result.add_(line.index_select(0, place.to(torch.int32)))
    return result


@dataclass(frozen=True)
class Photons:
    """``unattenuated``: photons of a ray through air at full dose, N₀. ``electronic``: SD of a detector in photons."""

    unattenuated: float
    electronic: float


def ray_noise(
    integrals: torch.Tensor, photons: Photons, dose: float, count: int, generator: torch.Generator
) -> torch.Tensor:
    """(count, views, rays): what must be added to line integrals of full dose for them to be as noisy as at ``dose``.

    At dose d a ray of N photons has the variance 1/(dN) + (e/dN)², of which 1/N + (e/N)² is there already. Poisson
    counts and a Gaussian electronic part make the difference; the logarithm is taken as linear, so that the mean stays.
    """
    expected = (dose * photons.unattenuated * torch.exp(-integrals)).expand(count, *integrals.shape)
    quantum = torch.poisson(expected, generator=generator).div_(expected).sub_(1)
    electronic = torch.randn(expected.shape, generator=generator).div_(expected)
    return quantum.mul_(math.sqrt(1 - dose)).add_(electronic, alpha=photons.electronic * math.sqrt(1 - dose * dose))


class Simulator:
    """Noise for one slice: holds its line integrals, its kernel and its strength, and draws realisations.

    ``frequency``, ``power``: the radial spectrum of the series' own noise, cycles per pixel. ``level``: its measured
    soft-tissue SD in HU. ``measured``: mask of the pixels that this was measured in; there the mean added variance is
    (1/d − 1) · level².
    """

    def __init__(
        self,
        rays: Sinogram,
        shape: tuple[int, int],
        spacing_mm: float,
        frequency: DoubleArray,
        power: DoubleArray,
        level: float,
        measured: npt.NDArray[np.bool_],
        electronic: float = 5.0,
    ) -> None:
        self.shape, self.level, self.electronic = shape, level, electronic
        self.hu_per_attenuation = 1000 / (WATER_PER_MM * spacing_mm)
        count = ray_count(shape)
        self.integrals = at_rays(rays, count).clamp(max=MAX_INTEGRAL)
        self.response = apodisation(frequency, power, 2 ** math.ceil(math.log2(2 * count)))
        inside = torch.from_numpy(np.flatnonzero(measured))
        self.quantum, self.starved = self._variances(inside[:: max(1, len(inside) // 2000)])

    def _variances(self, pixels: torch.Tensor) -> tuple[float, float]:
        """Mean variance in HU² at ``pixels`` for rays whose variance is e^p, and e^2p (one photon through air).

        The squared filter carries variances as the filter carries values, so no noise has to be drawn to know them.
        """
        kernel = torch.fft.irfft(self.response)
        squared = torch.fft.rfft(kernel * kernel)
        variances = torch.stack([torch.exp(self.integrals), torch.exp(2 * self.integrals)])
        mean = back_project(variances, squared, self.shape, pixels).double().mean(dim=0)
        quantum, starved = (mean * (self.hu_per_attenuation * math.pi / len(self.integrals)) ** 2).tolist()
        return quantum, starved

    def photons(self, dose: float) -> Photons:
        """N₀ from the measured noise: a/N + b(1 + 1/d)/N² = level², with a and b of ``_variances``."""
        starved = self.starved * self.electronic**2 * (1 + 1 / dose)
        root = math.sqrt(self.quantum**2 + 4 * self.level**2 * starved)
        return Photons((self.quantum + root) / (2 * self.level**2), self.electronic)

    def noise(self, dose: float, count: int, generator: torch.Generator) -> FloatArray:
        """(count, rows, columns) HU: what a scan at ``dose`` (0–1, of this one's) would show in addition."""
        if not 0 < dose < 1:
            raise ValueError(f"dose must lie between 0 and 1, got {dose}")
        rays = ray_noise(self.integrals, self.photons(dose), dose, count, generator)
        image = back_project(rays, self.response, self.shape)
        scale = self.hu_per_attenuation * math.pi / len(self.integrals)
        return (image * scale).t().reshape(count, *self.shape).numpy()
