"""A small book with run records and stored outputs, for the press's tests. Nothing in it is executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from convnets.common import runs
from press.outputs import chapters, status, store

REPOSITORY = Path(__file__).resolve().parents[1]

TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: book/toy\n"

INDEX = """# A small book

About toys, see {doc}`toy`.

```{bibliography}
```
"""

REFERENCES = "@article{toy1998, author = {Ada Toy}, title = {On toys}, journal = {Journal of Toys}, year = {1998}}\n"

CHAPTER = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3, language: python}
---

# Toys

We find {result}`toy/net.error` ({result}`toy/net.error:interval`), where {cite:t}`toy1998` reports 0.95 %.
The rate is $0.01$, not `0.02`; see {numref}`fig-curve` and {numref}`results-toy`.

```{results} toy
:caption: Test error on toys.
- {label: "Net", recipe: net, metric: error, paper: "0.95 %", cite: toy1998}
- {label: "Net, 1000 digits", recipe: net-n1000, metric: error, note: "a study of ours"}
```

```{code-cell} ipython3
---
mystnb:
  figure: {name: fig-curve, caption: "A curve, after {cite:t}`toy1998`."}
  image: {alt: A rising curve.}
---
draw()
```

```{code-cell} ipython3
:tags: [gpu]

print("fast")
```
"""

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">
<path d="M0 0h9" stroke="#1f2328"/><path d="M0 1h9" stroke="#57606a"/><path d="M0 2h9" stroke="#0072b2"/>
  <text x="1" y="8" fill="#57606a">height, 0.5</text>
</svg>
"""


def write_book(root: Path) -> None:
    """The sources, run records and stored outputs of a book of two pages, under ``root``."""
    (root / "book").mkdir(parents=True)
    settings = (REPOSITORY / "_config.yml").read_text()
    (root / "_config.yml").write_text(re.sub(r"(?m)^(  (?:base)?url:).*", r'\1 ""', settings))  # whatever the book has
    (root / "_toc.yml").write_text(TOC)
    (root / "book" / "index.md").write_text(INDEX)
    (root / "book" / "references.bib").write_text(REFERENCES)
    (root / "book" / "toy.md").write_text(CHAPTER)
    write_runs(root / "assets")
    write_outputs(root, "fast")


def write_outputs(root: Path, said: str) -> None:
    """Store a drawing for the chapter's first cell and the text ``said`` for its second."""
    chapter = chapters.read(root / "book" / "toy.md")
    figure = {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": DRAWING}}
    text = {"output_type": "stream", "name": "stdout", "text": f"{said}\n"}
    cells = [store.Cell([figure], where("cpu: 1 thread", 0.3)), store.Cell([text], where("cuda: NVIDIA H200", 41.3))]
    store.write("toy", root, store.Stored(cells, status.keys(chapter), status.code(chapter, root), {}))


def where(device: str, seconds: float) -> dict[str, Any]:
    """Provenance of a cell."""
    return {"device": device, "seconds": seconds, "date": "2026-11-23", "versions": {"torch": "2.11.0"}}


def write_runs(assets: Path) -> None:
    """Three seeds of the recipe ``net`` and one of ``net-n1000``, for the system ``toy``."""
    for seed, error in enumerate((0.005, 0.006, 0.007)):
        runs.write(run_record("net", seed, error), assets)
    runs.write(run_record("net-n1000", 0, 0.03), assets)


def run_record(recipe: str, seed: int, error: float) -> dict[str, Any]:
    """A record with the fields that every run has."""
    return {
        "schema": 1,
        "system": "toy",
        "recipe": recipe,
        "net": "net",
        "seed": seed,
        "settings": {"name": recipe, "rate": 0.02},
        "data": {"name": "Toy digits", "digest": "0", "splits": {"train": 50, "test": 10000}},
        "metrics": {"validation": {"error": error + 0.001}, "test": {"error": error}},
        "interval95": {"test": {"error": [error - 0.002, error + 0.002]}},
        "seconds": 40.0 + seed,
        "device": "cuda: NVIDIA H200",
        "code": {},
        "key": "",
        "weights": "",
    }
