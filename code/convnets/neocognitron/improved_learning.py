"""How the cells of the neocognitron of 2003 come about: competition and seed cells, no error sent to a layer below.

Fukushima 2003 (see ``improved.py``). US2 and US3 organise themselves without labels (:class:`Organiser`), US4 with them
(:class:`Teacher`). In both, but for the deviation below, the only cells that change are winners, and all that a winner
learns is the pattern in front of it: its weights grow by the answers of the cells below it, times the weights c of its
V-cell. Planes are added where nothing answers, in US4 also where a plane of another label wins. The rules are
*recalled*, see ``improved.py``. Our choices:

    - Seeds of US2 and US3 are chosen by the cell's answer times that of its V-cell, so that strong strokes come first.
    - A seed's competitors lie within :attr:`Competition.reach` cells of it, in all planes; a plane has one seed a
      picture at most, its strongest. Cells where the V-cell answers less than :attr:`Competition.faintest` of the
      strongest answers of the first pictures do not compete: what they see is a picture's faint fringe.
    - Where no plane answers, the place with the strongest input becomes the seed of a new plane, until there is none.
    - US4's competition is between the cells in the middle of its planes, for MNIST's digits lie in the middle of their
      images; when digits are recognised, all 25 cells of a plane compete.
    - US4 is shown batches: its winners are found with the weights at the start of the batch, and with the planes that
      were added since. Every pattern counts alike: it is divided by what the V-cell answers to it.
    - US4 stops adding planes at :attr:`Lessons.most`, which all of MNIST brings about in the first pass; from then on
      a wrong winner has no consequence, where the rule of 2003 would add a plane.
    - **Deviation:** after the lessons by the rule of 2003, :attr:`Lessons.corrections` passes follow in which the
      strongest wrong plane unlearns a digit that the strongest right one hardly beats (learning vector quantisation:
      Kohonen, "Self-Organizing Maps", 1995, chapter 6), and the right one learns it. Weights stay at zero or above.
      A cell changes by what it sees itself; which two change, and whether they do, takes a comparison of their answers
      and the label. For one digit this is a gradient step on US4's margin loss max(0, margin - right + wrong),
      with the weights then kept positive and of unit size; no error reaches a layer below.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError
from convnets.neocognitron.improved_cells import disc, normalised, s_response, v_response

__all__ = ["Competition", "Lessons", "Organiser", "Teacher", "seeds"]


@dataclass(frozen=True)
class Competition:
    """How the cells of one layer compete while it organises itself."""

    threshold: float  # of the layer's S-cells while they learn
    reach: int = 2  # a seed's rivals lie at most so many cells away, along either axis
    faintest: float = 0.2  # V-cells below this share of the strongest ones see too little to compete
    most: int = 100  # planes; when there are so many, no more are added


def seeds(response: Tensor, reach: int) -> list[tuple[int, int, int]]:
    """(plane, row, column) of the seed cells among ``response`` (K, H, W), in the order of the planes.

    A seed answers, answers as strongly as any cell of any plane within ``reach``, and strongest in its own plane.
    """
    strongest = _nearby(response.amax(0, keepdim=True), reach)
    winners = response * ((response == strongest) & (response > 0))
    value, place = winners.flatten(1).max(1)
    width = response.shape[2]
    return [(k, *divmod(int(place[k]), width)) for k in value.nonzero()[:, 0].tolist()]


class Organiser:
    """A layer of S-cells that organises itself: pictures go in one by one, planes grow, come and stay."""

    def __init__(self, rules: Competition, size: int, radius: float) -> None:
        self.rules = rules
        self.c = disc(size, radius)
        self.padding = size // 2
        self.sums = torch.zeros(0)  # (K, C, size, size): what each plane has learned, c times the patterns it won
        self.floor = 0.0
        self.history: list[int] = []  # planes after each picture

    @property
    def weights(self) -> Tensor:
        """(K, C, size, size) weights of unit size.

        Raises:
            ConvnetsError: no picture made any cell answer, so there is no plane.
        """
        if not len(self.sums):
            raise ConvnetsError("No cell-plane has come about: show pictures that are not blank.")
        return normalised(self.sums, self.c)

    def organise(self, u: Tensor) -> Tensor:
        """Show the answers ``u`` (N, C, H, W) of the layer below, one picture after the other; the weights."""
        if not len(u):
            raise ConvnetsError("Nothing to learn from: give at least one picture.")
        strongest = v_response(u[:50].float(), self.c, self.padding).amax((1, 2, 3))
        self.floor = self.rules.faintest * float(strongest.mean())
        for picture in u:
            self.show(picture.float())
        return self.weights

    def show(self, u: Tensor) -> None:
        """One picture: (C, H, W). Winners learn it; where nobody answers, new planes do."""
        v = v_response(u[None], self.c, self.padding)
        awake = v > self.floor
        padded = F.pad(u, (self.padding,) * 4)
        busy = torch.zeros_like(v)
        if len(self.sums):
            response = self._answer(u, self.weights, v) * awake * v
            busy = response.amax(1, keepdim=True)
            for plane, row, column in seeds(response[0], self.rules.reach):
                self.sums[plane] += self._pattern(padded, row, column)
        while len(self.sums) < self.rules.most:
            silent = v * awake * (_nearby(busy[0], self.rules.reach) == 0)
            if not bool((silent > 0).any()):
                break
            row, column = divmod(int(silent.argmax()), v.shape[3])
            new = self._pattern(padded, row, column)[None]
            self.sums = torch.cat([self.sums, new]) if len(self.sums) else new.clone()
            busy = torch.maximum(busy, self._answer(u, normalised(new, self.c), v))
            busy[0, 0, row, column] = 1.0
        self.history.append(len(self.sums))

    def _answer(self, u: Tensor, weights: Tensor, v: Tensor) -> Tensor:
        return s_response(F.conv2d(u[None], weights, padding=self.padding), v, self.rules.threshold)

    def _pattern(self, padded: Tensor, row: int, column: int) -> Tensor:
        size = len(self.c)
        return padded[:, row : row + size, column : column + size] * self.c


def _nearby(x: Tensor, reach: int) -> Tensor:
    """Largest value within ``reach`` of each place of (1, H, W)."""
    return F.max_pool2d(x[None], 2 * reach + 1, 1, reach)[0]


@dataclass(frozen=True)
class Lessons:
    """How US4 learns digits by their labels.

    These constants and those of ``improved.Design`` were chosen in about fifty trials, with up to 15,000 training and
    3,000 validation digits. So the validation error is optimistic, and a run with 3,000 digits owes something to more.
    """

    passes: int = 2  # over the digits, by the rule of 2003
    most: int = 340  # planes; when there are so many, no more are added
    corrections: int = 10  # passes in which wrong winners unlearn; 0: the rule of 2003 alone
    margin: float = 0.08  # a right answer that leads by less (of 1, the answer to the very pattern) is corrected too
    rate: float = 0.05  # share of a pattern that is learned or unlearned at the first correction; falls to zero
    batch: int = 50  # digits


class Teacher:
    """US4 while it learns: planes with labels, each the sum of the patterns it won."""

    def __init__(self, rules: Lessons, inputs: int) -> None:
        self.rules = rules
        self.sums = torch.zeros(rules.most, inputs)
        self.directions = torch.zeros(rules.most, inputs)  # the sums, of unit length
        self.labels = torch.full((rules.most,), -1)
        self.planes = 0

    def show(self, patterns: Tensor, labels: Tensor) -> Tensor:
        """One batch (B, inputs) of unit length with ``labels`` (B,), by the rule of 2003; the winners' answers (B,).

        The winner learns a pattern of its own label. If its label is wrong, or nobody answers, a new plane does.
        """
        before = self.planes
        answers = patterns @ self.directions[:before].T
        best = torch.zeros(len(patterns))
        for index, (pattern, label) in enumerate(zip(patterns, labels.tolist(), strict=True)):
            among = torch.cat([answers[index], self.directions[before : self.planes] @ pattern])
            winner = int(among.argmax()) if len(among) else -1
            best[index] = among[winner] if len(among) else 0.0
            if best[index] > 0 and self.labels[winner] == label:
                self._learn(winner, pattern)
            elif self.planes < self.rules.most:
                self.labels[self.planes] = label
                self._learn(self.planes, pattern)
                self.planes += 1
        return best

    def correct(self, patterns: Tensor, labels: Tensor, rate: float) -> int:
        """One batch by the rule of correction, with ``rate``; how many digits needed it."""
        mine = self.labels[: self.planes]
        own = labels[:, None] == mine
        answers = patterns @ self.directions[: self.planes].T
        right, best = torch.where(own, answers, -1.0).max(1)
        wrong, rival = torch.where(own, -1.0, answers).max(1)
        needed = (right - wrong < self.rules.margin) & (right >= 0) & (wrong >= 0)
        for pattern, winner, loser in zip(patterns[needed], best[needed], rival[needed], strict=True):
            self.directions[winner] += rate * pattern
            self.directions[loser] = (self.directions[loser] - rate * pattern).clamp(min=0)
        touched = torch.cat([best[needed], rival[needed]]).unique()
        self.directions[touched] = F.normalize(self.directions[touched], dim=1)
        return int(needed.sum())

    def _learn(self, plane: int, pattern: Tensor) -> None:
        self.sums[plane] += pattern
        self.directions[plane] = F.normalize(self.sums[plane], dim=0)
