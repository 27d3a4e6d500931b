"""AlexNet, 2012: the network that won ImageNet's contest, and small ones of its family (chapter ``book/alexnet.md``).

``alexnet.load()`` gives the small network for CIFAR-10, ``alexnet.load("tiny")`` the one for a hundred classes of
ImageNet; ``convnets.alexnet.model.AlexNet()`` builds the real one.
"""

from convnets.alexnet.nets import NETS, evaluate, load
from convnets.alexnet.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
