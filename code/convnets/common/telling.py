"""What long work says while it runs. Nothing here can change a result, and no run's key holds it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from tqdm import tqdm

__all__ = ["progress"]

Item = TypeVar("Item")


def progress(items: Collection[Item], what: str) -> Collection[Item]:
    """``items``, one after the other, with a bar called ``what`` where somebody watches; it goes away at the end."""
    bar: Collection[Item] = tqdm(items, what, leave=False, disable=None)
    return bar
