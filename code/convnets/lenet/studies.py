"""Measurements beyond the test error: speed, robustness, and which digits are misread.

Each is a recorded function: its result is loaded if it is stored for this code and these weights, else computed.
Errors are shares of MNIST's 10,000 test images.
"""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common.recorded import recorded
from convnets.common.stats import mcnemar
from convnets.lenet.data import BLACK, WHITE, Digits, load, prepare
from convnets.lenet.nets import load as load_net
from convnets.lenet.train import Recipe, build, losses

__all__ = ["mistakes", "noisy", "paired", "robustness", "rotated", "shifted", "throughput"]

Result = dict[str, Any]

BATCH_SIZES = (1, 4, 16, 64, 256, 1024, 4096, 16384)
SHIFTS_PIXELS = (0, 1, 2, 3, 4, 6, 8)
ROTATIONS_DEGREES = (0, 10, 20, 30, 45, 60)
NOISES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@recorded("lenet")
def throughput(*, device: str, seconds_each: float = 1.0) -> Result:
    """Images a second that a training step of LeNet-5 takes in, by batch size.

    A step is forward, equation 9, backward and AdamW, on random images that already lie on ``device``.
    """
    return {"images_per_second": {str(size): _training_rate(size, device, seconds_each) for size in BATCH_SIZES}}


def _training_rate(size: int, device: str, seconds: float) -> float:
    """Images a second in batches of ``size``, after three steps that warm up."""
    model = build(Recipe("speed", net="lenet5")).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), fused=device == "cuda")
    x = torch.rand(size, 1, 32, 32, device=device)
    labels = torch.randint(10, (size,), device=device)
    steps, started = -3, 0.0
    while steps <= 0 or time.perf_counter() - started < seconds:
        if steps == 0:
            _wait(device)
            started = time.perf_counter()
        loss = losses("map", model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
        if steps % 10 == 0:
            _wait(device)  # a GPU runs behind; let the clock see it
    _wait(device)
    return round(size * steps / (time.perf_counter() - started), 1)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


@recorded("lenet")
def robustness(nets: tuple[str, ...], *, device: str) -> Result:
    """Error of each published net under growing shift, rotation and noise of the test images.

    Shifts go left, right, up and down in turn, rotations left and right;
    both happen inside the net's own field, so LeNet-1 has four pixels of margin round a digit and LeNet-5 six.
    """
    digits, result = load("test"), {}
    changes = {
        "shift_pixels": (SHIFTS_PIXELS, shifted),
        "rotation_degrees": (ROTATIONS_DEGREES, rotated),
        "noise": (NOISES, noisy),
    }
    models = {net: load_net(net).to(device) for net in nets}
    for name, (amounts, change) in changes.items():
        errors = {
            net: [_error(model, digits, lambda x, a=amount, c=change: c(x, a), device) for amount in amounts]
            for net, model in models.items()
        }
        result[name] = {"amounts": list(amounts), "errors": errors}
    return result


def _error(model: Any, digits: Digits, change: Any, device: str) -> float:
    return 1 - float(_right(model, digits, change, device).double().mean())


@torch.inference_mode()
def _right(model: Any, digits: Digits, change: Any, device: str) -> Tensor:
    """Whether each of the changed ``digits`` is read as its label, (N,)."""
    found = []
    for images, labels in zip(digits.images.split(1000), digits.labels.split(1000), strict=True):
        x = change(prepare(images, model.image_size)).to(device)
        found.append(model(x).argmax(1).cpu() == labels)
    return torch.cat(found)


@recorded("lenet")
def paired(pairs: tuple[tuple[str, str], ...], shifts: tuple[int, ...] = (0, 2), *, device: str) -> Result:
    """McNemar's test for each of ``pairs`` of published nets, on the same test images moved by so many pixels.

    ``rows`` holds, for each pair and shift: both errors, the images that only one of the two read right, and p.
    """
    digits, rows = load("test"), []
    for first, second in pairs:
        models = [load_net(net).to(device) for net in (first, second)]
        for pixels in shifts:
            right = [_right(model, digits, lambda x, p=pixels: shifted(x, p), device) for model in models]
            found = mcnemar(right[0].tolist(), right[1].tolist())
            errors = [1 - float(one.double().mean()) for one in right]
            rows.append({"nets": [first, second], "shift_pixels": pixels, "errors": errors, **found._asdict()})
    return {"rows": rows}


def shifted(x: Tensor, pixels: int) -> Tensor:
    """(N, 1, H, W) moved by whole ``pixels``: image 0 right, 1 down, 2 left, 3 up, and so on; paper moves in."""
    height, width = x.shape[2:]
    padded = F.pad(x, (pixels,) * 4, value=WHITE)
    corners = [(pixels, 0), (0, pixels), (pixels, 2 * pixels), (2 * pixels, pixels)]  # row, column of the window
    result = torch.empty_like(x)
    for turn, (row, column) in enumerate(corners):
        result[turn::4] = padded[turn::4, :, row : row + height, column : column + width]
    return result


def rotated(x: Tensor, degrees: float) -> Tensor:
    """(N, 1, H, H) turned about the centre by ``degrees``, every second image the other way."""
    angle = torch.full((len(x),), math.radians(degrees))
    angle[1::2] *= -1
    zero = torch.zeros_like(angle)
    rows = torch.stack([angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero], 1).reshape(-1, 2, 3)
    grid = F.affine_grid(rows, list(x.shape), align_corners=False)
    return F.grid_sample(x - WHITE, grid, align_corners=False) + WHITE


def noisy(x: Tensor, amount: float, seed: int = 0) -> Tensor:
    """Gaussian noise added, its standard deviation ``amount`` times the distance from paper to ink."""
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    return x + amount * (BLACK - WHITE) * noise


@recorded("lenet")
def mistakes(net: str = "lenet5", *, device: str) -> Result:
    """What the published ``net`` misreads: confusions, and the hundred mistakes of which it was most certain.

    ``confusion[label][answer]`` counts test images; a mistake's ``margin`` is the score of the answer less that of
    the label.
    """
    model: Any = load_net(net).to(device)
    digits = load("test")
    with torch.inference_mode():
        batches = [model(prepare(images.to(device), model.image_size)).cpu() for images in digits.images.split(1000)]
    scores = torch.cat(batches)
    answers = scores.argmax(1)
    confusion = torch.bincount(digits.labels * 10 + answers, minlength=100).reshape(10, 10)
    margins = scores.max(1).values - scores.gather(1, digits.labels[:, None])[:, 0]
    listed = []
    for index in margins.argsort(descending=True).tolist():
        label, answer = int(digits.labels[index]), int(answers[index])
        if answer != label:
            listed.append({"index": index, "label": label, "answer": answer, "margin": round(float(margins[index]), 3)})
    return {"net": net, "confusion": confusion.tolist(), "mistakes": listed[:100]}
