"""What every system does with its published networks: load one by name, and measure it on data.

The dictionary that :func:`contract` makes is the evaluation contract, the same for every system: ``system, net,
dataset, split, count, seen_in_training, metrics, interval95, digest_known, weights_sha256, device``; and ``tolerance``
for the metrics that may differ by other than one in ten thousand on another processor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from convnets.common import assets, runs, stats
from convnets.common.errors import ConvnetsError
from convnets.common.sets import Labelled

__all__ = ["Examples", "On", "answers", "contract", "examples", "load", "mistakes", "splits"]

Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True)
class On:
    """What a network was measured on."""

    dataset: str
    split: str  # test or all
    count: int  # examples, of whatever kind the system's are
    seen_in_training: int  # of them, by a published network; of strangers' data none is known to be
    digest_known: bool  # whether these are the published data


class Examples(NamedTuple):
    """Labelled images to measure a network on."""

    images: Tensor  # (N, ...) as the data module keeps them
    labels: Tensor  # (N,)
    on: On


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
    dataset: str,
    read: Callable[[str, str | None], Labelled],
    held_out: Callable[[Labelled], int],
    split: str,
    folder: str | None,
) -> Examples:
    """The images of ``split``: ``test``, or ``all`` for training and test images together.

    ``read(part, folder)`` gives the ``train`` or ``test`` images; of published training images, ``held_out(images)``
    were kept from training. What strangers' images a network has seen is not known: then none is counted as seen.

    Raises:
        ConvnetsError: unknown split, no image in it, missing or damaged data.
    """
    names = splits(split)
    parts = [read(name, folder) for name in names]
    count = sum(len(part.labels) for part in parts)
    if not count:
        raise ConvnetsError(f"The {split} split holds no image: point --data at a folder with the whole data set.")
    trained_on = names[0] == "train" and parts[0].digest_known
    seen = len(parts[0].labels) - held_out(parts[0]) if trained_on else 0
    on = On(dataset, split, count, seen, all(part.digest_known for part in parts))
    return Examples(torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts]), on)


def splits(split: str) -> list[str]:
    """Names of the parts that make up ``split``.

    Raises:
        ConvnetsError: it is neither ``test`` nor ``all``.
    """
    if split not in ("test", "all"):
        raise ConvnetsError(f"There is no split {split!r} to evaluate: choose `test` or `all`.")
    return ["test"] if split == "test" else ["train", "test"]


@torch.inference_mode()
def answers(model: nn.Module, images: Tensor, prepare: Callable[[Tensor], Tensor], batch_size: int) -> Tensor:
    """What ``model`` answers to ``prepare(images)``, batch by batch on the model's device; the answer on the CPU."""
    device = next(model.parameters()).device
    model.eval()
    return torch.cat([model(prepare(batch.to(device))).cpu() for batch in images.split(batch_size)])


def mistakes(classes: Tensor, labels: Tensor) -> stats.Measured:
    """The metric ``error`` of a classification: the share of ``classes`` (N,) that are not the ``labels`` (N,)."""
    return stats.share("error", int((classes != labels).sum()), len(labels))


def contract(system: str, net: str, on: On, measured: Sequence[stats.Measured], device: str) -> dict[str, Any]:
    """The evaluation contract's dictionary for what was ``measured`` of a published network.

    Raises:
        ValueError: a metric has no interval.
    """
    if bare := [one.name for one in measured if one.interval is None]:
        raise ValueError(f"{system} measures {', '.join(bare)} without an interval")
    other = {one.name: one.tolerance for one in measured if one.tolerance != stats.ONE_IN_TEN_THOUSAND}
    found = {
        "system": system,
        "net": net,
        **asdict(on),
        "metrics": {one.name: one.value for one in measured},
        "interval95": {one.name: one.interval for one in measured},
        "weights_sha256": assets.sha256(assets.read_bytes(system, f"{net}.safetensors")),
        "device": device,
    }
    return found | ({"tolerance": other} if other else {})
