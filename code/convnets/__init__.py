"""Convolutional networks in context: every system that the book tells, as tested PyTorch.

One package per system, named by one word, the name of its chapter. ``convnets list`` prints them with
what is published for each; nothing heavy is imported here.
"""

from __future__ import annotations

import pkgutil

__all__ = ["systems"]

__version__ = "0.1.0"


def systems() -> list[str]:
    """Names of the systems in the package, in alphabetical order."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg and module.name != "common"]
