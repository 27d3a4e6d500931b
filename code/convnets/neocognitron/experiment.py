"""What the self-organised network answers to changed patterns: the measurements behind the chapter's figures.

A pattern's *cell* is the UC3 cell that answers most to the pattern in the middle of the grid. A changed pattern is

    - ``kept`` if that cell answers and no other does,
    - ``strongest`` if it answers more than any other (``kept`` counts here too),
    - ``silent`` if no cell answers, and ``other`` if another one answers most.

The paper's claim is the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.common import stats
from convnets.neocognitron.learning import Step, schedule, self_organise
from convnets.neocognitron.model import Neocognitron
from convnets.neocognitron.patterns import KINDS, NAMES, Variant, pattern, patterns, variants

__all__ = [
    "ANSWERS", "Outcome", "cells", "distinct", "intervals", "measure", "metrics", "organised", "outcome", "outcomes",
    "selectivity", "share_single",
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
    """How many different cells the five patterns have."""
    return len(set(cells(model)) - {-1})


def outcome(answers: Tensor, digits: Sequence[int], own: Sequence[int]) -> Outcome:
    """Outcome of ``answers`` (N, planes) to variants of ``digits``, whose cells are ``own``."""
    count = len(answers)
    cell = torch.tensor([own[digit] for digit in digits])
    answering = answers > ANSWERS
    heard = answering.any(1)
    strongest = heard & (answers.argmax(1) == cell)
    kept = strongest & (answering.sum(1) == 1)
    shares = [float(part.double().mean()) for part in (kept, strongest, ~heard, heard & ~strongest)]
    return Outcome(shares[0], shares[1], shares[2], shares[3], count)


def outcomes(model: Neocognitron, changed: Sequence[Variant]) -> Outcome:
    """Outcome of the variants ``changed``."""
    answers = model(torch.stack([variant.image for variant in changed]))
    return outcome(answers, [variant.digit for variant in changed], cells(model))


def measure(model: Neocognitron, seed: int = 1980) -> dict[str, Outcome]:
    """Outcomes by kind of change (``patterns.KINDS``), of the variants that ``seed`` draws."""
    return {kind: outcomes(model, variants(kind, seed=seed)) for kind in KINDS}


def share_single(model: Neocognitron, reach: int = 2) -> float:
    """Share of the *training* pictures (every shift up to ``reach``) to which the pattern's cell alone answers."""
    shown = sorted({(p.digit, p.shift) for p in schedule(rounds=500, reach=reach)})
    answers = model(torch.stack([pattern(digit, shift) for digit, shift in shown]))
    return outcome(answers, [digit for digit, _ in shown], cells(model)).kept


def selectivity(model: Neocognitron) -> Tensor:
    """Answers of UC3 (5, 5): row = pattern shown, column = the cell of each pattern."""
    own = cells(model)
    return model(patterns())[:, own] if min(own) >= 0 else torch.zeros(len(NAMES), len(NAMES), dtype=torch.float64)


def organised(seed: int = 0, rounds: int = 20, reach: int = 2) -> tuple[Neocognitron, dict[str, list[float]]]:
    """A network organised by ``learning.schedule(rounds, reach, seed)``, and how it came about.

    The curves hold, after each round of five presentations, the number of patterns that have a cell of their own
    (``distinct``), and the mean answer of the patterns' cells to their own pattern (``own``) and to the others
    (``others``); ``planes1`` to ``planes3`` count the planes of each S-layer that have been reinforced at least once.
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


def metrics(found: dict[str, Outcome]) -> dict[str, dict[str, float]]:
    """For a run record: by kind of change, ``accuracy`` (share kept) and ``error`` (another cell answered most).

    What is missing to one is silence. ``test`` takes all kinds together.
    """
    count = sum(outcome.pictures for outcome in found.values())
    total = {
        "accuracy": sum(outcome.kept * outcome.pictures for outcome in found.values()) / count,
        "error": sum(outcome.other * outcome.pictures for outcome in found.values()) / count,
    }
    return {kind: {"accuracy": one.kept, "error": one.other} for kind, one in found.items()} | {"test": total}


def intervals(found: dict[str, Outcome]) -> dict[str, dict[str, tuple[float, float]]]:
    """95 % Wilson intervals of :func:`metrics`, over the variants that were drawn."""
    counts = {kind: one.pictures for kind, one in found.items()}
    counts["test"] = sum(counts.values())
    return {
        kind: {name: stats.wilson(round(share * counts[kind]), counts[kind]) for name, share in shares.items()}
        for kind, shares in metrics(found).items()
    }
