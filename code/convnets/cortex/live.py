"""What a page shows of the model: every area's answer to one image, and what its demo needs to know of them.

``convnets export cortex`` writes the network of :data:`LIVE` as a graph and :data:`FACTS` as JSON.
"""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from convnets.common.export import Live, word
from convnets.common.inputs import Input
from convnets.common.samples import Sample, Samples
from convnets.cortex import data, early, spectrum, studies
from convnets.cortex.model import (
    BANDS,
    GAMMA,
    ORIENTATIONS,
    PATCHES,
    PIXELS_PER_DEGREE,
    READOUTS,
    S1_TABLE,
    SHARPNESS,
    Hmax,
    c1,
    gabor_bank,
)
from convnets.cortex.physiology import AREAS, fields
from convnets.cortex.shapes import BACKGROUND, EXTENT_DEGREES, INK, PEN, SHAPES, SIDE

__all__ = ["FACTS", "LIVE", "samples"]

S2_BAND = 1
"""The band whose S2 maps are shown, the one that prototypes are cut from."""

_QUADRATURE = [gabor_bank(early.ENERGY_INDEX, phase) for phase in (0.0, -math.pi / 2)]
"""The filters of :func:`early.energy`, made here: a graph that made them would do so for every image."""


def _energy(image: Tensor) -> Tensor:
    padded = F.pad(image, (_QUADRATURE[0].shape[-1] // 2,) * 4, mode="replicate")
    even, odd = (F.conv2d(padded, filters) for filters in _QUADRATURE)
    return (even.square() + odd.square() + 1e-12).sqrt()


def _areas(model: Hmax, image: Tensor) -> tuple[Tensor, ...]:
    """What ``model.stages`` and ``early`` answer, as a page can afford it: a test compares them."""
    cells = early.retina(image)
    maps = spectrum.s1_maps(image, [getattr(model, f"filters{index}") for index in range(len(S1_TABLE))])
    stages = model.from_c1([c1(maps[2 * index], maps[2 * index + 1], band) for index, band in enumerate(BANDS)])
    return (
        cells, early.lgn(cells), _energy(image), *stages.c1, stages.s2[S2_BAND], *stages.c2, stages.c2b, stages.c3,
        stages.s4, stages.scores,
    )  # fmt: skip


OUTPUTS = (
    *("retina", "lgn", "v1"),
    *(f"c1_{band}" for band in range(8)),
    "s2",
    *(f"c2_{pair}" for pair in range(4)),
    *("c2b", "c3", "s4", "scores"),
)
"""Names of what :func:`_areas` returns."""

LIVE: dict[str, Live] = {"hmax": Live({"image": Input((1, SIDE, SIDE))}, OUTPUTS, _areas)}
"""The network that pages can show."""


def samples() -> Samples:
    """The test images that the model gets wrong most, which the chapter shows."""
    test = data.load("test")
    worst = [(place, data.CLASSES[int(test.labels[place])]) for place in studies.displaced()["worst"]]
    pictures = [Sample(test.images[place].numpy(), label, place) for place, label in worst]
    return Samples("CIFAR-10, test images", "CIFAR-10, by A. Krizhevsky", pictures)


_FIELDS = fields()

FACTS: dict[str, Any] = {
    "field": {
        "side": SIDE,
        "degrees": SIDE / PIXELS_PER_DEGREE,
        "extent": EXTENT_DEGREES,
        "background": BACKGROUND,
        "ink": INK,
        "reach": round(SIDE / PIXELS_PER_DEGREE / 2, 2),
    },
    "objects": {
        name: {"name": word(name), "pen": PEN, "paths": [{"points": path.points, "fill": path.fill} for path in paths]}
        for name, paths in SHAPES.items()
    },
    "orientations": ORIENTATIONS,
    "s1": [{"side": side, "sigma": sigma, "wavelength": wave} for side, sigma, wave in S1_TABLE],
    "gamma": GAMMA,
    "bands": [{"sizes": band.sizes, "pool": band.pool, "step": band.step} for band in BANDS],
    "s2": {"band": S2_BAND, "window": 3},
    "c2": {"window": 4, "step": 2, "pairs": [[0, 1], [2, 3], [4, 5], [6, 7]]},
    "patches": PATCHES,
    "sharpness": SHARPNESS,
    "v1": {"side": S1_TABLE[early.ENERGY_INDEX][0], "row": early.ENERGY_INDEX},
    "eye": {
        "centre": early.CENTRE_DEGREES,
        "surround": early.SURROUND_DEGREES,
        "weight": early.SURROUND_WEIGHT,
        "half_contrast": early.HALF_CONTRAST,
    },
    "readouts": READOUTS,
    "areas": [
        {
            "name": area.name,
            "title": word(area.title),
            "stages": area.stages,
            "measured": [area.low, area.high],
            "model": [
                round(min(_FIELDS[stage].degrees(SIDE)[0] for stage in area.stages), 2),
                round(max(_FIELDS[stage].degrees(SIDE)[1] for stage in area.stages), 2),
            ],
            "note": area.note,
            "cite": area.cite,
        }
        for area in AREAS
    ],
    "stages": {name: [round(value, 3) for value in stage.degrees(SIDE)] for name, stage in _FIELDS.items()},
}
"""Constants, tables and things to look at of the demo, exported once, so that no page holds a copy typed by hand."""
