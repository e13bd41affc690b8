"""The Biopac reader understands every layout, and names what is wrong with a file."""

import numpy as np
import pytest
from export_files import SIGNAL, export

from tinglegram.formats.biopac import read_export, read_header


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
