"""A sweep of the cortex demo contains what is remembered, wherever that was, and says how far it stays itself."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from node import run

from convnets.cortex.live import FACTS
from press.page import bundle

SRC = (Path(__file__).resolve().parents[2] / bundle.SOURCES / "src").as_uri()

SWEEP = f"""
globalThis.document = {{ documentElement: {{ lang: "en" }}, querySelector: () => null }};
const {{ axes, places }} = await import("{SRC}/demos/cortex/sweep.js");
const {{ holds }} = await import("{SRC}/demos/cortex/measure.js");
const axis = axes(input.field)[input.axis], other = 0.2;
const points = places(axis.span(input.from)).map((place) => {{
  const away = axis.place(axis.pose(place, input.from), input.from);
  return {{ place, away, other, same: other + (1 - other) * Math.exp(-((place / input.width) ** 2) / 2) }};
}});
output({{ points, band: holds(points), beside: holds(points.map((p) => ({{ ...p, same: p.place ? p.same : 0 }}))) }});
"""


@pytest.mark.parametrize(
    ("axis", "pose"), [("shift", {"x": 0}), ("shift", {"x": 1.2}), ("turn", {"turn": 120}), ("turn", {"turn": -180})]
)
def test_a_sweep_starts_at_what_is_remembered(axis: str, pose: dict[str, float]) -> None:
    width = {"shift": 0.1, "turn": 20.0}[axis]
    start = {"x": 0, "y": 0, "size": 1, "turn": 0, "contrast": 1} | pose
    found = run(SWEEP, {"axis": axis, "from": start, "field": FACTS["field"], "width": width})
    places = [point["place"] for point in found["points"]]
    assert places == sorted(places) and 0 in places
    for point in found["points"]:
        assert abs(point["away"]) <= 180 and point["away"] == pytest.approx(point["place"], abs=1e-9)
    low, high = found["band"]
    half = width * math.sqrt(2 * math.log(2))
    if not low["open"]:
        assert low["place"] == pytest.approx(-half, rel=0.3)
    if not high["open"]:
        assert high["place"] == pytest.approx(half, rel=0.3)
    assert low["place"] <= 0 <= high["place"] and not (low["open"] and high["open"])
    assert found["beside"] is None, "without what is remembered nothing is told"
