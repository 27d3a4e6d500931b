"""Import torchvision also where its compiled operators are missing.

Some CPU builds of torchvision come without the library that registers ``torchvision::nms``; the package then fails
to import although its data sets, transforms and models are plain PyTorch. This module declares the two schemas
first, and supplies a pure-PyTorch ``nms`` in their place. Use ``from convnets.common.vision import torchvision``.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["torchvision"]


def nms(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Greedy non-maximum suppression: boxes (N, 4) as x1, y1, x2, y2 -> indices kept, best score first."""
    order = scores.argsort(descending=True)
    areas = (dets[:, 2] - dets[:, 0]) * (dets[:, 3] - dets[:, 1])
    keep = []
    while order.numel():
        best, rest = order[0], order[1:]
        keep.append(best)
        top_left = torch.maximum(dets[best, :2], dets[rest, :2])
        bottom_right = torch.minimum(dets[best, 2:], dets[rest, 2:])
        overlap = (bottom_right - top_left).clamp(min=0).prod(1)
        iou = overlap / (areas[best] + areas[rest] - overlap)
        order = rest[iou <= iou_threshold]
    return torch.stack(keep) if keep else order


def _declare_missing_operators() -> torch.library.Library | None:
    try:
        _ = torch.ops.torchvision.nms
        return None
    except AttributeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.impl("nms", nms, "CPU")
        return library


_library = None
try:
    import torchvision
except RuntimeError:  # "operator torchvision::nms does not exist"
    _library = _declare_missing_operators()
    import sys

    for _name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[_name]  # what the failed import left behind
    import torchvision
    import torchvision.extension

    torchvision.extension._has_ops = lambda: True  # torchvision.ops asks it before it calls our nms
