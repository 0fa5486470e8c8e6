"""A folder in the layout of the chest-radiograph data, drawn rather than taken from patients."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image


def draw(rng: np.random.Generator, shape: tuple[int, int] = (96, 96)) -> tuple[np.ndarray, np.ndarray]:
    """Image and mask (uint8, 255 lung): two dark ellipses of random size and place on a bright noisy ground."""
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns]
    y, x = (y + 0.5) / rows, (x + 0.5) / columns
    lung = np.zeros(shape, bool)
    for centre in (0.28, 0.72):
        across, down = centre + rng.uniform(-0.04, 0.04), 0.5 + rng.uniform(-0.05, 0.05)
        lung |= ((x - across) / rng.uniform(0.11, 0.17)) ** 2 + ((y - down) / rng.uniform(0.26, 0.36)) ** 2 <= 1
    image = np.where(lung, 60, 180) + rng.normal(0, 8, shape)
    return np.clip(image, 0, 255).astype(np.uint8), np.where(lung, 255, 0).astype(np.uint8)


def write(root: Path, patients: int = 24, adults: int = 6, missing: int = 2) -> Path:
    """``patients`` children with one image each (every fifth of split ``val``), ``adults``, and ``missing`` ones."""
    rng = np.random.default_rng(0)
    for folder in ("images", "lungs", "adult"):
        (root / folder).mkdir(parents=True)
    children = []
    for index in range(patients + missing):
        image, mask = draw(rng)
        Image.fromarray(image).save(root / "images" / f"c{index}.png")
        has_mask = index < patients
        if has_mask:
            Image.fromarray(mask).save(root / "lungs" / f"c{index}.png")
        children.append(
            {
                "image": f"images/c{index}.png",
                "label": "normal" if index % 2 else "viral",
                "patient": f"p{index}",
                "lung_mask": f"lungs/c{index}.png" if has_mask else "",
                "mask_size_confirmed": str(index % 3 % 2) if has_mask else "",
                "split": "val" if index % 5 == 0 else "train",
            }
        )
    grown = []
    for index in range(adults):
        image, mask = draw(rng, (120, 100))
        mask[:6, :6] = 127
        Image.fromarray(image).save(root / "adult" / f"a{index}.png")
        Image.fromarray(mask).save(root / "adult" / f"a{index}_lungs.png")
        grown.append(
            {
                "image": f"adult/a{index}.png",
                "lung_mask": f"adult/a{index}_lungs.png",
                "patient": f"{index // 2}",
                "finding": "COVID-19",
                "view": "PA" if index % 2 else "AP Supine",
            }
        )
    for name, entries in (("index.csv", children), ("adult.csv", grown)):
        if entries:
            with (root / name).open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, fieldnames=list(entries[0]))
                writer.writeheader()
                writer.writerows(entries)
    return root
