"""Measurements beyond the test error: what the published networks get wrong, and what bare pixels would give.

Those that need images are recorded functions: their result is loaded if it is stored for this code and these weights,
else computed. The other is made of run records.
"""

from __future__ import annotations

from typing import Any

from convnets.alexnet.studies import bare_pixels, difference, misread
from convnets.common import published, seeds
from convnets.common.recorded import recorded
from convnets.imagenet import data
from convnets.imagenet.nets import load as load_net

__all__ = ["baselines", "deepened", "mistakes"]

Result = dict[str, Any]


@recorded("imagenet")
def mistakes(net: str = "residual-56", *, device: str) -> Result:
    """Test images that ``net`` gets wrong, the most certain first: index, label, answer, the answer's probability."""
    test = data.load("test")
    return misread(published.answers(load_net(net).to(device), test.images, data.prepare, 250).softmax(1), test.labels)


@recorded("imagenet")
def baselines(*, device: str) -> Result:
    """Errors on the same images of two classifiers of bare pixels, as AlexNet's chapter has them."""
    return bare_pixels(data.split(), data.prepare, device)


def deepened(split: str) -> dict[str, seeds.Summary]:
    """By how much the error on ``split`` moves from 20 to 56 layers, of either kind: mean and interval over seeds."""
    return {kind: difference("imagenet", f"{kind}-20", f"{kind}-56", split) for kind in ("plain", "residual")}
