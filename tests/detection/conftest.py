"""A small archive of drawn smears."""

from __future__ import annotations

from pathlib import Path

import pytest
from toysmears import archive


@pytest.fixture(scope="session")
def smears(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out like ``shared/data`` with 4, 2 and 2 smears."""
    root = tmp_path_factory.mktemp("smears")
    archive(root, {"train": 4, "val": 2, "test": 2})
    return root
