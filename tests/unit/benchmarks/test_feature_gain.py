"""The right feature set helps on held-out clips, and the wrong ones do not."""

import importlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT
from sklearn.metrics import roc_auc_score
from small_results import write_small_results

from tinglegram.errors import InputProblem
from tinglegram.files import write_table
from tinglegram.statistics.scored_trials import ScoredTrials


@pytest.fixture(scope="module")
def bench() -> SimpleNamespace:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        names = ("feature_studies", "feature_gain", "features")
        return SimpleNamespace(**{name: importlib.import_module(name) for name in names})


@pytest.fixture(scope="module")
def size(bench):
    return bench.feature_studies.Size(clips=8, seconds=12.0, people=6, folds=4)


@pytest.fixture(scope="module")
def clips(bench, size):
    return bench.feature_studies.made_clips(size, 3)


def gains(bench, clips, size, world: str, seed: int = 3) -> pd.DataFrame:
    """Return what each set adds in a world, by set: correlation on held-out clips."""
    studies, gain = bench.feature_studies, bench.feature_gain
    course = studies.felt(clips, world, size, seed)
    trials = studies.trials_of(clips, course, studies.People(), size, seed)
    sets = studies.models_of(list(studies.SETTINGS))
    models = {m: studies.predicted(trials, own, size.folds) for m, own in sets.items()}
    table = gain.gain_table(models, gain.compared_models(sets, studies.BASE))
    return table


def of(table: pd.DataFrame, what: str, score: str = "correlation") -> pd.DataFrame:
    return table[(table["what"] == what) & (table["score"] == score)].set_index("set")


def test_planted_columns_are_unlike_each_other(bench, clips, size):
    worlds = list(bench.feature_studies.PLANTED)
    courses = np.stack([bench.feature_studies.felt(clips, w, size, 3).ravel() for w in worlds])
    apart = np.corrcoef(courses) - np.eye(len(worlds))
    assert np.abs(apart).max() < 0.45


@pytest.mark.parametrize("world", ["binaural", "texture", "motion"])
def test_the_right_set_helps_and_the_wrong_ones_do_not(bench, clips, size, world):
    table = gains(bench, clips, size, world)
    added, alone = of(table, "difference"), of(table, "alone")
    assert added.loc[world, "value"] > 0.3
    assert added.loc[world, "ci_low"] > 0
    assert alone["value"].idxmax() == world and alone.loc[world, "value"] > 0.6
    assert added["value"].idxmax() == world
    for name in set(added.index) - {world}:
        assert added.loc[name, "value"] < 0.5 * added.loc[world, "value"]
    assert of(table, "difference", "roc_auc")["value"].idxmax() == world


def test_no_set_helps_where_no_feature_is_felt(bench, clips, size):
    added = of(gains(bench, clips, size, "nothing"), "difference")
    assert not (added["ci_low"] > 0).any()


def test_loudness_is_told_by_the_base(bench, clips, size):
    table = gains(bench, clips, size, "acoustic")
    assert (of(table, "without")["value"] > 0.6).all()
    assert (of(table, "difference")["value"] < 0.1).all()


def scored(probability: np.ndarray, label: np.ndarray, videos: list[str], folds: list[int]):
    names = pd.DataFrame(
        {"fold": folds, "subject": range(len(folds)), "video": videos, "condition": "ASMR"}
    )
    valid = np.ones(label.shape, bool)
    return ScoredTrials(
        names, np.zeros(len(folds), bool), label, probability > 0.5, valid, probability, valid
    )


def test_correlation_of_a_clip_known_answer(bench):
    label = np.array([[0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]], bool)
    said = np.array([[0.1, 0.2, 0.3, 0.3], [0.1, 0.4, 0.5, 0.5], [0.2, 0.3, 0.4, 0.5]])
    found = bench.feature_gain.clip_correlations(scored(said, label, ["a", "a", "b"], [1, 1, 2]))
    # Means of clip a: 0, 0.5, 1, 1 reported, 0.1, 0.3, 0.4, 0.4 predicted; of b nothing changes.
    expected = np.corrcoef([0, 0.5, 1, 1], [0.1, 0.3, 0.4, 0.4])[0, 1]
    assert found["video"].tolist() == ["a", "b"]
    assert found["correlation"][0] == pytest.approx(expected) and np.isnan(found["correlation"][1])


def test_models_are_matched_by_their_sets(bench):
    sets = {"m1": ["texture", "acoustic"], "m2": ["acoustic"], "m3": ["texture"], "m4": ["visual"]}
    (found,) = bench.feature_gain.compared_models(sets, ["acoustic"])
    assert found == ("texture", "m3", "m2", "m1")
    with pytest.raises(InputProblem, match="a model of motion alone, and models of it and one"):
        bench.feature_gain.compared_models(sets, ["motion"])


def test_folds_that_share_clips_have_no_interval(bench):
    rng = np.random.default_rng(0)
    label = rng.random((4, 20)) > 0.5
    shared = scored(rng.random((4, 20)), label, ["a"] * 4, [1, 1, 2, 2])
    one = bench.feature_gain.Compared("texture", None, "base", "both")
    table = bench.feature_gain.gain_table({"base": shared, "both": shared}, [one])
    assert set(table["what"]) == {"without", "with", "difference"}
    assert table["ci_low"].isna().all() and table["p_value"].isna().all()


def told(label: np.ndarray, probability: np.ndarray, video: str) -> pd.DataFrame:
    """Return predictions of some people and one clip as a study saves them."""
    people, steps = (part.ravel() for part in np.indices(label.shape))
    frames = {"subject": people + 1, "video": video, "condition": "calm", "step": steps}
    said = {"label": label.ravel().astype(int), "probability": probability.ravel()}
    return pd.DataFrame(
        {**frames, "valid": True, **said, "predicted": (probability.ravel() > 0.5).astype(int)}
    )


def test_models_of_a_finished_study(bench, tmp_path):
    """A model that knows everything beside one that knows nothing."""
    results = write_small_results(tmp_path / "small")
    config = yaml.safe_load((results / "config.yaml").read_text())
    sets = {"base": ["acoustic"], "both": ["acoustic", "texture"], "other": ["visual"]}
    config["models"] = {m: {"kind": "xgboost", "modalities": own} for m, own in sets.items()}
    config["responses"]["target"]["condition"] = None
    (results / "config.yaml").write_text(yaml.safe_dump(config))
    rng = np.random.default_rng(1)
    write_table(pd.DataFrame({"fold": [1, 2, 2]}), results / "described/folds.tsv")
    expected = []
    for fold, video in ((1, "sea"), (2, "rain")):
        label = rng.random((3, 10)) > 0.5
        unknown = rng.random(label.shape)
        aucs = [roc_auc_score(*one) for one in zip(label, unknown, strict=True)]
        expected.append(np.mean(aucs))
        for model, said in (("base", unknown), ("both", 0.2 + 0.6 * label)):
            place = results / f"described/models/{model}/fold{fold}/predictions.parquet"
            write_table(told(label, said, video), place)
    table = bench.feature_gain.of_study(results, "described", ["acoustic"], "xgboost")
    assert set(table["set"]) == {"texture"}
    found = table[table["score"] == "roc_auc"].set_index("what")["value"]
    assert found["with"] == 1 and found["without"] == pytest.approx(np.mean(expected))
    assert found["difference"] == pytest.approx(1 - np.mean(expected))
    correlation = table[table["score"] == "correlation"].set_index("what")["value"]
    assert correlation["with"] == pytest.approx(1) and correlation["without"] < 0.9
    with pytest.raises(InputProblem, match="a model of acoustic alone"):
        bench.feature_gain.of_study(results, "described", ["acoustic"], "bilstm")


def test_pages_hold_every_world_and_set(bench, clips, size):
    tables = {"texture": gains(bench, clips, size, "texture")}
    page = bench.features.planted_page([tables, tables], size)
    assert "8 clips of 12 s, of which 4 folds hold out 2 each" in page
    assert page.count("| texture ") == 2 and page.count("+ motion") == 2
    assert "in 2 of 2 cases where it is the right one" in page
    assert "difference" in bench.feature_gain.printed(tables["texture"]).columns
