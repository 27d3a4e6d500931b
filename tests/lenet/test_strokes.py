"""Pen strokes as images: hand-computed ink, MNIST's normalisation, rows, and the samples as the networks read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convnets import lenet
from convnets.common.errors import ConvnetsError
from convnets.lenet.data import BLACK, WHITE, load, prepare
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

DRAWINGS = [sample["strokes"] for sample in SAMPLES]
NAMES = [f"{sample['digit']}{'ab'[index // 10]}" for index, sample in enumerate(SAMPLES)]

points = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(list)
drawings = st.lists(st.lists(points, min_size=1, max_size=6), max_size=4)


def ink_box(strokes: list[np.ndarray], radius: float = RADIUS) -> tuple[np.ndarray, np.ndarray]:
    """Top left and bottom right corner of the ink."""
    together = np.concatenate(strokes)
    return together.min(0) - radius, together.max(0) + radius


def centre_of_mass(ink: np.ndarray) -> list[float]:
    x, y = np.arange(ink.shape[1]) + 0.5, np.arange(ink.shape[0]) + 0.5
    return [ink.sum(0) @ x / ink.sum(), ink.sum(1) @ y / ink.sum()]


def test_a_dots_ink_is_a_disc() -> None:
    ink = rasterise([[[2.5, 2.5]]], radius=1, height=5, width=5)
    near, far = 1.5 - math.sqrt(2), 0.0  # diagonal neighbours, and two pixels away
    expected = [
        [far, far, far, far, far],
        [far, near, 0.5, near, far],
        [far, 0.5, 1.0, 0.5, far],
        [far, near, 0.5, near, far],
        [far, far, far, far, far],
    ]
    np.testing.assert_allclose(ink, expected, atol=1e-12)


def test_a_lines_ink_is_a_bar_with_round_ends() -> None:
    ink = rasterise([[[2, 2], [6, 2]]], radius=1, height=4, width=8)
    assert ink.dtype == np.float64
    np.testing.assert_allclose(ink[1:3, 2:6], 1)  # centres half a pixel from the line
    np.testing.assert_allclose(ink[[0, 3], 2:6], 0)  # centres 1.5 pixels from it
    assert ink[1, 1] == pytest.approx(1.5 - math.hypot(0.5, 0.5))
    assert not ink[:, 0].any()


@pytest.mark.parametrize("strokes", [[], [[]]])
def test_an_empty_drawing_stays_empty(strokes: list[Any]) -> None:
    assert fit(strokes) == []
    assert not rasterise(strokes).any()
    assert fit_row(strokes) == compose([strokes, strokes]) == ([], 32)
    assert image(strokes).unique().tolist() == pytest.approx([WHITE])
    assert row_image(fit_row(strokes)).shape == (1, 1, 32, 32)


@pytest.mark.parametrize("strokes", DRAWINGS, ids=NAMES)
def test_fitting_is_mnists(strokes: list[Any]) -> None:
    fitted = fit(strokes)
    low, high = ink_box(fitted)
    assert (high - low).max() == pytest.approx(20)
    assert centre_of_mass(rasterise(fitted)) == pytest.approx([14.5, 14.5], abs=0.05)
    width, height = np.ptp(np.concatenate([np.array(stroke) for stroke in strokes]), axis=0)
    inner = high - low - 2 * RADIUS
    assert inner[0] / inner[1] == pytest.approx(width / height), "the aspect ratio is kept"


@settings(max_examples=40, deadline=None)
@given(drawings, st.floats(0.1, 10), st.floats(-5, 5))
def test_place_and_unit_of_the_pad_do_not_matter(strokes: list[Any], side: float, shift: float) -> None:
    moved = [[[side * x + shift, side * y + shift] for x, y in stroke] for stroke in strokes]
    extents = [np.ptp([point[axis] for stroke in strokes for point in stroke] or [0]) for axis in (0, 1)]
    if abs(max(extents) - 0.02) > 1e-6:  # at the border between dot and drawing, rounding decides
        assert rasterise(fit(moved, side=side)) == pytest.approx(rasterise(fit(strokes)), abs=1e-6)


def test_a_dot_stays_a_dot() -> None:
    dot = rasterise(fit([[[0.3, 0.8]]]))
    assert 0.8 < dot.sum() / (math.pi * RADIUS**2) < 1.2
    assert centre_of_mass(dot) == pytest.approx([14.5, 14.5])
    trembled = rasterise(fit([[[0.3, 0.8], [0.31, 0.8]]]))
    assert trembled.sum() < 1.2 * dot.sum()
    hair = fit([[[0.3, 0.8]]], radius=0.1)
    assert hair[0].tolist() == [[14, 14]]


@settings(max_examples=40, deadline=None)
@given(drawings)
def test_four_quarter_turns_change_nothing_and_thickening_adds_ink(strokes: list[Any]) -> None:
    fitted = turned = fit(strokes)
    for _ in range(4):
        turned = bend(turned, degrees=90)
    for a, b in zip(fitted, turned, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)
    assert (rasterise(fitted, RADIUS + 0.5) >= rasterise(fitted, RADIUS)).all()


def test_positive_angles_turn_clockwise_and_shifts_follow() -> None:
    (top_to_right,) = bend([[[14, 4]]], degrees=90)
    assert top_to_right[0] == pytest.approx([24, 14])
    (moved,) = bend([[[14, 4]]], shift_x=1, shift_y=-2, degrees=90, height=32, width=32)
    assert moved[0] == pytest.approx([16 + 12 + 1, 16 - 2 - 2])


def test_an_image_is_fitted_with_one_pen_and_drawn_with_another() -> None:
    strokes = DRAWINGS[5]
    small, large = image(strokes, 28), image(strokes, 32)
    assert small.shape == (1, 1, 28, 28) and large.shape == (1, 1, 32, 32) and large.dtype == torch.float32
    torch.testing.assert_close(large[..., 2:30, 2:30], small)
    assert (small.min().item(), small.max().item()) == pytest.approx((WHITE, BLACK))
    expected = rasterise(bend(fit(strokes), 2, -1, 15), 2.0)
    drawn = image(strokes, 28, drawn_radius=2.0, shift_x=2, shift_y=-1, degrees=15)[0, 0].double().numpy()
    np.testing.assert_allclose((drawn - WHITE) / (BLACK - WHITE), expected, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 8), st.floats(0, 1)).map(list), min_size=1, max_size=8))
def test_a_row_is_twenty_high_with_margins(stroke: list[list[float]]) -> None:
    row = fit_row([stroke])
    low, high = ink_box(row.strokes)
    assert row.width in range(32, 193, 4)
    assert low[0] == pytest.approx(15) and (low[1] + high[1]) / 2 == pytest.approx(16.5)
    assert 15 - 1e-6 <= row.width - high[0] < 19 or row.width == 32
    heights = [y for _, y in stroke]
    if high[0] - low[0] < 162 - 1e-6 and np.ptp(heights) > 0.2:
        assert high[1] - low[1] == pytest.approx(20)
    assert high[1] - low[1] <= 20 + 1e-9 and high[0] - low[0] <= 162 + 1e-9
    assert row_image(row).shape == (1, 1, 32, row.width)


def test_a_single_stroke_and_a_very_long_row_fit() -> None:
    assert fit_row([[[3, 0.1], [3, 0.9]]]).width == 36
    long = fit_row([[[0, 0.1], [40, 0.9]]])
    assert long.width == 192
    assert ink_box(long.strokes)[1][0] == pytest.approx(177)


@pytest.mark.parametrize("gap", [-2, 0, 5])
def test_composed_digits_stand_a_gap_apart(gap: int) -> None:
    row = compose([DRAWINGS[1], [], DRAWINGS[0], DRAWINGS[12]], gap)
    boxes = [ink_box([stroke]) for stroke in row.strokes]  # each of these digits is one stroke
    assert boxes[0][0][0] == pytest.approx(15)
    assert [after[0][0] - before[1][0] for before, after in zip(boxes, boxes[1:], strict=False)] == pytest.approx(
        [gap, gap]
    )
    assert row.width % 4 == 0 and 15 <= row.width - boxes[-1][1][0] < 19
    np.testing.assert_allclose(row.strokes[1][:, 1], fit(DRAWINGS[0])[0][:, 1] + 2)


def test_digits_of_a_row_keep_their_order_however_far_they_overlap() -> None:
    lefts = [ink_box([stroke])[0][0] for stroke in compose([DRAWINGS[1]] * 3, gap=-30).strokes]
    assert lefts == pytest.approx([15, 16, 17])


def test_there_are_two_hands_of_ten_digits() -> None:
    assert [sample["digit"] for sample in SAMPLES] == [*range(10)] * 2
    assert all(0 <= value <= 100 for strokes in DRAWINGS for stroke in strokes for point in stroke for value in point)


@pytest.mark.data
def test_samples_hold_as_much_ink_as_real_digits(real_mnist: str | None) -> None:
    real = load("train", real_mnist).images.double().sum((1, 2)).mean().item() / 255
    assert np.mean([rasterise(fit(strokes)).sum() for strokes in DRAWINGS]) == pytest.approx(real, rel=0.01)


@pytest.mark.parametrize("net", ["lenet5", "lenet5-plain", "lenet5-row", "lenet1", "modern", "zipcode"])
def test_the_published_networks_read_the_samples(net: str, weights: Callable[[str, str], None]) -> None:
    weights("lenet", net)
    model = lenet.load(net)
    if net == "zipcode":  # reads 16x16: shrunk from the field as its training images were
        ink = torch.from_numpy(np.stack([rasterise(fit(strokes)) for strokes in DRAWINGS]))
        x = prepare((255 * ink).round().to(torch.uint8), 16)
    else:
        x = torch.cat([image(strokes, model.image_size) for strokes in DRAWINGS])  # type: ignore[arg-type]
    with torch.inference_mode():
        assert model(x).argmax(1).tolist() == [sample["digit"] for sample in SAMPLES]


@pytest.mark.parametrize(
    ("strokes", "named"),
    [
        ([[[0.1, math.nan]]], "nan"),
        ([[[0.1, 0.2], [math.inf, 0.2]]], "inf"),
        ([[[0.1, 0.2, 0.3]]], "0.3"),
        ([[["a", 0.2]]], "'a'"),
        ([[0.1, 0.2]], "0.1"),
        ([0.5], "0.5"),
        (None, "None"),
    ],
)
@pytest.mark.parametrize("function", [fit, rasterise, bend, image, fit_row])
def test_what_is_no_drawing_is_named(function: Callable[[Any], Any], strokes: Any, named: str) -> None:
    with pytest.raises(ConvnetsError, match=named) as caught:
        function(strokes)
    assert "[x, y]" in str(caught.value)


def test_sizes_out_of_range_are_named() -> None:
    for call in (lambda: fit([], radius=10), lambda: fit_row([], radius=math.nan), lambda: rasterise([], radius=0)):
        with pytest.raises(ConvnetsError, match="pen of radius"):
            call()
    with pytest.raises(ConvnetsError, match="side of 0"):
        fit([], side=0)
    with pytest.raises(ConvnetsError, match="size 16"):
        image([], 16)
