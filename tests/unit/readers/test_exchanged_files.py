"""Whole studies as they are give no alarm; their files exchanged, copied and slowed down do."""

import json

import pytest
import yaml
from generated_studies import STUDIES, ten_study, write

from tinglegram.canonical.contents import check_everybody, response_contents, signal_contents
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.parts import (
    check_recordings,
    find_sources,
    joined,
    read_parts,
    signals_on_clock,
)

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
