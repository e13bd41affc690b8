"""The verdict on a model as a decision: three claims, each with a test of its own.

timing : the model follows reports within clips. Shown where two tests agree: one against chance,
    and one of what is left when the model's mean course on other clips is taken away. The claim
    needs both, so that each is made at the full level (intersection-union; Berger 1982,
    doi:10.1080/00401706.1982.10487790). Its absence is claimed only by equivalence: an interval
    that ends below what clear tracking would reach (Schuirmann 1987, doi:10.1007/BF01068419).
score : its macro F1 is above that of a baseline that knows only the category of a clip.
category : it gives more to clips of the target condition than to others.

No claim is inferred from another one that is not shown. Tests are made over folds with the variance
of Nadeau and Bengio (`inference.corrected_folds`), one value a fold, so that they speak of any
clips of the kind. The models' tests of one claim are one family.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.inference.corrected_folds import FoldTest, corrected_fold_test
from tinglegram.inference.multiple_testing import adjust
from tinglegram.settings import SHARE, SWITCH, section
from tinglegram.statistics.comparison import fold_f1, participant_f1
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    clips_are_held_out,
    folds_of_people,
    participant_index,
    tells_conditions_apart,
)
from tinglegram.statistics.time_shift import fold_aucs, residual_fold_aucs

SHOWN = "shown"
ABSENT_TIMING = "absent"
NOT_SHOWN = "not shown"
NOT_ASKED = "not applicable"
TIMING_CALLS = (SHOWN, ABSENT_TIMING, NOT_SHOWN)
SCORE_CALLS = (SHOWN, NOT_SHOWN, NOT_ASKED)
CATEGORY_CALLS = (SHOWN, NOT_SHOWN, NOT_ASKED)
# What decided about timing: a model trained again on moved reports, or the folds of one file.
RETRAINED = "trained again"
FOLDS = "folds"
# Whom a test over folds speaks of: where folds test the same clips, clips are not drawn anew.
ANY_CLIPS = "any clips"
THESE_CLIPS = "these clips"


@section("statistics")
class VerdictRule:
    """How a verdict is reached, and what clear tracking is."""

    verdict: Annotated[
        Literal["conjunction", "decision"],
        SWITCH,
        "Verdict on a model: one call from a conjunction of tests, or three claims decided apart.",
    ]
    clear_auc: Annotated[
        float,
        SHARE,
        "ROC AUC within clips of clear tracking: a verdict claims its absence only below.",
    ] = 0.7


class Retrained(NamedTuple):
    """p of the model trained again on moved reports, and the number of moves behind it."""

    p_value: float
    n_shifts: int


def retrained_models(table: pd.DataFrame) -> dict[str, Retrained]:
    """Return what training again gave, by model; models without a p are left out.

    Parameters
    ----------
    table : columns model, p_value, n_shifts.
    """
    known = table.dropna(subset=["p_value"])
    return {
        str(row["model"]): Retrained(float(row["p_value"]), int(row["n_shifts"]))
        for row in known.to_dict("records")
    }


def within_fold_test(values: np.ndarray, folds: np.ndarray, confidence: float) -> FoldTest:
    """Return the t test that the mean over people is above 0, from what varies within folds.

    It speaks of other people with these clips and these networks: people of a fold share both.
    The variance is that of a stratified mean, its degrees of freedom are Satterthwaite's (1946).

    Parameters
    ----------
    values : (people,) one value each; NaN: the person has none.
    folds : (people,) the fold that tests each.
    confidence : level of the interval, a fraction.

    Returns
    -------
    FoldTest : one-sided p; interval and p are missing where a fold has a single person.
    """
    known = ~np.isnan(values)
    kept = np.asarray(values, dtype=np.float64)[known]
    if not len(kept):
        return FoldTest(np.nan, np.nan, np.nan, np.nan, 0)
    parts = [kept[folds[known] == fold] for fold in np.unique(folds[known])]
    sizes = np.array([len(part) for part in parts])
    mean = float(kept.mean())
    if sizes.min() < 2:
        return FoldTest(mean, np.nan, np.nan, np.nan, len(sizes))
    shares = np.square(sizes / sizes.sum()) * [part.var(ddof=1) for part in parts] / sizes
    error = float(np.sqrt(shares.sum()))
    if error == 0:
        p = 0.5 if mean == 0 else float(mean < 0)
        return FoldTest(mean, mean, mean, p, len(sizes))
    freedom = shares.sum() ** 2 / np.sum(np.square(shares) / (sizes - 1))
    reach = scipy.special.stdtrit(freedom, (1 + confidence) / 2) * error
    p = float(scipy.special.stdtr(freedom, -mean / error))
    return FoldTest(mean, mean - reach, mean + reach, p, len(sizes))


class CategoryScores(NamedTuple):
    """How a model tells a participant's target trials from the others, fold by fold.

    gap : (folds,) mean over participants of the mean probability of their target trials minus that
        of their other trials.
    auc : (folds,) share of their pairs (target trial, other trial) that this mean ranks rightly.
    """

    gap: np.ndarray
    auc: np.ndarray


def category_scores(trials: ScoredTrials) -> CategoryScores:
    """Return how far the mean probability of trials tells the target condition from others.

    Participants with trials of both kinds in a fold count; NaN for a fold without any.
    """
    folds, who = trials.names["fold"].to_numpy(), participant_index(trials)
    with np.errstate(invalid="ignore"):
        given = np.where(trials.valid, trials.probability, 0).sum(axis=1) / trials.valid.sum(axis=1)
    found = np.full((2, len(np.unique(folds))), np.nan)
    for place, fold in enumerate(np.unique(folds)):
        own = []
        for person in np.unique(who[folds == fold]):
            rows = (folds == fold) & (who == person) & ~np.isnan(given)
            target, others = given[rows & ~trials.control], given[rows & trials.control]
            if len(target) and len(others):
                apart = target[:, None] - others
                own.append((apart.mean(), (np.sign(apart).mean() + 1) / 2))
        if own:
            found[:, place] = np.mean(own, axis=0)
    return CategoryScores(*found)


def decision_numbers(
    model: ScoredTrials,
    baseline: ScoredTrials,
    *,
    confidence: float,
    clear: float,
    retrained: Retrained | None = None,
) -> dict[str, Any]:
    """Return the numbers behind the claims about one model.

    Parameters
    ----------
    model, baseline : its test trials and those of `condition_only`, of which only those the model
        has too are looked at.
    confidence : level of the intervals; the interval that ends in `upper_end` has 2 x confidence
        - 1.
    clear : ROC AUC of clear tracking.
    retrained : what training again on moved reports gave; None: the model was not trained again.

    Returns
    -------
    Column -> value of `verdicts.tsv`, without the model's name, corrected p, calls and sentence.
    """
    baseline = baseline.also_in(model)
    aucs = fold_aucs(model)
    auc = corrected_fold_test(aucs, 0.5, confidence)
    # One-sided at 1 - confidence below `clear`, which is where the two-sided interval ends.
    below = corrected_fold_test(-aucs, -clear, 2 * confidence - 1)
    residual = corrected_fold_test(residual_fold_aucs(model), 0.5, confidence)
    decisive = auc.p_value if retrained is None else retrained.p_value
    asked = tells_conditions_apart(model)
    gain = corrected_fold_test(fold_f1(model) - fold_f1(baseline), 0.0, confidence)
    people = participant_f1(model) - participant_f1(baseline)
    here = within_fold_test(people, folds_of_people(model), confidence)
    told = category_scores(model)
    gap = corrected_fold_test(told.gap, 0.0, confidence)
    parted = clips_are_held_out(model)
    return {
        "speaks_of": ANY_CLIPS if parted else THESE_CLIPS,
        "n_participants": len(people),
        "n_folds": auc.n_folds,
        "roc_auc": auc.mean,
        "any_low": auc.ci_low,
        "any_high": auc.ci_high,
        "clear_auc": clear,
        "upper_end": -below.ci_low,
        "p_absent": below.p_value,
        "decided_by": FOLDS if retrained is None else RETRAINED,
        "n_shifts": np.nan if retrained is None else retrained.n_shifts,
        "p_decisive": decisive,
        "residual_auc": residual.mean,
        "p_residual": residual.p_value,
        # Both must hold: the larger one decides. NaN where either cannot be computed.
        "p_timing": float(np.maximum(decisive, residual.p_value)),
        "macro_f1": float(fold_f1(model).mean()),
        "condition_only": float(fold_f1(baseline).mean()),
        "difference": gain.mean,
        "difference_any_low": gain.ci_low,
        "difference_any_high": gain.ci_high,
        "p_score": gain.p_value if asked else np.nan,
        "difference_of_people": here.mean,
        "difference_these_low": here.ci_low,
        "difference_these_high": here.ci_high,
        "p_score_these": here.p_value if asked else np.nan,
        "category_gap": gap.mean,
        "category_gap_low": gap.ci_low,
        "category_gap_high": gap.ci_high,
        "category_auc": float(np.nanmean(told.auc)) if asked else np.nan,
        "p_category": gap.p_value,
        "asked": asked,
    }


# Claim -> its p; absence is a claim of its own.
CLAIMS = {
    "timing": "p_timing",
    "absent": "p_absent",
    "score": "p_score",
    "category": "p_category",
}


def decision_table(numbers: Mapping[str, Mapping[str, Any]], alpha: float) -> pd.DataFrame:
    """Return one row per model: its three calls, the numbers behind them and the sentence.

    Parameters
    ----------
    numbers : model -> `decision_numbers`.
    alpha : level of every claim, over all models.
    """
    table = pd.DataFrame([{"model": model, **row} for model, row in numbers.items()])
    for claim, column in CLAIMS.items():
        table[f"{column}_holm"] = adjust(table[column], f"models, {claim}")["p_holm"]
    asked = table.pop("asked").to_numpy()
    calls = [
        claims_made(
            timing=row["p_timing_holm"],
            absent=row["p_absent_holm"],
            score=row["p_score_holm"],
            category=row["p_category_holm"],
            asked=bool(is_asked),
            alpha=alpha,
        )
        for row, is_asked in zip(table.to_dict("records"), asked, strict=True)
    ]
    for place, name in enumerate(Decision._fields, 1):
        table.insert(place, name, [getattr(call, name) for call in calls])
    sentences = [
        decision_sentence(call, where)
        for call, where in zip(calls, table["speaks_of"], strict=True)
    ]
    return table.assign(sentence=sentences)


class Decision(NamedTuple):
    """What is claimed of a model: one of `TIMING_CALLS`, `SCORE_CALLS` and `CATEGORY_CALLS`."""

    timing: str
    score: str
    category: str


def claims_made(
    *, timing: float, absent: float, score: float, category: float, asked: bool, alpha: float
) -> Decision:
    """Return what is claimed, from the corrected p of each claim; a missing p shows nothing.

    Parameters
    ----------
    timing, absent, score, category : p of the claims; `timing` is the larger one of its two tests.
    asked : whether there are clips of the target condition and of others.
    alpha : level.

    A model can follow reports (ROC AUC above 0.5) and yet not clearly (below `clear_auc`). That it
    follows them is then what is called; the numbers say the rest.
    """
    follows = SHOWN if timing <= alpha else ABSENT_TIMING if absent <= alpha else NOT_SHOWN
    if not asked:
        return Decision(follows, NOT_ASKED, NOT_ASKED)
    return Decision(
        follows,
        SHOWN if score <= alpha else NOT_SHOWN,
        SHOWN if category <= alpha else NOT_SHOWN,
    )


_TIMING = {
    SHOWN: "Within clips, its probabilities follow the reports.",
    ABSENT_TIMING: "Within clips, it does not follow the reports clearly, if at all.",
    NOT_SHOWN: "Within clips, neither following the reports nor its absence is shown.",
}
_SCORE = {
    SHOWN: "It scores better than the clip's category alone.",
    NOT_SHOWN: "It is not shown to score better than the category alone.",
    NOT_ASKED: "",
}
_CATEGORY = {
    SHOWN: "It tells target clips from others.",
    NOT_SHOWN: "It is not shown to tell target clips from others.",
    NOT_ASKED: "Reports of all trials are predicted, so there is no category to tell.",
}


def decision_sentence(decision: Decision, speaks_of: str = ANY_CLIPS) -> str:
    """Return the verdict in at most 40 words, without a number.

    Parameters
    ----------
    decision : what is claimed.
    speaks_of : `ANY_CLIPS` or `THESE_CLIPS`.
    """
    whom = "any clips of the kind" if speaks_of == ANY_CLIPS else "these clips"
    parts = [
        _CATEGORY[decision.category],
        _TIMING[decision.timing],
        _SCORE[decision.score],
    ]
    return f"Of {whom}: {' '.join(part for part in parts if part)}"
