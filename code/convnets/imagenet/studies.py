"""Measurements beyond the test error: what the published networks get wrong, and what bare pixels would give.

Each is a recorded function: its result is loaded if it is stored for this code and these weights, else computed.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import published, stats
from convnets.common.recorded import recorded
from convnets.imagenet import data
from convnets.imagenet.nets import load as load_net

__all__ = ["baselines", "mistakes"]

Result = dict[str, Any]

_DECAYS = (3e-4, 3e-3)


@recorded("imagenet")
def mistakes(net: str = "residual-56", *, device: str) -> Result:
    """Test images that ``net`` gets wrong, the most certain first: index, label, answer, the answer's probability."""
    test = data.load("test")
    best = published.answers(load_net(net).to(device), test.images, data.prepare, 250).softmax(1).max(1)
    wrong = (best.indices != test.labels).nonzero()[:, 0]
    wrong = wrong[best.values[wrong].argsort(descending=True)]
    return {
        "index": wrong.tolist(),
        "label": test.labels[wrong].tolist(),
        "answer": best.indices[wrong].tolist(),
        "probability": [round(value, 4) for value in best.values[wrong].tolist()],
    }


@recorded("imagenet")
def baselines(*, device: str) -> Result:
    """Errors of two classifiers of bare pixels on the same images: the nearest training image, and a linear softmax.

    The softmax's weight decay is chosen on the validation images.
    """
    parts = data.split()
    images = [data.prepare(part.images).flatten(1).to(device) for part in parts]
    labels = [part.labels.to(device) for part in parts]
    nearest = labels[0][torch.cat([torch.cdist(some, images[0]).argmin(1) for some in images[2].split(100)])]
    fitted = [_softmax(images[0], labels[0], decay) for decay in _DECAYS]
    held = [float(((images[1] @ weight).argmax(1) != labels[1]).double().mean()) for weight in fitted]
    linear = (images[2] @ fitted[held.index(min(held))]).argmax(1)
    count = len(labels[2])
    found = {name: int((answer != labels[2]).sum()) for name, answer in (("nearest", nearest), ("linear", linear))}
    return {name: stats.share("error", wrong, count)._asdict() for name, wrong in found.items()}


def _softmax(x: Tensor, labels: Tensor, decay: float, steps: int = 30) -> Tensor:
    """Weights (D, 10) that fit labels to x (N, D), by L-BFGS."""
    weight = torch.zeros(x.shape[1], len(data.CLASSES), device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=steps, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(x @ weight, labels) + decay * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)  # type: ignore[arg-type]
    return weight.detach()
