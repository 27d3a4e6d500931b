"""A small book with a live demo, made of the template, for tests of the browser side."""

from __future__ import annotations

import shutil
from pathlib import Path

from toys import ROOT, publish

from convnets.common.assets import read_file
from press.page import bundle

FENCE = """

```{live} toy
:options: {"net": "lenet1"}

Printed instead: $y = x^2$.
```
"""


def write_live(root: Path) -> None:
    """Add to the book at ``root`` the browser side, a demo `toy` from the template, and its network (LeNet-1)."""
    live, demos = root / bundle.SOURCES, root / bundle.SOURCES / "src" / "demos"
    shutil.copytree(ROOT / bundle.SOURCES / "src", live / "src", ignore=shutil.ignore_patterns("demos"))
    for name in ("package.json", "package-lock.json", "build.mjs", "notices.txt"):
        shutil.copy(ROOT / bundle.SOURCES / name, live)
    if (installed := ROOT / bundle.SOURCES / "node_modules").is_dir():
        (live / "node_modules").symlink_to(installed)
    demos.mkdir()
    template = (ROOT / bundle.SOURCES / "src" / "demos" / "_template.js").read_text()
    (demos / "toy.js").write_text(template.replace('register("template"', 'register("toy"'))
    assets = root / "assets" / "toy"
    assets.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "assets" / "lenet" / "lenet1.graph.onnx", assets)
    publish(assets.parent, "toy", "lenet1", read_file(ROOT / "assets" / "lenet" / "lenet1.safetensors"))
    page = root / "book" / "toy.md"
    page.write_text(page.read_text() + FENCE)
