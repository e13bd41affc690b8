"""Loudness of a sound as ITU-R BS.1770-4 and EBU R128 measure it, and its true peak.

K-weighting: a high shelf for the head and a high-pass (BS.1770-4, annex 1), for any sampling rate
by the analogue prototypes of De Man (2014, "Evaluation of implementations of the EBU R128 loudness
measurement", AES 137th convention), which give the standard's own coefficients at 48 kHz.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

# Blocks of the integrated and of the momentary loudness, and the step between them, seconds.
_BLOCK_S, _STEP_S = 0.4, 0.1
# Blocks below the absolute gate count as silence; then those this far below the rest are left out.
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
_OFFSET = -0.691
_OVERSAMPLED = 4


def k_weighted(samples: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
    """Return samples (n, channels) after the filters of BS.1770-4, float64."""
    weighted = signal.lfilter(*_shelf(sample_rate), np.asarray(samples, float), axis=0)
    found: NDArray[np.float64] = signal.lfilter(*_high_pass(sample_rate), weighted, axis=0)
    return found


def _shelf(sample_rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    gain_db, quality, corner = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = np.tan(np.pi * corner / sample_rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k**2
    b = [high + band * k / quality + k**2, 2 * (k**2 - high), high - band * k / quality + k**2]
    a = [a0, 2 * (k**2 - 1), 1 - k / quality + k**2]
    return np.array(b) / a0, np.array(a) / a0


def _high_pass(sample_rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    quality, corner = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * corner / sample_rate)
    a0 = 1 + k / quality + k**2
    return np.array([1.0, -2.0, 1.0]), np.array([a0, 2 * (k**2 - 1), 1 - k / quality + k**2]) / a0


def block_loudness(
    samples: NDArray[np.floating], sample_rate: int, weights: Sequence[float] | None = None
) -> NDArray[np.float64]:
    """Return the loudness of blocks of 400 ms every 100 ms, LUFS; -inf where silent.

    A sound shorter than a block is one block, silence added.

    Parameters
    ----------
    samples : (n, channels), full scale 1.
    weights : of the channels; None: 1 each (front channels; surround channels have 1.41).
    """
    block, step = round(_BLOCK_S * sample_rate), round(_STEP_S * sample_rate)
    power = np.square(k_weighted(samples, sample_rate)) @ (
        np.ones(samples.shape[1]) if weights is None else np.asarray(weights)
    )
    power = np.pad(power, (0, max(0, block - len(power))))
    sums = np.concatenate([[0.0], np.cumsum(power)])
    begins = np.arange(0, len(power) - block + 1, step)
    # Differences of cumulative sums may be negative by rounding.
    means = np.maximum(sums[begins + block] - sums[begins], 0) / block
    with np.errstate(divide="ignore"):
        found: NDArray[np.float64] = _OFFSET + 10 * np.log10(means)
    return found


def integrated_loudness(
    samples: NDArray[np.floating], sample_rate: int, weights: Sequence[float] | None = None
) -> float:
    """Return the loudness of a whole sound with both gates, LUFS; -inf where nothing passes."""
    blocks = block_loudness(samples, sample_rate, weights)
    heard = blocks[blocks > _ABSOLUTE_GATE]
    if not len(heard):
        return -np.inf
    gate = _mean_loudness(heard) + _RELATIVE_GATE
    return _mean_loudness(heard[heard > gate])


def _mean_loudness(blocks: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(10 ** (blocks / 10))))


def loudest_moment(samples: NDArray[np.floating], sample_rate: int) -> float:
    """Return the highest momentary loudness (400 ms), LUFS."""
    return float(block_loudness(samples, sample_rate).max())


def oversampled(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return samples at four times their rate, (4 n, channels)."""
    found: NDArray[np.float64] = signal.resample_poly(
        np.asarray(samples, float), _OVERSAMPLED, 1, axis=0
    )
    return found


def true_peaks(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the largest magnitude of any channel around each sample, (n,), full scale 1.

    Between samples the sound is interpolated to four times the rate (BS.1770-4, annex 2).
    """
    if not len(samples):
        return np.zeros(0)
    between = np.abs(oversampled(samples)).max(axis=1)
    # The three values on either side of a sample belong to it too.
    around = ndimage.maximum_filter1d(between, 2 * _OVERSAMPLED - 1, mode="constant")
    found: NDArray[np.float64] = np.maximum(around[::_OVERSAMPLED], np.abs(samples).max(axis=1))
    return found


def true_peak_db(samples: NDArray[np.floating]) -> float:
    """Return the true peak of a sound, dB below full scale (dBTP); -inf where silent."""
    peak = true_peaks(samples).max(initial=0.0)
    return float(20 * np.log10(peak)) if peak > 0 else -np.inf
