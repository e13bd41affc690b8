"""Canonical tables: what is written comes back to the bit, and sound tables pass."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.canonical.files import (
    pack_signals,
    read_session_tables,
    read_signals,
    unpack_signals,
    write_session,
    write_signals,
)
from tinglegram.canonical.tables import (
    RESPONSE_COLUMNS,
    TRIAL_COLUMNS,
    Session,
    Signal,
    fit_session,
    response_table,
    trial_table,
)
from tinglegram.files import read_table
from tinglegram.formats.recording import Note

STIMULI = {"01": 5.0, "n/a song": 5.0}
TRIALS = trial_table([(1, "01", 0, 0.1, 5.0), (2, "n/a song", 1, 1 / 3 + 6, 5.0)])
RESPONSES = response_table([(2, "joy", 7.0, 1e-17), (1, "joy", 0.1 + 0.2, -0.1), (1, "awe", 4, 2)])
SIGNALS = {
    "ppg": Signal("BVP", "ppg", "µV", np.array([0.1, np.nan, -3.0]), 1.5, 64.0, first_index=7),
    "ibi": Signal("IBI", "ibi", "s", np.array([0.8, 0.9]), times_s=np.array([1.0, 1.9])),
    "drifting": Signal(
        "PPG100C",
        "ppg",
        "",
        np.arange(4.0),
        rate_hz=2.0,
        clock_at_s=(0.0, 100.0),
        clock_offset_s=(0.25, 0.3),
        printed_time_s=np.array([0.0, 0.5, 1.0, 1.5]),
    ),
    "none": Signal("EDA", "eda", "uS", np.empty(0), rate_hz=4.0),
}


def test_tables_come_back_to_the_bit(tmp_path):
    notes = (Note("left_out", "3 rows\twith a tab"), Note("rate", "n/a"))
    session = Session("P1", TRIALS, RESPONSES, notes=notes)
    paths = [tmp_path / name for name in ("t.tsv", "r.tsv", "n.tsv")]
    write_session(session, *paths)
    trials, responses = read_session_tables(*paths[:2])
    pd.testing.assert_frame_equal(trials, TRIALS, check_exact=True)
    pd.testing.assert_frame_equal(responses, RESPONSES, check_exact=True)
    assert read_table(paths[2])["message"].tolist()[0] == "3 rows\twith a tab"


def test_no_trials_and_no_responses_come_back(tmp_path):
    paths = [tmp_path / name for name in ("t.tsv", "r.tsv", "n.tsv")]
    write_session(Session("P1", trial_table([]), response_table([])), *paths)
    trials, responses = read_session_tables(*paths[:2])
    assert list(trials) == list(TRIAL_COLUMNS) and trials.empty
    assert list(responses) == list(RESPONSE_COLUMNS) and responses.empty
    assert trials.dtypes.astype(str).to_dict() == trial_table([]).dtypes.astype(str).to_dict()


def test_names_that_are_numbers_stay_texts(tmp_path):
    session = Session(
        "P1", trial_table([(1, "01", 0, 1.0, 5.0)]), response_table([(1, "1.0", 2.0, 1.0)])
    )
    paths = [tmp_path / name for name in ("t.tsv", "r.tsv", "n.tsv")]
    write_session(session, *paths)
    trials, responses = read_session_tables(*paths[:2])
    assert trials["stimulus_id"].tolist() == ["01"]
    assert responses["dimension"].tolist() == ["1.0"]


def same(one: Signal, other: Signal) -> None:
    for name, value in vars(one).items():
        found = getattr(other, name)
        if isinstance(value, np.ndarray):
            assert found.dtype == value.dtype
            np.testing.assert_array_equal(found, value, strict=True)
        else:
            assert found == value and type(found) is type(value), name


@pytest.mark.parametrize("key", SIGNALS)
def test_signals_come_back_to_the_bit(tmp_path, key):
    same(SIGNALS[key], unpack_signals(pack_signals(SIGNALS))[key])
    write_signals(SIGNALS, tmp_path / "s.npz")
    found = read_signals(tmp_path / "s.npz")
    assert list(found) == list(SIGNALS)
    same(SIGNALS[key], found[key])


def test_the_same_signals_are_the_same_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        write_signals(SIGNALS, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_times_of_samples():
    assert SIGNALS["ppg"].sample_times().tolist() == [1.5, 1.5 + 1 / 64, 1.5 + 2 / 64]
    assert SIGNALS["ibi"].sample_times().tolist() == [1.0, 1.9]
    with pytest.raises(ValueError, match="neither a rate nor time stamps"):
        Signal("x", "ppg", "", np.zeros(2)).sample_times()


def test_responses_are_sorted_and_a_later_row_of_one_time_stays_later():
    table = response_table([(2, "b", 1, 1), (1, "b", 2, 2), (1, "b", 1, 3), (1, "b", 1, 4)])
    assert table["value"].tolist() == [3, 4, 2, 1]


def test_sound_tables_pass():
    signals = [signal for key, signal in SIGNALS.items() if key != "none"]
    fit_session(Session("P1", TRIALS, RESPONSES, signals), "P1", STIMULI)
    # One trial may begin when the one before it ends.
    fit_session(
        Session("P1", trial_table([(1, "a", 0, 0, 5), (2, "a", 1, 5, 5)]), RESPONSES[:0]),
        "P1",
        {"a": 5.0},
    )


def test_trials_may_stand_in_any_order():
    fit_session(Session("P1", TRIALS[::-1], RESPONSES), "P1", STIMULI)


def test_a_trial_ends_with_its_stimulus_and_what_follows_is_counted():
    trials = trial_table([(1, "a", 0, 0.0, 5.25), (2, "b", 1, 5.0, 3.0)])
    responses = response_table([(1, "joy", 4.9, 1), (1, "joy", 5.1, 2), (2, "joy", 6.0, 3)])
    fitted = fit_session(Session("P1", trials, responses), "P1", {"a": 5.0, "b": 4.0})
    assert fitted.trials["duration_s"].tolist() == [5.0, 3.0]
    assert fitted.responses["value"].tolist() == [1, 3]
    (note,) = fitted.notes
    assert note.message.startswith("1 trial(s) were timed as up to 0.250 s longer")
    assert note.message.endswith("1 response(s) after that were left out")


def test_one_response_before_the_onset_sets_the_level():
    trials = trial_table([(1, "a", 0, 10.0, 5.0)])
    early = response_table([(1, "joy", 8.0, 1), (1, "joy", 14.9, 2)])
    assert len(fit_session(Session("P1", trials, early), "P1", {"a": 5.0}).responses) == 2


def test_a_response_at_the_end_of_its_trial_is_left_out_and_counted():
    # 0.1 + 0.2 is a little more than 0.3: the same tick.
    trials = trial_table([(1, "a", 0, 0.1, 0.2), (2, "a", 1, 0.3, 0.2)])
    given = response_table([(1, "joy", 0.1, 1), (1, "joy", 0.1 + 0.2, 2), (2, "joy", 0.3, 3)])
    fitted = fit_session(Session("P1", trials, given), "P1", {"a": 0.2})
    assert fitted.responses["value"].tolist() == [1, 3]
    assert [str(note) for note in fitted.notes] == [
        "1 response(s) at the end of their trial, which rate no step of it, were left out"
    ]


def test_a_slider_that_never_moved_is_told():
    trials = trial_table([(1, "a", 0, 0.0, 50.0)])
    still = response_table([(1, "joy", t, 0.5) for t in range(30)])
    (note,) = fit_session(Session("P1", trials, still), "P1", {"a": 50.0}).notes
    assert note.message == "joy is 0.5 in all 30 responses"


@pytest.mark.parametrize("values", [[0, 99, 50, 99], [-9, -8, -9, 9], [99, 99], [1, 99, 2]])
def test_numbers_that_may_be_measured_are_none_of_a_missing_value(values):
    trials = trial_table([(1, "a", 0, 0.0, 50.0)])
    given = response_table([(1, "joy", t, value) for t, value in enumerate(values)])
    assert len(fit_session(Session("P1", trials, given), "P1", {"a": 50.0}).responses)
