"""Perturbations change what they say, only that, and the same way for everybody."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.models.perturbations import (
    PERTURBATIONS,
    derangement,
    shifted_stimulus,
    shuffled_pulse,
    shuffled_sensors,
)
from tinglegram.trials.trials import Trials

T, FIRST, PEOPLE, CLIPS = 20, 15, 5, 3


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Five people, three clips; persons 1 to 3 see clip p first. Features name clip and step."""
    person, clip = np.divmod(np.arange(PEOPLE * CLIPS), CLIPS)
    order = (clip - person) % CLIPS
    n_steps = np.where(order == 0, FIRST, T)
    valid = np.arange(T) < n_steps[:, None]
    frame = 100 * np.arange(CLIPS)[:, None] + np.arange(T)
    acoustic = np.repeat(frame, 2, axis=0) * (np.arange(T) < np.tile([T, FIRST], CLIPS)[:, None])
    ratings = np.zeros((len(person), T), dtype="u1")
    return Trials(
        subject=person + 1,
        video=np.array([f"vid{c}" for c in clip], dtype=object),
        condition=np.array(["ASMR"] * len(clip), dtype=object),
        order=order,
        n_steps=n_steps,
        ratings=ratings,
        labels=ratings,
        clip_index=clip,
        acoustic_index=2 * clip + (order == 0),
        visual=frame[..., None].astype("f4"),
        acoustic=acoustic[..., None].astype("f4"),
        # Whose pulse it is, on every step that was recorded.
        pulse=((person + 1)[:, None] * valid).astype("f4"),
        grid=10.0,
        # Likewise, in every column of each sensor.
        sensors={
            "eda": ((person + 1)[:, None] * valid)[..., None].repeat(2, 2).astype("f4"),
            "temperature": ((person + 1)[:, None] * valid)[..., None].astype("f4"),
        },
    )


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_derangement_moves_everything(n, seed):
    drawn = derangement(n, np.random.default_rng(seed))
    assert sorted(drawn) == list(range(n)) and (drawn != np.arange(n)).all()


def test_derangements_are_uniform():
    generator = np.random.default_rng(0)
    drawn = [tuple(derangement(4, generator)) for _ in range(9000)]
    counts = [drawn.count(one) for one in set(drawn)]
    assert len(counts) == 9 and min(counts) > 850 and max(counts) < 1150


def test_everybody_gets_the_pulse_of_another_viewer_of_the_clip(trials):
    found = shuffled_pulse(trials, 42)
    for clip in np.unique(trials.clip_index):
        rows = np.flatnonzero(trials.clip_index == clip)
        donors = found.pulse[rows, 0].astype(int)
        assert sorted(donors) == sorted(trials.subject[rows])
        assert (donors != trials.subject[rows]).all()
        for row, donor in zip(rows, donors, strict=True):
            given_steps = trials.n_steps[rows[trials.subject[rows] == donor][0]]
            known = np.arange(T) < min(given_steps, trials.n_steps[row])
            assert np.array_equal(found.pulse[row], donor * known)
    assert found.visual is trials.visual and found.acoustic is trials.acoustic
    assert found.sensors is trials.sensors


def test_everybody_gets_all_other_signals_of_another_viewer_of_the_clip(trials):
    found = shuffled_sensors(trials, 42)
    donors = found.sensors["eda"][:, 0, 0].astype(int)
    assert (donors != trials.subject).all()
    for clip in np.unique(trials.clip_index):
        shown = trials.clip_index == clip
        assert sorted(donors[shown]) == sorted(trials.subject[shown])
    of_donor = dict(
        zip(zip(trials.subject, trials.video, strict=True), trials.n_steps, strict=True)
    )
    for row, donor in enumerate(donors):
        end = min(of_donor[donor, trials.video[row]], trials.n_steps[row])
        expected = np.where(np.arange(T) < end, donor, 0)
        # Columns and types of one viewer stay together.
        for series in (*found.sensors["eda"][row].T, found.sensors["temperature"][row, :, 0]):
            assert np.array_equal(series, expected)
    assert set(found.sensors) == {"eda", "temperature"} and found.pulse is trials.pulse
    assert (trials.sensors["eda"][:, 0, 1] == trials.subject).all()
    # Another draw than that of the pulse, so that each perturbation stands alone.
    assert not np.array_equal(donors, shuffled_pulse(trials, 42).pulse[:, 0])


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_same_seed_same_trials_other_seed_other_trials(trials, name):
    def features(seed):
        changed = PERTURBATIONS[name].apply(trials, seed)
        used = ("visual", "acoustic", "pulse", "eda", "temperature")
        return changed.features(range(len(trials.subject)), used)

    assert np.array_equal(features(42), features(42))
    assert any(not np.array_equal(features(42), features(seed)) for seed in (1, 2))


def test_a_clip_left_out_changes_no_other(trials):
    kept = trials.clip_index != 0
    row_wise = ("subject", "video", "condition", "order", "n_steps", "ratings", "labels")
    row_wise += ("clip_index", "acoustic_index", "pulse")
    fewer = replace(trials, **{name: getattr(trials, name)[kept] for name in row_wise})
    assert np.array_equal(shuffled_pulse(fewer, 7).pulse, shuffled_pulse(trials, 7).pulse[kept])
    assert np.array_equal(
        shifted_stimulus(fewer, 7).visual[1:], shifted_stimulus(trials, 7).visual[1:]
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_short_clip_comes_round_within_its_own_length(trials, seed):
    short = np.minimum(trials.n_steps, np.where(trials.clip_index == 1, 12, T))
    found = shifted_stimulus(
        replace(trials, n_steps=short, clip_steps=np.array([T, 12, T])), seed
    ).visual[1, :, 0]
    shift = int(np.flatnonzero(found == 100)[0])
    assert 3 <= shift <= 9
    assert np.array_equal(found[:12], np.roll(100 + np.arange(12), shift))


@pytest.mark.parametrize("seed", range(20))
def test_stimuli_come_round_by_the_same_seconds(trials, seed):
    found = shifted_stimulus(trials, seed)
    for clip in range(CLIPS):
        # Step 0 of the clip now stands where it was shifted to.
        shift = int(np.flatnonzero(found.visual[clip, :, 0] == 100 * clip)[0])
        assert T / 4 <= shift <= 3 * T / 4
        assert np.array_equal(found.visual[clip], np.roll(trials.visual[clip], shift, axis=0))
        long, short = found.acoustic[2 * clip], found.acoustic[2 * clip + 1]
        assert np.array_equal(long, np.roll(trials.acoustic[2 * clip], shift, axis=0))
        first = trials.acoustic[2 * clip + 1, :FIRST]
        assert np.array_equal(short[:FIRST], np.roll(first, shift, axis=0))
        assert not short[FIRST:].any()
    assert found.pulse is trials.pulse


def test_every_offset_is_drawn(trials):
    drawn = {
        int(np.flatnonzero(shifted_stimulus(trials, seed).visual[0, :, 0] == 0)[0])
        for seed in range(150)
    }
    assert drawn == set(range(T // 4, 3 * T // 4 + 1))


def test_the_trials_given_stay_as_they_are(trials):
    before = trials.visual.copy(), trials.acoustic.copy(), trials.pulse.copy()
    shifted_stimulus(trials, 1), shuffled_pulse(trials, 1)
    assert all(
        np.array_equal(*pair)
        for pair in zip(before, (trials.visual, trials.acoustic, trials.pulse), strict=True)
    )


def test_one_modality_is_enough(trials):
    found = shifted_stimulus(replace(trials, acoustic=None), 3)
    assert found.acoustic is None
    assert np.array_equal(found.visual, shifted_stimulus(trials, 3).visual)


def test_a_clip_with_one_viewer(trials):
    video = trials.video.copy()
    video[4] = "alone"
    with pytest.raises(InputProblem, match="pulse, alone: expected at least two viewers"):
        shuffled_pulse(replace(trials, video=video), 1)
    with pytest.raises(InputProblem, match="exchange their sensors.* Take shuffled_sensors out of"):
        shuffled_sensors(replace(trials, video=video), 1)


def test_features_that_are_not_there(trials):
    with pytest.raises(TinglegramError, match="without the modality pulse"):
        shuffled_pulse(replace(trials, pulse=None), 1)
    with pytest.raises(TinglegramError, match="without the modality eda"):
        shuffled_sensors(replace(trials, sensors={}), 1)
    with pytest.raises(TinglegramError, match="without the modality visual"):
        shifted_stimulus(replace(trials, visual=None, acoustic=None), 1)
