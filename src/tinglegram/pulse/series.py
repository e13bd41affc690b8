"""The pulse of a clip on the grid of the ratings."""

import numpy as np
import scipy

from tinglegram.errors import TinglegramError


def resample_to_grid(signal: np.ndarray, n_steps: int) -> np.ndarray:
    """Resample a clip to `n_steps` points and standardise it.

    Parameters
    ----------
    signal : shape (n_samples,), n_samples > n_steps.

    Returns
    -------
    numpy.ndarray
        float32, shape (n_steps,): Fourier method, then z-scores with the population SD (paper,
        "Photoplethysmography Data"); a constant clip is only centred.
    """
    if len(signal) <= n_steps:
        raise TinglegramError(
            f"A clip of {len(signal)} samples cannot be brought down to {n_steps} grid steps: "
            "the sampling rate must be higher than the grid rate (timing: grid)."
        )
    if np.ptp(signal) == 0:
        # Rounding noise of the Fourier transform is not a pulse.
        return np.zeros(n_steps, dtype=np.float32)
    series = scipy.signal.resample(signal.astype(np.float64), n_steps)
    found: np.ndarray = ((series - series.mean()) / series.std()).astype(np.float32)
    return found
