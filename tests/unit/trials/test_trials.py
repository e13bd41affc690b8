"""Trials assembled from shared matrices equal the plain dense matrices of the released code."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import class_counts, ordered, prediction_table, split

CLIPS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature", "vid6": "Nature"}
T, FIRST, VISUAL, MFCC = 12, 9, 5, 3
ACOUSTIC = MFCC + 4
ALL = ("visual", "acoustic", "pulse")
# Order of the clips for each person.
SHOWN = {3: ["vid1", "vid5", "vid2", "vid6"], 20: ["vid6", "vid2", "vid5", "vid1"]}


@pytest.fixture()
def files():
    """Labels, stimuli and pulse of two people, as read from their files."""
    rng = np.random.default_rng(0)
    stimuli = {
        clip: {
            "visual": rng.normal(size=(T, VISUAL)).astype("f4"),
            "acoustic": rng.uniform(0, 3000, (T, ACOUSTIC)).astype("f4"),
            "acoustic_first": rng.uniform(0, 3000, (FIRST, ACOUSTIC)).astype("f4"),
        }
        for clip in CLIPS
    }
    rows, pulse = [], {}
    for subject, clips in SHOWN.items():
        pulse[subject] = {}
        for order, clip in enumerate(clips):
            n = FIRST if order == 0 else T
            pulse[subject][clip] = rng.normal(size=n).astype("f4")
            rows += [(subject, clip, order, step, rng.integers(0, 4)) for step in range(n)]
    labels = pd.DataFrame(rows, columns=["subject", "video", "order", "step", "rating"])
    return {"labels": labels, "stimuli": stimuli, "pulse": pulse}


def build(files, modalities=ALL, **changes):
    options = {"steps": T, "grid": 10.0, "log_columns": (MFCC + 1, MFCC + 2)} | files | changes
    return assemble(options.pop("labels"), CLIPS, modalities=modalities, **options)


def dense(files):
    """Every trial's features written out in full, as the released code stores them."""
    matrices = {}
    for (subject, clip), rows in files["labels"].groupby(["subject", "video"]):
        first = rows["order"].iloc[0] == 0
        stimulus = files["stimuli"][clip]
        acoustic = stimulus["acoustic_first" if first else "acoustic"].copy()
        acoustic[:, [MFCC + 1, MFCC + 2]] = np.log1p(acoustic[:, [MFCC + 1, MFCC + 2]])
        n = len(rows)
        matrix = np.zeros((T, VISUAL + ACOUSTIC + 1), dtype="f4")
        matrix[:n, :VISUAL] = stimulus["visual"][:n]
        matrix[:n, VISUAL:-1] = acoustic[:n]
        matrix[:n, -1] = files["pulse"][subject][clip]
        matrices[subject, clip] = matrix
    return matrices


def test_features_equal_the_dense_matrices(files):
    trials, plain = build(files), dense(files)
    keys = list(zip(trials.subject, trials.video, strict=True))
    assert keys == [(s, c) for s in (3, 20) for c in CLIPS]
    assert np.array_equal(trials.features(range(8), ALL), np.stack([plain[key] for key in keys]))
    assert np.array_equal(trials.features([6, 1], ALL)[0], plain[keys[6]])


@pytest.mark.parametrize(
    ("modalities", "columns"),
    [
        (["visual"], slice(0, VISUAL)),
        (["acoustic"], slice(VISUAL, -1)),
        (["pulse"], slice(-1, None)),
        (["pulse", "acoustic"], slice(VISUAL, None)),
    ],
)
def test_a_subset_needs_no_other_files_and_keeps_the_column_order(files, modalities, columns):
    given = dict(files)
    if modalities == ["pulse"]:
        given["stimuli"] = {}
    if "pulse" not in modalities:
        given["pulse"] = {}
    trials, plain = build(given, modalities), dense(files)
    found = trials.features([0, 5], modalities)
    expected = np.stack([plain[3, "vid1"], plain[20, "vid2"]])[..., columns]
    assert np.array_equal(found, expected)
    missing = next(m for m in ALL if m not in modalities)
    with pytest.raises(TinglegramError, match=f"without the modality {missing}"):
        trials.features([0], [missing])


def test_labels_padding_and_order(files):
    trials = build(files)
    assert trials.n_steps.tolist() == [FIRST, T, T, T, T, T, T, FIRST]
    assert np.array_equal(trials.valid.sum(1), trials.n_steps)
    asmr = trials.condition == "ASMR"
    assert np.array_equal(trials.labels[asmr], trials.ratings[asmr] > 0)
    assert not trials.labels[~asmr].any() and trials.ratings[~asmr].any()
    assert not trials.labels[~trials.valid].any()
    assert np.array_equal(
        build(files, target=ResponseTarget(condition="Nature")).labels[~asmr],
        trials.ratings[~asmr] > 0,
    )


def test_clip_features_are_shared_not_copied(files):
    trials = build(files)
    assert trials.visual.shape == (4, T, VISUAL)
    assert trials.acoustic.shape == (8, T, ACOUSTIC)


def test_standardised_features_are_those_of_the_dense_training_frames(files):
    trials = build(files)
    rows = np.array([0, 1, 4, 7])
    scaled = standardise(trials, fit_scaling(trials, rows, ALL))
    frames = trials.features(rows, ALL)[trials.valid[rows]].astype("f8")
    expected = (trials.features(range(8), ALL) - frames.mean(0)) / frames.std(0)
    expected[~trials.valid] = 0
    assert np.allclose(scaled.features(range(8), ALL), expected, atol=1e-4)
    seen = scaled.features(rows, ALL)[trials.valid[rows]]
    assert np.allclose(seen.mean(0), 0, atol=1e-5) and np.allclose(seen.std(0), 1, atol=1e-5)


def test_a_constant_column_is_only_centred(files):
    trials = build(files)
    flat = dataclasses.replace(trials, visual=np.full_like(trials.visual, 0.1))
    scaled = standardise(flat, fit_scaling(flat, np.array([0, 1]), ["visual"]))
    assert np.abs(scaled.visual).max() < 1e-6


def test_class_counts_with_padding_counted_and_masked(files):
    trials = build(files)
    rows = np.array([0, 1, 2])
    ones = int(trials.labels[rows].sum())
    assert class_counts(trials, rows, "counted", 1) == (3 * T - ones, ones)
    assert class_counts(trials, rows, "masked", 1) == (2 * T + FIRST - ones, ones)


def test_an_absent_class_names_the_fold(files):
    with pytest.raises(TinglegramError, match="training frames of fold 3 is of class 0"):
        class_counts(build(files), np.array([2, 3]), "masked", 3)


def test_split_finds_rows_and_reports_what_is_missing(files):
    trials = build(files)
    folds = pd.DataFrame(
        [(1, 20, "vid1", "test"), (1, 3, "vid2", "train"), (1, 3, "vid6", "validation")]
        + [(1, 3, "vid5", "train"), (1, 3, "vid1", "unused"), (2, 3, "vid1", "test")],
        columns=["fold", "subject", "video", "role"],
    )
    found = split(trials, folds, 1)
    assert found.train.tolist() == [1, 2]
    assert found.validation.tolist() == [3] and found.test.tolist() == [4]
    with pytest.raises(TinglegramError, match="Fold 2 has no train trial"):
        split(trials, folds, 2)
    with pytest.raises(TinglegramError, match="Fold 1 lists subject 7, vid2, which has no labels"):
        split(trials, folds.replace({"subject": {3: 7}}), 1)


def test_a_fold_that_tests_who_has_no_pulse_says_so(files):
    trials = build(files)
    folds = pd.DataFrame(
        {"fold": 1, "subject": [3, 3, 20], "video": ["vid1", "vid2", "vid1"]}
    ).assign(role=["train", "validation", "test"])
    with pytest.raises(TinglegramError, match="uses the pulse, which is not there for subject 20"):
        split(trials, folds, 1, without={20: "pulse"})
    folds.loc[3] = [1, 3, "vid5", "test"]
    assert len(split(trials, folds, 1, without={20: "pulse"}).test) == 1


def test_prediction_table(files):
    trials = build(files)
    probability = np.full((2, T), 0.5)
    probability[1] = 0.75
    table = prediction_table(trials, np.array([7, 0]), probability)
    assert len(table) == 2 * T and table["subject"].tolist() == [20] * T + [3] * T
    assert table["predicted"].tolist() == [0] * T + [1] * T
    assert table["time_s"].iloc[T - 1] == (T - 1) / 10
    assert table["valid"].sum() == 2 * FIRST and not table[~table["valid"]]["rating"].any()
    assert table["label"].iloc[:T].sum() == 0
    assert table["label"].iloc[T:].tolist() == trials.labels[0].tolist()


def test_no_modality():
    with pytest.raises(TinglegramError, match="needs modalities out of visual, acoustic, pulse"):
        ordered([])


def test_a_gap_in_the_labels(files):
    rows = files["labels"]
    gap = rows[~((rows.subject == 3) & (rows.video == "vid2") & (rows.step == 4))]
    with pytest.raises(InputProblem, match="labels of subject 3, vid2: expected steps 0, 1"):
        build(files, labels=gap)


def test_labels_longer_than_the_grid(files):
    with pytest.raises(InputProblem, match="Check timing"):
        build(files, steps=T - 1)


def test_features_of_the_wrong_length(files):
    files["stimuli"]["vid5"]["visual"] = files["stimuli"]["vid5"]["visual"][:-1]
    with pytest.raises(InputProblem, match="stimuli of vid5, visual: expected 12 steps, found 11"):
        build(files)


def test_first_version_of_the_wrong_length(files):
    files["stimuli"]["vid6"]["acoustic_first"] = np.zeros((FIRST + 1, ACOUSTIC), "f4")
    with pytest.raises(InputProblem, match="vid6, acoustic_first: expected 9 steps, found 10"):
        build(files)


def test_missing_clip_and_missing_pulse(files):
    with pytest.raises(InputProblem, match="stimuli of vid1: expected an array"):
        build(files, stimuli={})
    with pytest.raises(InputProblem, match="pulse of subject 20: .*data: exclusions"):
        build(files, pulse={3: files["pulse"][3]})


def test_values_that_are_not_finite(files):
    files["pulse"][20]["vid2"][3] = np.nan
    with pytest.raises(InputProblem, match="vid2: expected finite values, found 1 that are not"):
        build(files)


SHORT = 7


@pytest.fixture()
def unequal(files):
    """As `files`; vid2 is shorter and has no sound, vid5 no picture, and nothing was cut off."""
    labels = files["labels"]
    full = labels[labels["order"] != 0]
    first = full.groupby(["subject", "video"]).head(T).drop_duplicates(["subject", "video"])
    assert len(first) == 6
    kept = full[(full["video"] != "vid2") | (full["step"] < SHORT)]
    stimuli = {
        clip: {"visual": arrays["visual"], "acoustic": arrays["acoustic"]}
        for clip, arrays in files["stimuli"].items()
    }
    stimuli["vid2"] = {"visual": stimuli["vid2"]["visual"][:SHORT]}
    stimuli["vid5"] = {"acoustic": stimuli["vid5"]["acoustic"]}
    return {
        "labels": kept,
        "stimuli": stimuli,
        "pulse": {
            s: {c: w[: SHORT if c == "vid2" else T] for c, w in of.items()}
            for s, of in files["pulse"].items()
        },
        "steps_of": {"vid2": SHORT},
        "lacking": {"visual": ["vid5"], "acoustic": ["vid2"]},
    }


def test_clips_of_unequal_length_and_with_one_stream(unequal):
    trials = build(unequal)
    second = trials.video == "vid2"
    assert trials.n_steps[second].tolist() == [SHORT, SHORT] and trials.steps == T
    assert trials.of_clip.sum(axis=1).tolist() == np.where(second, SHORT, T).tolist()
    found = trials.features(range(len(second)), ALL)
    assert not found[second, SHORT:].any() and not found[second, :, VISUAL:-1].any()
    own = unequal["stimuli"]["vid2"]["visual"]
    assert np.array_equal(found[np.flatnonzero(second)[0], :SHORT, :VISUAL], own)
    fifth = trials.video == "vid5"
    assert not found[fifth, :, :VISUAL].any() and found[fifth, :, VISUAL:-1].all()


def test_clips_without_a_stream_say_nothing_in_standardised_features(unequal):
    trials = build(unequal)
    rows = np.arange(len(trials.video))
    scalings = fit_scaling(trials, rows, ALL)
    scaled = standardise(trials, scalings)
    for clip, columns in (("vid5", slice(0, VISUAL)), ("vid2", slice(VISUAL, -1))):
        without = trials.video == clip
        found = scaled.features(rows, ALL)[..., columns]
        assert not found[without].any()
        seen = found[~without][trials.valid[~without]]
        assert np.allclose(seen.mean(axis=0), 0, atol=1e-5)
        assert np.allclose(seen.std(axis=0), 1, atol=1e-5)
    # Where nothing of a modality trains, it is 0 in what is tested.
    silent = fit_scaling(trials, np.flatnonzero(trials.video == "vid2"), ALL)
    assert not standardise(trials, silent).features(rows, ["acoustic"]).any()


def test_only_frames_of_a_clip_count_and_are_predicted(unequal):
    trials = build(unequal)
    rows = np.arange(len(trials.video))
    frames = int(trials.n_steps.sum())
    assert sum(class_counts(trials, rows, "counted", 1)) == frames
    assert sum(class_counts(trials, rows, "masked", 1)) == frames
    table = prediction_table(trials, rows, np.zeros((len(rows), T)))
    assert len(table) == frames and table["valid"].all()
    assert table.groupby("video")["step"].max()["vid2"] == SHORT - 1


def test_a_clip_must_have_its_own_length(unequal):
    unequal["stimuli"]["vid2"]["visual"] = np.zeros((T, VISUAL), "f4")
    with pytest.raises(InputProblem, match=f"expected {SHORT} steps, found {T}"):
        build(unequal)
    unequal["steps_of"] = {"vid2": SHORT, "vid1": SHORT}
    with pytest.raises(InputProblem, match=f"steps 0, 1, ... and {SHORT} of them at most"):
        build(unequal)


def test_a_modality_of_no_clip_is_refused(files):
    with pytest.raises(InputProblem, match="expected visual features of at least one clip"):
        build(files, ["visual"], lacking={"visual": list(CLIPS)})


def test_a_clip_seen_again_is_a_trial_with_its_own_reports_and_pulse(files):
    labels = files["labels"]
    own = labels[(labels["subject"] == 3) & (labels["video"] == "vid5")]
    again = own.assign(order=7, rating=3 - own["rating"])
    files["pulse"][3]["vid5@7"] = -files["pulse"][3]["vid5"]
    trials = build(files | {"labels": pd.concat([labels, again])})
    assert trials.repeated and not build(files).repeated
    rows = np.flatnonzero((trials.subject == 3) & (trials.video == "vid5"))
    assert trials.order[rows].tolist() == [1, 7]
    assert np.array_equal(trials.ratings[rows].sum(axis=0), np.full(T, 3))
    assert np.array_equal(trials.pulse[rows[0]], -trials.pulse[rows[1]])
    folds = pd.DataFrame(
        {
            "fold": 1,
            "subject": trials.subject,
            "video": trials.video,
            "order": trials.order,
            "role": ["test", "validation"] + ["train"] * (len(trials.video) - 2),
        }
    )
    found = split(trials, folds, 1)
    assert (len(found.train), found.test.tolist()) == (len(folds) - 2, [0])
    table = prediction_table(trials, rows, np.zeros((2, T)))
    assert table.groupby("order").size().to_dict() == {1: T, 7: T}
    assert "order" not in prediction_table(build(files), rows, np.zeros((2, T)))


def test_fractions_are_kept_and_class_1_is_what_the_target_says(files):
    files["labels"]["rating"] = files["labels"]["rating"] / 10 - 0.1
    target = ResponseTarget(above=0.05, condition=None)
    trials = build(files, target=target)
    assert trials.ratings.dtype == np.float64
    assert np.array_equal(trials.labels, (trials.ratings > 0.05) & trials.valid)
    assert trials.labels[trials.condition == "Nature"].any()
    table = prediction_table(trials, np.arange(8), np.zeros((8, T)))
    assert table["rating"].dtype == "float64" and table["label"].dtype == "int64"
    assert np.array_equal(table["rating"], trials.ratings.ravel())


def test_padding_is_class_0_even_where_a_level_of_0_is_class_1(files):
    trials = build(files, target=ResponseTarget(above=-1, condition=None))
    assert np.array_equal(trials.labels, trials.valid)


def test_whole_ratings_beyond_a_byte_are_kept(files):
    files["labels"]["rating"] += 300
    assert build(files).ratings.max() >= 300
    files["labels"]["rating"] -= 305
    assert build(files).ratings.min() < 0


def with_skin(files, lacking=()):
    """Add skin conductance of two columns and a temperature, but for trials of `lacking`."""
    rng = np.random.default_rng(1)
    sensors = {}
    for subject, clips in SHOWN.items():
        lengths = {clip: FIRST if order == 0 else T for order, clip in enumerate(clips)}
        sensors[subject] = {
            f"{clip}@{kind}": rng.normal(size=(n, width)).astype("f4")
            for clip, n in lengths.items()
            for kind, width in (("eda", 2), ("temperature", 1))
            if (subject, clip, kind) not in lacking
        }
    return files | {"sensors": sensors}


def test_sensors_stand_behind_all_other_columns(files):
    given = with_skin(files)
    modalities = [*ALL, "eda", "temperature"]
    trials, before = build(given, modalities), build(files)
    rows = range(len(trials.subject))
    found = trials.features(rows, modalities)
    assert found.shape[2] == VISUAL + ACOUSTIC + 1 + 3
    np.testing.assert_array_equal(found[..., :-3], before.features(rows, ALL))
    row = int(np.flatnonzero((trials.subject == 20) & (trials.video == "vid2"))[0])
    np.testing.assert_array_equal(found[row, :, -3:-1], given["sensors"][20]["vid2@eda"])
    np.testing.assert_array_equal(found[row, :, -1:], given["sensors"][20]["vid2@temperature"])
    first = int(np.flatnonzero((trials.subject == 20) & (trials.video == "vid6"))[0])
    assert not found[first, FIRST:].any() and trials.left_out == {}
    with pytest.raises(TinglegramError, match="without the modality resp"):
        trials.stream("resp")


def test_sensors_are_standardised_like_all_features(files):
    trials = build(with_skin(files), ["visual", "eda"])
    rows = np.arange(len(trials.subject))
    scaled = standardise(trials, fit_scaling(trials, rows, ["visual", "eda"]))
    shown = scaled.features(rows, ["eda"])[scaled.valid]
    np.testing.assert_allclose(shown.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(shown.std(axis=0), 1, atol=1e-5)


def test_trials_without_a_sensor_are_left_out_of_models_that_use_it(files):
    given = with_skin(files, {(3, "vid5", "eda"), (20, "vid1", "temperature")})
    trials = build(given, ["eda", "temperature"])
    assert trials.left_out == {(3, "vid5", 1): "eda", (20, "vid1", 3): "temperature"}
    assert len(trials.subject) == 6
    assert len(build(given, ["eda"]).subject) == 7 and len(build(given).subject) == 8
    folds = pd.DataFrame(
        [(1, 3, clip, "train") for clip in SHOWN[3]]
        + [(1, 20, "vid6", "validation"), (1, 20, "vid1", "test"), (1, 20, "vid2", "test")],
        columns=["fold", "subject", "video", "role"],
    )
    found = split(trials, folds, 1)
    assert (len(found.train), len(found.validation), len(found.test)) == (3, 1, 1)
    only = folds[folds["video"] != "vid2"]
    with pytest.raises(TinglegramError, match="the model uses temperature, which is .* subject 20"):
        split(trials, only, 1)
    with pytest.raises(
        TinglegramError, match=r"uses the pulse, which .* 20\. Leave out who has no pulse"
    ):
        split(trials, only, 1, without={20: "pulse"})
    both = pd.concat([only, pd.DataFrame([(1, 21, "vid1", "test")], columns=only.columns)])
    told = "uses temperature, which is not there for subject 20; the pulse, which is .* subject 21"
    with pytest.raises(TinglegramError, match=told):
        split(trials, both, 1, without={21: "pulse"})


def test_sensors_of_nobody_are_refused(files):
    with pytest.raises(InputProblem, match="at least one trial with the signal resp"):
        build(with_skin(files), ["resp"])


def test_series_of_a_sensor_that_are_too_short_are_refused(files):
    given = with_skin(files)
    given["sensors"][3]["vid2@eda"] = given["sensors"][3]["vid2@eda"][:-1]
    with pytest.raises(InputProblem, match="eda of subject 3, vid2@eda: expected 12 steps"):
        build(given, ["eda"])
