"""A folder of small data in the forms of ISBI's slices and of BUSI's archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from toytissue import scans, slices


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out like ``shared/data`` with 22 slices and 36 scans."""
    root = tmp_path_factory.mktemp("tissue")
    slices(root)
    scans(root)
    return root
