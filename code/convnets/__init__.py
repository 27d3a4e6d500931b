"""Convolutional networks in context: every system that the book tells, as tested PyTorch.

One package per system, named by one word, in the order of the book:

- ``lenet``: the networks that read digits, 1989-1998.

``convnets list`` prints the systems with what is published for each; nothing heavy is imported here.
"""

__version__ = "0.1.0"
