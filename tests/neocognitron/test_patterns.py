"""The five digits of the neocognitron's chapter, their variants, and what the network of 1980 refuses."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.neocognitron import experiment, learning, loops, patterns
from convnets.neocognitron.model import Neocognitron


def test_patterns_are_thin_connected_and_in_the_middle() -> None:
    for digit, image in enumerate(patterns.patterns()):
        assert set(image.unique().tolist()) == {0, 1}
        downs, rights = patterns.room(digit)
        assert downs[0] <= -3 and downs[-1] >= 3 and rights[0] <= -4 and rights[-1] >= 4
        lit = {tuple(cell) for cell in image.nonzero().tolist()}
        reached = {next(iter(sorted(lit)))}
        while grown := {c for c in lit - reached if any(abs(c[0] - r) < 2 and abs(c[1] - s) < 2 for r, s in reached)}:
            reached |= grown
        assert reached == lit, "in one piece"


def test_shifts_move_and_do_nothing_else() -> None:
    image = patterns.pattern(3)
    assert patterns.pattern(3, (2, -4)).equal(image.roll((2, -4), (0, 1)))


@pytest.mark.parametrize("kind", patterns.KINDS)
def test_variants_are_seeded_and_differ_from_the_pattern(kind: str) -> None:
    first, second = patterns.variants(kind), patterns.variants(kind)
    assert all(a.image.equal(b.image) for a, b in zip(first, second, strict=True))
    assert not any(variant.image.equal(patterns.pattern(variant.digit)) for variant in first)
    assert {variant.digit for variant in first} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("kind", patterns.KINDS)
def test_no_variant_comes_twice_and_none_was_learned_from(kind: str) -> None:
    found = [tuple(variant.image.flatten().tolist()) for variant in patterns.variants(kind)]
    learned = {tuple(patterns.pattern(*shown).flatten().tolist()) for shown in learning.schedule(rounds=300, seed=7)}
    assert len(set(found)) == len(found) >= 80
    assert len(learned) == 125 and not learned & set(found)


def test_shifts_to_measure_are_of_three_cells_and_examples_are_of_all_kinds() -> None:
    moved = [variant.image for variant in patterns.variants("shift") if variant.digit == 1]
    expected = {(y, x) for y in range(-3, 4) for x in range(-3, 4) if max(abs(y), abs(x)) == 3}
    assert len(moved) == len(expected)
    assert all(any(image.equal(patterns.pattern(1, shift)) for image in moved) for shift in expected)
    assert [variant.kind for variant in patterns.examples(2)] == [kind for kind in patterns.KINDS for _ in range(2)]


def test_noise_loses_and_adds_as_many_cells_as_it_says() -> None:
    image, noisy = patterns.pattern(0), patterns.noisy(0, lost=3, added=5, seed=0)
    assert int(((image == 1) & (noisy == 0)).sum()) == 3 and int(((image == 0) & (noisy == 1)).sum()) == 5


def test_rows_and_back() -> None:
    image = patterns.deformed(2, 1.0, seed=6)
    assert patterns.from_rows(patterns.to_rows(image)).equal(image)


# --- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (torch.zeros(1, 28, 28), r"16x16 cells, not a tensor of shape \(1, 1, 28, 28\)"),
        (torch.zeros(16), "shape"),
        (torch.full((1, 16, 16), 255), "from 255 to 255.*divide"),
        (torch.full((1, 16, 16), -0.5), "between 0 and 1"),
        (torch.full((1, 16, 16), math.nan), "holds NaN"),
        (np.zeros((1, 16, 16)), "takes a tensor of images, not ndarray"),
    ],
)
def test_images_that_do_not_fit_are_refused(images: Tensor, says: str) -> None:
    with pytest.raises(ConvnetsError, match=says):
        Neocognitron()(images)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_nothing_is_learned_from_an_image_without_contrast(level: float) -> None:
    model = Neocognitron()
    before = model.layers[0].a.clone()
    with pytest.raises(ConvnetsError, match=f"is {level:g} everywhere"):
        learning.present(model, torch.full((16, 16), level))
    assert model.layers[0].a.equal(before)


def test_a_blank_image_is_answered_with_silence() -> None:
    assert float(Neocognitron()(torch.zeros(1, 16, 16)).max()) == 0


def test_one_pattern_alone_is_refused() -> None:
    with pytest.raises(ConvnetsError, match="1 pattern: show at least two"):
        learning.self_organise(Neocognitron(), [learning.Presentation(1, (0, 0))] * 5)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: patterns.pattern(7), "no training pattern 7"),
        (lambda: patterns.pattern(0, (0, 5)), "shift or enlarge it less"),
        (lambda: patterns.resized(2, 2.0, 1.0), "shift or enlarge it less"),
        (lambda: patterns.noisy(1, 99, 0, seed=0), "cannot be lost"),
        (lambda: patterns.variants("colour"), "no kind of change 'colour'"),
        (lambda: patterns.from_rows(["#" * 15] * 16), "16 rows of 16 .*has 16 rows of 15"),
        (lambda: patterns.resized(1, 0, 1), "cannot be drawn 0 times"),
        (lambda: patterns.resized(1, 1, math.nan), "nan times as wide"),
        (lambda: learning.schedule(reach=-1), "up to -1 cells"),
        (lambda: Neocognitron(planes=0), "0 cell-planes has no cell"),
        (lambda: experiment.outcomes(Neocognitron(), []), "no changed picture"),
        (lambda: loops.literal(torch.rand(28, 28).tolist(), []), "16x16 cells"),
        (lambda: loops.by_position(np.full((16, 16), 255.0), []), "from 255 to 255"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], Tensor], says: str) -> None:
    with pytest.raises(ConvnetsError, match=says):
        call()
