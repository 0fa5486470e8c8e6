from __future__ import annotations

import pytest
import torch

from inference import networks
from tests.inference.made_models import TINY


@pytest.mark.parametrize(("fold", "widths"), [(1, [4]), (2, [4, 6]), (4, [4, 6, 8])])
def test_one_logit_a_pixel_and_channel(fold: int, widths: list[int]) -> None:
    network = networks.build(
        "ResidualUNet", {"in_channels": 3, "out_channels": 5, "widths": widths, "fold": fold}
    ).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 32, 64)).shape == (2, 5, 32, 64)


def test_a_size_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        networks.build("ResidualUNet", TINY)(torch.zeros(1, 1, 30, 32))


def test_wrong_names_and_arguments() -> None:
    with pytest.raises(ValueError, match="unknown network 'Other'"):
        networks.build("Other", {})
    with pytest.raises(ValueError, match="does not take"):
        networks.build("ResidualUNet", {"depth": 3})
    for name in ("ResidualUNet", "EfficientUNet"):
        with pytest.raises(ValueError, match="positive"):
            networks.build(name, {"widths": []})


def test_the_way_up_meets_the_backbone_at_each_size() -> None:
    network = networks.build("EfficientUNet", {"in_channels": 2, "out_channels": 3, "widths": [4, 4, 6, 8]}).eval()
    with torch.inference_mode():
        assert network(torch.rand(2, 2, 64, 96)).shape == (2, 3, 64, 96)
    with pytest.raises(ValueError, match="multiples of 32"):
        network(torch.zeros(1, 2, 48, 64))


@pytest.mark.parametrize("name", ["ResidualUNet", "EfficientUNet"])
def test_every_pixel_of_the_output_sees_its_surroundings(name: str) -> None:
    """The field of view of one output pixel covers a large part of the input: lungs are told from their context."""
    network = networks.build(name, {}).eval()
    image = torch.rand(1, 1, 256, 256, requires_grad=True)
    network(image)[0, 0, 128, 128].backward()
    assert image.grad is not None
    rows = image.grad[0, 0].abs().sum(dim=1).nonzero()
    assert int(rows.max() - rows.min()) > 200
