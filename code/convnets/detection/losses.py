"""What detectors learn from: which place stands for which box, and what a wrong answer costs.

Sources:
    - Tian et al.: "FCOS", ICCV 2019, section 3: targets, centre-ness, the three terms; what the authors added later:
      only places near a box's middle stand for it, and its sides are judged by generalised overlap.
    - Lin et al.: "Focal loss for dense object detection", ICCV 2017: :func:`focal`, and what anchors stand for.
    - Ren, He, Girshick, Sun: "Faster R-CNN", NIPS 2015: how an anchor is moved and stretched.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.boxes import Truth, area, generalised, iou
from convnets.detection.model import ANCHORS, STRIDES, Answer, Moved, places

__all__ = [
    "FAR", "NEAR", "Targets", "anchored_loss", "anchors", "boxes_of", "centreness", "fcos_loss", "focal", "levels",
    "moved", "offsets_of", "targets",
]  # fmt: skip

FAR = (0.0, 64.0, float("inf"))
"""A map takes the boxes of which the farthest side is between this and the next number of pixels away."""
NEAR = 1.5  # strides: how far from a box's middle a place may be to stand for it
TAKEN, FREE = 0.5, 0.4  # an anchor stands for a box that it overlaps by the first, for none below the second


class Targets(NamedTuple):
    """What P places are to say."""

    labels: Tensor  # (P,) int64, -1: nothing
    distances: Tensor  # (P, 4) pixels; 0 where there is nothing


def levels(height: int, width: int) -> Tensor:
    """The number of the map (P,) that each of :func:`places` lies on."""
    counts = [-(-height // stride) * -(-width // stride) for stride in STRIDES]
    return torch.repeat_interleave(torch.arange(len(STRIDES)), torch.tensor(counts))


def targets(truth: Truth, height: int, width: int) -> Targets:
    """What each place is to say of the boxes in a picture: the smallest box that it may stand for."""
    middle, level = places(height, width), levels(height, width)
    count = len(middle)
    if not len(truth.boxes):
        return Targets(torch.full((count,), -1), torch.zeros(count, 4))
    low, high = truth.boxes[None, :, :2], truth.boxes[None, :, 2:]
    distances = torch.cat([middle[:, None] - low, high - middle[:, None]], 2)  # (P, n, 4)
    farthest = distances.amax(2)
    limits = torch.tensor(FAR)
    own = (farthest > limits[level, None]) & (farthest <= limits[level + 1, None])
    near = ((low + high) / 2 - middle[:, None]).abs().amax(2) < NEAR * torch.tensor(STRIDES)[level, None]
    allowed = own & near & (distances.amin(2) > 0)
    size = area(truth.boxes).expand(count, -1).masked_fill(~allowed, float("inf"))
    least, chosen = size.min(1)
    there = least.isfinite()
    labels = truth.labels[chosen].masked_fill(~there, -1)
    return Targets(labels, distances[torch.arange(count), chosen] * there[:, None])


def centreness(distances: Tensor) -> Tensor:
    """From 1 in the middle of a box to 0 at its sides (equation 3): (..., 4) -> (...)."""
    across, down = distances[..., 0::2], distances[..., 1::2]
    ratio = across.amin(-1) * down.amin(-1) / (across.amax(-1) * down.amax(-1)).clamp(min=1e-9)
    return ratio.clamp(min=0).sqrt()


def boxes_of(middle: Tensor, distances: Tensor) -> Tensor:
    """Boxes (..., 4) around places (..., 2)."""
    return torch.cat([middle - distances[..., :2], middle + distances[..., 2:]], -1)


def focal(logits: Tensor, wanted: Tensor, gamma: float = 2.0, alpha: float = 0.25) -> Tensor:
    """-a (1 - p)^gamma log p, added up; p is the probability of what is right, a is alpha for 1 and 1 - alpha for 0."""
    plain = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    wrong = (logits.sigmoid() - wanted).abs()
    return ((alpha * wanted + (1 - alpha) * (1 - wanted)) * wrong**gamma * plain).sum()


def fcos_loss(answer: Answer, truth: list[Truth], height: int, width: int, gamma: float, centre: bool) -> Tensor:
    """Focal loss over all places, a place's overlap weighted by its centre-ness, and the centre-ness itself.

    ``gamma`` 0 is cross-entropy. Without ``centre`` all places of a box count alike, and none says how central it is.
    """
    device = answer.scores.device
    each = [targets(one, height, width) for one in truth]
    labels = torch.stack([one.labels for one in each]).to(device)
    distances = torch.stack([one.distances for one in each]).to(device)
    wanted = F.one_hot(labels + 1, answer.scores.shape[2] + 1)[:, :, 1:].to(answer.scores.dtype)
    there = labels >= 0
    count = max(1, int(there.sum()))
    loss = focal(answer.scores, wanted, gamma, 0.25 if gamma else 0.5) / count
    if not there.any():
        return loss + 0 * (answer.distances.sum() + answer.centre.sum())
    middle = places(height, width).to(device).expand(len(truth), -1, -1)[there]
    right, said = boxes_of(middle, distances[there]), boxes_of(middle, answer.distances[there])
    central = centreness(distances[there]) if centre else torch.ones(count, device=device)
    loss = loss + ((1 - generalised(said, right)) * central).sum() / central.sum().clamp(min=1e-6)
    if centre:
        loss = loss + F.binary_cross_entropy_with_logits(answer.centre[there], central)
    return loss


# Anchors


def anchors(height: int, width: int) -> Tensor:
    """The fixed boxes (P * 3, 4) around all :func:`places`, place after place."""
    half = torch.tensor(ANCHORS) / 2
    middle = places(height, width)[:, None]
    return torch.cat([middle - half, middle + half], 2).reshape(-1, 4)


def offsets_of(fixed: Tensor, boxes: Tensor) -> Tensor:
    """How ``fixed`` boxes (..., 4) must be moved, in their sides, and stretched, in logarithms, to be ``boxes``."""
    side, goal = fixed[..., 2:] - fixed[..., :2], boxes[..., 2:] - boxes[..., :2]
    step = (boxes[..., :2] + boxes[..., 2:] - fixed[..., :2] - fixed[..., 2:]) / 2 / side
    return torch.cat([step, (goal / side).log()], -1)


def moved(fixed: Tensor, offsets: Tensor) -> Tensor:
    """The boxes (..., 4) that ``fixed`` ones become; the inverse of :func:`offsets_of`."""
    side = fixed[..., 2:] - fixed[..., :2]
    middle = (fixed[..., :2] + fixed[..., 2:]) / 2 + offsets[..., :2] * side
    half = offsets[..., 2:].clamp(-4, 4).exp() * side / 2
    return torch.cat([middle - half, middle + half], -1)


def anchored_loss(answer: Moved, truth: list[Truth], height: int, width: int) -> Tensor:
    """Focal loss over the anchors that stand for a box or for none, and the smooth L1 distance of offsets."""
    fixed = anchors(height, width)
    classes = answer.scores.shape[2]
    loss, count = answer.offsets.sum() * 0, 0
    for place, one in enumerate(truth):
        if len(one.boxes):
            most, chosen = iou(fixed, one.boxes).max(1)
        else:
            most, chosen = torch.zeros(len(fixed)), torch.zeros(len(fixed), dtype=torch.int64)
        taken, judged = most >= TAKEN, (most >= TAKEN) | (most < FREE)
        labels = torch.zeros(len(fixed), dtype=torch.int64)
        labels[taken] = one.labels[chosen[taken]] + 1
        wanted = F.one_hot(labels, classes + 1)[:, 1:].to(answer.scores)
        judged, kept = judged.to(answer.scores.device), taken.to(answer.scores.device)
        loss = loss + focal(answer.scores[place][judged], wanted[judged])
        if taken.any():
            goal = offsets_of(fixed[taken], one.boxes[chosen[taken]]).to(answer.offsets)
            loss = loss + F.smooth_l1_loss(answer.offsets[place][kept], goal, reduction="sum", beta=1 / 9)
        count += int(taken.sum())
    return loss / max(1, count)
