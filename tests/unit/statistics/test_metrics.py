"""Scores from counts equal scikit-learn's on the frames."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from tinglegram.errors import InputProblem
from tinglegram.inference.counts import METRICS, outcome_counts, scores
from tinglegram.statistics.metrics import fold_table, seed_table
from tinglegram.statistics.scored_trials import as_trials


def sklearn_scores(label, predicted, control):
    """The released code's scores of concatenated frames."""
    macro = {"average": "macro", "zero_division": 0}
    return [
        accuracy_score(label, predicted),
        f1_score(label, predicted, **macro),
        precision_score(label, predicted, **macro),
        recall_score(label, predicted, **macro),
        accuracy_score(label[control], predicted[control]) if control.any() else np.nan,
    ]


frames = hnp.arrays(bool, st.tuples(st.just(3), st.integers(1, 40)))


@given(frames)
def test_scores_equal_scikit_learn(drawn):
    label, predicted, control = drawn
    counts = outcome_counts(label, predicted)
    found = scores(counts, outcome_counts(label, predicted, control))
    np.testing.assert_allclose(found, sklearn_scores(label, predicted, control), atol=1e-12)
    wanted = confusion_matrix(label, predicted, labels=[False, True]).ravel()
    np.testing.assert_array_equal(counts, wanted)


def test_known_scores():
    # 8 tn, 2 fp, 4 fn, 6 tp by hand; control frames: 5 right, 1 wrong.
    found = scores(np.array([8, 2, 4, 6]), np.array([5, 1, 0, 0]))
    wanted = [0.7, (16 / 22 + 12 / 18) / 2, (8 / 12 + 6 / 8) / 2, 0.7, 5 / 6]
    np.testing.assert_allclose(found, wanted)


def test_one_call_scores_many():
    counts = np.random.default_rng(0).integers(0, 9, (2, 5, 4))
    found = scores(counts, counts)
    assert found.shape == (2, 5, len(METRICS))
    np.testing.assert_array_equal(found[1, 3], scores(counts[1, 3], counts[1, 3]))


def test_no_frame_gives_no_score():
    assert np.isnan(scores(np.zeros(4), np.zeros(4))).all()


def table(subject, video, condition, label, predicted, valid=None):
    n = len(label)
    return pd.DataFrame(
        {
            "subject": subject,
            "video": video,
            "condition": condition,
            "step": np.arange(n),
            "valid": np.ones(n, bool) if valid is None else valid,
            "label": label,
            "predicted": predicted,
            "probability": np.array(predicted, dtype=float),
        }
    )


FOLDS = [
    pd.concat(
        [
            table(1, "vid1", "ASMR", [1, 1, 0, 0], [1, 0, 1, 1], [True, True, True, False]),
            table(1, "vid5", "Nature", [0, 0, 0, 0], [0, 0, 0, 1]),
        ]
    ),
    pd.concat(
        [
            table(2, "vid2", "ASMR", [1, 1, 1, 1], [1, 1, 1, 1]),
            table(2, "vid6", "Nature", [0, 0, 0, 0], [0, 0, 0, 0]),
        ]
    ),
]


def test_fold_table_ends_with_mean_and_population_sd():
    found = fold_table(as_trials(FOLDS, padding="counted"))
    assert found["fold"].tolist() == ["1", "2", "mean", "sd"]
    assert found["accuracy"].tolist() == pytest.approx([0.5, 1.0, 0.75, 0.25])
    assert found["nature_specificity"].tolist() == pytest.approx([0.75, 1.0, 0.875, 0.125])


def test_masked_padding_is_left_out():
    found = fold_table(as_trials(FOLDS, padding="masked"))
    assert found["accuracy"][0] == pytest.approx(4 / 7)


def test_order_of_rows_does_not_matter():
    shuffled = [fold.sample(frac=1, random_state=3) for fold in FOLDS]
    for padding in ("counted", "masked"):
        pd.testing.assert_frame_equal(
            fold_table(as_trials(shuffled, padding=padding)),
            fold_table(as_trials(FOLDS, padding=padding)),
        )


@pytest.mark.parametrize("folds", [[FOLDS[0], FOLDS[0]], [FOLDS[0].iloc[1:]], [FOLDS[0].iloc[:0]]])
def test_incomplete_or_repeated_trials_are_refused(folds):
    with pytest.raises(InputProblem, match="fusion: expected every test trial once"):
        as_trials(folds, padding="counted", source="fusion")


def viewers(*lengths) -> pd.DataFrame:
    """Trials of people 1, 2, ... of the clips and lengths given, all predicted wrong but step 0."""
    rows = [
        (person, video, "ASMR", step, step < shown, 1, 0.9 if step == 0 else 0.1, int(step == 0))
        for person, (video, length, shown) in enumerate(lengths, 1)
        for step in range(length)
    ]
    columns = ["subject", "video", "condition", "step", "valid", "label", "probability"]
    return pd.DataFrame(rows, columns=[*columns, "predicted"])


def test_clips_of_unequal_length_count_to_their_own_end():
    folds = [viewers(("a", 6, 6), ("a", 6, 4), ("b", 2, 2))]
    counted, masked = (as_trials(folds, padding=padding) for padding in ("counted", "masked"))
    assert counted.counted.sum(axis=1).tolist() == [6, 6, 2]
    assert masked.counted.sum(axis=1).tolist() == [6, 4, 2]
    assert counted.of_clip.sum(axis=1).tolist() == [6, 6, 2]
    assert counted.counts().tolist() == [[0, 0, 5, 1], [0, 0, 5, 1], [0, 0, 1, 1]]
    assert as_trials([viewers(("a", 6, 6))], padding="masked").of_clip is None


def test_viewers_of_a_clip_have_the_same_steps():
    with pytest.raises(InputProblem, match="all of a clip with the same steps"):
        as_trials([viewers(("a", 6, 6), ("a", 5, 5))], padding="counted")


def test_a_clip_seen_again_is_scored_twice():
    table = viewers(("a", 3, 3), ("a", 3, 3), ("b", 3, 3))
    again = table.assign(subject=1, order=np.repeat([0, 5, 2], 3))
    found = as_trials([again], padding="counted")
    assert found.names[["video", "order"]].to_numpy().tolist() == [["a", 0], ["a", 5], ["b", 2]]
    # Of a model whose people saw every clip once, only the clip tells what both were tested on.
    once = as_trials([table[table["subject"] == 1]], padding="counted")
    assert found.also_in(once).names["video"].tolist() == ["a", "a"]
    with pytest.raises(InputProblem, match="every test trial once"):
        as_trials([again.assign(order=0)], padding="counted")


def test_table_1_to_every_printed_digit(published):
    found = fold_table(as_trials(published, padding="counted")).set_index("fold")
    mean, sd = ([f"{100 * found.loc[row, m]:.2f}" for m in METRICS] for row in ("mean", "sd"))
    assert mean == ["75.51", "71.86", "73.09", "81.45", "100.00"]
    assert sd == ["5.63", "8.86", "8.42", "6.34", "0.00"]


def test_condition_alone_nearly_gives_table_1(published):
    """Every ASMR frame a tingle, every Nature frame none: no model at all."""
    trials = as_trials(published, padding="counted")
    valid = as_trials(published, padding="masked").counted
    every = np.repeat(~trials.control[:, None], 550, axis=1)
    found = fold_table(replace(trials, predicted=every))["macro_f1"]
    assert [f"{v:.4f}" for v in found[:4]] == ["0.7307", "0.7071", "0.8235", "0.5739"]
    assert f"{100 * found[4]:.2f} {100 * found[5]:.2f}" == "70.88 8.92"
    # The same with the padding known: the padded trials are the ones found on import.
    found = fold_table(replace(trials, predicted=every & valid))["macro_f1"]
    assert [f"{v:.4f}" for v in found[:4]] == ["0.7398", "0.7071", "0.8377", "0.5739"]


def test_within_the_target_condition_padding_is_left_out():
    trials = as_trials(FOLDS, padding="counted")
    assert trials.counted.all() and trials.valid.sum() == 15
    own = trials.within_target()
    assert own.names["video"].tolist() == ["vid1", "vid2"] and not own.control.any()
    assert own.counts().tolist() == [[0, 1, 1, 1], [0, 0, 0, 4]]


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.5])
def test_impossible_probabilities_are_refused(value):
    broken = [fold.assign(probability=value) for fold in FOLDS]
    with pytest.raises(InputProblem, match="fusion: expected probabilities from 0 to 1"):
        as_trials(broken, padding="counted", source="fusion")


def test_seeds_have_their_own_scores_then_mean_and_sample_sd():
    trials = as_trials(FOLDS, padding="counted")
    other = replace(trials, predicted=trials.label)
    found = seed_table([trials, other]).set_index("seed")
    assert found["accuracy"].tolist() == pytest.approx([0.75, 1.0, 0.875, 0.25 / 2**0.5])
    assert np.isnan(seed_table([trials]).set_index("seed").loc["sd", "accuracy"])
