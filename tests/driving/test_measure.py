"""Measures of classes of pixels, against a library's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convnets.common import vision  # noqa: F401  # torchmetrics imports torchvision, which may need this help
from convnets.common.errors import ConvnetsError
from convnets.driving import measure
from convnets.driving.streets import CLASSES, UNKNOWN


@pytest.fixture(scope="module")
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    draw = np.random.default_rng(0)
    labels = draw.integers(0, UNKNOWN + 1, (6, 18, 24))
    found = np.where(draw.random(labels.shape) < 0.6, labels % 11, draw.integers(0, 11, labels.shape))
    return torch.from_numpy(found.astype(np.uint8)), torch.from_numpy(labels.astype(np.uint8))


def test_overlaps_and_shares_are_the_librarys(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    from torchmetrics.classification import MulticlassAccuracy, MulticlassJaccardIndex

    found, labels = maps
    each = {one.name: one.value for one in measure.of_streets(measure.tables(found, labels), list("aabbcc"))}
    library = MulticlassJaccardIndex(11, average="none", ignore_index=UNKNOWN)(found.long(), labels.long())
    assert [each[measure.metric_of(name)] for name in CLASSES] == pytest.approx(library.tolist(), abs=1e-6)
    assert each["miou"] == pytest.approx(float(library.mean()), abs=1e-6)
    micro = MulticlassAccuracy(11, average="micro", ignore_index=UNKNOWN)(found.long(), labels.long())
    macro = MulticlassAccuracy(11, average="macro", ignore_index=UNKNOWN)(found.long(), labels.long())
    assert each["accuracy"] == pytest.approx(float(micro), abs=1e-6)
    assert each["accuracy_class"] == pytest.approx(float(macro), abs=1e-6)


def test_a_worked_example() -> None:
    """Two classes: 3 pixels of sky of which 2 are found, 2 of road all found, and 1 unlabelled that counts nowhere."""
    labels = torch.tensor([[[0, 0, 0, 3, 3, 11]]], dtype=torch.uint8)
    found = torch.tensor([[[0, 0, 3, 3, 3, 7]]], dtype=torch.uint8)
    table = measure.tables(found, labels).sum(0)
    assert int(table.sum()) == 5 and int(table[0, 3]) == 1
    assert measure.miou(table) == pytest.approx((2 / 3 + 2 / 3) / 2)
    told = {one.name: one for one in measure.of_streets(table[None], ["a"])}
    assert told["accuracy"].value == 0.8 and told["miou"].interval == (0.0, 1.0)
    assert "iou_car" not in told, "a class that is nowhere has no overlap"


def test_an_interval_draws_blocks(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    each = measure.tables(*maps)
    single = {one.name: one.interval for one in measure.of_streets(each, list("abcdef"))}
    blocks = {one.name: one.interval for one in measure.of_streets(each, list("aaabbb"))}
    for name, (low, high) in blocks.items():
        assert low <= high and single[name][0] <= single[name][1]
    assert single["miou"] != blocks["miou"]


def test_what_cannot_be_compared_is_refused(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    found, labels = maps
    with pytest.raises(ConvnetsError, match="cannot be judged"):
        measure.tables(found[:, :10], labels)
    with pytest.raises(ConvnetsError, match="nothing can be measured"):
        measure.of_streets(torch.zeros(0, 11, 11), [])
