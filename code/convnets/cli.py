"""``convnets``: list, train, evaluate, verify and export the systems of the book."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import convnets
from convnets import systems
from convnets.common import assets, commands, runs, seeds
from convnets.common.errors import ConvnetsError

__all__ = ["main", "systems"]

_EXAMPLES = """examples:
  convnets list                                   what is there, and how well it does
  convnets train lenet --recipe lenet1            train one recipe, seed 0; goes on where a kill left it
  convnets train lenet --recipe lenet5 --seeds 0-4 --device cuda
  convnets evaluate lenet --net lenet5 --json     measure the published weights on the test images
  convnets verify lenet                           are all published numbers still true on this machine?
  convnets export lenet --out /tmp/graphs         the networks' graphs as ONNX
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 (verify found a difference), 2 (bad input), 130 (stopped)."""
    chosen = argparse.Namespace(stopped=lambda _chosen: "stopped.")

    def work() -> int:
        _parser().parse_args(arguments, chosen)
        code: int = chosen.command(chosen)
        return code

    return commands.run("convnets", work, lambda: chosen.stopped(chosen))


def _list(chosen: argparse.Namespace) -> int:
    for system in systems():
        recipes = sorted({stem.rpartition("-")[0] for stem in runs.names(system)})
        print(system if recipes else f"{system} (not trained)")
        for recipe in recipes:
            for metric in seeds.metrics(system, recipe):
                found = seeds.summary(system, recipe, metric)
                interval = f"[{found.low:.4f}, {found.high:.4f}]"
                print(f"  {recipe:24} {metric} {found.mean:.4f}  {interval}  {len(found.values)} seed(s)")
    return 0


def _train(chosen: argparse.Namespace) -> int:
    import torch

    from convnets.common import loop

    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    training, data = _module(chosen.system, "train"), _module(chosen.system, "data")
    names = chosen.recipe or [next(iter(training.RECIPES))]
    recipes = [_pick(name, training.RECIPES, f"{chosen.system} has no recipe") for name in names]
    if chosen.epochs and not all(hasattr(recipe, "epochs") for recipe in recipes):
        raise ConvnetsError(f"--epochs {chosen.epochs} does not apply: {chosen.system} does not train in epochs.")
    fabric = loop.make_fabric(chosen.device)
    sets = data.split(chosen.data)
    out = Path(chosen.out) if chosen.out else assets.root()
    for recipe in recipes:
        for seed in chosen.seeds:
            changes = {"seed": seed} | ({"epochs": chosen.epochs} if chosen.epochs else {})
            chosen.under_way = f"{recipe.name}-{seed}"
            _train_one(training, replace(recipe, **changes), sets, fabric, out / chosen.system, chosen.fresh)
    return 0


def _stopped(chosen: argparse.Namespace) -> str:
    """What Ctrl-C leaves of a training: not every system's takes so long that it keeps its state."""
    folder = (Path(chosen.out) if chosen.out else assets.root()) / chosen.system / ".checkpoints"
    stem = getattr(chosen, "under_way", None)
    if stem and any((folder / name).exists() for name in (stem, f"{stem}.safetensors")):
        return "stopped; the same command goes on from the last finished epoch or layer."
    return "stopped; runs that ended are kept, and the same command begins anew the one under way."


def _train_one(training: ModuleType, recipe: Any, sets: Any, fabric: Any, folder: Path, fresh: bool) -> None:
    from convnets.common import loop
    from convnets.common import training as frame

    stem = f"{recipe.name}-{recipe.seed}"
    key = frame.key(folder.name, recipe, sets)
    checkpoint = loop.Checkpoint(folder / ".checkpoints" / f"{stem}.safetensors", key)
    if fresh:
        checkpoint.delete()
    elif (stored := folder / "runs" / f"{stem}.json").exists():
        made = runs.is_made(runs.read_file(stored), recipe, key, folder)
        if made and not checkpoint.file.exists():  # else it was killed while its weights were published
            print(f"{stem}: already there ({stored}); --fresh trains it again")
            return
        if not made:
            raise ConvnetsError(
                f"{stored} holds a run of other code or settings: --fresh replaces it, --out spares it."
            )
    run = training.train(recipe, sets, fabric, checkpoint)
    is_published = runs.publish(run.record, run.weights, folder)
    checkpoint.delete()
    note = ", published" if is_published else ""
    print(f"{stem}: {json.dumps(run.record['metrics'])} in {run.record['seconds']} s on {run.record['device']}{note}")


def _evaluate(chosen: argparse.Namespace) -> int:
    system = _module(chosen.system)
    if not hasattr(system, "evaluate"):
        raise ConvnetsError(f"{chosen.system} is not evaluated: it has no trained network; its tests measure it.")
    net = {"net": chosen.net} if chosen.net else {}  # else the system's own default
    found = system.evaluate(**net, data=chosen.data, split=chosen.split)
    if chosen.json:
        print(json.dumps(found))
        return 0
    for metric, value in found["metrics"].items():
        low, high = found["interval95"][metric]
        print(
            f"{found['net']} on {found['count']} examples of {found['dataset']} ({found['split']}): "
            f"{metric} {value:.4f}, 95 % interval {low:.4f} to {high:.4f}"
        )
    if not found["digest_known"]:
        print("note: this is not the published data set, or not all of it")
    return 0


def _verify(chosen: argparse.Namespace) -> int:
    """Compare each published network with its run record; evaluated is what has changed since, or with --all all."""
    from convnets import verify

    worst, old = 0, 0
    for name in [chosen.system] if chosen.system else systems():
        _module(name)
        for finding in verify.look(name, chosen.data, chosen.all):
            old += finding.is_old
            worst |= finding.is_wrong
            if not finding.is_old:
                print(f"{name}/{finding.net}: {finding.said}", flush=True)
        recipes = _module(name, "train").RECIPES if runs.names(name) else {}
        for stem in verify.other_recipes(name, recipes):
            print(f"{name}/{stem}: its recipe is no longer the one in {name}/train.py")
            worst = 1
    if old:
        print(f"{old} published network(s) unchanged since they were measured; --all evaluates them again")
    return worst


def _export(chosen: argparse.Namespace) -> int:
    from convnets.common import export

    _module(chosen.system)
    out = Path(chosen.out) if chosen.out else assets.path(chosen.system)
    for net in [chosen.net] if chosen.net else export.table(chosen.system):
        print(*export.export(chosen.system, net, out), sep="\n")
    if file := export.export_facts(chosen.system, out):
        print(file)
    if chosen.samples:
        print(*export.export_samples(chosen.system, out), sep="\n")
    if not chosen.net:
        print(export.note(chosen.system, out))
    return 0


def _module(system: str, part: str = "") -> ModuleType:
    if system not in systems():
        raise ConvnetsError(f"There is no system {system!r}: choose one of {', '.join(systems())}.")
    name = f"convnets.{system}.{part}" if part else f"convnets.{system}"
    if part == "train" and importlib.util.find_spec(name) is None:
        raise ConvnetsError(f"{system} is not trained: everything in it is given; see its chapter, book/{system}.md.")
    return importlib.import_module(name)


def _pick(name: str, table: dict[str, Any], complaint: str) -> Any:
    if name not in table:
        raise ConvnetsError(f"{complaint} {name!r}: choose one of {', '.join(table)}.")
    return table[name]


def _seeds(text: str) -> list[int]:
    try:
        low, _, high = text.partition("-")
        found = range(int(low), int(high or low) + 1)
    except ValueError:
        found = range(0)
    if not found or found[0] < 0 or found[-1] >= 10**9 or found[-1] - found[0] >= 100:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a seed such as 3 nor a range such as 0-4 (below a thousand million, at most 100)"
        )
    return list(found)


def _folder(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the name of the folder is empty: is a variable not set?")
    return text


def _threads(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads from 1 to 256")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count from 1 to 999999")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog="convnets", description=__doc__, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=convnets.__version__)
    parts = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=commands.Parser)

    listing = parts.add_parser("list", help="print the systems and the test metrics of each stored recipe")
    listing.set_defaults(command=_list)

    train = parts.add_parser(
        "train", help="train recipes, store run records and the best seed's weights",
        description="Train recipes. A run that was killed goes on from its last finished epoch. The seed with the "
        "lowest validation score becomes the published network; the test images are looked at once, at the end.",
    )  # fmt: skip
    train.add_argument("system")
    train.add_argument(
        "--recipe", nargs="+", metavar="NAME", help="as in the system's train.py; default: the first there"
    )
    train.add_argument("--seeds", "--seed", type=_seeds, default=[0], metavar="N[-M]", help="default 0")
    train.add_argument("--epochs", type=_count, help="instead of the recipe's, to try things out")
    train.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="default auto")
    train.add_argument("--threads", type=_threads, help="CPU threads; results are bit-equal for the same number")
    train.add_argument("--out", type=_folder, metavar="DIR", help="default: the assets folder")
    train.add_argument("--fresh", action="store_true", help="forget a checkpoint, replace a stored run")
    train.set_defaults(command=_train, stopped=_stopped)

    evaluate = parts.add_parser("evaluate", help="measure a published network on data")
    evaluate.add_argument("system")
    evaluate.add_argument("--net", help="default: the one that `load()` gives")
    evaluate.add_argument("--split", choices=["test", "all"], default="test")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.set_defaults(command=_evaluate, stopped=lambda _: "stopped; nothing is kept of what was measured.")

    verify = parts.add_parser(
        "verify", help="compare every published network with its run record",
        description="Compare every published network with its run record. Evaluated is what has changed since it last "
        "passed: code, weights or record.",
    )  # fmt: skip
    verify.add_argument("system", nargs="?")
    verify.add_argument("--all", action="store_true", help="evaluate what is unchanged, too")
    verify.set_defaults(command=_verify, stopped=lambda _: "stopped; the same command evaluates what was not told yet.")

    export = parts.add_parser("export", help="write the networks' graphs as ONNX")
    export.add_argument("system")
    export.add_argument("--net", help="default: all")
    export.add_argument("--samples", action="store_true", help="also samples of the data set, which must be at hand")
    export.add_argument("--out", type=_folder, metavar="DIR", help="default: the assets folder")
    export.set_defaults(command=_export, stopped=lambda _: "stopped; every file is whole, the old one or the new.")

    for command in (train, evaluate, verify):
        command.add_argument("--data", metavar="DIR", help="folder laid out like shared/data; default: searched for")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
