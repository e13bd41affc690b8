"""The model of all people and clips, which is trained once the folds have told how long."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from tinglegram.models.settings import NetworkTraining


def median_epochs(histories: Sequence[pd.DataFrame]) -> int:
    """Return for how many epochs a network of all trials is trained.

    ASSUMPTION: the median, over folds and seeds, of the epoch that was selected there by trials
    that trained nothing. The final network has no such trials left: stopping it by its own training
    loss would overfit, and setting trials aside would train it on less than all. The number of
    passes is kept, not the number of batches, because more trials make longer passes and also have
    more to teach. Halves are rounded up.

    Parameters
    ----------
    histories : of every network of a model, with epoch and selected.
    """
    chosen = [int(table.loc[table["selected"], "epoch"].iloc[0]) for table in histories]
    return int(np.floor(np.median(chosen) + 0.5))


def without_stopping(
    training: NetworkTraining, histories: Sequence[pd.DataFrame]
) -> NetworkTraining:
    """Return how the network of all trials is trained: for these epochs, to the last one."""
    if not histories:
        return training
    return replace(training, epochs=median_epochs(histories), checkpoint="last")
