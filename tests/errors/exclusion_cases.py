"""Folders of raw data and tables of exclusions that cannot be used as they are."""

import json
from pathlib import Path

from error_cases import Case
from generated_studies import STUDIES, write
from paths import ROOT

from tinglegram.inputs.exclusions import read_exclusions, require_participants
from tinglegram.inputs.raw_files import RawFiles, raw_files
from tinglegram.study.configuration import read_configuration
from tinglegram.study.planning import plan_study

TITLE = "Folder of raw data, table of exclusions"

CLIPS = {"vid1": {"file": "ASMR1.avi", "condition": "ASMR"}}
SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())
RAW = RawFiles({"001": "a", "012": "b"}, {"001": "c", "012": "d"}, {})


def folder_with(*names):
    """Provoke what is said about these files of log/ and ppg/."""

    def provoke(folder):
        for name in names:
            path = folder / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        found = raw_files("data", None, CLIPS, 42)
        return "\n".join(str(problem) for _, problem in found.unclear)

    return provoke


def table(content):
    """Provoke the reading of a table of exclusions."""

    def provoke(folder):
        Path("exclusions.tsv").write_bytes(content.encode())
        read_exclusions("exclusions.tsv", RAW, CLIPS)

    return provoke


def _everybody_left_out(folder):
    """A study of tables whose exclusions leave nobody: planned as the workflow plans it."""
    study = STUDIES["button"]()
    write(study, Path("raw"))
    rows = [f"{participant}\t*\tmoved away\n" for participant in study.participants]
    Path("exclusions.tsv").write_text(HEADER + "".join(rows))
    given = {"data": {"root": "raw", "exclusions": "exclusions.tsv"}}
    files = [ROOT / "config.yaml", Path("raw.yaml")]
    plan_study(*read_configuration(files, given, SCHEMA)[:2], [])


HEADER = "subject\tvideo\treason\n"

CASES = [
    Case(
        "the folder does not exist",
        "data: expected a folder with log/, ppg/ and stim/, found no such folder. Put the dataset "
        "there or set data.root in the configuration.",
        lambda folder: raw_files("data", None, CLIPS, 42) and None,
    ),
    Case(
        "a file whose name tells nobody",
        "data/log/notes.log: expected a file name like 007-1-...log or 007_csv.txt, found "
        "notes.log. Rename the file or move it out of the folder.",
        folder_with("log/007-1-a.log", "log/notes.log"),
    ),
    Case(
        "two logs for one person",
        "data/log/001-2-b.log: expected one file of participant 001 in log/, found also 1-1-a.log. "
        "Keep the file of the complete session and move the other one away.",
        folder_with("log/1-1-a.log", "log/001-2-b.log"),
    ),
    Case(
        "two pulse recordings for one person",
        "data/ppg/007_csv.txt: expected one file of participant 007 in ppg/, found also 07_csv.txt."
        " Keep the file of the complete session and move the other one away.",
        folder_with("ppg/007_csv.txt", "ppg/07_csv.txt"),
    ),
    Case(
        "nobody is there",
        "Nobody takes part: data holds the files of 0 people in log/ and ppg/, of whom 0 are "
        "excluded. Check data.root, data.exclusions and data.problems.",
        lambda folder: require_participants(RawFiles({}, {}, {}), {}, [], "data"),
    ),
    Case(
        "everybody is excluded",
        "Nobody takes part: data holds the files of 2 people in log/ and ppg/, of whom 2 are "
        "excluded. Check data.root, data.exclusions and data.problems.",
        lambda folder: require_participants(
            RAW, {("001", "*"): "x", ("012", "*"): "y"}, [], "data"
        ),
    ),
    Case(
        "everybody is excluded, in a study that another reader reads",
        "Nobody takes part: raw holds the files of 6 people, of whom 6 are excluded. Check "
        "data.root and data.exclusions.",
        _everybody_left_out,
    ),
    Case(
        "nobody has a pulse recording, but a model uses the pulse",
        "None of the 1 people in data has a pulse recording that can be used. Add the recordings, "
        "or check pulse.channel and pulse.sampling_rate; to do without, take pulse out of the "
        "modalities of fusion in models.",
        lambda folder: require_participants(RAW, {("001", "*"): "x"}, ["012"], "data", ["fusion"]),
    ),
    Case(
        "the table of exclusions does not exist",
        "exclusions.tsv: expected a table with the columns subject, video, reason, found [Errno 2] "
        "No such file or directory: 'exclusions.tsv'. Mend the file, or set data.exclusions to "
        "null.",
        lambda folder: read_exclusions("exclusions.tsv", RAW, CLIPS) and None,
    ),
    Case(
        "an empty table of exclusions",
        "exclusions.tsv: expected a table with the columns subject, video, reason, found No "
        "columns to parse from file. Mend the file, or set data.exclusions to null.",
        table(""),
    ),
    Case(
        "a column is missing",
        "exclusions.tsv: expected the tab-separated columns subject, video, reason, found subject, "
        "video over 2 or more fields. Write that header into the first line, and three fields into "
        "the others.",
        table("subject\tvideo\n1\t*\n"),
    ),
    Case(
        "more fields than columns",
        "exclusions.tsv: expected the tab-separated columns subject, video, reason, found subject, "
        "video, reason over 3 or more fields. Write that header into the first line, and three "
        "fields into the others.",
        table(HEADER + "1\t*\ta\tb\n"),
    ),
    Case(
        "faulty rows, all at once",
        "exclusions.tsv, line 2: expected a participant with raw files, found '7'. Present: 001, "
        "012.\n"
        "exclusions.tsv, line 3: expected a clip code or *, found 'vid9'. Known: vid1.\n"
        "exclusions.tsv, line 3: expected a reason, found an empty field. Say in a few words why "
        "this is left out; the report prints it.\n"
        "exclusions.tsv, line 5: expected every person and clip once, found 01, * again. Keep one "
        "line.",
        table(HEADER + "7\t*\tnoise\n1\tvid9\t \n1\t*\tnoise\n01\t*\tnoise\n"),
    ),
]
