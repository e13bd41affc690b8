"""Hearts with a known rate: an electrocardiogram, intervals and heart rates of planted beats."""

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Signal

# Offset (s), width (s) and height of the waves P, Q, R, S and T.
WAVES = (
    (-0.17, 0.025, 0.12),
    (-0.03, 0.01, -0.1),
    (0.0, 0.011, 1.0),
    (0.03, 0.011, -0.22),
    (0.26, 0.05, 0.28),
)


def planted_beats(seconds: float, bpm, variation: float = 0.02, seed: int = 0) -> np.ndarray:
    """Times of beats whose rate is `bpm(time)`, with intervals that vary by a share."""
    rng, times = np.random.default_rng(seed), [0.3]
    while times[-1] < seconds:
        interval = 60.0 / bpm(times[-1])
        times.append(times[-1] + interval * (1 + variation * rng.standard_normal()))
    return np.array(times[:-1])


def ecg_wave(
    beats_s: np.ndarray,
    rate: float,
    seconds: float,
    noise: float = 0.01,
    wander: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Return an electrocardiogram whose R waves are 1 high, (n_samples,)."""
    rng, time = np.random.default_rng(seed), np.arange(round(seconds * rate)) / rate
    wave = noise * rng.standard_normal(len(time)) + wander * np.sin(2 * np.pi * 0.25 * time)
    for beat in beats_s:
        for offset, width, height in WAVES:
            a, b = np.searchsorted(time, beat + offset + np.array([-6, 6]) * width)
            wave[a:b] += height * np.exp(-0.5 * ((time[a:b] - beat - offset) / width) ** 2)
    return wave


def heart_signal(
    kind: str, beats_s: np.ndarray, seconds: float, rate: float = 250.0, start_s: float = 0.0
) -> Signal:
    """Return what a device gives of these beats, on a clock that is ahead by `start_s`."""
    if kind == "ecg":
        return Signal("ECG", "ecg", "mV", ecg_wave(beats_s, rate, seconds), start_s, rate)
    intervals = np.diff(beats_s)
    if kind == "ibi":
        return Signal("IBI", "ibi", "s", intervals, times_s=beats_s[1:] + start_s)
    times = np.arange(0.5, seconds, 1.0)
    middles = (beats_s[1:] + beats_s[:-1]) / 2
    return Signal("HR", "hr", "bpm", np.interp(times, middles, 60 / intervals), start_s + 0.5, 1.0)


def heart_timeline(starts_s, length_s: float = 40.0, warm_up_s: float = 5.0) -> pd.DataFrame:
    """Return a timeline of clips of one length, the first half of them of the condition A."""
    rows = [
        {
            "subject": 1,
            "video": f"clip{k + 1}",
            "condition": "A" if k < len(starts_s) / 2 else "B",
            "order": k,
            "start_s": start,
            "valid_start_s": start + warm_up_s,
            "end_s": start + length_s,
            "n_steps": round((length_s - warm_up_s) * 10),
        }
        for k, start in enumerate(starts_s)
    ]
    return pd.DataFrame(rows)
