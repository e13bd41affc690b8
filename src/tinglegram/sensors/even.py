"""A slow signal of any rate or with time stamps on an even grid of a few samples per second."""

from dataclasses import dataclass

import numpy as np

from tinglegram.canonical.tables import Signal

# Gaps up to this long are bridged by a line; in longer ones there is no value.
# ASSUMPTION: level, breathing and temperature change little in 1 s.
BRIDGED_S = 1.0
# ASSUMPTION: what makes a flat line of equal values in a signal of coarse resolution. So few equal
# neighbours are none; a step is no resolution beyond this share of the level; a sensor that was
# stuck comes back with a jump of more steps than this, or stood still for this many times as long
# as the signal otherwise stays within a step.
_FEW, _COARSEST, _JUMP, _STILL = 8, 0.05, 10.0, 10.0


@dataclass(frozen=True, eq=False)
class EvenSignal:
    """A signal at `rate_hz` from `start_s` on; `values` (n,) are NaN where there are none."""

    start_s: float
    rate_hz: float
    values: np.ndarray

    @property
    def times_s(self) -> np.ndarray:
        """Time of each sample, (n,), seconds on the participant's clock."""
        return self.start_s + np.arange(len(self.values)) / self.rate_hz

    @property
    def end_s(self) -> float:
        """End of the last sample."""
        return self.start_s + len(self.values) / self.rate_hz

    def at(self, start_s: float, end_s: float) -> slice:
        """Return the samples that lie in start <= time < end."""
        edges = (np.array([start_s, end_s]) - self.start_s) * self.rate_hz
        first, last = np.ceil(edges - 1e-6).astype(np.int64).clip(0, len(self.values))
        return slice(int(first), int(last))


def times_on_clock(signal: Signal) -> np.ndarray:
    """Return the time of each sample on the participant's clock, also where two clocks drift."""
    if signal.times_s is not None or not signal.clock_at_s:
        return signal.sample_times()
    if signal.rate_hz is None:
        raise ValueError(f"signal {signal.name} has neither a rate nor time stamps")
    own = (signal.first_index + np.arange(len(signal.values))) / signal.rate_hz
    # Offsets are known at times of the participant's clock; as seen from the device's:
    at = np.array(signal.clock_at_s) - np.array(signal.clock_offset_s)
    return own + np.interp(own, at, signal.clock_offset_s)


def missing_around_gaps(times_s: np.ndarray, grid_s: np.ndarray) -> np.ndarray:
    """Return which grid points lie in a gap of more than `BRIDGED_S`, or outside; (n,) bool."""
    after = np.searchsorted(times_s, grid_s, side="left").clip(0, len(times_s) - 1)
    before = (np.searchsorted(times_s, grid_s, side="right") - 1).clip(0)
    usual = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    allowed = max(BRIDGED_S, 1.5 * usual)
    gap = times_s[after] - times_s[before]
    outside = (grid_s < times_s[0] - 1e-9) | (grid_s > times_s[-1] + usual)
    found: np.ndarray = (gap > allowed) | outside
    return found


def even_signal(signal: Signal, rate_hz: float) -> EvenSignal:
    """Return a signal on an even grid that begins with its first sample.

    A slower signal keeps its own rate, and values are interpolated by a line where its time stamps
    jitter; so its noise stays what it is. Of a faster one a value is the mean of the samples in the
    step around it, which takes out the mains and other fast noise. Gaps of more than `BRIDGED_S`
    have no value.

    Parameters
    ----------
    signal : in its own unit; NaN where the device gave nothing.
    rate_hz : of the grid, at most.
    """
    known = np.isfinite(signal.values)
    times, values = times_on_clock(signal)[known], np.asarray(signal.values)[known]
    if not len(times):
        return EvenSignal(0.0, rate_hz, np.empty(0))
    start = float(times[0])
    own_hz = 1.0 / float(np.median(np.diff(times))) if len(times) > 1 else rate_hz
    averaged = own_hz > 1.01 * rate_hz
    rate_hz = rate_hz if averaged else min(rate_hz, own_hz)
    n = int(np.floor((times[-1] - start) * rate_hz + 1e-6)) + 1
    grid = start + np.arange(n) / rate_hz
    if not averaged:
        even = np.interp(grid, times, values)
    else:
        place = np.floor((times - start) * rate_hz + 0.5).astype(np.int64).clip(0, n - 1)
        count = np.bincount(place, minlength=n)
        total = np.bincount(place, weights=values, minlength=n)
        filled = count > 0
        even = np.interp(grid, grid[filled], total[filled] / count[filled])
    even[missing_around_gaps(times, grid)] = np.nan
    return EvenSignal(start, rate_hz, even)


def runs_of(usable: np.ndarray) -> list[slice]:
    """Return the runs of True in a mask (n,)."""
    edges = np.flatnonzero(np.diff(usable.astype(np.int8), prepend=0, append=0))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def flat_spans(times_s: np.ndarray, values: np.ndarray, least_s: float) -> np.ndarray:
    """Return flat lines in values (n,): (k, 2), first and last time of each.

    There, values do not change for at least `least_s`, and for longer than the signal's own
    resolution explains: a level that moves by less than a step looks the same.

    Parameters
    ----------
    times_s : (n,), rising.
    values : as they were recorded.
    """
    runs = [run for run in runs_of(np.diff(values) == 0) if run.stop - run.start >= _FEW]
    runs = [run for run in runs if times_s[run.stop] - times_s[run.start] >= least_s]
    step = _coarse_step(values)
    if step > 0:
        runs = [run for run in runs if not _explained(times_s, values, run, step)]
    return np.array([(times_s[run.start], times_s[run.stop]) for run in runs]).reshape(-1, 2)


def _coarse_step(values: np.ndarray) -> float:
    """Return the step of a signal that mostly stands still or moves by one; 0: it is none."""
    change = np.abs(np.diff(values))
    moved = change[change > 0]
    if not len(moved) or 2 * len(moved) > len(change):
        return 0.0
    step = float(np.quantile(moved, 0.05))
    fine = np.median(moved) > 1.5 * step or step > _COARSEST * np.median(np.abs(values))
    return 0.0 if fine else step


def _explained(times_s: np.ndarray, values: np.ndarray, run: slice, step: float) -> bool:
    """Whether a level that went on moving as it does elsewhere can look like this run."""
    # The run is of pairs of neighbours: its last value stands at its end.
    first, last = run.start, run.stop
    beside = values[max(0, first - 1) : last + 2]
    if np.abs(beside - values[first]).max() > _JUMP * step:
        return False
    rest = np.concatenate([values[:first], values[last + 1 :]])
    seconds = times_s[last] - times_s[first]
    rest_s = times_s[-1] - times_s[0] - seconds
    # The calmer quarter, because a sensor that warms up at first crosses many steps in little time.
    quarters = np.diff(np.quantile(rest, [0.25, 0.5, 0.75]))
    usual_s = 0.25 * rest_s * step / max(step, float(quarters.min()))
    return bool(seconds <= _STILL * usual_s)
