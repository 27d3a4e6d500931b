"""The page's ink.js gives the input that the library's strokes.py gives, to 1e-5 a pixel, on drawings of all kinds."""

from __future__ import annotations

from typing import Any

import node
import numpy as np
import pytest
from toys import ROOT

from convnets.lenet.data import BLACK, WHITE
from convnets.lenet.strokes import (
    RADIUS,
    SAMPLES,
    bend,
    compose,
    fit,
    fit_row,
    image,
    rasterise,
    row_image,
)

INK = (ROOT / "code/live/src/demos/lenet/ink.js").as_uri()
IMPORT = f'import {{ bend, compose, fit, fitRow, image, rasterise, rowImage }} from "{INK}";\n'
PEN = {"radius": RADIUS, "white": WHITE, "black": BLACK}
DRAWINGS = [sample["strokes"] for sample in SAMPLES]


@pytest.fixture
def random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def scribbles(random: np.random.Generator, count: int, width: float = 1.0) -> list[Any]:
    """Random drawings on a pad of height 1: nothing, dots, points on one spot, walks of small and far steps."""
    drawn: list[Any] = [[], [[]], [[[0.5, 0.5]]], [[[0.2, 0.3], [0.2, 0.3]]], [[[0.1, 0.1], [0.11, 0.11]]]]
    for _ in range(count):
        strokes = []
        for _ in range(random.integers(1, 5)):
            start, steps = random.uniform(0, (width, 1), (1, 2)), random.integers(1, 30)
            strokes.append((start + random.normal(0, random.choice([0.001, 0.05, 1]), (steps, 2)).cumsum(0)).tolist())
        drawn.append(strokes)
    return drawn


def input_of(answer: dict[str, Any]) -> np.ndarray:
    """What JavaScript calls {data, dims} as an array."""
    return np.array(answer["data"], np.float32).reshape(answer["dims"])


def assert_same(theirs: Any, ours: Any) -> None:
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-5)


def test_single_images(random: np.random.Generator) -> None:
    cases = []
    for strokes in [*DRAWINGS, *scribbles(random, 60)]:
        shift_x, shift_y, degrees = random.uniform([-6, -6, -180], [6, 6, 180]).tolist()
        bent = {"shiftX": shift_x, "shiftY": shift_y, "degrees": degrees, "drawnRadius": random.uniform(0.5, 3)}
        side = 100 if strokes in DRAWINGS else 1
        cases += [
            {"strokes": strokes, "size": 28, "side": side},
            {"strokes": strokes, "size": 32, "side": side, **bent},
        ]
    script = "output(input.map(({ strokes, ...options }) => {\n"
    script += "  const { data, dims } = image(strokes, options);\n  return { data: [...data], dims }; }));"
    answers = node.run(IMPORT + script, [case | PEN for case in cases])
    names = {"shiftX": "shift_x", "shiftY": "shift_y", "drawnRadius": "drawn_radius"}
    for case, answer in zip(cases, answers, strict=True):
        assert_same(input_of(answer), image(**{names.get(name, name): value for name, value in case.items()}).numpy())


def test_fields_of_any_shape(random: np.random.Generator) -> None:
    drawings = scribbles(random, 20)
    script = """output(input.drawings.map((drawing) => {
      const strokes = fit(drawing, input), field = { height: 20, width: 41 };
      const bent = bend(strokes, { shiftX: 3, degrees: -30, ...field });
      return { strokes, bent, ink: [...rasterise(bent, { radius: 0.7, ...field })] }; }));"""
    for drawing, answer in zip(drawings, node.run(IMPORT + script, {"drawings": drawings} | PEN), strict=True):
        strokes = fit(drawing)
        bent = bend(strokes, shift_x=3, degrees=-30, height=20, width=41)
        for theirs, ours in zip(answer["strokes"] + answer["bent"], strokes + bent, strict=True):
            assert_same(theirs, ours)
        assert_same(answer["ink"], rasterise(bent, 0.7, 20, 41).ravel())


def test_rows(random: np.random.Generator) -> None:
    rows = [*scribbles(random, 30, width=6), [[[0, 0.5], [30, 0.6]]], [[[0, 0.5], [2, 0.5]]], [[[1, 0], [1, 1]]]]
    script = """output(input.rows.map((strokes) => {
      const { data, dims } = rowImage(fitRow(strokes, input), { ...input, drawnRadius: 1.7 });
      return { data: [...data], dims }; }));"""
    for strokes, answer in zip(rows, node.run(IMPORT + script, {"rows": rows} | PEN), strict=True):
        assert_same(input_of(answer), row_image(fit_row(strokes), drawn_radius=1.7).numpy())


def test_composed_rows(random: np.random.Generator) -> None:
    digits = [[*DRAWINGS, []][index] for index in random.integers(0, 21, 5)]
    rows = [{"drawings": chosen, "gap": gap} for chosen in (digits, [], DRAWINGS) for gap in (-30, -2.5, 0, 4)]
    script = """output(input.rows.map(({ drawings, gap }) => {
      const row = compose(drawings, { ...input, gap, side: 100 }), { data, dims } = rowImage(row, input);
      return { data: [...data], dims, width: row.width }; }));"""
    for row, answer in zip(rows, node.run(IMPORT + script, {"rows": rows} | PEN), strict=True):
        ours = compose(row["drawings"], row["gap"], side=100)
        assert answer["width"] == ours.width
        assert_same(input_of(answer), row_image(ours).numpy())
