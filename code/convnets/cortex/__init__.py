"""Cortex: the ventral stream as a staged model, retina to AIT (chapter ``book/cortex.md``).

``cortex.load()`` gives the published HMAX with its imprinted prototypes and readouts.
"""

from convnets.cortex.nets import NETS, evaluate, load
from convnets.cortex.train import RECIPES, Recipe

__all__ = ["NETS", "RECIPES", "Recipe", "evaluate", "load"]
