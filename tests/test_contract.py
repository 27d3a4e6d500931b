"""One table over all networks of the book: each does what ``contract.py`` asks."""

from __future__ import annotations

import importlib

import contract
import pytest
import torch
from contract import Net
from torch import nn

from convnets import systems

INK = (-0.1, 1.175)
"""Paper and ink as LeNet sees them."""

TABLE = [
    Net("cortex", "hmax", (1, 64, 64), (4,), 184_741, sums=("scores",)),
    Net("lenet", "lenet1", (1, 28, 28), (10,), 2_578, INK),
    Net("lenet", "lenet5", (1, 32, 32), (10,), 60_000, INK),
    Net("lenet", "lenet5-plain", (1, 32, 32), (10,), 60_000, INK),
    Net("lenet", "lenet5-row", (1, 32, 32), (10,), 60_000, INK),
    Net("lenet", "mlp", (1, 28, 28), (10,), 59_635, INK),
    Net("lenet", "mlp-plain", (1, 28, 28), (10,), 59_635, INK),
    Net("lenet", "modern", (1, 32, 32), (10,), 61_706, INK),
    Net("lenet", "modern-plain", (1, 32, 32), (10,), 61_706, INK),
    Net("lenet", "zipcode", (1, 16, 16), (10,), 9_760, INK),
    Net("neocognitron", "fukushima1980", (1, 16, 16), (24,), 29_472, learns="locally"),
    Net("neocognitron", "fukushima2003", (1, 65, 65), (10,), 1_030_740, learns="locally", roots=("c2", "c3")),
    Net("alexnet", "cifar", (3, 24, 24), (10,), 100_730),
    Net("alexnet", "four", (3, 32, 32), (10,), 23_354),
    Net("alexnet", "tiny", (3, 24, 24), (100,), 177_100),
    Net("imagenet", "residual-56", (3, 32, 32), (10,), 144_482, (-2.0, 2.0)),
    Net("imagenet", "residual-20", (3, 32, 32), (10,), 46_562, (-2.0, 2.0)),
    Net("imagenet", "plain-56", (3, 32, 32), (10,), 144_482, (-2.0, 2.0)),
    Net("imagenet", "plain-20", (3, 32, 32), (10,), 46_562, (-2.0, 2.0)),
    Net("imagenet", "crops", (3, 32, 32), (10,), 46_562, (-2.0, 2.0)),
    Net("signs", "best", (3, 32, 32), (43,), 435_569, zeros=("localiser.theta.weight",)),
    Net("signs", "transformer", (3, 32, 32), (43,), 160_145, zeros=("localiser.theta.weight",)),
    Net("signs", "unseen", (3, 32, 32), (43,), 137_227),
    Net("housenumbers", "reader", (1, 32, 64), [(7,), (5, 10), (10,)], 587_491),
    Net("housenumbers", "sermanet", (1, 32, 32), (10,), 257_926),
    Net("detection", "fcos", (3, 240, 320), [(1500, 3), (1500, 4), (1500,)], 450_218),
    Net("localisation", "overfeat", (3, 64, 64), [(3, 3, 3), (4, 3, 3)], 252_815),
    Net("localisation", "cam", (3, 64, 64), (3,), 96_003),
    Net("localisation", "cells", (3, 60, 80), [(2, 2, 5), (4, 2, 5)], 60_752),
    Net("localisation", "habitat", (3, 64, 64), (3,), 40_543),
    Net("localisation", "shuffled", (3, 64, 64), (3,), 40_543),
    Net("tumours", "isbi", (1, 108, 108), (2, 20, 20), 271_706),
    Net("tumours", "busi", (1, 96, 96), (2, 96, 96), 406_810),
    Net("tumours", "phantom", (1, 64, 64), (2, 64, 64), 98_194),
    Net("driving", "small", (3, 180, 240), (11, 180, 240), 835_595),
    Net("driving", "pilot", (3, 66, 200), (), 252_219),
    Net("driving", "pilot-centre", (3, 66, 200), (), 252_219),
]
"""Where ``press new`` adds a row, at the end."""


@pytest.fixture(params=TABLE, ids=lambda net: f"{net.system}/{net.name}")
def net(request: pytest.FixtureRequest) -> Net:
    return request.param


@pytest.fixture
def model(net: Net) -> nn.Module:
    torch.manual_seed(0)
    return net.build().eval()


def test_the_table_holds_every_network() -> None:
    published = {
        (system, name)
        for system in systems()
        for name in getattr(importlib.import_module(f"convnets.{system}"), "NETS", {})
    }
    listed = {(net.system, net.name) for net in TABLE}
    assert not published - listed, "give each of these networks a row in TABLE"
    assert not listed - published, "TABLE names networks that no system has in its NETS"


def test_parameter_count(net: Net) -> None:
    contract.parameter_count(net)


def test_shapes(net: Net, model: nn.Module) -> None:
    contract.shapes(net, model)


def test_every_parameter_gets_a_finite_gradient(net: Net, model: nn.Module) -> None:
    contract.every_parameter_gets_a_finite_gradient(net, model)


def test_answers_are_repeatable_and_do_not_depend_on_the_batch(net: Net, model: nn.Module) -> None:
    contract.answers_are_repeatable_and_do_not_depend_on_the_batch(net, model)


def test_a_network_draws_no_numbers_and_keeps_none_when_it_answers(net: Net, model: nn.Module) -> None:
    contract.a_network_draws_no_numbers_and_keeps_none_when_it_answers(net, model)


def test_state_dict_holds_only_what_is_learned(model: nn.Module) -> None:
    contract.state_dict_holds_only_what_is_learned(model)
