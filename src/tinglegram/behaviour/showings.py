"""What tells the trials of one participant apart where a clip was shown more than once."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

# Between the code of a clip and the place of one showing in the session.
AT = "@"


def showings_of(shown: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return clip code and order of each trial -> what a table of exclusions calls it.

    A clip that was shown once is called by its code. Of one that was shown again, each showing has
    its place in the session behind the code (`vid1@5`), since the code alone means all of them.
    """
    shown = list(shown)
    times = Counter(video for video, _ in shown)
    return {
        (video, order): f"{video}{AT}{order}" if times[video] > 1 else video
        for video, order in shown
    }


def is_left_out(video: str, order: int, excluded: Collection[str]) -> bool:
    """Return whether a showing is among those left out: by the code of the clip, or by itself."""
    return video in excluded or f"{video}{AT}{order}" in excluded


def covers(excluded: Collection[str], name: str) -> bool:
    """Return whether a showing (`vid1` or `vid1@5`), or all of its clip, is among those left out.

    A clip is not left out where one of its showings is.
    """
    return name in excluded or name.partition(AT)[0] in excluded


def unmatched(excluded: Iterable[str], shown: Iterable[tuple[str, int]]) -> list[str]:
    """Return the names that are no showing and no clip out of `shown` (clip code and order)."""
    shown = list(shown)
    known = {video for video, _ in shown} | {f"{video}{AT}{order}" for video, order in shown}
    return [name for name in excluded if name not in known]


def showing_names(shown: Iterable[tuple[str, int]]) -> list[str]:
    """Return a name for each trial of a participant that no other of the same trials has.

    Arrays of a participant stand under these names. A clip that was shown once is called by its
    code, as is its first showing; a later one also has its place in the session: `vid1@5`.

    Parameters
    ----------
    shown : clip code and order of each trial, a clip's first showing before its later ones.
    """
    seen: set[str] = set()
    found = []
    for video, order in shown:
        # No code holds this sign (clips: letters, digits and _).
        found.append(f"{video}{AT}{order}" if video in seen else video)
        seen.add(video)
    return found


def timeline_names(timeline: pd.DataFrame) -> list[str]:
    """Return the `showing_names` of the rows of a participant's timeline, in the order shown."""
    videos = timeline["video"].tolist()
    orders = timeline["order"] if "order" in timeline else [0] * len(videos)
    return showing_names(zip(videos, orders, strict=True))


def showing_keys(table: pd.DataFrame, *others: str) -> list[str]:
    """Return the columns that tell showings apart: `others`, video, and order if known."""
    return [name for name in (*others, "video", "order") if name in table]


def mean_of_showings(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the ratings of one clip with one series per person, the mean of their showings.

    It is as long as the shortest of them, as the mean of fewer would be another thing.

    Parameters
    ----------
    ratings : subject, step (from 0 in every showing), rating; other columns, the same in all
        showings at a step, are kept as they are in the first.
    """
    keys = ["subject", "step"]
    if not ratings.duplicated(keys).any():
        return ratings
    at = ratings.groupby(keys)["rating"]
    count = at.transform("size")
    whole = count == count.groupby(ratings["subject"]).transform("max")
    found = ratings.assign(rating=at.transform("mean"))[whole]
    return found.drop_duplicates(keys, ignore_index=True)


def same_showing(ratings: pd.DataFrame, trial: Mapping[Hashable, Any]) -> np.ndarray:
    """Return which rows of a participant's ratings are of a row of the timeline, (n,) bool."""
    keys = [key for key in showing_keys(ratings) if key in trial]
    found: np.ndarray = np.logical_and.reduce([ratings[key] == trial[key] for key in keys])
    return found
