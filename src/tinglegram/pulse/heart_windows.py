"""Heart rate, RMSSD, rating and quality in windows, from R peaks, intervals or heart rates.

The tables are those of `tinglegram.pulse.measurement`. What needs a wave is measured on that of an
electrocardiogram, between 0.5 and 40 Hz, and is not there for the others: there a window is good
where values cover enough of it. `disconnected_share` is then the share of the window without one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
import pandas as pd
import scipy

from tinglegram.behaviour.showings import timeline_names
from tinglegram.pulse.beats import (
    NO_INTERVALS,
    NO_PEAKS,
    BeatLimits,
    Intervals,
    PulseMethods,
    intervals_in_range,
)
from tinglegram.pulse.continuity import Continuity, find_faults
from tinglegram.pulse.epochs import Epoch, unpack_epoch
from tinglegram.pulse.findings import (
    UsualPulse,
    faults_finding,
    irregular_finding,
    limits_finding,
)
from tinglegram.pulse.heart_values import HeartValues, heart_kind, unpack_heart
from tinglegram.pulse.long_windows import LongWindows, long_windowing
from tinglegram.pulse.measurement import (
    VALUES,
    MeasuredBlocks,
    PulseOfParticipant,
    measure_blocks,
    pulse_tables,
    with_long_windows,
)
from tinglegram.pulse.polarity import filter_clip
from tinglegram.pulse.quality import (
    Quality,
    irregularity,
    mark_poor,
    measure_faults,
    measure_quality,
)
from tinglegram.pulse.rests import Rest, unpack_rests
from tinglegram.pulse.windows import (
    RELEASED,
    Wave,
    Windowing,
    Windows,
    measure_windows,
    possible_rates,
)
from tinglegram.settings import CLOSED_SHARE, Bounds, section

# The band in which an electrocardiogram is looked at, Hz, and its share of the sampling rate.
_ECG_BAND, _ECG_SHARE, _ORDER = (0.5, 40.0), 0.45, 2
# Peaks of intervals without a wave are counted in ms.
_PER_SECOND = 1000.0
# An electrocardiogram's samples and rate; None: there is no wave.
_Wave = tuple[Epoch, float] | None
_ANY_RATE = (1.0, 1000.0)
_OF_WAVES = ["template_correlation", "amplitude", "flat_share", "clipped_share"]
_MEASURED = [*_OF_WAVES, "disconnected_share", "excursion", "irregularity", "usual_amplitude"]
_COLUMNS = [*VALUES, *_MEASURED, "coverage"]


@section("pulse.quality")
class HeartQuality:
    """When a window of an electrocardiogram, of intervals or of heart rates is good."""

    ecg_correlation: Annotated[
        float,
        Bounds(minimum=-1, maximum=1),
        "Least mean correlation of a window's heart beats with their own mean beat, in an "
        "electrocardiogram (Orphanidou et al., 2015).",
    ] = 0.66
    coverage: Annotated[
        float,
        CLOSED_SHARE,
        "Least share of a window that intervals or heart rates that count must cover (pulse: "
        "signal other than ppg).",
    ] = 0.8


def counting(
    heart: HeartValues, settings: Windowing, methods: PulseMethods, limits: BeatLimits
) -> np.ndarray:
    """Say which values count by the protocol's `interval_limits`, bool (n,)."""
    shortest, longest = settings.interval_range
    slowest, fastest = limits.rate_range
    follows = methods.interval_limits == "rate_range"
    if heart.kind == "hr":
        if not follows:
            slowest, fastest = 60000.0 / longest, 60000.0 / shortest
        counts: np.ndarray = (heart.values > slowest) & (heart.values < fastest)
        return counts
    if follows:
        return intervals_in_range(heart.values, limits)
    return (heart.values > shortest) & (heart.values < longest)


def heart_waves(
    heart: HeartValues,
    counts: np.ndarray,
    windows: Windows,
    methods: PulseMethods,
    wave: tuple[Epoch, float] | None = None,
) -> list[Wave]:
    """Return the intervals of every window, and its part of the wave where there is one.

    As for a pulse wave, an interval belongs to the windows that hold its middle where a clip is
    filtered once (`methods.pulse_filter`), and else to those that hold both its beats.

    Parameters
    ----------
    heart : intervals in and around the clip (kind ecg or ibi).
    counts : which of them count.
    wave : samples of an electrocardiogram, and their rate.
    """
    middles, ms = (heart.from_s + heart.to_s) / 2, heart.values
    neighbours = counts[1:] & counts[:-1] & heart.follows()
    beats = np.concatenate([heart.from_s, heart.to_s[-1:]])
    rate, filtered, first, time_s, n_before = _PER_SECOND, None, 0, np.empty(0), 0
    if wave is not None:
        epoch, rate = wave
        band = (_ECG_BAND[0], min(_ECG_BAND[1], _ECG_SHARE * rate))
        sections = scipy.signal.butter(_ORDER, band, btype="bandpass", fs=rate, output="sos")
        filtered, time_s, n_before = filter_clip(epoch, sections), epoch.time_s, len(epoch.before)
    found = []
    for start, end in zip(windows.start_s, windows.end_s, strict=True):
        own = (middles >= start) & (middles < end)
        changed = (heart.from_s[1:] >= start) & (heart.from_s[1:] < end)
        if methods.pulse_filter != "clip":
            own = (heart.from_s >= start) & (heart.to_s < end)
            changed = own[1:] & own[:-1]
        peaks = np.rint((beats[(beats >= start) & (beats < end)] - start) * rate).astype(np.intp)
        part, first, n_samples = None, 0, 0
        if filtered is not None:
            first, last = (int(k) for k in np.searchsorted(time_s, [start, end], side="left"))
            n_samples = last - first
            part = filtered[n_before + first : n_before + last]
            peaks = peaks[peaks < n_samples]
        changes = np.diff(ms)[neighbours & changed]
        found.append(Wave(first, n_samples, part, peaks, Intervals(ms[own], counts[own]), changes))
    return found


def measure_heart_epoch(
    heart: HeartValues,
    windows: Windows,
    ratings: np.ndarray,
    windowing: Windowing,
    continuity: Continuity,
    methods: PulseMethods,
    limits: BeatLimits,
    wave: tuple[Epoch, float] | None = None,
) -> pd.DataFrame:
    """Measure every window of a clip or rest.

    Parameters
    ----------
    heart : values in and around it.
    ratings : (n_steps,), one per step of the grid; empty outside of clips.
    wave : samples of an electrocardiogram, and their rate.

    Returns
    -------
    pandas.DataFrame
        the columns of `tinglegram.pulse.measurement.measure_epoch`, and coverage (0-1): the share
        of the window that values that count cover. NaN where nothing can be measured.
    """
    counts = counting(heart, windowing, methods, limits)
    shared = heart.overlap(windows.start_s, windows.end_s) * counts
    covered = shared.sum(axis=1)
    coverage = np.minimum(covered / windowing.window, 1.0)
    if heart.kind == "hr" or not len(heart.values):
        waves = [Wave(0, 0, None, NO_PEAKS, NO_INTERVALS)] * len(windows.start_s)
    else:
        waves = heart_waves(heart, counts, windows, methods, wave)
    epoch, rate = (Epoch(np.empty(0), np.empty(0)), _PER_SECOND) if wave is None else wave
    table = measure_windows(epoch, windows, ratings, rate, windowing, waves, methods)
    if heart.kind == "hr":
        # Nothing covers a window without values.
        means = (shared @ heart.values) / np.where(covered > 0, covered, np.nan)
        table = table.assign(pulse_rate_bpm=means)
    if wave is not None:
        flat, clipped, disconnected = find_faults(epoch.signal, rate, continuity)
        quality = measure_quality(waves, flat, clipped)
        table = table.join(quality).join(measure_faults(waves, disconnected))
    else:
        table = table.reindex(columns=[*VALUES, *_MEASURED]).assign(
            disconnected_share=1.0 - coverage,
            irregularity=irregularity([w.intervals.ms for w in waves]),
        )
    return table.assign(coverage=coverage)[_COLUMNS].astype(np.float64)


def measure_heart(
    clips: Mapping[str, np.ndarray],
    rests: Mapping[str, np.ndarray],
    timeline: pd.DataFrame,
    ratings: pd.DataFrame,
    conditions: Sequence[str],
    *,
    subject: int,
    slice_by: str,
    window_clock: str,
    grid_hz: float,
    windowing: Windowing,
    continuity: Continuity,
    quality: Quality,
    heart_quality: HeartQuality,
    methods: PulseMethods = RELEASED,
    limits: BeatLimits | None = None,
    long_windows: LongWindows | None = None,
) -> PulseOfParticipant:
    """Measure all windows of one participant, and the means of every rest and condition.

    Parameters
    ----------
    clips, rests : arrays of `tinglegram.pulse.heart_slices`.
    heart_quality : what makes a window good where there is no pulse wave.
    others : see `tinglegram.pulse.measurement.measure_participant`.
    """
    limits = BeatLimits() if limits is None else limits
    kind = heart_kind(clips)
    names, starts = timeline_names(timeline), timeline["valid_start_s"].tolist()
    hearts = [unpack_heart(clips, name) for name in names]
    epochs = [
        unpack_epoch(clips, name, slice_by, start)
        for name, start in zip(names, starts, strict=True)
        if kind == "ecg"
    ]
    waves: list[_Wave] = [(epoch, float(clips["sampling_rate_hz"])) for epoch in epochs]

    def windows_of(windowing: Windowing) -> MeasuredBlocks:
        how = (windowing, continuity, methods, limits)
        return measure_blocks(
            timeline,
            list(zip(hearts, waves or [None] * len(hearts), strict=True)),
            (
                (rest, None if rest.problem else (unpack_heart(rests, rest.name), wave))
                for rest, wave in _rests(rests)
            ),
            ratings,
            lambda held, windows, rated: measure_heart_epoch(
                held[0], windows, rated, *how, held[1]
            ),
            _COLUMNS,
            window_clock=window_clock,
            grid_hz=grid_hz,
            windowing=windowing,
        )

    blocks = windows_of(windowing)
    median = float(blocks.clips["amplitude"].median())

    def judged(measured: MeasuredBlocks) -> MeasuredBlocks:
        how = (kind, median, quality, heart_quality, methods)
        return measured._replace(
            clips=_judged(measured.clips, *how), rests=_judged(measured.rests, *how)
        )

    own = judged(blocks)
    usual = usual_heart(hearts, limits)
    # No peaks have to be told apart here.
    rates = possible_rates(windowing, replace(methods, peak_detector="msptd_fast"), limits)
    about = [
        *blocks.findings,
        limits_finding(usual, rates),
        irregular_finding(usual),
        coverage_finding(own.clips, heart_quality),
        faults_finding(epochs, float(clips["sampling_rate_hz"]), continuity) if epochs else None,
        "RMSSD is not applicable: heart rates have no intervals" if kind == "hr" else "",
    ]
    found = pulse_tables(own, conditions, subject, about)
    if methods.rmssd_windows == "short" or kind == "hr":
        return found
    longer = long_windowing(windowing, long_windows or LongWindows())
    long = judged(windows_of(longer))
    return with_long_windows(found, long, timeline, conditions, longer.window)


def _rests(arrays: Mapping[str, np.ndarray]) -> list[tuple[Rest, _Wave]]:
    """Rests in the order of the session, with the wave of an electrocardiogram and its rate."""
    if heart_kind(arrays) == "ecg":
        rate = float(arrays["sampling_rate_hz"])
        return [
            (rest, None if epoch is None else (epoch, rate)) for rest, epoch in unpack_rests(arrays)
        ]
    found: list[tuple[Rest, None]] = []
    for name in map(str, arrays["names"]):
        if f"{name}@problem" in arrays:
            found.append((Rest(name, np.nan, np.nan, str(arrays[f"{name}@problem"])), None))
        else:
            start_s, end_s = map(float, arrays[f"{name}@edges_s"])
            found.append((Rest(name, start_s, end_s), None))
    return list(found)


def _judged(
    windows: pd.DataFrame,
    kind: str,
    median_amplitude: float,
    quality: Quality,
    heart_quality: HeartQuality,
    methods: PulseMethods,
) -> pd.DataFrame:
    """Mark poor windows, by what can be measured."""
    covered = windows["coverage"] >= heart_quality.coverage
    if kind == "ecg":
        own = replace(quality, template_correlation=heart_quality.ecg_correlation)
        judged = mark_poor(windows, median_amplitude, own, methods.window_faults)
        return judged.assign(poor=judged["poor"] | ~covered)
    good = covered & windows["pulse_rate_bpm"].notna()
    if methods.window_faults == "all":
        good &= ~(windows["irregularity"] > quality.irregularity)
    return windows.assign(perfusion=np.nan, poor=~good)


def usual_heart(hearts: Sequence[HeartValues], limits: BeatLimits) -> UsualPulse:
    """Return the usual rate of a participant's heart over all clips; its height is NaN."""
    bpm = [h.values if h.kind == "hr" else 60000.0 / h.values for h in hearts if len(h.values) > 3]
    ms = [h.values for h in hearts if h.kind != "hr" and len(h.values) > 3]
    if not bpm:
        return UsualPulse(*[np.nan] * 5)
    medians = [float(np.median(rates)) for rates in bpm]
    if not ms:
        return UsualPulse(min(medians), max(medians), np.nan, np.nan, np.nan)
    wide = replace(limits, rate_range=_ANY_RATE)
    like = np.concatenate([intervals_in_range(own, wide) for own in ms])
    return UsualPulse(min(medians), max(medians), np.nan, irregularity(ms), float(1 - like.mean()))


def coverage_finding(windows: pd.DataFrame, quality: HeartQuality) -> str:
    """Say how many windows have too few values; empty: few."""
    lacking = int((windows["coverage"] < quality.coverage).sum())
    if lacking <= 0.1 * len(windows):
        return ""
    return (
        f"{lacking} of {len(windows)} windows are covered to less than {quality.coverage:.0%} by "
        "heart beats that count: they are poor"
    )
