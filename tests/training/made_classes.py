"""A folder of drawn chests in three classes: clear lungs, one dense lung, hazy lungs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from tests.training import made_chests

NAMES = ("normal", "bacterial", "viral")


def write(root: Path, patients: int = 30) -> Path:
    """``patients`` children with one image each; every fifth is ``val``, the rest ``train``."""
    rng = np.random.default_rng(0)
    for folder in ("images", "lungs"):
        (root / folder).mkdir(parents=True)
    rows = []
    for index in range(patients):
        label = NAMES[index % 3]
        image, mask = made_chests.draw(rng, (64, 64))
        lung, pixels = mask > 0, image.astype(float)
        if label == "bacterial":
            dense = lung & (np.arange(64) < 32)
            pixels[dense] = 190 + rng.normal(0, 6, int(dense.sum()))
        elif label == "viral":
            pixels[lung] += rng.normal(45, 35, int(lung.sum()))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(root / "images" / f"c{index}.png")
        Image.fromarray(mask).save(root / "lungs" / f"c{index}.png")
        rows.append(
            {
                "image": f"images/c{index}.png",
                "label": label,
                "patient": f"p{index}",
                "lung_mask": f"lungs/c{index}.png",
                "mask_size_confirmed": "1",
                "split": "val" if index % 5 == 0 else "train",
            }
        )
    with (root / "index.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return root
