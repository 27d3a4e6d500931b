"""What is measured of the model: how much each stage tolerates, how selective it is, and whom it resembles.

Tolerance: the correlation of a stage's whole answer to a moved thing with its answer to the thing unmoved. Selectivity:
how different the answers to different things are, and the lifetime sparseness of single units (Vinje, Gallant, Science
287, 2000). Resemblance to conv nets: the answers of both to the same digits, compared in ``similarity.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from convnets import lenet
from convnets.common.errors import ConvnetsError
from convnets.cortex import early
from convnets.cortex.model import Hmax, check
from convnets.cortex.shapes import SHAPES, pictures
from convnets.cortex.similarity import correlations, rdm, spearman
from convnets.cortex.train import fast_c1
from convnets.lenet.data import Digits
from convnets.lenet.data import prepare as prepare_digits

__all__ = [
    "STAGES", "Selectivity", "Tolerance", "answers", "answers_to_digits", "digits_for", "of_digits", "random_model",
    "selectivity", "sparseness", "tolerance", "untrained",
]  # fmt: skip

STAGES = ("retina", "lgn", "v1", "c1", "s2", "c2", "c2b", "c3", "s4")
"""The stages that are measured, in their order; v1 is the energy model, beside C1."""

FIELD_PIXELS = 160
"""Side of the field in which things are moved and scaled: near its border the large filters, whose windows would cross
it, are silent, and in a field of 96 pixels that would be measured with everything else."""

SILENT = 1e-5
"""Share of a stage's largest answer up to which a unit counts as silent: rounding, and the floor of the energy."""

SHIFTS_DEGREES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6)
SIZES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)


@torch.inference_mode()
def answers(model: Hmax, images: Tensor, batch_size: int = 10) -> dict[str, np.ndarray]:
    """Every stage's answer to images (N, 1, H, W), grey 0 to 1: each (N, units), all its maps in one row.

    Raises:
        ConvnetsError: images that the model cannot look at.
    """
    found: dict[str, list[Tensor]] = {name: [] for name in STAGES}
    for batch in check(images).split(batch_size):
        cells = early.retina(batch)
        stages = model.from_c1(fast_c1(batch))
        parts = {
            "retina": [cells],
            "lgn": [early.lgn(cells)],
            "v1": [early.energy(batch)],
            "c1": stages.c1,
            "s2": stages.s2,
            "c2": stages.c2,
            "c2b": [stages.c2b],
            "c3": [stages.c3],
            "s4": [stages.s4],
        }
        for name in STAGES:
            found[name].append(torch.cat([part.flatten(1) for part in parts[name]], 1))
    return {name: torch.cat(rows).numpy() for name, rows in found.items()}


class Tolerance(NamedTuple):
    """How a stage's answer to a thing changes as the thing moves or grows."""

    amounts: tuple[float, ...]  # degrees, or times its size
    same: dict[str, np.ndarray]  # by stage (amounts,): correlation with the answer to the thing as it was, mean
    other: dict[str, float]  # by stage: correlation between the answers to two different things, mean

    def half_width(self, stage: str, start: int = 0, step: int = 1) -> float:
        """Amount at which the thing is as like itself as half-way to another thing; NaN if that is never reached.

        Looked for from the amount number ``start``, in steps of 1 or -1.
        """
        values = (self.same[stage] - self.other[stage]) / (1 - self.other[stage])
        index = start
        while 0 <= index + step < len(values):
            here, there = values[index], values[index + step]
            if there <= 0.5 < here:
                share = (here - 0.5) / (here - there)
                return float(self.amounts[index] + share * (self.amounts[index + step] - self.amounts[index]))
            index += step
        return float("nan")


def tolerance(model: Hmax, change: str = "shift", names: tuple[str, ...] = tuple(SHAPES)) -> Tolerance:
    """Tolerance of every stage to a ``shift`` to the right or a change of ``size``, averaged over things.

    Raises:
        ConvnetsError: another change, or fewer than two things.
    """
    _several(names)
    if change not in ("shift", "size"):
        raise ConvnetsError(f"There is no change {change!r} to measure: choose `shift` or `size`.")
    amounts = SHIFTS_DEGREES if change == "shift" else SIZES
    unmoved = answers(model, pictures(names, side=FIELD_PIXELS))
    same: dict[str, list[float]] = {name: [] for name in STAGES}
    for amount in amounts:
        pose = {"x": amount} if change == "shift" else {"size": amount}
        moved = answers(model, pictures(names, **pose, side=FIELD_PIXELS))
        for name in STAGES:
            same[name].append(float(np.diag(correlations(unmoved[name], moved[name])).mean()))
    different = ~np.eye(len(names), dtype=bool)
    other = {name: float(correlations(x, x)[different].mean()) for name, x in unmoved.items()}
    return Tolerance(amounts, {name: np.array(values) for name, values in same.items()}, other)


def _several(names: tuple[str, ...]) -> None:
    if len(names) < 2:
        raise ConvnetsError(f"Things named: {len(names)}. To tell them apart, name two or more of {', '.join(SHAPES)}.")


class Selectivity(NamedTuple):
    """How a stage tells things apart."""

    sparseness: float  # mean over units that answer to something (SILENT): 0 = alike to all things, 1 = to one alone
    difference: float  # 1 - correlation between the answers to two things, mean over pairs
    recognised: float  # share of moved things whose nearest unmoved one is itself


def sparseness(rates: np.ndarray) -> np.ndarray:
    """Lifetime sparseness of units (N, D) over N stimuli, none negative: (D,); NaN for a unit that is always silent.

    (1 - mean(r)^2 / mean(r^2)) / (1 - 1/N) (Vinje, Gallant 2000).

    Raises:
        ConvnetsError: fewer than two stimuli, or a negative rate.
    """
    count = len(rates)
    if count < 2 or not (rates >= 0).all():  # also where a rate is not a number
        raise ConvnetsError(
            f"Sparseness over {count} stimuli with rates from {rates.min(initial=0):g}: give two stimuli or more, and "
            "rates of zero or more."
        )
    power = (rates.astype(float) ** 2).mean(0)
    ratio = np.divide(rates.mean(0, dtype=float) ** 2, power, out=np.full(power.shape, np.nan), where=power > 0)
    return (1 - ratio) / (1 - 1 / count)


def selectivity(model: Hmax, names: tuple[str, ...] = tuple(SHAPES), shift: float = 0.2) -> dict[str, Selectivity]:
    """Selectivity of every stage over the things, and whether it recognises them ``shift`` degrees further right.

    Raises:
        ConvnetsError: fewer than two things.
    """
    _several(names)
    unmoved = answers(model, pictures(names, side=FIELD_PIXELS))
    moved = answers(model, pictures(names, x=shift, side=FIELD_PIXELS))
    different = ~np.eye(len(names), dtype=bool)
    found = {}
    for name in STAGES:
        among = correlations(unmoved[name], unmoved[name])[different]
        hits = correlations(moved[name], unmoved[name]).argmax(1) == np.arange(len(names))
        rates = unmoved[name]
        sparse = float(sparseness(rates[:, rates.max(0) > SILENT * rates.max()]).mean())
        found[name] = Selectivity(sparse, float(1 - among.mean()), float(hits.mean()))
    return found


def random_model(seed: int = 0) -> Hmax:
    """The model with prototypes that no photograph has seen: uniform random numbers."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Hmax().eval()


def digits_for(digits: Digits, each: int = 10) -> Digits:
    """The first ``each`` images of every class, class by class."""
    return digits.take(torch.cat([(digits.labels == label).nonzero()[:each, 0] for label in range(10)]))


@torch.inference_mode()
def of_digits(model: Hmax, digits: Digits) -> dict[str, np.ndarray]:
    """Answers of the model's stages and of trained and untrained conv nets to ``digits``, by name; and their labels'.

    HMAX sees them enlarged to 64 pixels, dark on light, the conv nets as they were trained.
    """
    large = _enlarged(digits)
    stages, random = answers(model, large), answers(random_model(), large)
    found = {"pixels": large.flatten(1).numpy()}
    found |= {f"HMAX {name.upper().replace('B', 'b')}": stages[name] for name in ("c1", "c2", "c2b", "c3", "s4")}
    found["HMAX C2b, random"] = random["c2b"]
    for title, net in (("LeNet-5", "lenet5"), ("modern", "modern")):
        layers = _layers(lenet.load(net), digits)
        found |= {f"{title} {name.upper()}": layers[name] for name in ("c1", "c3", "f6")}
    found["LeNet-5 F6, random"] = _layers(lenet.build(lenet.RECIPES["lenet5"]).eval(), digits)["f6"]
    labels = digits.labels.numpy()
    return found | {"same digit or not": (labels[:, None] != labels).astype(float)}


def answers_to_digits(model: Hmax, digits: Digits) -> dict[str, np.ndarray]:
    """Every stage's answer to ``digits`` as :func:`of_digits` shows them: each (N, units)."""
    return answers(model, _enlarged(digits))


def _enlarged(digits: Digits) -> Tensor:
    """Digits as HMAX sees them: (N, 1, 64, 64), dark on light."""
    small = 1 - prepare_digits(digits.images, 32).sub(-0.1).div(1.275)
    return nn.functional.interpolate(small, size=(64, 64), mode="bilinear", align_corners=False).clamp(0, 1)


def untrained(seen: np.ndarray, digits: Digits, seeds: int = 5) -> list[float]:
    """Likeness of the answers ``seen`` (N, D) to ``digits`` to the F6 of untrained LeNet-5s, one value a seed."""
    pairs, found = np.triu_indices(len(seen), 1), []
    for seed in range(seeds):
        net = lenet.build(replace(lenet.RECIPES["lenet5"], seed=seed)).eval()
        with torch.inference_mode():
            found.append(spearman(rdm(seen)[pairs], rdm(_layers(net, digits)["f6"])[pairs]))
    return found


def _layers(net: nn.Module, digits: Digits) -> dict[str, np.ndarray]:
    """The outputs of C1, C3 and F6 of LeNet-5 or of its modern variant, (N, units) each."""
    x = prepare_digits(digits.images, 32)
    stages = net.features(x) if hasattr(net, "features") else net.stages(x)  # type: ignore[operator]
    names = ("c1", "s2", "c3", "s4", "c5", "f6")
    return {name: stage.flatten(1).numpy() for name, stage in zip(names, stages, strict=False)}
