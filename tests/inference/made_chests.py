"""CT chests with known lungs: two balls of lung in an elliptic body, and a network that answers exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from inference import ct_grid
from inference.types import Attributes, Request
from inference.volume import Calibration, Volume
from tests.inference.made_models import manifest, write_manifest

CHEST = Attributes(modality="CT", body_part="CHEST", kernel="B30f", slice_thickness_mm=1.0)
RADII = {"Right lung": 50.0, "Left lung": 42.0}
"""mm; the right one is larger, so that exchanged sides are found out."""
CENTRES = {"Right lung": (0.0, 0.0, -70.0), "Left lung": (0.0, 0.0, 70.0)}
"""mm (superior, posterior, left) from the middle of the volume."""
LUNG_HU, BODY_HU = -850, 40
STEP = (4.0, 4.0, 4.0)

SIZE = 192


class AiredSides(torch.nn.Module):
    """Answers exactly: what has the density of lung is right lung in the left half of the grid, else left lung."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(60.0))
        self.first = torch.nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low, high = ct_grid.LUNG_WINDOW
        middle = ((LUNG_HU + BODY_HU) / 2 - low) / (high - low)
        # the rim between body and the air around it has every density in between
        darkest = -torch.nn.functional.max_pool2d(-x[:, 1:2], 7, 1, 3)
        aired = torch.minimum(middle - x[:, 1:2], darkest - 0.06) * self.first(self.gain)
        columns = torch.arange(x.shape[-1], device=x.device)
        right = columns < x.shape[-1] / 2
        return torch.cat([torch.where(right, aired, -20.0), torch.where(right, -20.0, aired)], dim=1)


def chest(shape: tuple[int, int, int] = (30, 75, 95), step: tuple[float, float, float] = STEP) -> np.ndarray:
    """int16 HU, index growing towards Superior, Posterior, Left; ``step`` mm between (slices, rows, columns)."""
    axes = [(np.arange(count) - (count - 1) / 2) * mm for count, mm in zip(shape, step, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    voxels = np.full(shape, -1000, np.int16)
    voxels[(x / 170) ** 2 + (y / 120) ** 2 <= 1] = BODY_HU
    for name, radius in RADII.items():
        centre = CENTRES[name]
        voxels[(z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2 <= radius**2] = LUNG_HU
    return voxels


def affine(step: tuple[float, float, float] = STEP) -> np.ndarray:
    """Index (k, row, column) → LPS mm of ``chest``: slices head-wards, rows backwards, columns to the left."""
    result = np.zeros((4, 4))
    result[2, 0], result[1, 1], result[0, 2], result[3, 3] = *step, 1
    result[:3, 3] = (-100, -80, 30)
    return result


def ball_ml(name: str) -> float:
    return 4 / 3 * np.pi * RADII[name] ** 3 / 1000


def request(
    voxels: np.ndarray,
    place: np.ndarray | None = None,
    attributes: Attributes = CHEST,
    *,
    insist: bool = False,
) -> Request:
    volume = Volume(voxels, affine() if place is None else place, (4.0, 4.0), Calibration.PATIENT, "HU")
    return Request("r1", volume, attributes, device="cpu", insist=insist)


def write_bundle(root: Path) -> Path:
    """A model folder whose network is ``AiredSides``."""
    content = save(AiredSides().state_dict())
    entries = manifest(content, "AiredSides", {})
    entries["scoutview"]["task"] = "ct-lung-segmentation"
    entries["scoutview"]["contract"] = {
        "kind": "ct",
        "modalities": ["CT"],
        "body_parts": ["CHEST", "ABDOMEN"],
        "size": SIZE,
        "min_size": 10,
        "min_slices": 1,
        "max_thickness_mm": 10.0,
        "needs_grid": True,
    }
    for folder in ("configs", "models", "docs"):
        (root / folder).mkdir(parents=True)
    (root / "models" / "model.safetensors").write_bytes(content)
    (root / "docs" / "README.md").write_text("# Made\n", encoding="utf-8")
    (root / "LICENSE").write_text("none", encoding="utf-8")
    write_manifest(root, entries)
    return root
