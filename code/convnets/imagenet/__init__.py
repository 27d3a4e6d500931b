"""The networks of the ImageNet contest, 2012-2019, and two experiments on small ones (``book/imagenet.md``).

``imagenet.load()`` gives the small residual network of 56 layers that was trained here; ``imagenet.load("plain-56")``
another of :data:`NETS`.
"""

from convnets.imagenet.nets import NETS, evaluate, load
from convnets.imagenet.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "build", "evaluate", "load"]
