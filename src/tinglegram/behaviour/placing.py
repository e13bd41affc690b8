"""From the canonical trials and responses to the timeline and the key presses of a participant."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from tinglegram.behaviour.timeline import PRESSES, TIMELINE
from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.errors import InputProblem


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
    excluded : stimuli that are left out.

    Returns
    -------
    subject, order, video, condition, start_s, valid_start_s, end_s, n_steps; times exact to 0.1 ms.

    Raises
    ------
    InputProblem : a trial is no longer than the warm-up.
    """
    rows = []
    columns = ("trial", "order", "stimulus_id", "onset_s", "duration_s")
    lead = to_ticks(warm_up_s)
    for trial, order, stimulus, onset_s, duration_s in zip(
        *(trials[name].tolist() for name in columns), strict=True
    ):
        if stimulus in excluded:
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
    kept = trials[~trials["stimulus_id"].isin(excluded)]
    about = kept.set_index("trial")
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
