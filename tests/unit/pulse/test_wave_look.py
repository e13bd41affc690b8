"""What is said of a wave that does not look like a pulse."""

import numpy as np
import pytest

from tinglegram.canonical.tables import Signal
from tinglegram.errors import TinglegramError
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.wave_look import wave_notes
from tinglegram.pulse.windows import Windowing
from tinglegram.simulation.pulse_wave import template


def looked_at(seconds: float, rate: float, said_hz: float, bpm: float = 72.0):
    """Return notes on a finger pulse whose rate is said to be `said_hz`."""
    times = np.arange(round(seconds * rate)) / rate
    signal = Signal("P", "ppg", "mV", 3 * template(times * bpm / 60 % 1), rate_hz=said_hz)
    return {n.kind: n.message for n in wave_notes(signal, Windowing(), BeatLimits())}


def test_a_sound_wave_gives_no_notes():
    assert looked_at(70.0, 64.0, 64.0) == {}


def test_a_wave_without_a_pulse_is_told():
    flat = Signal("P", "ppg", "mV", np.zeros(64 * 70), rate_hz=64.0)
    kinds = [note.kind for note in wave_notes(flat, Windowing(), BeatLimits())]
    assert "no_pulse" in kinds


def test_a_heart_rate_is_no_wave():
    rates = Signal("HR", "ppg", "", 70 + np.arange(70.0) % 3, rate_hz=1.0)
    with pytest.raises(
        TinglegramError, match="more than 8 samples per second, but the recording has 1"
    ):
        wave_notes(rates, Windowing(), BeatLimits())
