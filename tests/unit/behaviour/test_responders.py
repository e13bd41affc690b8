import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.responders import responder_table

CONDITIONS = {"vid2": "ASMR", "vid1": "ASMR", "vid5": "Nature"}


def trial(subject, video, n_rated, n_steps=550):
    return pd.DataFrame(
        {
            "subject": subject,
            "video": video,
            "condition": CONDITIONS[video],
            "step": range(n_steps),
            "rating": [2] * n_rated + [0] * (n_steps - n_rated),
        }
    )


@pytest.fixture
def table():
    trials = [
        trial(1, "vid1", 100),
        trial(1, "vid2", 0),
        trial(2, "vid1", 300, 507),
        trial(2, "vid2", 500),
        trial(3, "vid1", 0),
        trial(3, "vid5", 550),
    ]
    return responder_table(pd.concat(trials), CONDITIONS, grid=10)


def test_rows_in_the_order_of_the_configuration(table):
    assert table["level"].tolist() == ["video"] * 3 + ["condition"] * 2 + ["overall"]
    assert table["video"].tolist()[:3] == ["vid2", "vid1", "vid5"]
    assert table["condition"].tolist()[:5] == ["ASMR", "ASMR", "Nature", "ASMR", "Nature"]
    assert table["video"].iloc[3:].isna().all()
    assert pd.isna(table["condition"].iloc[5])


def test_rates_count_people(table):
    assert table["n"].tolist() == [2, 3, 1, 3, 1, 3]
    assert table["n_responders"].tolist() == [1, 2, 1, 2, 1, 3]
    assert table["rate"].tolist() == pytest.approx([1 / 2, 2 / 3, 1, 2 / 3, 1, 1])


def test_durations_count_answered_trials(table):
    assert table["n_trials_with_response"].tolist() == [1, 2, 1, 3, 1, 4]
    assert table["duration_mean_s"].tolist() == pytest.approx([50, 20, 55, 30, 55, 36.25])
    # 10, 30 and 50 s: population SD.
    assert table["duration_sd_s"].iloc[3] == pytest.approx(np.sqrt(800 / 3))


def test_nothing_to_count_is_missing():
    table = responder_table(trial(1, "vid1", 0), CONDITIONS, grid=10)
    assert table["n"].tolist() == [0, 1, 0, 1, 0, 1]
    assert table["rate"].isna().tolist() == [True, False, True, False, True, False]
    assert table["duration_mean_s"].isna().all() and table["duration_sd_s"].isna().all()


def test_a_responder_is_above_the_level_of_the_target():
    ratings = trial(1, "vid2", 2)
    assert responder_table(ratings, CONDITIONS, 10, above=1.5)["n_responders"].iloc[0] == 1
    assert responder_table(ratings, CONDITIONS, 10, above=2)["n_responders"].iloc[0] == 0
