"""The small networks: what their parts do, and what leaving one out changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from convnets import alexnet
from convnets.alexnet import model
from convnets.alexnet.small import ALPHA, GREY, MAPS, Four, Narrow, response_norm
from convnets.alexnet.train import RECIPES


def seeded(**parts: object) -> Narrow:
    torch.manual_seed(0)
    return Narrow(**parts).eval()  # type: ignore[arg-type]


X = torch.rand(2, 3, 24, 24, generator=torch.Generator().manual_seed(1))


def test_maps_are_a_share_of_the_paper_s() -> None:
    assert tuple(layer.maps for layer in model.LAYERS[:5]) == MAPS
    for width in (2, 3, 16):
        with torch.device("meta"):
            net = Narrow(width=width)
        made = [net.get_submodule(f"conv{number}").weight.shape[0] for number in range(1, 6)]  # type: ignore[union-attr]
        assert made == [width * maps // 16 for maps in MAPS]


def test_normalisation_in_units_of_64_grey_levels_is_the_paper_s_in_grey_levels() -> None:
    a = torch.randn(1, 12, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(GREY * response_norm(a, ALPHA), response_norm(GREY * a, model.ALPHA), rtol=1e-5)


def test_stages_lead_to_the_scores() -> None:
    net = seeded()
    stages = net.stages(X)
    assert torch.equal(stages.scores, net(X))
    assert [tuple(one.shape[1:]) for one in stages] == [
        (12, 24, 24), (12, 11, 11), (32, 11, 11), (32, 5, 5), (48, 5, 5), (48, 5, 5), (32, 5, 5), (32, 2, 2),
        (192,), (192,), (10,),
    ]  # fmt: skip
    normalised = response_norm(stages.conv1, ALPHA)
    assert torch.equal(stages.pool1, F.max_pool2d(normalised, 3, 2))
    assert torch.equal(stages.conv3, net.conv3(stages.pool2).relu())


def test_the_mean_colour_is_taken_away_and_grey_levels_become_units() -> None:
    net = seeded()
    grey = net.mean.expand(1, 3, 24, 24)
    assert torch.allclose(net.stages(grey).conv1, net.conv1.bias.relu()[:, None, None].expand(12, 24, 24), atol=1e-6)
    inside = net.stages(grey + GREY / 255).conv1[0, :, 12, 12]
    assert torch.allclose(inside, net.conv1.weight.sum((1, 2, 3)).relu(), atol=1e-4)


def test_pooling_without_overlap_gives_as_many_units_from_other_windows() -> None:
    one, other = seeded().stages(X), seeded(overlap=False).stages(X)
    assert torch.equal(one.conv1, other.conv1)
    assert [one.shape for one in one] == [two.shape for two in other]
    plain = seeded(overlap=False, normalise=False).stages(X)
    window = plain.conv1[:, :, 6:8, 8:10].amax((2, 3))
    assert torch.equal(plain.pool1[:, :, 3, 4], window)


def test_without_two_convolutions_the_fifth_sees_the_second() -> None:
    net = seeded(deep=False)
    stages = net.stages(X)
    assert torch.equal(stages.conv5, net.conv5(stages.pool2).relu())
    assert not hasattr(net, "conv3")


def test_parts_change_one_thing_each() -> None:
    full = seeded()
    same = (seeded(dropout=0.0), seeded(normalise=False), seeded(activation="tanh"), seeded(overlap=False))
    count = sum(one.numel() for one in full.parameters())
    assert {sum(one.numel() for one in net.parameters()) for net in same} == {count}
    assert torch.equal(same[0](X), full(X))
    for net in same[1:]:
        assert not torch.allclose(net(X), full(X))


def test_dropout_draws_in_training_alone() -> None:
    net = seeded().train()
    first, second = net.stages(X), net.stages(X)
    assert not torch.equal(first.dense6, second.dense6)
    assert torch.equal(first.pool5, second.pool5)
    assert torch.equal(net.eval()(X), net(X))
    quiet = seeded(dropout=0.0).train()
    assert torch.equal(quiet(X), quiet(X))


@pytest.mark.parametrize(("activation", "gain"), [("relu", 2.0), ("tanh", 1.0)])
def test_initial_weights_keep_the_size_of_what_passes(activation: str, gain: float) -> None:
    torch.manual_seed(0)
    net = Narrow(width=16, activation=activation)
    for name, part in net.named_children():
        wanted = (1.0 if name == "scores" else gain) / part.weight[0].numel()  # type: ignore[operator, index]
        assert float(part.weight.detach().var()) == pytest.approx(wanted, rel=0.1)  # type: ignore[operator, union-attr]
        assert not part.bias.any()  # type: ignore[operator, union-attr]


def test_the_racers_differ_in_their_squashing_alone() -> None:
    relu, tanh = Four(), Four("tanh")
    assert [one.shape for one in relu.parameters()] == [one.shape for one in tanh.parameters()]
    tanh.load_state_dict(relu.state_dict())
    tanh.squash = torch.relu
    x = torch.rand(1, 3, 32, 32)
    assert torch.equal(relu(x), tanh(x))
    assert sum(one.weight.ndim == 4 for one in relu.children()) == 3  # type: ignore[union-attr]
    assert len([*relu.children()]) == 4


def test_recipes_around_the_base_change_one_field_each() -> None:
    base = RECIPES["short-nodropout"]
    parts = ("activation", "dropout", "normalise", "overlap", "augmented", "deep")
    found = {}
    for name, recipe in RECIPES.items():
        if name.startswith("short") and recipe != base:
            changed = [part for part in parts if getattr(recipe, part) != getattr(base, part)]
            assert replace(recipe, name=base.name, **{part: getattr(base, part) for part in changed}) == base
            found[name] = changed
    assert sorted(sum(found.values(), [])) == sorted(parts)
    assert all(len(changed) == 1 for changed in found.values())


def test_recipes_build_what_they_say() -> None:
    for recipe in RECIPES.values():
        with torch.device("meta"):
            net = alexnet.build(recipe)
        if recipe.net != "four":
            assert (net.dropout, net.normalise, net.overlap, net.deep) == (
                recipe.dropout, recipe.normalise, recipe.overlap, recipe.deep,
            )  # fmt: skip
            width = recipe.width or {"cifar": 2, "tiny": 3}[recipe.net]
            assert net.conv2.weight.shape[0] == 16 * width  # type: ignore[union-attr]
            assert net.dense7.weight.shape[0] == (recipe.dense or 192)  # type: ignore[union-attr]
        assert net.squash is (torch.tanh if recipe.activation == "tanh" else torch.relu)
