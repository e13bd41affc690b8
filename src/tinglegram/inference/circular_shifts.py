"""Series that are shifted in a circle: what they share, without shifting a single sample.

A shift keeps everything about a series but when things happen. All products of two series at every
lag are computed once, and each random shift looks them up.
"""

from collections.abc import Sequence

import numpy as np
import scipy


def draw_clip_shifts(
    lengths: Sequence[int] | np.ndarray, n_shifts: int, generator: np.random.Generator
) -> np.ndarray:
    """Draw by how many steps each clip is moved, (1 + shifts, clips); the first row is zero.

    Parameters
    ----------
    lengths : steps of each clip, or of each series that is moved by itself: it is moved in a
        circle, to any step alike. A step of the longest clip, taken modulo the length of a shorter
        one, would leave that one in place too often.
    """
    drawn = generator.integers(0, np.asarray(lengths, dtype=int), size=(n_shifts, len(lengths)))
    moved: np.ndarray = np.vstack([np.zeros((1, len(lengths)), dtype=drawn.dtype), drawn])
    return moved


def summed_products(series: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Return each series' product with the sum of all series, after each shift.

    Parameters
    ----------
    series : (n, steps) int or float.
    shifts : (draws, n) steps by which each is moved to later times, in a circle.

    Returns
    -------
    (draws, n) : sum over steps of a shifted series times the sum of all shifted series, itself
        included; exact whole numbers where the series are whole numbers.
    """
    n, steps = series.shape
    spectra = scipy.fft.rfft(np.asarray(series, dtype=np.float64), axis=1)
    whole = series.dtype.kind != "f"
    summed = np.empty((len(shifts), n))
    for i in range(n):
        # At lag l: the sum over t of x_i(t) x_j(t + l).
        products = scipy.fft.irfft(np.conj(spectra[i]) * spectra, steps, axis=1)
        lags = (shifts[:, [i]] - shifts) % steps
        found = products[np.arange(n), lags]
        summed[:, i] = (np.rint(found) if whole else found).sum(axis=1)
    return summed
