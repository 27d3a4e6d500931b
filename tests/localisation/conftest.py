"""A folder of small data in the forms of CIFAR-10's subset and of BCCD's archive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toyplaces import archive, photographs


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out like ``shared/data`` with 40 and 12 photographs, and 6, 3 and 4 smears."""
    root = tmp_path_factory.mktemp("places")
    (root / "CIFAR10-subset").mkdir()
    labels = np.arange(60, dtype=np.uint8) % 10
    np.savez(
        root / "CIFAR10-subset" / "cifar10_subset.npz",
        train_images=photographs(40), train_labels=labels[:40],
        test_images=photographs(12, 1), test_labels=labels[:12],
    )  # fmt: skip
    archive(root, {"train": 6, "val": 3, "test": 4})
    return root
