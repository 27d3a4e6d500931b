"""What every network must do, whatever goes in and comes out; ``test_contract.py`` has the table of the book's."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from convnets.common import inputs
from convnets.common.inputs import Input, uniform

Shape = tuple[int | str, ...]
"""Without the batch axis; ``length`` stands for the free axis of that name in the inputs, ``length/4`` for a fourth."""


class Net(NamedTuple):
    system: str
    name: str
    given: tuple[int, ...] | dict[str, Input]  # the shape of one image, or every input by its name
    answer: Shape | list[Shape]  # of the answer, or of each
    parameters: int
    values: tuple[float, float] = (0.0, 1.0)  # of an image: the least and the largest
    roots: tuple[str, ...] = ()  # answers that are square roots: near 0 only what is under the root can be compared
    sums: tuple[str, ...] = ()  # answers of many large terms that almost cancel: compared ten times more coarsely
    zeros: tuple[str, ...] = ()  # weights that begin at zero, before which nothing has influence: a test fills them
    learns: str = "by gradients"  # or "locally", from what each cell sees: then no weight may ask for a gradient

    def build(self) -> nn.Module:
        """A fresh one."""
        return importlib.import_module(f"convnets.{self.system}").NETS[self.name]()

    def inputs(self) -> dict[str, Input]:
        """Every input by its name."""
        return self.given if isinstance(self.given, dict) else {"image": Input(self.given, uniform(*self.values))}

    def example(self, count: int = 3, longer: int = 0) -> list[Tensor]:
        """Drawn inputs, whose free axes are so many steps longer than the shortest."""
        drawn = inputs.examples(self.inputs(), torch.Generator().manual_seed(1), count, self.lengths(longer))
        return list(drawn.values())

    def lengths(self, longer: int = 0) -> dict[str, int]:
        """The free axes by their names."""
        return {
            axis.name: one.shape[place - 1] + longer * axis.step
            for one in self.inputs().values()
            for place, axis in one.grows.items()
        }

    def shapes(self, count: int = 3, longer: int = 0) -> list[tuple[int, ...]]:
        """Those of the answers."""
        each, lengths = self.answer if isinstance(self.answer, list) else [self.answer], self.lengths(longer)
        return [(count, *(_size(size, lengths) for size in shape)) for shape in each]


def _size(size: int | str, lengths: dict[str, int]) -> int:
    if isinstance(size, int):
        return size
    name, _, part = size.partition("/")
    return lengths[name] // int(part or 1)


def answers(model: nn.Module, given: list[Tensor]) -> list[Tensor]:
    """All of them, however the network gives them."""
    found = model(*given)
    if isinstance(found, Mapping):
        return list(found.values())
    return [found] if isinstance(found, Tensor) else list(found)


def parameter_count(net: Net) -> None:
    with torch.device("meta" if net.learns == "by gradients" else "cpu"):  # the others are as large as their file says
        counted = sum(parameter.numel() for parameter in net.build().parameters())
    assert counted == net.parameters


def shapes(net: Net, model: nn.Module) -> None:
    for count, longer in ((3, 0), (1, 0), (2, 3)):
        found = answers(model, net.example(count, longer))
        assert [tuple(answer.shape) for answer in found] == net.shapes(count, longer)


def every_parameter_gets_a_finite_gradient(net: Net, model: nn.Module) -> None:
    if net.learns == "locally":
        assert not any(parameter.requires_grad for parameter in model.parameters())
        return
    for name in net.zeros:
        nn.init.normal_(model.get_parameter(name), std=0.01)
    found = answers(model.train(), net.example(longer=2))
    sum(answer.square().sum() for answer in found if answer.is_floating_point()).backward()  # type: ignore[union-attr]
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), f"{name} has no influence on the answer"


def answers_are_repeatable_and_do_not_depend_on_the_batch(net: Net, model: nn.Module) -> None:
    given = net.example()
    together = answers(model, given)
    assert all(torch.equal(one, other) for one, other in zip(answers(model, given), together, strict=True))
    for index in range(3):
        for alone, all_ in zip(answers(model, [x[index : index + 1] for x in given]), together, strict=True):
            assert torch.allclose(alone[0].float(), all_[index].float(), rtol=1e-5, atol=1e-5)


def a_network_draws_no_numbers_and_keeps_none_when_it_answers(net: Net, model: nn.Module) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    generator = torch.random.get_rng_state()
    model(*net.example())
    assert torch.equal(torch.random.get_rng_state(), generator)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def state_dict_holds_only_what_is_learned(model: nn.Module) -> None:
    """Parameters, and the statistics that batch normalisation gathers."""
    gathered = {
        f"{name}.{buffer}"
        for name, module in model.named_modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm)
        for buffer, _ in module.named_buffers(recurse=False)
    }
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()} | gathered
