"""Whether a pulse wave is upside down, and turning it.

Apart from the windows, because the 10-Hz series needs it and nothing else of them.
"""

from collections.abc import Sequence

import numpy as np
import scipy

from tinglegram.pulse.epochs import Epoch

# Stretches on which the polarity is judged, s, and the highest frequency that matters to it, Hz.
_STRETCH_S, _HIGHEST_HZ = 5.0, 8.0
# Upside down: the skewness of a stretch and of its slope add up to less than this in the median,
# and to less than zero in this share of all stretches.
_INVERTED, _MOST = -0.3, 0.75
# A wave with a larger share of its samples at its highest or lowest value is clipped, and its shape
# says nothing about its polarity.
_CLIPPED = 0.05


def filter_clip(clip: Epoch, sections: np.ndarray) -> np.ndarray:
    """Band-pass a clip with its margins, forward and backward: (n before + n + n after,)."""
    whole = np.concatenate([clip.before, clip.signal, clip.after]).astype(np.float64)
    filtered: np.ndarray = scipy.signal.sosfiltfilt(sections, whole)
    return filtered


def is_inverted(epochs: Sequence[Epoch], sampling_rate_hz: float) -> bool:
    """Say whether the wave is upside down: its short waves and its steep flank point down.

    A systolic wave stands out of a long trough (positive skewness; Elgendi 2016,
    doi:10.3390/bioengineering3040021) and rises faster than it falls (positive skewness of the
    slope). The causal band-pass of a recorder can take one of the two away, so both count.

    Parameters
    ----------
    epochs : of one participant. Fewer than three stretches of 5 s decide nothing.
    """
    length = int(_STRETCH_S * sampling_rate_hz)
    # ASSUMPTION: half of the sampling rate and less is what a recording of a low rate still holds.
    band = (0.5, min(_HIGHEST_HZ, 0.45 * sampling_rate_hz))
    sections = scipy.signal.butter(2, band, btype="bandpass", fs=sampling_rate_hz, output="sos")
    sums: list[float] = []
    for epoch in epochs:
        if len(epoch.signal) < length or _is_cut_off(epoch.signal):
            continue
        filtered = filter_clip(epoch, sections)
        for start in range(0, len(filtered) - length + 1, length):
            stretch = filtered[start : start + length]
            parts = (stretch, np.diff(stretch))
            sums.append(float(sum(scipy.stats.skew(part) for part in parts)))
    found = np.array(sums)[np.isfinite(sums)]
    if len(found) < 3:
        return False
    return bool(np.median(found) < _INVERTED and np.mean(found < 0) >= _MOST)


def _is_cut_off(signal: np.ndarray) -> bool:
    return bool(max(np.mean(signal == edge) for edge in (signal.min(), signal.max())) > _CLIPPED)


def inverted_epochs(epochs: Sequence[Epoch], sampling_rate_hz: float) -> list[bool]:
    """Say which clips of a participant are upside down.

    A sensor may be turned over during a session: a clip that is clearly upside down or clearly
    upright is what it is; any other is what all of them together are.
    """
    usually = is_inverted(epochs, sampling_rate_hz)
    return [is_inverted_beside(epoch, sampling_rate_hz, usually=usually) for epoch in epochs]


def is_inverted_beside(epoch: Epoch, sampling_rate_hz: float, *, usually: bool) -> bool:
    """Say whether one clip or rest is upside down, where the recording `usually` is or is not."""
    differs = is_inverted([turned(epoch) if usually else epoch], sampling_rate_hz)
    return usually != differs


def turned(epoch: Epoch) -> Epoch:
    """Return the epoch with its wave turned over."""
    return Epoch(-epoch.signal, epoch.time_s, -epoch.before, -epoch.after)
