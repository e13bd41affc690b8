"""Which reader reads which part, who is who, and how parts come onto one clock."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.readers.parts import (
    Part,
    Sources,
    chosen_signal,
    covariate_table,
    find_sources,
    joined,
    numbered,
    parts_of,
    read_parts,
    shift_between,
    signals_on_clock,
)

SCRIPT = """
import pandas as pd
from tinglegram.canonical.tables import Session, response_table, trial_table

def find(request):
    return {path.stem: [path] for path in sorted(request.root.glob("*.txt"))}

def read(participant_id, files, request):
    onset = float(files[0].read_text())
    trials = trial_table([(1, "film", 0, onset, request.lengths_s["film"])])
    responses = response_table([(1, "joy", onset + 1.0, request.options["value"])])
    return Session(participant_id, trials, responses, zero_unix_s=request.options.get("zero"))

def covariates(request):
    return pd.DataFrame({"participant_id": ["anna"], "age": [30]})
"""


@pytest.fixture
def data(tmp_path) -> dict:
    (tmp_path / "reader.py").write_text(SCRIPT)
    for name, onset in {"anna": "2.5", "bo": "3.5"}.items():
        (tmp_path / f"{name}.txt").write_text(onset)
    return {
        "reader": str(tmp_path / "reader.py"),
        "root": str(tmp_path),
        "options": {"value": 0.25},
        "responses": None,
        "signals": None,
    }


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["7", "12"], {"007": "7", "012": "12"}),
        (["P2", "P11"], {"002": "P2", "011": "P11"}),
        (["sub-01", "sub-02"], {"001": "sub-01", "002": "sub-02"}),
        (["bridge", "area"], {"001": "area", "002": "bridge"}),
        # Two people of one number, and words among numbers, are numbered anew.
        (["A1", "B1"], {"001": "A1", "002": "B1"}),
        (["5", "x"], {"001": "5", "002": "x"}),
    ],
)
def test_people_keep_their_numbers_where_they_have_some(ids, expected):
    assert numbered(ids) == expected


def test_sources_and_sessions_of_a_script(data):
    sources = find_sources(data, {"film": 8.0}, {"joy": "continuous"})
    assert dict(sources.ids) == {"001": "anna", "002": "bo"}
    assert sources.used("002", "events") == [f"{data['root']}/bo.txt"]
    text = sources.as_text("002", "events", "responses")
    assert list(json.loads(text)) == ["events"]
    sessions = read_parts(text, "bo", {"film": 8.0}, {"joy": "continuous"})
    session = joined(sessions, "bo", {"film": 8.0})
    assert session.trials.iloc[0].tolist() == [1, "film", 0, 3.5, 8.0]
    assert session.responses.iloc[0].tolist() == [1, "joy", 4.5, 0.25]
    table = covariate_table(sources, {"film": 8.0}, {})
    assert table["participant_id"].tolist() == ["anna", "bo"]
    assert table["age"].tolist()[0] == 30 and np.isnan(table["age"].tolist()[1])


def test_another_reader_gives_the_responses_on_its_own_clock(data):
    data["options"] = {"value": 0.25, "zero": 1000.0}
    data["responses"] = {"reader": data["reader"], "options": {"value": 0.75, "zero": 1002.0}}
    sources = find_sources(data, {"film": 8.0}, {})
    text = sources.as_text("001", "events", "responses")
    session = joined(read_parts(text, "anna", {"film": 8.0}, {}), "anna", {"film": 8.0})
    # Two seconds later on the clock of the events.
    assert session.responses.iloc[0].tolist() == [1, "joy", 5.5, 0.75]


def csv_beside_csv(folder, keys: str, **entry) -> Session:
    """Events of one reader, and responses whose trials another one has to make."""
    (folder / "P1_trials.csv").write_text("clip,t\na,10\nb,80\nc,150\nd,220\n")
    (folder / "P1_keys.csv").write_text(keys)
    pattern = {"files": "{participant}_keys.csv", "stimulus": "clip", "time": "t", "value": "key"}
    data = {"reader": "csv", "root": str(folder), "signals": None}
    data["options"] = {
        "trials": {"files": "{participant}_trials.csv", "stimulus": "clip", "onset": "t"}
    }
    data["responses"] = {"reader": "csv", "options": {"responses": [pattern | entry]}}
    lengths = dict.fromkeys("abcd", 60.0)
    sources = find_sources(data, lengths, {"response": "ordinal"})
    text = sources.as_text("001", "events", "responses")
    return joined(read_parts(text, "P1", lengths, {"response": "ordinal"}), "P1", lengths)


@pytest.mark.parametrize("first", [(12, 15, 20, 14), (2, 3, 4, 2.5), (2, 5, 8, 11)])
def test_a_first_response_is_no_marker_of_an_onset(tmp_path, first):
    """Presses come as late as they come: neither another time zone nor a clock that runs apart."""
    at = {c: o + f for c, o, f in zip("abcd", (10, 80, 150, 220), first, strict=True)}
    keys = "clip,t,key\n" + "".join(f"{c},{t},1\n{c},{t + 7},2\n" for c, t in at.items())
    session = csv_beside_csv(tmp_path, keys)
    assert session.responses["time_s"].tolist()[::2] == list(at.values())
    assert list(session.notes) == []


def test_times_since_onsets_are_put_on_the_onsets_of_the_events(tmp_path):
    keys = "clip,t,key\n" + "".join(f"{c},{t},1\n" for c in "abcd" for t in (3, 9))
    session = csv_beside_csv(tmp_path, keys, clock="trial")
    late = [o + t for o in (10, 80, 150, 220) for t in (3, 9)]
    assert session.responses["time_s"].tolist() == late
    assert [note.kind for note in session.notes] == ["times_since_onset"]


def two_readers(onset: float, times, stimulus: str = "film") -> Session:
    """Trial 1 begins at 10 for the responses' reader, and at `onset` for that of the events."""
    rows = [(1, "joy", 10.0 + after, float(i)) for i, after in enumerate(times)]
    sessions = {
        "events": Session("7", trial_table([(1, "film", 0, onset, 5.0)]), response_table([])),
        "responses": Session("7", trial_table([(1, stimulus, 0, 10.0, 5.0)]), response_table(rows)),
    }
    return joined(sessions, "P7", {"film": 5.0, "song": 5.0})


def test_what_lies_beside_a_trial_whose_times_two_readers_give_is_counted():
    late = two_readers(10.25, [0.0, 0.125, 0.5, 4.9])
    # The last one before the onset is the level there.
    assert late.responses["time_s"].tolist() == [10.125, 10.5, 14.9]
    early = two_readers(9.75, [0.0, 4.5, 4.75, 4.9])
    assert early.responses["time_s"].tolist() == [10.0, 14.5]
    assert [note.message for note in (*late.notes, *early.notes)] == [
        f"{n} response(s) lie up to 0.5 s beside their trial, whose times two readers give, and "
        "were left out"
        for n in (1, 2)
    ]
    assert two_readers(10.0, [0.0, 4.9]).notes == ()
    for onset in (9.25, 10.75):
        with pytest.raises(InputProblem, match="times from its onset to its end"):
            two_readers(onset, [0.0, 0.1, 4.9])


def test_nobody_found(data, tmp_path):
    data["root"] = str(tmp_path / "reader.py")
    with pytest.raises(TinglegramError, match="found nobody there"):
        find_sources(data, {}, {})


def test_files_of_people_without_events(data, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more/carl.txt").write_text("1")
    data["signals"] = {"reader": data["reader"], "root": str(tmp_path / "more")}
    with pytest.raises(TinglegramError, match="files of carl, who have no events"):
        find_sources(data, {}, {})


def test_parts_have_the_root_of_the_data_unless_they_name_their_own():
    data = {"reader": "csv", "root": "raw", "options": {}, "responses": {"reader": "bids"}}
    data["signals"] = {"reader": "empatica", "root": "e4"}
    found = parts_of(data)
    assert found["responses"] == Part("bids", "raw")
    assert found["signals"].root == "e4"
    assert Sources(found).of_signals() == "signals"


def test_one_clock_with_a_date_and_one_without():
    assert shift_between(None, None, "a") == 0.0
    assert shift_between(12.0, 10.0, "a") == 2.0
    with pytest.raises(InputProblem, match="unix times in all files"):
        shift_between(12.0, None, "a")


def session_of(*signals: Signal, zero: float | None = None) -> Session:
    return Session("a", trial_table([]), response_table([]), signals, (), zero)


def test_signals_come_onto_the_clock_of_the_events():
    steady = Signal("BVP", "ppg", "", np.zeros(3), start_s=5.0, rate_hz=64.0)
    stamped = Signal("IBI", "ibi", "s", np.ones(2), times_s=np.array([6.0, 7.0]))
    first, second = signals_on_clock(session_of(steady, stamped, zero=100.0), 98.0, "a")
    assert first.start_s == 7.0 and second.times_s.tolist() == [8.0, 9.0]
    assert first.sample_times().tolist() == [7.0, 7.0 + 1 / 64, 7.0 + 2 / 64]


def test_the_pulse_is_the_one_signal_of_its_type():
    ppg = Signal("BVP", "ppg", "", np.zeros(3), rate_hz=64.0)
    eda = Signal("EDA", "eda", "", np.zeros(3), rate_hz=4.0)
    assert chosen_signal([eda, ppg], "ppg", "a") is ppg
    with pytest.raises(InputProblem, match=r"found EDA \(eda\)"):
        chosen_signal([eda], "ppg", "a")
    with pytest.raises(InputProblem, match="found 2: BVP, BVP"):
        chosen_signal([ppg, ppg], "ppg", "a")


def test_files_named_in_the_plan_are_the_only_ones_read(data):
    text = find_sources(data, {"film": 8.0}, {}).as_text("001", "events")
    assert json.loads(text)["events"]["files"] == [str(Path(data["root"]) / "anna.txt")]
