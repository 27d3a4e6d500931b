"""What the demo says of a unit is true: every unit of every network, recomputed from what the page shows of it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from node import run

from convnets import lenet
from convnets.lenet import row, strokes
from convnets.lenet.live import FACTS, LAYERS, LIVE
from press.page import bundle

ROOT = Path(__file__).resolve().parents[2]
SRC = (ROOT / bundle.SOURCES / "src").as_uri()

EXPLAIN = f"""
import {{ tensors }} from "{SRC}/onnx.js";
import {{ asMaps, explain, field }} from "{SRC}/demos/lenet/explain.js";
const weights = tensors(new Uint8Array(Buffer.from(input.onnx, "base64")));
const stages = input.stages.map(({{ dims, data }}) => asMaps({{ dims, data: Float32Array.from(data) }}));
output(input.layers.map((layer, index) => {{
  const [before, after] = [stages[index], stages[index + 1]], values = [], fields = [];
  for (let map = 0; map < after.maps; map++)
    for (let row = 0; row < after.height; row++)
      for (let column = 0; column < after.width; column++) {{
        const unit = {{ map, row, column }};
        values.push(explain({{ layer, before, tensors: weights, bitmaps: input.bitmaps }}, unit).value);
        if (map === 0) fields.push(field(input.layers, index, {{ row, column }}, stages[0]));
      }}
  return {{ values, fields }};
}}));
"""

READ = f"""
import {{ logProbabilities, read }} from "{SRC}/demos/lenet/reading.js";
output(input.rows.map(({{ dims, data }}) => {{
  const logs = logProbabilities({{ dims, data: Float32Array.from(data) }}, input.row);
  return {{ logs, read: read(logs, input.row.spacing) }};
}}));
"""


def tensor(x: torch.Tensor) -> dict[str, Any]:
    return {"dims": list(x.shape), "data": x.flatten().tolist()}


@pytest.mark.parametrize("net", LAYERS)
def test_every_unit_adds_up_to_what_the_network_answers(
    net: str, weights: Callable[[str, str], None], seed: int
) -> None:
    weights("lenet", net)
    model, live = lenet.load(net), LIVE[net]
    x = strokes.image(
        FACTS["samples"][seed % len(FACTS["samples"])]["strokes"], live.inputs["image"].shape[-1], side=100
    )
    with torch.inference_mode():
        answers = live.forward(model, x)
    found = run(
        EXPLAIN,
        {
            "onnx": base64.b64encode(bundle.network(ROOT, "lenet", net)).decode(),
            "stages": [tensor(x), *map(tensor, answers)],
            "layers": LAYERS[net],
            "bitmaps": FACTS["bitmaps"],
        },
    )
    assert [layer["name"] for layer in LAYERS[net]] == list(live.outputs)
    for layer, part, answer in zip(LAYERS[net], found, answers, strict=True):
        np.testing.assert_allclose(part["values"], answer.flatten(), rtol=1e-5, atol=1e-4, err_msg=layer["name"])


@pytest.mark.parametrize("net", ["lenet1", "lenet5", "modern"])
def test_receptive_fields_are_where_the_gradient_reaches(net: str) -> None:
    """The outlined pixels are those on which a unit depends: with random weights all of them matter."""
    torch.manual_seed(0)
    model, live = lenet.NETS[net]().eval(), LIVE[net]
    x = torch.randn(1, *live.inputs["image"].shape, requires_grad=True)
    answers = live.forward(model, x)
    payload = {
        "onnx": "",
        "stages": [tensor(x), *map(tensor, answers)],
        "layers": LAYERS[net],
        "bitmaps": FACTS["bitmaps"],
    }
    script = EXPLAIN.replace("values.push(", "false && values.push(")
    for part, answer in zip(run(script, payload), answers, strict=True):
        maps = answer.reshape(-1, *answer.shape[2:]) if answer.dim() == 4 else answer.reshape(-1, 1, 1)
        place = (maps.shape[1] // 2, maps.shape[2] // 2)
        (gradient,) = torch.autograd.grad(maps[:, place[0], place[1]].sum(), x, retain_graph=True)
        rows, columns = (gradient[0, 0] != 0).nonzero(as_tuple=True)
        field = part["fields"][place[0] * maps.shape[2] + place[1]]
        inside = (rows >= field["top"]) & (rows < field["top"] + field["height"])
        inside &= (columns >= field["left"]) & (columns < field["left"] + field["width"])
        assert inside.all(), "a pixel outside the outline has an influence"
        if net != "modern":  # a maximum passes the gradient to one of its four
            assert (int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1) == (
                field["height"],
                field["width"],
            )


def test_rows_are_read_as_in_python(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    rows = [torch.rand(1, columns, 10, generator=generator) * 90 for columns in (1, 2, 9, 40)]
    found = run(READ, {"rows": [tensor(distances) for distances in rows], "row": FACTS["row"]})
    for distances, part in zip(rows, found, strict=True):
        logs = row.column_log_probabilities(-distances[0], FACTS["row"]["rubbish_penalty"], FACTS["row"]["temperature"])
        np.testing.assert_allclose(part["logs"], logs, atol=1e-5)
        columns = row.viterbi(logs, FACTS["row"]["spacing"])
        assert [chosen["column"] for chosen in part["read"]] == columns
        assert [chosen["digit"] for chosen in part["read"]] == logs[columns, :10].argmax(1).tolist()
