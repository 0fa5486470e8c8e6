from __future__ import annotations

import pytest
import torch

from inference import networks
from inference.networks.efficientnet_lite import EfficientNetLite0
from training import pretrained
from training.data import DataError


def test_the_published_weights_fill_the_backbone_and_nothing_else() -> None:
    network = networks.build("AttentionClassifier", {})
    before = {name: value.clone() for name, value in network.state_dict().items()}
    pretrained.start_from("efficientnet-lite0", network)
    for name, value in network.state_dict().items():
        is_counter = name.endswith("num_batches_tracked")
        if not is_counter:
            assert torch.equal(value, before[name]) != name.startswith("encoder."), name
    assert all(part.requires_grad for part in network.parameters())


def test_grey_looks_like_the_same_picture_in_colour() -> None:
    published = torch.load(pretrained.weights_file(), map_location="cpu", weights_only=True)
    ours = pretrained.translated(published)
    grey, colour = EfficientNetLite0(1).eval(), EfficientNetLite0(3).eval()
    grey.load_state_dict(ours)
    colour.load_state_dict({**ours, "stem.0.weight": published["_conv_stem.weight"]})
    picture = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        for one, three in zip(grey(picture), colour(picture.expand(-1, 3, -1, -1)), strict=True):
            torch.testing.assert_close(one, three, rtol=1e-3, atol=1e-3)


def test_statistics_of_the_published_layers_are_those_that_they_meet() -> None:
    """Wrong names, strides or input range would show as activations far from the recorded means, in units of the SD."""
    network = EfficientNetLite0(1).eval()
    network.load_state_dict(
        pretrained.translated(torch.load(pretrained.weights_file(), map_location="cpu", weights_only=True))
    )
    offsets: list[float] = []

    def watch(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], _: torch.Tensor) -> None:
        assert isinstance(module, torch.nn.BatchNorm2d)
        assert module.running_mean is not None
        assert module.running_var is not None
        seen = inputs[0].mean(dim=(0, 2, 3))
        alive = module.running_var > 1e-3
        offsets.append(float(((seen - module.running_mean).abs() / module.running_var.sqrt())[alive].mean()))

    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.register_forward_hook(watch)
    # smooth coloured noise: as near to a photograph as a formula gets
    noise = torch.randn(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        network(torch.nn.functional.interpolate(noise, size=224, mode="bicubic").mul(0.2).add(0.45).clamp(0, 1))
    assert len(offsets) == 48
    assert sum(offsets) / len(offsets) < 0.45


def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="unknown pretrained weights 'other'"):
        pretrained.start_from("other", networks.build("AttentionClassifier", {}))
    with pytest.raises(DataError, match="fits EfficientNet-Lite0"):
        pretrained.start_from("efficientnet-lite0", networks.build("ResidualUNet", {}))
    monkeypatch.setattr(pretrained, "PACKAGE", "no_such_package")
    with pytest.raises(DataError, match="pip install no-such-package"):
        pretrained.start_from("efficientnet-lite0", networks.build("AttentionClassifier", {}))
