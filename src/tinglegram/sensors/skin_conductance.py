"""Skin conductance as tonic level and phasic responses.

The model is that of Greco et al. (2016, cvxEDA, doi:10.1109/TBME.2015.2474131): what is measured
is a slow level (a cubic spline with a knot every 10 s, and a line), plus responses (a driver that
is never negative, passed through a second-order system with two time constants), plus noise. All
are found at once, as the one optimum of a convex problem. The paper gives the problem; the solver
is ours, a primal-dual interior-point method (Mehrotra, 1992, doi:10.1137/0802028) whose steps
solve a banded system.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from tinglegram.errors import TinglegramError

# Greco et al. (2016): time constants of a response in s, seconds between the knots of the level,
# the weight of its coefficients, and that of the driver, which keeps it sparse.
# ASSUMPTION: they divide a recording by its SD first. Here the weights are for µS, so that who
# drifts much does not lose small responses.
_SLOW_S, _FAST_S, _KNOT_S, _SMOOTH, _SPARSE = 2.0, 0.7, 10.0, 1e-2, 8e-4
# Weight of what went on before the first sample.
_BEFORE = 1.0
# Most steps of the solver, share of the way to a bound, and the gap and the error at which it ends.
_STEPS, _SHARE, _GAP, _ERROR = 80, 0.995, 1e-9, 1e-6
# Fewer seconds have no level. Longer recordings are split in pieces that overlap, in s.
LEAST_S = 10.0
_PIECE_S, _OVERLAP_S = 600.0, 60.0
# An onset is where a response has left its trough by this share of its amplitude.
_LEFT = 0.05
# It rises from a trough by at least this share of its height above all that came before it.
_MOST = 0.8
# ASSUMPTION: noise makes responses of up to so many SDs of what neighbouring samples differ by;
# on planted noise alone there is then at most one in ten minutes
# (tests/unit/sensors/test_skin_conductance.py).
_OF_NOISE = 6.0
# A normal deviate's SD by its median absolute deviation, and the SD of second differences.
_BY_MEDIAN, _SECOND = 1.4826, 6.0**0.5


@dataclass(frozen=True, eq=False)
class Conductance:
    """Parts of a skin conductance, µS, each float64 (n,): the slow level, and the responses.

    Their sum is what was measured, without noise.
    """

    tonic: np.ndarray
    phasic: np.ndarray


class Responses(NamedTuple):
    """Skin conductance responses in the order of time, each float64 (n_responses,).

    Attributes
    ----------
    onset, peak : place in samples; onsets lie between samples.
    amplitude : from trough to peak, in the unit of the phasic series.
    """

    onset: np.ndarray
    peak: np.ndarray
    amplitude: np.ndarray


def decompose(conductance: np.ndarray, sampling_rate_hz: float) -> Conductance:
    """Split a skin conductance into tonic level and phasic responses.

    21 minutes and more are split in pieces of 10 minutes and more; where two pieces overlap, for a
    minute, one gives way to the other.

    Parameters
    ----------
    conductance : (n,), µS, without missing values; a few samples per second are enough.

    Raises
    ------
    TinglegramError : fewer than 10 s.
    """
    values = np.asarray(conductance, dtype=np.float64)
    n = len(values)
    if n < LEAST_S * sampling_rate_hz:
        raise TinglegramError(
            f"A skin conductance of {n / sampling_rate_hz:.1f} s has no level: {LEAST_S:g} s are "
            "needed. Export the whole recording."
        )
    overlap = round(_OVERLAP_S * sampling_rate_hz)
    n_pieces = max(1, int((n - overlap) // (_PIECE_S * sampling_rate_hz)))
    edges = np.linspace(0, max(0, n - overlap), n_pieces + 1).astype(np.int64)
    tonic, phasic = np.zeros(n), np.zeros(n)
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        stop = min(n, int(last) + overlap)
        own = _decompose_piece(values[first:stop], sampling_rate_hz)
        weight = np.ones(stop - first)
        rising = (np.arange(overlap) + 0.5) / overlap
        if first > 0:
            weight[:overlap] = rising
        if stop < n:
            weight[-overlap:] = 1.0 - rising
        tonic[first:stop] += weight * own.tonic
        phasic[first:stop] += weight * own.phasic
    return Conductance(tonic, phasic)


def noise_of(values: np.ndarray) -> float:
    """Return the SD of the noise in a slow signal (n,), from its second differences."""
    if len(values) < 3:
        return 0.0
    spread = np.median(np.abs(np.diff(values, 2)))
    return float(_BY_MEDIAN * spread / _SECOND)


def least_response(conductance: np.ndarray, least_amplitude: float) -> float:
    """Return the least amplitude that is no noise, at least `least_amplitude`, both in µS."""
    return float(max(least_amplitude, _OF_NOISE * noise_of(conductance)))


def find_responses(phasic: np.ndarray, least_amplitude: float) -> Responses:
    """Find responses from trough to peak (Boucsein, 2012, doi:10.1007/978-1-4614-1126-0).

    Parameters
    ----------
    phasic : (n,) of `decompose`, which holds no noise.
    least_amplitude : from the trough before a peak to the peak; lower ones are none.
    """
    peaks, _ = scipy.signal.find_peaks(phasic)
    rows, since = [], 0
    for peak in peaks.tolist():
        height = float(phasic[peak] - phasic[since : peak + 1].min())
        if height < least_amplitude:
            # What rises on to the next peak is one response.
            continue
        # The last trough from which it rises by most of that: what is small before it is noise.
        low_enough = phasic[peak] - max(_MOST * height, least_amplitude)
        inside = phasic[since:peak]
        falls = np.append(inside[1:], phasic[peak]) > inside
        trough = since + int(np.flatnonzero(falls & (inside <= low_enough))[-1])
        while trough > since and phasic[trough - 1] <= phasic[trough]:
            trough -= 1
        height = float(phasic[peak] - phasic[trough])
        level = phasic[trough] + _LEFT * height
        low = trough + int(np.flatnonzero(phasic[trough:peak] <= level)[-1])
        between = float((level - phasic[low]) / (phasic[low + 1] - phasic[low]))
        rows.append((low + between, float(peak), height))
        since = peak
    return Responses(*np.array(rows, dtype=np.float64).reshape(-1, 3).T)


Taps = tuple[float, float, float]
# Numerator of the second-order system, by the bilinear transform.
_MOVING: Taps = (1.0, 2.0, 1.0)


def _recursive(step_s: float) -> Taps:
    """Return its denominator."""
    fast, slow = 1.0 / _FAST_S, 1.0 / _SLOW_S
    scale = (fast - slow) * step_s**2
    return (
        (fast * step_s + 2.0) * (slow * step_s + 2.0) / scale,
        (2.0 * fast * slow * step_s**2 - 8.0) / scale,
        (fast * step_s - 2.0) * (slow * step_s - 2.0) / scale,
    )


def _tapped(q: np.ndarray, taps: Taps) -> np.ndarray:
    """Return the (n - 2, n) matrix of taps times q."""
    found: np.ndarray = taps[0] * q[2:] + taps[1] * q[1:-1] + taps[2] * q[:-2]
    return found


def _back(p: np.ndarray, taps: Taps) -> np.ndarray:
    """Return the transpose of the matrix of taps times p, which has n - 2 rows."""
    out = np.zeros((len(p) + 2, *p.shape[1:]))
    out[2:] += taps[0] * p
    out[1:-1] += taps[1] * p
    out[:-2] += taps[2] * p
    return out


def _band(weights: np.ndarray, taps: Taps) -> np.ndarray:
    """Return transpose x diagonal of weights (n - 2,) x matrix of taps, as upper band (3, n)."""
    m = len(weights)
    band = np.zeros((3, m + 2))
    for a, i in zip(taps, (2, 1, 0), strict=True):
        for b, j in zip(taps, (2, 1, 0), strict=True):
            if j >= i:
                band[2 - (j - i), j : j + m] += a * b * weights
    return band


def _levels(n: int, step_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return spline, constant and slope, (n, k), of which a level is made, and their weights."""
    time = np.arange(n) * step_s
    knots = _KNOT_S * np.arange(-3, int(time[-1] // _KNOT_S) + 5)
    spline = scipy.interpolate.BSpline.design_matrix(time, knots, 3).toarray()
    parts = np.column_stack([spline, np.ones(n), time / time[-1]])
    return parts, np.concatenate([np.full(spline.shape[1], _SMOOTH), np.zeros(2)])


def _decompose_piece(values: np.ndarray, rate: float) -> Conductance:
    middle = float(np.median(values))
    parts, smooth = _levels(len(values), 1.0 / rate)
    q, coefficients = _optimum((values - middle)[2:], parts[2:], smooth, _recursive(1.0 / rate))
    phasic = _tapped(q, _MOVING)
    # Of the first two samples nothing is known.
    phasic = np.concatenate([phasic[:1], phasic[:1], phasic])
    return Conductance(parts @ coefficients + middle, phasic)


@dataclass(frozen=True, eq=False)
class _Newton:
    """The linear system of one step, factored, and the residuals of the optimum's conditions."""

    band: np.ndarray
    inner: np.ndarray
    schur: tuple[np.ndarray, bool]
    mixed: np.ndarray
    taps: Taps
    slack: np.ndarray
    price: np.ndarray
    of_q: np.ndarray
    of_level: np.ndarray
    of_slack: np.ndarray

    def step(self, target: np.ndarray | float) -> tuple[np.ndarray, ...]:
        """Return the changes of q, level, slack and price towards slack x price = target."""
        short = target - self.slack * self.price
        pull = (short + self.price * self.of_slack) / self.slack
        right = _back(pull, self.taps) - self.of_q
        first = scipy.linalg.cho_solve_banded((self.band, False), right)
        of_level = scipy.linalg.cho_solve(self.schur, -self.of_level - self.mixed.T @ first)
        of_q = first - self.inner @ of_level
        of_slack = _tapped(of_q, self.taps) - self.of_slack
        return of_q, of_level, of_slack, (short - self.price * of_slack) / self.slack


def _optimum(
    y: np.ndarray, parts: np.ndarray, smooth: np.ndarray, taps: Taps
) -> tuple[np.ndarray, np.ndarray]:
    """Return q (n,) and the coefficients of the level.

    Least is half the sum of squares of moving taps x q + parts x level - y, plus the weighted sum
    of the driver, recursive taps x q, plus half the weighted squares of the coefficients; the
    driver is never negative.
    """
    m = len(y)
    fixed = _band(np.ones(m), _MOVING)
    # What went on before the first sample is not known: without a weight, a decay from it and the
    # level could cancel each other.
    fixed[2, :2] += _BEFORE
    mixed = _back(parts, _MOVING)
    # Splines are local: most of it is zero.
    across = scipy.sparse.csr_array(mixed.T)
    own = parts.T @ parts + np.diag(smooth)
    q, level = np.zeros(m + 2), np.linalg.solve(own, parts.T @ y)
    slack, price = np.ones(m), np.full(m, _SPARSE)
    for _ in range(_STEPS):
        error = _tapped(q, _MOVING) + parts @ level - y
        of_q = _back(error, _MOVING) + _back(_SPARSE - price, taps)
        of_q[:2] += _BEFORE * q[:2]
        of_slack = slack - _tapped(q, taps)
        gap = float(slack @ price) / m
        if gap < _GAP and max(np.abs(of_slack).max(), np.abs(of_q).max()) < _ERROR:
            return q, level
        band = scipy.linalg.cholesky_banded(fixed + _band(price / slack, taps))
        inner = scipy.linalg.cho_solve_banded((band, False), mixed)
        schur = scipy.linalg.cho_factor(own - across @ inner)
        of_level = parts.T @ error + smooth * level
        newton = _Newton(band, inner, schur, mixed, taps, slack, price, of_q, of_level, of_slack)
        *_, by_slack, by_price = newton.step(0.0)
        ahead = (slack + _way(slack, by_slack) * by_slack) @ (
            price + _way(price, by_price) * by_price
        )
        centre = (float(ahead) / m / gap) ** 3 * gap
        by_q, by_level, by_slack, by_price = newton.step(centre - by_slack * by_price)
        way = min(1.0, _SHARE * min(_way(slack, by_slack), _way(price, by_price)))
        q, level = q + way * by_q, level + way * by_level
        slack, price = slack + way * by_slack, price + way * by_price
    raise TinglegramError(
        f"No optimum was found for a skin conductance of {m} samples in {_STEPS} steps. Look at "
        "the recording: is it a skin conductance? Or take eda out of sensors."
    )


def _way(values: np.ndarray, change: np.ndarray) -> float:
    """Return how far values can go along a change without falling below 0; 1/share at most."""
    down = change < 0
    return float(np.min(-values[down] / change[down], initial=1.0 / _SHARE))
