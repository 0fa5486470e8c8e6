"""The classical method, its corrections, and masks of the reader's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from tests.training import made_ct
from training import ct_classical, ct_labels
from training.ct_labels import IGNORE, corrected, labels, polygon_mask
from training.ct_scans import find_scans
from training.data import DataError


def dice(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(2 * ((found == wanted) & (wanted > 0)).sum() / ((found > 0).sum() + (wanted > 0).sum()))


def test_the_classical_method_finds_known_lungs_and_their_sides() -> None:
    scan = made_ct.scan()
    found = ct_classical.lungs(scan.voxels, scan.spacing)
    assert dice(found, made_ct.label()) > 0.93


def test_lungs_that_touch_are_parted_and_vessels_closed() -> None:
    voxels = made_ct.chest()
    wanted = made_ct.label()
    # a bridge of lung between both, and a vessel through the right one
    voxels[14:16, 36:39, 38:60] = -850
    voxels[10:20, 36:38, 28:30] = 40
    found = ct_classical.lungs(voxels, made_ct.STEP)
    assert dice(found, wanted) > 0.9
    assert (found[14, 36:38, 28:30] == 1).all()


def test_the_trachea_and_the_air_around_are_no_lung() -> None:
    voxels = made_ct.chest()
    voxels[:, 20:24, 45:49] = -1000
    found = ct_classical.lungs(voxels, made_ct.STEP)
    assert not found[:, 20:24, 45:49].any()
    assert not found[:, :4, :].any()


def test_edits_apply_in_their_order() -> None:
    scan = made_ct.scan()
    plain = np.zeros(scan.voxels.shape, np.uint8)
    plain[:, 10:20, 10:20] = 1
    box = [[12, 12], [16, 12], [16, 16], [12, 16]]
    wide = [[5, 5], [40, 5], [40, 40], [5, 40]]
    edits = [
        {"do": "remove", "polygon": box, "from": 2, "to": 3},
        {"do": "ignore", "polygon": wide, "from": 3, "to": 3},
        {"do": "left", "polygon": box, "from": 3, "to": 3},
    ]
    result = corrected(plain, scan, edits)
    inside = polygon_mask(box, plain.shape[1:])
    assert (result[1] == plain[1]).all()
    assert not result[2][inside].any()
    assert (result[3][inside] == 2).all()
    assert result[3][15, 25] == IGNORE
    assert result[3][11, 11] == 1
    assert plain[2][inside].all(), "the input was changed"
    assert not corrected(plain, scan, [{"do": "none"}]).any()
    kept = corrected(plain, scan, [{"do": "keep", "polygon": box}])
    assert (kept[0] > 0).sum() == inside.sum()
    with pytest.raises(ValueError, match="unknown edit"):
        corrected(plain, scan, [{"do": "guess", "polygon": box}])


def test_closing_takes_in_a_tumour_at_the_pleura_and_below_takes_only_air() -> None:
    scan = made_ct.scan()
    lung = made_ct.label()
    k = 15
    rows, columns = np.nonzero(lung[k] == 1)
    edge = int(columns.min())
    bitten = lung.copy()
    bite = (slice(int(rows.mean()) - 1, int(rows.mean()) + 2), slice(edge, edge + 3))
    bitten[k][bite] = 0
    box = [[edge - 2, 0], [edge + 8, 0], [edge + 8, 74], [edge - 2, 74]]
    closed = corrected(bitten, scan, [{"do": "close", "radius": 40, "polygon": box}])
    assert (closed[k][bite] == 1).mean() > 0.6
    whole = [[0, 0], [94, 0], [94, 74], [0, 74]]
    aired = corrected(np.zeros_like(lung), scan, [{"do": "right", "polygon": whole, "below": -500, "from": k, "to": k}])
    assert aired[k][lung[k] > 0].mean() > 0.9
    assert not aired[k][(scan.voxels[k] == 40)].mean() > 0.1


def test_every_correction_that_ships_is_a_known_edit_inside_its_image() -> None:
    for name, edits in ct_labels.corrections().items():
        for edit in edits:
            assert edit["do"] in ("none", "keep", "remove", "right", "left", "close", "ignore"), name
            points = np.array(edit.get("polygon", [[0, 0]]))
            assert points.min() >= 0, name
            assert points.max() <= 511, name
            assert edit.get("from", 0) <= edit.get("to", 10_000), name


def test_patterns_and_cache(tmp_path: Path) -> None:
    assert ct_labels.edits_of("head-gantry-tilt/07") == [{"do": "none"}]
    assert ct_labels.edits_of("somebody-else") == []
    scan = made_ct.scan()
    first = ct_labels.pseudo_labels(scan, tmp_path)
    (stored,) = tmp_path.glob("*.npz")
    before = stored.stat().st_mtime_ns
    assert (ct_labels.pseudo_labels(replace(scan, name="other"), tmp_path) == first).all()
    assert stored.stat().st_mtime_ns == before


def test_a_mask_of_the_readers_own_wins_whatever_its_axes(tmp_path: Path) -> None:
    made_ct.write(tmp_path / "ct" / "one", "P1")
    (scan,) = find_scans(tmp_path)
    wanted = np.zeros(scan.voxels.shape, np.uint8)
    wanted[5:9, 10:20, 30:35] = 2
    image = sitk.GetImageFromArray(wanted[:, :, ::-1])
    image.SetSpacing(scan.spacing[::-1])
    image.SetDirection((-1, 0, 0, 0, 1, 0, 0, 0, 1))
    origin = scan.affine @ [0, 0, scan.voxels.shape[2] - 1, 1]
    image.SetOrigin(origin[:3].tolist())
    sitk.WriteImage(image, str(tmp_path / "ct" / "one" / "lungs.nii.gz"))
    np.testing.assert_array_equal(labels(scan, tmp_path), wanted)
    image.SetOrigin((origin[:3] + 3).tolist())
    sitk.WriteImage(image, str(tmp_path / "ct" / "one" / "lungs.nii.gz"))
    with pytest.raises(DataError, match="does not lie on"):
        labels(scan, tmp_path)
