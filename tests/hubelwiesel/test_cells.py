"""The demo's arithmetic without a page: cells that answer as Python's do, spikes by chance, the score."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from node import run

from convnets.hubelwiesel import model
from convnets.hubelwiesel.live import FACTS
from convnets.hubelwiesel.model import Unit
from convnets.hubelwiesel.stimuli import HALF
from press.page import bundle

ROOT = Path(__file__).resolve().parents[2]
SRC = (ROOT / bundle.SOURCES / "src" / "demos" / "hubelwiesel").as_uri()
PARITY = 1e-4

GOLDEN = f"""
import {{ Neuron, prepare, signAt }} from "{SRC}/cells.js";
prepare(input.facts);
const {{ step }} = input.facts.time;
const golden = input.facts.golden.map((trials, cell) => trials.map((trial) => {{
  const neuron = new Neuron(input.facts.cells[cell]), {{ stimulus, velocity, steps, rest }} = trial;
  return Array.from({{ length: steps + rest }}, (_, i) => {{
    const moved = {{ x: stimulus.x + i * step * velocity.x, y: stimulus.y + i * step * velocity.y }};
    const rate = neuron.step(i < steps ? {{ ...stimulus, ...moved }} : null, step);
    return [rate, neuron.drive];
  }});
}}));
const signs = input.facts.cells.map((unit) => input.places.map(([x, y]) => signAt(unit, x, y)));
output({{ golden, signs }});
"""

CHANCE = f"""
import {{ spikes, stream }} from "{SRC}/chance.js";
const count = (rate, seed) => {{
  const random = stream(seed);
  return Array.from({{ length: 4000 }}, (_, i) => spikes(random, rate, i * 0.01, (i + 1) * 0.01).length);
}};
output({{ counts: count(30, input.seed), again: count(30, input.seed), silent: count(0, 1), none: count(NaN, 1) }});
"""

SCORE = f"""
import {{ score }} from "{SRC}/score.js";
output(input.map(({{ marks, guess, truth, signs }}) => {{
  let next = 0;
  return score({{ marks, guess, truth: {{ ...truth, sign: () => signs[next++] }} }});
}}));
"""


def test_every_answer_is_that_of_python(seed: int) -> None:
    places = np.random.default_rng(seed).uniform(-HALF, HALF, (200, 2)).tolist()
    found = run(GOLDEN, {"facts": FACTS, "places": places})
    for trials, answers in zip(FACTS["golden"], found["golden"], strict=True):
        for trial, answer in zip(trials, np.array(answers), strict=True):
            np.testing.assert_allclose(answer[:, 0], trial["rates"], rtol=0, atol=PARITY)
            np.testing.assert_allclose(answer[:, 1], trial["drives"], rtol=0, atol=PARITY)
    for cell, signs in zip(FACTS["cells"], found["signs"], strict=True):
        unit = Unit(**{name: value for name, value in cell.items() if name != "gain"})
        assert signs == [model.sign_at(unit, x, y) for x, y in places]


def test_where_a_field_ends_is_told_by_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(float(x), float(y)) for x in np.arange(-3, 3.1, 0.5) for y in np.arange(-3, 3.1, 0.5)]
    monkeypatch.setattr(model, "EDGE", 0.4)
    found = run(GOLDEN, {"facts": FACTS | {"edge": 0.4}, "places": places})
    for cell, signs in zip(FACTS["cells"], found["signs"], strict=True):
        unit = Unit(**{name: value for name, value in cell.items() if name != "gain"})
        assert signs == [model.sign_at(unit, x, y) for x, y in places]


def test_spikes_are_a_poisson_process_that_its_seed_repeats(seed: int) -> None:
    found = run(CHANCE, {"seed": seed})
    counts = np.array(found["counts"])
    assert found["counts"] == found["again"] and not sum(found["silent"]) and not sum(found["none"])
    expected = 30 * 0.01
    assert abs(counts.mean() - expected) < 5 * math.sqrt(expected / len(counts))
    assert counts.var() == pytest.approx(expected, rel=0.25), "mean and variance of a Poisson count agree"


def test_the_score_is_what_the_page_says_it_is() -> None:
    truth = {"centre": {"x": 1, "y": -1}, "angle": 170, "kind": "simple"}
    marks = [
        {"sign": sign, "x": 1 + x, "y": -1.0} for sign, x in ((1, -0.5), (1, 0.5), (-1, -1), (-1, 1), (1, 0), (1, 0))
    ]
    cases: list[dict[str, Any]] = [
        {"marks": marks, "guess": {"kind": "simple", "angle": 170}, "signs": [1, 1, -1, -1, 1, 1]},
        {"marks": marks, "guess": {"kind": "complex", "angle": 10}, "signs": [1, 1, 1, 1, 0, 1]},
        {"marks": marks[:1], "guess": {"kind": "on", "angle": None}, "signs": [1]},
        {"marks": [], "guess": {"kind": None, "angle": 90}, "signs": []},
    ]
    best, near, few, nothing = run(SCORE, [{**case, "truth": truth} for case in cases])
    assert best["total"] == 100 and best["distance"] == pytest.approx(0)
    assert near["error"] == 20 and near["right"] == 3
    assert near["points"] == {"place": 25, "marks": 12 + 1, "orientation": 14, "kind": 0}
    assert few["error"] is None and few["points"] == {"place": 19, "marks": 4, "orientation": 0, "kind": 0}
    assert nothing["points"]["place"] == nothing["points"]["marks"] == nothing["points"]["kind"] == 0
