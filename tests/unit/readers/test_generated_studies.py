"""Three studies in other people's formats are read as they are: their known truths come back."""

import numpy as np
import pytest
import scipy
import yaml
from generated_studies import STUDIES, write

from tinglegram.inputs.inference import stimulus_head
from tinglegram.readers.parts import find_sources, joined, read_parts, signals_on_clock

MADE = {name: make() for name, make in STUDIES.items()}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_the_same_each_time(name):
    again = STUDIES[name]()
    assert again.files == MADE[name].files and again.overlay == MADE[name].overlay


@pytest.mark.parametrize("name", STUDIES)
def test_what_is_planted(name):
    study = MADE[name]
    assert len(study.participants) == 6 and 4 <= len(study.films) <= 6
    assert len(study.trials) == 6 * len(study.films)
    assert len({film.seconds for film in study.films}) == len(study.films)
    for (participant, film, dimension), (times, values) in study.samples.items():
        onset = study.onsets_s[participant, film]
        assert not values[times < onset - 1e-9].any(), (participant, film, dimension)
        assert values[times >= onset - 1e-9][0] != 0
    for film in study.films:
        held = study.held(film.stimulus_id, next(iter(study.samples))[2])
        assert held.shape == (6, round(film.seconds * 10))
        assert 0.5 < study.agreement(film.stimulus_id, next(iter(study.samples))[2]) < 1


def test_held_values_are_those_of_the_last_sample():
    study = MADE["button"]
    (press, release, *_), _ = study.samples["ada", "rain", "tingle"]
    row = study.held("rain", "tingle", 2.0)[0]
    steps = 2.0 + np.arange(len(row)) / 10
    expected = [press <= step + 1e-9 < release for step in steps if step < release + 0.9]
    assert row[: len(expected)].tolist() == expected


@pytest.mark.parametrize("name", STUDIES)
def test_stimuli_are_files_that_can_be_opened(name, tmp_path):
    study = MADE[name]
    write(study, tmp_path / name)
    for film in study.films:
        head = stimulus_head(tmp_path / name / film.file)
        assert head.seconds == pytest.approx(film.seconds + 0.1, abs=0.06)
        assert head[2:] == (film.picture, film.sound)


def sessions(name, folder):
    """Read everyone of a study as its overlay says: participant, session, signals."""
    config = yaml.safe_load(write(MADE[name], folder / name).read_text())
    config["clips"] = {code: clip for code, clip in config["clips"].items() if clip}
    dimensions = config["responses"]["dimensions"]
    data = {"responses": None, "signals": None, **config["data"]}
    lengths = {code: clip["duration"] for code, clip in config["clips"].items()}
    kinds = {n: about["kind"] for n, about in dimensions.items() if about}
    sources = find_sources(data, lengths, kinds)
    for subject, person in sources.ids.items():
        parts = read_parts(sources.as_text(subject, *sources.parts), person, lengths, kinds)
        session = joined(parts, person, lengths)
        of_signals = parts[sources.of_signals()]
        yield person, session, signals_on_clock(of_signals, session.zero_unix_s, person)


@pytest.mark.parametrize("name", STUDIES)
def test_trials_and_responses_come_back(name, tmp_path):
    study = MADE[name]
    shown = {(t.participant_id, t.stimulus_id): t for t in study.trials}
    seen = set()
    for person, session, _ in sessions(name, tmp_path):
        n_samples = 0
        for trial in session.trials.itertuples(index=False):
            key = (person, trial.stimulus_id)
            seen.add(key)
            assert trial.duration_s == pytest.approx(shown[key].seconds, abs=1e-6)
            own = session.responses[session.responses["trial"] == trial.trial]
            for dimension, rows in own.groupby("dimension"):
                times, values = study.samples[*key, dimension]
                n_samples += len(times)
                since_onset = rows["time_s"].to_numpy() - trial.onset_s
                np.testing.assert_allclose(since_onset, times, atol=1e-6)
                np.testing.assert_allclose(rows["value"], values, atol=1e-5)
        # Nothing is left out.
        assert n_samples == len(session.responses)
        assert n_samples == sum(len(s.times_s) for k, s in study.samples.items() if k[0] == person)
    assert seen == set(shown)


@pytest.mark.parametrize("name", ["bids", "wrist"])
def test_the_pulse_comes_back_where_the_trials_are(name, tmp_path):
    study = MADE[name]
    for person, session, signals in sessions(name, tmp_path):
        (wave,) = (signal for signal in signals if signal.type == "ppg")
        times = wave.sample_times()
        for trial in session.trials.itertuples(index=False):
            inside = (times >= trial.onset_s) & (times < trial.onset_s + trial.duration_s)
            assert inside.sum() == pytest.approx(trial.duration_s * wave.rate_hz, abs=1)
            height = 1.5 if name == "bids" else 90.0
            peaks, _ = scipy.signal.find_peaks(wave.values[inside], 0.8 * height, distance=20)
            between = np.diff(times[inside][peaks]).mean()
            assert 60.0 / between == pytest.approx(study.pulse_bpm[person], abs=1.0)


def test_a_device_without_a_sensor_gives_no_signal(tmp_path):
    assert all(signals == [] for _, _, signals in sessions("button", tmp_path))
