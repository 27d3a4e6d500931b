"""The neocognitron of 2003: published sizes, what its cells answer, how they compete, and what they refuse."""

from __future__ import annotations

import math

import pytest
import torch

from convnets.common.errors import ConvnetsError
from convnets.neocognitron import improved, improved_cells, improved_learning
from convnets.neocognitron.improved import SIZES, Design, ImprovedNeocognitron, retina
from convnets.neocognitron.improved_cells import Pool, Simple, disc, normalised, s_response, shunting, v_response
from convnets.neocognitron.improved_learning import Competition, Lessons, Organiser, Teacher, seeds


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def net() -> ImprovedNeocognitron:
    """A network of few planes with random weights: it computes, it has learned nothing."""
    model = ImprovedNeocognitron((3, 4, 5))
    for name, layer in (("s2", model.s2), ("s3", model.s3)):
        layer.weights.copy_(normalised(random(*layer.weights.shape, seed=len(name)), layer.c))
    model.s4.weights.copy_(random(*model.s4.weights.shape) / 20)
    model.s4.labels.copy_(torch.tensor([0.0, 1, 2, 2, 9]))
    return model


def test_every_layer_has_the_published_size(net: ImprovedNeocognitron) -> None:
    assert SIZES == {
        "u0": 65, "contrast": 71, "s1": 68, "c1": 37, "s2": 38, "c2": 21, "s3": 22, "c3": 13, "s4": 5, "c4": 1,
    }  # fmt: skip
    planes = {"contrast": 2, "s1": 16, "c1": 16, "s2": 3, "c2": 3, "s3": 4, "c3": 4, "s4": 5}
    found = dict(zip(list(SIZES)[1:], net.stages(random(2, 1, 65, 65)), strict=True))
    assert found.pop("c4").shape == (2, 10)
    assert {name: tuple(x.shape) for name, x in found.items()} == {
        name: (2, count, SIZES[name], SIZES[name]) for name, count in planes.items()
    }


def test_no_weight_wants_a_gradient_and_only_what_is_learned_is_stored(net: ImprovedNeocognitron) -> None:
    assert not any(weight.requires_grad for weight in net.parameters())
    assert set(net.state_dict()) == {"s2.weights", "s3.weights", "s4.weights", "s4.labels"}
    assert not net(random(1, 1, 65, 65)).requires_grad


def test_contrast_layer_is_silent_on_even_grounds_and_split_into_two_signs() -> None:
    layer = improved._Contrast(Design())
    hat = layer.hat[0, 0]
    assert hat.sum().item() == pytest.approx(0, abs=1e-6)
    assert hat.clamp(min=0).sum().item() == pytest.approx(1)
    x = torch.zeros(1, 1, 65, 65)
    x[..., 20:45, 20:45] = 1
    found = layer(x)[0]
    assert found[:, 35, 35].tolist() == pytest.approx([0, 0], abs=1e-6)  # inside the square
    assert found[:, 5, 5].tolist() == [0, 0]  # outside it
    assert found[0, 35, 23] > 0.05  # just inside its left side: light on dark
    assert found[1, 35, 22] > 0.05  # just outside: dark beside light
    assert (found[0] * found[1]).max() == 0


def test_without_the_contrast_layer_edges_see_the_image_and_its_negative() -> None:
    layer = improved._Contrast(Design(contrast_layer=False))
    x = random(1, 1, 65, 65)
    assert torch.equal(layer(x)[0, 0, 3:-3, 3:-3], x[0, 0])
    assert torch.equal(layer(x)[0, 1], 1 - layer(x)[0, 0])


def test_s_cell_against_a_scalar_computation() -> None:
    u, a, theta = random(3, 4, 4), random(3, 4, 4, seed=1), 0.6
    c = disc(4, 2.2)
    excitation = inhibition = weight = 0.0
    for k in range(3):
        for i in range(4):
            for j in range(4):
                if (i - 1.5) ** 2 + (j - 1.5) ** 2 > 2.2**2:
                    continue
                excitation += float(a[k, i, j] * u[k, i, j])
                inhibition += float(c[i, j] * u[k, i, j] ** 2)
                weight += float(a[k, i, j] ** 2 / c[i, j])
    inhibition, weight = math.sqrt(inhibition), math.sqrt(weight)
    expected = max(0.0, excitation / (weight * inhibition) - theta) / (1 - theta)
    layer = Simple(normalised((a * (c > 0))[None], c), 2.2, theta, 0)
    assert layer(u[None]).item() == pytest.approx(expected, abs=1e-5)
    size = 1e5  # what the limit of long training means: weights so large that the ones do not count
    literal = theta / (1 - theta) * max(0.0, (1 + size * excitation) / (1 + theta * size * weight * inhibition) - 1)
    large = shunting(torch.tensor(size * excitation), torch.tensor(size * weight * inhibition), theta).item()
    assert large == pytest.approx(literal, rel=1e-4)
    assert large == pytest.approx(expected, abs=1e-3)


def test_s_cell_answers_one_to_its_pattern_whatever_the_contrast_and_nothing_below_the_threshold() -> None:
    c = disc(4, 2.2)
    pattern = random(1, 2, 4, 4) * (c > 0)
    layer = Simple(normalised(pattern * c, c), 2.2, 0.55, 0)
    for contrast in (0.01, 1.0, 7.0):
        assert layer(contrast * pattern).item() == pytest.approx(1, abs=1e-4)
    e, v = torch.tensor([0.5, 0.6, 0.7]), torch.ones(3)
    assert s_response(e, v, 0.6).tolist() == pytest.approx([0, 0, 0.25], abs=1e-6)
    assert layer(torch.zeros(1, 2, 4, 4)).item() == 0


def test_v_cell_is_a_weighted_root_mean_square() -> None:
    c = disc(9, 3.7)
    assert c.sum().item() == pytest.approx(1)
    assert (c > 0).sum() == 45
    assert v_response(torch.full((1, 4, 9, 9), 3.0), c).item() == pytest.approx(6)  # sqrt(4 planes * 9)


def test_edge_cells_prefer_their_own_of_sixteen_directions() -> None:
    weights = improved.edge_weights(Design()).flatten(1)
    cosine = weights @ (weights / weights.norm(dim=1, keepdim=True)).T
    assert len(weights) == 16
    assert cosine.argmax(1).tolist() == list(range(16))
    opposite = cosine[range(16), [(k + 8) % 16 for k in range(16)]]
    assert (opposite < 0.6 * cosine.diagonal()).all()  # an edge the other way round is another feature


def test_c_cells_forgive_a_shift_and_their_surround_suppresses_what_is_uniform() -> None:
    blur = Pool(37, 68, 2.6, 1.0)
    one, moved = torch.zeros(1, 1, 68, 68), torch.zeros(1, 1, 68, 68)
    one[..., 30, 30] = moved[..., 30, 32] = 1
    assert torch.allclose(blur(one)[..., :-1], blur(moved)[..., 1:], atol=1e-6)  # two S-cells are one C-cell
    assert (blur(one) > 0).sum() > 9
    flat = torch.ones(1, 1, 68, 68)
    assert blur(flat)[0, 0, 18, 18].item() == pytest.approx(1, abs=0.02)
    assert Pool(37, 68, 2.6, 1.0, 4.5, 1.0)(flat)[0, 0, 18, 18].item() == pytest.approx(0, abs=0.02)
    rooted = Pool(37, 68, 2.6, 0.5)(one)
    assert torch.allclose(rooted**2, blur(one), atol=1e-5)


def test_a_blur_is_a_gaussian_cut_at_two_and_a_half_deviations() -> None:
    row = improved_cells.gaussian_rows(37, 68, 2.6)[18]  # its middle lies between the S-cells 33 and 34
    distance = torch.arange(68) - 33.5
    assert torch.equal(row > 0, distance.abs() <= 6.5)
    assert row.sum().item() == pytest.approx(1)
    assert (row[38] / row[33]).item() == pytest.approx(math.exp(-(4.5**2 - 0.5**2) / (2 * 2.6**2)), rel=1e-5)


def test_the_last_layer_gives_each_digit_its_strongest_plane(net: ImprovedNeocognitron) -> None:
    *_, s4, c4 = net.stages(random(3, 1, 65, 65))
    strongest = s4.amax((2, 3))
    assert torch.equal(c4[:, 2], strongest[:, 2:4].amax(1))
    assert torch.equal(c4[:, 9], strongest[:, 4])
    assert (c4[:, [3, 4, 5, 6, 7, 8]] == 0).all()


def test_the_last_layer_is_a_convolution(net: ImprovedNeocognitron) -> None:
    u = random(2, 4, 13, 13)
    kernel = torch.zeros(5, 4, 81)
    inside = (disc(9, 3.7).flatten() > 0).nonzero()[:, 0]
    kernel[:, :, inside] = net.s4.weights
    v = v_response(u, disc(9, 3.7))
    expected = s_response(torch.nn.functional.conv2d(u, kernel.unflatten(2, (9, 9))), v, 0.3)
    assert torch.allclose(net.s4(u)[0], expected, atol=1e-5)


def test_seeds_are_the_strongest_in_reach_and_one_a_plane() -> None:
    response = torch.zeros(3, 9, 9)
    response[0, 1, 1], response[1, 2, 2] = 0.5, 0.9  # rivals: the second wins
    response[2, 7, 7], response[2, 1, 7] = 0.4, 0.3  # one plane twice: the stronger stays
    assert seeds(response, 2) == [(1, 2, 2), (2, 7, 7)]
    assert seeds(torch.zeros(3, 9, 9), 2) == []


def test_a_layer_adds_planes_for_what_nobody_knows_and_reinforces_what_it_knows() -> None:
    upright, lying = torch.zeros(2, 12, 12), torch.zeros(2, 12, 12)
    upright[0, 2:10, 6], lying[1, 6, 2:10] = 1, 1
    layer = Organiser(Competition(0.8, reach=2, most=50), 4, 2.2)
    layer.organise(torch.stack([upright]))
    first, before = len(layer.weights), layer.sums.sum()
    layer.show(upright)
    assert len(layer.weights) == first  # nothing new in it
    assert layer.sums.sum() > before  # but it was learned again
    layer.show(lying)
    assert len(layer.weights) > first
    few = Organiser(Competition(0.8, reach=2, most=2), 4, 2.2)
    few.organise(torch.stack([upright, lying]))
    assert len(few.weights) == 2


def test_a_strong_stroke_becomes_the_seed_before_a_faint_copy_of_what_is_known() -> None:
    known = torch.zeros(1, 24, 24)
    known[0, 2:10, 6] = 1
    layer = Organiser(Competition(0.5, reach=1, most=1), 4, 2.2)
    layer.organise(known[None])
    faint = 0.4 * known
    bent = torch.zeros(1, 24, 24)
    bent[0, 12:16, 18], bent[0, 16:20, 19] = 1, 1
    for picture, least in ((faint, 0.0), (faint + bent, 1.0)):
        before = layer.sums.clone()
        layer.show(picture)
        learned = (layer.sums - before).max() / layer.c.max()
        assert learned >= least - 1e-6, "what was learned is as bright as the stroke"


def unit(*angles: float) -> torch.Tensor:
    return torch.tensor([[math.cos(a), math.sin(a)] for a in angles])


def test_the_winner_learns_its_own_label_and_a_wrong_winner_calls_for_a_new_plane() -> None:
    teacher = Teacher(Lessons(most=3), 2)
    teacher.show(unit(0.0), torch.tensor([4]))
    teacher.show(unit(0.4), torch.tensor([4]))
    assert teacher.planes == 1
    assert torch.allclose(teacher.directions[0], unit(0.2)[0], atol=1e-6)  # between what it has won
    teacher.show(unit(0.5, 1.4), torch.tensor([7, 7]))
    assert teacher.planes == 2  # the second 7 is won by the plane that the first one made
    assert teacher.labels[:2].tolist() == [4, 7]
    teacher.show(unit(1.5, 0.1), torch.tensor([1, 2]))
    assert teacher.planes == 3  # and no more than that


def test_correction_moves_the_right_plane_to_the_digit_and_the_wrong_one_away() -> None:
    teacher = Teacher(Lessons(most=2, margin=0.05), 2)
    teacher.show(unit(0.2, 1.2), torch.tensor([0, 1]))
    digit = unit(0.75)  # nearer to the plane of 1
    before = (teacher.directions @ digit[0]).tolist()
    assert teacher.correct(digit, torch.tensor([0]), 0.1) == 1
    after = (teacher.directions @ digit[0]).tolist()
    assert after[0] > before[0]
    assert after[1] < before[1]
    assert torch.allclose(teacher.directions.norm(dim=1), torch.ones(2))
    assert teacher.correct(unit(0.2), torch.tensor([0]), 0.1) == 0  # it leads by more than the margin


def test_errors_are_one_sentence(net: ImprovedNeocognitron) -> None:
    wrong = {
        "U0 takes images": lambda: net(torch.zeros(1, 1, 28, 28)),
        "U0 takes values": lambda: net(torch.full((1, 1, 65, 65), 255.0)),
        "The retina takes uint8": lambda: retina(torch.zeros(1, 28, 28)),
        "The retina takes a tensor": lambda: retina([[0]]),
        "A scale of 3": lambda: retina(torch.zeros(1, 28, 28, dtype=torch.uint8), 3),
        "A scale of 0": lambda: retina(torch.zeros(1, 28, 28, dtype=torch.uint8), 0),
        "A scale of nan": lambda: retina(torch.zeros(1, 28, 28, dtype=torch.uint8), math.nan),
        "Digits to enlarge": lambda: improved.enlarge(torch.zeros(1, 1, 100, 20)),
        "Cell-planes": lambda: ImprovedNeocognitron((0, 4, 4)),
        "Nothing to learn from": lambda: Organiser(Competition(0.7), 4, 2.2).organise(torch.zeros(0, 2, 12, 12)),
        "No cell-plane has come about": lambda: Organiser(Competition(0.7), 4, 2.2).organise(torch.zeros(1, 2, 12, 12)),
        "A cell-plane without": lambda: normalised(torch.zeros(1, 2, 4, 4), disc(4, 2.2)),
    }
    for begin, call in wrong.items():
        with pytest.raises(ConvnetsError, match=begin) as caught:
            call()
        assert str(caught.value).count(". ") == 0


def test_digits_are_enlarged_into_the_middle_of_the_retina() -> None:
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[0, 14, 14] = 255
    x = retina(image)[0, 0]
    assert x.shape == (65, 65)
    assert float(x.max()) <= 1
    rows, columns = x.nonzero(as_tuple=True)
    assert (rows.float().mean() - 33).abs() <= 1
    assert (columns.float().mean() - 33).abs() <= 1


def test_module_lists_are_complete() -> None:
    for module in (improved, improved_cells, improved_learning):
        assert all(hasattr(module, name) for name in module.__all__)
