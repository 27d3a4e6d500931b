"""Figures show the photographs that are said to be shown, and draw what the studies measured."""

from __future__ import annotations

import pytest

from convnets.common import samples
from convnets.signs import data, figures, shown, studies


def test_each_photograph_stands_where_figures_and_demo_look_for_it() -> None:
    found = samples.read("signs").pictures
    assert len(found) == shown.FRAMES[-1] + 1 <= samples.MOST
    indices = [index for half in (shown.ROWS[:3], shown.ROWS[3:]) for row in half for index in row]
    assert [found[place].place for place in shown.SHOWN] == indices and len(set(indices)) == 24
    assert [found[place].place for place in shown.ERRORS] == studies.mistakes()["index"][: shown.MISTAKES]
    assert shown.ERRORS[-1] < shown.STRIP <= len(found)
    for number, (label, _) in enumerate(shown.TRACKS):
        assert {found[place].label for place in shown.FRAMES[8 * number : 8 * number + 8]} == {data.CLASSES[label]}


def test_the_figure_of_classes_shows_four_of_each_kind() -> None:
    found, groups = samples.read("signs").pictures, list(data.GROUPS.values())
    labels = [data.CLASSES.index(found[place].label) for place in shown.SHOWN]
    kinds = [next(number for number, group in enumerate(groups) if label in group) for label in labels]
    assert all(len(set(kinds[start : start + 4])) == 1 for start in range(0, 24, 4)) and len(set(kinds)) == 6
    assert len(set(labels)) == 24
    assert len(figures.classes().axes) == 24


def test_lines_are_what_was_measured() -> None:
    found = studies.robustness()
    axes = figures.robust(found).axes
    for place, kind in zip(axes, figures.KINDS, strict=True):
        for line, right in zip(place.lines, found[kind]["accuracy"].values(), strict=True):
            assert list(line.get_ydata()) == pytest.approx([100 * one for one in right])
            assert list(line.get_xdata()) == pytest.approx(list(found[kind]["strengths"]))
