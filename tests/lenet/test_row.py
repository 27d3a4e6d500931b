"""Rows of digits: space displacement, neighbours, and the choice of columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from toys import toy_digits

from convnets import lenet
from convnets.lenet import row
from convnets.lenet.data import Digits, prepare
from convnets.lenet.model import LeNet5
from convnets.lenet.row import RUBBISH, edits, read_row, touching_row, viterbi, with_neighbours
from convnets.lenet.train import losses


def digits(count: int = 10, seed: int = 0) -> Digits:
    images, labels = toy_digits(count, seed)
    return Digits(torch.from_numpy(images), torch.from_numpy(labels).long(), False)


def inked_columns(x: Tensor) -> list[int]:
    return (x[0, 0] > 0.5).any(0).nonzero()[:, 0].tolist()


@pytest.mark.parametrize("columns", [1, 2, 7])
def test_a_column_of_the_wide_network_is_the_network_on_its_field(columns: int) -> None:
    torch.manual_seed(0)
    model, wide = LeNet5(), torch.rand(2, 1, 32, 28 + 4 * columns) * 1.275 - 0.1
    answers = model.read_wide(wide)
    assert answers.shape == (2, columns, 10)
    for k in range(columns):
        alone = model(wide[..., 4 * k : 4 * k + 32])
        torch.testing.assert_close(answers[:, k], alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("overlap", [-5, 0, 3])
def test_a_row_has_the_ink_that_its_digits_have(overlap: int) -> None:
    chosen = digits().images[[3, 1, 4]]
    wide = touching_row(chosen, overlap)
    assert wide.shape[:3] == (1, 1, 32)
    assert wide.shape[3] % 4 == 0
    widths = [len(inked_columns(prepare(image[None], 32))) for image in chosen]
    first, last = inked_columns(wide)[0], inked_columns(wide)[-1]
    gaps = sum(not (wide[0, 0, :, column] > 0.5).any() for column in range(first, last + 1))
    assert last - first + 1 == sum(widths) - 2 * overlap
    assert gaps == (-2 * overlap if overlap < 0 else 0)
    assert wide.shape[3] >= (last - widths[-1] / 2) + 16, "the last digit can stand in the middle of a field"
    assert wide.min().item() == pytest.approx(-0.1)


def test_one_digit_is_a_single_field_with_the_digit_in_its_middle() -> None:
    wide = touching_row(digits().images[:1])
    assert wide.shape == (1, 1, 32, 32)
    columns = inked_columns(wide)
    assert abs(columns[0] + columns[-1] - 31) <= 1


def test_drawn_overlaps_follow_the_generator() -> None:
    images = digits(10).images
    rows = [touching_row(images, 4, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    assert torch.equal(rows[0], rows[1])
    assert rows[2].shape != rows[0].shape or not torch.equal(rows[2], rows[0])
    assert touching_row(images, 4).shape[3] <= rows[0].shape[3] <= touching_row(images, 0).shape[3]


def test_a_blank_image_and_touching_digits_stay_readable() -> None:
    blank = torch.zeros(2, 28, 28, dtype=torch.uint8)
    assert touching_row(blank).unique().tolist() == pytest.approx([-0.1])


@pytest.mark.parametrize("spacing", [1, 2, 3, 9])
def test_the_choice_of_columns_is_the_best_of_all(spacing: int) -> None:
    for seed in range(20):
        columns = 9
        log_p = (2 * torch.randn(columns, 11, generator=torch.Generator().manual_seed(seed))).log_softmax(1)
        gains = (log_p[:, :10].max(1).values - log_p[:, 10]).tolist()
        allowed = (
            places
            for size in range(columns + 1)
            for places in itertools.combinations(range(columns), size)
            if all(b - a >= spacing for a, b in itertools.pairwise(places))
        )
        best = max(sum(gains[k] for k in places) for places in allowed)
        chosen = viterbi(log_p, spacing)
        assert sum(gains[k] for k in chosen) == pytest.approx(best)
        assert all(b - a >= spacing for a, b in itertools.pairwise(chosen))


def test_reading_gives_probabilities_and_the_digits_at_its_positions() -> None:
    torch.manual_seed(0)
    found = read_row(LeNet5(), touching_row(digits().images), rubbish_penalty=70)
    assert found.log_probabilities.shape[1] == 11
    assert torch.allclose(found.log_probabilities.exp().sum(1), torch.ones(len(found.log_probabilities)), atol=1e-5)
    assert len(found.digits) == len(found.positions)
    for digit, k in zip(found.digits, found.positions, strict=True):
        assert found.log_probabilities[k].argmax() == digit, "a column that is read is more digit than rubbish"


def test_rubbish_is_the_constant_of_equation_nine() -> None:
    scores, labels = -60 * torch.rand(5, 10), torch.tensor([0, 3, 9, RUBBISH, RUBBISH])
    log_p = row.column_log_probabilities(scores, 20.0, 5.0)
    by_hand = losses("map", scores / 5, labels, 20.0 / 5)
    assert -log_p.gather(1, labels[:, None]).mean().item() == pytest.approx(by_hand.item(), rel=1e-5)


@pytest.mark.parametrize(
    ("found", "truth", "count"),
    [
        ("", "", 0),
        ("123", "123", 0),
        ("13", "123", 1),
        ("1223", "123", 1),
        ("923", "123", 1),
        ("", "12", 2),
        ("9", "", 1),
    ],
)
def test_edits(found: str, truth: str, count: int) -> None:
    assert edits([*map(int, found)], [*map(int, truth)]) == count


def test_neighbours_leave_the_middle_digit_or_make_it_rubbish() -> None:
    chosen = digits(200)
    x = prepare(chosen.images, 32)
    seen, labels = with_neighbours(x, chosen.labels, torch.Generator().manual_seed(0))
    kept = labels != RUBBISH
    assert seen.shape == x.shape
    assert torch.equal(labels[kept], chosen.labels[kept])
    assert (seen[kept] >= x[kept]).all(), "neighbours add ink, they take none"
    assert 0.2 < 1 - kept.float().mean().item() < 0.4
    more = (seen[kept] > x[kept] + 0.5).any(2)[:, 0].float().mean(0)
    assert more[:5].mean() > 0.3
    assert more[14:18].mean() < 0.05, "neighbours keep to the sides"
    again, _ = with_neighbours(x, chosen.labels, torch.Generator().manual_seed(0))
    assert torch.equal(again, seen)


def test_a_network_trained_with_neighbours_reads_rows() -> None:
    torch.manual_seed(0)
    chosen, model = digits(60), LeNet5()
    generator, optimizer = torch.Generator().manual_seed(0), torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(100):
        x, labels = with_neighbours(prepare(chosen.images, 32), chosen.labels, generator)
        optimizer.zero_grad()
        losses("map", model(x) / 10, labels, 6.0).backward()
        optimizer.step()
    found = row.row_accuracy(model, digits(50, seed=1), length=4, rows=10, spacing=3)
    assert found.digits > 0.8
    assert found.rows_read == 10


@pytest.mark.data
def test_the_published_network_reads_rows_with_gaps(
    weights: Callable[[str, str], None], real_mnist: str | None
) -> None:
    weights("lenet", "lenet5")
    model = lenet.load("lenet5")
    assert isinstance(model, LeNet5)
    from convnets.lenet import data

    assert row.row_accuracy(model, data.load("test", real_mnist), overlap_pixels=-8, rows=40).digits > 0.6
