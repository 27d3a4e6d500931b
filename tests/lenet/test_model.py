"""LeNet's networks, losses and training against the papers' numbers and against independent code."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from toys import publish, toy_digits

from convnets import lenet
from convnets.common import assets, loop
from convnets.common.errors import ConvnetsError
from convnets.common.training import Log
from convnets.lenet import byhand
from convnets.lenet.bitmaps import bitmaps
from convnets.lenet.data import Digits, Distortion, Sets, prepare
from convnets.lenet.model import (
    C3_TABLE,
    H2_TABLE,
    H3_TABLE,
    MLP,
    RBF,
    LeNet1,
    LeNet5,
    ModernLeNet,
    PartialConv2d,
    Subsampling,
    ZipCodeNet,
    scaled_tanh,
)
from convnets.lenet.train import Recipe, build, fingerprint, learn, losses, train


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def parameters(model: nn.Module) -> dict[str, int]:
    """Trainable numbers of each layer, by the first part of their names."""
    counts: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        layer = name.split(".")[0].removesuffix("_bias")
        counts[layer] = counts.get(layer, 0) + parameter.numel()
    return counts


def connections(model: nn.Module, x: Tensor) -> dict[str, int]:
    """Connections of each layer as the papers count them: every use of a weight, and one bias a unit."""
    counts: dict[str, int] = {}

    def note(name: str, layer: nn.Module, output: Tensor) -> None:
        units = output[0].numel()
        if isinstance(layer, Subsampling):
            counts[name] = units * (4 + 1)
        elif isinstance(layer, RBF):
            counts[name] = layer.centres.numel()
        else:
            positions = output[0, 0].numel() if output.ndim == 4 else 1
            counts[name] = layer.weight.numel() * positions + units

    for name, layer in model.named_children():
        layer.register_forward_hook(lambda layer, _, output, name=name: note(name, layer, output))
    model(x)
    return counts


# The papers' numbers


def test_lenet5_has_the_parameters_of_the_paper() -> None:
    model = LeNet5()
    assert parameters(model) == {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164}
    assert sum(parameters(model).values()) == 60_000
    assert model.output.centres.numel() == 840


def test_lenet5_has_the_connections_of_the_paper() -> None:
    counts = connections(LeNet5(), torch.zeros(1, 1, 32, 32))
    assert counts == {
        "c1": 122_304, "s2": 5_880, "c3": 151_600, "s4": 2_000, "c5": 48_120, "f6": 10_164, "output": 840,
    }  # fmt: skip
    assert sum(counts.values()) == 340_908


def test_lenet1_has_the_numbers_of_the_paper() -> None:
    model = LeNet1()
    assert parameters(model) == {"h1": 104, "h2": 8, "h3": 512, "h4": 24, "output": 1930}
    assert sum(parameters(model).values()) == 2_578
    counts = connections(model, torch.zeros(1, 1, 28, 28))
    assert counts == {"h1": 59_904, "h2": 2_880, "h3": 32_768, "h4": 960, "output": 1_930}
    assert sum(counts.values()) == 98_442


def test_zipcode_net_has_the_numbers_of_the_paper() -> None:
    model = ZipCodeNet()
    assert parameters(model) == {"h1": 1068, "h2": 2592, "h3": 5790, "output": 310}
    assert sum(parameters(model).values()) == 9_760
    h1 = model.h1.numel() * 8 * 8 + model.h1_bias.numel()
    h2 = model.h2.weight.numel() * 4 * 4 + model.h2.bias.numel()
    dense = [layer.weight.numel() + layer.bias.numel() for layer in (model.h3, model.output)]
    assert [h1, h2, *dense] == [19_968, 38_592, 5_790, 310]
    assert sum([h1, h2, *dense]) == 64_660


def test_the_control_has_as_many_parameters_as_the_nets_it_is_compared_with() -> None:
    control, modern = (sum(parameters(model).values()) for model in (MLP(), ModernLeNet()))
    assert (control, modern) == (59_635, 61_706)
    assert abs(control - 60_000) < 0.01 * 60_000
    assert abs(control - modern) < 0.04 * modern


def test_connection_tables() -> None:
    assert [len(inputs) for inputs in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    uses = [sum(i in inputs for inputs in C3_TABLE) for i in range(6)]
    assert uses == [10] * 6, "every S2 map feeds ten C3 maps"
    assert sum(map(len, H3_TABLE)) == 20
    assert all(len(inputs) == 8 for inputs in H2_TABLE)
    for table in (C3_TABLE, H2_TABLE, H3_TABLE):
        assert all(list(inputs) == sorted(set(inputs)) for inputs in table)


def test_bitmaps_are_ten_different_seven_by_twelve_characters() -> None:
    codes = bitmaps()
    assert codes.shape == (10, 12, 7)
    assert codes.dtype == np.float32
    assert set(np.unique(codes)) == {-1.0, 1.0}
    flat = codes.reshape(10, 84)
    apart = ((flat[:, None] != flat).sum(2) + 84 * np.eye(10)).min()
    assert apart >= 8, "no two classes are closer than eight pixels"


def test_stage_shapes_of_lenet5() -> None:
    features = LeNet5().features(torch.zeros(2, 1, 32, 32))
    shapes = {name: tuple(stage.shape[1:]) for name, stage in features._asdict().items()}
    assert shapes == {
        "c1": (6, 28, 28), "s2": (6, 14, 14), "c3": (16, 10, 10), "s4": (16, 5, 5),
        "c5": (120, 1, 1), "f6": (1, 84), "distances": (1, 10),
    }  # fmt: skip
    modern = [tuple(stage.shape[1:]) for stage in ModernLeNet().stages(torch.zeros(2, 1, 32, 32))]
    assert modern == [*list(shapes.values())[:5], (84,)]
    lenet1 = [tuple(stage.shape[1:]) for stage in LeNet1().stages(torch.zeros(2, 1, 28, 28))]
    assert lenet1 == [(4, 24, 24), (4, 12, 12), (12, 8, 8), (12, 4, 4)]


# Blocks against independent code


def test_scaled_tanh_is_one_at_one_and_saturates_at_its_amplitude() -> None:
    values = scaled_tanh(torch.tensor([-1.0, 0.0, 1.0, 50.0]))
    assert values.tolist() == pytest.approx([-1, 0, 1, 1.7159], abs=2e-5)
    # The gain at +-1 is where the second derivative is largest in size (1998, appendix A).
    x = torch.linspace(0, 3, 3001, dtype=torch.double, requires_grad=True)
    (first,) = torch.autograd.grad(scaled_tanh(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert x[second.abs().argmax()].item() == pytest.approx(1, abs=0.02)


def test_partial_convolution_equals_a_plain_loop_over_the_table() -> None:
    layer, x = PartialConv2d(C3_TABLE, 6, 5), torch.randn(2, 6, 14, 14)
    kernels = iter(layer.weight)
    for k, inputs in enumerate(C3_TABLE):
        expected = sum(F.conv2d(x[:, i : i + 1], next(kernels)[None, None]) for i in inputs) + layer.bias[k]
        assert torch.allclose(layer(x)[:, k : k + 1], expected, atol=1e-5)


def test_subsampling_adds_four_pixels() -> None:
    layer, x = Subsampling(6), torch.randn(2, 6, 8, 8)
    total = x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]
    expected = total * layer.coefficient.reshape(6, 1, 1) + layer.bias.reshape(6, 1, 1)
    assert torch.allclose(layer(x), expected, atol=1e-5)


def test_radial_basis_units_are_squared_distances() -> None:
    layer, x = RBF(), torch.randn(5, 3, 84)
    expected = ((x[..., None, :] - layer.centres) ** 2).sum(-1)
    assert torch.allclose(layer(x), expected, atol=1e-4)
    assert torch.allclose(layer(layer.centres).diagonal(), torch.zeros(10), atol=1e-4)


def test_initial_weights_lie_within_the_papers_bounds() -> None:
    model = LeNet5()
    fan_ins = {"c1": 25, "c5": 400, "f6": 120}
    for name, fan_in in fan_ins.items():
        largest = getattr(model, name).weight.abs().max().item()
        assert 0.9 * 2.4 / fan_in < largest <= 2.4 / fan_in
    start = 0
    for inputs in C3_TABLE:
        largest = model.c3.weight[start : start + len(inputs)].abs().max().item()
        assert 0.9 * 2.4 / (25 * len(inputs)) < largest <= 2.4 / (25 * len(inputs))
        start += len(inputs)


def test_zipcode_network_sees_paper_beyond_its_border() -> None:
    blank = torch.full((1, 1, 16, 16), -0.1)
    model = ZipCodeNet()
    h1 = F.conv2d(F.pad(blank, (2, 2, 2, 2), value=-0.1), model.h1, stride=2)
    assert torch.allclose(h1, h1[:, :, :1, :1].expand_as(h1), atol=1e-6), "no edge is seen where paper ends"


# Losses


def test_map_loss_is_equation_nine() -> None:
    distances, label, j = [3.0, 0.5, 7.25], 1, 2.0
    scores = -torch.tensor([[*distances, *[90.0] * 7]])
    expected = 0.5 + math.log(math.exp(-2) + math.exp(-3) + math.exp(-0.5) + math.exp(-7.25))
    assert losses("map", scores, torch.tensor([label]), j).item() == pytest.approx(expected, abs=1e-6)


def test_rubbish_penalty_makes_the_collapsed_solution_cost() -> None:
    """Equation 8 is zero when F6 equals the bitmap; equation 9 is not, however far the others are (section II.C)."""
    near = -torch.tensor([[0.0] + [400.0] * 9])
    assert losses("distance", near, torch.tensor([0])).item() == 0
    assert losses("map", near, torch.tensor([0]), 0.0).item() == pytest.approx(math.log(2))


def test_other_losses_by_hand() -> None:
    scores, labels = torch.tensor([[1.0, -1.0] + [-1.0] * 8, [0.0] * 10]), torch.tensor([0, 3])
    assert losses("mse", scores, labels).item() == pytest.approx((0 + 0.5 * 10) / 2)
    assert losses("distance", scores, labels).item() == pytest.approx(-0.5)
    assert losses("cross_entropy", scores[1:], labels[1:]).item() == pytest.approx(math.log(10))
    with pytest.raises(ConvnetsError, match="no loss 'hinge'"):
        losses("hinge", scores, labels)


# Backpropagation by hand


@pytest.mark.parametrize(("penalty", "temperature"), [(0.0, 1.0), (5.0, 1.0), (60.0, 10.0)])
def test_gradients_by_hand_equal_autograd(penalty: float, temperature: float) -> None:
    model, image = LeNet5(), np.random.default_rng(0).uniform(-0.1, 1.175, (32, 32))
    steps = byhand.walk(model, image, 3, penalty, temperature)
    assert [step.stage for step in steps] == ["distances", "f6", "c5", "s4", "c3", "s2", "c1", "input"]
    assert max(step.difference for step in steps) < 1e-6
    assert min(step.largest_gradient for step in steps) > 0
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    ours = byhand.gradients(state, image, 3, penalty, temperature)
    assert ours.gradients.keys() == {name for name, _ in model.named_parameters()}
    scores = model(torch.tensor(image, dtype=torch.float32)[None, None])
    expected = losses("map", scores, torch.tensor([3]), penalty, temperature)
    assert ours.loss == pytest.approx(expected.item(), rel=1e-4)


def test_gradients_by_hand_equal_finite_differences() -> None:
    random = np.random.default_rng(1)
    state = {name: tensor.double().numpy() for name, tensor in LeNet5().state_dict().items()}
    image = random.uniform(-0.1, 1.175, (32, 32))
    ours = byhand.gradients(state, image, 7, 1.0)
    for name, values in state.items():
        place = np.unravel_index(np.abs(ours.gradients[name]).argmax(), values.shape)
        there, back = dict(state), dict(state)
        there[name], back[name] = values.copy(), values.copy()
        there[name][place] += 1e-5
        back[name][place] -= 1e-5
        slope = (byhand.gradients(there, image, 7, 1.0).loss - byhand.gradients(back, image, 7, 1.0).loss) / 2e-5
        assert ours.gradients[name][place] == pytest.approx(slope, rel=1e-5)


# Training


def toy_sets() -> Sets:
    parts = []
    for count, number in ((120, 0), (20, 1), (30, 2)):
        images, labels = toy_digits(count, number)
        parts.append(Digits(torch.from_numpy(images), torch.from_numpy(labels).long(), False))
    return Sets(*parts)


TOY = Recipe("toy", "lenet5", epochs=4, batch_size=20, average_decay=0.5, distortion=Distortion(shift_pixels=1))


def test_lenet5_learns_forty_images_by_heart() -> None:
    images, labels = (torch.from_numpy(array) for array in toy_digits(40))
    x, labels, model = prepare(images, 32), labels.long(), LeNet5()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(60):
        optimizer.zero_grad()
        losses("map", model(x), labels).backward()
        optimizer.step()
    assert (model(x).argmax(1) == labels).all()


def test_training_lowers_the_loss_and_keeps_its_promises() -> None:
    seen: list[float] = []
    learn(TOY, toy_sets(), loop.make_fabric("cpu"), Log(on_step=lambda step, loss: seen.append(loss)))
    run = train(TOY, toy_sets(), loop.make_fabric("cpu"))
    record = run.record
    assert len(seen) == 4 * 6
    assert len(record["curves"]["loss"]) == len(record["curves"]["validation_error"]) == 4
    assert record["curves"]["loss"][0] == pytest.approx(sum(seen[:6]) / 6)
    assert record["curves"]["loss"][-1] < 0.8 * record["curves"]["loss"][0]
    assert record["data"]["splits"] == {"train": 120, "validation": 20, "test": 30}
    assert record["weights"] == assets.sha256(run.weights)
    assert record["fingerprint"] == seen[:20]
    low, high = record["interval95"]["test"]["error"]
    assert low <= record["metrics"]["test"]["error"] <= high


def test_fingerprint_is_the_same_every_time_and_depends_on_the_seed() -> None:
    sets = toy_sets()
    first = fingerprint(TOY, sets)
    torch.manual_seed(99)
    assert fingerprint(TOY, sets) == first
    other = Recipe("toy", "lenet5", seed=1, epochs=4, batch_size=20)
    assert fingerprint(other, sets) != first
    assert len(first) == 20


def test_a_run_of_fewer_steps_has_a_shorter_fingerprint() -> None:
    recipe = Recipe("toy", "zipcode", epochs=2, batch_size=120)
    assert len(fingerprint(recipe, toy_sets())) == 2


def test_build_leaves_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    first, second = build(TOY), build(TOY)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


# Published networks


def test_load_and_evaluate_follow_the_contract(mnist: Callable[..., Path], store: Path) -> None:
    model = LeNet5()
    publish(store, "lenet", "lenet5", loop.stored_bytes(model))
    loop.round_to_half(model)
    loaded = lenet.load()
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), loaded.parameters(), strict=True))
    answer = lenet.evaluate("lenet5", str(mnist(train=50, test=20)))
    assert answer.keys() == {
        "system", "net", "dataset", "split", "count", "seen_in_training", "metrics", "interval95", "digest_known",
        "weights_sha256", "device",
    }  # fmt: skip
    assert (answer["count"], answer["seen_in_training"], answer["digest_known"]) == (20, 0, False)
    assert answer["interval95"]["error"][0] <= answer["metrics"]["error"] <= answer["interval95"]["error"][1]
    everything = lenet.evaluate("lenet5", str(mnist(train=50, test=20)), split="all")
    assert (everything["count"], everything["seen_in_training"]) == (70, 0), "none of these was trained on"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("net", "words"), [("lenet6", "no network 'lenet6'"), ("lenet5", "lenet5.safetensors")])
def test_unknown_net_and_missing_weights_are_told(net: str, words: str) -> None:
    with pytest.raises(ConvnetsError, match=words):
        lenet.load(net)


@pytest.mark.data
@pytest.mark.parametrize("net", ["lenet1", "lenet5", "lenet5-plain", "modern"])
def test_published_networks_read_real_digits(
    net: str, weights: Callable[[str, str], None], real_mnist: str | None
) -> None:
    weights("lenet", net)
    limit = {"lenet1": 0.025, "lenet5": 0.0075}.get(net, 0.0125)
    assert lenet.evaluate(net, real_mnist)["metrics"]["error"] < limit


@pytest.mark.data
def test_evaluating_all_of_mnist_says_how_much_was_seen(
    weights: Callable[[str, str], None], real_mnist: str | None
) -> None:
    weights("lenet", "zipcode")
    answer = lenet.evaluate("zipcode", real_mnist, split="all")
    assert (answer["count"], answer["seen_in_training"], answer["digest_known"]) == (70_000, 55_000, True)
