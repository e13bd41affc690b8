"""REST-ASMR's own logs as canonical tables.

The rules of their times, the clamp of the first trial included, are those of
`tinglegram.behaviour.timeline`.
"""

import pandas as pd

from tinglegram.canonical.tables import RESPONSE, response_table, trial_table
from tinglegram.clock import TICKS_PER_SECOND, to_ticks


def canonical_trials(timeline: pd.DataFrame) -> pd.DataFrame:
    """Return the canonical trials of a timeline of `tinglegram.behaviour.timeline.timeline`."""
    columns = (timeline[name].tolist() for name in ("order", "video", "start_s", "end_s"))
    return trial_table(
        [
            (order + 1, video, order, start, (to_ticks(end) - to_ticks(start)) / TICKS_PER_SECOND)
            for order, video, start, end in zip(*columns, strict=True)
        ]
    )


def canonical_responses(timeline: pd.DataFrame, key_presses: pd.DataFrame) -> pd.DataFrame:
    """Return the canonical responses: one per key press, its rating the value."""
    order = dict(zip(timeline["video"].tolist(), timeline["order"].tolist(), strict=True))
    columns = (key_presses[name].tolist() for name in ("video", "time_s", "rating"))
    return response_table(
        [
            (order[video] + 1, RESPONSE, time_s, rating)
            for video, time_s, rating in zip(*columns, strict=True)
        ]
    )
