"""Fixtures of the press's tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from minirepo import Book, make_book

import convnets
from convnets.common import source


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return make_book(tmp_path)


@pytest.fixture
def importable(book: Book, monkeypatch: pytest.MonkeyPatch):
    """`convnets.toy` can be imported in the test's own process and reads the miniature repository's assets."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.startswith("convnets.toy")]:
            del sys.modules[name]

    monkeypatch.setattr(convnets, "__path__", [*convnets.__path__, str(book.package.parent)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(source, "CODE", book.root / "code")
    monkeypatch.setenv("CONVNETS_ASSETS", str(book.root / "assets"))
    monkeypatch.delenv("CONVNETS_DEVICE", raising=False)
    forget()
    yield forget
    forget()
    vars(convnets).pop("toy", None)
