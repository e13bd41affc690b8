"""What a careful reader should know about the pulse of a participant: polarity, rate, height.

All of it is found on whole clips that are filtered once, with peaks that follow the pulse's own
height, whatever a protocol does: so a protocol that cannot see a pulse is told that it is there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy

from tinglegram.pulse.beats import LEAST_APART_S, BeatLimits, PulseMethods, relative_peaks
from tinglegram.pulse.continuity import held_samples
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.windows import Rates, Windowing, band_pass, filter_clip

# Stretches on which the polarity is judged, s, and the highest frequency that matters to it, Hz.
_STRETCH_S, _HIGHEST_HZ = 5.0, 8.0
# Upside down: the skewness of a stretch and of its slope add up to less than this in the median,
# and to less than zero in this share of all stretches.
_INVERTED, _MOST = -0.3, 0.75


class UsualPulse(NamedTuple):
    """The pulse of a participant over all clips; NaN where there are too few beats.

    Attributes
    ----------
    slowest, fastest : rates of the median interval of the clips where it is longest and shortest.
    height : median height of a systolic peak over the trough after it, in the signal's unit.
    """

    slowest: float
    fastest: float
    height: float


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
        if len(epoch.signal) < length or np.ptp(epoch.signal) == 0:
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


def turned(epoch: Epoch) -> Epoch:
    """Return the epoch with its wave turned over."""
    return Epoch(-epoch.signal, epoch.time_s, -epoch.before, -epoch.after)


def usual_pulse(
    epochs: Sequence[Epoch], sampling_rate_hz: float, settings: Windowing, limits: BeatLimits
) -> UsualPulse:
    """Return the usual rate and height of a participant's pulse, whatever a protocol can see."""
    sections = band_pass(settings, sampling_rate_hz)
    rates: list[float] = []
    heights = [np.empty(0)]
    for epoch in epochs:
        if len(epoch.signal) < sampling_rate_hz:
            continue
        filtered = filter_clip(epoch, sections)
        peaks = relative_peaks(filtered, sampling_rate_hz, LEAST_APART_S, limits)
        if len(peaks) > 3:
            rates.append(float(60.0 * sampling_rate_hz / np.median(np.diff(peaks))))
            heights.append(filtered[peaks[:-1]] - np.minimum.reduceat(filtered, peaks)[:-1])
    if not rates:
        return UsualPulse(np.nan, np.nan, np.nan)
    return UsualPulse(min(rates), max(rates), float(np.median(np.concatenate(heights))))


def polarity_finding(inverted: bool, methods: PulseMethods) -> str | None:
    """Say that a wave is upside down, and what was done."""
    if not inverted:
        return None
    found = "the pulse wave is upside down (its short waves and its steep flank point down)"
    if methods.polarity == "detected":
        return f"{found}: it was turned"
    return (
        f"{found} and is used as recorded, so beats are placed on its troughs. Set overrides: "
        "polarity: detected to turn it."
    )


def limits_finding(usual: UsualPulse, rates: Rates) -> str | None:
    """Say that a participant's pulse is at the limits of what can be measured, or outside."""
    # A margin of 5 %: a pulse at a limit is cut off by it in part of the windows.
    outside = [usual.slowest] if usual.slowest < rates.always * 1.05 else []
    outside += [usual.fastest] if usual.fastest > rates.highest * 0.95 else []
    if not outside:
        return None
    found = " and ".join(f"{bpm:.0f}" for bpm in outside)
    return (
        f"the pulse of a clip is at about {found} bpm, but with these settings a window can have a "
        f"pulse rate from {rates.lowest:.1f} to {rates.highest:.1f} bpm only, and below "
        f"{rates.always:.1f} bpm not every window has one: what has a value there may be wrong. "
        "Choose interval_limits: rate_range and pulse: rate_range to match, or leave the "
        "participant out (data: exclusions)."
    )


def low_pulse_finding(usual: UsualPulse, settings: Windowing, methods: PulseMethods) -> str | None:
    """Say that a fixed prominence is high for a participant's pulse."""
    absolute = methods.prominence == "absolute" and methods.peak_detector == "prominence"
    if not absolute or not usual.height < 2 * settings.peak_prominence:
        return None
    return (
        f"peaks are to stand out by {settings.peak_prominence:g} in the unit of the recording, but "
        f"half of this participant's pulses are lower than {usual.height:.3g}: weak ones are "
        "missed. Set overrides: prominence: relative, or a lower pulse: peak_prominence."
    )


def held_finding(signal: np.ndarray, sampling_rate_hz: float) -> str | None:
    """Say that every value is repeated, so that the true sampling rate is lower."""
    held = held_samples(signal)
    if held < 2:
        return None
    return (
        f"every value stands {held} times: the pulse was taken at about "
        f"{sampling_rate_hz / held:.3g} Hz, not at {sampling_rate_hz:g} Hz"
    )
