"""What photographs go through before they are learned from, and weather: everything that was promised, no more."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from convnets.common.errors import ConvnetsError
from convnets.signs import data, weather
from convnets.signs.distort import PAPER, STRONG, Changes, distorted, mirrored, warped

NOTHING = Changes(shift=0, scale=0, turn=0)


def some(count: int = 40) -> torch.Tensor:
    return torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_the_papers_jitter_is_two_pixels_a_tenth_and_fifteen_degrees() -> None:
    assert (PAPER.shift, PAPER.turn) == (2.0, 15.0) and PAPER.scale == pytest.approx(0.1)
    assert math.exp(-PAPER.scale) == pytest.approx(0.9, abs=0.01)
    assert math.exp(PAPER.scale) == pytest.approx(1.1, abs=0.01)
    assert replace(PAPER, shift=0, scale=0, turn=0) == NOTHING


def test_no_change_changes_nothing_and_the_same_numbers_give_the_same_pictures() -> None:
    x, labels = some(), torch.arange(40) % data.COUNT
    same, kept = distorted(x, labels, NOTHING, torch.Generator().manual_seed(0))
    torch.testing.assert_close(same, x, atol=1e-5, rtol=0)
    assert torch.equal(kept, labels)
    first, again = (distorted(x, labels, STRONG, torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert first[0].min() >= 0 and first[0].max() <= 1 and (first[0] - x).abs().mean() > 0.05


def test_a_mirrored_sign_gets_the_label_of_its_mirror_image() -> None:
    labels = torch.arange(data.COUNT).repeat(40)
    x = torch.zeros(len(labels), 1, 1, 2)
    x[..., 1] = 1
    found, turned = mirrored(x, labels, torch.Generator().manual_seed(0))
    flipped = found[:, 0, 0, 0] == 1
    swaps = {frozenset(pair) for pair in data.SWAPPED}
    for label, new, was in zip(labels.tolist(), turned.tolist(), flipped.tolist(), strict=True):
        if label == new:
            assert not was or label in data.MIRRORED
        else:
            assert was and frozenset((label, new)) in swaps
    assert 0.3 < flipped[labels == 33].float().mean() < 0.7
    assert not flipped[torch.isin(labels, torch.tensor([1, 9, 14, 40]))].any(), "a 30 is no sign in the mirror"


def test_a_projection_is_seen_from_the_output_and_edges_go_on() -> None:
    x = torch.zeros(1, 1, 32, 32)
    x[0, 0, 12, 9] = 1
    moved = warped(x, torch.tensor([[[1.0, 0, 4 / 32], [0, 1, -2 / 32], [0, 0, 1]]]))
    assert moved[0, 0].argmax().item() == 13 * 32 + 7
    far = warped(x + 0.5, torch.tensor([[[1.0, 0, 10], [0, 1, 0], [0, 0, 1]]]))
    assert (far == 0.5).all()


def test_weather_is_what_its_formulas_say() -> None:
    x = some(3)
    for kind, strengths in weather.STRENGTHS.items():
        assert len(strengths) == 5 and strengths[0] == 0
        torch.testing.assert_close(weather.changed(x, kind, 0), x)
        worst = weather.changed(x, kind, strengths[-1])
        assert worst.shape == x.shape and worst.min() >= 0 and worst.max() <= 1 and not torch.equal(worst, x)
    torch.testing.assert_close(weather.fog(x, 1.0), torch.full_like(x, 0.75))
    torch.testing.assert_close(weather.fog(x, 0.2)[0, 0, 0, 0], 0.8 * x[0, 0, 0, 0] + 0.2 * 0.75)
    assert weather.glare(torch.zeros(1, 3, 32, 32), 1.0)[0, 0, 8, 22] == 1
    far = weather.glare(torch.zeros(1, 3, 32, 32), 1.0)[0, 0, 8, 29]
    assert far.item() == pytest.approx(math.exp(-0.5))
    assert (weather.cover(x, 0.25)[..., :8] == 0.45).all() and torch.equal(weather.cover(x, 0.25)[..., 8:], x[..., 8:])
    taped = weather.tape(torch.full((5, 3, 32, 32), 0.5), 2)
    assert ((taped == 0.07).sum((1, 2, 3)) <= 3 * 36).all() and ((taped == 0.93).sum((1, 2, 3)) == 3 * 36).all()
    with pytest.raises(ConvnetsError, match="no weather 'hail'"):
        weather.changed(x, "hail", 1)


def test_blur_is_a_gaussian_and_keeps_what_is_flat() -> None:
    flat = torch.full((1, 3, 32, 32), 0.3)
    torch.testing.assert_close(weather.blur(flat, 2.5), flat)
    point = torch.zeros(1, 1, 32, 32)
    point[0, 0, 16, 16] = 1
    found = weather.blur(point, 1.0)[0, 0]
    assert found.sum().item() == pytest.approx(1, abs=1e-5)
    assert (found[16, 17] / found[16, 16]).item() == pytest.approx(math.exp(-0.5), abs=1e-5)
    assert found[16, 20] == 0 and torch.allclose(found, found.T)
