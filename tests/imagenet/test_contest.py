"""The table of the decade: complete, sourced, and the same as torchvision's where that is the source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from convnets.alexnet.model import ERRORS
from convnets.common.vision import torchvision
from convnets.imagenet import contest, model, weights

ROOT = Path(__file__).resolve().parents[2]


def test_every_year_has_a_winner_and_errors_fall() -> None:
    found = contest.winners()
    assert [entry.year for entry in found] == list(range(2010, 2018))
    errors = [entry.top5 for entry in found]
    assert errors == sorted(errors, reverse=True)
    assert [round(error, 1) for error in errors[:5]] == [28.2, 25.8, 16.4, 11.7, 6.7]
    assert [round(error, 2) for error in errors[5:]] == [3.57, 2.99, 2.25]
    assert [entry.year for entry in found if not entry.convolutional] == [2010, 2011]


def test_other_data_and_second_places_stand_beside_the_winners() -> None:
    extra = {entry.year: entry.top5 for entry in contest.ENTRIES if entry.extra_data and entry.place}
    assert {year: round(error, 1) for year, error in extra.items()} == {2012: 15.3, 2013: 11.2}
    second = {entry.network: entry.top5 for entry in contest.ENTRIES if entry.place == 2}
    assert {name: round(error, 2) for name, error in second.items()} == {"VGG": 7.33, "ResNeXt": 3.03}


def test_the_leaderboard_after_the_contest_is_the_lectures() -> None:
    found = [
        (entry.network, 100 - (entry.top1 or 0), 100 - entry.top5, entry.parameters, entry.extra_data)
        for entry in reversed(contest.ENTRIES)
        if entry.place is None
    ]
    assert found == [
        ("FixResNeXt-101 32x48d", 86.4, 98.0, "829M", True),
        ("ResNeXt-101 32x48d", 85.4, 97.6, "829M", True),
        ("ResNeXt-101 32x32d", 85.1, 97.5, "466M", True),
    ]


def test_sources_are_in_the_bibliography_and_landmarks_in_the_library() -> None:
    keys = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(), re.MULTILINE))
    rows = [*contest.ENTRIES, *contest.SINGLE]
    sources = {key for entry in contest.ENTRIES for key in entry.sources} | {one.source for one in contest.SINGLE}
    assert sources <= keys
    assert {row.landmark for row in rows if row.landmark} <= model.LANDMARKS.keys()


@pytest.mark.parametrize("one", contest.SINGLE, ids=lambda one: one.landmark)
def test_single_networks_are_as_their_source_has_them(one: contest.Single) -> None:
    if one.source == "krizhevsky2012imagenet":
        table = next(row for row in ERRORS if row.nets == 1 and not row.more_data)
        assert (one.top1, one.top5, one.crops) == (table.top1_validation, table.top5_validation, 10)
    if one.source != "torchvision2016models":
        entries = {entry.landmark: entry for entry in contest.ENTRIES if entry.place is None and entry.year == one.year}
        known = entries.get(one.landmark)
        assert known is None or (known.top1, known.top5) == (one.top1, one.top5)
        return
    theirs = torchvision.models.get_model_weights(weights.TORCHVISION[one.landmark])["IMAGENET1K_V1"]
    found = theirs.meta["_metrics"]["ImageNet-1K"]
    assert (one.top1, one.top5) == pytest.approx((100 - found["acc@1"], 100 - found["acc@5"]))
    assert theirs.transforms().crop_size == [224]
