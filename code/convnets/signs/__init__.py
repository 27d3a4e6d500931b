"""Traffic signs: three networks that read them, their training and what they miss (``book/signs.md``).

``signs.load()`` gives the published network; ``signs.load("transformer")`` another of :data:`NETS`.
"""

from convnets.signs.nets import BUILDERS, NETS, evaluate, load
from convnets.signs.train import RECIPES, Recipe, build

__all__ = ["BUILDERS", "NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
