"""The world: the same for the same seed, its boxes and shapes exact, and hard enough that a toy loses."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from toyplaces import photographs

from convnets.common.boxes import area, overlap
from convnets.common.errors import ConvnetsError
from convnets.localisation import measure, world
from convnets.localisation.world import NOTHING, SIDE, Outlines


def drawn(count: int = 40, seed: int = 0, labels: Tensor | None = None) -> world.Scenes:
    given = torch.arange(count) % 2 if labels is None else labels
    return world.scenes(torch.from_numpy(photographs(count)), given, torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def many() -> world.Scenes:
    return drawn(300)


def test_a_seed_gives_the_same_world() -> None:
    one, same, other = drawn(8, 3), drawn(8, 3), drawn(8, 4)
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not torch.equal(one.images, other.images)


def test_boxes_are_the_tightest_around_their_shapes(many: world.Scenes) -> None:
    for mask, box in zip(many.masks, many.boxes, strict=True):
        rows, columns = mask.nonzero().T
        assert box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def test_things_differ_in_size_place_and_form(many: world.Scenes) -> None:
    sides = many.boxes[:, 2:] - many.boxes[:, :2]
    assert sides.max() <= SIDE
    longer = sides.max(1).values
    assert longer.min() < 27 < 43 < longer.max()
    assert (sides[:, 0] / sides[:, 1]).log().std() > 0.15
    middles = (many.boxes[:, :2] + many.boxes[:, 2:]) / 2
    assert middles.std(0).min() > 6


def test_a_centred_box_loses(many: world.Scenes) -> None:
    best = measure.centred(many.boxes, SIDE, SIDE)
    assert measure.localised(best.expand_as(many.boxes), many.boxes).double().mean() < 0.35


def test_the_shape_is_where_the_picture_was_changed() -> None:
    """Pasted on black without light or noise, a white photograph is white inside its shape and black outside."""
    shape = world.outlines(1, torch.Generator().manual_seed(1))
    black, white = torch.zeros(64, 64, 3, dtype=torch.uint8), torch.full((32, 32, 3), 255, dtype=torch.uint8)
    picture, mask = world.paste(black, white, shape)
    assert torch.equal(picture[..., 0] >= 128, mask)
    cover = world.covered(shape)[0]
    assert 0 < ((cover > 0) & (cover < 1)).sum() < 200  # an edge is one pixel or two wide


def test_a_circle_has_the_area_of_a_circle() -> None:
    plain = Outlines(torch.tensor([[30.0, 34.0]]), torch.tensor([20.0]), torch.ones(1, 2), torch.zeros(1),
                     torch.zeros(1, 4), torch.zeros(1, 4))  # fmt: skip
    cover = world.covered(plain)[0]
    assert float(cover.sum()) == pytest.approx(math.pi * 20**2, rel=2e-3)
    assert world.boxes_of(cover[None] >= 0.5)[0].tolist() == [10, 14, 50, 54]


def test_a_thing_may_be_mirrored() -> None:
    plain = Outlines(torch.tensor([[32.0, 32.0]]), torch.tensor([16.0]), torch.ones(1, 2), torch.zeros(1),
                     torch.zeros(1, 4), torch.zeros(1, 4))  # fmt: skip
    photograph = torch.zeros(32, 32, 3, dtype=torch.uint8)
    photograph[:, 16:] = 200
    ground = torch.zeros(64, 64, 3, dtype=torch.uint8)
    for mirrored, (left, right) in {False: (0, 200), True: (200, 0)}.items():
        picture, _ = world.paste(ground, photograph, plain, mirrored)
        assert (picture[32, 25, 0], picture[32, 39, 0]) == (left, right)


def test_scrambled_photographs_keep_mean_and_spectrum_and_show_nothing() -> None:
    held = torch.from_numpy(photographs(6)).permute(0, 3, 1, 2).float() / 255 * 0.4 + 0.3  # so that nothing is cut off
    found = world.scrambled(held, torch.Generator().manual_seed(0))
    assert torch.allclose(found.mean((2, 3)), held.mean((2, 3)), atol=0.02)
    sizes = [torch.fft.rfft2(one).abs() for one in (held, found)]
    assert float((sizes[0] - sizes[1]).abs().mean() / sizes[0].mean()) < 0.1
    pairs = [np.corrcoef(a.flatten(), b.flatten())[0, 1] for a, b in zip(held.numpy(), found.numpy(), strict=True)]
    assert max(map(abs, pairs)) < 0.8


def test_a_picture_may_show_nothing() -> None:
    found = drawn(4, labels=torch.tensor([0, NOTHING, 1, NOTHING]))
    assert found.boxes[[1, 3]].tolist() == [[0, 0, 0, 0]] * 2
    assert not found.masks[[1, 3]].any() and found.masks[[0, 2]].any((1, 2)).all()


def test_habitats_tell_the_class() -> None:
    labels = torch.arange(2).repeat(30)
    draw = torch.Generator().manual_seed(0)
    grounds = world.habitats(labels, draw).mean((2, 3)).reshape(30, 2, 3)
    within = grounds.std(0).mean()
    between = grounds.mean(0).std(0).mean()
    assert between > 1.5 * within
    strange = world.habitats(labels, draw, share=0.0).mean((2, 3)).reshape(30, 2, 3)
    assert strange.mean(0).std(0).mean() < between / 1.5


def test_boxes_of_nothing_and_of_everything() -> None:
    masks = torch.zeros(2, 5, 7, dtype=torch.bool)
    masks[1] = True
    assert world.boxes_of(masks).tolist() == [[0, 0, 0, 0], [0, 0, 7, 5]]
    assert world.boxes_of(masks[:0]).shape == (0, 4)
    assert area(world.boxes_of(masks)).tolist() == [0, 35]
    assert overlap(*world.boxes_of(masks)).item() == 0


@pytest.mark.parametrize("things, labels, said", [
    (torch.zeros(0, 32, 32, 3, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64), "one or more"),
    (torch.zeros(2, 3, 32, 32, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64), "cannot be pasted"),
    (torch.zeros(2, 32, 32, 3), torch.zeros(2, dtype=torch.int64), "uint8"),
    (torch.zeros(2, 32, 32, 3, dtype=torch.uint8), torch.tensor([0, 3]), "from 0 to 3"),
    (torch.zeros(2, 32, 32, 3, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64), "give each one"),
])  # fmt: skip
def test_what_is_no_thing_is_told(things: Tensor, labels: Tensor, said: str) -> None:
    with pytest.raises(ConvnetsError, match=said):
        world.scenes(things, labels, torch.Generator())
