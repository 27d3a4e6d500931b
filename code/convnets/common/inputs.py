"""What goes into a network: named inputs, their shapes and types, and how to draw one for its tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = ["Axis", "Draw", "Input", "examples", "normal", "tokens", "uniform"]

Draw = Callable[["tuple[int, ...]", "torch.Generator"], "Tensor"]
"""(shape, with the batch axis; random numbers) -> values, in the type that the network takes."""


def uniform(low: float = 0.0, high: float = 1.0) -> Draw:
    """Numbers between ``low`` and ``high``: pictures."""

    def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        import torch

        return torch.rand(shape, generator=generator) * (high - low) + low

    return draw


def normal() -> Draw:
    """Normally distributed numbers: what generators turn into pictures."""

    def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        import torch

        return torch.randn(shape, generator=generator)

    return draw


def tokens(count: int) -> Draw:
    """Whole numbers (int64) from 0 to ``count`` - 1: letters, words, pieces on a board."""

    def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        import torch

        return torch.randint(count, shape, generator=generator)

    return draw


@dataclass(frozen=True)
class Axis:
    """A length that is free: of a text, of a picture's side. Axes of one name are equally long in all inputs."""

    name: str
    step: int = 1  # lengths are multiples of it
    most: int = 64  # steps in the longest


@dataclass(frozen=True)
class Input:
    """One input of a network."""

    shape: tuple[int, ...]  # of one example, without the batch axis; of the shortest, where it may grow
    draw: Draw = field(default_factory=uniform)
    grows: Mapping[int, Axis] = field(default_factory=dict)  # by the batch's axis: 0 is the batch, 1 the first of shape

    def sized(self, count: int, lengths: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of ``count`` examples, whose free axes have the ``lengths`` given by name, else the shortest."""
        whole = (count, *self.shape)
        return tuple(
            lengths.get(self.grows[axis].name, size) if axis in self.grows else size for axis, size in enumerate(whole)
        )


def examples(
    inputs: Mapping[str, Input], generator: torch.Generator, count: int = 1, lengths: Mapping[str, int] | None = None
) -> dict[str, Tensor]:
    """``count`` drawn examples of every input, by name; ``lengths`` are those of free axes, by the axes' names."""
    return {name: one.draw(one.sized(count, lengths or {}), generator) for name, one in inputs.items()}
