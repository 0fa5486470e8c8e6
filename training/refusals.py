"""How often the plausibility check sees through pictures that are no chest radiographs.

``python -m training.refusals BUNDLE --images FOLDER [--json F]``: every PNG or JPEG under FOLDER is analysed as an
image with a silent header would be. The first folder below FOLDER names its kind in the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference import preprocess, runtime
from inference.bundle import Bundle, BundleError, load_bundle
from inference.tasks import lung_fields
from training.calibrate import strangeness_of
from training.data import DataError, read_image
from training.scoring import predict_mask

Refuses = Callable[[npt.NDArray[np.float32]], bool]
"""(H, W) image of which nothing is known → whether the model refuses it."""

SUFFIXES = (".png", ".jpg", ".jpeg")


def measure(refuses: Refuses, folder: Path) -> dict[str, dict[str, int]]:
    """kind → number of ``images`` and of those ``refused``."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"images": 0, "refused": 0})
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        entry = counts[path.relative_to(folder).parts[0] if path.parent != folder else "other"]
        entry["images"] += 1
        entry["refused"] += refuses(read_image(path).astype(np.float32))
    return dict(counts)


def refuser(bundle: Bundle) -> Refuses:
    """Whether ``bundle`` refuses an image of which no header says anything, by its task's own check."""
    size = bundle.contract.size
    if bundle.task == "chest-classification":
        network = runtime.load_network(bundle, "cpu")
        limit = float(bundle.arguments["strange_above"])
        return lambda image: bool(strangeness_of(network, [preprocess.prepare(image, size)])[0] > limit)
    predict = lung_fields.predictor(bundle, "cpu")
    return lambda image: predict_mask(predict, image, size)[1] is not None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.refusals", description="Count refused non-radiographs.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures that are no chest radiographs")
    parser.add_argument("--json", type=Path, help="save the counts here")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        counts = measure(refuser(bundle), options.images)
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
