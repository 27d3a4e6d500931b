"""SegNet, ENet and our network: their tables, their parameters, and what travels across."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError
from convnets.driving.enet import TABLE, Bottleneck, Down, ENet, Initial, Up
from convnets.driving.model import Small
from convnets.driving.segnet import ENCODER, SegNet, published


def count(network: nn.Module) -> int:
    return sum(one.numel() for one in network.parameters())


# SegNet


def test_segnet_has_the_13_convolutions_of_vgg_and_their_mirror_image() -> None:
    stages = published()
    assert sum(len(stage) for stage in stages) == 26 and sum(len(stage) for stage in ENCODER) == 13
    down = [(row.before, row.after) for stage in stages[:5] for row in stage]
    up = [(row.before, row.after) for stage in stages[5:] for row in stage]
    assert up[:-1] == [(after, before) for before, after in reversed(down)][:-1] and up[-1] == (64, 11)
    encoder = sum(9 * before * after + after for before, after in down)
    assert encoder == 14_714_688, "the convolutional layers of VGG-16"


def test_segnets_parameters_are_those_of_its_table() -> None:
    with torch.device("meta"):
        network = SegNet()
        assert network(torch.zeros(1, 3, 180, 240)).shape == (1, 11, 180, 240)
    total = sum(row.parameters for stage in published() for row in stage)
    assert total == count(network) == 29_449_355
    assert count(SegNet(5, ((3, 4), (6,)))) == sum(r.parameters for s in published(5, ((3, 4), (6,))) for r in s)


def test_what_comes_up_stands_where_its_maximum_stood() -> None:
    """With convolutions that change nothing, SegNet keeps the largest of each four values in its place."""
    network = SegNet(3, ((3,), (3,))).eval()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.dirac_(module.weight)
            nn.init.zeros_(module.bias)
    x = torch.rand(1, 3, 12, 20, generator=torch.Generator().manual_seed(0)) + 0.1
    found = network(x)
    whole = F.interpolate(F.max_pool2d(x, 4), scale_factor=4)
    expected = torch.where(x == whole, x, torch.zeros(()))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


# ENet


def test_enet_has_the_papers_parameters() -> None:
    """0.37 million, with what batch normalisation keeps of means and variances."""
    with torch.device("meta"):
        network = ENet()
        assert network(torch.zeros(1, 3, 360, 480)).shape == (1, 11, 360, 480)
    kept = sum(one.numel() for name, one in network.named_buffers() if "running" in name)
    assert count(network) == 360_466
    assert round((count(network) + kept) / 1e6, 2) == 0.37


def test_enets_table_is_that_of_the_paper() -> None:
    names = [row.name for row in TABLE]
    assert names[:6] == ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0"] and names[-5:] == ["4.0", "4.1", "4.2", "5.0", "5.1"]
    second, third = ([row for row in TABLE if row.name.startswith(stage)] for stage in ("2.", "3."))
    assert [row[1:] for row in second[1:]] == [row[1:] for row in third], "stage 3 is stage 2 without going down"
    assert [row.size for row in third if row.kind == "dilated"] == [2, 4, 8, 16]
    assert [row.name for row in TABLE if row.kind == "asymmetric"] == ["2.3", "2.7", "3.3", "3.7"]


def test_enets_shapes_are_those_of_the_table() -> None:
    """For a picture of 512x512, as in table 1."""
    with torch.device("meta"):
        network, x, held, shapes = ENet(), torch.zeros(1, 3, 512, 512), [], []
        x = network.initial(x)
        assert x.shape == (1, 16, 256, 256)
        for layer in network.layers:
            if isinstance(layer, Down):
                x, places = layer(x)
                held.append(places)
            else:
                x = layer(x, held.pop()) if isinstance(layer, Up) else layer(x)
            shapes.append(tuple(x.shape[1:]))
    by_name = dict(zip([row.name for row in TABLE], shapes, strict=True))
    assert by_name["1.4"] == (64, 128, 128) and by_name["2.8"] == by_name["3.8"] == (128, 64, 64)
    assert by_name["4.2"] == (64, 128, 128) and by_name["5.1"] == (16, 256, 256)


def test_a_bottleneck_that_learned_nothing_hands_on_what_came_in() -> None:
    torch.manual_seed(0)
    for kind, size in (("plain", 1), ("dilated", 4), ("asymmetric", 5)):
        block = Bottleneck(16, kind, size).eval()
        nn.init.zeros_(block.path[-2].weight)
        x = torch.rand(2, 16, 9, 11)
        torch.testing.assert_close(block(x), x)
    pooled = Initial()(torch.ones(1, 3, 8, 8))
    assert pooled.shape == (1, 16, 4, 4)


def test_a_dilated_bottleneck_sees_as_far_as_its_dilation() -> None:
    torch.manual_seed(1)
    block = Bottleneck(8, "dilated", 4).eval()
    x = torch.zeros(1, 8, 21, 21, requires_grad=True)
    block(x)[0, :, 10, 10].sum().backward()
    seen = x.grad.abs().sum((0, 1)).nonzero()
    assert sorted(set(seen[:, 0].tolist())) == [6, 10, 14] == sorted(set(seen[:, 1].tolist()))


# Ours


def test_our_network_is_below_a_million_and_takes_any_size() -> None:
    network = Small().eval()
    assert count(network) == 835_595 < 1_000_000
    for height, width in ((180, 240), (33, 50), (8, 8)):
        x = torch.rand(1, 3, height, width)
        assert network(x).shape == (1, 11, height, width)
        assert network.coarse(x).shape == (1, 11, -(-height // 2), -(-width // 2))
    assert ENet().eval()(torch.rand(1, 3, 33, 50)).shape == (1, 11, 33, 50)


def test_every_place_hears_of_every_other() -> None:
    """By the mean of all places; without it, far corners do not."""
    torch.manual_seed(0)
    network = Small(dilations=(1,)).eval()
    x = torch.rand(1, 3, 160, 160, requires_grad=True)
    network(x)[0, :, 0, 0].sum().backward()
    assert float(x.grad[0, :, -8:, -8:].abs().sum()) > 0
    nn.init.zeros_(network.everywhere.weight)
    x.grad = None
    network(x)[0, :, 0, 0].sum().backward()
    assert float(x.grad[0, :, -8:, -8:].abs().sum()) == 0


def test_a_grey_picture_is_refused() -> None:
    with pytest.raises(ConvnetsError, match="colour pictures"):
        Small()(torch.zeros(1, 1, 20, 20))
