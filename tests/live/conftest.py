"""One page of parts for all tests of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import partspage
import pytest
from browsing import Serve, Visit


@pytest.fixture(scope="session")
def parts_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site with the demo of parts."""
    return partspage.write_site(tmp_path_factory.mktemp("parts"))


@pytest.fixture(scope="module")
def opened(chromium: Any, parts_site: Path, serve: Serve) -> Iterator[partspage.Demo]:
    with Visit(chromium, f"{serve(parts_site)}/{partspage.PATH}", has_touch=True) as visit:
        yield partspage.Demo(visit)


@pytest.fixture
def demo(opened: partspage.Demo) -> Iterator[partspage.Demo]:
    """The page of parts; nothing may go wrong on it."""
    yield opened
    opened.visit.check()
