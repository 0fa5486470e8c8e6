"""CT scans in one orientation, batches, augmentation, a tiny run that learns and resumes, and scores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference import ct_grid, geometry, networks
from tests.training import made_ct
from training import train
from training.ct_labels import IGNORE
from training.ct_lungs_augment import _lobe, disturb, move
from training.ct_lungs_batches import Mixture, batch_of, draw, plain
from training.ct_lungs_data import Prepared, fold_of, prepare
from training.ct_lungs_robustness import CHANGES, averaged, turned_prone
from training.ct_lungs_scoring import hd95, score
from training.ct_scans import canonical, find_scans
from training.recipes import Stage
from training.train_ct_lungs import CtLungsRecipe, cleaned, fit, network_of, tuning_dice

TINY = CtLungsRecipe(
    arguments={"in_channels": 4, "out_channels": 2, "widths": [8, 12, 16], "fold": 4},
    size=96,
    batch=4,
    fold_stages=(Stage("fold", steps=24, learning_rate=1e-2, warm_up=2, ema=0.5),),
    validate_every=12,
)


@pytest.fixture(scope="module")
def prepared() -> list[Prepared]:
    """A volume and a single slice with lung, and one without, on a grid that holds the lungs only."""
    voxels = made_ct.chest()
    return [
        prepare(made_ct.scan("v", "A"), made_ct.label(), 96),
        prepare(made_ct.scan("s", "B", voxels[14:15]), made_ct.label(voxels[14:15]), 96),
        prepare(made_ct.scan("n", "C", np.where(voxels == -850, 40, voxels)[14:15]), made_ct.label()[:1] * 0, 96),
    ]


def test_scans_are_stacks_and_single_slices_in_one_orientation(tmp_path: Path) -> None:
    made_ct.write(tmp_path / "one", "P1")
    made_ct.write(tmp_path / "two", "P2", made_ct.chest()[3:4])
    stack, single = find_scans(tmp_path)
    assert (stack.name, stack.patient, stack.single) == ("one", "P1", False)
    assert (single.patient, single.single) == ("P2", True)
    np.testing.assert_array_equal(stack.voxels, made_ct.chest())
    assert stack.spacing == pytest.approx(made_ct.STEP)
    directions = stack.affine[:3, :3] / np.array(stack.spacing)
    np.testing.assert_allclose(directions, [[0, 0, 1], [0, 1, 0], [1, 0, 0]], atol=1e-6)


def test_canonical_is_undone_by_nothing_but_itself() -> None:
    scan = made_ct.scan()
    stored = replace(
        scan,
        voxels=np.ascontiguousarray(scan.voxels[::-1, :, ::-1].transpose(2, 0, 1)),
        affine=_affine_of(scan.affine, scan.voxels.shape),
    )
    again = canonical(stored)
    np.testing.assert_array_equal(again.voxels, scan.voxels)
    np.testing.assert_allclose(again.affine, scan.affine)


def _affine_of(affine: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Of the volume after reversing axes 0 and 2 and turning them to (2, 0, 1)."""
    _, changed = geometry.reorder(np.empty(shape), affine, (0, 1, 2), (True, False, True))
    turned = changed.copy()
    turned[:3, :3] = changed[:3, [2, 0, 1]]
    return turned


def test_folds_keep_patients_together_and_volumes_apart() -> None:
    scans = [made_ct.scan(f"v{index}", patient) for index, patient in enumerate("AB")]
    scans += [made_ct.scan(f"s{index}", f"P{index // 2}", made_ct.chest()[:1]) for index in range(12)]
    of = fold_of(scans, 2)
    assert of["A"] != of["B"]
    assert sorted(of.values()).count(0) == 4


def test_network_input_is_the_one_that_serves(prepared: list[Prepared]) -> None:
    image, lungs, counted = plain(prepared[0], [10], 96)
    away = ct_grid.context(prepared[0].step_mm)
    inner = slice(24, 24 + 96)
    served = ct_grid.network_input(
        *(prepared[0].hu[10 + shift * away, inner, inner].astype(np.float32) for shift in (-1, 0, 1))
    )
    np.testing.assert_allclose(image[0].numpy(), served, atol=1e-6)
    assert counted.all()
    assert lungs.shape == (1, 2, 96, 96)


def test_batches_repeat_and_mix(prepared: list[Prepared]) -> None:
    one, two = (batch_of(prepared, 96, 4, Mixture(), torch.Generator().manual_seed(3)) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert torch.equal(first, second)
    chosen = draw(prepared, 300, Mixture(), torch.Generator().manual_seed(0))
    share = np.bincount([index for index, *_ in chosen], minlength=3) / 300
    assert share == pytest.approx([0.42, 0.46, 0.12], abs=0.08)


def test_ignored_pixels_are_not_counted(prepared: list[Prepared]) -> None:
    label = prepared[1].label.copy()
    label[:, 60:70, 60:70] = IGNORE
    unsure = replace(prepared[1], label=label)
    _, lungs, counted = plain(unsure, [0], 96)
    assert not counted[0, 0, 36:46, 36:46].any()
    assert not lungs[0, :, 36:46, 36:46].any()


def test_sides_follow_a_mirror_image() -> None:
    """Right stays on the left of the image, however often it is mirrored: the label is a place."""
    hu = torch.full((16, 3, 80, 80), 0.0)
    label = torch.zeros(16, 3, 80, 80)
    label[:, 0, 30:50, 20:30], label[:, 1, 30:50, 50:60] = 1, 1
    _, moved = move(hu, label, 64, torch.Generator().manual_seed(0))
    columns = torch.arange(64.0)
    for right, left in moved[:, :2]:
        middle = [(side.sum(dim=0) * columns).sum() / side.sum() for side in (right, left)]
        assert middle[0] < middle[1]


def test_disturbing_keeps_labels_but_for_fluid_and_field_of_view() -> None:
    hu = torch.full((40, 3, 64, 64), -850.0)
    label = torch.zeros(40, 3, 64, 64)
    label[:, 0, 10:54, 5:30], label[:, 1, 10:54, 34:59] = 1, 1
    changed, new = disturb(hu, label, torch.Generator().manual_seed(1))
    assert torch.isfinite(changed).all()
    assert (changed >= -1024).all()
    assert (new <= label).all(), "nothing becomes lung"
    same = [bool((new[index] == label[index]).all()) for index in range(40)]
    assert 20 <= sum(same) < 40
    # where the label went, there is fluid or no image
    gone = (label - new)[:, :2].amax(dim=1) > 0.9
    values = changed[:, 1][gone]
    assert ((values > -250) | (values < -900)).float().mean() > 0.95


def test_a_consolidated_lobe_is_dense_and_stays_lung() -> None:
    label = torch.zeros(3, 96, 96)
    label[0, 20:76, 10:44] = 1
    label[1, 20:76, 52:86] = 1
    lung = label[:2].amax(dim=0)
    dense = []
    for seed in range(12):
        hu = torch.where(lung > 0, -850.0, 40.0).expand(3, 96, 96).clone()
        before, marked = hu.clone(), label.clone()
        _lobe(hu, marked, 60, torch.Generator().manual_seed(seed))
        torch.testing.assert_close(marked, label, rtol=0, atol=0)
        assert bool((hu >= before).all())
        torch.testing.assert_close(hu[:, lung == 0], before[:, lung == 0], rtol=0, atol=0)
        # one side only
        changed = [float((hu[1][label[side] > 0] > -300).float().mean()) for side in (0, 1)]
        assert min(changed) == 0
        dense.append(max(changed))
    assert min(dense) > 0.02
    assert max(dense) > 0.4


def test_a_tiny_run_learns_and_a_resumed_one_equals_it(prepared: list[Prepared], tmp_path: Path) -> None:
    whole = fit(TINY, TINY.fold_stages[0], prepared, prepared[:1], tmp_path / "whole")
    fit(TINY, TINY.fold_stages[0], prepared, prepared[:1], tmp_path / "parts", stop_after=12)
    resumed = fit(TINY, TINY.fold_stages[0], prepared, prepared[:1], tmp_path / "parts")
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name
    log = (tmp_path / "whole" / "log.csv").read_text().splitlines()
    assert len(log) == 3
    assert float(log[2].split(",")[1]) < float(log[1].split(",")[1])
    assert (tmp_path / "whole" / "curves.png").is_file()
    torch.save(whole, tmp_path / "weights.pt")
    network = network_of(TINY, tmp_path / "weights.pt")
    assert tuning_dice(network, prepared[:1], TINY) > 0.3
    assert tuning_dice(network, [], TINY) == 0


class _Says(torch.nn.Module):
    """Right lung everywhere with probability 0.99, left lung nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([5.0, -5.0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.weight[None, :, None, None].expand(len(x), 2, *x.shape[-2:]).clone()


def test_cleaning_only_takes_away(prepared: list[Prepared]) -> None:
    before = prepared[0].label
    after = cleaned(prepared[0], _Says(), TINY).label
    inner = np.s_[:, 24:120, 24:120]
    assert ((after == before) | (after == IGNORE)).all()
    assert (after[inner][before[inner] == 1] == 1).all()
    assert (after[inner][before[inner] != 1] == IGNORE).all()
    assert (prepared[0].label == before).all()


def test_the_command_trains_folds_and_what_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training import train_ct_lungs

    made_ct.write(tmp_path / "data" / "one", "P1")
    made_ct.write(tmp_path / "data" / "two", "P2")
    short = Stage("x", steps=1, learning_rate=1e-3, warm_up=1)
    stages = (short, replace(short, name="y"))
    recipe = replace(TINY, fold_stages=stages, last_stage=short, batch=2, validate_every=1)
    monkeypatch.setattr(train_ct_lungs, "RECIPE", recipe)
    out = tmp_path / "run"
    assert train.main(["ct-lungs", "--data", str(tmp_path / "data"), "--out", str(out), "--device", "cpu"]) == 0
    settings = json.loads((out / "settings.json").read_text())
    assert set(settings["data"]) == {"one", "two"}
    assert all((out / name).is_file() for name in ("fold0/weights.pt", "fold1/weights.pt", "weights.pt"))
    network = networks.build(settings["network"]["name"], settings["network"]["arguments"])
    network.load_state_dict(torch.load(out / "weights.pt", weights_only=True))
    assert train.main(["ct-lungs", "--data", str(tmp_path / "none"), "--out", str(out)]) == 3


def test_scores_of_known_errors() -> None:
    scan, wanted = made_ct.scan(), made_ct.label()
    perfect = score(wanted, (scan, wanted))
    assert (perfect.dice, perfect.hd95_mm, perfect.volume_error) == (1, 0, 0)
    exchanged = np.array([0, 2, 1], np.uint8)[wanted]
    assert score(exchanged, (scan, wanted)).dice == 0
    half = wanted.copy()
    half[wanted == 2] = 0
    assert score(half, (scan, wanted)).dice_left == 0
    assert score(half, (scan, wanted)).volume_error == pytest.approx(-100 * (wanted == 2).sum() / (wanted > 0).sum())
    unsure = np.where(wanted == 2, np.uint8(IGNORE), wanted)
    assert score(half, (scan, unsure)).dice == 1


def test_surface_distance_is_in_millimetres() -> None:
    one, two = np.zeros((1, 60, 60), bool), np.zeros((1, 60, 60), bool)
    one[0, 10:40, 10:40], two[0, 10:40, 13:43] = True, True
    assert hd95(one, two, (1.0, 1.0, 2.0)) == pytest.approx(6)
    assert hd95(one, two, (1.0, 1.0, 0.5)) == pytest.approx(1.5)
    assert np.isnan(hd95(one, np.zeros_like(one), (1.0, 1.0, 1.0)))


def test_changes_keep_scan_and_label_together() -> None:
    sample = (made_ct.scan(), made_ct.label())
    for name, change in CHANGES.items():
        scan, label = change(sample)
        assert scan.voxels.shape == label.shape, name
        aired = scan.voxels < -400
        if name != "averaged to 5 mm":
            assert aired[label > 0].mean() > 0.9, name
    thin = replace(sample[0], affine=sample[0].affine @ np.diag([0.25, 1, 1, 1]))
    scan, label = averaged((thin, sample[1]))
    assert scan.spacing[0] == pytest.approx(5)
    assert len(scan.voxels) == len(label) == 6
    prone, sides = turned_prone(sample)
    np.testing.assert_array_equal(prone.voxels, sample[0].voxels[:, ::-1, ::-1])
    # the ball that was the right lung is the left one now, and lies on the left
    assert (sides == 2).sum() == (sample[1] == 1).sum()
    columns = np.nonzero(sides == 2)[2]
    assert columns.mean() > sides.shape[2] / 2
