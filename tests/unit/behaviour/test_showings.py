"""Names that tell the showings of a clip apart, and what is counted of a clip seen again."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.agreement import agreement_table
from tinglegram.behaviour.ratings import rating_grid
from tinglegram.behaviour.responders import responder_table
from tinglegram.behaviour.showings import showing_names, timeline_names


def test_only_later_showings_say_when_they_were():
    shown = [("a", 0), ("b", 1), ("a", 2), ("a", 3)]
    assert showing_names(shown) == ["a", "b", "a@2", "a@3"]
    timeline = pd.DataFrame(shown, columns=["video", "order"])
    assert timeline_names(timeline) == ["a", "b", "a@2", "a@3"]
    assert timeline_names(timeline[:2][["video"]]) == ["a", "b"]


def graded(*trials: tuple[int, str, int, list[int]]) -> pd.DataFrame:
    rows = [(s, v, o, step, r) for s, v, o, given in trials for step, r in enumerate(given)]
    return pd.DataFrame(rows, columns=["subject", "video", "order", "step", "rating"])


def test_each_showing_has_the_presses_made_in_it():
    timeline = pd.DataFrame(
        {
            "subject": 1,
            "order": [0, 1],
            "video": "a",
            "condition": "x",
            "start_s": [0.0, 10.0],
            "valid_start_s": [0.0, 10.0],
            "end_s": [2.0, 12.0],
            "n_steps": 2,
        }
    )
    presses = pd.DataFrame({"subject": 1, "video": "a", "time_s": [1.0, 10.0], "rating": [2, 3]})
    found = rating_grid(timeline, presses, 1)
    assert found[["order", "rating"]].to_numpy().tolist() == [[0, 0], [0, 2], [1, 3], [1, 3]]


def test_a_clip_seen_again_is_a_trial_more_and_a_viewer_no_more():
    ratings = graded((1, "a", 0, [0, 1, 1]), (1, "a", 1, [0, 0, 1]), (2, "a", 0, [0, 0, 0]))
    row = responder_table(ratings, {"a": "x"}, grid=1).iloc[0]
    assert (row["n"], row["n_responders"], row["n_trials_with_response"]) == (2, 1, 2)
    assert row["duration_mean_s"] == pytest.approx(1.5)


def test_a_viewer_agrees_with_the_mean_of_their_showings():
    own = np.array([0, 3, 1, 2])
    mean = graded((1, "a", 0, [0, 2, 0, 1]), (1, "a", 4, [0, 4, 2, 3]), (2, "a", 1, [*own]))
    about = {"resamples": 10, "confidence": 0.95, "seed": 1, "p_value": "count"}
    about["test"] = "resampled_viewers"
    found = agreement_table(mean, {"a": "x"}, **about)
    assert found["n"].tolist() == [2] and found["r"][0] == pytest.approx(1)
    # The second showing ended before the last step: a mean of one showing is no mean of two.
    cut = graded((1, "a", 0, [0, 2, 0, 1, 9]), (1, "a", 4, [0, 4, 2, 3]), (2, "a", 1, [*own, 0]))
    found = agreement_table(cut, {"a": "x"}, **about)
    assert found["r"][0] == pytest.approx(1)
