"""BIDS datasets that cannot be read, and exports that cannot be written."""

import gzip
import json
from pathlib import Path

from error_cases import Case

from tinglegram.export.bids_dataset import participant_labels
from tinglegram.export.files import read_sessions, require_empty, write_tidy
from tinglegram.readers.bids import covariates, find, read
from tinglegram.readers.registry import Request

TITLE = "BIDS datasets, export"

BASE = "sub-S01/func/sub-S01_task-films"
EVENTS = "onset\tduration\ttrial_type\n1\t2\tsea\n"
ABOUT = {"SamplingFrequency": 10, "StartTime": 0, "Columns": ["cardiac", "respiratory"]}
SAMPLES = "1\t2\n3\t4\n"


def packed(text):
    return gzip.compress(text.encode(), mtime=0)


def dataset(events=EVENTS, files=None, **options):
    """Provoke the reading of one participant's events and other files (name after sub-S01...)."""

    def provoke(folder):
        held = {"_events.tsv": events, **(files or {})}
        for name, content in held.items():
            path = Path(name if "/" in name else f"{BASE}{name}")
            path = Path("bids") / path
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, dict):
                content = json.dumps(content)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        lengths = {"sea": 4.0, "rain": 6.0}
        request = Request(Path("bids"), options, lengths, {"joy": "continuous"})
        read("sub-S01", find(request)["sub-S01"], request)

    return provoke


def physio(content=SAMPLES, about=ABOUT):
    content = content if isinstance(content, bytes) else packed(content)
    return dataset(files={"_physio.tsv.gz": content, "_physio.json": about})


def without(key):
    return {name: value for name, value in ABOUT.items() if name != key}


def people(text):
    def provoke(folder):
        Path("participants.tsv").write_text(text)
        covariates(Request(Path()))

    return provoke


def missing_content(folder):
    path = Path("bids") / f"{BASE}_events.tsv"
    path.parent.mkdir(parents=True)
    path.symlink_to("annex/nowhere")
    request = Request(Path("bids"))
    read("sub-S01", find(request)["sub-S01"], request)


def full_folder(folder):
    Path("out").mkdir()
    Path("out/README").touch()
    require_empty(Path("out"))


def joys(label):
    about = {"SamplingFrequency": 1, "StartTime": 0, "Columns": ["joy"]}
    return {
        f"_recording-{label}_stim.tsv.gz": packed("1\n"),
        f"_recording-{label}_stim.json": about,
    }


CASES = [
    Case(
        "the folder holds no participants",
        "bids: expected folders sub-<label>, as BIDS names those of participants, found no "
        "such folder. Correct data: root. It is the folder with dataset_description.json.",
        lambda folder: find(Request(Path("bids"))),
    ),
    Case(
        "two tasks, none chosen",
        "sub-S01: expected one task, or a choice, found films, rest. Name one as data: "
        "options: task, or join all of them with task: '*'.",
        dataset(files={"sub-S01/func/sub-S01_task-rest_events.tsv": EVENTS}),
    ),
    Case(
        "two files of events for one run",
        "task-films: expected one file of events for each session, task and run, found "
        "beh/sub-S01_task-films_events.tsv, func/sub-S01_task-films_events.tsv. Keep the one "
        "that holds the trials and move the others away.",
        dataset(files={"sub-S01/beh/sub-S01_task-films_events.tsv": EVENTS}),
    ),
    Case(
        "events without onsets",
        "sub-S01_task-films_events.tsv, line 1: expected the columns onset and duration, "
        "found start, duration. Correct the line of column names, or "
        "data.options.stimulus_column.",
        dataset("start\tduration\n1\t2\n"),
    ),
    Case(
        "an event without an onset",
        "sub-S01_task-films_events.tsv, line 3: expected an onset in seconds, found n/a. "
        "BIDS wants an onset for every event: write it, or remove the line.",
        dataset(EVENTS + "n/a\t2\train\n"),
    ),
    Case(
        "an onset that is no number",
        "sub-S01_task-films_events.tsv, line 3, column onset: expected a number or n/a, "
        "found '1:30'. Correct the file.",
        dataset(EVENTS + "1:30\t2\train\n"),
    ),
    Case(
        "an onset with another sign in it",
        "sub-S01_task-films_events.tsv, line 3, column onset: expected a number or n/a, "
        "found '1_00'. Correct the file.",
        dataset(EVENTS + "1_00\t2\train\n"),
    ),
    Case(
        "two trials of one number",
        "sub-S01_task-films_events.tsv, line 3, column trial_number: expected another number for "
        "every trial, found 1, as in line 2. Correct it, or rename the column if it counts "
        "something else.",
        dataset("onset\tduration\ttrial_type\ttrial_number\n1\t2\tsea\t1\n9\t2\train\t1\n"),
    ),
    Case(
        "two trials at one place of the order",
        "sub-S01_task-films_events.tsv, line 3, column shown_order: expected another number for "
        "every trial, found 0, as in line 2. Correct it, or rename the column if it counts "
        "something else.",
        dataset("onset\tduration\ttrial_type\tshown_order\n1\t2\tsea\t0\n9\t2\train\t0\n"),
    ),
    Case(
        "a row with a field too many",
        "sub-S01_task-films_events.tsv, line 3: expected 3 fields, as in line 1 (onset, "
        "duration, trial_type), found 4. Correct the file or its sidecar: fields are parted "
        "by one tab each.",
        dataset(EVENTS + "9\t2\train\t\n"),
    ),
    Case(
        "no event is a trial of the study",
        "sub-S01: expected a trial of the study's stimuli (sea, rain), found task-films: 1 "
        "events are no trials: x (1). Say by data: options which column names the stimulus "
        "(stimulus_column), and what it is called in the study (rename).",
        dataset("onset\tduration\ttrial_type\n1\t2\tx\n"),
    ),
    Case(
        "a kept trial type that is no stimulus",
        "sub-S01_task-films_events.tsv, line 2: expected a stimulus of the study (sea, "
        "rain), found x. Say what it is called in the study by data.options.rename.",
        dataset(keep=["x"], events="onset\tduration\ttrial_type\n1\t2\tx\n"),
    ),
    Case(
        "an empty file of events",
        "sub-S01_task-films_events.tsv: expected a line of column names, found an empty "
        "file. Remove the file, or copy it again.",
        dataset(""),
    ),
    Case(
        "events in other bytes",
        "sub-S01_task-films_events.tsv: expected text in UTF-8, found other bytes. Save it "
        "as UTF-8.",
        dataset("onset\tduration\ttrial_type\n1\t2\tmüde\n".encode("latin1")),
    ),
    Case(
        "a link without content",
        "sub-S01_task-films_events.tsv: expected the content of the file, found a link that "
        "leads nowhere. Download it first (datalad get, or git annex get), or download the "
        "dataset without links.",
        missing_content,
    ),
    Case(
        "a recording that is not packed",
        "sub-S01_task-films_physio.tsv.gz: expected a whole gzip file, found a file that is "
        "not packed by gzip. Copy or download it again.",
        physio(SAMPLES.encode()),
    ),
    Case(
        "a packed file that ends early",
        "sub-S01_task-films_physio.tsv.gz: expected a whole gzip file, found one that ends "
        "early. Copy or download it again.",
        physio(packed(SAMPLES)[:-4]),
    ),
    Case(
        "a damaged packed file",
        "sub-S01_task-films_physio.tsv.gz: expected a whole gzip file, found a damaged one. "
        "Copy or download it again.",
        physio(packed(SAMPLES)[:-8] + b"\0" * 8),
    ),
    Case(
        "a recording without rows",
        "sub-S01_task-films_physio.tsv.gz: expected rows of samples, found none. Remove the "
        "file, or copy it again.",
        physio(""),
    ),
    Case(
        "fewer columns than the sidecar names",
        "sub-S01_task-films_physio.tsv.gz, line 1: expected 2 columns, as Columns of its "
        "sidecar names (cardiac, respiratory), found 1. Correct the file or its sidecar: "
        "fields are parted by one tab each.",
        physio("1\n3\n"),
    ),
    Case(
        "a row with fewer columns",
        "sub-S01_task-films_physio.tsv.gz, line 3: expected 2 columns, as Columns of its "
        "sidecar names (cardiac, respiratory), found 1. Correct the file or its sidecar: "
        "fields are parted by one tab each.",
        physio(SAMPLES + "5\n"),
    ),
    Case(
        "a line of column names",
        "sub-S01_task-films_physio.tsv.gz, line 1, column cardiac: expected a number or n/a, "
        "found 'cardiac'. Remove the line of column names: BIDS wants none in this file.",
        physio("cardiac\trespiratory\n" + SAMPLES),
    ),
    Case(
        "a sample that is no number",
        "sub-S01_task-films_physio.tsv.gz, line 3, column cardiac: expected a number or n/a, "
        "found '5,5'. Correct the file.",
        physio(SAMPLES + "5,5\t6\n"),
    ),
    Case(
        "no sidecar at all",
        "sub-S01_task-films_physio.tsv.gz (sidecars: none, not even "
        "sub-S01_task-films_physio.json), SamplingFrequency: expected samples per second, "
        "above 0, found none. Write SamplingFrequency into sub-S01_task-films_physio.json, "
        "or into a sidecar above it.",
        dataset(files={"_physio.tsv.gz": packed(SAMPLES)}),
    ),
    Case(
        "no sampling frequency",
        "sub-S01_task-films_physio.tsv.gz (sidecars: sub-S01_task-films_physio.json), "
        "SamplingFrequency: expected samples per second, above 0, found none. Write "
        "SamplingFrequency into sub-S01_task-films_physio.json, or into a sidecar above it.",
        physio(about=without("SamplingFrequency")),
    ),
    Case(
        "no start time",
        "sub-S01_task-films_physio.tsv.gz (sidecars: sub-S01_task-films_physio.json), "
        "StartTime: expected the second at which the first sample was taken, found none. "
        "Write StartTime into sub-S01_task-films_physio.json, or into a sidecar above it.",
        physio(about=without("StartTime")),
    ),
    Case(
        "columns that are no list",
        "sub-S01_task-films_physio.tsv.gz (sidecars: sub-S01_task-films_physio.json), "
        'Columns: expected a list of names, found "cardiac". Write Columns into '
        "sub-S01_task-films_physio.json, or into a sidecar above it.",
        physio(about=ABOUT | {"Columns": "cardiac"}),
    ),
    Case(
        "a sidecar that is no JSON",
        "sub-S01_task-films_physio.json, line 1: expected one JSON object, found what is "
        "none there. Correct the file; the BIDS validator shows what else is amiss.",
        dataset(files={"_physio.tsv.gz": packed(SAMPLES), "_physio.json": '{"StartTime": 0,}'}),
    ),
    Case(
        "a sidecar that is a list",
        "sub-S01_task-films_physio.json: expected one JSON object, found list. Correct the "
        "file; the BIDS validator shows what else is amiss.",
        dataset(files={"_physio.tsv.gz": packed(SAMPLES), "_physio.json": "[]"}),
    ),
    Case(
        "a sidecar in other bytes",
        "sub-S01_task-films_physio.json: expected one JSON object, found other bytes than "
        "UTF-8. Correct the file; the BIDS validator shows what else is amiss.",
        dataset(files={"_physio.tsv.gz": packed(SAMPLES), "_physio.json": b'{"a": "\xfc"}'}),
    ),
    Case(
        "two recordings of one dimension",
        "task-films: expected one recording of joy, found joy of "
        "sub-S01_task-films_recording-a_stim.tsv.gz and joy of "
        "sub-S01_task-films_recording-b_stim.tsv.gz. Choose by data.options.responses "
        "(recording, column, datatype).",
        dataset(files=joys("a") | joys("b")),
    ),
    Case(
        "an unknown type of signal",
        "data.options.signals.cardiac: expected a type out of ppg, ecg, eda, resp, "
        "temperature, hr, ibi, trigger, or null, found 'pulse'. Correct it.",
        dataset(signals={"cardiac": "pulse"}),
    ),
    Case(
        "a pattern that is none",
        "data.options.signals: expected names of columns or patterns (regular expressions), "
        "found 'cardiac('. Correct it.",
        dataset(
            files={"_physio.tsv.gz": packed(SAMPLES), "_physio.json": ABOUT},
            signals={"cardiac(": "ecg"},
        ),
    ),
    Case(
        "participants without ids",
        "participants.tsv: expected a column participant_id, found id, age. Correct the "
        "file; BIDS wants one line for each participant.",
        people("id\tage\nsub-1\t3\n"),
    ),
    Case(
        "a participant twice",
        "participants.tsv: expected every participant once, found sub-1 again. Correct the "
        "file; BIDS wants one line for each participant.",
        people("participant_id\tage\nsub-1\t3\nsub-1\t4\n"),
    ),
    Case(
        "a word in a column of numbers about participants",
        "participants.tsv, line 3: expected a number in column 'age', as in 1 other row(s), found "
        "'24 y'. Correct the cell, or write words in all of them.",
        people("participant_id\tage\nsub-1\t3\nsub-2\t24 y\n"),
    ),
    Case(
        "ids that BIDS cannot tell apart",
        "participant a-1: expected an id that differs from others in letters or digits, "
        "found sub-a1 for a_1, too. Rename one of them.",
        lambda folder: participant_labels(["a_1", "a-1"]) and None,
    ),
    Case(
        "ids that differ in capitals alone, which not every disk tells apart",
        "participant Ab: expected an id that differs from others in letters or digits, "
        "found sub-ab for ab, too. Rename one of them.",
        lambda folder: participant_labels(["ab", "Ab"]) and None,
    ),
    Case(
        "an id without letters or digits",
        "participant ?: expected letters or digits of the Latin alphabet, which BIDS wants "
        "in the names of files, found '?'. Rename it.",
        lambda folder: participant_labels(["?"]) and None,
    ),
    Case(
        "an export into a folder that is in use",
        "out: expected a new or an empty folder, found files in it. Name another one, or "
        "delete it.",
        full_folder,
    ),
    Case(
        "an export of a study that has not run",
        "results/x/participants/all.txt: expected a list of the study's participants, found none. "
        "Run the study to its end. One of published predictions alone has no trials.",
        lambda folder: list(read_sessions(Path("results/x"))) and None,
    ),
    Case(
        "a table of another kind",
        "t.xlsx: expected a file that ends in .parquet or .csv, found '.xlsx'. Name it so.",
        lambda folder: write_tidy([], Path("t.xlsx")) and None,
    ),
    Case(
        "a table without rows",
        "t.csv: expected rows to write, found none. Run the study first.",
        lambda folder: write_tidy([], Path("t.csv")) and None,
    ),
]
