"""Run a chapter's cells in a kernel and store what they put out, with where it was computed.

The kernel works in the repository's root with ``code/`` on its path. Hidden cells, which leave no name behind, set
up figures that come out byte for byte the same each time, and report which assets were opened and where recorded
results come from. Nothing is stored unless every cell succeeds.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from convnets.common.errors import ConvnetsError
from press.outputs import chapters, drawing, kernel, status, store

SETUP = """
import matplotlib
from IPython import get_ipython
plain = {name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"}
matplotlib.rcParams.update(plain)  # over a matplotlibrc in the folder where the kernel works
matplotlib.rcParams["svg.hashsalt"] = "convnets"
matplotlib.use("module://matplotlib_inline.backend_inline")
get_ipython().run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
get_ipython().run_line_magic(
    "config", "InlineBackend.print_figure_kwargs = {'bbox_inches': 'tight', 'metadata': {'Date': None}}"
)
"""
REPORT = """
import json
from convnets.common import assets, recorded
report = {"opened": assets.opened(), "recorded": recorded.notes(), "versions": recorded.versions()}
print(json.dumps(report))
"""


def execute(root: Path, systems: list[str] | None = None, device: str | None = None, force: bool = False) -> None:
    """Execute the stale and missing chapters among ``systems`` (all by default), one after the other.

    Args:
        root: the repository.
        systems: chapters by name.
        device: where recorded functions compute what is not stored; None means the accelerator at hand.
        force: execute fresh chapters too, and those whose stored outputs are damaged.

    Raises:
        ConvnetsError: a cell failed, or what it put out may not be stored; the old outputs stay as they were.
    """
    for path in chapters.find(root, systems):
        chapter = chapters.read(path)
        if not chapter.cells or (not force and status.page(chapter, root).state == "fresh"):
            print(f"{chapter.system}: {'nothing to execute' if not chapter.cells else 'fresh'}")
            continue
        started = time.perf_counter()
        size = store.write(chapter.system, root, run(chapter, root, device))
        seconds = time.perf_counter() - started
        print(f"{chapter.system}: {len(chapter.cells)} cells in {seconds:.0f} s, {size / 1e6:.2f} MB stored")


def run(chapter: chapters.Chapter, root: Path, device: str | None = None) -> store.Stored:
    """Execute a chapter's cells in a fresh kernel and return what is to be stored.

    Raises:
        ConvnetsError: a cell failed, or one tagged ``gpu`` calls no recorded function.
    """
    keys, code = status.keys(chapter), status.code(chapter, root)  # of the code that runs, should files change
    cells: list[store.Cell] = []
    with kernel.running(root, device) as ask:
        ask(f"exec({SETUP!r}, {{}})", "The press's first hidden cell")
        for cell in chapter.cells:
            started = time.perf_counter()
            outputs = ask(cell.source, f"Code cell {cell.number} of {chapter.system}")
            seconds = round(time.perf_counter() - started, 3)
            report = json.loads(ask(f"exec({REPORT!r}, {{}})", "The press's hidden cell")[-1]["text"])
            here = {"device": "cpu", "seconds": seconds, "date": time.strftime("%Y-%m-%d")}
            provenance = [here | {"versions": report["versions"]}, *report["recorded"]]
            if "gpu" in cell.tags and not report["recorded"]:
                raise ConvnetsError(
                    f"Code cell {cell.number} of {chapter.system} is tagged `gpu` but calls no recorded function, so "
                    "nothing says where it was computed: decorate the function with `@recorded`, or take the tag away."
                )
            cells.append(store.Cell([_cleaned(output) for output in outputs if _is_shown(output)], provenance[-1]))
    return store.Stored(cells, keys, code, report["opened"])


def _is_shown(output: dict[str, Any]) -> bool:
    """Warnings and progress bars go to stderr and belong to one execution, not to the page."""
    return not (output["output_type"] == "stream" and output["name"] == "stderr")


def _cleaned(output: dict[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(output))  # nbformat's nodes to dictionaries
    if svg := plain.get("data", {}).get("image/svg+xml"):
        plain["data"]["image/svg+xml"] = drawing.compact(svg)
    return plain | {"execution_count": None} if "execution_count" in plain else plain
