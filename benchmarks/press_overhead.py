"""What the press costs: `press build` against plain Jupyter Book on the same pages without outputs.

Both sides of each ratio are measured in this run, cold, each build in a process of its own: once for this book, once
for a generated book of 100 chapters with two figures each. Also: an unchanged rebuild, and `press status` a page. All
are processor seconds; a build uses one processor, so on an idle machine they are seconds on the clock.

    python benchmarks/press_overhead.py [--chapters 100] [--repeat 3]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import toybook  # noqa: E402  the tests' small book is the pattern of the generated one

from press.outputs import chapters, status, store  # noqa: E402

# Without the live demos, of which plain Jupyter Book has none; what packing them costs is printed for itself.
BUILD = {
    "press": "from press.publish import build; sys.exit(build.build(root, draft=True, live=False))",
    "plain": "from press.publish import build; sys.exit(build._sphinx(root, draft=False))",
    "pack": "from press.page import bundle; bundle.pack(root, bundle.demos(root))",
}

# Stands in for the press in the plain build: the numbers and tables that an author would have typed instead.
STAND_IN = """
import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

class Typed(SphinxDirective):
    required_arguments, has_content = 1, True
    option_spec = {"caption": str, "name": str}
    def run(self):
        lines = ["| a | b | c | d | e | f | g |", "|---|---|---|---|---|---|---|"]
        for row in yaml.safe_load("\\n".join(self.content)):
            cite = f"{{cite}}`{row['cite']}`" if "cite" in row else ""
            lines.append(f"| {row['label']} | {row.get('paper')} {cite} | 0.60 % | 0.50-0.70 % | 5 | data | device |")
        box = nodes.container()
        self.state.nested_parse(StringList(lines, ""), self.content_offset, box)
        box[0].insert(0, nodes.title("", "caption"))
        self.options.setdefault("name", f"results-{self.arguments[0]}")
        self.add_name(box[0])
        return [box]

class Plain(SphinxDirective):
    optional_arguments, has_content, final_argument_whitespace = 1, True, True
    option_spec = dict.fromkeys(("name", "answer", "tolerance", "unit", "options"), str)
    def run(self):
        box = nodes.container()
        self.add_name(box)
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]

def setup(app):
    app.add_directive("quiz", Plain)
    app.add_directive("live", Plain)
    app.add_directive("credits", Plain)
    app.add_role("result", lambda name, raw, text, line, inliner, options={}, content=[]: ([nodes.Text(text)], []))
    app.add_directive("results", Typed)
"""


def seconds(root: Path, side: str) -> float:
    """Processor seconds of one build of the book at ``root``; its warnings do not matter here."""
    paths = os.pathsep.join([str(REPOSITORY / "code"), str(root)])
    environment = os.environ | {"CONVNETS_ASSETS": str(root / "assets"), "PYTHONPATH": paths}
    program = f"import sys; from pathlib import Path; root = Path({str(root)!r}); {BUILD[side]}"
    start = _used()
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    if side != "pack" and not any((root / "_build").rglob("index.html")):
        sys.exit(f"The {side} build of {root} failed:\n{done.stdout}{done.stderr}")
    return _used() - start


def _used() -> float:
    """Processor seconds of finished child processes: other work on the machine does not disturb them."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(name: str, root: Path, repeat: int) -> None:
    """Print ratio, unchanged rebuild and status for the book at ``root``."""
    plain = root.with_name(f"{root.name}-plain")
    shutil.copytree(root, plain, symlinks=True)
    (plain / "stand_in.py").write_text(STAND_IN)
    config = yaml.safe_load((plain / "_config.yml").read_text())
    config["sphinx"]["extra_extensions"] = ["sphinx_exercise", "stand_in"]
    del config["launch_buttons"]  # of a repository without an address, which the press makes sense of
    (plain / "_config.yml").write_text(yaml.safe_dump(config))
    cold: dict[str, list[float]] = {"press": [], "plain": []}
    for _round in range(repeat):
        for side, place in (("plain", plain), ("press", root)):
            shutil.rmtree(place / "_build", ignore_errors=True)
            cold[side].append(seconds(place, side))
    press, without = min(cold["press"]), min(cold["plain"])
    again = min(seconds(root, "press") for _round in range(repeat))
    start = time.perf_counter()
    pages = len(status.check(root))
    each = (time.perf_counter() - start) / pages * 1000
    print(f"{name}: {pages} pages, press {press:.1f} s, plain {without:.1f} s, ratio {press / without:.2f} (bound 1.3)")
    print(f"  unchanged rebuild {again:.1f} s (bound 5 s), press status {each:.1f} ms a page (bound 20 ms)", flush=True)


def this_book(root: Path) -> None:
    """This book's sources and stored outputs at ``root``."""
    root.mkdir()
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(REPOSITORY / name, root)
    for name in ("assets", "code"):
        (root / name).symlink_to(REPOSITORY / name)
    (root / "book").mkdir()
    for part in (REPOSITORY / "book").iterdir():
        if part.name != "locale":  # plain Jupyter Book prints one language
            (root / "book" / part.name).symlink_to(part)


def generated_book(root: Path, count: int) -> None:
    """A book of ``count`` chapters at ``root``: each with a table, two code cells and a figure of 20 KB twice."""
    toybook.write_book(root)
    shutil.copytree(REPOSITORY / "code", root / "code", ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    paragraph = "A sentence about toys that is neither short nor long, with $x^2$ and `code` in it. " * 8
    cell = "from convnets.common import runs\nruns.summary('toy', 'net', 'error')\ndraw({})\n"
    lines = ['<path d="M0 0h9v9" stroke="#1f2328"/>\n'] * 500
    for number in range(count):
        text = toybook.CHAPTER.replace("draw()\n", cell.format(number)).replace('print("fast")\n', cell.format("2"))
        text = text.replace("fig-curve", f"fig-{number}").replace("results-toy", f"results-{number}")
        text = text.replace(":caption: Test", f":name: results-{number}\n:caption: Test")
        page = root / "book" / f"toy{number}.md"
        page.write_text(text + "\n\n".join(f"\n## Part {part}\n\n{paragraph}" for part in range(10)))
        chapter = chapters.read(page)
        drawing = toybook.DRAWING.replace("</svg>", f"<!-- {number} -->{''.join(lines)}</svg>")
        figure = {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": drawing}}
        text_output = {"output_type": "stream", "name": "stdout", "text": "fast\n" * 5}
        where = toybook.where("cuda: NVIDIA H200", 41)
        cells = [store.Cell([figure], where), store.Cell([text_output], where)]
        stored = store.Stored(cells, status.keys(chapter), status.code(chapter, root), {})
        store.write(chapter.system, root, stored)
    toc = toybook.TOC + "".join(f"  - file: book/toy{number}\n" for number in range(count))
    (root / "_toc.yml").write_text(toc)


def main() -> None:
    """Measure both books in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chapters", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if any((REPOSITORY / "book").glob("*.md")):
            this_book(Path(folder, "this"))
            measure("this book", Path(folder, "this"), options.repeat)
            shutil.rmtree(Path(folder, "this", "_build"))
            packing = [seconds(Path(folder, "this"), "pack") for _ in range(2)]
            print(f"  packing its live demos {packing[0]:.1f} s, unchanged {packing[1]:.1f} s", flush=True)
        generated_book(Path(folder, "generated"), options.chapters)
        measure("generated", Path(folder, "generated"), options.repeat)


if __name__ == "__main__":
    main()
