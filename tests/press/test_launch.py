"""Buttons that follow from the repository's address, and what follows from the site's; without them, nothing dead."""

from __future__ import annotations

import multiprocessing
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
import toybook
import yaml
from browsing import Visit
from docutils import nodes
from PIL import Image
from sphinx.errors import ConfigError

from press.editions import catalogues
from press.publish import build, head, launch, site

REPOSITORY = "https://github.com/someone/a-book"
SITE = "https://someone.github.io/a-book"
BUTTONS = {
    "Repository": REPOSITORY,
    "Suggest edit": f"{REPOSITORY}/edit/main/book/toy.md",
    "Open issue": f"{REPOSITORY}/issues/new?title=Issue%20on%20page%20%2Fbook/toy.html"
    "&body=Your%20issue%20content%20here.",
    "Binder": "https://mybinder.org/v2/gh/someone/a-book/main?urlpath=lab/tree/book/toy.md",
    "Colab": "https://colab.research.google.com/github/someone/a-book/blob/notebooks/toy.ipynb",
}


class Page(HTMLParser):
    """Addresses of a page's buttons by what stands on them, and its tags."""

    def __init__(self, text):
        super().__init__()
        self.buttons, self.tags, self._open = {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        self.tags.append((tag, has))
        if tag == "a":
            self._open = has["href"] if "dropdown-item" in (has.get("class") or "") else None

    def handle_data(self, text):
        if self._open and text.strip():
            self.buttons[text.strip()] = self._open

    def meta(self):
        return {has["property"]: has["content"] for tag, has in self.tags if tag == "meta" and "property" in has}


def make(root, repository="", baseurl="", language="en"):
    """Build a small book with these addresses in its settings, in one language; gives the folder of its site.

    In Spanish it complains of each text, for nothing is translated.
    """
    toybook.write_book(root)
    settings = yaml.safe_load((root / "_config.yml").read_text())
    settings["repository"]["url"] = repository
    settings["html"]["baseurl"] = baseurl
    (root / "_config.yml").write_text(yaml.safe_dump(settings))
    catalogues.path(root, "es", "x").parent.mkdir(parents=True)
    (root / head.CARD).parent.mkdir()
    Image.new("L", (4, 3)).save(root / head.CARD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        if language == catalogues.SOURCE:
            assert build._sphinx(root, draft=False) == 0
        else:  # in a process of its own, as `press build` does: Sphinx keeps a language's words for the next build
            other = multiprocessing.get_context("spawn")
            started = other.Process(target=build._sphinx, args=(root, False, True, language))
            started.start()
            started.join()
    return build._folder(root, language)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return make(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make(tmp_path_factory.mktemp("whole"), f"{REPOSITORY}.git", SITE)


@pytest.fixture(scope="module")
def spanish(tmp_path_factory):
    return make(tmp_path_factory.mktemp("spanish"), REPOSITORY, SITE, "es")


def page(folder, name):
    return Page((folder / name).read_text())


def test_the_books_own_settings_need_one_address():
    config = catalogues.settings(toybook.REPOSITORY)
    assert not [name for name in config["html"] if name.endswith("_button")]
    assert config["repository"].keys() == {"url", "branch"} and config["launch_buttons"]["binderhub_url"]


def test_without_an_address_there_is_no_dead_button(bare):
    for name in ("index.html", "book/toy.html", "search.html", "genindex.html"):
        text = (bare / name).read_text()
        assert not page(bare, name).buttons.keys() & BUTTONS.keys()
        assert not re.search(r"mybinder|colab|launch-buttons|source-buttons|github\.com", text)
        assert 'rel="canonical"' not in text
    assert not (bare / "404.html").exists()


def test_with_an_address_every_button_leads_there(whole):
    found = page(whole, "book/toy.html").buttons
    assert {name: found.get(name) for name in BUTTONS} == BUTTONS
    assert list(found).count(".ipynb") == 1 and found[".ipynb"] == "../_notebooks/toy.ipynb"


def test_the_theme_leaves_no_second_notebook(whole):
    assert [str(file.relative_to(whole)) for file in whole.rglob("*.ipynb")] == ["_notebooks/toy.ipynb"]


@pytest.mark.parametrize("name", ["index.html", "search.html"])
def test_a_page_without_code_has_nothing_to_launch(whole, name):
    found = page(whole, name).buttons
    assert not found.keys() & {"Binder", "Colab"} and found["Repository"] == REPOSITORY


def test_another_edition_opens_its_own_notebook(spanish):
    text = (spanish / "book" / "toy.html").read_text()
    found = [has["href"] for tag, has in Page(text).tags if tag == "a" and "colab" in has.get("href", "")]
    assert found == ["https://colab.research.google.com/github/someone/a-book/blob/notebooks/es/toy.ipynb"]
    assert (spanish / "_notebooks" / "toy.ipynb").is_file()


def test_links_to_a_page_have_a_card(whole, spanish):
    told = page(whole, "book/toy.html").meta()
    assert told["og:title"] == "Toys" and told["og:description"].startswith("We find 0.60")
    assert told["og:url"] == f"{SITE}/book/toy.html" and told["og:image"] == f"{SITE}/_static/screenshot.png"
    sides = (told["og:image:width"], told["og:image:height"])
    assert (*sides, told["og:image:alt"]) == ("4", "3", "Convolutional Networks in Context")
    assert (whole / "_static" / "screenshot.png").is_file()
    assert page(spanish, "book/toy.html").meta()["og:url"] == f"{SITE}/es/book/toy.html"
    canonical = [has["href"] for tag, has in page(whole, "book/toy.html").tags if has.get("rel") == "canonical"]
    assert canonical == [f"{SITE}/book/toy.html"]


def test_a_wrong_address_below_the_site_leads_back(whole, spanish):
    text = (whole / "404.html").read_text()
    links = [has["href"] for tag, has in Page(text).tags if tag == "a"]
    assert links == [f"{SITE}/", f"{SITE}/es/"], "the host shows it at any depth"
    assert site.POLICY in text and not re.search(r"<(?:script|link|img)", text)
    assert (whole / ".nojekyll").is_file() and not (spanish / "404.html").exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_buttons_suit_every_reader(chromium, serve, whole, axe, theme):
    address = serve(whole)
    with Visit(chromium, f"{address}/book/toy.html", theme, 320) as visit:
        wide = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 1, f"with all its buttons the page is {wide} px wider than a small phone"
        visit.page.locator(".dropdown-launch-buttons button").click()
        visit.page.get_by_text("Colab").wait_for()
        assert axe(visit.page) == []
        visit.check()
    with Visit(chromium, f"{address}/404.html", theme) as visit:
        assert axe(visit.page) == []
        visit.check()


def settings(**changes):
    """Stands in for Sphinx and its settings."""
    options = {"repository_url": "", "launch_buttons": {"binderhub_url": "b", "colab_url": "c"}}
    config = SimpleNamespace(html_theme_options=options, html_baseurl="", html_static_path=[], language="en")
    config.html_theme_options |= {name: value for name, value in changes.items() if name != "html_baseurl"}
    config.html_baseurl = changes.get("html_baseurl", "")
    return SimpleNamespace(srcdir="nowhere"), config


@pytest.mark.parametrize("address", ["someone/a-book", "https://github.com/someone", "https://example.org/a/b"])
def test_what_is_no_repository_is_named(address):
    with pytest.raises(ConfigError, match=f"{address}.*https://github.com/OWNER/NAME"):
        launch.configure(*settings(repository_url=address))


def test_a_site_needs_a_whole_address():
    with pytest.raises(ConfigError, match="'a-book'.*baseurl"):
        launch.configure(*settings(html_baseurl="a-book"))


def test_colab_is_offered_for_github_alone():
    app, config = settings(repository_url="https://gitlab.com/someone/a-book/")
    launch.configure(app, config)
    options = config.html_theme_options
    assert options["launch_buttons"] == {"binderhub_url": "b"} and options["use_issues_button"]
    assert options["repository_url"] == "https://gitlab.com/someone/a-book"


def test_pages_that_are_made_of_no_document_have_nothing_to_launch():
    group = {"label": "launch-buttons", "buttons": []}
    context = {"header_buttons": [group]}
    launch.mend_buttons(SimpleNamespace(), "x", "page.html", context, None)
    assert context["header_buttons"] == []
    context = {"header_buttons": [group]}
    launch.mend_buttons(SimpleNamespace(), "x", "page.html", context, nodes.document(None, None))
    assert context["header_buttons"] == []


def test_every_edition_has_its_folder():
    assert launch._folder(catalogues.SOURCE) == "" and launch._folder("es") == "es/"
