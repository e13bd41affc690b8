"""Skin conductance, respiration and temperature with known truths, for the tests."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from generated_studies import skin_conductance

from tinglegram.canonical.tables import Signal


def planted_skin(
    seconds: float,
    rate_hz: float,
    onsets_s: Sequence[float] | np.ndarray,
    amplitudes: Sequence[float] | np.ndarray,
    *,
    noise_us: float = 0.005,
    drift_us: float = -1.0,
    rise_fall_s: tuple[float, float] = (0.75, 2.5),
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return a skin conductance and its tonic level, (n,) µS each: 5 µS that drift and swing."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    tonic = 5.0 + drift_us * times / seconds + 0.3 * np.sin(2 * np.pi * times / 120.0)
    phasic = skin_conductance(times, np.asarray(onsets_s), np.asarray(amplitudes), 0.0, rise_fall_s)
    noise = noise_us * np.random.default_rng(seed).standard_normal(len(times))
    return tonic + phasic + noise, tonic


def random_responses(
    n: int, seed: int, apart_s: tuple[float, float] = (6.0, 25.0)
) -> tuple[np.ndarray, np.ndarray]:
    """Return onsets (s) and amplitudes (0.1 to 1 µS) of n responses, (n,) each."""
    draw = np.random.default_rng(seed)
    return np.cumsum(draw.uniform(*apart_s, n)), draw.uniform(0.1, 1.0, n)


def breaths_of(
    seconds: float, rate_hz: float, per_minute: float, depth: float = 1.0, seed: int = 0
) -> np.ndarray:
    """Return a respiration that swings by `depth`, with noise of a fiftieth and a drift, (n,)."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = 0.5 * depth * np.sin(2 * np.pi * per_minute / 60.0 * times)
    noise = 0.02 * depth * np.random.default_rng(seed).standard_normal(len(times))
    return wave + noise + 0.002 * depth * times


def sensor(kind: str, values: np.ndarray, rate_hz: float, unit: str = "", **more) -> Signal:
    """Return a signal of a type, at a steady rate unless `times_s` is given."""
    steady = {} if "times_s" in more else {"rate_hz": rate_hz}
    return Signal(kind.upper(), kind, unit, np.asarray(values, dtype=float), **steady, **more)


def sensor_timeline(starts_s: Sequence[float], seconds: float = 30.0, warm_up_s: float = 5.0):
    """Return a timeline of clips of one length at 10 Hz, the first half of them of condition A."""
    n = len(starts_s)
    starts = np.asarray(starts_s, dtype=float)
    return pd.DataFrame(
        {
            "subject": 7,
            "video": [f"clip{k}" for k in range(n)],
            "condition": ["A" if 2 * k < n else "B" for k in range(n)],
            "order": range(n),
            "start_s": starts,
            "valid_start_s": starts + warm_up_s,
            "end_s": starts + seconds,
            "n_steps": round((seconds - warm_up_s) * 10),
        }
    )


def flat_ratings(timeline: pd.DataFrame) -> pd.DataFrame:
    """Return ratings on the grid: the order of each trial."""
    parts = [
        pd.DataFrame({"video": t.video, "step": range(t.n_steps), "rating": float(t.order)})
        for t in timeline.itertuples()
    ]
    return pd.concat(parts, ignore_index=True)
