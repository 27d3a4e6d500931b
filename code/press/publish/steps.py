"""The steps of adding a system: what ``press new`` lays for each, and what README says of it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["STEPS", "Step"]

_PACKAGE = "code/convnets/{name}"


class Step(NamedTuple):
    """One step: what it makes, what its author does, the files that ``press new`` lays for it: {target: template}."""

    title: str
    text: str
    files: dict[str, str]
    trains: bool = False  # only where there is training


STEPS = [
    Step(
        "",
        '`press new {name} --title "AlphaStar: a game of armies"` lays everything below as a thin system that works '
        "(bars told apart by one convolution); with `--no-training`, without a network. `press refresh {name}` trains, "
        "exports, executes, translates, and says what is left: the Spanish of your title and question. Write "
        "it (below), and `press build` and `make test ONLY={name}` are green. Now replace part by part. The package, "
        "its `figures.py` and the demo import one another: replace them together (1 to 4 and 7), then ask "
        "`press refresh {name}`, and again after each of the others. On a busy machine a small network trains "
        "much faster on one thread (`--threads 1`):",
        {},
    ),
    Step(
        f"{_PACKAGE}/model.py",
        "the network, its paper's tables as data, *Deviations* in the docstring.",
        {f"{_PACKAGE}/model.py": "model.py"},
        trains=True,
    ),
    Step(
        f"{_PACKAGE}/data.py",
        "`split(folder)` gives the sets with a `digest`, `load(split, folder)` one of them; "
        "[`common/sets.py`](code/convnets/common/sets.py) holds some out. A `NAME` is a proper one, with capitals, or "
        "begins small and is translated. Where real data cannot be had, a world such as the one that is there.",
        {f"{_PACKAGE}/data.py": "data.py"},
    ),
    Step(
        f"{_PACKAGE}/nets.py",
        "`NETS`, `load(net)`, `evaluate(net, data, split)`, most of which is "
        "[`common/published.py`](code/convnets/common/published.py)'s; `__init__.py` names what users call. A metric "
        "brings its interval and, if it is not one example in ten thousand, its tolerance: `Measured` of "
        "[`common/stats.py`](code/convnets/common/stats.py).",
        {f"{_PACKAGE}/nets.py": "nets.py", f"{_PACKAGE}/__init__.py": "__init__.py"},
        trains=True,
    ),
    Step(
        f"{_PACKAGE}/train.py",
        "a frozen dataclass `Recipe`, the tables `RECIPES` and `SEEDS` (how many seeds the book publishes), the loop "
        "in `learn(recipe, data, fabric, log)`, and `fingerprint`: some twenty early numbers, which `press accept` "
        "compares. The rest is [`common/training.py`](code/convnets/common/training.py)'s, whose docstring shows a "
        "loop. Where recipes learn from different data, also `digest(recipe, data)`.",
        {f"{_PACKAGE}/train.py": "train.py"},
        trains=True,
    ),
    Step(
        "tests/{name}/",
        "first the paper's numbers, shapes and worked examples, then training; the demo as a reader uses it. One row a "
        "network in [`tests/test_contract.py`](tests/test_contract.py) holds its parameters and shapes.",
        {"tests/{name}/test_model.py": "tests/test_model.py", "tests/{name}/test_demo.py": "tests/test_demo.py"},
    ),
    Step(
        "assets/{name}/SOURCES.md",
        "a title `# AlphaStar: ...`, then `## Data`, `## Weights`, `## Pictures`, and `## Claims ...` for what was "
        "read through a copy alone. The credits page prints the first three. All else in `assets/{name}` is computed.",
        {"assets/{name}/SOURCES.md": "SOURCES.md"},
    ),
    Step(
        f"{_PACKAGE}/live.py",
        "what the page shows, and the demo itself in `code/live/src/demos/{name}.js` (see *Live demos*).",
        {f"{_PACKAGE}/live.py": "live.py", "code/live/src/demos/{name}.js": "demo.js"},
    ),
    Step(
        "book/{name}.md",
        "the chapter: question, demo, idea and on in the order of its headings, with its facts in the front matter "
        "(`part`, `question`, `picture`, `papers`), `{{quiz}}`s, at least four exercises (form: "
        "[`tests/test_exercises.py`](tests/test_exercises.py)), and figures from `figures.py`. Numbers and words that "
        "a cell puts out are a `table` of [`common/tables.py`](code/convnets/common/tables.py), with a caption: each "
        "edition writes it in its language. Cells have at most ten lines of 79 characters; one that only draws is "
        "tagged `hide-input`, and its code folds. A side study stands "
        "under a heading `### The long way: ...`, which folds. The main line has 3,000 words at most, 4,500 where the "
        "part is context or history ([`page/length.py`](code/press/page/length.py)). A row of `{{results}}` has "
        "`label`, `recipe`, `metric`, where they say something `paper`, `cite`, `note`, and `claim` with `comparable` "
        "for the recapitulation. Sources go into `book/references.bib`, new words into `book/glossary.md`; the "
        "chapter's place is a line of `_toc.yml`.",
        {f"{_PACKAGE}/figures.py": "figures.py", "book/{name}.md": "chapter.md"},
    ),
    Step(
        "",
        "`press refresh {name}`, the Spanish, `press build`, `press stills {name}` and `press build` again, `make test "
        "ONLY={name}`, in the end `make test`.",
        {},
    ),
]
"""In the order of work."""
