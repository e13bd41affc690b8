"""The Biopac reader understands every layout, and names what is wrong with a file."""

import numpy as np
import pytest
from export_files import SIGNAL, export

from tinglegram.errors import InputProblem
from tinglegram.formats.biopac import read_export, read_header, read_outline


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
        {"unit": "milliSec", "interval": "0.5 milliSec/sample"},
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


def test_rate_may_come_from_the_configuration_alone():
    recording = read_export(export(interval="no rate here"), "x", "CH2", 2000)
    assert recording.sampling_rate_hz == 2000


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


@pytest.mark.parametrize("labels", ["\t", ",", ";", " "])
@pytest.mark.parametrize("rows", ["\t", ",", ";", " "])
@pytest.mark.parametrize("counts", [True, False])
def test_any_separator_of_labels_and_rows(labels, rows, counts):
    head, label_line, *body = export(counts=counts, trailing="").partition(b"min\tCH1\tCH2\r\n")
    line = label_line.replace(b"\t", labels.encode())
    content = head + line + b"".join(body).replace(b"\t", rows.encode())
    recording = read_export(content, "x", "CH2", None)
    assert np.array_equal(recording.signal, SIGNAL)
    kinds = [note.kind for note in recording.findings]
    assert kinds == [*([] if counts else ["no_sample_counts"]), *["separators"] * (labels != rows)]


@pytest.mark.parametrize(
    "rate", [3, 25, 30, 48, 60, 62.5, 75, 120, 128, 240, 256, 600, 1200, 44100]
)
@pytest.mark.parametrize("unit", ["min", "sec", "msec"])
def test_an_interval_of_six_digits_is_the_rate_it_was_made_from(rate, unit):
    content = export(SIGNAL, rate, interval=f"{1000 / rate:.6g} msec/sample", unit=unit)
    assert read_export(content, "x", "CH2", None).sampling_rate_hz == rate
    assert read_export(content, "x", "CH2", rate).sampling_rate_hz == rate
    head, tail = content[: 1 << 16], content[-(1 << 12) :]
    outline = read_outline(head, tail, len(content), "x", "CH2", None)
    assert (outline.sampling_rate_hz, outline.n_samples) == (rate, len(SIGNAL))


def test_an_interval_of_four_digits_is_settled_by_the_time_column():
    content = export(SIGNAL, 60, interval="16.67 msec/sample")
    assert read_export(content, "x", "CH2", None).sampling_rate_hz == 60
    assert read_export(content, "x", "CH2", 60).sampling_rate_hz == 60
    with pytest.raises(InputProblem, match="60.5 Hz as configured"):
        read_export(content, "x", "CH2", 60.5)


def slower(every, *, blank, counts=True, n_rows=4000, rate=100.0):
    """An export whose CH2 has a value of its own in every so many rows only."""
    lines = export(SIGNAL[:n_rows], rate, interval=f"{1000 / rate:g} msec/sample", counts=counts)
    rows = lines.split(b"\r\n")
    first = 9 if counts else 8
    if counts:
        rows[first - 1] = f"\t{n_rows}\t{-(-n_rows // every)}\t".encode()
    for i in range(n_rows):
        cells = rows[first + i].split(b"\t")
        held = rows[first + i - i % every].split(b"\t")[2]
        cells[2] = held if not i % every or not blank else b""
        rows[first + i] = b"\t".join(cells)
    return b"\r\n".join(rows)


@pytest.mark.parametrize("every", [2, 3, 4, 10])
@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("n_rows", [4000, 3999])
def test_a_slower_channel_is_read_at_its_own_rate(every, blank, n_rows):
    content = slower(every, blank=blank, n_rows=n_rows)
    for given in (None, 100.0, 100.0 / every):
        recording = read_export(content, "x", "CH2", given)
        assert np.array_equal(recording.signal, SIGNAL[:n_rows:every])
        assert recording.sampling_rate_hz == 100.0 / every
        expected = np.arange(len(recording.signal)) * every / 100.0
        assert np.allclose(recording.printed_time_s, expected, atol=1e-3)
        assert [note.kind for note in recording.findings] == ["slower_channel"]
        outline = read_outline(
            content[: 1 << 16], content[-(1 << 12) :], len(content), "x", "CH2", given
        )
        assert outline.n_samples == len(recording.signal)
        assert outline.sampling_rate_hz == recording.sampling_rate_hz
        assert [note.kind for note in outline.findings] == ["slower_channel"]
    # The other one has a value in every row.
    assert np.array_equal(read_export(content, "x", "CH1", None).signal, -SIGNAL[:n_rows])


def test_a_slower_channel_without_counts_is_known_by_its_blanks():
    content = slower(4, blank=True, counts=False)
    recording = read_export(content, "x", "CH2", None)
    assert (recording.sampling_rate_hz, len(recording.signal)) == (25.0, 1000)
    outline = read_outline(
        content[: 1 << 16], content[-(1 << 12) :], len(content), "x", "CH2", None
    )
    assert (outline.sampling_rate_hz, outline.n_samples) == (25.0, 1000)


@pytest.mark.parametrize("unit", ["min", "sec"])
@pytest.mark.parametrize("begin_s", [0.0005, 6.0, 61.2345, 1300.0])
def test_a_section_knows_its_first_sample(unit, begin_s):
    per_unit = {"min": 60.0, "sec": 1.0}[unit]
    first = round(begin_s * 2000)
    lines = export(unit=unit).split(b"\r\n")
    for i in range(4000):
        _, _, values = lines[9 + i].partition(b"\t")
        lines[9 + i] = f"{(first + i) / 2000 / per_unit:.6g}\t".encode() + values
    content = b"\r\n".join(lines)
    recording = read_export(content, "x", "CH2", None)
    assert np.array_equal(recording.signal, SIGNAL)
    # Late stamps of six digits stand for several samples; rows that share them narrow it down.
    assert abs(recording.first_index - first) <= (1 if begin_s < 100 else 6)
    outline = read_outline(
        content[: 1 << 16], content[-(1 << 12) :], len(content), "x", "CH2", None
    )
    assert outline.first_index == pytest.approx(first, abs=1 if begin_s < 100 else 6)
    assert [note.kind for note in outline.findings] == ["selected_section"]


def test_channels_that_are_all_slower_than_the_rows_are_read_by_blank_cells():
    head = ["a.acq", "10 msec/sample", "2 channels", "X", "V", "PPG", "V", "sec\tCH1\tCH2\t"]
    rows = [
        f"{i / 100:.6g}\t{1 if i % 2 == 0 else ''}\t{np.sin(i):.6g}\t"
        if i % 4 == 0
        else f"{i / 100:.6g}\t{1 if i % 2 == 0 else ''}\t\t"
        for i in range(4000)
    ]
    content = "\r\n".join([*head, "\t2000\t1000\t", *rows, ""]).encode()
    recording = read_export(content, "x", "CH2", None)
    outline = read_outline(content[: 1 << 16], content[-4096:], len(content), "x", "CH2", None)
    assert (outline.sampling_rate_hz, outline.n_samples) == (25.0, 1000)
    assert (recording.sampling_rate_hz, len(recording.signal)) == (25.0, 1000)
