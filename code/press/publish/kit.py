"""``press kit``: the printed book in one file per language, to be read where there is no network.

The zip holds the site with all its editions, the language's notebooks, the published weights, unpacked, with their
sources, a note on how to use them in that language and the digest of every file. The same site and weights give the
same bytes. What may not be published is not packed.
"""

from __future__ import annotations

import importlib.metadata
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from convnets.common import assets, forms, gzipped, runs
from convnets.common.errors import ConvnetsError
from press.editions import catalogues
from press.outputs import status, written
from press.page import checks
from press.publish import build, printed

KITS = Path("_build", "kit")
_NAME = "convnets-in-context"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's earliest
_NOTEBOOKS = "_notebooks"

MARKS = {
    "press-stamp": "is a stamped draft: run `press execute`, then `press build`",
    "live-left-out": "was printed without its live demos: run `press build`",
}
"""Classes of what a page shows when it may not be published, and what such a page is."""


def _(message: str) -> str:
    """Marks a text for the catalogue ``press``; it is translated when a kit is made."""
    return message


_README = _("""\
Convolutional Networks in Context, {version} ({language}): the book to read offline

Read it: open {start} in a web browser. Nothing in it needs the network.

  site/        the book, with its live demos
  notebooks/   the chapters as Jupyter notebooks, without outputs
  weights/     the published networks, one folder per system; SOURCES.md says what each was made from

Check that every file arrived whole:

  sha256sum -c SHA256SUMS

Load a network's weights (pip install numpy safetensors):

  from safetensors.numpy import load_file
  tensors = load_file("{weights}")

With the book's library they become a model: `pip install ".[train]"` in a checkout of the repository, then
`from convnets import lenet; model = lenet.load()`.

Code under the MIT licence (LICENSE); text and figures under CC BY 4.0.
""")


def kit(root: Path, out: Path | None = None, language: str | None = None) -> int:
    """Pack the built site at ``root`` for a language, or for each; returns 1 where it may not be published.

    Raises:
        ConvnetsError: there is no built site or no such language, one file is named for several kits, or it cannot be
            written; an older kit is then left as it was.
    """
    known = catalogues.languages(root)
    if language not in (None, *known):
        raise ConvnetsError(f"The book is not printed in {language!r}: it has {', '.join(known)}.")
    if out is not None and not out.is_dir() and language is None and len(known) > 1:
        raise ConvnetsError(f"{out} is one file for {len(known)} kits: choose one with --language, or name a folder.")
    if not build.start_page(root).is_file():
        raise ConvnetsError(f"There is no built site in {root / build.SITE}: run `press build` first.")
    if found := problems(root):
        print(*found, sep="\n")
        print("No kit was made: mend the above, then run `press kit` again.")
        return 1
    for code in [language] if language else known:
        print(f"The kit is made: {write(root, out, code)}.")
    return 0


def problems(root: Path) -> list[str]:
    """What stands against publishing the built site, one sentence each."""
    late = [page for page in status.check(root) if page.state in ("stale", "missing")]
    found = [f"{page.system} is {page.state} ({'; '.join(page.reasons)}): run `press execute`." for page in late]
    return [*found, *_outdated(root), *_marked(root), *checks.links(root / build.SITE)]


def write(root: Path, out: Path | None = None, language: str = "en") -> Path:
    """Pack what lies in the built site, whatever its state, and say where.

    Raises:
        ConvnetsError: the file cannot be written; an older one is then left as it was.
    """
    version = _version(root)
    file = out or root / KITS
    if out is None or out.is_dir():
        file = file / f"{_NAME}-{version}-{language}.zip"
    content = dict(_files(root, file.resolve(), language))
    weights = next((name for name in sorted(content) if name.endswith(".safetensors")), "weights/NET.safetensors")
    start = (Path("site") / build.edition(language) / "index.html").as_posix()
    text = catalogues.translations(root, language, "press").get(_README, _README)
    content["README.txt"] = text.format(version=version, language=language, weights=weights, start=start).encode()
    sums = (f"{assets.sha256(content[name])}  {name}\n" for name in sorted(content))
    content["SHA256SUMS"] = "".join(sums).encode()
    assets.write_atomic(file, _zip(content))
    return file


def _files(root: Path, kit: Path, language: str) -> Iterator[tuple[str, bytes]]:
    """Name in the kit and content of every file, but for what the kit adds itself."""
    site = root / build.SITE
    for file in site.rglob("*"):
        name = file.relative_to(site)
        if file.is_file() and file.resolve() != kit and not name.parts[0].startswith("."):
            yield f"site/{name.as_posix()}", file.read_bytes()
    for file in (site / build.edition(language) / _NOTEBOOKS).glob("*.ipynb"):
        yield f"notebooks/{file.name}", file.read_bytes()
    for file in (file for folder in (root / "assets").glob("*/") for file in gzipped.weights(folder)):
        content, sources = assets.read_file(file), file.with_name("SOURCES.md")
        runs.check_weights(file, content)
        yield f"weights/{file.parent.name}/{file.name}", content
        if sources.is_file():
            yield f"weights/{file.parent.name}/{sources.name}", sources.read_bytes()
    if (root / "LICENSE").is_file():
        yield "LICENSE", (root / "LICENSE").read_bytes()


def _zip(content: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on names and contents alone."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16  # a plain file on Unix, readable by all
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content[name])
    return memory.getvalue()


def _outdated(root: Path) -> Iterator[str]:
    """What has changed since the site was printed, by content."""
    for name in printed.changes(root, printed.content(root / build.SITE), printed.inputs(root)):
        if name == printed.SPOILT:
            yield "The site is not as `press build` printed it: run `press build`."
        elif not name.startswith(printed.OPTION):
            yield f"{name} changed after the book was printed: run `press build`."


def _marked(root: Path) -> Iterator[str]:
    marks = {re.compile(rf'class="[^"]*\b{name}\b'): said for name, said in MARKS.items()}
    site = root / build.SITE
    folders = [site / build.edition(language) / "book" for language in catalogues.languages(root)]
    for page in sorted(page for folder in folders for page in folder.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        yield from (f"{page.relative_to(site)} {said}." for mark, said in marks.items() if mark.search(text))


def _version(root: Path) -> str:
    """The book's version: that of its checkout, else of the installed package."""
    project = root / "pyproject.toml"
    if project.is_file():
        try:
            found = tomllib.loads(written.text(project))
        except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            raise ConvnetsError(f"{project} is no TOML ({error}): restore it.") from error
        form = {"project": {"version": forms.NAME}}
        return str(forms.check(found, form, project)["project"]["version"])
    return importlib.metadata.version(_NAME)
