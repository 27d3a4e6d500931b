"""What a line must not tear: a number and its per cent sign, and the groups of a Spanish number."""

from __future__ import annotations

from pathlib import Path

import pytest
import toybook
from bs4 import BeautifulSoup

from press.page.spaces import bound
from press.page.words import NBSP
from press.publish import build

THIN = "\u202f"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("0.54 % of 12,630", "en", f"0.54{NBSP}% of 12,630"),
        ("el 0,54 % de 12 630 fotos", "es", f"el 0,54{NBSP}% de 12{THIN}630 fotos"),
        ("1 098 359 pesos, 32 000.", "es", f"1{THIN}098{THIN}359 pesos, 32{THIN}000."),
        ("7 000, 12 000 y 500", "es", f"7{THIN}000, 12{THIN}000 y 500"),
        ("en 1962 200 células, 2, 300 y 10 20", "es", "en 1962 200 células, 2, 300 y 10 20"),
        ("chapters 12 630", "en", "chapters 12 630"),
    ],
)
def test_bound(text: str, language: str, expected: str) -> None:
    assert bound(text, language) == expected


def test_prose_is_bound_and_code_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toybook.write_book(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    with (tmp_path / "book" / "toy.md").open("a") as chapter:
        chapter.write("\nOf all toys 5 % {cite}`toy1998`, `6 %` in code.\n")
    assert build.build(tmp_path, draft=True, live=False) == 0
    page = BeautifulSoup((tmp_path / build.SITE / "book" / "toy.html").read_text("utf-8"), "html.parser")
    told = page.get_text()
    assert f"Of all toys 5{NBSP}%" in told and "6 % in code" in told
