"""The neocognitron cell by cell: the equations of 1980 as they stand, in loops, and per position in NumPy.

:func:`literal` computes one number at a time from nested lists, as a reader of the paper would by hand.
:func:`by_position` visits every place and lets NumPy sum the window. Both are independent of the convolutions in
``model.py`` and must agree with them; ``benchmarks/neocognitron.py`` says what the difference in form costs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch

from convnets.neocognitron.model import ALPHA, FIELD, STAGES, Neocognitron, Stage, checked

__all__ = ["Layers", "Weights", "by_position", "c_cell", "literal", "s_cell", "v_c_cell", "v_s_cell", "weights"]

Plane = list[list[float]]
"""Outputs of one cell-plane, row by row."""


class Weights(NamedTuple):
    """What one module has in its synapses, as arrays."""

    a: np.ndarray  # (planes, inputs, 5, 5) modifiable, excitatory
    b: np.ndarray  # (planes,) modifiable, inhibitory
    c: np.ndarray  # (5, 5) fixed, of V_C
    d: np.ndarray  # (c_field, c_field) fixed, of C-cells and V_S


class Layers(NamedTuple):
    """An S-layer and the C-layer after it, as lists of planes or arrays (planes, height, width)."""

    s: list[Plane] | np.ndarray
    c: list[Plane] | np.ndarray


def weights(model: Neocognitron) -> list[Weights]:
    """The weights of the three modules of ``model``."""
    return [
        Weights(*(tensor.numpy(force=True) for tensor in (module.a, module.b, module.c, module.d)))
        for module in model.layers
    ]


def literal(image: Plane, all_weights: list[Weights]) -> list[Layers]:
    """Every layer's answer to ``image`` (16 rows of 16 numbers), cell after cell; errors as ``model.checked``."""
    checked(torch.as_tensor(image)[None])
    u, found = [image], []
    for stage, known in zip(STAGES, all_weights, strict=True):
        a, b, c, d = (array.tolist() for array in known)
        places = [(row, column) for row in range(stage.s_size) for column in range(stage.s_size)]
        v_c = {n: v_c_cell(u, n, c, stage) for n in places}
        s = [_square([s_cell(u, n, a[k], b[k], v_c[n], stage) for n in places], stage.s_size) for k in range(len(a))]
        places = [(row, column) for row in range(stage.c_size) for column in range(stage.c_size)]
        v_s = {n: v_s_cell(s, n, d, stage) for n in places}
        u = [_square([c_cell(plane, n, d, v_s[n], stage) for n in places], stage.c_size) for plane in s]
        found.append(Layers(s, u))
    return found


def v_c_cell(u: list[Plane], n: tuple[int, int], c: Plane, stage: Stage) -> float:
    """Equation 3: the inhibitory cell V_C at place ``n``, a weighted root mean square of all planes of ``u``."""
    total = 0.0
    for plane in u:
        for i in range(FIELD):
            for j in range(FIELD):
                total += c[i][j] * _at(plane, n[0] + i - stage.s_margin, n[1] + j - stage.s_margin) ** 2
    return math.sqrt(total)


def s_cell(u: list[Plane], n: tuple[int, int], a: list[Plane], b: float, v: float, stage: Stage) -> float:
    """Equations 1 and 2: an S-cell at place ``n`` with excitatory weights ``a``, an inhibitory one ``b``."""
    excitation = 0.0
    for plane, weight in zip(u, a, strict=True):
        for i in range(FIELD):
            for j in range(FIELD):
                excitation += weight[i][j] * _at(plane, n[0] + i - stage.s_margin, n[1] + j - stage.s_margin)
    inhibition = 2 * stage.r / (1 + stage.r) * b * v
    x = (1 + excitation) / (1 + inhibition) - 1
    return stage.r * x if x >= 0 else 0.0


def v_s_cell(s: list[Plane], n: tuple[int, int], d: Plane, stage: Stage) -> float:
    """Equation 6: the inhibitory cell V_S at place ``n``, the mean over all planes of what C-cells there receive."""
    return sum(_received(plane, n, d, stage) for plane in s) / len(s)


def c_cell(plane: Plane, n: tuple[int, int], d: Plane, v: float, stage: Stage) -> float:
    """Equations 4 and 5: a C-cell at place ``n`` of the plane after ``plane``."""
    x = (1 + _received(plane, n, d, stage)) / (1 + v) - 1
    return x / (ALPHA + x) if x >= 0 else 0.0


def _received(plane: Plane, n: tuple[int, int], d: Plane, stage: Stage) -> float:
    """The sum of d times S over the window of the C-cell at ``n``."""
    total = 0.0
    for i in range(stage.c_field):
        for j in range(stage.c_field):
            row = n[0] * stage.c_step + i - stage.c_margin[0]
            column = n[1] * stage.c_step + j - stage.c_margin[0]
            total += d[i][j] * _at(plane, row, column)
    return total


def _at(plane: Plane, row: int, column: int) -> float:
    """A cell's output; zero outside of its plane."""
    inside = 0 <= row < len(plane) and 0 <= column < len(plane[0])
    return plane[row][column] if inside else 0.0


def _square(values: list[float], size: int) -> Plane:
    return [values[start : start + size] for start in range(0, size * size, size)]


def by_position(image: np.ndarray, all_weights: list[Weights]) -> list[Layers]:
    """The same for ``image`` (16, 16), place by place: the sums over a window are NumPy's, the places a loop."""
    u, found = checked(torch.as_tensor(image)[None])[0].numpy().astype(np.float64), []
    for stage, known in zip(STAGES, all_weights, strict=True):
        s = _s_by_position(u, known, stage)
        u = _c_by_position(s, known.d, stage)
        found.append(Layers(s, u))
    return found


def _s_by_position(u: np.ndarray, known: Weights, stage: Stage) -> np.ndarray:
    padded = np.pad(u, ((0, 0), (stage.s_margin, stage.s_margin), (stage.s_margin, stage.s_margin)))
    a = known.a.reshape(len(known.a), -1)
    s = np.empty((len(a), stage.s_size, stage.s_size))
    for row in range(stage.s_size):
        for column in range(stage.s_size):
            window = padded[:, row : row + FIELD, column : column + FIELD]
            v = math.sqrt((known.c * window**2).sum())
            excitation = a @ window.ravel()
            ratio = (1 + excitation) / (1 + 2 * stage.r / (1 + stage.r) * known.b * v)
            s[:, row, column] = stage.r * np.maximum(ratio - 1, 0)
    return s


def _c_by_position(s: np.ndarray, d: np.ndarray, stage: Stage) -> np.ndarray:
    padded = np.pad(s, ((0, 0), stage.c_margin, stage.c_margin))
    answers = np.empty((len(s), stage.c_size, stage.c_size))
    for row in range(stage.c_size):
        for column in range(stage.c_size):
            top, left = row * stage.c_step, column * stage.c_step
            received = padded[:, top : top + stage.c_field, left : left + stage.c_field].reshape(len(s), -1) @ d.ravel()
            x = np.maximum((1 + received) / (1 + received.mean()) - 1, 0)
            answers[:, row, column] = x / (ALPHA + x)
    return answers
