"""Systems without training or without epochs, and the picture that sets the systems side by side."""

from __future__ import annotations

import numpy as np
import pytest

from convnets import cli, lineage

UNTRAINED = "hubelwiesel"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["train", UNTRAINED], f"{UNTRAINED} is not trained: everything in it is given"),
        (["evaluate", UNTRAINED], f"{UNTRAINED} is not evaluated: it has no trained network"),
        (["train", "cortex", "--epochs", "3"], "--epochs 3 does not apply: cortex does not train in epochs."),
    ],
)
def test_what_a_system_does_not_do_is_refused_in_a_sentence(
    command: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"convnets: {told}") and error.count("\n") == 1


def test_it_is_listed_and_verified_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    assert f"{UNTRAINED} (not trained)" in capsys.readouterr().out.splitlines()
    assert cli.main(["verify", UNTRAINED]) == 0


def test_the_rows_of_the_lineage_look_and_forget_in_turn() -> None:
    rows = lineage.rows()
    assert [len(row.layers) for row in rows] == [2, 4, 4, 4]
    for row in rows:
        assert row.image.max() > row.image.min(), row.name
        for layer in row.layers:
            assert np.isfinite(layer).all() and layer.max() > 0, row.name
        for look, forget in zip(row.layers[::2], row.layers[1::2], strict=True):
            assert forget.shape[1] <= look.shape[1], f"{row.name} forgets no place"


def test_the_first_row_forgets_the_sign_and_keeps_the_orientation() -> None:
    simple, complex_ = lineage.rows()[0].layers
    assert (complex_ >= simple - 1e-9).all(), "an energy is at least either half of it"
    upright, level = (complex_[lineage.ANGLES.index(angle)].sum() for angle in (90, 0))
    assert min(upright, level) > 0 and upright > level, "the strokes of a 4 are more upright than level"
