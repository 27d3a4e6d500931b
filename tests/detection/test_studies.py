"""The baseline without a network, and what the stored measurements say."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from toysmears import drawn

from convnets.common.boxes import iou
from convnets.common.errors import ConvnetsError
from convnets.detection import classical, data, nets, studies
from convnets.detection.classical import Settings, otsu, regions


def test_otsu_parts_two_groups() -> None:
    grey = torch.tensor([10.0, 12, 14, 200, 205, 210])
    assert 14 < otsu(grey) < 200
    assert not (torch.full((9,), 7.0) < otsu(torch.full((9,), 7.0))).any()


def test_regions_hang_together_over_sides_and_corners() -> None:
    mask = torch.tensor([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 1]]).bool()
    assert sorted(len(places) for places in regions(mask)) == [1, 1, 2]
    assert regions(torch.zeros(3, 3, dtype=torch.bool)) == []


def test_the_baseline_finds_drawn_cells() -> None:
    picture, boxes = drawn(4)
    found = classical.find(
        torch.from_numpy(picture).permute(2, 0, 1), Settings(rim=3, white=400.0, margin=2, least=20.0)
    )
    truth = torch.tensor([box[1:] for box in boxes])
    kinds = torch.tensor([data.CLASSES.index(box[0]) for box in boxes])
    for box, kind in zip(truth, kinds, strict=True):
        mine = found.boxes[found.labels == kind]
        assert len(mine), kind
        assert iou(mine, box[None]).max() > (0.4 if kind == 2 else 0.6), kind  # two pixels around a platelet


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_the_baseline_bears_an_empty_picture(colour: int) -> None:
    found = classical.find(torch.full((3, 24, 32), colour, dtype=torch.uint8), Settings())
    assert len(found.boxes) == len(found.scores) == len(found.labels)


def told(study: Any) -> dict[str, Any]:
    try:
        result: dict[str, Any] = study()
    except ConvnetsError:
        pytest.skip("neither the result nor the data is at hand")
    return result


def test_the_threshold_in_use_is_the_one_that_was_chosen() -> None:
    assert told(studies.threshold)["score"] == nets.SCORE


def test_cells_at_the_edge_have_fewer_labels() -> None:
    found = told(studies.edges)
    edge, inside = (found[name]["alone"] / found[name]["found"] for name in ("edge", "inside"))
    assert sum(one["found"] for one in found.values()) == sum(told(studies.counts)["RBC"]["found"])
    assert edge > inside


def test_counts_are_those_of_the_labels() -> None:
    found = told(studies.counts)
    assert {name: sum(each["labelled"]) for name, each in found.items()} == {"RBC": 406, "WBC": 36, "Platelets": 31}
    for each in found.values():
        assert len(each["found"]) == len(each["labelled"]) == 36
        off = [mine - marked for mine, marked in zip(each["found"], each["labelled"], strict=True)]
        assert each["more"] == pytest.approx(sum(off) / 36, abs=1e-3)
        assert each["off"] == pytest.approx(sum(map(abs, off)) / 36, abs=1e-3)


def test_forgiving_unlabelled_finds_raises_the_figure_and_losing_labels_lowers_it() -> None:
    forgotten = told(studies.missing)
    assert forgotten["forgiven"] > forgotten["map50"]
    assert 0 < forgotten["alone"] < forgotten["shown"]
    scores = [box["score"] for box in forgotten["boxes"]]
    assert scores == sorted(scores, reverse=True)
    values = [value for _, value in told(studies.lost)["test"]]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(forgotten["map50"], abs=1e-4)


def test_suppression_has_its_best_overlap_between_the_ends() -> None:
    pairs = told(studies.suppression)["curve"]
    best = max(pairs, key=lambda pair: pair[1])[0]
    assert pairs[0][0] < best < pairs[-1][0]


def test_the_network_beats_the_threshold_and_colour() -> None:
    found, listed = told(studies.baseline), told(studies.curves)
    ours = sum(one["ap"] for one in listed.values()) / len(listed)
    assert ours > found["mean"]["interval"][1]
