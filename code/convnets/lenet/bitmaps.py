"""The ten 7x12 target characters of LeNet-5's output layer.

LeCun et al. 1998, section II.B, give every class a stylised bitmap of 7 columns by 12 rows as the centre of its
radial basis function, so that similar characters get similar codes.

Deviations: the paper's figure 3 shows a full ASCII set; these ten digits are our own drawing in the same grid.
"""

from __future__ import annotations

import numpy as np

__all__ = ["DRAWINGS", "bitmaps"]

DRAWINGS: tuple[str, ...] = (
    """
    .......
    ..###..
    .##.##.
    ##...##
    ##...##
    ##...##
    ##...##
    ##...##
    ##...##
    .##.##.
    ..###..
    .......
    """,
    """
    .......
    ...##..
    ..###..
    .####..
    ...##..
    ...##..
    ...##..
    ...##..
    ...##..
    ...##..
    .######
    .......
    """,
    """
    .......
    .#####.
    ##...##
    ##...##
    .....##
    ....##.
    ...##..
    ..##...
    .##....
    ##.....
    #######
    .......
    """,
    """
    .......
    #######
    .....##
    ....##.
    ...##..
    ..####.
    .....##
    .....##
    .....##
    ##...##
    .#####.
    .......
    """,
    """
    .......
    ....##.
    ...###.
    ..####.
    .##.##.
    ##..##.
    ##..##.
    #######
    ....##.
    ....##.
    ....##.
    .......
    """,
    """
    .......
    #######
    ##.....
    ##.....
    ##.....
    ######.
    .....##
    .....##
    .....##
    ##...##
    .#####.
    .......
    """,
    """
    .......
    ..####.
    .##....
    ##.....
    ##.....
    ######.
    ##...##
    ##...##
    ##...##
    ##...##
    .#####.
    .......
    """,
    """
    .......
    #######
    #....##
    .....##
    ....##.
    ....##.
    ...##..
    ...##..
    ..##...
    ..##...
    ..##...
    .......
    """,
    """
    .......
    .#####.
    ##...##
    ##...##
    ##...##
    .#####.
    ##...##
    ##...##
    ##...##
    ##...##
    .#####.
    .......
    """,
    """
    .......
    .#####.
    ##...##
    ##...##
    ##...##
    ##...##
    .######
    .....##
    .....##
    ....##.
    .####..
    .......
    """,
)


def bitmaps() -> np.ndarray:
    """The targets as numbers: (10, 12, 7) float32, +1 where there is ink and -1 elsewhere."""
    rows = [[list(line.strip()) for line in drawing.split()] for drawing in DRAWINGS]
    return np.where(np.array(rows) == "#", 1.0, -1.0).astype(np.float32)
