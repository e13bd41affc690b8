"""What a model is called, from the numbers of its scores."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.verdicts import (
    CATEGORY_DETECTOR,
    TRACKS,
    UNDECIDED,
    Comparison,
    Within,
    category_is_met,
    category_verdict,
    verdict_without_category,
)

PUBLISHED = Comparison(0.7186, 0.0886, 0.7088, 0.0892, 0.2)
CHANCE = Within(0.52, 0.45, 0.58, 0.4, 0.5)


def test_a_score_like_the_published_one_without_ranking_is_a_category_detector():
    verdict = category_verdict(PUBLISHED, CHANCE)
    assert verdict.call == CATEGORY_DETECTOR
    assert verdict.sentence == (
        "Knowing nothing but the clip's category (every frame of a target clip called, no other) "
        "gives macro F1 70.88 ± 8.92; this model gives 71.86 ± 8.86 (p = 0.200 that it is "
        "better); within target clips it has ROC AUC 0.52 (0.45 to 0.58, p = 0.400): no better "
        "than knowing the clip's category."
    )


def test_a_better_score_without_timing_is_still_the_category():
    verdict = category_verdict(PUBLISHED._replace(p_value=0.0004), CHANCE, response="tingle")
    assert verdict.call == CATEGORY_DETECTOR
    assert "p < 0.001" in verdict.sentence
    assert verdict.sentence.endswith("from how often it says tingle, not from when.")


AHEAD = Within(0.75, 0.7, 0.8, 0.01, 0.6, course_auc=0.6, p_course=0.02)


@pytest.mark.parametrize("p_exchange", [0.01, 0.6, np.nan])
def test_timing_with_a_better_score_is_tracking(p_exchange):
    within = AHEAD._replace(p_exchange=p_exchange)
    verdict = category_verdict(PUBLISHED._replace(p_value=0.01), within)
    assert verdict.call == TRACKS
    assert ("tells the viewers of a clip apart" in verdict.sentence) == (p_exchange == 0.01)


def test_timing_without_a_better_score_is_undecided():
    verdict = category_verdict(PUBLISHED, AHEAD)
    assert verdict.call == UNDECIDED and "rise and fall with the reports, but" in verdict.sentence


@pytest.mark.parametrize("p_course", [0.3, np.nan])
def test_a_course_that_fits_every_clip_is_no_tracking(p_course):
    within = AHEAD._replace(p_course=p_course, course_auc=0.74)
    verdict = category_verdict(PUBLISHED._replace(p_value=0.01), within)
    assert verdict.call == UNDECIDED
    assert "alone would reach ROC AUC 0.74" in verdict.sentence


def test_wide_intervals_decide_nothing():
    assert category_verdict(PUBLISHED, CHANCE._replace(ci_high=0.71)).call == UNDECIDED


@pytest.mark.parametrize("name", ["roc_auc", "ci_low", "ci_high", "p_shift"])
def test_missing_numbers_decide_nothing(name):
    verdict = category_verdict(PUBLISHED, CHANCE._replace(**{name: np.nan}))
    assert verdict.call == UNDECIDED and "cannot be tested" in verdict.sentence


def test_an_untested_difference_decides_nothing():
    verdict = category_verdict(PUBLISHED._replace(p_value=np.nan), CHANCE)
    assert verdict.call == UNDECIDED and "p not computable" in verdict.sentence


def test_the_published_model_is_no_better_than_the_category():
    f1 = Comparison(0.7186, 0.0886, 0.7088, 0.0892, 0.216, difference=0.0116)
    inside = Within(0.71, 0.57, 0.83, 0.0002, 0.02, 0.64, 0.1, balanced_accuracy=0.529)
    verdict = category_verdict(f1, inside)
    assert verdict.call == UNDECIDED
    assert "mean difference over participants +1.16 points, p = 0.216" in verdict.sentence


def test_balanced_accuracy_is_said_where_it_is_known():
    f1 = Comparison(0.7186, 0.0886, 0.7088, 0.0892, p_value=0.2)
    inside = Within(0.52, 0.45, 0.58, p_shift=0.4, p_exchange=0.5, balanced_accuracy=0.529)
    assert "within target clips it has balanced accuracy 0.53 (chance 0.50) and ROC AUC 0.52" in (
        category_verdict(f1, inside).sentence
    )


def shares(*rows) -> ScoredTrials:
    """Return trials of (fold, condition, share that the baseline gives)."""
    names = pd.DataFrame(rows, columns=["fold", "condition", "share"])
    names = names.assign(subject=1, video=names["condition"])
    flags = np.ones((len(rows), 3), bool)
    given = np.repeat(names["share"].to_numpy()[:, None], 3, axis=1)
    alone = names.drop(columns="share")
    return ScoredTrials(alone, ~flags[:, 0], flags, flags, flags, given, flags)


def test_a_baseline_that_met_no_category_is_not_said_to_know_it():
    """Where each condition has one clip, training holds none of the category of a test clip."""
    assert category_is_met(shares((1, "joy", 0.4), (1, "calm", 0.6)))
    assert category_is_met(shares((1, "joy", 0.4), (2, "calm", 0.4)))
    assert not category_is_met(
        shares((1, "joy", 0.4), (1, "calm", 0.4), (2, "joy", 0.3), (2, "a", 0.3))
    )
    known, unknown = (
        verdict_without_category(PUBLISHED, CHANCE, 10, is_known).sentence
        for is_known in (True, False)
    )
    assert "nothing but how frequent reports are in the clip's category gives" in known
    assert (
        "nothing but how frequent reports are over all clips (no training clip is of the category "
        "of a test clip) gives"
    ) in unknown
    assert "clip's category" not in verdict_without_category(PUBLISHED, CHANCE, 1, False).sentence
