"""Is the reference model better than another? Paired tests of macro F1 (paper, Table 2)."""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations_with_replacement, product
from math import factorial, prod
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from tinglegram.inference import multiple_testing
from tinglegram.inference.counts import METRICS
from tinglegram.inference.resampling import exceedance
from tinglegram.inference.seeding import PValue, Seeding
from tinglegram.settings import AT_LEAST_ONE, SWITCH, section
from tinglegram.statistics.metrics import fold_scores, group_scores
from tinglegram.statistics.scored_trials import ScoredTrials, participant_index

_TESTED = ("model", "reference", "mean_difference", "p_value", "test", "n_units")
COMPARISON_COLUMNS = (*_TESTED, *multiple_testing.ADJUSTED_COLUMNS)

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
        Literal["folds", "participants"], SWITCH, "Units of the ablation test."
    ]
    p_value: PValue


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


def comparison_tests(models: Mapping[str, ScoredTrials], settings: ModelComparison) -> pd.DataFrame:
    """Compare every model with the reference.

    Parameters
    ----------
    models : name -> its test trials. Of two models of which one is tested on more participants, the
        trials of both count; a model tested on other trials than the reference gets NaN.
    settings : the reference (without it the table has no rows), the units (the released code:
        `folds`) and the draws.

    Returns
    -------
    One row per model and test: model, reference, mean_difference (macro F1 of the reference minus
    the model's, mean over units), p_value (one-sided: the reference is better), test, n_units,
    and p_holm, p_bh, family: corrected over the models compared by the same test.
    """
    reference, units = settings.reference, settings.ablation_test
    score = fold_f1 if units == "folds" else participant_f1
    rows = []
    for model, trials in models.items():
        if model == reference or reference not in models:
            continue
        # A model without pulse may be tested on participants that one with pulse does without.
        compared, own = models[reference].also_in(trials), trials.also_in(models[reference])
        if len(own.names) in (len(trials.names), len(models[reference].names)):
            differences = score(compared) - score(own)
        else:
            # Other participants or clips in a fold: the difference would be theirs, not the
            # models'.
            differences = np.full(len(score(models[reference])), np.nan)
        tests = paired_tests(
            differences,
            units=units,
            n_resamples=settings.ablation_bootstrap,
            seed=settings.seed,
            p_value=settings.p_value,
        )
        for test, p in tests.items():
            rows.append((model, reference, differences.mean(), p, test, len(differences)))
    table = pd.DataFrame(rows, columns=list(_TESTED))
    families = [f"models compared with {reference}, {test}" for test in table["test"]]
    return table.join(multiple_testing.adjust(table["p_value"], families))
