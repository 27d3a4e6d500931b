"""The areas of the ventral stream, what is known of their receptive fields, and the fields of the model's stages.

Measured fields are diameters in degrees of visual angle, within some 5 degrees of the centre of gaze, macaque. They
differ between laboratories by factors, for there is no agreed rule where a field ends. ``assets/cortex/SOURCES.md``
says through what each number was seen.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from convnets.common.errors import ConvnetsError
from convnets.cortex.early import SURROUND_DEGREES
from convnets.cortex.model import BANDS, PATCHES, PIXELS_PER_DEGREE, aligned

__all__ = ["AREAS", "STAGES", "Area", "Stage", "field", "fields"]


class Area(NamedTuple):
    """An area, its measured fields and the model's stage for it."""

    name: str  # in the lecture's chain
    title: str
    stages: tuple[str, ...]  # the model's
    low: float  # diameters of receptive fields, degrees; 0 where only an order is known
    high: float
    cite: tuple[str, ...]  # keys of references.bib
    note: str = ""


AREAS = (
    Area("retina", "ganglion cells", ("retina",), 0.1, 0.2, ("lee1998receptive",), "centres of parvocellular cells"),
    Area(
        "LGN", "lateral geniculate nucleus", ("lgn",), 0.1, 0.2, ("lee1998receptive",), "taken to be as in the retina"
    ),
    Area(
        "V1", "primary visual cortex", ("s1", "c1"), 0.1, 1.0, ("serre2007robust",), "as the model's authors sum it up"
    ),
    Area(
        "V2",
        "second visual area",
        ("s2",),
        0.4,
        2.5,
        ("freeman2011metamers",),
        "0.4 to 0.5 of eccentricity, 1 to 5; inferred from what people cannot tell apart",
    ),
    Area("V4", "fourth visual area", ("s2", "c2"), 0.4, 7.0, ("desimone1987visual",), "4 to 7 times those of V1"),
    Area(
        "PIT",
        "posterior inferotemporal, TEO",
        ("s2b", "c2b", "s3", "c3"),
        0,
        0,
        ("boussaoud1991visual",),
        "between V4 and TE",
    ),
    Area("AIT", "anterior inferotemporal, TE", ("s4",), 2.8, 26.0, ("opdebeeck2000spatial",)),
)
"""The lecture's chain."""


class Stage(NamedTuple):
    """A stage of the model: its smallest and largest field, in pixels; an infinite one sees the whole image."""

    name: str
    low: float
    high: float

    def degrees(self, side: int) -> tuple[float, float]:
        """Both fields in degrees, on an image of ``side`` pixels."""
        return min(self.low, side) / PIXELS_PER_DEGREE, min(self.high, side) / PIXELS_PER_DEGREE


def field(stage: str, band: int, patch: int = PATCHES[0]) -> int:
    """Side in pixels of what a unit of ``stage`` (s1, c1, s2, c2, s2b or s3) sees in ``band`` 0 to 7.

    A unit that sees k units of the stage below, d pixels apart and with fields of f, has a field of f + (k - 1) d. C2
    and S3 look at two bands at once, of which ``band`` is the coarser, 1 to 7: the widest of their units is told.

    Raises:
        ConvnetsError: another stage or band.
    """
    first = 1 if stage in ("c2", "s3") else 0
    if stage not in ("s1", "c1", "s2", "c2", "s2b", "s3") or not first <= band < len(BANDS):
        raise ConvnetsError(
            f"Stage {stage!r} has no band {band}: choose s1, c1, s2 or s2b and 0 to {len(BANDS) - 1}, "
            f"or c2 or s3 and 1 to {len(BANDS) - 1}."
        )
    sizes, pool, step = BANDS[band]
    c1 = sizes[1] + pool - 1
    if stage in ("c2", "s3"):  # a C2 unit sees 4x4 units of S2, an S3 unit three C2 units, two S2 units apart
        return _paired(band, 4 if stage == "c2" else 4 + 2 * 2)
    return {"s1": sizes[1], "c1": c1, "s2": c1 + 2 * step, "s2b": c1 + (patch - 1) * step}[stage]


def _paired(coarse: int, units: int, side: int = 256) -> int:
    """Widest field of ``units`` S2 units of the finer band and the coarse ones there, in pixels of ``side``.

    C2's units lie on the finer band's grid; of the coarser band each takes the nearest unit, as the model does.
    """
    counts = [math.ceil(side / BANDS[band].step) - 2 for band in (coarse, coarse - 1)]
    taken = aligned(torch.arange(counts[0])[None, None, None], torch.empty(1, 1, 1, counts[1]))[0, 0, 0].tolist()
    widest = 0
    for first in range(0, counts[1] - units + 1, 2):
        last = first + units - 1
        left, right = _span(coarse - 1, first, last), _span(coarse, taken[first], taken[last])
        widest = max(widest, max(left[1], right[1]) - min(left[0], right[0]) + 1)
    return widest


def _span(band: int, first: int, last: int) -> tuple[int, int]:
    """First and last pixel that S2's units ``first`` to ``last`` of a row see in ``band``."""
    sizes, pool, step = BANDS[band]
    reach = sizes[1] // 2
    return first * step - reach, (last + 2) * step + pool - 1 + reach


def fields() -> dict[str, Stage]:
    """Every stage of the model by name; the retina's field is the centre's and the surround's width at 1/e."""
    from convnets.cortex.early import CENTRE_DEGREES

    eye = (2 * CENTRE_DEGREES * PIXELS_PER_DEGREE, 2 * SURROUND_DEGREES * PIXELS_PER_DEGREE)
    whole = float("inf")
    spans = {
        "retina": eye,
        "lgn": eye,
        "s1": (BANDS[0].sizes[0], field("s1", 7)),
        "c1": (field("c1", 0), field("c1", 7)),
        "s2": (field("s2", 0), field("s2", 7)),
        "c2": (field("c2", 1), field("c2", 7)),
        "s2b": (field("s2b", 0), field("s2b", 7, PATCHES[-1])),
        "c2b": (whole, whole),
        "s3": (field("s3", 1), field("s3", 7)),
        "c3": (whole, whole),
        "s4": (whole, whole),
    }
    return {name: Stage(name, *span) for name, span in spans.items()}


STAGES = tuple(fields())
"""Names of the model's stages, in their order."""
