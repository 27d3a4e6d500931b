"""Stimuli, fields and cells of the Hubel and Wiesel chapter: their mathematics, and what they answer."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from toys import ROOT

from convnets.common.errors import ConvnetsError
from convnets.hubelwiesel import CELLS, Neuron, Stimulus, Unit, cell, fields, picture, respond, row
from convnets.hubelwiesel.cells import draw
from convnets.hubelwiesel.experiments import best_bar
from convnets.hubelwiesel.live import FACTS
from convnets.hubelwiesel.model import RATE, STAGES, STEP, kernels, sign_at, temporal_gain
from convnets.hubelwiesel.published import PUBLISHED
from convnets.hubelwiesel.stimuli import HALF, PIXEL, SIZE, check_image, grating, grid, sweep

# Stimuli


def test_a_shape_covers_its_area() -> None:
    assert picture(Stimulus("bar", angle=30, width=0.5, length=3)).sum() * PIXEL**2 == pytest.approx(1.5, rel=0.01)
    assert picture(Stimulus("spot", diameter=2)).sum() * PIXEL**2 == pytest.approx(math.pi, rel=0.01)
    ring = picture(Stimulus("annulus", diameter=2, width=0.5))
    assert ring.sum() * PIXEL**2 == pytest.approx(math.pi * (1.5**2 - 1), rel=0.01)
    assert picture(Stimulus("edge", angle=25)).mean() == pytest.approx(0.5, abs=0.01)
    assert picture(None).shape == (SIZE, SIZE) and not picture(None).any()


def test_places_and_angles_are_those_of_the_eye() -> None:
    x, y = grid()
    spot = picture(Stimulus("spot", x=2, y=1, diameter=0.5))
    assert (spot * x).sum() / spot.sum() == pytest.approx(2, abs=0.02)
    assert (spot * y).sum() / spot.sum() == pytest.approx(1, abs=0.02)
    assert y[0, 0] > 0 > y[-1, 0], "row 0 is the top"
    rising = picture(Stimulus("bar", angle=45, length=4))
    assert (rising * x * y).sum() > 0, "45 degrees rises to the right"
    assert np.allclose(rising, picture(Stimulus("bar", angle=225, length=4)))
    edge, other = (picture(Stimulus("edge", angle=angle)) for angle in (20, 200))
    assert np.allclose(edge + other, 1)


def test_a_stimulus_moves_by_parts_of_a_pixel() -> None:
    sums = [(picture(Stimulus("bar", x=far, width=0.3)) * grid()[0]).sum() for far in np.linspace(0, PIXEL, 5)]
    assert np.allclose(np.diff(sums), np.diff(sums)[0], rtol=1e-6)
    path = sweep(Stimulus("bar", 1, -1, angle=30), speed=4, seconds=1, step=STEP)
    assert len(path) == 100
    assert (path[50].x, path[50].y) == pytest.approx((1, -1))
    assert math.hypot(path[99].x - path[0].x, path[99].y - path[0].y) == pytest.approx(4 * 0.99)


def test_a_grating_has_the_contrast_it_is_given() -> None:
    image = grating(30, 0.5, contrast=0.4)
    michelson = (image.max() - image.min()) / (2 + image.max() + image.min())
    assert michelson == pytest.approx(0.4, abs=0.005)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Stimulus("spot", contrast=0), "contrast 0 cannot be shown"),
        (lambda: Stimulus("spot", contrast=1.5), "contrast 1.5 cannot be shown"),
        (lambda: grating(0, 0.5, contrast=0), "contrast 0 cannot be shown"),
        (lambda: grating(0, 5.0), "5.0 cycles per degree cannot be shown"),
        (lambda: Stimulus("bar", width=0), "width of a bar is 0 degrees"),
        (lambda: Stimulus("bar", length=-1), "length of a bar is -1 degrees"),
        (lambda: Stimulus("spot", diameter=math.nan), "diameter of a spot is nan"),
        (lambda: Stimulus("star"), "no stimulus of shape 'star'"),
        (lambda: picture(Stimulus("bar", x=9)), "lies outside the screen"),
        (lambda: check_image(np.zeros((32, 32))), r"the shape \(32, 32\)"),
        (lambda: check_image(np.full((SIZE, SIZE), 255.0)), "between 255.0 and 255.0"),
        (lambda: check_image(np.full((SIZE, SIZE), np.nan)), "between nan and nan"),
        (lambda: Unit("odd", "hyper"), "no cell of kind 'hyper'"),
        (lambda: Unit("odd", "simple", sigma=0), "sigma is 0"),
        (lambda: cell("nobody"), "no cell 'nobody'"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence(wrong: object, words: str) -> None:
    with pytest.raises(ConvnetsError, match=words) as told:
        wrong()  # type: ignore[operator]
    assert "\n" not in str(told.value)


# Fields


@pytest.mark.parametrize("phase", [0.0, 60.0, 90.0, 180.0])
def test_a_gabor_field_sums_as_its_formula_says(phase: float) -> None:
    width, frequency = 0.6, 0.5
    field = fields.gabor(0, 0, 35, frequency, width, 0.9, phase)
    even_light = 2 * math.exp(-2 * (math.pi * width * frequency) ** 2) * math.cos(math.radians(phase))
    assert field.sum() == pytest.approx(even_light, abs=1e-4)
    waves = np.tensordot(grating(35, frequency, np.linspace(0, 2 * np.pi, 60, endpoint=False)), field, 2)
    crossing = math.exp(-8 * (math.pi * width * frequency) ** 2)
    assert waves.max() == pytest.approx(1, abs=crossing + 2e-3)


def test_a_gabor_field_turned_by_180_degrees() -> None:
    even, odd = (fields.gabor(0.5, 0, 35, 0.5, 0.6, 0.9, phase) for phase in (0, 90))
    assert np.allclose(even, fields.gabor(0.5, 0, 215, 0.5, 0.6, 0.9, 0))
    assert np.allclose(odd, -fields.gabor(0.5, 0, 215, 0.5, 0.6, 0.9, 90))
    assert np.allclose(odd, fields.gabor(0.5, 0, 215, 0.5, 0.6, 0.9, -90))


def test_the_envelope_of_a_gabor_function_has_its_width_and_length() -> None:
    power = sum(fields.gabor(0, 0, 0, 0.5, 0.5, 0.9, phase) ** 2 for phase in (0, 90))
    x, y = grid()
    assert math.sqrt((power * y**2).sum() / power.sum()) == pytest.approx(0.5 / math.sqrt(2), rel=1e-3)
    assert math.sqrt((power * x**2).sum() / power.sum()) == pytest.approx(0.9 / math.sqrt(2), rel=1e-3)


def test_a_concentric_field_has_a_surround_and_a_best_spot() -> None:
    field = fields.centre_surround(0, 0, 0.35, 3.0, 0.85)
    assert field[SIZE // 2, SIZE // 2] > 0 > field[SIZE // 2, SIZE // 2 + 8]
    assert field.sum() * fields.best_spot(0.35, 3.0, 0.85)[1] == pytest.approx(1 - 0.85, abs=0.01)
    diameter, _ = fields.best_spot(0.35, 3.0, 0.85)
    best = (field * picture(Stimulus("spot", diameter=diameter))).sum()
    assert best == pytest.approx(1, abs=0.01)
    for other in (0.8 * diameter, 1.25 * diameter, 5.0):
        assert (field * picture(Stimulus("spot", diameter=other))).sum() < best


def test_a_row_of_concentric_fields_resembles_a_gabor_field() -> None:
    unit = cell("simple-line")
    common = (unit.x, unit.y, unit.angle, 0.4, 3.0, 0.85, 4, 0.6)
    gabor = kernels(unit)[0].ravel()
    row, flanked, crossed = (
        np.corrcoef(fields.row_of_cells(*common[:2], angle, *common[3:], flanks=flanks).ravel(), gabor)[0, 1]
        for angle, flanks in ((unit.angle, 0.0), (unit.angle, 1.0), (unit.angle + 90, 0.0))
    )
    assert flanked > 0.9 > row > 0.75 > crossed
    assert fields.row_of_cells(*common).sum() == pytest.approx(
        fields.centre_surround(0, 0, 0.4, 3, 0.85).sum(), abs=0.01
    )


# Cells in time


def test_the_cascade_is_the_filter_of_adelson_and_bergen() -> None:
    step, times = 1e-4, np.arange(0, 0.6, 1e-4)
    neuron = Neuron(Unit("x", "on", sustained=1e-12))
    taps = []
    for time in times:
        neuron.feed(np.array([1 / step if time == 0 else 0.0, 0.0]), step)
        taps.append(neuron.stages[:, 0].copy())
    four, six, eight = np.array(taps).T[[3, 5, 7]]
    for n, tap, later in ((3, four, six), (5, six, eight)):
        z = RATE * times
        formula = RATE * z**n * np.exp(-z) * (1 / math.factorial(n) - z**2 / math.factorial(n + 2))
        assert np.allclose(tap - later, formula, atol=0.02 * abs(formula).max())


def test_a_film_at_once_equals_step_by_step() -> None:
    random = np.random.default_rng(0)
    film = random.uniform(-1, 1, (40, SIZE, SIZE))
    for unit in CELLS:
        neuron = Neuron(unit)
        assert np.allclose(respond(unit, film), [neuron.step(image) for image in film], atol=1e-9)


def test_the_slow_integration_of_one_step_by_hand() -> None:
    unit = cell("endstopped")
    neuron, image = Neuron(unit), picture(Stimulus("bar", unit.x, unit.y, unit.angle, length=4))
    for _ in range(7):
        rate = neuron.step(image)
    sums = [float((kernel * image).sum()) for kernel in kernels(unit)]
    steps, share = 7, 1 - math.exp(-RATE * STEP)
    tap = {
        n: sum(math.comb(n - 1 + t, t) * share**n * (1 - share) ** t for t in range(steps))
        for n in range(1, STAGES + 1)
    }
    fast, slow = tap[4] - 0.95 * tap[6], tap[6] - 0.95 * tap[8]
    energies = [math.sqrt(2 * sum((fast * a) ** 2 + (slow * a) ** 2 for a in sums[k : k + 2])) for k in (0, 2, 4)]
    drive = (energies[0] - unit.inhibition * (energies[1] + energies[2])) / temporal_gain(unit)
    assert neuron.drive == pytest.approx(drive, rel=1e-9)
    weights = neuron.pool_weights
    pool = 2 * tap[5] * (weights * image**2).sum()
    expected = unit.spontaneous + unit.top * math.copysign(drive**2 / (unit.half**2 + pool), drive)
    assert rate == pytest.approx(max(0.0, expected), rel=1e-9)


def test_a_film_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ConvnetsError, match="64 x 64 pixels"):
        respond(CELLS[0], np.zeros((5, 10, 10)))


def test_the_background_leaves_every_cell_at_rest() -> None:
    for unit in (*CELLS, *map(draw, range(10))):
        assert np.allclose(respond(unit, [None] * 20), unit.spontaneous)


def test_light_on_and_off_where_the_signs_say() -> None:
    for unit in (cell("fibre-on"), cell("fibre-off"), cell("simple-line"), cell("simple-edge"), cell("simple-dark")):
        turn = math.radians(unit.angle + 90)
        far = 0.25 / unit.frequency if unit.phase == 90 else 0.0
        place = (unit.x - far * math.cos(turn), unit.y - far * math.sin(turn))
        rates = respond(unit, [Stimulus("spot", *place, diameter=0.6)] * 50 + [None] * 50)
        on, off = rates[:40].max(), rates[50:90].max()
        assert sign_at(unit, *place) == (1 if on > off else -1), unit.name
    for unit in (cell("complex"), cell("complex-direction")):
        rates = respond(unit, [Stimulus("spot", unit.x, unit.y)] * 50 + [None] * 50) - unit.spontaneous
        assert min(rates[:40].max(), rates[50:90].max()) > 5, "complex cells answer to both"
        assert sign_at(unit, unit.x, unit.y) == 1
    ended = cell("endstopped")
    turn = math.radians(ended.angle)
    assert sign_at(ended, ended.x, ended.y) == 1
    assert sign_at(ended, ended.x + ended.ends * math.cos(turn), ended.y + ended.ends * math.sin(turn)) == -1
    assert sign_at(ended, HALF, HALF) == 0


def test_even_light_says_little_to_oriented_cells() -> None:
    for unit in CELLS:
        if unit.oriented:
            light = Stimulus("spot", diameter=30)
            bar = Stimulus("bar", unit.x, unit.y, unit.angle, width=1, length=4)
            answers = [respond(unit, [each] * 50).max() - unit.spontaneous for each in (light, bar)]
            dark = respond(unit, [replace(bar, contrast=-1.0)] * 50).max() - unit.spontaneous
            assert answers[0] < 0.05 * max(answers[1], dark) + 1, unit.name


def test_a_surround_works_even_light_is_far_from_the_best_spot() -> None:
    for unit in CELLS:
        if not unit.oriented:
            best, _ = fields.best_spot(unit.sigma, unit.surround, unit.weight)
            spots = [Stimulus("spot", unit.x, unit.y, diameter=d, contrast=1.0 if unit.kind == "on" else -1.0)
                     for d in (best, 4.0, 30.0)]  # fmt: skip
            small, wide, even = (respond(unit, [each] * 50).max() - unit.spontaneous for each in spots)
            assert small > 2.5 * wide > 2.5 * even > 0, unit.name
            assert even < 0.2 * small, unit.name


def test_a_complex_cell_answers_the_end_of_the_light_as_its_beginning() -> None:
    for unit in (*CELLS, *map(draw, range(24))):
        if unit.kind in ("complex", "endstopped"):
            rates = respond(unit, [best_bar(unit)] * 60 + [None] * 60) - unit.spontaneous
            assert 0.8 < rates[:60].max() / rates[60:].max() < 1.25, unit.name


def test_the_slow_filter_lags_by_a_ninth_of_a_cycle_and_never_by_a_quarter() -> None:
    neuron, lags = Neuron(Unit("x", "on")), []
    for hertz in (3.0, 6.0, 10.0, 13.3, 20.0):
        neuron.rest()
        wave = np.exp(2j * math.pi * hertz * STEP * np.arange(200))
        taps = []
        for value in wave.real:
            neuron.feed(np.array([value, 0.0]))
            taps.append(neuron.stages[[3, 5, 7], 0].copy())
        four, six, eight = np.array(taps)[100:].T
        fast, slow = (abs(part @ wave[100:].conj()) for part in (four - six, six - eight))
        assert fast > slow, "the slow filter passes less"
        turns = [np.angle(part @ wave[100:].conj()) / (2 * math.pi) for part in (four - six, six - eight)]
        lags.append((turns[0] - turns[1]) % 1)
    assert lags[0] == pytest.approx(1 / 9, abs=0.005)
    assert max(lags) < 0.24 and 2 * math.atan(2 * math.pi * 6 / RATE) / (2 * math.pi) == pytest.approx(0.24, abs=0.003)


def test_a_row_has_every_number_that_its_kind_uses() -> None:
    told = {unit.name: [(name.text, value.text) for name, _symbol, value, _meaning in row(unit).rows] for unit in CELLS}
    for unit in CELLS:
        assert all(float(value) == getattr(unit, name) for name, value in told[unit.name]), unit.name
    names = {name: {first for first, _ in lines} for name, lines in told.items()}
    assert names["fibre-on"] == names["simple-line"] - {"angle", "frequency", "length", "phase", "direction"} | {
        "surround", "weight",
    }  # fmt: skip
    assert names["endstopped"] == names["complex"] | {"ends", "inhibition"}
    every = {each.name for each in dataclasses.fields(Unit)} - {"name", "kind"}
    assert set.union(*names.values()) == every


def test_simple_cells_have_the_proportions_that_were_measured() -> None:
    aspect, shape = PUBLISHED["aspect"], PUBLISHED["shape"]
    simple = [unit for unit in (*CELLS, *map(draw, range(400))) if unit.kind == "simple"]
    assert len(simple) > 100
    for unit in simple:
        assert aspect.low < unit.sigma / unit.length < aspect.high, unit.name
        assert all(shape.low < size * unit.frequency < shape.high for size in (unit.sigma, unit.length)), unit.name


def test_the_demo_is_given_what_the_cells_answer() -> None:
    stored = json.loads((ROOT / "assets" / "hubelwiesel" / "facts.json").read_text())
    assert stored == json.loads(json.dumps(FACTS)) | {"lineage": stored["lineage"]}, "run `convnets export hubelwiesel`"
    assert [unit["name"] for unit in stored["cells"][: stored["book"]]] == [unit.name for unit in CELLS]
    for unit, trials in zip(CELLS, stored["golden"], strict=True):
        assert max(max(trial["rates"]) for trial in trials) > unit.spontaneous + 1, (
            f"{unit.name} is not put to the test"
        )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"x": math.nan}, "x is nan: give a number of degrees"),
        ({"angle": math.inf}, "angle is inf"),
        ({"spontaneous": -5.0}, "spontaneous is -5.0: give a number not below zero"),
        ({"direction": 2.0}, "direction is 2.0: give a number from 0 to 1"),
        ({"sustained": math.nan}, "sustained is nan"),
    ],
)
def test_a_cell_that_cannot_be_is_told(values: dict[str, float], words: str) -> None:
    with pytest.raises(ConvnetsError, match=words):
        Unit("odd", "simple", **values)


@pytest.mark.parametrize("name", ["x", "y", "angle"])
def test_a_stimulus_is_somewhere(name: str) -> None:
    with pytest.raises(ConvnetsError, match=f"The {name} of a spot is nan"):
        Stimulus("spot", **{name: math.nan})
