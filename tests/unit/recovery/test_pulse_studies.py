"""Pulse studies: what is planted beside a coupling is there, and what the tests say of it."""

import numpy as np
import pytest
from planted import clips_of, small_cohort

from tinglegram.clock import Timing
from tinglegram.recovery.mixed_model_studies import prepare_mixed_model
from tinglegram.recovery.rest_studies import prepare_rest_change, rmssd_of_block
from tinglegram.recovery.results import Draws
from tinglegram.recovery.window_studies import (
    BESIDE,
    NOTHING_BESIDE,
    PulseBeside,
    beside_of,
    coupled_windows,
    prepare_coupling,
    spread_of,
)

COHORT = small_cohort(10, clips_of(3), 3, Timing(clip=45.0, first_trial=42.0))
DRAWS = Draws(bootstrap=49, permutations=49, confidence=0.95, truth_cohorts=2)


def windows_with(**beside):
    generator = np.random.default_rng(1)
    scale = spread_of(COHORT, 40, generator)
    coupling = {"ASMR": 0.0, "Nature": 0.0}
    return coupled_windows(COHORT, coupling, scale, generator, beside=PulseBeside(**beside))


def likeness(windows, condition):
    """Mean correlation of a viewer's pulse with that of another, same clip."""
    own = windows[(windows["condition"] == condition) & (windows["start_s"] < 30)]
    found = []
    for _, clip in own.groupby("video"):
        wide = clip.pivot(index="start_s", columns="subject", values="pulse_rate_bpm").to_numpy()
        found.append(np.corrcoef(wide.T)[np.triu_indices(wide.shape[1], 1)].mean())
    return float(np.mean(found))


def test_shares_and_onsets_are_planted():
    assert abs(likeness(windows_with(), "ASMR")) < 0.1
    assert likeness(windows_with(shared=0.5), "ASMR") == pytest.approx(0.5, abs=0.2)
    onset = windows_with(onset=0.5, silent=8.0)
    # Of the target alone; and nobody reports anything in the first seconds.
    assert likeness(onset, "ASMR") > 0.3 and abs(likeness(onset, "Nature")) < 0.1
    first = onset[onset["start_s"] <= 2]["mean_rating"]
    assert (first == 0).all() and onset["mean_rating"].max() > 0
    assert beside_of({"coupling": 0.1}) == NOTHING_BESIDE
    assert beside_of({"coupling": 0.1, "silent": 3.0}).silent == 3.0
    assert BESIDE == ("shared", "onset", "silent", "uneven")


@pytest.mark.parametrize("prepare", [prepare_coupling, prepare_mixed_model])
def test_tests_of_moved_clips_stand_beside_that_over_participants(prepare):
    parameters = {"coupling": -0.7, "shared": 0.05}
    study = prepare(COHORT, DRAWS, parameters, np.random.default_rng(2))
    results = [r for r in study(np.random.default_rng(3)) if np.isfinite(r.p_value)]
    moved = [r for r in results if r.test.startswith("clips moved in time")]
    assert len(moved) == (4 if prepare is prepare_coupling else 2) and len(results) > len(moved)
    assert all(r.p_value <= 0.04 and not r.null for r in moved)
    assert [r.test.endswith("course of other clips") for r in moved[:2]] == [False, True]


def test_rmssd_of_blocks_has_no_bias_on_the_scale_of_logarithms():
    generator = np.random.default_rng(4)
    usual = np.full(4000, np.log(40.0))
    one, four = (np.log(rmssd_of_block(usual, n, True, generator)) for n in (1, 4))
    # As many windows as there may be: the same mean, and a spread that falls.
    assert one.mean() == pytest.approx(four.mean(), abs=0.01)
    assert one.std() == pytest.approx(2 * four.std(), rel=0.1)
    study = prepare_rest_change(COHORT, DRAWS, {"change": -3.0}, generator)
    found = study(np.random.default_rng(5))
    assert [(r.result, r.null) for r in found] == [
        *([("change against rest, bpm", False), ("RMSSD against rest, %", True)] * 2),
    ]
    assert found[2].test.startswith("t over participants")
    assert found[2].p_value == found[0].p_value


def test_clips_of_unequal_length_are_planted():
    windows = windows_with(uneven=0.5)
    longest = windows.groupby(["condition", "video"])["start_s"].max().groupby("condition")
    for _, own in longest:
        assert own.iloc[:-1].max() < 0.6 * own.iloc[-1]
