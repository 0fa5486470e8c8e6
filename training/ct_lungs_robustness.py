"""What a lung mask should survive: changes of a CT scan that leave the lungs where they are, or move them knowably."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from training.ct_labels import IGNORE
from training.ct_scans import Scan, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Bytes = npt.NDArray[np.uint8]
Sample = tuple[Scan, Bytes]
"""A canonical scan, and its label of the same shape."""


def averaged(sample: Sample, thickness_mm: float = 5.0) -> Sample:
    """Slices averaged to ``thickness_mm`` without overlap, as a thicker reconstruction would; single ones stay.

    A voxel's label is that of most of its slices; it is ignored where an ignored one is among them.
    """
    scan, label = sample
    count = max(1, round(thickness_mm / scan.spacing[0]))
    whole = len(scan.voxels) // count
    if scan.single or count == 1 or whole < 2:
        return sample
    blocks = scan.voxels[: whole * count].reshape(whole, count, *scan.voxels.shape[1:])
    voxels = np.rint(blocks.mean(axis=1, dtype=np.float32)).astype(np.int16)
    parts = label[: whole * count].reshape(whole, count, *label.shape[1:])
    thick = np.zeros(voxels.shape, np.uint8)
    for side in (1, 2):
        thick[(parts == side).sum(axis=1) * 2 > count] = side
    thick[(parts == IGNORE).any(axis=1)] = IGNORE
    affine = scan.affine.copy()
    affine[:3, 3] += affine[:3, 0] * (count - 1) / 2
    affine[:3, 0] *= count
    return replace(scan, voxels=voxels, affine=affine, thickness_mm=count * scan.spacing[0]), thick


def turned_prone(sample: Sample) -> Sample:
    """The same voxels under a header that says the patient lies the other way up: right is left, front is back.

    The label follows the header: what it calls right is now where left was.
    """
    scan, label = sample
    affine = scan.affine.copy()
    # half a turn about the patient's long axis, LPS: x and y change sign
    affine[:2] *= -1
    exchanged = np.array([0, 2, 1, *range(3, 256)], np.uint8)
    prone = canonical(replace(scan, affine=affine))
    as_scan = canonical(replace(scan, affine=affine, voxels=label.astype(np.int16)))
    return prone, exchanged[as_scan.voxels.astype(np.uint8)]


def blurred(sample: Sample, sigma_mm: float = 1.5) -> Sample:
    """A soft kernel: Gaussian in the plane of the slice."""
    scan, label = sample
    voxels = np.empty_like(scan.voxels)
    for k, plane in enumerate(scan.voxels):
        image = sitk.GetImageFromArray(plane.astype(np.float32))
        image.SetSpacing((scan.spacing[2], scan.spacing[1]))
        voxels[k] = np.rint(sitk.GetArrayFromImage(sitk.DiscreteGaussian(image, [sigma_mm**2] * 2, 32, 0.01, True)))
    return replace(scan, voxels=voxels), label


def noisy(sample: Sample, deviation: float = 60.0) -> Sample:
    """White noise of a low dose."""
    scan, label = sample
    noise = np.random.default_rng(0).normal(0, deviation, scan.voxels.shape).astype(np.float32)
    return replace(scan, voxels=np.rint(np.clip(scan.voxels + noise, -1024, 3071)).astype(np.int16)), label


CHANGES: Mapping[str, Callable[[Sample], Sample]] = MappingProxyType(
    {
        "averaged to 5 mm": averaged,
        "relabelled prone": turned_prone,
        "blur, SD 1.5 mm": blurred,
        "noise, SD 60 HU": noisy,
    }
)
