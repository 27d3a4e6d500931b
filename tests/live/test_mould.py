"""The mould fits more than one picture in and labels out: three throw-away networks go the whole way of a system.

Text of any length becomes text; pictures of any size become boxes; noise and a class become a picture. Each is trained
for a few steps, keeps the contract, is exported, answers in the page's engine as in PyTorch, and is measured by metrics
of its own, with their intervals and tolerances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import contract
import numpy as np
import pytest
import torch
from parity import packed, same_answers
from torch import Tensor, nn
from torch.nn import functional as F

from convnets import verify
from convnets.common import assets, export, loop, onnxfile, published, sets, stats, training
from convnets.common.inputs import Axis, Input, normal, tokens
from press.page import bundle

LETTERS = 9


class Sentences(nn.Module):
    """(N, L) letters -> scores (N, L, 9) of the letters that answer them: a cipher."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = nn.Embedding(LETTERS, 12)
        self.context = nn.Conv1d(12, 16, 3, padding=1)
        self.answer = nn.Linear(16, LETTERS)

    def forward(self, text: Tensor) -> Tensor:
        seen = self.context(self.letters(text).transpose(1, 2)).relu()
        return self.answer(seen.transpose(1, 2))

    def loss(self, generator: torch.Generator) -> Tensor:
        text = torch.randint(LETTERS, (32, 12), generator=generator)
        return F.cross_entropy(self(text).transpose(1, 2), (text + 3) % LETTERS)


class Found(NamedTuple):
    boxes: Tensor  # (N, 4, H / 4, W / 4)
    scores: Tensor  # (N, H / 4, W / 4)


class Boxes(nn.Module):
    """(N, 1, H, W), sides multiples of four -> a box and a score in every fourth place."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(1, 8, 4, stride=4)
        self.answer = nn.Conv2d(8, 5, 1)

    def forward(self, image: Tensor) -> Found:
        found = self.answer(self.features(image).relu())
        return Found(found[:, :4].sigmoid(), found[:, 4])

    def loss(self, generator: torch.Generator) -> Tensor:
        x = torch.rand(32, 1, 8, 12, generator=generator)
        bright = F.avg_pool2d(x, 4)[:, 0]
        found = self(x)
        return (found.scores - bright).square().mean() + (found.boxes - 0.25).square().mean()


class Pictures(nn.Module):
    """Noise (N, 8) and a class (N,) -> a picture (N, 1, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.classes = nn.Embedding(3, 8)
        self.grow = nn.Linear(8, 64)
        self.picture = nn.ConvTranspose2d(4, 1, 2, stride=2)

    def forward(self, noise: Tensor, label: Tensor) -> Tensor:
        seen = self.grow(noise + self.classes(label)).relu().unflatten(1, (4, 4, 4))
        return self.picture(seen).sigmoid()

    def loss(self, generator: torch.Generator) -> Tensor:
        noise, label = torch.randn(32, 8, generator=generator), torch.randint(3, (32,), generator=generator)
        return (self(noise, label).mean((1, 2, 3)) - (label + 1) / 4).square().mean()


def _text(model: Sentences, text: Tensor) -> tuple[Tensor, ...]:
    scores = model(text)
    return scores, scores.argmax(2)


def _boxes(model: Boxes, image: Tensor) -> tuple[Tensor, ...]:
    return tuple(model(image))


def _pictures(model: Pictures, noise: Tensor, label: Tensor) -> tuple[Tensor, ...]:
    return (model(noise, label),)


SIDES = {2: Axis("height", 4, 16), 3: Axis("width", 4, 16)}
LIVE = {
    "text": export.Live({"text": Input((2,), tokens(LETTERS), {1: Axis("length")})}, ("scores", "letters"), _text),
    "boxes": export.Live({"image": Input((1, 8, 12), grows=SIDES)}, ("boxes", "scores"), _boxes),
    "noise": export.Live({"noise": Input((8,), normal()), "label": Input((), tokens(3))}, ("picture",), _pictures),
}
BUILD: dict[str, Callable[[], nn.Module]] = {"text": Sentences, "boxes": Boxes, "noise": Pictures}
ANSWERS: dict[str, list[contract.Shape]] = {
    "text": [("length", LETTERS)],
    "boxes": [(4, "height/4", "width/4"), ("height/4", "width/4")],
    "noise": [(1, 8, 8)],
}
PARAMETERS = {
    "text": 9 * 12 + 16 * 12 * 3 + 16 + 16 * 9 + 9,
    "boxes": 8 * 16 + 8 + 8 * 5 + 5,
    "noise": 3 * 8 + 8 * 64 + 64 + 4 * 4 + 1,
}


class Toy(contract.Net):
    """A row of the contract whose network lies in no package."""

    def build(self) -> nn.Module:
        return BUILD[self.name]()


def row(net: str) -> Toy:
    return Toy("toy", net, dict(LIVE[net].inputs), ANSWERS[net], PARAMETERS[net])


@pytest.fixture(scope="module", params=list(LIVE))
def trained(request: pytest.FixtureRequest) -> Iterator[tuple[str, nn.Module]]:
    """A network after forty steps, as it is stored."""
    net: str = request.param
    model = training.seeded(BUILD[net], 0)
    optimizer = training.optimizer("adamw", model, 0.02)
    log, losses = training.Log(), []
    for epoch in log.epochs(2, {"model": model}, optimizer):
        for _, batch in log.batches(torch.arange(20), 1):
            loss = model.loss(training.generator(1 + int(batch), epoch))  # type: ignore[operator]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            log.step(loss, 1)
            losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert len(log.curves["loss"]) == 2
    loop.round_to_half(model)
    yield net, model.eval()


def test_it_keeps_the_contract(trained: tuple[str, nn.Module]) -> None:
    net, model = trained
    contract.parameter_count(row(net))
    contract.shapes(row(net), model)
    contract.every_parameter_gets_a_finite_gradient(row(net), BUILD[net]())
    contract.answers_are_repeatable_and_do_not_depend_on_the_batch(row(net), model)
    contract.a_network_draws_no_numbers_and_keeps_none_when_it_answers(row(net), model)
    contract.state_dict_holds_only_what_is_learned(model)


def test_it_answers_in_the_page_as_in_pytorch(
    trained: tuple[str, nn.Module], tmp_path: Path, absent: Callable[[str], None], seed: int
) -> None:
    pytest.importorskip("onnxscript")
    net, model = trained
    engine = packed("engine", absent)
    graph, golden = export.graph(model, LIVE[net]), export.golden(model, LIVE[net])
    assert golden["inputs"].keys() == LIVE[net].inputs.keys()
    assert [one.get("type") for one in golden["inputs"].values()] == {
        "text": ["int64"], "boxes": [None], "noise": [None, "int64"],
    }[net]  # fmt: skip
    if net == "text":
        assert golden["outputs"]["letters"]["type"] == "int64"
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    ((file, _size),) = bundle._write_blobs(tmp_path, [(f"net/toy/{net}", onnxfile.fill_graph(graph, state))]).values()
    same_answers(LIVE[net], model, golden, tmp_path / file, engine, seed, row(net))


# Measured by metrics of their own


@torch.inference_mode()
def measured(net: str, model: nn.Module) -> tuple[published.On, list[stats.Measured]]:
    """What each would be published with; of its data, some belong together."""
    draw = torch.Generator().manual_seed(7)
    if net == "text":  # thirty letters each of ten speakers; the loss in nats, whose rounding differs more
        text = torch.randint(LETTERS, (30, 10), generator=draw)
        speakers = [f"speaker {n % 10}" for n in range(30)]
        losses = F.cross_entropy(model(text).transpose(1, 2), (text + 3) % LETTERS, reduction="none").mean(1).numpy()
        interval = stats.bootstrap(lambda kept: float(losses[kept].mean()), speakers, draws=200)
        held = int(sets.hold_out_groups(speakers, 0.2, seed=0).sum())
        on = published.On("spoken letters", "all", 30, 30 - held, True)
        return on, [stats.Measured("nats_per_char", float(losses.mean()), interval, tolerance=2e-3)]
    if net == "boxes":
        x = torch.rand(40, 1, 8, 12, generator=draw)
        right = (model(x).scores - F.avg_pool2d(x, 4)[:, 0]).abs().amax((1, 2)).numpy() < 0.3
        interval = stats.bootstrap(lambda kept: float(right[kept].mean()), range(40), draws=200)
        return published.On("drawn boxes", "test", 40, 0, True), [
            stats.Measured("map50", float(right.mean()), interval),
            stats.share("accuracy", int(right.sum()), 40),
        ]
    label = torch.arange(60) % 3
    grey = model(torch.randn(60, 8, generator=draw), label).mean((1, 2, 3))
    hits = int(((grey - (label + 1) / 4).abs() < 0.2).sum())
    return published.On("noise", "test", 60, 0, True), [stats.share("recognised", hits, 60)]


def test_its_metrics_bring_interval_and_tolerance(trained: tuple[str, nn.Module], store: Path) -> None:
    net, model = trained
    assets.write_atomic(store / "toy" / f"{net}.safetensors", loop.stored_bytes(model))
    on, metrics = measured(net, model)
    found = published.contract("toy", net, on, metrics, "cpu")
    wanted = "system net dataset split count seen_in_training metrics interval95 digest_known weights_sha256 device"
    assert found.keys() - {"tolerance"} == set(wanted.split())
    for name, value in found["metrics"].items():
        low, high = found["interval95"][name]
        assert low - 1e-12 <= value <= high + 1e-12 and math.isfinite(value)
    if net == "text":
        assert found["seen_in_training"] == 24, "two of ten speakers, with all that they said, were kept aside"
    assert found.get("tolerance", {}) == ({"nats_per_char": 2e-3} if net == "text" else {})
    record = {"metrics": {"test": dict(found["metrics"])}}
    assert verify._difference(record, found) == ""
    name = metrics[0].name
    for moved, said in ((5e-4, net != "text"), (3e-3, True)):
        record["metrics"]["test"][name] = found["metrics"][name] + moved
        assert bool(verify._difference(record, found)) == said
    with pytest.raises(ValueError, match=f"measures {name} without an interval"):
        published.contract("toy", net, on, [metrics[0]._replace(interval=None)], "cpu")


def test_two_readers_of_the_same_text_are_compared_in_pairs(trained: tuple[str, nn.Module]) -> None:
    net, model = trained
    if net != "text":
        return
    text = torch.randint(LETTERS, (200,), generator=torch.Generator().manual_seed(3))[None]
    right = (model(text).argmax(2) == (text + 3) % LETTERS)[0]
    other = (BUILD[net]()(text).argmax(2) == (text + 3) % LETTERS)[0]
    found = stats.mcnemar(right.tolist(), other.tolist())
    assert found.only_first > found.only_second and found.p < 1e-3
    assert np.isclose(stats.mcnemar(right.tolist(), right.tolist()).p, 1)
