"""One table over all networks of the book, and what every one of them must do."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from convnets import cli, lenet


class Net(NamedTuple):
    system: str
    name: str
    build: Callable[[], nn.Module]
    image: tuple[int, ...]
    answer: tuple[int, ...]
    parameters: int
    learns: str = "by gradients"  # or "locally", from what each cell sees: then no weight may ask for a gradient


TABLE = [
    Net("lenet", "lenet1", lenet.NETS["lenet1"], (1, 28, 28), (10,), 2_578),
    Net("lenet", "lenet5", lenet.NETS["lenet5"], (1, 32, 32), (10,), 60_000),
    Net("lenet", "lenet5-plain", lenet.NETS["lenet5-plain"], (1, 32, 32), (10,), 60_000),
    Net("lenet", "lenet5-row", lenet.NETS["lenet5-row"], (1, 32, 32), (10,), 60_000),
    Net("lenet", "modern", lenet.NETS["modern"], (1, 32, 32), (10,), 61_706),
    Net("lenet", "zipcode", lenet.NETS["zipcode"], (1, 16, 16), (10,), 9_760),
]


@pytest.fixture(params=TABLE, ids=lambda net: f"{net.system}/{net.name}")
def net(request: pytest.FixtureRequest) -> Net:
    return request.param


@pytest.fixture
def model(net: Net) -> nn.Module:
    torch.manual_seed(0)
    return net.build().eval()


@pytest.fixture
def images(net: Net) -> Tensor:
    return torch.rand(3, *net.image, generator=torch.Generator().manual_seed(1)) * 1.275 - 0.1


def test_the_table_holds_every_network() -> None:
    published = {
        (system, name)
        for system in cli.systems()
        for name in getattr(importlib.import_module(f"convnets.{system}"), "NETS", {})
    }
    assert {(net.system, net.name) for net in TABLE} == published


def test_parameter_count(net: Net) -> None:
    with torch.device("meta"):
        counted = sum(parameter.numel() for parameter in net.build().parameters())
    assert counted == net.parameters


def test_shapes(net: Net, model: nn.Module, images: Tensor) -> None:
    assert model(images).shape == (3, *net.answer)
    assert model(images[:1]).shape == (1, *net.answer)


def test_every_parameter_gets_a_finite_gradient(net: Net, model: nn.Module, images: Tensor) -> None:
    if net.learns == "locally":
        assert not any(parameter.requires_grad for parameter in model.parameters())
        return
    model.train()(images).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), f"{name} has no influence on the answer"


def test_answers_are_repeatable_and_do_not_depend_on_the_batch(model: nn.Module, images: Tensor) -> None:
    together = model(images)
    assert torch.equal(model(images), together)
    alone = torch.cat([model(image[None]) for image in images])
    assert torch.allclose(alone, together, rtol=1e-5, atol=1e-5)


def test_a_network_draws_no_numbers_and_keeps_none_when_it_answers(model: nn.Module, images: Tensor) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    generator = torch.random.get_rng_state()
    model(images)
    assert torch.equal(torch.random.get_rng_state(), generator)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_state_dict_holds_only_what_is_trained(model: nn.Module) -> None:
    assert list(model.state_dict()) == [name for name, _ in model.named_parameters()]
