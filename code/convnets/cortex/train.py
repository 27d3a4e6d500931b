"""How the model learns: prototypes imprinted from photographs, without labels; then linear readouts, with them.

Imprinting, as in both papers of 2007: a prototype is what the stage below answered to a random window of a random
photograph. The readouts are ridge regressions to +1 for an animal and -1 for none, solved in closed form; the papers
use a linear classifier too (the PNAS model a pseudo-inverse, which is ridge without its penalty).

Choices: prototypes come from the second band of C1, as in the code that the authors of the PAMI paper released; each
penalty is the best of ``readout.PENALTIES`` on validation images. A run takes minutes, so a killed one starts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import loop, stats, telling, training
from convnets.common.errors import ConvnetsError
from convnets.cortex.data import Pictures, Sets, animal, prepare
from convnets.cortex.model import BANDS, READOUTS, Hmax, c1, gabor_bank, norms, rbf
from convnets.cortex.nets import correct, named, scores
from convnets.cortex.readout import fit, share_right

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["RECIPES", "Recipe", "fast_c1", "fingerprint", "imprint", "learn", "train"]

BASELINES = ("pixels", "c1")
"""Readouts for comparison, which are no part of the model: of the 32x32 grey levels, and of every C1 unit."""

IMPRINTING_BAND, MARGIN = 1, 2
"""C1 band that prototypes are cut from, and how many units they keep from its border, where cells are silent."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a run depends on besides data and code."""

    name: str
    net: str = "hmax"  # a key of NETS
    seed: int = 0
    train_count: int = 10_000  # images that the readouts are fitted to
    photographs: int = 100  # photographs that prototypes are imprinted from
    prototypes: str = "imprinted"  # or "shuffled": the same numbers, put in random order within each prototype


def fast_c1(image: Tensor) -> list[Tensor]:
    """The eight C1 maps of images (N, 1, H, W), as :meth:`Hmax.c1_maps`, but faster: by Fourier transform."""
    height, width = image.shape[2:]
    spectrum = torch.fft.rfft2(image)
    maps = []
    for index in range(2 * len(BANDS)):
        filters = gabor_bank(index)
        side = filters.shape[-1]
        turned = torch.fft.rfft2(filters.flip(2, 3), s=(height, width))
        answers = torch.fft.irfft2(spectrum * turned[:, 0], s=(height, width))[:, :, side - 1 :, side - 1 :].abs()
        maps.append(F.pad(answers / norms(image, side), (side // 2,) * 4))
    return [c1(maps[2 * index], maps[2 * index + 1], band) for index, band in enumerate(BANDS)]


def imprint(
    model: Hmax, photographs: list[Tensor], generator: torch.Generator, shuffler: torch.Generator | None = None
) -> None:
    """Fill the prototypes of S2, S2b and S3 in place with windows of what ``photographs`` cause one stage below.

    A ``shuffler`` puts the numbers of each prototype in random order; ``generator`` chooses the same windows with it
    and without.

    Raises:
        ConvnetsError: no photograph, or one that is too small.
    """
    if not photographs:
        raise ConvnetsError("There is no photograph to imprint from: give one or more.")
    maps = [fast_c1(photograph) for photograph in telling.bar(photographs, "photographs")]
    fields = [found[IMPRINTING_BAND][0] for found in maps]
    for prototypes in (model.s2_prototypes, *model.s2b_prototypes):
        _cut(prototypes, fields, generator, shuffler, MARGIN)
    c2 = [model.c2_maps([rbf(x, model.s2_prototypes) for x in found])[0][0] for found in maps]
    _cut(model.s3_prototypes, c2, generator, shuffler, MARGIN)


def _cut(
    prototypes: Tensor, fields: list[Tensor], generator: torch.Generator, shuffler: torch.Generator | None, margin: int
) -> None:
    """Prototypes (P, C, K, K) become random windows of random ``fields``, each (C, H, W)."""
    side = prototypes.shape[-1]
    for prototype in prototypes:
        field = fields[_draw(len(fields), generator)]
        places = [length - side - 2 * margin + 1 for length in field.shape[1:]]
        if min(places) < 1:
            raise ConvnetsError(
                f"A photograph leaves {field.shape[1]}x{field.shape[2]} units, too few for {side}x{side} prototypes: "
                "use larger photographs."
            )
        row, column = (margin + _draw(count, generator) for count in places)
        window = field[:, row : row + side, column : column + side]
        if shuffler:
            window = window.flatten()[torch.randperm(window.numel(), generator=shuffler)].reshape(window.shape)
        prototype.copy_(window)


def _draw(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=generator))


@torch.inference_mode()
def _features(model: Hmax, images: Tensor, what: str, batch_size: int = 20) -> dict[str, Tensor]:
    """What a readout can see of colour bytes (N, 32, 32, 3), each (N, D): pixels, C1, and the stages of READOUTS."""
    found: list[tuple[Tensor, ...]] = []
    for batch in telling.bar(images.split(batch_size), what):
        maps = fast_c1(prepare(batch))
        stages = model.from_c1(maps)
        whole = prepare(batch, 32).flatten(1), torch.cat([x.flatten(1) for x in maps], 1)
        found.append((*whole, stages.c2_best, stages.c2b, stages.c3, stages.s4))
    return {name: torch.cat(parts) for name, *parts in zip((*BASELINES, *READOUTS), *found, strict=True)}


def train(recipe: Recipe, data: Sets, fabric: Fabric, checkpoint: loop.Checkpoint | None = None) -> training.Run:
    """Imprint, fit and measure ``recipe``; all on the processor, whatever ``fabric`` has."""
    record, log = training.begin("cortex", recipe, data.digest), training.Log(checkpoint)
    model, accuracy = learn(recipe, data)
    log.stop()
    labels, count = data.test.labels, len(data.test.labels)
    right = correct(scores(model, data.test.images), labels)
    hits = right | {name: round(share * count) for name, share in accuracy["test"].items()}
    hits |= {"majority": int(animal(labels).sum())}  # most images are animals: who always says so is right so often
    used, held = min(recipe.train_count, len(data.train.labels)), accuracy["validation"]
    return training.finish(
        record,
        model,
        log,
        splits={"train": used, "validation": len(data.validation.labels), "test": count},
        measured={
            "validation": [stats.Measured("accuracy", held["s4"])],
            "test": named(right, count),
            **{name: [stats.share("accuracy", found, count)] for name, found in hits.items()},
            **{f"validation_{name}": [stats.Measured("accuracy", share)] for name, share in held.items()},
        },
        score=1 - held["s4"],
        fingerprint=fingerprint(recipe, data),
    )


@torch.no_grad()
def learn(recipe: Recipe, data: Sets, baselines: Sequence[str] = BASELINES) -> tuple[Hmax, dict[str, dict[str, float]]]:
    """The model of ``recipe`` as it is stored, and the accuracies that :func:`_read_out` gives."""
    generator = torch.Generator().manual_seed(recipe.seed)
    model = Hmax().eval()
    chosen = torch.randperm(len(data.photographs), generator=generator)[: recipe.photographs]
    if recipe.prototypes not in ("imprinted", "shuffled"):
        raise ConvnetsError(f"There are no {recipe.prototypes!r} prototypes: choose `imprinted` or `shuffled`.")
    shuffler = torch.Generator().manual_seed(recipe.seed + 1) if recipe.prototypes == "shuffled" else None
    imprint(model, [data.photographs[i] for i in chosen], generator, shuffler)
    pictures = data.train.take(torch.randperm(len(data.train.labels), generator=generator)[: recipe.train_count])
    _remember(model, pictures, generator)
    loop.round_to_half(model)
    accuracy = _read_out(model, data, pictures, baselines)
    loop.round_to_half(model)
    return model, accuracy


def _remember(model: Hmax, pictures: Pictures, generator: torch.Generator) -> None:
    """S4 units take random training images for their centres, and a width after how far apart these are."""
    images = pictures.images[torch.randperm(len(pictures.labels), generator=generator)[: len(model.s4_views)]]
    features = _features(model, images, "views")
    centres = torch.cat([features["c2b"], features["c3"]], 1)
    model.s4_views[: len(centres)] = centres
    model.s4_sharpness.fill_(1 / float(torch.pdist(centres).square().mean().clamp(min=1e-6)))


def _read_out(model: Hmax, data: Sets, pictures: Pictures, baselines: Sequence[str]) -> dict[str, dict[str, float]]:
    """Fit the readouts and the baselines: the validation accuracy of each, and the baselines' on test images."""
    x, held = _features(model, pictures.images, "training"), _features(model, data.validation.images, "validation")
    tested = _features(model, data.test.images, "test")
    found: dict[str, dict[str, float]] = {"validation": {}, "test": {}}
    for name in (*baselines, *READOUTS):
        weights, bias, found["validation"][name] = fit(x[name], pictures.labels, held[name], data.validation.labels)
        if name in READOUTS:
            model.readout.load_state_dict({f"{name}.weight": weights[None], f"{name}.bias": bias[None]}, strict=False)
        else:
            found["test"][name] = share_right(tested[name] @ weights + bias, data.test.labels)
    return found


@torch.no_grad()
def fingerprint(recipe: Recipe, data: Sets, steps: int = 20) -> list[float]:
    """``steps`` numbers of a small run, from photographs to readouts, on one thread: what `press accept` compares.

    The views of S4, all four readouts, and prototypes of S2 for the rest; the readouts see 200 training images and
    choose their penalties by 100 others.
    """
    small = replace(recipe, train_count=200, photographs=5)
    few = data._replace(validation=_first(data.validation, 100), test=_first(data.test, 10))
    with loop.one_thread():
        model, _ = learn(small, few, baselines=())  # whose large fits would take most of the time
    found = [float(model.s4_views.mean()), float(model.s4_sharpness.mean())]
    found += [float(weights.abs().mean()) for weights in model.readout.parameters()]
    found += [float(prototype.mean()) for prototype in model.s2_prototypes[: steps - len(found)]]
    return [round(number, 5) for number in found]


def _first(pictures: Pictures, count: int) -> Pictures:
    return pictures.take(torch.arange(min(count, len(pictures.labels))))


_HMAX = Recipe("hmax")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in [
        _HMAX,
        # Is it what the photographs wrote into the prototypes, or would any numbers of that size do?
        replace(_HMAX, name="hmax-shuffled", prototypes="shuffled"),
        # How much do the readouts owe to the number of labelled images?
        replace(_HMAX, name="hmax-n1000", train_count=1_000),
    ]
}
