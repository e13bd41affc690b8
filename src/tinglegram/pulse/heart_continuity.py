"""How much of a clip the intervals or heart rates of a device cover.

Apart from the series, because models need that and nothing of this.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tinglegram.behaviour.showings import timeline_names
from tinglegram.pulse.continuity import COUNTS
from tinglegram.pulse.heart_rates import rates_of
from tinglegram.pulse.heart_values import unpack_heart

# Continuity counts thousandths of a second.
_PER_SECOND = 1000


def heart_continuity(arrays: Mapping[str, np.ndarray], timeline: pd.DataFrame) -> pd.DataFrame:
    """Count the time of every clip that intervals or rates cover, in ms.

    Parameters
    ----------
    arrays : clips of `tinglegram.pulse.heart_slices.slice_heart`.
    timeline : trials of the participant.

    Returns
    -------
    pandas.DataFrame
        as of `tinglegram.pulse.continuity.participant_continuity`: n_samples is the length of the
        clip, n_disconnected and n_bad the time without a value that is like those around it.
    """
    rows = []
    trials = timeline.to_dict("records")
    for name, trial in zip(timeline_names(timeline), trials, strict=True):
        heart = unpack_heart(arrays, name)
        edges = np.array([trial["valid_start_s"]]), np.array([trial["end_s"]])
        covered = float(heart.overlap(*edges)[0] @ rates_of(heart)[1])
        length = round((trial["end_s"] - trial["valid_start_s"]) * _PER_SECOND)
        lacking = max(0, length - round(covered * _PER_SECOND))
        counts = dict(zip(COUNTS, (length, 0, 0, lacking, lacking), strict=True))
        rows.append({k: trial[k] for k in ("subject", "video", "condition")} | counts)
    return pd.DataFrame(rows, columns=["subject", "video", "condition", *COUNTS])
