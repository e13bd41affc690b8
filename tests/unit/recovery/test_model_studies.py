"""Studies of trained models: what trains, what is true, and what the statistics find."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted import COHORT, DRAWS, STILL, made
from scipy.stats import ttest_1samp

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.recovery.model_studies import (
    CURRENT,
    CURVE,
    EARLIER,
    LEVEL,
    MATCHING,
    READINGS,
    WorldTruth,
    model_topic,
)
from tinglegram.recovery.planted_models import SIZES, balanced, train_planted
from tinglegram.recovery.planted_truths import (
    expected_values,
    means_over_folds,
    rows_of,
    target_ranking,
)
from tinglegram.recovery.results import FOLD_AUC, run_studies
from tinglegram.recovery.summaries import fold_dependence, mean_correlation, summarise_studies
from tinglegram.recovery.trained_studies import (
    PlantedWorld,
    as_scored,
    fitted_predictions,
    fold_aucs,
    planted_folds,
    planted_people,
    planted_study,
    scored_people,
    trained_again,
)
from tinglegram.statistics.model_tables import model_tables
from tinglegram.statistics.trial_level import TrialLevel

FOLDS = planted_folds(COHORT)


def run(kind, studies, **parameters):
    return run_studies(
        model_topic(kind),
        COHORT,
        DRAWS,
        topic="trained",
        cell="x",
        parameters={"features": 4, **parameters},
        first=1,
        studies=studies,
        seed=1,
    )


@pytest.mark.parametrize("world", [{}, {"own_features": 1, "own": 0.5}])
def test_truths_are_the_values_of_the_tables(world):
    """Of the study's own people, the values among very many people are those of the tables."""
    study = made(signal=0.3, **world)
    predicted = [fitted_predictions(study, fold, STILL)[0] for fold in FOLDS]
    trials = as_scored(COHORT, study, FOLDS, predicted)
    level = TrialLevel(video_level_resampling="participants")
    asked = {
        "share": LEVEL.video_threshold,
        "tolerance": MATCHING.event_tolerance,
        "bins": CURVE.calibration_bins,
        "grid": COHORT.timing.grid,
    }
    pooled = expected_values(trials, **asked)
    truths = {EARLIER: pooled, CURRENT: pooled | means_over_folds(trials, **asked)}
    for way, of_way in truths.items():
        tables = model_tables(
            trials, DRAWS.settings(1, way), level, MATCHING, CURVE, grid=COHORT.timing.grid
        )
        rows = rows_of(tables)
        for table, values in of_way.items():
            for row, value in values.items():
                # Lines and the residual are of `folds` alone.
                if row in rows[table] or way == CURRENT:
                    found = rows[table][row]["value"]
                    assert value == pytest.approx(found, nan_ok=True, abs=1e-6), (way, row)
    assert {(r.table, r.row) for r in READINGS} <= {(t, r) for t in rows for r in rows[t]}


def test_every_column_that_is_read_is_there():
    study = made(signal=0.3)
    predicted = [fitted_predictions(study, fold, STILL)[0] for fold in FOLDS]
    trials = as_scored(COHORT, study, FOLDS, predicted)
    for way in (EARLIER, CURRENT):
        settings = DRAWS.settings(1, way)
        rows = rows_of(model_tables(trials, settings, LEVEL, MATCHING, CURVE, grid=10))
        for reading in (one for one in READINGS if one.way == way):
            columns = {*(reading.ends or ()), *filter(None, [reading.p_value])}
            assert columns <= set(rows[reading.table][reading.row]), reading


@pytest.mark.parametrize("kind", ["ridge", "xgboost"])
def test_models_know_what_is_planted_and_nobody_they_test(kind):
    study = made(signal=0.9, features=2)
    label = study.label.copy()
    label[FOLDS[0].people] = label[:, FOLDS[0].clips] = False
    hidden = replace(study, label=label)
    first, second = (train_planted(kind, one, FOLDS[0], 1)(None) for one in (study, hidden))
    np.testing.assert_array_equal(first, second)
    target = FOLDS[0].clips[~study.control[FOLDS[0].clips]]
    course = study.label[:, target[0]].mean(axis=0)
    assert np.corrcoef(first[list(FOLDS[0].clips).index(target[0])], course)[0, 1] > 0.5


def test_a_network_learns_a_course_of_the_person():
    cohort = SIZES["bilstm"].of(COHORT)
    assert (cohort.participants, cohort.timing.grid) == (16, 2)
    world = PlantedWorld(features=1, own_features=1, own=0.95)
    study, fold = planted_study(cohort, world, np.random.default_rng(4)), planted_folds(cohort)[0]
    own = study.own[np.ix_(fold.people, fold.clips)]
    said = train_planted("bilstm", study, fold, 1)(own)
    assert said.shape == study.label[np.ix_(fold.people, fold.clips)].shape
    again = train_planted("bilstm", study, fold, 1)(own[:2])
    np.testing.assert_allclose(again, said[:2], atol=1e-6)
    target = ~study.control[fold.clips]
    # Viewers of a clip differ in what is said of them only by their own course.
    assert said[:, target].std(axis=0).mean() > 0.02


def test_a_model_that_knows_nothing_says_one_half():
    assert balanced(np.array([0.2]), 0.2) == pytest.approx(0.5)
    # Odds of 0.4 are 2/3; reports are as likely as not where they are a third.
    assert balanced(np.array([0.4]), 1 / 3) == pytest.approx((4 / 3) / (7 / 3))
    assert (np.diff(balanced(np.linspace(0.05, 0.95, 9), 0.2)) > 0).all()
    study, fold = made(), FOLDS[0]
    alike, plain = (train_planted("ridge", study, fold, 1, weighted=w)(None) for w in (True, False))
    assert (alike > plain).all() and study.label.mean() < 0.5
    assert ((balanced(np.array([-1.0, 2.0]), 0.2) > 0) & (balanced(np.array([2.0]), 0.2) < 1)).all()


def test_other_people_see_the_same_clips():
    study, world = made(signal=0.3), PlantedWorld(features=3, signal=0.3)
    crowd = [replace(fold, people=np.arange(300) + 300 * i) for i, fold in enumerate(FOLDS)]
    generator = np.random.default_rng(5)
    labels = [planted_people(COHORT, world, study, f.clips, 300, generator)[0] for f in FOLDS]
    said = [train_planted("ridge", study, fold, 1)(None) for fold in FOLDS]
    trials = scored_people(COHORT, crowd, labels, said)
    assert trials.names["subject"].nunique() == 1200
    # Report by report, on average, as the people of the study.
    for fold, label in zip(FOLDS, labels, strict=True):
        for place, clip in enumerate(fold.clips):
            many, few = label[:, place].mean(axis=0), study.label[:, clip].mean(axis=0)
            assert abs(many - few).mean() < 0.2


def test_what_is_true_of_a_world():
    null = WorldTruth.of(PlantedWorld(features=3), 0.6)
    assert null == WorldTruth(
        follows=False, ranks=False, viewers=False, category=True, better=False
    )
    trend = WorldTruth.of(PlantedWorld(features=3, trend=0.5, category=0), 0.6)
    assert (trend.follows, trend.ranks, trend.category) == (False, True, False)
    assert not WorldTruth.of(PlantedWorld(features=3, signal=0.5), 0.0).ranks
    own = WorldTruth.of(PlantedWorld(features=3, own_features=1, own=0.4), 0.6)
    assert own.follows and own.viewers
    assert WorldTruth.of(PlantedWorld(features=3, signal=0.2, other=0.0), 0.6).better


def found_by(studies, **world):
    """Return the shares of studies in which three tests of tracking reject, over ridge alone."""
    hits = np.zeros(3)
    for seed in range(studies):
        study, generator = made(seed=seed, features=4, **world), np.random.default_rng(seed)
        predicted = [fitted_predictions(study, fold, STILL)[0] for fold in FOLDS]
        trials = as_scored(COHORT, study, FOLDS, predicted)
        folds = corrected_fold_test(fold_aucs(trials), 0.5, 0.95).p_value
        ranks = target_ranking(trials.within_target(), trials.within_target().probability)[0]
        ranks = ranks[~np.isnan(ranks)]
        people = ttest_1samp(ranks, 0.5, alternative="greater").pvalue
        shifts = generator.integers(0, 250, (99, 8))
        again = trained_again(study, FOLDS, np.vstack([STILL, shifts]))
        retrained = (1 + np.sum(again[1:] >= again[0])) / 100
        hits += np.array([folds, people, retrained]) <= 0.05
    return hits / studies


def test_what_the_tests_find():
    """A t over people rejects far too often without any signal; what is kept finds one."""
    folds, people, retrained = found_by(100)
    assert folds <= 0.11 and retrained <= 0.11 and people >= 0.15
    assert found_by(12, signal=0.5)[2] >= 0.75


def test_studies_hold_every_reading_and_the_folds():
    table = run("ridge", 2, own_features=1)
    names = {(r.result + ", " + r.population, r.test) for r in READINGS}
    assert names <= set(zip(table["result"], table["test"], strict=True))
    assert (table.loc[table["result"] == FOLD_AUC, "test"].value_counts() == 2).all()
    viewers = table[table["test"].str.contains("reports exchanged")]
    assert len(viewers) and viewers["null"].all()
    assert table["p_value"].dropna().between(0, 1).all()


def test_how_folds_depend_on_each_other():
    generator = np.random.default_rng(3)
    shared = generator.normal(size=(500, 1))
    values = np.sqrt(0.4) * shared + np.sqrt(0.6) * generator.normal(size=(500, 4))
    rows = [
        ("trained", "x", study, FOLD_AUC, str(fold), value)
        for study, of_study in enumerate(values)
        for fold, value in enumerate(of_study, 1)
    ]
    names = ["topic", "cell", "study", "result", "test", "estimate"]
    (row,) = fold_dependence(pd.DataFrame(rows, columns=names)).to_dict("records")
    assert (row["studies"], row["folds"], row["assumed"]) == (500, 4, 0.25)
    assert row["correlation_low"] < 0.4 < row["correlation_high"]
    assert 0.02 < row["correlation_high"] - row["correlation"] < 0.1


def test_an_interval_for_any_clips_is_held_against_the_mean_of_studies():
    table = run("ridge", 3)
    rows = table[
        (table["result"] == "macro F1, any clips") & (table["test"].str.startswith("corr"))
    ]
    assert rows["truth"].isna().all()
    summary = summarise_studies(table, 0.95).set_index(["result", "test"])
    row = summary.loc[("macro F1, any clips", "corrected t over folds")]
    assert row["truth"] == pytest.approx(rows["estimate"].mean()) and row["n_intervals"] == 3
    assert row["bias"] == 0 or np.isnan(row["bias"])


def test_mean_correlation_of_columns():
    generator = np.random.default_rng(2)
    shared = generator.normal(size=(4000, 1))
    values = np.sqrt(0.25) * shared + np.sqrt(0.75) * generator.normal(size=(4000, 4))
    assert mean_correlation(values) == pytest.approx(0.25, abs=0.03)
    assert np.isnan(mean_correlation(values[:2])) and np.isnan(mean_correlation(np.ones((9, 2))))
