"""What printing the book costs: `press build` as it is typed, both editions, and the press beside plain Jupyter Book.

Builds are timed on the clock, of this book and of one of 27 chapters as large as ours (``tests/longbook.py``): cold,
with nothing changed, with a paragraph changed in both languages. The bounds are for an idle machine of two cores; the
processor seconds of all processes beside them tell what other work on the machine took.

The ratio compares processor seconds of one Sphinx run, English, cold, of this book. *Plain* is Jupyter Book without the
press: the same extensions, but chapters are notebooks that hold their outputs, the numbers of ``{result}`` are typed
into the text, and the press's directives are stood in for by ones that print what an author would have written. So both
sides print the same text and figures. The press's side has its live demos' fallbacks, no demos; what it adds beyond
plain (dark figures, checks, notebooks to download, the bar between languages) is what the ratio measures.

    python benchmarks/press_overhead.py [--chapters 27] [--repeat 2]

Exits with 1 where a bound is not kept.
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
from typing import NamedTuple

import nbformat
import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import longbook  # noqa: E402

from press.outputs import chapters, store  # noqa: E402
from press.publish import notebooks  # noqa: E402

# The directives and roles of the press, as an author would have typed what they print.
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
    option_spec = dict.fromkeys(("name", "answer", "tolerance", "unit", "options", "small", "class"), str)
    def run(self):
        box = nodes.container()
        self.add_name(box)
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]

def setup(app):
    for name in ("quiz", "live", "lineage", "gallery", "credits", "systems"):
        app.add_directive(name, Plain)
    for role in ("result", "try", "version"):
        app.add_role(role, lambda name, raw, text, line, inliner, options={}, content=[]: ([nodes.Text(text)], []))
    app.add_directive("results", Typed)
"""


class Cost(NamedTuple):
    """Of a command and all its children."""

    wall: float  # s
    processor: float  # s


def cost(command: list[str], root: Path) -> Cost:
    """Of a command that is run in the book at ``root``; it must end well."""
    environment = os.environ | {"CONVNETS_ASSETS": str(root / "assets"), "PYTHONPATH": f"{root / 'code'}:{root}"}
    clock, before = time.perf_counter(), _used()
    done = subprocess.run([sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True)
    found = Cost(time.perf_counter() - clock, _used() - before)
    if done.returncode:
        sys.exit(f"`{' '.join(command)[:80]}` in {root} failed:\n{done.stdout}{done.stderr}")
    return found


def _used() -> float:
    """Processor seconds of finished child processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def row(what: str, measured: float, bound: float, unit: str, note: str = "") -> bool:
    """Print what was measured beside its bound, and tell whether it is kept."""
    kept = measured <= bound
    print(
        f"{what:42} {measured:7.2f} {unit:3} bound {bound:5.1f} {'' if kept else 'OVER':5}{note}".rstrip(), flush=True
    )
    return kept


def build(root: Path) -> Cost:
    """Of `press build`, both editions."""
    return cost(["-m", "press", "build"], root)


def timed(what: str, found: Cost, bound: float) -> bool:
    """A row for a build."""
    return row(what, found.wall, bound, "s", f"{found.processor:6.1f} s of processors")


def change_a_paragraph(root: Path) -> None:
    """Add one to a chapter, and its translation."""
    with (root / "book" / "lenet.md").open("a", encoding="utf-8") as chapter:
        chapter.write("\nA paragraph was added here.\n")
    with (root / longbook.SPANISH / "book" / "lenet.po").open("a", encoding="utf-8") as catalogue:
        catalogue.write('\nmsgid "A paragraph was added here."\nmsgstr "Aquí se añadió un párrafo."\n')


def measure_builds(name: str, root: Path, bounds: tuple[float | None, float, float]) -> bool:
    """Rows for the book at ``root``: cold, unchanged, a paragraph changed; a bound of None is only printed."""
    cold = build(root)
    if bounds[0] is None:
        print(
            f"{name + ', cold':42} {cold.wall:7.2f} s   {'no bound':17}{cold.processor:6.1f} s of processors",
            flush=True,
        )
    kept = bounds[0] is None or timed(f"{name}, cold", cold, bounds[0])
    kept &= timed(f"{name}, nothing changed", build(root), bounds[1])
    change_a_paragraph(root)
    return kept & timed(f"{name}, a paragraph changed", build(root), bounds[2])


def write_plain(root: Path, plain: Path) -> None:
    """The English book of ``root`` for Jupyter Book alone: outputs in notebooks, numbers in the text."""
    from myst_nb.core.read import read_myst_markdown_notebook
    from myst_parser.config.main import MdParserConfig

    plain.mkdir()
    shutil.copy(root / "_toc.yml", plain)
    shutil.copytree(root / "book", plain / "book", ignore=shutil.ignore_patterns("locale"))
    (plain / "stand_in.py").write_text(STAND_IN)
    config = yaml.safe_load((root / "_config.yml").read_text())
    config["sphinx"]["extra_extensions"] = ["sphinx_exercise", "stand_in"]
    config.pop("launch_buttons", None)  # of a repository without an address, which the press makes sense of
    (plain / "_config.yml").write_text(yaml.safe_dump(config))
    parser = MdParserConfig(enable_extensions=set(config["parse"]["myst_enable_extensions"]))
    for page in (plain / "book").glob("*.md"):
        text = notebooks._RESULT.sub(lambda found: notebooks._number(found[1], "en"), page.read_text("utf-8"))
        page.write_text(text, encoding="utf-8")
        if chapter := chapters.read(root / "book" / page.name).sources:
            book = read_myst_markdown_notebook(text, config=parser)
            cells = [cell for cell in book.cells if cell.cell_type == "code"]
            for cell, found in zip(cells, store.outputs(page.stem, chapter, root), strict=True):
                cell.outputs = found.outputs if found else []
            nbformat.write(book, page.with_suffix(".ipynb"))
            page.unlink()


def measure_ratio(root: Path, plain: Path, repeat: int, bound: float) -> bool:
    """The row that compares the press with plain Jupyter Book."""
    write_plain(root, plain)
    sides = {
        "press": (root, "build._sphinx(root, draft=True, live=False)"),
        "plain": (plain, "build.run_sphinx(root, root / '_build' / 'html', 'html', {})"),
    }
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _round in range(repeat):
        for name, (place, call) in sides.items():
            shutil.rmtree(place / "_build", ignore_errors=True)
            program = f"from pathlib import Path; from press.publish import build; root = Path.cwd(); {call}"
            paths = f"import sys; sys.path.insert(0, {str(root / 'code')!r}); "
            found[name].append(cost(["-c", paths + program], place).processor)
    press, without = min(found["press"]), min(found["plain"])
    return row("press / plain, this book", press / without, bound, "", f"{press:.1f} s / {without:.1f} s of processors")


def measure_status(name: str, root: Path, bound: float) -> bool:
    """The row of `press status`, from the shell, a page."""
    cost(["-m", "press", "status", "index"], root)  # what is parsed is remembered
    pages = len(chapters.find(root))
    command = "import sys; from press.cli import main; main(['status']); sys.exit(0)"  # stale is no failure here
    found = min(cost(["-c", command], root) for _round in range(3))
    return row(f"{name}, press status a page", found.wall / pages * 1000, bound, "ms")


def main() -> int:
    """Measure both books in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chapters", type=int, default=27)
    parser.add_argument("--repeat", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        this, long = Path(folder, "this"), Path(folder, "long")
        longbook.copy_book(this)
        kept = measure_status("this book", this, 20)
        kept &= measure_builds("this book", this, (None, 5, 8))
        kept &= measure_ratio(this, Path(folder, "plain"), options.repeat, 1.3)
        longbook.write_book(long, options.chapters)
        kept &= measure_status(f"{options.chapters} chapters", long, 20)
        kept &= measure_builds(f"{options.chapters} chapters", long, (40, 10, 8))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
