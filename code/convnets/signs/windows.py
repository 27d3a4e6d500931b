"""Whether the window of a spatial transformer follows a sign that is moved, turned or made smaller."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from convnets.common.recorded import recorded
from convnets.signs import data, nets
from convnets.signs.distort import warped

__all__ = ["MOVED", "SHRUNK", "TURNED", "follows", "window"]

Result = dict[str, Any]

EVERY = 5
"""Of so many test pictures one is looked at."""
MOVED, TURNED, SHRUNK = 4.0, 15.0, 0.75
"""What is done to pictures in :func:`follows`: pixels to the right, degrees, and to which part of their size."""


@recorded("signs")
def follows(net: str = "best", *, device: str) -> Result:
    """By how much the window of ``net`` follows every fifth test picture that is moved, turned and made smaller.

    ``moved`` is in pixels, ``turned`` in degrees, ``shrunk`` a factor; :data:`MOVED`, :data:`TURNED` and :data:`SHRUNK`
    would undo what was done. Means over pictures, of the factor a geometric one.
    """
    model, test = nets.load(net).to(device), data.load("test")
    x = data.planes(test.take(torch.arange(0, len(test.labels), EVERY)).images)
    half, angle = data.SIDE / 2, math.radians(TURNED)
    done = {
        "moved": torch.tensor([[1, 0, -MOVED / half], [0, 1, 0], [0, 0, 1]]),
        "turned": torch.tensor(
            [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]
        ).inverse(),
        "shrunk": torch.diag(torch.tensor([1 / SHRUNK, 1 / SHRUNK, 1])),
    }

    @torch.inference_mode()
    def seen(matrix: Tensor) -> dict[str, Tensor]:
        parts = [warped(some, matrix.expand(len(some), 3, 3)) for some in x.split(250)]
        return window(torch.cat([model.theta(part.to(device)).cpu() for part in parts]))  # type: ignore[operator]

    before, found = seen(torch.eye(3)), {}
    for name, matrix in done.items():
        after = seen(matrix)
        change = after[name] / before[name] if name == "shrunk" else after[name] - before[name]
        found[name] = float(change.log().mean().exp() if name == "shrunk" else change.mean())
    return found


def window(theta: Tensor) -> dict[str, Tensor]:
    """Of windows (N, 2, 3): how far right their middle lies, pixels; their turn, degrees; their size, a factor."""
    turn = torch.atan2(theta[:, 1, 0] - theta[:, 0, 1], theta[:, 0, 0] + theta[:, 1, 1])
    size = theta[:, :, :2].det().abs().sqrt()
    return {"moved": theta[:, 0, 2] * data.SIDE / 2, "turned": turn.rad2deg(), "shrunk": size}
