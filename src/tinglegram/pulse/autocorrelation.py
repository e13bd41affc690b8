"""How far the residuals of neighbouring windows go together."""

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import showing_keys


def autocorrelation(rows: pd.DataFrame, lags: int, residual: str = "residual_bpm") -> pd.DataFrame:
    """Correlation of residuals with those of the same trial 1 to `lags` windows later.

    Parameters
    ----------
    rows : subject, video, order (where a clip was shown again), position, and the residuals, of
        `tinglegram.pulse.mixed_model.MixedModel`.
    residual : column of the residuals.

    Returns
    -------
    pandas.DataFrame
        lag, r, n_pairs: sum of products over pairs as a share of the residual variance; residuals
        have mean 0 by design. Only neighbours exactly `lag` windows apart make a pair.
    """
    keys = [*showing_keys(rows, "subject"), "position"]
    keyed = rows[[*keys, residual]]
    variance = np.mean(np.square(rows[residual])) if len(rows) else np.nan
    found = []
    for lag in range(1, lags + 1):
        later = keyed.assign(position=keyed["position"] - lag)
        pairs = keyed.merge(later, on=keys, suffixes=("", "_later"))
        products = pairs[residual] * pairs[f"{residual}_later"]
        r = products.mean() / variance if len(pairs) and variance > 0 else np.nan
        found.append((lag, r, len(pairs)))
    return pd.DataFrame(found, columns=["lag", "r", "n_pairs"])
