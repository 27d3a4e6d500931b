"""What a run tells of itself: the name of its device, and how far it is. No result depends on it, and so no key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

__all__ = ["bar", "device_name"]

Item = TypeVar("Item")


def bar(items: Iterable[Item], what: str) -> Iterator[Item]:
    """``items``, with a progress bar where somebody is looking; it is gone afterwards."""
    from tqdm import tqdm

    return iter(tqdm(items, what, leave=False, disable=None))


def device_name(device: torch.device | str) -> str:
    """What a record says of the device: ``cuda: NVIDIA H200`` or ``cpu: 2 threads``."""
    import torch

    device = torch.device(device)
    if device.type == "cuda":
        return f"cuda: {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"cpu: {threads} thread{'s' if threads > 1 else ''}"
