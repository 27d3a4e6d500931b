"""FCOS and its rivals: shapes, targets by hand, losses, and what is read from an answer."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from convnets.common.boxes import Found, Truth, iou
from convnets.common.vision import torchvision
from convnets.detection import losses, nets, yolo
from convnets.detection.losses import anchors, boxes_of, centreness, fcos_loss, focal, targets
from convnets.detection.model import ANCHORS, Anchored, Answer, Fcos, Moved, places
from convnets.detection.yolo import Grid, Yolo

NOTHING = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
ONE = Truth(torch.tensor([[10.0, 12, 50, 60]]), torch.tensor([1]))
H, W = 64, 96


@pytest.mark.parametrize(("height", "width"), [(240, 320), (64, 96), (33, 47), (8, 8), (1, 1)])
def test_an_answer_has_a_row_for_every_place(height: int, width: int) -> None:
    torch.manual_seed(0)
    x = torch.rand(2, 3, height, width)
    answer = Fcos(3).eval()(x)
    count = len(places(height, width))
    assert answer.scores.shape == (2, count, 3)
    assert answer.distances.shape == (2, count, 4)
    assert answer.centre.shape == (2, count)
    assert (answer.distances > 0).all()
    assert Anchored(3).eval()(x).scores.shape == (2, count * len(ANCHORS), 3)


def test_places_are_the_middles_of_their_squares() -> None:
    found = places(16, 24)
    assert found[:6].tolist() == [[4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12]]
    assert found[6:].tolist() == [[8, 8], [24, 8]]


def test_an_untrained_head_says_that_there_is_nothing() -> None:
    answer = Fcos(3).eval()(torch.rand(1, 3, H, W))
    assert answer.scores.detach().sigmoid().mean().item() == pytest.approx(0.01, abs=0.002)


# What places are to say


def test_targets_by_hand() -> None:
    found = targets(ONE, H, W)
    middle = places(H, W)
    there = found.labels >= 0
    assert set(found.labels[there].tolist()) == {1}
    # its middle is (30, 36); near it, within 12 pixels, are the places of stride 8 from 20 to 36, and from 28 to 44
    assert middle[there].tolist() == [[x, y] for y in (28, 36, 44) for x in (20, 28, 36)]
    assert torch.allclose(boxes_of(middle[there], found.distances[there]), ONE.boxes)
    assert found.distances[there][0].tolist() == [10, 16, 30, 32]
    assert found.distances[~there].count_nonzero() == 0


def test_the_smallest_of_two_boxes_is_learned_and_large_ones_go_to_the_coarse_map() -> None:
    both = Truth(torch.tensor([[0.0, 0, 60, 60], [20, 20, 36, 36]]), torch.tensor([0, 2]))
    found, level = targets(both, H, W), losses.levels(H, W)
    assert found.labels[places(H, W).eq(28).all(1)].tolist() == [2]
    assert 0 in found.labels[level == 0]
    large = Truth(torch.tensor([[0.0, 0, 200, 160]]), torch.tensor([0]))
    found, level = targets(large, 160, 208), losses.levels(160, 208)
    assert set(level[found.labels >= 0].tolist()) == {1}


def test_centreness_by_hand() -> None:
    told = centreness(torch.tensor([[4.0, 6, 4, 6], [1, 5, 4, 5], [0, 5, 8, 5], [2, 1, 8, 9]]))
    assert told.tolist() == pytest.approx([1, 0.5, 0, math.sqrt(2 / 8 / 9)])


def test_focal_loss_is_torchvision_s() -> None:
    draw = torch.Generator().manual_seed(0)
    logits, wanted = torch.randn(50, 3, generator=draw) * 3, (torch.rand(50, 3, generator=draw) < 0.2).float()
    library = torchvision.ops.sigmoid_focal_loss(logits, wanted, alpha=0.25, gamma=2, reduction="sum")
    assert float(focal(logits, wanted)) == pytest.approx(float(library), rel=1e-5)
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
    assert float(focal(logits, wanted, 0.0, 0.5)) == pytest.approx(float(plain) / 2, rel=1e-5)


def perfect(truth: Truth) -> Answer:
    """The answer that is right everywhere."""
    wanted = targets(truth, H, W)
    scores = torch.full((1, len(wanted.labels), 3), -20.0)
    there = wanted.labels >= 0
    scores[0, there, wanted.labels[there]] = 20
    centre = torch.logit(centreness(wanted.distances).clamp(1e-6, 1 - 1e-6))
    return Answer(scores, wanted.distances.clamp(min=0.01)[None], centre[None])


def test_a_perfect_answer_costs_nothing_but_centre_ness_s_own_entropy() -> None:
    loss = float(fcos_loss(perfect(ONE), [ONE], H, W, 2.0, False))
    assert loss == pytest.approx(0, abs=1e-5)
    answer = perfect(ONE)
    moved = answer._replace(distances=answer.distances + 4)
    assert float(fcos_loss(moved, [ONE], H, W, 2.0, False)) > 0.2
    silent = answer._replace(scores=torch.full_like(answer.scores, -20.0))
    assert float(fcos_loss(silent, [ONE], H, W, 2.0, False)) > 4


@pytest.mark.parametrize("net", ["fcos", "anchors", "yolo"])
@pytest.mark.parametrize(
    "truth",
    [
        [NOTHING, NOTHING],
        [ONE, NOTHING],
        [Truth(torch.rand(300, 2).repeat(1, 2) * 40 + torch.tensor([0.0, 0, 9, 9]), torch.arange(300) % 3), ONE],
        [Truth(torch.tensor([[5.0, 5, 5, 9], [0, 0, 1e-3, 1e-3], [0, 0, 96, 64]]), torch.tensor([0, 1, 2])), NOTHING],
    ],
    ids=["no object", "one", "three hundred", "no area, tiny, the whole picture"],
)
def test_losses_are_finite_whatever_is_marked(net: str, truth: list[Truth]) -> None:
    torch.manual_seed(0)
    height, width = (240, 320) if net == "yolo" else (H, W)
    model = nets.BUILDERS[net]()
    answer = model(torch.rand(2, 3, height, width))
    if isinstance(answer, Answer):
        loss = fcos_loss(answer, truth, height, width, 2.0, True)
    elif isinstance(answer, Moved):
        loss = losses.anchored_loss(answer, truth, height, width)
    else:
        loss = yolo.loss(answer, truth, height, width)
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_anchors_are_moved_and_stretched_back() -> None:
    fixed = anchors(H, W)
    assert len(fixed) == len(places(H, W)) * 3
    assert torch.allclose(fixed[1], torch.tensor([4.0 - 25, 4 - 25, 4 + 25, 4 + 25]))
    goal = ONE.boxes.expand(len(fixed), 4)
    assert torch.allclose(losses.moved(fixed, losses.offsets_of(fixed, goal)), goal, atol=1e-3)


# What is read from an answer


def test_a_perfect_answer_is_read_back() -> None:
    both = Truth(torch.tensor([[10.0, 12, 50, 60], [60, 10, 76, 28]]), torch.tensor([1, 2]))
    found = nets.decode(perfect(both), H, W)[0]
    assert sorted(found.labels.tolist()) == [1, 2]
    assert iou(found.boxes[found.labels == 1], both.boxes[:1]).min() > 0.99
    assert found.scores.min() > 0.9
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)


def told(scores: list[float], boxes: Tensor) -> Answer:
    """An answer over the places of 8x16 pixels: two fine ones and one coarse."""
    logits = torch.full((1, 3, 2), -20.0)
    logits[0, :, 0] = torch.tensor(scores).logit()
    middle = places(8, 16)
    distances = torch.cat([middle - boxes[:, :2], boxes[:, 2:] - middle], 1)
    return Answer(logits, distances[None], torch.full((1, 3), 20.0))


def test_suppression_thresholds_and_limits() -> None:
    boxes = torch.tensor([[0.0, 0, 8, 8], [0, 0, 8, 7], [8, 0, 16, 8]])
    answer = told([0.81, 0.64, 0.36], boxes)
    assert nets.decode(answer, 8, 16)[0].scores.tolist() == pytest.approx([0.9, 0.6], abs=1e-3)
    assert len(nets.decode(answer, 8, 16, overlap=0.9)[0].scores) == 3
    assert len(nets.decode(answer, 8, 16, score=0.7)[0].scores) == 1
    assert len(nets.decode(answer, 8, 16, most=1)[0].scores) == 1
    nothing = nets.decode(answer, 8, 16, score=0.95)[0]
    assert nothing.boxes.shape == (0, 4)
    outside = nets.decode(told([0.81] * 3, boxes + torch.tensor([100.0, 0, 100, 0])), 8, 16)[0]
    assert outside.boxes[:, 2].max() <= 16


def test_what_is_found_is_the_same_however_many_pictures_are_looked_at_together() -> None:
    torch.manual_seed(0)
    model = Fcos(3)
    images = torch.randint(0, 256, (3, 3, H, W), dtype=torch.uint8)
    together = nets.detect(model, images, score=0.07)
    alone = [nets.detect(model, images[place : place + 1], score=0.07)[0] for place in range(3)]
    for one, other in zip(together, alone, strict=True):
        assert torch.allclose(one.scores, other.scores, atol=1e-5)
    assert nets.detect(model, images[:0]) == []


def test_measures_have_their_names_and_count_what_is_right() -> None:
    truth = [Truth(ONE.boxes, torch.tensor([label])) for label in (0, 1, 2)]
    right = [Found(one.boxes, torch.tensor([0.9]), one.labels) for one in truth]
    found = {one.name: one.value for one in nets.measured(right, truth)}
    assert found == dict.fromkeys(("map50", "map50_95", "map50_rbc", "map50_wbc", "map50_platelets"), 1.0)
    nothing = [Found(NOTHING.boxes, torch.zeros(0), NOTHING.labels)] * 3
    assert nets.measured(nothing, truth)[0].value == 0
    one_class = [Truth(ONE.boxes, torch.tensor([0]))] * 2
    assert [one.name for one in nets.measured(nothing[:2], one_class)] == ["map50", "map50_95"]


# YOLO


def test_the_published_yolo_has_the_paper_s_shape() -> None:
    net = yolo.published()
    assert sum(parameter.numel() for parameter in net.parameters()) == 271_703_550
    assert sum(kind == "convolution" for kind, *_ in yolo.LAYERS) == 24
    assert sum(kind == "connected" for kind, *_ in yolo.LAYERS) == 2
    assert net(torch.empty(2, 3, 448, 448, device="meta")).shape == (2, 7, 7, 30)


def test_yolo_s_loss_by_hand() -> None:
    """One object, whose middle lies in the cell of row 3 and column 2."""
    truth = Truth(torch.tensor([[80.0, 100, 140, 148]]), torch.tensor([1]))  # middle (110, 124) of 320x240
    cell = torch.tensor([110 / 320 * 7 - 2, 124 / 240 * 7 - 3])
    size = torch.tensor([60 / 320, 48 / 240]).sqrt()
    answer = torch.zeros(1, 7, 7, 13)
    answer[0, 3, 2, :5] = torch.cat([cell, size, torch.ones(1)])
    answer[0, 3, 2, 11] = 1
    assert float(yolo.loss(answer, [truth], 240, 320)) == pytest.approx(0, abs=1e-6)
    sure = answer.clone()
    sure[0, 0, 0, 4] = 0.6  # sure of nothing
    assert float(yolo.loss(sure, [truth], 240, 320)) == pytest.approx(0.5 * 0.36, abs=1e-6)
    beside = answer.clone()
    beside[0, 3, 2, 2] += 0.1  # the root of the width
    right = iou(_box(beside), truth.boxes).item()
    assert float(yolo.loss(beside, [truth], 240, 320)) == pytest.approx(5 * 0.01 + (1 - right) ** 2, abs=1e-5)
    wrong = answer.clone()
    wrong[0, 3, 2, 10:] = torch.tensor([1.0, 0, 0])
    assert float(yolo.loss(wrong, [truth], 240, 320)) == pytest.approx(2, abs=1e-5)


def _box(answer: Tensor) -> Tensor:
    grid: Grid = Yolo.grid(answer)
    return yolo.boxes_of(grid, 240, 320)[0, 3, 2, :1]


def test_a_cell_of_yolo_holds_one_object() -> None:
    truth = Truth(torch.tensor([[80.0, 100, 140, 148], [85.0, 95, 145, 150]]), torch.tensor([1, 2]))
    first = Truth(truth.boxes[:1], truth.labels[:1])
    answer = torch.rand(1, 7, 7, 13, generator=torch.Generator().manual_seed(0))
    assert torch.equal(yolo.loss(answer, [truth], 240, 320), yolo.loss(answer, [first], 240, 320))
