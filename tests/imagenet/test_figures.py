"""Figures say what the tables and the code say."""

from __future__ import annotations

import pytest
from matplotlib.patches import Rectangle

from convnets.imagenet import contest, cost, figures, model


def test_the_decade_is_drawn_from_its_table_alone() -> None:
    axes = figures.decade().axes[0]
    bars = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in axes.patches}
    assert bars == pytest.approx({entry.year: entry.top5 for entry in contest.winners()})
    words = [text.get_text() for text in axes.texts]
    assert {"28.2", "25.8", "16.4", "11.7", "6.66", "3.57", "2.99", "2.25"} <= set(words)
    assert len(axes.get_xticklabels()) == 10


def test_a_drawing_has_a_block_for_each_size_of_maps_and_says_how_many_layers() -> None:
    axes = figures.drawings(("resnet50",)).axes[0]
    groups = cost.groups(model.build("resnet50"))
    blocks = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert len(blocks) == len(groups)
    heights = [block.get_height() for block in blocks[:-1]]
    assert heights == sorted(heights, reverse=True)
    said = [text.get_text() for text in axes.texts]
    assert [word for word in said if word.startswith("×")] == [f"×{group.layers}" for group in groups]
    assert "ResNet-50" in said


def test_costs_on_the_chart_are_counted_from_the_code() -> None:
    left, right = figures.error_and_cost().axes
    points = {point for line in left.lines for point in zip(*map(tuple, line.get_data()), strict=True)}
    wide = {point for line in right.lines for point in zip(*map(tuple, line.get_data()), strict=True)}
    assert len(points) == len(wide) == len(contest.SINGLE)
    assert any(x == pytest.approx(4.089184256) and y == pytest.approx(7.138) for x, y in points)
    assert any(x == pytest.approx(828.411176) and y == pytest.approx(2.4) for x, y in wide)
