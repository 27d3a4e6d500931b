"""The packed networks answer as PyTorch does, in the engine that pages use but without a browser."""

from __future__ import annotations

import importlib
import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from convnets.common import assets, export
from press.page import bundle

ROOT = Path(__file__).resolve().parents[2]
PACKED = ROOT / bundle.PACKED
TOLERANCE = 1e-4

NETS = [(system, net) for system in bundle.demos(ROOT) for net in bundle.graphs(ROOT, system)]


def packed(stem: str, absent: Callable[[str], None]) -> Path:
    files = sorted(PACKED.glob(f"{stem}-*.js"))
    if not files:
        absent(f"{bundle.PACKED}/{stem} is not there: `press build` packs it")
    return files[0]


def ask(blob: Path, engine: Path, inputs: list[Tensor]) -> list[dict[str, Any]]:
    payload = {
        "live": str(ROOT / bundle.SOURCES),
        "blob": str(blob),
        "engine": str(engine),
        "inputs": [{"dims": list(x.shape), "data": x.flatten().tolist()} for x in inputs],
    }
    command = [str(bundle.node()), str(Path(__file__).with_name("parity.mjs"))]
    done = subprocess.run(command, input=json.dumps(payload), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def close(found: dict[str, Any], expected: np.ndarray, name: str) -> None:
    """Within 1e-4, or 1e-6 of what is large: a squared distance of some hundred has no finer steps in float32."""
    data = np.array(found["data"])
    assert np.abs(data - expected).max() <= TOLERANCE + 1e-6 * np.abs(expected).max(), name


@pytest.mark.parametrize(("system", "net"), NETS, ids=lambda name: name)
def test_answers_as_pytorch_does(system: str, net: str, absent: Callable[[str], None], seed: int) -> None:
    live = export.table(system)[net]
    model = importlib.import_module(f"convnets.{system}").load(net)
    golden = json.loads(assets.read_bytes(system, f"{net}.golden.json"))
    generator = torch.Generator().manual_seed(seed)
    many = 64 if math.prod(live.image) <= 32 * 32 else 5  # numbers travel as text
    shapes = [(1, *live.image), (3, *live.image), (many, *live.image)]
    if live.widening:
        wider = live.image[-1] + live.widening * int(torch.randint(1, 40, (), generator=generator))
        shapes.append((1, *live.image[:-1], wider))
    drawn = [torch.rand(shape, generator=generator) * (live.high - live.low) + live.low for shape in shapes]
    stored = torch.tensor(golden["inputs"]["image"]["values"]).reshape(golden["inputs"]["image"]["shape"])
    first, *found = ask(packed(f"net-{system}-{net}", absent), packed("engine", absent), [stored, *drawn])
    assert list(first) == list(live.outputs)
    for name, expected in golden["outputs"].items():
        assert first[name]["dims"] == expected["shape"]
        sample = {"data": first[name]["data"][:: expected["every"]]}
        close(sample, np.array(expected["values"]), f"{name}, golden")
    for x, answer in zip(drawn, found, strict=True):
        with torch.inference_mode():
            expected = live.forward(model, x)
        for name, values in zip(live.outputs, expected, strict=True):
            close(answer[name], values.flatten().numpy(), f"{name}, {tuple(x.shape)}")


@pytest.mark.parametrize(("system", "net"), NETS, ids=lambda name: name)
def test_the_stored_graph_belongs_to_the_stored_weights(system: str, net: str) -> None:
    golden = json.loads(assets.read_bytes(system, f"{net}.golden.json"))
    now = assets.sha256(assets.read_bytes(system, f"{net}.safetensors"))
    assert golden["weights"] == now, f"new weights: run `convnets export {system} --net {net}`"


@pytest.mark.parametrize("system", bundle.demos(ROOT))
def test_stored_facts_are_those_of_the_code(system: str, tmp_path: Path) -> None:
    file = export.export_facts(system, tmp_path)
    stored = assets.path(system, "facts.json")
    assert file is None or file.read_bytes() == stored.read_bytes(), f"run `convnets export {system}`"
    assert file is not None or not stored.exists()
