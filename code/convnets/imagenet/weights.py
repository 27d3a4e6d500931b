"""Reads the weights that torchvision publishes into the landmarks of :mod:`convnets.imagenet.model`.

They lie in files such as ``resnet18-f37072fd.pth``, which PyTorch's loader opens without running what they hold
(``weights_only``), or in safetensors files of the same names. Sources: https://docs.pytorch.org/vision/stable/models.html.

Deviations:
    - torchvision's GoogLeNet has 3x3 kernels where the paper has 5x5, and batch normalisation: its weights fit no
      network of the paper and are refused.
    - There are no weights of ZFNet, of SENet-154 or of the two widest ResNeXts there.
"""

from __future__ import annotations

import re
from pathlib import Path

import torch
from torch import Tensor, nn

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from convnets.imagenet.model import build

__all__ = ["TORCHVISION", "load", "read", "renamed"]

TORCHVISION: dict[str, str] = {
    "vgg11": "vgg11", "vgg13": "vgg13", "vgg16": "vgg16", "vgg19": "vgg19",
    "resnet18": "resnet18", "resnet34": "resnet34", "resnet50": "resnet50", "resnet101": "resnet101",
    "resnet152": "resnet152", "resnext50-32x4d": "resnext50_32x4d", "resnext101-32x8d": "resnext101_32x8d",
}  # fmt: skip
"""Our name of each landmark whose graph torchvision shares, and torchvision's."""

_RULES = (
    (r"^layer(\d)\.", lambda found: f"stages.{int(found[1]) - 1}."),
    (r"\.downsample\.", lambda _: ".shortcut."),
    (r"^fc\.", lambda _: "classifier."),
)


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's state dict of a VGG or a ResNet under our names."""
    found = {}
    for name, tensor in state.items():
        for pattern, new in _RULES:
            name = re.sub(pattern, new, name)
        found[name] = tensor
    return found


def read(file: str | Path) -> dict[str, Tensor]:
    """The tensors of a weights file, by torchvision's names.

    Raises:
        ConvnetsError: it is missing, damaged, or holds anything else than tensors.
    """
    file = Path(file)
    content = assets.read_file(file, "give the path of a file that torchvision publishes")
    if file.suffix == ".safetensors":
        return assets.read_tensors(content, file)
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever PyTorch raises on a file that is not one of its own
        raise ConvnetsError(
            f"{file} is no PyTorch file of plain tensors ({type(error).__name__}): fetch it again from torchvision."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ConvnetsError(f"{file} holds {type(state).__name__}, not a state dict of tensors: give a weights file.")
    return dict(state)


def load(name: str, file: str | Path) -> nn.Module:
    """The landmark ``name`` with torchvision's weights from ``file``, ready to predict.

    Raises:
        ConvnetsError: torchvision has no weights of such a network, or the file's are of another.
    """
    if name not in TORCHVISION:
        raise ConvnetsError(
            f"torchvision publishes no weights of {name!r} as its paper has it: choose one of {', '.join(TORCHVISION)}."
        )
    model = build(name, "meta").to_empty(device="cpu")
    state = renamed(read(file))
    for key, tensor in model.state_dict().items():  # files older than PyTorch 0.4.1 do not count batches
        if key.endswith("num_batches_tracked"):
            state.setdefault(key, torch.zeros_like(tensor))
    assets.fill(model, state, Path(file))
    return model.eval()
