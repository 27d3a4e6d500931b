"""The chapter's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convnets.common.plot import image_grid
from press.publish.thin import data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["samples"]


def samples(count: int = 6) -> Figure:
    """Test images, in their order, with their classes."""
    test = data.load("test")
    return image_grid(
        [image.numpy() for image in test.images[:count]],
        columns=count,
        titles=[data.CLASSES[label] for label in test.labels[:count].tolist()],
        size=1.1,
    )
