"""The recipes of the neocognitrons: what each run depends on besides data and code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from convnets.neocognitron.improved import Design
from convnets.neocognitron.improved_learning import Lessons

__all__ = ["RECIPES", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code; the network of 1980 uses name, net, seed and epochs."""

    name: str
    net: str  # a key of NETS
    seed: int = 0  # draws the training digits, if they are a part, and the order in which they are shown
    epochs: int = 0  # instead of Lessons.corrections (2003; where there are any) or the rounds (1980); 0 = as there
    train_count: int = 0  # training digits used, 0 = all that validation leaves
    test_count: int = 0  # test digits looked at, 0 = all; drawn once, the same for every seed
    validation_count: int = 0  # validation digits looked at, likewise
    organising: int = 600  # training digits that US2 and US3 see
    design: Design = field(default_factory=Design)
    lessons: Lessons = field(default_factory=Lessons)


_FULL = Recipe("fukushima2003", "fukushima2003")
_SMALL_SET = replace(_FULL, name="fukushima2003-n3000", train_count=3000, test_count=3000, validation_count=2000)


def _changed(name: str, **design: Any) -> Recipe:
    return replace(_SMALL_SET, name=f"{_SMALL_SET.name}-{name}", design=replace(Design(), **design))


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        # The published networks; the first is what `convnets train neocognitron` trains.
        _FULL,
        Recipe("fukushima1980", "fukushima1980"),
        # The rule of 2003 alone: no wrong winner unlearns.
        replace(_FULL, name="fukushima2003-uncorrected", lessons=replace(_FULL.lessons, corrections=0)),
        # As many digits as the paper had; but the constants were chosen with more, see Lessons.
        _SMALL_SET,
        # One rule changed at a time.
        replace(
            _SMALL_SET, name=f"{_SMALL_SET.name}-uncorrected", lessons=replace(_SMALL_SET.lessons, corrections=0)
        ),
        _changed("nosurround", c1=replace(Design.c1, strength=0.0), c2=replace(Design.c2, strength=0.0)),
        _changed("nocontrast", contrast_layer=False),
        _changed(
            "onethreshold", s2=replace(Design.s2, learning=Design.s2.recognition),
            s3=replace(Design.s3, learning=Design.s3.recognition),
        ),
    ]
}  # fmt: skip
