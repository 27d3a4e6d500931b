"""Both networks against their papers: layers, parameters, pooling, and the probability of a number."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from convnets.housenumbers import model
from convnets.housenumbers.model import Answer, Reader, Sermanet

# Sermanet, Chintala, LeCun 2012


def test_lp_pooling_goes_from_a_mean_to_the_maximum() -> None:
    x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    window = model.gaussian(2)
    assert torch.allclose(window, torch.full((2, 2), 0.25))  # four pixels equally far from the middle
    mean = F.avg_pool2d(x.abs(), 2, 2)
    assert torch.allclose(model.lp_pool(x, 1, 2, 2), mean, atol=0.011)
    assert torch.allclose(model.lp_pool(x, 2, 2, 2), F.lp_pool2d(x.abs() + 1e-2, 2, 2, 2) / 2, atol=1e-5)
    assert torch.equal(model.lp_pool(x, math.inf, 2, 2), F.max_pool2d(x.abs(), 2, 2))
    pooled = [model.lp_pool(x, p, 2, 2) for p in (1, 2, 4, 8, 12, 40)]
    for less, more in itertools.pairwise(pooled):
        assert (more >= less - 1e-5).all()
    assert torch.allclose(pooled[-1], F.max_pool2d(x.abs(), 2, 2) + 1e-2, rtol=0.04)


def test_a_wide_window_weighs_its_middle_most() -> None:
    window = model.gaussian(5)
    assert window.sum() == pytest.approx(1)
    assert window[2, 2] == window.max()
    ratio = float(window[2, 3] / window[2, 2])
    assert ratio == pytest.approx(math.exp(-0.5 * (1 / 1.25) ** 2))  # a standard deviation of side / 4


def test_subtractive_normalisation_takes_the_mean_nearby() -> None:
    x = torch.randn(1, 2, 9, 9, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(model.subtract_mean(torch.full((1, 2, 9, 9), 3.0), 5), torch.zeros(1, 2, 9, 9), atol=1e-5)
    expected = x[0, 1, 4, 4] - (x[0, 1, 2:7, 2:7] * model.gaussian(5)).sum()
    assert model.subtract_mean(x, 5)[0, 1, 4, 4] == pytest.approx(float(expected), abs=1e-5)


def test_the_layers_are_those_of_the_authors_configuration() -> None:
    """Sides, maps and connections of ``demos/svhn/svhn.conf``; parameters with one input map in place of three."""
    net = Sermanet().eval()
    stages = net.stages(torch.rand(2, 1, 32, 32))
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (1, 32, 32), (16, 28, 28), (16, 14, 14), (512, 8, 8), (512, 4, 4), (16, 4, 4), (20,), (10,),
    ]  # fmt: skip
    assert net.hidden.in_features == 8448  # linear6_in
    assert model.CONNECTIONS == 1792
    counted = {name: parameter.numel() for name, parameter in net.named_parameters()}
    assert counted["kernels2"] == 1792 * 49
    assert counted["conv1.weight"] == 16 * 25
    assert sum(counted.values()) == 257_926
    colour = 32 * 25 - 16 * 25  # what 32 connections to Y, U and V have more
    assert sum(counted.values()) + colour == 258_326


def test_each_map_of_stage_2_sees_two_to_five_of_stage_1() -> None:
    net = Sermanet()
    joined = net.table < model.CONNECTIONS
    assert joined.sum(1).bincount().tolist() == [0, 0, 128, 128, 128, 128]
    assert net.table[joined].sort().values.tolist() == list(range(1792))
    weight = net.weight2()
    assert weight.shape == (512, 16, 7, 7)
    assert (weight[~joined] == 0).all()
    assert torch.equal(weight[joined], net.kernels2[net.table[joined]])


def test_features_of_one_stage_alone_can_be_had() -> None:
    single = Sermanet(multistage=False)
    assert single.hidden.in_features == 8192
    assert single(torch.rand(1, 1, 32, 32)).shape == (1, 10)


# Goodfellow and others 2014


def test_the_published_network_has_the_layers_of_section_5_1() -> None:
    layers = model.published()
    assert [layer.units for layer in layers] == [48, 64, 128, 160, 192, 192, 192, 192, 192, 3072, 3072, 7, 50]
    assert [layer.stride for layer in layers[:8]] == [2, 1] * 4
    assert [layer.side for layer in layers[:9]] == [27, 27, 14, 14, 7, 7, 4, 4, 4]
    assert [layer.kind for layer in layers] == [
        "maxout", *["convolution"] * 7, "locally connected", "dense", "dense", "softmax", "softmax",
    ]  # fmt: skip
    assert layers[0].parameters == 3 * 48 * (3 * 25 + 1)  # three filters a unit
    assert layers[8].parameters == 16 * 192 * (192 * 25 + 1)  # none is shared
    assert layers[9].parameters == 3072 * 3073
    assert sum(layer.parameters for layer in layers) == 38_142_809


def test_the_reader_gives_a_length_five_digits_and_one_alone() -> None:
    net = Reader().eval()
    x = torch.rand(3, 1, 32, 64)
    answer = net(x)
    assert [tuple(part.shape) for part in answer] == [(3, 7), (3, 5, 10), (3, 10)]
    assert net.single(torch.rand(2, 1, 32, 32)).shape == (2, 10)
    assert sum(parameter.numel() for parameter in net.parameters()) == 587_491
    assert len(net.layers) == 8  # convolutions, as in the paper


def test_light_and_contrast_make_no_difference() -> None:
    net, x = Reader().eval(), torch.rand(2, 1, 32, 64)
    for one, other in zip(net(x), net(0.5 * x + 0.3), strict=True):
        assert torch.allclose(one, other, atol=2e-3)
    flat = net(torch.full((1, 1, 32, 64), 0.4))
    assert all(part.isfinite().all() for part in flat)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_decoding_finds_the_likeliest_of_all_numbers(seed: int) -> None:
    """Against a search through every number of up to three digits out of three values."""
    draw = torch.Generator().manual_seed(seed)
    answer = Answer(torch.randn(1, 7, generator=draw), torch.full((1, 5, 10), -9.0), torch.zeros(1, 10))
    answer.digits[:, :, :3] = torch.randn(1, 5, 3, generator=draw)
    answer.length[:, 4:] = -20.0
    length, digits = (part[0] for part in model.log_probabilities(answer))
    best = max(
        (float(length[count] + sum(digits[place, value] for place, value in enumerate(values))), values)
        for count in range(4)
        for values in itertools.product(range(3), repeat=count)
    )
    (text,), log = model.decode(answer)
    assert text == "".join(map(str, best[1]))
    assert float(log) == pytest.approx(best[0], abs=1e-5)


def test_digits_beyond_the_length_are_not_asked() -> None:
    answer = Answer(torch.full((1, 7), -5.0), torch.randn(1, 5, 10), torch.zeros(1, 10))
    answer.length[0, 2] = 5.0
    changed = Answer(answer.length, answer.digits.clone(), answer.single)
    changed.digits[0, 2:] = torch.randn(3, 10)
    (one, p), (other, q) = model.decode(answer), model.decode(changed)
    assert one == other
    assert len(one[0]) == 2
    assert torch.equal(p, q)
    answer.length[0, 0] = 50.0
    assert model.decode(answer)[0] == [""]
