"""A label for each pixel: the U-Net, on membranes, on ultrasound pictures and on phantoms (``book/tumours.md``).

``tumours.load()`` gives a network that finds membranes, ``tumours.load("busi")`` one that outlines lesions in
ultrasound pictures of the breast, ``tumours.load("phantom")`` one of a seeded world; ``tumours.Unet()`` is the U-Net of
2015 itself. None of this is for diagnosis.
"""

from convnets.tumours.model import Unet
from convnets.tumours.nets import NETS, evaluate, load
from convnets.tumours.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "Recipe", "Unet", "build", "evaluate", "load"]
