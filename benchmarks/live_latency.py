"""How long a forward pass takes in the reader's browser, beside ONNX Runtime's native engine with one thread.

Both run the same packed networks on this machine in this run, one image at a time; printed are medians. The browser is
Chromium without a GPU, and its clock is the worker's own, so the page's drawing is not in it. Other work on the machine
stretches what takes longer than a turn on a processor: the native engine, whose processor time is known, tells by how
much. The bound holds for the time in the browser divided by that; on an idle machine it is 1.

    python benchmarks/live_latency.py [--passes 300]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import browsing  # noqa: E402
import get_browser  # noqa: E402

from convnets.common import export  # noqa: E402
from press.page import bundle  # noqa: E402

BOUND_MS = 10.0
BOUNDS_MS = {"cortex": 15.0, "driving": 66.0, "tumours": 30.0}
"""A bound of a system's own, where a reason stands beside it.

cortex: eight scales of HMAX with all of their maps, on 96 x 96 pixels: 95 million products (212 before S1 went through
spectra), where LeNet-5 has 0.4. Every output is shown, so nothing can be left out; 15 ms are 60 passes a second.

driving: eleven scores for each of 43,200 pixels, once for each photograph and each move of a slider; 66 ms are fifteen
photographs a second.

tumours: the network for membranes pads nothing, so it computes far more places than it labels; it is asked once for a
picture or a connection that is shut, not with every stroke. The phantom's, which is, takes a tenth of this.
"""
ASK = """async ([key, shapes, passes]) => {
  const network = await Live.network(key), found = [];
  const half = (shape) => ({ dims: [1, ...shape], data: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5) });
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, half(shape)]));
  for (let i = 0; i < passes; i++) found.push((await network.run(inputs)).milliseconds);
  return found;
}"""


def native(system: str, net: str, shapes: dict[str, tuple[int, ...]], passes: int) -> tuple[float, float]:
    """Milliseconds of a processor that a pass takes with one native thread; how many times as long the median took."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    graph = bundle.network(REPOSITORY, system, net)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    inputs = {name: np.full((1, *shape), 0.5, np.float32) for name, shape in shapes.items()}
    found: list[float] = []
    began, used = time.perf_counter(), time.process_time()
    while len(found) < passes or time.perf_counter() < began + 1:
        start = time.perf_counter()
        session.run(None, inputs)
        found.append(1000 * (time.perf_counter() - start))
    alone = 1000 * (time.process_time() - used) / len(found)
    return alone, max(1.0, statistics.median(found) / alone)


def measure(page: Any, system: str, passes: int) -> bool:
    """Print a line for each network of ``system``; tells whether all are within their bound."""
    bound, within = BOUNDS_MS.get(system, BOUND_MS), True
    for net in bundle.graphs(REPOSITORY, system):
        shapes = {name: one.shape for name, one in export.table(system)[net].inputs.items()}
        slow = page.evaluate(ASK, [f"{system}/{net}", shapes, passes])[passes // 10 :]
        theirs, stretch = native(system, net, shapes, passes)
        ours = statistics.median(slow) / stretch
        tail = statistics.quantiles(slow, n=20)[-1]
        within &= ours <= bound
        verdict = f"(bound {bound:.0f} ms)" if ours <= bound else f"OVER the bound of {bound:.0f} ms"
        print(f"{system}/{net:14} wasm {ours:6.2f} ms, p95 {tail:6.2f}, native {theirs:6.2f} ms, "
              f"ratio {ours / theirs:4.1f}, clock stretched {stretch:3.1f} times {verdict}", flush=True)  # fmt: skip
    return within


def main() -> None:
    """Open each chapter with a demo and time its networks; exits with 1 if one is over its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passes", type=int, default=300)
    options = parser.parse_args()
    path = get_browser.find() or sys.exit("There is no Chromium: python tests/get_browser.py tries to get one.")
    within = True
    with browsing.launch(path) as chromium, browsing.serving(browsing.SITE) as address:
        for system in filter(lambda name: bundle.graphs(REPOSITORY, name), bundle.demos(REPOSITORY)):
            with browsing.Visit(chromium, f"{address}/book/{system}.html") as visit:
                visit.page.locator("[data-live]").first.scroll_into_view_if_needed()
                visit.page.locator("[data-live-state=ready]").first.wait_for(timeout=30_000)
                within &= measure(visit.page, system, options.passes)
    sys.exit(0 if within else 1)


if __name__ == "__main__":
    main()
