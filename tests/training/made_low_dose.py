"""Drawn bodies with noise of a known kind, for tests of the dose simulator and of training on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests import phantoms
from training.ct_data import Header
from training.low_dose import Target

FloatArray = npt.NDArray[np.float32]


def cylinder(size: int = 192, spacing: float = 1.6, radius_mm: float = 110.0) -> FloatArray:
    """Water in air, (size, size) HU."""
    axis = (np.arange(size) - (size - 1) / 2) * spacing
    inside = np.hypot(axis[:, None], axis[None, :]) < radius_mm
    return np.where(inside, 0.0, -1000.0).astype(np.float32)


def coloured(shape: tuple[int, int], level: float, seed: int, width: float = 0.22) -> FloatArray:
    """Gaussian noise whose radial spectrum is f · exp(−2 (f / width)²), as reconstructions have it, of SD ``level``."""
    noise = np.random.default_rng(seed).standard_normal(shape)
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :])
    shaped = np.fft.ifft2(np.fft.fft2(noise) * np.sqrt(power(radius, width))).real
    return (shaped * (level / shaped.std())).astype(np.float32)


def power(frequency: npt.NDArray[np.float64], width: float = 0.22) -> npt.NDArray[np.float64]:
    """The spectrum of ``coloured``, cycles per pixel."""
    return frequency * np.exp(-2 * (frequency / width) ** 2)


def header(patient: str = "p0", spacing: float = 1.6, size: int = 192) -> Header:
    """A header for slices that are in no file."""
    return Header(
        name=f"{patient}.dcm",
        path=Path(f"{patient}.dcm"),
        patient=patient,
        series=patient,
        maker="MAKER",
        kernel="SOFT",
        thickness_mm=5.0,
        spacing=(spacing, spacing),
        shape=(size, size),
        position=(0.0, 0.0, 0.0),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        patient_position="HFS",
        padding=None,
    )


def target(seed: int, patient: str, size: int = 96) -> Target:
    """A drawn slice with structure, a little noise of its own, and units of more."""
    rng = np.random.default_rng(seed)
    hu = cylinder(size, 2.0, 75.0)
    axis = (np.arange(size) - size / 2) * 2.0
    for _ in range(12):
        cy, cx, radius = rng.uniform(-50, 50), rng.uniform(-50, 50), rng.uniform(4, 14)
        hu[np.hypot(axis[:, None] - cy, axis[None, :] - cx) < radius] = rng.choice([-100.0, 60.0, 120.0, 300.0])
    hu = hu + coloured(hu.shape, 3.0, seed)
    units = np.stack([coloured(hu.shape, 10.0, 100 * seed + k) for k in range(7)])
    return Target(header(patient, 2.0, size), hu, 10.0, hu > -500, units.astype(np.float16))


def write(folder: Path, patients: int = 3, size: int = 128) -> None:
    """DICOM slices of drawn bodies, quiet enough to learn from; one patient has several."""
    for number in range(patients):
        hu = np.stack(
            [
                np.rint(
                    cylinder(size, 2.4, 120.0)
                    + 50 * (cylinder(size, 2.4, 120.0) > -500)
                    + coloured((size, size), 8.0, 10 * number + k)
                )
                for k in range(3 if number == 0 else 1)
            ]
        )
        phantoms.ct(
            folder / f"p{number}",
            voxels=(hu + 1024).astype(np.int16),
            spacing=(5.0, 2.4, 2.4),
            series=f"p{number}",
            patient_id=f"p{number}",
            Manufacturer="MAKER",
            ConvolutionKernel="SOFT",
        )
