"""The cells of the book, of known kind and place, which demo and chapter let the reader find.

Their numbers are made up within the published ranges (:mod:`convnets.hubelwiesel.published`); positions and
orientations are arbitrary.
"""

from __future__ import annotations

import numpy as np

from convnets.common.errors import ConvnetsError
from convnets.common.tables import Table, Value, number, table, verbatim
from convnets.hubelwiesel.model import KINDS, Unit

__all__ = ["CELLS", "cell", "draw", "row"]

_FIBRE = {"top": 60, "half": 0.3, "exponent": 1.0, "sustained": 0.2}
_SIMPLE = {"top": 160, "sigma": 0.75, "length": 1.0}
_ENDED = {"length": 0.65, "ends": 1.7, "inhibition": 0.75, "top": 130}
_COMPLEX = {"top": 80, "sigma": 0.75, "length": 1.1, "sustained": 0.05}

CELLS: tuple[Unit, ...] = (
    Unit("simple-line", "simple", x=0.75, y=-0.5, angle=45, **_SIMPLE | {"spontaneous": 1}),
    Unit("fibre-on", "on", x=-1.0, y=0.75, **_FIBRE | {"sigma": 0.3, "spontaneous": 12}),
    Unit(
        "simple-edge", "simple", x=-0.5, y=-0.75, angle=120,
        **_SIMPLE | {"sigma": 0.7, "frequency": 0.45, "phase": 90, "direction": 0.8, "spontaneous": 0.5},
    ),
    Unit("fibre-off", "off", x=1.25, y=1.0, **_FIBRE | {"sigma": 0.35, "spontaneous": 15}),
    Unit("complex", "complex", x=0.25, y=0.5, angle=150, **_COMPLEX | {"sigma": 0.8, "spontaneous": 4}),
    Unit("complex-direction", "complex", x=-0.75, y=0.25, angle=80, **_COMPLEX | {"direction": 1.0, "spontaneous": 5}),
    Unit(
        "simple-dark", "simple", x=1.0, y=0.25, angle=10,
        **_SIMPLE | {"frequency": 0.55, "phase": 180, "spontaneous": 2},
    ),
    Unit(
        "endstopped", "endstopped", x=0.0, y=-0.25, angle=30,
        **_COMPLEX | _ENDED | {"sigma": 0.65, "frequency": 0.55, "spontaneous": 3},
    ),
)  # fmt: skip
"""In the order in which the electrode of the demo meets them."""


def cell(name: str) -> Unit:
    """The unit of :data:`CELLS` with this name.

    Raises:
        ConvnetsError: there is none.
    """
    for unit in CELLS:
        if unit.name == name:
            return unit
    raise ConvnetsError(f"There is no cell {name!r}: choose one of {', '.join(unit.name for unit in CELLS)}.")


_MEANINGS = {
    "x": ("", "degrees to the right of the screen's middle"),
    "y": ("", "degrees above it"),
    "sigma": ("σ", "degrees, across the stripes or of the centre"),
    "surround": ("ρ", "the surround's width over the centre's"),
    "weight": ("w", "the surround's volume over the centre's"),
    "angle": ("", "degrees, preferred orientation"),
    "frequency": ("f", "cycles per degree"),
    "length": ("ℓ", "degrees, along the stripes"),
    "phase": ("φ", "degrees"),
    "direction": ("", "0: both directions alike, 1: one only"),
    "ends": ("", "degrees from the middle to each inhibiting zone"),
    "inhibition": ("", "their strength"),
    "spontaneous": ("R₀", "spikes per second"),
    "top": ("Rₘₐₓ", "spikes per second"),
    "half": ("c₅₀", "contrast that adds half of the most"),
    "exponent": ("n", "exponent of drive and contrast"),
    "sustained": ("", "part of the filters' second term that is not subtracted"),
}
"""Symbol in the chapter's equations, if it has one, and unit or meaning."""
_OWN = {
    "surround": ("on", "off"), "weight": ("on", "off"), "ends": ("endstopped",), "inhibition": ("endstopped",),
    **dict.fromkeys(("angle", "frequency", "length", "phase", "direction"), ("simple", "complex", "endstopped")),
}  # fmt: skip


def row(unit: Unit) -> Table:
    """The unit's numbers, one a line with its symbol and meaning; those that its kind does not use are left out."""
    used = [name for name in _MEANINGS if unit.kind in _OWN.get(name, KINDS)]
    lines: list[list[str | Value]] = []
    for name in used:
        symbol, meaning = _MEANINGS[name]
        lines.append([verbatim(name), verbatim(symbol), number(getattr(unit, name), digits=6), meaning])
    return table(["field", "symbol", "value", "meaning"], lines)


def draw(number: int, seed: int = 1959) -> Unit:
    """A further cell, the ``number``-th of an endless row: of random kind, place, orientation and size."""
    random = np.random.default_rng((seed, number))

    def between(low: float, high: float) -> float:
        return round(float(random.uniform(low, high)), 3)

    kind = ("on", "off", "simple", "simple", "simple", "complex", "complex", "endstopped")[random.integers(8)]
    place = {"x": between(-1.5, 1.5), "y": between(-1.5, 1.5)}
    if kind in ("on", "off"):
        return Unit(f"drawn-{number}", kind, **place, **_FIBRE | {"sigma": between(0.25, 0.4), "spontaneous": 12})
    frequency = between(0.45, 0.7)
    common = {"angle": between(0, 180), "frequency": frequency, "sigma": round(between(0.3, 0.42) / frequency, 3)}
    if kind == "simple":
        own = {"length": between(0.7, 1.1), "phase": between(0, 360), "spontaneous": between(0, 2)}
        own["length"] = max(own["length"], round(common["sigma"] / 0.9, 3))  # longer than wide
        own["direction"] = (0.0, 0.8)[random.integers(2)]
        return Unit(f"drawn-{number}", kind, **place, **_SIMPLE | common | own)
    own = {"length": between(0.8, 1.2), "direction": (0.0, 1.0)[random.integers(2)], "spontaneous": between(2, 6)}
    if kind == "endstopped":
        own |= _ENDED
    return Unit(f"drawn-{number}", kind, **place, **_COMPLEX | common | own)
