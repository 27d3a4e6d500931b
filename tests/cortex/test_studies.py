"""What moving the photographs does to the readouts, and which photographs the chapter shows."""

from __future__ import annotations

import torch

from convnets.common import runs, samples
from convnets.cortex import data, studies
from convnets.cortex.model import READOUTS


def test_images_move_four_ways_and_bring_no_edge_with_them() -> None:
    image = torch.rand(4, 1, 20, 20)
    right, down, left, up = studies.moved(image, 3)
    assert torch.equal(right[:, :, 3:], image[0, :, :, :-3]) and torch.equal(down[:, 3:], image[1, :, :-3])
    assert torch.equal(left[:, :, :-3], image[2, :, :, 3:]) and torch.equal(up[:, :-3], image[3, :, 3:])
    assert torch.equal(right[:, :, :3], image[0, :, :, 1:4].flip(-1)), "the mirror image of what lies beside"
    assert torch.equal(studies.moved(image, 0), image)


def test_unmoved_images_are_put_right_as_often_as_the_run_record_says() -> None:
    found, record = studies.displaced(), runs.published("cortex", "hmax")
    assert record is not None and found["pixels"][0] == 0
    for name in READOUTS:
        assert abs(found["accuracy"][name][0] - record["metrics"][name]["accuracy"]) < 1.5 / 1000
    for pair, one, two in zip(found["pairs"], found["accuracy"]["c1"], found["accuracy"]["c2b"], strict=True):
        assert round(1000 * (one - two)) == pair["only_first"] - pair["only_second"]


def test_the_samples_are_the_worst_mistakes() -> None:
    worst, stored = studies.displaced()["worst"], samples.read("cortex")
    assert [sample.place for sample in stored.pictures] == worst and len(set(worst)) == studies.WORST
    assert {sample.label for sample in stored.pictures} <= set(data.CLASSES) and "Krizhevsky" in stored.credit
