"""What a network costs: its layers with their shapes, parameters and multiply-adds, counted on the meta device.

A multiply-add is one multiplication of a weight with a value and its addition to a sum; those of convolutions and fully
connected layers are counted, biases, normalisation, pooling and activations are not, as in the papers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Group", "Layer", "groups", "layers", "multiply_adds", "parameters"]


class Layer(NamedTuple):
    """A convolution, pooling or fully connected layer of a network, in the order in which it is asked."""

    name: str  # as in the state dict
    kind: str  # convolution, pooling or full
    kernel: int  # pixels a side; 1 for a fully connected layer
    maps: int  # channels or units that it gives
    size: int  # pixels a side of what it gives; 1 for a fully connected layer
    parameters: int
    multiply_adds: int  # for one image


class Group(NamedTuple):
    """Layers that follow one another and give maps of one size: a block of a drawing."""

    kind: str  # convolution or full
    size: int  # pixels a side
    maps: int  # of the last of them
    layers: int  # with weights
    parameters: int
    multiply_adds: int


def parameters(model: nn.Module) -> int:
    """How many numbers ``model`` learns."""
    return sum(parameter.numel() for parameter in model.parameters())


def layers(model: nn.Module, size: int = 224) -> list[Layer]:
    """Every layer of ``model`` for an image of ``size`` x ``size`` pixels; ``model`` may lie on the meta device."""
    return [_layer(*event) for event in _events(model, size) if isinstance(event[1], _COUNTED)]


def multiply_adds(model: nn.Module, size: int = 224) -> int:
    """Multiply-adds of ``model`` for one image of ``size`` x ``size`` pixels."""
    return sum(layer.multiply_adds for layer in layers(model, size))


def groups(model: nn.Module, size: int = 224) -> list[Group]:
    """:func:`layers`, those with weights, gathered by the size of what they give.

    Convolutions that see one pixel (squeezing and excitation) count to the group around them; the maps of blocks and
    branches are those of the whole.
    """
    found: list[Group] = []
    whole = False  # whether the last group's maps are those of a block
    for name, module, shape in _events(model, size):
        kind = {nn.Conv2d: "convolution", nn.Linear: "full"}.get(type(module))
        last = found[-1] if found else None
        if kind is None:
            if last and len(shape) == 4 and shape[-1] == last.size and len(list(module.children())) > 1:
                found[-1], whole = last._replace(maps=shape[1]), True
            continue
        layer = _layer(name, module, shape)
        within = last is not None and last.kind == "convolution" == kind and layer.size == 1 < last.size
        if last and last.kind == kind and (last.size == layer.size or within):
            found[-1] = last._replace(
                maps=last.maps if within or whole else layer.maps,
                layers=last.layers + 1,
                parameters=last.parameters + layer.parameters,
                multiply_adds=last.multiply_adds + layer.multiply_adds,
            )
        else:
            found.append(Group(kind, layer.size, layer.maps, 1, layer.parameters, layer.multiply_adds))
            whole = False
    return found


_COUNTED = (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.AvgPool2d)


def _events(model: nn.Module, size: int) -> list[tuple[str, nn.Module, torch.Size]]:
    """Name, module and the shape of its answer, for each module in the order in which they answer."""
    found: list[tuple[str, nn.Module, torch.Size]] = []
    handles = []
    for name, module in model.named_modules():

        def note(own: nn.Module, _given: Any, answer: Any, name: str = name) -> None:
            if isinstance(answer, Tensor):
                found.append((name, own, answer.shape))

        handles.append(module.register_forward_hook(note))
    training, device = model.training, next(model.parameters()).device
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, 3, size, size, device=device))
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    return found


def _layer(name: str, module: nn.Module, shape: torch.Size) -> Layer:
    own = parameters(module)
    if isinstance(module, nn.Conv2d):
        adds = module.weight.numel() * shape[-1] * shape[-2]
        return Layer(name, "convolution", module.kernel_size[0], shape[1], shape[-1], own, adds)
    if isinstance(module, nn.Linear):
        return Layer(name, "full", 1, shape[-1], 1, own, module.weight.numel())
    assert isinstance(module, nn.MaxPool2d | nn.AvgPool2d)
    kernel = module.kernel_size
    return Layer(name, "pooling", kernel if isinstance(kernel, int) else kernel[0], shape[1], shape[-1], 0, 0)
