"""What the two ears get differently: level, time and correlation, per band and grid step.

Each channel goes through gammatone filters (`tinglegram.stimuli.bands`). Level difference (ILD),
time difference (ITD) and interaural cross-correlation (IACC) come from the samples of the step
alone. The lags of the correlation are those of ISO 3382-1:2009, Annex B: -1 to 1 ms.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from tinglegram.errors import TinglegramError
from tinglegram.stimuli.bands import band_signal, sound_of_steps, spaced_centres, steps_at_once
from tinglegram.stimuli.settings import BinauralFeatures

Array = NDArray[Any]

# Longest lag, seconds (ISO 3382-1, Annex B): sound takes less from one ear to the other.
_LONGEST_LAG = 1e-3
# Points of the correlation per sample, so that high bands have many in a period.
_FINER = 4
# ASSUMPTION: of peaks that differ by less, as those of a tone do, the one nearest to no difference
# is meant.
_AS_HIGH = 1e-3
# The narrowest gammatone filter has forgotten what is so many seconds ago.
BINAURAL_MEMORY = 0.1
# Steps that are correlated at once, so that memory stays small.
_STEPS = 64


def binaural_columns(settings: BinauralFeatures, sample_rate: int) -> tuple[str, ...]:
    """Return the names of the columns of `binaural`, in order.

    Parameters
    ----------
    sample_rate : of the sound, Hz; bands that it cannot hold are left out.
    """
    centres = spaced_centres(settings.binaural_range, settings.binaural_bands, sample_rate)
    bands = [f"{hz:.0f}hz" for hz in centres]
    return (
        *(f"ild_{band}_db" for band in bands),
        *(f"itd_{band}_us" for band in bands),
        *(f"iacc_{band}" for band in bands),
    )


def binaural(
    samples: NDArray[np.int16],
    n_steps: int,
    *,
    sample_rate: int,
    hop: int,
    settings: BinauralFeatures,
) -> NDArray[np.float32]:
    """Return the interaural differences of a sound, (n_steps, columns), as `binaural_columns` says.

    Parameters
    ----------
    samples : 16-bit sound from the first step on, (n, 2), left and right; silence is added where it
        is shorter. One channel, (n,), is heard by both ears.
    sample_rate : of them, Hz; hop: of them per grid step.

    Returns
    -------
    Level of left over right, dB, where neither counts as below `binaural_floor`. Time by which left
    is ahead of right, microseconds: the lag of the highest peak of the normalised
    cross-correlation. IACC: the value of that peak, whose sign is kept (ISO 3382-1 takes the
    absolute value, for which two channels of opposite phase are one).

    Raises
    ------
    TinglegramError : a step is too short to compare over lags of 1 ms.
    """
    if hop < 4 * _longest_lag(sample_rate):
        raise TinglegramError(
            f"Binaural features compare sounds that are up to 1 ms apart: a step of {hop} samples "
            f"at {sample_rate} Hz is too short. Choose a grid of at most 250 Hz, or leave the "
            "binaural features out."
        )
    centres = spaced_centres(settings.binaural_range, settings.binaural_bands, sample_rate)
    sound = sound_of_steps(samples, n_steps, hop)
    left, right = (sound, sound) if sound.ndim == 1 else sound.T
    floor = 10 ** (settings.binaural_floor / 10)
    steps = min(_STEPS, steps_at_once(hop))
    found = np.empty((n_steps, 3, len(centres)), np.float32)
    for band, centre in enumerate(centres):
        ears = [
            band_signal(
                np.ascontiguousarray(ear),
                float(centre),
                sample_rate=sample_rate,
                at_once=steps * hop,
            )
            for ear in (left, right)
        ]
        for begin, parts in zip(range(0, n_steps, steps), zip(*ears, strict=True), strict=True):
            both = [part.reshape(-1, hop) for part in parts]
            found[begin : begin + steps, :, band] = _differences(
                both[0], both[1], floor, sample_rate
            )
    return found.reshape(n_steps, -1)


def _longest_lag(sample_rate: int) -> int:
    """Return the samples of the longest lag, rounded up."""
    return int(np.ceil(_LONGEST_LAG * sample_rate))


def _differences(left: Array, right: Array, floor: float, sample_rate: int) -> Array:
    """Return ILD, ITD and IACC, (steps, 3), of a band's complex signals, (steps, hop)."""
    power = [np.mean(np.square(ear.real) + np.square(ear.imag), axis=1) for ear in (left, right)]
    level = 10 * np.log10(np.maximum(power[0], floor) / np.maximum(power[1], floor))
    # ASSUMPTION: where an ear hears nothing in a band, the ears do not differ in time and agree.
    edge = _longest_lag(sample_rate)
    within = [np.square(ear.real[:, edge:-edge]).mean(axis=1) for ear in (left, right)]
    heard = 2 * np.minimum(*within) >= floor
    lag, peak = np.zeros(len(left)), np.ones(len(left))
    if heard.any():
        lag[heard], peak[heard] = _highest_peak(left.real[heard], right.real[heard], sample_rate)
    return np.stack([level, 1e6 * lag, peak], axis=1)


def _highest_peak(left: Array, right: Array, sample_rate: int) -> tuple[Array, Array]:
    """Return where two signals, (steps, n), agree most, seconds, and their correlation there."""
    # Either ear may be the one that stays: both, so that swapped ears give the opposite.
    correlation = 0.5 * (
        _correlation(left, right, sample_rate) + _correlation(right, left, sample_rate)[:, ::-1]
    )
    before, top, after = correlation[:, :-2], correlation[:, 1:-1], correlation[:, 2:]
    # The top of a parabola through each peak and its neighbours.
    bend = before - 2 * top + after
    is_peak = (top >= before) & (top >= after) & (bend < 0)
    shift = np.where(is_peak, 0.5 * (before - after) / np.where(is_peak, bend, 1.0), 0.0)
    height = correlation.copy()
    height[:, 1:-1] = np.where(is_peak, top - 0.25 * (before - after) * shift, top)
    # Interpolation may overshoot, where a step cuts a loud sound off.
    height = np.clip(height, -1.0, 1.0)
    # An end of the range may be the highest.
    candidate = np.pad(is_peak, ((0, 0), (1, 1)), constant_values=True)
    highest = np.where(candidate, height, -np.inf).max(axis=1, keepdims=True)
    high = candidate & (height >= highest - _AS_HIGH)
    half = correlation.shape[1] // 2
    distance = np.abs(np.arange(-half, half + 1))
    at = np.where(high, distance, 2 * half + 1).argmin(axis=1)
    row = np.arange(len(at))
    shifts = np.pad(shift, ((0, 0), (1, 1)))
    lag = (at - half + shifts[row, at]) / (_FINER * sample_rate)
    return lag, height[row, at]


def _correlation(still: Array, moved: Array, sample_rate: int) -> Array:
    """Return the normalised cross-correlation, (steps, lags), positive lags where `moved` is late.

    The samples of `still` but for the longest lag at both ends meet those of `moved` that are a lag
    later, so that equally many overlap at each lag and none from outside of the step is needed.
    Between samples it is interpolated by zeros in the spectrum.
    """
    n = still.shape[1]
    longest = _longest_lag(sample_rate)
    inner = np.zeros_like(still)
    inner[:, longest : n - longest] = still[:, longest : n - longest]
    size = fft.next_fast_len(n + longest, real=True)
    spectrum = np.conj(fft.rfft(inner, size)) * fft.rfft(moved, size)
    products = _FINER * fft.irfft(spectrum, _FINER * size)
    begun = np.pad(np.cumsum(np.square(moved), axis=1), ((0, 0), (1, 0)))
    whole = np.arange(-longest, longest + 1)
    power = begun[:, n - longest + whole] - begun[:, longest + whole]
    wanted = int(_LONGEST_LAG * sample_rate * _FINER)
    lags = np.arange(-wanted, wanted + 1)
    later = np.array([np.interp(lags / _FINER, whole, each) for each in power])
    norm = np.sqrt(np.square(inner).sum(axis=1, keepdims=True) * later)
    # What has no power at a lag does not correlate there.
    found: Array = np.divide(
        products[:, lags], norm, out=np.zeros((len(still), len(lags))), where=norm > 0
    )
    return found
