"""The authors' published out-of-fold predictions, as the predictions of one more model."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem
from tinglegram.formats.pickles import read_plain

_SERIES = {
    "truths": "label",
    "raw_truths": "rating",
    "probs": "probability",
    "preds": "predicted",
}
_KEYS = ("subj", "vid_name", "is_nature", *_SERIES)
# The published ratings (paper, "Data Acquisition": 0 none to 3 very).
_HIGHEST_RATING = 3
_WRONG_FILE = "Is this the authors' file of predictions (paper_fusion_results_4_fold.pkl)?"


def read_predictions(content: bytes, source: str) -> pd.DataFrame:
    """Read the authors' pickle of test trials without executing it.

    Parameters
    ----------
    content : the file's bytes: a list with one dictionary per test trial, holding `subj` (int),
        `vid_name` (code), `is_nature` (0 or 1) and, with one value per step, `truths` (0 or 1),
        `raw_truths` (rating 0 to 3), `probs` (of class 1) and `preds` (0 or 1).
    source : name of the file, for messages.

    Returns
    -------
    One row per trial and step, trials as in the file: subject, video, control (bool), step,
    label, rating, probability, predicted.

    Raises
    ------
    InputProblem : the file holds anything but plain data, or other data than described above.
    """
    trials = read_plain(content, source)
    if type(trials) is not list or not trials or not all(type(t) is dict for t in trials):
        raise InputProblem(
            source,
            expected="a list with one dictionary per test trial",
            found="something else",
            remedy=_WRONG_FILE,
        )
    tables: list[pd.DataFrame] = []
    names: set[tuple[int, str]] = set()
    for number, trial in enumerate(trials, 1):
        table = _trial(trial, number, source)
        n_steps = len(tables[0]) if tables else len(table)
        name = (trial["subj"], trial["vid_name"])
        if len(table) != n_steps:
            expected, found = f"{n_steps} steps, as in trial 1", f"{len(table)}"
        elif name in names:
            expected, found = "each trial once", f"participant {name[0]} with clip {name[1]} again"
        # Series shared between trials could make a small file fill the memory.
        elif number * n_steps > len(content):
            expected, found = "series of its own for each trial", "the same ones again"
        else:
            names.add(name)
            tables.append(table)
            continue
        raise InputProblem(
            source, where=f"trial {number}", expected=expected, found=found, remedy=_WRONG_FILE
        )
    return pd.concat(tables, ignore_index=True)


def _trial(trial: dict[str, Any], number: int, source: str) -> pd.DataFrame:
    def problem(expected: str, found: str) -> InputProblem:
        return InputProblem(
            source, where=f"trial {number}", expected=expected, found=found, remedy=_WRONG_FILE
        )

    missing = [key for key in _KEYS if key not in trial]
    if missing:
        raise problem(f"the keys {', '.join(_KEYS)}", f"no {', '.join(missing)}")
    subject, video, control = trial["subj"], trial["vid_name"], trial["is_nature"]
    if type(subject) is not int or not 0 <= subject < 2**31:
        raise problem("a participant's number in subj", _show(subject))
    if type(video) is not str:
        raise problem("a clip's code in vid_name", f"a {type(video).__name__}")
    if type(control) not in (int, bool) or control not in (0, 1):
        raise problem("0 or 1 in is_nature", _show(control))
    series = {name: trial[key] for key, name in _SERIES.items()}
    for key, name in _SERIES.items():
        array = series[name]
        if not isinstance(array, np.ndarray) or array.ndim != 1 or array.size == 0:
            shape = getattr(array, "shape", None)
            what = f"an array of shape {shape}" if shape is not None else type(array).__name__
            raise problem(f"one value per step in {key}", what)
    lengths = {key: len(series[name]) for key, name in _SERIES.items()}
    if len(set(lengths.values())) > 1:
        raise problem("series of one length", ", ".join(f"{k} {n}" for k, n in lengths.items()))
    probabilities, ratings = trial["probs"], trial["raw_truths"]
    allowed = {
        "truths": (np.isin(trial["truths"], (0, 1)), "only 0 and 1"),
        "preds": (np.isin(trial["preds"], (0, 1)), "only 0 and 1"),
        "probs": ((probabilities >= 0) & (probabilities <= 1), "probabilities between 0 and 1"),
        "raw_truths": (
            np.isin(ratings, range(_HIGHEST_RATING + 1)),
            f"ratings 0 to {_HIGHEST_RATING}",
        ),
    }
    for key, (sound, expected) in allowed.items():
        if not sound.all():
            step = int(np.argmin(sound))
            raise problem(f"{expected} in {key}", f"{trial[key][step]} at step {step}")
    steps = np.arange(len(ratings))
    table = pd.DataFrame({"subject": subject, "video": video, "control": bool(control)}, steps)
    for name, kind in (("label", int), ("rating", int), ("probability", float), ("predicted", int)):
        table[name] = series[name].astype(kind)
    table.insert(3, "step", steps)
    return table


def _show(value: Any) -> str:
    """Return numbers and short text as they stand, anything else by its type."""
    return repr(value)[:40] if type(value) in (int, float, bool, str) else type(value).__name__


def padded_trials(trials: pd.DataFrame, n_first: int, *, least_deviation: float = 0.5) -> pd.Series:
    """Find the trials whose steps from `n_first` on are padding: the ones shown first.

    The published file does not say which trial came first, but the network does: over padding its
    input is all zeros, so its log-odds leave those of the clip's other viewers, who differ only
    by their pulse.

    Parameters
    ----------
    trials : the table of `read_predictions`.
    n_first : steps of a trial shown first (507).
    least_deviation : mean absolute difference, in log-odds, from the median over the clip's
        viewers, above which a tail is padding.

    Returns
    -------
    Boolean Series over (subject, video). All False when trials are not longer than `n_first`.
    """
    names = ["subject", "video"]
    tail = trials[trials["step"] >= n_first]
    # float32 probabilities reach 0 and 1; beyond one part in 10^7 they have no log-odds.
    log_odds = pd.Series(logit(tail["probability"].clip(1e-7, 1 - 1e-7)), tail.index)
    typical = log_odds.groupby([tail["video"], tail["step"]]).transform("median")
    keys = [tail[name] for name in names]
    deviation = (log_odds - typical).abs().groupby(keys).mean()
    silent = tail["rating"].eq(0).groupby(keys).all()
    # ASSUMPTION: padding is a tail without any rating whose log-odds leave the median viewer's by
    # more than 0.5. In the published file 10 trials differ by 1.2 to 10.4 and the other 58 by at
    # most 0.06; all trials whose rating ends exactly at step 507 are among the 10, and nobody has
    # two. It takes most viewers of a clip to have seen it later in the session.
    everyone = pd.MultiIndex.from_frame(trials[names].drop_duplicates())
    return (silent & (deviation > least_deviation)).reindex(everyone, fill_value=False)


def as_predictions(
    trials: pd.DataFrame,
    conditions: Mapping[str, str],
    source: str,
    *,
    folds: Sequence[int],
    n_steps: int,
    n_first: int,
    grid: float,
    control: str = "Nature",
    target: ResponseTarget | None = None,
) -> dict[int, pd.DataFrame]:
    """Turn the published trials into the table that every model's predictions have, per fold.

    Parameters
    ----------
    trials : the table of `read_predictions`.
    conditions : clip code -> condition, in the order of the configuration. Clip i of its
        condition was tested in fold i (paper, "Cross-validation").
    source : name of the file, for messages.
    folds : numbers of the folds the study has, from 1.
    n_steps, n_first : steps of a trial, and of a trial shown first before padding (550, 507).
    grid : steps per second.
    control : condition in which every label of the file is 0.
    target : what class 1 is in this study; None: what it is in the file.

    Returns
    -------
    Fold -> table with subject, video, condition, step, time_s (seconds from the end of the
    warm-up), valid (False on padding), label, rating, probability, predicted; by subject, then by
    clip in the order of `conditions`.

    Raises
    ------
    InputProblem : clips, conditions, lengths, labels or folds contradict the configuration.
    """

    def problem(expected: str, found: str) -> InputProblem:
        return InputProblem(
            source,
            expected=expected,
            found=found,
            remedy="Compare clips, timing and folds in the configuration with this file.",
        )

    table = trials.copy()
    if int(table["step"].max()) + 1 != n_steps:
        raise problem(f"trials of {n_steps} steps", f"{int(table['step'].max()) + 1}")
    unknown = sorted(set(table["video"]) - set(conditions))
    if unknown:
        raise problem(f"the clips {', '.join(conditions)}", ", ".join(unknown))
    table["condition"] = table["video"].map(dict(conditions))
    is_control = table["condition"] == control
    if (is_control != table["control"]).any():
        clip = table.loc[is_control != table["control"], "video"].iloc[0]
        raise problem(f"{clip} in condition {conditions[clip]}", "the other condition")
    if (table["label"] != ((table["rating"] > 0) & ~is_control)).any():
        raise problem(
            f"label 1 exactly where the rating is above 0 and the condition is not {control}",
            "labels that differ from the ratings",
        )
    place: dict[str, int] = {}
    seen: dict[str, int] = {}
    for clip, condition in conditions.items():
        place[clip] = seen[condition] = seen.get(condition, 0) + 1
    table["fold"] = table["video"].map(place)
    if set(table["fold"]) != set(folds):
        found = ", ".join(map(str, sorted(set(table["fold"]))))
        raise problem(f"trials of folds {', '.join(map(str, folds))}", f"folds {found}")
    present = set(table[["subject", "video"]].itertuples(index=False, name=None))
    tested = set(table[["subject", "fold"]].itertuples(index=False, name=None))
    lacking = [
        f"participant {subject} without {clip}"
        for subject, fold in sorted(tested)
        for clip in conditions
        if place[clip] == fold and (subject, clip) not in present
    ]
    if lacking:
        raise problem("every person with all clips of their fold", ", ".join(lacking))
    padded = padded_trials(table, n_first)
    is_padded = padded.loc[pd.MultiIndex.from_frame(table[["subject", "video"]])].to_numpy()
    table["valid"] = ~(is_padded & (table["step"] >= n_first))
    if target is not None:
        one = (table["rating"] > target.above) & table["valid"]
        if target.condition is not None:
            one &= table["condition"] == target.condition
        table["label"] = one.astype(int)
    table["time_s"] = table["step"] / grid
    table["clip"] = table["video"].map({clip: i for i, clip in enumerate(conditions)})
    table = table.sort_values(["subject", "clip", "step"], ignore_index=True)
    columns = "subject video condition step time_s valid label rating probability predicted"
    return {
        fold: table.loc[table["fold"] == fold, columns.split()].reset_index(drop=True)
        for fold in folds
    }
