"""A thin system: one convolution that tells bars apart (chapter ``book/thin.md``).

``thin.load()`` gives the published network.
"""

from press.publish.thin.nets import NETS, evaluate, load
from press.publish.thin.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
