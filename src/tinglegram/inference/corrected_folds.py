"""A t test over folds that share training data: the variance is corrected for what they share.

Folds whose training sets overlap do not give independent results, so that the usual variance of
their mean is too small. Nadeau & Bengio (2003, doi:10.1023/A:1024068626366) add the share of what
is tested to what trains: var x (1 / K + test / train), which for K folds that train on all others
is var / K x (1 + K / (K - 1)). No unbiased estimate exists (Bengio & Grandvalet, 2004).
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from tinglegram.inference.jackknife import ROUNDING


class FoldTest(NamedTuple):
    """Mean over folds, its interval, p that it is above the null value, and the folds behind it."""

    mean: float
    ci_low: float
    ci_high: float
    p_value: float
    n_folds: int


def corrected_fold_test(values: np.ndarray, null: float, confidence: float) -> FoldTest:
    """Return the corrected t test and interval of the mean over folds.

    Where each fold tests clips that train no model of its own, they speak of any clips of the kind.

    Parameters
    ----------
    values : (folds,) one value per fold; NaN where a fold has none.
    null : value under the null hypothesis; NaN where there is none, and p is missing.
    confidence : level of the interval, a fraction.

    Returns
    -------
    FoldTest : interval and p are missing with fewer than two folds, and where folds differ by
        rounding alone: how others would vary is then unknown, and an interval of no width, or a p
        of 0, would be false certainty.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    n = len(known)
    if n < 2:
        mean = float(known[0]) if n else np.nan
        return FoldTest(mean, np.nan, np.nan, np.nan, n)
    mean = float(known.mean())
    if np.ptp(known) < ROUNDING:
        return FoldTest(mean, np.nan, np.nan, np.nan, n)
    error = float(np.sqrt(known.var(ddof=1) * (1 / n + 1 / (n - 1))))
    reach = special.stdtrit(n - 1, (1 + confidence) / 2) * error
    p_value = p_of_t(mean - null, error, n - 1)
    return FoldTest(mean, float(mean - reach), float(mean + reach), p_value, n)


def p_of_t(apart: float, error: float, freedom: float) -> float:
    """Return the one-sided p of a t test, of a mean that lies `apart` above its null value.

    Missing where `apart` or `error` is, or where the error is one of rounding.
    """
    if np.isnan(apart) or not error >= ROUNDING:
        return np.nan
    return float(special.stdtr(freedom, -apart / error))
