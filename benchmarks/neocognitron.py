"""How much faster convolutions compute the neocognitron of 1980 than loops over its cells do.

Three forms of the same equations: literal loops over every cell and synapse, loops over places in which NumPy sums the
window for all planes at once, and ``model.py``'s convolutions over all places, planes and images. First it is checked
that the answers of all layers agree, to 1e-12 (in 32 bits to 1e-5). Then all take turns on one thread, with the five
training patterns and the network that has learned them. Printed are processor time an image and the medians, over the
turns, of the ratios within a turn, so that a machine that is busy with other work slows both sides alike.

Like is compared with like first: one image at a time, all in 64 bits, as the chapter and the learning run. Then the
convolutions take ``--batch`` images at a time, which loops cannot profit from: there they must be 300 times as fast as
the literal loops. The loops over places are already NumPy, and 20 times as fast as they are is promised only in batches
of 32 bits; in 64 bits the ratio is about 20, on one image five to ten.

    python benchmarks/neocognitron.py [--turns 5] [--batch 50]
"""

from __future__ import annotations

import argparse
import copy
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from convnets.neocognitron import loops
from convnets.neocognitron.experiment import organised
from convnets.neocognitron.model import Neocognitron
from convnets.neocognitron.patterns import patterns

LOOPS = ("literal loops", "loops over places")
BOUNDS = {("batches", "literal loops"): 300, ("batches, 32 bits", "loops over places"): 20}
"""At least so many times as fast: what, and as what."""


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """Processor seconds that one call of ``work`` takes, the mean of ``repeats``."""
    start = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - start) / repeats


def check(model: Neocognitron, images: Tensor) -> None:
    """Ends the program unless all forms give the same answers in all layers (literal loops: to the first image)."""
    known, answers = loops.weights(model), model.responses(images)
    single = copy.deepcopy(model).float()(images.float())
    if (apart := float((single - model(images)).abs().max())) > 1e-5:
        raise SystemExit(f"In 32 bits the answers are {apart:.1e} apart: there is nothing to compare.")
    for index, image in enumerate(images):
        forms = [loops.by_position(image.numpy(), known)]
        forms += [loops.literal(image.tolist(), known)] if not index else []
        for layers in forms:
            pairs = zip([x for layer in layers for x in layer], answers, strict=True)
            apart = max(float(abs(np.asarray(ours) - theirs[index].numpy()).max()) for ours, theirs in pairs)
            if apart > 1e-12:
                raise SystemExit(f"The answers to pattern {index} are {apart:.1e} apart: there is nothing to compare.")


@torch.inference_mode()
def measure(turns: int, batch: int) -> dict[str, list[float]]:
    """Milliseconds an image, turn by turn, of each form."""
    model, images = organised(seed=1)[0], patterns()
    check(model, images)
    single = copy.deepcopy(model).float()
    known, many = loops.weights(model), images.repeat(-(-batch // len(images)), 1, 1)
    few = many.float()
    work: dict[str, tuple[Callable[[], object], int, int]] = {  # what, how often, for how many images
        "literal loops": (lambda: loops.literal(images[4].tolist(), known), 1, 1),
        "loops over places": (lambda: [loops.by_position(image.numpy(), known) for image in images], 4, len(images)),
        "one image": (lambda: [model(image[None]) for image in images], 20, len(images)),
        "batches": (lambda: model(many), 10, len(many)),
        "batches, 32 bits": (lambda: single(few), 10, len(few)),
    }
    for name, (call, _, _) in work.items():  # the first call prepares
        if name not in LOOPS:
            call()
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(turns):
        for name, (call, repeats, count) in work.items():
            found[name].append(1000 * seconds(call, repeats) / count)
    return found


def main() -> int:
    """Print times and ratios; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--batch", type=int, default=50)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(chosen.turns, chosen.batch)
    for name, turns in found.items():
        print(f"{name:18} {statistics.median(turns):10.3f} ms an image")
    met = True
    for name in list(found)[len(LOOPS) :]:
        for other in LOOPS:
            ratio = statistics.median(slow / fast for slow, fast in zip(found[other], found[name], strict=True))
            bound = BOUNDS.get((name, other), 0)
            met &= ratio >= bound
            verdict = f"UNDER the bound of {bound}" if ratio < bound else f"(bound {bound or 'none'})"
            print(f"{name:18} {ratio:8,.0f} times as fast as {other} {verdict}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
