"""BIDS datasets, as others publish them, into the canonical tables."""

import contextlib
import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.canonical.tables import fit_session
from tinglegram.errors import TinglegramError
from tinglegram.readers.bids import covariates, find, read
from tinglegram.readers.registry import Request, reader

# Sidecar of sub-S01_ses-1_task-Rest_physio.json of OpenNeuro ds004892 (CC0), as it stands there.
DS004892 = {
    "SamplingFrequency": 1000.0,
    "StartTime": 46.23,
    "Columns": ["time", "PPG - PPG100C", "EDA - EDA100C-MRI", "RESP", *["Digital input"] * 8],
}
# Sidecar of sub-beer_task-RidingTheRails_recording-Anger_stim.json of OpenNeuro ds004872 (CC0).
DS004872 = {
    "SamplingFrequency": 1.0,
    "Columns": ["Anger"],
    "StartTime": 0,
    "Anger": {
        "Description": "Anger",
        "Instructions": "Anger is a feeling of irritation or rage towards another person or "
        "situation. Move up the gauge as you feel increasing anger. Move it down as you do not "
        "feel angry.",
        "Levels": {"high": "Angry", "low": "Not Angry"},
    },
}


def write(root, path, content):
    """Write text, JSON, or rows of a packed table."""
    to = root / path
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.endswith(".gz"):
        rows = np.atleast_2d(np.array(content, dtype=object))
        text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
        to.write_bytes(gzip.compress(text.encode()))
    elif path.endswith(".json"):
        to.write_text(json.dumps(content))
    else:
        to.write_text(content)


def session(root, participant_id="sub-S01", lengths=None, dimensions=None, **options):
    request = Request(
        root, options, lengths or {"sea": 4.0, "rain": 6.0}, dimensions or {"joy": "continuous"}
    )
    found = read(participant_id, find(request)[participant_id], request)
    fit_session(found, participant_id, request.lengths_s)
    return found


def kinds(found):
    return {note.kind for note in found.notes}


EVENTS = "onset\tduration\ttrial_type\tstim_file\n2\tn/a\tfilm\tfilms/sea.mp4\n"


def with_events(root, rows="10.5\t6\tfilm\tfilms/rain.mp4\n0.5\t1\tfixation\tn/a\n"):
    write(root, "sub-S01/func/sub-S01_task-films_events.tsv", EVENTS + rows)
    return "sub-S01/func/sub-S01_task-films"


def test_the_registry_knows_it():
    assert reader("bids").find is find


def test_events_become_trials_in_the_order_of_their_onsets(tmp_path):
    with_events(tmp_path)
    found = session(tmp_path)
    rows = found.trials.to_numpy().tolist()
    assert rows == [[1, "sea", 0, 2.0, 4.0], [2, "rain", 1, 10.5, 6.0]]
    assert {str(note) for note in found.notes} == {
        "task-films: 1 trials without a duration were taken as long as their stimulus",
        "task-films: 1 events are no trials: fixation (1)",
    }


def test_a_real_sidecar_gives_its_signals_and_counts_the_rest(tmp_path):
    base = with_events(tmp_path)
    rows = np.arange(3 * 12).reshape(3, 12).astype(object)
    rows[1, 1] = "n/a"
    write(tmp_path, f"{base}_physio.tsv.gz", rows)
    write(tmp_path, f"{base}_physio.json", DS004892)
    found = session(tmp_path)
    assert [(s.name, s.type) for s in found.signals] == [
        ("PPG - PPG100C", "ppg"),
        ("EDA - EDA100C-MRI", "eda"),
        ("RESP", "resp"),
    ]
    assert found.signals[0].start_s == 46.23 and found.signals[0].rate_hz == 1000.0
    np.testing.assert_array_equal(found.signals[0].values, [1, np.nan, 25])
    said = "\n".join(map(str, found.notes))
    assert "1 of 3 samples of PPG - PPG100C are n/a" in said
    assert "9 columns of sub-S01_task-films_physio.tsv.gz were left out" in said
    assert "time, Digital input (8)" in said


def test_ratings_without_events_are_trials_on_a_made_clock(tmp_path):
    for film, values in {"RidingTheRails": [0, 1, 2, 3], "Sintel": [5, 6, "n/a", 7]}.items():
        base = f"sub-beer/beh/sub-beer_task-{film}_recording-Anger_stim"
        write(tmp_path, f"{base}.tsv.gz", [[v] for v in values])
        write(tmp_path, f"{base}.json", DS004872)
    write(tmp_path, "sub-beer/beh/sub-beer_task-Payload_recording-Anger_stim.tsv.gz", [[1]])
    write(tmp_path, "sub-beer/beh/sub-beer_task-Payload_recording-Anger_stim.json", DS004872)
    lengths = {"rails": 4.0, "Sintel": 4.0}
    found = session(
        tmp_path,
        "sub-beer",
        lengths,
        {"Anger": "continuous"},
        rename={"RidingTheRails": "rails"},
    )
    # The second film follows on whole seconds, at least a minute later.
    assert found.trials.to_numpy().tolist() == [[1, "rails", 0, 0, 4], [2, "Sintel", 1, 64, 4]]
    assert found.responses.to_numpy().tolist() == [
        *([1, "Anger", t, t] for t in range(4)),
        *([2, "Anger", 64 + t, v] for t, v in ((0, 5), (1, 6), (3, 7))),
    ]
    assert kinds(found) == {"made_clock", "no_events", "no_trials", "no_value", "joined_runs"}


def test_sidecars_are_inherited_and_the_nearest_counts(tmp_path):
    base = with_events(tmp_path)
    write(tmp_path, "task-films_physio.json", {"SamplingFrequency": 10, "StartTime": 1})
    write(tmp_path, "sub-S01/sub-S01_physio.json", {"StartTime": -2.5, "Columns": ["cardiac"]})
    write(tmp_path, "task-other_physio.json", {"SamplingFrequency": 99})
    write(tmp_path, f"{base}_physio.tsv.gz", [[1], [2]])
    (signal,) = session(tmp_path).signals
    assert (signal.rate_hz, signal.start_s, signal.type) == (10.0, -2.5, "ppg")


def test_a_slider_counts_within_trials_and_as_the_level_before(tmp_path):
    base = with_events(tmp_path)
    write(tmp_path, f"{base}_recording-joy_stim.tsv.gz", [[v] for v in range(20)])
    about = {"SamplingFrequency": 1, "StartTime": 0.25, "Columns": ["joy"]}
    write(tmp_path, f"{base}_recording-joy_stim.json", about)
    found = session(tmp_path)
    # Sea lasts from 2 to 6, rain from 10.5 to 16.5.
    assert found.responses["value"].tolist() == [1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16]
    assert found.responses["trial"].tolist() == [1] * 5 + [2] * 7
    assert "8 samples of joy lie in no trial" in str([str(n) for n in found.notes])


def test_responses_as_events_keep_their_times(tmp_path):
    write(
        tmp_path,
        "sub-S01/beh/sub-S01_task-films_events.tsv",
        "onset\tduration\ttrial_type\tvalue\n2\t4\tsea\tn/a\n2.123456789\tn/a\tresponse\t0.25\n"
        "3\tn/a\tresponse\tn/a\n9\tn/a\tresponse\t1\n",
    )
    found = session(tmp_path)
    assert found.responses.to_numpy().tolist() == [[1, "joy", 2.123456789, 0.25]]
    said = str([str(n) for n in found.notes])
    assert "1 responses without a value" in said and "1 responses in no trial" in said


def test_behaviour_files_hold_responses_of_named_columns(tmp_path):
    with_events(tmp_path)
    table = "onset\tx\ty\n2.5\t0.1\t1\n3.1\t0.2\tn/a\n"
    write(tmp_path, "sub-S01/beh/sub-S01_task-films_beh.tsv", table)
    found = session(
        tmp_path,
        dimensions={"valence": "continuous", "arousal": "continuous"},
        responses=[
            {"dimension": "valence", "column": "x"},
            {"dimension": "arousal", "column": "y"},
        ],
    )
    assert found.responses["value"].tolist() == [1.0, 0.1, 0.2]
    assert "1 responses without a value or time" in str([str(n) for n in found.notes])


def test_runs_are_joined_on_one_clock(tmp_path):
    for run, film in ((10, "rain"), (2, "sea")):
        base = f"sub-S01/ses-a/func/sub-S01_ses-a_task-films_run-{run}"
        write(tmp_path, f"{base}_events.tsv", f"onset\tduration\ttrial_type\n1\t4\t{film}\n")
        write(tmp_path, f"{base}_physio.tsv.gz", [[v] for v in range(14)])
        about = {"SamplingFrequency": 2, "StartTime": -0.5, "Columns": ["cardiac"]}
        write(tmp_path, f"{base}_physio.json", about)
    found = session(tmp_path)
    # Run 2 ends with its last sample at second 6; run 10 begins at -0.5, a minute later.
    assert found.trials["stimulus_id"].tolist() == ["sea", "rain"]
    assert found.trials["onset_s"].tolist() == [1.0, 68.0]
    (signal,) = found.signals
    held = np.isfinite(signal.values)
    np.testing.assert_allclose(
        signal.sample_times()[held], [*np.arange(-0.5, 6.5, 0.5), *np.arange(66.5, 73.5, 0.5)]
    )
    assert "joined_runs" in kinds(found)
    assert len(session(tmp_path, runs=["2"]).trials) == 1


def test_runs_off_one_grid_keep_the_time_of_each_sample(tmp_path):
    for run, start in ((1, 0.0), (2, 0.3)):
        base = f"sub-S01/func/sub-S01_task-films_run-{run}"
        write(tmp_path, f"{base}_events.tsv", "onset\tduration\ttrial_type\n1\t4\tsea\n")
        write(tmp_path, f"{base}_physio.tsv.gz", [[v] for v in range(6)])
        about = {"SamplingFrequency": 1, "StartTime": start, "Columns": ["cardiac"]}
        write(tmp_path, f"{base}_physio.json", about)
    (signal,) = session(tmp_path).signals
    assert signal.rate_hz is None
    np.testing.assert_allclose(signal.times_s, [*range(6), *(65.3 + np.arange(6))])


def test_kept_trial_types_and_types_of_signals_are_chosen(tmp_path):
    base = with_events(tmp_path, "12\t4\tpractice\tfilms/sea.mp4\n")
    write(tmp_path, f"{base}_physio.tsv.gz", [[1, 2]])
    about = {"SamplingFrequency": 5, "StartTime": 0, "Columns": ["A1", "cardiac"]}
    write(tmp_path, f"{base}_physio.json", about | {"A1": {"Units": "mV"}})
    found = session(tmp_path, keep=["film"], signals={"A[0-9]": "ecg", "cardiac": None})
    assert len(found.trials) == 1
    assert [(s.name, s.type, s.unit) for s in found.signals] == [("A1", "ecg", "mV")]


def test_covariates_are_numbers_where_all_are(tmp_path):
    with_events(tmp_path)
    assert covariates(Request(tmp_path))["participant_id"].tolist() == ["sub-S01"]
    write(tmp_path, "participants.tsv", "participant_id\tage\tsex\nsub-S01\t31\tF\nS02\tn/a\tM\n")
    table = covariates(Request(tmp_path))
    assert table["participant_id"].tolist() == ["sub-S01", "sub-S02"]
    np.testing.assert_array_equal(table["age"], [31, np.nan])


def test_a_film_rated_for_something_else_is_no_trial(tmp_path):
    for film, felt in (("sea", "Joy"), ("rain", "Anger")):
        base = f"sub-S01/beh/sub-S01_task-{film}_recording-{felt}_stim"
        write(tmp_path, f"{base}.tsv.gz", [[1], [2]])
        write(tmp_path, f"{base}.json", DS004872 | {"Columns": [felt]})
    found = session(tmp_path)
    assert found.trials["stimulus_id"].tolist() == ["sea"]
    assert "task-rain: no events and no rating that the study asks for: " in str(
        [str(note) for note in found.notes]
    )


@pytest.mark.parametrize("options", [{"signals": {"x": "pulse"}}, {"keeps": ["film"]}])
def test_wrong_options_are_refused_while_planning(tmp_path, options):
    with_events(tmp_path)
    with pytest.raises(TinglegramError, match="data.options"):
        find(Request(tmp_path, options))


def whole_dataset(root):
    base = with_events(root)
    write(root, f"{base}_physio.tsv.gz", [[1, 2], [3, "n/a"]])
    about = {"SamplingFrequency": 10, "StartTime": 0, "Columns": ["cardiac", "eda"]}
    write(root, f"{base}_physio.json", about)
    write(root, "sub-S01/func/sub-S01_task-films_beh.tsv", "onset\tjoy\n2.5\t1\n")
    return sorted(path for path in root.rglob("*") if path.is_file())


@given(
    which=st.integers(0, 3),
    at=st.integers(0, 200),
    length=st.integers(0, 9),
    inserted=st.sampled_from(
        [b"", b"\t", b"\n", b"n/a", b"-1", b"[]", b"{", b"1e999", b"\xff\x00"]
    ),
)
@settings(max_examples=60, deadline=None)
def test_damaged_files_are_read_or_refused_with_a_sentence(
    tmp_path_factory, which, at, length, inserted
):
    root = tmp_path_factory.mktemp("bids")
    path = whole_dataset(root)[which]
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    at %= len(content)
    damaged = content[:at] + inserted + content[at + length :]
    path.write_bytes(gzip.compress(damaged) if path.suffix == ".gz" else damaged)
    with contextlib.suppress(TinglegramError):
        session(root)
