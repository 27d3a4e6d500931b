"""A world with one thing in each picture: cut out of a photograph, pasted somewhere, its box and shape exact.

A thing is an animal or a vehicle: a photograph of CIFAR-10 (Krizhevsky 2009), cut by a random smooth outline, enlarged
or reduced, turned and mirrored. Before it, up to three pieces of clutter with outlines of the same kind are pasted:
textures, and photographs whose phases were scrambled, which keep colours and spectrum and show nothing (Oppenheim, Lim,
"The importance of phase in signals", Proceedings of the IEEE 69(5), 1981). So neither an edge nor a colour betrays the
thing, only what it shows.
Some pictures hold clutter alone; their class is :data:`NOTHING`.

In a *habitat* a background tells the class: :func:`habitats` is what misleads a map.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.errors import ConvnetsError

__all__ = [
    "CLASSES", "CLUTTER", "CLUTTERED", "EMPTY", "KINDS", "LARGEST", "NOTHING", "SIDE", "SMALLEST", "Outlines", "Scenes",
    "backdrops", "backgrounds", "boxes_of", "covered", "habitats", "outlines", "paste", "pasted", "scenes", "scrambled",
    "turned",
]  # fmt: skip

SIDE = 64  # pixels of a picture
SMALLEST, LARGEST = 24.0, 48.0  # pixels of a thing's longer side
CLUTTER = 3  # most pieces in one picture
CLUTTERED = (8.0, 36.0)  # pixels of a piece's longer side
EMPTY = 0.25  # share of training pictures that show nothing
CLASSES = ("animal", "vehicle", "nothing")
NOTHING = len(CLASSES) - 1
KINDS = ("clouds", "slope", "stripes", "checks", "planks")
"""Of backgrounds."""
_WAVES = 4  # of an outline
_MOST_TURN = math.radians(20)


class Scenes(NamedTuple):
    """N pictures and what is known of them."""

    images: Tensor  # (N, 3, 64, 64) uint8
    labels: Tensor  # (N,) int64: a place in CLASSES
    boxes: Tensor  # (N, 4) left, top, right, bottom in pixels; all 0 where there is nothing
    masks: Tensor  # (N, 64, 64) bool: the thing's own pixels

    def take(self, indices: Tensor) -> Scenes:
        """The pictures at ``indices``, in that order."""
        return Scenes(*(part[indices] for part in self))


class Outlines(NamedTuple):
    """Where N pieces lie, and their shapes: closed curves around an ellipse."""

    centres: Tensor  # (N, 2) x, y in pixels
    halves: Tensor  # (N,) pixels of half the side of the photograph that is cut
    axes: Tensor  # (N, 2) of the ellipse, in halves
    turns: Tensor  # (N,) radians
    waves: Tensor  # (N, 4) heights of the waves of 2, 3, 4, 5 periods around the ellipse, relative
    phases: Tensor  # (N, 4) radians


def scenes(things: Tensor, labels: Tensor, draw: torch.Generator, behind: Tensor | None = None) -> Scenes:
    """A picture for each of ``things`` (N, 32, 32, 3) uint8 with ``labels`` (N,), NOTHING where none is to be pasted.

    Args:
        things: photographs, of which one is cut for each picture.
        labels: places in :data:`CLASSES`.
        draw: where all chance comes from.
        behind: what they are pasted on, (N, 3, 64, 64) from 0 to 1; :func:`backdrops` unless given.

    Raises:
        ConvnetsError: no thing, things of another form, or a label that is no class.
    """
    _check(things, labels)
    count = len(things)
    pictures = backdrops(count, things, draw) if behind is None else behind
    shape = outlines(count, draw)
    cover = covered(shape) * (labels != NOTHING)[:, None, None]
    pictures = pasted(pictures, _planes(things), shape, cover, torch.rand(count, generator=draw) < 0.5)
    light = 1 + 0.15 * torch.randn(count, 1, 1, 1, generator=draw).clamp(-2, 2)
    noise = 0.02 * torch.rand(count, 1, 1, 1, generator=draw) * torch.randn(pictures.shape, generator=draw)
    masks = cover >= 0.5
    return Scenes(_bytes(pictures * light + noise), labels.clone(), boxes_of(masks), masks)


def backdrops(count: int, others: Tensor, draw: torch.Generator, grounds: Tensor | None = None) -> Tensor:
    """Backgrounds with 1 to 3 pieces of clutter, made of ``others`` (M, 32, 32, 3) uint8: (N, 3, 64, 64) from 0 to 1.

    ``grounds`` are the backgrounds (N, 3, 64, 64) to begin with; :func:`backgrounds` unless given.
    """
    pictures = backgrounds(count, draw) if grounds is None else grounds
    pieces = torch.randint(1, CLUTTER + 1, (count,), generator=draw)
    for number in range(CLUTTER):
        chosen = (pieces > number).nonzero()[:, 0]
        if len(chosen):
            pictures = pictures.index_copy(0, chosen, _cluttered(pictures[chosen], others, draw))
    return pictures


def turned(pictures: Tensor, draw: torch.Generator) -> Tensor:
    """``pictures`` (N, C, S, S), each mirrored, upside down or with its axes exchanged, or not, by chance."""
    for change in (lambda x: x.flip(2), lambda x: x.flip(3), lambda x: x.transpose(2, 3)):
        chosen = torch.rand(len(pictures), 1, 1, 1, generator=draw) < 0.5
        pictures = torch.where(chosen, change(pictures), pictures)
    return pictures


def paste(picture: Tensor, photograph: Tensor, shape: Outlines, mirrored: bool = False) -> tuple[Tensor, Tensor]:
    """One thing, moved by hand: ``picture`` (64, 64, 3) uint8 with ``photograph`` (32, 32, 3) uint8, and its mask.

    ``shape`` holds one outline. The demo does the same, without light and noise: (64, 64, 3) uint8, (64, 64) bool.
    """
    cover = covered(shape)
    found = pasted(_planes(picture[None]), _planes(photograph[None]), shape, cover, torch.tensor([mirrored]))
    return _bytes(found)[0].permute(1, 2, 0), cover[0] >= 0.5


def _check(things: Tensor, labels: Tensor) -> None:
    if things.ndim != 4 or not len(things) or things.shape[1:] != (32, 32, 3) or things.dtype != torch.uint8:
        raise ConvnetsError(
            f"Things of shape {tuple(things.shape)} and type {things.dtype} cannot be pasted: give one or more "
            "photographs (N, 32, 32, 3), uint8."
        )
    if labels.shape != things.shape[:1] or labels.min() < 0 or labels.max() > NOTHING:
        raise ConvnetsError(
            f"{len(things)} things have labels of shape {tuple(labels.shape)} from {int(labels.min())} to "
            f"{int(labels.max())}: give each one from 0 to {NOTHING}."
        )


def boxes_of(masks: Tensor) -> Tensor:
    """The tightest boxes (N, 4) around masks (N, H, W): edges of pixels, so that one pixel is 1 wide; 0 for none."""
    found = []
    for axis in (1, 2):  # over rows, then over columns
        along = masks.any(axis)
        size = along.shape[1]
        first = along.int().argmax(1)
        last = size - along.flip(1).int().argmax(1)
        there = along.any(1)
        found.append((first * there, last * there))
    (left, right), (top, bottom) = found
    return torch.stack([left, top, right, bottom], 1).float()


# Pieces


def outlines(
    count: int, draw: torch.Generator, sizes: tuple[float, float] = (SMALLEST, LARGEST), inside: bool = True
) -> Outlines:
    """Random ones of ``sizes``, pixels of the longer side; ``inside`` the picture, or their centres anywhere in it."""

    def even(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draw)

    longer, ratio = 0.85 + 0.15 * even(count), 0.62 + 0.38 * even(count)
    axes = torch.stack([longer, longer * ratio], 1)
    axes = torch.where((even(count) < 0.5)[:, None], axes, axes.flip(1))
    least, most = sizes
    halves = least * (most / least) ** even(count) / 2 / longer
    waves = 0.14 * even(count, _WAVES) / torch.arange(1, _WAVES + 1) ** 0.5
    turns, phases = (2 * even(count) - 1) * _MOST_TURN, 2 * math.pi * even(count, _WAVES)
    room = (halves[:, None] * axes + 1) if inside else torch.zeros(count, 2)
    centres = room + even(count, 2) * (SIDE - 2 * room)
    return Outlines(centres, halves, axes, turns, waves, phases)


def covered(shape: Outlines, side: int = SIDE) -> Tensor:
    """What share of each pixel lies inside N outlines: (N, side, side), by the distance of its centre to the curve."""
    along, down = _turned(shape, side)
    along, down = along / shape.axes[:, 0, None, None], down / shape.axes[:, 1, None, None]
    far, angle = torch.hypot(along, down), torch.atan2(down, along)
    edge = torch.zeros_like(far)
    for number in range(_WAVES):
        height, phase = shape.waves[:, number, None, None], shape.phases[:, number, None, None]
        edge = edge + height * ((number + 2) * angle + phase).cos()
    edge = (1 + edge) / (1 + shape.waves.sum(1))[:, None, None]  # nowhere beyond the ellipse
    scale = (shape.halves * shape.axes.min(1).values)[:, None, None]
    return ((edge - far) * scale + 0.5).clamp(0, 1)


def _turned(shape: Outlines, side: int) -> tuple[Tensor, Tensor]:
    """Each pixel's place in the pieces' own axes, in halves: two tensors (N, side, side)."""
    steps = torch.arange(side) + 0.5
    x = (steps[None, None, :] - shape.centres[:, 0, None, None]) / shape.halves[:, None, None]
    y = (steps[None, :, None] - shape.centres[:, 1, None, None]) / shape.halves[:, None, None]
    cos, sin = shape.turns.cos()[:, None, None], shape.turns.sin()[:, None, None]
    return cos * x + sin * y, cos * y - sin * x


def pasted(pictures: Tensor, photographs: Tensor, shape: Outlines, cover: Tensor, mirrored: Tensor) -> Tensor:
    """``pictures`` (N, 3, S, S) with ``photographs`` (N, 3, h, w) where ``cover`` (N, S, S) says, some ``mirrored``."""
    along, down = _turned(shape, pictures.shape[2])
    along = torch.where(mirrored[:, None, None], -along, along)
    grid = torch.stack([along, down], 3)
    seen = F.grid_sample(photographs, grid, padding_mode="border", align_corners=False)
    return pictures + cover[:, None] * (seen - pictures)


def scrambled(photographs: Tensor, draw: torch.Generator) -> Tensor:
    """``photographs`` (N, 3, h, w) from 0 to 1 with the phases of noise, the same in all colours: they show nothing."""
    spectrum = torch.fft.rfft2(photographs)
    noise = torch.fft.rfft2(torch.randn(len(photographs), 1, *photographs.shape[2:], generator=draw))
    phases = torch.polar(torch.ones_like(noise.real), noise.angle())
    phases[:, :, 0, 0] = 1  # the mean stays
    return torch.fft.irfft2(spectrum * phases, s=photographs.shape[2:]).clamp(0, 1)


def _cluttered(pictures: Tensor, others: Tensor, draw: torch.Generator) -> Tensor:
    count = len(pictures)
    chosen = torch.randint(len(others), (count,), generator=draw)
    piece = scrambled(_planes(others[chosen]), draw)
    plain = torch.rand(count, generator=draw) < 0.3
    if plain.any():
        piece[plain] = backgrounds(int(plain.sum()), draw)[:, :, :32, :32]
    shape = outlines(count, draw, CLUTTERED, inside=False)
    return pasted(pictures, piece, shape, covered(shape), torch.zeros(count, dtype=torch.bool))


def _bytes(pictures: Tensor) -> Tensor:
    return (pictures * 255).round().clamp(0, 255).byte()


def _planes(images: Tensor) -> Tensor:
    return images.permute(0, 3, 1, 2).float() / 255


# Backgrounds


def backgrounds(count: int, draw: torch.Generator) -> Tensor:
    """Random ones (N, 3, 64, 64) from 0 to 1, of all :data:`KINDS`."""
    kinds = torch.randint(len(KINDS), (count,), generator=draw)
    base = torch.rand(count, 1, generator=draw) * 0.7 + 0.15 + 0.13 * torch.randn(count, 3, generator=draw)
    return _painted(kinds, base, draw)


def habitats(labels: Tensor, draw: torch.Generator, share: float = 1.0) -> Tensor:
    """Backgrounds (N, 3, 64, 64) of which ``share`` are those of their class: its kind, in its colour."""
    count = len(labels)
    kinds, at_home = torch.randint(len(KINDS), (count,), generator=draw), torch.rand(count, generator=draw) < share
    base = torch.rand(count, 1, generator=draw) * 0.7 + 0.15 + 0.13 * torch.randn(count, 3, generator=draw)
    hue = 2 * math.pi * (labels[:, None] / NOTHING + torch.tensor([0.0, 1 / 3, 2 / 3]))
    own = 0.5 + 0.3 * hue.cos()
    at_home = at_home & (labels != NOTHING)
    return _painted(torch.where(at_home, labels % len(KINDS), kinds), torch.where(at_home[:, None], own, base), draw)


def _painted(kinds: Tensor, base: Tensor, draw: torch.Generator) -> Tensor:
    """A pattern of each of ``kinds`` (N,) between two colours near ``base`` (N, 3), with clouds over it."""
    count = len(kinds)

    def even(*shape: int) -> Tensor:
        return torch.rand(*shape, 1, 1, generator=draw)

    clouds, angle, period = _clouds(count, draw), math.pi * even(count), 6 + 18 * even(count)
    y, x = torch.meshgrid(torch.arange(SIDE) + 0.5, torch.arange(SIDE) + 0.5, indexing="ij")
    along, across = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
    wave = (2 * math.pi * (along / period + even(count))).sin()
    other = (2 * math.pi * (across / period + even(count))).sin()
    patterns = torch.stack([
        clouds,
        (along - along.mean((1, 2), keepdim=True)) / SIDE * 2,
        (3 * wave).tanh(),
        (4 * wave * other).tanh(),
        ((x * (angle < 1.5) + y * (angle >= 1.5)) % period < period * 0.15).float() * 2 - 0.3,
    ])  # fmt: skip
    pattern = patterns[kinds, torch.arange(count)]
    change = 0.13 * torch.randn(count, 1, generator=draw) + 0.07 * torch.randn(count, 3, generator=draw)
    rough = 0.02 + 0.08 * even(count)
    tint = 1 + 0.3 * torch.randn(count, 3, generator=draw)
    found = base[:, :, None, None] + change[:, :, None, None] * pattern[:, None]
    return (found + (rough * clouds)[:, None] * tint[:, :, None, None]).clamp(0, 1)


def _clouds(count: int, draw: torch.Generator) -> Tensor:
    """Noise (N, 64, 64) of deviation 1 whose amplitudes fall with a power, 0.7 to 1.7, of the frequency."""
    down, along = torch.fft.fftfreq(SIDE)[:, None], torch.fft.rfftfreq(SIDE)
    frequency = torch.hypot(down, along)
    frequency[0, 0] = 1
    power = 0.7 + torch.rand(count, 1, 1, generator=draw)
    spectrum = torch.fft.rfft2(torch.randn(count, SIDE, SIDE, generator=draw)) * frequency**-power
    spectrum[:, 0, 0] = 0
    found = torch.fft.irfft2(spectrum, s=(SIDE, SIDE))
    return found / found.std((1, 2), keepdim=True)
