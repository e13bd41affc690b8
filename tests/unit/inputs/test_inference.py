"""What a folder looks like: each kind is known, mixtures too, and what is unknown is asked."""

import gzip
import zipfile

import pytest
from clip_files import clip_file, sound_file
from generated_studies import STUDIES, write

from tinglegram.errors import InputProblem
from tinglegram.inputs import inference
from tinglegram.inputs.inference import (
    DimensionGuess,
    SignalGuess,
    StimulusFile,
    TimeGuess,
    description,
    look_at,
    signal_type,
)
from tinglegram.inputs.name_patterns import PARTICIPANT, common_pattern, words_at
from tinglegram.study.table_options import table_options

TRIALS = "participant,video,onset_s,duration_s\n1,a,0.0,10.0\n1,b,20.0,10.0\n2,a,0.0,10.0\n"


@pytest.fixture
def put(tmp_path):
    """Write files of a study by their paths."""

    def writer(files):
        for name, content in files.items():
            path = tmp_path / "study" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "study"

    return writer


def test_a_bids_dataset(tmp_path):
    write(STUDIES["bids"](), tmp_path / "study")
    found = look_at(tmp_path / "study")
    assert (found.reader, found.signals_reader, found.options) == ("bids", "", {"task": "*"})
    assert found.participants[0] == "sub-area" and len(found.participants) == 6
    assert set(found.stimulus_ids) == {"harbour", "forest", "kitchen", "station"}
    assert found.stimuli[1] == StimulusFile("stimuli/harbour.avi", 9.1, True, True)
    (slider,) = found.dimensions
    assert slider[:3] == ("Anxiety", "continuous", 0.0) and 0.9 < slider.high <= 1.0
    assert found.signals == (SignalGuess("PPG - PPG100C", "ppg", "V", 100.0),)
    assert found.questions == ()


def test_tables_beside_a_wrist_device(tmp_path):
    write(STUDIES["wrist"](), tmp_path / "study")
    found = look_at(tmp_path / "study")
    assert (found.reader, found.signals_reader) == ("csv", "empatica")
    assert found.signals_folder == "e4"
    assert found.participants == ("P01", "P02", "P03", "P04", "P05", "P06")
    assert found.conditions["fear2"] == "fear" and len(found.conditions) == 6
    assert [(d.name, d.kind) for d in found.dimensions] == [
        ("x", "continuous"),
        ("y", "continuous"),
    ]
    assert {s.type: (s.rate_hz, s.unit) for s in found.signals} == {
        "ppg": (64.0, ""),
        "eda": (4.0, "uS"),
        "hr": (1.0, "bpm"),
        "ibi": (None, "s"),
        "temperature": (4.0, "C"),
    }
    joystick, trials = sorted(found.tables, key=lambda table: table.pattern)
    assert (joystick.role, joystick.pattern) == ("responses", "joystick/{participant}.csv")
    assert (joystick.separator, joystick.time) == (";", TimeGuess("timestamp", "ms", "unix"))
    assert (trials.role, trials.columns["stimulus"]) == ("trials", "video")
    assert trials.onset == TimeGuess("start_ms", "ms", "unix")
    assert trials.end == TimeGuess("end_ms", "ms", "unix")
    assert any("Do the clocks of all devices agree" in q for q in found.questions)


def test_a_held_button_and_stimuli_of_one_stream(tmp_path):
    write(STUDIES["button"](), tmp_path / "study")
    found = look_at(tmp_path / "study")
    assert (found.reader, found.signals_reader, found.signals) == ("csv", "", ())
    assert found.dimensions == (DimensionGuess("response", "hold", 0, 1),)
    assert {s.path: s[1:] for s in found.stimuli} == {
        "stim/rain.wav": (10.1, False, True),
        "stim/tapping.wav": (12.1, False, True),
        "stim/brush.avi": (9.1, True, False),
        "stim/folding.avi": (13.1, True, False),
    }
    assert {table.role for table in found.tables} == {"trials", "responses"}


def test_logs_and_recordings_of_rest_asmr(put):
    folder = put({"log/007-1-a.log": "", "log/008-1-a.log": "", "ppg/010_csv.txt": ""})
    found = look_at(folder)
    assert (found.reader, found.participants) == ("rest_asmr", ("007", "008", "010"))
    assert found.signals == (SignalGuess("CH2", "ppg", "mV", None),)
    assert found.questions == ()
    for log in (folder / "log").iterdir():
        log.unlink()
    assert "where are the logs?" in look_at(folder).questions[0]


@pytest.mark.parametrize(
    ("suffix", "reader"), [("acq", "acq"), ("xdf", "xdf"), ("edf", "edf"), ("bdf", "edf")]
)
def test_device_files_alone_and_beside_tables(put, suffix, reader):
    found = look_at(put({f"S1.{suffix}": b"\0", f"S2.{suffix}": b"\0"}))
    assert (found.reader, found.signals_reader) == (reader, "")
    assert found.participants == ("S1", "S2")
    assert any("no table of trials" in q for q in found.questions)
    found = look_at(put({"trials.csv": TRIALS}))
    assert (found.reader, found.signals_reader) == ("csv", reader)
    assert found.participants == ("1", "2")


def test_zips_of_a_wrist_device(put, tmp_path):
    folder = put({"trials.csv": TRIALS})
    for name, inner in (("P1", "BVP.csv"), ("P2", "2024/EDA.csv"), ("other", "notes.txt")):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr(inner, "1714996800\n64\n0\n")
    (folder / "broken.zip").write_bytes(b"PK no zip")
    found = look_at(folder)
    assert (found.reader, found.signals_reader) == ("csv", "empatica")
    assert "0 folder(s), 2 zip(s)" in " ".join(found.seen)
    assert any(q.startswith("broken.zip is no zip") for q in found.questions)
    assert any(q.startswith("other.zip holds no recording") for q in found.questions)


def test_several_kinds_of_devices_are_asked_about(put):
    found = look_at(put({"a.xdf": b"\0", "b.edf": b"\0", "trials.csv": TRIALS}))
    assert any("which of them hold the signals?" in q for q in found.questions)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("timestamp", ["1714996800123", "1714996800223"], ("ms", "unix")),
        ("timestamp", ["1714996800.5", "1714996801.5"], ("s", "unix")),
        ("timestamp", ["1714996800123456", "1714996800223456"], ("us", "unix")),
        ("time_ms", ["0", "50"], ("ms", "relative")),
        ("time_s", ["0", "100000"], ("s", "relative")),
        ("time (s)", ["0", "0.5"], ("s", "relative")),
        ("time", ["0", "50000"], ("ms", "relative")),
        ("time", ["0.5", "50000.5"], ("s", "relative")),
        ("time", ["0", "120"], ("s", "relative")),
    ],
)
def test_units_and_origin_of_times(put, column, values, expected):
    rows = "".join(f"{value},{n}.5\n" for n, value in enumerate(values))
    (table,) = look_at(put({"ratings.csv": f"{column},valence\n{rows}"})).tables
    assert table.role == "responses"
    assert table.time == TimeGuess(column, *expected)


def test_a_time_that_does_not_tell_its_unit_is_asked_about(put):
    found = look_at(put({"ratings.csv": "time,valence\n0,0.5\n120,0.7\n"}))
    assert any("column time: are these s, and since when" in q for q in found.questions)
    assert any("which one holds the trials?" in q for q in found.questions)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(put, separator):
    (table,) = look_at(put({"trials.txt": TRIALS.replace(",", separator)})).tables
    assert (table.role, table.separator, table.decimal) == ("trials", separator, ".")


def test_a_decimal_comma(put):
    (table,) = look_at(put({"r.csv": "time_s;valence\n0,5;0,25\n1,5;0,75\n"})).tables
    assert (table.decimal, table.separator) == (",", ";")
    assert table.dimensions == (DimensionGuess("valence", "continuous", 0.25, 0.75),)


def test_encodings(put):
    text = "participant;video;onset_s\nJürgen;a;1\nZoë;b;2\n"
    for encoding in ("utf-8-sig", "utf-16", "latin-1"):
        assert look_at(put({"trials.csv": text.encode(encoding)})).tables[0].role == "trials"
    # A byte that is no cp932 either.
    (table,) = look_at(put({"trials.csv": b"participant,video,onset_s\n\xfc\xff,a,1\n"})).tables
    assert table.role == "trials"


def test_signals_in_tables(put):
    rows = "".join(f"{n / 50:.2f},{n % 7},60\n" for n in range(100))
    found = look_at(put({"P1_ppg.csv": f"time_s,PPG,HR\n{rows}"}))
    assert found.signals == (
        SignalGuess("PPG", "ppg", "", 50.0),
        SignalGuess("HR", "hr", "", 50.0),
    )
    assert any("PPG (ppg): in which unit?" in q for q in found.questions)
    assert any("There are signals and no trials" in q for q in found.questions)


def test_covariates_and_unknown_tables(put):
    found = look_at(
        put({"people.csv": "participant_id,age\nA,20\nB,30\n", "x.csv": "apples,pears\n1,2\n"})
    )
    assert {table.pattern: table.role for table in found.tables} == {
        "people.csv": "participants",
        "x.csv": "unknown",
    }
    assert found.participants == ("A", "B")
    assert "x.csv (columns apples, pears): what is in it? It is not read." in found.questions


def test_ratings_by_key_are_ordinal(put):
    (table,) = look_at(put({"keys.csv": "participant,time_s,rating\n1,0.1,2\n1,4.0,3\n"})).tables
    assert table.dimensions == (DimensionGuess("rating", "ordinal", 2.0, 3.0),)


@pytest.mark.parametrize(
    ("names", "expected", "people"),
    [
        (["a/P01_x.csv", "a/P02_x.csv"], "a/{participant}_x.csv", ["P01", "P02"]),
        (["P1/P1_r.csv", "P2/P2_r.csv"], "{participant}/{participant}_r.csv", ["P1", "P2"]),
        (
            ["ann_rain.csv", "ann_sea.csv", "bo_rain.csv", "bo_sea.csv"],
            "{participant}_{stimulus}.csv",
            ["ann", "ann", "bo", "bo"],
        ),
        (["1_2024.csv", "2_2025.csv"], "{participant}_*.csv", ["1", "2"]),
        (["x/ann.csv", "x/bo-b.csv"], "x/{participant}.csv", ["ann", "bo-b"]),
        (["all.csv"], "all.csv", []),
    ],
)
def test_names_that_differ_give_the_participants(names, expected, people):
    assert common_pattern(names, ["rain", "sea"]) == expected
    assert words_at(expected, names, PARTICIPANT) == people


def test_trials_made_from_responses_that_name_their_stimuli(put):
    rows = "".join(f"{n / 10},{n % 4}\n" for n in range(30))
    files = {f"{p}_{s}.csv": f"time_s,joy\n{rows}" for p in ("ann", "bo") for s in ("rain", "sea")}
    sound = sound_file(1.0).getvalue()
    found = look_at(put(files | {"rain.wav": sound, "sea.wav": sound}))
    assert (found.participants, set(found.stimulus_ids)) == (("ann", "bo"), {"rain", "sea"})
    (table,) = found.tables
    assert table.pattern == "{participant}_{stimulus}.csv"
    assert table.time == TimeGuess("time_s", "s", "trial")
    assert any("they are made from the responses" in q for q in found.questions)


def test_a_stimulus_with_two_conditions_is_asked_about(put):
    rows = "ann,rain,1.0,9.0,calm\nann,sea,20.0,9.0,wild\nbo,rain,1.0,9.0,wild\n"
    found = look_at(put({"t.csv": f"participant,video,onset_s,duration_s,condition\n{rows}"}))
    assert found.conditions == {"rain": "calm", "sea": "wild"}
    assert [q for q in found.questions if "in the conditions" in q] == [
        "Stimulus rain stands in the conditions calm, wild: which one is it? A stimulus has one; "
        "here it has the first."
    ]


def test_times_that_run_on_count_from_the_session(put):
    rows = "ann,rain,1.0,0.5\nann,sea,101.0,0.5\nann,fire,201.0,1.0\n"
    (table,) = look_at(put({"r.csv": f"participant,video,time_s,joy\n{rows}"})).tables
    assert table.time == TimeGuess("time_s", "s", "relative")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("PPG - PPG100C", "ppg"),
        ("BVP", "ppg"),
        ("cardiac", "ppg"),
        ("ECG1", "ecg"),
        ("EDA - EDA100C-MRI", "eda"),
        ("GSR_uS", "eda"),
        ("respiratory", "resp"),
        ("heart_rate", "hr"),
        ("RR interval", "ibi"),
        ("valence", None),
        ("three", None),
    ],
)
def test_names_of_signals(column, expected):
    assert signal_type(column) == expected


def test_a_bids_dataset_without_events_takes_tasks_as_stimuli(put):
    name = "sub-area/beh/sub-area_task-{}_recording-Joy_stim.tsv.gz"
    packed = gzip.compress(b"0.1\n0.9\n")
    sidecar = '{"SamplingFrequency": 1, "StartTime": 0, "Columns": ["Joy"]}'
    found = look_at(
        put({name.format("Sintel"): packed, name.format("Payload"): packed, "task.json": "{}"})
    )
    assert (found.reader, found.stimulus_ids) == ("bids", ("Payload", "Sintel"))
    # Without a sidecar nothing is known of the columns.
    assert found.dimensions == ()
    assert any("has no sidecar" in q for q in found.questions)
    found = look_at(put({"recording-Joy_stim.json": sidecar}))
    assert found.dimensions == (DimensionGuess("Joy", "continuous", 0.1, 0.9),)


def test_responses_among_the_events_of_an_export(put):
    events = (
        "onset\tduration\ttrial_type\tstim_file\tstimulus_id\tdimension\tvalue\n"
        "1.0\t8.0\tstimulus\tsea.avi\tvid1\tn/a\tn/a\n"
        "2.0\t0\tresponse\tn/a\tn/a\tjoy\t3\n"
        "3.0\t0\tresponse\tn/a\tn/a\tjoy\t0\n"
    )
    found = look_at(put({"sub-ada/beh/sub-ada_task-films_events.tsv": events}))
    # Clips are called after the files that lie there.
    assert found.stimulus_ids == ("sea",)
    assert found.options == {"stimulus_column": "stim_file"}
    assert found.dimensions == (DimensionGuess("joy", "ordinal", 0.0, 3.0),)


def test_unreadable_files_are_asked_about(put):
    folder = put(
        {
            "stim/a.avi": b"no film",
            "binary.csv": b"\0\1\2",
            "one.csv": "alone\n",
            "ragged.csv": "a,b\n1\n1,2,3\n",
            "numbers.csv": "1,2\n3,4\n",
            "readme.txt": "words\n",
            "data.mat": b"x",
        }
    )
    (folder / "gone.csv").symlink_to("nowhere")
    found = look_at(folder)
    text = "\n".join(found.questions)
    assert (found.reader, found.stimuli, found.tables) == ("", (), ())
    for name in ("stim/a.avi", "binary.csv", "one.csv", "ragged.csv", "numbers.csv", "gone.csv"):
        assert f"{name} " in text
    assert "data.mat: no reader of ours reads MATLAB files." in text
    assert "readme.txt" not in text


def test_pictures_without_length_and_photographs_beside_films(put):
    still = clip_file(1, video="mjpeg", audio=None, container="image2pipe").getvalue()
    found = look_at(put({"a.jpg": still}))
    assert found.stimuli == (StimulusFile("a.jpg", None, True, False),)
    assert "how many seconds was it shown?" in found.questions[0]
    found = look_at(put({"b.wav": sound_file(1.0).getvalue()}))
    assert [s.path for s in found.stimuli] == ["b.wav"]


def test_an_empty_folder_and_hidden_files(put, tmp_path):
    folder = put({".git/trials.csv": TRIALS, "derivatives/trials.csv": TRIALS})
    found = look_at(folder)
    assert (found.reader, found.participants, found.tables) == ("", (), ())
    assert "nothing that is known" in description(found)


def test_far_too_many_files(put, monkeypatch):
    folder = put({"a.csv": "", "b.csv": ""})
    monkeypatch.setattr(inference, "MOST_FILES", 1)
    with pytest.raises(InputProblem, match="with 1 files at most, found more"):
        look_at(folder)


def test_nothing_is_written_or_changed(tmp_path):
    write(STUDIES["button"](), tmp_path / "study")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    look_at(tmp_path / "study")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_description_names_everything(tmp_path):
    write(STUDIES["wrist"](), tmp_path / "study")
    text = description(look_at(tmp_path / "study"))
    assert "Reader: csv, with empatica for the signals in e4" in text
    assert "Stimulus: stim/joy1.avi, 8.6 s, picture and sound" in text
    assert "Responses: x, continuous, " in text
    assert "Signal: BVP, ppg, 64 Hz" in text


CARMA = """Time of Rating,12:00:11
Multimedia File,a.avi
Minimum Value,-100
Maximum Value,100

Second,Rating
%%%%%%,%%%%%%
0,0.00
1,12.50
2,-31.25
3,40.00
"""


def test_lines_above_the_names_are_passed_over(put):
    clip = clip_file(30, 10, video="mjpeg", audio=None).getvalue()
    files = {f"ratings/{p}_{c}.csv": CARMA for p in ("P1", "P2") for c in ("a", "b")}
    found = look_at(put(files | {"stim/a.avi": clip, "stim/b.avi": clip}))
    (table,) = found.tables
    assert (table.role, table.head, table.lines_before) == ("responses", ("Second", "Rating"), 7)
    assert table.pattern == "ratings/{participant}_{stimulus}.csv"
    assert table.time == TimeGuess("Second", "s", "trial")
    assert table.dimensions == (DimensionGuess("Rating", "continuous", -31.25, 40.0),)
    assert found.participants == ("P1", "P2") and set(found.stimulus_ids) == {"a", "b"}
    options = table_options(found, {}, {"Rating": "joy"})
    assert options["responses"] == [
        {
            "files": "ratings/{participant}_{stimulus}.csv",
            "header": ["Second", "Rating"],
            "lines_before_header": 7,
            "clock": "trial",
            "time": "Second",
            "value": {"joy": "Rating"},
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name,word\na,b\nc,d\ne,f\n",  # no numbers
        "n,word\n1,b\n2,d\n3,f\n",  # names in the first row, values in the second
        "n,word\nsecond,b\n2,d\n3,f\n",  # too few rows of numbers
        "id,age,sex\nP1,23,f\nP2,n/a,m\nP3,40,f\nP4,41,m\nP5,22,f\n",  # no value in between
        "id,sex,age\nP1,f,unknown\nP2,m,23\nP3,f,40\nP4,m,41\n",  # a word among numbers
    ],
)
def test_ordinary_tables_begin_with_their_names(put, text):
    (table,) = look_at(put({"x.csv": text})).tables
    assert table.lines_before == 0 and table.head == tuple(text.split("\n")[0].split(","))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("time,rating\ns,au\n0,1\n1,2\n2,3\n", 2),
        ("Video,a.mp4\nRater,P1\nSecond,Rating\n0,1\n1,2\n2,3\n", 3),
    ],
)
def test_units_below_and_words_above_the_names(put, text, before):
    (table,) = look_at(put({"x.csv": text})).tables
    assert table.head[1].lower() == "rating" and table.lines_before == before


MIXED = """participant,movie,movie.started,movie.stopped,slider.response,slider.time,frameRate
p1,stim/a.avi,10.0,13.0,,,60
p1,,,,4.5,10.1,60
p1,,,,5.5,10.9,60
p1,stim/b.avi,20.0,23.0,,,60
p1,,,,1.25,20.5,60
"""


def test_trials_and_samples_in_one_table(put):
    found = look_at(put({"data/p1_x.csv": MIXED, "data/p2_x.csv": MIXED.replace("p1", "p2")}))
    assert [table.role for table in found.tables] == ["trials", "responses"]
    trials, responses = found.tables
    assert trials.onset == TimeGuess("movie.started", "s", "relative")
    assert responses.time == TimeGuess("slider.time", "s", "relative")
    # A screen's rate never changes: it is no response.
    assert [d.name for d in responses.dimensions] == ["slider.response"]
    assert found.stimulus_ids == ("stim/a.avi", "stim/b.avi")
    assert found.shown_s == {"stim/a.avi": 3.0, "stim/b.avi": 3.0}


def test_a_response_is_no_respiration():
    assert signal_type("slider.response") is None
    assert signal_type("Respiration (V)") == signal_type("RSP1") == "resp"
