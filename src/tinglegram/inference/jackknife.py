"""Delete-one jackknife: an interval for any estimate that can be computed without each unit."""

import numpy as np
from scipy import special


def jackknife_interval(
    estimate: float, left_out: np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return the t interval of an estimate from its values without each unit.

    estimate +- t(n - 1) se, with se^2 = (n - 1) / n x sum of (value without a unit - their mean)^2
    (Tukey, 1958; Efron & Stein, 1981, doi:10.1214/aos/1176345462). On a scale on which the estimate
    is about normal, such as Fisher's z.

    Parameters
    ----------
    estimate : of all units.
    left_out : (n,) the estimate without each unit.
    confidence : level of the interval, a fraction.

    Returns
    -------
    (float, float) : its ends; NaN with fewer than two units.
    """
    n = len(left_out)
    if n < 2:
        return np.nan, np.nan
    error = np.sqrt((n - 1) / n * np.sum(np.square(left_out - left_out.mean())))
    reach = special.stdtrit(n - 1, (1 + confidence) / 2) * error
    return float(estimate - reach), float(estimate + reach)
