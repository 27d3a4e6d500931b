"""The neocognitron's JavaScript beside Python: the net, its learning, drawings, and what answers are taken to mean."""

from __future__ import annotations

import node
import numpy as np
import torch
from neocognitron.demo_page import LAYERS, PARITY, organised
from toys import ROOT

from convnets.neocognitron import patterns
from convnets.neocognitron.live import FACTS
from convnets.neocognitron.model import SIZE

FOLDER = (ROOT / "code/live/src/demos/neocognitron").as_uri()
IMPORT = "".join(
    f'import {{ {names} }} from "{FOLDER}/{file}.js";\n'
    for file, names in {
        "net": "asInput, respond",
        "learn": "present",
        "facts": "pixelsOf, untaught",
        "pixels": "bend, line, shifted, thin",
        "answers": "judge, last, places, survey",
    }.items()
)


def test_a_net_learns_in_javascript_as_in_python(seed: int) -> None:
    """Characters that nobody has seen, at places drawn at random: the same winners, weights and answers."""
    random = np.random.default_rng(seed)
    images = np.zeros((3, SIZE, SIZE))
    for image in images:  # three walks, six cells wide at most
        place = np.array([8, 8])
        for _ in range(25):
            image[tuple(place)] = 1
            place = np.clip(place + random.integers(-1, 2, 2), 5, 10)
    plan = [[int(i % 3), *random.integers(-4, 5, 2).tolist()] for i in range(24)]
    script = """const net = untaught(input.facts), images = input.images.map((rows) => Float64Array.from(rows.flat()));
      const show = ([index, down, right]) => present(net, asInput(shifted(images[index], down, right)));
      const named = (layer) => layer.map(({ plane, row, column }) => [plane, row, column]);
      const winners = input.plan.map((shown) => show(shown).map(named));
      const answers = (image) => respond(net, asInput(image)).flatMap(({ s, c }) => [[...s.data], [...c.data]]);
      output({ winners, weights: net.weights.map(({ a, b }) => [[...a], [...b]]),
        answers: images.map(answers) });"""
    found = node.run(IMPORT + script, {"facts": FACTS, "images": images.tolist(), "plan": plan})
    model, winners = organised(torch.from_numpy(images), plan)
    assert found["winners"] == winners
    for (a, b), module in zip(found["weights"], model.stages, strict=True):
        np.testing.assert_allclose(a, module.a.flatten(), atol=1e-9)
        np.testing.assert_allclose(b, module.b, atol=1e-9)
    responses = model.responses(torch.from_numpy(images))
    for index, answers in enumerate(found["answers"]):
        for name, theirs in zip(LAYERS, answers, strict=True):
            np.testing.assert_allclose(theirs, getattr(responses, name)[index].flatten(), atol=1e-9, err_msg=name)


def test_the_net_of_1980_follows_its_golden_trajectory() -> None:
    script = """const net = untaught(input), patterns = input.patterns.map(({ image }) => pixelsOf(image));
      const trajectory = [], after = {};
      input.schedule.forEach(([pattern, down, right], index) => {
        present(net, asInput(shifted(patterns[pattern], down, right))).forEach((layer, number) =>
          layer.forEach(({ plane, row, column }) => trajectory.push([index, number, plane, row, column])));
        if (index + 1 in input.golden.uc3_after) after[index + 1] = patterns.map((pixels) => [...last(net, pixels)]);
      });
      const { owners } = survey(net, patterns, input.answering);
      const variants = input.variants.map(({ image }) => [...last(net, pixelsOf(image))]);
      output({ trajectory, after, owners, variants });"""
    found, golden = node.run(IMPORT + script, FACTS), FACTS["golden"]
    watched = {row[0] for row in golden["trajectory"]}
    assert [row for row in found["trajectory"] if row[0] in watched] == golden["trajectory"]
    for count, answers in golden["uc3_after"].items():
        np.testing.assert_allclose(found["after"][count], answers, atol=PARITY)
    for index, answers in golden["uc3"].items():
        np.testing.assert_allclose(found["variants"][int(index)], answers, atol=PARITY)
    for pattern, cell in enumerate(FACTS["answers"]):
        assert found["owners"][cell] == [pattern]


def test_drawings_are_moved_and_scaled_as_lines() -> None:
    script = """const pixels = input.map(pixelsOf), bent = (amounts) => pixels.map((each) => [...bend(each, amounts)]);
      output({ same: bent({}), moved: bent({ right: 2, down: -1 }), large: bent({ size: 125 }),
        turned: bent({ degrees: 90 }), noisy: bent({ noise: 10 }), again: bent({ noise: 10 }),
        places: pixels.map((each) => places(each)),
        stairs: thin([[0, 0], [0, 1], [1, 1], [1, 2], [2, 2]]),
        corner: thin([[0, 0], [0, 1], [0, 2], [1, 2], [2, 2]]),
        line: line([0, 0], [2, 5]) });"""
    found = node.run(IMPORT + script, [each["image"] for each in FACTS["patterns"]])
    whole = patterns.patterns()
    for digit in range(5):
        kinds = ("same", "moved", "large", "turned", "noisy")
        square = {kind: np.reshape(found[kind][digit], (SIZE, SIZE)) for kind in kinds}
        assert np.array_equal(square["same"], whole[digit])
        assert np.array_equal(square["moved"], patterns.pattern(digit, (-1, 2)))
        high, wide = (np.ptp(axis) + 1 for axis in np.nonzero(square["same"]))
        higher, wider = (np.ptp(axis) + 1 for axis in np.nonzero(square["large"]))
        assert higher in (high + 2, high + 3) and wider >= wide
        assert pieces(square["large"]) == pieces(square["same"]) == 1, "lines stay whole"
        assert [np.ptp(axis) + 1 for axis in np.nonzero(square["turned"])] == [wide, high]
        flipped = (square["noisy"] != square["same"]).mean()
        assert 0.05 < flipped < 0.16
        downs, rights = patterns.room(digit)
        assert found["places"][digit] == [[y, x] for y in downs for x in rights if max(abs(y), abs(x)) <= 2]
    assert found["noisy"] == found["again"], "noise does not flicker"
    assert found["stairs"] == [[0, 0], [1, 1], [2, 2]]
    assert found["corner"] == [[0, 0], [0, 1], [0, 2], [1, 2], [2, 2]], "a true corner stays"
    assert found["line"][0] == [0, 0] and found["line"][-1] == [2, 5] and len(found["line"]) == 6


def pieces(image: np.ndarray) -> int:
    """Connected pieces of ink, diagonal neighbours joined."""
    left, count = {tuple(place) for place in np.argwhere(image > 0).tolist()}, 0
    while left:
        count, heap = count + 1, [left.pop()]
        while heap:
            row, column = heap.pop()
            near = {(row + y, column + x) for y in (-1, 0, 1) for x in (-1, 0, 1)} & left
            left -= near
            heap += near
    return count


def test_what_a_net_is_taken_to_mean() -> None:
    """Shared cells, silent nets and cells that stand for nothing are told as such."""
    script = """const owners = [[0], [1], [0, 1], []], least = 0.05;
      output([[0.5, 0.2, 0, 0], [0.01, 0.04, 0, 0], [0.1, 0.2, 0.6, 0], [0, 0.1, 0, 0.3], [0.3, 0, 0, 0]]
        .map((answer) => judge(answer, { owners, least })));"""
    first, silent, shared, stranger, alone = node.run(IMPORT + script, None)
    assert (first["best"], first["cell"], first["second"], first["secondValue"]) == ([0], 0, 1, 0.2)
    assert silent["best"] == [] and silent["cell"] is None
    assert shared["best"] == [0, 1]
    assert stranger["best"] == [] and stranger["cell"] == 3
    assert alone["best"] == [0] and alone["second"] is None
