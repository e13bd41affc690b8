"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real recordings that cannot be committed."""
    folder = os.environ.get("REST_ASMR_SHARED")
    if not folder:
        pytest.skip("REST_ASMR_SHARED is not set: real recordings are not available")
    return Path(folder).resolve() / "data"
