"""What a page shows of the small AlexNets: every stage of their answers to ten crops, and what the demo must know.

``convnets export alexnet`` writes the networks of :data:`LIVE` as graphs and :data:`FACTS` as JSON.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from convnets.alexnet import data, studies, tiny
from convnets.alexnet.data import CROP, MEANS, SIDE, TEN
from convnets.alexnet.nets import NETS
from convnets.alexnet.small import ALPHA, GREY, Narrow, response_norm
from convnets.common import runs, seeds
from convnets.common.export import Live, word
from convnets.common.inputs import Input, uniform
from convnets.common.samples import Sample, Samples

__all__ = ["FACTS", "LIVE", "layers", "samples"]

OUTPUTS = (
    *("conv1", "norm1", "pool1", "conv2", "norm2", "pool2", "conv3", "conv4", "conv5", "pool5"),
    *("dense6", "dense7", "scores"),
)
"""Names of what :func:`_stages` returns."""


def _stages(model: Narrow, image: Tensor) -> tuple[Tensor, ...]:
    """The model's stages, and between them the normalised answers of the first two convolutions."""
    conv1, pool1, conv2, *others = model.stages(image)
    return conv1, response_norm(conv1, ALPHA), pool1, conv2, response_norm(conv2, ALPHA), *others


_LIVE = Live({"image": Input((3, CROP, CROP), uniform(0, 1))}, OUTPUTS, _stages)
LIVE: dict[str, Live] = {"cifar": _LIVE, "tiny": _LIVE}
"""The networks that pages can show, by name."""


def layers(net: str) -> list[dict[str, Any]]:
    """Every stage as the demo explains it: its kind, its window, and the name of its parameters."""
    model, found = NETS[net](), []
    for name in OUTPUTS:
        part: Any = getattr(model, name, None)
        kind = name.rstrip("0123456789")
        told: dict[str, Any] = {"name": name, "title": word(f"{kind} {name[len(kind) :]}".strip())}
        if isinstance(part, nn.Conv2d):
            window = {"kernel": part.kernel_size[0], "stride": part.stride[0], "pad": part.padding[0]}
            told |= {"kind": "convolution", "tensors": name, "squash": "relu", "groups": part.groups, **window}
        elif isinstance(part, nn.Linear):
            told |= {"kind": "full", "tensors": name, "squash": "none" if name == "scores" else "relu"}
        elif kind == "pool":
            told |= {"kind": "maximum", "kernel": 3, "stride": 2, "pad": 0}
        else:
            told |= {"kind": "normalisation", "size": 5, "alpha": ALPHA, "beta": 0.75, "k": 2}
        found.append(told)
    return found


def _trainings(recipe: str) -> dict[str, Any]:
    """Curves of all seeds of a recipe, and its mean test error."""
    stems = sorted(stem for stem in runs.names("alexnet") if stem.rpartition("-")[0] == recipe)
    curves = [runs.read("alexnet", stem)["curves"] for stem in stems]
    kept = {"training": "train_error", "validation": "validation_error"}
    found = {name: [[round(value, 4) for value in curve[key]] for curve in curves] for name, key in kept.items()}
    return found | {"error": round(seeds.summary("alexnet", recipe, "error").mean, 6)}


def _parts() -> dict[str, Any]:
    """The trainings of the base and of each change of it, and by how much it moves the test error, seed by seed."""
    moved, changed = studies.changes(), {}
    for key, (recipe, name) in studies.CHANGES.items():
        difference = [round(moved[key].low, 6), round(moved[key].high, 6)]
        changed[key] = {"name": word(name), **_trainings(recipe), "difference": difference}
    return {"all": {"name": word("all parts but dropout"), **_trainings(studies.BASE)}, "changed": changed}


def samples() -> Samples:
    """Four telling test images of CIFAR-10, and the first two of each class, which the chapter shows."""
    test, told = data.load("test"), studies.crops("cifar")["telling"]
    places = [*told, *(int((test.labels == label).nonzero()[rank, 0]) for rank in range(2) for label in range(10))]
    pictures = [Sample(test.images[place].numpy(), data.CLASSES[int(test.labels[place])], place) for place in places]
    return Samples("CIFAR-10, test images", "CIFAR-10, by A. Krizhevsky", pictures)


FACTS: dict[str, Any] = {
    "side": SIDE,
    "crop": CROP,
    "ten": TEN,
    "grey": GREY / 255,
    "nets": {
        "cifar": {
            "title": word("10 classes (CIFAR-10)"),
            "classes": [word(name) for name in data.CLASSES],
            "mean": MEANS["cifar"],
            "layers": layers("cifar"),
        },
        "tiny": {
            "title": word("100 classes (Tiny ImageNet)"),
            "classes": [word(name) for name in tiny.CLASSES],
            "mean": MEANS["tiny"],
            "layers": layers("tiny"),
        },
    },
    "parts": _parts(),
}
"""Constants, tables and curves of the demo, exported once, so that no page holds a copy typed by hand."""
