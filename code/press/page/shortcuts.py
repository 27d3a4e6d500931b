"""Short ways to what Sphinx and its extensions work out at length, page by page and reference by reference.

The answers are the same; only what does not grow with the square of the book is left of the work.

- To number figures, and again for each ``{numref}``, Sphinx reads whole pages back from disk. Here each page leaves an
  *outline* in the environment: its sections, its tables of contents and what has a number.
- The side bar of each page is made of all headings of all pages, of which the theme keeps the titles. Here the titles
  alone are gone through.
- MyST-Parser makes a document with all settings of docutils for each translated message, and puts it aside; its nodes
  remember it, and with it everything that Sphinx knows. Here they belong to their page, before it is kept on disk.
- sphinxcontrib-bibtex asks all installed packages at each citation who writes plain text, and formats every reference
  at each build, twice. Here the environment keeps what was made of it, and what has not changed is not made again.
- sphinx-external-toc looks for pages that it does not list in every folder of the checkout. Here Sphinx's own search,
  which enters no excluded folder, finds the same.
"""

from __future__ import annotations

import copy
from functools import cache, lru_cache
from optparse import Values
from typing import Any

import pybtex.plugin
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers import Parser
from docutils.parsers.rst import Parser as RSTParser
from docutils.utils import new_document
from myst_parser.mdit_to_docutils import base
from pybtex.database import Entry
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.environment.adapters.toctree import global_toctree_for_doc
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util.matching import get_matching_files, patmatch

_OUTLINE = "press_outline"
_assign_figure_numbers = TocTreeCollector.assign_figure_numbers
_format_entry = BaseStyle.format_entry


class _View:
    """An environment in which a few attributes are others."""

    def __init__(self, env: BuildEnvironment, **others: Any) -> None:
        self.__dict__.update(others, _env=env)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._env, name, value)


# Figures


class Outline:
    """What of a page's tree its numbers depend on; stands for the tree where Sphinx asks for no more.

    ``ids`` holds, as the tree's does, the node of each identifier: those that may have a number, and for all others a
    paragraph, which has none.
    """

    def __init__(self, env: BuildEnvironment, tree: nodes.document) -> None:
        self.children = _kept(env, tree)
        self.ids = {name: _bare(node) if _numbered(env, node) else nodes.paragraph() for name, node in tree.ids.items()}


def _kept(env: BuildEnvironment, node: nodes.Element) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    for child in node.children:
        if isinstance(child, nodes.Element):
            inner = _kept(env, child)
            if isinstance(child, addnodes.toctree) or _numbered(env, child):
                child = _bare(child)
                child.extend(inner)
                found.append(child)
            else:
                found += inner
    return found


def _numbered(env: BuildEnvironment, node: nodes.Element) -> bool:
    return any(domain.get_enumerable_node_type(node) for domain in env.domains.values())


def _bare(node: nodes.Element) -> nodes.Element:
    """The node with what tells whether it has a number: its caption, and that a block of code is code."""
    bare: nodes.Element = node.copy()
    for child in node.children:
        if isinstance(child, nodes.caption | nodes.title):
            bare += child.deepcopy()
        elif isinstance(child, nodes.literal_block):
            bare += child.copy()
    _belong(bare, None)
    return bare


def _belong(top: nodes.Node, page: nodes.document | None) -> None:
    """Make all nodes from ``top`` on those of ``page``, or of none: a node is kept together with its document."""
    for node in top.findall():
        node.document = page


def adopt(app: Sphinx, tree: nodes.document) -> None:
    """Make all nodes of the page that has been read its own, and those that sphinx-exercise has copied nobody's."""
    _belong(tree, tree)
    for copied in getattr(app.env, "sphinx_exercise_registry", {}).values():
        if copied.get("docname") == app.env.docname:
            copied["node"] = copied["node"].deepcopy()  # of a solution it has the node itself, and so the whole page
            _belong(copied["node"], None)


def outline(app: Sphinx, tree: nodes.document) -> None:
    """Leave the outline of the page that has been read among its metadata."""
    app.env.metadata[app.env.docname][_OUTLINE] = Outline(app.env, tree)


def _outlined(env: BuildEnvironment) -> BuildEnvironment:
    """The environment with outlines for pages."""

    def get_doctree(docname: str) -> Any:
        return env.metadata[docname].get(_OUTLINE) or env.get_doctree(docname)

    return _View(env, get_doctree=get_doctree)  # type: ignore[return-value]


class Labels(StandardDomain):
    """Sphinx's own domain of labels, which looks up numbers in outlines."""

    def _resolve_numref_xref(self, env: BuildEnvironment, *rest: Any) -> nodes.Element | None:
        return super()._resolve_numref_xref(_outlined(env), *rest)


def number_figures(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """What replaces ``TocTreeCollector.assign_figure_numbers``."""
    return _assign_figure_numbers(collector, _outlined(env))


# The side bar


@lru_cache(maxsize=1)
def _titles(env: BuildEnvironment) -> dict[str, nodes.bullet_list]:
    """The table of contents of each page without its sections below the title; tables in it stay."""
    return {docname: _titled(contents) for docname, contents in env.tocs.items()}


def _titled(contents: nodes.bullet_list) -> nodes.bullet_list:
    titled: nodes.bullet_list = contents.copy()
    for item in contents.children:
        if next(iter(item.findall(addnodes.toctree)), None) is not None:
            titled += item.deepcopy()
        else:
            copy: nodes.Element = item.copy()  # type: ignore[attr-defined]
            copy.extend(child.deepcopy() for child in item.children[:1])
            titled += copy
    return titled


def shorten_side_bar(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the theme the function ``toctree`` that goes through titles where it wants titles."""
    builder, whole = app.builder, context.get("toctree")
    if not isinstance(builder, StandaloneHTMLBuilder) or whole is None:
        return

    def toctree(**wanted: Any) -> str:
        if not wanted.get("titles_only"):
            return str(whole(**wanted))
        view: Any = _View(app.env, tocs=_titles(app.env))
        tree = global_toctree_for_doc(view, pagename, builder, **{"collapse": True, "includehidden": False} | wanted)
        return str(builder.render_partial(tree)["fragment"])

    context["toctree"] = toctree


# Translated messages


@cache
def _settings(parser: type[Parser]) -> Values:
    return get_default_settings(parser)


def make_document(source_path: str = "notset", parser_cls: type[Parser] = RSTParser) -> nodes.document:
    """What replaces MyST-Parser's function of this name."""
    settings = copy.copy(_settings(parser_cls))  # type: ignore[arg-type]
    return new_document(source_path, settings=settings)


# References

_Formatted = dict[tuple[str, str, str], tuple[Entry, FormattedEntry]]
"""By style, label and key: a work, and what was made of it."""

_before: _Formatted = {}
_now: _Formatted = {}


def format_entry(style: BaseStyle, label: str, entry: Entry, bib_data: Any = None) -> FormattedEntry:
    """What replaces ``BaseStyle.format_entry``."""
    name = (f"{type(style).__module__}.{type(style).__name__}", label, entry.key)
    work, formatted = _now.get(name) or _before.get(name) or (None, None)
    if formatted is None or work != entry:
        formatted = _format_entry(style, label, entry, bib_data)
    _now[name] = (entry, formatted)
    return formatted


def recall_references(app: Sphinx) -> None:
    """Take what the last build formatted."""
    _now.clear()
    _before.clear()
    _before.update(getattr(app.env, "press_formatted", {}))


def keep_references(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep what this build has formatted, or found to be as it was."""
    env.press_formatted = dict(_now)  # type: ignore[attr-defined]


# Pages that are not listed


def list_alone(app: Sphinx, config: Config) -> None:
    """Keep sphinx-external-toc, in a book that has it, from looking for pages that it does not list."""
    if "external_toc_exclude_missing" in config:
        config.press_only_listed = config.external_toc_exclude_missing
        config.external_toc_exclude_missing = False


def exclude_unlisted(app: Sphinx, config: Config) -> None:
    """Exclude them; what is excluded already need not be named."""
    if config.press_only_listed:
        config.external_toc_exclude_missing = True
        found = get_matching_files(app.srcdir, config.include_patterns, config.exclude_patterns)
        pages = sorted(file for file in found if file.endswith(tuple(config.source_suffix)))
        config.exclude_patterns = [*config.exclude_patterns, *(page for page in pages if not _is_listed(config, page))]


def _is_listed(config: Config, page: str) -> bool:
    listed, suffixes = config.external_site_map, tuple(config.source_suffix)
    names = {page, *(page.removesuffix(suffix) for suffix in suffixes)}
    return any(name in listed or any(patmatch(name, glob) for glob in listed.globs()) for name in names)


def setup(app: Sphinx) -> None:
    """Take the long ways' places."""
    app.add_config_value("press_only_listed", False, "")
    app.connect("config-inited", list_alone, priority=100)
    app.connect("config-inited", exclude_unlisted, priority=999)  # sphinx-external-toc reads its list before
    BaseStyle.format_entry = format_entry
    app.connect("builder-inited", recall_references)
    app.connect("env-updated", keep_references, priority=999)
    base.make_document = make_document
    plain = pybtex.plugin.find_plugin("pybtex.backends", "plaintext")
    pybtex.plugin.register_plugin("pybtex.backends", "plaintext", plain, force=True)
    TocTreeCollector.assign_figure_numbers = number_figures  # type: ignore[method-assign, assignment]
    app.add_domain(Labels, override=True)
    app.connect("doctree-read", adopt, priority=998)
    app.connect("doctree-read", outline, priority=999)  # when all others have changed the page
    app.connect("builder-inited", lambda app: _titles.cache_clear())
    app.connect("html-page-context", shorten_side_bar, priority=100)  # the theme's bar is made from 500 on
