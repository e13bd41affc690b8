"""Does a probability mean what it says? Reliability curves over valid frames."""

from typing import Annotated

import numpy as np
import pandas as pd
from scipy import special

from tinglegram.inference.counts import ratio
from tinglegram.inference.resampling import Resamples, Use, defined_interval, draw_weights
from tinglegram.inference.shares import share_within_folds
from tinglegram.settings import Bounds, section
from tinglegram.statistics.fold_means import FEW_PEOPLE, FEWEST_PEOPLE
from tinglegram.statistics.scored_trials import ScoredTrials, folds_of_people, participant_index

# All valid frames, and those of the target condition.
SCOPES = ("both_conditions", "within_target")
# Where fewer people of a bin have a frame that was reported, or one that was not, the interval
# covers too little.
FEWEST_OF_AN_ANSWER = 5
# Why the line is descriptive: a jackknife over people within folds held that of very many people in
# 82 to 99 % of studies of trained models, and the slope is too small by up to 0.5, because calls
# and reports of folds are negatively related. A fold's own line would be of 8 people and one clip.
NO_LINE_INTERVAL = "ci: descriptive, of all folds together, whose calls and reports are related"
# The surest a probability is taken for, and how the line is fitted.
NEAREST = 1e-6
NEWTON_STEPS, CLOSE_ENOUGH, WORST_CONDITION = 50, 1e-9, 1e10


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

    Where `settings.score_inference` is `folds`, ci_low and ci_high are of other people with these
    clips and networks, and there are reason (why a bin has none) and, the same in all bins of a
    scope, line_slope, line_intercept (`calibration_line`) and line_reason (why they have none).
    Bins and line are of the frames of all folds together: a bin of one fold has too few people.
    """
    bins, participant = curve.calibration_bins, participant_index(trials)
    by_fold = settings.score_inference == "folds"
    weights = np.empty((0, int(participant.max()) + 1))
    if not by_fold:
        weights = draw_weights(
            weights.shape[1], settings.bootstrap, settings.stream(Use.CALIBRATION_BOOTSTRAP)
        )
    folds = folds_of_people(trials)
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
        if by_fold:
            low, high, reasons = _intervals(reported, frames, folds, settings.confidence)
            slope, intercept = calibration_line(trials.probability[kept], trials.label[kept])
            last: dict[str, object] = {"n_bootstrap": 0, "reason": reasons, "line_slope": slope}
            last |= {"line_intercept": intercept, "line_reason": NO_LINE_INTERVAL}
        else:
            drawn = ratio(weights @ reported, weights @ frames)
            low, high = defined_interval(drawn, settings.confidence)
            last = {"n_bootstrap": settings.bootstrap}
        tables.append(
            pd.DataFrame(
                {
                    "scope": scope,
                    "bin_low": limits[:-1],
                    "bin_high": limits[1:],
                    "n_frames": total.astype(int),
                    "n_participants": (frames > 0).sum(axis=0),
                    "mean_probability": ratio(predicted.sum(axis=0), total),
                    "observed_share": ratio(reported.sum(axis=0), total),
                    "ci_low": low,
                    "ci_high": high,
                }
                | last
            )
        )
    return pd.concat(tables, ignore_index=True)


def _intervals(
    reported: np.ndarray, frames: np.ndarray, folds: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the ends of the interval of each bin, and why it has none.

    Parameters
    ----------
    reported, frames : (people, bins) frames reported as tingle, and all of them.
    """
    ends, reasons = np.full((frames.shape[1], 2), np.nan), []
    for place, (part, whole) in enumerate(zip(reported.T, frames.T, strict=True)):
        reason = ""
        if (whole > 0).sum() < FEWEST_PEOPLE:
            reason = FEW_PEOPLE
        elif part.sum() in (0, whole.sum()):
            reason = "all frames or none reported"
        elif min((part > 0).sum(), (part < whole).sum()) < FEWEST_OF_AN_ANSWER:
            reason = f"fewer than {FEWEST_OF_AN_ANSWER} people reported, or did not"
        else:
            # Who has no frame in the bin is one of the fold's people, and adds nothing.
            ends[place] = share_within_folds(part, whole, folds, confidence)
            reason = "people of a fold are alike" if np.isnan(ends[place, 0]) else ""
        reasons.append(reason)
    return ends[:, 0], ends[:, 1], reasons


def calibration_line(probability: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Return the line of logistic recalibration: logit P(reported) = intercept + slope x logit(p).

    A slope below 1 says that probabilities are too extreme, an intercept below 0 that they are too
    high where the model says one half (Cox, 1958, doi:10.2307/2333203; Miller, Hui & Tierney,
    1991). A calibrated model has slope 1 and intercept 0. Fitted by Newton's method.

    Parameters
    ----------
    probability, label : (frames,) predicted, and whether reported.

    Returns
    -------
    (float, float) : slope and intercept, of all folds together. NaN where probabilities or reports
        are all alike, or where reports are told apart without error, so that no line is finite.
    """
    none = np.nan, np.nan
    # ASSUMPTION: no frame is surer than NEAREST; networks of 32 bits say 0 and 1.
    x = special.logit(np.clip(probability, NEAREST, 1 - NEAREST))
    if not len(x) or np.ptp(x) == 0 or label.all() or not label.any():
        return none
    columns = np.stack([np.ones_like(x), x])
    line = np.array([special.logit(label.mean()), 0.0])
    for _ in range(NEWTON_STEPS):
        chance = special.expit(line @ columns)
        curvature = (columns * (chance * (1 - chance))) @ columns.T
        if np.linalg.cond(curvature) > WORST_CONDITION:
            return none
        step = np.linalg.solve(curvature, columns @ (label - chance))
        line = line + step
        if np.abs(step).max() < CLOSE_ENOUGH:
            return float(line[1]), float(line[0])
    return none
