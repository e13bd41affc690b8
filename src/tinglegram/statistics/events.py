"""When reported tingles begin and end, and how far off the predicted ones are, in seconds."""

from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.resampling import Resamples, Use, defined_interval, draw_weights
from tinglegram.settings import ABOVE_ZERO, section
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
    (who has a value), n_reported, n_predicted (onsets, offsets or events), n_bootstrap.

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
    ours, theirs = (edges(called, target.valid) for called in (target.label, target.predicted))
    participant = participant_index(target)
    n_participants = int(participant.max()) + 1
    weights = draw_weights(
        n_participants, settings.bootstrap, settings.stream(Use.EVENTS_BOOTSTRAP)
    )
    rows = []
    for reported, predicted in ((ours.onset, theirs.onset), (ours.offset, theirs.offset)):
        found = _match(
            reported, predicted, participant, grid=grid, tolerance=matching.event_tolerance
        )
        totals = found.sums.sum(axis=0).astype(int)
        numbers = {"n_reported": totals[1], "n_predicted": totals[3]}
        defined = ~np.isnan(found.error_s)
        error = np.stack([np.where(defined, found.error_s, 0.0), defined], axis=1)
        for sums in (error, found.sums[:, :2], found.sums[:, 2:]):
            rows.append(_row(sums, weights, settings.confidence) | numbers)
    runs = [np.bincount(participant, e.start.sum(axis=1), n_participants) for e in (ours, theirs)]
    numbers = {"n_reported": int(runs[0].sum()), "n_predicted": int(runs[1].sum())}
    for events in runs:
        sums = np.stack([events, np.bincount(participant, minlength=n_participants)], axis=1)
        rows.append(_row(sums, weights, settings.confidence) | numbers)
    table = pd.DataFrame(rows)
    table.insert(0, "metric", EVENT_METRICS)
    return table.assign(n_bootstrap=settings.bootstrap)


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
    drawn = np.vstack([np.ones(len(sums)), weights]) @ sums
    whole = drawn[:, 1]
    ratio = np.divide(drawn[:, 0], whole, out=np.full(len(drawn), np.nan), where=whole > 0)
    low, high = defined_interval(ratio[1:, None], confidence)
    return {
        "value": float(ratio[0]),
        "ci_low": float(low[0]),
        "ci_high": float(high[0]),
        "n_participants": int((sums[:, 1] > 0).sum()),
    }
