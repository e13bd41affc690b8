"""Where the heart beats in an electrocardiogram: its R peaks.

The feature is that of Elgendi (2013, doi:10.1371/journal.pone.0073557): the square of the wave
between 8 and 20 Hz, averaged over one QRS complex, stands above its average over one beat. What
stands there is a complex if it is long enough and high enough. The height is judged by those
around it, because a fixed share of the mean, as published, takes noise between slow beats for
complexes. The lead may be upside down: the R peak is the larger side of the complexes.
"""

import numpy as np
import scipy

from tinglegram.errors import InputProblem
from tinglegram.pulse.beats import LEAST_APART_S, between_samples

# Elgendi (2013): band in Hz, and seconds of a QRS complex and of a beat.
_BAND_HZ, _COMPLEX_S, _BEAT_S = (8.0, 20.0), 0.097, 0.611
# ASSUMPTION: seconds that a complex stands out at least, and its least height as a share of the
# usual one. On planted beats with noise of a tenth of the R wave at 100 to 2000 Hz these find all
# and at most a few in a thousand more (tests/unit/pulse/test_heart_beats.py).
_LEAST_S, _LEAST_HEIGHT = 0.04, 0.4
# ASSUMPTION: a complex must also be so many times as high as the lowest tenth of heights around,
# noise between complexes, as far as that asks for no more than this share of the usual height.
# Chosen on a model (benchmarks/ecg_waves.py, seed 0); docs/pulse.md states other seeds and MIT-BIH.
_QUIET, _OVER_NOISE, _MOST_HEIGHT = 0.1, 4.5, 0.6
# The usual height is the median of the highest complexes of seven stretches of 2 s: each holds a
# beat at 30 bpm and more, and one artefact does not move it.
_STRETCH_S, _STRETCHES = 2.0, 7
# Slower recordings place a peak to more than 3 ms, and noise is harder to tell from a complex.
_LEAST_HZ = 99.0


def r_peaks(wave: np.ndarray, sampling_rate_hz: float, source: str) -> np.ndarray:
    """Return where the R peaks of an electrocardiogram are, in samples (n_beats,), between samples.

    Parameters
    ----------
    wave : (n_samples,), any unit, raw or filtered, upright or upside down, without missing values.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : fewer than 100 samples per second, or no beat.
    """
    rate = sampling_rate_hz
    if rate < _LEAST_HZ:
        raise InputProblem(
            source,
            where="electrocardiogram",
            expected="at least 100 samples per second, from which R peaks can be found",
            found=f"{rate:g}",
            remedy="Export it at its full rate, or take a heart rate (pulse: signal: hr).",
        )
    found = np.empty(0)
    if len(wave) > _STRETCH_S * rate:
        found = _peaks_of(wave, rate)
    if len(found) < 2:
        raise InputProblem(
            source,
            where="electrocardiogram",
            expected="heart beats",
            found=f"{len(found)} in {len(wave) / rate:.1f} s",
            remedy="Look at the recording: is it the right channel? Or set pulse: signal to null.",
        )
    return found


def _peaks_of(wave: np.ndarray, rate: float) -> np.ndarray:
    sections = scipy.signal.butter(2, _BAND_HZ, btype="bandpass", fs=rate, output="sos")
    # From its median, so that a flat line is zero and not rounding errors.
    level = wave.astype(np.float64)
    filtered = scipy.signal.sosfiltfilt(sections, level - np.median(level))
    power = _average(filtered**2, _COMPLEX_S * rate)
    edges = np.flatnonzero(
        np.diff(power > _average(filtered**2, _BEAT_S * rate), prepend=False, append=False)
    )
    starts, stops = edges[0::2], edges[1::2]
    long = stops - starts >= _LEAST_S * rate
    starts, stops = starts[long], stops[long]
    height = np.array([np.sqrt(power[a:b].max()) for a, b in zip(starts, stops, strict=True)])
    usual = _usual_height(power, rate)[(starts + stops) // 2]
    quiet = _quiet_height(power, rate)[(starts + stops) // 2]
    least = np.clip(_OVER_NOISE * quiet, _LEAST_HEIGHT * usual, _MOST_HEIGHT * usual)
    high = (height > 0) & (height >= least)
    starts, stops, height = starts[high], stops[high], height[high]
    if not len(starts):
        return np.empty(0)
    sides = [
        np.median([side[a:b].max() for a, b in zip(starts, stops, strict=True)])
        for side in (filtered, -filtered)
    ]
    upright = filtered if sides[0] >= sides[1] else -filtered
    peaks = np.array([a + int(np.argmax(upright[a:b])) for a, b in zip(starts, stops, strict=True)])
    return between_samples(upright, _apart(peaks, height, LEAST_APART_S * rate))


def _average(values: np.ndarray, samples: float) -> np.ndarray:
    # An odd number, so that the average is centred.
    size = max(1, round(samples)) | 1
    # Its running sum leaves rounding errors below zero in a flat line.
    averaged: np.ndarray = np.maximum(
        scipy.ndimage.uniform_filter1d(values, size, mode="nearest"), 0.0
    )
    return averaged


def _usual_height(power: np.ndarray, rate: float) -> np.ndarray:
    """Height of a usual complex at every sample."""
    length = int(_STRETCH_S * rate)
    tops = np.sqrt(np.maximum.reduceat(power, np.arange(0, len(power), length)))
    usual = scipy.ndimage.median_filter(tops, size=min(_STRETCHES, len(tops)), mode="nearest")
    repeated: np.ndarray = np.repeat(usual, length)[: len(power)]
    return repeated


def _quiet_height(power: np.ndarray, rate: float) -> np.ndarray:
    """Height between complexes at every sample: the lowest tenth of stretches around."""
    length = int(_STRETCH_S * rate)
    starts = np.arange(0, len(power), length)
    lowest = [np.sqrt(np.quantile(power[a : a + length], _QUIET)) for a in starts]
    size = min(_STRETCHES, len(lowest))
    repeated: np.ndarray = np.repeat(
        scipy.ndimage.median_filter(lowest, size=size, mode="nearest"), length
    )[: len(power)]
    return repeated


def _apart(peaks: np.ndarray, height: np.ndarray, least: float) -> np.ndarray:
    """Leave out the lower of two peaks that are nearer than `least` samples."""
    kept: list[int] = []
    for place in range(len(peaks)):
        if kept and peaks[place] - peaks[kept[-1]] < least:
            if height[place] > height[kept[-1]]:
                kept[-1] = place
        else:
            kept.append(place)
    left: np.ndarray = peaks[kept]
    return left
