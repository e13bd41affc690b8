"""Cutting a recording into the valid epochs of its clips, by sample index or by printed time."""

import numpy as np

from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Recording
from tinglegram.pulse.epochs import Epoch, first_sample, sample_times, with_margins


def slice_by_index(
    recording: Recording,
    source: str,
    video: str,
    valid_start_s: float,
    end_s: float,
    offset_s: float = 0.0,
    margin_s: float = 0.0,
) -> Epoch:
    """Cut exactly round(valid seconds x rate) samples: 110,000 of a 55-s epoch at 2000 Hz.

    `offset_s` is where the recording started, in seconds on the log clock. Up to `margin_s` seconds
    on either side come along as its margins.

    Raises
    ------
    InputProblem
        when the recording does not cover the epoch.
    """
    rate = recording.sampling_rate_hz
    place = first_sample(valid_start_s - offset_s, rate)
    first = place - recording.first_index
    n_samples = round((to_ticks(end_s) - to_ticks(valid_start_s)) * rate / TICKS_PER_SECOND)
    _check_covered(recording, source, video, (first, first + n_samples), end_s, offset_s)
    times = sample_times(place, n_samples, rate) + offset_s
    return with_margins(recording.signal, first, times, round(margin_s * rate))


def slice_by_printed_time(
    recording: Recording,
    source: str,
    video: str,
    valid_start_s: float,
    end_s: float,
    offset_s: float = 0.0,
    margin_s: float = 0.0,
) -> Epoch:
    """Cut `valid_start_s <= printed seconds < end_s`, as the released code does.

    `offset_s` is where the recording started, in seconds on the log clock; the released code knows
    none.

    Stamps have 6 significant digits, so the number of samples differs by a few from clip to
    clip: at 2000 Hz they step by 0.6 ms from minute 1 and by 6 ms from minute 10 on.

    Raises
    ------
    InputProblem
        when the recording does not cover the epoch.
    """
    rate = recording.sampling_rate_hz
    # The released code adds and divides ticks of the log in this order.
    start = to_ticks(valid_start_s - offset_s) / TICKS_PER_SECOND
    end = to_ticks(end_s - offset_s) / TICKS_PER_SECOND
    first, last = np.searchsorted(recording.printed_time_s, [start, end], side="left")
    edges = [
        first_sample(edge_s - offset_s, rate) - recording.first_index
        for edge_s in (valid_start_s, end_s)
    ]
    _check_covered(recording, source, video, (edges[0], edges[1]), end_s, offset_s)
    times = recording.printed_time_s[first:last] + offset_s
    return with_margins(recording.signal, int(first), times, round(margin_s * rate))


def _check_covered(
    recording: Recording,
    source: str,
    video: str,
    edges: tuple[int, int],
    end_s: float,
    offset_s: float,
) -> None:
    """Refuse an epoch beyond the samples; seconds are those of the participant's clock."""
    (first, last), n_samples = edges, len(recording.signal)
    rate = recording.sampling_rate_hz
    if first < 0:
        raise InputProblem(
            source,
            where=f"second {(first + recording.first_index) / rate + offset_s:.1f}",
            expected=f"a recording that runs before clip {video} begins",
            found="a clip that begins before the first sample",
            remedy="Check that log and recording belong to the same session, or exclude the trial.",
            kind="short_pulse",
            video=video,
        )
    if last > n_samples:
        raise InputProblem(
            source,
            where=f"second {(n_samples + recording.first_index) / rate + offset_s:.1f}",
            expected=f"samples up to second {end_s:.1f}, where clip {video} ends",
            found=f"the end of the recording after {n_samples} samples",
            remedy="Export the whole recording, or exclude the trial (data: exclusions).",
            kind="short_pulse",
            video=video,
        )
