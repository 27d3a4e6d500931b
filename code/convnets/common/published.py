"""What every system does with its published networks: load one by name, and measure it on images.

The dictionary that comes out is the evaluation contract, the same for every system: ``system, net, dataset, split,
count, seen_in_training, metrics, interval95, digest_known, weights_sha256, device``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

from convnets.common import assets, runs, stats
from convnets.common.errors import ConvnetsError

__all__ = ["Examples", "examples", "heading", "load", "proportions", "splits"]

Model = TypeVar("Model", bound=nn.Module)


class Part(Protocol):
    """A split of labelled images, such as a system's ``data.load`` gives."""

    @property
    def images(self) -> Tensor:
        """The images, (N, ...)."""

    @property
    def labels(self) -> Tensor:
        """Their labels, (N,)."""

    @property
    def digest_known(self) -> bool:
        """Whether these are the published files."""


class Examples(NamedTuple):
    """What a network is measured on."""

    images: Tensor  # (N, ...) as the data module keeps them
    labels: Tensor  # (N,)
    digest_known: bool
    seen_in_training: int  # how many of them a published network has learned from


def load(system: str, nets: Mapping[str, Callable[[], Model]], net: str) -> Model:
    """The published network ``net`` of ``system``, built by ``nets[net]``, with its weights, ready to answer.

    Raises:
        ConvnetsError: unknown name, or weights that are missing, damaged or of no recorded run.
    """
    if net not in nets:
        raise ConvnetsError(f"The chapter {system} has no network {net!r}: choose one of {', '.join(nets)}.")
    model = nets[net]()
    runs.load_weights(model, system, net)
    return model.eval()


def examples(
    read: Callable[[str, str | None], Part], held_out: Callable[[int], int], split: str, folder: str | None
) -> Examples:
    """The images of ``split``: ``test``, or ``all`` for training and test images together.

    ``read(part, folder)`` gives the ``train`` or ``test`` images; of N published training images, ``held_out(N)`` were
    kept from training. What strangers' images a network has seen is not known: then none is counted as seen.

    Raises:
        ConvnetsError: unknown split, no image in it, missing or damaged data.
    """
    names = splits(split)
    parts = [read(name, folder) for name in names]
    if not sum(len(part.labels) for part in parts):
        raise ConvnetsError(f"The {split} split holds no image: point --data at a folder with the whole data set.")
    trained_on = names[0] == "train" and parts[0].digest_known
    return Examples(
        torch.cat([part.images for part in parts]),
        torch.cat([part.labels for part in parts]),
        all(part.digest_known for part in parts),
        len(parts[0].labels) - held_out(len(parts[0].labels)) if trained_on else 0,
    )


def splits(split: str) -> list[str]:
    """Names of the parts that make up ``split``.

    Raises:
        ConvnetsError: it is neither ``test`` nor ``all``.
    """
    if split not in ("test", "all"):
        raise ConvnetsError(f"There is no split {split!r} to evaluate: choose `test` or `all`.")
    return ["test"] if split == "test" else ["train", "test"]


def heading(system: str, net: str, split: str, device: str) -> dict[str, Any]:
    """What the contract says before anything is measured: which weights, on what."""
    return {
        "system": system,
        "net": net,
        "split": split,
        "weights_sha256": assets.sha256(assets.read_bytes(system, f"{net}.safetensors")),
        "device": device,
    }


def proportions(dataset: str, on: Examples, counts: Mapping[str, int]) -> dict[str, Any]:
    """The rest of the contract, for shares: how many of the examples each metric counts; the intervals are Wilson's."""
    count = len(on.labels)
    return {
        "dataset": dataset,
        "count": count,
        "seen_in_training": on.seen_in_training,
        "metrics": {name: hits / count for name, hits in counts.items()},
        "interval95": {name: stats.wilson(hits, count) for name, hits in counts.items()},
        "digest_known": on.digest_known,
    }
