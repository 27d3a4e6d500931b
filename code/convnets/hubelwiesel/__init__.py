"""Hubel and Wiesel: the experiments of 1959 to 1968, on model cells whose truth is known (``book/hubelwiesel.md``)."""

from convnets.hubelwiesel.cells import CELLS, cell, row
from convnets.hubelwiesel.model import Neuron, Unit, respond
from convnets.hubelwiesel.stimuli import Stimulus, picture

__all__ = ["CELLS", "Neuron", "Stimulus", "Unit", "cell", "picture", "respond", "row"]
