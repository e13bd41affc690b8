"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real recordings that cannot be committed."""
    folder = os.environ.get("REST_ASMR_SHARED")
    if not folder:
        pytest.skip("REST_ASMR_SHARED is not set: real recordings are not available")
    return Path(folder).resolve() / "data"
