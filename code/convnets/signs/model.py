"""Three networks that read a traffic sign: two scales to one classifier, a window that moves, and our own.

Sources:
    - Sermanet, LeCun: "Traffic sign recognition with multi-scale convolutional networks", IJCNN 2011:
      :class:`MultiScale`, two stages whose answers *both* go to the classifier, the first after more subsampling; 108
      maps in each, of which 100 of the first stage see the luminance and 8 the colours.
    - Jaderberg, Simonyan, Zisserman, Kavukcuoglu: "Spatial Transformer Networks", NIPS 2015, section 3:
      :class:`Transformer`, a localisation network, a grid and a sampler before the network that classifies.
    - :class:`Plain` is this book's own: batch-normalised 3x3 convolutions (Simonyan, Zisserman 2015; Ioffe, Szegedy
      2015), two scales to one classifier as in 2011.

Shapes: all take colours (N, 3, 32, 32) from 0 to 1 and give a score for each class (N, 43).

Deviations:
    - The paper of 2011 could not be opened beyond its abstract. That the best of its networks has 108 maps in each
      stage, that 100 of the first stage see the luminance and 8 the colours, that filters are 5x5, pooling takes means
      of 2x2, the nonlinearity is a rectified hyperbolic tangent, stage 1 is subsampled by 2 once more and the
      classifier has one hidden layer of 100 tanh units, is general knowledge of the paper and how later copies of the
      network have it. None of these numbers was seen in the paper, and no parameter count of it is compared.
    - No local normalisation between the stages of :class:`MultiScale`, only at its input.
    - The paper of 2015 has no traffic signs; :class:`Transformer` has its parts at the size of this task. What the
      localisation network says changes the window a tenth as much, so that it learns more slowly than the rest; and its
      hidden units have a tanh: rectified, all of them died, and the window was the same for every picture.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.signs.contrast import DARK, even, gaussian, local_contrast, standardised, yuv
from convnets.signs.data import COUNT

__all__ = ["MULTISCALE", "Plain", "Layer", "Localiser", "MultiScale", "Transformer", "grid", "sample"]

SLOW = 0.1  # of the window's steps
POOLED = 4  # places a side of what the classifier of Plain sees of each scale


class Layer(NamedTuple):
    """A layer of :class:`MultiScale`."""

    name: str
    maps: int
    sides: int  # of its maps, places
    inputs: int  # that a unit sees, through weights of its own kind
    parameters: int


MULTISCALE = (
    Layer("stage 1, from Y", 100, 28, 1 * 25, 100 * (1 * 25 + 1)),
    Layer("stage 1, from U and V", 8, 28, 2 * 25, 8 * (2 * 25 + 1)),
    Layer("pooled 1", 108, 14, 4, 0),
    Layer("stage 2", 108, 10, 108 * 25, 108 * (108 * 25 + 1)),
    Layer("pooled 2", 108, 5, 4, 0),
    Layer("pooled 1 again", 108, 7, 4, 0),
    Layer("hidden", 100, 1, 108 * (5 * 5 + 7 * 7), 100 * (108 * 74 + 1)),
    Layer("scores", COUNT, 1, 100, COUNT * 101),
)
"""Sermanet and LeCun's 108-108 network, layer by layer."""


class MultiScale(nn.Module):
    """Two stages of convolution, rectified tanh and mean pooling; the classifier sees both."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        light, colour, _, second, _, _, hidden, scores = MULTISCALE
        self.light = nn.Conv2d(1, light.maps, 5)
        self.colour = nn.Conv2d(2, colour.maps, 5)
        self.second = nn.Conv2d(light.maps + colour.maps, second.maps, 5)
        self.hidden = nn.Linear(hidden.inputs, hidden.maps)
        self.scores = nn.Linear(scores.inputs, scores.maps)
        self.register_buffer("window", gaussian(9, 2.0), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 43)."""
        y, colours = yuv(x).split((1, 2), 1)
        y = local_contrast(y - y.mean((2, 3), keepdim=True), self.window)
        first = torch.cat([self.light(y), self.colour(colours)], 1).tanh().abs()
        first = F.avg_pool2d(first, 2)
        second = F.avg_pool2d(self.second(first).tanh().abs(), 2)
        both = torch.cat([F.avg_pool2d(first, 2).flatten(1), second.flatten(1)], 1)
        return self.scores(self.hidden(both).tanh())


def _convolution(inputs: int, maps: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, maps, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(maps), nn.ReLU(inplace=True)
    )


class Plain(nn.Module):
    """Five convolutions at three sizes; a linear classifier of local means of the last maps at two of them.

    Because nothing stands between those maps and the scores but means and weights, each score is a sum over places:
    :meth:`evidence` is exact.
    """

    window: Tensor

    def __init__(self, widths: tuple[int, int, int] = (24, 48, 96)) -> None:
        """``widths`` are the maps at 32, 16 and 8 places a side."""
        super().__init__()
        one, two, three = widths
        self.first = _convolution(4, one, 5)
        self.second = nn.Sequential(_convolution(one, two), _convolution(two, two))
        self.third = nn.Sequential(_convolution(two, three), _convolution(three, three))
        self.fine = nn.Linear(two * POOLED**2, COUNT)
        self.coarse = nn.Linear(three * POOLED**2, COUNT, bias=False)
        self.register_buffer("window", gaussian(9, 2.0), persistent=False)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")

    def seen(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 4, 32, 32): standardised colours and local contrast, both of logarithms of light.

        In logarithms, half the light is a constant less: what lies in the shade looks as it does in the sun.
        """
        light = (yuv(x)[:, :1] + DARK).log()
        return torch.cat([standardised((x + DARK).log()), even(light, self.window)], 1)

    def maps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3, 32, 32) -> the last maps (N, C, 16, 16) and (N, D, 8, 8) that the classifier sees."""
        fine = self.second(F.max_pool2d(self.first(self.seen(x)), 2))
        return fine, self.third(F.max_pool2d(fine, 2))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 43)."""
        fine, coarse = self.maps(x)
        return self.fine(F.avg_pool2d(fine, 4).flatten(1)) + self.coarse(F.avg_pool2d(coarse, 2).flatten(1))

    def evidence(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 43, 16, 16): what each place adds to each score; the bias is added, too."""
        fine, coarse = self.maps(x)
        near = torch.einsum("nchw,kchw->nkhw", fine, _spread(self.fine.weight, fine.shape[1], 4))
        far = torch.einsum("nchw,kchw->nkhw", coarse, _spread(self.coarse.weight, coarse.shape[1], 2))
        return near + far.repeat_interleave(2, 2).repeat_interleave(2, 3) / 4


def _spread(weight: Tensor, maps: int, times: int) -> Tensor:
    """Weights of means (K, C * 16) as weights of the places that each is the mean of: (K, C, 4 * times, 4 * times)."""
    square = weight.reshape(len(weight), maps, POOLED, POOLED) / times**2
    return square.repeat_interleave(times, 2).repeat_interleave(times, 3)


class Localiser(nn.Module):
    """The localisation network: from a picture to the six numbers of an affine map, at first the identity."""

    def __init__(self, inputs: int = 4) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.AvgPool2d(2), _convolution(inputs, 16, 5), nn.MaxPool2d(2), _convolution(16, 32), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 4 * 4, 32), nn.Tanh(),
        )  # fmt: skip
        self.theta = nn.Linear(32, 6)
        nn.init.zeros_(self.theta.weight)
        nn.init.zeros_(self.theta.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, 32, 32) -> (N, 2, 3), the matrix of equation 1."""
        change = self.theta(self.look(x)).float().reshape(-1, 2, 3)
        return torch.eye(2, 3, device=x.device) + SLOW * change


def grid(theta: Tensor, side: int) -> Tensor:
    """Where each of side x side places of the output looks: (N, side, side, 2), x and y from -1 to 1 (equation 1)."""
    middles = (torch.arange(side, device=theta.device) + 0.5) * (2 / side) - 1
    y, x = torch.meshgrid(middles, middles, indexing="ij")
    matrix = theta[:, :, :, None, None]
    return (matrix[:, :, 0] * x + matrix[:, :, 1] * y + matrix[:, :, 2]).permute(0, 2, 3, 1)


def sample(x: Tensor, places: Tensor) -> Tensor:
    """Pixels of (N, C, H, W) at ``places`` (N, h, w, 2), each a mean of its four neighbours (equation 5).

    Beyond the edge, a picture goes on as at its edge.
    """
    count, colours, height, width = x.shape
    across = ((places[..., 0] + 1) * width / 2 - 0.5).clamp(0, width - 1)
    down = ((places[..., 1] + 1) * height / 2 - 0.5).clamp(0, height - 1)
    left, top = across.floor(), down.floor()
    right, below = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
    flat, found = x.reshape(count, colours, -1), torch.zeros((), device=x.device)
    for column, beside in ((left, 1 - (across - left)), (right, across - left)):
        for row, above in ((top, 1 - (down - top)), (below, down - top)):
            index = (row * width + column).long().reshape(count, 1, -1).expand(-1, colours, -1)
            pixels = flat.gather(2, index).reshape(count, colours, *places.shape[1:3])
            found = found + (beside * above)[:, None] * pixels
    return found


class Transformer(nn.Module):
    """A network that chooses the window it looks through: a spatial transformer before :class:`Plain`."""

    def __init__(self, widths: tuple[int, int, int] = (24, 48, 96)) -> None:
        super().__init__()
        self.reader = Plain(widths)
        self.localiser = Localiser()

    def theta(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 2, 3): the window, as an affine map from output places to input places."""
        return self.localiser(self.reader.seen(x))

    def look(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 3, 32, 32): what the classifier is shown."""
        return sample(x, grid(self.theta(x), x.shape[-1]))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 43)."""
        return self.reader(self.look(x))
