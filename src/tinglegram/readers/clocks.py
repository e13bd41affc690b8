"""Whether clocks and rates of a participant's files agree with the session.

What happened at the same moments by two clocks is compared: onsets of trials by markers in a
recording and by the events, or the first response of each trial and its onset. By least squares

    other = offset + (1 + drift) * own

A recording at a steady rate is compared with the session that it should cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note
from tinglegram.settings import ABOVE_ZERO, CLOSED_SHARE, section

# A drift counts where delays alone come so far above its limit with at most this probability (of
# three standard errors of many moments), and where it moves the times by so many seconds over the
# session: onsets are logged with delays of their own.
_CHANCE, _LEAST_S = 0.00135, 0.25
# Of two onsets no error is known; then it must move them by this much.
_LEAST_OF_TWO_S = 1.0
# Markers on one clock with the events that come apart by so many seconds are told, or refused.
_APART_TOLD_S, _APART_S = 0.5, 10.0
# A shorter recording says nothing of a session; it is told that no trial has a sample of it.
_SHORT_S = 1.0
# A recording that goes on for longer than this after the last trial, in seconds and as a share of
# the session, is told of.
_MOST_AFTER_S, _MOST_AFTER_SHARE = 60.0, 0.5
# So many samples in a trial, at steps that are alike, are those of a slider that is always read;
# they end early where more than so many steps and seconds of the trial are left.
_MANY, _STEPS_LEFT, _LEFT_S, _ALIKE = 20, 5.0, 1.0, 2.0
# Lengths of trials that differ by this share tell a clock from a device that stops early.
_LENGTHS_DIFFER = 0.2


@section("data.clocks")
class ClockLimits:
    """How far clocks and rates may be apart (readers other than rest_asmr)."""

    drift_told: Annotated[
        float, CLOSED_SHARE, "Share by which two clocks run apart from which on it is told."
    ] = 0.001
    drift: Annotated[
        float, CLOSED_SHARE, "Share by which two clocks may run apart; beyond it the run stops."
    ] = 0.01
    longest: Annotated[
        float,
        ABOVE_ZERO,
        "Sessions that a recording may go on for after the last trial where only its rate says how "
        "long it is; beyond it the rate is taken to be wrong, and the run stops.",
    ] = 10.0


@dataclass(frozen=True)
class Drift:
    """How two clocks belong together.

    Attributes
    ----------
    share : by which the other clock runs faster; 0.001 is 1000 ppm.
    error : standard error of `share`; NaN of two moments.
    span_s : from the first moment to the last.
    apart_s : median distance of the same moments.
    freedom : degrees of freedom of `error`.
    """

    share: float
    error: float
    span_s: float
    apart_s: float
    freedom: int

    def is_beyond(self, limit: float) -> bool:
        """Return whether the clocks run apart by more than a limit for sure."""
        moves_s = abs(self.share) * self.span_s
        if np.isnan(self.error):
            return moves_s > _LEAST_OF_TWO_S and abs(self.share) > limit
        errors = float(stdtrit(self.freedom, 1 - _CHANCE))
        return moves_s > _LEAST_S and abs(self.share) - errors * self.error > limit


def clock_drift(own_s: np.ndarray, other_s: np.ndarray) -> Drift:
    """Return the drift of a clock by moments that both clocks timed.

    Parameters
    ----------
    own_s, other_s : (n,) seconds of the same moments, n > 1, not all at one time.
    """
    centred = own_s - own_s.mean()
    spread = float(centred @ centred)
    share = float(centred @ (other_s - other_s.mean())) / spread - 1.0
    left = other_s - other_s.mean() - (1.0 + share) * centred
    freedom = len(own_s) - 2
    error = float(np.sqrt(left @ left / freedom / spread)) if freedom else np.nan
    apart_s = float(np.median(other_s - own_s))
    return Drift(share, error, float(np.ptp(own_s)), apart_s, freedom)


def drift_text(drift: Drift) -> str:
    """Return by how much a clock runs apart, for messages."""
    return (
        f"{100 * drift.share:+.2f} % ({1e6 * drift.share:+.0f} ppm), "
        f"{drift.share * drift.span_s:+.2f} s over {drift.span_s:.0f} s"
    )


def first_sample_notes(
    onsets_s: np.ndarray, firsts_s: np.ndarray, limits: ClockLimits, what: str
) -> list[Note]:
    """Say that first samples of trials come ever later, or earlier, after their onsets.

    They are no markers: a slider may be logged from its first movement on. So nothing is refused,
    and two of them say nothing.

    Parameters
    ----------
    onsets_s, firsts_s : (n,) of the same trials, n > 1.
    what : whose samples they are, for messages.
    """
    drift = clock_drift(onsets_s, firsts_s)
    if not drift.freedom or not drift.is_beyond(limits.drift_told):
        return []
    said = f"by the first samples of trials, the clock of {what} runs apart from the events' by "
    return [Note("clock_drift", said + drift_text(drift))]


def check_drift(drift: Drift, limits: ClockLimits, what: str, source: str) -> list[Note]:
    """Say that a clock runs apart from that of the events, or refuse it.

    Parameters
    ----------
    what : whose clock it is, for messages.

    Raises
    ------
    InputProblem : by more than `limits.drift`.
    """
    said = drift_text(drift)
    if drift.is_beyond(limits.drift):
        raise InputProblem(
            source,
            where=f"clock of {what}",
            expected=f"one that runs as that of the events does, to {100 * limits.drift:g} % "
            "(data: clocks: drift)",
            found=said,
            remedy="Correct rate or unit of one of them, or its times; or the files are of two "
            "sessions.",
        )
    if drift.is_beyond(limits.drift_told):
        return [Note("clock_drift", f"the clock of {what} runs apart from the events' by {said}")]
    return []


def compare_trials(
    own: pd.DataFrame, trials: pd.DataFrame, limits: ClockLimits, what: str, source: str
) -> list[Note]:
    """Compare the trials that a recording's markers began with those of the events.

    Parameters
    ----------
    own, trials : tables of trials on one clock: by the markers, and by the events. Either may lack
        some of the other's.
    what : whose markers they are, for messages.

    Raises
    ------
    InputProblem : other stimuli, or in another order; clocks that run apart; or markers that all
        come much earlier or later than the trials.
    """
    if not len(own) or not len(trials):
        return []
    by_marker, by_event = (
        table.sort_values("onset_s")["stimulus_id"].tolist() for table in (own, trials)
    )
    times = _same_trials(own, trials)
    if times is None:
        raise InputProblem(
            source,
            where=f"markers of {what}",
            expected=f"the trials of the events ({', '.join(by_event)})",
            found=", ".join(by_marker),
            remedy="Are the files of two participants or sessions exchanged? Else correct the "
            "markers.",
        )
    notes = []
    if len(times[0]) > 1:
        drift = clock_drift(*times)
        notes += check_drift(drift, limits, what, source)
    apart_s = float(np.median(times[1] - times[0]))
    if abs(apart_s) > _APART_S:
        raise InputProblem(
            source,
            where=f"markers of {what}",
            expected=f"trials to begin where the events begin them, to {_APART_S:g} s",
            found=f"{abs(apart_s):.3f} s {'later' if apart_s > 0 else 'earlier'}",
            remedy="Correct its clock: time zone, summer time, 12 hours for 24, or offset_s.",
        )
    if abs(apart_s) > _APART_TOLD_S:
        said = f"the markers of {what} come {apart_s:+.3f} s after the events' onsets"
        notes.append(Note("clocks_apart", said))
    return notes


def _same_trials(own: pd.DataFrame, trials: pd.DataFrame) -> tuple[np.ndarray, np.ndarray] | None:
    """Return onsets of the trials that stand in both tables; None: other trials, or another order.

    Returns
    -------
    (n,) onsets by `trials`, and by `own`.
    """
    both = set(own["stimulus_id"]) & set(trials["stimulus_id"])
    rows = [
        table[table["stimulus_id"].isin(both)].sort_values("onset_s", kind="stable")
        for table in (trials, own)
    ]
    names = [table["stimulus_id"].tolist() for table in rows]
    onsets = [table["onset_s"].to_numpy() for table in rows]
    few, many = (0, 1) if len(names[0]) <= len(names[1]) else (1, 0)
    places = _places_among(names[few], onsets[few], names[many], onsets[many])
    if not both or places is None:
        return None
    onsets[many] = onsets[many][places]
    return onsets[0], onsets[1]


def _places_among(
    names: Sequence[str], onsets_s: np.ndarray, others: Sequence[str], others_s: np.ndarray
) -> list[int] | None:
    """Return which of some trials, in their order, others are; None: they are not among them.

    Of a stimulus that was shown again, one showing of which is lacking, those are taken whose
    onsets are nearest, all together.
    """
    # Places of the trials so far, and the sum of their distances, by how many others were seen.
    best: list[tuple[float, list[int]] | None] = [(0.0, [])] * (len(others) + 1)
    for name, onset in zip(names, onsets_s.tolist(), strict=True):
        found: list[tuple[float, list[int]] | None] = [None]
        for place, (other, at) in enumerate(zip(others, others_s.tolist(), strict=True)):
            before, skipped = best[place], found[-1]
            if before is not None and name == other:
                here = (before[0] + abs(at - onset), [*before[1], place])
                found.append(here if skipped is None or here[0] < skipped[0] else skipped)
            else:
                found.append(skipped)
        best = found
    return best[-1][1] if best[-1] is not None else None


def recording_notes(
    signal: Signal, trials: pd.DataFrame, limits: ClockLimits, source: str
) -> list[Note]:
    """Say where a recording does not fit its session; refuse one that cannot be of it.

    Parameters
    ----------
    signal : on the participant's clock.
    trials : table of trials, of the events.

    Raises
    ------
    InputProblem : no sample in any trial; or, where only a rate says how long it is, a recording
        that goes on for more than `limits.longest` sessions.
    """
    if not len(trials) or not len(signal.values):
        return []
    onsets, lengths = trials["onset_s"].to_numpy(), trials["duration_s"].to_numpy()
    start, end = onsets.min(), float((onsets + lengths).max())
    times = signal.sample_times()
    first, last = float(times[0]), float(times[-1])
    where = f"signal {signal.name}"
    inside = (last >= onsets) & (first <= onsets + lengths)
    if not inside.any() and last - first >= _SHORT_S:
        raise InputProblem(
            source,
            where=where,
            expected=f"samples in the trials, second {start:.1f} to {end:.1f}",
            found=f"samples from second {first:.1f} to {last:.1f} alone",
            remedy="Are the files of two participants or sessions exchanged? Else correct its "
            "clock, unit, start or offset_s.",
        )
    notes = []
    if not inside.all():
        said = f"{signal.name} has no sample in {int((~inside).sum())} of {len(inside)} trials"
        notes.append(Note("uncovered_trials", said))
    session = end - min(start, first)
    after = last - end
    if signal.times_s is None and after > limits.longest * session:
        raise InputProblem(
            source,
            where=where,
            expected=f"a recording that ends within {limits.longest:g} sessions of {session:.0f} s "
            "after the last trial (data: clocks: longest)",
            found=f"one that goes on for {after:.0f} s at {signal.rate_hz:g} Hz",
            remedy="Correct its rate; or raise the limit, if the device was worn for that long.",
        )
    if after > max(_MOST_AFTER_S, _MOST_AFTER_SHARE * session):
        said = f"{signal.name} goes on for {after:.0f} s after the last trial ended"
        if signal.times_s is None:
            said += (
                f"; if nothing was recorded for that long, {signal.rate_hz:g} Hz is not its rate"
            )
        notes.append(Note("late_end", said))
    return notes


def response_notes(responses: pd.DataFrame, trials: pd.DataFrame) -> list[Note]:
    """Say of samples that are always taken that they begin late or end early in their trials.

    Parameters
    ----------
    responses, trials : tables of a participant.
    """
    columns = (trials[name].tolist() for name in ("trial", "onset_s", "duration_s"))
    spans = {trial: (onset, length) for trial, onset, length in zip(*columns, strict=True)}
    found = []
    for dimension, rows in responses.groupby("dimension"):
        lacking = []
        groups = [(int(own["trial"].iloc[0]), own) for _, own in rows.groupby("trial")]
        for number, own in groups:
            times = own["time_s"].to_numpy()
            onset, length = spans[number]
            step = steady_step(times)
            if step is not None:
                left = max(times[0] - onset, onset + length - times[-1] - step)
                if left > max(_STEPS_LEFT * step, _LEFT_S):
                    lacking.append((left, length))
        if lacking:
            longest, share = max(lacking)[0], max(left / length for left, length in lacking)
            said = (
                f"samples of {dimension} begin late or end early in {len(lacking)} of "
                f"{len(groups)} trials, by up to {longest:.1f} s or {100 * share:.1f} % of a trial"
            )
            found.append(Note("samples_end_early", said))
    return found


def steady_step(times_s: np.ndarray) -> float | None:
    """Return the usual step of samples that are always taken, s; None of others.

    Parameters
    ----------
    times_s : (n,) of a trial, rising.
    """
    if len(times_s) < _MANY:
        return None
    steps = np.diff(times_s)
    usual = float(np.median(steps))
    return usual if np.quantile(steps, 0.95) <= _ALIKE * usual else None


def trial_clock_drift(spans_s: np.ndarray, lengths_s: np.ndarray) -> Drift | None:
    """Return the drift of a clock that begins anew with each trial.

    Parameters
    ----------
    spans_s : (n,) from the first sample of a trial to its last one and a step on.
    lengths_s : (n,) of the trials.

    Returns
    -------
    Drift or None : None where all trials are about as long, so that a clock cannot be told from
        samples that always end as much too early.
    """
    longest = float(np.max(lengths_s))
    if len(lengths_s) < 3 or np.ptp(lengths_s) < _LENGTHS_DIFFER * longest:
        return None
    return replace(clock_drift(lengths_s, spans_s), span_s=longest)
