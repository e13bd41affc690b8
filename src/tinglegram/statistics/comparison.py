"""Is the reference model better than another? Paired tests of macro F1 (paper, Table 2)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement, product
from math import factorial, prod
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference import multiple_testing
from tinglegram.inference.corrected_folds import corrected_fold_test, p_of_t
from tinglegram.inference.counts import METRICS
from tinglegram.inference.jackknife import error_within_folds, jackknife_within_folds
from tinglegram.inference.populations import (
    ALIKE_FOLDS,
    ALIKE_PEOPLE,
    NOT_DEFINED,
    SHARED_CLIPS,
)
from tinglegram.inference.resampling import exceedance
from tinglegram.inference.seeding import Confidence, PValue, Seeding
from tinglegram.settings import AT_LEAST_ONE, SWITCH, section
from tinglegram.statistics.metrics import fold_scores, group_scores
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    clips_are_held_out,
    folds_of_people,
    participant_index,
)

_TESTED = ("model", "reference", "mean_difference", "p_value", "test", "n_units")
COMPARISON_COLUMNS = (*_TESTED, *multiple_testing.ADJUSTED_COLUMNS)
# Columns beside them of the t tests, and what the two are called.
_OF_T = ("ci_low", "ci_high", "n_undefined", "reason")
ANY_CLIPS_TEST, THESE_CLIPS_TEST = "corrected_t_any_clips", "t_these_clips"

# Differences of equal sums, not of rounding, decide what reaches the observed mean.
_TIE = 1e-12
# Most units of which every resample (92,378 distinct ones) or sign (65,536) is gone through.
_MOST_RESAMPLED, _MOST_FLIPPED = 10, 16


@section("statistics")
class ModelComparison(Seeding):
    """Which model the others are compared with, and how."""

    reference: Annotated[str, "Model the others are compared with."] = "fusion"
    ablation_bootstrap: Annotated[int, AT_LEAST_ONE, "Resamples of the ablation test."] = 10000
    ablation_test: Annotated[
        Literal["folds", "participants", "corrected_t"],
        SWITCH,
        "Units that the ablation test draws, or a t test for each population: any clips of the "
        "kind, and these clips.",
    ]
    p_value: PValue
    confidence: Confidence = 0.95


def fold_f1(trials: ScoredTrials) -> np.ndarray:
    """Return the macro F1 of each fold."""
    return fold_scores(trials)[:, METRICS.index("macro_f1")]


def participant_f1(trials: ScoredTrials) -> np.ndarray:
    """Return the macro F1 of each participant's test frames, by rising participant number."""
    return group_scores(trials, participant_index(trials))[:, METRICS.index("macro_f1")]


def paired_bootstrap(
    differences: np.ndarray, n_resamples: int, seed: int, p_value: str = "count"
) -> float:
    """Return the one-sided p of a mean difference above 0 from a shifted-null bootstrap.

    The differences are shifted to mean 0 and resampled; p is the share of resampled means that
    reach the observed one. The draws are those of the released code, `numpy.random.seed(seed)`
    followed by `numpy.random.choice`: with seed 42 and the four fold scores they typed in, they
    give the printed 0.0488 and 0.0039. `p_value`: see `exceedance`.
    """
    shifted = differences - differences.mean()
    drawn = np.random.RandomState(seed).choice(shifted, size=(n_resamples, len(shifted)))
    return float(exceedance(drawn.mean(axis=1), differences.mean(), p_value))


def exact_bootstrap(differences: np.ndarray) -> float:
    """Return the p that `paired_bootstrap` estimates, from all n ** n resamples.

    NaN for more than 10 units.
    """
    n_units = len(differences)
    if n_units > _MOST_RESAMPLED or np.isnan(differences).any():
        return float("nan")
    shifted = differences - differences.mean()
    reached = 0
    for drawn in combinations_with_replacement(range(n_units), n_units):
        if shifted[list(drawn)].mean() >= differences.mean() - _TIE:
            repeats = prod(factorial(count) for count in Counter(drawn).values())
            reached += factorial(n_units) // repeats
    found: float = reached / n_units**n_units
    return found


def exact_sign_flip(differences: np.ndarray) -> float:
    """Return the one-sided p of the mean difference over all 2 ** n signs; NaN above 16 units."""
    n_units = len(differences)
    if n_units > _MOST_FLIPPED or np.isnan(differences).any():
        return float("nan")
    signs = np.array(list(product((1, -1), repeat=n_units)))
    return float(np.mean((signs * differences).mean(axis=1) >= differences.mean() - _TIE))


def sign_flip(
    differences: np.ndarray, n_resamples: int, seed: int, p_value: str = "count"
) -> float:
    """Return the one-sided p of the mean difference over random signs; `p_value`: `exceedance`."""
    generator = np.random.default_rng(np.random.SeedSequence([seed, len(differences)]))
    signs = generator.choice((1, -1), size=(n_resamples, len(differences)))
    return float(exceedance((signs * differences).mean(axis=1), differences.mean(), p_value))


def paired_tests(
    differences: np.ndarray, *, units: str, n_resamples: int, seed: int, p_value: str
) -> dict[str, float]:
    """Return test -> p of paired differences over `units` (`folds` or `participants`).

    Folds: the released code's bootstrap, what it estimates, and an exact sign flip, which shows
    that four folds cannot reach p < 0.0625. Participants: bootstrap and random signs.
    """
    bootstrap = paired_bootstrap(differences, n_resamples, seed, p_value)
    if units == "folds":
        return {
            "paired_bootstrap": bootstrap,
            "exact_bootstrap": exact_bootstrap(differences),
            "exact_sign_flip": exact_sign_flip(differences),
        }
    return {
        "paired_bootstrap": bootstrap,
        "sign_flip": sign_flip(differences, n_resamples, seed, p_value),
    }


class DifferenceTest(NamedTuple):
    """Mean of paired differences, one-sided p that it is above 0, its interval, and the units.

    `n_undefined` units have no score of one of the models, and are left out of all of this.
    `reason`: why interval and p are not given; empty where they are.
    """

    mean_difference: float
    p_value: float
    ci_low: float
    ci_high: float
    n_units: int
    n_undefined: int
    reason: str = ""


def difference_of_any_clips(
    differences: np.ndarray, *, held_out: bool, confidence: float
) -> DifferenceTest:
    """Test the mean difference over folds with the variance of Nadeau & Bengio.

    It speaks of any clips of the kind, with networks trained on others.

    Parameters
    ----------
    differences : (folds,) NaN where a score is not defined.
    held_out : whether every fold holds its clips out; if not, there is no test.
    confidence : level of the interval, a fraction.

    Returns
    -------
    DifferenceTest : where all folds are alike, their spread is unknown: neither interval nor p.
    """
    found = corrected_fold_test(differences, 0.0, confidence)
    numbers = (found.n_folds, len(differences) - found.n_folds)
    if not held_out or np.isnan(found.ci_low):
        why = ALIKE_FOLDS if held_out else SHARED_CLIPS
        return DifferenceTest(found.mean, np.nan, np.nan, np.nan, *numbers, why)
    return DifferenceTest(found.mean, found.p_value, found.ci_low, found.ci_high, *numbers)


def difference_of_these_clips(
    differences: np.ndarray, folds: np.ndarray, confidence: float
) -> DifferenceTest:
    """Test the mean difference over participants by a t within folds (Satterthwaite's df).

    It speaks of other people with these clips and these networks, and of nothing else: people of a
    fold share both.

    Parameters
    ----------
    differences : (participants,) NaN where a score is not defined.
    folds : (participants,) the fold that tests each.
    confidence : level of the interval, a fraction.

    Returns
    -------
    DifferenceTest : where participants of a fold are all alike, neither interval nor p.
    """
    known = differences[~np.isnan(differences)]
    n, undefined = len(known), len(differences) - len(known)
    if not n:
        return DifferenceTest(np.nan, np.nan, np.nan, np.nan, 0, undefined, NOT_DEFINED)
    mean = float(known.mean())
    without = (known.sum() - differences) / max(n - 1, 1)
    error, freedom = error_within_folds(without, folds)
    low, high = jackknife_within_folds(mean, without, folds, confidence)
    if np.isnan(low):
        return DifferenceTest(mean, np.nan, np.nan, np.nan, n, undefined, ALIKE_PEOPLE)
    return DifferenceTest(mean, p_of_t(mean, error, freedom), low, high, n, undefined)


def comparison_tests(models: Mapping[str, ScoredTrials], settings: ModelComparison) -> pd.DataFrame:
    """Compare every model with the reference.

    Parameters
    ----------
    models : name -> its test trials. Of two models of which one is tested on more participants, the
        trials of both count; a model tested on other trials than the reference gets NaN.
    settings : the reference (without it the table has no rows), the units (the released code:
        `folds`) and the draws, or `corrected_t`.

    Returns
    -------
    One row per model and test: model, reference, mean_difference (macro F1 of the reference minus
    the model's, mean over units), p_value (one-sided: the reference is better), test, n_units,
    and p_holm, p_bh, family: corrected over the models compared by the same test. With
    `corrected_t` two rows per model, `corrected_t_any_clips` over folds and `t_these_clips` over
    participants within folds, and the columns ci_low, ci_high, n_undefined (units without a score
    of both models, not among n_units) and reason (why there is neither interval nor p).
    """
    reference, units = settings.reference, settings.ablation_test
    if units == "corrected_t":
        return _with_families(_t_tests(models, settings), reference, [*_TESTED, *_OF_T])
    score = fold_f1 if units == "folds" else participant_f1
    rows = []
    for model, trials in models.items():
        if model == reference or reference not in models:
            continue
        compared, own = shared_trials(models[reference], trials)
        if own is None:
            differences = np.full(len(score(compared)), np.nan)
        else:
            differences = score(compared) - score(own)
        tests = paired_tests(
            differences,
            units=units,
            n_resamples=settings.ablation_bootstrap,
            seed=settings.seed,
            p_value=settings.p_value,
        )
        for test, p in tests.items():
            rows.append((model, reference, differences.mean(), p, test, len(differences)))
    return _with_families(pd.DataFrame(rows, columns=list(_TESTED)), reference, _TESTED)


def shared_trials(
    reference: ScoredTrials, model: ScoredTrials
) -> tuple[ScoredTrials, ScoredTrials | None]:
    """Return the trials of two models that can be compared; those of the reference and None if not.

    A model without pulse may be tested on participants that one with pulse does without. Other
    participants or clips in a fold: a difference would be theirs, not the models'.
    """
    compared, own = reference.also_in(model), model.also_in(reference)
    if len(own.names) in (len(model.names), len(reference.names)):
        return compared, own
    return reference, None


def _t_tests(models: Mapping[str, ScoredTrials], settings: ModelComparison) -> pd.DataFrame:
    """Return the two tests of every model, without corrections."""
    reference, rows = settings.reference, []
    for model, trials in models.items():
        if model == reference or reference not in models:
            continue
        compared, own = shared_trials(models[reference], trials)
        by_fold, by_person = (
            score(compared) - (score(compared) * np.nan if own is None else score(own))
            for score in (fold_f1, participant_f1)
        )
        tests = {
            ANY_CLIPS_TEST: difference_of_any_clips(
                by_fold, held_out=clips_are_held_out(compared), confidence=settings.confidence
            ),
            THESE_CLIPS_TEST: difference_of_these_clips(
                by_person, folds_of_people(compared), settings.confidence
            ),
        }
        for test, found in tests.items():
            about = {"model": model, "reference": reference, "test": test}
            rows.append(about | found._asdict())
    return pd.DataFrame(rows, columns=[*_TESTED, *_OF_T])


def _with_families(table: pd.DataFrame, reference: str, columns: Sequence[str]) -> pd.DataFrame:
    """Correct p over the models compared by the same test; columns of the t tests stand last."""
    families = [f"models compared with {reference}, {test}" for test in table["test"]]
    joined = table.join(multiple_testing.adjust(table["p_value"], families))
    return joined[[*COMPARISON_COLUMNS, *[c for c in columns if c not in COMPARISON_COLUMNS]]]
