"""What a careful reader should know about the pulse of a participant: rate, height, polarity.

All of it is found on whole clips that are filtered once, with peaks that follow the pulse's own
height, whatever a protocol does: so a protocol that cannot see a pulse is told that it is there.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tinglegram.formats.recording import Note
from tinglegram.pulse.beats import (
    LEAST_APART_S,
    BeatLimits,
    PulseMethods,
    intervals_in_range,
    relative_peaks,
)
from tinglegram.pulse.continuity import Continuity, find_faults, held_samples
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.polarity import filter_clip, is_inverted
from tinglegram.pulse.quality import irregularity, scale_finding
from tinglegram.pulse.windows import RELEASED, Rates, Windowing, band_pass, possible_rates

# Beats are called irregular where neighbouring intervals differ by more than this share of an
# interval in the median, or more than this share of intervals is unlike those around them.
_IRREGULAR, _UNLIKE = 0.2, 0.2
_ANY_RATE = (1.0, 1000.0)
# Share of clipped or flat samples that is worth a sentence; one jump always is.
_FAULTY = 0.01


class UsualPulse(NamedTuple):
    """The pulse of a participant over all clips; NaN where there are too few beats.

    Attributes
    ----------
    slowest, fastest : rates of the median interval of the clips where it is longest and shortest.
    height : median height of a systolic peak over the trough after it, in the signal's unit.
    irregularity : median difference of neighbouring intervals, as a share of their median.
    unlike : share of intervals that are unlike those around them.
    """

    slowest: float
    fastest: float
    height: float
    irregularity: float = 0.0
    unlike: float = 0.0


def usual_pulse(
    epochs: Sequence[Epoch], sampling_rate_hz: float, settings: Windowing, limits: BeatLimits
) -> UsualPulse:
    """Return the usual rate and height of a participant's pulse, whatever a protocol can see."""
    sections = band_pass(settings, sampling_rate_hz)
    rates: list[float] = []
    heights = [np.empty(0)]
    intervals: list[np.ndarray] = []
    for epoch in epochs:
        if len(epoch.signal) < sampling_rate_hz:
            continue
        filtered = filter_clip(epoch, sections)
        peaks = relative_peaks(filtered, sampling_rate_hz, LEAST_APART_S, limits)
        if len(peaks) > 3:
            rates.append(float(60.0 * sampling_rate_hz / np.median(np.diff(peaks))))
            heights.append(filtered[peaks[:-1]] - np.minimum.reduceat(filtered, peaks)[:-1])
            intervals.append(np.diff(peaks) / sampling_rate_hz * 1000.0)
    if not rates:
        return UsualPulse(*[np.nan] * 5)
    # Rates outside of the range are named by `limits_finding`.
    wide = replace(limits, rate_range=_ANY_RATE)
    like = np.concatenate([intervals_in_range(ms, wide) for ms in intervals])
    return UsualPulse(
        min(rates),
        max(rates),
        float(np.median(np.concatenate(heights))),
        irregularity(intervals),
        float(1 - like.mean()),
    )


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
    faults = faults_finding([epoch], sampling_rate_hz, Continuity())
    if faults:
        found.append(Note("faulty_samples", faults))
    if np.isnan(usual.height):
        return [*found, Note("no_pulse", "no pulse can be seen there")]
    irregular = irregular_finding(usual)
    if irregular:
        found.append(Note("irregular_pulse", irregular))
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


def polarity_finding(
    inverted: bool, methods: PulseMethods, clips: Sequence[str] = ()
) -> str | None:
    """Say that a wave is upside down, and what was done; `clips` names those, if not all are."""
    if not inverted:
        return None
    place = f" in {', '.join(clips)} alone" if clips else ""
    found = f"the pulse wave is upside down{place} (its short waves and its steep flank point down)"
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


def irregular_finding(usual: UsualPulse) -> str | None:
    """Say that beats do not follow one another as those of a pulse do."""
    if not (usual.irregularity > _IRREGULAR or usual.unlike > _UNLIKE):
        return None
    return (
        f"the beats are irregular: neighbouring intervals differ by {usual.irregularity:.0%} in "
        f"the median, and {usual.unlike:.0%} of all are unlike those around them. Noise, movement "
        "or an arrhythmia: look at the recording before you trust its pulse rates."
    )


def faults_finding(
    epochs: Sequence[Epoch], sampling_rate_hz: float, settings: Continuity
) -> str | None:
    """Say that samples are flat, clipped or disconnected."""
    masks = [find_faults(epoch.signal, sampling_rate_hz, settings) for epoch in epochs]
    n_samples = sum(len(epoch.signal) for epoch in epochs)
    if not n_samples:
        return None
    flat, clipped, away = (sum(int(mask[i].sum()) for mask in masks) / n_samples for i in range(3))
    found = [f"{flat:.1%} in flat lines"] if flat > _FAULTY else []
    found += [f"{clipped:.1%} at the highest or lowest value"] if clipped > _FAULTY else []
    # A jump is one sample among thousands.
    share = f"{away:.1%}" if away >= 0.001 else "less than 0.1%"
    found += [f"{share} at jumps or disconnected"] if away else []
    return f"of all samples, {' and '.join(found)}" if found else None


def held_finding(signal: np.ndarray, sampling_rate_hz: float) -> str | None:
    """Say that every value is repeated, so that the true sampling rate is lower."""
    held = held_samples(signal)
    if held < 2:
        return None
    return (
        f"every value stands {held} times: the pulse was taken at about "
        f"{sampling_rate_hz / held:.3g} Hz, not at {sampling_rate_hz:g} Hz"
    )
