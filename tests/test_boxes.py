"""Boxes agree with torchvision, average precision with COCO's evaluation by way of torchmetrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from convnets.common import boxes
from convnets.common.boxes import COCO, Found, Truth, average_precision, curve, matched, mean_precision
from convnets.common.errors import ConvnetsError
from convnets.common.vision import torchvision

NONE = Found(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.int64))
NOTHING = Truth(NONE.boxes, NONE.labels)


def drawn(count: int, seed: int, side: float = 100.0) -> Tensor:
    """Boxes that often overlap."""
    draw = torch.Generator().manual_seed(seed)
    middle, half = torch.rand(count, 2, generator=draw) * side, torch.rand(count, 2, generator=draw) * side / 5 + 1
    return torch.cat([middle - half, middle + half], 1)


def picture(seed: int, marked: int = 12, classes: int = 3) -> tuple[Found, Truth]:
    """Marked boxes, and found ones near most of them, some twice, some of another class, some anywhere."""
    draw = torch.Generator().manual_seed(seed)
    truth = Truth(drawn(marked, seed), torch.randint(classes, (marked,), generator=draw))
    near = torch.cat([truth.boxes, truth.boxes[: marked // 2]])
    near = near + torch.randn(near.shape, generator=draw) * 1.5
    near = torch.cat([torch.minimum(near[:, :2], near[:, 2:]), torch.maximum(near[:, :2], near[:, 2:])], 1)
    found = torch.cat([near, drawn(8, seed + 1000)])
    labels = torch.cat([truth.labels, truth.labels[: marked // 2], torch.randint(classes, (8,), generator=draw)])
    labels = torch.where(torch.rand(len(labels), generator=draw) < 0.1, 0, labels)
    scores = (torch.rand(len(labels), generator=draw) * 20).round() / 20  # with equal ones
    return Found(found, scores, labels), truth


# Geometry


def test_overlap_by_hand() -> None:
    one = torch.tensor([[0.0, 0, 4, 2]])
    others = torch.tensor([[2.0, 0, 6, 2], [0, 0, 4, 2], [4, 0, 8, 2], [1, 1, 1, 2]])
    assert boxes.iou(one, others)[0].tolist() == pytest.approx([4 / 12, 1, 0, 0])
    assert boxes.generalised(one, others).tolist() == pytest.approx([1 / 3, 1, 0, 0])
    assert boxes.generalised(one, torch.tensor([[8.0, 0, 12, 2]])).tolist() == pytest.approx([-1 / 3])


def test_overlaps_are_torchvision_s() -> None:
    first, second = drawn(40, 0), drawn(30, 1)
    assert torch.allclose(boxes.iou(first, second), torchvision.ops.box_iou(first, second), atol=1e-6)
    assert torch.allclose(
        boxes.generalised(first[:, None], second), torchvision.ops.generalized_box_iou(first, second), atol=1e-6
    )
    assert torch.equal(boxes.area(first), torchvision.ops.box_area(first))
    assert torch.equal(boxes.clipped(first, 80, 60), torchvision.ops.clip_boxes_to_image(first, (60, 80)))


def test_boxes_without_area_overlap_nothing_and_have_a_gradient() -> None:
    flat = torch.tensor([[3.0, 3, 3, 3], [5, 1, 5, 9]], requires_grad=True)
    whole = torch.tensor([[0.0, 0, 10, 10]])
    assert boxes.iou(flat, torch.cat([flat, whole])).count_nonzero() == 0
    (boxes.overlap(flat, whole) + boxes.generalised(flat, whole) + boxes.generalised(flat, flat)).sum().backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()


def test_a_box_outside_the_picture_has_no_part_in_it() -> None:
    outside = torch.tensor([[-20.0, 5, -3, 9], [700, 2, 900, 8], [-5, -5, 20, 10]])
    inside = boxes.clipped(outside, 640, 480)
    assert boxes.area(inside).tolist() == [0, 0, 200]
    boxes.checked(inside)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("by_class", [False, True])
def test_suppression_is_torchvision_s(threshold: float, by_class: bool) -> None:
    held = drawn(200, 3)
    scores = torch.rand(200, generator=torch.Generator().manual_seed(4))
    labels = torch.arange(200) % 3 if by_class else torch.zeros(200, dtype=torch.int64)
    kept = boxes.nms(held, scores, threshold, labels if by_class else None)
    assert torch.equal(kept, torchvision.ops.batched_nms(held, scores, labels, threshold))
    assert 0 < len(kept) < 200 + (threshold > 0.8)


def test_suppression_of_none_one_and_many() -> None:
    assert boxes.nms(NONE.boxes, NONE.scores).tolist() == []
    assert boxes.nms(torch.tensor([[2.0, 2, 2, 2]]), torch.tensor([0.0])).tolist() == [0]
    same = torch.tensor([[0.0, 0, 5, 5]]).expand(300, 4)
    assert boxes.nms(same, torch.full((300,), 0.5)).tolist() == [0]
    apart = torch.arange(300.0)[:, None] * 10 + torch.tensor([0.0, 0, 5, 5])
    assert boxes.nms(apart, torch.arange(300.0)).tolist() == list(range(299, -1, -1))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (torch.zeros(3), r"shape \(3,\)"),
        (torch.zeros(2, 5), r"shape \(2, 5\)"),
        (torch.tensor([[0.0, 0, float("nan"), 1]]), "not a finite number"),
        (torch.tensor([[0.0, 0, 1, 1], [5, 0, 1, 1]]), "boxes 1 is .* ends before it begins"),
    ],
)
def test_what_is_no_box_is_told(wrong: Tensor, said: str) -> None:
    with pytest.raises(ConvnetsError, match=said):
        boxes.checked(wrong)


# Average precision


def told_by_torchmetrics(pairs: list[tuple[Found, Truth]], recalls: list[float] | None = None) -> dict[str, Tensor]:
    pytest.importorskip("faster_coco_eval")
    from torchmetrics.detection import MeanAveragePrecision

    metric = MeanAveragePrecision(backend="faster_coco_eval", rec_thresholds=recalls, class_metrics=True)
    metric.warn_on_many_detections = False
    metric.update([found._asdict() for found, _ in pairs], [truth._asdict() for _, truth in pairs])
    return metric.compute()


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Found, Truth]]:
    """Ordinary pictures, one without marked boxes, one in which nothing is found, one with too many boxes."""
    found, truth = picture(1)
    crowded = [drawn(150, 7), torch.rand(150, generator=torch.Generator().manual_seed(8))]
    many = Found(crowded[0], crowded[1], torch.zeros(150, dtype=torch.int64))
    return [*(picture(seed) for seed in range(6)), (found, NOTHING), (NONE, truth), (many, picture(9)[1])]


def test_average_precision_is_that_of_coco(pairs: list[tuple[Found, Truth]]) -> None:
    ours = mean_precision([matched(*pair, COCO) for pair in pairs])
    library = told_by_torchmetrics(pairs)
    assert list(ours) == library["classes"].tolist() == [0, 1, 2]
    each = np.array([ours[label] for label in ours])
    assert 0.1 < each.mean() < 0.9
    assert each.mean(1) == pytest.approx(library["map_per_class"].numpy(), abs=1e-6)
    assert each.mean() == pytest.approx(float(library["map"]), abs=1e-6)
    assert each[:, 0].mean() == pytest.approx(float(library["map_50"]), abs=1e-6)
    assert each[:, 5].mean() == pytest.approx(float(library["map_75"]), abs=1e-6)


def test_voc_s_ways_are_other_levels_of_recall(pairs: list[tuple[Found, Truth]]) -> None:
    pictures = [matched(*pair) for pair in pairs]
    for points, levels, tolerance in ((11, 11, 1e-6), (None, 20_001, 2e-4)):
        ours = mean_precision(pictures, points)
        library = told_by_torchmetrics(pairs, torch.linspace(0, 1, levels).tolist())
        assert np.mean([value[0] for value in ours.values()]) == pytest.approx(float(library["map_50"]), abs=tolerance)


def test_average_precision_by_hand() -> None:
    """Two of three found, the second box found is wrong: precision 1 up to recall 1/3, 2/3 up to 2/3, then none."""
    truth = Truth(torch.tensor([[0.0, 0, 9, 9], [20, 0, 29, 9], [40, 0, 49, 9]]), torch.zeros(3, dtype=torch.int64))
    found = Found(
        torch.tensor([[0.0, 0, 9, 9], [0, 1, 9, 9], [20, 0, 29, 9]]), torch.tensor([0.9, 0.8, 0.7]), truth.labels
    )
    one = matched(found, truth)
    assert one.hits.tolist() == [[0, -1, 1]]
    recall, precision, scores = curve([one], 0)
    assert recall.tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3])
    assert scores.tolist() == pytest.approx([0.9, 0.8, 0.7])
    assert average_precision(recall, precision, None) == pytest.approx(1 / 3 + 2 / 9)
    assert average_precision(recall, precision, 11) == pytest.approx((4 * 1 + 3 * 2 / 3) / 11)


def test_nothing_found_nothing_marked_unknown_classes() -> None:
    assert mean_precision([]) == {}
    assert mean_precision([matched(NONE, NOTHING)]) == {}
    found, truth = picture(2)
    assert all(value == 0 for value in mean_precision([matched(NONE, truth)]).values())
    assert mean_precision([matched(found, NOTHING)]) == {}
    strange = found._replace(labels=found.labels + 40)
    assert all(value == 0 for value in mean_precision([matched(strange, truth)]).values())


def test_three_hundred_objects_are_all_counted_when_asked() -> None:
    apart = torch.arange(300.0)[:, None] * 10 + torch.tensor([0.0, 0, 5, 5])
    labels = torch.ones(300, dtype=torch.int64)
    found = Found(apart, torch.linspace(1, 0, 300), labels)
    assert mean_precision([matched(found, Truth(apart, labels), most=300)])[1] == 1
    assert mean_precision([matched(found, Truth(apart, labels))], None)[1] == pytest.approx(1 / 3)


def test_unequal_counts_are_told() -> None:
    found, truth = picture(2)
    with pytest.raises(ConvnetsError, match="20 scores"):
        matched(Found(found.boxes, found.scores[:20], found.labels), truth)
