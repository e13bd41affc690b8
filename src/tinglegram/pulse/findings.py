"""What a careful reader should know about the pulse of a participant: rate, height, polarity.

All of it is found on whole clips that are filtered once, with peaks that follow the pulse's own
height, whatever a protocol does: so a protocol that cannot see a pulse is told that it is there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tinglegram.formats.recording import Note
from tinglegram.pulse.beats import LEAST_APART_S, BeatLimits, PulseMethods, relative_peaks
from tinglegram.pulse.continuity import held_samples
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.polarity import filter_clip, is_inverted
from tinglegram.pulse.quality import scale_finding
from tinglegram.pulse.windows import RELEASED, Rates, Windowing, band_pass, possible_rates


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


def findings_of_stretch(
    signal: np.ndarray, sampling_rate_hz: float, settings: Windowing, limits: BeatLimits
) -> list[Note]:
    """Say what looks wrong in some seconds of a recording, whichever protocol will use it.

    Parameters
    ----------
    signal : shape (n_samples,), in the unit of the recording.
    """
    epoch = Epoch(signal, np.arange(len(signal)) / sampling_rate_hz)
    usual = usual_pulse([epoch], sampling_rate_hz, settings, limits)
    held = held_finding(signal, sampling_rate_hz)
    found = [Note("held_samples", held)] if held else []
    if np.isnan(usual.height):
        return [*found, Note("no_pulse", "no pulse can be seen there")]
    if is_inverted([epoch], sampling_rate_hz):
        message = (
            "the pulse wave is upside down (its short waves and its steep flank point down): it is "
            "turned with polarity: detected, and used as recorded without"
        )
        found.append(Note("inverted_pulse", message))
    for methods in (RELEASED, PulseMethods(interval_limits="rate_range", pulse_filter="clip")):
        said = limits_finding(usual, possible_rates(settings, methods, limits))
        if said:
            how = f"with interval_limits: {methods.interval_limits}"
            found.append(Note("rate_limits", f"{how}, {said}"))
    said = scale_finding(usual.height, settings.peak_prominence)
    said = said or low_pulse_finding(usual, settings, RELEASED)
    if said:
        found.append(Note("pulse_height", f"with prominence: absolute, {said}"))
    return found


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
        f"the pulse is at about {found} bpm, but with these settings a window can have a "
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
