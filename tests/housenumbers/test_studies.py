"""Where heads look, when a person is asked, and the figures that show it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from convnets.common import tables
from convnets.housenumbers import figures, studies
from convnets.housenumbers.model import LENGTHS, Answer
from convnets.housenumbers.studies import PATCH, STEP


class Corner(nn.Module):
    """A reader whose first digit is a 7 the more, the brighter the picture's upper left corner is."""

    def forward(self, x: Tensor) -> Answer:
        digits = torch.zeros(len(x), 5, 10)
        digits[:, 0, 7] = 10 * x[:, 0, :PATCH, :PATCH].mean((1, 2))
        return Answer(torch.zeros(len(x), LENGTHS), digits, torch.zeros(len(x), 10))


def test_evidence_lies_where_an_answer_comes_from() -> None:
    image = torch.zeros(1, 32, 64)
    image[:, :PATCH, :PATCH] = 1
    falls = studies.evidence(Corner(), image)
    assert falls.shape == (6, 7, 15)
    first = falls[1]
    assert int(first.argmax()) == 0 and first[0, 0] > 1
    assert torch.count_nonzero(first) == 4  # the patches that reach into the corner
    assert torch.count_nonzero(falls[[0, 2, 3, 4, 5]]) == 0


def test_a_pixel_shows_the_mean_of_the_patches_that_cover_it() -> None:
    falls = np.zeros((7, 15))
    falls[0, 1] = 1
    shown = figures.spread(falls, (32, 64))
    assert shown[0, STEP] == pytest.approx(0.5) and shown[STEP, STEP] == pytest.approx(0.25)
    assert shown[0, 0] == 0 and shown[PATCH, STEP] == 0


def test_stored_studies_agree_with_one_another() -> None:
    found, lengths = studies.coverage("reader"), studies.by_length("reader")
    shares = np.array(found["curve"])
    assert (np.diff(shares[:, 0]) > 0).all() and shares[-1, 0] == 1
    count = sum(part["count"] for part in lengths.values())
    right = sum(part["count"] * part["value"] for part in lengths.values())
    assert right / count == pytest.approx(shares[-1, 1], abs=1e-4)
    assert found["right"]["value"] > shares[-1, 1]
    assert found["above"]["value"] < 1


def test_figures_show_what_the_studies_found() -> None:
    found = studies.looks("reader")
    axes = np.array(figures.evidence(found).axes).reshape(len(found["numbers"]), -1)
    for row, one in zip(axes, found["numbers"], strict=True):
        assert sum(place.axison for place in row) == 2 + len(one["read"])
    missed = studies.mistakes("reader")
    images = torch.zeros(1 + max(missed["index"]), 32, 64)
    said = [place.get_title() for place in figures.hardest(missed, images).axes]
    assert said == missed["number"]
    line, level, dot = figures.coverage(studies.coverage("reader")).axes[0].lines
    assert dot.get_ydata()[0] == level.get_ydata()[0] == pytest.approx(98)
    assert len(line.get_xdata()) == len(studies.coverage("reader")["curve"])


def test_rivals_are_rows_of_a_table() -> None:
    rows = [[name, tables.share(one["value"], 1)] for name, one in studies.rivals().items()]
    assert len(tables.table(["what reads", "right"], rows).rows) == 5
