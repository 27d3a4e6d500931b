"""What Sphinx and its extensions do not know of Spanish: accents that a reader leaves out in a search, the word "y"."""

from __future__ import annotations

from dataclasses import dataclass, field

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.search.es import SearchSpanish
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

_STYLE = "author_year_es"
_ACCENTS = str.maketrans("áéíóúü", "aeiouu")


class Search(SearchSpanish):
    """Finds *convolución* when *convolucion* is typed: neither the index nor the query has accents, but ñ stays."""

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self._stems: dict[str, str] = {}

    js_splitter_code = r"""
var splitQuery = (query) => query.normalize("NFC").toLowerCase()
  .replace(/[áéíóúü]/g, (letter) => "aeiouu"["áéíóúü".indexOf(letter)])
  .split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu).filter((term) => term);
"""

    def stem(self, word: str) -> str:
        """The stem of a word of the index."""
        if (known := self._stems.get(word)) is None:  # pages repeat each other's words, and stemming takes its time
            known = self._stems[word] = super().stem(word.lower().translate(_ACCENTS))
        return known


@dataclass
class Citations(AuthorYearReferenceStyle):
    """Author and year, as in *Hubel y Wiesel*."""

    person: PersonStyle = field(default_factory=lambda: PersonStyle(sep2=" y ", last_sep=" y "))


def configure(app: Sphinx, config: Config) -> None:
    """Have citations written in Spanish."""
    if config.language == "es" and getattr(config, "bibtex_reference_style", "") == "author_year":
        config.bibtex_reference_style = _STYLE


def setup(app: Sphinx) -> None:
    """Register the search and the citations."""
    register_plugin("sphinxcontrib.bibtex.style.referencing", _STYLE, Citations)
    app.add_search_language(Search)
    app.connect("config-inited", configure)
