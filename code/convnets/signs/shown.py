"""Which photographs of GTSRB the book shows: fifty at most, chosen by eye, and the worst mistakes of our network.

They are kept in ``samples.webp`` in this order (:func:`convnets.signs.live.samples`); figures and demo know them by
their place there.
"""

from __future__ import annotations

__all__ = ["CLEAR", "DARK", "ERRORS", "FRAMES", "MISTAKES", "ROWS", "SHOWN", "STRIP", "TRACKS", "WINDOWS"]

DARK = 5198  # index of a test photograph that people can hardly read, and our network can
CLEAR = (
    *(1531, 1708, 2983, 2805, 24, 2815, 5509, 2536, 1224, 348, 5746),  # with DARK the demo's first row
    *(2063, 5172, 1218, 5789),
    *(4571, 3723, 258, 2471, 3329, 4468, 2032, 3795, 152),
)
"""Indices of clear test photographs; those of the last line are in a figure alone."""

MISTAKES = 8
"""So many of the mistakes of which our network is most certain are shown."""
ERRORS = tuple(range(16, 16 + MISTAKES))
"""Their places among the samples."""
STRIP = 24
"""So many samples, from the first, stand in the demo."""

ROWS = (
    (1708, 2063, 2983, 5172), (1218, 4571, 5789, 348), (2032, 3795, 2536, 152),
    (3723, 258, 5746, 2471), (3329, 4468, 2815, 1224), (2805, 24, 1531, 5509),
)  # fmt: skip
"""Indices of four photographs each: speed limits, other prohibitions, dangers, ends, commands, others."""


def _place(index: int) -> int:
    """Where a clear photograph stands among the samples."""
    at = 1 + CLEAR.index(index)
    return at if at < ERRORS[0] else at + MISTAKES


SHOWN = tuple(_place(index) for half in (ROWS[:3], ROWS[3:]) for row in half for index in row)
"""Places of :data:`ROWS`, twelve in a row of the figure."""

TRACKS = ((1, 30), (38, 20))
"""Two training tracks, class and number; every second of the frames that we hold is shown."""
FRAMES = tuple(range(1 + len(CLEAR) + MISTAKES, 1 + len(CLEAR) + MISTAKES + 16))
"""Places of the frames."""

WINDOWS = (1, 3, 4, 6, 13, 15)
"""Places of the samples on which the spatial transformer's window is shown."""
