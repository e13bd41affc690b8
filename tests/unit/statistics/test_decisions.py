"""The verdict as three claims: each call from its own test, every sentence, and its error rates."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from test_conditions import predictions

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.multiple_testing import holm
from tinglegram.inference.populations import ALIKE_FOLDS, ANY_CLIPS, SHARED_CLIPS
from tinglegram.statistics.comparison import fold_f1, participant_f1
from tinglegram.statistics.decisions import (
    CATEGORY_CALLS,
    FOLDS,
    NO_REPORT,
    NOT_ASKED,
    NOT_CLEAR,
    NOT_SHOWN,
    NOT_TESTED,
    NOTHING,
    RETRAINED,
    SCORE_CALLS,
    SHOWN,
    TIMING_CALLS,
    Decision,
    category_scores,
    claims_made,
    decision_numbers,
    decision_sentence,
    decision_table,
    retrained_models,
)
from tinglegram.statistics.retrained import Retrained, retrained_table
from tinglegram.statistics.scored_trials import ScoredTrials, as_trials

FINE = {"timing": 0.2, "absent": 0.2, "score": 0.2, "category": 0.2, "asked": True, "alpha": 0.05}


@pytest.mark.parametrize(
    ("timing", "score", "category"), list(product(TIMING_CALLS, SCORE_CALLS, CATEGORY_CALLS))
)
def test_every_sentence_has_at_most_forty_words_and_no_number(timing, score, category):
    sentence = decision_sentence(Decision(timing, score, category))
    assert len(sentence.split()) <= 40 and sentence.count(".") == sentence.count(":") == 1
    assert sentence.startswith(f"Of {ANY_CLIPS}: ")
    assert not any(sign.isdigit() for sign in sentence)


def test_every_combination_has_a_sentence_of_its_own():
    combinations = [
        Decision(*calls)
        for calls in product(TIMING_CALLS, SCORE_CALLS, CATEGORY_CALLS)
        if (calls[1] == NOT_ASKED) == (calls[2] == NOT_ASKED)
    ]
    assert len(combinations) == len({decision_sentence(one) for one in combinations}) == 40


def test_no_sentence_denies_what_is_only_not_shown():
    said = decision_sentence(Decision(NOT_SHOWN, NOT_SHOWN, NOT_SHOWN))
    assert said == (
        "Of any clips of the kind: it is not shown to tell target clips from others; within clips, "
        "neither following the reports nor its absence is shown; it is not shown to score better "
        "than the category alone."
    )


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ({}, (NOT_SHOWN, NOT_SHOWN, NOT_SHOWN)),
        ({"timing": 0.05}, (SHOWN, NOT_SHOWN, NOT_SHOWN)),
        ({"absent": 0.05}, (NOT_CLEAR, NOT_SHOWN, NOT_SHOWN)),
        # Followed, but not as clearly as asked: that it is followed is what is called.
        ({"timing": 0.01, "absent": 0.01}, (SHOWN, NOT_SHOWN, NOT_SHOWN)),
        ({"score": 0.05}, (NOT_SHOWN, SHOWN, NOT_SHOWN)),
        ({"category": 0.05}, (NOT_SHOWN, NOT_SHOWN, SHOWN)),
        ({"score": 0.0, "category": 0.0, "asked": False}, (NOT_SHOWN, NOT_ASKED, NOT_ASKED)),
        (dict.fromkeys(("timing", "absent", "score", "category"), np.nan), (NOT_TESTED,) * 3),
        # Without a p nothing is said either way; absence has a test of its own.
        ({"timing": np.nan}, (NOT_TESTED, NOT_SHOWN, NOT_SHOWN)),
        ({"timing": np.nan, "absent": 0.01}, (NOT_CLEAR, NOT_SHOWN, NOT_SHOWN)),
        ({"absent": np.nan, "score": np.nan}, (NOT_SHOWN, NOT_TESTED, NOT_SHOWN)),
        ({"category": np.nan, "score": 0.01}, (NOT_SHOWN, SHOWN, NOT_TESTED)),
        ({"score": np.nan, "category": np.nan, "asked": False}, (NOT_SHOWN, *(NOT_ASKED,) * 2)),
    ],
)
def test_each_claim_has_its_own_test(p, expected):
    assert claims_made(**FINE | p) == expected


def people_of(fold: int, per_fold: int = 3) -> list[int]:
    return list(range(fold * per_fold + 1, (fold + 1) * per_fold + 1))


def drawn(strength=(1.0, 1.1, 0.9, 1.2), gap=0.3, parted=True, seed=3) -> ScoredTrials:
    """Return trials of four folds, each of a pair of clips and three people."""
    generator = np.random.default_rng(seed)
    rows, label, probability = [], [], []
    for fold, weight in enumerate(strength):
        course = np.convolve(generator.standard_normal(120), np.ones(15) / 4, mode="same")
        for person in people_of(fold):
            for kind, control in (("t", False), ("c", True)):
                own = np.convolve(generator.standard_normal(120), np.ones(15) / 4, mode="same")
                rows.append((fold + 1, person, f"{kind}{fold if parted else 0}", control))
                label.append((course + 0.5 * own > 0) & (not control))
                shown = 0 if control else weight * course
                noise = 0.4 * generator.standard_normal(120)
                probability.append(1 / (1 + np.exp(-(shown + noise))) * 0.6 + (not control) * gap)
    names = pd.DataFrame(rows, columns=["fold", "subject", "video", "control"])
    control = names.pop("control").to_numpy()
    names["condition"] = np.where(control, "Nature", "ASMR")
    given = np.array(probability)
    every = np.ones(given.shape, dtype=bool)
    return ScoredTrials(names, control, np.array(label), given > 0.5, every, given, every)


def again(p_value: float, n_shifts: int) -> Retrained:
    return Retrained(0.6, 0.5, p_value, n_shifts, 12, 4)


def rule_of(trials: ScoredTrials) -> ScoredTrials:
    called = np.broadcast_to(~trials.control[:, None], trials.label.shape).copy()
    return replace(trials, predicted=called, probability=called.astype(float))


def numbers_of(trials, retrained=None, clear=0.7):
    return decision_numbers(
        trials, rule_of(trials), confidence=0.95, clear=clear, retrained=retrained
    )


def test_a_model_that_follows_reports_is_shown_to():
    table = decision_table({"m": numbers_of(drawn())}, 0.05)
    row = table.iloc[0]
    assert (row["timing"], row["category"]) == (SHOWN, SHOWN)
    assert row["decided_by"] == FOLDS and np.isnan(row["n_shifts"])
    assert row["n_folds"] == 4 and row["n_participants"] == 12
    assert row["roc_auc"] > 0.8 and row["residual_auc"] > 0.7
    assert row["p_timing"] == max(row["p_decisive"], row["p_residual"])
    assert list(table.columns[:4]) == ["model", "timing", "score", "category"]
    assert table.columns[-1] == "sentence" and "asked" not in table


def test_training_again_decides_where_it_was_done_but_not_alone():
    found = numbers_of(drawn(), again(0.2, 39))
    assert (found["decided_by"], found["p_decisive"], found["n_shifts"]) == (RETRAINED, 0.2, 39)
    assert decision_table({"m": found}, 0.05)["timing"].iloc[0] == NOT_SHOWN
    # Noise is not followed, whatever training again says: what is left beyond the course decides.
    noise = drawn(strength=(0, 0, 0, 0))
    assert numbers_of(noise)["p_residual"] > 0.05
    table = decision_table({"m": numbers_of(noise, again(0.01, 99))}, 0.05)
    assert table["timing"].iloc[0] != SHOWN


def test_numbers_are_those_of_the_folds():
    trials = drawn()
    found = numbers_of(trials)
    gain = fold_f1(trials) - fold_f1(rule_of(trials))
    test = corrected_fold_test(gain, 0.0, 0.95)
    assert (found["difference"], found["p_score"]) == (test.mean, test.p_value)
    people = participant_f1(trials) - participant_f1(rule_of(trials))
    assert found["difference_of_people"] == pytest.approx(people.mean())
    width = found["difference_these_high"] - found["difference_these_low"]
    assert 0 < width < found["difference_any_high"] - found["difference_any_low"]


def test_absence_ends_where_its_interval_does():
    noise = numbers_of(drawn(strength=(0, 0, 0, 0)))
    assert 0.4 < noise["roc_auc"] < noise["upper_end"] < 0.7 and noise["p_absent"] <= 0.05
    assert decision_table({"m": noise}, 0.05)["timing"].iloc[0] == NOT_CLEAR
    at_the_end = numbers_of(drawn(strength=(0, 0, 0, 0)), clear=noise["upper_end"])
    assert at_the_end["p_absent"] == pytest.approx(0.05)


def test_a_category_that_is_not_told_is_no_claim():
    found = numbers_of(drawn(gap=0.0, strength=(0, 0, 0, 0)))
    assert abs(found["category_gap"]) < 0.02 and found["p_category"] > 0.05
    assert 0.2 < found["category_auc"] < 0.8


def test_gaps_are_those_of_each_persons_trials():
    trials = drawn()
    means = trials.probability.mean(axis=1)
    found = category_scores(trials)
    for fold in range(4):
        rows = trials.names["fold"].to_numpy() == fold + 1
        target, other = means[rows & ~trials.control], means[rows & trials.control]
        assert found.gap[fold] == pytest.approx((target - other).mean())
        assert found.auc[fold] == pytest.approx((target > other).mean())


def test_people_without_both_kinds_of_trials_tell_nothing_apart():
    trials = drawn()
    alone = trials.names["fold"].to_numpy() == 1
    kept = replace(trials, control=np.where(alone, False, trials.control))
    assert np.isnan(category_scores(kept).gap).tolist() == [True, False, False, False]


def test_score_and_category_have_no_test_where_folds_share_clips():
    trials = drawn(parted=False)
    row = decision_table({"m": numbers_of(trials)}, 0.05).iloc[0]
    assert np.isnan([row["p_score"], row["p_category"], row["category_gap_low"]]).all()
    assert (row["score"], row["category"]) == (NOT_TESTED, NOT_TESTED)
    assert row["category_gap"] > 0.2 and row["p_score_these"] >= 0


def remembered(parted=False) -> ScoredTrials:
    """Folds of people alone: each is told what the clip's training viewers report, no more."""
    generator = np.random.default_rng(8)
    course = np.array(
        [np.convolve(generator.standard_normal(120), np.ones(15) / 4, "same") for _ in range(4)]
    )
    own = generator.normal(0, 0.3, (24, 4, 120))
    label = np.concatenate([course + own > 0, np.zeros((24, 4, 120), bool)], axis=1)
    fold = np.arange(24) % 4 + 1
    told = np.stack([label[fold != k].mean(axis=0) for k in fold]).reshape(-1, 120)
    kinds = [*("t0", "t1", "t2", "t3"), *("c0", "c1", "c2", "c3")]
    rows = [(fold[who], who + 1, clip) for who in range(24) for clip in kinds]
    names = pd.DataFrame(rows, columns=["fold", "subject", "video"])
    control = names["video"].str.startswith("c").to_numpy()
    names["condition"] = np.where(control, "Nature", "ASMR")
    if parted:
        names["video"] += names["fold"].astype(str)
    every = np.ones(told.shape, bool)
    return ScoredTrials(names, control, label.reshape(told.shape), told > 0.5, every, told, every)


def test_a_memory_of_other_viewers_tells_nothing_of_any_clips():
    found = numbers_of(remembered())
    assert found["roc_auc"] > 0.95 and found["residual_auc"] > 0.9
    tests = ["p_decisive", "p_residual", "p_timing", "p_absent", "p_auc", "any_low", "upper_end"]
    assert np.isnan([found[name] for name in tests]).all()
    assert found["decided_by"] == NOTHING and found["n_folds"] == 0
    row = decision_table({"m": found}, 0.05).iloc[0]
    assert [row[claim] for claim in Decision._fields] == [NOT_TESTED] * 3
    assert row["reason"] == "; ".join(
        f"{name}: {SHARED_CLIPS}" for name in ("roc_auc", "residual_auc", "score", "category")
    )
    # The same numbers of clips that folds hold out would be shown.
    held = decision_table({"m": numbers_of(remembered(parted=True))}, 0.05).iloc[0]
    assert held["timing"] == SHOWN and held["reason"] == ""


def test_training_again_describes_where_folds_share_clips():
    found = numbers_of(remembered(), again(0.01, 99))
    assert found["decided_by"] == NOTHING and found["retrained_auc"] == 0.6
    assert np.isnan([found["p_decisive"], found["p_timing"]]).all()
    assert decision_table({"m": found}, 0.05)["timing"].iloc[0] == NOT_TESTED


def test_training_again_stands_under_its_own_number():
    found = numbers_of(drawn(), again(0.01, 99))
    assert (found["retrained_auc"], found["retrained_null"], found["p_decisive"]) == (
        0.6,
        0.5,
        0.01,
    )
    folds = numbers_of(drawn())
    assert found["roc_auc"] == folds["roc_auc"] and found["p_auc"] == folds["p_decisive"]
    assert np.isnan(folds["retrained_auc"])


def test_folds_that_are_alike_show_nothing():
    trials = drawn()
    flat = replace(trials, probability=np.full(trials.label.shape, 0.4), predicted=trials.label)
    found = numbers_of(flat)
    assert found["roc_auc"] == 0.5 and found["category_gap"] == 0
    row = decision_table({"m": found}, 0.05).iloc[0]
    assert (row["timing"], row["category"]) == (NOT_TESTED, NOT_TESTED)
    # A perfect ranking in every fold is not certain of others either.
    perfect = numbers_of(replace(trials, probability=trials.label * 0.8 + 0.1))
    assert perfect["roc_auc"] == 1 and np.isnan(perfect["p_auc"])
    assert perfect["reason"].startswith(f"roc_auc: {ALIKE_FOLDS}")


def silent(trials: ScoredTrials, folds: list[int]) -> ScoredTrials:
    """Nobody of these folds reports anything."""
    left = trials.names["fold"].isin(folds).to_numpy()
    return replace(trials, label=trials.label & ~left[:, None])


def test_where_nobody_reports_a_silent_model_scores_nothing():
    trials = silent(drawn(), [1, 2, 3, 4])
    found = numbers_of(replace(trials, predicted=np.zeros_like(trials.label)))
    scores = ["difference", "macro_f1", "p_score", "p_score_these", "difference_these_low"]
    assert np.isnan([found[name] for name in scores]).all()
    assert found["n_folds_score"] == found["n_people_score"] == 0
    assert f"score: {NO_REPORT}" in found["reason"]
    assert decision_table({"m": found}, 0.05)["score"].iloc[0] == NOT_TESTED


def test_folds_without_reports_or_trials_are_left_out_of_the_score():
    trials = drawn()
    found, rest = (
        numbers_of(silent(trials, [2])),
        numbers_of(trials.rows(trials.names["fold"].to_numpy() != 2)),
    )
    for name in ("macro_f1", "condition_only", "difference", "p_score", "difference_of_people"):
        assert np.isfinite(found[name]) and found[name] == pytest.approx(rest[name])
    assert found["macro_f1"] - found["condition_only"] == pytest.approx(found["difference"])
    assert found["n_folds_score"] == 3 and found["n_people_score"] == 9
    assert found["n_folds_category"] == 4 and found["n_participants"] == 12
    assert "macro_f1: 1 of 4 folds without reports are left out" in found["reason"]
    assert "macro_f1: 1 of 4 folds without reports are left out" in rest["reason"]


def test_models_are_one_family_for_each_claim():
    first = numbers_of(drawn())
    made = {"a": first, "b": first | {"p_timing": 0.04, "p_score": 0.01, "p_category": np.nan}}
    table = decision_table(made, 0.05)
    np.testing.assert_allclose(table["p_timing_holm"], holm(table["p_timing"].to_numpy()))
    assert table["p_score_holm"].iloc[1] == pytest.approx(0.02)
    # A test that cannot be made is no member of its family.
    assert table["p_category_holm"].iloc[0] == first["p_category"]
    assert table["category"].iloc[1] == NOT_TESTED


@pytest.mark.parametrize(
    ("conditions", "target"), [(["joy", "joy"], "joy"), (["joy", "fear"], None)]
)
def test_nothing_is_claimed_of_a_category_where_none_stands_beside(conditions, target):
    trials = as_trials(predictions(conditions), padding="counted", target=target)
    found = decision_numbers(trials, trials, confidence=0.95, clear=0.7)
    row = decision_table({"m": found}, 0.05).iloc[0]
    assert (row["score"], row["category"]) == (NOT_ASKED, NOT_ASKED)
    assert np.isnan([row["p_score"], row["p_category"], row["category_gap"]]).all()
    assert "reports of all trials are predicted" in row["sentence"]


def test_the_published_predictions(published):
    trials = as_trials(published, padding="masked")
    row = decision_table({"published": numbers_of(trials)}, 0.05).iloc[0]
    assert (row["timing"], row["score"], row["category"]) == (NOT_SHOWN, NOT_SHOWN, SHOWN)
    assert row["decided_by"] == FOLDS


def test_only_models_with_a_p_were_trained_again():
    tests = {"a": again(0.03, 39), "b": again(np.nan, 39)}
    assert retrained_models(retrained_table(tests), 2, 0.05) == {"a": again(0.03, 39)}


@pytest.mark.parametrize(
    ("n_models", "decides"), [(1, "ab"), (2, "ab"), (3, "b"), (5, "b"), (6, "")]
)
def test_too_few_shifts_for_the_number_of_models_decide_nothing(n_models, decides):
    table = retrained_table({"a": again(0.025, 39), "b": again(0.01, 99)})
    assert "".join(retrained_models(table, n_models, 0.05)) == decides
