"""Whole trials, self-reports, events and calibration where `score_inference` is `folds`."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import special
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from test_pooled import settings

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.jackknife import LOG, LOGIT, jackknife_within_folds
from tinglegram.inference.populations import (
    ALIKE_FOLDS,
    ALIKE_PEOPLE,
    AT_BOUND,
    NO_FAMILY,
    SHARED_CLIPS,
)
from tinglegram.inference.shares import share_within_folds, wilson_within_folds
from tinglegram.statistics.calibration import (
    FEWEST_OF_AN_ANSWER,
    NO_LINE_INTERVAL,
    CalibrationCurve,
    calibration_line,
    calibration_table,
)
from tinglegram.statistics.events import EVENT_METRICS, FAR_OFF, EventMatching, event_table
from tinglegram.statistics.fold_means import FEW_PEOPLE, FEWEST_PEOPLE, UNMOVED
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.self_report import (
    FEW_OF_A_KIND,
    SELF_REPORT_METRICS,
    self_report_table,
)
from tinglegram.statistics.trial_level import TrialLevel, trial_level_table

BY_FOLD = settings(score_inference="folds", p_value="plus_one", permutations=199)
# One step a trial, so that a call is a call.
LEVEL = TrialLevel(video_threshold=1.0, video_level_resampling="participants")
PEOPLE, FOLDS = 36, 4
LINE = ("line_slope", "line_intercept")


def study(calls, reports=None, probability=None):
    """Trials of 36 people, each with the target clip and the control clip of one of four folds.

    Trials alternate: target, control. `calls` and `reports` are (trials,) or (trials, steps).
    """
    calls = np.asarray(calls).reshape(2 * PEOPLE, -1)
    fold = np.repeat(np.arange(PEOPLE) % FOLDS + 1, 2)
    control = np.tile([False, True], PEOPLE)
    names = pd.DataFrame(
        {
            "fold": fold,
            "subject": np.repeat(np.arange(PEOPLE), 2),
            "video": [
                f"{'n' if other else 'a'}{k}" for k, other in zip(fold, control, strict=True)
            ],
        }
    )
    label = np.zeros_like(calls) if reports is None else np.asarray(reports).reshape(calls.shape)
    label = label & ~control[:, None]
    every = np.ones_like(calls)
    chance = calls * 0.6 + 0.2 if probability is None else probability
    return ScoredTrials(names, control, label, calls, every, chance, every)


def drawn(seed, share=0.5, steps=1):
    return np.random.default_rng(seed).random((2 * PEOPLE, steps)) < share


def mean_of_folds(values_of, trials):
    """Values of a function of trials, mean over folds, and the same without each person."""

    fold, own = trials.names["fold"].to_numpy(), np.arange(PEOPLE) % FOLDS
    values = np.array([values_of(trials.rows(fold == k + 1)) for k in range(FOLDS)])
    left_out = [
        values.mean(axis=0)
        + (values_of(without(trials.rows(fold == own[who] + 1), who)) - values[own[who]]) / FOLDS
        for who in range(PEOPLE)
    ]
    return values.mean(axis=0), np.array(left_out)


def known_interval(scale, value, left_out):
    fold = np.arange(PEOPLE) % FOLDS
    return jackknife_within_folds(value, left_out, fold, 0.95, scale=scale, mean_of_folds=True)


def without(trials, person):
    return trials.rows(trials.names["subject"].to_numpy() != person)


# Whole trials against the condition.


def test_whole_trials_have_the_intervals_and_the_p_that_they_say():
    trials = study(drawn(1) ^ np.tile([True, False], PEOPLE)[:, None])
    table = trial_level_table(trials, BY_FOLD, LEVEL).set_index("metric")
    truth, calls, fold = ~trials.control, trials.predicted[:, 0], np.arange(PEOPLE) % FOLDS
    hits = (truth == calls).reshape(-1, 2).sum(axis=1).astype(float)
    value, left_out = mean_of_folds(lambda t: np.mean(~t.control == t.predicted[:, 0]), trials)
    these = wilson_within_folds(value, left_out, fold, 0.95)
    accuracy, macro = table.loc["accuracy"], table.loc["macro_f1"]
    assert accuracy["value"] == pytest.approx(value)
    assert tuple(accuracy[["ci_low", "ci_high"]]) == pytest.approx(these)
    by_fold = np.array([hits[fold == k].mean() / 2 for k in range(FOLDS)])
    told = corrected_fold_test(2 * by_fold - 1, 0.0, 0.95)
    assert accuracy["p_value"] == pytest.approx(told.p_value)
    assert accuracy["any_low"] < accuracy["ci_low"] and accuracy["any_high"] > accuracy["ci_high"]
    value, left_out = mean_of_folds(
        lambda t: f1_score(~t.control, t.predicted[:, 0], average="macro"), trials
    )
    assert macro["value"] == pytest.approx(value)
    known = known_interval(LOGIT, value, left_out)
    assert tuple(macro[["ci_low", "ci_high"]]) == pytest.approx(known)
    assert np.isnan(macro["p_value"]) and macro["reason"] == "p: one test, in the row accuracy"
    assert table[["p_holm", "p_bh"]].isna().all(axis=None) and (table["family"] == NO_FAMILY).all()
    assert (table["n_folds"] == FOLDS).all() and (table["n_bootstrap"] == 0).all()


def test_pairs_that_always_get_the_same_call_tell_nothing():
    trials = study(np.repeat(drawn(2)[:PEOPLE], 2))
    table = trial_level_table(trials, BY_FOLD, LEVEL).set_index("metric")
    accuracy = table.loc["accuracy"]
    assert accuracy["value"] == 0.5
    numbers = ["ci_low", "ci_high", "any_low", "any_high", "p_value"]
    assert accuracy[numbers].isna().all()
    assert accuracy["reason"] == f"ci: {ALIKE_PEOPLE}; any: {ALIKE_FOLDS}; p: {ALIKE_FOLDS}"


def test_a_rule_that_knows_the_condition_has_no_p_of_zero():
    trials = study(np.tile([True, False], PEOPLE))
    accuracy = trial_level_table(trials, BY_FOLD, LEVEL).iloc[0]
    assert accuracy["value"] == accuracy["ci_high"] == 1 and 0.85 < accuracy["ci_low"] < 0.95
    assert np.isnan(accuracy["p_value"])


def test_folds_that_share_clips_say_nothing_of_any_clips():
    trials = study(drawn(3))
    same = replace(trials, names=trials.names.assign(video=np.tile(["a", "n"], PEOPLE)))
    table = trial_level_table(same, BY_FOLD, LEVEL)
    assert table[["any_low", "any_high", "p_value"]].isna().all(axis=None)
    assert table["ci_low"].notna().all() and SHARED_CLIPS in table.loc[0, "reason"]


def test_what_viewers_share_of_a_clip_is_no_evidence_of_its_condition():
    """Calls depend on the clip, not on its condition; shuffling trials calls that a finding."""
    generator, found = np.random.default_rng(4), []
    for _ in range(120):
        tendency = special.expit(4.0 * generator.standard_normal((2, FOLDS)))
        chance = tendency[:, np.arange(PEOPLE) % FOLDS].T.ravel()
        trials = study(generator.random(2 * PEOPLE) < chance)
        shuffled = settings(p_value="plus_one", bootstrap=1, permutations=39)
        found.append(
            [trial_level_table(trials, ask, LEVEL)["p_value"][0] for ask in (BY_FOLD, shuffled)]
        )
    rejected = (np.array(found) <= 0.05).mean(axis=0)
    assert rejected[0] <= 0.06 and rejected[1] > 0.1


# Whole trials against self-reports.


def test_self_reports_have_one_p_and_the_jackknife_on_the_logit():
    reports = drawn(5, 0.6)
    trials = study(reports ^ drawn(6, 0.2), reports)
    table = self_report_table(trials, BY_FOLD, share=1.0).set_index("metric")
    resampled = self_report_table(trials, replace(BY_FOLD, score_inference="resampled"), share=1.0)
    primary = SELF_REPORT_METRICS[-1]
    assert table.loc[primary, "p_value"] == resampled["p_value"].iloc[-1] < 0.05
    assert table.loc[list(SELF_REPORT_METRICS[:-1]), "p_value"].isna().all()
    target = trials.rows(~trials.control)
    value, left_out = mean_of_folds(
        lambda t: accuracy_score(t.label[:, 0], t.predicted[:, 0]), target
    )
    assert table.loc["accuracy_within_target", "value"] == pytest.approx(value)
    known = known_interval(LOGIT, value, left_out)
    found = table.loc["accuracy_within_target", ["ci_low", "ci_high"]]
    assert tuple(found) == pytest.approx(known)


@pytest.mark.parametrize("called", [True, False])
def test_no_p_where_no_exchange_changes_anything(called):
    trials = study(np.full(2 * PEOPLE, called), drawn(7))
    table = self_report_table(trials, BY_FOLD, share=1.0)
    assert table["p_value"].isna().all()
    assert table["reason"].iloc[-1].endswith(f"; p: {UNMOVED}")


def test_balanced_accuracy_of_self_reports_is_descriptive():
    reports = drawn(17, 0.5)
    table = self_report_table(study(reports ^ drawn(18, 0.3), reports), BY_FOLD, share=1.0)
    row = table.iloc[-1]
    assert row[["ci_low", "ci_high", "any_low", "any_high"]].isna().all()
    assert 0.5 < row["value"] < 1 and row["p_value"] < 0.05
    assert row["reason"] == f"ci: {FEW_OF_A_KIND}; any: {FEW_OF_A_KIND}"
    assert table.loc[:2, ["ci_low", "any_low"]].notna().all(axis=None)


# Events.


def test_events_have_the_jackknife_on_their_scale():
    steps = 120
    reports = np.repeat(drawn(8, 0.5, steps // 10), 10, axis=1)
    calls = np.repeat(drawn(9, 0.4, steps // 10), 10, axis=1) ^ (drawn(10, 0.01, steps))
    trials, matching = study(calls, reports), EventMatching(event_tolerance=0.5)
    table = event_table(trials, BY_FOLD, matching, grid=10).set_index("metric")
    ask = replace(BY_FOLD, score_inference="resampled", bootstrap=1)
    values, left_out = mean_of_folds(
        lambda t: event_table(t, ask, matching, grid=10)["value"].to_numpy(), trials
    )
    for place, metric in enumerate(EVENT_METRICS):
        if metric.endswith("error_s"):
            assert np.isnan(table["ci_low"][metric]) and table["reason"][metric] == f"ci: {FAR_OFF}"
            continue
        assert table["reason"][metric] == ""
        scale = LOG if metric.endswith("per_trial") else LOGIT
        assert table["value"][metric] == pytest.approx(values[place])
        known = known_interval(scale, values[place], left_out[:, place])
        assert tuple(table.loc[metric, ["ci_low", "ci_high"]]) == pytest.approx(known)
    assert (table["any_low"] < table["value"]).all() and (table["value"] < table["any_high"]).all()


def test_events_that_are_not_there_say_so():
    trials = study(np.ones((2 * PEOPLE, 40), bool), np.repeat(drawn(11, 0.5, 4), 10, axis=1))
    table = event_table(trials, BY_FOLD, EventMatching(), grid=10).set_index("metric")
    assert table.loc["onset_error_s", "reason"] == "value: not defined"
    assert table.loc["onset_hit_rate", "value"] == 0
    assert table.loc["onset_hit_rate", ["ci_low", "any_low"]].isna().all()
    assert table.loc["onset_hit_rate", "reason"] == f"ci: {AT_BOUND}; any: {AT_BOUND}"


def test_onsets_of_few_people_have_no_interval():
    reports = np.zeros((2 * PEOPLE, 40), bool)
    reports[: 2 * FEWEST_PEOPLE, 10:20] = True
    late = [1 + trial // 2 % 7 for trial in range(2 * PEOPLE)]
    called = np.array([np.roll(row, n) for row, n in zip(reports, late, strict=True)])
    for people, found in ((FEWEST_PEOPLE, True), (FEWEST_PEOPLE - 1, False)):
        calls = called & (np.arange(2 * PEOPLE) < 2 * people)[:, None]
        table = event_table(study(calls, reports), BY_FOLD, EventMatching(), grid=10)
        row = table.set_index("metric").loc["onset_error_s"]
        assert row["n_participants"] == people and np.isfinite(row["any_low"]) == found
        assert row["reason"] == (f"ci: {FAR_OFF}" if found else f"ci and any: {FEW_PEOPLE}")


# Calibration.


def frames(seed, steps=60, slope=1.0, intercept=0.0):
    """Each person's reports more or less likely than logit P = intercept + slope x logit p."""
    generator = np.random.default_rng(seed)
    told = generator.normal(0, 1.2, (2 * PEOPLE, steps))
    own = np.repeat(generator.normal(0, 0.5, PEOPLE), 2)[:, None]
    reports = generator.random(told.shape) < special.expit(intercept + slope * told + own)
    return study(told > 0, reports, special.expit(told))


def test_bins_have_the_linearised_interval_where_enough_people_have_frames():
    trials = frames(12)
    few = trials.probability.copy()
    few[:, 1:][few[:, 1:] > 0.8] = 0.7
    few[:, 0] = 0.3
    few[: 2 * (FEWEST_PEOPLE - 1) : 2, 0] = 0.9
    table = calibration_table(
        replace(trials, probability=few), BY_FOLD, CalibrationCurve(calibration_bins=5)
    )
    own = table[table["scope"] == "within_target"].reset_index(drop=True)
    assert own["n_participants"].iloc[-1] == FEWEST_PEOPLE - 1
    assert own["reason"].tolist() == ["", "", "", "", FEW_PEOPLE]
    assert own["ci_low"].isna().tolist() == [False] * 4 + [True]
    target = ~trials.control
    inside = (few[target] >= 0.4) & (few[target] < 0.6)
    known = share_within_folds(
        (inside & trials.label[target]).sum(axis=1),
        inside.sum(axis=1),
        np.arange(PEOPLE) % FOLDS,
        0.95,
    )
    assert tuple(own.loc[2, ["ci_low", "ci_high"]]) == pytest.approx(known)


def test_bins_of_one_answer_have_no_interval():
    trials = frames(13)
    table = calibration_table(
        replace(trials, label=np.zeros_like(trials.label)), BY_FOLD, CalibrationCurve()
    )
    known = table[table["n_participants"] >= FEWEST_PEOPLE]
    assert known["ci_low"].isna().all() and len(known) > 10
    assert (known["reason"] == "all frames or none reported").all()
    assert table[["line_slope", "line_intercept"]].isna().all(axis=None)


def test_bins_in_which_few_people_gave_an_answer_have_no_interval():
    trials = frames(18)
    chance = np.where(trials.probability > 0.5, 0.9, 0.1)
    for n, found in ((FEWEST_OF_AN_ANSWER, True), (FEWEST_OF_AN_ANSWER - 1, False)):
        label = (chance == 0.9) & (np.arange(2 * PEOPLE) < 2 * n)[:, None]
        label[:, :3] = chance[:, :3] == 0.9
        label[2 * n :, :3] = False
        changed = replace(trials, probability=chance, label=label & ~trials.control[:, None])
        table = calibration_table(changed, BY_FOLD, CalibrationCurve(calibration_bins=2))
        row = table[table["scope"] == "within_target"].iloc[1]
        assert np.isfinite(row["ci_low"]) == found and 0 < row["observed_share"] < 1


def line_of(trials, **changed):
    target = ~trials.control
    given = {"probability": trials.probability[target], "label": trials.label[target]}
    return calibration_line(**{name: v.ravel() for name, v in (given | changed).items()})


def test_the_line_is_that_of_logistic_regression_and_descriptive():
    trials = frames(14, slope=0.6, intercept=-0.5)
    found, target = line_of(trials), ~trials.control
    table = calibration_table(trials, BY_FOLD, CalibrationCurve())
    own = table[table["scope"] == "within_target"]
    assert (own[list(LINE)] == found).all(axis=None)
    assert set(own["line_reason"]) == {NO_LINE_INTERVAL}
    assert not any(name.startswith("line") and name.endswith(("_low", "_high")) for name in own)
    told, label = special.logit(trials.probability[target]), trials.label[target]
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(told.reshape(-1, 1), label.ravel())
    assert found == pytest.approx((model.coef_[0, 0], model.intercept_[0]), abs=1e-5)


def test_no_line():
    trials = frames(16)
    n = PEOPLE * trials.label.shape[1]
    told = trials.probability[~trials.control].ravel()
    for changed in (
        {"probability": np.full(n, 0.3)},
        {"label": np.ones(n, bool)},
        # Reports told apart without error: the slope has no end.
        {"label": told > 0.5},
    ):
        assert np.isnan(line_of(trials, **changed)).all()
    # Probabilities of 0 and 1, as networks of 32 bits give them, have no logit of their own.
    surest = line_of(trials, probability=np.where(told > 0.9, 1.0, told))
    assert np.isfinite(surest).all()
