"""``press refresh``: what is due for a system and only that, from training to catalogues; then what is left to do.

Missing runs are trained. Stale ones too, if their records say that all of them together take ten minutes at most:
else they are told, for ``press accept`` may keep them.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import warnings
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from convnets import cli, verify
from convnets.common import gzipped, runs, samples
from convnets.common.errors import ConvnetsError
from press.outputs import chapters, execute, exports, status, store
from press.page import facts
from press.publish import new, readme, translate

MINUTES = 10.0
"""Stale runs are trained again if their records say that they take no longer, all together."""


def refresh(
    root: Path, names: list[str], device: str | None = None, minutes: float = MINUTES, threads: int | None = None
) -> int:
    """Bring the systems ``names`` up to date; returns 1 where something is left for a person.

    Raises:
        ConvnetsError: no name, unknown name, a module that cannot be imported, before anything is trained, or a step
            failed; what was done before it stays.
    """
    known = facts.systems(root)
    if not names:
        raise ConvnetsError(_wanted(waiting(root)))
    if unknown := [name for name in names if name not in known]:
        raise ConvnetsError(f"There is no system {unknown[0]!r} in the book: there are {', '.join(known)}.")
    for name in names:
        _import_all(name)
    left: list[str] = []
    for name in names:
        left += _train(name, minutes, device, threads)
        _export(name, root)
        _tell(_execute(name, root, device))
    for path in chapters.find(root):  # pages of prose may show what all systems do
        if path.stem not in known and path.stem in chapters.contents(root):
            _tell(_execute(path.stem, root, device))
    if readme.update(root, new.steps()):
        print("README.md: its table of chapters is written anew")
    with warnings.catch_warnings():  # of packages that look at all objects, PyTorch's old ones among them
        warnings.simplefilter("ignore", FutureWarning)
        translate.translate(root)
    left += [*status.amiss(root, names), *_undone(root, names)]
    for text in dict.fromkeys(left):
        print(f"left for you: {text}")
    return 1 if left else 0


def waiting(root: Path) -> dict[str, int]:
    """The systems for which something is due, and how many runs that trains. Their trainings are imported, no more."""
    counts = {name: _runs_due(name) for name in facts.systems(root)}
    return {name: count or 0 for name, count in counts.items() if count is not None or _is_due(name, root)}


def _runs_due(name: str) -> int | None:
    """How many runs there are to train; None where nothing has to be done about any."""
    if importlib.util.find_spec(f"convnets.{name}.train") is None:
        return None
    try:
        found, left = due(name)
    except ModuleNotFoundError:
        raise
    except Exception:  # whatever the author's code raises: who refreshes this system is told
        return 0
    return len(found) if found or left else None


def _is_due(name: str, root: Path) -> bool:
    """Whether the chapter or what was exported for it is out of date."""
    stale = any(page.state in ("stale", "missing") for page in status.check(root, name))
    return stale or bool(status.amiss(root, [name]))


def _wanted(found: dict[str, int]) -> str:
    """What is told who names no system: a run may take hours, and nobody has asked for it."""
    told = [f"{name} ({count} run{'s' * (count > 1)} to train)" if count else name for name, count in found.items()]
    listed = " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))
    due = (
        f"something is due for {listed}: type `press refresh {' '.join(found)}`" if found else "nothing is due for any"
    )
    return f"press refresh wants names of systems, for it may train for hours; {due}, or `press refresh --all`."


def _import_all(name: str) -> None:
    """Every module of the system: what the chapter or an export would stumble over is told before hours of training."""
    package = importlib.import_module(f"convnets.{name}")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        try:
            importlib.import_module(module.name)
        except Exception as error:  # whatever the author's code raises
            told = " ".join(f"{type(error).__name__}: {error}".split())
            raise ConvnetsError(f"{module.name} cannot be imported ({told}): mend it; nothing was done.") from error


class Due(NamedTuple):
    """A run to train now."""

    recipe: str
    seed: int
    fresh: bool  # a stale record is in its way


def due(name: str, minutes: float = MINUTES) -> tuple[list[Due], list[str]]:
    """The runs to train now, and a sentence on those that a person has to decide about."""
    training = importlib.import_module(f"convnets.{name}.train")
    seeds = getattr(training, "SEEDS", {})
    stems, stale, others = runs.names(name), runs.all_stale(name), verify.other_recipes(name, training.RECIPES)
    records = [runs.read(name, stem) for stem in stems]
    trained = {record["recipe"] for record in records}
    missing = [
        Due(recipe, seed, False)
        for recipe in training.RECIPES
        for seed in range(seeds.get(recipe, 0 if recipe in trained else 1))
        if f"{recipe}-{seed}" not in stems
    ]
    late = [
        record
        for stem, record in zip(stems, records, strict=True)
        if record["recipe"] in training.RECIPES and (stale[stem] or stem in others)
    ]
    gone = [stem for stem, record in zip(stems, records, strict=True) if record["recipe"] not in training.RECIPES]
    left = [f"runs {', '.join(gone)} of {name}: no recipe makes them any more; delete their records"] if gone else []
    took = sum(float(record.get("seconds", 0)) for record in late) / 60
    if took > minutes:
        told = f"{len(late)} runs of {name} are stale, and to train them took {took:.0f} minutes: "
        keep, again = f"press accept {name} --because TEXT", f"press refresh {name} --minutes {took + 1:.0f}"
        return missing, [*left, f"{told}`{keep}` keeps them if no result changed, `{again}` trains them"]
    return [*missing, *(Due(record["recipe"], record["seed"], True) for record in late)], left


def _train(name: str, minutes: float, device: str | None, threads: int | None) -> list[str]:
    if importlib.util.find_spec(f"convnets.{name}.train") is None:
        return []
    found, left = due(name, minutes)
    options = [*(["--device", device] if device else []), *(["--threads", str(threads)] if threads else [])]
    for recipe, seed, is_stale in found:
        command = ["train", name, "--recipe", recipe, "--seeds", str(seed), *(["--fresh"] if is_stale else [])]
        _run([*command, *options])
    return left


def _export(name: str, root: Path) -> None:
    """Exports that are out of date or were never made, and files of networks and facts that are no more."""
    folder, shown = root / "assets" / name, _shown(name)
    lacking = "samples" in shown and not (folder / samples.TOLD).is_file()
    if lacking or exports.reasons(root, name):
        _run(["export", name, *(["--samples"] if lacking else [])])
    facts_file = folder / "facts.json"
    for file in [
        *exports.orphans(root, name),
        *([facts_file] if "FACTS" not in shown and facts_file.is_file() else []),
    ]:
        file.unlink()
        print(f"deleted {file.relative_to(root)}")


def _shown(name: str) -> Container[str]:
    """What the system's ``live.py`` defines, if it has one."""
    if importlib.util.find_spec(f"convnets.{name}.live") is None:
        return ()
    return vars(importlib.import_module(f"convnets.{name}.live")).keys()


def _run(command: list[str]) -> None:
    if code := cli.main(command):
        raise ConvnetsError(f"`convnets {' '.join(command)}` ended with {code}: see above; the same command goes on.")


def _execute(name: str, root: Path, device: str | None) -> Iterator[str]:
    execute.execute(root, [name], device)
    for file in [*store.unused(name, root), *runs.unused_code(root / "assets" / name)]:
        file.unlink()
        yield f"deleted {file.relative_to(root)}"


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _undone(root: Path, names: list[str]) -> Iterator[str]:
    """What no command can do: translations, and templates that nobody has replaced yet."""
    count = len(translate.left(root))
    if count:
        messages = "one message" if count == 1 else f"{count} messages"
        yield f"{messages} in the catalogues, which `press translate` names"
    for name in names:
        folder = root / "assets" / name
        if gzipped.weights(folder) and not (folder / "SOURCES.md").is_file():
            yield f"assets/{name}/SOURCES.md: whose data, weights and pictures these are"
