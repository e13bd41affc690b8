"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is. The same examples every time, so that a
# run tells about the code and not about luck; HYPOTHESIS_SEARCH=1 looks for new ones.
settings.register_profile(
    "repeatable", deadline=None, derandomize=not os.environ.get("HYPOTHESIS_SEARCH")
)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real recordings that cannot be committed."""
    folder = os.environ.get("REST_ASMR_SHARED")
    if not folder:
        pytest.skip("REST_ASMR_SHARED is not set: real recordings are not available")
    return Path(folder).resolve() / "data"
