"""The verdict on a model as a decision: three claims, each with a test of its own.

timing : the model follows reports within clips. Shown where two tests agree: one against chance,
    and one of what is left when the model's mean course on other clips is taken away. The claim
    needs both, so that each is made at the full level (intersection-union; Berger 1982,
    doi:10.1080/00401706.1982.10487790). Its absence is claimed only by equivalence: an interval
    that ends below what clear tracking would reach (Schuirmann 1987, doi:10.1007/BF01068419).
score : its macro F1 is above that of a baseline that knows only the category of a clip.
category : it gives more to clips of the target condition than to others.

No claim is inferred from another one that is not shown. Tests are made over folds that hold their
clips out, with the variance of Nadeau and Bengio (`inference.corrected_folds`), and so speak of any
clips of the kind. Where folds share clips, the models were trained on the reports of other viewers
of the clips that they are tested with: a memory of these is enough to follow reports. Then no claim
is tested. Training again moves what could be remembered too, but what it gives describes these
people and clips: of ridge models that hold nothing but such a memory (20 features), 15 % reach
p <= 0.05. The models' tests of one claim are one family.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.multiple_testing import adjust
from tinglegram.inference.populations import ALIKE_FOLDS, ANY_CLIPS, SHARED_CLIPS, reason_of
from tinglegram.settings import SWITCH, Bounds, section
from tinglegram.statistics.comparison import (
    difference_of_any_clips,
    difference_of_these_clips,
    fold_f1,
    participant_f1,
)
from tinglegram.statistics.retrained import Retrained
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    clips_are_held_out,
    folds_of_people,
    only_held_out,
    participant_index,
    tells_conditions_apart,
)
from tinglegram.statistics.time_shift import frames_of_residual, residual_course_test
from tinglegram.statistics.within_target import WITHIN_TARGET_METRICS, within_target_by_fold

SHOWN = "shown"
# It says that tracking is less than clear, not that there is none: no test can show that.
NOT_CLEAR = "clear tracking absent"
NOT_SHOWN = "not shown"
# There is no p: nothing can be said either way.
NOT_TESTED = "not tested"
NOT_ASKED = "not applicable"
TIMING_CALLS = (SHOWN, NOT_CLEAR, NOT_SHOWN, NOT_TESTED)
SCORE_CALLS = (SHOWN, NOT_SHOWN, NOT_TESTED, NOT_ASKED)
CATEGORY_CALLS = (SHOWN, NOT_SHOWN, NOT_TESTED, NOT_ASKED)
# What decided about timing: a model trained again on moved reports, the folds of one file, or
# nothing, where folds share clips.
RETRAINED = "trained again"
FOLDS = "folds"
NOTHING = "nothing"
# Of whom training again speaks: the first network, with moved reports of the people and clips.
THESE_PEOPLE = "these people and clips"
NO_REPORT = "no fold has reports"


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
        Bounds(exclusiveMinimum=0.5, exclusiveMaximum=1),
        "ROC AUC within clips of clear tracking: a verdict claims its absence only below.",
    ] = 0.7


def retrained_models(table: pd.DataFrame, n_models: int, alpha: float) -> dict[str, Retrained]:
    """Return the models about whose timing training again decides, and what it gave.

    The least p of n shifts is 1 / (n + 1). Where it is above alpha / n_models, no result could be
    shown once it is corrected, so that the t over folds decides: that is settled before anything is
    computed.

    Parameters
    ----------
    table : `retrained_table`; models without a p are left out.
    n_models : models whose tests are corrected together.
    alpha : level.
    """
    least = np.round(alpha * (table["n_shifts"] + 1), 9)
    known = table[table["p_value"].notna() & (least >= n_models)]
    known = known[["model", *Retrained._fields]]
    return {str(name): Retrained(*row) for name, *row in known.itertuples(index=False)}


def folds_with_reports(trials: ScoredTrials) -> np.ndarray:
    """Return (folds,) whether anybody reports anything in a counted frame of the fold.

    Where nobody does, a model that never calls anything scores better than any rule that does,
    whatever it knows.
    """
    reported = (trials.label & trials.counted).any(axis=1)
    found: np.ndarray = np.bincount(trials.names["fold"].to_numpy() - 1, reported) > 0
    return found


class _Score(NamedTuple):
    """Macro F1 of a model and of its baseline, by fold and by person, where anybody reports."""

    model: np.ndarray
    baseline: np.ndarray
    people: np.ndarray


def _scores_of(model: ScoredTrials, baseline: ScoredTrials) -> _Score:
    """Return (folds,) scores of both, and (people,) differences; NaN in folds without reports."""
    known, fold = folds_with_reports(model), folds_of_people(model)
    # People of several folds (all 0) belong to none.
    met = known[fold - 1] if fold.all() else np.full(len(fold), known.any())
    people = participant_f1(model) - participant_f1(baseline)
    ours, theirs = (np.full(len(known), np.nan) for _ in range(2))
    for trials, found in ((model, ours), (baseline, theirs)):
        found[np.unique(trials.names["fold"].to_numpy()) - 1] = fold_f1(trials)
        found[~known] = np.nan
    return _Score(ours, theirs, np.where(met, people, np.nan))


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


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
    of_folds = within_target_by_fold(model)[:, WITHIN_TARGET_METRICS.index("roc_auc")]
    aucs = only_held_out(of_folds, model)
    auc = corrected_fold_test(aucs, 0.5, confidence)
    # One-sided at 1 - confidence below `clear`, which is where the two-sided interval ends.
    below = corrected_fold_test(-aucs, -clear, 2 * confidence - 1)
    residual = residual_course_test(model, confidence=confidence)
    asked, held_out = tells_conditions_apart(model), clips_are_held_out(model)
    decisive = auc.p_value if retrained is None or not held_out else retrained.p_value
    score = _scores_of(model, baseline)
    gain = difference_of_any_clips(
        score.model - score.baseline, held_out=held_out, confidence=confidence
    )
    here = difference_of_these_clips(score.people, folds_of_people(model), confidence)
    told = category_scores(model)
    gap = difference_of_any_clips(told.gap, held_out=held_out, confidence=confidence)
    p_score, p_here = (found.p_value if asked else np.nan for found in (gain, here))
    silent, n_left_out = NO_REPORT if not gain.n_units else "", int(np.isnan(score.model).sum())
    n_of_all = f"{n_left_out} of {len(score.model)} folds without reports are left out"
    tests = {
        "roc_auc": (auc.p_value, ""),
        "residual_auc": (residual.p_value, ""),
        "score": (p_score if asked else 0.0, silent),
        "category": (gap.p_value if asked else 0.0, ""),
    }
    without = "" if held_out else SHARED_CLIPS
    return {
        "n_participants": len(score.people),
        "n_folds": auc.n_folds,
        "roc_auc": _mean(of_folds),
        "any_low": np.clip(auc.ci_low, 0, 1),
        "any_high": np.clip(auc.ci_high, 0, 1),
        "clear_auc": clear,
        "upper_end": np.clip(-below.ci_low, 0, 1),
        "p_absent": below.p_value,
        "decided_by": (RETRAINED if retrained else FOLDS) if held_out else NOTHING,
        "n_shifts": np.nan if retrained is None else retrained.n_shifts,
        "p_decisive": decisive,
        "residual_auc": residual.auc,
        "p_residual": residual.p_value,
        # Both must hold: the larger one decides. NaN where either cannot be computed.
        "p_timing": float(np.maximum(decisive, residual.p_value)),
        "macro_f1": _mean(score.model),
        "condition_only": _mean(score.baseline),
        "difference": gain.mean_difference,
        "difference_any_low": gain.ci_low,
        "difference_any_high": gain.ci_high,
        "p_score": p_score,
        "difference_of_people": here.mean_difference,
        "difference_these_low": here.ci_low,
        "difference_these_high": here.ci_high,
        "p_score_these": p_here,
        "category_gap": gap.mean_difference,
        "category_gap_low": np.clip(gap.ci_low, -1, 1),
        "category_gap_high": np.clip(gap.ci_high, -1, 1),
        "category_auc": _mean(told.auc),
        "p_category": gap.p_value,
        "retrained_auc": retrained.roc_auc if retrained else np.nan,
        "retrained_null": retrained.null_mean if retrained else np.nan,
        "p_auc": auc.p_value,
        "residual_frames": frames_of_residual(model),
        "n_folds_residual": residual.n_folds,
        "n_folds_score": gain.n_units,
        "n_folds_category": gap.n_units,
        "n_people_score": here.n_units,
        "reason": reason_of(
            {
                name: (without or why or ALIKE_FOLDS) if np.isnan(p) else ""
                for name, (p, why) in tests.items()
            }
            | {"macro_f1": n_of_all if asked and n_left_out and not silent else ""}
        ),
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
    return table.assign(sentence=[decision_sentence(call) for call in calls])


class Decision(NamedTuple):
    """What is claimed of a model: one of `TIMING_CALLS`, `SCORE_CALLS` and `CATEGORY_CALLS`."""

    timing: str
    score: str
    category: str


def claims_made(
    *, timing: float, absent: float, score: float, category: float, asked: bool, alpha: float
) -> Decision:
    """Return what is claimed, from the corrected p of each claim; without a p it is not tested.

    Parameters
    ----------
    timing, absent, score, category : p of the claims; `timing` is the larger one of its two tests.
    asked : whether there are clips of the target condition and of others.
    alpha : level.

    A model can follow reports (ROC AUC above 0.5) and yet not clearly (below `clear_auc`). That it
    follows them is then what is called; the numbers say the rest.
    """
    follows = NOT_CLEAR if absent <= alpha else _called(timing, alpha)
    if timing <= alpha:
        follows = SHOWN
    if not asked:
        return Decision(follows, NOT_ASKED, NOT_ASKED)
    return Decision(follows, _called(score, alpha), _called(category, alpha))


def _called(p_value: float, alpha: float) -> str:
    if np.isnan(p_value):
        return NOT_TESTED
    return SHOWN if p_value <= alpha else NOT_SHOWN


_TIMING = {
    SHOWN: "within clips, its probabilities follow the reports",
    NOT_CLEAR: "within clips, it does not follow the reports clearly, if at all",
    NOT_SHOWN: "within clips, neither following the reports nor its absence is shown",
    NOT_TESTED: "within clips, following the reports is not tested",
}
_SCORE = {
    SHOWN: "it scores better than the clip's category alone",
    NOT_SHOWN: "it is not shown to score better than the category alone",
    NOT_TESTED: "its score against the category alone is not tested",
    NOT_ASKED: "",
}
_CATEGORY = {
    SHOWN: "it tells target clips from others",
    NOT_SHOWN: "it is not shown to tell target clips from others",
    NOT_TESTED: "telling target clips from others is not tested",
    NOT_ASKED: "reports of all trials are predicted, so no category is told",
}


def decision_sentence(decision: Decision) -> str:
    """Return the verdict as one sentence of at most 40 words, without a number."""
    parts = [
        _CATEGORY[decision.category],
        _TIMING[decision.timing],
        _SCORE[decision.score],
    ]
    return f"Of {ANY_CLIPS}: {'; '.join(part for part in parts if part)}."
