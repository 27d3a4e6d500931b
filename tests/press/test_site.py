"""What each page of a built book carries: the policy, before any script; the theme's mended markup."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser

import pytest
import toybook

from press.publish import build, site

PAGES = ["index.html", "search.html", "genindex.html", "book/index.html", "book/toy.html"]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The folder of a small book, built."""
    root = tmp_path_factory.mktemp("book")
    toybook.write_book(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root) == 0
    return root / build.SITE


class Head(HTMLParser):
    """Names and attributes of a page's tags, in order."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def test_these_are_all_the_pages(html):
    found = {str(page.relative_to(html)) for page in html.rglob("*.html") if "_static" not in page.parts}
    assert found == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_policy_comes_before_all_that_is_loaded(html, page):
    tags = Head((html / page).read_text()).tags
    policies = [number for number, (_tag, has) in enumerate(tags) if has.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    content = tags[policies[0]][1]["content"]
    assert re.sub(r" 'unsafe-hashes'| 'sha256-[\w+/=]{44}'", "", content) == site.POLICY
    assert "'unsafe-inline'" not in content.partition("script-src")[2].partition(";")[0]
    before = {tag for tag, _has in tags[: policies[0]]}
    assert before <= {"html", "head", "meta"}


def test_the_policy_names_no_host_and_no_eval():
    assert not re.search(r"https?:|\*|'unsafe-eval'", site.POLICY)
    assert {part.split()[0] for part in site.POLICY.split("; ")} >= {"default-src", "object-src", "base-uri"}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_brings_what_would_ask_another_host(html, page):
    text = (html / page).read_text()
    assert "THEBE_JS_URL" not in text and "sphinx-thebe" not in text and "ethical-ad" not in text


def test_the_themes_markup_is_mended(html):
    text = (html / "index.html").read_text()
    assert re.search(r'<nav aria-label="Home">\s*<a class="navbar-brand', text)
    assert re.search(r'<button class="btn search-button-field[^>]*>', text).group().count("aria-label") == 0
    switcher = re.search(r'<button class="[^"]*theme-switch-button.*?</button>', text, re.DOTALL).group()
    assert '<span class="visually-hidden">Color mode: </span><i ' in switcher and "aria-label" not in switcher
    assert 'role="listitem"' in text and "doc-biblioentry" not in text


def test_the_first_page_lies_at_the_sites_own_address(html):
    text, other = (html / "index.html").read_text(), (html / "book" / "toy.html").read_text()
    assert 'http-equiv="refresh"' not in text and 'href="book/toy.html"' in text and 'src="_static/' in text
    assert 'href="../index.html"' in other and "book/index.html" not in other
    forwarder = (html / "book" / "index.html").read_text()
    assert forwarder.startswith('<!DOCTYPE html>\n<html lang="en">') and 'url=../index.html"' in forwarder
    assert '<a href="../index.html">Convolutional Networks in Context</a>' in forwarder


def test_licences_of_what_the_site_brings_along_come_with_it(html):
    told = (html / "_static" / "notices.txt").read_text()
    assert "MathJax" in told and "Apache License" in told and "END OF TERMS AND CONDITIONS" in told
    compiled = (toybook.REPOSITORY / "code" / "live" / "notices.txt").read_text()
    for name in ("ONNX Runtime", "protobuf", "Eigen", "abseil", "re2", "flatbuffers", "XNNPACK", "SafeInt", "emsdk"):
        assert name in compiled


def test_files_that_are_no_code_travel_in_the_wheel():
    project = tomllib.loads((toybook.REPOSITORY / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    files = (toybook.REPOSITORY / "code" / "press").glob("*/*.*")
    folders = {file.parent.name for file in files if file.suffix not in (".py", ".pyc")}
    assert {f"code/press/{folder}/*" for folder in folders} <= set(included)
