"""Segments of films and sounds, ranked by the response that a bundle predicts.

A segment is a window of the steps of one content (files that are equal byte by byte are one
content). Of overlapping windows of a content the best stays, then the next best that does not
overlap it, and so on. Segments of all contents are ordered by their predicted response, and those
that are the same material as a better one (`tinglegram.bundles.fingerprints`) are joined to it.

The spread of a segment is the mean of the SD at its steps. The SD of a mean is never above the mean
of the SDs, whatever the correlation between steps (triangle inequality), and reaches it where the
models' errors rise and fall together. So it is never too small.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.bundles.fingerprints import PRINT_HZ, Excerpt, Fingerprint, Match, matches
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.stimuli.settings import Stream

# What a segment has of its steps: their means; of `distance` the largest, of `outside` the share.
MEANS = ("mean", "sd_folds", "sd_seeds", "low", "high")
OF_STEPS = (*MEANS, "distance", "outside")
SEGMENT_COLUMNS = (
    *("rank", "segment", "file", "start_s", "end_s"),
    *(*OF_STEPS, "duplicates", "model", "sha256"),
)
DUPLICATE_COLUMNS = ("segment", "how", "file", "start_s", "end_s", "alike")
# A row of them.
Duplicate = tuple[str, str, str, float, float, float]

# Of clips that were exported: what a study wants to know of its stimuli, and where they come from.
STIMULUS_COLUMNS = (
    *("stimulus_id", "file", "duration_s", "has_picture", "has_sound", "condition", "sha256"),
    *("source", "start_s", "end_s", "source_sha256", "predicted", "model", "bundle_sha256"),
)


class Content(NamedTuple):
    """One content: its files and what is predicted of it.

    Attributes
    ----------
    files : names of the files with this content, in order; the first one stands for all.
    steps : columns of a prediction (`tinglegram.bundles.prediction.COLUMNS`), of one model.
    fingerprint : of its picture and sound.
    """

    files: tuple[str, ...]
    steps: pd.DataFrame
    fingerprint: Fingerprint


class Ranked(NamedTuple):
    """What a ranking gives.

    Attributes
    ----------
    segments : columns of `SEGMENT_COLUMNS`, best first.
    duplicates : columns of `DUPLICATE_COLUMNS`: where else the material of a segment is, in files
        of equal content (`equal file`) or in another one (`same material`, with the correlation of
        the fingerprints).
    """

    segments: pd.DataFrame
    duplicates: pd.DataFrame


def windows_of(steps: pd.DataFrame, length_s: float, every_s: float) -> pd.DataFrame:
    """Return every possible segment of a content, by start.

    Parameters
    ----------
    steps : columns of a prediction, of one model, by step; at least two.
    length_s, every_s : length of a segment and time between their begins, rounded to whole steps.

    Returns
    -------
    first, n_steps (steps), start_s, end_s, mean, sd_folds, sd_seeds, low, high (means over the
    steps; NaN where there are none), distance (largest), outside (share of the steps). A content
    that is shorter is one segment.
    """
    times = steps["time_s"].to_numpy()
    hop = float(times[1] - times[0])
    n_steps = min(len(steps), max(1, round(length_s / hop)))
    first = np.arange(0, len(steps) - n_steps + 1, max(1, round(every_s / hop)))
    values = steps[list(OF_STEPS)].to_numpy(np.float64)
    each = np.lib.stride_tricks.sliding_window_view(values, n_steps, axis=0)[first]
    found = pd.DataFrame(each.mean(axis=2), columns=list(OF_STEPS))
    found["distance"] = each[:, OF_STEPS.index("distance")].max(axis=1)
    found["first"], found["n_steps"] = first, n_steps
    found["start_s"] = times[first]
    found["end_s"] = times[first] + n_steps * hop
    return found


def without_overlap(windows: pd.DataFrame) -> pd.DataFrame:
    """Return the windows of a content that stay, best first: no two overlap. Ties go by start.

    Parameters
    ----------
    windows : of `windows_of`.
    """
    ordered = windows.sort_values(["mean", "start_s"], ascending=[False, True], kind="stable")
    first, length = ordered["first"].to_numpy(), int(windows["n_steps"].iloc[0])
    free, kept = np.ones(len(ordered), dtype=bool), []
    for place in range(len(ordered)):
        if free[place]:
            kept.append(place)
            free &= np.abs(first - first[place]) >= length
    return ordered.iloc[kept].reset_index(drop=True)


def rank_segments(
    contents: Mapping[str, Content], streams: Collection[Stream], settings: Ranking
) -> Ranked:
    """Return the segments of all contents in their order, and what was joined.

    Ties of the predicted response go by file and time.

    Parameters
    ----------
    contents : SHA-256 -> content.
    streams : that the model uses: material is the same where these are.
    """
    each = [
        without_overlap(windows_of(own.steps, settings.length, settings.step)).assign(
            file=own.files[0], model=own.steps["model"].iloc[0], sha256=key
        )
        for key, own in contents.items()
    ]
    if not each:
        return Ranked(_table([], SEGMENT_COLUMNS), _table([], DUPLICATE_COLUMNS))
    found = pd.concat(each, ignore_index=True).sort_values(
        ["mean", "file", "start_s"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    same = _same_material(found, contents, streams, settings)
    kept = found[[match is None for match in same]].copy()
    kept["rank"] = np.arange(1, len(kept) + 1)
    kept["segment"] = segment_names(kept["file"].tolist(), kept["start_s"].tolist())
    rows = [*_equal_files(kept, contents), *_elsewhere(found, kept, same, contents)]
    duplicates = _in_order(_table(rows, DUPLICATE_COLUMNS), kept["segment"].tolist())
    number = duplicates["segment"].value_counts()
    kept["duplicates"] = kept["segment"].map(number).fillna(0).astype(int)
    return Ranked(kept[list(SEGMENT_COLUMNS)].reset_index(drop=True), duplicates)


def _table(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _same_material(
    found: pd.DataFrame,
    contents: Mapping[str, Content],
    streams: Collection[Stream],
    settings: Ranking,
) -> list[Match | None]:
    """Return for each segment the better one that it is the same material as."""
    order = {key: place for place, key in enumerate(contents)}
    stretches = [
        Excerpt(order[key], round(start * PRINT_HZ), max(1, round((end - start) * PRINT_HZ)))
        for key, start, end in zip(found["sha256"], found["start_s"], found["end_s"], strict=True)
    ]
    levels: dict[Stream, float] = {
        "sound": settings.alike_sound,
        "picture": settings.alike_picture,
    }
    prints = [own.fingerprint for own in contents.values()]
    return matches(prints, stretches, {name: levels[name] for name in streams})


def _elsewhere(
    found: pd.DataFrame,
    kept: pd.DataFrame,
    same: Sequence[Match | None],
    contents: Mapping[str, Content],
) -> Iterator[Duplicate]:
    """Yield where else the material of segments is, a row for each file."""
    columns = ("start_s", "end_s", "sha256")
    start, end, key = (found[name].tolist() for name in columns)
    for place, match in enumerate(same):
        if match is not None:
            # Where the owner's material is in this file, which may begin within it.
            first = round(start[place] - match.later / PRINT_HZ, 3)
            until = round(first + end[match.owner] - start[match.owner], 3)
            begin = max(0.0, first)
            name = str(kept.loc[match.owner, "segment"])
            for file in contents[key[place]].files:
                yield name, "same material", file, begin, until, match.alike


def _in_order(duplicates: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return rows in the order of the segments, each place once.

    Two segments of another file may share one half each with the same better one.
    """
    best = duplicates.sort_values("alike", ascending=False, kind="stable")
    once = best.drop_duplicates(["segment", "file", "start_s"])
    places = {name: place for place, name in enumerate(names)}
    return (
        once.assign(place=once["segment"].map(places))
        .sort_values(["place", "how", "file", "start_s"], kind="stable", ignore_index=True)
        .drop(columns="place")
    )


def _equal_files(kept: pd.DataFrame, contents: Mapping[str, Content]) -> Iterator[Duplicate]:
    """Yield the segments in files that are equal to those they were found in, a row each."""
    columns = ("segment", "sha256", "start_s", "end_s")
    for name, key, start, end in zip(*(kept[c].tolist() for c in columns), strict=True):
        for file in contents[key].files[1:]:
            yield name, "equal file", file, start, end, 1.0


def segment_names(files: Sequence[str], starts: Sequence[float]) -> list[str]:
    """Return a name for each segment: file and second, of letters, digits and underscores.

    Each is its own, whatever the files are called, and one that a study can use for a clip.
    """
    found: list[str] = []
    uses: Counter[str] = Counter()
    for file, start in zip(files, starts, strict=True):
        stem = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        plain = re.sub("[^A-Za-z0-9]+", "_", stem).strip("_")[:40]
        plain = plain if plain[:1].isalpha() else f"clip_{plain}".rstrip("_")
        second = f"{start:.1f}".removesuffix(".0").replace(".", "_")
        name = f"{plain}_{second}s"
        uses[name] += 1
        # No name ends like this by itself: each ends with the unit.
        found.append(name if uses[name] == 1 else f"{name}_{uses[name]}")
    return found
