"""What the extension for citations does not know of Spanish: the word "y"."""

from __future__ import annotations

from dataclasses import dataclass, field

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

_STYLE = "author_year_es"


@dataclass
class Citations(AuthorYearReferenceStyle):
    """Author and year, as in *Hubel y Wiesel*."""

    person: PersonStyle = field(default_factory=lambda: PersonStyle(sep2=" y ", last_sep=" y "))


def configure(app: Sphinx, config: Config) -> None:
    """Have citations written in Spanish."""
    if config.language == "es" and getattr(config, "bibtex_reference_style", "") == "author_year":
        config.bibtex_reference_style = _STYLE


def setup(app: Sphinx) -> None:
    """Register the citations."""
    register_plugin("sphinxcontrib.bibtex.style.referencing", _STYLE, Citations)
    app.connect("config-inited", configure)
