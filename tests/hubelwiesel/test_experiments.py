"""Experiments on the model cells: tuning, spikes, reverse correlation and columns against what is known of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from convnets.common.errors import ConvnetsError
from convnets.hubelwiesel import CELLS, Stimulus, Unit, cell, maps, published, respond, reverse
from convnets.hubelwiesel import experiments as lab
from convnets.hubelwiesel.model import STEP
from convnets.hubelwiesel.spikes import spike_counts, spike_times
from convnets.hubelwiesel.stimuli import grating, sweep

SIMPLE = [unit for unit in CELLS if unit.kind == "simple"]
COMPLEX = [unit for unit in CELLS if unit.kind == "complex"]

# Gratings


def test_simple_cells_follow_the_stripes_and_complex_cells_do_not() -> None:
    for unit in SIMPLE:
        zero, first = lab.modulation(lab.grating_response(replace(unit, spontaneous=0.0)))
        assert 1 < first / zero == pytest.approx(16 / (3 * math.pi), rel=0.01), "half-squared"
    for unit in COMPLEX:
        zero, first = lab.modulation(lab.grating_response(unit))
        assert first / zero < 0.01
        assert np.ptp(lab.grating_response(unit)) < 0.01 * zero, "energy does not depend on the phase"


def test_the_modulation_of_a_rectified_sine_is_half_pi() -> None:
    rates = np.maximum(np.sin(2 * np.pi * 3 * np.arange(1200) / 1200), 0)
    zero, first = lab.modulation(rates, cycles=3)
    assert (zero, first / zero) == (pytest.approx(1 / math.pi, abs=1e-4), pytest.approx(math.pi / 2, abs=1e-3))


def test_two_pictures_are_enough_for_a_drifting_grating() -> None:
    for unit in (cell("simple-edge"), cell("complex-direction"), cell("fibre-on")):
        count = round(4 / 3.0 / STEP)
        phases = 2 * math.pi * 3.0 * np.arange(-2 * count, count) * STEP
        film = grating(unit.angle, unit.frequency, -phases, contrast=0.5)
        assert np.allclose(respond(unit, film)[2 * count :], lab.grating_response(unit, contrast=0.5), atol=1e-6)


def test_direction_is_told_by_fields_and_filters_together() -> None:
    chosen = cell("complex-direction")
    for unit, ratio in ((chosen, 0.35), (cell("simple-edge"), 0.35)):
        rates = [lab.grating_response(unit, direction=sign).max() - unit.spontaneous for sign in (1, -1)]
        assert rates[1] < ratio * rates[0], unit.name
    both = replace(chosen, direction=0.0)
    rates = [lab.grating_response(both, direction=sign).mean() for sign in (1, -1)]
    assert rates[0] == pytest.approx(rates[1], rel=1e-6)


def test_contrast_follows_naka_and_rushton_at_every_orientation() -> None:
    unit = replace(cell("complex"), spontaneous=0.0)
    contrasts = np.array([0.05, 0.1, 0.2, 0.4, 0.8])
    for off in (0.0, 15.0):
        rates = np.array(
            [lab.grating_response(unit, angle=unit.angle + off, contrast=float(c)).mean() for c in contrasts]
        )
        curve = lab.naka_rushton(contrasts, 1, unit.half, unit.exponent)
        assert np.allclose(rates / rates[-1], curve / curve[-1], rtol=0.04)  # the pool is finite
    assert lab.naka_rushton(np.array([unit.half]), 60, unit.half, 3)[0] == pytest.approx(30)


def test_the_best_grating_gives_what_the_unit_says() -> None:
    for unit in (*SIMPLE, *COMPLEX):
        top = lab.grating_response(unit).max()
        assert top == pytest.approx(unit.spontaneous + unit.top / (1 + unit.half**2), rel=0.05), unit.name
    unit = cell("simple-line")
    assert lab.frequency_tuning(unit).best == pytest.approx(unit.frequency, rel=0.15)


# Bars


@pytest.mark.parametrize("unit", [unit for unit in CELLS if unit.oriented], ids=lambda unit: unit.name)
def test_tuning_has_its_peak_at_the_true_orientation(unit: Unit) -> None:
    curve = lab.fold(lab.orientation_tuning(unit))
    turns = np.exp(2j * np.radians(curve.values))
    mean = np.degrees(np.angle(((curve.rates - curve.rates.min()) * turns).sum())) / 2
    assert abs((mean - unit.angle + 90) % 180 - 90) < 3
    assert 10 < lab.half_width(curve, unit.spontaneous) < 40


@pytest.mark.parametrize("peak", [0, 15, 90, 165])
def test_half_width_of_a_known_curve_goes_round_the_end(peak: int) -> None:
    values = np.arange(0.0, 180.0, 15.0)
    away = abs((values - peak + 90) % 180 - 90)
    assert lab.half_width(lab.Curve(values, 2 + np.maximum(0, 60 - away)), resting=2) == pytest.approx(30)


def test_a_round_field_has_no_orientation() -> None:
    curve = lab.fold(lab.orientation_tuning(cell("fibre-on")))
    assert np.ptp(curve.rates) < 0.1 * curve.rates.max()
    with pytest.raises(ConvnetsError, match="prefers no orientation"):
        lab.half_width(curve)


def test_half_width_of_a_known_curve() -> None:
    angles = np.arange(0.0, 180.0, 5.0)
    away = (angles - 30 + 90) % 180 - 90
    curve = lab.Curve(angles, 2 + 8 * np.exp(-(away**2) / (2 * 20**2)))
    assert lab.half_width(curve, resting=2) == pytest.approx(20 * math.sqrt(2 * math.log(2)), abs=0.3)
    assert lab.Curve(angles, curve.rates).best == 30


def test_direction_index_of_a_swept_bar() -> None:
    assert lab.direction_index(lab.orientation_tuning(cell("complex-direction")), 5) > 0.5
    assert lab.direction_index(lab.orientation_tuning(cell("complex")), 4) < 0.05


def test_only_the_end_stopped_cell_is_stopped() -> None:
    lengths = (0.5, 1.5, 4.0, 6.0)
    for name in ("simple-line", "complex"):
        rates = lab.length_tuning(cell(name), lengths).rates
        assert rates[0] < rates[1] < rates[2] and rates[3] > 0.9 * rates[2]
    rates = lab.length_tuning(cell("endstopped"), lengths).rates
    assert rates[0] < rates[1] > rates[2] > rates[3]
    assert rates[3] < 0.2 * rates[1]


def test_the_best_bar_is_about_half_a_cycle_wide() -> None:
    for name in ("simple-line", "complex"):
        assert lab.width_tuning(cell(name)).best == pytest.approx(0.5 / cell(name).frequency, abs=0.3)


def test_a_map_by_hand_finds_the_regions_of_a_simple_cell() -> None:
    from convnets.hubelwiesel.model import sign_at

    unit = cell("simple-edge")
    marks = [mark for mark in lab.hand_map(unit, spacing=0.75) if mark.sign]
    assert len(marks) > 8
    right = [mark.sign == sign_at(unit, mark.x, mark.y) for mark in marks]
    assert np.mean(right) > 0.75
    assert {mark.sign for mark in marks} >= {1, -1}
    both = [mark for mark in lab.hand_map(cell("complex"), spacing=0.75) if mark.sign]
    assert np.mean([mark.sign == 2 for mark in both]) > 0.4, "a complex cell answers to on and off alike"


# Spikes


def test_poisson_counts_have_variance_equal_to_their_mean() -> None:
    rates = np.full((2000, 50), 40.0)
    counts = spike_counts(rates, seed=1).sum(1)
    assert counts.mean() == pytest.approx(20, abs=4 * math.sqrt(20 / 2000))
    assert counts.var() / counts.mean() == pytest.approx(1, abs=4 * math.sqrt(2 / 2000))


def test_thinning_recovers_a_changing_rate() -> None:
    rates = 30 + 30 * np.sin(np.linspace(0, 2 * np.pi, 100))
    trains = [spike_times(rates, seed) for seed in range(800)]
    found = np.histogram(np.concatenate(trains), bins=10, range=(0, 1))[0] / 800 / 0.1
    expected = rates.reshape(10, 10).mean(1)
    assert (abs(found - expected) < 4 * np.sqrt(expected / 80) + 0.1).all()
    counts = np.array([len(train) for train in trains])
    assert counts.var() / counts.mean() == pytest.approx(1, abs=4 * math.sqrt(2 / 800))
    assert all((np.diff(train) > 0).all() for train in trains[:20])
    assert np.array_equal(spike_times(rates, 3), trains[3])


def test_a_refractory_cell_waits_and_is_more_regular() -> None:
    rates = np.full(1000, 100.0)
    trains = [spike_times(rates, seed, refractory=0.005) for seed in range(60)]
    assert min(np.diff(train).min() for train in trains) >= 0.005
    counts = np.array([len(train) for train in trains])
    assert counts.mean() == pytest.approx(10 * 100 / (1 + 100 * 0.005), rel=0.03)
    assert counts.var() / counts.mean() < 0.8
    assert len(spike_times(np.zeros(50), 0)) == 0
    with pytest.raises(ConvnetsError, match="negative or no number"):
        spike_counts(np.array([1.0, -1.0]), 0)


# Reverse correlation


def test_the_average_before_spikes_is_the_field_of_a_simple_cell() -> None:
    unit = cell("simple-line")
    found = {}
    for frames in (4_000, 40_000):
        recording = reverse.record(unit, reverse.squares(), frames)
        truth = reverse.true_fields(unit, recording.elements)[0]
        found[frames] = float(np.corrcoef(reverse.average(recording)[0], truth)[0, 1])
    assert found[40_000] > 0.9 > found[4_000] + 0.1


def test_a_complex_cell_hides_from_the_average_but_not_from_the_covariance() -> None:
    unit = cell("complex")
    recording = reverse.record(unit, reverse.bars(unit, 0.4, 16), 60_000)
    truth = reverse.true_fields(unit, recording.elements)
    mean, _ = reverse.average(recording, lag=1)
    assert abs(mean).max() < 6 / math.sqrt(recording.spikes.sum()), "no more than chance"
    patterns, values = reverse.covariance(recording, lag=1)
    assert reverse.agreement(patterns, truth) > 0.95
    assert values[1] > 3 * values[2], "two, and no more"
    assert values[0] < 1.3 * values[1], "and alike"
    assert values.sum() == pytest.approx(-float(mean @ mean), abs=1e-4), "of binary noise every element varies by 1"


def test_binary_noise_has_the_pool_of_its_contrast() -> None:
    unit = cell("complex")
    recording = reverse.record(unit, reverse.squares(8), 60, contrast=0.5)
    film = np.repeat(0.5 * recording.noise[:, recording.elements], reverse.HOLD, axis=0)
    again = spike_counts(respond(unit, film), 1).reshape(60, -1).sum(1)
    assert np.array_equal(again, recording.spikes) and again.any()


def test_noise_that_cannot_be_is_refused() -> None:
    unit = cell("complex")
    with pytest.raises(ConvnetsError, match="Squares of 3 pixels"):
        reverse.squares(3)
    with pytest.raises(ConvnetsError, match="5 frames are too few"):
        reverse.record(unit, reverse.squares(), 5)
    silent = replace(cell("simple-line"), spontaneous=0.0, top=1e-9)
    with pytest.raises(ConvnetsError, match="no spike to average"):
        reverse.average(reverse.record(silent, reverse.squares(), 50))


def test_agreement_is_a_correlation() -> None:
    a, b = np.eye(3)[:2]
    assert reverse.agreement(a, a) == pytest.approx(1)
    assert reverse.agreement(a, b) == pytest.approx(0)
    assert reverse.agreement((a + b) / 2, np.stack([a, b])) == pytest.approx(1)
    assert reverse.agreement(-a - b, a) == pytest.approx(math.sqrt(0.5))


# Published ranges


def test_the_width_of_a_tuning_curve_does_not_hang_on_the_steps() -> None:
    unit = cell("simple-line")
    found = published.bandwidth(unit)
    assert found == pytest.approx(published.bandwidth(unit, step=10.0), abs=0.7)
    folded = lab.fold(lab.orientation_tuning(unit, step=5.0))
    assert found == pytest.approx(2 * lab.half_width(folded, unit.spontaneous), abs=0.3)


A_KIND_EACH = tuple(cell(name) for name in ("fibre-on", "simple-edge", "complex-direction", "endstopped"))


@pytest.mark.parametrize(
    "cells", [pytest.param(A_KIND_EACH, id="one of a kind"), pytest.param(CELLS, id="all", marks=pytest.mark.slow)]
)
def test_the_cells_lie_inside_the_published_ranges(cells: tuple[Unit, ...]) -> None:
    measured = published.comparison(cells)
    assert measured.keys() == published.PUBLISHED.keys()
    for name, values in measured.items():
        known = published.PUBLISHED[name]
        assert values and all(known.low <= value <= known.high for value in values), name
    assert measured["aspect"] == [unit.sigma / unit.length for unit in cells if unit.kind == "simple"]
    rows = published.beside(measured).rows
    assert [row[2].text for row in rows] == [known.source for known in published.PUBLISHED.values()]
    assert [int(row[5].text) for row in rows] == [len(values) for values in measured.values()]


# Columns


@pytest.fixture(scope="module")
def sheet() -> maps.Sheet:
    return maps.grow(stimuli=15_000, side=48)


def test_neighbours_prefer_similar_orientations_and_there_are_pinwheels(sheet: maps.Sheet) -> None:
    change = abs((np.diff(sheet.orientation, axis=0) + 90) % 180 - 90)
    shuffled = np.random.default_rng(0).permutation(sheet.orientation.ravel()).reshape(sheet.orientation.shape)
    chance = abs((np.diff(shuffled, axis=0) + 90) % 180 - 90)
    assert np.median(change) < 0.3 * np.median(chance)
    turns = maps.pinwheels(sheet.orientation)
    assert (turns == 1).sum() == (turns == -1).sum() > 3, "on a closed sheet the two senses balance"
    assert 12 < maps.spacing(sheet) < 24
    assert maps.density(sheet) == pytest.approx(abs(turns).sum() * (maps.spacing(sheet) / 48) ** 2)
    assert 6 < maps.eye_spacing(sheet) < 30
    lifted = maps.Sheet(sheet.features + np.array([0, 0, 20.0, -10.0, 30.0]))
    assert maps.spacing(lifted) == pytest.approx(maps.spacing(sheet)), "a level is no wave"
    assert maps.eye_spacing(lifted) == pytest.approx(maps.eye_spacing(sheet))
    assert maps.wander(maps.penetration(sheet, length=40)) < 20


def test_a_sheet_keeps_its_places_and_its_seed(sheet: maps.Sheet) -> None:
    rows, columns = np.mgrid[:48, :48]
    off = np.abs((sheet.features[..., :2] - np.stack([columns, rows], axis=-1) + 24) % 48 - 24)
    assert np.median(off) < 5
    first, again = (maps.grow(seed=2, stimuli=300, side=25).features for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, maps.grow(seed=3, stimuli=300, side=25).features)


def test_pinwheels_of_a_map_made_by_hand() -> None:
    rows, columns = np.mgrid[:20, :20]
    wheel = np.degrees(np.arctan2(rows - 9.5, columns - 6.5)) / 2 % 180
    turns = maps.pinwheels(wheel)[:-1, :-1]
    assert np.argwhere(turns).tolist() == [[9, 6]]
    assert maps.pinwheels(180 - wheel)[9, 6] == -turns[9, 6]


def test_the_spacing_of_known_stripes() -> None:
    columns = np.arange(60.0)
    features = np.zeros((60, 60, 5))
    features[..., 2], features[..., 3] = np.cos(2 * np.pi * columns / 12), np.sin(2 * np.pi * columns / 12)
    features[..., 4] = np.cos(2 * np.pi * columns / 20)
    striped = maps.Sheet(features)
    assert (maps.spacing(striped), maps.eye_spacing(striped)) == (pytest.approx(12), pytest.approx(20))
    assert maps.wander(maps.penetration(striped, angle=0, length=30)) == pytest.approx(15)


def test_a_random_field_of_known_wavelength_has_pi_pinwheels_per_square() -> None:
    """Waves of one length and of all directions and phases; their density is known to be pi."""
    side, wavelength, found = 144, 18.0, []
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    ring = np.exp(-((frequency * wavelength - 1) ** 2) / (2 * 0.05**2))
    for seed in range(12):
        random = np.random.default_rng(seed)
        field = np.fft.ifft2(ring * (random.normal(size=(side, side)) + 1j * random.normal(size=(side, side))))
        features = np.zeros((side, side, 5))
        features[..., 2], features[..., 3] = field.real, field.imag
        made = maps.Sheet(features)
        assert maps.spacing(made) == pytest.approx(wavelength, rel=0.03)
        found.append(maps.density(made))
    assert np.mean(found) == pytest.approx(math.pi, rel=0.05)


def test_a_stimulus_off_the_screen_is_allowed_while_it_moves() -> None:
    unit = cell("simple-line")
    assert np.allclose(respond(unit, [Stimulus("bar", x=20.0)] * 5), unit.spontaneous)


RECORDING = reverse.Recording(np.ones((20, 4), np.int8), np.zeros(20, int), np.zeros((64, 64), int))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: reverse.record(CELLS[0], reverse.squares(16), 20, contrast=5), "Noise of contrast 5"),
        (lambda: reverse.record(CELLS[0], reverse.squares(16), 20, contrast=math.nan), "Noise of contrast nan"),
        (lambda: reverse.bars(CELLS[1], width=0), "12 bars 0 degrees wide"),
        (lambda: reverse.covariance(RECORDING, 1), "no spike to average"),
        (lambda: reverse.covariance(RECORDING, 30), "A lag of 30 frames"),
        (lambda: reverse.average(RECORDING, -1), "A lag of -1 frames"),
        (lambda: reverse.agreement(np.zeros(3), np.ones(3)), "agrees with nothing"),
        (lambda: lab.hand_map(CELLS[0], flashes=0), "0 flashes"),
        (lambda: lab.hand_map(CELLS[0], spacing=-1), "-1 degrees apart"),
        (lambda: lab.grating_response(CELLS[1], hertz=0), "at 0 Hz"),
        (lambda: lab.grating_response(CELLS[1], cycles=0), "0 cycles"),
        (lambda: lab.direction_index(lab.Curve(np.arange(4) * 90.0, np.full(4, 2.0)), resting=2), "resting 2"),
        (lambda: sweep(Stimulus("bar"), math.inf, 1, 0.01), "A sweep of inf"),
        (lambda: sweep(Stimulus("bar"), 4, 1, 0), "in steps of 0"),
        (lambda: maps.grow(side=24), "24 points a side"),
        (lambda: maps.grow(stimuli=0), "0 stimuli"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_told(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(ConvnetsError, match=words):
        wrong()


@pytest.mark.parametrize("step", [0, 25, -15, float("nan")])
def test_steps_that_do_not_divide_a_half_turn_are_told(step: float) -> None:
    with pytest.raises(ConvnetsError, match="do not divide 180"):
        lab.orientation_tuning(cell("simple-line"), step=step)


def test_a_bar_may_be_too_narrow_and_too_wide() -> None:
    for name in ("simple-line", "complex", "complex-direction"):
        unit = cell(name)
        curve = lab.width_tuning(unit)
        assert 0.3 / unit.frequency < curve.best < 0.5 / unit.frequency + 0.1
        assert curve.rates[0] < 0.5 * curve.rates.max() and curve.rates[-1] < 0.2 * curve.rates.max()
