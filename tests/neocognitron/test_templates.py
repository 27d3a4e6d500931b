"""The sliding templates: similarities by hand, invariance to shifts, and outcomes that add up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convnets.common.errors import ConvnetsError
from convnets.neocognitron import patterns, templates


def test_without_blur_similarity_is_shared_ink_at_the_best_shift():
    """Counted cell by cell, over all shifts."""
    drawings = [{tuple(cell) for cell in np.argwhere(image.numpy())} for image in patterns.patterns()]
    found = templates.similarities(patterns.patterns(), blur=0)
    for i, one in enumerate(drawings):
        for j, other in enumerate(drawings):
            shared = max(
                len(one & {(row + down, column + right) for row, column in other})
                for down in range(-15, 16)
                for right in range(-15, 16)
            )
            assert found[i, j] == pytest.approx(shared / (len(one) * len(other)) ** 0.5)


def test_a_blurred_template_is_blurred_by_a_gaussian():
    """One cell of ink becomes a bell of sum one."""
    image = torch.zeros(1, 16, 16, dtype=torch.float64)
    image[0, 8, 8] = 1
    wide = templates._blurred(image, 1.0)[0]
    row = wide[24, 16:33]
    assert float(wide.sum()) == pytest.approx(1)
    assert float(row[8 + 3] / row[8]) == pytest.approx(np.exp(-9 / 2))


@pytest.mark.parametrize("blur", [0, 1.0, 1.5])
def test_a_shift_changes_nothing(blur):
    for digit in range(5):
        still, moved = (templates.similarities(patterns.pattern(digit, move)[None], blur) for move in ((0, 0), (-2, 3)))
        torch.testing.assert_close(still, moved)
        assert float(still[0, digit]) == pytest.approx(1)
    assert templates.measure(blur)["shift"].kept == 1


def test_outcomes_are_shares_of_the_pictures_of_experiment():
    for kind, found in templates.measure().items():
        assert found.pictures == len(patterns.variants(kind))
        assert found.kept <= found.strongest <= 1
        assert found.kept + found.silent + found.other <= 1 + 1e-12
    blank = templates.outcome(torch.zeros(1, 16, 16), [0])
    assert (blank.kept, blank.silent) == (0, 1)


def test_a_blur_that_does_not_fit_is_refused():
    for blur in (-1, 5, float("nan")):
        with pytest.raises(ConvnetsError, match="does not fit"):
            templates.similarities(patterns.patterns(), blur)
