"""Backpropagation through LeNet-5 written out, in NumPy and double precision, without automatic differentiation.

Every operation is a pair of functions: ``f`` goes forwards, ``f_back`` takes the gradient of the loss with respect
to the operation's output (named ``dy``) and gives the gradients with respect to its input and parameters. The chain
rule is then nothing but calling the second functions in reverse order: :func:`gradients`.

One image at a time: C channels, H rows, W columns, no batch axis. The derivation in general form is Rumelhart,
Hinton, Williams, "Learning representations by back-propagating errors", Nature 323, 1986; the network and the loss
are those of LeCun et al. 1998, section II.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

from convnets.lenet.bitmaps import bitmaps
from convnets.lenet.model import C3_TABLE, LeNet5
from convnets.lenet.train import losses

__all__ = [
    "ByHand", "Step", "convolve", "convolve_back", "dense", "distances", "distances_back", "gather", "gradients",
    "linear", "linear_back", "map_loss", "map_loss_back", "squash", "squash_back", "subsample", "subsample_back",
    "walk",
]  # fmt: skip

Array = np.ndarray
Table = tuple[tuple[int, ...], ...]

AMPLITUDE, SLOPE = 1.7159, 2 / 3


def convolve(x: Array, weight: Array, bias: Array) -> Array:
    """Valid convolution: (I, H, W), (O, I, K, K), (O,) -> (O, H - K + 1, W - K + 1).

    ``y[o, r, s] = bias[o] + sum_{i, u, v} weight[o, i, u, v] x[i, r + u, s + v]``
    """
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    return np.einsum("oiuv,irsuv->ors", weight, windows, optimize=True) + bias[:, None, None]


def convolve_back(x: Array, weight: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Gradients (dx, dweight, dbias) of :func:`convolve`.

    A weight is used at every position, so its gradient is a sum over positions, which is a convolution again:
    ``dweight[o, i, u, v] = sum_{r, s} dy[o, r, s] x[i, r + u, s + v]`` and ``dbias[o] = sum_{r, s} dy[o, r, s]``.
    An input is used by every window that covers it, so its gradient spreads ``dy`` with the kernels turned round:
    ``dx[i, p, q] = sum_{o, u, v} dy[o, p - u, q - v] weight[o, i, u, v]``, ``dy`` being zero outside its borders.
    """
    size = weight.shape[2]
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    dweight = np.einsum("ors,irsuv->oiuv", dy, windows, optimize=True)
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    border = size - 1
    dx = convolve(np.pad(dy, ((0, 0), (border, border), (border, border))), turned, np.zeros(len(x)))
    return dx, dweight, dy.sum((1, 2))


def dense(weight: Array, table: Table, in_channels: int) -> Array:
    """Kernels (connections, K, K) in ``table`` order -> (O, I, K, K) with zeros where there is no connection."""
    outputs, inputs = _pairs(table)
    kernels = np.zeros((len(table), in_channels, *weight.shape[1:]))
    kernels[outputs, inputs] = weight
    return kernels


def gather(kernels: Array, table: Table) -> Array:
    """Those of the dense kernels (O, I, K, K) that ``table`` connects: the inverse, and the gradient, of `dense`."""
    return kernels[_pairs(table)]


def subsample(x: Array, coefficient: Array, bias: Array) -> Array:
    """(C, H, W), (C,), (C,) -> (C, H/2, W/2): ``y[c, r, s] = bias[c] + coefficient[c] * sum of its 2x2 block``."""
    return coefficient[:, None, None] * _block_sums(x) + bias[:, None, None]


def subsample_back(x: Array, coefficient: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Gradients (dx, dcoefficient, dbias) of :func:`subsample`.

    All four pixels of a block receive ``coefficient[c] * dy[c, r, s]``;
    ``dcoefficient[c] = sum_{r, s} dy[c, r, s] * block sum[c, r, s]`` and ``dbias[c] = sum_{r, s} dy[c, r, s]``.
    """
    dx = (coefficient[:, None, None] * dy).repeat(2, axis=1).repeat(2, axis=2)
    return dx, (dy * _block_sums(x)).sum((1, 2)), dy.sum((1, 2))


def squash(a: Array) -> Array:
    """``y = A tanh(S a)`` with A = 1.7159 and S = 2/3, element by element."""
    return AMPLITUDE * np.tanh(SLOPE * a)


def squash_back(y: Array, dy: Array) -> Array:
    """Gradient with respect to a, from the output: as tanh' = 1 - tanh^2, ``da = dy * S (A - y^2 / A)``."""
    return dy * SLOPE * (AMPLITUDE - y**2 / AMPLITUDE)


def linear(x: Array, weight: Array, bias: Array) -> Array:
    """(I,), (O, I), (O,) -> (O,): ``y = weight x + bias``."""
    return weight @ x + bias


def linear_back(x: Array, weight: Array, dy: Array) -> tuple[Array, Array, Array]:
    """Gradients (dx, dweight, dbias) of :func:`linear`: ``weight^T dy``, the outer product ``dy x^T``, and ``dy``."""
    return weight.T @ dy, np.outer(dy, x), dy


def distances(x: Array, centres: Array) -> Array:
    """Radial basis units: (84,), (10, 84) -> (10,), ``y_d = sum_k (x_k - z_dk)^2`` (1998, equation 7)."""
    return ((x - centres) ** 2).sum(1)


def distances_back(x: Array, centres: Array, dy: Array) -> Array:
    """Gradient with respect to x; the centres are fixed: ``dx_k = sum_d 2 dy_d (x_k - z_dk)``."""
    return 2 * dy @ (x - centres)


def map_loss(y: Array, label: int, rubbish_penalty: float, temperature: float = 1.0) -> float:
    """``E = y_D / T + log(e^(-j / T) + sum_d e^(-y_d / T))`` for distances y (10,), class D (1998, equation 9)."""
    return float(y[label] / temperature + np.logaddexp.reduce(np.array([-rubbish_penalty, *-y]) / temperature))


def map_loss_back(y: Array, label: int, rubbish_penalty: float, temperature: float = 1.0) -> Array:
    """``dE/dy_d = ([d = D] - p_d) / T`` with ``p_d = e^(-y_d / T) / (e^(-j / T) + sum_k e^(-y_k / T))``.

    The right class is pulled in as far as it is not yet certain, the others are pushed away as far as they compete.
    """
    total = np.logaddexp.reduce(np.array([-rubbish_penalty, *-y]) / temperature)
    p = np.exp(-y / temperature - total)
    return ((np.arange(len(y)) == label) - p) / temperature


class ByHand(NamedTuple):
    """The whole computation for one image."""

    loss: float
    stages: dict[str, Array]  # what each layer put out, input first
    deltas: dict[str, Array]  # the loss's gradient with respect to each stage
    gradients: dict[str, Array]  # the same for each parameter, by its name in the state dict


def forward(model_state: Mapping[str, Array], image: Array) -> dict[str, Array]:
    """Every stage of LeNet-5 for one normalised ``image`` (32, 32), from ``input`` to ``distances``."""
    w = _double(model_state)
    x = np.asarray(image, float).reshape(1, 32, 32)
    c1 = squash(convolve(x, w["c1.weight"], w["c1.bias"]))
    s2 = squash(subsample(c1, w["s2.coefficient"], w["s2.bias"]))
    c3 = squash(convolve(s2, dense(w["c3.weight"], C3_TABLE, len(s2)), w["c3.bias"]))
    s4 = squash(subsample(c3, w["s4.coefficient"], w["s4.bias"]))
    c5 = squash(convolve(s4, w["c5.weight"], w["c5.bias"]))
    f6 = squash(linear(c5.ravel(), w["f6.weight"], w["f6.bias"]))
    y = distances(f6, _centres())
    return {"input": x, "c1": c1, "s2": s2, "c3": c3, "s4": s4, "c5": c5, "f6": f6, "distances": y}


def gradients(
    model_state: Mapping[str, Array], image: Array, label: int, rubbish_penalty: float = 0.0, temperature: float = 1.0
) -> ByHand:
    """Loss of LeNet-5 for one image and its gradients with respect to every stage and every parameter.

    ``model_state`` holds NumPy arrays under the names of ``LeNet5().state_dict()``; ``image`` is (32, 32), normalised.
    """
    w, at = _double(model_state), forward(model_state, image)
    kernels = dense(w["c3.weight"], C3_TABLE, len(at["s2"]))
    d: dict[str, Array] = {"distances": map_loss_back(at["distances"], label, rubbish_penalty, temperature)}
    g: dict[str, Array] = {}
    d["f6"] = distances_back(at["f6"], _centres(), d["distances"])
    da = squash_back(at["f6"], d["f6"])
    dc5, g["f6.weight"], g["f6.bias"] = linear_back(at["c5"].ravel(), w["f6.weight"], da)
    d["c5"] = dc5.reshape(at["c5"].shape)
    da = squash_back(at["c5"], d["c5"])
    d["s4"], g["c5.weight"], g["c5.bias"] = convolve_back(at["s4"], w["c5.weight"], da)
    da = squash_back(at["s4"], d["s4"])
    d["c3"], g["s4.coefficient"], g["s4.bias"] = subsample_back(at["c3"], w["s4.coefficient"], da)
    da = squash_back(at["c3"], d["c3"])
    d["s2"], dkernels, g["c3.bias"] = convolve_back(at["s2"], kernels, da)
    g["c3.weight"] = gather(dkernels, C3_TABLE)
    da = squash_back(at["s2"], d["s2"])
    d["c1"], g["s2.coefficient"], g["s2.bias"] = subsample_back(at["c1"], w["s2.coefficient"], da)
    da = squash_back(at["c1"], d["c1"])
    d["input"], g["c1.weight"], g["c1.bias"] = convolve_back(at["input"], w["c1.weight"], da)
    return ByHand(map_loss(at["distances"], label, rubbish_penalty, temperature), at, d, g)


class Step(NamedTuple):
    """One row of the walk back through the network."""

    stage: str
    shape: tuple[int, ...]
    formula: str  # how the gradient with respect to this stage comes from the one after it
    largest_gradient: float  # over the units of the stage
    difference: float  # from autograd, relative to its largest value, over the stage and its parameters


FORMULAS = {
    "distances": "dE/dy_d = ([d = D] - p_d) / T",
    "f6": "dE/dx_k = sum_d 2 dE/dy_d (x_k - z_dk)",
    "c5": "W^T (dy * f'), f' = S (A - y^2 / A)",
    "s4": "dy * f', spread by the kernels turned round",
    "c3": "dy * f', times the coefficient, to all four pixels",
    "s2": "dy * f', spread by the connected kernels turned round",
    "c1": "dy * f', times the coefficient, to all four pixels",
    "input": "dy * f', spread by the kernels turned round",
}


def walk(model: LeNet5, image: Array, label: int, rubbish_penalty: float = 0.0, temperature: float = 1.0) -> list[Step]:
    """From the loss back to the pixels of one normalised ``image`` (32, 32), compared with autograd at every stage."""
    state = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    ours = gradients(state, image, label, rubbish_penalty, temperature)
    theirs = _autograd(model, image, label, rubbish_penalty, temperature)
    steps = []
    for stage, formula in FORMULAS.items():
        own = {stage: ours.deltas[stage]} | {n: g for n, g in ours.gradients.items() if n.startswith(f"{stage}.")}
        difference = max(_relative(g, theirs[name].reshape(g.shape)) for name, g in own.items())
        steps.append(Step(stage, own[stage].shape, formula, float(np.abs(own[stage]).max()), difference))
    return steps


def _autograd(model: LeNet5, image: Array, label: int, rubbish_penalty: float, temperature: float) -> dict[str, Array]:
    """PyTorch's own gradients in double precision, by stage and parameter name."""
    model = copy.deepcopy(model).cpu().double()
    x = torch.tensor(np.asarray(image, float)).reshape(1, 1, 32, 32).requires_grad_()
    stages = {"input": x} | model.features(x)._asdict()
    named = stages | dict(model.named_parameters())
    loss = losses("map", -stages["distances"][:, 0], torch.tensor([label]), rubbish_penalty, temperature)
    return {name: g.numpy() for name, g in zip(named, torch.autograd.grad(loss, list(named.values())), strict=True)}


def _relative(ours: Array, theirs: Array) -> float:
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), np.finfo(float).tiny))


def _double(state: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.asarray(values, float) for name, values in state.items()}


def _centres() -> Array:
    return bitmaps().reshape(10, 84).astype(float)


def _block_sums(x: Array) -> Array:
    channels, height, width = x.shape
    return x.reshape(channels, height // 2, 2, width // 2, 2).sum((2, 4))


def _pairs(table: Table) -> tuple[list[int], list[int]]:
    """The (output, input) map of each connection, in table order."""
    return [k for k, inputs in enumerate(table) for _ in inputs], [i for inputs in table for i in inputs]
