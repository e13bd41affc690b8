"""Electrocardiograms whose beats are known: a dynamical model, and the MIT-BIH database.

The model is ECGSYN of McSharry et al. (2003, doi:10.1109/TBME.2003.808805): a point goes round the
limit cycle once a beat, and the waves P, Q, R, S and T pull its height z at their angles,

    dz/dt = - sum a_i d_i exp(-d_i^2 / (2 b_i^2)) - (z - z0),    d_i = angle - angle_i

so that widths and intervals follow the rate as they do in people; an R peak is where the angle is
0. It shares nothing with the planted waves of the other tests, by which a threshold was chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy

# Angles (degrees), heights and widths of P, Q, R, S and T in Table I of McSharry et al. (2003).
ANGLES = np.radians([-70.0, -15.0, 0.0, 15.0, 100.0])
HEIGHTS = np.array([1.2, -5.0, 30.0, -7.5, 0.75])
WIDTHS = np.array([0.25, 0.1, 0.1, 0.1, 0.4])
# A beat of a ventricle: no P, a wide QRS complex, T to the other side.
ECTOPIC_HEIGHTS = np.array([0.0, 0.0, 12.0, -6.0, -1.2])
ECTOPIC_WIDTHS = np.array([0.25, 0.1, 0.28, 0.28, 0.45])
# The model is solved at this rate at least, and sampled down from it.
SOLVED_HZ = 1000.0


@dataclass(frozen=True, eq=False)
class EcgWave:
    """An electrocardiogram and its beats.

    Attributes
    ----------
    name : what it is.
    signal : (n_samples,), millivolt.
    rate : samples per second.
    beats_s : seconds of the R peaks.
    """

    name: str
    signal: np.ndarray
    rate: float
    beats_s: np.ndarray = field(default_factory=lambda: np.empty(0))


def beat_times(
    seconds: float, bpm: float, ectopic: float, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return times of beats (n,), and which are ectopic: early, with a pause after them.

    Intervals vary by breathing (0.25 Hz) and slowly (0.1 Hz), by 3 % each, as in McSharry et al.
    """
    times, is_ectopic = [0.5], [False]
    while times[-1] < seconds:
        now = times[-1]
        swing = np.sin(2 * np.pi * 0.25 * now) + np.sin(2 * np.pi * 0.1 * now)
        interval = 60.0 / bpm * (1 + 0.03 * swing + 0.01 * draw.standard_normal())
        early = len(times) > 3 and not is_ectopic[-1] and draw.random() < ectopic
        if is_ectopic[-1]:
            interval *= 1.35
        times.append(now + interval * (0.65 if early else 1.0))
        is_ectopic.append(early)
    return np.array(times), np.array(is_ectopic)


def ecgsyn(
    name: str,
    rate: float,
    bpm: float,
    *,
    seconds: float = 60.0,
    noise: float = 0.0,
    hum: float = 0.0,
    wander: float = 0.0,
    t_height: float = 1.0,
    ectopic: float = 0.0,
    sign: float = 1.0,
    seed: int = 0,
) -> EcgWave:
    """Return an electrocardiogram of the model; R waves are 1 mV high.

    Parameters
    ----------
    rate : samples per second.
    noise : SD of noise like that of muscles (above 5 Hz, to the limit of the recorder), mV.
    hum, wander : heights of the mains (50 Hz) and of a slow movement (0.3 Hz), mV.
    t_height : factor by which T is higher.
    ectopic : share of beats of a ventricle.
    sign : -1 for a lead that is upside down.
    """
    draw = np.random.default_rng([seed, round(rate), round(bpm), round(1000 * noise)])
    beats, is_ectopic = beat_times(seconds + 2.0, bpm, ectopic, draw)
    solved = max(SOLVED_HZ, rate)
    time = np.arange(round(seconds * solved)) / solved
    # The angle is 0 at each beat, and goes round evenly between two.
    beat = np.interp(time, beats, np.arange(len(beats)), left=np.nan)
    first = beats[0] - 60.0 / bpm
    before = np.isnan(beat)
    beat[before] = (time[before] - beats[0]) / (beats[0] - first)
    nearest = np.clip(np.round(beat).astype(int), 0, len(beats) - 1)
    angle = 2 * np.pi * (beat - np.round(beat))
    odd = is_ectopic[nearest][:, None]
    heights = np.where(odd, ECTOPIC_HEIGHTS, HEIGHTS * [1, 1, 1, 1, t_height])
    widths = np.where(odd, ECTOPIC_WIDTHS, WIDTHS)
    # As Bazett's formula has it, T moves with the square root of the interval.
    interval = np.diff(beats, append=beats[-1] + 60.0 / bpm)[nearest]
    angles = ANGLES * np.sqrt(60.0 / bpm / interval)[:, None]
    away = np.angle(np.exp(1j * (angle[:, None] - angles)))
    pull = -(heights * away * np.exp(-(away**2) / (2 * widths**2))).sum(axis=1)
    pull *= 2 * np.pi / interval / (2 * np.pi)
    # dz/dt = pull - z, by an exact step of the linear part.
    decay = np.exp(-1 / solved)
    z = scipy.signal.lfilter([1 - decay], [1, -decay], pull)
    z = z - np.median(z)
    usual = np.searchsorted(time, beats[(beats < seconds) & ~is_ectopic[: len(beats)]])
    z = z / np.median(z[usual[usual < len(z)]])
    n = round(seconds * rate)
    sampled = np.arange(n) / rate
    wave = np.interp(sampled, time, scipy.ndimage.uniform_filter1d(z, max(1, int(solved / rate))))
    wave = sign * wave + wander * np.sin(2 * np.pi * 0.3 * sampled)
    wave += hum * np.sin(2 * np.pi * 50.0 * sampled)
    if noise:
        muscle = draw.standard_normal(n)
        wave += noise * scipy.signal.sosfiltfilt(
            scipy.signal.butter(2, 5.0, "highpass", fs=rate, output="sos"), muscle
        )
    return EcgWave(name, wave, rate, beats[(beats > 0) & (beats < seconds)])


def model_waves(
    rates: Sequence[float] = (128.0, 256.0, 500.0, 1000.0, 2000.0), seed: int = 1
) -> list[EcgWave]:
    """Return the electrocardiograms that the page states, at these rates."""
    hard: dict[str, dict[str, float]] = {
        "clean": {},
        "noise 0.1 mV": {"noise": 0.1},
        "noise 0.2 mV": {"noise": 0.2},
        "mains 0.3 mV": {"hum": 0.3},
        "wander 2 mV": {"wander": 2.0},
        "T at 0.8 of R": {"t_height": 2.0},
        "10 % ectopic beats": {"ectopic": 0.1},
        "upside down, noise 0.1 mV": {"sign": -1.0, "noise": 0.1},
    }
    return [
        ecgsyn(name, rate, bpm, seed=seed, **how)  # type: ignore[arg-type]
        for name, how in hard.items()
        for rate in rates
        for bpm in (45.0, 70.0, 110.0, 160.0)
    ]


# Codes of annotations that are beats (ecgcodes.h of the WFDB library), and the others that matter.
BEAT_CODES = (*range(1, 14), 25, 30, 34, 35, 38, 41)
_SKIP, _NUM, _SUB, _CHAN, _AUX = 59, 60, 61, 62, 63


def read_annotations(content: bytes) -> np.ndarray:
    """Return the samples of the beats in an annotation file of the MIT format, int (n,).

    WFDB Applications Guide, annot(5).
    """
    words = np.frombuffer(content[: len(content) // 2 * 2], "<u2")
    found, at, i = [], 0, 0
    while i < len(words):
        code, step = int(words[i]) >> 10, int(words[i]) & 1023
        i += 1
        if code == 0 and step == 0:
            break
        if code == _SKIP:
            at += (int(words[i]) << 16) | int(words[i + 1])
            i += 2
        elif code == _AUX:
            i += (step + 1) // 2
        elif code not in (_NUM, _SUB, _CHAN):
            at += step
            if code in BEAT_CODES:
                found.append(at)
    return np.array(found, dtype=np.int64)


def read_212(content: bytes) -> np.ndarray:
    """Return the two signals of a file of format 212, float64 (n, 2). WFDB signal(5)."""
    low, middle, high = np.frombuffer(content, np.uint8).astype(np.int32).reshape(-1, 3).T
    values = np.column_stack([low | ((middle & 15) << 8), high | ((middle >> 4) << 8)])
    return np.where(values > 2047, values - 4096, values).astype(np.float64)


def read_record(folder: Path, name: str) -> list[EcgWave]:
    """Return both leads of a record of the MIT-BIH Arrhythmia Database (360 Hz)."""
    values = read_212((folder / f"{name}.dat").read_bytes()) / 200.0
    beats = read_annotations((folder / f"{name}.atr").read_bytes())
    return [
        EcgWave(f"MIT-BIH {name}, lead {lead + 1}", values[:, lead], 360.0, beats / 360.0)
        for lead in (0, 1)
    ]
