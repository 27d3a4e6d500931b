"""Pictures of the neocognitron of 1980, drawn from the code's own tables, shapes and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from torch import Tensor

from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure
from convnets.neocognitron import patterns as drawn
from convnets.neocognitron.experiment import ANSWERS, cells
from convnets.neocognitron.model import FIELD, SIZE, STAGES, Module, Neocognitron, Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["architecture", "first_weights", "responses", "seen_by", "selectivity_curves"]

S_COLOUR, C_COLOUR = PALETTE[0], PALETTE[1]
INKS = LinearSegmentedColormap.from_list("inks", ["#ffffff", INK])


def architecture() -> Figure:
    """The seven layers as stacks of planes, sizes taken from a forward pass."""
    answers = Neocognitron().responses(torch.zeros(1, SIZE, SIZE))
    layers = [("U0", 1, SIZE)]
    layers += [(f"U{name.upper()}", *layer.shape[1:3]) for name, layer in zip(answers._fields, answers, strict=True)]
    result, axes = figure(width=7.0, height=1.9)
    centre = 10.0
    for name, count, size in layers:
        colour = {"S": S_COLOUR, "C": C_COLOUR}.get(name[1], MUTED)
        _stack(axes, centre, count, size, colour)
        axes.text(centre, -15, name, ha="center", va="top", color=INK, weight="bold")
        axes.text(centre, -20.5, f"{count}×{size}²" if count > 1 else f"{size}²", ha="center", va="top", color=MUTED)
        centre += 26
    axes.set(xlim=(-4, centre - 12), ylim=(-27, 16), aspect="equal")
    axes.axis("off")
    return result


def _stack(axes: Axes, centre: float, count: int, size: int, colour: str) -> None:
    shown, step, side = min(count, 7), 0.9, max(size, 1.4)
    for index in range(shown):
        offset = (index - (shown - 1) / 2) * step
        place = (centre - side / 2 + offset, -side / 2 - offset)
        axes.add_patch(Rectangle(place, side, side, facecolor=colour, edgecolor=FAINT, linewidth=0.7))


def selectivity_curves() -> Figure:
    """What a fully reinforced S-cell answers against the similarity of what it sees to what it learned.

    Curves: r (1 + r) / r * s - r where positive, for the paper's two values of r. Points: cells of ``Module`` that were
    reinforced 10,000 times with one random pattern and are shown mixtures of it with others.
    """
    result, axes = figure(width=5.4, height=3.0)
    similarity = np.linspace(0, 1, 201)
    for r, colour in ((1.5, C_COLOUR), (4.0, S_COLOUR)):
        axes.plot(similarity, np.maximum((1 + r) * similarity - r, 0), color=colour, label=f"r = {r:g}")
        axes.plot(*_measured(r), ".", color=colour, markersize=5)
        axes.axvline(r / (1 + r), color=colour, linewidth=0.8, linestyle=":")
    axes.set(xlabel="similarity s", ylabel="output of the S-cell", xlim=(0, 1.02), ylim=(-0.02, 1.05))
    axes.legend(loc="upper left")
    return result


def _measured(r: float, count: int = 40) -> tuple[list[float], list[float]]:
    """Similarities and answers of a heavily reinforced cell."""
    stage = Stage(s_size=1, c_size=1, c_field=1, column=1, r=r, q=1.0, s_margin=0, c_margin=(0, 0), c_step=1)
    module, generator = Module(stage, inputs=1, planes=1), torch.Generator().manual_seed(0)
    learned, other = (torch.rand(1, 1, FIELD, FIELD, generator=generator, dtype=torch.float64) ** 3 for _ in range(2))
    module.a.copy_(1e4 * module.c * learned)
    module.b.fill_(5e3 * float(module.v_c(learned)))
    share = torch.linspace(0, 1, count, dtype=torch.float64)[:, None, None, None]
    seen = share * learned + (1 - share) * other * (learned < learned.median())
    overlap = (module.c * learned * seen).sum((1, 2, 3)) / (module.v_c(seen) * module.v_c(learned)).flatten()
    return overlap.tolist(), module.s_layer(seen).flatten().tolist()


def first_weights(model: Neocognitron) -> Figure:
    """The excitatory weights of US1: 24 planes of 5x5."""
    weights = model.layers[0].a[:, 0].numpy()
    result, axes = figure(2, 12, width=7.0, height=1.35)
    for place, weight in zip(axes.flat, weights, strict=True):
        place.imshow(weight, cmap=INKS, vmin=0, interpolation="nearest")
        place.set(xticks=[], yticks=[])
        place.spines[:].set(visible=True, color=FAINT, linewidth=0.8)
    return result


def seen_by(model: Neocognitron, layer: int, reach: int = 6) -> Figure:
    """What the planes of S-layer ``layer`` (2 or 3) answer to: the mean of the training pictures around the answering
    cell, weighted by its answer. Planes that never answer by more than ``ANSWERS`` are left out."""
    found = _seen(model, layer, reach)
    columns = 12
    rows = max(1, -(-len(found) // columns))
    result, axes = figure(rows, columns, width=7.0, height=0.68 * rows, squeeze=False)
    for index, place in enumerate(axes.flat):
        if index < len(found):
            place.imshow(found[index], cmap=INKS, vmin=0, interpolation="nearest")
            place.set(xticks=[], yticks=[])
            place.spines[:].set(visible=True, color=FAINT, linewidth=0.8)
        else:
            place.axis("off")
    return result


def _seen(model: Neocognitron, layer: int, reach: int) -> list[np.ndarray]:
    digits = range(len(drawn.NAMES))
    images = torch.stack([drawn.pattern(digit, move) for digit in digits for move in drawn.shifts(digit)])
    s = model.responses(images)[2 * (layer - 1)]
    wide = torch.nn.functional.pad(images, (12,) * 4)
    found = []
    for plane in range(s.shape[1]):
        total, weight = torch.zeros(2 * reach + 1, 2 * reach + 1, dtype=torch.float64), 0.0
        for image, row, column in (s[:, plane] > ANSWERS).nonzero().tolist():
            down, right = _centre(layer, row) + 12, _centre(layer, column) + 12
            answer = float(s[image, plane, row, column])
            total += answer * wide[image, down - reach : down + reach + 1, right - reach : right + reach + 1]
            weight += answer
        if weight:
            found.append((total / weight).numpy())
    return found


def _centre(layer: int, place: int) -> int:
    """Row or column of U0 in the middle of the window of an S-cell, followed down the middles of all windows."""
    for stage, before in zip(STAGES[layer - 1 : 0 : -1], STAGES[layer - 2 :: -1], strict=True):
        place = place - stage.s_margin + FIELD // 2  # C-cell before it
        place = place * before.c_step - before.c_margin[0] + before.c_field // 2  # S-cell before that
    return place


def responses(model: Neocognitron, digit: int, shift: tuple[int, int]) -> Figure:
    """Every plane's answer to a pattern (left) and to the same pattern shifted (right); dark is strong."""
    result, axes = figure(7, 2, width=7.4, height=4.8)
    inks = INKS.with_extremes(bad=FAINT)
    own = cells(model)[digit]
    for column, move in enumerate(((0, 0), shift)):
        image = drawn.pattern(digit, move)
        answers = model.responses(image[None])
        layers: list[tuple[str, Tensor]] = [("U0", image[None])]
        layers += [(f"U{name.upper()}", layer[0]) for name, layer in zip(answers._fields, answers, strict=True)]
        for place, (name, planes) in zip(axes[:, column], layers, strict=True):
            montage, step = _montage(planes.numpy())
            place.imshow(montage, cmap=inks, vmin=0, vmax=max(float(planes.max()), 1e-9), interpolation="nearest")
            place.set(xticks=[], yticks=[])
            place.spines[:].set_visible(False)
            if not column:
                place.set_ylabel(name, rotation=0, ha="right", va="center", color=INK, weight="bold")
            if name == "UC3":
                spot = (own % 12 * step + 0.5, own // 12 * step + 0.5)
                place.add_patch(Rectangle(spot, step, step, facecolor="none", edgecolor=PALETTE[2], linewidth=2.5))
    return result


def _montage(planes: np.ndarray) -> tuple[np.ndarray, int]:
    """Square planes side by side, twelve a row, enlarged to the same size, framed by NaN; and the step between them."""
    count, size, _ = planes.shape
    columns, scale = min(12, count), 48 // size
    step = size * scale + 2
    sheet = np.full((-(-count // columns) * step + 2, columns * step + 2), np.nan)
    for index, plane in enumerate(planes):
        top, left = index // columns * step + 2, index % columns * step + 2
        sheet[top : top + size * scale, left : left + size * scale] = np.kron(plane, np.ones((scale, scale)))
    return sheet, step
