"""Does a probability mean what it says? Reliability curves over valid frames."""

from typing import Annotated

import numpy as np
import pandas as pd

from tinglegram.inference.resampling import Resamples, Use, defined_interval, draw_weights
from tinglegram.settings import Bounds, section
from tinglegram.statistics.scored_trials import ScoredTrials, participant_index

# All valid frames, and those of the target condition.
SCOPES = ("both_conditions", "within_target")


@section("statistics")
class CalibrationCurve:
    """How finely probabilities are binned."""

    calibration_bins: Annotated[int, Bounds(minimum=2), "Bins of the reliability curve."] = 10


def calibration_table(
    trials: ScoredTrials, settings: Resamples, curve: CalibrationCurve
) -> pd.DataFrame:
    """Return the reliability curve (Murphy & Winkler, 1977) of valid frames.

    Probabilities fall into bins of equal width from 0 to 1, the last one closed. The Brier scores
    that go with it stand in `within_target.within_target_table`.

    Returns
    -------
    One row per scope and bin: scope (`both_conditions`, `within_target`), bin_low, bin_high,
    n_frames, n_participants (who has a frame in the bin), mean_probability, observed_share (of
    frames reported as tingle), ci_low, ci_high (participants resampled), n_bootstrap. Missing in
    bins without frames.
    """
    bins, participant = curve.calibration_bins, participant_index(trials)
    weights = draw_weights(
        int(participant.max()) + 1, settings.bootstrap, settings.stream(Use.CALIBRATION_BOOTSTRAP)
    )
    place = np.minimum((trials.probability * bins).astype(int), bins - 1)
    limits = np.linspace(0, 1, bins + 1)
    tables = []
    for scope in SCOPES:
        kept = trials.valid & ~(trials.control[:, None] & (scope == "within_target"))
        cell = (participant[:, None] * bins + place)[kept]
        shape = (int(participant.max()) + 1, bins)
        frames, reported, predicted = (
            np.bincount(cell, values, shape[0] * bins).reshape(shape)
            for values in (None, trials.label[kept], trials.probability[kept])
        )
        total = frames.sum(axis=0)
        drawn = _share(weights @ reported, weights @ frames)
        low, high = defined_interval(drawn, settings.confidence)
        tables.append(
            pd.DataFrame(
                {
                    "scope": scope,
                    "bin_low": limits[:-1],
                    "bin_high": limits[1:],
                    "n_frames": total.astype(int),
                    "n_participants": (frames > 0).sum(axis=0),
                    "mean_probability": _share(predicted.sum(axis=0), total),
                    "observed_share": _share(reported.sum(axis=0), total),
                    "ci_low": low,
                    "ci_high": high,
                    "n_bootstrap": settings.bootstrap,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(
        part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0
    )
    return found
