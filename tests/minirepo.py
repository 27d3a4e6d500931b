"""A miniature repository with a system called `toy`, so that the press can be tested without the book."""

from __future__ import annotations

import shutil
from pathlib import Path

import convnets
from press.outputs import chapters, status, store

REAL = Path(convnets.__file__).parent

CHAPTER = """\
---
file_format: mystnb
kernelspec:
  name: python3
---
# Toy

Prose about doubling.

```{code-cell} python
from convnets.toy import figures
print(figures.doubled(4))
```

```{code-cell} python
:tags: [hide-input]
figures.curve();
```

```{code-cell} python
---
tags: [gpu]
mystnb:
  figure: {caption: Speed.}
---
figures.speed(batch=8)
```
"""

MODEL = '''\
"""A toy model."""

SCALE = 2


def double(x):
    """Twice x."""
    return x * SCALE


def triple(x):
    return x * 3
'''

FIGURES = """\
from convnets.common import assets
from convnets.common.recorded import recorded
from convnets.toy import model


def doubled(x):
    return model.double(x) + len(assets.read_bytes("toy", "weights.bin"))


def curve():
    from matplotlib import pyplot as plt

    return plt.figure(figsize=(2, 1)).add_subplot().plot([1, 4, 9])


@recorded("toy")
def speed(batch: int, *, device: str):
    return {"images_a_second": batch * 10}
"""


class Book:
    """Paths of the miniature repository, and what tests do to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chapter = root / "book" / "toy.md"
        self.package = root / "code" / "convnets" / "toy"
        self.assets = root / "assets" / "toy"
        self.stored = self.assets / "outputs.ipynb"

    def replace(self, file: Path, old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def state(self) -> status.PageStatus:
        return status.check(self.root, "toy")[0]

    def store(self, text: str = "8\n", device: str = "cuda: Fake 1") -> None:
        """Store outputs as an execution would, without a kernel."""
        chapter = chapters.read(self.chapter)
        where = {"device": device, "seconds": 1.5, "date": "2026-01-31", "versions": {"python": "3.11"}}
        stream = {"output_type": "stream", "name": "stdout", "text": text}
        image = {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg>{text}</svg>"}}
        outputs = [[stream], [image], []]
        opened = {"toy/weights.bin": store.assets.sha256((self.assets / "weights.bin").read_bytes())}
        cells = [store.Cell(found, where) for found in outputs]
        made_of = status.code(chapter, self.root)
        store.write("toy", self.root, store.Stored(cells, status.keys(chapter), made_of, opened))

    def image(self) -> Path:
        return next((self.assets / "outputs").glob("*.svg"))


def make_book(root: Path) -> Book:
    book = Book(root)
    for folder in (book.chapter.parent, book.package, book.assets):
        folder.mkdir(parents=True)
    shutil.copy(REAL / "__init__.py", book.package.parent)
    shutil.copytree(REAL / "common", book.package.parent / "common", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/toy\n")
    book.chapter.write_text(CHAPTER)
    (book.package / "__init__.py").write_text("")
    (book.package / "model.py").write_text(MODEL)
    (book.package / "figures.py").write_text(FIGURES)
    (book.assets / "weights.bin").write_bytes(b"")
    return book
