"""The neocognitron of 2003: a contrast layer, line-extracting cells, inhibitory surrounds, labelled cells on top.

Fukushima: "Neocognitron for handwritten digit recognition", Neurocomputing 51 (2003), 161-180. Layers, with the size of
one cell-plane in :data:`SIZES`: U0 (input), UG (contrast), then four stages of S- and C-cells. No error is sent back
through a layer. US4 alone uses labels, and its correction equals a gradient step of that one layer: how the cells of
US2, US3 and US4 come about stands in ``improved_learning.py``.

Deviations and choices, with why. The paper's text was not at hand, only its abstract; what is marked *recalled* could
not be checked against it.

    - Layer sizes, 16 edge orientations, the form of the S-cell and three thresholds (US1 0.55, US2 0.51 when it
      recognises, US4 0.3) are *recalled*. US3's 0.6 and both learning thresholds of 0.75 (recalled: 0.58, 0.66, 0.67)
      were chosen on validation digits.
    - A C-cell's square root is our choice, and so is that UC1 has none and UC3 no surround, on validation digits: the
      paper may saturate by x / (1 + x).
      From the sizes follow the staggered arrangement and the size of every receptive field but its radius: 71 -> 68
      and 37 -> 38 are fields of an even number of cells, 13 -> 5 is a field of nine.
    - Radii and weights of the connections are our choice; those that matter were chosen on validation digits.
    - Weights from S- to C-cells are differences of Gaussians, cut to a square instead of a disc: a Gaussian on a
      square is a row vector times a column vector, which takes far fewer multiplications.
    - An S-cell is kept in the limit of long training, where (1 + e) / (1 + theta v) - 1 is e / (theta v) - 1:
      its answer then depends on the pattern's shape alone, not on its contrast.
    - MNIST's digits are enlarged by :attr:`Design.scale` and put in the middle of U0; the paper reads ETL-1's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError
from convnets.neocognitron.improved_cells import Pool, Simple, disc, mexican_hat, normalised, s_response

__all__ = [
    "DIGITS", "ORIENTATIONS", "SIZES", "Blur", "Design", "Field", "ImprovedNeocognitron", "Labelled", "edge_weights",
    "enlarge", "field_places", "retina",
]  # fmt: skip

SIZES = {
    "u0": 65, "contrast": 71, "s1": 68, "c1": 37, "s2": 38, "c2": 21, "s3": 22, "c3": 13, "s4": 5, "c4": 1,
}  # fmt: skip
"""Cells along one side of a cell-plane of each layer (2003, figure 1; recalled)."""
ORIENTATIONS = 16
"""Cell-planes of US1: edges every 22.5 degrees of the full turn."""
DIGITS = 10
"""Cell-planes of UC4."""


@dataclass(frozen=True)
class Field:
    """Constants of a learning S-layer; lengths in cells of the layer below."""

    size: int  # cells along the side of a receptive field
    radius: float  # cells farther from its middle are not connected
    recognition: float  # threshold of its S-cells when they recognise
    learning: float = 0.0  # and while they learn; US4 learns with none
    most: int = 0  # cell-planes at most; for US4 see ``improved_learning.Lessons``


@dataclass(frozen=True)
class Blur:
    """Constants of a C-layer; lengths in S-cells."""

    spread: float  # standard deviation of the excitatory connections
    power: float  # exponent of the C-cells' answer: 1/2 is the square root, 1 is none
    surround: float = 1.0  # standard deviation of the inhibitory surround
    strength: float = 0.0  # its weight, 0 = no surround


@dataclass(frozen=True)
class Design:
    """Constants of the network; how those of our choice were chosen stands in ``improved_learning.Lessons``."""

    scale: float = 2.0  # pixels of U0 for a pixel of MNIST
    contrast_layer: bool = True  # False: US1 sees the image and its negative, not their contrast
    centre: float = 1.2  # standard deviation of UG's excitatory centre, pixels
    surround: float = 2.5  # and of its inhibitory surround
    contrast_radius: float = 3.3  # of UG's connections, pixels
    edge_radius: float = 2.2  # of US1's, cells of UG
    edge_threshold: float = 0.55  # of US1
    c1: Blur = Blur(2.6, 1.0, 4.5, 1.0)
    s2: Field = Field(4, 2.2, 0.51, 0.75, 40)
    c2: Blur = Blur(1.5, 0.5, 3.5, 0.5)
    s3: Field = Field(4, 2.2, 0.6, 0.75, 64)
    c3: Blur = Blur(1.8, 0.5)
    s4: Field = Field(9, 3.7, 0.3)


def retina(images: Tensor, scale: float = Design.scale) -> Tensor:
    """(N, 28, 28) uint8 digits, ink 255 -> (N, 1, 65, 65) in [0, 1], enlarged by ``scale`` and in the middle of U0.

    Raises:
        ConvnetsError: images of another kind or shape, or a scale that makes them larger than U0.
    """
    if not isinstance(images, Tensor):
        raise ConvnetsError(
            f"The retina takes a tensor of uint8 digits (N, 28, 28), not {type(images).__name__}: "
            "convnets.lenet.data loads such digits."
        )
    if images.dtype != torch.uint8 or images.dim() != 3 or images.shape[1:] != (28, 28):
        raise ConvnetsError(
            f"The retina takes uint8 digits (N, 28, 28), not {images.dtype} of shape {tuple(images.shape)}: "
            "convnets.lenet.data loads such digits."
        )
    return enlarge(images[:, None].float() / 255, scale)


def enlarge(x: Tensor, scale: float = Design.scale) -> Tensor:
    """(N, 1, 28, 28) digits, ink 1 on 0 -> (N, 1, 65, 65), by bilinear interpolation.

    Raises:
        ConvnetsError: images of another shape, or a scale that makes them vanish or larger than U0.
    """
    if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
        raise ConvnetsError(f"Digits to enlarge are (N, 1, 28, 28), not {tuple(x.shape)}: cut or pad them first.")
    size = round(28 * scale) if scale == scale else 0
    margin = SIZES["u0"] - size
    if size < 1 or margin < 0:
        raise ConvnetsError(f"A scale of {scale} makes a digit {size} pixels wide, U0 has {SIZES['u0']}: take 2.3.")
    x = F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)
    return F.pad(x, (margin // 2, margin - margin // 2) * 2)


def edge_weights(design: Design) -> Tensor:
    """(16, 2, 4, 4) weights of US1: what a straight edge through the middle of the field leaves in UG, one a direction.

    Plane k is lighter on the side that its normal points to, at k * 22.5 degrees from the x-axis towards positive y.
    """
    c = disc(4, design.edge_radius)
    middle = torch.arange(SIZES["u0"]) - SIZES["u0"] // 2 - 0.5  # the field's middle lies between two pixels
    layer = _Contrast(design)
    found = []
    for k in range(ORIENTATIONS):
        angle = 2 * math.pi * k / ORIENTATIONS
        edge = (middle * math.cos(angle) + middle[:, None] * math.sin(angle) + 0.5).clamp(0, 1)
        start = SIZES["u0"] // 2 + (SIZES["contrast"] - SIZES["u0"]) // 2 - 1
        found.append(layer(edge[None, None])[0, :, start : start + 4, start : start + 4] * c)
    return normalised(torch.stack(found), c)


class _Contrast(nn.Module):
    """UG: (N, 1, 65, 65) -> (N, 2, 71, 71), cells that fire for light on dark, and for dark on light."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        hat = mexican_hat(design.centre, design.surround, design.contrast_radius)
        self.reach = len(hat) // 2
        self.design = design
        self.register_buffer("hat", hat[None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        margin = (SIZES["contrast"] - SIZES["u0"]) // 2
        if not self.design.contrast_layer:
            x = F.pad(x, (margin,) * 4)
            return torch.cat([x, 1 - x], 1)
        y = F.conv2d(x, self.hat, padding=margin + self.reach)  # type: ignore[arg-type]
        return torch.cat([y, -y], 1).clamp(min=0)


class Labelled(nn.Module):
    """US4 and UC4: planes that carry a digit as label; a digit's C-cell answers like the strongest cell of its planes.

    Only connections inside the disc exist: ``weights`` is (K, C, cells of the disc). ``labels`` (K,) are floats, as all
    that is stored.
    """

    def __init__(self, weights: Tensor, labels: Tensor, field: Field) -> None:
        super().__init__()
        self.threshold = field.recognition
        self.register_buffer("places", field_places(field.size, field.radius), persistent=False)
        self.weights = nn.Parameter(weights, requires_grad=False)
        self.labels = nn.Parameter(labels, requires_grad=False)

    def forward(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, 13, 13) -> answers (N, K, 5, 5) of US4 and (N, 10) of UC4."""
        fields = u.flatten(2)[:, :, self.places]  # type: ignore[index]  # (N, C, 25, cells of the disc)
        v = fields.square().mean(3).sum(1, keepdim=True).sqrt()
        e = fields.permute(0, 2, 1, 3).flatten(2) @ self.weights.flatten(1).T
        s4 = s_response(e.transpose(1, 2), v, self.threshold)
        belongs = (self.labels[:, None] == torch.arange(DIGITS, device=u.device)).to(u.dtype)
        c4 = (s4.amax(2)[:, :, None] * belongs).amax(1)
        return s4.unflatten(2, (SIZES["s4"], SIZES["s4"])), c4


def field_places(size: int, radius: float) -> Tensor:
    """(25, n) where the n connections of each cell of US4 lie in a flattened plane of UC3; the disc of ``radius``."""
    inside = disc(size, radius).nonzero()
    corners = torch.cartesian_prod(torch.arange(SIZES["s4"]), torch.arange(SIZES["s4"]))
    places = corners[:, None] + inside
    return places[..., 0] * SIZES["c3"] + places[..., 1]


class ImprovedNeocognitron(nn.Module):
    """The network of 2003: (N, 1, 65, 65) images in [0, 1] -> (N, 10) answers of UC4.

    ``planes`` are the cell-planes of US2, US3 and US4. All weights are zero until learning or :func:`fill` sets them;
    none requires a gradient.
    """

    def __init__(self, planes: tuple[int, int, int], design: Design | None = None) -> None:
        super().__init__()
        self.design = design = design or Design()
        if min(planes) < 1:
            raise ConvnetsError(f"Cell-planes {planes}: each of US2, US3 and US4 needs at least one.")
        side = list(SIZES.values())
        self.contrast = _Contrast(design)
        self.s1 = Simple(edge_weights(design), design.edge_radius, design.edge_threshold, 0, learned=False)
        self.s2, self.s3 = (
            Simple(torch.zeros(planes[i], below, part.size, part.size), part.radius, part.recognition, part.size // 2)
            for i, (part, below) in enumerate(((design.s2, ORIENTATIONS), (design.s3, planes[0])))
        )
        self.c1, self.c2, self.c3 = (
            Pool(side[2 * i + 3], side[2 * i + 2], part.spread, part.power, part.surround, part.strength)
            for i, part in enumerate((design.c1, design.c2, design.c3))
        )
        last = design.s4
        cells = field_places(last.size, last.radius).shape[1]
        self.s4 = Labelled(torch.zeros(planes[2], planes[1], cells), torch.zeros(planes[2]), last)

    def below(self, x: Tensor, stage: int) -> Tensor:
        """Answers of UC1, UC2 or UC3 (``stage`` 1 to 3) to images ``x``: what the S-cells above see."""
        u = self.c1(self.s1(self.contrast(x)))
        for upper in range(2, stage + 1):
            u = getattr(self, f"c{upper}")(getattr(self, f"s{upper}")(u))
        return u

    def stages(self, x: Tensor) -> tuple[Tensor, ...]:
        """Answers of all layers, UG to UC4, in the order of :data:`SIZES`.

        Raises:
            ConvnetsError: ``x`` is not a batch of images of U0, or holds values outside 0 to 1.
        """
        if x.shape[1:] != (1, SIZES["u0"], SIZES["u0"]) or x.dtype != self.s2.weights.dtype:
            raise ConvnetsError(
                f"U0 takes images (N, 1, {SIZES['u0']}, {SIZES['u0']}) of {self.s2.weights.dtype}, not "
                f"{tuple(x.shape)} of {x.dtype}: `retina` makes them."
            )
        if not torch.compiler.is_compiling() and x.numel() and not 0 <= float(x.min()) <= float(x.max()) <= 1:
            raise ConvnetsError(
                f"U0 takes values from 0 (paper) to 1 (ink), not {float(x.min()):g} to {float(x.max()):g}: "
                "`retina` makes them."
            )
        found = [self.contrast(x)]
        for stage in (1, 2, 3):
            found.append(getattr(self, f"s{stage}")(found[-1]))
            found.append(getattr(self, f"c{stage}")(found[-1]))
        return *found, *self.s4(found[-1])

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 65, 65) -> (N, 10) answers of UC4; the largest names the digit."""
        return self.stages(x)[-1]
