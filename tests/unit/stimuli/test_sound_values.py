"""Samples that 16 bits cannot hold are told: no numbers, and what is beyond full scale."""

import io

import numpy as np
import pytest
import soundfile

from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.video import decode_clip

RATE = 44100


def findings(samples: np.ndarray, subtype: str = "FLOAT") -> dict[str, ClipFinding]:
    """What is told of a sound file, by its kind."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype=subtype)
    file.seek(0)
    asked = {"start_s": 0.0, "n_steps": 20, "grid_hz": 10, "sample_rate": RATE, "take": {}}
    return {finding.kind: finding for finding in decode_clip(file, "x.wav", **asked).findings}


def loud(amplitude: float) -> np.ndarray:
    """A tone of 440 Hz; amplitude 1 is full scale."""
    return amplitude * np.sin(2 * np.pi * 440 * np.arange(int(2.5 * RATE)) / RATE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_that_are_no_numbers_damage_a_sound(value, channels):
    samples = np.repeat(loud(0.5)[:, None], channels, axis=1)
    samples[RATE : RATE + 10] = value
    told = findings(samples)["damaged_stimulus"]
    assert told.found == f"{10 * channels} that are none, or infinite"
    assert told.where == "second 1.00"


def test_samples_beyond_full_scale_are_told():
    assert "beyond_full_scale" not in findings(loud(0.99))
    # A sine of twice full scale is beyond it for two thirds of the time.
    found = findings(loud(2.0))["beyond_full_scale"]
    assert found.found.startswith("66.7 %") and not found.expected
    assert not {"beyond_full_scale", "damaged_stimulus"} & {*findings(loud(2.0), "PCM_16")}


def test_a_few_peaks_of_an_encoder_are_no_fault():
    samples = loud(0.5)
    samples[100:150] = 1.1
    assert "beyond_full_scale" not in findings(samples)
