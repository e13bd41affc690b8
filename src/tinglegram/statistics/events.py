"""When reported tingles begin and end, and how far off the predicted ones are, in seconds."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.counts import ratio_of_sums
from tinglegram.inference.jackknife import LOG, LOGIT
from tinglegram.inference.resampling import Resamples, Use, defined_interval, draw_weights
from tinglegram.settings import ABOVE_ZERO, section
from tinglegram.statistics.fold_means import FEWEST_PEOPLE, score_columns, units_of
from tinglegram.statistics.scored_trials import ScoredTrials, participant_index

EVENT_METRICS = (
    "onset_error_s",
    "onset_hit_rate",
    "onset_precision",
    "offset_error_s",
    "offset_hit_rate",
    "offset_precision",
    "reported_events_per_trial",
    "predicted_events_per_trial",
)

# Why errors are descriptive: in most studies nobody is far off, in a few somebody is. With a
# jackknife on the logarithm 88 to 94 % of intervals hold the mean of very many people, fewest where
# a model tracks well; a bootstrap t and a correction for skewness do no better.
FAR_OFF = "descriptive, few people far off decide the mean"
NO_TARGET_TRIALS = "value: no trials of the target condition"
# Columns of the switch `score_inference: folds`, which stand last.
_BY_FOLD = ["any_low", "any_high", "n_folds", "reason"]


class Edges(NamedTuple):
    """Where events begin, where they end, and each event's first frame (trials x steps, bool).

    An event is a run of 1s on valid frames. Its onset is its first frame, where the frame before
    is a valid 0; its offset is the first valid 0 after it. A run that is there at the start of
    the trial has no observed onset, one that lasts to its last valid frame no observed offset.
    """

    onset: np.ndarray
    offset: np.ndarray
    start: np.ndarray


@section("statistics")
class EventMatching:
    """When a predicted onset or offset is that of a reported event."""

    event_tolerance: Annotated[
        float,
        ABOVE_ZERO,
        "Seconds within which a predicted onset or offset counts as that of a reported event.",
    ] = 2.0


def edges(called: np.ndarray, valid: np.ndarray) -> Edges:
    """Find the edges of the runs of True in `called` on valid frames (both trials x steps)."""
    on, off = called & valid, ~called & valid
    onset, offset = np.zeros_like(on), np.zeros_like(on)
    onset[:, 1:] = on[:, 1:] & off[:, :-1]
    offset[:, 1:] = off[:, 1:] & on[:, :-1]
    start = on.copy()
    start[:, 1:] &= ~on[:, :-1]
    return Edges(onset, offset, start)


def distance_to(marks: np.ndarray) -> np.ndarray:
    """Return the steps from each step to the nearest mark of its row (trials x steps).

    Infinite in rows without any mark.
    """
    step = np.arange(marks.shape[1], dtype=float)
    before = np.maximum.accumulate(np.where(marks, step, -np.inf), axis=1)
    after = np.minimum.accumulate(np.where(marks, step, np.inf)[:, ::-1], axis=1)[:, ::-1]
    found: np.ndarray = np.minimum(step - before, after - step)
    return found


class _Matched(NamedTuple):
    """Per participant: median error; hits, reported edges; true calls, predicted edges."""

    error_s: np.ndarray
    sums: np.ndarray


def event_table(
    trials: ScoredTrials, settings: Resamples, matching: EventMatching, *, grid: float
) -> pd.DataFrame:
    """Compare predicted with reported onsets and offsets in the target condition's trials.

    Parameters
    ----------
    trials, settings, matching : see the classes.
    grid : steps per second.

    Returns
    -------
    One row per metric: metric, value, ci_low, ci_high (participants resampled), n_participants
    (who has a value), n_reported, n_predicted (onsets, offsets or events), n_bootstrap. Where
    `settings.score_inference` is `folds`, values are means over folds of each fold's score
    (`fold_means.mean_over_folds`), ci_low and ci_high are of other people with these clips and
    networks (none of errors), and there are any_low, any_high (any clips of the kind), n_folds and
    reason (of what is not given, such as intervals of what fewer than `FEWEST_PEOPLE` people have).

    Without any target trial there are no values.

    - error_s: seconds from each reported edge to the nearest predicted one in the same trial;
      median per participant, then mean over participants. Edges in trials without any predicted
      one have no error: without any predicted edge the error is missing.
    - hit_rate: share of all reported edges with a predicted one within the tolerance. To call every
      frame hits nothing, as it has no edges.
    - precision: share of all predicted edges with a reported one within the tolerance. Calls that
      flicker hit much and have little of this.
    - events_per_trial: runs, those without an observed onset or offset too.
    """
    target = trials.within_target()
    if not len(target.names):
        return _without_trials(settings)
    ours, theirs = (edges(called, target.valid) for called in (target.label, target.predicted))
    rows: Sequence[Mapping[str, object]]
    if settings.score_inference == "folds":
        rows = _rows_by_fold(target, ours, theirs, settings, matching, grid=grid)
    else:
        participant = participant_index(target)
        sums = _sums(ours, theirs, participant, grid=grid, tolerance=matching.event_tolerance)
        weights = draw_weights(
            int(participant.max()) + 1, settings.bootstrap, settings.stream(Use.EVENTS_BOOTSTRAP)
        )
        rows = [_row(sums[metric], weights, settings.confidence) for metric in EVENT_METRICS]
    numbers = _numbers(ours, theirs)
    table = pd.DataFrame(
        [
            {"metric": metric, **row, **numbers[metric.split("_")[0]]}
            for metric, row in zip(EVENT_METRICS, rows, strict=True)
        ]
    )
    if settings.score_inference == "folds":
        table = table.assign(n_bootstrap=0)
        first = [name for name in table if name not in (*_BY_FOLD, "p_any")]
        return table[first + _BY_FOLD]
    return table.assign(n_bootstrap=settings.bootstrap)


def _without_trials(settings: Resamples) -> pd.DataFrame:
    """Return the table of no target trials: no value in any row, and why."""
    ends = ["value", "ci_low", "ci_high"]
    numbers = ["n_participants", "n_reported", "n_predicted"]
    empty = {"metric": EVENT_METRICS} | dict.fromkeys(ends, np.nan) | dict.fromkeys(numbers, 0)
    table = pd.DataFrame(empty)
    if settings.score_inference == "folds":
        table = table.assign(n_bootstrap=0, any_low=np.nan, any_high=np.nan, n_folds=0)
        return table.assign(reason=NO_TARGET_TRIALS)
    return table.assign(n_bootstrap=settings.bootstrap)


def _numbers(ours: Edges, theirs: Edges) -> dict[str, dict[str, int]]:
    """Return the first word of a metric -> how many such edges or events there are."""
    pairs = {
        "onset": (ours.onset, theirs.onset),
        "offset": (ours.offset, theirs.offset),
        **dict.fromkeys(("reported", "predicted"), (ours.start, theirs.start)),
    }
    return {
        name: {"n_reported": int(own.sum()), "n_predicted": int(other.sum())}
        for name, (own, other) in pairs.items()
    }


def _sums(
    ours: Edges, theirs: Edges, person: np.ndarray, *, grid: float, tolerance: float
) -> dict[str, np.ndarray]:
    """Return metric -> (people, 2) sums whose ratio, added over people, it is."""
    found, n_people = {}, int(person.max()) + 1
    for edge in ("onset", "offset"):
        reported, predicted = getattr(ours, edge), getattr(theirs, edge)
        matched = _match(reported, predicted, person, grid=grid, tolerance=tolerance)
        defined = ~np.isnan(matched.error_s)
        error = np.stack([np.where(defined, matched.error_s, 0.0), defined], axis=1)
        found[f"{edge}_error_s"] = error
        found[f"{edge}_hit_rate"] = matched.sums[:, :2]
        found[f"{edge}_precision"] = matched.sums[:, 2:]
    trials = np.bincount(person, minlength=n_people)
    for name, found_edges in (("reported", ours), ("predicted", theirs)):
        events = np.bincount(person, found_edges.start.sum(axis=1), n_people)
        found[f"{name}_events_per_trial"] = np.stack([events, trials], axis=1)
    return found


def _rows_by_fold(
    target: ScoredTrials,
    ours: Edges,
    theirs: Edges,
    settings: Resamples,
    matching: EventMatching,
    *,
    grid: float,
) -> list[dict[str, object]]:
    """Return each metric with intervals from people within folds, and from folds."""
    units = units_of(target)
    # Whoever is tested in several folds has an error in each.
    cells = _sums(ours, theirs, units.cell, grid=grid, tolerance=matching.event_tolerance)
    return [
        score_columns(
            units,
            cells[metric],
            ratio_of_sums,
            LOG if metric.endswith(("error_s", "per_trial")) else LOGIT,
            settings.confidence,
            fewest=FEWEST_PEOPLE,
            no_ci=FAR_OFF if metric.endswith("error_s") else "",
        )
        | {"n_participants": len(np.unique(units.person[cells[metric][:, 1] > 0]))}
        for metric in EVENT_METRICS
    ]


def _match(
    reported: np.ndarray,
    predicted: np.ndarray,
    participant: np.ndarray,
    *,
    grid: float,
    tolerance: float,
) -> _Matched:
    to_predicted, to_reported = distance_to(predicted) / grid, distance_to(reported) / grid
    # Steps are exact, their seconds are not: 2.0 s must not miss a tolerance of 2.0 s.
    near = tolerance + 1e-9
    parts = (reported & (to_predicted <= near), reported, predicted & (to_reported <= near))
    n_participants = int(participant.max()) + 1
    sums = [np.bincount(participant, p.sum(axis=1), n_participants) for p in (*parts, predicted)]
    errors = []
    for number in range(n_participants):
        own = to_predicted[participant == number][reported[participant == number]]
        known = own[np.isfinite(own)]
        errors.append(np.median(known) if len(known) else np.nan)
    return _Matched(np.array(errors), np.stack(sums, axis=1))


def _row(sums: np.ndarray, weights: np.ndarray, confidence: float) -> dict[str, float]:
    """Return the ratio of two sums over participants (participants x 2) with its interval."""
    ratio = ratio_of_sums(np.vstack([np.ones(len(sums)), weights]) @ sums)
    low, high = defined_interval(ratio[1:, None], confidence)
    return {
        "value": float(ratio[0]),
        "ci_low": float(low[0]),
        "ci_high": float(high[0]),
        "n_participants": int((sums[:, 1] > 0).sum()),
    }
