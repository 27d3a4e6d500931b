"""The chapter's figures: scenes rebuilt from stored photographs, maps and boxes on them, and what the studies measured.

Photographs of CIFAR-10 are those of ``samples.webp`` (see :func:`convnets.localisation.live.samples`), at most fifty.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from convnets.common import samples
from convnets.common.plot import FAINT, MUTED, PALETTE, figure
from convnets.common.sets import Labelled
from convnets.localisation import data, maps, nets, studies
from convnets.localisation.world import CLASSES, Scenes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["cells", "maps_and_boxes", "sanity", "scenes_of", "sizes", "thresholds", "world"]

SHOWN = 16
"""So many of the stored objects stand in the figure of the world."""
MAPPED = (0, 1, 3, 5, 6, 7, 8)
"""Objects with their maps."""
CHECKED = 7
"""The object whose map is shown while weights become random."""
BLUE, ORANGE = PALETTE[0], PALETTE[1]


def scenes_of(places: tuple[int, ...] | range) -> Scenes:
    """The test pictures that are made of the stored objects at ``places``: the same as those that are measured."""
    found = [samples.read("localisation").pictures[place] for place in places]
    images = torch.from_numpy(np.stack([one.picture for one in found]))
    labels = torch.tensor([CLASSES.index(one.label) for one in found])
    made = data.made(Labelled(images, labels, True))
    return made.take(torch.arange(len(found)))


def _bare(axes: Axes, picture: np.ndarray, **how: Any) -> None:
    axes.imshow(picture, interpolation="nearest", **how)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _frame(axes: Axes, box: Iterable[float], colour: str, dashed: bool = False) -> None:
    left, top, right, bottom = (float(edge) - 0.5 for edge in box)
    x, y = [left, right, right, left, left], [top, top, bottom, bottom, top]
    axes.plot(x, y, color="black" if dashed else "white", linewidth=3, solid_joinstyle="miter")
    axes.plot(x, y, color=colour, linewidth=1.5, linestyle=(0, (3, 2)) if dashed else "-", solid_joinstyle="miter")


def _colour(images: Tensor) -> np.ndarray:
    return images.permute(0, 2, 3, 1).numpy()


def world() -> Figure:
    """Test pictures of the world, with the true box of each object."""
    shown = scenes_of(range(SHOWN))
    result, axes = figure(2, SHOWN // 2, width=7.4, height=2.0, squeeze=False)
    for place, picture, box in zip(axes.flat, _colour(shown.images), shown.boxes, strict=True):
        _bare(place, picture)
        _frame(place, box, "white", dashed=True)
    return result


def maps_and_boxes() -> Figure:
    """Test pictures; below, each in grey under the map of its true name, with the boxes of both networks."""
    shown = scenes_of(MAPPED)
    heat = nets.heats(nets.load("cam"), shown.images, shown.labels)
    weak = maps.box(heat, nets.threshold("cam"))
    strong = nets.localise(nets.load("overfeat"), shown.images).boxes
    result, axes = figure(2, len(MAPPED), width=7.4, height=2.25, squeeze=False)
    for column, picture in enumerate(_colour(shown.images)):
        _bare(axes[0, column], picture)
        _under(axes[1, column], picture, heat[column].numpy())
        for place in axes[:, column]:
            _frame(place, shown.boxes[column], "white", dashed=True)
        _frame(axes[1, column], weak[column], ORANGE)
        _frame(axes[1, column], strong[column], BLUE)
    return result


def _under(axes: Axes, picture: np.ndarray, heat: np.ndarray) -> None:
    """A picture in grey under what of a map is above 0, blue to yellow."""
    _bare(axes, picture.mean(2), cmap="gray", vmin=0, vmax=255)
    axes.imshow(heat.clip(0), cmap="cividis", vmin=0, vmax=max(1e-6, heat.max()), alpha=0.6, interpolation="nearest")


def cells(found: dict[str, Any]) -> Figure:
    """Test pictures of white cells, with the marked box and that of the network (``studies.cells``)."""
    count = len(found["pictures"])
    result, axes = figure(2, count // 2, width=7.4, height=2.9, squeeze=False)
    for place, packed, truth, box in zip(axes.flat, found["pictures"], found["truth"], found["box"], strict=False):
        _bare(place, np.asarray(Image.open(io.BytesIO(base64.b64decode(packed)))))
        _frame(place, truth, "white", dashed=True)
        _frame(place, box, BLUE)
    return result


def thresholds(found: dict[str, Any]) -> Figure:
    """Boxes of the map that are right, by threshold (``studies.thresholds``), and the centred box."""
    test = found["test"]
    result, axes = figure(width=5.2, height=3.0)
    axes.plot(test["thresholds"], [100 * one for one in test["cam"]], color=ORANGE, label="map")
    axes.axhline(100 * test["centred"], color=MUTED, linestyle=":", label="centred box")
    for threshold, colour in ((nets.threshold("cam"), PALETTE[2]),):
        axes.plot([threshold], [100 * np.interp(threshold, test["thresholds"], test["cam"])], "o", color=colour)
    axes.set(xlabel="share of the maximum", ylabel="right, %", ylim=(0, 100), xlim=(0, 1))
    axes.grid(axis="y")
    axes.legend(loc="upper right", fontsize=9)
    return result


def sanity(found: dict[str, Any]) -> Figure:
    """A map while weights become random from the last layer down, and what was measured (``studies.sanity``)."""
    shown, trained = scenes_of((CHECKED,)), nets.load("cam")
    picture, count = _colour(shown.images)[0], len(found["stages"])
    result = figure(1, 1, width=7.4, height=4.0)[0]
    result.clear()
    grid = result.add_gridspec(2, count, height_ratios=(1, 2.2))
    for stage in range(count):
        model = studies.randomised(trained, stage)
        place = result.add_subplot(grid[0, stage])
        _under(place, picture, nets.heats(model, shown.images, shown.labels)[0].numpy())
        place.set_title(str(stage), fontsize=9)
    axes = result.add_subplot(grid[1, :])
    steps = range(count)
    axes.plot(steps, found["correlation"], "o-", color=PALETTE[2], label="likeness of the maps")
    axes.plot(steps, found["accuracy_box"], "s-", color=ORANGE, label="boxes right")
    axes.axhline(0, color=FAINT, linewidth=1)
    axes.set(xlabel="layers with random weights, from the last", ylim=(-0.3, 1.05), xticks=list(steps))
    axes.grid(axis="y")
    axes.legend(loc="upper right", fontsize=9)
    return result


def sizes(found: dict[str, Any]) -> Figure:
    """Boxes that are right by the size of the object (``studies.by_size``)."""
    result, axes = figure(width=5.2, height=2.8)
    edges = found["edges"]
    middles = [(low + high) / 2 for low, high in zip(edges, edges[1:], strict=False)]
    for name, colour, mark, label in (
        ("overfeat", BLUE, "o-", "told boxes"), ("cam", ORANGE, "s-", "told names only"),
        ("centred", MUTED, "^:", "centred box"),
    ):  # fmt: skip
        axes.plot(middles, [100 * one for one in found[name]], mark, color=colour, label=label)
    axes.set(xlabel="longer side of the box, pixels of 64", ylabel="right, %", ylim=(0, 103))
    axes.grid(axis="y")
    axes.legend(loc="center right", fontsize=9)
    return result
