"""Where things are: blood cells and pedestrians, found and counted (``book/detection.md``).

``detection.load()`` gives the detector of blood cells.
"""

from convnets.detection.nets import NETS, evaluate, load
from convnets.detection.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
