"""Scores by fold: their intervals and error rates where a model is trained in every study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted import STILL, clips_of, small_cohort
from scipy import special, stats
from test_pooled import settings, simulate
from test_time_shift import courses, trials_of

from tinglegram.clock import Timing
from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.counts import METRICS
from tinglegram.inference.jackknife import IDENTITY
from tinglegram.inference.populations import SHARED_CLIPS
from tinglegram.recovery.trained_studies import (
    PlantedWorld,
    as_scored,
    fitted_predictions,
    planted_folds,
    planted_study,
)
from tinglegram.report.tables.within_target import describe_within
from tinglegram.statistics.continuous import continuous_summary
from tinglegram.statistics.fold_means import UNMOVED
from tinglegram.statistics.metrics import fold_scores
from tinglegram.statistics.pooled import SKEWED, bootstrap_scores, pooled_table
from tinglegram.statistics.scored_trials import (
    ScoredTrials,
    clips_are_held_out,
    folds_of_people,
    only_held_out,
    participant_index,
)
from tinglegram.statistics.time_shift import (
    frames_of_residual,
    residual_auc_by_fold,
    residual_aucs,
    residual_course_test,
    shifted_auc,
)
from tinglegram.statistics.within_target import (
    RESIDUAL_AUC,
    WITHIN_TARGET_METRICS,
    within_target_by_fold,
    within_target_table,
    within_target_values,
)

FOLDS = settings(score_inference="folds", permutations=20)
COHORT = small_cohort(
    24, clips_of(4), 4, Timing(clip=25.0, first_trial=24.0, grid=5), agreement=0.8
)


def auc_of_any_clips(trials, confidence):
    """The corrected t over folds of the ROC AUC within the target, against 0.5."""
    by_fold = within_target_by_fold(trials)[:, WITHIN_TARGET_METRICS.index("roc_auc")]
    return corrected_fold_test(by_fold, 0.5, confidence)


def held_out(**changed):
    """Trials of eight people in two folds with clips of their own."""
    trials = simulate(subjects=8, **changed)
    fold = trials.names["fold"].astype(str)
    return replace(trials, names=trials.names.assign(video=trials.names["video"] + fold))


def own_folds(probability, label, clips):
    """Trials of people who each see one clip, every clip in a fold of its own."""
    trials = trials_of(probability, label, clips)
    fold = np.unique(clips, return_inverse=True)[1] + 1
    return replace(trials, names=trials.names.assign(fold=fold))


def trained(seed, **world):
    """Test trials of a study in which a ridge model is trained."""
    generator = np.random.default_rng([11, seed])
    study = planted_study(COHORT, PlantedWorld(features=4, **world), generator)
    folds = planted_folds(COHORT)
    predicted = [fitted_predictions(study, fold, STILL)[0] for fold in folds]
    return as_scored(COHORT, study, folds, predicted)


def test_where_clips_and_people_belong():
    shared, own = simulate(), held_out()
    assert not clips_are_held_out(shared) and clips_are_held_out(own)
    assert folds_of_people(own).tolist() == [
        own.names.loc[own.names["subject"] == who, "fold"].iloc[0] for who in range(8)
    ]
    # What varies between folds that test the same clips tells nothing of others.
    values = np.array([[0.1, 0.2], [0.3, 0.4]])
    assert np.isnan(only_held_out(values, shared)).all()
    assert (only_held_out(values, own) == values).all()
    everywhere = shared.names.assign(fold=shared.names["video"].map({"vid1": 1, "vid5": 2}))
    assert not folds_of_people(replace(shared, names=everywhere)).any()


def test_scores_are_means_over_folds_with_the_jackknife_of_each_fold():
    trials = held_out()
    table = pooled_table(trials, FOLDS).set_index("metric")
    people, folds = participant_index(trials), folds_of_people(trials)
    macro = METRICS.index("macro_f1")
    by_fold = fold_scores(trials)[:, macro]
    row = table.loc["macro_f1"]
    assert row["value"] == pytest.approx(by_fold.mean())
    left = np.array([fold_scores(trials.rows(people != who))[:, macro].mean() for who in range(8)])
    apart = special.logit(left)
    parts = [apart[folds == fold] for fold in (1, 2)]
    variance = np.array([3 / 4 * np.sum((p - p.mean()) ** 2) for p in parts])
    freedom = variance.sum() ** 2 / np.sum(variance**2 / 3)
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(variance.sum())
    ends = special.expit(special.logit(row["value"]) + np.array([-reach, reach]))
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(ends)
    added = 2 * special.logit(row["value"]) - special.logit(by_fold[::-1])
    wide = stats.t.ppf(0.975, 1) * added.std(ddof=1) * np.sqrt(1 / 2 + 1)
    ends = special.expit(special.logit(row["value"]) + np.array([-wide, wide]))
    assert row[["any_low", "any_high"]].tolist() == pytest.approx(ends)
    # Labels of other conditions are all 0: no exchange changes what is called among them.
    unmoved = f"p_within: {UNMOVED}"
    assert table["reason"].tolist() == ["", "", "", f"any: {SKEWED}", unmoved]
    # Folds that share their clips tell nothing of others.
    same = pooled_table(simulate(subjects=8), FOLDS)
    assert same[["any_low", "any_high"]].isna().all(axis=None) and same["ci_low"].notna().all()
    shared = f"any: {SHARED_CLIPS}"
    assert same["reason"].drop(3).tolist() == [*[shared] * 3, f"{shared}; {unmoved}"]


def test_what_is_no_inference_is_empty_and_what_is_stays():
    trials = held_out()
    by_fold, resampled = (pooled_table(trials, s) for s in (FOLDS, settings(permutations=20)))
    empty = ["p_value", "cohens_d", "p_holm", "p_bh", "p_within_holm", "p_within_bh"]
    assert by_fold[empty].isna().all(axis=None) and set(by_fold["family"]) == {"none"}
    assert list(by_fold)[: len(resampled.columns)] == list(resampled)
    assert list(by_fold)[len(resampled.columns) :] == ["any_low", "any_high", "n_folds", "reason"]
    p_within = resampled["p_within"].where(resampled["metric"] != "nature_specificity")
    assert by_fold["p_within"].equals(p_within) and not by_fold["n_bootstrap"].any()
    # Those of the released code stay those of all frames together.
    assert by_fold["value"].to_numpy() == pytest.approx(fold_scores(trials).mean(axis=0))
    pooled = bootstrap_scores(trials, np.ones((1, 8)))[0]
    assert resampled["value"].to_numpy() == pytest.approx(pooled)
    assert not np.allclose(by_fold["value"], pooled, atol=1e-6)


@pytest.mark.parametrize("alone", [True, False])
def test_scores_within_the_target_have_no_p_where_no_exchange_changes_them(alone):
    trials = simulate(subjects=4)
    if alone:
        trials = replace(trials, names=trials.names.assign(fold=trials.names["subject"] + 1))
    else:
        every = np.full(trials.probability.shape, 0.7)
        trials = replace(trials, probability=every, predicted=every > 0.5)
    table = within_target_table(trials, FOLDS).iloc[:6]
    assert table["p_value"].isna().all() and table["reason"].str.endswith(f"p: {UNMOVED}").all()
    resampled = within_target_table(trials, settings(permutations=20, p_value="plus_one"))
    assert (resampled["p_value"] == 1).all()


def test_scores_within_the_target_speak_of_both_populations():
    trials = held_out()
    by_fold, resampled = (
        within_target_table(trials, s) for s in (FOLDS, settings(permutations=20))
    )
    kept = ["metric", "p_value", "n_participants", "n_trials"]
    assert by_fold.iloc[:6][kept].equals(resampled[kept])
    assert list(by_fold)[: len(resampled.columns)] == list(resampled)
    assert by_fold["p_any"].notna().tolist() == [True] * 3 + [False] * 3 + [True]
    table = by_fold.set_index("metric")
    fold_values = [within_target_values(trials.rows(trials.names["fold"] == k)) for k in (1, 2)]
    assert by_fold["value"][:6].to_numpy() == pytest.approx(np.mean(fold_values, axis=0))
    assert resampled["value"].to_numpy() == pytest.approx(within_target_values(trials))
    assert auc_of_any_clips(trials, 0.95).mean == pytest.approx(table.loc["roc_auc", "value"])
    p_any = auc_of_any_clips(trials, 0.95).p_value
    assert table.loc["roc_auc", "p_any"] == pytest.approx(p_any)
    inside = table.loc[[*WITHIN_TARGET_METRICS], ["ci_low", "value", "ci_high"]].to_numpy()
    assert (np.diff(inside, axis=1) > 0).all()
    # Reports of one person alone: what is not defined without them has no interval.
    one = np.where((participant_index(trials) == 3)[:, None], trials.label, False)
    alone = within_target_table(replace(trials, label=one), FOLDS).set_index("metric")
    assert alone.loc["balanced_accuracy", "value"] > 0.5
    assert alone.loc[["balanced_accuracy", "roc_auc"], ["ci_low", "any_low"]].isna().all(axis=None)
    assert np.isfinite(alone.loc["brier", "ci_low"])


def remembering(people=24, clips=4, seed=8):
    """Trials of folds of people alone: each is told what the clip's training viewers report."""
    generator, fold = np.random.default_rng(seed), np.arange(people) % 4 + 1
    course = courses(clips, generator)
    label = course + 0.3 * courses(people * clips, generator).reshape(people, clips, -1) > 0
    told = np.stack([label[fold != k].mean(axis=0) for k in fold]).reshape(people * clips, -1)
    names = [f"v{i % clips}" for i in range(people * clips)]
    trials = trials_of(told, label.reshape(told.shape), names)
    about = trials.names.assign(
        fold=np.repeat(fold, clips), subject=np.repeat(range(people), clips)
    )
    return replace(trials, names=about)


def test_what_is_remembered_of_other_viewers_says_nothing_of_any_clips():
    trials = remembering()
    assert auc_of_any_clips(trials, 0.95).p_value < 1e-3
    found = within_target_table(trials, FOLDS).set_index("metric")
    assert found.loc[["roc_auc", RESIDUAL_AUC], "value"].min() > 0.85
    assert found[["any_low", "any_high", "p_any"]].isna().all(axis=None)
    assert not found["n_folds"].any()
    # Other people with these clips and networks are spoken of as ever.
    assert np.isfinite(found.loc["brier", "ci_low"])
    residual = residual_course_test(trials, confidence=0.95)
    assert residual.auc > 0.85 and residual.n_folds == 0
    assert np.isnan([residual.any_low, residual.any_high, residual.p_value]).all()
    caption = describe_within(within_target_table(trials, FOLDS))
    assert "none, as no folds hold their clips out" in caption and "0 folds" not in caption


def test_a_clip_longer_than_all_others_is_ranked_where_another_one_goes_on():
    trials = trials_of(np.tile(np.linspace(0, 1, 60), (3, 1)), np.eye(3, 60) > 0, ["a", "b", "c"])
    assert frames_of_residual(trials) == 1
    valid = np.ones((3, 60), dtype=bool)
    valid[1:, 20:] = False
    assert frames_of_residual(replace(trials, valid=valid)) == pytest.approx(60 / 100)
    assert np.isnan(frames_of_residual(replace(trials, control=np.ones(3, bool))))


def test_a_course_that_all_clips_share_is_no_part_of_the_residual():
    generator = np.random.default_rng(4)
    ramp = np.minimum(np.arange(240) / 60, 1.0)
    label = courses(12, generator) + 3 * ramp - 1.5 > 0
    clips = [f"v{i // 3}" for i in range(12)]
    offset = np.repeat([-1.0, 0.0, 0.5, 2.0], 3)[:, None]
    told = special.expit(np.tile(4 * ramp - 1, (12, 1)) + offset)
    trials = own_folds(told, label, clips)
    assert auc_of_any_clips(trials, 0.95).p_value < 0.01
    # Networks of folds that differ in a constant have the same course.
    assert residual_aucs(trials) == pytest.approx(0.5)
    # All folds are then alike, so that nothing is tested.
    assert np.isnan(residual_course_test(trials, confidence=0.95).p_value)
    # Probabilities of 0 and 1 rank as the lowest and the highest.
    sure = own_folds(label.astype(float), label, clips)
    found = residual_course_test(sure, confidence=0.95)
    assert found.auc > 0.9 and found.p_value < 0.001 and found.n_folds == 4
    narrow = residual_course_test(sure, confidence=0.9)
    assert narrow.any_low > found.any_low
    one = residual_course_test(trials_of(told, label, ["a"] * 12), confidence=0.95)
    assert np.isnan([one.auc, one.p_value]).all() and one.n_folds == 0


def test_the_row_of_the_residual_is_a_mean_over_folds():
    trials = trained(1, signal=0.3)
    row = within_target_table(trials, FOLDS).set_index("metric").loc[RESIDUAL_AUC]
    auc = residual_aucs(trials)
    assert row["value"] == pytest.approx(residual_auc_by_fold(trials).mean())
    assert row["ci_low"] < row["value"]
    test = residual_course_test(trials, confidence=0.95)
    assert (row["any_low"], row["p_any"], row["n_folds"]) == (test.any_low, test.p_value, 4)
    assert row["n_trials"] == row["n_participants"] == np.isfinite(auc).sum()


def learnt_level(seed):
    """Trials of a model that learnt how often the other folds' people report, and nothing else."""
    generator, people = np.random.default_rng([5, seed]), np.arange(16)
    fold = people % 4
    often = special.expit(generator.normal(0, 1, 16))
    label = generator.random((16, 50)) < often[:, None]
    level = np.array([label[fold != k].mean() for k in range(4)])
    calls = generator.random(label.shape) < special.expit(16 * (level - 0.5))[fold, None]
    names = pd.DataFrame({"fold": fold + 1, "subject": people, "video": fold.astype(str)})
    every, chance = np.ones_like(label), np.where(calls, 0.8, 0.2)
    return ScoredTrials(names, np.zeros(16, bool), label, calls, every, chance, every)


def test_scores_of_trained_models_are_not_biased_and_pooled_ones_are():
    """People of a fold who report much train the other folds' models to call much.

    Calls are random with what was learnt: balanced accuracy is 0.5, whoever is tested.
    """
    errors, inside = [], []
    for seed in range(60):
        trials = learnt_level(seed)
        row = within_target_table(trials, replace(FOLDS, permutations=1)).iloc[0]
        errors.append([row["value"] - 0.5, within_target_values(trials)[0] - 0.5])
        inside.append(row["ci_low"] <= 0.5 <= row["ci_high"])
    errors = np.array(errors)
    apart = errors.mean(axis=0) / (errors.std(axis=0, ddof=1) / np.sqrt(len(errors)))
    assert abs(apart[0]) < 2 and apart[1] < -5
    assert np.mean(inside) >= 0.92


def rejections(studies, **world):
    """Share of studies in which each test rejects at 0.05."""
    found = []
    for seed in range(studies):
        trials = trained(seed, **world)
        target = trials.within_target()
        own = [
            shifted_auc(p, one)[0]
            for p, one in zip(target.probability, target.label, strict=True)
            if 0 < one.sum() < len(one)
        ]
        people = stats.ttest_1samp(own, 0.5, alternative="greater").pvalue
        residual = residual_course_test(trials, confidence=0.95).p_value
        found.append([auc_of_any_clips(trials, 0.95).p_value, residual, people])
    return (np.array(found) <= 0.05).mean(axis=0)


def test_where_nothing_is_tracked_folds_keep_the_level_and_participants_do_not():
    any_clips, residual, people = rejections(60)
    assert any_clips <= 0.09 and residual <= 0.09
    # Participants are not independent: they share clips, and folds train each other.
    assert people > 0.2


def test_a_trend_that_all_clips_share_is_no_tracking():
    _, residual, people = rejections(30, trend=0.5)
    assert residual <= 0.04 and people > 0.4


def test_what_clips_have_of_their_own_is_found():
    any_clips, residual, _ = rejections(15, signal=0.6)
    assert any_clips > 0.7 and residual > 0.6


def test_means_of_trials_by_fold():
    """As of a stratified sample on the scale of the score; any clips where folds hold clips out."""
    generator = np.random.default_rng(3)
    fold = np.repeat([1, 2, 3], 6)
    trials = pd.DataFrame({"subject": range(18), "fold": fold, "video": fold.astype(str)})
    trials["rmse"] = np.exp(generator.normal(0, 0.1, 18))
    trials["pearson"] = np.where(fold == 3, np.nan, generator.uniform(0.1, 0.6, 18))
    found = continuous_summary(trials, FOLDS, ["rmse"], scales={"rmse": IDENTITY}).iloc[0]
    parts = [trials.loc[fold == k, "rmse"] for k in (1, 2, 3)]
    variance = np.array([p.var(ddof=1) / 6 / 9 for p in parts])
    freedom = variance.sum() ** 2 / np.sum(variance**2 / 5)
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(variance.sum())
    assert found["ci_high"] - found["value"] == pytest.approx(reach)
    means = np.array([p.mean() for p in parts])
    wide = stats.t.ppf(0.975, 2) * means.std(ddof=1) * np.sqrt(1 / 3 + 1 / 2)
    assert found["any_high"] == pytest.approx(means.mean() + wide) and found["n_folds"] == 3
    both = continuous_summary(trials, FOLDS, ["rmse", "pearson"]).set_index("metric")
    assert both.loc["pearson", ["n_trials", "n_participants", "n_folds"]].tolist() == [12, 12, 2]
    shared = continuous_summary(trials.assign(video="a"), FOLDS, ["rmse"]).iloc[0]
    assert np.isnan(shared["any_low"]) and shared["ci_low"] == both.loc["rmse", "ci_low"]
    nothing = continuous_summary(trials.assign(rmse=np.nan), FOLDS, ["rmse"]).iloc[0]
    assert nothing[["value", "ci_low", "any_low"]].isna().all() and nothing["n_trials"] == 0
