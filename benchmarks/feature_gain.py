"""What feature sets add to the prediction of held-out clips, of a planted study or a finished one.

Models are compared under the same folds: one of a base, such as acoustic, one of the base and a
set, and one of the set alone. Scores are those of the clips of the target that a fold held out;
intervals and differences are of any clips of the kind (`tinglegram.inference.corrected_folds`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.files import read_table
from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.statistics.comparison import difference_of_any_clips
from tinglegram.statistics.scored_trials import ScoredTrials, as_trials, clips_are_held_out
from tinglegram.statistics.within_target import WITHIN_TARGET_METRICS, within_target_by_fold
from tinglegram.study.files import open_study


class Score(NamedTuple):
    """A score by chance, and the ends that its interval does not go beyond."""

    chance: float
    low: float
    high: float


SCORES = {"roc_auc": Score(0.5, 0.0, 1.0), "correlation": Score(0.0, -1.0, 1.0)}
WORDS = {"roc_auc": "ROC AUC", "correlation": "correlation"}
CONFIDENCE = 0.95


class Compared(NamedTuple):
    """Names of the models that tell what a set adds; alone: None where no model has it alone."""

    name: str
    alone: str | None
    without: str
    with_it: str


def compared_models(modalities: Mapping[str, Sequence[str]], base: Sequence[str]) -> list[Compared]:
    """Return the models that tell what each set adds to a base.

    Parameters
    ----------
    modalities : model -> its feature sets.
    base : feature sets that the others are added to.

    Raises
    ------
    InputProblem : no model has the base alone, or none has it and one set more.
    """
    by_sets = {frozenset(own): model for model, own in modalities.items()}
    own, without = frozenset(base), by_sets.get(frozenset(base))
    added = {next(iter(sets - own)): m for sets, m in by_sets.items() if sets > own}
    added = {name: m for name, m in added.items() if {*modalities[m]} == own | {name}}
    if without is None or not added:
        raise InputProblem(
            "models",
            expected=f"a model of {' and '.join(base)} alone, and models of it and one set more",
            found=", ".join(f"{m} ({' and '.join(sets)})" for m, sets in modalities.items()),
            remedy="Lay workflow/studies/feature_gain.yaml over the study and run it again.",
        )
    return [Compared(n, by_sets.get(frozenset([n])), without, m) for n, m in added.items()]


def clip_correlations(trials: ScoredTrials) -> pd.DataFrame:
    """Return of each clip of the target how its predicted course follows what viewers reported.

    Returns
    -------
    fold, video, correlation: Pearson's r, over steps, of the mean prediction and the share of
    class 1 among the viewers that a fold tested with the clip; NaN where either is constant.
    """
    target = trials.within_target()
    names = target.names.reset_index(drop=True)
    found = []
    for (fold, video), rows in names.groupby(["fold", "video"]).groups.items():
        place = np.asarray(rows)
        shown = target.valid[place].sum(axis=0)
        steps = shown > 0
        means = [
            (own[place] * target.valid[place]).sum(axis=0)[steps] / shown[steps]
            for own in (target.label, target.probability)
        ]
        varies = all(np.ptp(own) > 1e-12 for own in means)
        r = float(np.corrcoef(*means)[0, 1]) if varies else np.nan
        found.append({"fold": fold, "video": video, "correlation": r})
    return pd.DataFrame(found)


def scores_by_fold(trials: ScoredTrials) -> dict[str, np.ndarray]:
    """Return score -> its value in each fold, (folds,); a fold of clips without any has NaN."""
    auc = within_target_by_fold(trials)[:, WITHIN_TARGET_METRICS.index("roc_auc")]
    correlation = clip_correlations(trials).groupby("fold")["correlation"].mean()
    folds = np.unique(trials.names["fold"])
    return {"roc_auc": auc, "correlation": correlation.reindex(folds).to_numpy()}


def gain_table(models: Mapping[str, ScoredTrials], compared: Sequence[Compared]) -> pd.DataFrame:
    """Return what each set adds.

    Returns
    -------
    A row per set and score: set, score, what (alone, without, with, difference), value, ci_low,
    ci_high, p_value (above chance; of the difference above 0), n_folds. Missing where folds do not
    hold clips out.
    """
    values = {name: scores_by_fold(own) for name, own in models.items()}
    held = {name: clips_are_held_out(own) for name, own in models.items()}
    return pd.DataFrame(
        [row for one in compared for score in SCORES for row in _rows(one, score, values, held)]
    )


def _rows(
    one: Compared,
    score: str,
    values: Mapping[str, Mapping[str, np.ndarray]],
    held: Mapping[str, bool],
) -> Iterator[dict[str, object]]:
    names = {"alone": one.alone, "without": one.without, "with": one.with_it}
    for what, model in names.items():
        if model is None:
            continue
        about = SCORES[score]
        found = corrected_fold_test(values[model][score], about.chance, CONFIDENCE)
        low, high = np.clip([found.ci_low, found.ci_high], about.low, about.high)
        ends = (low, high, found.p_value) if held[model] else (np.nan,) * 3
        yield _row(one, score, what, found.mean, *ends, found.n_folds)
    apart = difference_of_any_clips(
        values[one.with_it][score] - values[one.without][score],
        held_out=held[one.with_it] and held[one.without],
        confidence=CONFIDENCE,
    )
    ends = (apart.ci_low, apart.ci_high, apart.p_value)
    yield _row(one, score, "difference", apart.mean_difference, *ends, apart.n_units)


def _row(
    one: Compared, score: str, what: str, value: float, low: float, high: float, p: float, n: int
) -> dict[str, object]:
    about = {"set": one.name, "score": score, "what": what, "value": value}
    return about | {"ci_low": low, "ci_high": high, "p_value": p, "n_folds": n}


def of_study(results: Path, protocol: str, base: Sequence[str], kind: str) -> pd.DataFrame:
    """Return `gain_table` of a finished study's models of class 1.

    Parameters
    ----------
    results : folder of its results. base : as for `compared_models`.
    kind : of the models, so that sets are compared and not kinds.
    """
    study = open_study(results, protocol)
    plan, folds = study.plan(), sorted(study.folds()["fold"].unique())
    modalities = {m: own["modalities"] for m, own in plan.models.items() if own["kind"] == kind}
    compared = compared_models(modalities, base)
    used = {name for one in compared for name in one[1:] if name is not None}
    models = {}
    for name in sorted(used):
        pattern = plan.predictions_pattern(protocol).replace("{model}", name)
        # Patterns of a plan begin with the folder that the study was run into.
        below = Path(pattern).relative_to(plan.results)
        tables = [read_table(results / str(below).format(fold=fold)) for fold in folds]
        padding = plan.switches[protocol]["padding"]
        models[name] = as_trials(tables, padding=padding, target=plan.target, source=name)
    return gain_table(models, compared)


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it stands in a page: a row per set and score, a column per model."""
    rows = []
    for (name, score), own in table.groupby(["set", "score"], sort=False):
        cells = {str(row["what"]): _cell(row) for row in own.to_dict("records")}
        rows.append({"set": name, "score": WORDS[str(score)]} | cells)
    return pd.DataFrame(rows)


def planted_rows(tables: Mapping[str, pd.DataFrame], score: str) -> pd.DataFrame:
    """Return a row per planted world: the score without any set, and what each set adds to it."""
    rows = []
    for world, table in tables.items():
        own = table[table["score"] == score]
        without = own[own["what"] == "without"].iloc[0].to_dict()
        added = own[own["what"] == "difference"].to_dict("records")
        cells = {f"+ {row['set']}": _cell(row, sign=True) for row in added}
        rows.append({"what is felt follows": world, WORDS[score]: _cell(without)} | cells)
    return pd.DataFrame(rows)


def _cell(row: Mapping[Any, Any], *, sign: bool = False) -> str:
    value, low, high = (float(row[name]) for name in ("value", "ci_low", "ci_high"))
    shown = f"{value:+.2f}" if sign else f"{value:.2f}"
    return shown + ("" if np.isnan(low) else f" ({low:.2f} to {high:.2f})")
