"""A stored figure in the language of an edition: its words, its numbers, its names, its size."""

from __future__ import annotations

from pathlib import Path

import pytest

from press.editions import catalogues, flaws, merging
from press.page import figures

SVG = (
    '<svg width="504pt" height="230.4pt" viewBox="0 0 504 230.4"><g fill="#1f2328"><text x="1">{}</text></g>'
    '<path d="m0 0.8h1"/></svg>'
)
SPANISH = {"{0} spikes": "{0} impulsos", "from {0} to {1}, %": "de {0} a {1}, %", "a < b & more": "a < b y más"}


@pytest.mark.parametrize(
    ("text", "message", "spanish"),
    [
        ("8,372 spikes", "{0} spikes", "8372 impulsos"),
        ("60,000 spikes", "{0} spikes", "60\u202f000 impulsos"),
        ("from 0.5 to 1.25, %", "from {0} to {1}, %", "de 0,5 a 1,25, %"),
        ("a &lt; b &amp; more", "a < b & more", "a &lt; b y más"),
        ("0.8", None, "0,8"),
        ("−0.25", None, "−0,25"),
        ("1,000", None, "1000"),
        ("24×10²", None, "24×10²"),
        ("r = 0.80", None, "r = 0,80"),
        ("F1/F0 = 1.69", None, "F1/F0 = 1,69"),
        ("V1, 0°", None, "V1, 0°"),
        ("LeNet-5 C1", None, "LeNet-5 C1"),
        ("HMAX S2b", None, "HMAX S2b"),
        ("2 → 7", None, "2 → 7"),
    ],
)
def test_words_go_to_the_catalogue_and_numbers_follow_a_rule(text: str, message: str | None, spanish: str) -> None:
    drawing = SVG.format(text)
    assert list(figures.messages(drawing)) == ([message] if message else [])
    assert figures.said(drawing, lambda said: SPANISH.get(said, said), "es") == SVG.format(spanish)


def test_only_words_change_in_the_dark() -> None:
    assert figures.dark(SVG) == SVG.replace("#1f2328", "#e6edf3")


@pytest.mark.parametrize(("sizes", "least"), [((10, 12), 403), ((14,), 0), ((), 0), ((5, 10), 672)])
def test_small_letters_keep_a_drawing_wide_on_a_phone(sizes: tuple[int, ...], least: int) -> None:
    texts = "".join(f'<text x="1" font-size="{size}px">a</text>' for size in sizes)
    assert figures.least(SVG.format("").replace("<path", f"{texts}<path"), 672) == least


def test_a_word_that_is_not_translated_is_told_with_its_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "assets" / "toy" / "outputs"
    folder.mkdir(parents=True)
    (tmp_path / "book" / "locale" / "es" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "0123456789abcdef01234567.svg").write_text(SVG.format("0.8") + SVG.format("857 spikes"))
    said = catalogues.words(tmp_path)
    assert said["figures/toy"] == ["{0} spikes"]
    assert flaws.problems(tmp_path, "es", "figures/toy", said["figures/toy"]) == [
        "book/locale/es/LC_MESSAGES/figures/toy.po is missing: run `press translate`."
    ]
    merging.merge(tmp_path, "es", "figures/toy", said["figures/toy"])
    (told,) = flaws.problems(tmp_path, "es", "figures/toy", said["figures/toy"])
    assert "figures/toy.po" in told and "“{0} spikes” is not translated" in told
