"""A model's ROC AUC against that of models trained on moved reports."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.errors import InputProblem
from tinglegram.statistics.retrained import retrained_table, retrained_test
from tinglegram.statistics.scored_trials import ScoredTrials

COLUMNS = ["model", "roc_auc", "null_mean", "p_value", "n_shifts", "n_participants", "n_clips"]


def observed() -> ScoredTrials:
    """Person 1 has trials of AUC 1 and 0.5; person 2 one of 0.75; the last has no report."""
    label = np.array([[0, 0, 1, 1, 0]] * 3 + [[0] * 5, [0, 0, 1, 1, 0]], dtype=bool)
    probability = np.array(
        [
            [0.1, 0.2, 0.8, 0.9, 0.9],
            [0.5, 0.5, 0.5, 0.5, 0.0],
            [0.1, 0.6, 0.5, 0.7, 0.0],
            [0.5] * 5,
            [0.9, 0.9, 0.1, 0.1, 0.5],
        ]
    )
    names = pd.DataFrame(
        {"fold": 1, "subject": [1, 1, 2, 3, 3], "video": ["a", "b", "a", "b", "c"]}
    )
    valid = np.tile(np.arange(5) < 4, (5, 1))
    control = np.array([False] * 4 + [True])
    every = np.ones_like(valid)
    return ScoredTrials(names, control, label, probability > 0.5, every, probability, valid)


def moved(*means: float) -> pd.DataFrame:
    """Scores in which everybody's mean is the given one, shift by shift."""
    rows = []
    for shift, mean in enumerate(means, 1):
        rows += [(shift, 1, "a", mean + 0.2), (shift, 1, "b", mean - 0.2), (shift, 2, "a", mean)]
        rows.append((shift, 3, "b", np.nan))
    return pd.DataFrame(rows, columns=["shift", "subject", "video", "roc_auc"])


def test_everybody_counts_once_and_the_observed_one_is_one_of_the_draws():
    found = retrained_test(observed(), moved(0.4, 0.8, 0.5), p_value="plus_one")
    # Persons' means are 0.75 and 0.75; trials' mean would be the same by chance of no draw.
    assert found.roc_auc == 0.75 and found.null_mean == pytest.approx(1.7 / 3)
    assert found.p_value == (1 + 1) / (3 + 1)
    assert (found.n_shifts, found.n_participants, found.n_clips) == (3, 2, 2)
    assert retrained_test(observed(), moved(0.4, 0.8), p_value="count").p_value == 0.5
    # A draw that only ties reaches it.
    assert retrained_test(observed(), moved(0.75), p_value="plus_one").p_value == 1.0


def test_without_reports_of_both_classes_there_is_no_test():
    trials = observed()
    trials.label[:] = False
    found = retrained_test(trials, moved(0.4).assign(roc_auc=np.nan), p_value="plus_one")
    assert np.isnan([found.roc_auc, found.null_mean, found.p_value]).all()
    assert (found.n_shifts, found.n_participants, found.n_clips) == (1, 0, 0)


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        (moved(0.4, 0.5).query("shift == 1 or subject == 1"), "found 2 of these .* and 0 other"),
        (moved(0.4).replace({"video": {"b": "z"}}), "found 2 of these .* and 1 other"),
        (moved(0.4, 0.5).assign(roc_auc=lambda t: t.roc_auc.where(t["shift"] == 1)), "found 0 of"),
    ],
)
def test_scores_of_other_trials_are_refused(scores, sentence):
    with pytest.raises(InputProblem, match=sentence):
        retrained_test(observed(), scores, p_value="plus_one", source="fusion")


def test_the_table_has_a_row_for_each_model():
    test = retrained_test(observed(), moved(0.4), p_value="plus_one")
    table = retrained_table({"fusion": test, "trees": test})
    assert list(table.columns) == COLUMNS and table["model"].tolist() == ["fusion", "trees"]
    assert list(retrained_table({}).columns) == COLUMNS
