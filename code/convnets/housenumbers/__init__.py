"""House numbers, 2012 and 2014: digits and whole numbers read from photographs of the street (``book/housenumbers.md``).

``housenumbers.load()`` gives the reader of whole numbers, ``housenumbers.load("digits")`` our network for one digit.
"""

from convnets.housenumbers.nets import NETS, evaluate, load
from convnets.housenumbers.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
