"""A headless Chromium, for what the press makes with one: PDFs, and stills of demos."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from convnets.common.errors import ConvnetsError

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND"]  # the book needs no other host


@contextmanager
def launched(task: str) -> Iterator[Any]:
    """A browser, by Playwright; ``task`` is what it is for, in an error's sentence.

    Raises:
        ConvnetsError: Playwright or a browser is missing, or the browser fails.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise ConvnetsError("Playwright is not installed: `pip install .[dev]` brings it.") from error
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_path(), args=_FLAGS)
            yield browser
            browser.close()
        except Error as error:
            raise ConvnetsError(f"Chromium {task} ({str(error).splitlines()[0]}); see $CHROMIUM.") from error


def _path() -> str | None:
    """``$CHROMIUM``, or one that is installed; None for the one that Playwright downloads."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    return next((path for name in _NAMES if (path := shutil.which(name))), None)
