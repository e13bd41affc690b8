"""The Biopac reader understands every layout, and names what is wrong with a file."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.biopac import read_export
from tinglegram.biopac_header import read_header
from tinglegram.errors import InputProblem

SIGNAL = np.round(np.sin(np.arange(4000) / 100), 5)


def export(
    signal=SIGNAL,
    rate=2000.0,
    *,
    interval="0.5 msec/sample",
    unit="min",
    delimiter="\t",
    trailing="\t",
    newline="\r\n",
    counts=True,
    names=("PPG", "PPG, 0.5-35 Hz"),
    encoding="utf-8",
    title="S01.acq",
):
    """Text of an export with CH1 = -signal and CH2 = signal."""
    per_unit = {"min": 60.0, "sec": 1.0, "msec": 1e-3}[unit]
    lines = [title, interval, f"{len(names)} channels"]
    lines += [line for name in names for line in (name, "Volts")]
    lines.append(delimiter.join([unit, "CH1", "CH2"]) + trailing)
    if counts:
        lines.append(delimiter.join(["", str(len(signal)), str(len(signal))]) + trailing)
    for i, value in enumerate(signal):
        stamp = f"{i / rate / per_unit:.6g}".replace("e", "E")
        lines.append(delimiter.join([stamp, f"{-value:.6g}", f"{value:.6g}"]) + trailing)
    return (newline.join(lines) + newline).encode(encoding)


def edited(line: int, change) -> bytes:
    lines = export().split(b"\r\n")
    lines[line - 1] = change(lines[line - 1])
    return b"\r\n".join(line for line in lines if line is not None)


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"delimiter": ",", "trailing": ","},
        {"trailing": ""},
        {"trailing": "\t\t"},
        {"newline": "\n"},
        {"counts": False},
        {"unit": "sec"},
        {"unit": "msec"},
        {"interval": "2000 samples/sec"},
        {"interval": "2000 samples/second"},
        {"interval": "0.0005 sec/sample"},
        {"names": ("脈波", "脈波, フィルタ"), "encoding": "cp932"},
        {"names": ("PPG µV", "PPG \xe9"), "encoding": "latin-1"},
        {"names": ("脈波", "min, rest"), "encoding": "utf-8-sig"},
        {"title": "S01.gtl"},
    ],
    ids=str,
)
def test_every_layout_gives_the_same_samples(layout):
    recording = read_export(export(**layout), "001_csv.txt", "CH2", None)
    assert np.array_equal(recording.signal, SIGNAL)
    assert recording.sampling_rate_hz == pytest.approx(2000, rel=1e-12)
    assert np.allclose(recording.printed_time_s, np.arange(4000) / 2000, atol=2e-6)
    assert recording.channel == "CH2"
    assert recording.name == layout.get("names", ("", "PPG, 0.5-35 Hz"))[1]
    assert recording.unit == "Volts"
    assert recording.title == layout.get("title", "S01.acq")
    assert bool(recording.findings) == (layout.get("counts") is False)


def test_encoding_is_recognised():
    layout = {"names": ("脈波", "脈波")}
    for encoding in ("cp932", "utf-8"):
        found = read_export(export(**layout, encoding=encoding), "x", "CH2", None).encoding
        assert found.startswith(encoding)


def test_channel_by_label_or_name():
    assert np.array_equal(read_export(export(), "x", "CH1", 2000).signal, -SIGNAL)
    assert np.array_equal(read_export(export(), "x", "PPG", 2000).signal, -SIGNAL)


def test_printed_minutes_are_the_released_codes_seconds():
    recording = read_export(export(), "x", "CH2", 2000)
    assert recording.printed_time_s[1] == float("8.33333E-06") * 60.0


def test_rate_in_hertz_when_the_header_rounds_the_interval():
    content = export(rate=3000.0, interval="0.333333 msec/sample")
    assert read_export(content, "x", "CH2", 3000).sampling_rate_hz == 3000


def test_fixed_decimals_are_read_within_their_precision():
    rows = "".join(f"{i / 125:.3f}\t{i}\n" for i in range(3000))
    content = f"a.acq\n8 msec/sample\n1 channels\nPPG\nV\nsec\tCH1\n{rows}".encode()
    assert len(read_export(content, "x", "CH1", 125).signal) == 3000


@pytest.mark.parametrize(
    ("content", "rate", "channel", "message"),
    [
        (b"", None, "CH2", "an empty file"),
        (b" \r\n", None, "CH2", "an empty file"),
        (b"\0\1\0\0acq" * 50, None, "CH2", "Save as > Text"),
        (b"0\t1\t2\n0.1\t1\t2\n", None, "CH2", "labels of the columns"),
        (export(), 1000, "CH2", "1000 Hz as configured, found 2000 Hz in the header"),
        (export(interval="none"), None, "CH2", "sampling interval in the header"),
        (export(), None, "CH3", "CH1 \\(PPG\\), CH2 \\(PPG, 0.5-35 Hz\\)"),
        (export(names=("PPG",)), None, "CH2", "line 6: expected columns for 1 channels"),
        (export(signal=SIGNAL[:0]), None, "CH2", "only a header"),
        (edited(20, lambda _: b"0.5\tx\ty\t"), None, "CH2", "line 20: .*numbers for time and CH2"),
        (edited(20, lambda row: row.replace(b"\t", b"\tnan", 2)), None, "CH2", "line 20"),
        (edited(20, lambda row: row[:9]), None, "CH2", "line 20: expected 4 cells"),
        (edited(10, lambda row: row[:4]), None, "CH2", "line 10: expected 3 cells"),
        (export()[:-9], None, "CH2", "line 4009"),
        (edited(9, lambda row: row.replace(b"4000", b"4001")), None, "CH2", "4001 samples"),
        (export(rate=1000.0), None, "CH2", "line 11: expected time 8.33333e-06 at sample 1"),
        (edited(500, lambda _: None), None, "CH2", "4000 samples of CH2"),
    ],
)
def test_problems_are_named(content, rate, channel, message):
    with pytest.raises(InputProblem, match=message):
        read_export(content, "001_csv.txt", channel, rate)


def test_a_gap_is_found_at_its_line():
    lines = export(counts=False).split(b"\r\n")
    del lines[500]
    with pytest.raises(InputProblem, match="line 501: .*samples are missing or repeated"):
        read_export(b"\r\n".join(lines), "x", "CH2", None)


def test_a_repeated_block_is_found():
    lines = export(counts=False).split(b"\r\n")
    lines[500:500] = lines[300:500]
    with pytest.raises(InputProblem, match="line 501"):
        read_export(b"\r\n".join(lines), "x", "CH2", None)


def test_rate_may_come_from_the_configuration_alone():
    recording = read_export(export(interval="no rate here"), "x", "CH2", 2000)
    assert recording.sampling_rate_hz == 2000


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 60))
def test_any_bytes_give_a_recording_or_a_problem(noise, at, length):
    content = export(signal=SIGNAL[:8])
    for damaged in (noise, content[:at] + noise + content[at + length :]):
        try:
            read_export(damaged, "x", "CH2", None)
        except InputProblem as problem:
            assert problem.remedy


def test_the_real_export_is_the_recording_it_was_written_from(shared):
    content = (shared / "real/biopac/derived_bidmc01_ecg_ppg_min_8ms.txt").read_bytes()
    table = np.genfromtxt(
        shared / "real/ppg/bidmc_01_Signals.csv", delimiter=",", skip_header=1, usecols=(2, 5)
    )
    recording = read_export(memoryview(content), "bidmc", "CH2", 125)
    assert len(recording.signal) == 60001
    assert (recording.sampling_rate_hz, recording.name, recording.unit) == (125, "PLETH", "NU")
    assert np.array_equal(recording.signal, table[:, 0])
    assert np.array_equal(read_export(content, "bidmc", "II", None).signal, table[:, 1])
    header = read_header(content, "bidmc")
    assert header.counts == ("60001", "60001")
    assert header.n_lines == 9
