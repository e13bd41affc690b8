"""Whole studies as they are give no alarm; their files exchanged, copied and slowed down do."""

import json
import runpy
import shlex
import sys

import numpy as np
import pytest
import yaml
from generated_studies import STUDIES, ten_study, write
from paths import ROOT

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.canonical.contents import check_everybody, response_contents, signal_contents
from tinglegram.clock import Timing
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.epochs import Margins
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.parts import (
    Part,
    Sources,
    check_recordings,
    find_sources,
    joined,
    read_parts,
    signals_on_clock,
)
from tinglegram.settings import as_options, only

MADE = {name: make() for name, make in STUDIES.items()} | {"ten": ten_study(1)}
OF_CLOCKS = {"clock_drift", "clocks_apart", "late_end", "uncovered_trials", "rows_out_of_order"}


@pytest.fixture
def laid(tmp_path):
    """Write a study; return how to change its folder, and how to read all of it."""

    def lay(name):
        overlay = write(MADE[name], tmp_path / name)
        config = yaml.safe_load(overlay.read_text())
        lengths = {code: c["duration"] for code, c in config["clips"].items() if c}
        dimensions = {
            code: about["kind"]
            for code, about in config["responses"]["dimensions"].items()
            if about is not None
        }
        data = {"options": {}, "responses": None, "signals": None} | config["data"]

        def read():
            sources = find_sources(data, lengths, dimensions)
            limits, contents, notes = ClockLimits(), {}, []
            for subject, who in sources.ids.items():
                told = read_parts(
                    sources.as_text(subject, "events", "responses"), who, lengths, dimensions
                )
                session = joined(told, who, lengths)
                part = sources.of_signals()
                text = sources.as_text(subject, part)
                ((_, own),) = read_parts(text, who, lengths, dimensions).items()
                signals = signals_on_clock(own, session.zero_unix_s, who)
                # Of a reader of its own: a part that gives the events has them as its trials.
                trials, zero_s = session.trials, session.zero_unix_s
                notes += check_recordings(own, signals, trials, zero_s, limits, who)
                notes += session.notes
                by_name = {signal.name: signal for signal in signals}
                contents[who] = response_contents(session.responses, trials)
                contents[who] |= signal_contents(by_name, trials)
            check_everybody(contents)
            return notes, contents

        return tmp_path / name, read

    return lay


def exchange(folder, first, second):
    for one in sorted((folder / first).rglob("*")):
        other = folder / second / one.relative_to(folder / first)
        if one.is_file():
            held = one.read_bytes()
            one.write_bytes(other.read_bytes())
            other.write_bytes(held)


@pytest.mark.parametrize("name", MADE)
def test_a_sound_study_gives_no_alarm(name, laid):
    _, read = laid(name)
    notes, contents = read()
    assert not {note.kind for note in notes} & OF_CLOCKS
    assert len(contents) == 6
    if name != "button":
        assert all(contents.values())


def test_two_watches_that_were_exchanged_are_refused_by_their_hours(laid):
    folder, read = laid("wrist")
    exchange(folder / "e4", "P01", "P03")
    with pytest.raises(InputProblem, match=r"^P01, signal BVP: .*exchanged\?"):
        read()


def test_a_participant_whose_files_were_copied_is_refused(laid):
    folder, read = laid("bids")
    for path in sorted((folder / "sub-area" / "beh").iterdir()):
        if "Anxiety" in path.name or "physio" in path.name:
            copy = path.name.replace("sub-area", "sub-bridge")
            (folder / "sub-bridge/beh" / copy).write_bytes(path.read_bytes())
    with pytest.raises(
        TinglegramError, match=r"of sub-bridge: .* same values as in .* of sub-area"
    ):
        read()


def test_a_rate_that_is_far_too_low_is_refused(laid):
    folder, read = laid("bids")
    for path in sorted(folder.glob("sub-area/beh/*_physio.json")):
        about = json.loads(path.read_text())
        path.write_text(json.dumps(about | {"SamplingFrequency": 0.1}))
    with pytest.raises(InputProblem, match=r"^sub-area_task-\w+, signal .* at 0\.1 Hz"):
        read()


def test_a_start_in_milliseconds_is_refused(laid):
    folder, read = laid("bids")
    path = folder / "sub-area/beh/sub-area_task-forest_physio.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"StartTime": 750}))
    with pytest.raises(InputProblem, match=r"^sub-area_task-forest, signal .* from second 750\.0"):
        read()


def test_a_study_of_ten_conditions_has_a_clip_of_each():
    study = MADE["ten"]
    assert len({film.condition for film in study.films}) == 10 == len(study.films)
    assert len(study.trials) == 60


@pytest.mark.parametrize("left_out", [[], ["b"]])
def test_a_copy_in_a_trial_that_is_left_out_stops_no_job(tmp_path, monkeypatch, left_out):
    """Responses and a wave in trial b are those of trial a; trial c has its own."""
    draw = np.random.default_rng(0)
    values, wave = draw.uniform(size=(2, 50)), draw.standard_normal(2200).round(4)
    wave[800:1400] = wave[100:700]
    rows = [
        f"{onset + k},{v:.3f}"
        for onset, own in ((10, values[0]), (80, values[0]), (150, values[1]))
        for k, v in enumerate(own)
    ]
    texts = {
        "trials": ["clip,t", "a,10", "b,80", "c,150"],
        "slider": ["t,v", *rows],
        "wrist": ["x", *map(str, wave)],
    }
    for name, lines in texts.items():
        (tmp_path / f"P1_{name}.csv").write_text("\n".join(lines) + "\n")
    options = {
        "trials": {"files": "{participant}_trials.csv", "stimulus": "clip", "onset": "t"},
        "responses": [{"files": "{participant}_slider.csv", "time": "t", "value": {"joy": "v"}}],
        "signals": [
            {"files": "{participant}_wrist.csv", "rate": 10, "columns": {"x": {"type": "eda"}}}
        ],
    }
    files = tuple(str(tmp_path / f"P1_{name}.csv") for name in texts)
    part = Part("csv", str(tmp_path), options)
    text = Sources({"events": part}, {"001": "P1"}, {"events": {"001": files}}).as_text(
        "001", "events"
    )
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    to = {name: tmp_path / f"{name}.out" for name in ("trials", "responses", "notes", "clock")}
    to |= {name: tmp_path / f"{name}.tsv" for name in ("timeline", "key-presses")}

    def script(name, settings, *words):
        about = ["--participant", "P1", "--lengths", *(f"{c}=60" for c in "abc")]
        about += ["--dimensions", "joy=continuous", "--parts", text]
        own = shlex.split(as_options(config, *settings))
        monkeypatch.setattr(sys, "argv", [name, *about, *map(str, [*words, *own])])
        runpy.run_path(str(ROOT / f"scripts/readers/{name}.py"))["main"]()

    def events(excluded):
        grid = (only(Timing, "warm_up", "grid"), only(ResponseTarget, "dimension"), ClockLimits)
        clips = ["--clips", *(f"{c}=x" for c in "abc"), "--subject", 1]
        written = [word for name, path in to.items() for word in (f"--{name}", path)]
        script("read_events", grid, *clips, *written, "--exclude", *excluded)

    def signals():
        pulse = (RestEpochs, Margins, Windowing, BeatLimits, ClockLimits)
        read_from = [word for n in ("clock", "trials", "timeline") for word in (f"--{n}", to[n])]
        made = ["--signals", tmp_path / "s.npz", "--contents", tmp_path / "c.json"]
        script("read_signals", pulse, *read_from, *made, "--notes", tmp_path / "n.tsv")

    config["responses"]["target"]["dimension"] = "joy"
    if left_out:
        events(left_out)
        signals()
        contents = json.loads((tmp_path / "c.json").read_text())
        assert set(contents) == {"x", "x in trial 1", "x in trial 3"}
        return
    with pytest.raises(InputProblem, match="responses joy in trial 2: .* joy in trial 1"):
        events([])
    # As where the responses are their own.
    wave_alone = "\n".join(
        ["t,v", *(f"{float(row.split(',')[0])},{k}" for k, row in enumerate(rows))]
    )
    (tmp_path / "P1_slider.csv").write_text(wave_alone + "\n")
    events([])
    with pytest.raises(InputProblem, match="x in trial 2: .* x in trial 1"):
        signals()
