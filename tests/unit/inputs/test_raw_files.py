"""Discovery of raw files by name, exclusions, and the sentence for everything that is amiss."""

from pathlib import Path

from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.raw_files import RawFiles, raw_files

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


def test_a_person_with_two_logs_has_none(tmp_path):
    root = touch(tmp_path, "log/1-1-a.log", "log/001-2-b.log", "ppg/002_csv.txt", "log/notes.log")
    found = raw_files(root, None, CLIPS, 42)
    assert (found.subjects, found.logs) == (["001", "002"], {})
    kinds = [(subject, problem.kind) for subject, problem in found.unclear]
    assert kinds == [("", "unknown_file"), ("001", "several_files")]


def test_no_raw_data_is_an_empty_study():
    assert raw_files(None, None, CLIPS, 42).subjects == []


def test_files_of_some_people_keep_all_clips(tmp_path):
    root = touch(tmp_path, "log/1-1-a.log", "log/2-2-b.log", "ppg/002_csv.txt", "ppg/003_csv.txt")
    raw = raw_files(root, None, CLIPS, 42)
    log, ppg = f"{root}/log/2-2-b.log", f"{root}/ppg/002_csv.txt"
    assert raw.of(["002"]) == RawFiles({"002": log}, {"002": ppg}, raw.clips, (), (log,), (ppg,))
    assert raw.of(["001"]).every_ppg == ()


def test_exclusions_are_read(tmp_path):
    path = tmp_path / "exclusions.tsv"
    path.write_text("subject\tvideo\treason\n12\t*\tresting rate\n1\tvid1\tcough\n")
    assert read_exclusions(str(path), RAW, CLIPS) == {
        ("012", "*"): "resting rate",
        ("001", "vid1"): "cough",
    }
    assert read_exclusions(None, RAW, CLIPS) == {}


def test_quotes_in_reasons_are_kept(tmp_path):
    path = tmp_path / "exclusions.tsv"
    path.write_text('subject\tvideo\treason\n1\t*\tsaid "stop\n')
    assert read_exclusions(str(path), RAW, CLIPS) == {("001", "*"): 'said "stop'}


def test_a_simulated_study_is_listed_by_who_takes_part_whatever_else_its_folder_holds(tmp_path):
    root = touch(tmp_path, "log/099-1-left.log", "ppg/099_csv.txt")
    asked = raw_files(root, {"participants": 3}, CLIPS, 42)
    assert asked.subjects == ["001", "002", "003"]
    again = raw_files(root, {"participants": [int(s) for s in asked.subjects]}, CLIPS, 42)
    assert again == asked


def test_people_are_left_out_by_their_number_or_their_own_id(tmp_path):
    table = tmp_path / "exclusions.tsv"
    table.write_text("subject\tvideo\treason\nsub-area\t*\tasleep\n12\t*\tleft\n")
    ids = {"001": "sub-area", "012": "sub-bridge"}
    assert read_exclusions(str(table), RAW, {}, ids) == {
        ("001", "*"): "asleep",
        ("012", "*"): "left",
    }
