"""What the site brings along, and what it may not do.

The press's style sheet and MathJax lie in the site itself, so that no page needs another host; a policy on each page
forbids it to ask one. The theme's markup is mended where assistive software would stumble over it.
"""

from __future__ import annotations

import base64
import filecmp
import hashlib
import html
import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import sphinx_exercise
from docutils import nodes
from myst_nb.sphinx_ext import add_global_html_resources
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.index_entries import split_index_msg

from convnets.common.errors import ConvnetsError
from press.outputs import active
from press.page.words import SOURCE

_MATHJAX_PARTS = ("tex-chtml.js", "input/tex/extensions", "output/chtml", "a11y")

_SCRIPTS = "script-src 'self' 'wasm-unsafe-eval'"  # the demos' networks; and what a page's template brings
_BUTTONS = ("toggleFullScreen()", "window.print()")  # of the theme; the search reads other pages, where they stand
POLICY = "; ".join(
    [
        "default-src 'self' data: blob:",
        _SCRIPTS,
        "style-src 'self' 'unsafe-inline'",  # MathJax and the theme write styles into the page
        "worker-src blob:",  # a page opened from disk can start no other worker
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self' file:",  # for the search form: on disk, Firefox does not count a file as 'self' here
    ]
)
"""The Content-Security-Policy of a page without inline code, the same over http and from disk."""

_ICONS = re.compile(r"\s*<script [^>]*scripts/fontawesome\.js[^>]*></script>")
"""1.5 MB that draw the icons again, which a font of the theme holds."""
_INDEX = "index"
_TAG = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
_STORAGE = """<script>
for (const name of ["localStorage", "sessionStorage"]) try { window[name].length } catch { const kept = new Map()
Object.defineProperty(window, name, { value: { getItem: (key) => kept.get(key) ?? null,
setItem: (key, value) => kept.set(key, String(value)), removeItem: (key) => kept.delete(key) } }) }
</script>"""
"""Where the reader's browser keeps nothing for sites, the theme and the search would stop at their first question."""
_FORWARDER = """<!DOCTYPE html>
<html lang="{language}">
  <head>
    <meta charset="utf-8" />
    {tag}
    <meta http-equiv="refresh" content="0; url={page}" />
    <title>{title}</title>
  </head>
  <body><main role="main"><h1><a href="{page}">{title}</a></h1></main></body>
</html>
"""


def configure(app: Sphinx, config: Config) -> None:
    """Have the press's static files and templates used, and the theme's place for advertisements left out."""
    here = Path(__file__).parents[1]
    # new lists: Sphinx shares the default ones, and the theme adds to them at each build in a process
    config.html_static_path = [*config.html_static_path, str(here / "static")]
    config.templates_path = list(dict.fromkeys([str(here / "templates"), *config.templates_path]))
    ends = {"primary_sidebar_end": [], "article_header_end": ["languages.html", "article-header-buttons.html"]}
    config.html_theme_options = {**ends, **config.html_theme_options}
    if config.language != SOURCE:  # MathJax lies in the source's edition
        config.mathjax_path = f"../../_static/{config.mathjax_path}"


def mend_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the policy before all else in the page's head, and take out what is wrong in the markup.

    Thebe's scripts go: they would load from another host, which the policy forbids. MathJax, a megabyte, comes to pages
    with a formula alone.
    """
    context["metatags"] = f"\n    {_TAG}\n    {_STORAGE}{context.get('metatags', '')}"
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _is_thebe(file)]
    if not _has_math(context.get("body", "")):
        context["script_files"] = [file for file in context["script_files"] if not _is_mathjax(file)]
    if "body" in context:  # docutils' role for a citation is deprecated, and at odds with the list around it
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def admit_templates_code(app: Sphinx) -> None:
    """Have each page's policy name the inline code that the theme's templates and extensions bring, and no other.

    What stands in the page's own text is not looked at: code that came in there does not run.
    """
    if app.builder.format != "html":
        return
    render = app.builder.templates.render

    def with_policy(template: str, context: dict[str, Any]) -> str:
        page: str = _ICONS.sub("", render(template, context))
        before, text, after = page.partition(context.get("body") or "</html>")
        frame = before + after if text else page.partition("</head>")[0]
        return page.replace(_TAG, _tag(frame), 1) if _TAG in page else page

    app.builder.templates.render = with_policy


def _tag(frame: str) -> str:
    """The policy for what surrounds a page's text."""
    code = active.Scripts(frame)
    handlers = ["'unsafe-hashes'", *_hashes([*code.handlers, *_BUTTONS])] if code.handlers else []
    return _TAG.replace(_SCRIPTS, " ".join([_SCRIPTS, *_hashes(code.scripts), *handlers]))


def _hashes(texts: list[str]) -> list[str]:
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts}
    return [f"'sha256-{digest}'" for digest in sorted(digests)]


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take out Thebe's settings, which it puts at the end of each notebook's text."""
    for raw in list(doctree.findall(nodes.raw)):
        if raw.astext().lstrip().startswith(('<script type="text/x-thebe-config"', "<script>kernelName")):
            raw.parent.remove(raw)


def _has_math(body: str) -> bool:
    return 'class="math' in body


def _is_mathjax(file: Any) -> bool:
    return "mathjax/" in str(getattr(file, "filename", file))


def _is_thebe(file: Any) -> bool:
    name, body = str(getattr(file, "filename", file)), getattr(file, "attributes", {}).get("body") or ""
    return "sphinx-thebe." in name or "THEBE_JS_URL" in body


def place_first_page(app: Sphinx) -> None:
    """Have the book's first page at the address of the site itself; all links to and from it follow."""
    builder, first = app.builder, app.config.root_doc
    if builder.name != "html" or first == _INDEX:
        return
    target, file = builder.get_target_uri, builder.get_outfilename  # type: ignore[attr-defined]
    builder.get_target_uri = lambda name, typ=None: target(_INDEX if name == first else name, typ)  # type: ignore
    builder.get_outfilename = lambda name: file(_INDEX if name == first else name)  # type: ignore[attr-defined]


def write_forwarder(app: Sphinx, error: Exception | None) -> None:
    """Where the first page's own name would have it, and the search looks for it, lead to where it is."""
    first = app.config.root_doc
    if error or app.builder.name != "html" or first == _INDEX:
        return
    file = Path(app.outdir, f"{first}.html")
    page = "../" * first.count("/") + app.builder.get_target_uri(first)
    title = html.escape(app.config.html_title or app.config.project)
    file.parent.mkdir(exist_ok=True)
    file.write_text(_FORWARDER.format(language=app.config.language, tag=_TAG, page=page, title=title), encoding="utf-8")


def bring_files(app: Sphinx, builder: Builder) -> None:
    """Put into the site, before its pages are written, what they name by its content: MathJax, extensions' styles.

    The extensions would bring theirs at the end, and the pages of a first build would differ from those of a second.
    """
    if builder.format == "html":
        sphinx_exercise.copy_asset_files(app, None)
        add_global_html_resources(app, None)
        if app.config.language == SOURCE:
            _add_mathjax(Path(app.outdir, "_static", "mathjax"))


def _add_mathjax(target: Path) -> None:
    """Copy MathJax from its PyPI wheel: what is not there, or not whole. All editions use the source's."""
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    if package is None or package.origin is None:
        raise ConvnetsError("MathJax is not installed: `pip install .[book]` brings it (sphinx-mathjax-offline).")
    source = Path(package.origin).parent / "static" / "mathjax"
    for part in _MATHJAX_PARTS:
        for file in [source / part] if (source / part).is_file() else (source / part).rglob("*.*"):
            _copy(file, target / file.relative_to(source))


def _copy(file: Path, copy: Path) -> None:
    """Make ``copy`` equal ``file``, at once."""
    if copy.is_file() and filecmp.cmp(file, copy, shallow=False):
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    part = copy.with_name(f".{copy.name}.part")
    shutil.copyfile(file, part)
    part.replace(copy)


def fill_search(app: Sphinx, env: BuildEnvironment) -> None:
    """Give the search the index entries of all pages: of those that it does not write, Sphinx forgets them."""
    known, kept = env.domaindata["index"]["entries"], env._search_index_index_entries
    kept.clear()
    for page in sorted(env.all_docs):
        found = set()
        for kind, entry, target, main, _key in known.get(page, []):
            found |= {(part, target or "", main) for part in split_index_msg(kind, entry)}
        kept[page] = sorted(found)


def forget_words(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Take words out of the search that no page says any more; its own page is the last to be written."""
    if pagename == "search" and (index := getattr(app.builder, "indexer", None)) is not None:
        for words in (index._mapping, index._title_mapping):
            for word in [word for word, pages in words.items() if not pages]:
                del words[word]


def setup(app: Sphinx) -> None:
    """Add the style sheet, MathJax and the policy."""
    app.connect("config-inited", configure)
    app.add_css_file("press.css")
    app.add_js_file("print.js", loading_method="defer")
    app.add_js_file("anchor.js")  # before the page is drawn
    app.connect("html-page-context", mend_page, priority=900)  # when all others have added their tags and scripts
    app.connect("builder-inited", admit_templates_code)
    app.connect("doctree-resolved", drop_thebe, priority=900)
    app.connect("write-started", bring_files)
    app.connect("env-updated", fill_search)
    app.connect("html-page-context", forget_words)
    app.connect("builder-inited", place_first_page)
    app.connect("build-finished", write_forwarder)
