"""Windows, series and coverage of hearts whose rate is planted, in any kind of signal."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from heart_signals import heart_signal, heart_timeline, planted_beats

from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.heart_beats import r_peaks
from tinglegram.pulse.heart_continuity import heart_continuity
from tinglegram.pulse.heart_rates import rate_series
from tinglegram.pulse.heart_slices import slice_heart, with_beats
from tinglegram.pulse.heart_values import heart_values, intervals_of_beats, unpack_heart
from tinglegram.pulse.heart_windows import HeartQuality, measure_heart
from tinglegram.pulse.measurement import WINDOW_COLUMNS
from tinglegram.pulse.quality import Quality
from tinglegram.pulse.recordings import recording_of
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.slices import slice_participant
from tinglegram.pulse.windows import Windowing

SECONDS, AHEAD = 160.0, 100.0
# The recording begins at second 100 of the participant's clock.
TIMELINE = heart_timeline([AHEAD + 15, AHEAD + 57, AHEAD + 108])
DESCRIBED = PulseMethods()
CORRECTED = PulseMethods(
    pulse_filter="clip",
    interval_limits="rate_range",
    rmssd_differences="neighbours",
    window_faults="all",
)
KINDS = ["ecg", "ibi", "hr"]


def bpm_at(time: float) -> float:
    return 75 + 10 * np.sin(2 * np.pi * time / 60)


BEATS = planted_beats(SECONDS, bpm_at, variation=0.005)


def slices_of(kind: str, signal=None, timeline=TIMELINE):
    """Cut clips and rests as the script does."""
    signal = heart_signal(kind, BEATS, SECONDS, start_s=AHEAD) if signal is None else signal
    if kind != "ecg":
        return slice_heart(heart_values(signal, "P1")[0], "P1", timeline, 3, RestEpochs(), 5.0)
    recording, clock = recording_of(signal)
    cut = slice_participant(
        recording, "P1", timeline, 3, RestEpochs(), printed_time=False, clock=clock, margin_s=5.0
    )
    beats_s = r_peaks(recording.signal, recording.sampling_rate_hz, "P1") / 250
    return with_beats(cut, intervals_of_beats(beats_s), timeline, clock, 5.0)


def measured(cut, methods=CORRECTED, timeline=TIMELINE):
    steps = np.arange(350)
    ratings = pd.concat(
        [
            pd.DataFrame({"video": t.video, "order": t.order, "step": steps, "rating": steps})
            for t in timeline.itertuples()
        ]
    )
    return measure_heart(
        cut.clips,
        cut.rests,
        timeline,
        ratings,
        ["A", "B"],
        subject=1,
        slice_by="sample_index",
        window_clock="exact",
        grid_hz=10.0,
        windowing=Windowing(),
        continuity=Continuity(),
        quality=Quality(),
        heart_quality=HeartQuality(),
        methods=methods,
        limits=BeatLimits(),
    )


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def cut(kind):
    return slices_of(kind)


def planted_rate(windows: pd.DataFrame) -> np.ndarray:
    starts = windows["video"].map(TIMELINE.set_index("video")["valid_start_s"])
    begin = (starts + windows["start_s"] - AHEAD).to_numpy()
    return np.array([np.mean([bpm_at(t) for t in np.linspace(a, a + 5, 50)]) for a in begin])


def test_rate_of_every_window_is_the_planted_one(cut, kind):
    found = measured(cut)
    windows = found.windows
    assert list(windows.columns) == WINDOW_COLUMNS and len(windows) == 90
    assert windows["pulse_rate_bpm"].notna().all()
    away = windows["pulse_rate_bpm"] - planted_rate(windows)
    assert np.abs(away).max() < 1 and abs(np.mean(away)) < 0.2
    assert windows["poor"].mean() < 0.05
    # Rating: the mean over the 50 steps of the window.
    assert windows["mean_rating"].iloc[:3].tolist() == [24.5, 34.5, 44.5]
    assert windows["rmssd_ms"].isna().all() == (kind == "hr")
    blocks = found.blocks.set_index(["block", "windows"])
    assert blocks.loc[("baseline", "all"), "problem"] == ""
    baseline = np.mean([bpm_at(t) for t in np.linspace(2.5, 13, 100)])
    assert blocks.loc[("baseline", "all"), "pulse_rate_bpm"] == pytest.approx(baseline, abs=1.5)


@pytest.mark.parametrize("methods", [DESCRIBED, CORRECTED])
def test_window_of_a_steady_heart(methods, kind):
    beats = planted_beats(SECONDS, lambda _: 66, variation=0.0)
    found = measured(slices_of(kind, heart_signal(kind, beats, SECONDS, start_s=AHEAD)), methods)
    assert found.windows["pulse_rate_bpm"].to_numpy() == pytest.approx(66, abs=0.2)


def test_rmssd_of_conditions_is_that_of_long_windows():
    """Clips of 35 s hold five windows of 30 s; no rest is long enough for one."""
    short = measured(slices_of("ibi"))
    found = measured(slices_of("ibi"), replace(CORRECTED, rmssd_windows="long"))
    pd.testing.assert_frame_equal(found.windows, short.windows)
    blocks = found.blocks.set_index(["block", "windows"])
    (video,) = TIMELINE.loc[TIMELINE["condition"] == "B", "video"]
    first = TIMELINE.set_index("video")["valid_start_s"][video] - AHEAD
    squares = np.diff(1000 * np.diff(BEATS)) ** 2
    at = BEATS[1:-1]
    logged = [
        0.5 * np.log(squares[(at >= first + k) & (at < first + k + 30)].mean()) for k in range(5)
    ]
    assert blocks.loc[("B", "all"), "rmssd_ms"] == pytest.approx(np.exp(np.mean(logged)))
    assert blocks.loc[("B", "all"), "n_windows_rmssd"] == 5
    resting = blocks[blocks["segment"] == "rest"]
    assert resting["rmssd_ms"].isna().all() and (resting["n_windows_rmssd"] == 0).all()
    assert resting["pulse_rate_bpm"].notna().any()
    (told,) = [finding for finding in found.findings if "rmssd_window" in finding]
    assert told.startswith("0 of 3 clips and ") and "30 s" in told
    assert not any("rmssd_window" in finding for finding in short.findings)


def test_rmssd_is_that_of_the_planted_intervals():
    windows = measured(slices_of("ibi")).windows
    first = TIMELINE["valid_start_s"].iloc[0] - AHEAD
    between = BEATS[1:-1]
    inside = (between >= first) & (between < first + 5)
    expected = np.sqrt(np.mean(np.diff(1000 * np.diff(BEATS))[inside] ** 2))
    assert windows["rmssd_ms"].iloc[0] == pytest.approx(expected)


def test_what_needs_a_wave_is_not_there_without_one():
    of_waves = ["template_correlation", "perfusion", "flat_share", "clipped_share", "excursion"]
    assert measured(slices_of("ibi")).windows[of_waves].isna().all(axis=None)
    windows = measured(slices_of("ecg")).windows
    assert windows[of_waves].notna().all(axis=None)
    assert windows["template_correlation"].min() > 0.9


@pytest.mark.parametrize("lossy", ["ibi", "hr"])
def test_window_without_values_is_poor_and_counted(lossy):
    whole = heart_signal(lossy, BEATS, SECONDS, start_s=AHEAD)
    times, gap = whole.sample_times(), AHEAD + np.array([30.0, 42.0])
    values = np.where((times > gap[0]) & (times < gap[1]), np.nan, whole.values)
    signal = type(whole)(whole.name, lossy, whole.unit, values, times_s=times)
    cut = slices_of(lossy, signal)
    found = measured(cut)
    windows = found.windows[found.windows["video"] == "clip1"]
    begin = windows["start_s"] + TIMELINE["valid_start_s"].iloc[0]
    inside = (begin >= gap[0]) & (begin + 5 <= gap[1])
    # The first interval after the gap, or the half second before a rate, ends the gap.
    assert windows.loc[inside, "poor"].all() and inside.sum() == 8
    assert windows.loc[inside, "disconnected_share"].min() > 0.8
    assert not windows.loc[begin + 5 < gap[0] - 1, "poor"].any()
    counts = heart_continuity(cut.clips, TIMELINE)
    assert counts["n_samples"].tolist() == [35000] * 3
    assert counts["n_bad"].iloc[0] == pytest.approx(12000, abs=1000)
    assert counts["n_bad"].iloc[1] < 1000


def test_an_electrode_that_falls_off_makes_poor_windows():
    whole = heart_signal("ecg", BEATS, SECONDS, start_s=AHEAD)
    whole.values[30 * 250 : 42 * 250] = whole.values[30 * 250]
    found = measured(slices_of("ecg", whole)).windows
    windows = found[found["video"] == "clip1"]
    begin = windows["start_s"] + TIMELINE["valid_start_s"].iloc[0] - AHEAD
    inside = (begin >= 30) & (begin + 5 <= 42)
    assert windows.loc[inside, "poor"].all()
    assert windows.loc[inside, "flat_share"].min() > 0.99
    assert not found.loc[found["video"] != "clip1", "poor"].any()


def test_series_follows_the_planted_rate(cut):
    trial = TIMELINE.iloc[0]
    heart = unpack_heart(cut.clips, "clip1")
    series = rate_series(heart, trial["valid_start_s"], trial["end_s"], 350)
    assert series.dtype == np.float32 and series.shape == (350,)
    assert abs(series.mean()) < 1e-5 and series.std() == pytest.approx(1, abs=1e-4)
    truth = [bpm_at(trial["valid_start_s"] - AHEAD + k / 10) for k in range(350)]
    assert np.corrcoef(series, truth)[0, 1] > 0.95


def test_series_without_values_is_zero():
    heart = heart_values(heart_signal("hr", BEATS, SECONDS), "P1")[0]
    assert not rate_series(heart.within(0.0, 20.0), 30.0, 60.0, 300).any()


def test_a_missed_beat_bends_no_series():
    heart = intervals_of_beats(np.delete(np.arange(0.0, 40.0, 0.8), 25))
    assert not rate_series(heart, 5.0, 35.0, 300).any()


def test_findings_name_rhythm_and_coverage():
    beats = planted_beats(SECONDS, lambda _: 75, variation=0.3)
    signal = heart_signal("ibi", np.sort(beats), SECONDS, start_s=AHEAD)
    said = " ".join(measured(slices_of("ibi", signal)).findings)
    assert "the beats are irregular" in said and "windows are covered to less than 80%" in said
    assert not measured(slices_of("ibi")).findings
    assert measured(slices_of("hr")).findings == (
        "RMSSD is not applicable: heart rates have no intervals",
    )


def test_a_clip_shown_again_has_its_own_heart(kind):
    """Whatever its clip is called, a trial has the same windows, coverage and series."""
    again = TIMELINE.assign(video=[*TIMELINE["video"][:2], TIMELINE["video"][0]])
    cut, whole = slices_of(kind, timeline=again), slices_of(kind)
    windows = measured(cut, timeline=again).windows
    assert list(windows.columns[:3]) == ["subject", "video", "order"]
    assert windows["order"].drop_duplicates().tolist() == again["order"].tolist()
    pd.testing.assert_frame_equal(
        windows.drop(columns=["video", "order"]), measured(whole).windows.drop(columns="video")
    )
    if kind != "ecg":
        coverage, usual = (
            heart_continuity(part.clips, shown).drop(columns="video")
            for part, shown in ((cut, again), (whole, TIMELINE))
        )
        pd.testing.assert_frame_equal(coverage, usual)
