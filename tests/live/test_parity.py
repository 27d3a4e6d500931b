"""The packed networks answer as PyTorch does, in the engine that pages use but without a browser."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from parity import packed, same_answers
from test_contract import TABLE

from convnets.common import assets, export
from press.page import bundle, facts

ROOT = Path(__file__).resolve().parents[2]

NETS = [(system, net) for system in bundle.demos(ROOT) for net in bundle.graphs(ROOT, system)]


@pytest.mark.parametrize(("system", "net"), NETS, ids=lambda name: name)
def test_answers_as_pytorch_does(system: str, net: str, absent: Callable[[str], None], seed: int) -> None:
    model = importlib.import_module(f"convnets.{system}").load(net)
    golden = json.loads(assets.read_bytes(system, f"{net}.golden.json"))
    live, blob = export.table(system)[net], packed(f"net-{system}-{net}", absent)
    (row,) = (row for row in TABLE if (row.system, row.name) == (system, net))
    same_answers(live, model, golden, blob, packed("engine", absent), seed, row)


@pytest.mark.parametrize(("system", "net"), NETS, ids=lambda name: name)
def test_the_stored_graph_belongs_to_the_stored_weights(system: str, net: str) -> None:
    golden = json.loads(assets.read_bytes(system, f"{net}.golden.json"))
    now = assets.sha256(assets.read_bytes(system, f"{net}.safetensors"))
    assert golden["weights"] == now, f"new weights: run `convnets export {system} --net {net}`"


@pytest.mark.parametrize("system", [name for name in facts.systems(ROOT) if name in bundle.demos(ROOT)])
def test_stored_facts_are_those_of_the_code(system: str, tmp_path: Path) -> None:
    file = export.export_facts(system, tmp_path)
    stored = assets.path(system, "facts.json")
    assert file is None or file.read_bytes() == stored.read_bytes(), f"run `convnets export {system}`"
    assert file is not None or not stored.exists()
