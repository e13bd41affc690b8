"""Studies of the temporal response function: what is planted is found, what is not is not."""

import numpy as np
import pytest
from planted import small_cohort

from tinglegram.clock import Timing
from tinglegram.recovery.response_studies import (
    SoundWorld,
    fitted_responses,
    heard_clips,
    prepare_response_function,
    reported,
)
from tinglegram.recovery.results import Draws

CLIPS = {f"vid{i}": "ASMR" if i < 5 else "Nature" for i in range(1, 7)}
COHORT = small_cohort(8, CLIPS, 2, Timing(), agreement=0.8)
DRAWS = Draws(bootstrap=10, permutations=39, confidence=0.95, truth_cohorts=1)


def test_only_clips_of_the_target_are_heard_and_the_second_band_holds_what_is_shared():
    heard = heard_clips(COHORT, SoundWorld(3, signal=1.0), np.random.default_rng(1))
    assert list(heard.features) == ["vid1", "vid2", "vid3", "vid4"]
    clip = heard.features["vid2"]
    assert [column.centre_hz for column in clip.columns] == [10000, 5000, 2500]
    looks = np.arange(COHORT.timing.warm_up, COHORT.timing.clip).astype(int)
    np.testing.assert_allclose(clip.values[::10, 1], -heard.shared[1][looks])
    given = reported(COHORT, heard, np.random.default_rng(2))
    assert given["vid1"].shape == (8, COHORT.timing.steps)


def test_a_planted_envelope_is_followed_and_its_weight_is_negative():
    generator = np.random.default_rng(3)
    heard = heard_clips(COHORT, SoundWorld(3, signal=0.8), generator)
    found = fitted_responses(COHORT, heard, 1, generator)
    assert found.group > found.person > 0.3 and found.weight < -0.05


def test_several_cohorts_at_once_give_the_mean_of_each():
    heard = heard_clips(COHORT, SoundWorld(3, signal=0.4), np.random.default_rng(6))
    alone = np.random.default_rng(7)
    each = [fitted_responses(COHORT, heard, 1, alone) for _ in range(3)]
    together = fitted_responses(COHORT, heard, 3, np.random.default_rng(7))
    np.testing.assert_allclose(together, np.mean(each, axis=0))


@pytest.mark.parametrize(("signal", "is_null"), [(0.0, True), (0.8, False)])
def test_a_study_gives_every_test_and_interval_with_its_truth(signal, is_null):
    parameters = {"bands": 2, "signal": signal, "agreement": 0.8}
    study = prepare_response_function(COHORT, DRAWS, parameters, np.random.default_rng(4))
    results = study(np.random.default_rng(5))
    assert len(results) == 6 and {result.null for result in results} == {is_null}
    assert len({(result.result, result.test) for result in results}) == 6
    for result in results:
        has_interval = result.result != "weight near 5 kHz"
        assert (result.ci_low < result.estimate < result.ci_high) == has_interval
        assert np.isfinite(result.truth) or not has_interval
        assert 0 < result.p_value <= 1
    if not is_null:
        assert [result.p_value <= 0.05 for result in results] == [True] * 6
