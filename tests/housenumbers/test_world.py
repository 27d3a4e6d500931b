"""The rendered street: the same for the same seed, its boxes true, its outlines those that runs learned from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from convnets.housenumbers import data, glyphs, walls, world

PLAIN = world.Look("DejaVu Sans Bold", 0.05, 1.0, 0.0, 0.0, 0.0, 0)


def test_a_seed_gives_the_same_street() -> None:
    one, same, other = world.cuts(5, 3), world.cuts(5, 3), world.cuts(5, 4)
    assert all((a.picture == b.picture).all() and a.digits == b.digits for a, b in zip(one, same, strict=True))
    assert [cut.number for cut in one] != [cut.number for cut in other]


def test_numbers_have_one_to_five_digits_as_often_as_said() -> None:
    lengths = np.bincount([len(cut.number) for cut in world.cuts(300, 1)], minlength=6)
    assert lengths[0] == 0
    assert np.abs(lengths[1:] / 300 - world.LENGTHS).max() < 0.08
    assert sum(world.LENGTHS) == pytest.approx(1)


def test_boxes_stand_around_their_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """With dark ink on a bare wall, what is dark lies inside the boxes, and each box holds some of it."""
    monkeypatch.setattr(world, "_painted", lambda mask, draw: 200 - 150 * mask)
    for seed in range(4):
        cut = world.number(np.random.default_rng(seed), "808", PLAIN)
        dark = cut.picture < 120
        inside = np.zeros_like(dark)
        for digit in cut.digits:
            left, top, right, bottom = (max(0, round(edge)) for edge in digit[1:5])
            assert dark[top:bottom, left:right].mean() > 0.1
            inside[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
        assert not (dark & ~inside).any()
        assert [digit.left for digit in cut.digits] == sorted(digit.left for digit in cut.digits)


def test_a_nought_has_a_hole() -> None:
    polygons, advance = glyphs.contours("DejaVu Sans", 0)
    low = np.concatenate(polygons).min(0)
    mask = world._ink([[(polygon - low) * 80 for polygon in polygons]], 60, 0)
    y, x = (np.argwhere(mask > 0.5).mean(0)).astype(int)
    assert mask[y, x] == 0
    assert advance == pytest.approx(0.636, abs=1e-3)


def test_every_typeface_gives_ten_digits() -> None:
    assert set(glyphs.outlines()) == set(glyphs.FONTS)
    for font in glyphs.FONTS:
        for digit in range(10):
            polygons, advance = glyphs.contours(font, digit)
            assert 1 <= len(polygons) <= 4
            assert 0.3 < advance < 0.8
            assert np.ptp(np.concatenate(polygons)[:, 1]) > 0.6  # em high
    with pytest.raises(ConvnetsError, match="no typeface 'Fraktur' among DejaVu Sans,"):
        glyphs.contours("Fraktur", 1)


def test_other_outlines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    glyphs.outlines.cache_clear()
    monkeypatch.setattr(assets, "read_bytes", lambda system, name: b"{}")
    with pytest.raises(ConvnetsError, match="other outlines than the runs learned from"):
        glyphs.outlines()
    glyphs.outlines.cache_clear()


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match=r"DejaVuSans\.ttf\) is not on this machine: install Debian's fonts-dejavu"):
        glyphs.extract(tmp_path)


def test_outlines_are_those_of_debian_s_fonts() -> None:
    folder = Path("/usr/share/fonts/truetype")
    if not all((folder / place).is_file() for place in glyphs.FONTS.values()):
        pytest.skip("the fonts of Debian's packages are not on this machine; the stored outlines do without")
    taken, held = json.loads(glyphs.extract(folder)), glyphs.outlines()
    for font, told in held.items():
        assert taken[font]["advances"] == pytest.approx(told["advances"], abs=5)  # other versions may differ a little
        for one, other in zip(taken[font]["digits"], told["digits"], strict=True):
            assert one.count("M") == other.count("M")


def test_walls_are_drawn_by_a_seed() -> None:
    one, same = walls.rendered(4, 7), walls.rendered(4, 7)
    assert (one.images == same.images).all()
    assert one.images.shape == (4, 32, 64)
    assert one.labels[:, 0].tolist() == [0] * 4


def test_rendered_numbers_go_through_the_data_set_s_framing() -> None:
    cuts = world.cuts(20, 9)
    numbers, digits = data.numbers(cuts, True), data.digits(cuts, True)
    assert [data.spoken(label) for label in numbers.labels] == [cut.number for cut in cuts]
    assert len(digits.labels) == sum(len(cut.number) for cut in cuts)
