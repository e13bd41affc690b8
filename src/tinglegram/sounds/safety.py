"""Limits that every sound keeps before it is written: loudness, peaks and sudden onsets.

`make_safe` is applied by `tinglegram.sounds.files.write_sound` to everything that is written. The
limits are about the file. How loud it is at the ear depends on the amplifier and the headphones,
which have to be measured and set for each laboratory (docs/proposals.md).
"""

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinglegram.settings import ABOVE_ZERO, Bounds, section
from tinglegram.sounds.loudness import (
    integrated_loudness,
    loudest_moment,
    true_peak_db,
    true_peaks,
)
from tinglegram.sounds.synthesis import Stereo

# Onsets are looked at in frames of this length, seconds.
FRAME_S = 0.01
# The limiter sees a peak this long before it comes, seconds.
_AHEAD_S = 0.005
# ASSUMPTION: fade at the end of every file, seconds: a sound that is cut ends in a click.
_FADE_S = 0.02
_TINY = 1e-15


@section("sounds.safety")
class SoundSafety:
    """What no sound that is written may exceed, and the loudness that it is brought to."""

    # ASSUMPTION: the level of programmes after EBU R128, 14 dB and more below what streaming
    # services allow; there is room for cycles that are much louder than their mean.
    loudness_lufs: Annotated[
        float, Bounds(minimum=-60, maximum=-16), "Integrated loudness of a sound, LUFS."
    ] = -23.0
    moment_lufs: Annotated[
        float,
        Bounds(minimum=-60, maximum=-10),
        "Highest loudness of any 400 ms, LUFS.",
    ] = -18.0
    true_peak_dbtp: Annotated[
        float, Bounds(minimum=-60, maximum=-1), "Highest true peak, dB below full scale."
    ] = -3.0
    # ASSUMPTION: a startle needs a rise from quiet to loud within some tens of milliseconds
    # (Blumenthal, 1988; Blumenthal et al., 2005, doi:10.1111/j.1469-8986.2005.00271.x); a rise by
    # 6 dB in 100 ms spreads the way from `quiet_dbfs` to the usual level over half a second.
    rise_db: Annotated[
        float,
        ABOVE_ZERO,
        "How far a level may lie above all levels of the seconds before (rise_memory_s, up to "
        "rise_s before), dB.",
    ] = 6.0
    rise_s: Annotated[
        float, Bounds(minimum=0.03, maximum=1), "Time in which that rise may happen, seconds."
    ] = 0.1
    rise_memory_s: Annotated[
        float,
        Bounds(minimum=1, maximum=30),
        "What was heard within so many seconds makes an onset expected.",
    ] = 3.0
    quiet_dbfs: Annotated[
        float,
        Bounds(minimum=-80, maximum=-30),
        "Level that may always be reached at once, dB below full scale.",
    ] = -50.0


class SafeSound(NamedTuple):
    """A sound within the limits.

    Attributes
    ----------
    samples : float32 (n, 2).
    loudness_lufs : integrated.
    moment_lufs : highest of any 400 ms.
    true_peak_dbtp : highest.
    rise_db : largest rise above what was heard before; see `largest_rise`.
    """

    samples: Stereo
    loudness_lufs: float
    moment_lufs: float
    true_peak_dbtp: float
    rise_db: float


def make_safe(
    samples: NDArray[np.floating], sample_rate: int, safety: SoundSafety, level_db: float = 0.0
) -> SafeSound:
    """Return a sound at the loudness asked for and within all limits.

    The order matters: loudness, peaks, onsets, and at last one gain for the whole sound. A gain for
    the whole lowers every level by the same and so keeps the limit of onsets.

    Parameters
    ----------
    samples : (n, 2), any level.
    level_db : loudness beside `loudness_lufs`, 0 or below: a softer sound, or one farther away.

    Raises
    ------
    ValueError : samples of another form, none at all, values that are no numbers, or a level above
        0.
    """
    if samples.ndim != 2 or samples.shape[1] != 2 or not len(samples):
        raise ValueError(f"expected samples (n, 2), found {samples.shape}")
    if not np.isfinite(samples).all():
        raise ValueError("expected samples that are numbers, found others")
    if level_db > 0:
        raise ValueError(f"expected a level of 0 dB or below, found {level_db:g}")
    sound = _at_ends(_scaled_to_one(samples), sample_rate)
    loudness = integrated_loudness(sound, sample_rate)
    if np.isfinite(loudness):
        sound = sound * _gain(safety.loudness_lufs + level_db - loudness)
        sound = limit_peaks(sound, sample_rate, safety.true_peak_dbtp)
    sound = limit_onsets(sound, sample_rate, safety)
    moment, peak = loudest_moment(sound, sample_rate), true_peak_db(sound)
    above = max(
        0.0,
        moment - safety.moment_lufs,
        peak - safety.true_peak_dbtp,
        integrated_loudness(sound, sample_rate) - safety.loudness_lufs - level_db,
    )
    made = (sound * _gain(-above)).astype(np.float32)
    return SafeSound(
        made,
        integrated_loudness(made, sample_rate),
        moment - above,
        peak - above,
        largest_rise(made, sample_rate, safety),
    )


def _scaled_to_one(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return samples whose largest magnitude is 1: what is too weak for the gates is heard."""
    sound = np.asarray(samples, float)
    # A constant is no sound, and moves the membrane.
    sound = sound - sound.mean(axis=0)
    largest = np.abs(sound).max()
    return sound / largest if largest > _TINY else np.zeros_like(sound)


def _at_ends(sound: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Return the sound with its fade at the end and the beginning at zero."""
    n = min(round(_FADE_S * sample_rate), len(sound) // 2)
    ramp = np.ones(len(sound))
    ramp[len(sound) - n :] = 0.5 * (1 + np.cos(np.pi * np.arange(1, n + 1) / n)) if n else 1
    ramp[:n] *= 0.5 * (1 - np.cos(np.pi * np.arange(n) / n)) if n else 1
    return sound * ramp[:, None]


def _gain(decibel: float) -> float:
    return float(10 ** (decibel / 20))


def limit_peaks(
    samples: NDArray[np.float64], sample_rate: int, ceiling_dbtp: float
) -> NDArray[np.float64]:
    """Return samples whose true peaks stay below a ceiling, by a gain that moves smoothly.

    The gain that each sample needs is spread over 5 ms to both sides (the lowest of all around),
    then averaged over as long, so that it reaches what is needed before the peak comes.
    """
    needed = np.minimum(1.0, _gain(ceiling_dbtp) / np.maximum(true_peaks(samples), _TINY))
    length = 2 * round(_AHEAD_S * sample_rate) + 1
    lowest = ndimage.minimum_filter1d(needed, length, mode="nearest")
    gains = ndimage.uniform_filter1d(lowest, length, mode="nearest")
    limited: NDArray[np.float64] = samples * np.minimum(gains, needed)[:, None]
    return limited


def frame_levels(samples: NDArray[np.floating], sample_rate: int) -> NDArray[np.float64]:
    """Return the level of the louder ear in frames of 10 ms, dB below full scale.

    The last frame may be shorter.
    """
    length = round(FRAME_S * sample_rate)
    return np.array(
        [_level(samples[begin : begin + length]) for begin in range(0, len(samples), length)]
    )


def _level(samples: NDArray[np.floating]) -> float:
    power = np.square(np.asarray(samples, float)).mean(axis=0).max()
    return float(10 * np.log10(power + _TINY**2))


def _before(levels: NDArray[np.float64], frame: int, safety: SoundSafety) -> float:
    """Return the highest level that made a frame's onset expected, at least the quiet one."""
    last = frame - max(2, round(safety.rise_s / FRAME_S)) + 1
    first = max(0, frame - round(safety.rise_memory_s / FRAME_S))
    heard = levels[first : max(first, last)]
    return max(safety.quiet_dbfs, float(heard.max(initial=-np.inf)))


def largest_rise(samples: NDArray[np.floating], sample_rate: int, safety: SoundSafety) -> float:
    """Return how far a frame's level lies at most above everything heard before it, dB.

    Before: from `rise_memory_s` to `rise_s` before the frame; what is below `quiet_dbfs` counts as
    that. Silence comes before the first frame. Below 0 in a sound that only gets softer.
    """
    levels = frame_levels(samples, sample_rate)
    rises = [level - _before(levels, frame, safety) for frame, level in enumerate(levels)]
    return float(max(rises))


def limit_onsets(
    samples: NDArray[np.float64], sample_rate: int, safety: SoundSafety
) -> NDArray[np.float64]:
    """Return samples in which no frame rises faster than the settings allow.

    Frame by frame: the gain that a frame needs is reached at its beginning and holds to its end;
    between two frames the gain moves along a line within the frame that may have the higher one.
    What a frame may have depends on frames at least two before, which are final by then.
    """
    length = round(FRAME_S * sample_rate)
    sound = np.array(samples, float)
    own = frame_levels(sound, sample_rate)
    n = len(own)
    levels, gains = own.copy(), np.ones(n + 1)
    for frame in range(n):
        allowed = _before(levels, frame, safety) + safety.rise_db
        gains[frame] = _gain(min(0.0, allowed - own[frame]))
        if frame:
            levels[frame - 1] = _ramp_frame(sound, frame - 1, gains, length)
    gains[n] = gains[n - 1]
    _ramp_frame(sound, n - 1, gains, length)
    return sound


def _ramp_frame(
    sound: NDArray[np.float64], frame: int, gains: NDArray[np.float64], length: int
) -> float:
    """Apply the gain of a frame, moving to the lower ones of its neighbours; return its level."""
    part = sound[frame * length : (frame + 1) * length]
    begin = min(gains[max(0, frame - 1)], gains[frame])
    end = min(gains[frame], gains[frame + 1])
    if begin < 1 or end < 1:
        part *= np.linspace(begin, end, len(part))[:, None]
    return _level(part)
