"""The shape of the house: one name opens four doors, imports run downwards, files stay readable."""

from __future__ import annotations

import ast
import code as stdlib_code
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from toys import ROOT

from convnets.common import gzipped
from press.outputs import chapters
from press.page import facts
from press.publish import new, readme

CODE = ROOT / "code"
PROSE = ("index", "recap", "teaching", "glossary", "references", "credits")
"""Pages of prose, without a system."""

PAGES = chapters.contents(ROOT)
"""Every page of the book, in its order; what is not prose tells the system of its name."""

SYSTEMS = [page for page in PAGES if page not in PROSE]

LAST_PARTS = ["What this does not show", "Exercises", "Sources"]
USE_PARTS = ["The idea", "The system", "What it achieves", "Where it fails", *LAST_PARTS]
"""Headings of a chapter, in their order."""

ROOMS = ("outputs", "page", "editions", "publish")
"""Of the press, in their order."""

LONGEST_FILE = 300
LARGEST_SYSTEM, LARGEST_BOOK = 1_200_000, 40 * 2**20
LARGER = {"alexnet": 1_400_000, "cortex": 1_375_000, "detection": 2_500_000, "driving": 5_200_000,
          "housenumbers": 2_500_000,
          "imagenet": 1_800_000, "lenet": 1_800_000, "localisation": 2_200_000,
          "neocognitron": 2_450_000, "signs": 2_400_000, "tumours": 2_800_000}  # fmt: skip
"""Bytes that a system's assets may hold, and all tracked files. The cortex's graph holds its filters, which are no
weights; ImageNet's small networks of 56 layers have 144,000 each; LeNet and its controls are seven networks of 60,000
weights; the second neocognitron alone has a million; the reader of house numbers has 587,000; three networks
read traffic signs, beside 49 photographs; eight blood smears are half a million bytes;
five networks say where things are; one of five hundred thousand weights outlines lesions, another membranes;
one of 835,000 weights knows streets, and two of 252,000 steer."""
FUNCTION_LINES = 60
CELL_LINES, CELL_WIDTH = 10, 79
"""Of a chapter's cells; what is wider is cut off at the right of a page 1,280 pixels wide."""


def python_files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def module_name(file: Path) -> str:
    name = ".".join(file.relative_to(CODE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports(file: Path) -> Iterator[str]:
    """Modules that ``file`` imports, absolute, wherever the statement stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module_name(file) if file.name == "__init__.py" else module_name(file).rpartition(".")[0]
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def part(module: str) -> str:
    """``convnets.lenet.model`` -> ``lenet``: the system, ``common``, or a module of the package itself."""
    return (module.split(".") + [""])[1]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_has_four_doors(system: str) -> None:
    for door in (f"book/{system}.md", f"code/convnets/{system}", f"assets/{system}", f"tests/{system}"):
        assert (ROOT / door).exists(), f"{system} has no {door}"
    runs = list((ROOT / "assets" / system / "runs").glob("*.json"))
    weights = gzipped.weights(ROOT / "assets" / system)
    if (CODE / "convnets" / system / "train.py").exists():
        assert runs, f"{system} has no run record"
        assert weights, f"{system} has no published weights"
    else:
        assert not runs, f"{system} has run records, but no train.py that made them"
        assert not weights, f"{system} has weights, but no train.py that made them"


def test_every_demo_has_its_test() -> None:
    for file in sorted((CODE / "live" / "src" / "demos").glob("[a-z]*.js")):
        door = ROOT / "tests" / file.stem / "test_demo.py"
        assert door.is_file(), f"{file.relative_to(ROOT)} has no test: write {door.relative_to(ROOT)}"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_chapter_has_the_parts_that_readers_look_for(system: str) -> None:
    """At its end what it does not show, exercises, sources; a use has the whole order, and begins with the demo."""
    text = (ROOT / "book" / f"{system}.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads[-3:] == LAST_PARTS, (
        f"book/{system}.md must end with the parts {', '.join(LAST_PARTS)}, not {heads[-3:]}"
    )
    if facts.read(ROOT, system).part == "use":
        first = text.index(f"({system}-live)=\n## ") if f"({system}-live)=\n## " in text else -1
        assert first == text.index("\n## ") - len(f"({system}-live)="), (
            f"book/{system}.md is on a use: its first part, with the label {system}-live, holds the demo"
        )
        wanted = [head for head in heads if head in USE_PARTS]
        assert wanted == USE_PARTS, (
            f"book/{system}.md must have the parts {', '.join(USE_PARTS)} in this order: {wanted}"
        )


def test_no_door_leads_nowhere() -> None:
    packages = {folder.name for folder in (CODE / "convnets").iterdir() if (folder / "__init__.py").is_file()}
    pages = {page.stem for page in (ROOT / "book").glob("*.md")}
    assert pages == set(PAGES), (
        f"{sorted(pages ^ set(PAGES))}: each page in book/ has its line in _toc.yml, and the reverse"
    )
    for where, names in (("code/convnets", packages - {"common"}), ("assets", _folders(ROOT / "assets") - set(PROSE))):
        odd = sorted(names ^ set(SYSTEMS))
        assert not odd, f"{odd}: each folder in {where} is a system with a page in _toc.yml, and the reverse"


def test_the_readme_lists_every_chapter() -> None:
    pytest.importorskip("pybtex")
    assert readme.is_fresh(ROOT, new.steps()), (
        "README's table is not what the chapters say of themselves: run `press refresh NAME`, of any"
    )


def test_every_system_says_what_is_made_of_it() -> None:
    assert facts.systems(ROOT) == SYSTEMS
    for system in SYSTEMS:
        assert facts.read(ROOT, system).question.endswith("?")


def test_no_file_outside_its_doors_names_a_system() -> None:
    """What tells of all systems asks the package, ``_toc.yml`` or the chapters which there are."""
    doors = re.compile(rf"code/(?:convnets|live/src/demos)/(?:{'|'.join(SYSTEMS)})(?:/|\.js$)")
    named = re.compile(rf"""["'](?:\./)?(?:{"|".join(SYSTEMS)})(?:/[\w./-]*)?["']""")
    for file in [*python_files("code"), *sorted((CODE / "live" / "src").rglob("*.js"))]:
        if doors.match(name := file.relative_to(ROOT).as_posix()):
            continue
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".py":
            imported = [module for module in imports(file) if part(module) in SYSTEMS]
            assert not imported, f"{name} imports {imported}: ask `convnets.systems()` which systems there are"
            text = without_docstrings(text)
        else:
            text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
        found = named.findall(text)
        assert not found, f"{name} names {found}: let the system say it, and ask all systems"


def without_docstrings(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            body[:] = [
                part for part in body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ]
    return ast.unparse(tree)


def _folders(place: Path) -> set[str]:
    return {folder.name for folder in place.iterdir() if folder.is_dir()}


def test_no_two_works_are_cited_alike() -> None:
    from pybtex.database import parse_file

    cited = Counter()
    for work in parse_file(str(ROOT / "book" / "references.bib")).entries.values():
        names = [" ".join(person.last_names) for person in work.persons.get("author", [])]
        shown = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        cited[shown, work.fields.get("year")] += 1
    alike = [label for label, works in cited.items() if works > 1]
    assert not alike, f"{alike}: write 2007a and 2007b as their years in references.bib"


def test_names_of_authors_are_written_in_letters() -> None:
    r"""The search reads what stands in the file: ``Mar{\v{c}}elja`` is found by nobody who looks for Marčelja."""
    written = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    accents = re.findall(r"\{?\\[^&%$#_\s].*", written)
    assert not accents, f"{accents[0]}: write the letter itself"


def test_the_folder_code_does_not_hide_the_standard_librarys_module() -> None:
    assert not (CODE / "__init__.py").exists()
    assert hasattr(stdlib_code, "InteractiveConsole")
    found = "import code, pdb; assert hasattr(code, 'InteractiveConsole'), code"
    subprocess.run([sys.executable, "-c", found], cwd=ROOT, check=True)


def test_the_library_never_imports_the_press() -> None:
    for file in python_files("code/convnets"):
        upwards = [name for name in imports(file) if name.split(".")[0] in {"press", "sphinx", "docutils", "IPython"}]
        assert not upwards, f"{file.relative_to(ROOT)} imports {upwards}"


def test_rooms_of_the_press_import_only_those_before_them() -> None:
    for file in python_files("code/press"):
        own = part(module_name(file))
        for name in imports(file):
            other = part(name)
            if own in ROOMS and name.startswith("press."):
                assert other in ROOMS[: ROOMS.index(own) + 1], f"{file.relative_to(ROOT)} imports {name}"
        assert own in (*ROOMS, "cli", "__main__", ""), f"{file.relative_to(ROOT)} lies in no room"


def test_imports_between_systems_run_downwards() -> None:
    reaches: dict[str, set[str]] = {}
    for file in python_files("code/convnets"):
        own = part(module_name(file))
        others = {part(name) for name in imports(file) if name.startswith("convnets.")} & {*SYSTEMS, "common"}
        reaches.setdefault(own, set()).update(others - {own})
    assert not reaches["common"], "common imports a system"
    done: set[str] = set()
    while left := {name for name in SYSTEMS if name not in done}:
        free = {name for name in left if not reaches[name] & left - {name}}
        assert free, f"the systems {sorted(left)} import one another in a circle"
        done |= free


def test_importing_the_package_is_light() -> None:
    check = "import sys, convnets; heavy = {'torch', 'numpy'} & sys.modules.keys(); assert not heavy, heavy"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)


def test_files_can_be_read_in_one_sitting() -> None:
    for file in python_files("code", "tests"):
        lines = file.read_text(encoding="utf-8").splitlines()
        name = file.relative_to(ROOT)
        assert len(lines) <= LONGEST_FILE or name.parts[0] == "tests", f"{name} has {len(lines)} lines"


def test_functions_are_short_and_public_ones_documented() -> None:
    for file in python_files("code"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        name = file.relative_to(ROOT)
        assert ast.get_docstring(tree), f"{name} does not say what it is"
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= FUNCTION_LINES, f"{name}: {node.name} has {length} lines"
        for node in tree.body if file.parent.name != "tests" else ():
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name}: {node.name} has no docstring"


@pytest.mark.parametrize("page", PAGES)
def test_cells_hold_no_logic_and_fit_the_page(page: str) -> None:
    for cell in chapters.read(ROOT / "book" / f"{page}.md").cells:
        lines = cell.source.splitlines()
        assert len(lines) <= CELL_LINES, f"cell {cell.number} has {len(lines)} lines"
        wide = [line for line in lines if len(line) > CELL_WIDTH]
        assert not wide, f"cell {cell.number} is too wide: {wide}"


def test_the_repository_stays_small() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: what is tracked cannot be told")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sizes = {name: (ROOT / name).stat().st_size for name in listed.split("\0") if name and (ROOT / name).is_file()}
    total = sum(sizes.values())
    assert total <= LARGEST_BOOK, f"the repository tracks {total} bytes, and {LARGEST_BOOK} are allowed"
    for system in SYSTEMS:
        held = sum(size for name, size in sizes.items() if name.startswith(f"assets/{system}/"))
        most = LARGER.get(system, LARGEST_SYSTEM)
        assert held <= most, (
            f"assets/{system} holds {held} bytes, and {most} are allowed: fewer figures, smaller weights"
        )


def test_no_unfinished_marks_are_left() -> None:
    marks = ["TO" + "DO", "FIX" + "ME", "X" * 3]
    for file in [*python_files("code", "tests", "benchmarks"), *(ROOT / "book").rglob("*.md")]:
        text = file.read_text(encoding="utf-8")
        found = [mark for mark in marks if mark in text]
        assert not found, f"{file.relative_to(ROOT)} holds {found}"


def test_nothing_writes_pickle() -> None:
    for file in python_files("code"):
        text = file.read_text(encoding="utf-8")
        assert not {"pickle", "joblib", "dill"} & set(imports(file)), file
        assert "torch.save(" not in text, file
        assert not re.search(r"torch\.load\((?![^()]*weights_only=True)", text), f"{file}: others' files, tensors only"
