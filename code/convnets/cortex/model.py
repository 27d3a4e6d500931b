"""HMAX, the staged model of the ventral stream: S1, C1, S2, C2, S2b, C2b, S3, C3, S4 (chapter ``book/cortex.md``).

Two papers of 2007 give the stages. Serre, Wolf, Bileschi, Riesenhuber, Poggio: "Robust Object Recognition with
Cortex-Like Mechanisms", IEEE PAMI 29(3):411-426 gives S1 and C1 with the table below, and one pair of layers with
prototypes of 4, 8, 12 and 16 C1 units, pooled over the whole image. Serre, Oliva, Poggio: "A feedforward architecture
accounts for rapid categorization", PNAS 104(15):6424-6429 calls that pair S2b and C2b (the route past V4 into PIT) and
adds S2, C2 (V2, V4), S3, C3 (PIT) and S4 (AIT). Everything below S4 is learned without labels: a prototype is a patch
of activity that a natural photograph once caused.

Deviations, for the small images that this book has and for a small file:

    - S2 and S3 units see all inputs of their 3x3 window; the paper keeps 10 and 100 of them, drawn at random.
    - Fewer prototypes: :data:`S2_COUNT` and so on, where the papers have 1,000 (PAMI) and 2,000 a layer (PNAS).
    - C2 pools 4x4 S2 units two apart, where the PNAS model pools 8x8 and more; its two bands are aligned by taking the
      nearest unit of the coarser one.
    - S2b has PAMI's windows of 4, 8, 12 and 16 units and all of their inputs; re-implementations of the PNAS model have
      other windows, normalise the Gaussian by its inputs, and keep a part of them.
    - Images of 64 pixels a side, not 140 high (PAMI) or 256 (PNAS): there a 16x16 patch of C1 fits in at one place of
      one band, a 12x12 patch at 29, so that C2b's maximum chooses among few; tolerance is measured with 160 pixels.
    - S4 is imprinted from :data:`S4_COUNT` training images; the paper takes a quarter of them.

Choices, where no number could be verified: :data:`SHARPNESS`, the width of the tunings of S2, S2b and S3; that of S4,
one over the mean squared distance between its views.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = [
    "BANDS", "GAMMA", "ORIENTATIONS", "PATCHES", "PIXELS_PER_DEGREE", "READOUTS", "S1_TABLE", "Band", "Hmax", "Stages",
    "aligned", "c1", "check", "gabor", "gabor_bank", "norms", "rbf", "s1",
]  # fmt: skip

GAMMA = 0.3
"""Width of a Gabor's envelope over its length (PAMI, section 2.1): it is 3.3 times as long as wide."""

S1_TABLE = (
    (7, 2.8, 3.5), (9, 3.6, 4.6), (11, 4.5, 5.6), (13, 5.4, 6.8), (15, 6.3, 7.9), (17, 7.3, 9.1), (19, 8.2, 10.3),
    (21, 9.2, 11.5), (23, 10.2, 12.7), (25, 11.3, 14.1), (27, 12.3, 15.4), (29, 13.4, 16.8), (31, 14.6, 18.2),
    (33, 15.8, 19.7), (35, 17.0, 21.2), (37, 18.2, 22.8),
)  # fmt: skip
"""Side, sigma and wavelength in pixels of the sixteen S1 filters (PAMI, table 1)."""

ORIENTATIONS = (0, 45, 90, 135)
"""Degrees by which the normal of a filter's bars is turned from the horizontal: 0 answers to vertical bars."""

PIXELS_PER_DEGREE = 256 / 7
"""The PNAS model looks at images of 256 pixels that span 7 degrees of visual angle."""

PATCHES = (4, 8, 12, 16)
"""Sides of the S2b prototypes in C1 units (PAMI, section 2.1)."""

S2_COUNT, S2B_COUNT, S3_COUNT, S4_COUNT = 48, 64, 48, 128
"""Prototypes of S2, of S2b for each side, of S3, and S4 units; ours, see Deviations."""

SHARPNESS = 256.0
"""The tuning of S2, S2b and S3 is exp(-SHARPNESS * mean squared difference), so that windows of any size are tuned
alike; 1/e at a difference of 1/16 in every input."""

READOUTS = ("c2", "c2b", "c3", "s4")
"""The stages that have a linear readout, in the order of the network's answer."""


class Band(NamedTuple):
    """A scale band of C1: two neighbouring S1 sizes, pooled together."""

    sizes: tuple[int, int]  # sides of its S1 filters, pixels
    pool: int  # side of the neighbourhood over which the maximum is taken, pixels
    step: int  # from one C1 unit to the next, pixels: half the neighbourhood


BANDS = tuple(
    Band((S1_TABLE[2 * index][0], S1_TABLE[2 * index + 1][0]), 8 + 2 * index, 4 + index) for index in range(8)
)
"""The eight bands: pooling 8, 10, ... 22 with an overlap of half (PAMI, table 1)."""


def gabor(side: int, sigma: float, wavelength: float, degrees: float, phase: float = 0.0) -> Tensor:
    """A Gabor filter (side, side), float32: zero outside the inscribed circle, then zero mean and unit norm.

    exp(-(u^2 + GAMMA^2 v^2) / 2 sigma^2) cos(2 pi u / wavelength + phase) with u along ``degrees`` (PAMI, equation 1).
    """
    half = side // 2
    rows, columns = torch.meshgrid(*[torch.arange(-half, half + 1, dtype=torch.float64)] * 2, indexing="ij")
    angle = math.radians(degrees)
    u = columns * math.cos(angle) + rows * math.sin(angle)
    v = -columns * math.sin(angle) + rows * math.cos(angle)
    values = torch.exp(-(u**2 + GAMMA**2 * v**2) / (2 * sigma**2)) * torch.cos(2 * math.pi * u / wavelength + phase)
    values[rows**2 + columns**2 > (side / 2) ** 2] = 0
    values -= values.mean()
    return (values / values.norm()).float()


def gabor_bank(index: int, phase: float = 0.0) -> Tensor:
    """The four filters (4, 1, side, side) of row ``index`` of :data:`S1_TABLE`."""
    return torch.stack([gabor(*S1_TABLE[index], degrees, phase) for degrees in ORIENTATIONS])[:, None]


def s1(image: Tensor, filters: Tensor) -> Tensor:
    """Simple cells: (N, 1, H, W) and (4, 1, K, K) -> (N, 4, H, W), each answer in [0, 1].

    The absolute dot product of filter and window, over the norm of the window (so a cosine). Units whose window would
    cross the border stay silent.
    """
    side = filters.shape[-1]
    answers = F.conv2d(image, filters).abs() / norms(image, side)
    return F.pad(answers, (side // 2,) * 4)


def norms(image: Tensor, side: int) -> Tensor:
    """Euclidean norms of all windows: (N, 1, H, W) -> (N, 1, H - side + 1, W - side + 1), columns first, then rows."""
    ones = image.new_ones(1, 1, side, 1)
    return (F.conv2d(F.conv2d(image.square(), ones), ones.transpose(2, 3)) + 1e-8).sqrt()


def c1(first: Tensor, second: Tensor, band: Band) -> Tensor:
    """Complex cells: two S1 maps (N, 4, H, W) -> (N, 4, ceil(H / step), ceil(W / step)), the largest answer nearby."""
    larger = F.pad(torch.maximum(first, second), (0, band.pool - 1, 0, band.pool - 1))
    return F.max_pool2d(larger, band.pool, band.step)


def rbf(x: Tensor, prototypes: Tensor) -> Tensor:
    """Gaussian tuning: (N, C, H, W) and (P, C, K, K) -> (N, P, H - K + 1, W - K + 1), 1 where both agree.

    exp(-beta |X - P|^2) (PAMI, equation 4) with beta = SHARPNESS / (C K K).
    """
    middle = prototypes.mean((0, 2, 3), keepdim=True)  # changes no difference, but keeps the squares small, and exact
    x, prototypes = x - middle, prototypes - middle
    ones = torch.ones_like(prototypes[:1])
    squared = F.conv2d(x.square(), ones) + prototypes.square().sum((1, 2, 3))[:, None, None]
    distance = squared - 2 * F.conv2d(x, prototypes)
    return torch.exp(-SHARPNESS / prototypes[0].numel() * distance.clamp(min=0))


class Stages(NamedTuple):
    """What each stage answers to N images; lists have one entry a band, fine to coarse."""

    c1: list[Tensor]  # eight (N, 4, H, W)
    s2: list[Tensor]  # eight (N, S2_COUNT, H - 2, W - 2)
    c2: list[Tensor]  # four (N, S2_COUNT, H, W)
    c2_best: Tensor  # (N, S2_COUNT), the largest of each over places and bands: what the readout of C2 sees
    c2b: Tensor  # (N, 4 * S2B_COUNT)
    c3: Tensor  # (N, S3_COUNT)
    s4: Tensor  # (N, S4_COUNT)
    scores: Tensor  # (N, 4): animal if positive, one readout each of READOUTS


class Hmax(nn.Module):
    """The staged model with a linear readout each from C2, C2b, C3 and S4; any image of 64 pixels a side or more."""

    image_size = 64

    def __init__(self) -> None:
        super().__init__()
        for index in range(len(S1_TABLE)):
            self.register_buffer(f"filters{index}", gabor_bank(index), persistent=False)
        self.s2_prototypes = nn.Parameter(torch.rand(S2_COUNT, 4, 3, 3) / 10)
        self.s2b_prototypes = nn.ParameterList(torch.rand(S2B_COUNT, 4, side, side) / 10 for side in PATCHES)
        self.s3_prototypes = nn.Parameter(torch.rand(S3_COUNT, S2_COUNT, 3, 3) / 10)
        inputs = len(PATCHES) * S2B_COUNT + S3_COUNT
        self.s4_views = nn.Parameter(torch.rand(S4_COUNT, inputs) / 10)
        self.s4_sharpness = nn.Parameter(torch.tensor(0.1))
        sizes = {"c2": S2_COUNT, "c2b": len(PATCHES) * S2B_COUNT, "c3": S3_COUNT, "s4": S4_COUNT}
        self.readout = nn.ModuleDict({name: nn.Linear(sizes[name], 1) for name in READOUTS})

    def forward(self, image: Tensor) -> Tensor:
        """(N, 1, H, W), grey levels 0 to 1 -> (N, 4), one score a readout, positive for "animal"."""
        return self.stages(image).scores

    def s1_maps(self, image: Tensor) -> list[Tensor]:
        """The sixteen S1 maps (N, 4, H, W), fine to coarse."""
        return [s1(image, getattr(self, f"filters{index}")) for index in range(len(S1_TABLE))]

    def c1_maps(self, image: Tensor) -> list[Tensor]:
        """The eight C1 maps, fine to coarse."""
        maps = self.s1_maps(image)
        return [c1(maps[2 * index], maps[2 * index + 1], band) for index, band in enumerate(BANDS)]

    def c2_maps(self, s2: list[Tensor]) -> list[Tensor]:
        """Four C2 maps from eight S2 maps: the maximum over two bands and 4x4 units, every second unit."""
        pairs = zip(s2[::2], s2[1::2], strict=True)
        return [
            F.max_pool2d(F.pad(torch.maximum(fine, aligned(coarse, fine)), (0, 3, 0, 3)), 4, 2)
            for fine, coarse in pairs
        ]

    def stages(self, image: Tensor) -> Stages:
        """Every stage's answer to images (N, 1, H, W) with grey levels from 0 to 1."""
        return self.from_c1(self.c1_maps(image))

    def from_c1(self, maps: list[Tensor]) -> Stages:
        """Every stage's answer, given the eight C1 maps."""
        s2 = [rbf(x, self.s2_prototypes) for x in maps]
        c2 = self.c2_maps(s2)
        c2b = torch.cat([_best(maps, prototypes) for prototypes in self.s2b_prototypes], 1)
        c3 = _best(c2, self.s3_prototypes)
        s4 = self.s4_answers(torch.cat([c2b, c3], 1))
        best = _largest(s2)
        scores = torch.cat([self.readout[name](x) for name, x in zip(READOUTS, (best, c2b, c3, s4), strict=True)], 1)
        return Stages(maps, s2, c2, best, c2b, c3, s4, scores)

    def s4_answers(self, x: Tensor) -> Tensor:
        """View-tuned units: (N, inputs) -> (N, S4_COUNT), 1 for the very image that a unit remembers."""
        middle = self.s4_views.mean(0)
        x, views = x - middle, self.s4_views - middle
        distance = x.square().sum(1, keepdim=True) + views.square().sum(1) - 2 * F.linear(x, views)
        return torch.exp(-self.s4_sharpness * distance.clamp(min=0))


def _best(maps: list[Tensor], prototypes: Tensor) -> Tensor:
    """(N, P): the largest answer to each prototype, over all positions of all bands that are large enough for it."""
    side = prototypes.shape[-1]
    return _largest([rbf(x, prototypes) for x in maps if min(x.shape[2:]) >= side])


def _largest(maps: list[Tensor]) -> Tensor:
    return torch.stack([x.amax((2, 3)) for x in maps]).amax(0)


def aligned(coarse: Tensor, fine: Tensor) -> Tensor:
    """``coarse`` (N, C, h, w) at the size of ``fine``: for every unit, the one that lies nearest."""
    height, width = fine.shape[2:]
    rows = [min(int((index + 0.5) * coarse.shape[2] / height), coarse.shape[2] - 1) for index in range(height)]
    columns = [min(int((index + 0.5) * coarse.shape[3] / width), coarse.shape[3] - 1) for index in range(width)]
    return coarse[:, :, rows][:, :, :, columns]


def check(images: Tensor, size: int = Hmax.image_size) -> Tensor:
    """``images`` (N, 1, H, W) as they are, if the model can look at them.

    Raises:
        ConvnetsError: wrong shape, smaller than ``size``, values outside 0 to 1, or one that is the same grey all over.
    """
    if images.ndim != 4 or images.shape[1] != 1:
        raise ConvnetsError(
            f"The model looks at grey images (N, 1, H, W), not at {tuple(images.shape)}: average colours."
        )
    if min(images.shape[2:]) < size:
        raise ConvnetsError(
            f"An image of {images.shape[2]}x{images.shape[3]} pixels is too small: scale it to {size}x{size} or more."
        )
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # also where a value is not a number
        raise ConvnetsError(f"Grey levels run from {low:g} to {high:g}, not from 0 to 1: divide bytes by 255.")
    flat = (images.amax((1, 2, 3)) == images.amin((1, 2, 3))).nonzero()
    if len(flat):
        raise ConvnetsError(
            f"Image {int(flat[0])} has no contrast, every pixel is the same grey: choose one that shows something."
        )
    return images
