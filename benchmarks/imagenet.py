"""Whether our landmarks are as fast as torchvision's same networks.

Both get the same weights and must give the same answers, to 1e-5 of the largest. Then they take turns on one thread,
with the same pictures: answers alone, and whole steps of training (forwards, backwards). In a turn, one works before
and after two calls of the other, so that a machine that becomes slower slows both alike. Printed are pictures a
processor second and the ratio of ours to theirs within a turn: over all turns, its median and the median's 95 % limits,
by the order of the ratios alone. Processor time is counted, and the turns are short: other work on the machine disturbs
few of them, and these count no more than any other. The busier the machine, the more turns the limits need.

    python benchmarks/imagenet.py [--nets resnet18 resnet50 vgg11] [--turns 60] [--batch 4] [--size 96]

It ends with 1 if a lower limit is below 0.97.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from convnets.common.vision import torchvision
from convnets.imagenet.model import build
from convnets.imagenet.weights import TORCHVISION, renamed

BOUND = 0.97
"""Least lower limit of the ratio."""


def pair(name: str) -> tuple[nn.Module, nn.Module]:
    """Our landmark and torchvision's network with the same weights, drawn at random."""
    torch.manual_seed(0)
    theirs = getattr(torchvision.models, TORCHVISION[name])(weights=None)
    ours = build(name, "meta")
    ours.load_state_dict({key: tensor.clone() for key, tensor in renamed(theirs.state_dict()).items()}, assign=True)
    for parameter in ours.parameters():
        parameter.requires_grad_(True)
    return ours, theirs


def check(name: str, ours: nn.Module, theirs: nn.Module, x: Tensor) -> None:
    """Ends the program unless both give the same answers."""
    with torch.inference_mode():
        mine, other = ours.eval()(x), theirs.eval()(x)
    apart = float((mine - other).abs().max() / other.abs().max())
    if apart > 1e-5:
        raise SystemExit(f"{name}'s answers are {apart:.1e} of the largest apart: there is nothing to compare.")


def answer(model: nn.Module, x: Tensor) -> None:
    """One batch answered."""
    with torch.inference_mode():
        model(x)


def step(model: nn.Module, x: Tensor) -> None:
    """One batch forwards and backwards."""
    model.zero_grad()
    model(x).logsumexp(1).mean().backward()


def seconds(work: Callable[[nn.Module, Tensor], None], model: nn.Module, x: Tensor) -> float:
    """Processor seconds of one call."""
    start = time.process_time()
    work(model, x)
    return time.process_time() - start


def median_interval(values: list[float]) -> tuple[float, float, float]:
    """Median of at least six ``values`` and its 95 % limits: those between which it lies unless a coin falls badly."""
    count, ordered = len(values), sorted(values)
    place, tail = 0, 0.5**count
    while tail <= 0.025:
        place += 1
        tail += math.comb(count, place) * 0.5**count
    if not place:
        raise SystemExit(f"{count} turns are too few: six at least.")
    return statistics.median(ordered), ordered[place - 1], ordered[count - place]


def compare(name: str, turns: int, x: Tensor) -> bool:
    """Print both speeds and the ratio, for answers and for training; whether the bound is met."""
    ours, theirs = pair(name)
    check(name, ours, theirs, x)
    met = True
    for what, work in (("answers", answer), ("training", step)):
        for model in (ours, theirs):
            model.train(what == "training")
            work(model, x)  # the first call prepares
        mine: list[float] = []
        other: list[float] = []
        for turn in range(turns):
            first, second = ((ours, theirs), (theirs, ours))[turn % 2]
            outer, inner = seconds(work, first, x), seconds(work, second, x) + seconds(work, second, x)
            outer += seconds(work, first, x)
            mine.append((outer, inner)[turn % 2])
            other.append((inner, outer)[turn % 2])
        middle, low, high = median_interval([slow / fast for slow, fast in zip(other, mine, strict=True)])
        fast, slow = (2 * len(x) / statistics.median(found) for found in (mine, other))
        verdict = f"(bound {BOUND} for the lower limit)" if low >= BOUND else f"UNDER the bound of {BOUND}"
        print(
            f"{name:18} {what:9} ours {fast:8.2f}, torchvision's {slow:8.2f} pictures a second; "
            f"ratio {middle:.3f} ({low:.3f} to {high:.3f}) {verdict}",
            flush=True,
        )
        met &= low >= BOUND
    return met


def main() -> int:
    """Compare all; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", nargs="+", choices=list(TORCHVISION), default=["resnet18", "resnet50", "vgg11"])
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=96)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    x = torch.rand(chosen.batch, 3, chosen.size, chosen.size)
    met = [compare(name, chosen.turns, x) for name in chosen.nets]
    print("as fast" if all(met) else f"a lower limit is below {BOUND}")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
