"""Class activation maps as their equations say, the same by gradients, and boxes around the largest part."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from convnets.common.errors import ConvnetsError
from convnets.localisation import maps, nets
from convnets.localisation.model import Cam, OverFeat
from convnets.localisation.world import NOTHING


@pytest.fixture(scope="module")
def cam() -> Cam:
    torch.manual_seed(0)
    return Cam(widths=(8, 8, 8, 12, 12, 12, 12)).eval()


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def test_a_map_is_the_weighted_sum_of_the_last_maps(cam: Cam, pictures: Tensor) -> None:
    """Equation 2 of Zhou et al., written out for one place."""
    features = cam.features(pictures)
    found = maps.activation(cam, pictures, torch.tensor([1, 0, 2]))
    by_hand = sum(float(cam.scores.weight[1, k].detach()) * float(features[0, k, 5, 9].detach()) for k in range(12))
    assert float(found[0, 5, 9]) == pytest.approx(by_hand, abs=1e-5)


def test_a_score_is_the_mean_of_its_map_and_a_bias(cam: Cam, pictures: Tensor) -> None:
    features = cam.features(pictures)
    means = cam.activation(features).mean((2, 3)) + cam.scores.bias
    assert torch.allclose(means, cam(pictures), atol=1e-5)


def test_grad_cam_is_cam_for_a_network_with_global_average_pooling(cam: Cam, pictures: Tensor) -> None:
    """alpha_k = w_k / Z, Z the number of places: the positive part of the map, divided by 256."""
    classes = torch.tensor([1, 0, 2])
    by_gradients = maps.gradcam(cam.features, cam.head, pictures, classes)
    assert by_gradients.any()
    assert torch.allclose(by_gradients * 256, maps.activation(cam, pictures, classes).clamp(min=0), atol=1e-5)


def test_grad_cam_looks_into_any_network(pictures: Tensor) -> None:
    model = OverFeat(3, (8, 8, 8, 10, 10), 8).eval()

    def head(features: Tensor) -> Tensor:
        return model.classes(model.hidden(features)).amax((2, 3))

    found = maps.gradcam(model.features, head, pictures, torch.tensor([0, 1, 0]))
    assert found.shape == (3, 10, 10) and found.min() >= 0


def test_heat_lies_where_its_map_does() -> None:
    one = torch.zeros(1, 16, 16)
    one[0, 3, 10] = 1
    heat = maps.heat(one, 64)
    assert heat.shape == (1, 64, 64)
    x, y = maps.point(heat)[0].tolist()
    assert abs(x - 42) <= 1 and abs(y - 14) <= 1
    assert maps.heat(one, 48, 80).shape == (1, 48, 80)


def test_the_largest_part_is_found_by_hand() -> None:
    drawn = [
        "##...#",
        "##..##",
        ".....#",
        "#..###",
        "##....",
    ]
    mask = torch.tensor([[letter == "#" for letter in row] for row in drawn])
    found = maps.largest(mask[None])[0]
    assert found.nonzero().tolist() == [[0, 5], [1, 4], [1, 5], [2, 5], [3, 3], [3, 4], [3, 5]]


def test_corners_do_not_join_and_the_first_of_equals_wins() -> None:
    mask = torch.tensor([[[True, False, True], [False, True, False]]])
    assert maps.largest(mask)[0].nonzero().tolist() == [[0, 0]]


def test_parts_agree_with_a_search_by_hand() -> None:
    draw = torch.Generator().manual_seed(5)
    for mask, found in zip(masks := torch.rand(20, 9, 11, generator=draw) < 0.55, maps.largest(masks), strict=True):
        assert found.nonzero().tolist() == _largest(mask)


def _largest(mask: Tensor) -> list[list[int]]:
    left, best = {tuple(place) for place in mask.nonzero().tolist()}, []
    for start in mask.nonzero().tolist():
        part, border = [], [tuple(start)]
        while border:
            y, x = border.pop()
            if (y, x) in left:
                left.remove((y, x))
                part.append([y, x])
                border += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
        best = part if len(part) > len(best) else best
    return sorted(best)


def test_a_box_is_around_what_reaches_the_threshold() -> None:
    heat = torch.zeros(1, 10, 12)
    heat[0, 2:5, 3:9] = 0.5
    heat[0, 3, 4] = 1.0
    heat[0, 7:9, 0:2] = 0.9
    assert maps.box(heat, 0.4).tolist() == [[3, 2, 9, 5]]
    assert maps.box(heat, 0.5).tolist() == [[3, 2, 9, 5]]
    assert maps.box(heat, 0.6).tolist() == [[0, 7, 2, 9]]
    assert maps.box(heat, 1.0).tolist() == [[4, 3, 5, 4]]


@pytest.mark.parametrize("heat", [torch.zeros(1, 6, 6), -torch.ones(1, 6, 6)])
def test_where_nothing_speaks_for_a_class_there_is_no_box(heat: Tensor) -> None:
    assert maps.box(heat, 0.2).tolist() == [[0, 0, 0, 0]]


def test_no_picture_gives_no_box() -> None:
    assert maps.largest(torch.zeros(0, 4, 4, dtype=torch.bool)).shape == (0, 4, 4)
    assert maps.of_class(torch.zeros(0, 3, 4, 4), torch.zeros(0, dtype=torch.int64)).shape == (0, 4, 4)


def test_what_is_no_threshold_and_no_class_is_told() -> None:
    with pytest.raises(ConvnetsError, match="1.5 is no share"):
        maps.box(torch.ones(1, 4, 4), 1.5)
    for classes in (torch.tensor([0, 11]), torch.tensor([-1, 0]), torch.tensor([1])):
        with pytest.raises(ConvnetsError, match="from 0 to 10"):
            maps.of_class(torch.zeros(2, 11, 4, 4), classes)


def test_a_map_is_told_its_class_and_guesses_another(cam: Cam) -> None:
    """Boxes for a known class come from its own map, whatever the network believes; of nothing, from its best guess."""
    images = (torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(2)) * 255).byte()
    logits, every = nets.scores(cam, images)
    best = logits[:, :NOTHING].argmax(1)
    labels = torch.tensor([int(best[0]), 1 - int(best[1]), NOTHING, 1])
    found = nets.answers(cam, images, labels, 0.4)
    heat = maps.heat(every[1, labels[1]][None], 64)
    assert torch.equal(found.known[1], maps.box(heat, 0.4)[0])
    assert torch.equal(found.points[1], maps.point(heat)[0])
    assert torch.equal(found.known[0], found.boxes[0]) and torch.equal(found.known[2], found.boxes[2])
    assert torch.equal(found.classes, logits.argmax(1))


def test_maps_of_pictures_of_any_shape(cam: Cam) -> None:
    images = torch.zeros(1, 3, 40, 100, dtype=torch.uint8)
    assert nets.heats(cam, images, torch.tensor([0])).shape == (1, 40, 100)
    assert nets.localise(cam, images).boxes.shape == (1, 4)
