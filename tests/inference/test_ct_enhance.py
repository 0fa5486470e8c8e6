"""The task that reduces noise: tiles without seams, values out of range untouched, blending, memory of one tile."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference import networks
from inference.networks.denoising_unet import DenoisingUNet
from inference.tasks import ct_enhance
from inference.types import Cancelled


class Half(torch.nn.Module):
    """Calls half of what it sees noise; the multiple is that of the real network."""

    multiple = 8

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / 2


@pytest.fixture
def network() -> DenoisingUNet:
    torch.manual_seed(0)
    network = DenoisingUNet((4, 6, 8))
    torch.nn.init.normal_(network.head.weight, std=0.3)
    for layer in network.modules():
        if hasattr(layer, "conv2"):
            torch.nn.init.normal_(layer.conv2.weight, std=0.1)
    return network.eval()


def test_the_network_answers_nothing_before_it_has_learnt() -> None:
    fresh = networks.build("DenoisingUNet", {"widths": [4, 6], "blocks": 2, "fold": 2})
    assert not fresh(torch.randn(1, 1, 16, 32)).any()


def test_the_network_scales_with_its_input(network: DenoisingUNet) -> None:
    image = torch.randn(1, 1, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(network(7 * image), 7 * network(image), rtol=1e-4, atol=1e-4)
        with pytest.raises(ValueError, match="multiples of 8"):
            network(image[..., :60])


@pytest.mark.parametrize("shape", [(200, 152), (97, 131)])
def test_tiles_leave_no_seam(network: DenoisingUNet, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).normal(0, 50, shape).astype(np.float32)
    with torch.inference_mode():
        whole = ct_enhance.denoise(network, image)
        monkeypatch.setattr(ct_enhance, "TILE", 64)
        tiled = ct_enhance.denoise(network, image)
    assert np.abs(whole - image).max() > 1
    np.testing.assert_allclose(tiled, whole, atol=2e-3)


def test_values_out_of_range_and_no_numbers_stay_as_they_are() -> None:
    image = np.full((16, 24), 40.0, np.float32)
    image[0, :4] = (-2000.0, 3071.0, np.nan, np.inf)
    with torch.inference_mode():
        result = ct_enhance.denoise(Half(), image)
    np.testing.assert_array_equal(result[0, :4], image[0, :4])
    np.testing.assert_allclose(result[1:], 20.0)


def test_blending() -> None:
    original, enhanced = np.array([[10.0, 20.0]]), np.array([[0.0, 40.0]], np.float32)
    np.testing.assert_array_equal(ct_enhance.blend(original, enhanced, 0.0), original)
    np.testing.assert_array_equal(ct_enhance.blend(original, enhanced, 1.0), enhanced)
    np.testing.assert_array_equal(ct_enhance.blend(original, enhanced, 0.25), [[7.5, 25.0]])
    with pytest.raises(ValueError, match="between 0 and 1"):
        ct_enhance.blend(original, enhanced, 1.5)


def test_a_stack_of_any_size_streams_through_tile_by_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    class Watched(Half):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x.numel())
            return super().forward(x)

    monkeypatch.setattr(ct_enhance, "TILE", 64)
    result = ct_enhance._all_slices(Watched(), np.full((3, 200, 136), 10.0, np.float32), "cpu", lambda _: None)
    np.testing.assert_allclose(result, 5.0)
    assert len(seen) == 3 * 4 * 3
    assert max(seen) <= (64 + 2 * ct_enhance.HALO) ** 2


def test_cancel_stops_within_a_slice(network: DenoisingUNet) -> None:
    def tick(fraction: float) -> None:
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        ct_enhance._all_slices(network, np.zeros((4, 64, 64), np.float32), "cpu", tick)
