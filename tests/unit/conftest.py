"""Fixtures of the unit tests."""

from pathlib import Path

import pandas as pd
import pytest

from tinglegram.models.published import as_predictions, read_predictions


@pytest.fixture(scope="session")
def published(shared: Path) -> list[pd.DataFrame]:
    """The authors' published predictions, one table per fold."""
    path = shared / "paper_fusion_results_4_fold.pkl"
    conditions = {f"vid{i}": "ASMR" if i < 5 else "Nature" for i in range(1, 9)}
    trials = read_predictions(path.read_bytes(), path.name)
    tables = as_predictions(
        trials, conditions, path.name, folds=range(1, 5), n_steps=550, n_first=507, grid=10.0
    )
    return list(tables.values())
