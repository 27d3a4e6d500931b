"""How much faster convolutions compute the neocognitron of 1980 than loops over its cells do.

Three ways to the same numbers on one thread, measured by turns in this run: the literal loops over every cell and
synapse (Python's 64-bit numbers), loops over places with NumPy sums (64 bits), and ``model.py``'s convolutions in 32
bits, the precision that processors' convolutions are made for; the answers agree to 1e-5, which is checked first. The
loops take the five training patterns one at a time; the convolutions take them in one batch, repeated to ``--batch``
images (the line "one at a time" says what they do without it). Printed is the time an image, the median of several
turns, and the two ratios with their bounds.

    python benchmarks/neocognitron.py [--turns 3] [--batch 50]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from convnets.neocognitron import loops
from convnets.neocognitron.experiment import organised
from convnets.neocognitron.patterns import patterns

LITERAL_BOUND, POSITION_BOUND = 300, 20


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """Seconds that one call of ``work`` takes, the mean of ``repeats``."""
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def measure(turns: int, batch: int) -> dict[str, float]:
    """Milliseconds an image of the four ways."""
    model, _curves = organised(seed=1)
    images, known = patterns(), loops.weights(model)
    rows, arrays = [image.tolist() for image in images], [image.numpy() for image in images]
    model, images = model.float(), images.float()
    many = images.repeat(-(-batch // len(images)), 1, 1)
    for index, image in enumerate(arrays):
        apart = abs(np.asarray(loops.by_position(image, known)[-1].c)[:, 0, 0] - model(images)[index].numpy()).max()
        if apart > 1e-5:
            raise SystemExit(f"The answers to pattern {index} are {apart:.1e} apart: there is nothing to compare.")
    found: dict[str, list[float]] = {"literal": [], "positions": [], "convolutions": [], "one at a time": []}
    with torch.inference_mode():
        model(many)  # the first pass prepares
        for _ in range(turns):
            found["literal"].append(seconds(lambda: [loops.literal(image, known) for image in rows]) / len(rows))
            found["positions"].append(seconds(lambda: [loops.by_position(i, known) for i in arrays], 3) / len(arrays))
            found["convolutions"].append(seconds(lambda: model(many), 10) / len(many))
            found["one at a time"].append(seconds(lambda: [model(image[None]) for image in images], 5) / len(images))
    return {name: 1000 * statistics.median(values) for name, values in found.items()}


def main() -> int:
    """Print the four times and the two ratios; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--batch", type=int, default=50)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(chosen.turns, chosen.batch)
    for name, milliseconds in found.items():
        print(f"{name:14} {milliseconds:10.3f} ms an image")
    met = True
    for name, bound in (("literal", LITERAL_BOUND), ("positions", POSITION_BOUND)):
        ratio = found[name] / found["convolutions"]
        met &= ratio >= bound
        print(f"convolutions are {ratio:,.0f} times as fast as {name} (bound {bound})")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
