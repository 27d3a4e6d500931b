"""Measures of ``common/masks.py``: by hand, by plain loops, and as well-kept libraries have them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convnets.common import masks
from convnets.common.errors import ConvnetsError
from convnets.common.vision import torchvision  # noqa: F401  # torchmetrics imports it


def boxes() -> tuple[torch.Tensor, torch.Tensor]:
    """3x4 and 2x6 pixels that share 2x3."""
    one, other = torch.zeros(1, 8, 9, dtype=torch.bool), torch.zeros(1, 8, 9, dtype=torch.bool)
    one[:, 1:4, 1:5] = True
    other[:, 2:4, 2:8] = True
    return one, other


def test_overlap_by_hand() -> None:
    one, other = boxes()
    assert masks.iou(one, other).item() == pytest.approx(6 / 18)
    assert masks.dice(one, other).item() == pytest.approx(12 / 24)
    assert masks.pixel_error(one, other).item() == pytest.approx(12 / 72)
    nothing = torch.zeros_like(one)
    assert masks.dice(nothing, nothing).item() == masks.iou(nothing, nothing).item() == 1
    assert masks.dice(one, nothing).item() == masks.iou(nothing, one).item() == 0


def test_dice_follows_from_iou(seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    one, other = torch.rand(2, 5, 12, 12, generator=draw) < 0.4
    overlap = masks.iou(one, other)
    torch.testing.assert_close(masks.dice(one, other), 2 * overlap / (1 + overlap))


def test_scores_of_each_class_are_torchmetrics(seed: int) -> None:
    from torchmetrics.functional.classification import multiclass_f1_score, multiclass_jaccard_index, multiclass_recall

    draw = torch.Generator().manual_seed(seed)
    found, truth = torch.randint(0, 4, (2, 3, 20, 20), generator=draw)
    told = masks.scores(masks.confusion(found, truth, 5))
    for mine, theirs in (
        (told.iou, multiclass_jaccard_index), (told.dice, multiclass_f1_score), (told.recall, multiclass_recall),
    ):  # fmt: skip
        torch.testing.assert_close(mine[:4].float(), theirs(found, truth, 5, average="none")[:4])
        assert mine[4].isnan(), "a class that is nowhere"
    assert told.accuracy == pytest.approx((found == truth).double().mean().item())


def test_pixels_that_nobody_labelled_do_not_count() -> None:
    table = masks.confusion(torch.tensor([[[0, 1, 1]]]), torch.tensor([[[0, -1, 0]]]), 2)
    assert table.tolist() == [[1, 1], [0, 0]]


def test_wrong_maps_are_told() -> None:
    with pytest.raises(ConvnetsError, match="cannot be compared"):
        masks.dice(torch.zeros(1, 3, 3), torch.zeros(1, 3, 4))
    with pytest.raises(ConvnetsError, match="but there are 2 classes"):
        masks.confusion(torch.zeros(1, 3, 3), torch.full((1, 3, 3), 2), 2)
    with pytest.raises(ConvnetsError, match="no rows and columns"):
        masks.pieces(np.zeros((2, 3, 4)))
    with pytest.raises(ConvnetsError, match="holds no piece"):
        masks.adapted_rand_error(np.zeros((2, 2), int), np.ones((2, 2), int))


# Pieces


def flooded(mask: np.ndarray) -> np.ndarray:
    """Pieces by filling from each pixel in turn."""
    names, count = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask), strict=True):
        if names[start]:
            continue
        count, waiting = count + 1, [start]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not names[y, x]:
                names[y, x] = count
                waiting += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return names


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_pieces_are_those_of_a_flood(share: float, seed: int) -> None:
    mask = np.random.default_rng(seed).random((23, 31)) < share
    np.testing.assert_array_equal(masks.pieces(mask), flooded(mask))


def pair() -> tuple[np.ndarray, np.ndarray]:
    """Two maps of pieces that any machine makes alike: stripes, and stripes cut and moved."""
    y, x = np.mgrid[:40, :50]
    truth = (x // 7 + 1) * (x % 7 > 0) + 8 * (y // 13) * (x % 7 > 0)
    found = ((x + 2) // 9 + 1) * ((x + 2) % 9 > 0) + 6 * ((y + x // 10) // 20)
    return truth, found


SCIKIT = (0.5339170875267958, 0.6092325227963525, 0.377405119152692)
"""What ``skimage.metrics.adapted_rand_error(truth, found)`` of scikit-image 0.26 gives for :func:`pair`, computed once,
for the book does not install it. There the share of the truth's pairs comes before that of the guess's."""


def test_the_adapted_rand_error_is_scikit_image_s() -> None:
    told = masks.adapted_rand_error(*pair())
    assert (told.error, told.recall, told.precision) == pytest.approx(SCIKIT, abs=1e-12)


def test_the_adapted_rand_error_counts_pairs(seed: int) -> None:
    draw = np.random.default_rng(seed)
    truth, found = draw.integers(0, 4, (2, 6, 7))
    mine, theirs = truth[truth > 0], found[truth > 0]
    together = [
        (mine[i] == mine[j], theirs[i] == theirs[j]) for i in range(len(mine)) for j in range(len(mine)) if i != j
    ]
    both = sum(one and other for one, other in together)
    recall, precision = both / sum(one for one, _ in together), both / sum(other for _, other in together)
    told = masks.adapted_rand_error(truth, found)
    assert told == pytest.approx((1 - 2 * precision * recall / (precision + recall), precision, recall))


def test_the_same_pieces_under_other_names_have_no_error() -> None:
    truth = pair()[0]
    assert masks.adapted_rand_error(truth, truth * 3 + 5).error == pytest.approx(0)
    split = truth * 2 + (np.mgrid[:40, :50][0] % 13 < 5)
    assert masks.adapted_rand_error(truth, split).precision == pytest.approx(1)


# Outlines


def test_outlines_of_moved_squares_are_as_far_apart_as_they_moved() -> None:
    one = torch.zeros(2, 30, 30, dtype=torch.bool)
    one[:, 5:20, 5:20] = True
    other = one.clone()
    other[1] = False
    other[1, 4:21, 4:21] = True  # one pixel wider all around
    assert masks.border_distance(one, other).tolist() == pytest.approx([0, 1], abs=0.03)
    assert masks.border_distance(one, torch.zeros_like(one)).isnan().all()
