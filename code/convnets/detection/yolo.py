"""YOLO, version 1: one look, a grid of seven by seven, and in each cell two boxes and one class.

Source: Redmon, Divvala, Girshick, Farhadi: "You only look once: unified, real-time object detection", CVPR 2016.
:data:`LAYERS` is the network of its figure 3; :func:`loss` is its equation 3.

:class:`Yolo` is a small network with the same grid, the same two boxes a cell and the same loss.

Deviations of the small one:
    - Eleven convolutions for twenty-four, learned from nothing; the paper learns its first twenty on ImageNet.
    - Batch normalisation, which the paper does not have; its leaky units and its dropout are kept.
    - 240x320 pixels for 448x448, so a cell is not square.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.boxes import Truth, iou

__all__ = ["BOXES", "GRID", "LAYERS", "Grid", "Published", "Yolo", "boxes_of", "loss", "published"]

GRID = 7  # cells along either side
BOXES = 2  # of each cell
COORD, NOOBJ = 5.0, 0.5  # lambda_coord and lambda_noobj of equation 3
LAYERS: tuple[tuple[str, int, int, int], ...] = (
    ("convolution", 7, 64, 2), ("pool", 2, 64, 2),
    ("convolution", 3, 192, 1), ("pool", 2, 192, 2),
    ("convolution", 1, 128, 1), ("convolution", 3, 256, 1), ("convolution", 1, 256, 1), ("convolution", 3, 512, 1),
    ("pool", 2, 512, 2),
    *(("convolution", 1, 256, 1), ("convolution", 3, 512, 1)) * 4,
    ("convolution", 1, 512, 1), ("convolution", 3, 1024, 1), ("pool", 2, 1024, 2),
    *(("convolution", 1, 512, 1), ("convolution", 3, 1024, 1)) * 2,
    ("convolution", 3, 1024, 1), ("convolution", 3, 1024, 2),
    ("convolution", 3, 1024, 1), ("convolution", 3, 1024, 1),
    ("connected", 0, 4096, 0), ("connected", 0, GRID * GRID * (BOXES * 5 + 20), 0),
)  # fmt: skip
"""Figure 3 of the paper, in order: kind, side of the kernel, units made, stride."""


class Published(nn.Sequential):
    """The network of figure 3: (N, 3, 448, 448) -> (N, 7, 7, 30)."""

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        given, side, flat = 3, 448, False
        for kind, kernel, made, stride in LAYERS:
            if kind == "connected":
                layers += (
                    [nn.Dropout(0.5), nn.Linear(given, made)]
                    if flat
                    else [nn.Flatten(), nn.Linear(given * side**2, made)]
                )
                layers += [] if flat else [nn.LeakyReLU(0.1)]
                given, flat = made, True
                continue
            side //= stride
            if kind == "pool":
                layers.append(nn.MaxPool2d(kernel, stride))
                continue
            layers += [nn.Conv2d(given, made, kernel, stride, kernel // 2), nn.LeakyReLU(0.1)]
            given = made
        super().__init__(*layers, nn.Unflatten(1, (GRID, GRID, BOXES * 5 + 20)))


def published() -> Published:
    """The paper's network, 271.7 million weights, without memory for them: shapes and counts alone."""
    with torch.device("meta"):
        return Published()


class Grid(NamedTuple):
    """What YOLO says of N pictures, cell by cell, rows first."""

    boxes: Tensor  # (N, 7, 7, 2, 4): middle in the cell, from 0 to 1; roots of the shares of picture's width and height
    sure: Tensor  # (N, 7, 7, 2): how sure it is that there is an object, times the overlap with it
    classes: Tensor  # (N, 7, 7, C)


class Yolo(nn.Module):
    """(N, 3, 240, 320) from 0 to 1 -> (N, 7, 7, 2 * 5 + C); :meth:`grid` names its parts."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        given = 3
        for made in (16, 32, 48, 64, 64, 32):
            steps = [(given, made, 2)] + [(made, made, 1)] * (given > 3)
            for before, after, stride in steps:
                layers += [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(0.1)]
            given = made
        self.look = nn.Sequential(*layers, nn.Flatten())
        made = GRID * GRID * (BOXES * 5 + classes)
        self.say = nn.Sequential(nn.Linear(32 * 4 * 5, 256), nn.LeakyReLU(0.1), nn.Dropout(0.5), nn.Linear(256, made))

    def forward(self, x: Tensor) -> Tensor:
        return self.say(self.look(x * 4 - 2)).float().reshape(len(x), GRID, GRID, -1)

    @staticmethod
    def grid(answer: Tensor) -> Grid:
        """The parts of an answer (N, 7, 7, 10 + C)."""
        boxes = answer[..., : BOXES * 5].unflatten(-1, (BOXES, 5))
        return Grid(boxes[..., :4], boxes[..., 4], answer[..., BOXES * 5 :])


def boxes_of(grid: Grid, height: int, width: int) -> Tensor:
    """Boxes (N, 7, 7, 2, 4) in pixels."""
    along = torch.arange(GRID, device=grid.boxes.device)
    y, x = torch.meshgrid(along, along, indexing="ij")
    cell = torch.stack([x, y], 2)[None, :, :, None]
    size = torch.tensor([width, height], device=grid.boxes.device)
    middle = (grid.boxes[..., :2] + cell) / GRID * size
    half = grid.boxes[..., 2:].square() * size / 2
    return torch.cat([middle - half, middle + half], -1)


def loss(answer: Tensor, truth: list[Truth], height: int, width: int) -> Tensor:
    """Equation 3, its mean over pictures.

    A cell is responsible for the box whose middle lies in it, the first one marked where there are more; of its two
    boxes the one that overlaps it most learns where it is. The network says the roots of width and height.
    """
    grid = Yolo.grid(answer)
    size = torch.tensor([width, height], dtype=torch.float32)
    total = NOOBJ * grid.sure.square().sum()
    for place, one in enumerate(truth):
        middle = (one.boxes[:, :2] + one.boxes[:, 2:]) / 2 / size * GRID
        column, row = middle.long().clamp(0, GRID - 1).unbind(1)
        first = _first(row * GRID + column)
        row, column, middle, marked = row[first], column[first], middle[first], one.boxes[first]
        if not len(marked):
            continue
        goal = torch.cat([middle - torch.stack([column, row], 1), ((marked[:, 2:] - marked[:, :2]) / size).sqrt()], 1)
        said = grid.boxes[place][row, column]  # (n, 2, 4)
        with torch.no_grad():
            mine = boxes_of(Grid(grid.boxes[place : place + 1], grid.sure, grid.classes), height, width)[0][row, column]
            overlap = torch.stack([iou(mine[:, which].cpu(), marked).diagonal() for which in range(BOXES)], 1)
            apart = (said - goal[:, None].to(said)).square().sum(2).cpu()
            best = torch.where(overlap.amax(1) > 0, overlap.argmax(1), apart.argmin(1))
            right = overlap.gather(1, best[:, None])[:, 0].to(said)
        each = torch.arange(len(best))
        sure = grid.sure[place][row, column][each, best]
        total = total + COORD * (said[each, best] - goal.to(said)).square().sum()
        total = total + (sure - right).square().sum() - NOOBJ * sure.square().sum()
        wanted = F.one_hot(one.labels[first], grid.classes.shape[-1]).to(said)
        total = total + (grid.classes[place][row, column] - wanted).square().sum()
    return total / max(1, len(truth))


def _first(cells: Tensor) -> Tensor:
    """The places of the first of each value."""
    seen: dict[int, int] = {}
    for place, cell in enumerate(cells.tolist()):
        seen.setdefault(cell, place)
    return torch.tensor(list(seen.values()), dtype=torch.int64)
