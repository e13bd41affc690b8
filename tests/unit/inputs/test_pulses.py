"""Some seconds of each recording say what is wrong with the pulse before anything runs."""

import numpy as np
import pytest

from tinglegram.clock import Timing
from tinglegram.formats.biopac import HEAD_BYTES, read_export, read_stretch
from tinglegram.inputs.inventory import Design
from tinglegram.inputs.pulses import LOOK_S, look_at_pulse, pulse_entries
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.windows import Windowing
from tinglegram.simulation.pulse_wave import template

DESIGN = Design({}, {}, Timing(), "CH2", None)
RATE = 200


def wave(bpm=72, height=3.0, seconds=240, rate=RATE):
    """A pulse as high as the paper's, unless told otherwise."""
    beats = template(bpm / 60 * np.arange(round(seconds * rate)) / rate)
    return height * beats / np.ptp(beats)


def export(signal, rate=RATE, every=1, held=False):
    """An export of a constant channel and of `signal`, which has a value in every so many rows."""
    rows = []
    for i in range(len(signal) * every):
        own = f"{signal[i // every]:.6g}" if held or i % every == 0 else ""
        rows.append(f"{i / (rate * every):.6g}\t1\t{own}\t")
    head = ["a.acq", f"{1000 / (rate * every):.6g} msec/sample", "2 channels"]
    head += ["X", "Volts", "PPG", "Volts", "sec\tCH1\tCH2\t"]
    return "\r\n".join([*head, f"\t{len(rows)}\t{len(signal)}\t", *rows, ""]).encode()


def kinds(folder, content, limits=None):
    """Kinds of what is noted about a recording."""
    path = folder / "001_csv.txt"
    path.write_bytes(content)
    found = pulse_entries({"001": str(path)}, DESIGN, Windowing(), limits or BeatLimits())
    assert all(e.subject == "001" and e.file == path.name and not e.expected for e in found)
    return [entry.kind for entry in found]


@pytest.mark.parametrize(
    ("signal", "noted"),
    [
        (wave(), []),
        (wave(height=3000.0), ["pulse_height"]),
        (wave(height=0.003), ["pulse_height"]),
        (-wave(), ["inverted_pulse"]),
        (wave(bpm=40), ["rate_limits"]),
        (np.zeros(48_000), ["faulty_samples", "no_pulse"]),
        (np.minimum(10 * wave(), 5), ["faulty_samples"]),
        (5 * np.random.default_rng(1).standard_normal(48_000), ["irregular_pulse"]),
        (np.repeat(wave()[::20], 20), ["held_samples"]),
    ],
    ids=["usual", "in mV", "in kV", "upside down", "slow", "flat", "clipped", "noise", "held"],
)
def test_what_settings_cannot_see_is_noted(tmp_path, signal, noted):
    assert kinds(tmp_path, export(signal)) == noted


def test_lines_may_end_in_a_single_return(tmp_path):
    assert kinds(tmp_path, export(wave()).replace(b"\r\n", b"\r")) == []


def test_both_ways_to_limit_rates_are_told(tmp_path):
    limits = BeatLimits(rate_range=(50.0, 200.0))
    assert kinds(tmp_path, export(wave(bpm=40)), limits) == ["rate_limits", "rate_limits"]


def test_a_rate_too_low_for_the_band_is_noted(tmp_path):
    assert kinds(tmp_path, export(wave(rate=8), rate=8)) == ["low_rate"]


def test_a_damaged_row_in_the_middle_is_noted_and_a_file_that_cannot_be_read_left_alone(tmp_path):
    content = export(wave())
    half = len(content) // 2
    assert kinds(tmp_path, content[:half] + b"?" + content[half:]) == ["unreadable_row"]
    assert kinds(tmp_path, b"") == []


def test_seconds_in_the_middle_are_read_or_all_of_a_short_recording(tmp_path):
    path = tmp_path / "001_csv.txt"
    path.write_bytes(export(wave()))
    where, _ = look_at_pulse(path, DESIGN, Windowing(), BeatLimits())
    first, last = (int(word) for word in where.split()[1::2])
    assert first + last == pytest.approx(240, abs=6) and last - first == pytest.approx(
        LOOK_S, abs=3
    )
    path.write_bytes(export(wave(seconds=20)))
    assert look_at_pulse(path, DESIGN, Windowing(), BeatLimits())[0] == "second 0 to 20"


@pytest.mark.parametrize("every", [1, 2, 5])
@pytest.mark.parametrize("held", [False, True])
def test_a_piece_holds_the_samples_of_the_whole(every, held):
    content = export(wave(seconds=60), every=every, held=held)
    whole = read_export(content, "x", "CH2", None)
    for begins, length in ((0, len(content)), (3, 5000), (len(content) // 3, 20_000)):
        piece = content[begins : begins + length]
        found = read_stretch(content[:HEAD_BYTES], piece, begins, "x", "CH2", None)
        assert found.sampling_rate_hz == whole.sampling_rate_hz
        # A slower channel's first sample may stand a few rows after the first row.
        first = round(found.start_s * whole.sampling_rate_hz)
        n_samples = len(found.signal)
        starts = [
            k for k in (first, first + 1) if len(whole.signal[k : k + n_samples]) == n_samples
        ]
        assert any(np.array_equal(found.signal, whole.signal[k : k + n_samples]) for k in starts)
        assert found.unit == "Volts"
