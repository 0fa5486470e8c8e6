"""Model folders and radiographs with known answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from inference import networks
from inference.types import Attributes, Request
from inference.volume import Calibration, Volume

TINY = {"in_channels": 1, "out_channels": 2, "widths": [4, 6], "fold": 2}

FRONTAL = Attributes(modality="DX", body_part="CHEST", view_position="PA", patient_orientation=("L", "F"))


class DarkSides(torch.nn.Module):
    """Answers exactly: a dark pixel left of the middle is image-left lung, right of it image-right lung."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(40.0))
        self.first, self.second = torch.nn.Identity(), torch.nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dark = self.second(self.first((0.5 - x) * self.gain))
        columns = torch.arange(x.shape[-1], device=x.device)
        left = columns < x.shape[-1] / 2
        return torch.cat([torch.where(left, dark, -20.0), torch.where(left, -20.0, dark)], dim=1)


def manifest(weights: bytes, network: str, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "version": "0.0.1",
        "description": "made for a test",
        "intended_use": "tests",
        "eval_metrics": {},
        "scoutview": {
            "schema": 1,
            "id": "made",
            "title": "Made",
            "task": "lung-segmentation",
            "licence": "Apache-2.0",
            "flip": False,
            "sha256": hashlib.sha256(weights).hexdigest(),
            "network": {"name": network, "arguments": dict(TINY if arguments is None else arguments)},
            "labels": [
                {"value": 1, "name": "Right lung", "code": "3341006", "meaning": "Right lung", "colour": [1, 2, 3]},
                {"value": 2, "name": "Left lung", "code": "44029006", "meaning": "Left lung", "colour": [4, 5, 6]},
            ],
            "contract": {
                "modalities": ["CR", "DX"],
                "body_parts": ["CHEST", "THORAX"],
                "views": ["PA", "AP"],
                "unit": "presentation",
                "size": 128,
                "min_size": 32,
                "max_aspect": 2.0,
            },
            "limits": ["none"],
            "training_data": [{"name": "none", "licence": "none", "citation": "none"}],
            "peak_memory_mb": 1,
        },
    }


def write_bundle(
    root: Path, *, network: str = "ResidualUNet", arguments: Mapping[str, Any] | None = None, flip: bool = False
) -> Path:
    """A valid model folder at ``root`` with randomly initialised weights."""
    torch.manual_seed(0)
    model = networks.build(network, TINY if arguments is None else arguments)
    content = save(model.state_dict())
    entries = manifest(content, network, arguments)
    entries["scoutview"]["flip"] = flip
    for folder in ("configs", "models", "docs"):
        (root / folder).mkdir(parents=True)
    (root / "models" / "model.safetensors").write_bytes(content)
    (root / "docs" / "README.md").write_text("# Made\n", encoding="utf-8")
    (root / "LICENSE").write_text("none", encoding="utf-8")
    write_manifest(root, entries)
    return root


def write_manifest(root: Path, entries: object) -> None:
    (root / "configs" / "metadata.json").write_text(json.dumps(entries), encoding="utf-8")


def read_manifest(root: Path) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads((root / "configs" / "metadata.json").read_text(encoding="utf-8"))
    return entries


def chest(rows: int = 300, columns: int = 260) -> np.ndarray:
    """(rows, columns) in 0–1: two dark upright ellipses, the image-left one wider, on a bright ground."""
    y, x = np.mgrid[0:rows, 0:columns]
    y, x = (y + 0.5) / rows, (x + 0.5) / columns
    image = 0.8 + 0.1 * x
    for centre, half_width in ((0.27, 0.16), (0.73, 0.12)):
        image[((x - centre) / half_width) ** 2 + ((y - 0.5) / 0.35) ** 2 <= 1] = 0.1
    return image


ELLIPSE_SHARES = (np.pi * 0.16 * 0.35, np.pi * 0.12 * 0.35)
"""Areas of the two ellipses of ``chest`` as shares of the image: image left, image right."""


def request(
    image: np.ndarray,
    attributes: Attributes = FRONTAL,
    *,
    spacing: tuple[float, float] | None = None,
    calibration: Calibration = Calibration.NONE,
    device: str = "cpu",
    insist: bool = False,
) -> Request:
    volume = Volume(image[np.newaxis], None, spacing, calibration, unit="presentation")
    return Request("r1", volume, attributes, device=device, insist=insist)
