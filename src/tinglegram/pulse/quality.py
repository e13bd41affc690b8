"""Signal quality of a pulse window: is this a train of like pulses, strong and unbroken?

Four measures, each a column of the pulse windows:

- template_correlation: mean Pearson r of each pulse with the mean of the window's pulses, after
  Li & Clifford (2012, doi:10.1088/0967-3334/33/9/1491) and Orphanidou et al. (2015,
  doi:10.1109/JBHI.2014.2338351). A pulse is the stretch of one median interval around a peak;
- perfusion: the pulse's amplitude (median height of a peak over the trough that follows it) as a
  share of the participant's median amplitude;
- flat_share, clipped_share: share of samples in a flat line or at an extreme, as defined in
  `tinglegram.pulse.continuity`.

Three more say what else can spoil a window (switch `window_faults`):

- disconnected_share: share of samples in a disconnect, or at a jump;
- excursion: difference between the highest and the lowest value of the band-passed window, in
  heights of its median pulse: movement and the steps that jumps leave stand out of the pulse. A
  window that is all movement has no other pulse, so the usual height counts as well: that of the
  participant, or of the lowest tenth of the clip's windows, whichever is higher;
- irregularity: median difference between neighbouring intervals of the whole clip, as a share of
  their median. Noise has beat-like waves, but no beat.

A window is poor when it misses one of the thresholds, or has no pulse rate at all.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd

from tinglegram.pulse.windows import Wave
from tinglegram.settings import ABOVE_ZERO, AT_LEAST_ZERO, CLOSED_SHARE, Bounds, section

FAULT_MEASURES = ["disconnected_share", "excursion", "irregularity"]
QUALITY_MEASURES = ["template_correlation", "perfusion", "flat_share", "clipped_share"]


@section("pulse.quality")
class Quality:
    """When a window is good; one that misses any of these is poor."""

    template_correlation: Annotated[
        float,
        Bounds(minimum=-1, maximum=1),
        "Least mean correlation of a window's pulses with their own mean pulse (Orphanidou et al., "
        "2015).",
    ] = 0.86
    perfusion: Annotated[
        float,
        AT_LEAST_ZERO,
        "Least amplitude of the band-passed wave, as a share of the participant's median.",
    ] = 0.2
    flat_share: Annotated[
        float, CLOSED_SHARE, "Largest share of a window's samples in a flat line."
    ] = 0.05
    clipped_share: Annotated[
        float,
        CLOSED_SHARE,
        "Largest share of a window's samples at the clip's highest or lowest value.",
    ] = 0.05
    disconnected_share: Annotated[
        float,
        CLOSED_SHARE,
        "Largest share of a window's samples in a disconnect (window_faults: all).",
    ] = 0.0
    excursion: Annotated[
        float,
        ABOVE_ZERO,
        "Largest difference between the highest and the lowest value of a band-passed window, in "
        "heights of its median pulse, and of the usual one (window_faults: all).",
    ] = 2.5
    irregularity: Annotated[
        float,
        ABOVE_ZERO,
        "Largest median difference between neighbouring intervals of a clip, as a share of their "
        "median (window_faults: all).",
    ] = 0.2


def template_correlation(filtered: np.ndarray, peaks: np.ndarray) -> float:
    """Mean correlation of a window's pulses with their own mean pulse.

    Parameters
    ----------
    filtered : shape (n_samples,), the band-passed window.
    peaks : indices of its systolic peaks, shape (n_peaks,).

    Returns
    -------
    float
        -1 to 1; NaN with fewer than two whole pulses, of which each is its own template.
        Whole pulses make the template; pulses at the edges are compared with their part of it.
    """
    if len(peaks) < 2:
        return np.nan
    # ASSUMPTION: on the band-passed wave, because the beats are taken from it: noise outside the
    # band harms no interval. Orphanidou et al. (2015) also filter before they compare.
    half = int(np.median(np.diff(peaks))) // 2
    # A wave of a few Hz loses nothing when a pulse is seen at 100 to 400 points.
    place = peaks[:, None] + np.arange(-half, half + 1, max(1, half // 100))
    inside = (place >= 0) & (place < len(filtered))
    whole = inside.all(axis=1)
    if np.count_nonzero(whole) < 2 or half < 1:
        return np.nan
    pulses = filtered[np.clip(place, 0, len(filtered) - 1)]
    template = pulses[whole].mean(axis=0)
    # A pulse cut off by the edge of the window is compared as far as it reaches: its peak bounds
    # an interval like any other, and edges are where the filter makes false ones.
    n_inside = inside.sum(axis=1, keepdims=True)
    pulses = np.where(inside, pulses, 0.0)
    pulses = np.where(inside, pulses - pulses.sum(axis=1, keepdims=True) / n_inside, 0.0)
    like = np.where(inside, template - (inside @ template)[:, None] / n_inside, 0.0)
    norms = np.sqrt(np.sum(pulses**2, axis=1) * np.sum(like**2, axis=1))
    if not np.all(norms > 0):
        return np.nan
    return float(np.mean(np.sum(pulses * like, axis=1) / norms))


def amplitude(filtered: np.ndarray, peaks: np.ndarray) -> float:
    """Median height of the peaks over the trough that follows each, in the signal's unit."""
    if len(peaks) < 2:
        return np.nan
    troughs = np.minimum.reduceat(filtered, peaks)[:-1]
    return float(np.median(filtered[peaks[:-1]] - troughs))


def scale_finding(median_amplitude: float, prominence: float) -> str | None:
    """Say what speaks against the least prominence of a peak being in the signal's unit.

    Parameters
    ----------
    median_amplitude : the participant's median over all windows of clips; NaN: no window has one.
    prominence : least prominence of a peak, in what is held to be the signal's unit.
    """
    # ASSUMPTION: Biopac's recorders take -10 to 10 V (BIOPAC, "Understanding Gain Settings"), so in
    # volts no pulse is more than 40 times as high as the paper's prominence of 0.5.
    if median_amplitude <= 100 * prominence:
        return None
    found = f"the median pulse is {median_amplitude:.3g} high"
    if np.isnan(median_amplitude):
        found = "no window of any clip holds two such peaks"
    return (
        f"peaks are to stand out by {prominence:g} in the unit of the recording, but {found}. If "
        "the recording is in another unit (its header is logged where it is sliced), set pulse: "
        "peak_prominence to match."
    )


def measure_quality(waves: Sequence[Wave], flat: np.ndarray, clipped: np.ndarray) -> pd.DataFrame:
    """Quality of every window of a clip, with its amplitude in place of the perfusion.

    Parameters
    ----------
    waves : of `tinglegram.pulse.windows.filter_windows`.
    flat, clipped : masks of the clip's samples, of `tinglegram.pulse.continuity.find_level`.

    Returns
    -------
    pandas.DataFrame
        template_correlation, amplitude (signal's unit), flat_share, clipped_share (0-1); NaN
        where a window has too few samples or pulses.
    """
    shares = {"flat_share": _shares(waves, flat), "clipped_share": _shares(waves, clipped)}
    filtered = [(w.filtered if w.filtered is not None else np.empty(0), w.peaks) for w in waves]
    return pd.DataFrame(
        {
            "template_correlation": [template_correlation(*pair) for pair in filtered],
            "amplitude": [amplitude(*pair) for pair in filtered],
            **shares,
        }
    )


def measure_faults(waves: Sequence[Wave], disconnected: np.ndarray) -> pd.DataFrame:
    """What else spoils the windows of a clip.

    Parameters
    ----------
    waves : of `tinglegram.pulse.windows.filter_windows`.
    disconnected : mask of the clip's samples, of `tinglegram.pulse.continuity.find_faults`.

    Returns
    -------
    pandas.DataFrame
        disconnected_share (0-1), excursion (in pulse heights), irregularity (share of an interval),
        usual_amplitude (signal's unit, of the lowest tenth of windows); NaN where a window
        or clip has too few samples or pulses.
    """
    excursions, heights = [], []
    for wave in waves:
        height = np.nan if wave.filtered is None else amplitude(wave.filtered, wave.peaks)
        span = np.nan if wave.filtered is None else float(np.ptp(wave.filtered))
        excursions.append(span / height if height > 0 else np.nan)
        heights.append(height)
    measured = np.array(heights)[np.isfinite(heights)]
    return pd.DataFrame(
        {
            "disconnected_share": _shares(waves, disconnected),
            "excursion": np.array(excursions, dtype=np.float64),
            "irregularity": irregularity([wave.intervals.ms for wave in waves]),
            "usual_amplitude": np.percentile(measured, 10) if len(measured) else np.nan,
        }
    )


def irregularity(intervals: Sequence[np.ndarray]) -> float:
    """Return the median difference between neighbouring intervals, as a share of their median.

    Each array holds intervals that follow one another. NaN with fewer than three differences.
    """
    differences = np.abs(np.concatenate([np.empty(0), *map(np.diff, intervals)]))
    if len(differences) < 3:
        return np.nan
    return float(np.median(differences) / np.median(np.concatenate(intervals)))


def _shares(waves: Sequence[Wave], mask: np.ndarray) -> np.ndarray:
    """Share of each window's samples in a mask of the clip's; NaN where a window has none."""
    first = np.array([wave.first for wave in waves], dtype=np.intp)
    n_samples = np.array([wave.n_samples for wave in waves], dtype=np.intp)
    sums = np.concatenate([[0], np.cumsum(mask)])
    inside = sums[first + n_samples] - sums[first]
    shares: np.ndarray = np.where(n_samples > 0, inside / np.maximum(n_samples, 1), np.nan)
    return shares


def mark_poor(
    windows: pd.DataFrame, median_amplitude: float, thresholds: Quality, faults: str = "level"
) -> pd.DataFrame:
    """Turn the amplitude into perfusion and mark poor windows.

    Parameters
    ----------
    windows : pulse_rate_bpm and the columns of `measure_quality`; with all faults, those of
        `measure_faults` too.
    faults : `level` (flat lines and clipping) or `all`, a switch of the protocol.
    median_amplitude : the participant's median over all windows of clips. NaN: no window has one.

    Returns
    -------
    pandas.DataFrame
        `windows` with perfusion in place of amplitude, without usual_amplitude, and poor (bool).
    """
    # ASSUMPTION: the participant's own median stands for good perfusion. The usual index divides by
    # the constant part of the signal, which the recorder's band-pass has taken out of CH2.
    judged = windows.drop(columns=["amplitude", "usual_amplitude"], errors="ignore").assign(
        perfusion=windows["amplitude"] / median_amplitude
    )
    # A comparison with NaN is false: what cannot be measured is not good.
    good = (
        judged["pulse_rate_bpm"].notna()
        & (judged["template_correlation"] >= thresholds.template_correlation)
        & (judged["perfusion"] >= thresholds.perfusion)
        & (judged["flat_share"] <= thresholds.flat_share)
        & (judged["clipped_share"] <= thresholds.clipped_share)
    )
    if faults == "all":
        # A hand that is warm in one clip only is measured by that clip.
        usual = np.fmax(windows["usual_amplitude"], median_amplitude)
        span: pd.Series = judged["excursion"] * windows["amplitude"] / usual
        good &= (
            (judged["disconnected_share"] <= thresholds.disconnected_share)
            & (judged["excursion"] <= thresholds.excursion)
            & (span <= thresholds.excursion)
            # A clip too short to tell is none.
            & ~(judged["irregularity"] > thresholds.irregularity)
        )
    return judged.assign(poor=~good)
