"""House numbers, 2012 and 2014: digits, and whole numbers, photographed from the street (``book/housenumbers.md``).

``housenumbers.load()`` gives the reader of whole numbers, ``housenumbers.load("sermanet")`` one for single digits.
"""

from convnets.housenumbers.nets import NETS, evaluate, load
from convnets.housenumbers.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
