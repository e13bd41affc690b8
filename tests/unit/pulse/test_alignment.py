"""Clips are cut where they were shown: by an offset, by marks, and out of sections."""

import fitted_files as made
import numpy as np
import pandas as pd
import pytest

from tinglegram.formats.biopac import read_export
from tinglegram.formats.recording import Recording
from tinglegram.pulse.alignment import (
    Clock,
    ClockAlignment,
    Marks,
    best_marks,
    find_marks,
    match_marks,
)
from tinglegram.pulse.epochs import unpack_epoch
from tinglegram.pulse.fit import Fit, align_clock, fit_of_length, fit_of_marks, fit_of_title
from tinglegram.pulse.rests import RestEpochs, unpack_rests
from tinglegram.pulse.slices import slice_participant

ONSETS = np.array(list(made.ONSETS.values()))
TIMELINE = pd.DataFrame(
    [
        (order, code, condition, start, start + 5.0, start + made.CLIP_S)
        for order, ((code, condition), start) in enumerate(
            zip(made.CLIPS.items(), ONSETS, strict=True)
        )
    ],
    columns=["order", "video", "condition", "start_s", "valid_start_s", "end_s"],
)
BY_MARKS = ClockAlignment(align="trigger")


def channel(signal, rate=made.RATE, first_index=0):
    signal = np.asarray(signal, dtype=float)
    return Recording(signal, signal, rate, "CH2", "", "", "", "utf-8", (), first_index)


def cut(content, settings=None, offset_s=0.0, timeline=TIMELINE):
    """All slices of a recording, as the program cuts them."""
    aligned = align_clock(
        content,
        lambda: content,
        "x",
        ("CH1", None),
        settings or ClockAlignment(),
        timeline["start_s"].tolist(),
        offset_s,
    )
    recording = read_export(content, "x", "CH1", None)
    return slice_participant(
        recording, "x", timeline, 4, RestEpochs(), printed_time=True, clock=aligned.clock
    )


def right(slices, within_s=1e-9):
    """Whether every clip holds the wave of its own seconds of the log, and says so."""
    for trial in TIMELINE.itertuples():
        for way in ("sample_index", "printed_time"):
            epoch = unpack_epoch(slices.clips, trial.video, way, trial.valid_start_s)
            # The wave moves by less than 8 units a second; files hold it with six digits.
            assert np.allclose(epoch.signal, made.pulse(epoch.time_s), atol=8 * within_s + 2e-5), (
                trial.video,
                way,
            )
            assert epoch.time_s[0] == pytest.approx(trial.valid_start_s, abs=0.0201)
            assert epoch.time_s[-1] == pytest.approx(trial.end_s, abs=0.0401)
    for rest, epoch in unpack_rests(slices.rests):
        if epoch is not None:
            assert np.allclose(epoch.signal, made.pulse(epoch.time_s), atol=8 * within_s + 2e-5)
            assert epoch.time_s[0] == pytest.approx(rest.start_s, abs=0.0201)
    return True


def test_a_recording_that_starts_with_its_log():
    slices = cut(made.recording(made.seconds_of(0, 141)))
    assert right(slices)
    assert not [name for name in slices.clips if "offset" in name]


@pytest.mark.parametrize("start", [3.4, -7.13, 0.0177])
def test_an_offset_of_the_table(start):
    assert right(cut(made.recording(made.seconds_of(start, 141)), offset_s=start), 1e-6)


def test_without_the_offset_clips_are_wrong():
    with pytest.raises(AssertionError):
        right(cut(made.recording(made.seconds_of(3.4, 141))))


@pytest.mark.parametrize("start", [3.4, -7.2, 0.0])
@pytest.mark.parametrize("inverted", [False, True])
def test_clips_are_cut_at_their_marks(start, inverted):
    marks = made.marks_at(ONSETS, start, 141)
    content = made.recording(made.seconds_of(start, 141), 5 - marks if inverted else marks)
    assert right(cut(content, BY_MARKS))


def test_marks_go_on_after_a_pause():
    seconds = np.concatenate([made.seconds_of(0, 68), made.seconds_of(75, 141)])
    marks = np.concatenate([made.marks_at(ONSETS, 0, 68), made.marks_at(ONSETS, 75, 141)])
    slices = cut(made.recording(seconds, marks), BY_MARKS)
    assert right(slices)
    # The rest in which it was stopped is not used.
    assert [rest.name for rest in slices.found if "moves by 7.00 s" in rest.problem] == ["washout"]


@pytest.mark.parametrize("begin", [6.0, 11.98])
def test_a_section_is_placed_by_its_time_column(begin):
    slices = cut(made.recording(made.seconds_of(begin, 141), first=begin))
    assert right(slices)
    baseline = slices.found[0]
    assert baseline.problem or baseline.start_s == pytest.approx(begin + 2.0)


@pytest.mark.parametrize("rate", [25.0, 60.0, 128.0, 300.0])
def test_any_rate_has_its_marks_within_a_sample(rate):
    line = made.marks_at(ONSETS - 3.4, 0, 130, rate)
    match = match_marks(find_marks(channel(line, rate)), ONSETS)
    assert len(match.onset_s) == 4
    assert match.offset_s == pytest.approx(np.full(4, 3.4), abs=1 / rate)


def test_noise_codes_and_whole_clips_are_marks():
    seconds = made.seconds_of(0, 141)
    pulses = made.marks_at(ONSETS, 0, 141)
    noisy = pulses + np.random.default_rng(1).normal(0, 0.05, len(pulses))
    codes = sum((i + 1) * made.marks_at([t], 0, 141) for i, t in enumerate(ONSETS))
    # High for as long as each clip plays: more than half of the session.
    whole = made.marks_at(ONSETS, 0, 141, width=made.CLIP_S)
    for line in (pulses, noisy, codes, whole, 5 - whole):
        assert len(line) == len(seconds)
        assert find_marks(channel(line)).away_s == pytest.approx(ONSETS)


def test_a_wave_and_a_flat_line_have_no_marks():
    assert find_marks(channel(made.pulse(made.seconds_of(0, 141)))).problem
    assert find_marks(channel(np.zeros(100))).problem == "it stays at 0"
    assert find_marks(channel(np.arange(40_000) % 2)).problem == "it leaves its level 20000 times"


@pytest.mark.parametrize("drift", [-1e-3, -2e-4, 2e-4, 1e-3])
def test_drift_is_measured(drift):
    onsets = 30.0 + 70.0 * np.arange(8)
    marks = Marks("x", (onsets - 2.5) * (1 + drift), np.empty(0))
    match = match_marks(marks, onsets)
    assert len(match.onset_s) == 8 and match.jump is None
    assert match.drift == pytest.approx(-drift, rel=1e-9)


def test_other_marks_between_do_not_matter_nor_do_missing_ones():
    onsets = np.array([60.1, 131.7, 190.4, 262.9, 395.2, 455.0, 520.8, 589.3])
    draw = np.random.default_rng(2)
    for _ in range(20):
        others = draw.uniform(0, 650, 40)
        kept = np.delete(onsets, draw.integers(8))
        marks = Marks("x", np.sort(np.concatenate([kept - 3.4, others])), np.empty(0))
        match = match_marks(marks, onsets)
        found = dict(zip(match.onset_s, match.offset_s, strict=True))
        assert all(found[t] == pytest.approx(3.4, abs=0.25) for t in kept)


def test_the_channel_that_follows_the_clips_is_taken():
    other = channel(made.marks_at([3.0, 50.0, 61.0], 0, 141))
    own = channel(made.marks_at(ONSETS, 0, 141))
    marks, match = best_marks([other, own], ONSETS)
    assert len(match.onset_s) == 4 and marks.away_s == pytest.approx(ONSETS)


def test_offsets_are_interpolated_between_marks():
    clock = Clock((10.0, 20.0), (1.0, 2.0))
    assert [clock.offset(t) for t in (0.0, 10.0, 15.0, 30.0)] == [1.0, 1.0, 1.5, 2.0]
    assert Clock().offset(5.0) == 0.0


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("007.acq", ""),
        ("7.gtl", ""),
        ("S07.acq", ""),
        ("C:\\data\\2025\\sub-007_task-rest.acq", ""),
        ("rec.acq", ""),
        ("C:\\testfile.txt", ""),
        ("", ""),
        ("20250221_11h05.acq", ""),
        ("2025-02-21.acq", ""),
        ("rest 12.05.2024.acq", ""),
        ("007-1-20251102-ab12.acq", ""),
        ("002.acq", "other_title"),
        ("2.acq", "other_title"),
        ("S02.acq", "other_title"),
        ("sub-02_task-rest_run-7.acq", "other_title"),
        ("/home/lab/Participant 12.acq", "other_title"),
        ("002_2025-02-07.acq", "other_title"),
        ("rec002.acq", "other_title"),
        ("VP_08 session 7.acq", "other_title"),
        ("rest2.acq", "title_number"),
        ("rest_02.acq", "title_number"),
        ("untitled1.acq", "title_number"),
        ("session 02.acq", "title_number"),
        ("被験者02.acq", "other_title"),
        ("被験者07.acq", ""),
        ("AB02.acq", "other_title"),
        ("sub-07_ses-02.acq", ""),
    ],
)
def test_whom_a_title_names(title, says):
    fit = fit_of_title(title, "007_csv.txt", 7)
    assert [one.kind for one in (*fit.problems, *fit.notes)] == ([says] if says else [])
    assert bool(fit.problems) == (says == "other_title")


def test_how_long_a_recording_must_be():
    def kinds(end_s, **options):
        fit = fit_of_length(end_s, 100.0, "x", 5.0, **options)
        return [p.kind for p in fit.problems], [note.kind for note in fit.notes]

    assert kinds(100.0) == kinds(99.95) == kinds(102.0) == ([], [])
    assert kinds(99.5) == kinds(95.0) == ([], ["early_end"])
    assert kinds(94.9) == (["early_end"], [])
    assert kinds(94.9, explained=True) == ([], ["early_end"])
    assert kinds(150.0, explained=True) == ([], [])
    assert kinds(102.1) == ([], ["late_end"])


def test_a_mark_that_bounces_is_one_mark():
    line = made.marks_at(ONSETS, 0, 141)
    for onset in ONSETS:
        line[round((onset + 0.03) * made.RATE)] = 0
    for signal in (line, 5 - line):
        marks = find_marks(channel(signal))
        assert marks.away_s == pytest.approx(ONSETS)
        assert len(marks.back_s) == len(ONSETS)


def test_marks_of_a_scanner_match_by_any_offset_and_prove_none():
    onsets = 30.0 + 70.0 * np.arange(8)
    regular = Marks("x", np.arange(1.0, 690.0, 2.0))
    assert match_marks(regular, onsets).ambiguous
    # The ends of clips, or other events, are no such marks.
    others = Marks("x", np.sort(np.concatenate([onsets - 2, onsets + 58, [12, 55.5, 333]])))
    match = match_marks(others, onsets)
    assert not match.ambiguous and match.offset_s == pytest.approx(np.full(8, 2.0))


def test_marks_that_run_ahead_and_behind_are_of_another_session():
    onsets = np.array([30.0, 100, 170, 240, 340, 410, 480, 550])
    marks = Marks("x", np.array([11.0, 77, 123, 222, 301, 444, 512, 600]))
    assert match_marks(marks, onsets).onset_s == ()


@pytest.mark.parametrize("title", ["2 Nov 2025 asmr.acq", "asmr 02-november_2025", "12.Okt.2025"])
def test_the_day_of_a_date_is_no_participant(title):
    assert fit_of_title(title, "x", 7) == ((), ())


@pytest.mark.parametrize("settings", [ClockAlignment(), BY_MARKS])
def test_without_clips_there_is_nothing_to_hold_marks_against(settings):
    """A participant all of whose clips are left out is no reason to stop."""
    marks = Marks("CH28", np.array([1.0, 2.0, 3.0]), np.array([1.1, 2.1, 3.1]))
    named = settings.align == "trigger"
    match = match_marks(marks, [])
    assert fit_of_marks(match, marks, "x", 0.1, aligned=named, named=named) == Fit()
