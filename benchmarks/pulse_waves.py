"""Pulse waves whose beats are known: recordings with an ECG or a strap, and simulated ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

from tinglegram.errors import TinglegramError
from tinglegram.simulation.pulse_wave import template

# Height of a pulse, in the unit of the paper's prominence.
HEIGHT_MV = 3.0
RATES_BPM = tuple(range(40, 181, 10))
SAMPLING_HZ = (25.0, 100.0, 500.0, 2000.0)
DISTURBANCES = ("clean", "noise", "hum", "movement", "ectopic beats")
# A simulated wave lasts this long, with so much before and after what is measured.
SECONDS, MARGIN_S = 40.0, 5.0


@dataclass(frozen=True, eq=False)
class Wave:
    """A pulse wave and its beats.

    Attributes
    ----------
    group : what it is summed up with: its own name, or a disturbance and sampling rate.
    signal : (n_samples,), systolic peaks up unless the recording is as delivered.
    rate : samples per second.
    beats_s : seconds of its beats.
    normal : (n_beats - 1,) which intervals are between two normal beats; empty: all.
    lags_s : how far the reference's clock may be off, seconds, lowest and highest.
    bpm : of a simulated wave.
    """

    name: str
    group: str
    signal: np.ndarray
    rate: float
    beats_s: np.ndarray
    normal: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))
    lags_s: tuple[float, float] = (0.0, 0.0)
    bpm: float = float("nan")


def recordings(folder: Path) -> list[Wave]:
    """Read every reference recording below `folder`/real/ppg*, scaled to a pulse of 3 mV."""
    found = []
    for path in sorted(folder.glob("real/ppg*/*")):
        if path.name.endswith("_Signals.csv"):
            table = pd.read_csv(path, skipinitialspace=True)
            rate = 125.0
            name = path.name.removesuffix("_Signals.csv")
            found.append(_with_ecg(name, table["PLETH"], table["II"], rate))
        elif path.name.endswith("hz_ppg_ecg.csv.gz"):
            table = pd.read_csv(path)
            name, rate = path.name.split("_")[0] + "_rest", 100.0
            found.append(_with_ecg(name, table["PPG"], table["ECG"], rate))
        elif path.name.endswith("_PPG.csv"):
            found.append(_with_strap(path))
    if not found:
        raise TinglegramError(f"{folder} has no reference recording: expected real/ppg*/ in it.")
    return found


def _scaled(signal: np.ndarray) -> np.ndarray:
    """Scale a wave so that its usual pulse is 3 mV high."""
    low, high = np.percentile(signal - scipy.ndimage.median_filter(signal, 101), [5, 95])
    scaled: np.ndarray = (signal - np.median(signal)) / (high - low) * HEIGHT_MV
    return scaled


def _with_ecg(name: str, ppg: pd.Series, ecg: pd.Series, rate: float) -> Wave:
    """Return a recording whose beats are the R peaks of its ECG, and the pulse later by a bit."""
    # The pulse reaches the finger about 0.2 to 0.4 s after the R peak.
    beats = r_peaks(ecg.to_numpy(), rate)
    return Wave(name, name, _scaled(ppg.to_numpy()), rate, beats, lags_s=(0.0, 0.5))


def r_peaks(ecg: np.ndarray, rate: float) -> np.ndarray:
    """Seconds of R peaks: bursts of steep change, then the largest deflection in each."""
    band = scipy.signal.butter(2, [5, min(25.0, 0.45 * rate)], "bandpass", fs=rate, output="sos")
    filtered = scipy.signal.sosfiltfilt(band, ecg)
    width = int(0.1 * rate)
    energy = scipy.ndimage.uniform_filter1d(np.gradient(filtered) ** 2, width)
    bursts, _ = scipy.signal.find_peaks(
        energy, height=0.25 * np.quantile(energy, 0.99), distance=int(0.35 * rate)
    )
    # R points the same way in a recording, whichever it is.
    sign = np.sign(scipy.stats.skew(filtered))
    peaks = [
        max(0, b - width) + int(np.argmax(sign * filtered[max(0, b - width) : b + width]))
        for b in bursts
    ]
    return np.array(peaks) / rate


def _with_strap(path: Path) -> Wave:
    """Return a phone's recording (red channel turned over, even 32 Hz) beside a chest strap."""
    table = pd.read_csv(path)
    seconds = table["time"].to_numpy() / 1000
    rate = 32.0
    even = np.arange(seconds[0], seconds[-1], 1 / rate)
    # ASSUMPTION: blood absorbs red light, so that systole points down as delivered.
    wave = -np.interp(even, seconds, table["R"].to_numpy())
    intervals = np.loadtxt(path.with_name(path.name.replace("_PPG.csv", "_RR.txt"))) / 1000
    beats = np.concatenate([[0.0], np.cumsum(intervals)])
    name = path.name.removesuffix("_PPG.csv")
    # The two clocks began together by hand.
    return Wave(name, name, _scaled(wave), rate, beats, lags_s=(-1.0, 3.0))


def simulated() -> Iterator[Wave]:
    """Yield a wave for every pulse rate, disturbance and sampling rate."""
    for rate in SAMPLING_HZ:
        for disturbance in DISTURBANCES:
            for bpm in RATES_BPM:
                draw = np.random.default_rng([bpm, int(rate), DISTURBANCES.index(disturbance)])
                yield _simulated(float(bpm), rate, disturbance, draw)


def _simulated(bpm: float, rate: float, disturbance: str, draw: np.random.Generator) -> Wave:
    """Return a wave of known beats: breathing moves its rate and height, and one disturbance."""
    seconds = SECONDS + 2 * MARGIN_S
    mean = 60.0 / bpm
    number = int(seconds / mean) + 8
    shown = np.ones(number)
    times = np.cumsum(np.full(number, mean)) - 3 * mean
    # Respiratory sinus arrhythmia of 3 % and 1 % of jitter.
    times += 0.03 / (2 * np.pi * 0.25) * np.sin(2 * np.pi * 0.25 * times + draw.random())
    times += 0.01 * mean * draw.standard_normal(number) / np.sqrt(2)
    if disturbance == "ectopic beats":
        # Every eighth beat comes at 60 % of an interval and is too weak to see.
        early = np.arange(4, number - 1, 8)
        times[early] -= 0.4 * mean
        shown[early] = 0.1
    n = round(seconds * rate)
    clock = np.arange(n) / rate
    phase = np.interp(clock, times, np.arange(number, dtype=float))
    height = np.interp(phase, np.arange(number), shown)
    wave = template(phase) * height * (1 + 0.1 * np.sin(2 * np.pi * 0.25 * clock))
    if disturbance == "noise":
        # White in a band that does not depend on the sampling rate: 0 to 12 Hz.
        fine = scipy.signal.resample(draw.standard_normal(round(seconds * 24)), n)
        wave = wave + 0.2 * HEIGHT_MV * fine
    elif disturbance == "hum":
        wave = wave + 0.2 * HEIGHT_MV * np.sin(2 * np.pi * 50.0 * clock + 2.0)
        wave += 0.2 * HEIGHT_MV * np.sin(2 * np.pi * 60.0 * clock)
    elif disturbance == "movement":
        for centre in np.arange(MARGIN_S + 4, seconds - MARGIN_S, 13.0):
            burst = np.exp(-0.5 * ((clock - centre) / 0.4) ** 2)
            burst *= np.sin(2 * np.pi * 1.7 * (clock - centre) + 2 * np.pi * draw.random())
            wave = wave + 2 * HEIGHT_MV * burst
        step = clock > seconds / 2
        wave = wave + 2 * HEIGHT_MV * step
    normal = np.ones(number - 1, dtype=bool)
    if disturbance == "ectopic beats":
        normal[early] = normal[early - 1] = False
    return Wave(
        f"{disturbance} {rate:g} Hz {bpm:g} bpm",
        f"{disturbance}, {rate:g} Hz",
        wave,
        rate,
        times,
        normal,
        bpm=bpm,
    )
