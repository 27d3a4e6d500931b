"""The book as one PDF: pages joined without losing a link, printed with bookmarks, fallbacks, answers and formulas."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time

import get_browser
import killing
import pytest
import toybook
from bs4 import BeautifulSoup

from convnets.common.errors import ConvnetsError
from press.page import cite
from press.publish import build, pdf

ADDED = """

(here)=
## A formula

$$ \\int_0^1 x\\,dx $$ (eq-toy)

See {eq}`eq-toy`, {ref}`the index <index-label>` and [elsewhere](https://example.org/).

```{quiz} number
:answer: 4

What is two and two?

It is twice two.
```

```{raw} html
<div class="live" data-live="toy"><script type="application/json" class="live-words">{}</script>
<div class="live-fallback">
<p>Printed instead.</p></div></div>
```
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A small book, built, with a formula, a question and a demo's fallback."""
    root = tmp_path_factory.mktemp("book")
    toybook.write_book(root)
    index, page = root / "book" / "index.md", root / "book" / "toy.md"
    index.write_text("(index-label)=\n" + index.read_text() + "\n{ref}`A formula <here>`\n")
    page.write_text(page.read_text() + ADDED)
    shutil.copy(toybook.REPOSITORY / "CITATION.cff", root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root) == 0
    return root


@pytest.fixture(scope="module")
def joined(root):
    """The one page that is printed."""
    return BeautifulSoup(pdf.assemble(root / build.SITE, cite.read(root)), "html.parser")


def test_pages_stand_in_reading_order(root):
    assert [(page.name, page.title) for page in pdf.pages(root / build.SITE)] == [
        ("index", "A small book"),
        ("toy", "Toys"),
    ]


def test_every_link_leads_to_its_place(joined):
    ids = [element["id"] for element in joined.select("[id]")]
    assert len(ids) == len(set(ids))
    links = {link["href"] for link in joined.select("a[href]")}
    assert {"#toy--here", "#index--index-label", "#toy", "https://example.org/"} <= links
    assert not [link for link in links if link.startswith("#") and link[1:] not in ids]
    assert not [link for link in links if not link.startswith(("#", "https://"))]


def test_what_is_loaded_is_there_and_what_is_no_text_is_gone(joined):
    places = [element.get("src") or element.get("href") for element in joined.select("[src], link[href]")]
    assert places and all(place.startswith("file:///") for place in places)
    assert not joined.select(".headerlink, .only-dark, .press-cite, [loading], article script")
    assert all(fold.has_attr("open") for fold in joined.select("details"))


def test_the_site_must_be_built(tmp_path, root):
    with pytest.raises(ConvnetsError, match="no built site.*press build"):
        pdf.pdf(tmp_path)
    with pytest.raises(ConvnetsError, match="is missing: run"):
        list(pdf.pages(tmp_path))


def test_what_cannot_be_shown_stops_the_print():
    with pytest.raises(ConvnetsError, match="2 formulas cannot be shown, the first is 'a'"):
        pdf._check({"formulas": ["a", "b"], "pictures": []})


def outline(data):
    """Titles of the PDF's bookmarks, as far as they are plain letters."""
    return [title.decode("latin-1") for title in re.findall(rb"/Title \(([^)]*)\)", data)]


def test_it_is_printed(root, absent):
    if not (path := get_browser.find()):
        absent("there is no Chromium: `python tests/get_browser.py` tries to get one")
    # In a process of its own: Playwright cannot be started twice in one, and other tests use it.
    command = [sys.executable, "-m", "press", "pdf", "--out", "book.pdf"]
    environment = os.environ | {"CHROMIUM": str(path)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    data = (root / "book.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) >= 3, "the title page and two pages"
    assert {"A small book", "Toys", "A formula"} <= set(outline(data))
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", str(root / "book.pdf"), "-"], capture_output=True, text=True, check=True
        ).stdout
        said = " ".join(text.split())
        assert "Printed instead." in said and "It is twice two." in said and "Right answer: 4" in said
        assert "∫" in text, "a formula is set"
        assert re.search(r"^\s*2\s*$", text, re.MULTILINE), "pages are numbered"


def test_a_kill_costs_no_pdf(root, monkeypatch):
    monkeypatch.setattr(pdf, "printed", lambda page: page.encode())
    old = root / pdf.FOLDER / "old.pdf"

    def prepare():
        shutil.rmtree(root / pdf.FOLDER, ignore_errors=True)
        old.parent.mkdir(parents=True)
        old.write_text("one made before")

    killing.Trial(root / pdf.FOLDER, prepare, lambda: pdf.write(root)).check_few()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_twenty_killed_prints_leave_no_browser(root, absent, tmp_path, seed):
    if not (path := get_browser.find()):
        absent("there is no Chromium: `python tests/get_browser.py` tries to get one")
    draw, folder = random.Random(seed), tmp_path / "out"
    folder.mkdir()
    command = [sys.executable, "-m", "press", "pdf", "--out", str(folder)]
    environment = os.environ | {"CHROMIUM": str(path)}

    def start(**more):
        return subprocess.Popen(command, cwd=root, env=environment | more, stdout=subprocess.PIPE)

    begun = time.perf_counter()
    assert start().wait() == 0
    seconds, (file,) = time.perf_counter() - begun, folder.iterdir()
    for _kill in range(20):
        own = killing.mark()
        with start(**dict([own.split("=")])) as process:
            time.sleep(draw.uniform(0.1, seconds))
            process.kill()
        assert not killing.left(own)
        assert file.read_bytes().rstrip().endswith(b"%%EOF"), "the one made before, or a whole new one"
    assert start().wait() == 0
    assert list(folder.iterdir()) == [file]
