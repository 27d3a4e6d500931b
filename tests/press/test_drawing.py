"""Stored figures: words as words, the same pixels, the ink tokens that the dark theme swaps."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from convnets.common import plot
from press.outputs import drawing


def as_svg(figure: object) -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None})  # type: ignore[attr-defined]
    return written.getvalue()


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 9, (24, 24)) / 8


@pytest.fixture(scope="module")
def drawn(pixels: np.ndarray) -> str:
    figure, (left, right) = plot.figure(1, 2)
    left.plot(np.arange(500) / 7, np.sin(np.arange(500)))
    left.set(title="answer of one cell", xlabel="degrees")
    right.imshow(pixels, interpolation="none", cmap="gray_r")
    return as_svg(figure)


def pictures(svg: str) -> list[np.ndarray]:
    found = re.findall(r"data:image/(?:png|webp);base64,([^\"]+)", svg)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGBA")) for one in found]


def test_words_stay_words_in_the_sites_fonts(drawn: str) -> None:
    svg = drawing.compact(drawn)
    assert "answer of one cell" in svg and "degrees" in svg
    assert svg.count("font-family") == 1 and drawing.FONTS in svg


def test_pictures_keep_every_pixel(drawn: str, pixels: np.ndarray) -> None:
    (then,), (now,) = pictures(drawn), pictures(drawing.compact(drawn))
    assert np.array_equal(then, now)
    assert len(np.unique(now[..., 0])) == len(np.unique(pixels)), "the picture is there, not a grey square"


def test_a_drawing_shrinks_and_comes_out_the_same(drawn: str) -> None:
    svg = drawing.compact(drawn)
    assert len(svg) < 0.7 * len(drawn)
    assert svg == drawing.compact(drawn)


def test_the_ink_tokens_are_there_for_the_dark_theme(drawn: str) -> None:
    svg = drawing.compact(drawn)
    assert plot.INK in svg and plot.MUTED in svg


def test_points_move_by_less_than_a_screen_shows(drawn: str) -> None:
    def line(svg: str) -> np.ndarray:
        """End points of the longest path, whatever its commands."""
        path = max(re.findall(r' d="([^"]+)"', svg), key=len)
        place, points = np.zeros(2), []
        for command, numbers in re.findall(r"([MLmlhvHV])([^A-Za-z]*)", path):
            values = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
            step = 1 if command in "hvHV" else 2
            for index in range(0, len(values), step):
                move = np.array(values[index : index + step])
                if command in "hH":
                    move = np.array([move[0], 0 if command == "h" else place[1]])
                elif command in "vV":
                    move = np.array([0 if command == "v" else place[0], move[0]])
                place = place + move if command.islower() else move
                points.append(place)
        return np.array(points)

    then, now = line(drawn), line(drawing.compact(drawn))
    assert then.shape == now.shape and abs(then - now).max() < 0.1
