"""Scores of predicted values: known answers, pairs of trials, and what is counted."""

import numpy as np
import pandas as pd
import pytest
from test_pooled import settings

from tinglegram.errors import InputProblem
from tinglegram.statistics.regression import (
    COVERS,
    regression_differences,
    regression_summary,
    trial_scores,
)

SETTINGS = settings(seed=1, p_value="plus_one", confidence=0.9, bootstrap=300, permutations=1)
KINDS = {"line": "ridge", "level": "baseline", "others": "noise_ceiling"}


def predictions(series, valid=None) -> pd.DataFrame:
    """One fold from (subject, video) -> reported and predicted values."""
    rows = [
        (subject, video, "x", step, step / 10, step < (valid or {}).get(subject, 99), *pair)
        for (subject, video), both in series.items()
        for step, pair in enumerate(zip(*both, strict=True))
    ]
    columns = ["subject", "video", "condition", "step", "time_s", "valid", "reported", "predicted"]
    return pd.DataFrame(rows, columns=columns)


def table() -> pd.DataFrame:
    """Three people in two folds; a shift by 1, an exact match, a constant report."""
    x = [1.0, 2.0, 3.0, 4.0]
    folds = {
        "line": [
            predictions({(1, "a"): (x, [2, 3, 4, 5]), (2, "a"): ([*x, 9], [*x, 0])}, {2: 4}),
            predictions({(3, "b"): ([2.0] * 4, [2, 2, 2, 4])}),
        ],
        "level": [
            predictions({(1, "a"): (x, [2.5] * 4), (2, "a"): ([*x, 9], [2.5] * 5)}, {2: 4}),
            predictions({(3, "b"): ([2.0] * 4, [2.0] * 4)}),
        ],
        "others": [
            predictions({(1, "a"): (x, x), (2, "a"): ([*x, 9], [*x, 9])}, {2: 4}),
            predictions({(3, "b"): ([2.0] * 4, x)}),
        ],
    }
    return pd.concat([trial_scores(tables, name) for name, tables in folds.items()])


def test_every_trial_is_scored_by_itself_without_padding():
    line = table().query("model == 'line'")
    assert list(line["fold"]) == [1, 1, 2] and list(line["n_frames"]) == [4, 4, 4]
    assert line["concordance"].to_numpy() == pytest.approx([2.5 / 3.5, 1, 0])
    assert line["rmse"].to_numpy() == pytest.approx([1, 0, 1])
    assert line["pearson"].to_numpy() == pytest.approx([1, 1, np.nan], nan_ok=True)
    assert line["constant_report"].tolist() == [False, False, True]


def test_undefined_and_constant_trials_are_counted():
    found = regression_summary(table(), KINDS, SETTINGS).set_index(["model", "metric"])
    assert found.index.get_level_values(0).unique().tolist() == list(KINDS)
    columns = ["value", "n_trials", "n_undefined", "n_constant", "n_participants"]
    assert found.loc[("line", "pearson"), columns].tolist() == pytest.approx([1, 2, 1, 1, 2])
    assert found.loc[("line", "rmse"), columns].tolist() == pytest.approx([2 / 3, 3, 0, 1, 3])
    # A level has concordance 0, and none with a report of the same level; it has no Pearson's r.
    assert found.loc[("level", "concordance"), columns].tolist() == pytest.approx([0, 2, 1, 1, 2])
    assert np.isnan(found.loc[("level", "pearson"), "value"])
    assert set(found["covers"]) == {COVERS} and "these clips" in COVERS


def test_differences_are_paired_by_trial():
    trials = table()
    # The ceiling knows one more trial, which the model was not tested on.
    more = trials.query("model == 'others' and subject == 1").assign(subject=4, rmse=50.0)
    found = regression_differences(
        pd.concat([trials, more]),
        ["line"],
        {name: kind for name, kind in KINDS.items() if name != "line"},
        SETTINGS,
    ).set_index(["baseline", "metric"])
    own, other = (trials[trials["model"] == name]["rmse"].to_numpy() for name in ("line", "others"))
    row = found.loc[("others", "rmse")]
    assert row["mean_difference"] == pytest.approx(np.mean(own - other))
    assert (row["kind"], row["n_trials"], row["n_participants"]) == ("noise_ceiling", 3, 3)
    assert found.loc[("level", "pearson"), ["n_trials", "n_undefined"]].tolist() == [0, 3]
    assert np.isnan(found.loc[("level", "pearson"), "mean_difference"])
    assert found.loc[("level", "concordance"), "n_trials"] == 2
    assert not any(name.startswith("p_") for name in found.columns)


def test_the_interval_of_a_difference_is_that_of_participants():
    """Ten people with 4 trials each: a difference that is the same in all trials of a person."""
    rng = np.random.default_rng(0)
    own = rng.normal(size=10)
    rows = [
        (model, 1, subject, f"v{clip}", float(model == "m") * own[subject], False)
        for model in ("m", "b")
        for subject in range(10)
        for clip in range(4)
    ]
    columns = ["model", "fold", "subject", "video", "rmse", "constant_report"]
    trials = pd.DataFrame(rows, columns=columns).assign(concordance=0.0, pearson=0.0)
    (row,) = (
        regression_differences(trials, ["m"], {"b": "baseline"}, SETTINGS)
        .query("metric == 'rmse'")
        .to_dict("records")
    )
    half = 1.645 * own.std() / np.sqrt(10)
    assert row["mean_difference"] == pytest.approx(own.mean())
    assert row["ci_low"] == pytest.approx(own.mean() - half, abs=0.12)
    assert row["ci_high"] == pytest.approx(own.mean() + half, abs=0.12)


def test_a_model_that_lacks_people_meets_the_resamples_of_the_others():
    rng = np.random.default_rng(2)
    scores = {name: rng.normal(size=8) for name in ("concordance", "rmse", "pearson")}
    own = pd.DataFrame({"fold": 1, "subject": range(8), "video": "a", **scores})
    own = own.assign(constant_report=False)
    # The same model with another person, of whom it has no score either.
    other = pd.concat([own, own.iloc[[0]].assign(subject=9, **dict.fromkeys(scores, np.nan))])
    level = other.assign(**dict.fromkeys(scores, 0.0))
    named = {"few": own, "all": other, "level": level}
    trials = pd.concat([rows.assign(model=name) for name, rows in named.items()])
    columns = ["metric", "ci_low", "ci_high"]
    for found in (
        regression_summary(trials, {"few": "ridge", "all": "ridge"}, SETTINGS),
        regression_differences(trials, ["few", "all"], {"level": "baseline"}, SETTINGS),
    ):
        few, every = (found[found["model"] == name][columns] for name in ("few", "all"))
        assert few.to_numpy().tolist() == every.to_numpy().tolist()


def test_a_clip_seen_again_is_two_trials():
    again = predictions({(1, "a"): ([1.0, 2.0], [1, 2])})
    fold = pd.concat([again.assign(order=0), again.assign(order=3, predicted=[2.0, 1.0])])
    found = trial_scores([fold], "m")
    assert found["order"].tolist() == [0, 3]
    assert found["concordance"].to_numpy() == pytest.approx([1, -1])


def test_trials_without_a_ceiling_are_counted_as_undefined():
    x = [1.0, 2.0, 3.0]
    nothing = [np.nan] * 3
    fold = predictions({(1, "a"): (x, x), (2, "b"): (x, nothing), (3, "c"): ([2.0] * 3, nothing)})
    found = trial_scores([fold], "human_agreement")
    assert found["concordance"].to_numpy() == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert found["constant_report"].tolist() == [False, False, True]
    line = trial_scores([fold.assign(predicted=fold["reported"])], "line")
    ceiling = {"human_agreement": "noise_ceiling"}
    rows = regression_summary(found, ceiling, SETTINGS)
    apart = regression_differences(pd.concat([found, line]), ["line"], ceiling, SETTINGS)
    for table in (rows, apart):
        assert table["n_trials"].tolist() == [1] * 3 and table["n_undefined"].tolist() == [2] * 3
    # A model must say something of every trial, and the ceiling of every step.
    for model, told in (("line", nothing), ("human_agreement", [1.0, np.nan, 2.0])):
        with pytest.raises(InputProblem, match="without a value"):
            trial_scores([predictions({(1, "a"): (x, told)})], model)


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        ([predictions({(1, "a"): ([1.0], [np.nan])})], "1 without a value"),
        ([predictions({(1, "a"): ([1.0], [1])})] * 2, "trials that come twice"),
        ([predictions({}), predictions({})], "0 frames"),
    ],
)
def test_predictions_that_cannot_be_scored_are_refused(folds, words):
    with pytest.raises(InputProblem, match=words):
        trial_scores(folds, "m")
