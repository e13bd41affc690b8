"""One prediction of several networks that differ in their seed alone: the mean probability.

A network's seed decides its starting weights, the order of its trials and its dropout; which one
is called the model is chance. The mean over seeds is less noisy, and it is one model that can be
scored (a deep ensemble; Lakshminarayanan, Pritzel & Blundell 2017, arXiv:1612.01474).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem

# What networks say; everything else in their predictions is about the trials.
_SAID = ["probability", "predicted"]


def mean_probability(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of the probabilities of class 1 that each network gave, (n, T)."""
    found: np.ndarray = np.mean(np.stack(probabilities), axis=0)
    return found


def mean_predictions(tables: Sequence[pd.DataFrame], source: str = "") -> pd.DataFrame:
    """Return the predictions of networks of one fold as those of one model.

    Parameters
    ----------
    tables : predictions of each network (`prediction_table`), in the order of the seeds.
    source : name of the model, for messages.

    Returns
    -------
    The first table with the mean probability, and with the class that is the more probable one by
    it (at exactly 0.5: 0). Of one network: its own predictions.

    Raises
    ------
    InputProblem : the networks were not tested on the same frames.
    """
    first = tables[0]
    frames = first.drop(columns=_SAID)
    for number, other in enumerate(tables[1:], 2):
        if not frames.equals(other.drop(columns=_SAID)):
            raise InputProblem(
                source,
                where=f"seed {number}",
                expected=f"predictions of the {len(first)} frames that seed 1 predicts",
                found=f"{len(other)} frames, other ones or in another order",
                remedy="Delete this model's predictions and run the workflow again.",
            )
    probability = mean_probability([table["probability"].to_numpy() for table in tables])
    return first.assign(probability=probability, predicted=(probability > 0.5).astype(np.int64))
