"""Charts of what the neocognitron of 1980 learned and tolerates, computed as they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from convnets.common.plot import MUTED, PALETTE, figure, show_image
from convnets.neocognitron import patterns as drawn
from convnets.neocognitron import templates
from convnets.neocognitron.experiment import ANSWERS, cells, measure, organised, outcomes
from convnets.neocognitron.figures import C_COLOUR, S_COLOUR
from convnets.neocognitron.model import Neocognitron

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["baseline", "growth", "tolerance", "trials"]


def trials(model: Neocognitron) -> Figure:
    """Every training pattern and eight changed ones, framed by what UC3 says; after the paper's figure 6."""
    own = cells(model)
    result, axes = figure(5, 9, width=7.0, height=4.2)
    heads = ("pattern", "shift", "", "size", "", "shape", "", "noise", "")
    for digit in range(5):
        images = [drawn.pattern(digit), *(variant.image for variant in drawn.examples(digit))]
        for column, (image, answer) in enumerate(zip(images, model(torch.stack(images)), strict=True)):
            place = axes[digit, column]
            show_image(place, image.numpy(), title=heads[column] if digit == 0 else "")
            _frame(place, _verdict(answer, own[digit]))
    return result


_VERDICTS = {"kept": (PALETTE[2], "-"), "silent": (MUTED, ":"), "other": (PALETTE[1], "--")}


def _verdict(answer: Tensor, own: int) -> str:
    if float(answer.max()) <= ANSWERS:
        return "silent"
    return "kept" if int(answer.argmax()) == own and int((answer > ANSWERS).sum()) == 1 else "other"


def _frame(axes: Axes, verdict: str) -> None:
    colour, style = _VERDICTS[verdict]
    for spine in axes.spines.values():
        spine.set(color=colour, linestyle=style, linewidth=2.2)


def growth(seeds: Sequence[int] = (0, 1, 2, 3, 4), published: int = 1) -> Figure:
    """While it learns: patterns with a cell of their own, and what their cells answer to them and to the others."""
    result, (left, right) = figure(1, 2, width=7.0, height=2.6)
    for seed in sorted(seeds, key=lambda seed: seed == published):
        _, curves = organised(seed)
        rounds = np.arange(1, len(curves["distinct"]) + 1)
        strong = {"linewidth": 2.2, "alpha": 1.0} if seed == published else {"linewidth": 1.2, "alpha": 0.6}
        left.step(rounds, curves["distinct"], where="mid", color=C_COLOUR, **strong)
        right.plot(rounds, curves["own"], color=PALETTE[2], **strong)
        right.plot(rounds, curves["others"], color=S_COLOUR, linestyle="--", **strong)
    left.set(xlabel="presentations of each pattern", ylabel="patterns with a cell of their own", ylim=(-0.15, 5.3))
    right.set(xlabel="presentations of each pattern", ylabel="answer of the pattern's cell", ylim=(-0.03, 0.7))
    right.plot([], [], color=PALETTE[2], label="to its pattern")
    right.plot([], [], color=S_COLOUR, linestyle="--", label="to the other four")
    right.legend(loc="upper left")
    return result


def tolerance(model: Neocognitron, count: int = 20) -> Figure:
    """Shares of changed patterns that are kept, met with silence, or answered otherwise, against the change."""
    result, axes = figure(1, 4, width=7.4, height=2.5)
    for place, (name, unit, changes) in zip(axes, _panels(count), strict=True):
        amounts = [amount for amount, _ in changes]
        found = [outcomes(model, changed) for _, changed in changes]
        kept, silent = (np.array([getattr(one, field) for one in found]) for field in ("kept", "silent"))
        place.plot(amounts, kept, color=PALETTE[2], label="its cell alone")
        place.plot(amounts, silent, color=MUTED, linestyle=":", label="silence")
        place.plot(amounts, 1 - kept - silent, color=PALETTE[1], linestyle="--", label="not alone, or another")
        place.set(title=name, xlabel=unit, ylim=(-0.04, 1.04))
    axes[0].set_ylabel("share of the pictures")
    axes[0].legend(loc="center", fontsize=8)
    for place in axes[1:]:
        place.set_yticklabels([])
    return result


def baseline(model: Neocognitron, blurs: Sequence[float] = (0.7, 1.0, 1.5)) -> Figure:
    """Pictures recognised by the network and by sliding templates, by kind of change.

    With a threshold an answer must stand alone; bars reach over the ``blurs``, points are those of the second.
    """
    network, sliding = measure(model), [templates.measure(blur) for blur in blurs]
    result, axes = figure(width=7.0, height=2.4)
    rows = np.arange(len(drawn.KINDS))
    kept = np.array([[found[kind].kept for found in sliding] for kind in drawn.KINDS])
    axes.barh(rows + 0.2, np.ptp(kept, axis=1), left=kept.min(1), height=0.16, color=PALETTE[1], alpha=0.4)
    axes.plot([network[kind].kept for kind in drawn.KINDS], rows - 0.2, "o", color=PALETTE[0], label="network")
    axes.plot(kept[:, 1], rows + 0.2, "s", color=PALETTE[1], label="templates, with a threshold")
    most = [sliding[1][kind].strongest for kind in drawn.KINDS]
    axes.plot(most, rows, "D", color=PALETTE[2], markersize=5, label="templates, the most similar")
    axes.set(xlabel="share of the pictures", xlim=(-0.02, 1.04), ylim=(len(rows) - 0.5, -0.5))
    axes.set_yticks(rows, list(drawn.KINDS))
    axes.legend(loc="lower left", fontsize=8)
    return result


def _panels(count: int) -> list[tuple[str, str, list[tuple[float, list[drawn.Variant]]]]]:
    """Each kind of change: its name, its unit, and pictures by amount, ``count`` a digit where they are drawn."""
    digits = range(len(drawn.NAMES))

    def made(kind: str, images: Iterable[tuple[int, Tensor]]) -> list[drawn.Variant]:
        return [drawn.Variant(kind, digit, image) for digit, image in images]

    return [
        ("shift", "cells, exactly", [
            (r, made("shift", ((d, drawn.pattern(d, (y, x))) for d in digits for y, x in _ring(r)))) for r in range(4)
        ]),
        ("size", "times", [
            (scale, made("size", ((d, drawn.resized(d, scale, scale)) for d in digits)))
            for scale in (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
        ]),
        ("shape", "cells, up to", [
            (c, made("shape", ((d, drawn.deformed(d, c, 100 * d + i)) for d in digits for i in range(count))))
            for c in (0.0, 0.5, 0.75, 1.0, 1.5, 2.0)
        ]),
        ("noise", "cells lost and added", [
            (n, made("noise", ((d, drawn.noisy(d, n, n, 100 * d + i)) for d in digits for i in range(count))))
            for n in (0, 1, 2, 3, 4, 6)
        ]),
    ]  # fmt: skip


def _ring(reach: int) -> list[tuple[int, int]]:
    """Shifts by exactly ``reach`` cells in the direction that is shifted more."""
    span = range(-reach, reach + 1)
    return [(y, x) for y in span for x in span if max(abs(y), abs(x)) == reach]
