"""One thing in a picture, and where it is: boxes that are learned, and maps of a classifier (``book/localisation.md``).

``localisation.load()`` gives OverFeat's localiser of the world, ``localisation.load("cam")`` a classifier with class
activation maps, ``localisation.load("cells")`` a localiser of white blood cells.
"""

from convnets.localisation.nets import NETS, evaluate, load
from convnets.localisation.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
