"""Where the checkout lies; a module of its own because every folder has a conftest."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
