"""The staged model of the ventral stream against the published tables, its mathematics and slow independent code."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from toys import publish

from convnets import cortex
from convnets.common import assets, loop, runs
from convnets.common.errors import ConvnetsError
from convnets.cortex import classic, data, early, readout, train
from convnets.cortex.model import (
    BANDS,
    GAMMA,
    ORIENTATIONS,
    PATCHES,
    READOUTS,
    S1_TABLE,
    SHARPNESS,
    Hmax,
    c1,
    check,
    gabor,
    gabor_bank,
    rbf,
    s1,
)  # fmt: skip
from convnets.cortex.shapes import picture, pictures


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def noise(count: int = 1, side: int = 64) -> Tensor:
    return torch.rand(count, 1, side, side, generator=torch.Generator().manual_seed(3))


# The published tables


def test_s1_has_the_sixteen_filters_of_the_paper() -> None:
    assert [row[0] for row in S1_TABLE] == list(range(7, 39, 2))
    assert (S1_TABLE[0], S1_TABLE[-1]) == ((7, 2.8, 3.5), (37, 18.2, 22.8))
    assert GAMMA == 0.3
    assert ORIENTATIONS == (0, 45, 90, 135)
    for index, (side, sigma, wavelength) in enumerate(S1_TABLE):
        assert wavelength == pytest.approx(2 * side / (4 - 0.05 * index), abs=0.09), "the released code's formula"
        assert sigma == pytest.approx(0.0036 * side**2 + 0.35 * side + 0.18, abs=0.2), "the supporting text's formula"
        assert sigma == pytest.approx(0.8 * wavelength, abs=0.09)


def test_c1_has_the_eight_bands_of_the_paper() -> None:
    assert [band.sizes for band in BANDS] == [(7 + 4 * i, 9 + 4 * i) for i in range(8)]
    assert [band.pool for band in BANDS] == [8, 10, 12, 14, 16, 18, 20, 22]
    assert all(2 * band.step == band.pool for band in BANDS), "neighbours overlap by half"
    assert PATCHES == (4, 8, 12, 16)


def test_the_model_of_1999_has_256_arrangements() -> None:
    assert classic.ARRANGEMENTS == 256
    maps = torch.zeros(1, 4, 3, 3)
    maps[0, 1, 0, 0] = maps[0, 2, 0, 2] = maps[0, 0, 2, 0] = maps[0, 3, 2, 2] = 1.0  # one orientation a corner
    answers = classic.classic_s2(maps)[0, :, 0, 0]
    assert answers.argmax() == 1 + 4 * 2 + 16 * 0 + 64 * 3
    assert answers.max() == 1
    assert answers.min() == pytest.approx(math.exp(-4 / 2)), "all four missing, width 1"
    assert classic.classic_c2([maps, maps]).shape == (1, 256)


# Filters


@pytest.mark.parametrize("index", [0, 7, 15])
def test_gabors_have_zero_mean_and_unit_norm(index: int) -> None:
    bank = gabor_bank(index)
    assert bank.shape == (4, 1, S1_TABLE[index][0], S1_TABLE[index][0])
    assert bank.sum((1, 2, 3)).abs().max() < 1e-4
    assert torch.allclose(bank.square().sum((1, 2, 3)), torch.ones(4), atol=1e-5)


@pytest.mark.parametrize(("index", "degrees"), [(0, 0), (3, 45), (9, 90), (15, 135)])
def test_gabors_against_equation_one_literally(index: int, degrees: int) -> None:
    side, sigma, wavelength = S1_TABLE[index]
    half, turn, literal = side // 2, math.radians(degrees), {}
    for y in range(-half, half + 1):
        for x in range(-half, half + 1):
            across, along = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
            envelope = math.exp(-(across**2 + 0.3**2 * along**2) / (2 * sigma**2))
            literal[y, x] = (
                envelope * math.cos(2 * math.pi * across / wavelength) if math.hypot(x, y) <= side / 2 else 0.0
            )
    mean = sum(literal.values()) / side**2
    norm = math.sqrt(sum((value - mean) ** 2 for value in literal.values()))
    found = gabor_bank(index)[ORIENTATIONS.index(degrees), 0]
    for (y, x), value in literal.items():
        assert float(found[y + half, x + half]) == pytest.approx((value - mean) / norm, abs=1e-6)


def test_half_a_turn_changes_no_even_gabor_and_a_quarter_turns_the_picture() -> None:
    for degrees in (0.0, 30.0, 90.0):
        assert torch.allclose(gabor(11, 4.5, 5.6, degrees), gabor(11, 4.5, 5.6, degrees + 180), atol=1e-6)
        assert torch.allclose(gabor(11, 4.5, 5.6, degrees).rot90(), gabor(11, 4.5, 5.6, degrees + 90), atol=1e-6)


@pytest.mark.parametrize("index", range(4))
def test_a_filter_answers_most_to_a_grating_whose_wave_runs_its_way(index: int) -> None:
    """Degrees count from the right over the lower right: rows of an image run down."""
    turn = math.radians(ORIENTATIONS[index])
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    wave = torch.cos(2 * math.pi * (columns * math.cos(turn) + rows * math.sin(turn)) / 5.6)
    answers = s1((0.5 + 0.4 * wave)[None, None], gabor_bank(2))[0, :, 20:44, 20:44].amax((1, 2))
    assert answers.argmax() == index
    assert answers.sort().values[-2] < 0.4 * answers.max()


def test_a_grating_excites_its_own_orientation_and_wavelength_most() -> None:
    u = torch.arange(64.0)
    grating = (0.5 + 0.4 * torch.cos(2 * math.pi * u / 5.6)).expand(64, 64)[None, None]  # bars run from top to bottom
    answers = s1(grating, gabor_bank(2))[0, :, 20:44, 20:44].amax((1, 2))
    assert answers.argmax() == ORIENTATIONS.index(0)
    sizes = torch.stack([s1(grating, gabor_bank(i))[0, 0, 20:44, 20:44].amax() for i in range(16)])
    assert abs(int(sizes.argmax()) - 2) <= 1


def test_s1_against_plain_loops() -> None:
    image, filters = noise(side=16), gabor_bank(0)
    fast = s1(image, filters)[0].numpy()
    x, bank = image[0, 0].double().numpy(), filters[:, 0].double().numpy()
    for row in range(16):
        for column in range(16):
            if 3 <= row < 13 and 3 <= column < 13:
                window = x[row - 3 : row + 4, column - 3 : column + 4]
                slow = [abs((window * kernel).sum()) / math.sqrt((window**2).sum() + 1e-8) for kernel in bank]
            else:
                slow = [0.0] * 4
            assert np.allclose(fast[:, row, column], slow, atol=1e-6)
    assert fast.max() <= 1


def test_s1_does_not_see_the_level_of_light() -> None:
    image = noise(side=32)
    assert torch.allclose(s1(image, gabor_bank(3)), s1(0.3 * image, gabor_bank(3)), atol=1e-5)
    assert s1(torch.full((1, 1, 32, 32), 0.7), gabor_bank(3)).max() < 1e-5


# Pooling and tuning


def test_c1_is_the_largest_answer_nearby_literally() -> None:
    first, second, band = torch.rand(1, 4, 23, 23), torch.rand(1, 4, 23, 23), BANDS[1]
    found = c1(first, second, band)[0].numpy()
    assert found.shape == (4, 5, 5)
    for row in range(5):
        for column in range(5):
            window = np.s_[:, row * 5 : row * 5 + 10, column * 5 : column * 5 + 10]
            largest = np.maximum(first[0].numpy()[window], second[0].numpy()[window]).max((1, 2))
            assert np.array_equal(found[:, row, column], largest)


def test_a_tuned_cell_answers_one_to_its_own_prototype_and_less_to_others() -> None:
    x = torch.rand(1, 4, 9, 9)
    prototypes = torch.stack([x[0, :, 2:6, 3:7], torch.rand(4, 4, 4)])
    answers = rbf(x, prototypes)
    assert answers.shape == (1, 2, 6, 6)
    assert answers[0, 0, 2, 3] == pytest.approx(1, abs=1e-4)
    assert int(answers[0, 0].argmax()) == 2 * 6 + 3
    distance = (x[0, :, 1:5, 0:4] - prototypes[1]).square().sum()
    assert answers[0, 1, 1, 0] == pytest.approx(math.exp(-SHARPNESS / 64 * float(distance)), rel=1e-3)


def test_shifts_pass_through_exactly_as_the_wiring_implies() -> None:
    """A thing moved by the step of a band moves that band's C1 by one unit; by another amount, not so."""
    model, band = Hmax().eval(), 0
    with torch.inference_mode():
        maps = [model.c1_maps(picture("key", x=x, size=0.5))[band] for x in (0.0, 4 / (256 / 7), 2 / (256 / 7))]
    still, step, less = maps
    inner = np.s_[:, :, 6:-6, 6:-6]
    assert torch.allclose(still.roll(1, 3)[inner], step[inner], atol=1e-4)
    assert not torch.allclose(still.roll(1, 3)[inner], less[inner], atol=1e-2)


def test_global_maxima_do_not_see_a_shift_that_every_step_divides() -> None:
    step = math.lcm(*(band.step for band in BANDS[:2]))
    maps = [torch.rand(1, 4, 12, 12) * 0.2 for _ in range(2)]
    wide = [torch.nn.functional.pad(x, (6, 6, 6, 6)) for x in maps]
    moved = [x.roll(step // band.step, 3) for x, band in zip(wide, BANDS, strict=False)]
    prototypes = torch.rand(3, 4, 4, 4) * 0.2
    best = [torch.stack([rbf(x, prototypes).amax((2, 3)) for x in some]).amax(0) for some in (wide, moved)]
    assert torch.equal(best[0], best[1])


def test_energy_does_not_see_the_phase() -> None:
    u = torch.arange(64.0)
    energies, simple = [], []
    for phase in torch.linspace(0, 2 * math.pi, 9):
        grating = (0.5 + 0.4 * torch.cos(2 * math.pi * u / 5.6 + phase)).expand(64, 64)[None, None]
        energies.append(float(early.energy(grating)[0, 0, 32, 32]))
        simple.append(float(s1(grating, gabor_bank(2))[0, 0, 32, 32]))
    assert max(energies) - min(energies) < 0.06 * max(energies)
    assert min(simple) < 0.5 * max(simple)


def test_retina_and_lgn() -> None:
    assert early.SURROUND_WEIGHT == 0.55
    flat = early.retina(torch.full((1, 1, 40, 40), 0.6))
    assert flat.abs().max() < 1e-5, "nothing to tell of a grey wall"
    spot = torch.full((1, 1, 41, 41), 0.5)
    spot[..., 20, 20] = 1.0
    on, off = early.retina(spot)[0]
    assert on[20, 20] > 0 == off[20, 20]
    assert off[20, 26] > 0 == on[20, 26], "the surround has the other sign"
    weak, strong = (early.lgn(early.retina(0.5 + c * (spot - 0.5)))[0, 0, 20, 20] for c in (0.5, 1.0))
    assert weak < strong < 2 * weak, "twice the contrast, less than twice the answer"


# The whole model


def test_both_ways_to_c1_agree() -> None:
    model, image = Hmax(), noise(2, 72)
    with torch.inference_mode():
        for slow, fast in zip(model.c1_maps(image), train.fast_c1(image), strict=True):
            assert torch.allclose(slow, fast, atol=1e-5)


def test_stages_have_the_shapes_that_are_announced() -> None:
    with torch.inference_mode():
        found = Hmax().eval().stages(noise(2))
    assert [tuple(x.shape[2:]) for x in found.c1] == [(-(-64 // band.step),) * 2 for band in BANDS]
    assert [x.shape[1] for x in found.s2] == [48] * 8
    assert [tuple(x.shape[2:]) for x in found.c2] == [(7, 7), (5, 5), (3, 3), (3, 3)]
    assert (found.c2_best.shape, found.c2b.shape, found.c3.shape) == ((2, 48), (2, 256), (2, 48))
    assert found.s4.shape == (2, 128)
    assert found.scores.shape == (2, len(READOUTS))


def test_a_view_tuned_cell_answers_one_to_its_own_view() -> None:
    model = Hmax().eval()
    with torch.inference_mode():
        found = model.stages(noise(3))
        x = torch.cat([found.c2b, found.c3], 1)
        model.s4_views[:3] = x
        answers = model.s4_answers(x)
    assert torch.allclose(answers.diagonal(), torch.ones(3), atol=1e-3)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (torch.full((2, 1, 64, 64), 0.5), "no contrast"),
        (torch.rand(1, 1, 64, 64) * 255, "from 0 to 1: divide bytes by 255"),
        (torch.rand(1, 1, 64, 64) - 0.5, "not from 0 to 1"),
        (torch.full((1, 1, 64, 64), float("nan")), "not from 0 to 1"),
        (torch.rand(1, 1, 40, 90), "40x90 pixels is too small"),
        (torch.rand(1, 3, 64, 64), "grey images"),
    ],
)
def test_images_that_cannot_be_looked_at_are_told(image: Tensor, words: str) -> None:
    with pytest.raises(ConvnetsError, match=words):
        check(image)
    assert check(noise()).shape == (1, 1, 64, 64)


# Learning


def test_imprinted_prototypes_are_windows_of_what_was_seen() -> None:
    model, photographs = Hmax().eval(), [noise(1, 140), noise(1, 150)]
    with torch.no_grad():
        train.imprint(model, photographs, torch.Generator().manual_seed(1))
        best = model.from_c1(train.fast_c1(photographs[0])).c2b
        other = model.from_c1(train.fast_c1(photographs[1])).c2b
    assert torch.allclose(torch.maximum(best, other), torch.ones(1, 256), atol=2e-3), (
        "each fits one of the two perfectly"
    )
    first = model.s2_prototypes.clone()
    with torch.no_grad():
        train.imprint(model, photographs, torch.Generator().manual_seed(1))
    assert torch.equal(first, model.s2_prototypes)
    with torch.no_grad():
        train.imprint(model, photographs, torch.Generator().manual_seed(1), torch.Generator().manual_seed(2))
    assert not torch.equal(first, model.s2_prototypes)
    kept = [prototypes.flatten(1).sort().values for prototypes in (first, model.s2_prototypes)]
    assert torch.equal(*kept), "shuffled: the same windows, their numbers in another order"
    with torch.no_grad(), pytest.raises(ConvnetsError, match="too few"):
        train.imprint(model, [noise(1, 70)], torch.Generator())
    with pytest.raises(ConvnetsError, match="no photograph"):
        train.imprint(model, [], torch.Generator())


def test_prototypes_are_cut_from_the_second_band_away_from_its_border(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each unit of C1's maps holds its band, row and column, so that a prototype tells where it was cut."""
    photograph, rows, columns = noise(1, 140), {}, {}
    maps = []
    for band, found in enumerate(train.fast_c1(photograph)):
        height, width = found.shape[2:]
        where = band + (torch.arange(height)[:, None] * 100 + torch.arange(width)) * 1e-5
        maps.append(where.expand(1, 4, -1, -1))
    monkeypatch.setattr(train, "fast_c1", lambda _: maps)
    model = Hmax()
    with torch.no_grad():
        train.imprint(model, [photograph], torch.Generator().manual_seed(0))
    side = math.ceil(140 / 5)
    for prototypes in (model.s2_prototypes, *model.s2b_prototypes):
        assert (prototypes.detach().floor() == 1).all(), "band 1: filters of 11 and 13 pixels"
        size = prototypes.shape[-1]
        corner = torch.round((prototypes[:, 0, 0, 0] - 1) * 1e5).long()
        rows, columns = corner // 100, corner % 100
        for places in (rows, columns):
            assert int(places.min()) >= 2 and int(places.max()) + size <= side - 2
            assert len(places.unique()) > (side - size - 3) // 2, "they are drawn from everywhere"


def test_s4_remembers_training_images_and_is_as_wide_as_they_lie_apart() -> None:
    model = Hmax().eval()
    images = torch.randint(256, (160, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        train._remember(model, data.Pictures(images, torch.zeros(160), False), torch.Generator().manual_seed(0))
        found = model.stages(data.prepare(images))
        x = torch.cat([found.c2b, found.c3], 1)
        answers = model.s4_answers(x)
    views = model.s4_views.detach()
    assert torch.cdist(views, x).amin(1).max() < 0.05, "each view is one of the images"
    assert len(torch.cdist(views, x).argmin(1).unique()) == 128, "and none is taken twice"
    squared = torch.cdist(views.double(), views.double()).square().sum() / (128 * 127)
    assert float(model.s4_sharpness.detach()) == pytest.approx(1 / float(squared), rel=1e-3)
    assert answers.amax(0).min() > 0.99


def test_a_cell_that_hardly_changes_gets_no_weight_that_16_bits_cannot_hold() -> None:
    target = torch.randn(40)
    x = torch.stack([torch.randn(40), 0.5 + 1e-5 * target], 1)  # the second tells all, in its fifth decimal
    ((weights, bias),) = readout.ridge(x, target, (1e-5,))
    assert weights.half().isfinite().all() and bias.half().isfinite()
    assert abs(weights[1]) < 1


def test_the_readout_keeps_the_penalty_that_serves_held_out_images_best() -> None:
    draw = torch.Generator().manual_seed(0)
    labels, held = torch.randint(10, (60,), generator=draw), torch.randint(10, (200,), generator=draw)
    x, held_x = (torch.randn(len(y), 50, generator=draw) + 0.2 * data.animal(y)[:, None] for y in (labels, held))
    weights, bias, share = readout.fit(x, labels, held_x, held)
    every = [readout.ridge(x, 2.0 * data.animal(labels) - 1, (penalty,))[0] for penalty in readout.PENALTIES]
    shares = [((held_x @ w + b > 0) == data.animal(held)).float().mean() for w, b in every]
    assert share == max(map(float, shares)) > float(shares[0]), "here a large penalty is better than a small one"
    assert share == float(((held_x @ weights + bias > 0) == data.animal(held)).float().mean())


def test_ridge_is_the_solution_of_its_equations() -> None:
    x, target = torch.randn(50, 5, dtype=torch.float64) * torch.arange(1, 6), torch.randn(50, dtype=torch.float64)
    (weights, bias), (small, _) = readout.ridge(x, target, (1e-9, 1.0))
    design = np.column_stack([x.numpy(), np.ones(50)])
    exact = np.linalg.lstsq(design, target.numpy(), rcond=None)[0]
    assert np.allclose([*weights, bias], exact, atol=1e-4)
    assert small.norm() < weights.norm(), "the penalty makes it smaller"
    for wrong in ((x[:1], target[:1]), (x, target[1:]), (x * float("nan"), target)):
        with pytest.raises(ConvnetsError, match="cannot be fitted"):
            readout.ridge(*wrong, (1.0,))


def test_things_are_told_apart_after_a_little_imprinting() -> None:
    """Ten moved things, prototypes from the things themselves: far better than chance, which is one in ten."""
    model, still, moved = Hmax().eval(), pictures(), pictures(x=0.3)
    with torch.no_grad():
        train.imprint(model, [picture(n, size=2, side=140) for n in ("face", "house", "bird")], torch.Generator())
        a, b = (model.from_c1(train.fast_c1(x)).c2b for x in (still, moved))
    assert (torch.cdist(b, a).argmin(1) == torch.arange(10)).float().mean() >= 0.8


def test_a_small_run_gives_a_whole_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readout, "PENALTIES", (0.1,))  # for the clock's sake
    draw = torch.Generator().manual_seed(5)

    def some(count: int) -> data.Pictures:
        labels = torch.arange(count) % 10
        images = torch.randint(0, 160, (count, 32, 32, 3), generator=draw, dtype=torch.uint8)
        images[data.animal(labels), 8:24, 8:24] += 90  # animals are square here
        return data.Pictures(images, labels, False)

    sets = data.Sets(some(70), some(20), some(20), [noise(1, 140), noise(1, 150)], False)
    recipe = train.Recipe("small", train_count=60, photographs=2)
    run = train.train(recipe, sets, loop.make_fabric("cpu"))
    record = run.record
    assert 0 < record["seconds"] < 120
    assert record["data"]["splits"] == {"train": 60, "validation": 20, "test": 20}
    assert record["data"]["digest"] == sets.digest != data.DIGEST
    assert len(record["fingerprint"]) == 20 and all(map(math.isfinite, record["fingerprint"]))
    metrics = record["metrics"]
    assert metrics["pixels"]["accuracy"] > 0.9 and metrics["majority"]["accuracy"] == 0.6
    model = Hmax()
    model.load_state_dict({name: x.float() for name, x in assets.read_tensors(run.weights, Path("small")).items()})
    from convnets.cortex import nets

    right = nets.correct(nets.scores(model, sets.test.images), sets.test.labels)
    assert {one.name: one.value for one in nets.named(right, 20)} == metrics["test"]
    assert record["score"] == 1 - metrics["validation"]["accuracy"]


# The published model


@pytest.mark.data
def test_published_model_gives_the_stored_metrics(weights: Callable[[str, str], None]) -> None:
    """On a slice of the test images, for the clock's sake; `convnets verify cortex` takes them all."""
    from convnets.cortex import nets
    from convnets.cortex.data import load

    weights("cortex", "hmax")
    pictures_ = load("test").take(torch.arange(150))
    right = nets.correct(nets.scores(cortex.load(), pictures_.images), pictures_.labels)
    stored = runs.published("cortex", "hmax")
    assert stored is not None
    for one in nets.named(right, 150):
        assert abs(one.value - stored["metrics"]["test"][one.name]) < 0.09, one.name


def test_load_and_evaluate_follow_the_contract(store: Path, tmp_path: Path) -> None:
    model = Hmax()
    publish(store, "cortex", "hmax", loop.stored_bytes(model))
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(6, dtype=np.uint8)
    held = {f"{part}_{name}": x for part in ("train", "test") for name, x in (("images", images), ("labels", labels))}
    np.savez(tmp_path / "cifar10_subset.npz", **held)
    answer = cortex.evaluate("hmax", str(tmp_path))
    assert (answer["count"], answer["seen_in_training"], answer["digest_known"]) == (6, 0, False)
    assert set(answer["metrics"]) == {"accuracy", "accuracy_c2", "accuracy_c2b", "accuracy_c3"}
    assert all(low <= answer["metrics"][name] <= high for name, (low, high) in answer["interval95"].items())
    assert cortex.evaluate("hmax", str(tmp_path), split="all")["count"] == 12
    with pytest.raises(ConvnetsError, match="no network 'hmax2'"):
        cortex.load("hmax2")
    with pytest.raises(ConvnetsError, match="no split 'half'"):
        cortex.evaluate("hmax", str(tmp_path), split="half")
