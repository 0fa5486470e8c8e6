from __future__ import annotations

import torch

from training.augment import Random, _geometry, _normalise, augment, burnt_in_marks


def batch(count: int = 8, size: int = 64) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Dark boxes for lungs, the image-left one taller; a strip that is not counted."""
    lungs = torch.zeros(count, 2, size, size)
    lungs[:, 0, 16:52, 10:26] = 1
    lungs[:, 1, 22:46, 38:54] = 1
    counted = torch.ones(count, 1, size, size)
    counted[:, :, 56:60, 20:40] = 0
    return 0.9 - 0.8 * lungs.amax(dim=1, keepdim=True), lungs, counted


def test_the_same_generator_gives_the_same_batch_and_another_one_does_not() -> None:
    marks = burnt_in_marks(64, 8, torch.Generator().manual_seed(0))
    first, second, other = (augment(*batch(), marks, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first[0], other[0])


def test_shapes_and_ranges_hold() -> None:
    marks = burnt_in_marks(64, 8, torch.Generator().manual_seed(0))
    image, lungs, counted = augment(*batch(), marks, torch.Generator().manual_seed(3))
    assert (image.shape, lungs.shape, counted.shape) == ((8, 1, 64, 64), (8, 2, 64, 64), (8, 1, 64, 64))
    assert torch.isfinite(image).all()
    assert image.min() >= 0
    assert image.max() <= 1
    assert set(lungs.unique().tolist()) | set(counted.unique().tolist()) == {0.0, 1.0}


def test_the_mask_moves_with_the_image_and_a_mirrored_image_exchanges_the_lungs() -> None:
    original, lungs, counted = batch(64)
    # outside of the film is 0, so lungs are made bright here to be told from it
    image, moved, kept = _geometry(
        1 - original, lungs, counted, Random(64, torch.Generator().manual_seed(0), torch.device("cpu"))
    )
    found = (image > 0.5).float()
    wanted = moved.amax(dim=1, keepdim=True)
    overlap = 2 * (found * wanted).sum(dim=(1, 2, 3)) / (found.sum(dim=(1, 2, 3)) + wanted.sum(dim=(1, 2, 3)))
    assert overlap.min() > 0.9
    columns = torch.arange(64.0)
    centres = (moved * columns).sum(dim=(2, 3)) / moved.sum(dim=(2, 3)).clamp(min=1)
    assert (centres[:, 0] < centres[:, 1]).all()
    taller_left = moved[:, 0].sum(dim=(1, 2)) > moved[:, 1].sum(dim=(1, 2))
    assert 0.1 < (~taller_left).float().mean() < 0.6
    assert ((1 - kept).sum(dim=(1, 2, 3)) > 0).float().mean() > 0.8


def test_a_stage_without_mirror_images_leaves_each_lung_on_its_side() -> None:
    original, lungs, counted = batch(64)
    generators = [torch.Generator().manual_seed(0) for _ in range(2)]
    some, none = (
        _geometry(original, lungs, counted, Random(64, generator, torch.device("cpu")), mirrored=mirrored)
        for generator, mirrored in zip(generators, (True, False), strict=True)
    )
    sizes = none[1].sum(dim=(2, 3))
    assert (sizes[:, 0] > sizes[:, 1]).all()
    same = (some[0] == none[0]).flatten(1).all(dim=1)
    assert 0.4 < same.float().mean() < 0.9, "nothing else differs"


def test_the_tone_of_the_result_does_not_depend_on_the_window_of_the_input() -> None:
    image, _, _ = batch()
    random = [Random(8, torch.Generator().manual_seed(5), torch.device("cpu")) for _ in range(2)]
    assert torch.allclose(_normalise(image, random[0]), _normalise(image * 0.3 + 0.2, random[1]), atol=1e-4)


def test_marks_are_drawn_and_sparse() -> None:
    marks = burnt_in_marks(64, 16, torch.Generator().manual_seed(0))
    assert (marks.shape, float(marks.max())) == ((16, 1, 64, 64), 1.0)
    assert marks.min() >= 0
    assert marks.mean() < 0.3
    assert (marks.amax(dim=(1, 2, 3)) > 0.4).all()
