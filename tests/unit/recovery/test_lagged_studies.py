"""Studies whose pulse follows the rating: what is planted, and what is found in them."""

import dataclasses

import numpy as np
import pytest
from planted import clips_of, small_cohort

from tinglegram.clock import Timing
from tinglegram.recovery.lagged_studies import (
    LaggedWorld,
    lagged_study,
    means_in_windows,
    prepare_lagged,
    reports_on_grid,
)
from tinglegram.recovery.results import Draws, run_studies
from tinglegram.recovery.window_studies import Spread

COHORT = small_cohort(16, clips_of(3), 3, Timing(clip=40.0, first_trial=36.0))
DRAWS = Draws(bootstrap=19, permutations=99, confidence=0.95, truth_cohorts=1)
UNIT = Spread({"ASMR": 0.0, "Nature": 0.0}, {"ASMR": 1.0, "Nature": 1.0})


def made(**world):
    return lagged_study(COHORT, LaggedWorld(**world), UNIT, np.random.default_rng(3))


def test_the_pulse_is_the_rating_some_seconds_before():
    windows, ratings = made(coupling=1.0, lag=4.0)
    own = windows[(windows["condition"] == "ASMR") & (windows["subject"] == 1)]
    for _, clip in own.groupby("video"):
        pulse, rating = (clip[c].to_numpy() for c in ("pulse_rate_bpm", "mean_rating"))
        slope = np.polyfit(rating[:-4], pulse[4:], 1)
        assert slope[0] == pytest.approx(4.0) and np.ptp(pulse[:5]) == pytest.approx(0)
    # The first clip of each is cut short, in windows and in ratings.
    for table, usual, short in ((windows, 30, 26), (ratings, 350, 310)):
        counts = table.groupby(["subject", "video"]).size().unstack()
        assert (counts == usual).sum(axis=1).eq(5).all() and counts.min(axis=1).eq(short).all()


def test_a_common_onset_has_no_reports_and_a_pulse_that_settles():
    windows, ratings = made(onset=8.0)
    assert not ratings.loc[ratings["step"] < 80, "rating"].any() and ratings["rating"].any()
    by_time = windows.groupby("start_s")["pulse_rate_bpm"].mean()
    assert by_time.iloc[0] - by_time.iloc[-8:].mean() > 5


def test_what_viewers_share_is_a_share():
    windows, _ = made(shared=0.5)
    own = windows[windows["video"] == "a0"].pivot(index="start_s", columns="subject")
    r = np.corrcoef(own["pulse_rate_bpm"].dropna().to_numpy().T)
    assert np.median(r[np.triu_indices(16, 1)]) > 0.2


def test_windows_hold_the_mean_of_their_steps():
    generator = np.random.default_rng(1)
    ratings = reports_on_grid(COHORT, "ASMR", 2, 0.0, generator)
    means = means_in_windows(COHORT, ratings)
    assert means.shape == (16, 2, 30)
    assert means[5, 1, 7] == pytest.approx(ratings[5, 1, 70:120].mean())


def test_a_planted_lag_is_found_with_its_lag():
    found = run_studies(
        prepare_lagged,
        COHORT,
        DRAWS,
        topic="lagged",
        cell="x",
        parameters={"coupling": -0.4, "lag": 4.0},
        first=1,
        studies=3,
        seed=1,
    )
    results = found.groupby("result")
    assert set(results.groups) == {
        "coupling at the largest lag",
        "lag of the largest coupling, s",
        "pulse around onsets",
        "pulse around offsets",
        "coupling without lag, between conditions",
    }
    lag = results.get_group("lag of the largest coupling, s")
    assert (lag["estimate"] - 4).abs().max() <= 1 and (lag["truth"] == 4).all()
    assert (results.get_group("coupling at the largest lag")["p_value"] <= 0.05).all()
    assert not found["null"].dropna().any()
    null = dataclasses.replace(DRAWS, permutations=19)
    one = prepare_lagged(COHORT, null, {"shared": 0.05}, np.random.default_rng(0))
    assert all(r.null or r.test == "" for r in one(np.random.default_rng(2)))
