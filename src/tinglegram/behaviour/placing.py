"""From the canonical trials and responses to the timeline and the key presses of a participant."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import is_left_out, showings_of, unmatched
from tinglegram.behaviour.timeline import PRESSES, TIMELINE
from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.errors import InputProblem


def shown_trials(trials: pd.DataFrame) -> list[tuple[str, int]]:
    """Return stimulus and order of each trial of a canonical table."""
    return list(zip(trials["stimulus_id"].tolist(), trials["order"].tolist(), strict=True))


def kept_trials(trials: pd.DataFrame, excluded: Collection[str]) -> pd.DataFrame:
    """Return the trials that are not left out.

    Parameters
    ----------
    trials : canonical table.
    excluded : stimuli, or showings of them, that are left out.
    """
    left_out = [is_left_out(*showing, excluded) for showing in shown_trials(trials)]
    return trials[~np.array(left_out, dtype=bool)]


def require_shown(excluded: Collection[str], trials: pd.DataFrame, source: str) -> None:
    """Refuse exclusions of a participant that match no trial: they would leave out nothing.

    Parameters
    ----------
    excluded : stimuli, or single showings of them.
    trials : canonical table.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : one or more match nothing; the sentence names what was shown.
    """
    shown = shown_trials(trials)
    strange = unmatched(excluded, shown)
    if strange:
        raise InputProblem(
            source,
            where="exclusions",
            expected=f"clips that were shown ({', '.join(showings_of(shown).values())})",
            found=", ".join(strange),
            remedy="Correct the lines (data: exclusions), or take them out.",
            kind="unmatched_exclusion",
        )


def require_trials(timeline: pd.DataFrame, trials: pd.DataFrame, source: str) -> None:
    """Refuse a participant none of whose trials is left.

    Parameters
    ----------
    timeline : trials of `place_trials`; `trials`: the canonical table.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : all were left out.
    """
    if len(timeline):
        return
    raise InputProblem(
        source,
        where="exclusions",
        expected="a trial that is not left out",
        found=f"all {len(trials)} left out",
        remedy="Leave out the whole participant: video * (data: exclusions).",
        kind="no_trial_left",
    )


def require_samples(
    given: pd.DataFrame, timeline: pd.DataFrame, dimension: str, kind: str, source: str
) -> None:
    """Refuse a participant without one sample of what is given all the time.

    Who never presses a key or a button may have felt nothing; a slider always has a value, so that
    a file without any is empty or misread.

    Parameters
    ----------
    given : responses of `place_responses`.
    timeline : trials of `place_trials`.
    dimension, kind : what is predicted, and how it is given.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : there is none.
    """
    if kind != "continuous" or not len(timeline) or (given["dimension"] == dimension).any():
        return
    raise InputProblem(
        source,
        where=f"responses ({dimension})",
        expected="values of what is continuous (responses: dimensions: kind)",
        found=f"none in {len(timeline)} trial(s)",
        remedy="Add the file, name the right column or dimension in data: options, or exclude the "
        "participant.",
        kind="missing_log",
    )


def place_trials(
    trials: pd.DataFrame,
    conditions: Mapping[str, str],
    *,
    subject: int,
    warm_up_s: float,
    grid: int,
    source: str,
    excluded: Collection[str] = (),
) -> pd.DataFrame:
    """Return when each trial began, became valid and ended, one row per trial, in order.

    Parameters
    ----------
    trials : canonical table (`tinglegram.canonical.tables.TRIAL_COLUMNS`).
    conditions : stimulus -> condition.
    subject : number of the participant.
    warm_up_s : seconds at the start of each trial that only set the initial state.
    grid : steps per second.
    source : name of the participant's data, for messages.
    excluded : stimuli that are left out, or single showings of them (`vid1@5`: the one of order 5).

    Returns
    -------
    subject, order, video, condition, start_s, valid_start_s, end_s, n_steps; times exact to 0.1 ms.

    Raises
    ------
    InputProblem : a trial is no longer than the warm-up.
    """
    rows = []
    names = showings_of(shown_trials(trials))
    columns = ("trial", "order", "stimulus_id", "onset_s", "duration_s")
    lead = to_ticks(warm_up_s)
    for trial, order, stimulus, onset_s, duration_s in zip(
        *(trials[name].tolist() for name in columns), strict=True
    ):
        if is_left_out(stimulus, order, excluded):
            continue
        start, length = to_ticks(onset_s), to_ticks(duration_s)
        n_steps = round((length - lead) * grid / TICKS_PER_SECOND)
        if n_steps < 1:
            raise InputProblem(
                source,
                where=f"trial {trial}, {stimulus}",
                expected=f"a trial longer than the warm-up of {warm_up_s:g} s",
                found=f"{duration_s:g} s",
                remedy="Shorten timing: warm_up, or leave the trial out (data: exclusions).",
                kind="aborted_clip",
                video=names[stimulus, order],
            )
        ticks = (start, start + lead, start + length)
        times = (tick / TICKS_PER_SECOND for tick in ticks)
        rows.append((subject, order, stimulus, conditions[stimulus], *times, n_steps))
    return pd.DataFrame(rows, columns=list(TIMELINE)).astype(TIMELINE)


def place_responses(
    responses: pd.DataFrame, trials: pd.DataFrame, *, subject: int, excluded: Collection[str] = ()
) -> pd.DataFrame:
    """Return the responses of trials that are kept, as they were given.

    Parameters
    ----------
    responses, trials : canonical tables.
    subject : number of the participant.
    excluded : stimuli that are left out.

    Returns
    -------
    subject, video, order, dimension, time_s, rating, by trial, dimension and time; `rating` is of
    whole numbers where all are.
    """
    about = kept_trials(trials, excluded).set_index("trial")
    own = responses[responses["trial"].isin(about.index)]
    table = pd.DataFrame(
        {
            "subject": np.full(len(own), subject),
            "video": about["stimulus_id"].reindex(own["trial"]).to_numpy(),
            "order": about["order"].reindex(own["trial"]).to_numpy(dtype=np.int64),
            "dimension": own["dimension"].to_numpy(),
            "time_s": own["time_s"].to_numpy(),
            "rating": own["value"].to_numpy(),
        }
    )
    whole = bool((table["rating"] == np.rint(table["rating"])).all())
    return table.astype(PRESSES | {"rating": "int64" if whole else "float64"})
