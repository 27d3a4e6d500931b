"""Reading a row of touching digits with LeNet-5 moved along it: space displacement.

Every layer of LeNet-5 up to C5 is a convolution or a sub-sampling, so over a wider image the same weights compute
the network's answer at many places at once: one column of answers every four pixels (the product of the two
sub-samplings). Which columns are digits is then decided for the row as a whole. LeCun et al. 1998, section VII;
Matan, Burges, LeCun, Denker: "Multi-Digit Recognition Using a Space Displacement Neural Network", NIPS 4, 1991.

A network that has seen only single digits has no idea of the view between two of them, and is distracted by what
stands left and right. The paper therefore trains on digits with neighbours, and on places without a digit in the
middle: :func:`with_neighbours` makes such images, whose label is :data:`RUBBISH`.

Deviations: the paper finds the best path through a graph that can hold a grammar; ours knows nothing but how close
two digits can stand. It adds salt-and-pepper noise; ours does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.lenet.data import WHITE, Digits, normalise
from convnets.lenet.model import LeNet5

__all__ = [
    "RUBBISH",
    "Reading",
    "column_log_probabilities",
    "edits",
    "read_row",
    "row_accuracy",
    "touching_row",
    "viterbi",
]

FIELD, STRIDE = 32, 4
"""Pixels that one column of answers sees, and pixels from one column to the next."""

RUBBISH = 10
"""Index of the class "no digit", after the ten digits."""


class Reading(NamedTuple):
    """What was read from a row of K columns."""

    digits: tuple[int, ...]
    positions: tuple[int, ...]  # the column of each digit; its centre lies at pixel 4 * column + 16
    log_probabilities: Tensor  # (K, 11), the last class is RUBBISH


def touching_row(images: Tensor, overlap_pixels: int = 0, generator: torch.Generator | None = None) -> Tensor:
    """Set digits (k, 28, 28) uint8 side by side until they touch: (1, 1, 32, 32 + 4m), normalised.

    Neighbours' ink shares ``overlap_pixels`` columns (negative: so many columns of paper lie between them). With a
    ``generator`` the overlap of each pair is drawn from 0 to ``overlap_pixels``, both included. The first digit
    stands where a single 32x32 image has it; where ink meets ink, the darker value stays.
    """
    inks = [image[:, _inked_columns(image)] for image in images]
    left = FIELD // 2 - (inks[0].shape[1] + 1) // 2
    places = [left]
    for ink in inks[:-1]:
        overlap = overlap_pixels
        if generator is not None:
            drawn = int(torch.randint(abs(overlap_pixels) + 1, (), generator=generator))
            overlap = drawn if overlap_pixels >= 0 else -drawn
        places.append(places[-1] + max(1, ink.shape[1] - overlap))
    width = places[-1] + inks[-1].shape[1] // 2 + FIELD // 2
    row = images.new_zeros(FIELD, FIELD + STRIDE * max(0, -(-(width - FIELD) // STRIDE)))
    for place, ink in zip(places, inks, strict=True):
        window = row[2:30, place : place + ink.shape[1]]
        torch.maximum(window, ink, out=window)
    return normalise(row)[None, None]


def with_neighbours(x: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Training images as a row shows them: (N, 1, 32, 32) normalised digits and labels (N,) -> the same shapes.

    Other digits of the batch stand left and right, -1 to 4 pixels away (the paper's range), each missing once in
    five. Three times in ten the middle lies between the two neighbours: the label is then RUBBISH.
    """
    count, width, device = len(x), x.shape[-1], x.device

    def draw(low: int, high: int) -> Tensor:
        return torch.randint(low, high + 1, (count,), generator=generator, device=device)

    others = [torch.randperm(count, generator=generator, device=device) for _ in range(2)]
    before, after, nobody = draw(-1, 4), draw(-1, 4), draw(0, 9) < 3
    first, last = _ink_ends(x)
    left_end = torch.where(nobody, width // 2 + draw(-2, 2) - before, first - before)
    right_start = torch.where(nobody, left_end + before, last + 1 + after)
    left = _slide(x[others[0]], left_end - 1 - last[others[0]], blank=draw(0, 4) == 0)
    right = _slide(x[others[1]], right_start - first[others[1]], blank=draw(0, 4) == 0)
    middle = _slide(x, torch.zeros_like(labels), blank=nobody)
    return torch.maximum(middle, torch.maximum(left, right)), torch.where(nobody, RUBBISH, labels)


def column_log_probabilities(scores: Tensor, rubbish_penalty: float, temperature: float = 1.0) -> Tensor:
    """Scores (..., 10) -> log-probabilities (..., 11) of ten digits and rubbish.

    ``log p_i = -y_i - log(e^-j + sum_k e^-y_k)``, and the same with j for rubbish: the loss of equation 9, read as
    a probability. As in that loss, scores and j are divided by the ``temperature`` first.
    """
    rubbish = scores.new_full((*scores.shape[:-1], 1), -rubbish_penalty)
    return (torch.cat([scores, rubbish], -1) / temperature).log_softmax(-1)


def viterbi(log_probabilities: Tensor, spacing: int) -> list[int]:
    """The columns that hold a digit: the most probable choice in which two of them are ``spacing`` or more apart.

    Of K columns each is a digit's or rubbish. With ``gain[k] = max_i log p[k, i] - log p[k, rubbish]`` the total
    log-probability is a constant plus the gains of the columns chosen, and the best total over the first k columns is

    ``best[k] = max(best[k - 1], gain[k - 1] + best[k - spacing])``

    (leave column k - 1 out, or take it and leave out those that are too close before it).
    """
    gain = (log_probabilities[:, :RUBBISH].max(1).values - log_probabilities[:, RUBBISH]).tolist()
    best = [0.0]
    for k, value in enumerate(gain, start=1):
        best.append(max(best[k - 1], value + best[max(0, k - spacing)]))
    chosen, k = [], len(gain)
    while k > 0:
        if best[k] == best[k - 1]:
            k -= 1
        else:
            chosen.append(k - 1)
            k = max(0, k - spacing)
    return chosen[::-1]


@torch.inference_mode()
def read_row(
    model: LeNet5, row: Tensor, rubbish_penalty: float = 60.0, temperature: float = 10.0, spacing: int = 4
) -> Reading:
    """Read a normalised ``row`` (1, 1, 32, 32 + 4m) of digits whose middles lie ``4 * spacing`` pixels apart or more.

    ``rubbish_penalty`` and ``temperature`` are those of the recipe that trained ``model``. A network that was trained
    with neighbours can do with a ``spacing`` of 3, in which narrow digits have room.
    """
    log_p = column_log_probabilities(model.eval().read_wide(row)[0], rubbish_penalty, temperature)
    positions = viterbi(log_p, spacing)
    digits = log_p[positions, :RUBBISH].argmax(1).tolist()
    return Reading(tuple(digits), tuple(positions), log_p)


class RowAccuracy(NamedTuple):
    """How well rows are read."""

    rows: float  # share of rows without a mistake
    digits: float  # one minus insertions, deletions and substitutions per digit
    rows_read: int


def row_accuracy(
    model: LeNet5, digits: Digits, overlap_pixels: int = 0, *, length: int = 5, rows: int = 200, seed: int = 0,
    rubbish_penalty: float = 60.0, temperature: float = 10.0, spacing: int = 4,
) -> RowAccuracy:  # fmt: skip
    """Read ``rows`` rows of ``length`` digits drawn from ``digits``, and compare with their labels."""
    generator = torch.Generator().manual_seed(seed)
    right = mistakes = 0
    for _ in range(rows):
        drawn = digits.take(torch.randint(len(digits.labels), (length,), generator=generator))
        row = touching_row(drawn.images, overlap_pixels)
        wrong = edits(read_row(model, row, rubbish_penalty, temperature, spacing).digits, drawn.labels.tolist())
        right, mistakes = right + (wrong == 0), mistakes + wrong
    return RowAccuracy(right / rows, 1 - mistakes / (rows * length), rows)


def edits(found: Sequence[int], truth: Sequence[int]) -> int:
    """Fewest insertions, deletions and substitutions that turn ``found`` into ``truth`` (Levenshtein 1966)."""
    costs = list(range(len(truth) + 1))
    for i, a in enumerate(found, start=1):
        diagonal, costs[0] = costs[0], i
        for j, b in enumerate(truth, start=1):
            diagonal, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, diagonal + (a != b))
    return costs[-1]


def _inked_columns(image: Tensor) -> slice:
    """From the first to the last column with clear ink; a blank image counts as one column in the middle."""
    inked = (image > 64).any(0).nonzero()[:, 0].tolist()
    return slice(inked[0], inked[-1] + 1) if inked else slice(14, 15)


def _ink_ends(x: Tensor) -> tuple[Tensor, Tensor]:
    """First and last column (N,) with clear ink; the middle for a blank image."""
    inked, places = (x > 0.22).any(2)[:, 0], torch.arange(x.shape[-1], device=x.device)
    middle = x.shape[-1] // 2
    first = torch.where(inked, places, x.shape[-1]).amin(1)
    return torch.where(inked.any(1), first, middle), torch.where(inked, places, 0).amax(1).where(inked.any(1), middle)


def _slide(x: Tensor, pixels: Tensor, blank: Tensor) -> Tensor:
    """Move each image to the right by its own number of ``pixels`` (N,); the ``blank`` ones (N,) become paper."""
    source = torch.arange(x.shape[-1], device=x.device) - pixels[:, None]
    inside = (source >= 0) & (source < x.shape[-1]) & ~blank[:, None]
    moved = x.gather(-1, source.clamp(0, x.shape[-1] - 1)[:, None, None].expand_as(x))
    return torch.where(inside[:, None, None], moved, WHITE)
