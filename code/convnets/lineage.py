"""The argument of the first chapters in one picture: two steps in turn, in four systems, on one drawn digit.

Every map is computed by the system's own chapter code. The rows are Hubel and Wiesel's cells, a sheet of simple cells
and one of complex cells with a field at every place; HMAX; the neocognitron of 1980; LeNet-5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import torch
from torch.nn import functional as F

from convnets import cortex, lenet, neocognitron
from convnets.common.plot import INK, MUTED, PALETTE, figure
from convnets.cortex.model import PIXELS_PER_DEGREE
from convnets.hubelwiesel import fields
from convnets.hubelwiesel.stimuli import SIZE
from convnets.lenet import strokes
from convnets.neocognitron.experiment import ANSWERS
from convnets.neocognitron.patterns import NAMES, pattern

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Row", "figure_of_two_steps", "rows"]

DIGIT = 4
SHOWN = 4
"""Maps drawn of each layer: those with the answer that rises highest above the map's median."""
ANGLES = (0, 45, 90, 135)
LOOK, FORGET = PALETTE[0], PALETTE[1]


class Row(NamedTuple):
    """One system: what it is called, what it saw (H, W), and its layers (maps, h, w), detectors first, in turn."""

    name: str
    image: np.ndarray
    layers: list[np.ndarray]


def rows() -> list[Row]:
    """The digit in the four systems; needs the published weights, and no data."""
    with torch.inference_mode():
        return [_cells(), _hmax(), _neocognitron(), _lenet()]


def figure_of_two_steps() -> Figure:
    """A row a system: the image, then layers that look (blue frames) and layers that forget where (orange), in turn."""
    found = rows()
    columns = 1 + max(len(row.layers) for row in found)
    result, axes = figure(len(found), columns, width=7.0, height=5.9)
    for column, title in enumerate(("the image", "look", "forget where", "look again", "forget where")):
        axes[0][column].set_title(title, fontsize=10, color=INK)
    for places, row in zip(axes, found, strict=True):
        _show(places[0], row.image, MUTED)
        places[0].set_ylabel(row.name, fontsize=10, color=INK)
        for column, place in enumerate(places[1:]):
            if column < len(row.layers):
                _show(place, _mosaic(row.layers[column]), FORGET if column % 2 else LOOK)
            else:
                place.set_box_aspect(1)
                place.axis("off")
    return result


def _ink(size: int, digit_size: int, radius: float) -> np.ndarray:
    """The digit drawn ``digit_size`` pixels large in the middle of ``size`` pixels, ink 1 on paper 0."""
    drawing = next(sample["strokes"] for sample in strokes.SAMPLES if sample["digit"] == DIGIT)
    scale = digit_size / strokes.FIELD
    fitted = [stroke * scale + (size - digit_size) / 2 for stroke in strokes.fit(drawing)]
    return strokes.rasterise(fitted, radius, size, size)


def _cells() -> Row:
    """Simple cells, both signs of a Gabor function's answer; complex cells, the energy of a pair, at every place."""
    image = _ink(SIZE, SIZE, 2.0)
    x = torch.from_numpy(image)[None, None]
    answers = []
    for phase in (0, 90):
        kernel = np.stack([fields.gabor(0, 0, angle, 0.8, 0.28, 0.5, phase) for angle in ANGLES])
        middle = kernel[:, None, SIZE // 2 - 16 : SIZE // 2 + 17, SIZE // 2 - 16 : SIZE // 2 + 17]
        answers.append(F.conv2d(x, torch.from_numpy(np.ascontiguousarray(middle)), padding=16)[0])
    even, odd = answers
    return Row("cells\n1962", image, [even.clamp(min=0).numpy(), torch.hypot(even, odd).numpy()])


def _hmax() -> Row:
    """One band of C1 and one scale of C2; the image is dark on light, as the model's drawings are."""
    size = 96
    image = 1 - _ink(size, round(2.2 * PIXELS_PER_DEGREE), 2.2)
    model, x = cortex.load(), torch.from_numpy(image).float()[None, None]
    first = model.s1_maps(x)[0][0]
    stages = model.stages(x)
    layers = [first, stages.c1[0][0], stages.s2[0][0], stages.c2[0][0]]
    return Row("HMAX\n2007", 1 - image, [layer.numpy() for layer in layers])


def _neocognitron() -> Row:
    """The trained pattern of the digit, through the first two of three modules."""
    digit = NAMES.index(str(DIGIT))
    model: Any = neocognitron.load("fukushima1980")
    image = pattern(digit)
    found = model.responses(image[None])
    layers = []
    for s, c in ((found.s1[0], found.c1[0]), (found.s2[0], found.c2[0])):
        known = s.amax((1, 2)) > ANSWERS  # planes that learned nothing answer faintly to everything
        layers += [s[known], c[known]]
    return Row("neocognitron\n1980", image.numpy(), [layer.numpy() for layer in layers])


def _lenet() -> Row:
    """The four layers of maps; squashed answers of both signs, of which the positive part is drawn."""
    drawing = next(sample["strokes"] for sample in strokes.SAMPLES if sample["digit"] == DIGIT)
    x, model = strokes.image(drawing), cast("Any", lenet.load())
    stages = model.features(x)
    layers = [stages.c1, stages.s2, stages.c3, stages.s4]
    return Row("LeNet-5\n1998", x[0, 0].numpy(), [layer[0].clamp(min=0).numpy() for layer in layers])


def _mosaic(maps: np.ndarray) -> np.ndarray:
    """The :data:`SHOWN` liveliest maps, in their order, two by two with a gap, each from its least to its largest.

    Where there are fewer, silent maps fill the square.
    """
    maps = np.concatenate([maps, np.zeros((max(0, SHOWN - len(maps)), *maps.shape[1:]))])
    rise = maps.max((1, 2)) - np.median(maps, (1, 2))
    tiles = maps[np.sort(np.argsort(-rise, kind="stable")[:SHOWN])]
    tiles = tiles - tiles.min((1, 2), keepdims=True)
    tiles = tiles / np.maximum(tiles.max((1, 2), keepdims=True), 1e-9)
    _, height, width = tiles.shape
    gap = max(1, height // 16)
    picture = np.full((2 * height + gap, 2 * width + gap), np.nan)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, 2)
        picture[row * (height + gap) :, column * (width + gap) :][:height, :width] = tile
    return picture


def _show(axes: Axes, picture: np.ndarray, colour: str) -> None:
    axes.imshow(picture, cmap="gray_r", interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=colour, linewidth=1.6)
