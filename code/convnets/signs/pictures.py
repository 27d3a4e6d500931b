"""A picture of one's own as the networks take it, whatever its size and colours, and what a network says of it.

Deviations:
    - The sign should fill the picture with a tenth of margin, as in GTSRB: nothing here finds it in a scene.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.alexnet import pictures
from convnets.common.errors import ConvnetsError
from convnets.signs.data import CLASSES, SIDE
from convnets.signs.nets import scores

__all__ = ["Answer", "answer", "read"]


class Answer(NamedTuple):
    """What a network says of a picture."""

    sign: str | None  # one of data.CLASSES; None: none that it is sure of
    share: float  # that the likeliest sign gets of all 43, from 0 to 1


def read(file: str | Path) -> Tensor:
    """The middle square of the picture in ``file``: (3, 32, 32) uint8, red first; what is clear shows white.

    Raises:
        ConvnetsError: there is no picture in the file, or one of more pixels than Pillow opens without a warning.
    """
    square = pictures.read(Path(file)).permute(2, 0, 1)[None].float()
    return F.avg_pool2d(square, pictures.SIDE // SIDE)[0].round().to(torch.uint8)


def answer(model: nn.Module, image: Tensor, temperature: float = 1.0, threshold: float = 0.0) -> Answer:
    """What ``model`` says of uint8 ``image`` (3, 32, 32), its scores divided by ``temperature``.

    Below ``threshold``, it says none. Both are chosen on validation tracks: ``studies.doubt()``.

    Raises:
        ConvnetsError: the image has another shape.
    """
    if image.shape != (3, SIDE, SIDE):
        raise ConvnetsError(f"The image has the shape {tuple(image.shape)}: give (3, {SIDE}, {SIDE}), as `read` does.")
    best = (scores(model, image[None])[0] / temperature).softmax(0).max(0)
    share = float(best.values)
    return Answer(CLASSES[int(best.indices)] if share >= threshold else None, share)
