"""What a recipe learns from, batch by batch: tiles of slices, ultrasound pictures, phantoms, changed at random."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from convnets.tumours import borders, measure, nets, tiles, warp
from convnets.tumours.data import Sets
from convnets.tumours.model import Unet
from convnets.tumours.nets import INNER, TILE, probability
from convnets.tumours.ultrasound import FOLDS, Pictures

__all__ = ["GIVEN", "Membranes", "Phantoms", "Ultrasound", "divided", "judged_pictures"]


class Membranes:
    """Tiles of slices, anywhere, turned and bent."""

    def __init__(self, recipe: Any, data: Sets) -> None:
        self.recipe, self.data = recipe, data
        slices = data.membranes("train")
        if recipe.count:
            slices = slices.take(torch.arange(recipe.count))
        weights = torch.ones(slices.labels.shape)
        if not recipe.even:
            weights = borders.balance(slices.labels) + recipe.w0 * data.walls[: len(slices.labels)]
        planes = torch.stack([slices.images.float() / 255, slices.labels.float(), weights], 1)
        margin = (TILE - INNER) // 2
        short = [max(0, INNER - side) for side in planes.shape[2:]]  # of slices smaller than an answer
        self.planes = tiles.mirrored(planes, margin, margin + short[1], margin, margin + short[0])

    def batch(self, indices: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Tiles (N, 1, 260, 260), labels (N, 172, 172) and weights."""
        _, _, height, width = self.planes.shape
        pieces = []
        for index in indices.tolist():
            top = int(torch.randint(height - TILE + 1, (), generator=draw))
            left = int(torch.randint(width - TILE + 1, (), generator=draw))
            piece = self.planes[index % len(self.planes), :, top : top + TILE, left : left + TILE]
            pieces.append(warp.turned(piece, int(torch.randint(8, (), generator=draw))))
        field = warp.displacements(len(pieces), TILE, TILE, self.recipe.elastic, draw)
        bent = warp.warped(torch.stack(pieces), field)
        bright = 1 + 0.1 * torch.randn(len(pieces), 1, 1, 1, generator=draw)
        inner = bent[:, 1:, (TILE - INNER) // 2 : (TILE + INNER) // 2, (TILE - INNER) // 2 : (TILE + INNER) // 2]
        x = bent[:, :1] * bright
        if self.recipe.tone:
            contrast = torch.exp(self.recipe.tone * torch.randn(len(pieces), 1, 1, 1, generator=draw))
            grain = 0.1 * self.recipe.tone * torch.randn(x.shape, generator=draw)
            mean = x.mean((2, 3), keepdim=True)
            x = mean + contrast * (x - mean) + grain
        return x, (inner[:, 0] >= 0.5).long(), inner[:, 1]

    def seen(self, model: Unet) -> dict[str, float]:
        """Pixel error on the slices to choose by."""
        held = self.data.membranes("validation")
        wrong = (probability(model, held.images) >= 0.5) != held.labels
        return {"validation_error": float(wrong.double().mean())}


class Ultrasound:
    """Ultrasound pictures of all folds but one, turned, resized, bent, brighter or darker."""

    def __init__(self, recipe: Any, data: Sets) -> None:
        self.recipe = recipe
        train, self.held, _ = divided(recipe, data)
        self.planes = torch.stack([train.images.float() / 255, train.masks.float(), train.inside.float()], 1)

    def batch(self, indices: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (N, 1, 96, 96), labels (N, 96, 96), and where there is picture."""
        x = self.planes[indices % len(self.planes)]
        x = torch.where(torch.rand(len(x), 1, 1, 1, generator=draw) < 0.5, x, x.flip(3))
        count, _, height, width = x.shape
        field = warp.affine(count, height, width, draw, turn=0.2, zoom=0.25, shift=0.08)
        field = field + warp.displacements(count, height, width, self.recipe.elastic, draw)
        bent = warp.warped(x, field, padding="zeros")
        gamma = torch.exp(0.3 * torch.randn(count, 1, 1, 1, generator=draw))
        return bent[:, :1].clamp(min=1e-4) ** gamma, (bent[:, 1] >= 0.5).long(), (bent[:, 2] > 0.5).float()

    def seen(self, model: Unet) -> dict[str, float]:
        """Dice on the fold to choose by, if there is one."""
        if self.held is None:
            return {}
        return {"validation_dice": measure.of_lesions(judged_pictures(model, self.held))[0].value}


class Phantoms:
    """The first phantoms, mirrored or not."""

    def __init__(self, recipe: Any, data: Sets) -> None:
        train, self.held = data.phantoms["train"], data.phantoms["validation"]
        count = recipe.count or len(train.images)
        self.images, self.masks = train.images[:count], train.masks[:count]

    def batch(self, indices: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (N, 1, 64, 64), labels (N, 64, 64), and a weight of 1."""
        places = indices % len(self.images)
        mirror = torch.rand(len(places), 1, 1, generator=draw) < 0.5
        x, truth = (torch.where(mirror, part.flip(2), part) for part in (self.images[places], self.masks[places]))
        return x[:, None].float() / 255, truth.long(), torch.ones(truth.shape)

    def seen(self, model: Unet) -> dict[str, float]:
        """Dice on the phantoms to choose by."""
        return {"validation_dice": measure.of_lesions(nets.judged(model, *self.held))[0].value}


def divided(recipe: Any, data: Sets) -> tuple[Pictures, Pictures | None, Pictures]:
    """(to learn from, to choose by, to test with)."""
    everything = data.ultrasound
    test, held = recipe.seed % FOLDS, (recipe.seed + 1) % FOLDS
    folds = everything.folds
    learned = (folds != test) & ((folds != held) if recipe.choose else True)
    kept = everything.take(folds == held) if recipe.choose else None
    train = everything.take(learned)
    if recipe.count:
        train = train.take(torch.arange(recipe.count))
    return train, kept, everything.take(folds == test)


def judged_pictures(model: Unet, pictures: Pictures) -> measure.Lesions:
    """What ``model`` finds in ultrasound pictures."""
    sure = probability(model, pictures.images)
    return measure.lesions(sure, pictures.masks, pictures.inside, pictures.kinds)


GIVEN: dict[str, Any] = {"isbi": Membranes, "busi": Ultrasound, "phantom": Phantoms}
"""By what is looked at: each has ``batch(indices, draw)`` and ``seen(model)``."""
