"""The lineage: each system's row, which it computes itself, and what the rows have in common."""

from __future__ import annotations

import numpy as np

from convnets import lineage
from convnets.common import source
from convnets.hubelwiesel.lineage import ANGLES


def test_the_rows_of_the_lineage_look_and_forget_in_turn() -> None:
    rows = lineage.rows()
    assert len(rows) > 3 and [row.year for row in rows] == sorted(row.year for row in rows)
    for row in rows:
        assert row.image.max() > row.image.min(), row.name
        assert 0 < len(row.layers) <= 4 and not len(row.layers) % 2, row.name
        for layer in row.layers:
            assert np.isfinite(layer).all() and layer.max() > 0, row.name
        for look, forget in zip(row.layers[::2], row.layers[1::2], strict=True):
            assert forget.shape[1] <= look.shape[1], f"{row.name} forgets no place"


def test_the_first_row_forgets_the_sign_and_keeps_the_orientation() -> None:
    simple, complex_ = lineage.rows()[0].layers
    assert (complex_ >= simple - 1e-9).all(), "an energy is at least either half of it"
    upright, level = (complex_[ANGLES.index(angle)].sum() for angle in (90, 0))
    assert min(upright, level) > 0 and upright > level, "the strokes of a 4 are more upright than level"


def test_a_page_that_shows_the_lineage_depends_on_each_systems_row() -> None:
    found = source.closure(["convnets.lineage:figure_of_two_steps"])
    assert {
        "convnets.hubelwiesel.lineage:row",
        "convnets.lenet.lineage:row",
        "convnets.lenet.model:LeNet5",
    } <= found.keys()
