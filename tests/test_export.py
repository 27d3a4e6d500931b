"""Graphs for the browser: what is exported runs elsewhere, and answers as PyTorch does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import toys
from torch import nn

from convnets import lenet
from convnets.common import export, inputs, loop, onnxfile
from convnets.common.errors import ConvnetsError
from convnets.lenet.live import LIVE
from convnets.lenet.train import Recipe, build

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

NETS = [pytest.param(net, marks=[] if net == "lenet5" else pytest.mark.slow) for net in LIVE]


def publish(store: Path, net: str) -> None:
    toys.publish(store, "lenet", net, loop.stored_bytes(build(Recipe("toy", net))))


def state_of(net: str) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in lenet.load(net).state_dict().items()}


def run(content: bytes, x: np.ndarray, names: list[str]) -> dict[str, Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, {"image": x}), strict=True))


def test_every_network_has_a_live_form() -> None:
    assert LIVE.keys() == lenet.NETS.keys()
    for net, live in LIVE.items():
        answers = live.forward(lenet.NETS[net](), *inputs.examples(live.inputs, torch.Generator(), 2).values())
        assert len(answers) == len(live.outputs)


@pytest.mark.parametrize("net", NETS)
def test_a_filled_graph_answers_as_the_network_does(net: str, store: Path, tmp_path: Path) -> None:
    publish(store, net)
    files = export.export("lenet", net, tmp_path)
    assert [file.name for file in files] == [f"{net}.graph.onnx", f"{net}.golden.json"]
    content, golden = onnxfile.fill_graph(files[0].read_bytes(), state_of(net)), json.loads(files[1].read_bytes())
    names = list(LIVE[net].outputs)
    assert (golden["net"], list(golden["outputs"])) == (net, names)
    for name, found in run(content, export.read_values(golden["inputs"]["image"]).numpy(), names).items():
        expected = golden["outputs"][name]
        assert list(found.shape) == expected["shape"]
        assert len(expected["values"]) <= export.GOLDEN_VALUES
        np.testing.assert_allclose(found.ravel()[:: expected["every"]], expected["values"], rtol=1e-4, atol=1e-4)
    wide = {"step": 80}  # an odd number of columns, where the network can be displaced
    images = inputs.examples(LIVE[net].inputs, torch.Generator().manual_seed(1), 3, wide)["image"]
    with torch.inference_mode():
        answers = LIVE[net].forward(lenet.load(net), images)
    for found, answer in zip(run(content, images.numpy(), names).values(), answers, strict=True):
        np.testing.assert_allclose(found, answer.numpy(), rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def zipcode(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path], dict[str, np.ndarray]]:
    """The files of the smallest network, exported twice, and its weights."""
    folder = tmp_path_factory.mktemp("export")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(folder))
        publish(folder, "zipcode")
        first, second = (export.export("lenet", "zipcode", folder / name) for name in "ab")
        return first, second, state_of("zipcode")


Exported = tuple[list[Path], list[Path], dict[str, np.ndarray]]


def test_the_graph_holds_no_weights_and_nothing_of_this_machine(zipcode: Exported) -> None:
    first, second, _ = zipcode
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    content = first[0].read_bytes()
    assert len(content) < 20_000
    assert not re.search(rb"/home|/root|/usr|/tmp|\.py|" + re.escape(torch.__version__.encode()), content)
    with pytest.raises(Exception, match=r"(?i)onnx|initializer|tensor"):
        run(content, np.zeros((1, 1, 16, 16), np.float32), ["scores"])


def test_wrong_weights_are_refused(zipcode: Exported) -> None:
    content, state = zipcode[0][0].read_bytes(), zipcode[2]
    other = state | {"h3.bias": np.zeros(31, np.float32)}
    lacking = {name: value for name, value in state.items() if name != "h1"}
    for wrong, words in ((other, r"`h3.bias` with shape \(30,\)"), (lacking, "`h1`.*missing")):
        with pytest.raises(ConvnetsError, match=words):
            onnxfile.fill_graph(content, wrong)
    with pytest.raises(ConvnetsError, match="no place for `extra`"):
        onnxfile.fill_graph(content, state | {"extra": np.zeros(1, np.float32)})


def test_batch_normalisation_takes_its_statistics_along() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU())
    net(torch.rand(20, 1, 8, 8) * 5)
    net.eval()
    live = export.Live({"image": inputs.Input((1, 8, 8))}, ("maps",), lambda model, x: (model(x),))
    content = onnxfile.fill_graph(export.graph(net, live), {k: v.numpy() for k, v in net.state_dict().items()})
    x = torch.rand(2, 1, 8, 8)
    np.testing.assert_allclose(run(content, x.numpy(), ["maps"])["maps"], net(x).detach().numpy(), atol=1e-5)


def test_facts_are_written_for_a_system_that_has_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = export.export_facts("lenet", tmp_path)
    assert file and json.loads(file.read_bytes())["row"]["stride"] == 4
    monkeypatch.delattr("convnets.lenet.live.FACTS")
    assert export.export_facts("lenet", tmp_path / "none") is None and not (tmp_path / "none").exists()
    with pytest.raises(ConvnetsError, match="common shows nothing in the browser: convnets/common/live.py"):
        export.table("common")


@pytest.mark.usefixtures("store")
def test_unknown_and_unpublished_networks_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="no network 'lenet4'"):
        export.export("lenet", "lenet4", tmp_path)
    with pytest.raises(ConvnetsError, match="lenet5.safetensors"):
        export.export("lenet", "lenet5", tmp_path)
    assert not list(tmp_path.glob("*.onnx"))
