"""Rest periods of a session: before the first block, between blocks, and after the last one."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
import pandas as pd

from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.formats.recording import Recording
from tinglegram.pulse.alignment import STARTS_TOGETHER, Clock
from tinglegram.pulse.epochs import (
    Epoch,
    first_sample,
    sample_times,
    unpack_margins,
)
from tinglegram.pulse.slicing import slice_by_index
from tinglegram.settings import ABOVE_ZERO, AT_LEAST_ZERO, section

BASELINE, WASHOUT, FINAL = "baseline", "washout", "final"
# The mean of all rests of a participant.
ALL_RESTS = "rest"
# More than this, and the recorder was stopped in between.
_MOST_JUMP_S = 0.25


def names_a_rest(name: str) -> bool:
    """Return whether tables of the pulse call a rest so: no condition can stand beside it."""
    numbered = name.removeprefix(WASHOUT)
    return name in (BASELINE, WASHOUT, FINAL, ALL_RESTS) or (
        numbered != name and numbered.isdecimal()
    )


@dataclass(frozen=True)
class Rest:
    """One rest without its margins, in seconds on the log clock.

    `problem` says why it cannot be used; empty: it can. `offset_s` is where the recording started
    on the log clock.
    """

    name: str
    start_s: float
    end_s: float
    problem: str = ""
    offset_s: float = field(default=0.0, repr=False)


@section("pulse")
class RestEpochs:
    """Which part of a rest is used, and how long it must be."""

    rest_margin: Annotated[float, AT_LEAST_ZERO, "Seconds left out at both ends of each rest."] = (
        2.0
    )
    rest_minimum: Annotated[float, ABOVE_ZERO, "Least seconds of a rest that must be left."] = 5.0


def find_rests(
    timeline: pd.DataFrame,
    recording_s: float,
    n_clips: int,
    *,
    margin_s: float,
    minimum_s: float,
    begin_s: float = 0.0,
    clock: Clock = STARTS_TOGETHER,
) -> list[Rest]:
    """Find the rests of a session: baseline, one washout between any two blocks, final.

    A block is a run of clips of one condition (paper, "Experimental Procedure"), so that gaps
    between its clips are no rest; where all clips are of one condition there is no washout. With
    more than two blocks the washouts are numbered from the second one on: washout, washout2, ...

    Parameters
    ----------
    timeline : the participant's trials: order (0-based), condition, start_s, end_s.
    recording_s : where the recording ends, on its own clock.
    n_clips : clips of a whole session. A clip that was left out may play at an edge of a block;
        the rest beside it then has an unknown edge and a problem.
    margin_s : left out at both ends of every rest.
    minimum_s : a rest shorter than this, margins left out, has a problem.
    begin_s : where the first sample stands, on the recording's own clock.
    clock : where the recording started on the log clock.
    """
    trials = timeline.sort_values("order")
    if not len(trials):
        return []
    changes = np.flatnonzero(trials["condition"].to_numpy()[1:] != trials["condition"][:-1]) + 1
    starts, ends = trials["start_s"].to_numpy(), trials["end_s"].to_numpy()
    order = trials["order"].to_numpy()
    washouts = [WASHOUT + (f"{k + 1}" if k else "") for k in range(len(changes))]
    # Name, edges, and the numbers in the session of the trials on either side.
    edges = [(BASELINE, max(0.0, begin_s + clock.offset(0.0)), starts[0], -1, order[0])]
    edges += [
        (name, ends[k - 1], starts[k], order[k - 1], order[k])
        for name, k in zip(washouts, changes, strict=True)
    ]
    edges += [(FINAL, ends[-1], recording_s + clock.offset(math.inf), order[-1], n_clips)]
    found = []
    for name, start, end, before, after in edges:
        # ASSUMPTION: 2 s (config) at both ends let the screen change and the reaction to it pass;
        # the paper names no margin.
        first, last = start + margin_s, end - margin_s
        # By the clips on either side: in between, offsets are interpolated.
        beside = starts[(order == before) | (order == after)]
        jump_s = clock.offset(beside[-1]) - clock.offset(beside[0]) if len(beside) else 0.0
        problem = ""
        if after - before > 1:
            problem = f"{after - before - 1} clip(s) left out beside it: its edge is not known"
        elif abs(jump_s) > _MOST_JUMP_S:
            problem = f"the recording's clock moves by {jump_s:.2f} s against the log in it"
        elif to_ticks(last) - to_ticks(first) < to_ticks(minimum_s):
            problem = f"{max(0.0, last - first):.1f} s without margins, {minimum_s:g} s are needed"
        found.append(Rest(name, float(first), float(last), problem, clock.offset(first)))
    return found


def slice_rest(recording: Recording, source: str, rest: Rest, margin_s: float = 0.0) -> Epoch:
    """Cut a rest, and up to `margin_s` seconds around it, out of the recording by sample index."""
    return slice_by_index(
        recording,
        source,
        rest.name,
        rest.start_s,
        rest.end_s,
        offset_s=rest.offset_s,
        margin_s=margin_s,
    )


def pack_rests(slices: Mapping[Rest, np.ndarray | None]) -> dict[str, np.ndarray]:
    """Arrays to store: `<rest>` (float32) and `<rest>@start_s`, or `<rest>@problem` alone."""
    arrays: dict[str, np.ndarray] = {"names": np.array([rest.name for rest in slices])}
    for rest, signal in slices.items():
        if signal is None:
            arrays[f"{rest.name}@problem"] = np.array(rest.problem)
        else:
            arrays[rest.name] = signal.astype(np.float32)
            arrays[f"{rest.name}@start_s"] = np.array(rest.start_s)
            if rest.offset_s:
                arrays[f"{rest.name}@offset_s"] = np.array(rest.offset_s)
    return arrays


def unpack_rests(arrays: Mapping[str, np.ndarray]) -> Iterator[tuple[Rest, Epoch | None]]:
    """Read what `pack_rests` stored, in the order of the session; None where a rest is absent.

    `arrays` also holds the scalar `sampling_rate_hz`, and margins where they were kept.
    """
    rate = float(arrays["sampling_rate_hz"])
    for name in map(str, arrays["names"]):
        if f"{name}@problem" in arrays:
            yield Rest(name, np.nan, np.nan, str(arrays[f"{name}@problem"])), None
            continue
        start, signal = float(arrays[f"{name}@start_s"]), arrays[name]
        offset_s = float(arrays[f"{name}@offset_s"]) if f"{name}@offset_s" in arrays else 0.0
        times = sample_times(first_sample(start - offset_s, rate), len(signal), rate) + offset_s
        rest = Rest(name, start, start + len(signal) / rate, offset_s=offset_s)
        yield rest, Epoch(signal, times, *unpack_margins(arrays, name))


def recording_seconds(n_samples: int, sampling_rate_hz: float) -> float:
    """Length of a recording in whole ticks of the log clock, rounded down."""
    return int(n_samples * TICKS_PER_SECOND / sampling_rate_hz) / TICKS_PER_SECOND


def block_table(
    windows: pd.DataFrame,
    rest_windows: pd.DataFrame,
    rests: Sequence[Rest],
    conditions: Sequence[str],
    measures: Sequence[str] = ("pulse_rate_bpm", "rmssd_ms"),
    what: str = "pulse rate",
) -> pd.DataFrame:
    """Mean of measures of one participant in every rest and every condition.

    Parameters
    ----------
    windows : condition, the measures, poor; one row per window of a clip.
    rest_windows : the same with `rest` in place of `condition`.
    rests : as found, absent ones with their problem.
    conditions : in the order in which they are reported.
    measures : columns of windows, by default pulse rate and RMSSD; a window without the first of
        them has no value.
    what : the first of them, in words.

    Returns
    -------
    pandas.DataFrame
        block (a rest or a condition), segment (rest, clips), windows (all; good: without poor
        ones), n_windows (with a value), the measures (means over windows), share_poor (of all its
        windows), problem (why it has no value; empty: it has).
    """
    parts = [
        ("rest", rest.name, rest.problem, rest_windows[rest_windows["rest"] == rest.name])
        for rest in rests
    ]
    parts += [("clips", name, "", windows[windows["condition"] == name]) for name in conditions]
    rows = []
    for segment, name, absent, part in parts:
        for kept, used in (("all", part), ("good", part[~part["poor"].astype(bool)])):
            valid = used.dropna(subset=[measures[0]])
            problem = absent
            if not len(valid) and not absent:
                problem = f"no window with a {what}" if len(used) else f"no {kept} window"
            rows.append(
                {
                    "block": name,
                    "segment": segment,
                    "windows": kept,
                    "n_windows": len(valid),
                    **{name: valid[name].mean() for name in measures},
                    "share_poor": part["poor"].astype(float).mean() if len(part) else np.nan,
                    "problem": problem,
                }
            )
    return pd.DataFrame(rows)
