"""PilotNet: a picture of the road in, the curvature to steer out; and a map of what it looked at.

Bojarski et al., "End to End Learning for Self-Driving Cars", 2016 (arXiv 1604.07316), section 4 and figure 4: planes Y,
U and V of 66x200 pixels, a normalisation that is not learned, five convolutions without padding, three layers of 100,
50 and 10 neurons, and one output, 1/r. :func:`table` lists the layers; they have 252,219 parameters and 26,983,375
connections, where the paper says about 250 thousand and 27 million.

What the paper leaves open, or says in two ways:
    - Its figure writes "1164 neurons" below the layer of 100. Maps of 64@1x18 flatten to 1,152; a layer of 1,164
      neurons between would bring 1.6 million parameters, against the paper's own count. Here are 1,152 and no layer.
    - The activation is not named; we take the rectifier, and initial weights after He et al. 2015.
    - The normalisation's numbers are not given; ours takes planes from 0 to 1 to -1 to 1.

Evidence is VisualBackProp: Bojarski et al. 2016, "VisualBackProp: efficient visualization of CNNs" (arXiv 1611.05418),
section III; used on PilotNet in "Explaining how a deep neural network trained with end-to-end learning steers a car",
2017 (arXiv 1704.07911).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = ["CONVOLUTIONS", "HEIGHT", "NEURONS", "WIDTH", "Layer", "Moved", "Pilot", "evidence", "moved", "table", "yuv"]

HEIGHT, WIDTH = 66, 200
CONVOLUTIONS = ((24, 5, 2), (36, 5, 2), (48, 5, 2), (64, 3, 1), (64, 3, 1))
"""Maps, side of the kernel and stride of each."""
NEURONS = (100, 50, 10, 1)


class Layer(NamedTuple):
    """A layer of the table."""

    name: str
    maps: int  # or neurons
    height: int
    width: int
    parameters: int
    connections: int  # of all its units to what they see, each unit's bias included


def table() -> list[Layer]:
    """The layers that learn, in order."""
    maps, height, width, found = 3, HEIGHT, WIDTH, []
    for place, (after, side, stride) in enumerate(CONVOLUTIONS):
        height, width = (height - side) // stride + 1, (width - side) // stride + 1
        count = after * (maps * side * side + 1)
        found.append(Layer(f"convolution {place + 1}", after, height, width, count, count * height * width))
        maps = after
    before = maps * height * width
    for place, after in enumerate(NEURONS):
        count = after * (before + 1)
        found.append(Layer(f"fully connected {place + 1}", after, 1, 1, count, count))
        before = after
    return found


class Pilot(nn.Module):
    """Planes Y, U, V from 0 to 1 (N, 3, 66, 200) to the curvature 1/r to steer, 1/m, positive to the right: (N,)."""

    def __init__(self) -> None:
        super().__init__()
        before, layers = 3, []
        for after, side, stride in CONVOLUTIONS:
            layers.append(nn.Conv2d(before, after, side, stride))
            before = after
        self.convolutions = nn.ModuleList(layers)
        last = table()[len(CONVOLUTIONS) - 1]
        sizes = (last.maps * last.height * last.width, *NEURONS)
        self.neurons = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        for layer in (*self.convolutions, *self.neurons):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        with torch.no_grad():  # begins by driving nearly straight on
            self.neurons[-1].weight.mul_(0.01)  # type: ignore[operator]

    def maps(self, planes: Tensor) -> list[Tensor]:
        """What each convolution answers, after the rectifier.

        Raises:
            ConvnetsError: the planes have another size.
        """
        if planes.shape[1:] != (3, HEIGHT, WIDTH):
            raise ConvnetsError(
                f"PilotNet takes planes of 3x{HEIGHT}x{WIDTH}, not {'x'.join(map(str, planes.shape[1:]))}: resize them."
            )
        x, found = 2 * planes - 1, []
        for layer in self.convolutions:
            x = layer(x).relu()
            found.append(x)
        return found

    def steered(self, last: Tensor) -> Tensor:
        """1/r (N,) from the last maps (N, 64, 1, 18)."""
        x = last.flatten(1)
        for layer in self.neurons[:-1]:
            x = layer(x).relu()
        return self.neurons[-1](x)[:, 0]

    def forward(self, planes: Tensor) -> Tensor:
        """1/r (N,)."""
        return self.steered(self.maps(planes)[-1])


def yuv(pictures: Tensor) -> Tensor:
    """RGB (N, 3, H, W) uint8 as planes Y, U, V from 0 to 1 (ITU-R BT.601, full range)."""
    red, green, blue = pictures.float().div(255).unbind(1)
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    return torch.stack([y, (blue - y) / 1.772 + 0.5, (red - y) / 1.402 + 0.5], 1)


def evidence(maps: list[Tensor]) -> Tensor:
    """VisualBackProp: where the picture holds what all layers answer to, from 0 to 1, (N, 66, 200).

    The mean over a layer's maps is spread to where its units looked, by a transposed convolution with weights of one
    and the layer's kernel and stride, and multiplied with the mean below; and so on down to the picture.
    """
    found = maps[-1].mean(1, keepdim=True)
    for place in range(len(CONVOLUTIONS) - 1, -1, -1):
        _, side, stride = CONVOLUTIONS[place]
        below = maps[place - 1].mean(1, keepdim=True) if place else None
        size = below.shape[2:] if below is not None else (HEIGHT, WIDTH)
        spare = [want - (have - 1) * stride - side for want, have in zip(size, found.shape[2:], strict=True)]
        found = F.conv_transpose2d(found, found.new_ones(1, 1, side, side), stride=stride, output_padding=spare)
        found = found if below is None else found * below
    found = found[:, 0]
    low, high = found.amin((1, 2), keepdim=True), found.amax((1, 2), keepdim=True)
    return (found - low) / (high - low).clamp(min=1e-12)


class Moved(NamedTuple):
    """By how much 1/r changes on average when something moves to the right, and how much of the picture that is."""

    share: float  # of the pixels that are evidence
    whole: float  # 1/m, when the whole picture moves
    evidence: float  # 1/m, when only what is evidence does
    rest: float  # 1/m, when only the rest does


@torch.inference_mode()
def moved(model: Pilot, planes: Tensor, pixels: int = 8, least: float = 0.1, around: int = 3) -> Moved:
    """Whether ``evidence`` is what steers: the test of Bojarski et al. 2017, with the picture moved by ``pixels``.

    What has ``least`` evidence, and ``around`` pixels beside it, moves over the rest, which stays; then the rest moves
    over what is evidence. What leaves the picture on the right comes in on the left.
    """
    maps = model.maps(planes)
    before, seen = model.steered(maps[-1]), evidence(maps)[:, None]
    chosen = F.max_pool2d((seen >= least).float(), 2 * around + 1, 1, around) > 0
    shifted = planes.roll(pixels, 3)

    def change(region: Tensor) -> float:
        return float((model(torch.where(region.roll(pixels, 3), shifted, planes)) - before).mean())

    everywhere = torch.ones_like(chosen)
    return Moved(float(chosen.float().mean()), change(everywhere), change(chosen), change(~chosen))
