"""The search: words are cut to their stems by the same rules when the book is printed and when a reader asks.

Sphinx brings a stemmer for the build and one for the page, of different versions, and those for Spanish need the
accents that readers leave out. Here a language's rules are a table of regular expressions, which Python and JavaScript
read alike; ``static/search.js`` asks the index, and says what came of it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage
from sphinx.search.en import english_stopwords
from sphinx.search.es import spanish_stopwords

from press.page.words import translate as _

_PLAIN = (("[áàâä]", "a"), ("[éèêë]", "e"), ("[íìîï]", "i"), ("[óòôö]", "o"), ("[úùûü]", "u"), ("ç", "c"))
"""The accents go first, so that *convolucion* finds *convolución*; the eñe of Spanish stays."""

_DOUBLED = "|".join(f"(?<={letter}){letter}" for letter in "bdfglmnprstz")

ENGLISH = (
    *_PLAIN,
    ("ñ", "n"),
    # analysis, analyses; axis, axes; matrix, matrices
    (r"(?:(?<=.{2}s)|(?<=.x))is$", "es"),
    (r"(?<=.{3})[ei]x$", "ic"),
    # bias, biases, which else would lose the one s as vectors do, and the other with the e
    (r"(?:(?<=^bias|^lens)|(?<=^atlas)|(?<=^canvas))es$", ""),
    # studies, studied; classes, boxes; cells
    (r"(?<=.{2})ie[sd]$", "y"),
    (r"(?:(?<=ss|sh|ch)|(?<=[xz]))es$", ""),
    (r"(?<=.{2}[^siu])s$", ""),
    # GPU, GPUs, whose s comes after a u
    (r"(?<=^[cg]pu)s$", ""),
    # activate, activation, active, activity; pooling, pooled; layer, vector; convolutional, exactly
    (
        r"(?<=.{3})(?:(?:ic)?at(?:ion|ing|ed?|or|ive)|ion(?:al(?:ly)?)?|ing|ed|[eo]r|al(?:ly)?|e?ly"
        r"|ness|ment|ity|e)$",
        "",
    ),
    # stimulus, stimuli; radius, radii; running, run; classifier, classify
    (r"(?<=.{3})us$", ""),
    (rf"(?:{_DOUBLED})$", ""),
    (r"(?<=.{3})[iy]+$", ""),
)
"""What becomes of a word, in this order: where a pattern is found, what stands beside it takes its place."""

SPANISH = (
    *_PLAIN,
    # país, países; gris, grises: the singular loses its s as if it were a plural
    (r"(?:(?<=.{2}[iu]|^dio)|(?<=^compa))ses$", ""),
    # células, valores, intereses
    (r"(?<=.{3})(?:es)?(?:es|s)$", ""),
    # exactamente; movimiento, activación, activado, activando, activar, activa
    (r"(?<=.{3})(?:[ae]?mente|[ai]miento|[ai]cion|[ai]d[ao]|ando|iendo|[aei]r|[aeo])$", ""),
    # luz, luces; enlace, enlaces
    (r"z$", "c"),
)


class Stemming(SearchLanguage):
    """A language of the search whose stems are cut by a table."""

    rules: tuple[tuple[str, str], ...]

    def __init_subclass__(cls) -> None:
        cls.js_stemmer_code = f"""
var Stemmer = function () {{
  const rules = {json.dumps(cls.rules, ensure_ascii=False)}.map(([pattern, rest]) => [new RegExp(pattern, "gu"), rest]);
  this.stemWord = (word) =>
    rules.reduce((left, [pattern, rest]) => left.replace(pattern, rest), word.normalize("NFC").toLowerCase());
}};
"""

    def init(self, options: dict[str, str]) -> None:
        """Make the rules ready."""
        self._rules = [(re.compile(pattern), rest) for pattern, rest in self.rules]
        self._stems: dict[str, str] = {}  # pages repeat each other's words

    def split(self, input: str) -> list[str]:
        """The words of a text that are worth a search."""
        found = super().split(unicodedata.normalize("NFC", input))
        return [word for word in found if word.lower() not in self.stopwords]

    def stem(self, word: str) -> str:
        """The stem of a word, in small letters."""
        if (known := self._stems.get(word)) is None:
            known = unicodedata.normalize("NFC", word).lower()
            for pattern, rest in self._rules:
                known = pattern.sub(rest, known)
            self._stems[word] = known
        return known

    def word_filter(self, word: str) -> bool:
        """Whether a stem belongs into the index; words that do not are left out before."""
        return bool(word)


class English(Stemming):
    """The search of the source."""

    lang, language_name = "en", "English"
    stopwords, rules = english_stopwords, ENGLISH


class Spanish(Stemming):
    """The search of the Spanish edition."""

    lang, language_name = "es", "Spanish"
    stopwords, rules = spanish_stopwords, SPANISH


def tell_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the search page its sentences."""
    if pagename == "search":
        context["press_search"] = {
            "one": _("One place found."),
            "many": _("{count} places found."),
            "none": _("Nothing found for “{asked}”. Are all words spelled right? Fewer words find more."),
        }


def setup(app: Sphinx) -> None:
    """Register the languages and what the search page says."""
    for language in (English, Spanish):
        app.add_search_language(language)
    app.connect("html-page-context", tell_page)
