"""Finished studies read back: the same tables, ids kept apart, names changed where asked."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.canonical.files import write_session, write_signals
from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import write_json, write_table
from tinglegram.formats.recording import Note
from tinglegram.readers.canonical_tables import covariates, find, read, without_pulse
from tinglegram.readers.parts import find_sources, numbered, read_parts, sources_of_text
from tinglegram.readers.registry import Request

TRIALS = trial_table([(1, "sea", 0, 1.25, 10.0), (2, "rain", 1, 20.0, 5.0)])
RESPONSES = response_table([(1, "joy", 2.0, 0.5), (2, "joy", 21.0, 0.1), (2, "fear", 22.0, 1.0)])
WAVE = Signal("PPG", "ppg", "mV", np.linspace(0.0, 1.0, 50), 0.5, 10.0, clock_at_s=(1.0,))
TIMES = Signal("IBI", "ibi", "s", np.ones(3), times_s=np.array([1.0, 1.9, 2.7]))


def finished(results, people, covariates=None, dates=True, named=True):
    """Write the canonical tables of a study that ran; people: id -> whether there is a pulse."""
    for which, own in (("all", people), ("with_pulse", [p for p in people if people[p]])):
        names = [f"{n:03d}" for n, who in enumerate(people, 1) if who in own]
        path = results / f"participants/{which}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{name}\n" for name in names))
    for number, (who, pulse) in enumerate(people.items(), 1):
        session = Session(who, TRIALS, RESPONSES, notes=[Note("left_out", "2 rows")])
        paths = [
            results / f"canonical/{number:03d}_{n}.tsv" for n in ("trials", "responses", "notes")
        ]
        write_session(session, *paths)
        if dates:
            write_json({"zero_unix_s": 1000.5}, results / f"canonical/{number:03d}_clock.json")
        else:
            paths[2].unlink()
        if pulse:
            write_signals({"0": WAVE, "1": TIMES}, results / f"canonical/{number:03d}_signals.npz")
    if named:
        table = pd.DataFrame({"subject": range(1, len(people) + 1), "participant_id": list(people)})
        write_table(table.assign(**(covariates or {})), results / "participants.tsv")
    return results


@pytest.fixture
def one(tmp_path):
    return finished(tmp_path / "one", {"anna": True, "bo": False}, {"age": [20, 30]})


def test_one_study_comes_back_as_it_was(one):
    request = Request(one, {})
    files = find(request)
    assert list(files) == ["anna", "bo"]
    session = read("anna", files["anna"], request)
    pd.testing.assert_frame_equal(session.trials, TRIALS)
    pd.testing.assert_frame_equal(session.responses, RESPONSES)
    assert session.zero_unix_s == 1000.5
    assert [*session.notes] == [Note("left_out", "2 rows")]
    wave, times = session.signals
    np.testing.assert_array_equal(wave.values, WAVE.values)
    assert (wave.rate_hz, wave.start_s, wave.unit, wave.clock_at_s) == (10.0, 0.5, "mV", (1.0,))
    np.testing.assert_array_equal(times.sample_times(), TIMES.times_s)
    assert read("bo", files["bo"], request).signals == ()
    assert covariates(request).to_dict("list") == {
        "participant_id": ["anna", "bo"],
        "age": [20, 30],
    }


def test_people_of_two_studies_are_kept_apart(tmp_path, one):
    finished(tmp_path / "two", {"anna": True}, {"sex": ["f"]}, dates=False)
    request = Request(tmp_path, {"studies": {"a": "one", "b": "two"}})
    files = find(request)
    assert list(files) == ["a_anna", "a_bo", "b_anna"]
    table = covariates(request)
    assert table.columns.tolist() == ["participant_id", "study", "age", "sex"]
    assert table["study"].tolist() == ["a", "a", "b"]
    assert table["age"].tolist()[:2] == [20, 30] and np.isnan(table["age"][2])
    assert pd.isna(table["sex"]).tolist() == [True, True, False]
    session = read("b_anna", files["b_anna"], request)
    assert session.participant_id == "b_anna"
    # A study of the reader rest_asmr keeps neither notes nor a date.
    assert session.zero_unix_s is None and not session.notes
    assert list(numbered(files)) == ["001", "002", "003"]


def test_stimuli_and_dimensions_are_renamed_within_their_study(tmp_path, one):
    finished(tmp_path / "two", {"zoe": True})
    options = {
        "studies": {"a": "one", "b": "two"},
        "stimuli": {"b": {"sea": "waves"}},
        "dimensions": {"b": {"joy": "valence"}},
    }
    request = Request(tmp_path, options)
    files = find(request)
    session = read("b_zoe", files["b_zoe"], request)
    assert session.trials["stimulus_id"].tolist() == ["waves", "rain"]
    assert session.responses["dimension"].tolist() == ["valence", "fear", "valence"]
    assert read("a_bo", files["a_bo"], request).trials["stimulus_id"].tolist() == ["sea", "rain"]


def test_a_pulse_that_was_not_used_is_kept_back_but_not_the_other_signals(tmp_path, one):
    finished(tmp_path / "two", {"zoe": True})
    studies = {"studies": {"a": "one", "b": "two"}}
    # Of bo there is skin conductance, and no pulse that was used.
    skin = Signal("EDA", "eda", "µS", np.ones(40), 0.0, 4.0)
    write_signals({"0": skin}, one / "canonical/002_signals.npz")
    for with_pulse, expected in (
        (["a", "b"], ["a_bo"]),
        (["b"], ["a_anna", "a_bo"]),
        ([], ["a_anna", "a_bo", "b_zoe"]),
    ):
        request = Request(tmp_path, studies | {"with_pulse": with_pulse})
        assert list(find(request)) == ["a_anna", "a_bo", "b_zoe"]
        assert without_pulse(request) == expected
    assert without_pulse(Request(tmp_path, studies)) == []
    (skin,) = read("a_bo", find(request)["a_bo"], request).signals
    assert skin.type == "eda"
    session = read("b_zoe", find(request)["b_zoe"], request)
    assert [signal.type for signal in session.signals] == ["ppg", "ibi"]
    # The notes of the events are not told again among those of the signals.
    assert not session.notes


def test_a_study_without_a_table_of_people_is_known_by_its_numbers(tmp_path):
    finished(tmp_path / "one", {"x": True, "y": True}, named=False)
    request = Request(tmp_path / "one", {})
    assert list(find(request)) == ["001", "002"]
    assert covariates(request).columns.tolist() == ["participant_id"]


def test_whoever_no_longer_takes_part_is_not_read(one):
    (one / "participants/all.txt").write_text("002\n")
    assert list(find(Request(one, {}))) == ["bo"]


def test_two_names_of_a_study_cannot_become_one(one):
    request = Request(one, {"stimuli": {"study": {"sea": "rain"}}})
    with pytest.raises(TinglegramError, match="found rain for rain and sea"):
        read("anna", find(request)["anna"], request)


def test_two_people_of_one_id_are_refused(tmp_path, one):
    finished(tmp_path / "two", {"b_anna": True})
    request = Request(tmp_path, {"studies": {"a_b": "one", "a": "two"}})
    with pytest.raises(InputProblem, match="a_b_anna in a_b and a"):
        find(request)


def test_who_is_read_without_a_pulse_stands_in_the_sources(tmp_path, one):
    options = {"studies": {"a": "one"}}
    (one / "participants/with_pulse.txt").write_text("")
    signals = {"reader": "canonical", "options": options | {"with_pulse": ["a"]}}
    data = {"reader": "canonical", "root": str(tmp_path), "options": options}
    found = find_sources(data | {"responses": None, "signals": signals}, {}, {})
    assert found.without_pulse == {"001"} and found.of_signals() == "signals"
    text = found.as_text("001", "events", "signals")
    assert sources_of_text(text, "001", "anna", []).without_pulse == ("001",)
    sessions = read_parts(text, "anna", {}, {})
    assert [signal.type for signal in sessions["signals"].signals] == ["ppg", "ibi"]
