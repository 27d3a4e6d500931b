"""LeNet: the convolutional networks that read digits, 1989-1998 (chapter ``book/lenet.md``).

``lenet.load()`` gives the published LeNet-5; ``lenet.load("lenet1")`` another of :data:`NETS`.
"""

from convnets.lenet.nets import NETS, evaluate, load
from convnets.lenet.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
