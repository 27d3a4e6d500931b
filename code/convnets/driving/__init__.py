"""Streets and steering: a class for each pixel, distances along the road, a network that drives (``book/driving.md``).

``driving.load()`` gives a network that tells what each pixel of a street photograph shows, and
``driving.load("pilot")`` one that steers a car through a seeded road world; ``driving.SegNet()`` and ``driving.ENet()``
are the networks of 2015 and 2016. None of this is for a real road.
"""

from convnets.driving.enet import ENet
from convnets.driving.model import Small
from convnets.driving.nets import NETS, evaluate, load
from convnets.driving.pilot import Pilot
from convnets.driving.segnet import SegNet
from convnets.driving.train import RECIPES, Recipe, build

__all__ = ["NETS", "RECIPES", "ENet", "Pilot", "Recipe", "SegNet", "Small", "build", "evaluate", "load"]
