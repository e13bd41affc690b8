"""Models of the reported value beside their baselines: scores of trials, means, differences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.inference.jackknife import IDENTITY
from tinglegram.inference.populations import ANY_CLIPS
from tinglegram.inference.resampling import Resamples
from tinglegram.models.value_settings import CEILING
from tinglegram.statistics.continuous import (
    CONTINUOUS_METRICS,
    continuous_summary,
    continuous_trials,
)

# What the intervals of both tables are about. Models of a fold share their training trials with
# those of other folds, and people of a fold share a model: resampling people knows of neither, nor
# of other clips. A difference is therefore described, not tested.
COVERS = "other people, these clips, these fitted models"
COVERS_BOTH = f"{COVERS}; any_low, any_high: {ANY_CLIPS}"
_KEYS = ("fold", "subject", "video", "order")


def trial_scores(folds: Sequence[pd.DataFrame], model: str) -> pd.DataFrame:
    """Score what a model predicts, trial by trial.

    Parameters
    ----------
    folds : predictions of fold 1, 2, ..., as `tinglegram.models.values.value_table` lays them out.
    model : its name. The ceiling may have whole trials without a value, of clips that nobody else
        saw: no score is defined of these.

    Returns
    -------
    A row per test trial: model, fold, subject, video, order (where a clip was seen again),
    condition, n_frames, concordance, rmse, pearson (NaN where not defined), constant_report (True
    where the reported value never changes, so that Pearson's r is not defined, and concordance is
    0 whatever is predicted, or not defined).

    Raises
    ------
    InputProblem : no trials, a trial twice, or a value that is missing.
    """
    table = pd.concat(
        [fold.assign(fold=number) for number, fold in enumerate(folds, 1)], ignore_index=True
    )
    keys = [name for name in _KEYS if name in table.columns]
    table = table.sort_values([*keys, "step"], kind="stable")
    twice = table.duplicated([*keys[1:], "step"]).any()
    lacking = table[["reported", "predicted"]].isna().any(axis=1)
    untold = table["predicted"].isna().groupby([table[key] for key in keys]).transform("all")
    untold &= table["reported"].notna() & (model == CEILING)
    missing = int((lacking & ~untold).sum())
    if table.empty or twice or missing:
        raise InputProblem(
            model,
            expected="every test trial once, with a value at each of its steps",
            found=f"{len(table)} frames, {missing} without a value"
            + (", and trials that come twice" if twice else ""),
            remedy="Delete this model's predictions and run the workflow again.",
        )
    # Trials are of unequal length: each stands in the beginning of its row.
    row, step = table.groupby(keys, sort=False).ngroup().to_numpy(), table["step"].to_numpy()
    shape = (int(row[-1]) + 1, int(step.max()) + 1)
    reported, predicted, valid = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    for matrix, column in ((reported, "reported"), (predicted, "predicted"), (valid, "valid")):
        matrix[row, step] = table[column].to_numpy()
    names = table[[*keys, "condition"]].drop_duplicates(keys)
    found = continuous_trials(reported, predicted, valid, names)
    found.loc[np.isnan(predicted).any(axis=1), [*CONTINUOUS_METRICS]] = np.nan
    constant = [not np.ptp(given[shown]) > 0 for given, shown in zip(reported, valid, strict=True)]
    found.insert(0, "model", model)
    return found.assign(constant_report=constant)


def regression_summary(
    trials: pd.DataFrame, kinds: Mapping[str, str], settings: Resamples
) -> pd.DataFrame:
    """Return the mean score of every model and baseline, with its interval.

    Parameters
    ----------
    trials : tables of `trial_scores` below each other.
    kinds : model -> its kind (ridge, ...), `baseline` or `noise_ceiling`; in the order of the rows.
    settings : resamples of participants, confidence and seed. All participants of the table are
        drawn from, so that every model meets the same resamples, those without some of them too.

    Returns
    -------
    A row per model and metric: model, kind, metric, value, ci_low, ci_high, n_trials (with the
    score), n_undefined (trials without), n_constant (trials whose report never changes),
    n_participants, n_bootstrap, covers (what the interval is about); with `score_inference: folds`
    also any_low, any_high, n_folds before it (`continuous_summary`).
    """
    found = []
    for model, kind in kinds.items():
        own = trials[trials["model"] == model]
        rows = continuous_summary(own, settings, everybody=trials["subject"].unique())
        rows.insert(0, "model", model)
        rows.insert(1, "kind", kind)
        found.append(_counted(rows, own))
    return pd.concat(found, ignore_index=True)


def regression_differences(
    trials: pd.DataFrame, models: Sequence[str], baselines: Mapping[str, str], settings: Resamples
) -> pd.DataFrame:
    """Return the mean difference of every model minus every baseline, paired by trial.

    Parameters
    ----------
    trials : tables of `trial_scores` below each other.
    models : names of models.
    baselines : name -> `baseline` or `noise_ceiling`.
    settings : as for `regression_summary`.

    Returns
    -------
    A row per model, baseline and metric: model, baseline, kind (of the baseline), metric,
    mean_difference (above 0: the model's score is higher; an RMSE is better below 0), ci_low,
    ci_high, n_trials (with both scores), n_undefined, n_constant, n_participants, n_bootstrap,
    covers, and those of `folds` as above. Trials that the model has none of are left out.
    """
    keys = [name for name in _KEYS if name in trials.columns]
    by_trial = {name: own.set_index(keys) for name, own in trials.groupby("model") if len(own) > 0}
    found = []
    for model in models:
        for baseline, kind in baselines.items():
            own = by_trial[model]
            other = by_trial[baseline].loc[own.index]
            apart = own.assign(**{m: own[m] - other[m] for m in CONTINUOUS_METRICS}).reset_index()
            summary = continuous_summary(
                apart,
                settings,
                everybody=trials["subject"].unique(),
                scales=dict.fromkeys(CONTINUOUS_METRICS, IDENTITY),
            )
            rows = _counted(summary, apart)
            rows = rows.rename(columns={"value": "mean_difference"})
            for place, (column, said) in enumerate(
                (("model", model), ("baseline", baseline), ("kind", kind))
            ):
                rows.insert(place, column, said)
            found.append(rows)
    return pd.concat(found, ignore_index=True)


def _counted(rows: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Add how many trials have no score, and how many have a constant report."""
    after = list(rows.columns).index("n_trials") + 1
    rows.insert(after, "n_undefined", len(trials) - rows["n_trials"])
    rows.insert(after + 1, "n_constant", int(trials["constant_report"].sum()))
    return rows.assign(covers=COVERS_BOTH if "any_low" in rows else COVERS)
