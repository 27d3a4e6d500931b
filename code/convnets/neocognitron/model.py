"""The neocognitron of 1980: three modules of S- and C-cells that organise themselves without a teacher.

Source: Fukushima: "Neocognitron: A Self-organizing Neural Network Model for a Mechanism of Pattern Recognition
Unaffected by Shift in Position", Biological Cybernetics 36, 193-202, 1980. Equations and sections below are its own.

Shapes: N images, K planes, height, width. The input U0 is ``(N, 16, 16)`` or ``(N, 1, 16, 16)``, 0 = dark to 1 = lit;
module l answers with an S-layer ``(N, 24, s, s)`` and a C-layer ``(N, 24, c, c)``; UC3 has one cell a plane. Outputs
are never negative: they stand for rates of firing. Everything is computed with 64-bit numbers, so that the winners
of the competition in ``learning.py`` do not hang on rounding.

Choices, where the paper names a quantity but not its value (chapter, *What the paper leaves open*):
    - Fields that reach over the edge see zeros there.
    - Spacing: the paper says that the density of cells falls, not by how much. 16 -> 10 and 8 -> 6 are both n/2 + 2,
      so a C-layer samples every second S-cell. Its middles then reach 1.5 cells beyond each edge: UC1 reaches one over
      the upper and the left edge and two over the others, UC2 the other way round, so that the two offsets cancel
      (:attr:`Stage.c_margin`).
    - c and d are "monotonically decreasing functions of |v|": ours are powers, :data:`GAMMA` ** |v| and
      :data:`DELTA` ** |v| (so also in Fukushima, Miyake, Ito 1983). c is scaled to the sum that the paper gives; the
      nearest S-cell's d is 1.
    - Initial excitatory weights: "small positive values" with "very weak orientation selectivity", functions of v, of
      k / K and of |k' / K - k / K|, without randomness. Ours are :func:`initial_weights`: across the preferred
      direction they fall to a third of what they are along it.
    - Equation 5, read literally, answers positively below -alpha; :func:`psi` rectifies first.
    - Whose output counts first among equals stands in ``learning.py``, how far patterns are shifted and how they are
      drawn in ``patterns.py``.
GAMMA, DELTA, :data:`INITIAL` and the form of the initial weights were chosen so that the five patterns get a cell each
that shifts do not change; deformed, resized and noisy patterns played no part in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = [
    "ALPHA", "DELTA", "FIELD", "GAMMA", "INITIAL", "PLANES", "SIZE", "STAGES", "Module", "Neocognitron", "Responses",
    "Stage", "c_weights", "checked", "convolved", "d_weights", "initial_weights", "phi", "powers", "psi",
]  # fmt: skip

SIZE = 16
"""Height and width of the input layer U0, in cells (section 5)."""
PLANES = 24
"""Planes K of every layer but U0 (section 5)."""
FIELD = 5
"""An S-cell is connectable to 5x5 cells of every plane before it (section 5)."""
ALPHA = 0.5
"""Degree of saturation of C-cells: alpha of equation 5 (section 5)."""
GAMMA = 0.7
"""A choice: c falls to this share with each cell of distance."""
DELTA = 0.9
"""A choice: d falls to this share with each cell of distance."""
INITIAL = 1e-3
"""A choice: scale of the initial excitatory weights."""


@dataclass(frozen=True)
class Stage:
    """One module: numbers of section 5, and how its windows lie (see *Choices*)."""

    s_size: int  # height and width of an S-plane, in cells
    c_size: int  # of a C-plane
    c_field: int  # a C-cell reads so many by so many S-cells of its own plane
    column: int  # an S-column holds so many by so many cells of every S-plane
    r: float  # efficacy of inhibition of S-cells: the larger, the more selective
    q: float  # speed of reinforcement
    s_margin: int  # zeros around the layer before
    c_margin: tuple[int, int]  # zeros before and after the S-layer, the same in both directions
    c_step: int  # S-cells from one C-cell to the next


STAGES = (
    Stage(s_size=16, c_size=10, c_field=5, column=5, r=4.0, q=1.0, s_margin=2, c_margin=(3, 4), c_step=2),
    Stage(s_size=8, c_size=6, c_field=5, column=5, r=1.5, q=16.0, s_margin=1, c_margin=(4, 3), c_step=2),
    Stage(s_size=2, c_size=1, c_field=2, column=2, r=1.5, q=16.0, s_margin=0, c_margin=(0, 0), c_step=1),
)
"""The three modules of section 5."""


def phi(x: Tensor) -> Tensor:
    """Half-wave rectification: x where it is positive, else 0 (equation 2). Today: ReLU."""
    return x.clamp(min=0)


def psi(x: Tensor, alpha: float = ALPHA) -> Tensor:
    """Saturation of a C-cell, between 0 and 1: x / (alpha + x) where x is positive, else 0 (equation 5, *Choices*)."""
    positive = phi(x)
    return positive / (alpha + positive)


def convolved(u: Tensor, weights: Tensor) -> Tensor:
    """Convolution (N, C, h, w) with (K, C, f, f) -> (N, K, h - f + 1, w - f + 1) as one matrix product over all images.

    ``F.conv2d`` gives the same; of 64-bit numbers it takes one image after the other.
    """
    field = weights.shape[-1]
    windows = u.unfold(2, field, 1).unfold(3, field, 1).permute(0, 2, 3, 1, 4, 5)
    return (windows.flatten(3) @ weights.flatten(1).T).permute(0, 3, 1, 2)


def powers(field: int, base: float) -> Tensor:
    """(field, field) of ``base ** |v|``, |v| the distance from the middle in cells."""
    axis = torch.arange(field, dtype=torch.float64) - (field - 1) / 2
    return base ** torch.hypot(axis[:, None], axis[None])


def c_weights(inputs: int) -> Tensor:
    """Fixed weights c of the V_C-cell (5, 5): over all ``inputs`` planes and places they sum to 1 (section 5)."""
    weights = powers(FIELD, GAMMA)
    return weights / (weights.sum() * inputs)


def d_weights(stage: Stage) -> Tensor:
    """Fixed weights d of a C-cell (c_field, c_field), scaled so that the nearest S-cell has weight 1."""
    weights = powers(stage.c_field, DELTA)
    return weights / weights.max()


def initial_weights(inputs: int, planes: int = PLANES) -> Tensor:
    """Excitatory weights (planes, inputs, 5, 5) before the first pattern: plane k prefers the orientation pi k / K.

    Section 3 asks for small values, a weak preference for an orientation that differs from plane to plane, and a
    dependence on |k' / K - k / K| of the planes that are connected; the form is a choice:
    ``INITIAL * GAMMA ** |v| * (2 + cos 2(arg v - pi k / K)) / 3 * (1 - |k' / K - k / K|)``.
    """
    axis = torch.arange(FIELD, dtype=torch.float64) - FIELD // 2
    angle = torch.atan2(-axis[:, None], axis[None])
    plane = torch.arange(planes, dtype=torch.float64) / planes
    preference = (2 + torch.cos(2 * (angle - math.pi * plane[:, None, None]))) / 3
    preference[:, FIELD // 2, FIELD // 2] = 2 / 3  # the middle has no direction
    if inputs == 1:
        kinship = torch.ones(planes, 1, dtype=torch.float64)
    else:
        kinship = 1 - (plane[:, None] - torch.arange(inputs, dtype=torch.float64) / inputs).abs()
    return INITIAL * powers(FIELD, GAMMA) * preference[:, None] * kinship[:, :, None, None]


class Responses(NamedTuple):
    """Every layer for N images."""

    s1: Tensor  # (N, 24, 16, 16)
    c1: Tensor  # (N, 24, 10, 10)
    s2: Tensor  # (N, 24, 8, 8)
    c2: Tensor  # (N, 24, 6, 6)
    s3: Tensor  # (N, 24, 2, 2)
    c3: Tensor  # (N, 24, 1, 1): the answer, one cell a plane


class Module(nn.Module):
    """An S-layer and the C-layer that follows it, with their inhibitory cells."""

    c: Tensor
    d: Tensor
    reach: Tensor  # (s * s, c * c): the weight d from each S-cell of a plane to each C-cell

    def __init__(self, stage: Stage, inputs: int, planes: int = PLANES) -> None:
        super().__init__()
        self.stage = stage
        self.a = nn.Parameter(initial_weights(inputs, planes), requires_grad=False)
        self.b = nn.Parameter(torch.zeros(planes, dtype=torch.float64), requires_grad=False)
        self.register_buffer("c", c_weights(inputs), persistent=False)
        self.register_buffer("d", d_weights(stage), persistent=False)
        self.register_buffer("reach", _reach(stage), persistent=False)

    def padded(self, u: Tensor) -> Tensor:
        """The layer before with the zeros that S-cells at the edge see: (N, inputs, h, w)."""
        return F.pad(u, (self.stage.s_margin,) * 4)

    def v_c(self, u: Tensor) -> Tensor:
        """Inhibitory V_C-cells, a weighted root mean square of the layer before (equation 3): (N, 1, s, s)."""
        energy = self.padded(u).square().sum(1, keepdim=True)
        return convolved(energy, self.c[None, None]).sqrt()

    def s_layer(self, u: Tensor) -> Tensor:
        """S-cells (equation 1): (N, inputs, h, w) -> (N, planes, s, s)."""
        r = self.stage.r
        excitation = convolved(self.padded(u), self.a)
        inhibition = 2 * r / (1 + r) * self.b[:, None, None] * self.v_c(u)
        return r * phi((1 + excitation) / (1 + inhibition) - 1)

    def pooled(self, s: Tensor) -> Tensor:
        """Sums of d times S over each C-cell's window, every plane by itself: (N, planes, c, c)."""
        return (s.flatten(2) @ self.reach).unflatten(2, (self.stage.c_size, self.stage.c_size))

    def c_layer(self, s: Tensor) -> Tensor:
        """C-cells (equations 4 and 5), inhibited by the mean over the planes, V_S (equation 6)."""
        excitation = self.pooled(s)
        v_s = excitation.mean(1, keepdim=True)
        return psi((1 + excitation) / (1 + v_s) - 1)


def _reach(stage: Stage) -> Tensor:
    """What a convolution with d, two to one, makes of a plane, as a matrix: it is applied to each S-cell alone."""
    before, after = stage.c_margin
    single = torch.eye(stage.s_size**2, dtype=torch.float64).view(-1, 1, stage.s_size, stage.s_size)
    padded = F.pad(single, (before, after, before, after))
    return F.conv2d(padded, d_weights(stage)[None, None], stride=stage.c_step).flatten(1)


class Neocognitron(nn.Module):
    """The network of section 5. Its weights change only through :mod:`convnets.neocognitron.learning`.

    Raises:
        ConvnetsError: fewer than one plane a layer.
    """

    image_size = SIZE

    def __init__(self, planes: int = PLANES) -> None:
        super().__init__()
        if planes < 1:
            raise ConvnetsError(f"A layer of {planes} cell-planes has no cell: give at least one, in the paper 24.")
        self.planes = planes
        inputs = (1, planes, planes)
        self.stages = nn.ModuleList(Module(stage, count, planes) for stage, count in zip(STAGES, inputs, strict=True))

    @property
    def layers(self) -> list[Module]:
        """The three modules, first to last."""
        return [module for module in self.stages if isinstance(module, Module)]

    def responses(self, images: Tensor) -> Responses:
        """Every layer's answer to ``images`` (N, 16, 16) or (N, 1, 16, 16).

        Raises:
            ConvnetsError: another shape, or values outside 0..1.
        """
        u = checked(images).to(self.layers[0].a.dtype)
        answers = []
        for module in self.layers:
            s = module.s_layer(u)
            u = module.c_layer(s)
            answers += [s, u]
        return Responses(*answers)

    def forward(self, images: Tensor) -> Tensor:
        """The answer of UC3: (N, 24), one value a C-cell."""
        return self.responses(images).c3[:, :, 0, 0]


def checked(images: Tensor) -> Tensor:
    """``images`` as (N, 1, 16, 16).

    Raises:
        ConvnetsError: no tensor, another shape, or values outside 0..1.
    """
    if not isinstance(images, Tensor):
        raise ConvnetsError(
            f"The neocognitron of 1980 takes a tensor of images, not {type(images).__name__}: use torch.as_tensor."
        )
    if images.dim() == 3:
        images = images[:, None]
    if images.dim() != 4 or images.shape[1:] != (1, SIZE, SIZE):
        raise ConvnetsError(
            f"The neocognitron of 1980 sees images of {SIZE}x{SIZE} cells, not a tensor of shape "
            f"{tuple(images.shape)}: give (N, {SIZE}, {SIZE})."
        )
    if not images.is_floating_point():
        images = images.double()
    low, high = (float(images.min()), float(images.max())) if len(images) else (0.0, 0.0)
    if low != low:
        raise ConvnetsError(
            "An image holds NaN, which is no brightness: photoreceptors answer between 0 and 1, so look for a division "
            "by zero where the image was made."
        )
    if not (low >= 0 and high <= 1):
        raise ConvnetsError(
            f"An image holds values from {low:g} to {high:g}: photoreceptors answer between 0 and 1, so divide by "
            "the largest grey level first."
        )
    return images
