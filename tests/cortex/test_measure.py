"""What is measured of the cortex model: fields, tolerance, selectivity, resemblance; and what it is measured with."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convnets import cortex, lenet
from convnets.common.errors import ConvnetsError
from convnets.cortex import data, early, live, measure, similarity
from convnets.cortex.model import BANDS, PIXELS_PER_DEGREE, Hmax
from convnets.cortex.physiology import AREAS, field, fields
from convnets.cortex.shapes import BACKGROUND, INK, SHAPES, SIDE, picture, pictures
from convnets.lenet.data import Digits
from convnets.lenet.data import load as load_digits

# Fields


def test_fields_follow_from_windows_and_steps() -> None:
    assert [field("c1", band) for band in (0, 7)] == [16, 58]
    assert [field("s2", band) for band in (0, 7)] == [24, 80]
    assert field("s2b", 0, 16) == 16 + 15 * 4
    assert field("c2", 1) == (13 + 9) + 2 * 5 + 3 * 5
    assert [field("s3", band) for band in (1, 3, 5, 7)] == [62, 90, 127, 157]
    assert fields()["c1"].degrees(256) == pytest.approx((0.4375, 1.586), abs=1e-3), "0.4 to 1.6 degrees in the paper"
    assert fields()["c2b"].degrees(256) == (7, 7), "the whole image"
    assert fields()["retina"].degrees(256) == pytest.approx((0.06, 0.36)), "from the centre's width to the surround's"
    assert fields()["s1"].degrees(256) == pytest.approx((7 / 36.571, 37 / 36.571), abs=1e-3)


@pytest.mark.parametrize("band", [0, 3])
def test_the_model_itself_sees_no_further_than_its_field(band: int) -> None:
    x = torch.rand(4, 1, 96, 96, generator=torch.Generator().manual_seed(0)).requires_grad_()
    unit = 96 // BANDS[band].step // 2
    maps = Hmax().c1_maps(x)[band]
    (gradient,) = torch.autograd.grad(maps[0, :, unit, unit].sum(), x)
    reached = (gradient[:, 0].abs() > 1e-4 * gradient.abs().max()).any(0).any(0).nonzero()
    assert 0.6 * field("c1", band) < int(reached.max() - reached.min()) + 1 <= field("c1", band)


def test_areas_are_those_of_the_lecture() -> None:
    assert [area.name for area in AREAS] == ["retina", "LGN", "V1", "V2", "V4", "PIT", "AIT"]
    measured = [area for area in AREAS if area.high]
    assert all(a.high <= b.high for a, b in zip(measured, measured[1:], strict=False)), "fields grow along the chain"
    bibliography = (Path(__file__).parents[2] / "book" / "references.bib").read_text(encoding="utf-8")
    assert all(f"{{{key}," in bibliography for area in AREAS for key in area.cite)
    assert all(stage in fields() for area in AREAS for stage in area.stages)


def test_measured_fields_are_those_that_the_sources_give() -> None:
    known = {area.name: (area.low, area.high) for area in AREAS}
    assert known["retina"] == known["LGN"] == (6 / 60, 12 / 60), "6 to 12 minutes of arc"
    assert known["V1"] == (0.1, 1.0)
    assert known["V2"] == pytest.approx((0.4 * 1, 0.5 * 5)), "of eccentricity, 1 to 5 degrees"
    assert known["V4"] == pytest.approx((4 * known["V1"][0], 7 * known["V1"][1]))
    assert known["AIT"] == (2.8, 26.0)


def test_facts_can_be_held_by_json_and_agree_with_the_model() -> None:
    assert live.FACTS["field"]["side"] == SIDE == live.LIVE["hmax"].inputs["image"].shape[-1]
    assert live.FACTS["field"]["degrees"] * PIXELS_PER_DEGREE == pytest.approx(SIDE)
    model = Hmax().eval()
    with torch.inference_mode():
        answers = live.LIVE["hmax"].forward(model, picture("cup"))
    assert len(answers) == len(live.LIVE["hmax"].outputs)


# Things


def test_things_lie_where_they_are_put() -> None:
    for name in SHAPES:
        drawn = picture(name)
        assert drawn.shape == (1, 1, SIDE, SIDE)
        assert float(drawn.max()) == pytest.approx(BACKGROUND)
        assert float(drawn.min()) == pytest.approx(INK)
    moved = picture("star", x=10 / PIXELS_PER_DEGREE, y=-7 / PIXELS_PER_DEGREE)
    assert torch.allclose(moved, picture("star").roll((-7, 10), (2, 3)), atol=1e-6)
    ink = [float((BACKGROUND - picture("star", size=size)).sum()) for size in (0.5, 1.0)]
    assert ink[1] / ink[0] == pytest.approx(4, rel=0.05)
    turned = picture("house", turn=90)
    assert (turned - picture("house").rot90(-1, (2, 3))).abs().mean() < 0.01, "clockwise"
    for wrong in ({"size": 0}, {"contrast": 2}):
        with pytest.raises(ConvnetsError):
            picture("star", **wrong)
    with pytest.raises(ConvnetsError, match="no shape 'dog'"):
        picture("dog")


# Measures


def test_correlations_against_numpy_and_without_variation() -> None:
    x = np.random.default_rng(0).normal(size=(4, 30))
    assert np.allclose(similarity.correlations(x, x), np.corrcoef(x))
    assert similarity.correlations(np.ones((1, 5)), x[:1, :5])[0, 0] == 0


def test_an_unmoved_thing_is_as_like_itself_as_can_be() -> None:
    found = measure.tolerance(measure.random_model(), "shift", ("face", "key"))
    for stage in measure.STAGES[:-2]:  # to random prototypes of S3 nothing is alike, and C3 and S4 stay silent
        assert found.same[stage][0] == pytest.approx(1, abs=1e-6)
    width = found.half_width("retina")
    assert 0 < width < 0.2, "the retina notices at once"
    with pytest.raises(ConvnetsError, match="no change 'colour'"):
        measure.tolerance(measure.random_model(), "colour")


def test_units_that_only_round_are_not_counted_as_alike_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most cells of V1 look at the empty field: what the floor of a root makes them answer is no answer."""
    found = measure.selectivity(measure.random_model(), ("face", "key", "star"))["v1"].sparseness
    told = measure.answers
    monkeypatch.setattr(measure, "answers", lambda *given: {k: v + 1e-6 * v.max() for k, v in told(*given).items()})
    again = measure.selectivity(measure.random_model(), ("face", "key", "star"))["v1"].sparseness
    assert found > 0.4 and again == pytest.approx(found, abs=0.01)


def test_half_width_is_read_off_a_known_curve() -> None:
    found = measure.Tolerance((0.0, 1.0, 2.0, 3.0), {"s": np.array([1.0, 0.9, 0.3, 0.2])}, {"s": 0.2})
    assert found.half_width("s") == pytest.approx(1 + (0.875 - 0.5) / (0.875 - 0.125))
    assert np.isnan(found._replace(same={"s": np.ones(4)}).half_width("s"))


def test_sparseness_of_known_cells() -> None:
    rates = np.array([[1.0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]])
    assert np.allclose(measure.sparseness(rates)[:2], [1, 0])
    assert np.isnan(measure.sparseness(rates)[2])


def test_identities_of_representational_similarity() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(12, 40))
    own = similarity.rdm(x)
    assert np.allclose(np.diag(own), 0)
    assert np.allclose(own, own.T)
    assert np.allclose(similarity.rdm(3 * x + 2), own), "neither scale nor level matters"
    assert np.allclose(similarity.rdm(x[:, draw.permutation(40)]), own), "nor which unit is which"
    found = similarity.likeness({"x": x, "scaled": 5 * x, "its matrix": own, "other": draw.normal(size=(12, 40))}, 20)
    assert np.allclose(found.values[:3, :3], 1)
    assert abs(found.values[0, 3]) < 0.5
    assert (found.low <= found.values + 1e-9)[0, 1]
    assert np.allclose(found.values, found.values.T)
    with pytest.raises(ConvnetsError, match="same images"):
        similarity.likeness({"a": x, "b": x[:5]})


def test_rank_correlation_with_ties() -> None:
    assert similarity.spearman(np.array([1, 2, 3, 4]), np.array([1, 4, 9, 16])) == pytest.approx(1)
    assert similarity.spearman(np.array([1, 1, 2, 2]), np.array([2, 2, 1, 1])) == pytest.approx(-1)
    assert similarity.spearman(np.array([1, 2, 2, 3]), np.array([1, 2, 3, 4])) == pytest.approx(0.9486833)


def test_pictures_without_contrast_are_refused() -> None:
    with pytest.raises(ConvnetsError, match="no contrast"):
        measure.answers(measure.random_model(), pictures(("star",), contrast=0.0))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: similarity.correlations(np.ones((2, 3)), np.ones((2, 4))), "rows of one length"),
        (lambda: similarity.correlations(np.full((2, 3), np.nan), np.ones((2, 3))), "NaN"),
        (lambda: similarity.spearman(np.ones(3), np.ones(4)), "one length"),
        (lambda: measure.sparseness(np.ones((1, 3))), "two stimuli"),
        (lambda: measure.sparseness(-np.ones((2, 3))), "zero or more"),
        (lambda: measure.tolerance(measure.random_model(), "shift", ("face",)), "two or more of face"),
        (lambda: measure.selectivity(measure.random_model(), ()), "two or more of face"),
        (lambda: picture("face", x=math.nan), "finite numbers"),
        (lambda: picture("face", side=0), "one pixel or more"),
        (lambda: pictures(()), "name one or more"),
        (lambda: field("c2", 0), "c2 or s3 and 1 to 7"),
        (lambda: field("c1", 8), "0 to 7"),
        (lambda: field("c3", 1), "Stage 'c3'"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_told(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(ConvnetsError, match=words):
        wrong()


# Data


def test_animals_are_six_of_ten_classes() -> None:
    assert data.animal(torch.arange(10)).tolist() == [False, False, True, True, True, True, True, True, False, False]
    assert data.held_out(data.Pictures(torch.empty(0), torch.empty(20_000), True)) == 2_000


def test_prepared_images_are_grey_and_large() -> None:
    images = torch.zeros(1, 32, 32, 3, dtype=torch.uint8)
    images[..., 1] = 255
    grey = data.prepare(images)
    assert grey.shape == (1, 1, 64, 64)
    assert torch.allclose(grey, torch.full_like(grey, 0.587), atol=1e-5)
    images[:] = torch.tensor([255, 0, 0], dtype=torch.uint8)
    assert torch.allclose(data.prepare(images), torch.full_like(grey, 0.299), atol=1e-5)
    assert torch.allclose(data.prepare(torch.full_like(images, 255)), torch.ones_like(grey), atol=1e-5)


def test_wrong_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="point --data"):
        data.load("test", tmp_path)
    with pytest.raises(ConvnetsError, match="no split 'dev'"):
        data.load("dev", tmp_path)
    with pytest.raises(ConvnetsError, match="lie in none of"):
        data.photographs(tmp_path)
    (tmp_path / "cifar10_subset.npz").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(ConvnetsError, match="cannot be read"):
        data.load("test", tmp_path)
    (tmp_path / "whole" / "cifar-10-batches-py").mkdir(parents=True)
    (tmp_path / "whole" / "cifar-10-batches-py" / "test_batch").write_bytes(b"cut short")
    with pytest.raises(ConvnetsError, match=r"cifar-10-batches-py cannot be read \(.*: delete it and fetch it again"):
        data.load("test", tmp_path / "whole")
    np.savez(tmp_path / "cifar10_subset.npz", test_images=np.zeros((2, 28, 28), np.uint8), test_labels=np.zeros(2))
    with pytest.raises(ConvnetsError, match="another data set"):
        data.load("test", tmp_path)
    with zipfile.ZipFile(tmp_path / "bsds500.zip", "w") as archive:
        archive.writestr("train/1.jpg", b"no picture")
    with pytest.raises(ConvnetsError, match=r"data file train/1\.jpg cannot be read"):
        data.photographs(tmp_path)


def test_no_border_hides_what_a_maximum_tolerates(weights: Callable[[str, str], None]) -> None:
    """C2b, C3 and S4 take a maximum over the whole image; in a field of 96 pixels C3 loses a thing at 0.13 degrees."""
    weights("cortex", "hmax")
    found = measure.tolerance(cortex.load(), "shift", ("face", "key", "bird"))
    assert all(np.isnan(found.half_width(stage)) for stage in ("c2b", "c3", "s4"))
    assert found.half_width("retina") < found.half_width("v1") < found.half_width("c1") < 0.3


def test_digits_are_shown_to_the_model_dark_on_light() -> None:
    images = torch.zeros(1, 28, 28, dtype=torch.uint8)
    images[0, 10:18, 10:18] = 255
    shown = measure._enlarged(Digits(images, torch.zeros(1, dtype=torch.int64), False))
    assert shown.shape == (1, 1, 64, 64)
    assert float(shown[0, 0, 0, 0]) == pytest.approx(1, abs=1e-6)
    assert float(shown[0, 0, 32, 32]) == pytest.approx(0, abs=1e-6)


def test_untrained_nets_differ_by_their_seed_alone(real_mnist: str | None) -> None:
    digits = measure.digits_for(load_digits("test", real_mnist), each=3)
    seen = measure.random_model().s2_prototypes.detach().flatten(1)[:30].numpy()
    found = measure.untrained(seen, digits, seeds=3)
    assert len(set(found)) == 3 and found == measure.untrained(seen, digits, seeds=3)
    with torch.inference_mode():
        other = measure._layers(lenet.build(lenet.RECIPES["lenet5"]).eval(), digits)["f6"]
    assert measure.untrained(other, digits, seeds=1) == [pytest.approx(1)]


@pytest.mark.parametrize("stage", ["c2", "s3"])
def test_told_fields_are_what_the_model_reaches(stage: str) -> None:
    """Light each pixel column of an image alone, as 1 in maps that count nothing but who sees it; the finest pair."""
    side, maps = 256, []
    for band in BANDS[:2]:
        window = band.sizes[1] + band.pool - 1 + 2 * band.step  # of an S2 unit
        starts = torch.arange(math.ceil(side / band.step) - 2) * band.step - band.sizes[1] // 2
        pixels = torch.arange(side)
        sees = (pixels[:, None] >= starts) & (pixels[:, None] < starts + window)  # (pixel, unit)
        maps.append(sees.float()[:, None, None].expand(-1, 1, 40, -1)[:, :, : len(starts)])
    c2 = Hmax().c2_maps([maps[0], maps[1]] + [torch.zeros(side, 1, 8, 8)] * 6)[0][:, 0, 0]
    seen = c2 if stage == "c2" else F.max_pool1d(c2[:, None], 3, 1)[:, 0]
    inside = seen[:, 4:-8]  # units whose windows lie in the image
    assert int(inside.sum(0).max()) == field(stage, 1)


def test_the_retina_is_the_difference_of_its_two_gaussians() -> None:
    point = torch.zeros(1, 1, 65, 65)
    point[0, 0, 32, 32] = 1
    on, off = early.retina(point)[0]
    x = (torch.arange(65) - 32) / PIXELS_PER_DEGREE
    squared = x[:, None] ** 2 + x**2

    def bump(radius: float) -> Tensor:
        found = torch.exp(-squared / radius**2)
        return found / found.sum()

    told = bump(early.CENTRE_DEGREES) - 0.55 * bump(early.SURROUND_DEGREES)
    told = told - (1 - 0.55) * point.mean()  # the eye has adapted to the mean grey
    assert torch.allclose(on - off, told, atol=2e-3 * float(told.max()))
