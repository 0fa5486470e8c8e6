"""Figures of a CT lung evaluation: outlines over slices (to look at), outlines alone (to publish), spread of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from training.ct_labels import IGNORE
from training.figures import INK, dots
from training.metrics import surface

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from training.ct_lungs_scoring import Segment
    from training.ct_scans import Scan

TILE = 300
RIGHT_FOUND, LEFT_FOUND, WANTED, UNSURE = (40, 130, 220), (240, 130, 0), (40, 190, 80), (200, 60, 200)
Bytes = npt.NDArray[np.uint8]


def draw(
    folder: Path,
    report: Mapping[str, Any],
    scans: Sequence[Scan],
    choose: Callable[[Scan], Segment],
    label_of: Callable[[Scan], Bytes],
) -> None:
    """``overlays.png`` (shows patients: mind the licence), ``contours.png`` (outlines alone) and ``dice.png``."""
    by_name = {scan.name: scan for scan in scans}
    tiles = []
    for kind, case in cases(report):
        scan = by_name[case["name"]]
        found, wanted = choose(scan)(scan), label_of(scan)
        k = shown_slice(kind, found, wanted)
        tiles.append(
            (
                scan.voxels[k],
                found[k],
                wanted[k],
                f"{kind}: {scan.name.split('/')[0][:24]} {k}, Dice {case['dice']:.3f}",
            )
        )
    sheet(folder / "overlays.png", tiles, background=True)
    anonymous = [(*tile[:3], f"{tile[3].split(':')[0]}: Dice {tile[3].rpartition(' ')[2]}") for tile in tiles]
    sheet(folder / "contours.png", anonymous, background=False)
    distribution(folder / "dice.png", report)


def cases(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The volumes, typical slices (around the median Dice) and the worst ones: four each at most."""
    shown = [case for case in report["scans"] if case["lung_cm2"] >= 1 or case["volume"]]
    ordered = sorted((case for case in shown if not case["volume"]), key=lambda case: case["dice"])
    middle = max(0, len(ordered) // 2 - 2)
    volumes = [case for case in shown if case["volume"]][:4]
    return (
        [("volume", case) for case in volumes]
        + [("typical", case) for case in ordered[middle : middle + 4]]
        + [("worst", case) for case in ordered[:4]]
    )


def shown_slice(kind: str, found: Bytes, wanted: Bytes) -> int:
    """The slice in which found and wanted differ most."""
    if kind == "volume":
        differ = ((found > 0) != (wanted > 0)) & (wanted != IGNORE)
        return int(differ.sum(axis=(1, 2)).argmax())
    return 0


def sheet(path: Path, tiles: Sequence[tuple[npt.NDArray[np.integer], Bytes, Bytes, str]], *, background: bool) -> None:
    """Tiles of one slice each: found right (blue) and left (orange), wanted (green), ignored (magenta)."""
    columns = 4
    rows = -(-len(tiles) // columns)
    picture = Image.new("RGB", (columns * TILE, rows * (TILE + 20)), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(12)
    for index, (plane, found, wanted, title) in enumerate(tiles):
        tile = np.full((TILE, TILE, 3), 255, np.uint8)
        if background:
            grey = np.clip((plane.astype(np.float32) + 1350) / 1800, 0, 1) * 255
            tile[:] = np.array(Image.fromarray(grey).resize((TILE, TILE), Image.Resampling.BILINEAR))[..., np.newaxis]
        for mask, colour in (
            (wanted == IGNORE, UNSURE),
            ((wanted > 0) & (wanted != IGNORE), WANTED),
            (found == 1, RIGHT_FOUND),
            (found == 2, LEFT_FOUND),
        ):
            grown = Image.fromarray(mask.astype(np.float32)).resize((TILE, TILE), Image.Resampling.BILINEAR)
            tile[surface(np.array(grown) >= 0.5)] = colour
        left, top = index % columns * TILE, index // columns * (TILE + 20)
        picture.paste(Image.fromarray(tile), (left, top + 20))
        pen.text((left + 4, top + 3), title, fill=INK, font=font)
    picture.save(path, optimize=True)


def distribution(path: Path, report: Mapping[str, Any]) -> None:
    """Every scan that shows lung a dot at its Dice, volumes apart from slices, with the median marked."""
    shown = [case for case in report["scans"] if case["lung_cm2"] >= 1 or case["volume"]]
    groups = {
        "volumes": [case["dice"] for case in shown if case["volume"]],
        "single slices": [case["dice"] for case in shown if not case["volume"]],
    }
    dots(path, groups)
