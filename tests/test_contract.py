"""One table over all networks of the book, and what every one of them must do."""

from __future__ import annotations

import importlib
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from convnets import systems


class Net(NamedTuple):
    system: str
    name: str
    image: tuple[int, ...]
    answer: tuple[int, ...]
    parameters: int
    values: tuple[float, float] = (0.0, 1.0)  # of an image: the least and the largest
    learns: str = "by gradients"  # or "locally", from what each cell sees: then no weight may ask for a gradient

    def build(self) -> nn.Module:
        """A fresh one."""
        return importlib.import_module(f"convnets.{self.system}").NETS[self.name]()


INK = (-0.1, 1.175)
"""Paper and ink as LeNet sees them."""

TABLE = [
    Net("cortex", "hmax", (1, 64, 64), (4,), 184_741),
    Net("lenet", "lenet1", (1, 28, 28), (10,), 2_578, INK),
    Net("lenet", "lenet5", (1, 32, 32), (10,), 60_000, INK),
    Net("lenet", "lenet5-plain", (1, 32, 32), (10,), 60_000, INK),
    Net("lenet", "lenet5-row", (1, 32, 32), (10,), 60_000, INK),
    Net("lenet", "modern", (1, 32, 32), (10,), 61_706, INK),
    Net("lenet", "zipcode", (1, 16, 16), (10,), 9_760, INK),
    Net("neocognitron", "fukushima1980", (1, 16, 16), (24,), 29_472, learns="locally"),
    Net("neocognitron", "fukushima2003", (1, 65, 65), (10,), 1_030_740, learns="locally"),
]
"""Where ``press new`` adds a row, at the end."""


@pytest.fixture(params=TABLE, ids=lambda net: f"{net.system}/{net.name}")
def net(request: pytest.FixtureRequest) -> Net:
    return request.param


@pytest.fixture
def model(net: Net) -> nn.Module:
    torch.manual_seed(0)
    return net.build().eval()


@pytest.fixture
def images(net: Net) -> Tensor:
    low, high = net.values
    return torch.rand(3, *net.image, generator=torch.Generator().manual_seed(1)) * (high - low) + low


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
    with torch.device("meta" if net.learns == "by gradients" else "cpu"):  # the others are as large as their file says
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


def test_state_dict_holds_only_what_is_learned(model: nn.Module) -> None:
    """Parameters, and the statistics that batch normalisation gathers."""
    gathered = {
        f"{name}.{buffer}"
        for name, module in model.named_modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm)
        for buffer, _ in module.named_buffers(recurse=False)
    }
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()} | gathered
