"""The command ``press``: from chapters to a printed book."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from convnets.common import commands
from convnets.common.errors import ConvnetsError
from press.outputs import alone

_ALONE = ("new", "refresh", "execute", "accept", "build", "translate", "kit", "pdf")
"""Commands that write, one at a time in a checkout."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns 0, 1 where something is stale or unfit to publish, 2 for a mistake in the input."""
    left = "interrupted; what was stored or printed before is whole."
    return commands.run("press", lambda: _run(arguments), lambda: left)


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse_args(arguments)
    root = _root()
    os.environ["CONVNETS_ASSETS"] = str(root / "assets")  # one store for this process and its kernels
    with alone.alone(root, options.name) if options.name in _ALONE else nullcontext():
        code: int = options.command(root, options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = commands.Parser(
        prog="press",
        description="Print the book from stored outputs, and refuse to print what is out of date.",
        epilog="A day at the press: edit book/lenet.md; `press status` says what that made stale; "
        "`press execute lenet` computes it; `press build` prints the book; `press serve` shows it. Commands that "
        f"write ({', '.join(_ALONE)}) wait for one another.",
    )
    chosen = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: object, text: str, example: str) -> argparse.ArgumentParser:
        sub = chosen.add_parser(name, help=text, description=text, epilog=f"Example: {example}")
        sub.set_defaults(command=command, name=name)
        return sub

    sub = add("status", _status, "Say which pages and runs are fresh, stale (and because of what) or missing; "
              "the exit code is 1 if any is not fresh.", "press status lenet")  # fmt: skip
    sub.add_argument("chapters", nargs="*", metavar="CHAPTER", help="names of chapters; all by default")

    sub = add("execute", _execute, "Run the cells of stale and missing chapters and store what they put out.",
              "press execute lenet --device cpu")  # fmt: skip
    sub.add_argument("chapters", nargs="*", metavar="CHAPTER", help="names of chapters; all by default")
    sub.add_argument("--device", choices=["cpu"], help="compute recorded GPU results that are missing on this "
                     "processor; the page will say so")  # fmt: skip
    sub.add_argument("--force", action="store_true", help="execute fresh chapters too, and replace damaged outputs")
    sub.add_argument("--gc", action="store_true", help="delete stored images that no chapter shows any more")

    sub = add("accept", _accept, "Keep the runs of systems after a refactoring: only if the published weights give the "
              "stored metrics and training the same losses.", 'press accept --all --because "a loop"')  # fmt: skip
    sub.add_argument("systems", nargs="*", metavar="SYSTEM", help="names of systems")
    sub.add_argument("--all", action="store_true", help="every system that is trained")
    sub.add_argument("--because", required=True, metavar="TEXT", help="the reason, kept beside the runs")
    sub.add_argument("--data", metavar="DIR", help="folder of the data set; searched for by default")
    _add_systems(add)
    _add_editions(add)
    return parser


def _add_systems(add: Callable[..., argparse.ArgumentParser]) -> None:
    sub = add("new", _new, "Lay a new system as a thin one that works: package, chapter, tests, demo, sources, its "
              "lines in _toc.yml and in the contract table. Nothing that is there is touched.",
              'press new skirmish --title "AlphaStar: a game of armies"')  # fmt: skip
    sub.add_argument("system", metavar="NAME", help="one word of small letters")
    sub.add_argument("--title", required=True, metavar="TEXT", help="of the chapter: `Name: what it does`")
    sub.add_argument("--part", choices=["context", "history", "use"], default="use", help="default: %(default)s")
    sub.add_argument("--no-training", dest="training", action="store_false", help="a system that learns nothing")

    sub = add("refresh", _refresh, "Do what is due for systems and only that: train missing and short stale runs, "
              "export, execute, delete what nothing shows, write README's table, translate; then say what is left.",
              "press refresh skirmish")  # fmt: skip
    sub.add_argument("systems", nargs="*", metavar="SYSTEM", help="names of systems; without one, it is said for which "
                     "something is due, and nothing is done")  # fmt: skip
    sub.add_argument("--all", action="store_true", help="every system, however long that trains")
    sub.add_argument("--device", choices=["cpu"], help="train and compute on this processor; the page will say so")
    sub.add_argument("--threads", type=int, metavar="N", help="CPU threads to train on: small networks like one")
    sub.add_argument("--minutes", type=float, default=10.0, metavar="N", help="train stale runs again if they took so "
                     "long at most; default: %(default)s")  # fmt: skip


def _add_editions(add: Callable[..., argparse.ArgumentParser]) -> None:
    sub = add("build", _build, "Print the book into _build/html; a stale page stops it, and whatever fails leaves "
              "the site as it was.", "press build --draft")  # fmt: skip
    sub.add_argument("--draft", action="store_true", help="print stale pages too, each with a stamp that says so")
    sub.add_argument("--no-live", dest="live", action="store_false", help="print the live demos' fallbacks, where "
                     "npm's registry cannot be reached")  # fmt: skip

    sub = add("translate", _translate, "Bring the catalogues of translations in book/locale up to date with the "
              "pages, and say what is left to translate; the exit code is 1 if there is something.",
              "press translate")  # fmt: skip
    sub.add_argument("--check", action="store_true", help="write nothing, only say what is left")

    sub = add("kit", _kit, "Pack the printed book, its notebooks and the published weights for reading offline, one "
              "file per language.", "press kit --language es")  # fmt: skip
    sub.add_argument("--out", type=Path, metavar="FILE", help="a file, or a folder for all; default: zips in "
                     "_build/kit, named by version and language")  # fmt: skip
    sub.add_argument("--language", metavar="LANGUAGE", help="only this one, such as en; all by default")

    sub = add("pdf", _pdf, "Print the built book with a headless Chromium, into one PDF per language.",
              "press pdf --language es")  # fmt: skip
    sub.add_argument("--out", type=Path, metavar="FILE", help="a file, or a folder for all; default: PDFs in "
                     "_build/pdf, named by version and language")  # fmt: skip
    sub.add_argument("--language", metavar="LANGUAGE", help="only this one, such as en; all by default")

    sub = add("stills", _stills, "Take pictures and heights of the demos' first states from the built site, with a "
              "headless Chromium; they stand in the demos' places until these run. Also a card for links to the page.",
              "press stills lenet")  # fmt: skip
    sub.add_argument("pages", nargs="*", metavar="PAGE", help="all with a demo by default")

    sub = add("serve", _serve, "Show the printed book on this machine.", "press serve --port 8080")
    sub.add_argument("--port", type=_port, default=8000, help="default: %(default)s")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: choose one from 0 to 65535")
    return int(text)


def _root() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "book").is_dir() and (folder / "_toc.yml").is_file():
            return folder
    raise ConvnetsError(f"There is no book in {here} or above it: run press in the book's repository.")


def _status(root: Path, options: argparse.Namespace) -> int:
    from press.outputs import status

    pages = [page for name in options.chapters or [None] for page in status.check(root, name)]
    for page in pages:
        print(f"{page.system:15} {page.state:8} {'; '.join(page.reasons)}".rstrip())
    stale = status.stale_runs(root, [page.system for page in pages])
    for (system, reason), stems in stale.items():
        print(f"{system:15} stale    runs {', '.join(stems)}: changed {reason}")
    amiss = status.amiss(root, options.chapters)
    print(*amiss, sep="\n", end="\n" if amiss else "")
    return 1 if stale or amiss or any(page.state in ("stale", "missing") for page in pages) else 0


def _execute(root: Path, options: argparse.Namespace) -> int:
    from press.outputs import chapters, execute, store

    execute.execute(root, options.chapters, options.device, options.force)
    for path in chapters.find(root, options.chapters) if options.gc else []:
        for file in store.unused(path.stem, root):
            file.unlink()
            print(f"deleted {file.relative_to(root)}")
    return 0


def _new(root: Path, options: argparse.Namespace) -> int:
    from press.publish import new

    for file in new.new(root, options.system, options.title, options.part, options.training):
        print(file)
    print(f"Now: `press refresh {options.system}`, then replace part by part (README, *Add a system*).")
    return 0


def _refresh(root: Path, options: argparse.Namespace) -> int:
    from press.page import facts
    from press.publish import refresh

    if options.all and options.systems:
        raise ConvnetsError("press refresh wants names of systems, or --all: say one of the two.")
    names = facts.systems(root) if options.all else options.systems
    return refresh.refresh(root, names, options.device, options.minutes, options.threads)


def _accept(root: Path, options: argparse.Namespace) -> int:
    from press.outputs import accept

    if options.all == bool(options.systems):
        raise ConvnetsError("press accept wants names of systems, or --all: say one of the two.")
    accept.accept(root, accept.trained() if options.all else options.systems, options.because, options.data)
    return 0


def _build(root: Path, options: argparse.Namespace) -> int:
    from press.publish import build

    return build.build(root, options.draft, options.live)


def _translate(root: Path, options: argparse.Namespace) -> int:
    from press.publish import translate

    return translate.translate(root, options.check)


def _kit(root: Path, options: argparse.Namespace) -> int:
    from press.publish import kit

    return kit.kit(root, options.out, options.language)


def _pdf(root: Path, options: argparse.Namespace) -> int:
    from press.publish import pdf

    return pdf.pdf(root, options.out, options.language)


def _stills(root: Path, options: argparse.Namespace) -> int:
    from press.publish import stills

    return stills.write(root, options.pages)


def _serve(root: Path, options: argparse.Namespace) -> int:
    from press.publish import build

    return build.serve(root, options.port)
