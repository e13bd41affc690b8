"""The simulated study: raw formats, same bytes twice, and a truth the data really hold."""

import io
import json
import re
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from tinglegram import clock
from tinglegram.simulation import clips, design, logs, pulse_wave
from tinglegram.simulation.clip_format import SimulatedClips, format_in_turn

SEED = 42
CLIPS = {f"vid{i}": "ASMR" if i < 5 else "Nature" for i in range(1, 9)}
FILES = {video: f"{video}.avi" for video in CLIPS}
CODES = {0: "1", 1: "2", 2: "3", 3: "4"}
SCHEDULE = design.Schedule(clip=12.0, first_trial=10.6, rests=(4.0, 6.0, 4.0))
REPORTING = design.Reporting(
    agreement=0.6,
    non_responders=0.0,
    level={"ASMR": 0.0, "Nature": 0.8},
    thresholds=(0.0, 0.6, 1.2),
    smoothness=2.0,
    decision=1.0,
)
CARDIAC = pulse_wave.Cardiac(
    resting=(66.0, 80.0), coupling={"ASMR": -4.0, "Nature": 1.0}, drift=1.0, noise=0.02
)
FEELING = clips.Feeling(seconds=2.0, smoothness=0.5, feature_signal=0.8)


def person(subject, rate=500.0, cardiac=CARDIAC):
    session = design.plan_session(subject, CLIPS, SCHEDULE, SEED)
    presses = design.reports(session, SCHEDULE.clip, REPORTING, SEED)
    return session, presses, pulse_wave.simulate_pulse(session, presses, cardiac, rate, SEED)


def log_of(subject):
    session = design.plan_session(subject, CLIPS, SCHEDULE, SEED)
    presses = design.reports(session, SCHEDULE.clip, REPORTING, SEED)
    pressed = [press for made in presses.values() for press in made]
    layout = logs.log_layout(subject)
    return logs.presentation_log(session, pressed, CODES, FILES, layout, SEED), session, presses


def event_table(log):
    lines = log.decode("ascii").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Subject\t")) + 2
    rows = []
    for line in lines[start:]:
        if not line:
            break
        rows.append(line.split("\t"))
    return rows


def test_file_names_are_the_datasets_and_stay_when_people_join():
    names = design.file_names(3, SEED)
    assert list(names) == ["001", "002", "003"]
    assert all(re.fullmatch(r"\d{3}-\d-\d{8}-[0-9a-f]{8}\.log", n.log) for n in names.values())
    assert [name.log[4] for name in names.values()] == ["1", "2", "1"]
    assert names["002"].ppg == "002_csv.txt"
    assert design.file_names([3, 1, 40], SEED)["003"] == names["003"]
    assert design.file_names(3, SEED + 1)["003"] != names["003"]


@settings(max_examples=30)
@given(subject=st.integers(1, 999), seed=st.integers(0, 2**31))
def test_every_session_is_counterbalanced_on_schedule_and_without_overlap(subject, seed):
    session = design.plan_session(subject, CLIPS, SCHEDULE, seed)
    shown = session.showings
    assert sorted(s.video for s in shown) == sorted(CLIPS)
    assert [s.order for s in shown] == list(range(8))
    first = "ASMR" if subject % 2 else "Nature"
    assert {s.condition for s in shown[:4]} == {first}
    lengths = [s.end_s - s.start_s for s in shown]
    assert lengths == pytest.approx([SCHEDULE.first_trial] + [SCHEDULE.clip] * 7, abs=2e-4)
    assert all(a.end_s <= b.start_s for a, b in zip(shown, shown[1:], strict=False))
    assert shown[0].end_s == pytest.approx(SCHEDULE.rests[0] + SCHEDULE.clip, abs=0.02)
    assert session.duration_s == sum(SCHEDULE.rests) + 8 * SCHEDULE.clip


def test_a_wrong_number_of_rests_is_named():
    with pytest.raises(ValueError, match="2 conditions need 3 rests, not 2"):
        design.plan_session(1, CLIPS, replace(SCHEDULE, rests=(4.0, 4.0)), SEED)


def test_two_viewers_latent_intensities_correlate_at_the_agreement():
    correlations = []
    for clip in range(60):
        pair = [design.latent(f"clip{clip}", s, 60.0, REPORTING, SEED) for s in (1, 2)]
        correlations.append(np.corrcoef(*pair)[0, 1])
    assert np.mean(correlations) == pytest.approx(REPORTING.agreement, abs=0.07)


def test_presses_are_changes_of_state_inside_the_clip_some_in_the_warm_up():
    in_warm_up = 0
    for subject in (1, 2):
        _, session, presses = log_of(subject)
        for shown in session.showings:
            times = [press.time_s for press in presses[shown.video]]
            states = [0] + [press.rating for press in presses[shown.video]]
            assert times == sorted(times)
            assert all(shown.start_s <= t < shown.end_s for t in times)
            assert all(a != b for a, b in zip(states, states[1:], strict=False))
            in_warm_up += sum(t < shown.start_s + 5.0 for t in times)
    assert in_warm_up > 0


def test_non_responders_never_report_a_tingle_but_rate_nature():
    nobody = replace(REPORTING, non_responders=1.0)
    session = design.plan_session(1, CLIPS, SCHEDULE, SEED)
    presses = design.reports(session, SCHEDULE.clip, nobody, SEED)
    assert not any(presses[video] for video in CLIPS if CLIPS[video] == "ASMR")
    assert any(presses[video] for video in CLIPS if CLIPS[video] == "Nature")


@pytest.mark.parametrize("subject", [1, 2, 3, 4])
def test_a_log_has_presentations_layout(subject):
    log, session, _ = log_of(subject)
    assert (b"\r\n" in log) == (subject % 2 == 0)
    lines = log.decode("ascii").splitlines()
    assert lines[0].startswith("Scenario - ")
    assert re.fullmatch(r"Logfile written - \d\d/\d\d/\d{4} \d\d:\d\d:\d\d", lines[1])
    assert lines[3] == logs.HEADER and lines[3].split("\t").count("Uncertainty") == 2
    assert lines[2] == lines[4] == ""
    rows = event_table(log)
    for row in rows:
        assert len(row) == (13 if row[2] in ("Picture", "Video") else 7)
    times = [int(row[4]) for row in rows]
    assert times == sorted(times)
    assert (times[0] < 0) == (subject % 4 == 1)
    assert {row[2] for row in rows} == {"Picture", "Video", "Pulse", "Response", "Quit"}
    assert rows[-1][2:4] == ["Quit", ""]
    assert times[-1] == clock.to_ticks(session.duration_s)
    assert ("Event Type\tCode\tType" in log.decode()) == (subject % 3 == 0)


def test_a_log_holds_the_true_clips_and_presses():
    log, session, presses = log_of(3)
    rows = event_table(log)
    videos = [(row[3], int(row[4]) / 1e4) for row in rows if row[2] == "Video"]
    assert videos == [(s.video, s.start_s) for s in session.showings]
    made = [(row[3], int(row[4]) / 1e4) for row in rows if row[2] == "Response"]
    first = session.showings[0].start_s
    true = [(CODES[p.rating], p.time_s) for s in session.showings for p in presses[s.video]]
    assert [press for press in made if press[1] >= first] == true
    # Practice before the first clip uses every key once.
    assert [code for code, time in made if time < first] == ["1", "2", "3", "4"]


def test_beats_follow_the_rate_and_the_peaks_of_ch2_follow_the_beats():
    steady = replace(CARDIAC, resting=(70.0, 70.0), coupling={}, drift=0.0)
    session, presses, pulse = person(1, cardiac=steady)
    assert len(pulse.beats_s) == pytest.approx(70.0 / 60.0 * session.duration_s, abs=1)
    band = signal.butter(2, (0.5, 4.0), "bandpass", fs=500.0, output="sos")
    peaks, _ = signal.find_peaks(
        signal.sosfiltfilt(band, pulse.filtered), distance=0.35 * 500, prominence=0.5
    )
    found = peaks / 500.0
    inside = pulse.beats_s[(pulse.beats_s > 2) & (pulse.beats_s < session.duration_s - 2)]
    nearest = found[np.abs(found[:, None] - inside).argmin(axis=0)]
    # The online filter is causal, so peaks are shifted, all by the same few ms.
    assert np.abs(nearest - inside).max() < 0.04
    assert (nearest - inside).std() < 0.005
    assert np.sum((found > 2) & (found < session.duration_s - 2)) == pytest.approx(
        len(inside), abs=1
    )
    assert np.percentile(pulse.filtered, 99) - np.percentile(pulse.filtered, 1) > 2.0


def test_the_pulse_rate_falls_with_tingles_and_rises_with_pleasantness():
    quiet = replace(CARDIAC, drift=0.0)
    for condition, slope in CARDIAC.coupling.items():
        session, presses, _ = person(2)
        times = np.arange(0.0, session.duration_s, 0.1)
        draw = np.random.default_rng(0)
        rate, _ = pulse_wave.pulse_rate(session, presses, quiet, times, draw)
        rating = pulse_wave.rating_series(session, presses, condition, times)
        during = [s for s in session.showings if s.condition == condition]
        inside = np.any([(times >= s.start_s) & (times < s.end_s) for s in during], axis=0)
        assert np.polyfit(rating[inside], rate[inside], 1)[0] == pytest.approx(slope, abs=0.3)


def test_the_pulse_rate_changes_against_rest_for_as_long_as_clips_play():
    session, presses, _ = person(2)
    times = np.arange(0.0, session.duration_s, 0.1)
    steady = replace(CARDIAC, coupling={}, drift=0.0)
    moved = replace(steady, rest_change={"ASMR": -3.0})
    before, after = (
        pulse_wave.pulse_rate(session, presses, heart, times, np.random.default_rng(0))[0]
        for heart in (steady, moved)
    )
    playing = [s for s in session.showings if s.condition == "ASMR"]
    inside = np.any([(times >= s.start_s) & (times < s.end_s) for s in playing], axis=0)
    assert 0 < inside.sum() < len(times)
    assert np.allclose(after - before, np.where(inside, -3.0, 0.0))


def test_a_rating_series_holds_until_the_next_press_and_ends_with_the_clip():
    shown = design.Showing("vid1", "ASMR", 0, 1.0, 3.0)
    session = design.SimulatedSession(
        1, 1, (shown,), (design.SimulatedRest(0, 1), design.SimulatedRest(3, 4))
    )
    presses = {"vid1": (design.Press(1.5, 2), design.Press(2.0, 1))}
    times = np.arange(0.0, 4.0, 0.5)
    series = pulse_wave.rating_series(session, presses, "ASMR", times)
    assert series.tolist() == [0, 0, 0, 2, 1, 1, 0, 0]
    assert not pulse_wave.rating_series(session, presses, "Nature", times).any()


@pytest.mark.parametrize("subject", [1, 2, 3])
def test_an_export_has_biopacs_layout(subject):
    _, _, pulse = person(subject)
    layout = pulse_wave.export_layout(subject)
    assert layout == pulse_wave.ExportLayout(japanese=subject == 1, count_row=subject != 3)
    text = pulse_wave.biopac_text(pulse, f"{subject:03d}.acq", layout)
    assert ("脈波".encode("shift_jis") in text) == (subject == 1)
    lines = text.decode("cp932").split("\r\n")
    assert lines.pop() == ""
    assert lines[:3] == [f"{subject:03d}.acq", "2 msec/sample", "2 channels"]
    assert lines[4] == lines[6] == "mV" and lines[7] == "min\tCH1\tCH2\t"
    count = len(pulse.raw)
    rows = lines[8:]
    if layout.count_row:
        assert rows.pop(0) == f"\t{count}\t{count}\t"
    assert len(rows) == count
    assert all(row.count("\t") == 3 and row.endswith("\t") for row in rows)
    printed = np.array([row.split("\t")[:3] for row in rows])
    digits = [len(re.sub(r"E.*|[-.]", "", cell).lstrip("0")) for cell in printed[:500].ravel()]
    assert max(digits) == 6
    # Half a unit in the sixth digit.
    assert np.allclose(printed[:, 2].astype(float), pulse.filtered, rtol=5e-6, atol=0)


def test_time_stamps_are_printed_as_biopac_prints_them():
    silent = np.zeros(3)
    pulse = pulse_wave.PulseRecording(2000.0, silent, silent, silent, 70.0)
    text = pulse_wave.biopac_text(pulse, "001.acq", pulse_wave.ExportLayout(False, True))
    assert text.splitlines()[1] == b"0.5 msec/sample"
    stamps = [line.split(b"\t")[0] for line in text.splitlines()[9:]]
    assert stamps == [b"0", b"8.33333E-06", b"1.66667E-05"]


def test_a_persons_truth_is_what_the_files_hold():
    session, presses, pulse = person(2)
    truth = json.loads(
        json.dumps(
            pulse_wave.participant_truth(session, presses, pulse, REPORTING, CARDIAC),
            allow_nan=False,
        )
    )
    assert truth["coupling_bpm_per_rating"] == {"ASMR": -4.0, "Nature": 1.0}
    assert truth["rest_change_bpm"] == {}
    assert (truth["agreement"], truth["sequence"], truth["subject"]) == (0.6, 2, 2)
    assert [c["video"] for c in truth["clips"]] == [s.video for s in session.showings]
    assert truth["clips"][0]["presses"] == [list(p) for p in presses[session.showings[0].video]]
    assert truth["beats_s"] == pytest.approx(pulse.beats_s, abs=1e-6)


def test_the_same_person_gives_the_same_bytes_and_another_seed_others():
    assert log_of(1)[0] == log_of(1)[0]
    exports = [
        pulse_wave.biopac_text(person(1)[2], "001.acq", pulse_wave.export_layout(1))
        for _ in range(2)
    ]
    assert exports[0] == exports[1]
    assert person(1)[2].resting_bpm != person(2)[2].resting_bpm
    other = design.plan_session(1, CLIPS, SCHEDULE, SEED + 1)
    assert other != design.plan_session(1, CLIPS, SCHEDULE, SEED)


@pytest.mark.parametrize(
    ("video", "rate", "picture", "sound", "hertz", "declared"),
    [
        ("vid1", "25", "mpeg4", "libmp3lame", 44100, "mp3float"),
        ("vid6", "30000/1001", "mjpeg", "pcm_s16le", 48000, "pcm_s16le"),
        ("vid3", "30", "mpeg4", "pcm_s16le", 44100, "pcm_s16le"),
    ],
)
def test_a_clip_opens_with_the_stated_picture_and_sound(
    video, rate, picture, sound, hertz, declared
):
    form = clips.ClipFormat(96, 64, Fraction(rate), picture, sound, hertz)
    film = clips.simulate_clip(video, CLIPS[video], FEELING, form, SEED)
    assert film == clips.simulate_clip(video, CLIPS[video], FEELING, form, SEED)
    with av.open(io.BytesIO(film)) as container:
        stream, heard = container.streams.video[0], container.streams.audio[0]
        assert (stream.codec.name, heard.codec.name) == (picture, declared)
        assert (stream.average_rate, heard.rate, heard.channels) == (Fraction(rate), hertz, 2)
        assert (stream.width, stream.height) == (96, 64)
        stamps = [frame.pts * stream.time_base for frame in container.decode(video=0)]
    # Frames follow each other without a gap, and outlast the time the clip plays.
    assert stamps == [i / Fraction(rate) for i in range(form.frames(FEELING.seconds))]
    assert len(stamps) / Fraction(rate) > FEELING.seconds
    with av.open(io.BytesIO(film)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    # MP3 adds its encoder's delay and fills the last block.
    assert FEELING.seconds * hertz < samples <= form.samples(FEELING.seconds) + 3 * 1152


def test_clips_take_formats_in_turn_and_the_sound_changes_its_codec_every_second_clip():
    asked = SimulatedClips(
        feature_signal=0.8,
        frame_size=(96, 64),
        frame_rates=("25", "30000/1001", "30"),
        video_codecs=("mpeg4", "mjpeg"),
        audio_codecs=("libmp3lame", "pcm_s16le"),
        audio_rates=(44100,),
    )
    forms = [format_in_turn(asked, index) for index in range(4)]
    assert [str(form.frame_rate) for form in forms] == ["25", "30000/1001", "30", "25"]
    assert {(form.width, form.height, form.audio_rate) for form in forms} == {(96, 64, 44100)}
    assert [form.audio_codec for form in forms] == ["libmp3lame"] * 2 + ["pcm_s16le"] * 2
    assert len({(form.video_codec, form.audio_codec) for form in forms}) == 4


@pytest.mark.parametrize(("share", "low", "high"), [(1.0, 0.9, 1.0), (0.0, -0.4, 0.4)])
def test_brightness_follows_the_shared_intensity_as_far_as_asked(share, low, high):
    feeling = clips.Feeling(seconds=60.0, smoothness=1.0, feature_signal=share)
    form = clips.ClipFormat(32, 24, Fraction(10), "mjpeg", "pcm_s16le", 8000)
    seen = clips.visible_intensity("vid1", feeling, SEED)
    frames = clips.asmr_frames(seen, form, np.random.default_rng(0))
    brightness = [frame.max() for frame in frames]
    truth = clips.clip_truth("vid1", "ASMR", feeling, form, SEED)
    assert low <= np.corrcoef(brightness, truth["shared_latent"])[0, 1] <= high
    assert truth["n_frames"] == form.frames(60.0) and truth["frame_rate"] == "10"


def test_asmr_and_nature_look_and_sound_different():
    form = clips.ClipFormat(32, 24, Fraction(10), "mjpeg", "pcm_s16le", 16000)
    half = np.full(16000, 0.5)
    draw = np.random.default_rng(0)
    dark = next(clips.asmr_frames(half[:1], form, draw)).mean()
    assert dark < 0.5 * next(clips.nature_frames(half[:1], form, draw)).mean()
    spectra = [
        np.abs(np.fft.rfft(play(half, 16000, draw)[:, 0])) ** 2
        for play in (clips.asmr_sound, clips.nature_sound)
    ]
    centroids = [np.average(np.arange(len(power)), weights=power) for power in spectra]
    assert centroids[0] > 2 * centroids[1]
