"""Fixtures of the browser side's tests."""

from __future__ import annotations

import os
import secrets

import pytest


@pytest.fixture
def seed() -> int:
    """Another one in every run, or $CONVNETS_SEED; pytest shows that of a failure."""
    chosen = int(os.environ.get("CONVNETS_SEED") or secrets.randbits(32))
    print(f"CONVNETS_SEED={chosen} repeats this test")
    return chosen
