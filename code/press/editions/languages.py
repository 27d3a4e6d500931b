"""The editions of the book: what Sphinx's gettext misses or breaks, mended; a way from each page to its other edition.

Pages are translated by Sphinx from ``book/locale`` (see :mod:`press.editions.catalogues`). Added here: the
titles of exercises, the captions of the table of contents, the site's own settings, a sorted glossary, and a warning
for each message that is not translated or has lost its markup. A warning fails ``press build``.
"""

from __future__ import annotations

import gettext
import hashlib
import html
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale as Names
from docutils import nodes
from sphinx import addnodes, locale
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.nodes import extract_messages

from convnets.common.errors import ConvnetsError
from press.editions import catalogues, flaws
from press.page.words import SOURCE
from press.page.words import translate as _

logger = logging.getLogger(__name__)


def configure(app: Sphinx, config: Config) -> None:
    """Find the catalogues; in another language than the source, translate what ``_config.yml`` says."""
    root, language = Path(app.srcdir), config.language
    kinds = (("image/svg+xml", 10), ("image/png", 20), ("text/plain", 30))
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, *(("gettext", *kind) for kind in kinds)]
    if (root / catalogues.LOCALE).is_dir():
        config.locale_dirs = [str(root / catalogues.LOCALE)]
        config.gettext_compact = False
        config.gettext_auto_build = False  # Sphinx compiles by time, and in place
    if not _is_translated(app):
        return
    try:
        for domain in catalogues.compile_all(root, language):
            _put_first(app, domain)
        for page in (root / catalogues.LOCALE / language / "LC_MESSAGES" / "book").glob("*.mo"):
            _put_first(app, f"book/{page.stem}")  # what a page says of itself is shown on others, too
        said = catalogues.translations(root, language, "press")
        hints = catalogues.translations(root, language, "togglebutton")
    except ConvnetsError as error:
        logger.warning("%s", error, type="press", subtype="language")
        return
    for setting, hint in (("togglebutton_hint", "Click to show"), ("togglebutton_hint_hide", "Click to hide")):
        if hint in hints:  # the extension has asked for it before the book's catalogue was put first
            setattr(config, setting, hints[hint])
    config.press_said = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    config.html_title = said.get(config.html_title, config.html_title)
    config.project = said.get(config.project, config.project)
    options = dict(config.html_theme_options)
    footer = " ".join(str(options.get("extra_footer", "")).split())
    changed = {"extra_footer": said.get(footer, footer), "search_bar_text": str(_("Search this book"))}
    config.html_theme_options = options | changed
    if config.html_baseurl:
        config.html_baseurl = f"{config.html_baseurl.rstrip('/')}/{language}/"


def _is_translated(app: Sphinx) -> bool:
    """Whether this edition has catalogues of the book."""
    return app.config.language in catalogues.languages(Path(app.srcdir))[1:]


def _put_first(app: Sphinx, domain: str) -> None:
    """Have a catalogue of the book asked before the one that Sphinx or an extension brings for the same domain."""
    own = gettext.translation(domain, str(Path(app.srcdir) / catalogues.LOCALE), [app.config.language])
    if (theirs := locale.translators.get(("general", domain))) is not None:
        own.add_fallback(theirs)
    locale.translators["general", domain] = own
    if domain == "sphinx":  # templates ask this one
        app.translator = own


# What a page says


class Prepare(SphinxTransform):
    """Before Sphinx translates: note what the page says, and let it see what it would miss."""

    default_priority = 15  # Sphinx's own transform has 20

    def apply(self, **kwargs: Any) -> None:
        for formula in self.document.findall(nodes.math_block):
            formula["translatable"] = r"\text" in formula.rawsource or r"\text" in formula.astext()
        for image in self.document.findall(nodes.image):
            image["alt"] = " ".join(image.get("alt", "").split())
        for title in self.document.findall(_is_no_prose):
            title["translatable"] = False
        for title in self.document.findall(_is_exercise_title):
            title.rawsource = title.rawsource or title.astext()
            title.source, title.line = self.document["source"], title.parent.line or 1
        found = extract_messages(self.document)
        self.env.metadata[self.env.docname]["press_said"] = list(dict.fromkeys(text for _node, text in found))
        for node in self.document.findall(nodes.footnote_reference):
            self._warn(node, "A footnote is lost in translation: make it a margin note or a citation.")
        for block in self.document.findall(nodes.paragraph):
            self._check_links(block)

    def _check_links(self, block: nodes.paragraph) -> None:
        """Sphinx tells links apart by their file alone: translated, two of them would lead to one place."""
        seen: dict[tuple[str, str], str] = {}
        for link in block.findall(addnodes.pending_xref):
            place, anchor = (str(link.get("reftype")), str(link.get("reftarget"))), str(link.get("reftargetid"))
            if seen.setdefault(place, anchor) != anchor:
                told = f"Two links of a paragraph lead into {place[1]}, which is lost in translation"
                self._warn(link, f"{told}: write {{ref}}`label` instead.")

    def _warn(self, node: nodes.Node, message: str) -> None:
        logger.warning("%s", message, location=node, type="press", subtype="language")


def _is_no_prose(node: nodes.Node) -> bool:
    """Front matter, and what sphinx-exercise puts around the title of an exercise."""
    if isinstance(node, nodes.field_name | nodes.field_body | nodes.paragraph):
        return any(isinstance(parent, nodes.docinfo | nodes.field_list) for parent in _parents(node))
    return type(node).__name__ in ("exercise_title", "solution_title")


def _parents(node: nodes.Node) -> Iterator[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _is_exercise_title(node: nodes.Node) -> bool:
    return type(node).__name__ == "exercise_subtitle"


class Finish(SphinxTransform):
    """After Sphinx translated, and the table of contents was put in: its captions; what is left untranslated."""

    default_priority = 102  # sphinx-external-toc puts its tables in at 100

    def apply(self, **kwargs: Any) -> None:
        env, language = self.env, self.config.language
        said = env.metadata[env.docname]["press_said"]
        trees = list(self.document.findall(addnodes.toctree))
        captions = [str(tree["caption"]) for tree in trees if tree.get("caption")]
        said += [caption for caption in captions if caption not in said]
        if not _is_translated(self.app):
            return
        root = Path(self.app.srcdir)
        try:
            known = catalogues.translations(root, language, env.docname)
            wrong = flaws.problems(root, language, env.docname, said)
        except ConvnetsError as error:
            known, wrong = {}, [str(error)]
        for tree in trees:
            if tree.get("caption") in known:
                tree["caption"] = tree["rawcaption"] = known[tree["caption"]]
        if wrong and self.config.press_draft:
            self._stamp()
        for message in wrong if not self.config.press_draft else []:
            logger.warning("%s", message, location=env.docname, type="press", subtype="language")
        self._update_exercises()
        for terms in self.document.findall(addnodes.glossary):
            for listed in terms.findall(nodes.definition_list):
                listed.children.sort(key=lambda item: _folded(item[0].astext()))

    def _stamp(self) -> None:
        """Say at the top of a draft that some of it is still English."""
        self.env.metadata[self.env.docname]["press_stamped"] = True
        text = _("Draft. This page is not translated in full.")
        stamp = nodes.container("", nodes.paragraph(text, text, translatable=False), classes=["press-stamp"])
        section = next(self.document.findall(nodes.section), self.document)
        section.insert(1, stamp)  # below the title

    def _update_exercises(self) -> None:
        """sphinx-exercise keeps a copy of each exercise, from before it was translated, for the solution's title."""
        copies = getattr(self.env, "sphinx_exercise_registry", {})
        for title in self.document.findall(_is_exercise_title):
            exercise = title.parent.parent
            if (label := exercise.get("label")) in copies:
                copies[label]["node"] = exercise.deepcopy()


def _folded(text: str) -> str:
    """How a word is sorted: without capitals and accents."""
    return text.lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))


def check_words(app: Sphinx) -> None:
    """Warn of what is said outside the pages and not translated."""
    if not _is_translated(app) or app.config.press_draft:
        return
    root = Path(app.srcdir)
    for domain, said in catalogues.words(root).items():
        for message in flaws.problems(root, app.config.language, domain, said):
            logger.warning("%s", message, type="press", subtype="language")


_PLURAL = re.compile(r"[n\d\s?:=!<>&|%()+-]+")


def mend_scripts(app: Sphinx, error: Exception | None) -> None:
    """Write Sphinx's translations without ``new Function``, which the pages' policy forbids; translate a label."""
    if error or app.config.language == SOURCE or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    if (file := static / "translations.js").is_file():
        found = re.fullmatch(r"\s*Documentation\.addTranslations\((.*)\);?\s*", file.read_text("utf-8"), re.DOTALL)
        if found and _PLURAL.fullmatch(plural := json.loads(found[1])["plural_expr"]):
            file.write_text(
                f"(({{ locale, messages }}) => Object.assign(Documentation, {{ LOCALE: locale, TRANSLATIONS: messages, "
                f"PLURAL_EXPR: (n) => ({plural}) }}))({found[1]});\n",
                encoding="utf-8",
            )
    if (file := static / "togglebutton.js").is_file():
        label = html.escape(str(_("Toggle hidden content")))
        text = file.read_text("utf-8").replace('aria-label="Toggle hidden content"', f'aria-label="{label}"')
        file.write_text(text, encoding="utf-8")


# The way to the other editions


def link_editions(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Offer the same page in each other language, to readers and to search engines."""
    here, page = app.config.language, app.builder.get_target_uri(pagename)
    others = [code for code in app.config.press_languages if code != here]
    if not others or app.builder.name != "html":
        return
    context["press_editions"] = [
        {"code": code, "name": name(code), "url": f"{_up(page, here)}{_folder(code)}{page}"} for code in others
    ]
    base = (app.config.html_baseurl or "").removesuffix(_folder(here)) if here != SOURCE else app.config.html_baseurl
    tags = "".join(
        f'\n    <link rel="alternate" hreflang="{code}" '
        f'href="{posixpath.join(base, _folder(code) + page) if base else _up(page, here) + _folder(code) + page}" />'
        for code in app.config.press_languages
    )
    context["metatags"] = f"{context.get('metatags', '')}{tags}"


def _folder(language: str) -> str:
    return "" if language == SOURCE else f"{language}/"


def _up(page: str, language: str) -> str:
    """From a page up to the folder of all editions."""
    return "../" * (page.count("/") + (language != SOURCE))


def name(code: str) -> str:
    """A language's name in that language: ``Español``."""
    return (Names.parse(code).get_language_name() or code).capitalize()


def setup(app: Sphinx) -> None:
    """Follow Sphinx from its settings to its pages."""
    app.add_config_value("press_languages", [SOURCE], "html", types=(list,))
    app.add_config_value("press_said", "", "env", types=(str,))
    app.add_transform(Prepare)
    app.add_transform(Finish)
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", check_words)
    app.connect("html-page-context", link_editions)
    app.add_js_file("editions.js", loading_method="defer")
    app.connect("build-finished", mend_scripts)
