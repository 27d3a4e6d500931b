"""Pictures of the staged model, drawn from its own tables, weights and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from matplotlib.patches import FancyArrowPatch, Rectangle

from convnets.common import samples as stored
from convnets.common.plot import FAINT, INK, MUTED, PALETTE, figure, image_grid
from convnets.cortex import early
from convnets.cortex.data import prepare
from convnets.cortex.model import ORIENTATIONS, Hmax, gabor_bank
from convnets.cortex.shapes import SHAPES, picture, pictures
from convnets.cortex.train import fast_c1

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["chain", "eye", "filters", "glyph", "prototypes", "stages", "things", "worst"]

SIMPLE, COMPLEX = PALETTE[0], PALETTE[1]

_BOXES = {  # name: column, row, what it is
    "S1": (1, 0, "filter"), "C1": (2, 0, "maximum"), "S2": (3, 0, "prototypes"), "C2": (4, 0, "maximum"),
    "S3": (5, 0, "prototypes"), "C3": (6, 0, "maximum"), "S2b": (4.9, 1, "prototypes"), "C2b": (6, 1, "maximum"),
    "S4": (7, 0.5, "views"),
}  # fmt: skip
_ARROWS = "image-S1 S1-C1 C1-S2 S2-C2 C2-S3 S3-C3 C3-S4 C1-S2b S2b-C2b C2b-S4"


def chain() -> Figure:
    """The model's stages and the areas that they stand for; S stages blue, C stages orange."""
    result, axes = figure(width=6.6, height=2.5)
    places = {"image": (0.0, 0.0)} | {name: (x, y) for name, (x, y, _) in _BOXES.items()}
    for pair in _ARROWS.split():
        (ax, ay), (bx, by) = (places[end] for end in pair.split("-"))
        axes.add_patch(
            FancyArrowPatch((ax, ay), (bx, by), shrinkA=17, shrinkB=17, arrowstyle="-|>", mutation_scale=9, color=MUTED)
        )
    for name, (x, y) in places.items():
        colour = MUTED if name == "image" else SIMPLE if name[0] == "S" else COMPLEX
        axes.add_patch(Rectangle((x - 0.31, y - 0.2), 0.62, 0.4, facecolor="none", edgecolor=colour, linewidth=1.8))
        axes.text(x, y, name, ha="center", va="center", color=INK, fontsize=10)
    for x, width, area in ((1.5, 1.7, "V1"), (3, 0.8, "V2"), (4, 0.8, "V4"), (5.5, 1.8, "PIT"), (7, 0.7, "AIT")):
        axes.plot([x - width / 2, x + width / 2], [-0.5, -0.5], color=FAINT, linewidth=4, solid_capstyle="butt")
        axes.text(x, -0.66, area, ha="center", va="bottom", color=INK, weight="bold", fontsize=10)
    axes.set(xlim=(-0.5, 7.5), ylim=(1.35, -1.0))
    axes.axis("off")
    return result


def things() -> Figure:
    """The ten objects that are moved and scaled."""
    return image_grid([1 - image[0].numpy() for image in pictures()], columns=5, titles=list(SHAPES), size=0.95)


def eye(name: str = "house") -> Figure:
    """An object, and what retina, LGN and V1's complex cells answer to it."""
    image = picture(name)
    cells = early.retina(image)
    relay, energies = early.lgn(cells), early.energy(image)
    tiles = {
        "image": 1 - image[0, 0],
        "retina, on": cells[0, 0],
        "retina, off": cells[0, 1],
        "LGN, on": relay[0, 0],
        "LGN, off": relay[0, 1],
    } | {f"V1, {angle}°": energies[0, index] for index, angle in enumerate(ORIENTATIONS)}
    return image_grid([tile.numpy() for tile in tiles.values()], columns=5, titles=list(tiles), size=1.15)


def filters() -> Figure:
    """S1's filters at four of the sixteen sizes, all on one scale of pixels; orange and violet have opposite signs."""
    result, axes = figure(4, 4, width=4.4, height=4.6)
    for row, index in zip(axes, (0, 5, 10, 15), strict=True):
        bank = gabor_bank(index)[:, 0].numpy()
        for place, values, degrees in zip(row, bank, ORIENTATIONS, strict=True):
            side = len(values)
            limit = float(np.abs(values).max())
            edges = (-side / 2, side / 2, side / 2, -side / 2)
            place.imshow(values, cmap="PuOr", vmin=-limit, vmax=limit, extent=edges, interpolation="nearest")
            place.set(xlim=(-19, 19), ylim=(19, -19), xticks=[], yticks=[])
            place.spines[:].set(visible=True, color=FAINT)
            if index == 0:
                place.set_title(f"{degrees}°")
        row[0].set_ylabel(f"{side} pixels", color=INK)
    return result


@torch.inference_mode()
def stages(model: Hmax, name: str = "bird") -> Figure:
    """What the stages answer to one object: C1 in three bands, S2 and C2 in part, C2b, C3 and S4 whole."""
    image = picture(name, size=1.8)
    found = model.from_c1(fast_c1(image))
    strips = {f"C1, band {band + 1}": found.c1[band][0].numpy()[None] for band in (0, 2, 5)}
    strips["S2"] = found.s2[1][0, :12].numpy()[None]
    strips["C2"] = found.c2[0][0, :12].numpy()[None]
    rows = {
        "C2b": found.c2b[0].numpy().reshape(4, 64),
        "C3": found.c3[0].numpy()[None],
        "S4": found.s4[0].numpy()[None],
    }
    heights = [1.2, 1.2, 1.2, 0.5, 0.5, 0.4, 0.16, 0.16]
    result, axes = figure(len(strips) + len(rows), 1, width=5.6, height=6.4)
    axes[0].get_gridspec().set_height_ratios(heights)
    for place, (label, maps) in zip(axes, strips.items(), strict=False):
        tiles = maps if label[0] == "S" or label == "C2" else np.concatenate([_resized(image, maps), maps], 1)
        _show(place, label, _mosaic(tiles))
    for place, (label, values) in zip(axes[len(strips) :], rows.items(), strict=True):
        _show(place, label, values, aspect="auto")
    return result


def _resized(image: torch.Tensor, maps: np.ndarray) -> np.ndarray:
    """The image at the size of ``maps`` (1, 4, h, w), as dark as their darkest: a fifth tile before them."""
    small = torch.nn.functional.interpolate(image.max() - image, size=maps.shape[2:], mode="area")[0].numpy()[None]
    return small / small.max() * maps.max()


def _mosaic(tiles: np.ndarray) -> np.ndarray:
    """(rows, columns, H, W) -> one picture, tiles a unit apart; what lies between them is not drawn."""
    rows, columns, height, width = tiles.shape
    whole = np.full((rows, height + 1, columns, width + 1), np.nan, dtype=float)
    whole[:, :height, :, :width] = tiles.transpose(0, 2, 1, 3)
    return whole.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def _show(axes: Axes, label: str, values: np.ndarray, aspect: Literal["equal", "auto"] = "equal") -> None:
    axes.imshow(values, cmap="gray_r", vmin=0, interpolation="nearest", aspect=aspect)
    axes.set_ylabel(label, rotation=0, ha="right", va="center", color=INK)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=aspect == "auto", color=FAINT)


def glyph(axes: Axes, prototype: np.ndarray) -> None:
    """A prototype (4, K, K) as bars: in each unit a bar for each orientation, as long as its value is large."""
    side, largest = prototype.shape[-1], float(prototype.max()) or 1.0
    across: list[float] = []
    down: list[float] = []
    for orientation, degrees in enumerate(ORIENTATIONS):
        angle = np.radians(degrees + 90)  # a filter's bars run across its normal; rows go down
        for row in range(side):
            for column in range(side):
                half = 0.55 * float(prototype[orientation, row, column]) / largest
                if half > 0.08:
                    dx, dy = half * np.cos(angle), half * np.sin(angle)
                    across += [column - dx, column + dx, np.nan]
                    down += [row - dy, row + dy, np.nan]
    axes.plot(across, down, color=INK, linewidth=0.9)  # one path with gaps takes a tenth of many paths' bytes
    axes.set(xlim=(-0.8, side - 0.2), ylim=(side - 0.2, -0.8), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=FAINT)


def prototypes(model: Hmax, count: int = 6) -> Figure:
    """The first ``count`` S2b prototypes of 4x4 and 8x8 C1 units, drawn as bars."""
    result, axes = figure(2, count, width=count * 1.05, height=2.3)
    for row, held in zip(axes, list(model.s2b_prototypes)[:2], strict=True):
        for place, prototype in zip(row, held[:count], strict=True):
            glyph(place, prototype.detach().numpy())
    return result


@torch.inference_mode()
def worst(model: Hmax) -> Figure:
    """The stored test images as the model gets them, each with its class and S4's score, positive for "animal"."""
    pictures = stored.read("cortex").pictures
    seen = prepare(torch.stack([torch.from_numpy(one.picture.copy()) for one in pictures]))
    titles = [f"{one.label}\n{score:+.2f}" for one, score in zip(pictures, model(seen)[:, -1].tolist(), strict=True)]
    return image_grid([1 - image[0].numpy() for image in seen], columns=6, titles=titles, size=1.0)
