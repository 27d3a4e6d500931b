"""The offline kit, unpacked and opened from disk in a real browser."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from browsing import ROOT, Visit

from press.publish import kit


@pytest.fixture(scope="module")
def unpacked(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kit")
    with zipfile.ZipFile(kit.write(ROOT, folder / "kit.zip")) as archive:
        archive.extractall(folder / "out")
    return folder / "out"


def test_every_file_arrives(unpacked: Path) -> None:
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=unpacked, check=True)
    assert (unpacked / "weights" / "lenet" / "lenet5.safetensors").is_file()
    assert (unpacked / "notebooks" / "lenet.ipynb").is_file()


def test_the_start_page_opens(chromium: Any, unpacked: Path) -> None:
    with Visit(chromium, (unpacked / "site" / "book" / "glossary.html").as_uri()) as visit:
        visit.page.goto((unpacked / "site" / "index.html").as_uri())
        assert visit.page.locator("article h1").first.inner_text().strip()
        visit.check()


def test_a_chapter_reads_as_on_the_web(chromium: Any, unpacked: Path) -> None:
    page = unpacked / "site" / "book" / "lenet.html"
    with Visit(chromium, page.as_uri()) as visit:
        visit.until("document.querySelectorAll('mjx-container').length > 0")
        link = visit.page.locator("a[href$='.ipynb']").first.get_attribute("href")
        assert link and (page.parent / link).is_file(), "the chapter's notebook is in the kit"
        visit.page.locator("[data-live]").first.scroll_into_view_if_needed()
        visit.page.locator("[data-live-state=ready]").first.wait_for()
        visit.check()
