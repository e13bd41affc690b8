"""Does a probability mean what it says? Reliability curves over valid frames."""

from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from tinglegram.inference.jackknife import jackknife_within_folds
from tinglegram.inference.resampling import Resamples, Use, defined_interval, draw_weights
from tinglegram.inference.shares import share_within_folds
from tinglegram.settings import Bounds, section
from tinglegram.statistics.people import FEW_PEOPLE, FEWEST_PEOPLE
from tinglegram.statistics.scored_trials import ScoredTrials, folds_of_people, participant_index

# All valid frames, and those of the target condition.
SCOPES = ("both_conditions", "within_target")
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
            line = calibration_line(
                trials.probability[kept],
                trials.label[kept],
                np.broadcast_to(participant[:, None], kept.shape)[kept],
                folds,
                settings.confidence,
            )
            last: dict[str, object] = {"n_bootstrap": 0, "reason": reasons, **line}
        else:
            drawn = _share(weights @ reported, weights @ frames)
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
                    "mean_probability": _share(predicted.sum(axis=0), total),
                    "observed_share": _share(reported.sum(axis=0), total),
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
        else:
            # Who has no frame in the bin is one of the fold's people, and adds nothing.
            ends[place] = share_within_folds(part, whole, folds, confidence)
            reason = "people of a fold are alike" if np.isnan(ends[place, 0]) else ""
        reasons.append(reason)
    return ends[:, 0], ends[:, 1], reasons


class _Line(NamedTuple):
    """Intercept and slope, and those without each person (people x 2)."""

    estimate: np.ndarray
    left_out: np.ndarray


def calibration_line(
    probability: np.ndarray,
    label: np.ndarray,
    person: np.ndarray,
    folds: np.ndarray,
    confidence: float,
) -> dict[str, float]:
    """Return the line of logistic recalibration: logit P(reported) = intercept + slope x logit(p).

    A slope below 1 says that probabilities are too extreme, an intercept below 0 that they are too
    high where the model says one half (Cox, 1958, doi:10.2307/2333203; Miller, Hui & Tierney,
    1991). A calibrated model has slope 1 and intercept 0.

    Parameters
    ----------
    probability, label : (frames,) predicted, and whether reported.
    person : (frames,) number of the participant.
    folds : (people,) the fold that tests each.
    confidence : level of the intervals, a fraction.

    Returns
    -------
    line_slope, line_slope_low, line_slope_high, and the same of line_intercept : the intervals of
        other people with these clips and networks (jackknife within folds). All missing where
        probabilities or reports are all alike, or where reports are told apart without error, so
        that no line is finite.
    """
    names = ("line_intercept", "line_slope")
    inside = np.bincount(person, minlength=len(folds)) > 0
    line = _fitted_line(_logit(probability), label, np.cumsum(inside)[person] - 1)
    found: dict[str, float] = {}
    for place, name in reversed(list(enumerate(names))):
        low, high = np.nan, np.nan
        if line is not None:
            low, high = jackknife_within_folds(
                float(line.estimate[place]), line.left_out[:, place], folds[inside], confidence
            )
        value = np.nan if line is None else float(line.estimate[place])
        found |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return found


def _logit(probability: np.ndarray) -> np.ndarray:
    # ASSUMPTION: no frame is surer than NEAREST; networks of 32 bits say 0 and 1.
    found: np.ndarray = special.logit(np.clip(probability, NEAREST, 1 - NEAREST))
    return found


def _fitted_line(x: np.ndarray, label: np.ndarray, person: np.ndarray) -> _Line | None:
    """Fit by Newton's method, and without each person by one further step (Pregibon, 1981).

    None where no line fits.
    """
    if not len(x) or np.ptp(x) == 0 or label.all() or not label.any():
        return None
    line = np.array([special.logit(label.mean()), 0.0])
    for _ in range(NEWTON_STEPS):
        gradient, curvature = _derivatives(line, x, label, person)
        whole = curvature.sum(axis=0)
        if np.linalg.cond(whole) > WORST_CONDITION:
            return None
        step = np.linalg.solve(whole, gradient.sum(axis=0))
        line = line + step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    else:
        return None
    gradient, curvature = _derivatives(line, x, label, person)
    rest = curvature.sum(axis=0) - curvature
    if np.linalg.cond(rest).max() > WORST_CONDITION:
        return None
    return _Line(line, line - np.linalg.solve(rest, gradient[..., None])[..., 0])


def _derivatives(
    line: np.ndarray, x: np.ndarray, label: np.ndarray, person: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's gradient (people x 2) and curvature (people x 2 x 2)."""
    chance = special.expit(line[0] + line[1] * x)
    spread, residual = chance * (1 - chance), label - chance
    gradient = np.stack([np.bincount(person, residual * x**k) for k in (0, 1)], axis=-1)
    parts = np.stack([np.bincount(person, spread * x**k) for k in (0, 1, 1, 2)], axis=-1)
    return gradient, parts.reshape(-1, 2, 2)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(
        part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0
    )
    return found
