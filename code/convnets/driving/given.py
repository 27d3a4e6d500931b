"""What a recipe learns from, batch by batch, and its loss: street photographs changed at random, recorded drives."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.driving import augment, measure, nets, steering
from convnets.driving.data import Sets
from convnets.driving.streets import CLASSES, UNKNOWN

__all__ = ["GIVEN", "Photographs", "Recorded", "overlap", "weights"]


class Photographs:
    """Street photographs and the class of each pixel."""

    def __init__(self, recipe: Any, data: Sets) -> None:
        self.recipe, self.parts = recipe, data.streets
        self.count = len(self.parts["train"].names)
        self.step = nets.STEPS[recipe.net]
        self.weight = weights(self.parts["train"].labels, recipe.balance)

    def batch(self, indices: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        """Photographs (N, 3, 180, 240), 0 to 1, and the classes that scores are compared with.

        A network whose scores are compared at half the size gets those of every second row and column, (N, 90, 120).
        """
        chosen = indices % self.count
        images, labels = self.parts["train"].images[chosen], self.parts["train"].labels[chosen]
        if self.recipe.strength:
            x, truth = augment.moved(images, labels, draw, (self.recipe.smallest, self.recipe.largest))
            x = augment.lit(x, draw, self.recipe.strength)
        else:
            x, truth = images.float() / 255, labels.long()
        top, left = torch.randint(self.step, (2,), generator=draw).tolist()
        return x, truth[:, top :: self.step, left :: self.step]

    def loss(self, model: nn.Module, x: Tensor, truth: Tensor) -> Tensor:
        """Weighted cross-entropy of scores, and what soft overlaps lack of 1."""
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.recipe.half):
            scores = model.coarse(x)  # type: ignore[operator]
        scores = scores.float()
        loss = F.cross_entropy(scores, truth, self.weight.to(x.device), ignore_index=UNKNOWN)
        if self.recipe.overlap:
            loss = loss + self.recipe.overlap * overlap(scores, truth)
        return loss

    def seen(self, model: nn.Module) -> dict[str, float]:
        """mIoU of the photographs to choose by."""
        held = self.parts["validation"]
        each = measure.tables(nets.classes(model, held.images), held.labels)
        return {"validation_miou": measure.miou(each.sum(0))}


def weights(labels: Tensor, balance: float) -> Tensor:
    """A weight for each class, (K,), of mean 1: rarer classes count more.

    Paszke et al. 2016, section 5.1: 1 / ln(1.02 + p), p being the share of a class; here to the power ``balance``.
    """
    counts = torch.bincount(labels.flatten().long(), minlength=UNKNOWN + 1)[: len(CLASSES)].double()
    found = (1 / torch.log(1.02 + counts / counts.sum())) ** balance
    return (found / found.mean()).float()


def overlap(scores: Tensor, truth: Tensor) -> Tensor:
    """One minus the mean soft IoU of the classes that are in the batch: scores (N, K, h, w), classes (N, h, w)."""
    known = (truth != UNKNOWN)[:, None]
    sure = scores.softmax(1) * known
    real = F.one_hot(truth.clamp(max=scores.shape[1]), scores.shape[1] + 1)[..., :-1].movedim(3, 1) * known
    shared, both = (sure * real).sum((0, 2, 3)), sure.sum((0, 2, 3)) + real.sum((0, 2, 3))
    there = real.sum((0, 2, 3)) > 0
    return 1 - (shared / (both - shared).clamp(min=1))[there].mean()


class Recorded(steering.Drives):
    """Recorded drives on the road world, and how the driver steered."""

    def __init__(self, recipe: Any, data: Sets) -> None:
        self.recipe = recipe
        super().__init__(recipe, data)

    def loss(self, model: nn.Module, planes: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
        """Mean square error of the curvature."""
        with torch.autocast(planes.device.type, torch.bfloat16, enabled=self.recipe.half):
            found = model(planes)
        return steering.loss_of(found.float(), truth, weight)


GIVEN: dict[str, Any] = {"street": Photographs, "pilot": Recorded}
"""What gives batches of each kind."""
