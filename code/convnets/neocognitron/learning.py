"""Learning without a teacher (Fukushima 1980, section 3): representatives compete, and the winners are reinforced.

At each presentation every S-layer is treated alike, all three at once:

    1. From each S-column (a small area of the layer, through all planes) the S-cell with the largest output becomes a
       candidate; columns overlap, one at every place where it fits.
    2. Of a plane's candidates the one with the largest output becomes its representative. A plane without a candidate
       has none.
    3. The weights of a representative's plane grow: equations 7 and 8. No weight ever shrinks.

Choice: of outputs that are equal (to :data:`TIE`) the first wins, by plane, then row, then column. Along a straight
stroke many cells see the same, so ties are the rule, and without one the winner would hang on rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.neocognitron.model import FIELD, Module, Neocognitron, Responses, checked
from convnets.neocognitron.patterns import NAMES, REACH, pattern, room

__all__ = ["TIE", "Presentation", "Representative", "Step", "present", "representatives", "schedule", "self_organise"]

TIE = 1e-9
"""Outputs that differ by less are equal."""


class Presentation(NamedTuple):
    """A pattern and where it is shown."""

    digit: int  # index of the pattern
    shift: tuple[int, int]  # cells (down, right) from the middle


class Representative(NamedTuple):
    """The S-cell that a plane sends."""

    plane: int
    row: int
    column: int


class Step(NamedTuple):
    """What one presentation did."""

    responses: Responses  # before the weights grew, for one image
    winners: tuple[tuple[Representative, ...], ...]  # of the three S-layers


def schedule(rounds: int = 20, reach: int = REACH, seed: int = 0, count: int = len(NAMES)) -> list[Presentation]:
    """The first ``count`` patterns in turn, ``rounds`` times, each time shifted at random by up to ``reach`` cells.

    The paper presents each pattern 20 times, at positions "randomly shifted at every presentation" (section 5); how
    far, it does not say. A step that would leave the grid ends at its edge; up to three cells there is room.

    Raises:
        ConvnetsError: a negative reach.
    """
    if reach < 0:
        raise ConvnetsError(f"A pattern cannot be shifted by up to {reach} cells: give 0 or more.")
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(rounds):
        for digit in range(count):
            draws = torch.randint(-reach, reach + 1, (2,), generator=generator).tolist()
            down, right = (min(max(draw, space[0]), space[-1]) for draw, space in zip(draws, room(digit), strict=True))
            found.append(Presentation(digit, (down, right)))
    return found


def representatives(s: Tensor, column: int) -> tuple[Representative, ...]:
    """The cells of one S-layer's answer (planes, h, w) that stand for their planes, in order of planes.

    ``column`` is the width of an S-column in cells. A column in which no cell answers has no candidate.
    """
    planes, height, width = s.shape
    windows = s.unfold(1, column, 1).unfold(2, column, 1)  # planes, places, places, column, column
    across = windows.shape[2]
    windows = windows.permute(1, 2, 0, 3, 4).reshape(-1, planes * column * column)
    highest = windows.max(1).values
    first = (windows >= highest[:, None] - TIE).int().argmax(1)  # argmax of equals: the first
    best: dict[int, tuple[float, Representative]] = {}
    for place, index in enumerate(first.tolist()):
        if highest[place] <= TIE:
            continue
        plane, inside = divmod(index, column * column)
        cell = Representative(plane, place // across + inside // column, place % across + inside % column)
        output = float(s[cell])
        known = best.get(plane)
        if known is None or output > known[0] + TIE or (output > known[0] - TIE and cell < known[1]):
            best[plane] = output, cell
    return tuple(best[plane][1] for plane in sorted(best))


def present(model: Neocognitron, image: Tensor) -> Step:
    """Show one ``image`` (16, 16) and reinforce the representatives' planes, in place.

    Raises:
        ConvnetsError: the image does not fit, or nothing stands out in it.
    """
    image = checked(image[None])[0, 0]
    if image.max() - image.min() < 1e-6:
        raise ConvnetsError(
            f"The image is {float(image.max()):g} everywhere: there is no pattern to learn from; draw one."
        )
    responses = model.responses(image[None])
    winners = tuple(
        representatives(s[0], module.stage.column)
        for s, module in zip((responses.s1, responses.s2, responses.s3), model.layers, strict=True)
    )
    before = (image[None, None].to(responses.s1.dtype), responses.c1, responses.c2)
    for module, u, chosen in zip(model.layers, before, winners, strict=True):
        _reinforce(module, u, chosen)
    return Step(responses, winners)


def _reinforce(module: Module, u: Tensor, chosen: Sequence[Representative]) -> None:
    """Equations 7 and 8: da = q c u and db = (q / 2) v at each representative's place."""
    padded, v, q = module.padded(u)[0], module.v_c(u)[0, 0], module.stage.q
    for plane, row, column in chosen:
        seen = padded[:, row : row + FIELD, column : column + FIELD]
        module.a[plane] += q * module.c * seen
        module.b[plane] += q / 2 * v[row, column]


def self_organise(
    model: Neocognitron,
    presentations: Sequence[Presentation],
    on_step: Callable[[int, Step], None] | None = None,
) -> None:
    """Show ``presentations`` one after another, changing ``model`` in place.

    ``on_step(index, step)`` is called after each.

    Raises:
        ConvnetsError: fewer than two different patterns.
    """
    shown = {presentation.digit for presentation in presentations}
    if len(shown) < 2:
        raise ConvnetsError(
            f"Self-organisation was given {len(shown)} pattern{'s' if len(shown) != 1 else ''}: show at least two "
            "different ones, for a cell can only be called selective against something."
        )
    for index, presentation in enumerate(presentations):
        step = present(model, pattern(presentation.digit, presentation.shift))
        if on_step:
            on_step(index, step)
