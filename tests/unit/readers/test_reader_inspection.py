"""What is found in the files of a participant, by any reader, and what policies make of it."""

import dataclasses
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinglegram.behaviour.responses import Dimension
from tinglegram.errors import TinglegramError
from tinglegram.inputs.inventory import decide
from tinglegram.readers.inspection import (
    ReadingDesign,
    copied_data,
    inspect_participant,
    no_responses,
    noted_kinds,
    usable_trials,
)
from tinglegram.readers.parts import Sources, find_sources, sources_of_text

LENGTHS = {"rain": 10.0, "sea": 12.0}
OPTIONS = {
    "trials": {"files": "{participant}/trials.csv", "stimulus": "clip", "onset": "t"},
    "responses": [
        {"files": "{participant}/slider.csv", "time": "t", "value": {"joy": "v"}},
    ],
    "signals": [
        {"files": "{participant}/wrist.csv", "rate": 20, "columns": {"bvp": {"type": "ppg"}}}
    ],
}
DESIGN = ReadingDesign(
    dict.fromkeys(LENGTHS, "all"),
    LENGTHS,
    {"joy": Dimension(kind="continuous", range=(0.0, 1.0))},
    "joy",
    warm_up_s=2.0,
    signal="ppg",
)
POLICIES = {
    "missing_log": "exclude_subject",
    "unreadable_log": "exclude_subject",
    "missing_pulse": "without_pulse",
    "unreadable_pulse": "without_pulse",
    "short_pulse": "exclude_trial",
    "aborted_clip": "exclude_trial",
}


def wave(seconds: float) -> str:
    times = np.arange(round(seconds * 20)) / 20
    return "bvp\n" + "".join(f"{np.sin(7 * t) + np.sin(14 * t) / 3:.4f}\n" for t in times)


def person(
    root: Path,
    name: str,
    shown: str = "rain,1\nsea,20\n",
    slider: str | None = "2,0.5\n22,0.7\n",
    seconds: float = 40.0,
    bvp: str = "",
) -> None:
    folder = root / name
    folder.mkdir()
    (folder / "trials.csv").write_text("clip,t\n" + shown)
    if slider is not None:
        (folder / "slider.csv").write_text("t,v\n" + slider)
    (folder / "wrist.csv").write_text(bvp or wave(seconds))


def sources_of(root: Path, **data) -> Sources:
    given = {"reader": "csv", "root": str(root), "options": OPTIONS, "responses": None}
    return find_sources(given | {"signals": None} | data, LENGTHS, {"joy": "continuous"})


def looked(root: Path, excluded=(), design=DESIGN, **data):
    """What was seen of the one participant, and the problems: kind, trial, sentence."""
    sources = sources_of(root, **data)
    (subject,) = sources.ids
    seen, entries = inspect_participant(subject, sources, design, excluded)
    assert {e.subject for e in entries} <= {subject}
    return seen, [(e.kind, e.video, e.sentence) for e in entries if e.expected]


def test_a_whole_participant_has_no_problem(tmp_path):
    person(tmp_path, "P1")
    seen, problems = looked(tmp_path)
    contents = seen.pop("contents")
    assert seen == {"trials": ["rain", "sea"], "responses": 2, "of_target": 2, "signals": 1}
    assert list(contents) == ["bvp"]
    assert problems == []


@pytest.mark.parametrize(
    ("how", "kind", "video", "words"),
    [
        ({"slider": ""}, "missing_log", "*", "expected values of what is continuous"),
        ({"slider": "2,x\n"}, "unreadable_log", "*", "slider.csv"),
        ({"slider": "2,7\n"}, "unreadable_log", "*", "responses of participant P1"),
        ({"shown": "snow,1\n"}, "unreadable_log", "*", "found 'snow'"),
        ({"seconds": 25.0}, "short_pulse", "sea", "the end of the recording after 500 samples"),
        ({"bvp": "bvp\nx\n"}, "unreadable_pulse", "*", "wrist.csv"),
        ({"bvp": "other\n1\n"}, "unreadable_pulse", "*", "wrist.csv"),
        ({"bvp": "bvp\nn/a\n"}, "missing_pulse", "*", "found no signal"),
    ],
)
def test_each_fault_has_its_kind(tmp_path, how, kind, video, words):
    person(tmp_path, "P1", **how)
    (found,) = looked(tmp_path)[1]
    assert found[:2] == (kind, video) and words in found[2]


@pytest.mark.parametrize("skin", ["0.0", "4.2"])
def test_a_dead_sensor_is_a_note_and_no_problem(tmp_path, skin):
    lines = wave(40).splitlines()
    table = "\n".join([f"{lines[0]},skin", *(f"{line},{skin}" for line in lines[1:])])
    person(tmp_path, "ann", bvp=table + "\n")
    columns = {"bvp": {"type": "ppg"}, "skin": {"type": "eda", "unit": "uS"}}
    signals = [OPTIONS["signals"][0] | {"columns": columns}]
    sources = sources_of(tmp_path, options=OPTIONS | {"signals": signals})
    _, found = inspect_participant("001", sources, replace(DESIGN, sensors={"eda": None}))
    assert any("was dead or not worn" in str(entry) for entry in found)
    assert "unreadable_signal" not in str(found)


def test_trials_are_there_where_only_the_signals_cannot_be_read(tmp_path):
    person(tmp_path, "P1", bvp="bvp\nx\n")
    assert looked(tmp_path)[0]["trials"] == ["rain", "sea"]
    # And a job is told to pass over them.
    text = sources_of(tmp_path).passing_over(["001"]).as_text("001", "events")
    assert json.loads(text)["events"]["with_signals"] is False


def test_all_faults_are_told_not_only_the_first(tmp_path):
    shown = "rain,1\nsea,20\nrain,40\n"
    person(tmp_path, "P1", shown, slider="2,0.5\n41,9\n", seconds=15)
    found = looked(tmp_path, excluded=["sea@7"])[1]
    assert [pair[:2] for pair in found] == [
        ("unmatched_exclusion", "*"),
        ("unreadable_log", "*"),
        ("short_pulse", "sea"),
        ("short_pulse", "rain@2"),
    ]
    # A trial that is left out is not asked for.
    person_out = looked(tmp_path, excluded=["rain@2"])[1]
    assert [pair[:2] for pair in person_out] == [("short_pulse", "sea")]


def test_a_trial_within_the_warm_up_is_one_that_was_cut_off(tmp_path):
    options = OPTIONS | {"trials": OPTIONS["trials"] | {"end": "end"}}
    person(tmp_path, "P1")
    (tmp_path / "P1/trials.csv").write_text("clip,t,end\nrain,1,2.5\nsea,20,32\n")
    seen, problems = looked(tmp_path, options=options)
    assert [pair[:2] for pair in problems] == [("aborted_clip", "rain")]
    entries = inspect_participant("001", sources_of(tmp_path, options=options), DESIGN)[1]
    assert usable_trials(seen, entries, []) == 1 and usable_trials(seen, entries, ["sea"]) == 0


def test_designs_differ_unless_a_policy_says_so(tmp_path):
    person(tmp_path, "P1", "rain,1\n", slider="2,0.5\n")
    assert looked(tmp_path)[1] == []
    strict = ReadingDesign(
        **{**DESIGN.__dict__, "noted": noted_kinds({"missing_clip": "exclude_subject"})}
    )
    assert [pair[:2] for pair in looked(tmp_path, design=strict)[1]] == [("missing_clip", "sea")]
    # A line for a clip that was not shown says so of one participant; else it is a mistake.
    assert [pair[0] for pair in looked(tmp_path, ["sea"], strict)[1]] == ["missing_clip"]
    assert [pair[0] for pair in looked(tmp_path, ["sea"])[1]] == ["unmatched_exclusion"]


def test_policies_decide_as_for_rest_asmr(tmp_path):
    person(tmp_path, "P1", "rain,1\nsea,20\nrain,40\n", seconds=45, slider="2,0.5\n")
    person(tmp_path, "P2", bvp="bvp\nx\n")
    person(tmp_path, "P3", slider=None)
    person(tmp_path, "P4", seconds=5)
    sources = sources_of(tmp_path)
    found = {s: inspect_participant(s, sources, DESIGN) for s in sources.ids}
    entries = [e for _, own in found.values() for e in own]
    shown = {s: seen["trials"] for s, (seen, _) in found.items()}
    decided = decide(entries, POLICIES, set(), LENGTHS, shown)
    assert decided.without_pulse == ["002"]
    assert {k for k in decided.excluded if k[0] != "004"} == {("001", "rain@2"), ("003", "*")}
    # Not one of her trials is left.
    assert ("004", "*") in decided.excluded
    assert "error" not in decided.decisions
    (lacks,) = [e for e in entries if e.subject == "003"]
    assert (lacks.kind, lacks.expected) == ("missing_log", "the responses of participant P3")
    # The table goes first, by the clip or by the showing.
    for name in ("rain", "rain@2"):
        by_table = decide(entries, POLICIES, {("001", name)}, LENGTHS, shown)
        assert ("001", "rain@2") not in by_table.excluded


def test_who_lacks_events_is_told_or_left_out(tmp_path):
    person(tmp_path, "P1")
    (tmp_path / "watch").mkdir()
    for name in ("P1", "P2"):
        (tmp_path / f"watch/{name}.csv").write_text(wave(40))
    options = {key: value for key, value in OPTIONS.items() if key != "signals"}
    signals = {"reader": "csv", "root": str(tmp_path / "watch")}
    signals["options"] = {"signals": [OPTIONS["signals"][0] | {"files": "{participant}.csv"}]}
    with pytest.raises(TinglegramError, match="files of P2, who have no events"):
        sources_of(tmp_path, options=options, signals=signals)
    policy = {"missing_log": "exclude_subject"}
    sources = sources_of(tmp_path, options=options, signals=signals, problems=policy)
    assert list(sources.ids.values()) == ["P1", "P2"]
    seen, (entry,) = inspect_participant("002", sources, DESIGN)
    assert seen["trials"] == [] and (entry.kind, entry.found) == ("missing_log", "none")
    # As the job of one participant reads it.
    text = sources.as_text("002", *sources.parts)
    own = sources_of_text(text, "002", "P2", ["events"])
    assert inspect_participant("002", own, DESIGN)[1] == [entry]
    (tmp_path / "watch/P1.csv").unlink()
    lacking = sources_of(tmp_path, options=options, signals=signals, problems=policy)
    kinds = [entry.kind for entry in inspect_participant("001", lacking, DESIGN)[1]]
    # What was given in one trial is no level of the next.
    assert kinds == ["level_unknown", "missing_pulse"]


def test_two_with_the_same_signal_are_one_problem_of_the_study(tmp_path):
    for name in ("P1", "P2"):
        person(tmp_path, name)
    sources = sources_of(tmp_path)
    contents = {
        name: inspect_participant(subject, sources, DESIGN)[0]["contents"]
        for subject, name in sources.ids.items()
    }
    (entry,) = copied_data(contents)
    assert (entry.kind, entry.found) == ("copied_data", "the same values as in bvp of P1")
    assert copied_data({"P1": contents["P1"]}) == []


def test_a_third_one_with_the_same_is_a_problem_of_its_own():
    own = {"responses joy": "1", "bvp": "2", "bvp in trial 1": "3"}
    entries = copied_data({"P1": own, "P2": own, "P3": own})
    assert [entry.file for entry in entries] == [
        *("responses joy of P2", "responses joy of P3", "bvp of P2", "bvp of P3")
    ]


@pytest.mark.parametrize("shown", ["rain,1\nsea,20\n", "rain,1\nrain,20\n"])
def test_a_copy_within_a_trial_that_is_left_out_is_no_problem(tmp_path, shown):
    """By the table of exclusions; or as a second showing, which a policy leaves out."""
    values = np.random.default_rng(0).uniform(size=50)
    slider = "".join(f"{o + t / 5},{v:.3f}\n" for o in (1, 20) for t, v in enumerate(values))
    person(tmp_path, "P1", shown=shown, slider=slider)
    kinds = {kind for kind, *_ in looked(tmp_path)[1]}
    assert "unreadable_log" in kinds
    if "sea" in shown:
        assert looked(tmp_path, excluded=["sea"])[1] == []
    else:
        design = dataclasses.replace(DESIGN, noted=("missing_clip",))
        assert [kind for kind, *_ in looked(tmp_path, design=design)[1]] == ["repeated_clip"]


def test_nobody_answering_is_one_problem_of_the_study():
    assert no_responses(3, True) == no_responses(0, False) == []
    (entry,) = no_responses(0, True)
    assert (entry.subject, entry.kind) == ("", "no_responses")
