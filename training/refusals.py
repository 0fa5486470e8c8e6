"""How often the plausibility check sees through pictures that are no chest radiographs.

``python -m training.refusals BUNDLE --images FOLDER [--json F]``: every PNG or JPEG under FOLDER is analysed as an
image with a silent header would be. The first folder below FOLDER names its kind in the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from inference.bundle import BundleError, load_bundle
from inference.tasks import lung_fields
from training.data import DataError, read_image
from training.scoring import Predict, predict_mask

SUFFIXES = (".png", ".jpg", ".jpeg")


def measure(predict: Predict, size: int, folder: Path) -> dict[str, dict[str, int]]:
    """kind → number of ``images`` and of those ``refused``."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"images": 0, "refused": 0})
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        _, objection = predict_mask(predict, read_image(path).astype(np.float32), size)
        entry = counts[path.relative_to(folder).parts[0] if path.parent != folder else "other"]
        entry["images"] += 1
        entry["refused"] += objection is not None
    return dict(counts)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.refusals", description="Count refused non-radiographs.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures that are no chest radiographs")
    parser.add_argument("--json", type=Path, help="save the counts here")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        counts = measure(lung_fields.predictor(bundle, "cpu"), bundle.contract.size, options.images)
        if not counts:
            raise DataError(f"no PNG or JPEG in {options.images}")
        for kind, entry in counts.items():
            sys.stdout.write(f"{kind:40}{entry['refused']:>5} of {entry['images']:>5} refused\n")
        if options.json:
            options.json.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    except (BundleError, DataError, OSError) as error:
        sys.stderr.write(f"training.refusals: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
