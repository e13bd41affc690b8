"""P-values of several tests reported together: Holm's and Benjamini and Hochberg's corrections.

Both are a few lines of numpy here: `statsmodels.stats.multitest` and `scipy.stats` take longer to
import than the jobs that correct five p-values take to run. The tests hold them against both.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

ADJUSTED_COLUMNS = ("p_holm", "p_bh", "family")


def adjust(
    p_values: Sequence[float] | np.ndarray | pd.Series, family: str | Sequence[str]
) -> pd.DataFrame:
    """Correct p-values for the number of tests in their family.

    Parameters
    ----------
    p_values : (n,) p of each test; NaN where a test could not be made, which is then no member of
        its family.
    family : the name of the family of all tests, or n names, one a test; each family is corrected
        by itself.

    Returns
    -------
    Table of n rows with the index of `p_values`: `p_holm` (Holm, 1979: holds the chance of any
    false finding in the family), `p_bh` (Benjamini & Hochberg, 1995: holds the expected share of
    false findings among the findings), `family`. To be joined to the table of tests.

    Raises
    ------
    ValueError : a p-value outside 0 to 1, or not one family name per test.
    """
    values = np.asarray(p_values, dtype=float)
    if np.any((values < 0) | (values > 1)):
        raise ValueError("p-values lie between 0 and 1")
    index = p_values.index if isinstance(p_values, pd.Series) else None
    names = [family] * len(values) if isinstance(family, str) else list(family)
    if len(names) != len(values):
        raise ValueError(f"{len(values)} p-values need as many names of families, not {len(names)}")
    table = pd.DataFrame(
        {"p_holm": np.nan, "p_bh": np.nan, "family": names},
        index=pd.RangeIndex(len(values)),
    )
    for name in table["family"].unique():
        members = np.flatnonzero((table["family"] == name) & ~np.isnan(values))
        table.loc[members, "p_holm"] = holm(values[members])
        table.loc[members, "p_bh"] = benjamini_hochberg(values[members])
    return table if index is None else table.set_axis(index)


def with_p_values(tests: pd.DataFrame, p_values: pd.Series) -> pd.DataFrame:
    """Return tests (p_value, `ADJUSTED_COLUMNS`) with other p, corrected anew in their families."""
    again = adjust(p_values, list(tests["family"]))
    return tests.assign(p_value=p_values, **{name: again[name] for name in ADJUSTED_COLUMNS})


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return (n,) p-values corrected by Holm's step-down procedure (1979); none may be NaN."""
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1)
    return corrected


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Return (n,) p-values corrected by Benjamini and Hochberg (1995); none may be NaN.

    Valid for independent tests and for positively dependent ones (Benjamini & Yekutieli, 2001).
    """
    order = np.argsort(p_values)[::-1]
    factors = len(p_values) / np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.minimum.accumulate(p_values[order] * factors), 1)
    return corrected
