"""Pulse recording for one user only: the text is read once in both ways."""

from pathlib import Path
from typing import Any

from stages import ppg_reading

ours = ppg_reading.ours
reference = ppg_reading.reference


def load(folder: Path, settings: dict[str, Any], way: str) -> ppg_reading.Inputs:
    """As for two users, with one."""
    return ppg_reading.load(folder, settings, way)._replace(users=1)
