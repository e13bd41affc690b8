"""Discovery of raw files by name, exclusions, and the sentence for everything that is amiss."""

from pathlib import Path

import pytest

from tinglegram.errors import TinglegramError
from tinglegram_shell.study import RawFiles, raw_files, read_exclusions, require_pairs

CLIPS = {"vid1": {"file": "ASMR1.avi", "condition": "ASMR"}}
RAW = RawFiles({"001": "a", "012": "b"}, {"001": "c", "012": "d"}, {})


def touch(root: Path, *names: str) -> str:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return str(root)


def test_files_are_found_in_numeric_order(tmp_path):
    root = touch(
        tmp_path, "log/10-1-x.log", "log/009-2-y.log", "ppg/009_csv.txt", "ppg/010_csv.txt"
    )
    found = raw_files(root, None, CLIPS, 42)
    assert found.subjects == ["009", "010"]
    assert found.clips == {"vid1": f"{root}/stim/ASMR1.avi"}


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["log/1-1-a.log", "log/001-2-b.log"], "one file of participant 001"),
        (["log/notes.log"], "expected a file name like"),
    ],
)
def test_odd_file_names_are_refused(tmp_path, names, sentence):
    with pytest.raises(TinglegramError, match=sentence):
        raw_files(touch(tmp_path, *names), None, CLIPS, 42)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(TinglegramError, match="found no such folder. Put the dataset there"):
        raw_files(str(tmp_path / "nowhere"), None, CLIPS, 42)


def test_no_raw_data_is_an_empty_study():
    assert raw_files(None, None, CLIPS, 42).subjects == []


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("subject\tvideo\n1\t*\n", "the tab-separated columns subject, video, reason"),
        ("subject\tvideo\treason\n7\t*\tnoise\n", "line 2: expected a participant with raw files"),
        ("subject\tvideo\treason\n1\tvid9\tnoise\n", "expected a clip code or \\*, found 'vid9'"),
        ("subject\tvideo\treason\n1\tvid1\t \n", "expected a reason, found an empty field"),
    ],
)
def test_faulty_exclusions_are_refused(tmp_path, table, sentence):
    path = tmp_path / "exclusions.tsv"
    path.write_text(table)
    with pytest.raises(TinglegramError, match=sentence):
        read_exclusions(str(path), RAW, CLIPS)


def test_exclusions_are_read(tmp_path):
    path = tmp_path / "exclusions.tsv"
    path.write_text("subject\tvideo\treason\n12\t*\tresting rate\n1\tvid1\tcough\n")
    assert read_exclusions(str(path), RAW, CLIPS) == {
        ("012", "*"): "resting rate",
        ("001", "vid1"): "cough",
    }
    assert read_exclusions(None, RAW, CLIPS) == {}


def test_unpaired_files_are_all_named_unless_excluded():
    raw = RawFiles({"001": "a", "002": "b"}, {"001": "c", "003": "d"}, {})
    with pytest.raises(TinglegramError, match="003 has no log; participant 002 has no pulse"):
        require_pairs(raw, {}, "data")
    require_pairs(raw, {("002", "*"): "no pulse", ("003", "*"): "no log"}, "data")


def test_a_study_of_nobody_is_refused():
    with pytest.raises(TinglegramError, match="Nobody takes part: data holds the files of 0"):
        require_pairs(RawFiles({}, {}, {}), {}, "data")
    with pytest.raises(TinglegramError, match="of 2 people in log/ and ppg/, of whom 2 are excl"):
        require_pairs(RAW, {("001", "*"): "x", ("012", "*"): "y"}, "data")
    require_pairs(RawFiles({}, {}, {}), {}, None)


@pytest.mark.parametrize("content", [None, b"subject\tvideo\treason\n1\t*\ta\tb\tc\n", b""])
def test_unreadable_exclusions_are_one_sentence(tmp_path, content):
    path = tmp_path / "exclusions.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TinglegramError, match="or set data.exclusions to null|expected"):
        read_exclusions(str(path), RAW, CLIPS)


def test_quotes_in_reasons_are_kept(tmp_path):
    path = tmp_path / "exclusions.tsv"
    path.write_text('subject\tvideo\treason\n1\t*\tsaid "stop\n')
    assert read_exclusions(str(path), RAW, CLIPS) == {("001", "*"): 'said "stop'}
