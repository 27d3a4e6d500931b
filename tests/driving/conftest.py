"""A folder of small data in the form of CamVid's archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from toystreets import streets


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out like ``shared/data`` with 12 drawn streets a split."""
    root = tmp_path_factory.mktemp("streets")
    streets(root)
    return root
