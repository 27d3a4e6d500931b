"""OverFeat's windows: one network over a whole picture, boxes merged, one thing left; and what measures them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import vision  # noqa: F401  # first, or torchvision may not import
from convnets.common.errors import ConvnetsError
from convnets.localisation import measure, merge, nets, windows
from convnets.localisation.measure import Answers
from convnets.localisation.model import PYRAMID, Cam, OverFeat, published
from convnets.localisation.world import Scenes


@pytest.fixture(scope="module")
def overfeat() -> OverFeat:
    torch.manual_seed(0)
    return OverFeat(3, (8, 8, 8, 10, 10), 8).eval()


# The paper


def test_the_fast_model_has_the_paper_s_145_million_parameters() -> None:
    layers = published()
    assert int(sum(layer.parameters for layer in layers) / 1e6) == 145
    assert [layer.maps for layer in layers] == [96, 256, 512, 1024, 1024, 3072, 4096, 1000]


def test_the_pyramid_is_that_of_table_5() -> None:
    assert [level.after_pooling for level in PYRAMID] == [(5, 5), (6, 7), (7, 9), (9, 11), (10, 11), (11, 14)]
    assert [level.windows for level in PYRAMID] == [(1, 1), (2, 3), (3, 5), (5, 7), (6, 7), (7, 10)]
    assert PYRAMID[-1].all_windows == (21, 30)


# One network over a whole picture


def test_every_window_is_answered_as_if_it_were_alone(overfeat: OverFeat) -> None:
    """Section 3.5 of the paper: sliding costs no more than one pass, and gives the same."""
    picture = torch.rand(1, 3, 64, 80, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        whole = overfeat(picture)
        assert whole.classes.shape == (1, 3, 3, 5)
        for row in range(3):
            for column in range(5):
                cut = picture[:, :, 8 * row : 8 * row + 48, 8 * column : 8 * column + 48]
                alone = overfeat(cut)
                assert torch.allclose(alone.classes[..., 0, 0], whole.classes[..., row, column], atol=1e-4)
                moved = alone.boxes[0, :, 0, 0] + torch.tensor([column, row, column, row]) * 8
                assert torch.allclose(moved, whole.boxes[0, :, row, column], atol=1e-3)


def test_windows_of_all_sizes_speak_of_the_picture_s_own_pixels(overfeat: OverFeat) -> None:
    images = torch.zeros(2, 3, 64, 64, dtype=torch.uint8)
    found = nets.windows(overfeat, images, ((48, 48), (64, 64), (80, 80)))
    assert found.boxes.shape == (2, 35, 4) and found.classes.shape == (2, 35, 3)
    assert torch.allclose(found.classes.sum(2), torch.ones(2, 35))
    alone = nets.windows(overfeat, images, ((48, 48),))
    with torch.inference_mode():
        bare = overfeat(torch.zeros(1, 3, 48, 48)).boxes[0, :, 0, 0]
    assert torch.allclose(alone.boxes[0, 0], bare * 64 / 48, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 3, 47, 64), (1, 1, 64, 64), (3, 64, 64), (1, 3, 64, 0)])
def test_a_picture_smaller_than_a_window_is_told(overfeat: OverFeat, shape: tuple[int, ...]) -> None:
    with pytest.raises(ConvnetsError, match="smaller than a window"):
        overfeat(torch.zeros(shape))


@pytest.mark.parametrize("size", [(64, 64), (20, 300), (7, 5), (96, 200)])
def test_pictures_of_any_shape_get_a_box_inside(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    images = torch.randint(256, (2, 3, *size), dtype=torch.uint8)
    for model in (OverFeat().eval(), Cam(widths=(8,) * 7).eval()):
        found = nets.localise(model, images)
        assert found.boxes.shape == (2, 4)
        assert (found.boxes >= 0).all() and (found.boxes <= torch.tensor([size[1], size[0]] * 2)).all()
        assert ((found.scores >= 0) & (found.scores <= 1)).all()


@pytest.mark.parametrize("images", [
    torch.zeros(0, 3, 64, 64, dtype=torch.uint8), torch.zeros(1, 64, 64, dtype=torch.uint8), torch.zeros(1, 3, 64, 64),
    torch.zeros(1, 4, 64, 64, dtype=torch.uint8),
])  # fmt: skip
def test_pictures_of_another_kind_are_told(images: Tensor) -> None:
    with pytest.raises(ConvnetsError, match="cannot be looked at"):
        nets.localise(OverFeat(), images)


# Merging


def test_boxes_that_match_are_merged_and_their_confidence_added() -> None:
    boxes = np.array([[0, 0, 10, 10], [40, 40, 60, 60], [2, 0, 12, 10], [50, 0, 54, 4]], float)
    found = merge.merged(boxes, np.array([0.9, 0.8, 0.6, 0.1]))
    assert np.allclose(found.boxes, [[0.8, 0, 10.8, 10], [40, 40, 60, 60]])
    assert found.confidence.tolist() == pytest.approx([1.5, 0.8])
    assert found.members.tolist() == [[True, False, True, False], [False, True, False, False]]


def test_the_best_match_is_merged_first() -> None:
    """A chain: the middle box matches both, the right one better, and the merged one no longer the left."""
    boxes = np.array([[0, 0, 10, 10], [4, 0, 14, 10], [5, 0, 15, 10]], float)
    found = merge.merged(boxes, np.ones(3), limit=0.42)
    assert found.boxes.tolist() == [[4.5, 0, 14.5, 10], [0, 0, 10, 10]]


def test_if_no_window_is_sure_the_surest_speaks_alone() -> None:
    boxes = np.array([[0, 0, 4, 4], [8, 8, 12, 12]], float)
    found = merge.merged(boxes, np.array([0.01, 0.02]))
    assert found.boxes.tolist() == [[8, 8, 12, 12]]


def test_three_hundred_windows_give_one_box() -> None:
    draw = np.random.default_rng(0)
    boxes = np.array([20, 20, 40, 44]) + draw.normal(0, 1.5, (300, 4))
    found = merge.merged(boxes, draw.uniform(0.3, 1, 300))
    assert len(found.boxes) == 1
    assert found.boxes[0] == pytest.approx([20, 20, 40, 44], abs=0.5)


def test_boxes_without_area_are_merged_with_none() -> None:
    boxes = np.array([[5, 5, 5, 9], [5, 5, 5, 9], [9, 9, 3, 3]], float)
    assert len(merge.merged(boxes, np.ones(3)).boxes) == 3


def test_a_class_is_that_of_the_windows_in_the_box() -> None:
    classes = torch.tensor([[[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.7, 0.1, 0.2]], [[0.1, 0.1, 0.8]] * 3])
    boxes = torch.tensor([[[0.0, 0, 20, 20], [1, 0, 21, 20], [50, 50, 90, 64]]]).repeat(2, 1, 1)
    found = merge.locate(merge.Windows(classes, boxes), 64, 64)
    assert found.classes.tolist() == [1, 2]  # 0.3 + 0.8 against 0.6 + 0.1; and nothing
    assert found.scores.tolist() == pytest.approx([0.9, 0.2])
    assert found.boxes[0].tolist() == pytest.approx([0.5, 0, 20.5, 20])
    empty = merge.Windows(torch.zeros(0, 3, 3), torch.zeros(0, 3, 4))
    assert merge.locate(empty, 64, 64).boxes.shape == (0, 4)


# What windows are asked


def _scene(box: tuple[int, int, int, int], label: int = 4) -> Scenes:
    mask = torch.zeros(1, 64, 64, dtype=torch.bool)
    mask[0, box[1] : box[3], box[0] : box[2]] = True
    return Scenes(
        torch.zeros(1, 3, 64, 64, dtype=torch.uint8), torch.tensor([label]), torch.tensor([box]).float(), mask
    )


def test_a_window_is_asked_for_a_thing_that_it_shows_most_of() -> None:
    asked = windows.asked(_scene((0, 0, 16, 10)), 64, 64, 10)
    assert asked.labels[0].tolist() == [[4, 10, 10], [10, 10, 10], [10, 10, 10]]  # the second column sees half of it
    larger = windows.asked(_scene((0, 0, 16, 10)), 80, 88, 10)
    assert larger.labels.shape == (1, 5, 6) and larger.pixels.shape == (1, 3, 80, 88)
    assert larger.boxes.tolist() == [[0, 0, 22, 12.5]]
    nothing = _scene((0, 0, 0, 0), 10)
    assert (windows.asked(nothing, 64, 64, 10).labels == 10).all()


def test_a_turned_photograph_keeps_its_cell_in_its_box() -> None:
    scene = _scene((6, 10, 30, 20), 0)
    scene.images[0, :, 10:20, 6:30] = 200
    many = Scenes(*(part.repeat(48, *[1] * (part.ndim - 1)) for part in scene))
    found = windows.turned(many, torch.Generator().manual_seed(0))
    assert len({tuple(box) for box in found.boxes.tolist()}) == 4
    for image, mask, (left, top, right, bottom) in zip(
        found.images, found.masks, found.boxes.int().tolist(), strict=True
    ):
        inside = torch.zeros(64, 64, dtype=torch.bool)
        inside[top:bottom, left:right] = True
        assert torch.equal(mask, inside)
        assert image[:, inside].float().mean() > image[:, ~inside].float().mean() + 50


# Measures


def test_overlap_is_that_of_the_library() -> None:
    from torchvision.ops import box_iou

    draw = torch.Generator().manual_seed(0)
    corner, size = torch.rand(60, 2, generator=draw) * 40, torch.rand(60, 2, generator=draw) * 30
    boxes = torch.cat([corner, corner + size], 1)
    other = boxes.roll(1, 0)
    assert torch.equal(measure.localised(boxes, other), box_iou(boxes.double(), other.double()).diag() >= 0.5)
    assert measure.localised(boxes, boxes).all()


def test_half_is_enough_and_nothing_never() -> None:
    truth = torch.tensor([[0.0, 0, 10, 10]]).repeat(5, 1)
    found = torch.tensor([[0.0, 0, 10, 5], [0, 0, 10, 4.9], [0, 0, 0, 0], [20, 20, 30, 30], [10, 10, 0, 0]])
    assert measure.localised(found, truth).tolist() == [True, False, False, False, False]
    assert not measure.localised(torch.zeros(1, 4), torch.zeros(1, 4)).any()
    with pytest.raises(ConvnetsError, match="one for each picture"):
        measure.localised(found, truth[:2])


def test_pointing_allows_two_pixels() -> None:
    mask = torch.zeros(5, 20, 20, dtype=torch.bool)
    mask[:4, 8:12, 5:9] = True
    points = torch.tensor([[6.5, 9.5], [10.4, 9.5], [11.5, 9.5], [10.4, 13.4], [6.5, 9.5]])
    assert measure.hits(points, mask).tolist() == [True, True, False, False, False]


def test_the_centred_box_is_the_best_of_its_kind() -> None:
    draw = torch.Generator().manual_seed(0)
    half = torch.rand(50, 2, generator=draw) * 15 + 8
    boxes = torch.cat([32 - half, 32 + half], 1)
    best = measure.centred(boxes, 64, 64)
    assert best[:2].sum() + best[2:].sum() == pytest.approx(128, abs=0.1)
    other = torch.tensor([20.0, 20, 44, 44])
    assert (
        measure.localised(best.expand(50, 4), boxes).sum() >= measure.localised(other.expand(50, 4), boxes).sum() > 10
    )
    with pytest.raises(ConvnetsError, match="one or more"):
        measure.centred(torch.zeros(0, 4), 64, 64)


def test_ilsvrc_asks_for_class_and_box() -> None:
    truth = torch.tensor([[0.0, 0, 10, 10]]).repeat(4, 1)
    right, wrong = truth[:1], torch.tensor([[20.0, 20, 30, 30]])
    masks = torch.zeros(5, 64, 64, dtype=torch.bool)
    masks[:, :10, :10] = True
    masks[4] = False
    known = torch.cat([right, right, wrong, wrong, right])
    found = Answers(torch.tensor([1, 2, 1, 2, 10]), known, known, torch.full((5, 2), 5.0))
    labels, boxes = torch.tensor([1, 1, 1, 1, 10]), torch.cat([truth, torch.zeros(1, 4)])
    told = {one.name: one.value for one in measure.measured(found, labels, boxes, masks, right[0])}
    assert told == {
        "accuracy_box": 0.5, "error": 0.75, "iou": 0.5, "accuracy_pointing": 1.0, "accuracy": 0.5,
        "accuracy_centred": 1.0, "accuracy_none": 1.0,
    }  # fmt: skip
    with pytest.raises(ConvnetsError, match="shows a thing"):
        measure.measured(found, labels, torch.zeros(5, 4), masks, right[0])


def test_the_box_is_inside_the_picture() -> None:
    classes = F.one_hot(torch.zeros(1, 1, dtype=torch.int64), 2).float()
    found = merge.locate(merge.Windows(classes, torch.tensor([[[-9.0, -9, 500, 30]]])), 40, 60)
    assert found.boxes.tolist() == [[0, 0, 60, 30]]
