"""How many participants responded to a clip, and for how long (paper, "Stimulus Efficacy")."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import showing_keys


def responder_table(
    ratings: pd.DataFrame, conditions: Mapping[str, str], grid: int, above: float = 0
) -> pd.DataFrame:
    """Return responder rates and durations per video, per condition and overall.

    No code was released for these numbers. A participant is a responder of a video, a condition
    or the study when any step of any of their trials in it is rated above `above` ("during at least
    one ASMR trial"). The duration of a trial is the time its rating is above, counted over the
    valid epoch; mean and SD run over the trials in which it is not zero ("once triggered").

    Parameters
    ----------
    ratings : tables of `rating_grid` (behaviour.ratings) of all participants, one below the other.
    conditions : video -> condition; gives the order of the rows.
    grid : steps per second of the ratings, Hz.
    above : level of the target above which a rating is a response.

    Returns
    -------
    Table with the columns level (video, condition, overall), video, condition, n (participants
    who saw it), n_responders, rate (fraction), duration_mean_s, duration_sd_s (population SD) and
    n_trials_with_response. Missing where there is nothing to count.
    """
    responding = ratings.assign(seconds=ratings["rating"] > above)
    keys = showing_keys(responding, "subject")
    trials = responding.groupby(keys)[["seconds"]].sum().reset_index()
    trials["seconds"] = trials["seconds"] / grid
    trials["condition"] = trials["video"].map(dict(conditions))
    rows = [
        _row("video", video, condition, trials[trials["video"] == video])
        for video, condition in conditions.items()
    ]
    rows += [
        _row("condition", None, condition, trials[trials["condition"] == condition])
        for condition in dict.fromkeys(conditions.values())
    ]
    rows.append(_row("overall", None, None, trials))
    return pd.DataFrame(rows)


def _row(
    level: str, video: str | None, condition: str | None, trials: pd.DataFrame
) -> dict[str, object]:
    answered = trials[trials["seconds"] > 0]
    n, n_responders = trials["subject"].nunique(), answered["subject"].nunique()
    return {
        "level": level,
        "video": video,
        "condition": condition,
        "n": n,
        "n_responders": n_responders,
        "rate": n_responders / n if n else np.nan,
        "duration_mean_s": answered["seconds"].mean(),
        # ASSUMPTION: the paper does not say which SD; every SD in the authors' released code is
        # NumPy's population SD.
        "duration_sd_s": answered["seconds"].std(ddof=0),
        "n_trials_with_response": len(answered),
    }
