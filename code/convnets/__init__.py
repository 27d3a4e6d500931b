"""Convolutional networks in context: every system that the book tells, as tested PyTorch.

One package per system, named by one word, the name of its chapter. ``convnets list`` prints them with
what is published for each; nothing heavy is imported here.
"""

__version__ = "0.1.0"
