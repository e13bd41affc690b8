"""Readers of devices: planted onsets and pulse waves come back on one clock, or a message does."""

import gzip
import io
import math
import random
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_recordings import (
    E4_START,
    acq_bytes,
    archive,
    begun_later,
    e4_files,
    edf_bytes,
    pulse_at,
    xdf_file,
    xdf_stream,
    xdf_study,
)

from tinglegram.canonical.tables import Session, fit_session
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.readers import acq, edf, empatica, xdf
from tinglegram.readers.devices import device_files
from tinglegram.readers.registry import MODULES, Request, reader
from tinglegram.readers.xdf_times import stream_times

LENGTHS = {"a": 4.0, "b": 3.0}
BEGIN = {"begin": "begin_(.)"}
MODULE = {"acq": acq, "edf": edf, "xdf": xdf, "zip": empatica}
# Seconds after the start at which beats are planted, and the onset of the trial among them.
BEATS = np.arange(1.03, 11.5, 0.83)
ONSET = 4.0


def session(folder: Path, suffix: str, content: bytes | None = None, **options) -> Session:
    """What a reader makes of the file of participant P1."""
    if content is not None:
        (folder / f"P1.{suffix}").write_bytes(content)
    request = Request(folder, options, LENGTHS, {"arousal": "continuous", "tingle": "ordinal"})
    found = MODULE[suffix].find(request)
    assert list(found) == ["P1"]
    read = MODULE[suffix].read("P1", found["P1"], request)
    fit_session(read, "P1", LENGTHS)
    return read


def kinds(read: Session) -> list[str]:
    return [note.kind for note in read.notes]


def written(folder: Path, suffix: str, rate: int) -> bytes:
    """A pulse whose beats are known and a marker at `ONSET`, in each format."""
    times = np.arange(12 * rate) / rate
    wave = pulse_at(times, BEATS)
    match suffix:
        case "acq":
            return acq_bytes(
                [("PPG", "V", 1, wave)],
                [(round(ONSET * rate), "begin_a", "flag")],
                interval_ms=1000 / rate,
            )
        case "edf":
            signals = [("PPG", "V", rate, wave)]
            return edf_bytes(folder / "made.edf_", signals, annotations=[(ONSET, "begin_a")])
        case "xdf":
            return xdf_file(
                xdf_stream(1, "Wrist", times + 1000, wave, rate=rate, kind="PPG"),
                xdf_stream(2, "Markers", [1000 + ONSET], ["begin_a"], fmt="string"),
            )
    lines = [f"{E4_START}", f"{rate}", *(f"{value:.6f}" for value in wave)]
    return archive({"BVP": "\n".join(lines).encode(), "tags": f"{E4_START + ONSET}".encode()})


@pytest.mark.parametrize("suffix", MODULE)
def test_a_planted_onset_and_pulse_are_recovered_on_one_clock(tmp_path, suffix):
    rate = 64 if suffix in ("zip", "xdf") else 100
    markers = {"stream": "Markers", **BEGIN} if suffix == "xdf" else BEGIN
    options = {"tags": ["a"]} if suffix == "zip" else {"markers": markers}
    read = session(tmp_path, suffix, written(tmp_path, suffix, rate), **options)
    assert read.trials.values.tolist() == [[1, "a", 0, pytest.approx(ONSET, abs=1 / rate), 4.0]]
    (signal,) = read.signals
    assert (signal.type, signal.rate_hz) == ("ppg", pytest.approx(rate))
    values, at = signal.values, signal.sample_times()
    tops = np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] >= values[2:])) + 1
    found = at[tops[values[tops] > 0.5]]
    np.testing.assert_allclose(found, BEATS, atol=1 / rate)
    later = session(tmp_path, suffix, offset_s=2.5, **options)
    assert later.trials["onset_s"][0] == read.trials["onset_s"][0] + 2.5
    np.testing.assert_allclose(later.signals[0].sample_times(), at + 2.5)


@pytest.mark.parametrize("suffix", ["acq", "edf", "xdf"])
def test_trials_are_read_without_the_signals(tmp_path, suffix):
    """Where `data: problems` does without signals that cannot be read."""
    options = {"markers": {"stream": "Markers", **BEGIN} if suffix == "xdf" else BEGIN}
    whole = session(tmp_path, suffix, written(tmp_path, suffix, 64), **options)
    wrong = options | {"channels": {"ECG": {"type": "ecg"}}}
    with pytest.raises(InputProblem, match="ECG"):
        session(tmp_path, suffix, **wrong)
    request = Request(tmp_path, wrong, LENGTHS, {"arousal": "continuous"}, with_signals=False)
    read = MODULE[suffix].read("P1", MODULE[suffix].find(request)["P1"], request)
    assert read.signals == [] and read.trials.equals(whole.trials)
    assert read.zero_unix_s == whole.zero_unix_s


@pytest.mark.parametrize(
    ("suffix", "options", "start"),
    [
        ("zip", {"clock": "unix"}, E4_START),
        ("acq", {"clock": "unix"}, 1_600_000_000.0),
        # 10:30:15 in summer time of Berlin, as the writer says.
        ("edf", {"clock": "unix", "timezone": "Europe/Berlin"}, 1_714_984_215.0),
        ("xdf", {"clock": "lsl"}, 1000.0),
    ],
)
def test_absolute_clocks(tmp_path, suffix, options, start):
    read = session(tmp_path, suffix, written(tmp_path, suffix, 64), **options)
    # A computer's own clock has no date; times of the others count from a known second.
    zero_s = read.zero_unix_s or 0.0
    assert (read.zero_unix_s is None) == (suffix == "xdf")
    assert zero_s + read.signals[0].start_s == pytest.approx(start, abs=1e-6)


def test_parts_of_a_second_in_the_start_of_an_edf_file(tmp_path):
    content = begun_later(edf_bytes(tmp_path / "made.edf_"))
    options = {"markers": BEGIN, "clock": "unix", "timezone": "UTC"}
    read = session(tmp_path, "edf", content, **options)
    # 10:30:15.25; the annotation is at second 2 after the whole second.
    assert read.zero_unix_s == 1_714_991_415.25 and read.signals[0].start_s == 0.0
    assert read.trials["onset_s"][0] == 1.75


def test_all_channels_of_an_e4(tmp_path):
    read = session(tmp_path, "zip", archive(e4_files(), "1600000000_A0/"), clock="unix")
    found = {s.name: (s.type, s.unit, len(s.values), s.start_s, s.rate_hz) for s in read.signals}
    assert found == {
        "BVP": ("ppg", "", 1280, 0.0, 64.0),
        "EDA": ("eda", "µS", 80, 0.0, 4.0),
        "TEMP": ("temperature", "°C", 80, 0.0, 4.0),
        "HR": ("hr", "bpm", 10, 10.0, 1.0),
        "IBI": ("ibi", "s", 2, 0.0, None),
    }
    assert read.zero_unix_s == E4_START
    assert read.signals[4].sample_times().tolist() == [3.5, 4.328125]
    assert kinds(read) == ["channels_left_out", "markers"]


def test_a_folder_of_an_e4_is_read_as_its_archive_is(tmp_path):
    (tmp_path / "e4/P1").mkdir(parents=True)
    for name, content in (e4_files(IBI=b"") | {"info": b"x"}).items():
        (tmp_path / f"e4/P1/{name}.csv").write_bytes(content)
    read = session(tmp_path, "zip", files="e4/{participant}/", tags={"P1": ["b", "a"]})
    (tmp_path / "P1.zip").write_bytes(archive(e4_files(IBI=b"")))
    zipped = session(tmp_path, "zip", tags=["b", "a"])
    assert read.trials.equals(zipped.trials)
    assert list(read.trials["stimulus_id"]) == ["b", "a"]
    for one, other in zip(read.signals, zipped.signals, strict=True):
        assert (one.name, one.start_s) == (other.name, other.start_s)
        np.testing.assert_array_equal(one.values, other.values)


def test_empty_and_missing_files_of_an_e4_are_told(tmp_path):
    files = e4_files(IBI=b"", HR=b"1600000010.0\n1.0\n", TEMP=None, ACC=None, tags=b"")
    channels = {"BVP": {"type": "ppg"}, "IBI": {"type": "ibi"}}
    read = session(tmp_path, "zip", archive(files), channels=channels)
    assert [signal.name for signal in read.signals] == ["BVP"]
    assert [(note.kind, note.message) for note in read.notes] == [
        ("no_file", "there is no TEMP.csv"),
        ("empty_file", "HR.csv holds no samples"),
        ("empty_file", "IBI.csv holds no samples"),
        ("channels_left_out", "1 channel(s) are not read: EDA"),
    ]


def test_files_of_different_sessions_are_told(tmp_path):
    other = b"1600000100.0\n4\n0.1\nnan\ninf\n"
    read = session(tmp_path, "zip", archive(e4_files(EDA=other)))
    told = {note.kind: note.message for note in read.notes}
    assert told["starts_apart"].startswith("EDA begins 100 s after the earliest file")
    assert told["samples_without_value"] == "EDA: 2 of 3 samples hold no number"


def test_archives_are_read_in_memory(tmp_path):
    content = archive({f"../../{name}.csv": text for name, text in e4_files().items()})
    outside = tmp_path / "a" / "b"
    outside.mkdir(parents=True)
    session(outside, "zip", content)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["P1.zip"]
    # What a Mac adds has the same names.
    double = e4_files() | {"__MACOSX/BVP.csv": b"x", "._BVP.csv": b"x"}
    assert len(session(tmp_path / "a" / "b", "zip", archive(double)).signals) == 5


@pytest.mark.parametrize("revision", [38, 68, 128])
def test_rates_units_and_markers_of_acq_files(tmp_path, revision):
    read = session(tmp_path, "acq", acq_bytes(revision=revision), markers=BEGIN)
    assert [(s.name, s.unit, s.rate_hz, len(s.values)) for s in read.signals] == [
        ("PPG100C", "Volts", 100.0, 1500),
        ("EDA100C", "microsiemens", 10.0, 150),
    ]
    np.testing.assert_allclose(read.signals[1].values, 1 + np.arange(150) / 1000)
    assert read.trials["onset_s"].tolist() == [2.0, 8.0]
    assert kinds(read) == ["channels_left_out"]


def test_a_pause_of_an_acq_recording_is_told(tmp_path):
    markers = [(200, "begin_a", "flag"), (500, "", "apnd")]
    assert "recording_paused" in kinds(session(tmp_path, "acq", acq_bytes(markers=markers)))
    with pytest.raises(InputProblem, match="clock: relative"):
        session(tmp_path, "acq", clock="unix")


def test_a_misspelt_option_is_named(tmp_path):
    options = {"responses": {"Slider": {"dimensoin": "arousal"}}}
    with pytest.raises(TinglegramError, match="responses.Slider.*Did you mean dimension"):
        session(tmp_path, "xdf", xdf_study(), **options)


def test_channels_of_one_name_are_numbered_and_can_be_named(tmp_path):
    wave = np.arange(1500.0)
    channels = [("EDA", "uS", 1, wave), ("EDA", "uS", 1, -wave), ("ECG rate", "", 1, wave)]
    read = session(tmp_path, "acq", acq_bytes(channels))
    assert [signal.name for signal in read.signals] == ["EDA#1", "EDA#2"]
    assert kinds(read)[:2] == ["channels_left_out", "channel_names"]
    chosen = {"EDA#2": {"type": "eda", "unit": "µS"}, "ecg.*": {"type": "hr"}}
    read = session(tmp_path, "acq", channels=chosen)
    assert [(s.name, s.type, s.unit) for s in read.signals] == [
        ("EDA#2", "eda", "µS"),
        ("ECG rate", "hr", ""),
    ]
    assert read.signals[0].values[3] == -3
    assert "EDA#2 is taken as µS, as the configuration says; the file says uS" in map(
        str, read.notes
    )


def test_edf_values_and_rates(tmp_path):
    read = session(tmp_path, "edf", edf_bytes(tmp_path / "made.edf_"), markers=BEGIN)
    assert [(s.name, s.unit, s.rate_hz) for s in read.signals] == [
        ("Pleth", "a.u.", 100.0),
        ("GSR", "uS", 10.0),
    ]
    np.testing.assert_allclose(read.signals[1].values, 1 + np.arange(150) / 1000, atol=1e-4)
    assert read.trials["onset_s"].tolist() == [2.0, 8.0]
    assert "'end' (1)" in str(read.notes[-1])


def test_markers_by_their_text(tmp_path):
    content = edf_bytes(tmp_path / "made.edf_")
    read = session(tmp_path, "edf", content, markers={"begin": {"begin_b": "b", "end": "a"}})
    assert read.trials.values.tolist() == [[1, "b", 0, 8.0, 3.0], [2, "a", 1, 11.0, 4.0]]


def test_responses_of_a_stream(tmp_path):
    options = {
        "markers": {"stream": "Markers", **BEGIN},
        "responses": {"Slider": {"dimension": "arousal"}},
    }
    read = session(tmp_path, "xdf", xdf_study(), **options)
    # What was given before the first onset is the level there; what was given 3 s before the second
    # one is of the trial before.
    assert read.responses.values.tolist() == [
        [1, "arousal", 0.5, 0.0],
        [1, "arousal", 2.0, 0.5],
        [1, "arousal", 3.0, 1.0],
    ]
    assert "arousal: 1 trial(s) begin at the initial level" in str(dict(read.notes))
    # Trial 1 ends at second 5: this one is of the pause after it.
    moved = xdf_stream(3, "Slider", [102.0, 105.0], [0.5, 1.0], fmt="float32")
    read = session(tmp_path, "xdf", xdf_study(slider=moved), **options)
    assert read.responses["trial"].tolist() == [1, 2]
    assert read.responses["time_s"].tolist() == [2.0, 5.0]
    session(tmp_path, "xdf", xdf_study(), **options)
    options["responses"] = {"Slider": {"dimension": "tingle", "channel": 1}}
    read = session(tmp_path, "xdf", **options)
    assert read.responses["time_s"].tolist() == [2.0, 3.0]
    assert ("responses_outside_trials", "tingle: 1 lie outside of any trial") in read.notes


def test_two_dimensions_of_a_joystick_and_words_for_numbers(tmp_path):
    stick = xdf_stream(
        4, "Stick", [101.5, 102.0, 102.5], [["1", "x"], ["0.5", "2"], ["", "3"]], fmt="string",
        labels=["x", "y"],
    )  # fmt: skip
    ones = [{"dimension": "arousal", "channel": "x"}, {"dimension": "tingle", "channel": "y"}]
    options = {"markers": {"stream": "Markers", **BEGIN}, "responses": {"Stick": ones}}
    read = session(tmp_path, "xdf", xdf_study(stick=stick), **options)
    table = read.responses[read.responses["trial"] == 1]
    assert table[["dimension", "value"]].values.tolist() == [
        *(["arousal", 1.0], ["arousal", 0.5], ["tingle", 2.0], ["tingle", 3.0])
    ]
    assert kinds(read).count("responses_without_value") == 2


def test_lost_samples_of_a_stream_keep_their_times(tmp_path):
    times = np.delete(100 + np.arange(64 * 12) / 64, np.r_[300:305, 500])
    pulse = xdf_stream(1, "Wrist", times, np.sin(times), rate=64.0, kind="PPG")
    read = session(tmp_path, "xdf", xdf_study(pulse=pulse))
    (signal,) = read.signals
    assert signal.rate_hz is None
    np.testing.assert_allclose(signal.sample_times(), times - 100, atol=0.1 / 64)
    assert "2 gap(s), 0.094 s without samples" in str(dict(read.notes)["gaps"])


def test_irregular_streams_and_samples_at_one_time(tmp_path):
    times = [100.0, 100.3, 100.3, 101.1]
    stream = xdf_stream(1, "Wrist", times, [1.0, 2.0, 3.0, math.nan], kind="EDA", fmt="float32")
    read = session(tmp_path, "xdf", xdf_study(pulse=stream))
    np.testing.assert_allclose(read.signals[0].sample_times(), [0, 0.3, 1.1])
    np.testing.assert_array_equal(read.signals[0].values, [1, 3, np.nan])
    assert {"samples_at_one_time", "samples_without_value"} <= set(kinds(read))


def test_two_streams_of_one_name(tmp_path):
    again = xdf_stream(7, "Markers", [103.0], ["begin_a"], fmt="string")
    empty = xdf_stream(8, "Slider", [], [], fmt="float32")
    content = xdf_study(again=again, empty=empty)
    with pytest.raises(InputProblem, match="name#1"):
        session(tmp_path, "xdf", content, markers={"stream": "Markers", **BEGIN})
    read = session(tmp_path, "xdf", markers={"stream": "Markers#2", **BEGIN})
    assert read.trials["onset_s"].tolist() == [3.0]
    assert {"stream_names", "empty_streams"} <= set(kinds(read))


def test_clocks_that_differ_are_put_together(tmp_path):
    # The wrist's clock is 50 s behind the recorder's.
    times = 50 + np.arange(64 * 12) / 64
    ahead = ((50.0, 50.0), (62.0, 50.0))
    pulse = xdf_stream(1, "Wrist", times, np.sin(times), rate=64.0, kind="PPG", offsets=ahead)
    read = session(tmp_path, "xdf", xdf_study(pulse=pulse), clock="lsl")
    assert read.signals[0].start_s == pytest.approx(100.0, abs=1e-3)
    pulse = xdf_stream(1, "Wrist", times + 50, np.sin(times), rate=64.0, kind="PPG", offsets=())
    assert "clock_not_compared" in kinds(session(tmp_path, "xdf", xdf_study(pulse=pulse)))


def test_a_file_that_its_recorder_did_not_finish_gives_what_is_whole(tmp_path):
    content = xdf_study()
    read = session(tmp_path, "xdf", content[: len(content) // 2])
    assert 0 < len(read.signals[0].values) < 768
    assert "damaged_file" in kinds(read)
    whole = session(tmp_path, "xdf", gzip.compress(content))
    assert len(whole.signals[0].values) == 768


@pytest.mark.parametrize("jitter_s", [0.0, 0.002])
@pytest.mark.parametrize("rate", [63.9, 64.0])
def test_times_of_a_stream_that_jitters(jitter_s, rate):
    true = np.arange(20_000) / rate
    stamps = true + np.random.default_rng(3).normal(0, jitter_s, len(true))
    whole = stream_times(stamps, 64.0)
    assert whole.rate_hz == pytest.approx(rate, rel=1e-5)
    assert not len(whole.gaps_s)
    keep = np.ones(len(true), bool)
    keep[5000:5010] = keep[9000:9100] = False
    cut = stream_times(stamps[keep], 64.0)
    np.testing.assert_allclose(cut.gaps_s, [10 / rate, 100 / rate], atol=0.1 / rate)
    np.testing.assert_allclose(cut.times_s, true[keep], atol=0.1 / rate)


def test_packets_are_no_gaps():
    true = np.arange(6400) / 64
    late = np.random.default_rng(4).exponential(0.02, 400)
    packets = np.repeat(true.reshape(-1, 16)[:, -1] + late, 16)
    times = stream_times(packets, 64.0)
    assert not len(times.gaps_s)
    assert times.rate_hz == pytest.approx(64, rel=1e-3)


def test_a_device_without_a_steady_rate_keeps_its_stamps():
    stamps = np.cumsum(1 / 64 + 0.004 * np.sin(np.arange(6400) / 500))
    times = stream_times(stamps, 64.0)
    assert not times.steady
    np.testing.assert_array_equal(times.times_s, stamps)


def test_which_file_is_whose(tmp_path):
    for name in ("a/P1_e4.zip", "a/P[2]_e4.zip", "a/.P3_e4.zip", "a/P4_e4.zip/x", "b/P5_e4.zip"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    request = Request(tmp_path)
    assert list(device_files(request, "a/{participant}_e4.zip")) == ["P1", "P[2]"]
    assert list(device_files(request, "*/{participant}_*.zip")) == ["P1", "P5", "P[2]"]
    assert list(device_files(request, "a/{participant}_e4.zip/")) == ["P4"]
    assert device_files(request, "{participant}/{participant}.zip") == {}


@pytest.mark.parametrize("name", ["empatica", "acq", "xdf", "edf"])
def test_the_registry_knows_them(name):
    assert reader(name).find is MODULE.get(name, empatica).find
    assert name in MODULES


@pytest.mark.parametrize(
    ("suffix", "package"), [("acq", "bioread"), ("xdf", "pyxdf"), ("edf", "pyedflib")]
)
def test_a_missing_library_is_named_with_its_command(tmp_path, monkeypatch, suffix, package):
    content = written(tmp_path, suffix, 64)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(TinglegramError, match=rf"package {package}.*\.\[{suffix}\]"):
        session(tmp_path, suffix, content)


def test_libraries_print_nothing(tmp_path, capfd):
    session(tmp_path, "xdf", xdf_study()[:4000])
    for suffix in ("acq", "edf", "xdf"):
        with pytest.raises(InputProblem):
            session(tmp_path, suffix, b"XDF:" + bytes(400))
    with pytest.raises(InputProblem):
        session(tmp_path, "acq", acq_bytes(samples=False)[:3000])
    assert capfd.readouterr() == ("", "")


def unsafe(content: bytes, generator: random.Random) -> bytes:
    """Bytes with one to four changes."""
    changed = bytearray(content)
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(changed))
        match generator.randrange(4):
            case 0:
                changed[at] = generator.randrange(256)
            case 1:
                changed[at : at + generator.randint(1, 40)] = b""
            case 2:
                changed[at:at] = generator.randbytes(generator.randint(1, 9))
            case _:
                changed[at : at + 4] = generator.choice([b"\xff" * 4, bytes(4), b"\0\0\0\x80"])
        changed = changed or bytearray(b"x")
    return bytes(changed)


# Most of a file is samples: headers, markers and directories are where damage can mislead.
@pytest.mark.parametrize(
    ("suffix", "times"), [("zip", 150), ("xdf", 120), ("edf", 150), ("acq", 20)]
)
def test_damage_gives_a_message_or_a_valid_session(tmp_path, suffix, times):
    generator = random.Random(f"damage of {suffix}")
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as zipped:
        for name, text in e4_files(BVP=e4_files()["EDA"]).items():
            zipped.writestr(f"{name}.csv", text)
    whole = {
        "zip": stored.getvalue(),
        "xdf": xdf_study(
            pulse=xdf_stream(1, "W", np.arange(40) / 8, np.arange(40.0), rate=8.0, kind="PPG")
        ),
        "edf": edf_bytes(tmp_path / "made.edf_"),
        "acq": acq_bytes(),
    }[suffix]
    markers = {"stream": "Markers", **BEGIN} if suffix == "xdf" else BEGIN
    read = 0
    for round_ in range(times):
        options = {} if suffix == "zip" or round_ % 2 else {"markers": markers}
        try:
            session(tmp_path, suffix, unsafe(whole, generator), **options)
            read += 1
        except InputProblem as problem:
            assert problem.remedy
    assert 0 < read < times
