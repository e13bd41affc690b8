"""Feature sets in trials: each clip's values, column order, clips without the stream."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.models.boosting import frames
from tinglegram.models.perturbations import PERTURBATIONS, shifted_stimulus
from tinglegram.models.ridge import fit_ridge, predict_ridge
from tinglegram.models.standardise import fit_scaling, standardise, stored_scaling
from tinglegram.models.value_settings import RidgeFit
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import Split, Trials, on_clips, ordered

CLIPS = {"a": "x", "b": "y", "c": "x"}
T, SHORT, FIRST = 12, 8, 9
LOG = (1, 2)


def clip_values(rng: np.random.Generator, width: int) -> dict[str, dict[str, np.ndarray]]:
    """Values of every clip; the second is shorter."""
    return {
        clip: {"values": rng.normal(size=(SHORT if clip == "b" else T, width)).astype("f4")}
        for clip in CLIPS
    }


@pytest.fixture
def files() -> dict:
    """Reports of four people, of whom each saw another clip first, and features of the clips."""
    rng = np.random.default_rng(1)
    rows = []
    for subject in (1, 2, 3, 4):
        for place, clip in enumerate(CLIPS):
            order = (place - subject) % 3
            n = SHORT if clip == "b" else FIRST if order == 0 else T
            rows += [(subject, clip, order, step, rng.integers(0, 4)) for step in range(n)]
    stimuli = {
        clip: {"acoustic": rng.uniform(0, 9, (SHORT if clip == "b" else T, 4)).astype("f4")}
        for clip in CLIPS
    }
    return {
        "ratings": pd.DataFrame(rows, columns=["subject", "video", "order", "step", "rating"]),
        "stimuli": stimuli,
        "features": {"texture": clip_values(rng, 3), "motion": clip_values(rng, 2)}
        | {"zoo": clip_values(rng, 2), "ant": clip_values(rng, 1)},
    }


def build(files: dict, modalities: list[str], **changes) -> Trials:
    given = {"steps": T, "steps_of": {"b": SHORT}, "grid": 10.0, "pulse": {}, "log_columns": LOG}
    given |= files | changes
    return assemble(given.pop("ratings"), CLIPS, modalities=modalities, **given)


def test_columns_run_in_one_order():
    every = ["zoo", "motion", "pulse", "ant", "binaural", "temperature", "visual", "texture"]
    assert ordered(every) == (
        *("visual", "pulse", "temperature"),
        *("binaural", "texture", "motion"),
        *("ant", "zoo"),
    )
    assert [name for name in every if not on_clips(name)] == ["pulse", "temperature"]


def test_a_set_stands_beside_other_features_as_its_files_say(files):
    names = ["zoo", "motion", "texture", "acoustic", "ant"]
    trials = build(files, names)
    assert trials.width(names) == 4 + 3 + 2 + 1 + 2
    rows = np.arange(len(trials.subject))
    found = trials.features(rows, names)
    assert trials.features(rows, names[::-1]).tobytes() == found.tobytes()
    for row in rows:
        clip, n = str(trials.video[row]), trials.n_steps[row]
        parts = [files["features"][name][clip]["values"][:n] for name in ordered(names)[1:]]
        assert np.array_equal(found[row, :n, 4:], np.concatenate(parts, axis=1))
        assert not found[row, n:].any()
    # A trial that was cut off has the values of the whole clip until then.
    first = np.flatnonzero((trials.order == 0) & (trials.video == "a"))[0]
    assert trials.n_steps[first] == FIRST


def test_only_sets_that_are_used_are_asked_for(files):
    trials = build(files, ["motion"], features={"motion": files["features"]["motion"]})
    with pytest.raises(TinglegramError, match="without the modality texture"):
        trials.stream("texture")
    assert set(trials.feature_sets) == {"motion"}


def test_a_clip_without_the_stream_holds_zeros_and_says_nothing(files):
    del files["features"]["motion"]["c"]["values"]
    trials = build(files, ["motion", "texture"], lacking={"motion": ["c"]})
    rows = np.arange(len(trials.subject))
    assert (
        trials.without_stream["motion"].tolist() == [2] and "texture" not in trials.without_stream
    )
    without = trials.video == "c"
    assert not trials.features(rows, ["motion"])[without].any()
    scalings = fit_scaling(trials, rows, ["motion", "texture"])
    scaled = standardise(trials, scalings).features(rows, ["motion"])
    assert not scaled[without].any()
    seen = scaled[~without][trials.valid[~without]]
    assert np.allclose(seen.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(seen.std(axis=0), 1, atol=1e-5)
    # As its file, scalings are found again by name.
    arrays = {f"scaling.{name}.mean": own.mean for name, own in scalings.items()}
    arrays |= {f"scaling.{name}.sd": own.sd for name, own in scalings.items()}
    again = standardise(trials, stored_scaling(arrays | {"weights": rows}))
    assert again.features(rows, ["motion"]).tobytes() == scaled.tobytes()
    # The scale of what a network of values predicts is none of a feature.
    assert stored_scaling({"scaling.values.mean": rows, "scaling.values.sd": rows}) == {}


def test_what_a_set_lacks_is_told(files):
    with pytest.raises(InputProblem, match="texture of b: expected an array values, found nothing"):
        del files["features"]["texture"]["b"]
        build(files, ["texture"])
    with pytest.raises(InputProblem, match=r"motion of b, values: expected 8 steps, found 12"):
        files["features"]["motion"]["b"] = files["features"]["motion"]["a"]
        build(files, ["motion"])
    with pytest.raises(InputProblem, match="ant of c: expected 1 columns, as of a, found 2"):
        files["features"]["ant"]["c"] = files["features"]["zoo"]["c"]
        build(files, ["ant"])
    with pytest.raises(InputProblem, match="smell of a: expected an array values, found nothing"):
        build(files, ["smell"])
    with pytest.raises(InputProblem, match="expected zoo features of at least one clip"):
        build(files, ["zoo"], lacking={"zoo": list(CLIPS)})


@pytest.mark.parametrize("seed", range(5))
def test_sets_come_round_with_the_other_features(files, seed):
    trials = build(files, ["acoustic", "texture", "ant"])
    found = shifted_stimulus(trials, seed)
    for clip, steps in enumerate((T, SHORT, T)):
        before, after = (t.acoustic[2 * clip, :steps] for t in (trials, found))
        shift = next(s for s in range(1, steps) if np.array_equal(np.roll(before, s, 0), after))
        for name in ("texture", "ant"):
            own = trials.feature_sets[name][clip]
            assert np.array_equal(
                found.feature_sets[name][clip, :steps], np.roll(own[:steps], shift, axis=0)
            )
            assert not found.feature_sets[name][clip, steps:].any()
    alone = shifted_stimulus(build(files, ["texture"]), seed)
    assert np.array_equal(alone.feature_sets["texture"], found.feature_sets["texture"])
    shifted = PERTURBATIONS["shifted_stimulus"].changes
    assert [n for n in ("visual", "ant", "motion", "pulse", "eda") if shifted(n)] == [
        *("visual", "ant", "motion")
    ]


def test_trees_see_the_same_frames_as_the_features(files):
    trials = build(files, ["motion", "ant"])
    matrix, labels = frames(trials, np.array([1, 5]), ["ant", "motion"], "masked")
    n = trials.n_steps[[1, 5]]
    dense = trials.features([1, 5], ["motion", "ant"])
    assert np.array_equal(matrix, np.concatenate([dense[0, : n[0]], dense[1, : n[1]]]))
    assert len(labels) == n.sum()


def test_ridge_finds_a_value_that_a_set_tells(files):
    trials = build(files, ["texture", "acoustic"])
    texture, _ = trials.stream("texture")
    told = np.where(trials.valid, 2 + 3 * texture[trials.clip_index, :, 1], 0.0)
    trials = replace(trials, ratings=told)
    fold = Split(1, np.flatnonzero(trials.subject < 3), np.array([], int), np.array([9, 10, 11]))
    fit = RidgeFit(lags=(0.0,), penalties=(1e-6,))
    fitted = fit_ridge(trials, fold, ["texture", "acoustic"], fit)
    shown = trials.valid[fold.test]
    assert np.allclose(fitted.predicted[shown], told[fold.test][shown], atol=1e-3)
    other = fit_ridge(trials, fold, ["acoustic"], fit)
    assert np.abs(other.predicted[shown] - told[fold.test][shown]).max() > 1
    again = predict_ridge(trials, fold.test, ["acoustic", "texture"], fitted.arrays)
    assert np.array_equal(again, fitted.predicted)
