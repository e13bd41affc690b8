"""Pulse rate, RMSSD, mean rating and signal quality of one participant in sliding windows.

The windows of the rests are measured the same way, for the means of every block.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import same_showing, timeline_names
from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.continuity import Continuity, find_faults
from tinglegram.pulse.epochs import Epoch, unpack_epoch
from tinglegram.pulse.findings import (
    faults_finding,
    held_finding,
    irregular_finding,
    limits_finding,
    low_pulse_finding,
    polarity_finding,
    usual_pulse,
)
from tinglegram.pulse.long_windows import (
    LongWindows,
    long_windowing,
    too_short_finding,
    with_long_rmssd,
)
from tinglegram.pulse.polarity import inverted_epochs, is_inverted_beside, turned
from tinglegram.pulse.quality import (
    FAULT_MEASURES,
    QUALITY_MEASURES,
    Quality,
    mark_poor,
    measure_faults,
    measure_quality,
    scale_finding,
)
from tinglegram.pulse.rests import Rest, block_table, unpack_rests
from tinglegram.pulse.windows import (
    RELEASED,
    Windowing,
    Windows,
    exact_windows,
    filter_windows,
    measure_windows,
    place_windows,
    possible_rates,
)

VALUES = ["start_s", "pulse_rate_bpm", "rmssd_ms", "mean_rating"]
WINDOW_COLUMNS = ["subject", "video", *VALUES, *QUALITY_MEASURES, *FAULT_MEASURES, "poor"]
_LEVEL = ["template_correlation", "amplitude", "flat_share", "clipped_share"]
_MEASURED = [*_LEVEL, *FAULT_MEASURES, "usual_amplitude"]


class PulseOfParticipant(NamedTuple):
    """What the pulse of one participant gave.

    Attributes
    ----------
    windows : one row per window of a clip: `WINDOW_COLUMNS`, and order where one was shown
        again.
    blocks : means of every rest and condition, as `tinglegram.pulse.rests.block_table` gives them.
    findings : what a careful reader should know and is no error.
    """

    windows: pd.DataFrame
    blocks: pd.DataFrame
    findings: tuple[str, ...]


def showing_of(trial: Mapping[Hashable, Any], timeline: pd.DataFrame) -> dict[str, Any]:
    """Return video and condition of a trial, and its order where a clip was shown again."""
    repeated = timeline["video"].duplicated().any()
    names = ["video", "condition", *(["order"] if repeated else [])]
    return {name: trial[name] for name in names}


def measure_epoch(
    epoch: Epoch,
    windows: Windows,
    ratings: np.ndarray,
    sampling_rate_hz: float,
    windowing: Windowing,
    continuity: Continuity,
    methods: PulseMethods = RELEASED,
    limits: BeatLimits | None = None,
) -> pd.DataFrame:
    """Measure every window of an epoch, with its quality.

    Parameters
    ----------
    ratings : (n_steps,), one per step of the grid; empty outside of clips.
    methods, limits : switches of the protocol, and what some of them need.

    Returns
    -------
    pandas.DataFrame
        start_s, pulse_rate_bpm, rmssd_ms, mean_rating, and the columns of
        `tinglegram.pulse.quality.measure_quality` and `measure_faults`.
    """
    waves = filter_windows(epoch, windows, sampling_rate_hz, windowing, methods, limits)
    values = measure_windows(epoch, windows, ratings, sampling_rate_hz, windowing, waves, methods)
    flat, clipped, disconnected = find_faults(epoch.signal, sampling_rate_hz, continuity)
    quality = measure_quality(waves, flat, clipped)
    return values.join(quality).join(measure_faults(waves, disconnected))


Held = TypeVar("Held")


class MeasuredBlocks(NamedTuple):
    """Windows of a participant, before they are judged.

    Attributes
    ----------
    clips, rests : a row for each window.
    found : all rests, used or not.
    findings : a sentence for each rest that is not used.
    """

    clips: pd.DataFrame
    rests: pd.DataFrame
    found: tuple[Rest, ...]
    findings: tuple[str, ...]


def measure_blocks(
    timeline: pd.DataFrame,
    held: Sequence[Held],
    rests: Iterable[tuple[Rest, Held | None]],
    ratings: pd.DataFrame,
    measure: Callable[[Held, Windows, np.ndarray], pd.DataFrame],
    columns: Sequence[str],
    *,
    window_clock: str,
    grid_hz: float,
    windowing: Windowing,
) -> MeasuredBlocks:
    """Measure the windows of every clip and rest of a participant.

    Parameters
    ----------
    timeline, ratings : trials of the participant, and their ratings on the grid.
    held : what is measured of each trial, in the order of the timeline.
    rests : and of each rest; None: the rest is not used.
    measure : gives a row for each window, from what is held, the windows, and the ratings of the
        clip (n_steps,); none of rests.
    columns : of `measure`.
    """
    ratings = ratings.sort_values("step")
    # A participant whose clips are all left out has an empty table.
    clips = [pd.DataFrame(columns=["video", "condition", *columns])]
    for own, trial in zip(held, timeline.to_dict("records"), strict=True):
        times = (trial["start_s"], trial["valid_start_s"], trial["end_s"])
        windows = place_windows(window_clock, *times, grid_hz, windowing)
        rated = ratings.loc[same_showing(ratings, trial), "rating"].to_numpy()
        clips.append(measure(own, windows, rated).assign(**showing_of(trial, timeline)))
    resting = [pd.DataFrame(columns=[*clips[0].columns, "rest"])]
    found, findings = [], []
    for rest, in_rest in rests:
        found.append(rest)
        if in_rest is None:
            findings.append(f"rest '{rest.name}' is not used: {rest.problem}")
            continue
        # One clock for all protocols: rests have no ratings whose steps could drift.
        windows = exact_windows(rest.start_s, rest.end_s, grid_hz, windowing)
        resting.append(measure(in_rest, windows, np.empty(0)).assign(rest=rest.name))
    return MeasuredBlocks(
        pd.concat(clips[1:] or clips, ignore_index=True),
        pd.concat(resting[1:] or resting, ignore_index=True),
        tuple(found),
        tuple(findings),
    )


def measure_participant(
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
    methods: PulseMethods = RELEASED,
    limits: BeatLimits | None = None,
    long_windows: LongWindows | None = None,
) -> PulseOfParticipant:
    """Measure all windows of one participant, and the means of every rest and condition.

    Parameters
    ----------
    clips, rests : arrays of `tinglegram.pulse.slices.slice_participant`.
    timeline, ratings : trials of the participant, and their ratings on the grid.
    conditions : in the order to report.
    slice_by, window_clock : switches of the protocol.
    grid_hz : steps of the ratings per second.
    methods : further switches of the protocol; without them as in the released code.
    limits : what the methods that follow the pulse itself need.
    long_windows : those of RMSSD, where `methods` says so.
    """
    rate = float(clips["sampling_rate_hz"])
    limits = BeatLimits() if limits is None else limits
    names = timeline_names(timeline)
    starts = timeline["valid_start_s"].tolist()
    epochs = [
        unpack_epoch(clips, name, slice_by, start)
        for name, start in zip(names, starts, strict=True)
    ]
    down = inverted_epochs(epochs, rate)
    usually = 2 * sum(down) > len(down)
    detected = methods.polarity == "detected"
    if detected:
        epochs = [turned(e) if d else e for e, d in zip(epochs, down, strict=True)]
    usual = usual_pulse(epochs, rate, windowing, limits)

    def upright(epoch: Epoch | None) -> Epoch | None:
        if epoch is None or not detected:
            return epoch
        return turned(epoch) if is_inverted_beside(epoch, rate, usually=usually) else epoch

    def windows_of(windowing: Windowing) -> MeasuredBlocks:
        how = (rate, windowing, continuity, methods, limits)
        return measure_blocks(
            timeline,
            epochs,
            ((rest, upright(epoch)) for rest, epoch in unpack_rests(rests)),
            ratings,
            lambda epoch, windows, rated: measure_epoch(epoch, windows, rated, *how),
            [*VALUES, *_MEASURED],
            window_clock=window_clock,
            grid_hz=grid_hz,
            windowing=windowing,
        )

    blocks = windows_of(windowing)
    measured = blocks.clips
    upside_down = [name for name, d in zip(names, down, strict=True) if d]
    # The same yardstick for rests as for clips.
    median = float(measured["amplitude"].median())
    scale = scale_finding(median, windowing.peak_prominence) if len(measured) else None
    about = [
        scale if methods.prominence == "absolute" else None,
        polarity_finding(any(down), methods, [] if all(down) else upside_down),
        limits_finding(usual, possible_rates(windowing, methods, limits)),
        None if scale else low_pulse_finding(usual, windowing, methods),
        held_finding(epochs[0].signal, rate) if epochs else None,
        irregular_finding(usual),
        faults_finding(epochs, rate, continuity),
    ]

    def judged(table: pd.DataFrame) -> pd.DataFrame:
        return mark_poor(table, median, quality, methods.window_faults)

    own = blocks._replace(clips=judged(measured), rests=judged(blocks.rests))
    found = pulse_tables(own, conditions, subject, [*blocks.findings, *about])
    if methods.rmssd_windows == "short":
        return found
    longer = long_windowing(windowing, long_windows or LongWindows())
    long = windows_of(longer)
    long = long._replace(clips=judged(long.clips), rests=judged(long.rests))
    return with_long_windows(found, long, timeline, conditions, longer.window)


def pulse_tables(
    measured: MeasuredBlocks,
    conditions: Sequence[str],
    subject: int,
    findings: Sequence[str | None],
) -> PulseOfParticipant:
    """Return the tables of a participant whose windows are measured and judged.

    Parameters
    ----------
    measured : windows of clips and of rests, with poor.
    conditions : see `tinglegram.pulse.rests.block_table`.
    subject : number of the participant.
    findings : sentences; None and empty ones say nothing.
    """
    clips = measured.clips
    blocks = block_table(clips, measured.rests, measured.found, conditions)
    blocks.insert(0, "subject", subject)
    shown = ["order"] if "order" in clips else []
    columns = [*WINDOW_COLUMNS[:2], *shown, *WINDOW_COLUMNS[2:]]
    return PulseOfParticipant(
        clips.assign(subject=subject)[columns],
        blocks,
        tuple(finding for finding in findings if finding),
    )


def with_long_windows(
    found: PulseOfParticipant,
    long: MeasuredBlocks,
    timeline: pd.DataFrame,
    conditions: Sequence[str],
    seconds: float,
) -> PulseOfParticipant:
    """Return the tables of a participant with the RMSSD of blocks from long windows.

    Parameters
    ----------
    long : windows of `seconds` of the same clips and rests, with poor.
    others : see `measure_participant`.
    """
    windows = (long.clips, long.rests, long.found)
    told = too_short_finding(timeline, *windows, seconds)
    return found._replace(
        blocks=with_long_rmssd(found.blocks, *windows, conditions),
        findings=(*found.findings, *([told] if told else [])),
    )
