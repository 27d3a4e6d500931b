"""A killed build leaves no process, spoils nothing, and the next one prints the bytes of a clean one."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import toybook
from killing import Trial, kill, killed, left, mark
from sphinx.builders.html import StandaloneHTMLBuilder

from press.editions import catalogues
from press.publish import build, printed, site, translate

BUILD = (
    "import sys; from pathlib import Path; from press.publish import build; build.build(Path(sys.argv[1]), draft=True)"
)


def write_book(root):
    """The toy book, in English and (for a draft) in Spanish."""
    toybook.write_book(root)
    theirs = toybook.REPOSITORY / catalogues.LOCALE
    shutil.copytree(theirs, root / catalogues.LOCALE, ignore=shutil.ignore_patterns("*.mo", "book", "live*"))


@pytest.fixture
def root(tmp_path_factory, monkeypatch):
    """The book's folder; always of the same name, for its place is in what a build keeps."""
    folder = tmp_path_factory.mktemp("book")
    write_book(folder)
    monkeypatch.setenv("CONVNETS_ASSETS", str(folder / "assets"))
    return folder


def bytes_of(root):
    """Digests of the printed site, and of the catalogues, compiled ones too."""
    return {name: printed.content(root / name) for name in (build.SITE, catalogues.LOCALE)}


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """What a build prints that nothing disturbs."""
    folder = tmp_path_factory.mktemp("clean")
    write_book(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(folder / "assets"))
        assert build.build(folder, draft=True) == 0
    return bytes_of(folder)


def at_the_pages(patch):
    """The environment is stored, no page written: the old pages were published."""
    patch.setattr(StandaloneHTMLBuilder, "prepare_writing", lambda *_: kill())


def at_the_search(patch):
    """All pages are written, the search index is not: the next build complained of it."""
    patch.setattr(StandaloneHTMLBuilder, "dump_search_index", lambda *_: kill())


def in_mathjax(patch):
    """Some of its files are there: each later build failed, or files were missing."""
    copy, done = shutil.copyfile, []
    patch.setattr(site.shutil, "copyfile", lambda *files: kill() if len(done) > 5 else done.append(copy(*files)))


def in_a_catalogue(patch):
    """A ``.mo`` is written in part."""
    write = catalogues.write_mo

    def half(handle, catalogue):
        write(handle, catalogue)
        kill()

    patch.setattr(catalogues, "write_mo", half)
    patch.setattr(build, "_editions", lambda root, *_: catalogues.compile_all(root, "es"))


def between_the_renames(patch):
    """The old site is out of its place, the new one not in it."""
    rename = Path.rename
    patch.setattr(Path, "rename", lambda self, to: kill() if self.name == build._NEW.name else rename(self, to))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("place", [at_the_pages, at_the_search, in_mathjax, in_a_catalogue, between_the_renames])
def test_a_kill_at_a_bad_place_costs_nothing(place, root, clean, monkeypatch):
    if place is between_the_renames:  # with a site to lose
        (root / build.SITE).mkdir(parents=True)
        (root / build.SITE / "index.html").write_text("the book before")
    killed(lambda: build.build(root, draft=True), place)
    build.restore(root)
    assert [file.read_text() for file in (root / build.SITE).glob("index.html")] in ([], ["the book before"])
    assert build.build(root, draft=True) == 0
    assert bytes_of(root) == clean


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_twenty_kills_at_random_places(root, clean, seed):
    """One checkout, killed and built in turns, from nothing or after a change of text that is taken back."""
    draw, chapter = random.Random(seed), root / "book" / "index.md"
    start = time.perf_counter()
    environment = os.environ | {"CONVNETS_ASSETS": str(root / "assets")}
    subprocess.run([sys.executable, "-c", BUILD, str(root)], check=True, env=environment)
    seconds, text = time.perf_counter() - start, chapter.read_text()
    for _kill in range(20):
        if draw.random() < 0.5:
            shutil.rmtree(root / "_build")
        chapter.write_text(text.replace("toys", "wooden toys"))
        own = mark()
        with subprocess.Popen(
            [sys.executable, "-c", BUILD, str(root)], env=environment | dict([own.split("=")]), stdout=subprocess.PIPE
        ) as process:
            time.sleep(draw.uniform(0.1, seconds))
            process.kill()
        assert not left(own)
        chapter.write_text(text)
        os.utime(chapter, (10**9, 10**9))
        assert build.build(root, draft=True) == 0
        assert bytes_of(root) == clean


# What changed is printed, whatever its time stamp; and as a clean build would print it


def changed(root, name, old, new):
    """Change a file and give it an old time stamp, as one that was put back has."""
    file = root / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    os.utime(file, (10**9, 10**9))


def test_a_change_is_printed_as_a_clean_build_would(root):
    assert build.build(root) == 1, "nothing is translated"
    assert build.build(root, draft=True) == 0
    first = (root / build.SITE / "book" / "toy.html").read_text()
    changed(root, "book/index.md", "About toys", "On wood")
    changed(root, "book/index.md", "# A small book", "# A tiny book")
    assert build.build(root, draft=True) == 0
    assert "On wood" in (root / build.SITE / "index.html").read_text()
    assert "A tiny book" in (page := (root / build.SITE / "book" / "toy.html").read_text()), "its side bar says it too"
    assert page != first
    after = bytes_of(root)
    shutil.rmtree(root / "_build")
    assert build.build(root, draft=True) == 0
    assert bytes_of(root) == after


def test_a_catalogue_cut_short_or_put_back_is_compiled_again(root):
    compiled = catalogues.path(root, "es", "press").with_suffix(".mo")
    catalogues.compile_all(root, "es")
    whole, stamp = compiled.read_bytes(), compiled.stat().st_mtime_ns
    catalogues.compile_all(root, "es")
    assert compiled.stat().st_mtime_ns == stamp
    compiled.write_bytes(whole[: len(whole) // 2])
    catalogues.compile_all(root, "es")
    assert compiled.read_bytes() == whole
    changed(root, compiled.with_suffix(".po").relative_to(root), "Intervalo del 95", "Otro intervalo del 95")
    catalogues.compile_all(root, "es")
    assert compiled.read_bytes() != whole


# The other commands


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_execution_takes_its_kernel_along(book):
    book.store()
    before = printed.content(book.assets)
    book.replace(book.chapter, "figures.curve();", "import time; time.sleep(100)")
    own = mark()
    command = [sys.executable, "-m", "press", "execute", "toy"]
    with subprocess.Popen(command, cwd=book.root, env=os.environ | dict([own.split("=")])) as process:
        while len(left(own, 0)) < 2:  # until there is a kernel
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    assert not left(own)
    assert printed.content(book.assets) == before


@pytest.fixture
def translating(root):
    """`press translate` of the small book, a message of each page changed since the last time."""
    pages, locale = [root / "book" / name for name in ("index.md", "toy.md")], root / catalogues.LOCALE
    texts = [page.read_text() for page in pages]
    translate.translate(root)
    before = root / "before"
    shutil.copytree(locale, before)

    def prepare():
        shutil.rmtree(locale)
        shutil.copytree(before, locale)
        shutil.rmtree(root / "_build", ignore_errors=True)
        for page, text in zip(pages, texts, strict=True):
            page.write_text(f"{text}\nMore of it.\n")

    return Trial(locale, prepare, lambda: translate.translate(root))


def test_a_killed_translation_is_gone_on_with(translating):
    translating.check_few()


@pytest.mark.slow
def test_twenty_killed_translations(translating, seed):
    translating.check_twenty(seed)
