from __future__ import annotations

import pytest
import torch

from training.losses import dice_and_cross_entropy


def case() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    target = (torch.rand(2, 2, 8, 8, generator=generator) > 0.5).float()
    return torch.randn(2, 2, 8, 8, generator=generator), target, torch.ones(2, 1, 8, 8)


def test_a_certain_right_answer_costs_nothing_and_a_wrong_one_much() -> None:
    _, target, counted = case()
    right = (target * 2 - 1) * 30
    assert dice_and_cross_entropy(right, target, counted).item() == pytest.approx(0, abs=1e-4)
    assert dice_and_cross_entropy(-right, target, counted).item() > 20


def test_against_loops() -> None:
    logits, target, counted = case()
    counted[1, 0, 2:5] = 0
    entropy, pixels, dices = 0.0, 0, []
    for image in range(2):
        for channel in range(2):
            both = total = 0.0
            for row in range(8):
                for column in range(8):
                    if not counted[image, 0, row, column]:
                        continue
                    p = torch.sigmoid(logits[image, channel, row, column]).item()
                    t = target[image, channel, row, column].item()
                    entropy -= float(torch.log(torch.tensor(p if t else 1 - p)))
                    pixels += 1
                    both += p * t
                    total += p + t
            dices.append((2 * both + 1) / (total + 1))
    expected = entropy / pixels + 1 - sum(dices) / 4
    assert dice_and_cross_entropy(logits, target, counted).item() == pytest.approx(expected, rel=1e-5)


def test_ignored_pixels_have_no_say() -> None:
    logits, target, counted = case()
    counted[:, :, :4] = 0
    logits.requires_grad_(True)
    loss = dice_and_cross_entropy(logits, target, counted)
    loss.backward()
    assert logits.grad is not None
    assert not logits.grad[:, :, :4].any()
    assert logits.grad[:, :, 4:].any()
    target[:, :, :4] = 1 - target[:, :, :4]
    assert dice_and_cross_entropy(logits, target, counted).item() == loss.item()


def test_an_empty_reference_predicted_empty_is_finite() -> None:
    logits = torch.full((1, 2, 4, 4), -30.0)
    assert dice_and_cross_entropy(logits, torch.zeros(1, 2, 4, 4), torch.ones(1, 1, 4, 4)).item() == pytest.approx(
        0, abs=1e-4
    )
    assert torch.isfinite(dice_and_cross_entropy(logits, torch.zeros(1, 2, 4, 4), torch.zeros(1, 1, 4, 4)))
