"""The reader csv: what stands in the files arrives on one clock; what is left out is counted."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from paths import ROOT

from tinglegram.canonical.tables import fit_session
from tinglegram.errors import InputProblem
from tinglegram.readers.csv_files import covariates, find, read
from tinglegram.readers.csv_names import name_glob, name_pattern
from tinglegram.readers.csv_times import joined_spans
from tinglegram.readers.registry import Request

LENGTHS = {"film1": 10.0, "film2": 20.0}
TRIALS = {"files": "{participant}_events.csv", "stimulus": "clip", "onset": "t"}
SLIDER = {"files": "{participant}_slider.csv", "time": "t", "value": "v"}
EVENTS = "clip,t\nfilm1,100\nfilm2,120\n"
UNIX = 1_700_000_000


def request(root: Path, files: dict[str, str | bytes], **options) -> Request:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Request(root, options, LENGTHS, {"response": "continuous"})


def session(root: Path, files: dict[str, str | bytes], participant: str = "P1", **options):
    asked = request(root, files, **options)
    found = read(participant, find(asked)[participant], asked)
    fit_session(found, participant, LENGTHS)
    return found


def rows(found, dimension: str = "response") -> list[tuple[int, float, float]]:
    table = found.responses[found.responses["dimension"] == dimension]
    return list(table[["trial", "time_s", "value"]].itertuples(index=False, name=None))


def notes(found, kind: str) -> list[str]:
    return [note.message for note in found.notes if note.kind == kind]


def slider(root: Path, content: str | bytes, **changes):
    files = {"P1_events.csv": EVENTS, "P1_slider.csv": content}
    return session(root, files, trials=TRIALS, responses=[SLIDER | changes])


def test_trials_and_samples(tmp_path):
    found = slider(tmp_path, "t,v\n100,0.25\n105.5,-3\n120,7\n139.9,1e-3\n")
    assert found.trials.to_dict("list") == {
        "trial": [1, 2],
        "stimulus_id": ["film1", "film2"],
        "order": [0, 1],
        "onset_s": [100.0, 120.0],
        "duration_s": [10.0, 20.0],
    }
    assert rows(found) == [(1, 100, 0.25), (1, 105.5, -3), (2, 120, 7), (2, 139.9, 0.001)]
    assert found.notes == [] and found.zero_unix_s is None


def test_the_last_sample_before_an_onset_is_the_level(tmp_path):
    content = "t,v,clip\n-3,1,film1\n-1,3,film1\n1,4,film1\n"
    found = slider(tmp_path, content, clock="trial", stimulus="clip")
    assert rows(found) == [(1, 99, 3), (1, 101, 4)]


def test_words_of_no_value_name_nobody_and_nothing(tmp_path):
    files = {"events.csv": "who,clip,t\nP1,film1,1\nNA,film2,20\nnull,film2,20\nP1,n/a,5\n"}
    trials = TRIALS | {"files": "events.csv", "participant": "who"}
    asked = request(tmp_path, files, trials=trials)
    assert list(find(asked)) == ["P1"]
    found = session(tmp_path, files, trials=trials)
    assert found.trials["stimulus_id"].tolist() == ["film1"]


def test_trials_are_put_in_the_order_of_their_onsets(tmp_path):
    files = {"P1_events.csv": "clip,t\nfilm2,120\nfilm1,100\n"}
    found = session(tmp_path, files, trials=TRIALS)
    assert found.trials["stimulus_id"].tolist() == ["film1", "film2"]


@pytest.mark.parametrize(
    ("columns", "header", "row"),
    [({"end": "e"}, "e", "104"), ({"duration": "d"}, "d", "4"), ({}, "x", "")],
)
def test_length_from_end_or_duration_or_the_stimulus(tmp_path, columns, header, row):
    files = {"P1_events.csv": f"clip,t,{header}\nfilm1,100,{row}\n"}
    found = session(tmp_path, files, trials=TRIALS | columns)
    assert found.trials["duration_s"].tolist() == [4.0 if row else 10.0]


SAMPLES = [(1, 100.0, 0.5), (2, 121.0, 2.0)]


@pytest.mark.parametrize(
    "content",
    [
        "t,v\r\n100,0.5\r\n121,2\r\n",
        "t;v\n100;0.5\n121;2\n\n\n",
        "t\tv\n100\t0.5\n121\t2",
        'sep=;\n"t";"v"\n"100";"0.5"\n"121";"2"\n',
        " t , v \n 100 , 0.5 \n 121 , 2 \n",
        "v,t,\n0.5,100,\n2,121,\n",
        b"\xef\xbb\xbft,v\n100,0.5\n121,2\n",
        't,v,note\n100,0.5,"a, ""b""\nc"\n121,2,\n',
        "\nt,v\n100,0.5\n121,2\nEND OF FILE,\n",
        "t,v\r100,0.5\r121,2\r",
    ],
    ids=[
        "crlf",
        "semicolon",
        "tab",
        "sep=",
        "blanks",
        "psychopy",
        "bom",
        "quoted",
        "gorilla",
        "cr",
    ],
)
def test_tables_as_programs_write_them(tmp_path, content):
    found = slider(tmp_path, content)
    assert rows(found) == SAMPLES and found.notes == []


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_told(tmp_path, encoding):
    found = slider(tmp_path, "t,v,Gefühl\n100,0.5,\n121,2,\n".encode(encoding))
    assert rows(found) == SAMPLES
    assert notes(found, "encoding") == [
        f"P1_slider.csv: the text is {encoding} and was read as such"
    ]


def test_decimal_commas(tmp_path):
    assert rows(slider(tmp_path, "t;v\n100,0;0,5\n121;2\n", decimal=",")) == SAMPLES


def test_a_file_without_names_and_lines_above(tmp_path):
    found = slider(
        tmp_path, "# made by\n100,0.5\n121,2\n", header=["t", "v"], lines_before_header=1
    )
    assert rows(found) == SAMPLES


@pytest.mark.parametrize(("unit", "per_s"), [("s", 1), ("ms", 1000), ("us", 10**6)])
def test_units(tmp_path, unit, per_s):
    content = f"t,v\n{100 * per_s},0.5\n{121 * per_s},2\n"
    assert rows(slider(tmp_path, content, unit=unit)) == SAMPLES


def test_offset_of_a_device(tmp_path):
    assert rows(slider(tmp_path, "t,v\n97.5,0.5\n118.5,2\n", offset_s=2.5)) == SAMPLES


def test_times_from_the_onset_of_the_trial(tmp_path):
    files = {
        "P1_events.csv": EVENTS,
        "r/P1_film1.csv": "t,v\n-0.5,1\n0,0.5\n10,3\n",
        "r/P1_film2.csv": "t,v\n1000,2\n",
    }
    entry = SLIDER | {"files": "r/{participant}_{stimulus}.csv", "clock": "trial"}
    with pytest.raises(InputProblem, match="all of them outside"):
        session(tmp_path, files, trials=TRIALS, responses=[entry | {"offset_s": 500}])
    files["r/P1_film2.csv"] = "t,v\n1,2\n"
    found = session(tmp_path, files, trials=TRIALS, responses=[entry])
    assert rows(found) == [(1, 99.5, 1), (1, 100, 0.5), (2, 121, 2)]
    assert notes(found, "outside_trials") == [
        "r/P1_film1.csv and 1 more: 1 response(s) outside of every trial were left out"
    ]


def test_unix_times_count_from_the_first_trial(tmp_path):
    events = f"clip,t\nfilm1,{UNIX}.25\nfilm2,{UNIX + 20}.25\n"
    ms = f"t,v\n{UNIX * 1000 + 250},0.5\n{UNIX * 1000 + 21_250},2\n"
    wrist = "t,BVP\n" + "".join(f"{UNIX + i}.123456,{i}\n" for i in range(3))
    files = {"P1_events.csv": events, "P1_slider.csv": ms, "P1_wrist.csv": wrist}
    found = session(
        tmp_path,
        files,
        trials=TRIALS | {"clock": "unix"},
        responses=[SLIDER | {"clock": "unix", "unit": "ms"}],
        signals=[
            {
                "files": "{participant}_wrist.csv",
                "time": "t",
                "clock": "unix",
                "offset_s": 1,
                "columns": {"BVP": {"type": "ppg"}},
            }
        ],
    )
    assert found.zero_unix_s == UNIX + 0.25
    assert found.trials["onset_s"].tolist() == [0.0, 20.0]
    assert rows(found) == [(1, 0.0, 0.5), (2, 21.0, 2.0)]
    assert found.signals[0].times_s.tolist() == [0.873456, 1.873456, 2.873456]


def test_a_clock_of_its_own_joins_unix_times_by_the_table(tmp_path):
    files = {
        "people.csv": f"id,zero\nP1,{UNIX}\n",
        "P1_events.csv": EVENTS,
        "P1_slider.csv": f"t,v\n{UNIX + 100},0.5\n{UNIX + 121},2\n",
    }
    found = session(
        tmp_path,
        files,
        participants={"file": "people.csv", "id": "id", "unix_zero": "zero"},
        trials=TRIALS,
        responses=[SLIDER | {"clock": "unix"}],
    )
    assert rows(found) == SAMPLES and found.zero_unix_s == UNIX
    asked = request(tmp_path, {}, participants={"file": "people.csv", "id": "id"}, trials=TRIALS)
    assert tmp_path / "people.csv" not in find(asked)["P1"]


def test_several_dimensions_and_what_is_left_out(tmp_path):
    content = "t,x,y\n100,1,-1\n101,,n/a\n101,2,-2\n101,3,\n,4,-4\n115,5,-5\n"
    found = slider(tmp_path, content, value={"valence": "x", "arousal": "y"})
    assert rows(found, "valence") == [(1, 100, 1), (1, 101, 3)]
    assert rows(found, "arousal") == [(1, 100, -1), (1, 101, -2)]
    said = {note.kind: note.message for note in found.notes}
    assert said == {
        "missing_values": "P1_slider.csv: 5 response(s) without a time or a value were left out",
        "outside_trials": "P1_slider.csv: 2 response(s) outside of every trial were left out",
        "same_time": "P1_slider.csv: 1 sample(s) at the time of a later row were replaced by it",
        "no_response": "arousal: no response in 1 trial(s): 2 (film2)",
    }


def test_every_row_is_kept_or_counted(tmp_path):
    random = np.random.default_rng(3)
    times = np.round(np.sort(random.uniform(90, 150, 300)), 1)
    values = random.normal(size=300)
    lines = [f"{t},{'' if v > 1 else v}" for t, v in zip(times, values, strict=True)]
    found = slider(tmp_path, "\n".join(["t,v", *lines]))
    counted = sum(
        int(note.message.split(": ")[1].split()[0])
        for note in found.notes
        if note.kind in ("missing_values", "outside_trials", "same_time")
    )
    assert counted > 50 and len(found.responses) + counted == 300


JSPSYCH = (
    "rt,response,subject,trial_type,stimulus,time_elapsed\n"
    'null,"{""Q0"":""0,5""}",7,survey,,10\n'
    "812,1,7,slider,film1.mp4,2000\n900,0.5, 7 ,slider,film1.mp4,3000\n"
    "700,4,8,slider,film1.mp4,2500\n700,2,7,slider,film2.mp4,1000\n,,,slider,,\n"
)


def test_one_file_of_everybody_as_jspsych_writes_it(tmp_path):
    entry = {
        "files": "data.csv",
        "participant": "subject",
        "keep": {"trial_type": ["slider"]},
        "stimulus": "stimulus",
        "rename": {"film1.mp4": "film1", "film2.mp4": "film2"},
        "time": "time_elapsed",
        "value": "response",
        "unit": "ms",
        "clock": "trial",
    }
    asked = request(tmp_path, {"data.csv": JSPSYCH}, responses=[entry])
    assert list(find(asked)) == ["7", "8"]
    found = session(tmp_path, {}, "7", responses=[entry])
    assert found.trials["onset_s"].tolist() == [0.0, 11.0]
    assert rows(found) == [(1, 2, 1), (1, 3, 0.5), (2, 12, 2)]
    assert notes(found, "left_out") == [
        "data.csv: 1 row(s) left out by keep: trial_type",
        "data.csv: 1 row(s) name no participant and were left out",
    ]
    assert "1 s apart" in notes(found, "made_clock")[0]
    assert rows(session(tmp_path, {}, "8", responses=[entry])) == [(1, 2.5, 4)]


def test_trials_made_of_stamps_begin_with_the_first_response(tmp_path):
    files = {
        "P1_film2.csv": f"t,v\n{UNIX},1\n{UNIX + 1},2\n",
        "P1_film1.csv": f"t,v\n{UNIX + 50},3\n",
    }
    entry = SLIDER | {"files": "{participant}_{stimulus}.csv", "clock": "unix"}
    found = session(tmp_path, files, responses=[entry])
    assert found.trials["stimulus_id"].tolist() == ["film2", "film1"]
    assert rows(found) == [(1, 0, 1), (1, 1, 2), (2, 50, 3)]
    assert "first response" in notes(found, "made_clock")[0]


def test_a_stimulus_shown_twice_is_told_apart_by_its_trial(tmp_path):
    files = {
        "P1_events.csv": "n,clip,t\n4,film1,100\n5,film1,120\n",
        "P1_slider.csv": "n,t,v\n5,1,0.5\n4,1,2\n",
    }
    entry = SLIDER | {"clock": "trial", "trial": "n"}
    found = session(tmp_path, files, trials=TRIALS | {"trial": "n"}, responses=[entry])
    assert rows(found) == [(1, 101, 2), (2, 121, 0.5)]


BUTTON = {"files": "{participant}_slider.csv", "time": "t", "event": "v"}


def button(root: Path, content: str, **changes):
    files = {"P1_events.csv": EVENTS, "P1_slider.csv": content}
    return session(root, files, trials=TRIALS, responses=[BUTTON | changes])


def test_a_button_held(tmp_path):
    found = button(tmp_path, "t,v\n101,press\n103,release\n125,Press\n126,RELEASE\n")
    assert rows(found) == [(1, 101, 1), (1, 103, 0), (2, 125, 1), (2, 126, 0)]
    assert found.notes == []


def test_presses_that_repeat_do_not_end_or_reach_beyond_a_trial(tmp_path):
    content = "t,v\n99,1\n101,0\n102,1\n102.5,1\n104,0\n105,0\n108,1\n121,1\n145,0\n150,1\n151,0\n"
    found = button(tmp_path, content)
    held = [(1, 100, 1), (1, 101, 0), (1, 102, 1), (1, 104, 0), (1, 108, 1)]
    # What lasts to the end of its trial has no row there.
    assert rows(found) == [*held, (2, 121, 1)]
    counts = {note.kind: note.message.split(": ")[1].split()[0] for note in found.notes}
    assert counts == {
        "repeated": "1",
        "unpressed": "1",
        "unreleased": "1",
        "clipped": "2",
        "outside_trials": "1",
    }


def test_a_press_that_lasts_from_one_trial_into_the_next(tmp_path):
    found = button(tmp_path, "t,v\n105,on\n130,off\n", press=["on"], release=["off"])
    assert rows(found) == [(1, 105, 1), (2, 120, 1), (2, 130, 0)]


def test_who_never_pressed_is_no_fault_in_a_file_of_everybody(tmp_path):
    files = {"P1_events.csv": EVENTS, "presses.csv": "who,t,v\nP2,101,1\n"}
    entry = BUTTON | {"files": "presses.csv", "participant": "who"}
    found = session(tmp_path, files, trials=TRIALS, responses=[entry])
    assert rows(found) == []
    assert notes(found, "no_file") == ["presses.csv: no row of participant P1"]


@pytest.mark.parametrize("columns", [{"end": "b"}, {"duration": "d"}])
def test_episodes(tmp_path, columns):
    content = "a,b,d\n101,103,2\n102,104,2\n104,105,1\n125,125,0\n"
    found = slider(tmp_path, content, time=None, value=None, start="a", dimension="fear", **columns)
    assert rows(found, "fear") == [(1, 101, 1), (1, 105, 0)]
    assert {note.kind for note in found.notes} == {"joined", "no_length"}


def test_an_episode_without_an_end_lasts_as_long_as_its_trial(tmp_path):
    files = {"P1_events.csv": EVENTS, "P1_film2.csv": "a,b\n1,3\n5,\n"}
    entry = {"files": "{participant}_{stimulus}.csv", "clock": "trial", "start": "a", "end": "b"}
    found = session(tmp_path, files, trials=TRIALS, responses=[entry])
    assert rows(found) == [(2, 121, 1), (2, 123, 0), (2, 125, 1)]
    assert len(notes(found, "unreleased")) == 1


def test_a_lost_release_is_the_same_by_states_and_by_events(tmp_path):
    """The first press lacks its release; the second one comes in the next trial."""
    content = "t,state\n103,1\n121,1\n123,0\n"
    files = {"P1_events.csv": EVENTS, "P1_slider.csv": content}
    for entry in (
        {"value": {"joy": "state"}},
        {"event": "state", "press": ["1"], "release": ["0"], "dimension": "joy"},
    ):
        own = {k: v for k, v in SLIDER.items() if k != "value"} | entry
        asked = request(tmp_path, files, trials=TRIALS, responses=[own])
        asked = dataclasses.replace(asked, dimensions={"joy": "hold"})
        found = read("P1", find(asked)["P1"], asked)
        assert rows(found, "joy") == [(1, 103, 1), (2, 121, 1), (2, 123, 0)]
        assert len(notes(found, "unreleased")) == 1


def test_spans_that_touch_are_one():
    assert joined_spans([(3, 4), (1, 2), (2, 2.5), (3.5, 3.7)]) == [(1, 2.5), (3, 4)]


WRIST = {"files": "{participant}_wrist.csv", "columns": {"BVP": {"type": "ppg", "unit": "mV"}}}


def wrist(root: Path, content: str, **changes):
    files = {"P1_events.csv": EVENTS, "P1_wrist.csv": content}
    return session(root, files, trials=TRIALS, signals=[WRIST | changes])


def table(times, values) -> str:
    return "t,BVP\n" + "".join(f"{t!r},{v}\n" for t, v in zip(times, values, strict=True))


def test_samples_at_a_rate(tmp_path):
    found = wrist(tmp_path, "BVP\n1\n\n2\nNaN\n", rate=4, start=98, offset_s=0.5)
    (signal,) = found.signals
    assert (signal.start_s, signal.rate_hz, signal.times_s) == (98.5, 4.0, None)
    assert (signal.name, signal.type, signal.unit) == ("BVP", "ppg", "mV")
    np.testing.assert_array_equal(signal.values, [1, 2, np.nan])
    assert notes(found, "missing_values") == [
        "P1_wrist.csv: 1 blank value(s) of column 'BVP' are gaps"
    ]


def test_stamps_place_samples_where_no_rate_is_named(tmp_path):
    found = wrist(tmp_path, "t,BVP\n1,5\n1.5,\n2.75,6\n", time="t")
    (signal,) = found.signals
    assert signal.rate_hz is None
    assert signal.times_s.tolist() == [1, 2.75] and signal.values.tolist() == [5, 6]
    assert notes(found, "missing_values") == [
        "P1_wrist.csv: 1 blank value(s) of column 'BVP' were left out"
    ]


def test_stamps_that_agree_with_the_rate_give_way_to_it(tmp_path):
    times = (10 + np.arange(50) / 8 + np.tile([0, 0.01], 25)).tolist()
    found = wrist(tmp_path, table(times, range(50)), time="t", rate=8)
    assert (found.signals[0].rate_hz, found.signals[0].start_s) == (8.0, 10.0)
    assert found.notes == []


def test_a_gap_in_the_stamps_is_told_and_kept(tmp_path):
    times = np.arange(50) / 8
    times[30:] += 2
    found = wrist(tmp_path, table(times.tolist(), range(50)), time="t", rate=8)
    assert found.signals[0].rate_hz is None
    assert found.signals[0].times_s.tolist() == times.tolist()
    assert "by up to 16.0 samples" in notes(found, "rate")[0]


def test_a_file_for_each_stimulus_becomes_one_signal(tmp_path):
    files = {
        "P1_events.csv": EVENTS,
        "P1_film2_wrist.csv": "BVP\n3\n4\n",
        "P1_film1_wrist.csv": "BVP\n1\n2\n",
    }
    entry = WRIST | {"files": "{participant}_{stimulus}_wrist.csv", "clock": "trial", "rate": 2}
    found = session(tmp_path, files, trials=TRIALS, signals=[entry])
    assert found.signals[0].times_s.tolist() == [100, 100.5, 120, 120.5]
    assert found.signals[0].values.tolist() == [1, 2, 3, 4]


def test_who_has_no_sensor_is_told(tmp_path):
    files = {"P1_events.csv": EVENTS, "P2_events.csv": EVENTS, "P2_wrist.csv": "BVP\n1\n"}
    found = session(tmp_path, files, trials=TRIALS, signals=[WRIST | {"rate": 4}])
    assert found.signals == []
    assert notes(found, "no_file") == ["P1_wrist.csv: no file of participant P1"]


def test_signals_alone(tmp_path):
    content = f"t,BVP\n{UNIX},1\n{UNIX + 1},2\n"
    entry = WRIST | {"time": "t", "clock": "unix"}
    found = session(tmp_path, {"P1_wrist.csv": content}, signals=[entry])
    assert found.zero_unix_s == UNIX and found.signals[0].times_s.tolist() == [0, 1]
    entry = WRIST | {"rate": 4, "clock": "unix", "start": UNIX}
    found = session(tmp_path, {"P1_wrist.csv": content}, signals=[entry])
    assert found.zero_unix_s == UNIX and found.signals[0].start_s == 0


def test_a_table_without_rows_is_told(tmp_path):
    found = wrist(tmp_path, "BVP\n", rate=4)
    assert found.signals == []
    assert notes(found, "no_rows") == ["P1_wrist.csv: the table has no rows"]
    assert notes(slider(tmp_path, "t,v\n"), "no_rows") == ["P1_slider.csv: the table has no rows"]


def test_practice_files_and_hidden_files(tmp_path):
    entry = SLIDER | {"files": "{participant}_{stimulus}.csv", "clock": "trial"}
    content = "t,v\n1,1\n"
    files = {"P_1_film1.csv": content, "P_1_practice.csv": content, "._P_1_film1.csv": "\0"}
    with pytest.raises(InputProblem, match="practice"):
        session(tmp_path, files, "P_1", responses=[entry])
    (tmp_path / "P_1_practice.csv").rename(tmp_path / "P1_practice.csv")
    files = {"P1_film1.csv": content}
    found = session(tmp_path, files, responses=[entry])
    assert notes(found, "left_out") == [
        "P1_practice.csv: 1 file(s) that name no stimulus of the study were left out"
    ]


def test_covariates(tmp_path):
    people = "id;age;group;note\n P1 ;31,5;a;\nP2;;b;x\n"
    files = {"people.csv": people, "P1_events.csv": EVENTS}
    about = {"file": "people.csv", "id": "id", "decimal": ","}
    found = covariates(request(tmp_path, files, participants=about, trials=TRIALS))
    assert found["participant_id"].tolist() == ["P1", "P2"]
    np.testing.assert_array_equal(found["age"], [31.5, np.nan])
    assert found["group"].tolist() == ["a", "b"]
    few = request(tmp_path, {}, participants=about | {"columns": ["age"]}, trials=TRIALS)
    assert list(covariates(few)) == ["participant_id", "age"]
    assert covariates(request(tmp_path, {}, trials=TRIALS)).empty


@pytest.mark.parametrize(
    ("pattern", "name", "groups"),
    [
        ("{participant}/x.csv", "P1/x.csv", {"participant": "P1"}),
        ("*_{participant}.csv", "a_b_P1.csv", {"participant": "P1"}),
        ("**/{participant}_*.csv", "a/b/P1_c_d.csv", {"participant": "P1"}),
        ("{participant}/{participant}.csv", "P1/P1.csv", {"participant": "P1"}),
        ("{participant}/{participant}.csv", "P1/P2.csv", None),
        ("{participant}_{stimulus}.csv", "P_1_film_1.csv", {"participant": "P_1"}),
        ("r[1]/{participant}.csv", "r[1]/P1.csv", {"participant": "P1"}),
        ("{participant}.csv", "P1.csv.csv", {"participant": "P1.csv"}),
    ],
)
def test_names(tmp_path, pattern, name, groups):
    match = name_pattern(pattern, ["film", "film_1", "1"]).fullmatch(name)
    assert (match and match["participant"]) == (groups and groups["participant"])
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    found = sorted(tmp_path.glob(name_glob(pattern)))
    assert found == [path]


SHARED = Path(os.environ.get("REST_ASMR_SHARED", ROOT.parent / "shared")) / "data" / "real"


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared files")
def test_real_exports(tmp_path):
    wave = (SHARED / "ppg" / "bidmc_01_Signals.csv").read_bytes()
    phone = (SHARED / "ppg_reference" / "welltory_04_PPG.csv").read_bytes()
    files = {"P1_events.csv": "clip,t\nfilm1,5\n", "P1_wave.csv": wave, "P1_phone.csv": phone}
    channels = {"PLETH": {"type": "ppg"}, "II": {"type": "ecg", "name": "ECG"}}
    finger = {"files": "{participant}_wave.csv", "columns": channels}
    camera = {"files": "{participant}_phone.csv", "columns": {"R": {"type": "ppg"}}}
    found = session(
        tmp_path,
        files,
        trials=TRIALS,
        signals=[
            finger | {"time": "Time [s]", "rate": 125},
            camera | {"time": "time", "unit": "ms"},
        ],
    )
    pleth, ecg, red = found.signals
    assert (pleth.rate_hz, pleth.start_s, len(pleth.values)) == (125.0, 0.0, 60001)
    assert ecg.name == "ECG" and ecg.values[0] == 0.72549
    assert red.rate_hz is None and 0.03 < np.median(np.diff(red.times_s)) < 0.04
