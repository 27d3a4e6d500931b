"""The three networks: the papers' numbers, exact evidence, a window that starts where it must."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from convnets import signs
from convnets.signs import contrast, data
from convnets.signs.model import MULTISCALE, Localiser, MultiScale, Plain, Transformer, grid, sample


@pytest.fixture
def photographs() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def lively(model: Plain) -> Plain:
    """A network whose batch normalisation has seen something, as after training."""
    model.train()
    with torch.no_grad():
        model(torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(2)))
    return model.eval()


def test_the_network_of_2011_has_108_maps_twice_and_feeds_both_stages_to_its_classifier() -> None:
    model = MultiScale()
    counted = {name: sum(one.numel() for one in part.parameters()) for name, part in model.named_children()}
    rows = {layer.name: layer for layer in MULTISCALE}
    assert rows["stage 1, from Y"].maps + rows["stage 1, from U and V"].maps == rows["stage 2"].maps == 108
    assert rows["stage 1, from Y"].maps == 100 and rows["stage 1, from U and V"].maps == 8
    assert counted["light"] == rows["stage 1, from Y"].parameters == 2_600
    assert counted["colour"] == rows["stage 1, from U and V"].parameters == 408
    assert counted["second"] == rows["stage 2"].parameters == 291_708
    assert counted["hidden"] == rows["hidden"].parameters == 799_300
    assert counted["scores"] == rows["scores"].parameters == 4_343
    assert sum(counted.values()) == sum(layer.parameters for layer in MULTISCALE) == 1_098_359
    assert rows["hidden"].inputs == 108 * 5 * 5 + 108 * 7 * 7, "stage 2, and stage 1 subsampled once more"


def test_stage_1_sees_colour_through_8_of_its_maps_alone(photographs: torch.Tensor) -> None:
    model, grey = MultiScale().eval(), contrast.yuv(photographs)[:, :1].expand(-1, 3, -1, -1)
    with torch.inference_mode():
        assert not torch.allclose(model(photographs), model(grey), atol=1e-4)
        model.colour.weight.zero_()
        assert torch.allclose(model(photographs), model(grey), atol=1e-4)


def test_counts_of_all_networks() -> None:
    counts = {net: sum(one.numel() for one in build().parameters()) for net, build in signs.BUILDERS.items()}
    assert counts == {
        "best": 435_569, "plain": 257_659, "transformer": 160_145, "unseen": 137_227, "small": 137_227,
        "multiscale": 1_098_359,
    }  # fmt: skip


def test_evidence_adds_up_to_the_score_and_lies_where_the_picture_changed(photographs: torch.Tensor) -> None:
    model = lively(Plain())
    with torch.inference_mode():
        found = model.evidence(photographs)
        assert found.shape == (3, data.COUNT, 16, 16)
        assert torch.allclose(found.sum((2, 3)) + model.fine.bias, model(photographs), atol=1e-4)
        fine, coarse = model.maps(photographs)
        weight = model.fine.weight.reshape(data.COUNT, -1, 4, 4)
        alone = (weight[7, :, 1, 2] * fine[0, :, 5, 9]).sum() / 16  # what the fine map adds at row 5, column 9
        part = model.coarse.weight.reshape(data.COUNT, -1, 4, 4)[7, :, 1, 2]
        alone += (part * coarse[0, :, 2, 4]).sum() / 4 / 4
        assert found[0, 7, 5, 9] == pytest.approx(alone.item(), abs=1e-5)


def test_half_the_light_makes_little_difference_and_flat_pictures_none(photographs: torch.Tensor) -> None:
    model, bright = Plain(), 0.2 + 0.8 * photographs
    sun = model.seen(bright)
    assert (model.seen(bright / 2) - sun).abs().mean() < 0.05
    shaded = bright.clone()
    shaded[..., :16] /= 4  # a shadow over the left half: away from its edge, local contrast stays what it was
    assert (model.seen(shaded)[:, 3, :, :11] - sun[:, 3, :, :11]).abs().mean() < 0.1
    flat = model.seen(torch.full((1, 3, 32, 32), 0.4))
    assert flat.abs().max() < 1e-4 and flat.isfinite().all()
    assert model.seen(torch.zeros(1, 3, 32, 32)).isfinite().all()


def test_yuv_of_grey_has_no_colour_and_local_contrast_no_mean() -> None:
    grey = torch.rand(2, 1, 32, 32).expand(-1, 3, -1, -1)
    assert contrast.yuv(grey)[:, 1:].abs().max() < 1e-6
    assert torch.allclose(contrast.yuv(grey)[:, :1], grey[:, :1], atol=1e-6)
    window = contrast.gaussian(9, 2.0)
    assert window.sum().item() == pytest.approx(1) and window.argmax() == 40
    ramp = torch.linspace(0, 1, 32).expand(1, 1, 32, 32)
    assert contrast.weighted_mean(torch.ones(1, 1, 32, 32), window).sub(1).abs().max() < 1e-6, "also at the edge"
    assert contrast.local_contrast(ramp, window)[0, 0, 8:24, 8:24].abs().max() < 1e-3, "a ramp is its local mean"


def test_the_grid_and_the_sampler_are_those_of_the_paper(photographs: torch.Tensor) -> None:
    theta = torch.randn(3, 2, 3, generator=torch.Generator().manual_seed(3))
    places = grid(theta, 32)
    torch.testing.assert_close(places, F.affine_grid(theta, [3, 3, 32, 32], align_corners=False), atol=1e-5, rtol=0)
    wanted = F.grid_sample(photographs, places, padding_mode="border", align_corners=False)
    torch.testing.assert_close(sample(photographs, places), wanted, atol=1e-5, rtol=0)
    half = torch.tensor([[[0.5, 0, 0], [0, 0.5, 0]]])
    assert grid(half, 2).flatten().tolist() == [-0.25, -0.25, 0.25, -0.25, -0.25, 0.25, 0.25, 0.25], "equation 1"


def test_a_fresh_transformer_hands_on_what_it_sees_and_its_window_can_learn(photographs: torch.Tensor) -> None:
    model = Transformer((4, 6, 8))
    assert torch.equal(model.theta(photographs), torch.eye(2, 3).expand(3, 2, 3))
    torch.testing.assert_close(model.look(photographs), photographs, atol=1e-5, rtol=0)
    F.cross_entropy(model(photographs), torch.tensor([1, 2, 3])).backward()
    slope = model.localiser.theta.weight.grad
    assert slope is not None and slope.abs().max() > 0 and slope.isfinite().all()
    assert sum(one.numel() for one in Localiser().parameters()) == 160_145 - 137_227


def test_a_window_moved_by_theta_moves_what_the_reader_sees() -> None:
    x = torch.zeros(1, 1, 32, 32)
    x[0, 0, 10, 20] = 1
    one_left = torch.tensor([[[1.0, 0, 2 / 32], [0, 1, 0]]])  # every place looks one pixel to its right
    assert sample(x, grid(one_left, 32))[0, 0].nonzero().tolist() == [[10, 19]]
    turned = torch.tensor([[[math.cos(math.pi / 2), -1.0, 0], [1.0, math.cos(math.pi / 2), 0]]])
    found = sample(x, grid(turned, 32))[0, 0]
    assert found.sum().item() == pytest.approx(1, abs=1e-4) and found[10, 20] < 0.5
