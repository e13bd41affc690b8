"""What becomes of people and trials, by the table of exclusions and by policies."""

import json
import os
import subprocess
import sys
from pathlib import Path

import inventory_cases
import log_cases
import pytest
from clip_files import clip_file
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT

from tinglegram.clock import Timing
from tinglegram.files import read_table, write_table
from tinglegram.inputs.clips import inspect_clip
from tinglegram.inputs.inspection import Cache, clip_entries, inspect, missing_clips
from tinglegram.inputs.inventory import (
    DECISIONS,
    ERROR,
    Entry,
    decide,
    inventory_table,
    problem_table,
    read_problems,
)
from tinglegram.inputs.raw_files import raw_files

CLIPS = ["vid1", "vid2"]


def entry(subject="001", video="*", kind="missing_clip", expected="a clip"):
    return Entry(subject, video, kind, "a.log", "line 3", expected, "nothing", "Do it.")


def test_without_policies_every_problem_is_an_error_and_nobody_is_left_out():
    entries = [entry(), entry(kind="missing_pulse"), entry(kind="unknown_key", expected="")]
    assert decide(entries, {}, set(), CLIPS) == (["error", "error", "noted"], {}, [])


def test_policies_leave_out_trials_and_people():
    entries = [
        entry(video="vid1"),
        entry("002", kind="missing_log"),
        entry("002", kind="short_pulse"),
        entry("003", kind="missing_pulse"),
    ]
    policies = {
        "missing_clip": "exclude_trial",
        "missing_log": "exclude_subject",
        "missing_pulse": "without_pulse",
    }
    decided = decide(entries, policies, set(), CLIPS)
    # The second problem of a person who is left out needs no decision of its own.
    assert decided.decisions == [
        "exclude_trial",
        "exclude_subject",
        "exclude_subject",
        "without_pulse",
    ]
    assert decided.excluded == {
        ("001", "vid1"): "missing_clip: exclude_trial",
        ("002", "*"): "missing_log: exclude_subject",
    }
    assert decided.without_pulse == ["003"]


def test_a_person_without_any_trial_is_left_out():
    entries = [entry(video="vid1")]
    policies = {"missing_clip": "exclude_trial"}
    decided = decide(entries, policies, {("001", "vid2")}, CLIPS)
    assert decided.decisions == ["exclude_subject"]
    assert decided.excluded["001", "*"] == "no trial left: exclude_subject"


def test_the_table_of_exclusions_goes_before_policies():
    entries = [entry(), entry("002", "vid1")]
    excluded = {("001", "*"), ("002", "vid1")}
    decided = decide(entries, {"missing_clip": "exclude_subject"}, excluded, CLIPS)
    assert decided == (["excluded", "excluded"], {}, [])


@given(
    st.lists(
        st.builds(
            entry,
            subject=st.sampled_from(["001", "002", ""]),
            video=st.sampled_from(["*", *CLIPS]),
            kind=st.sampled_from([*DECISIONS, "missing_stimulus"]),
            expected=st.sampled_from(["a clip", ""]),
        ).filter(lambda e: (e.subject == "") == (e.kind == "missing_stimulus"))
    ),
    st.fixed_dictionaries({kind: st.sampled_from(choices) for kind, choices in DECISIONS.items()}),
)
def test_nothing_is_left_out_without_a_problem_whose_policy_says_so(entries, policies):
    decided = decide(entries, policies, set(), CLIPS)
    for found, decision in zip(entries, decided.decisions, strict=True):
        assert (decision == "noted") == (not found.expected)
        if decision == "error":
            assert policies.get(found.kind, ERROR) == ERROR
            assert (found.subject, "*") not in decided.excluded
    asked = {e.subject for e in entries if e.expected and "exclude" in policies.get(e.kind, "")}
    assert {subject for subject, _ in decided.excluded} <= asked


def test_tables_hold_every_problem_and_can_be_read_back(tmp_path):
    entries = [entry(video="vid1"), entry("", "vid2", "missing_stimulus"), entry(expected="")]
    decided = decide(entries, {"missing_clip": "exclude_trial"}, set(), CLIPS)
    write_table(problem_table(entries, decided.decisions), tmp_path / "problems.tsv")
    back = read_problems(read_table(tmp_path / "problems.tsv"))
    assert back == list(zip(entries, ["exclude_trial", "error", "noted"], strict=True))
    table = inventory_table({"001": ("a.log", None, 1)}, entries, decided, {("001", "vid2"): "ill"})
    row = table.iloc[0]
    assert (row["included"], row["pulse"], row["n_clips"]) == (True, False, 1)
    assert row["reason"] == "vid1: missing_clip: exclude_trial; vid2: ill"
    assert row["problem"].startswith("a.log, line 3: expected a clip, found nothing. Do it.")


@pytest.fixture
def raw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in {
        f"log/{log_cases.NAME}": log_cases.log(log_cases.SESSION).encode(),
        "ppg/007_csv.txt": inventory_cases.export(),
        "log/008-1-a.log": log_cases.log([log_cases.row(1, "Video", "vid1", 60, "008")]).encode(),
    }.items():
        path = Path("data") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return raw_files("data", None, {}, 42)


def test_a_whole_session_has_no_entry(raw):
    found = inspect(raw, inventory_cases.DESIGN, set())
    assert found.n_clips == {"007": 3, "008": 1}
    assert [(e.subject, e.video, e.kind) for e in found.entries] == [
        ("008", "vid2", "missing_clip"),
        ("008", "vid5", "missing_clip"),
        ("008", "*", "log_ends_in_clip"),
        ("008", "*", "missing_pulse"),
    ]


def test_what_the_table_leaves_out_is_not_missed(raw):
    found = inspect(raw, inventory_cases.DESIGN, {("008", "vid2"), ("008", "*")})
    assert [e.video for e in found.entries] == ["vid5", "*", "*"]


def test_files_are_read_again_only_when_they_change(raw, monkeypatch):
    code = [__file__]
    read = []
    ours = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: (read.append(path.name), ours(path))[1], raising=True
    )

    def look():
        read.clear()
        cache = Cache(Path("seen.json"), code)
        found = inspect(raw, inventory_cases.DESIGN, set(), cache)
        # As a run does when it starts; planning alone writes nothing.
        cache.keep()
        return found, [name for name in read if name.endswith(".log")]

    first, names = look()
    assert names == [log_cases.NAME, "008-1-a.log"]
    again, names = look()
    assert (again, names) == (first, [])
    assert len(json.loads(Path("seen.json").read_text())) == 2
    os.utime(raw.logs["008"], (1, 1))
    again, names = look()
    assert (again, names) == (first, ["008-1-a.log"])
    code.append(log_cases.__file__)
    assert look()[1] == [log_cases.NAME, "008-1-a.log"]


def test_a_folder_is_checked_while_data_are_still_collected(raw):
    before = sorted(Path.cwd().rglob("*"))
    answer = subprocess.run(
        [sys.executable, ROOT / "scripts/inputs/check_data.py", "--root", "data"]
        + ["--config", ROOT / "config.yaml", ROOT / "workflow/studies/demo.yaml"]
        + ["--schema", ROOT / "workflow/schemas/config.schema.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    rows = [line.split() for line in answer.stdout.splitlines()]
    # Of the demo's eight clips the first person was shown three; the recording lacks CH2.
    assert ["007", "yes", "yes", "3", "6", "0"] in rows
    assert ["008", "yes", "no", "1", "8", "0"] in rows
    assert ["vid1", "no", "1", "0"] in rows
    assert "expected one channel CH2, found CH1 (PPG)." in answer.stdout
    assert "2 participants in data; 22 problem(s) would stop a run." in answer.stdout
    assert sorted(Path.cwd().rglob("*")) == before


def clip_entry(video="vid1", kind="streams_apart", expected="one start", subject=""):
    return Entry(subject, video, kind, "a.avi", "second 2.00", expected, "two", "Look.")


def test_clips_are_accepted_or_stop_the_study():
    entries = [clip_entry(), clip_entry("vid2", "damaged_stimulus"), clip_entry(expected="")]
    policies = {"streams_apart": "accept", "damaged_stimulus": "error"}
    decided = decide(entries, policies, set(), CLIPS)
    assert decided == (["accept", "error", "noted"], {}, [])
    assert DECISIONS["near_black"] == ("error", "accept")


def test_the_inventory_names_what_was_found_in_the_clips_of_each_participant():
    entries = [clip_entry(), clip_entry(), clip_entry(kind="hdr"), clip_entry("vid2", "turned", "")]
    decided = decide(entries, {}, set(), CLIPS)
    people = {"001": ("a.log", None, 2), "002": ("b.log", None, 1)}
    table = inventory_table(people, entries, decided, {("002", "vid1"): "ill"})
    assert table["clip_findings"].tolist() == [
        "vid1: streams_apart, hdr; vid2: turned",
        "vid2: turned",
    ]
    assert table["problem"].isna().all()


def test_a_clip_is_decoded_and_everything_found_in_it_is_an_entry(tmp_path):
    timing = Timing(clip=2.5, first_trial=2.0, warm_up=0.5, grid=10)
    path = tmp_path / "ASMR1.avi"
    path.write_bytes(clip_file(80, video="mjpeg", audio="pcm_s16le", channels=[0]).getvalue())
    (found,) = clip_entries("vid1", str(path), inspect_clip(str(path), timing, 44100))
    assert (found.subject, found.video, found.kind) == ("", "vid1", "one_sided")
    assert found.file == "ASMR1.avi"
    path.write_bytes(b"no clip")
    (bad,) = inspect_clip(str(path), timing, 44100)
    assert bad.kind == "unusable_stimulus"
    assert missing_clips({"vid1": str(path)}) == []
    path.unlink()
    assert [e.kind for e in missing_clips({"vid1": str(path)})] == ["missing_stimulus"]
