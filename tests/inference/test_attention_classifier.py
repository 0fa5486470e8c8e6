from __future__ import annotations

import math

import pytest
import torch

from inference import networks
from inference.networks.attention_classifier import (
    POOLINGS,
    STRANGENESS,
    AttentionClassifier,
    AttentionPool,
    kept_squares,
)
from inference.networks.efficientnet_lite import CHANNELS, EfficientNetLite0, SameConv


def test_the_backbone_halves_its_maps_and_may_end_early() -> None:
    strides = (2, 4, 8, 16, 32)
    with torch.inference_mode():
        for levels in (5, 4):
            maps = EfficientNetLite0(in_channels=2, levels=levels).eval()(torch.rand(1, 2, 64, 96))
            assert [tuple(part.shape) for part in maps] == [
                (1, channels, 64 // stride, 96 // stride)
                for channels, stride in list(zip(CHANNELS, strides, strict=True))[:levels]
            ]
    with pytest.raises(ValueError, match="1–5"):
        EfficientNetLite0(levels=6)


@pytest.mark.parametrize(("kernel", "first"), [(3, 0), (5, -1)])
def test_strided_convolutions_lie_where_the_published_ones_do(kernel: int, first: int) -> None:
    """TensorFlow's "same" padding: at stride 2 and an even size, one pixel less in front than behind."""
    convolution = SameConv(1, 1, kernel, stride=2)
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[0, 0, 0, 0] = 1
        image = torch.arange(64.0).view(1, 1, 8, 8)
        answer = convolution(image)[0, 0]
    assert answer.shape == (4, 4)
    for row in range(4):
        for column in range(4):
            r, c = 2 * row + first, 2 * column + first
            assert answer[row, column] == (image[0, 0, r, c] if min(r, c) >= 0 else 0)


@pytest.mark.parametrize("kind", POOLINGS)
def test_each_head_weighs_all_tokens_and_none_that_is_hidden(kind: str) -> None:
    pool = AttentionPool(16, 4, kind)
    tokens = torch.randn(3, 10, 16)
    kept = torch.ones(3, 10, dtype=torch.bool)
    kept[:, 4:] = False
    pooled, weights = pool(tokens, kept)
    assert pooled.shape == (3, 16)
    assert weights.shape == (3, 4, 10)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(3, 4))
    assert (weights[:, :, 4:] == 0).all()
    if kind == "mean":
        torch.testing.assert_close(weights[:, :, :4], torch.full((3, 4, 4), 0.25))


@pytest.mark.parametrize("kind", POOLINGS)
def test_pooling_does_not_care_for_the_order_of_tokens(kind: str) -> None:
    pool = AttentionPool(8, 2, kind)
    tokens, order = torch.randn(1, 6, 8), torch.tensor([3, 1, 5, 0, 4, 2])
    first, weights = pool(tokens)
    second, turned = pool(tokens[:, order])
    torch.testing.assert_close(first, second)
    torch.testing.assert_close(weights[:, :, order], turned)


def test_dot_product_attention_has_its_known_answer() -> None:
    """With identities for all maps: softmax(q·k / √d), and the values weighed by it."""
    pool = AttentionPool(2, 1, "dot")
    with torch.no_grad():
        for linear in (pool.key, pool.value, pool.out):
            linear.weight.copy_(torch.eye(2))
            linear.bias.zero_()
        pool.learned.copy_(torch.tensor([[1.0, 0.0]]))
        pooled, weights = pool(torch.tensor([[[math.sqrt(2) * math.log(3), 7.0], [0.0, -1.0]]]))
    torch.testing.assert_close(weights[0, 0], torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(pooled[0], torch.tensor([0.75 * math.sqrt(2) * math.log(3), 5.0]))


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="pooling must be one of"):
        AttentionPool(8, 2, "other")
    with pytest.raises(ValueError, match="multiple of heads"):
        AttentionPool(8, 3)
    with pytest.raises(ValueError, match="positive"):
        networks.build("SnapshotEnsemble", {"members": 0})
    with pytest.raises(ValueError, match="multiples of 16"):
        AttentionClassifier(width=8, heads=2)(torch.zeros(1, 1, 40, 48))


def test_hiding_leaves_something_to_see_and_only_in_training() -> None:
    torch.manual_seed(0)
    kept = kept_squares(64, 6, 7, hide=0.95)
    assert kept.shape == (64, 6, 7)
    assert kept.flatten(1).any(dim=1).all()
    assert not kept.all()
    network = AttentionClassifier(width=8, heads=2, hide=0.9, dropout=0.0)
    image = torch.rand(1, 1, 96, 96)
    with torch.inference_mode():
        features = network.eval().features(image)
        assert (network.answer(features)[1] > 0).all()
        network.classify.train()
        hidden = network.train().answer(features)[1]
    assert (hidden == 0).any()


def test_both_temperatures_do_what_they_say() -> None:
    plain = networks.build("SnapshotEnsemble", {"members": 1, "width": 8, "heads": 2})
    warm = networks.build(
        "SnapshotEnsemble", {"members": 1, "width": 8, "heads": 2, "first": 2.0, "rest": 4.0, "offset": 0.5}
    )
    logits, usual = torch.tensor([[0.5, 1.0, 3.0]]), torch.ones(1)
    torch.testing.assert_close(plain.calibrated(logits, usual).softmax(dim=-1), logits.softmax(dim=-1))
    found = warm.calibrated(logits, usual).softmax(dim=-1)[0]
    against = torch.logsumexp(logits[0, 1:], dim=0) - logits[0, 0]
    torch.testing.assert_close(1 - found[0], torch.sigmoid(against / 2 + 0.5))
    torch.testing.assert_close(found[2] / (found[1] + found[2]), torch.sigmoid((logits[0, 2] - logits[0, 1]) / 4))


def test_a_strange_image_needs_more_evidence_against_class_0() -> None:
    network = networks.build("SnapshotEnsemble", {"members": 1, "width": 8, "heads": 2, "offset": 0.5, "caution": 2.0})
    logits = torch.tensor([[0.0, 1.0, 1.0]]).expand(4, 3)
    strangeness = torch.tensor([0.5, 1.0, 2.0, 50.0])
    found = 1 - network.calibrated(logits, strangeness).softmax(dim=-1)[:, 0]
    # what lies beyond the range that was fitted counts as its end
    wanted = torch.sigmoid(1 + math.log(2) + 0.5 - 2 * torch.log(torch.tensor([0.5, 1.0, 2.0, STRANGENESS[1]])))
    torch.testing.assert_close(found, wanted)


def test_softened_attention_spreads_further_and_keeps_its_order() -> None:
    torch.manual_seed(0)
    sharp, soft = AttentionPool(8, 2), AttentionPool(8, 2, soften=3.0)
    soft.load_state_dict(sharp.state_dict())
    tokens = torch.randn(2, 9, 8) * 3
    (_, first), (_, second) = sharp(tokens), soft(tokens)
    torch.testing.assert_close(second.sum(dim=2), torch.ones(2, 2))
    assert (second.std(dim=2) < first.std(dim=2)).all()
    assert (first.argsort(dim=2) == second.argsort(dim=2)).all()
    torch.testing.assert_close((first ** (1 / 3)) / (first ** (1 / 3)).sum(dim=2, keepdim=True), second)


def test_strangeness_is_the_distance_in_whitened_space() -> None:
    network = networks.build("SnapshotEnsemble", {"members": 1, "width": 4, "heads": 2})
    network.get_buffer("centre").copy_(torch.tensor([1.0, 0, 0, 0]))
    network.get_buffer("whiten").copy_(torch.diag(torch.tensor([2.0, 1, 1, 1])))
    features = torch.zeros(2, 4, 3, 3)
    features[0, 0] = 1
    features[1, 0] = 4
    torch.testing.assert_close(network.strangeness(features), torch.tensor([0.0, 3.0]))
