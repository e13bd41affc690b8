"""A study written as a BIDS dataset: valid, and the same when it is read back."""

import json
import os
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.canonical.membership import responses_in_trials
from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.errors import TinglegramError
from tinglegram.export.bids_dataset import (
    BidsStudy,
    dataset_files,
    participant_files,
    participant_labels,
    stimulus_names,
)
from tinglegram.readers.bids import covariates, find, read
from tinglegram.readers.registry import Request

LENGTHS = {"sea": 20.0, "rain": 12.5}
KINDS = {"joy": "continuous", "fear": "continuous", "tingle": "ordinal"}
STUDY = BidsStudy(
    "Two films", KINDS, {"sea": "sea.mp4"}, {"sea": "calm"}, authors=["A. B", "C. D"], license="CC0"
)
RANDOM = np.random.default_rng(5)


def a_session(participant_id="sub-S01"):
    """Return trials, a slider at 4 Hz, an irregular joystick, keys, and signals of all sorts."""
    trials = trial_table([(1, "sea", 0, 10.0, 20.0), (3, "rain", 2, 41.1, 12.5)])
    slider = [(1, "joy", 10 + k / 4, float(RANDOM.random())) for k in range(80)]
    slider += [(3, "joy", 41.25 + k / 4, float(RANDOM.random())) for k in range(40)]
    stick = [(1, "fear", 10 + t, float(v)) for t, v in RANDOM.random((20, 2))]
    keys = [(1, "tingle", 9.123456, 2.0), (1, "tingle", 11.1, 0.0), (3, "tingle", 50.7, 3.0)]
    wave = RANDOM.normal(size=(3, 500))
    wave[1, 7] = np.nan
    clock = {"clock_at_s": (0.0, 50.0), "clock_offset_s": (0.1, 0.3)}
    stamps = np.round(np.arange(500) / 8 / 60, 6)
    beats = np.cumsum(RANDOM.uniform(0.5, 1.1, 60))
    signals = [
        Signal("PPG100C", "ppg", "Volts", wave[0], -3.25, 8.0, first_index=17),
        Signal("GSR", "eda", "", wave[1].astype(np.float32), 0.5, 8.0, **clock),
        Signal("RR", "ibi", "s", np.diff(beats), times_s=beats[1:]),
        Signal("PPG 2", "ppg", "mV", wave[2], -3.25, 8.0, first_index=17, printed_time_s=stamps),
    ]
    return Session(participant_id, trials, response_table(slider + stick + keys), signals)


def bids_dataset(sessions, study, people=None):
    """Return path -> content of every file but the stimuli, and the notes."""
    files, notes = dataset_files(study, [s.participant_id for s in sessions.values()], people), []
    for session in sessions.values():
        own, left = participant_files(session, study)
        files |= own
        notes += left
    return files, notes


def write(root, files):
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def read_back(root, participant_id, kinds=KINDS):
    request = Request(root, {}, LENGTHS, kinds)
    return read(participant_id, find(request)[participant_id], request)


def assert_same(found, given):
    pd.testing.assert_frame_equal(found.trials, given.trials, check_exact=True)
    pd.testing.assert_frame_equal(found.responses, given.responses, check_exact=True)
    assert len(found.signals) == len(given.signals)
    for one, other in zip(found.signals, given.signals, strict=True):
        for name in ("values", "times_s", "printed_time_s"):
            a, b = getattr(one, name), getattr(other, name)
            assert (a is None) == (b is None), name
            assert a is None or (a.dtype, a.tobytes()) == (b.dtype, b.tobytes()), name
        plain = ("name", "type", "unit", "start_s", "rate_hz", "first_index")
        for name in (*plain, "clock_at_s", "clock_offset_s"):
            assert getattr(one, name) == getattr(other, name), name


def test_a_session_comes_back_bit_by_bit(tmp_path):
    session = a_session()
    files, notes = bids_dataset({1: session}, STUDY)
    write(tmp_path, files)
    found = read_back(tmp_path, "sub-S01")
    assert_same(found, session)
    assert notes == []
    # The one sample without a value is what its reader tells.
    assert [note.kind for note in found.notes] == ["no_value"]
    base = "sub-S01/beh/sub-S01_task-Twofilms"
    assert f"{base}_recording-joy_stim.tsv.gz" in files
    assert f"{base}_acq-fear_beh.tsv" in files
    assert f"{base}_recording-cardiaccardiac2_physio.tsv.gz" in files


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(
    onset=st.floats(0, 1e5),
    gaps=st.lists(st.floats(1e-4, 0.4), min_size=1, max_size=20),
    values=st.lists(finite, min_size=20, max_size=20),
    rate=st.sampled_from([1.0, 1000 / 7, 128.0, 0.1]),
    kind=st.sampled_from(["continuous", "ordinal"]),
)
@settings(max_examples=25, deadline=None)
def test_any_numbers_come_back(tmp_path_factory, onset, gaps, values, rate, kind):
    root = tmp_path_factory.mktemp("bids")
    times = onset + np.cumsum(gaps)
    trials = trial_table([(1, "sea", 0, onset, 20.0)])
    rows = [(1, "joy", float(t), v) for t, v in zip(times, values, strict=False)]
    signals = [Signal("x", "ecg", "mV", np.array(values), onset, rate)]
    with np.errstate(over="ignore"):
        signals.append(Signal("y", "ppg", "mV", np.array(values, np.float32), onset, rate))
    session = Session("sub-1", trials, response_table(rows), signals)
    write(root, bids_dataset({1: session}, BidsStudy("s", {"joy": kind}))[0])
    assert_same(read_back(root, "sub-1", {"joy": kind}), session)


def test_sliders_on_a_grid_are_one_recording_also_where_trials_touch(tmp_path):
    trials = trial_table([(1, "sea", 0, 0.0, 20.0), (2, "rain", 1, 20.0, 12.5)])
    rows = [(1 + (k >= 200), "joy", k / 10, k / 7) for k in range(325)]
    session = Session("sub-a", trials, response_table(rows))
    files, _ = bids_dataset({1: session}, STUDY)
    assert any("recording-joy_stim.tsv.gz" in path for path in files)
    write(tmp_path, files)
    assert_same(read_back(tmp_path, "sub-a"), session)


@pytest.mark.parametrize("gap", [0.0, 0.25, 8.0])
def test_a_sample_before_an_onset_is_a_level_again_when_it_is_read_back(tmp_path, gap):
    """The last sample of a trial is the level of one that follows at once."""
    onsets, ends = np.array([2.0, 12.0 + gap]), np.array([12.0, 22.0 + gap])
    trials = trial_table([(1, "sea", 0, 2.0, 10.0), (2, "rain", 1, 12.0 + gap, 10.0)])
    times = 0.6 + np.arange(round(21 + gap))
    given = responses_in_trials(times, np.sin(times), "continuous", onsets, ends)
    # Both trials begin at a level of their own; without a gap, the same sample is in both.
    assert (given.places[given.times_s < onsets[given.places]]).tolist() == [0, 1]
    assert (len(np.unique(given.times_s)) < len(given.times_s)) == (gap < 1)
    rows = [(place + 1, "joy", time, value) for place, time, value in given.rows()]
    session = Session("sub-a", trials, response_table(rows))
    files, _ = bids_dataset({1: session}, STUDY)
    assert any("recording-joy_stim.tsv.gz" in path for path in files)
    write(tmp_path, files)
    assert_same(read_back(tmp_path, "sub-a"), session)


def test_levels_that_the_rule_does_not_give_keep_their_trials(tmp_path):
    """An adapter that begins each trial anew: read as a recording, it would get a level."""
    trials = trial_table([(1, "sea", 0, 0.0, 10.0), (2, "rain", 1, 10.0, 10.0)])
    rows = [(1 + (t > 10), "joy", t + 0.6, t / 7) for t in range(19) if t != 10]
    session = Session("sub-a", trials, response_table(rows))
    files, _ = bids_dataset({1: session}, STUDY)
    assert any("acq-joy_beh.tsv" in path for path in files)
    write(tmp_path, files)
    assert_same(read_back(tmp_path, "sub-a"), session)


def test_participants_keep_their_ids_and_covariates(tmp_path):
    people = pd.DataFrame({"subject": [2], "participant_id": ["P_2"], "age": [31.5]})
    files, _ = bids_dataset({2: a_session("P_2")}, STUDY, people)
    assert files["participants.tsv"].decode() == (
        "participant_id\tstudy_id\tage\nsub-P2\tP_2\t31.5\n"
    )
    write(tmp_path, files)
    assert covariates(Request(tmp_path)).iloc[0].tolist() == ["sub-P2", "P_2", 31.5]


def test_what_was_exported_before_is_exported_again(tmp_path):
    people = pd.DataFrame({"subject": [1], "participant_id": ["P_2"], "age": [31.5]})
    first = bids_dataset({1: a_session("P_2")}, STUDY, people)[0]["participants.tsv"]
    write(tmp_path, {"participants.tsv": first})
    again = covariates(Request(tmp_path)).assign(subject=[1])
    assert bids_dataset({1: a_session("sub-P2")}, STUDY, again)[0]["participants.tsv"] == first
    # Who has another name by now has both.
    renamed = again.assign(participant_id=["Q"])
    files, _ = bids_dataset({1: a_session("Q")}, STUDY, renamed)
    assert files["participants.tsv"].decode() == (
        "participant_id\tstudy_id2\tstudy_id\tage\nsub-Q\tQ\tP_2\t31.5\n"
    )


def test_ids_that_bids_would_confuse_are_refused():
    with pytest.raises(TinglegramError, match="found sub-P2 for P_2, too"):
        participant_labels(["P_2", "P-2"])
    with pytest.raises(TinglegramError, match="found '--'"):
        participant_labels(["--"])


def test_a_signal_without_samples_is_told():
    session = Session(
        "1", a_session().trials, response_table([]), [Signal("x", "ppg", "", np.array([]))]
    )
    files, notes = bids_dataset({1: session}, STUDY)
    assert [str(note) for note in notes] == ["1: signal x has no sample"]
    assert not any("physio" in path for path in files)


def test_packed_files_carry_no_time_of_writing():
    files, _ = bids_dataset({1: a_session()}, STUDY)
    packed = [content for path, content in files.items() if path.endswith(".gz")]
    assert packed and all(content[4:8] == bytes(4) for content in packed)


def test_the_official_validator_accepts_it(tmp_path):
    validator = shutil.which("bids-validator-deno")
    assert validator, "install the test extra"
    root = tmp_path / "dataset"
    write(root, bids_dataset({1: a_session(), 2: a_session("b 2")}, STUDY)[0])
    write(root, {"stimuli/sea.mp4": b"film"})
    env = os.environ | {"DENO_NO_UPDATE_CHECK": "1", "DENO_DIR": str(tmp_path / "deno")}

    def errors():
        command = [validator, "--format", "json", str(root)]
        said = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
        issues = json.loads(said.stdout)["issues"]["issues"]
        return said.returncode, [i for i in issues if i["severity"] == "error"]

    assert errors() == (0, [])
    # It does look: a physiological recording with a column too few is refused.
    path = next(root.rglob("*_physio.json"))
    path.write_text(json.dumps({"SamplingFrequency": 1, "StartTime": 0}))
    assert errors()[0] != 0


def test_stimuli_of_one_name_stay_apart():
    given = {"one": "a/film.mp4", "two": "b/film.mp4", "rain": "a/rain.wav", "again": "a/rain.wav"}
    assert stimulus_names(given) == {
        **{"one": "one_film.mp4", "two": "two_film.mp4"},
        **{"rain": "rain.wav", "again": "rain.wav"},
    }
    # Neither the name with an id in front nor one with other capitals is anyone else's.
    given = {"x": "a/film.mp4", "y": "b/Film.mp4", "z": "c/x_film.mp4"}
    assert stimulus_names(given) == {"x": "x_film.mp4", "y": "y_Film.mp4", "z": "z_x_film.mp4"}
