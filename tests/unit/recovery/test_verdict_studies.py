"""What verdicts call trained models, in small numbers of studies."""

from dataclasses import replace

import numpy as np
from planted import COHORT, made

from tinglegram.clock import Timing
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import Draws, run_studies
from tinglegram.recovery.trained_studies import as_scored, planted_folds
from tinglegram.recovery.verdict_studies import category_rule, prepare_verdicts

DRAWS = Draws(bootstrap=1, permutations=39, confidence=0.95, truth_cohorts=1)


def calls(
    cell: str, studies: int, cohort: Cohort = COHORT, draws: Draws = DRAWS, **parameters: float
) -> dict[str, float]:
    """Return how often each claim is made, as shares."""
    table = run_studies(
        prepare_verdicts,
        cohort,
        draws,
        topic="verdicts",
        cell=cell,
        parameters={"features": 3.0, **parameters},
        first=1,
        studies=studies,
        seed=5,
    )
    return (1 - table.groupby("test")["p_value"].mean()).to_dict()


def test_each_claim_is_called_once_in_every_study():
    found = calls("null", 2)
    assert len(found) == 2 * 3 + 2 + 2
    for claim in ("timing, trained again", "timing, folds", "score", "category"):
        assert sum(v for name, v in found.items() if name.startswith(f"{claim}: ")) == 1


def test_the_rule_calls_every_frame_of_the_target_and_no_other():
    folds = planted_folds(COHORT)
    still = [np.zeros((len(fold.clips), 250)) for fold in folds]
    rule = category_rule(as_scored(COHORT, made(), folds, still))
    assert rule.predicted[~rule.control].all() and not rule.predicted[rule.control].any()


def test_a_model_that_knows_the_category_alone():
    found = calls("category only", 25)
    assert found["category: shown"] >= 0.9
    assert max(found["timing, trained again: shown"], found["timing, folds: shown"]) <= 0.1
    assert found["score: shown"] <= 0.1


def test_a_category_that_no_feature_tells_is_not_claimed():
    assert calls("blind", 25, category=0)["category: shown"] <= 0.1


def test_clear_tracking_is_shown_and_not_called_absent():
    found = calls("signal", 20, signal=0.6, agreement=0.9)
    assert found["timing, trained again: shown"] >= 0.6
    assert found["timing, folds: clear tracking absent"] <= 0.05


def test_weak_tracking_is_seldom_said_to_be_less_than_clear():
    # 34 people and a ROC AUC of about 0.60: that no test finds it is no reason to deny it. A
    # rule that infers absence from a p calls such a model a category detector in 62 % of studies.
    many = replace(COHORT, participants=34, timing=Timing())
    draws = replace(DRAWS, permutations=19)
    found = calls("weak", 40, many, draws, features=8.0, signal=0.03)
    assert found["timing, folds: clear tracking absent"] <= 0.3
    assert found["timing, folds: not shown"] >= 0.4
