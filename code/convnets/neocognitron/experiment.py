"""What the self-organised network answers to changed patterns: the measurements behind the chapter's figures.

A pattern's *cell* is the UC3 cell that answers most to the pattern in the middle of the grid. A changed pattern is

    - ``kept`` if that cell answers and no other does,
    - ``strongest`` if it answers more than any other (``kept`` counts here too),
    - ``silent`` if no cell answers, and ``other`` if another one answers most.

A cell that two patterns share is nobody's own: neither is kept. The paper's claim is the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.common import stats
from convnets.common.errors import ConvnetsError
from convnets.neocognitron.learning import Step, schedule, self_organise
from convnets.neocognitron.model import Neocognitron
from convnets.neocognitron.patterns import KINDS, NAMES, REACH, Variant, pattern, patterns, shifts, variants

__all__ = [
    "ANSWERS", "Outcome", "cells", "distinct", "measure", "measured", "organised", "outcome", "outcomes",
    "selectivity", "trained",
]  # fmt: skip

_USED = ("planes1", "planes2", "planes3")

ANSWERS = 0.05
"""An output above this counts: planes that learned nothing answer with up to 0.02, learned ones from 0.3."""


class Outcome(NamedTuple):
    """Shares of some variants, as fractions, and their number."""

    kept: float
    strongest: float
    silent: float
    other: float
    pictures: int


def cells(model: Neocognitron) -> list[int]:
    """The UC3 cell of each of the five patterns; -1 where none answers."""
    answers = model(patterns())
    return [int(row.argmax()) if float(row.max()) > ANSWERS else -1 for row in answers]


def distinct(model: Neocognitron) -> int:
    """How many of the five patterns have a cell that is no other pattern's."""
    own = cells(model)
    return sum(cell >= 0 and own.count(cell) == 1 for cell in own)


def outcome(answers: Tensor, digits: Sequence[int], own: Sequence[int]) -> Outcome:
    """Outcome of ``answers`` (N, planes) to variants of ``digits``, whose cells are ``own`` (as :func:`cells`).

    Raises:
        ConvnetsError: no answers, of which there is no share.
    """
    count = len(answers)
    if not count:
        raise ConvnetsError("There is no changed picture to measure: give at least one.")
    cell = torch.tensor([own[digit] for digit in digits])
    alone = torch.tensor([own.count(own[digit]) == 1 for digit in digits])
    answering = answers > ANSWERS
    heard = answering.any(1)
    strongest = heard & alone & (answers.argmax(1) == cell)
    kept = strongest & (answering.sum(1) == 1)
    shares = [float(part.double().mean()) for part in (kept, strongest, ~heard, heard & ~strongest)]
    return Outcome(shares[0], shares[1], shares[2], shares[3], count)


def outcomes(model: Neocognitron, changed: Sequence[Variant]) -> Outcome:
    """Outcome of the variants ``changed``; raises as :func:`outcome`."""
    images = torch.stack([variant.image for variant in changed]) if changed else patterns()[:0]
    answers = model(images)
    return outcome(answers, [variant.digit for variant in changed], cells(model))


def measure(model: Neocognitron, seed: int = 1980) -> dict[str, Outcome]:
    """Outcomes by kind of change (``patterns.KINDS``), of the variants that ``seed`` draws."""
    return {kind: outcomes(model, variants(kind, seed=seed)) for kind in KINDS}


def trained(model: Neocognitron, reach: int = REACH) -> Outcome:
    """Outcome of the pictures that learning draws from: every pattern at every place up to ``reach`` cells away."""
    places = [Variant("shift", d, pattern(d, move)) for d in range(len(NAMES)) for move in shifts(d, reach)]
    return outcomes(model, places)


def selectivity(model: Neocognitron) -> Tensor:
    """Answers of UC3 (5, 5): row = pattern shown, column = the cell of each pattern, zeros where it has none."""
    own = torch.tensor(cells(model))
    return torch.where(own >= 0, model(patterns())[:, own.clamp(min=0)], 0.0)


def organised(seed: int = 0, rounds: int = 20, reach: int = REACH) -> tuple[Neocognitron, dict[str, list[float]]]:
    """A network organised by ``learning.schedule(rounds, reach, seed)``, and how it came about.

    The curves hold, after each round of five presentations, the number of patterns that have a cell of their own
    (``distinct``), and the mean answer of the patterns' cells to their own pattern (``own``) and to the others
    (``others``), where a pattern without a cell counts as an answer of zero; ``planes1`` to ``planes3`` count the
    planes of each S-layer that have been reinforced at least once.
    """
    model = Neocognitron()
    curves: dict[str, list[float]] = {name: [] for name in ("distinct", "own", "others", *_USED)}
    shown = schedule(rounds, reach, seed)

    def watch(index: int, step: Step) -> None:
        if (index + 1) % len(NAMES):
            return
        table = selectivity(model)
        own = float(table.diagonal().mean())
        curves["distinct"].append(distinct(model))
        curves["own"].append(own)
        curves["others"].append((float(table.sum()) - len(NAMES) * own) / (len(NAMES) * (len(NAMES) - 1)))
        for name, module in zip(_USED, model.layers, strict=True):
            curves[name].append(int(torch.count_nonzero(module.b)))

    self_organise(model, shown, on_step=watch)
    return model, curves


def measured(found: dict[str, Outcome]) -> dict[str, list[stats.Measured]]:
    """By kind of change, ``accuracy`` (share kept) and ``error`` (another cell answered most).

    What is missing to one is silence, or the pattern's cell answering most but not alone. ``test`` takes all kinds of
    change together (``patterns.KINDS``, none of whose pictures was learned from). The intervals are Wilson's, as if the
    pictures were a sample: deformed and noisy ones are; shifts and sizes are complete, and there it says how sure such
    a share of a sample would be.
    """
    counted = [found[kind] for kind in KINDS]
    count = sum(one.pictures for one in counted)
    kept, other = (sum(share * one.pictures for share, one in zip(shares, counted, strict=True)) / count
                   for shares in ([one.kept for one in counted], [one.other for one in counted]))  # fmt: skip
    shares = {kind: (one.kept, one.other, one.pictures) for kind, one in found.items()} | {"test": (kept, other, count)}
    return {
        kind: [
            stats.Measured(name, share, stats.wilson(round(share * pictures), pictures))
            for name, share in (("accuracy", kept), ("error", other))
        ]
        for kind, (kept, other, pictures) in shares.items()
    }
