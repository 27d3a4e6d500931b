"""From a heat map to a box and a point; class activation maps, and the same by gradients.

Zhou, Khosla, Lapedriza, Oliva, Torralba, "Learning deep features for discriminative localization", CVPR 2016: the map
(equation 2), and the box around the largest connected part above a share of the map's maximum (section 3.2: 20 %).
Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra, "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV 2017: weights of the maps are means of gradients (equation 1), negative sums are cut off (equation
2). For a network that ends in global average pooling both are one map, but for a factor: the number of its places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError
from convnets.localisation.world import boxes_of

__all__ = ["ZHOU", "activation", "box", "gradcam", "heat", "largest", "of_class", "point"]

ZHOU = 0.2
"""Share of the maximum above which the paper keeps a map."""


@torch.no_grad()
def activation(model: Any, x: Tensor, classes: Tensor) -> Tensor:
    """Class activation maps (N, h, w) of ``classes`` (N,), of pictures (N, 3, H, W) from 0 to 1."""
    return of_class(model.activation(model.features(x)), classes)


def of_class(maps: Tensor, classes: Tensor) -> Tensor:
    """Of maps (N, K, h, w), those of ``classes`` (N,): (N, h, w).

    Raises:
        ConvnetsError: a class that there is not, or not one for each picture.
    """
    if classes.shape != maps.shape[:1] or (len(classes) and (classes.min() < 0 or classes.max() >= maps.shape[1])):
        raise ConvnetsError(
            f"Classes {classes.tolist()[:5]} do not fit {len(maps)} pictures with {maps.shape[1]} maps each: give one "
            f"from 0 to {maps.shape[1] - 1} for each picture."
        )
    return maps[torch.arange(len(maps)), classes]


def gradcam(
    features: Callable[[Tensor], Tensor], head: Callable[[Tensor], Tensor], x: Tensor, classes: Tensor
) -> Tensor:
    """Grad-CAM maps (N, h, w) of ``classes`` (N,): any maps A = features(x), and scores (N, K) = head(A).

    alpha_k is the mean over places of dS_c / dA_k; the map is the positive part of the sum of alpha_k A_k.
    """
    with torch.enable_grad():
        maps = features(x).detach().requires_grad_()
        score = head(maps).gather(1, classes[:, None]).sum()
        (slope,) = torch.autograd.grad(score, maps)
    alpha = slope.mean((2, 3), keepdim=True)
    return (alpha * maps.detach()).sum(1).clamp(min=0)


def heat(maps: Tensor, height: int, width: int | None = None) -> Tensor:
    """Maps (N, h, w), as large as a picture: (N, height, width), in between bilinear, pixels' centres in place."""
    size = (height, height if width is None else width)
    return F.interpolate(maps[:, None], size, mode="bilinear", align_corners=False)[:, 0]


def box(found: Tensor, threshold: float) -> Tensor:
    """Boxes (N, 4) around the largest connected part of heat (N, H, W) that reaches ``threshold`` of its maximum.

    Where nothing is above 0, there is no box: four zeros.

    Raises:
        ConvnetsError: the threshold is no share.
    """
    if not 0 <= threshold <= 1:
        raise ConvnetsError(f"A threshold of {threshold:g} is no share of the maximum: give 0 to 1.")
    most = found.amax((1, 2), keepdim=True)
    return boxes_of(largest((found >= threshold * most) & (found > 0)))


def largest(masks: Tensor) -> Tensor:
    """Of each of ``masks`` (N, H, W), the largest part whose pixels are joined by their sides; of equals, the first."""
    count, height, width = masks.shape
    if not masks.numel():
        return masks
    names = torch.arange(1, height * width + 1).reshape(height, width).flip(0, 1)  # the first pixel has the largest
    names = torch.where(masks, names, 0)
    while True:
        wider = _spread(_spread(names, masks, 2), masks, 1)
        if torch.equal(wider, names):
            break
        names = wider
    whole = names.flatten(1)
    sizes = torch.zeros(count, height * width + 1, dtype=torch.long).scatter_add_(1, whole, torch.ones_like(whole))
    sizes[:, 0] = 0
    best = height * width - sizes.flip(1).argmax(1)  # of equal sizes, the largest name
    return masks & (names == best[:, None, None])


def _spread(names: Tensor, masks: Tensor, axis: int) -> Tensor:
    """``names`` (N, H, W), each the largest of its run of masked pixels along an ``axis``."""
    for _ in range(2):  # forward, then back
        gap = (~masks).cumsum(axis) * (names.shape[1] * names.shape[2] + 1)  # what was before a gap stays below
        names = torch.where(masks, (names + gap).cummax(axis).values - gap, 0).flip(axis)
        masks = masks.flip(axis)
    return names


def point(found: Tensor) -> Tensor:
    """The highest pixel of heat (N, H, W), its centre: (N, 2) x, y."""
    place = found.flatten(1).argmax(1)
    width = found.shape[2]
    return torch.stack([place % width, place // width], 1) + 0.5
