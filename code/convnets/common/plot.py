"""One look for all figures: transparent SVG, three ink tokens, a colour-blind-safe palette.

A figure is drawn once, for a light page. The press swaps the ink tokens for their dark twins, so figures must use
``INK``, ``MUTED`` and ``FAINT`` (not black, grey or white) for text and lines, and ``PALETTE`` for data: its colours
keep a contrast of at least 3:1 on both pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DARK", "FAINT", "INK", "MUTED", "PALETTE", "figure", "image_grid", "show_image", "style"]

INK = "#1f2328"
MUTED = "#57606a"
FAINT = "#d0d7de"
DARK = {INK: "#e6edf3", MUTED: "#9aa4af", FAINT: "#3d444d"}
"""What each ink token becomes on a dark page."""

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56a0d3", "#8c6bb1")
"""Okabe and Ito's colours, the yellow and the sky blue darkened so that they stand on white."""


def style() -> None:
    """Set matplotlib's defaults for the book; `figure` calls it."""
    import matplotlib  # not at the top: printing the book needs the ink tokens, but no matplotlib
    from cycler import cycler

    matplotlib.rcParams.update(
        {
            "svg.fonttype": "none",  # words stay words: they can be found, translated, and take few bytes
            "font.family": ["DejaVu Sans"],  # by which texts are measured, on every machine
            "svg.hashsalt": "convnets",  # ids, and so files, come out the same every time
            "savefig.transparent": True,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "font.size": 10,
            "axes.titlesize": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "axes.edgecolor": MUTED,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "grid.color": FAINT,
            "grid.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": cycler(color=PALETTE),
            "lines.linewidth": 2,
            "legend.frameon": False,
            "image.cmap": "gray_r",
        }
    )


def figure(
    rows: int = 1, columns: int = 1, width: float = 7.0, height: float = 3.2, squeeze: bool = True
) -> tuple[Figure, Any]:
    """``plt.subplots`` in the book's style; ``width`` and ``height`` in inches."""
    import matplotlib.pyplot as plt

    style()
    result, axes = plt.subplots(rows, columns, figsize=(width, height), layout="constrained", squeeze=squeeze)
    plt.close(result)  # a notebook shows what a cell returns, and would show an open figure a second time
    return result, axes


def show_image(axes: Axes, image: np.ndarray, limit: float | None = None, title: str = "") -> None:
    """Show a (H, W) array without ticks; with ``limit`` in the diverging map from -limit to limit."""
    if limit is None:
        axes.imshow(image, cmap="gray_r", interpolation="nearest")
    else:
        axes.imshow(image, cmap="PuOr", vmin=-limit, vmax=limit, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT, linewidth=0.8)
    if title:
        axes.set_title(title)


def image_grid(
    images: Sequence[np.ndarray],
    columns: int,
    titles: Sequence[str] = (),
    limit: float | None = None,
    size: float = 0.8,
) -> Figure:
    """A grid of small pictures, ``size`` inches each, row by row."""
    rows = -(-len(images) // columns)
    extra = 0.25 if titles else 0.05
    result, axes = figure(rows, columns, width=columns * size, height=rows * (size + extra), squeeze=False)
    for index, place in enumerate(axes.flat):
        if index < len(images):
            show_image(place, images[index], limit, titles[index] if titles else "")
        else:
            place.axis("off")
    return result
