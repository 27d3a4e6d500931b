"""The neocognitron, 1980 and 2003: layers of S- and C-cells that learn without an error sent back through them.

The chapter is ``book/neocognitron.md``.
"""

from convnets.neocognitron.nets import NETS, evaluate, load
from convnets.neocognitron.train import RECIPES, Recipe

__all__ = ["NETS", "RECIPES", "Recipe", "evaluate", "load"]
