"""``press new``: the doors of a system, laid as a thin one that works; its author replaces them part by part.

The templates lie in ``thin/`` beside this file, where lint and types look at them.
"""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from pathlib import Path

from convnets.common import assets
from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.outputs import chapters
from press.page import plan
from press.publish import readme
from press.publish.steps import STEPS

THIN = Path(__file__).with_name("thin")
EXAMPLE = "skirmish"  # the name in README's steps
CONTRACT = Path("tests", "test_contract.py")


def new(root: Path, name: str, title: str, part: str = "use", training: bool = True) -> list[Path]:
    """Lay the doors of ``name``; returns what was written. Nothing that is there is touched, but the two lists.

    Raises:
        ConvnetsError: the name or the title will not do, or a door is there already; then nothing is written.
    """
    _check(root, name, title)
    files = {
        root / target.format(name=name): template
        for step in STEPS
        for target, template in step.files.items()
        if training or not step.trains or template == "__init__.py"
    }
    if there := [file for file in files if file.exists()]:
        raise ConvnetsError(f"{there[0].relative_to(root)} is there already: choose another name, or delete it first.")
    written = {file: _filled(template, name, title, part, training) for file, template in files.items()}
    for language in catalogues.languages(root)[1:]:
        if (template := f"{language}.po") in {file.name for file in THIN.glob("*.po")}:
            written[catalogues.path(root, language, f"book/{name}")] = _filled(template, name, title, part, training)
    toc, contract = root / "_toc.yml", root / CONTRACT
    written[toc] = _with_page(toc, name, part)
    if training:
        written[contract] = _with_row(contract, name)
    for file, text in written.items():
        assets.write_atomic(file, text.encode())
    _tidy(root, [file for file in written if file.suffix == ".py"])
    return [file.relative_to(root) for file in written]


def steps() -> list[str]:
    """README's list, made of :data:`STEPS`."""
    found = []
    for number, step in enumerate(STEPS):
        head = f"`{step.title}`: " if step.title else ""
        found += readme.wrapped(f"{number}. " if number else "", (head + step.text).format(name=EXAMPLE))
        found += [] if number else [""]
    return found


def _check(root: Path, name: str, title: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*", name) or keyword.iskeyword(name) or name in ("common", "thin", "cli"):
        raise ConvnetsError(
            f"{name!r} is no name for a system: it is one word of small letters and digits, such as `skirmish`, as it "
            "stands in paths, in Python and in addresses of pages."
        )
    if name in chapters.contents(root) or name in sys.stdlib_module_names:
        raise ConvnetsError(f"{name!r} is taken: choose another word.")
    if not title.strip() or "\n" in title or '"' in title:
        raise ConvnetsError(f"{title!r} is no title: write one line without quotation marks, `Name: what it does`.")


def _filled(template: str, name: str, title: str, part: str, training: bool) -> str:
    own = THIN / "untrained" / template
    text = (own if not training and own.is_file() else THIN / template).read_text(encoding="utf-8")
    text = text.replace("press.publish.thin.untrained", "press.publish.thin")
    text = text.replace("press.publish.thin", f"convnets.{name}").replace(
        "from press.publish import thin", f"from convnets import {name}"
    )
    text = re.sub(r"\bthin\b", name, text)
    text = re.sub(r"\bThin\b", name.capitalize(), text)
    text = re.sub(r"\b_THIN\b", f"_{name.upper()}", text)
    short = title.partition(":")[0].strip()
    return text.replace("@title@", title.strip()).replace("@name@", short).replace("@part@", part)


def _with_page(toc: Path, name: str, part: str) -> str:
    """The table of contents with the page in its part, after the systems that come before it in the plan."""
    parts = plan.read(toc.parent)
    order = [(each.name, system) for each in parts for system in each.systems]
    names = [each.name for each in parts]
    if part not in names:
        raise ConvnetsError(f"{plan.FILE} has no part {part!r}: choose one of {', '.join(names)}.")
    place = order.index((part, name)) if (part, name) in order else 1 + max(
        index for index, (each, _system) in enumerate(order) if names.index(each) <= names.index(part)
    )  # fmt: skip
    caption = next(f"  - caption: {each.caption}" for each in parts if each.name == part)
    lines, new = toc.read_text(encoding="utf-8").splitlines(), [f"      - file: book/{name}"]
    before = {system: each for each, system in order[:place]}
    found = [(index, line.partition("book/")[2]) for index, line in enumerate(lines) if "file: book/" in line]
    at, home = next(((index, before[page]) for index, page in reversed(found) if page in before), (-1, ""))
    if home != part and caption in lines:
        at = lines.index(caption) + 1
    elif home != part:
        at, new = max(at, lines.index("parts:") if "parts:" in lines else -1), [caption, "    chapters:", *new]
    if at < 0:
        raise ConvnetsError(f"{toc} has no parts, in one of which `{name}` could stand: restore it.")
    lines[at + 1 : at + 1] = new
    return "\n".join(lines) + "\n"


def _with_row(contract: Path, name: str) -> str:
    """The contract table with the thin network's row at its end."""
    text = contract.read_text(encoding="utf-8")
    row = f'    Net("{name}", "{name}", (1, 16, 16), (3,), 177),\n'
    found, count = re.subn(r"(?ms)^(TABLE\b.*?\n)(\]\n)", lambda part: part[1] + row + part[2], text, count=1)
    if not count:
        raise ConvnetsError(f"{contract} has no TABLE to add a row to: restore it.")
    return found


def _tidy(root: Path, files: list[Path]) -> None:
    """Imports in the order that lint wants, which depends on the name; where there is no ruff, they stay."""
    command = [sys.executable, "-m", "ruff"]
    for what in (["check", "--no-cache", "--quiet", "--select", "I", "--fix"], ["format", "--no-cache", "--quiet"]):
        subprocess.run([*command, *what, *map(str, files)], cwd=root, check=False, capture_output=True)
