"""Controls for what US2 and US3 learn: US4's rules on less, and on patches copied at random instead of learned ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.recorded import recorded
from convnets.neocognitron.data import Digits, sample, split
from convnets.neocognitron.improved import retina
from convnets.neocognitron.improved_cells import disc, normalised
from convnets.neocognitron.improved_learning import Teacher
from convnets.neocognitron.improved_stages import BATCH, State, teach
from convnets.neocognitron.nets import predict
from convnets.neocognitron.recipes import RECIPES, Recipe

__all__ = ["controls", "copied", "taught"]

_DRAWN = 2003  # the seed that draws the test digits of all runs
_FAINT = 0.2  # a patch with less than this share of the mean activity is a fringe, and not copied


@recorded("neocognitron")
def controls(seed: int = 0, *, device: str) -> dict[str, Any]:
    """Test errors with the digits of the run ``fukushima2003-n3000`` of this ``seed``, learning by US4's rules alone.

    ``pixels``: from the image; ``edges``: from UC1's answers; ``copied``: from US2 and US3 with :func:`copied` patches.
    All of it takes place on the CPU.
    """
    recipe, data = replace(RECIPES["fukushima2003-n3000"], seed=seed), split()
    digits, test = sample(data.train, recipe.train_count, seed), sample(data.test, recipe.test_count, _DRAWN)
    net = State(recipe).network()

    def edges(images: Tensor) -> Tensor:
        batches = images.split(BATCH)
        return torch.cat([net.below(retina(batch, recipe.design.scale), 1).flatten(1) for batch in batches])

    def pixels(images: Tensor) -> Tensor:
        return images.flatten(1).float()

    found = {}
    with torch.inference_mode():
        for name, seen in (("pixels", pixels), ("edges", edges)):
            teacher = taught(recipe, seen(digits.images), digits.labels)
            answers = F.normalize(seen(test.images), dim=1) @ teacher.directions[: teacher.planes].T
            found[name] = float((teacher.labels[answers.argmax(1)] != test.labels).double().mean())
    state = copied(recipe, digits)
    teach(state, digits, None, None)
    found["copied"] = float((predict(state.network(), test.images) != test.labels).double().mean())
    return found


def taught(recipe: Recipe, seen: Tensor, labels: Tensor) -> Teacher:
    """US4's planes after all lessons and corrections of ``recipe`` on ``seen`` (N, inputs) with ``labels``."""
    rules, seen = recipe.lessons, F.normalize(seen, dim=1)
    teacher = Teacher(rules, seen.shape[1])
    generator = torch.Generator().manual_seed(recipe.seed)
    for lesson in range(rules.passes + rules.corrections):
        rate = rules.rate * (1 - (lesson - rules.passes) / max(1, rules.corrections))
        for batch in torch.randperm(len(seen), generator=generator).split(rules.batch):
            if lesson < rules.passes:
                teacher.show(seen[batch], labels[batch])
            else:
                teacher.correct(seen[batch], labels[batch], rate)
    return teacher


@torch.inference_mode()
def copied(recipe: Recipe, digits: Digits, count: int = 200) -> State:
    """US2 and US3 with as many planes as they may have, each a patch copied at random from one of ``count`` digits.

    What they see are real strokes, but nothing competes, is chosen, or is learned twice.
    """
    state, generator = State(recipe), torch.Generator().manual_seed(recipe.seed)

    def drawn(below: int) -> int:
        return int(torch.randint(below, (1,), generator=generator))

    for stage, part in ((2, recipe.design.s2), (3, recipe.design.s3)):
        net, c, size = state.network(), disc(part.size, part.radius), part.size
        batches = digits.images[:count].split(BATCH)
        u = torch.cat([net.below(retina(batch, recipe.design.scale), stage - 1) for batch in batches])
        u = F.pad(u, (size // 2,) * 4)
        patches: list[Tensor] = []
        while len(patches) < part.most:
            row, column = (drawn(side - size + 1) for side in u.shape[2:])
            patch = u[drawn(len(u)), :, row : row + size, column : column + size] * c
            if float(patch.sum()) > _FAINT * float(u.sum(1).mean()):
                patches.append(patch)
        state.keep(f"s{stage}", normalised(torch.stack(patches), c))
    return state
