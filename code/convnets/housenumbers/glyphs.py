"""Outlines of the digits of free typefaces, of which the rendered street is made; and how they were taken from fonts.

``assets/housenumbers/glyphs.json`` holds them, so that the world is the same on a machine without these fonts; its
digest is part of every run that learns from the world. ``python -m convnets.housenumbers.glyphs`` takes them anew from
the fonts of Debian's packages ``fonts-dejavu-core``, ``fonts-dejavu-extra`` and ``fonts-liberation``, and names a font
that is not there.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from convnets.common import assets
from convnets.common.errors import ConvnetsError

__all__ = ["DIGEST", "FONTS", "contours", "extract", "outlines"]

FILE = "glyphs.json"
DIGEST = "0d316997e3fb1aef71d9954d0b131d0412c1fcbb90f0d779148dfc0426ab02b7"
"""SHA-256 of the stored outlines."""
EM = 1000  # units
FONTS = {
    "DejaVu Sans": "dejavu/DejaVuSans.ttf",
    "DejaVu Sans Bold": "dejavu/DejaVuSans-Bold.ttf",
    "DejaVu Sans Condensed": "dejavu/DejaVuSansCondensed.ttf",
    "DejaVu Sans Condensed Bold": "dejavu/DejaVuSansCondensed-Bold.ttf",
    "DejaVu Sans ExtraLight": "dejavu/DejaVuSans-ExtraLight.ttf",
    "DejaVu Sans Mono Bold": "dejavu/DejaVuSansMono-Bold.ttf",
    "DejaVu Serif": "dejavu/DejaVuSerif.ttf",
    "DejaVu Serif Bold": "dejavu/DejaVuSerif-Bold.ttf",
    "DejaVu Serif Condensed Italic": "dejavu/DejaVuSerifCondensed-Italic.ttf",
    "Liberation Sans": "liberation/LiberationSans-Regular.ttf",
    "Liberation Sans Bold": "liberation/LiberationSans-Bold.ttf",
    "Liberation Sans Italic": "liberation/LiberationSans-Italic.ttf",
    "Liberation Sans Narrow": "liberation/LiberationSansNarrow-Regular.ttf",
    "Liberation Sans Narrow Bold": "liberation/LiberationSansNarrow-Bold.ttf",
    "Liberation Serif": "liberation/LiberationSerif-Regular.ttf",
    "Liberation Serif Bold": "liberation/LiberationSerif-Bold.ttf",
    "Liberation Serif Bold Italic": "liberation/LiberationSerif-BoldItalic.ttf",
    "Liberation Mono": "liberation/LiberationMono-Regular.ttf",
}
"""Typefaces by name, and their files below Debian's ``/usr/share/fonts/truetype``."""

_STEP = re.compile(r"([MLQZ])([^MLQZ]*)")


@cache
def outlines() -> dict[str, dict[str, Any]]:
    """By typeface: ``digits``, ten SVG paths (M, L, Q, Z), and ``advances``; units of 1/1000 em, y down from the base.

    Raises:
        ConvnetsError: the stored outlines are missing or others than those that runs learned from.
    """
    content = assets.read_bytes("housenumbers", FILE)
    if hashlib.sha256(content).hexdigest() != DIGEST:
        raise ConvnetsError(
            f"{assets.path('housenumbers', FILE)} holds other outlines than the runs learned from: restore it from the "
            "repository."
        )
    found: dict[str, dict[str, Any]] = json.loads(content)
    return found


@cache
def contours(font: str, digit: int, bend: int = 5) -> tuple[tuple[np.ndarray, ...], float]:
    """The closed polygons (N, 2) of a digit as x, y, and its advance, in em; ``bend`` points to a curve.

    Raises:
        ConvnetsError: no such typeface.
    """
    held = outlines()
    if font not in held:
        raise ConvnetsError(f"There is no typeface {font!r} among {', '.join(held)}.")
    found: list[list[np.ndarray]] = []
    for letter, numbers in _STEP.findall(held[font]["digits"][digit]):
        points = np.array(numbers.split(), np.float64).reshape(-1, 2) / EM
        if letter == "M":
            found.append([points[0]])
        elif letter == "L":
            found[-1].extend(points)
        elif letter == "Q":
            start = found[-1][-1]
            for step in np.arange(1, bend + 1) / bend:
                found[-1].append((1 - step) ** 2 * start + 2 * step * (1 - step) * points[0] + step**2 * points[1])
    return tuple(np.array(one) for one in found), held[font]["advances"][digit] / EM


def extract(folder: Path = Path("/usr/share/fonts/truetype")) -> bytes:
    """The outlines of all :data:`FONTS` as they are stored.

    Raises:
        ConvnetsError: a font is not there.
    """
    from matplotlib.ft2font import FT2Font, LoadFlags

    found = {}
    for name, place in FONTS.items():
        if not (folder / place).is_file():
            raise ConvnetsError(
                f"The typeface {name} ({folder / place}) is not on this machine: install Debian's fonts-dejavu-core, "
                "fonts-dejavu-extra and fonts-liberation."
            )
        font = FT2Font(str(folder / place))
        font.set_size(EM, 72)
        paths, advances = [], []
        for digit in "0123456789":
            glyph = font.load_char(ord(digit), flags=LoadFlags.NO_HINTING)
            paths.append(_svg(*font.get_path()))
            advances.append(round(glyph.linearHoriAdvance / 65536))
        found[name] = {"digits": paths, "advances": advances}
    return (json.dumps(found, indent=1) + "\n").encode()


def _svg(vertices: np.ndarray, codes: np.ndarray) -> str:
    """Matplotlib's vertices (N, 2), y up, and codes as an SVG path, y down."""
    points = [f"{round(x)} {round(-y)}" for x, y in vertices]
    said, place = [], 0
    while place < len(codes):
        code = int(codes[place])
        if code == 3:
            said.append(f"Q{points[place]} {points[place + 1]}")
            place += 2
            continue
        said.append({1: f"M{points[place]}", 2: f"L{points[place]}", 79: "Z"}[code])
        place += 1
    return "".join(said)


if __name__ == "__main__":
    taken = extract()
    assets.write_atomic(assets.path("housenumbers", FILE), taken)
    print(hashlib.sha256(taken).hexdigest())
