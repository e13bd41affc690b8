"""The page of a ranking: the best segments with players, every file, and what could not be ranked.

One HTML file that asks for nothing but clips beside it: posters, curves and styles stand inside.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
import pandas as pd

from tinglegram.bundles.prediction import WARNED_SHARE
from tinglegram.trials.trials import Array

# Points of a curve on the page; longer ones are averaged.
_POINTS = 400
# Size of a curve's own coordinates.
_WIDTH, _HEIGHT = 1000.0, 100.0


class Curve(NamedTuple):
    """The prediction of a whole file as SVG: line, band of the spread, and where the segment is.

    Attributes
    ----------
    line, band : points of a polyline and of a polygon; the band is empty where there is no spread.
    left, width : of the segment.
    """

    line: str
    band: str
    left: float
    width: float


@dataclass(frozen=True)
class Card:
    """One segment on the page. Texts are plain; the template escapes them.

    Attributes
    ----------
    rank, name, file, begin, end : which one, its name, its file, seconds as text.
    mean, spread, distance : in words; `far`: whether the distance is a warning.
    kind : `video` or `audio`.
    address : of what the player plays; `exported`: a clip of its own.
    original : address of the file, at the second.
    poster : JPEG as an address that holds it; empty: none.
    curve : of the whole file; `seconds`: its length as text.
    duplicates : where else its material is.
    """

    rank: int
    name: str
    file: str
    begin: str
    end: str
    mean: str
    spread: str
    distance: str
    far: bool
    kind: str
    address: str
    exported: bool
    original: str
    poster: str
    curve: Curve
    seconds: str
    duplicates: Sequence[str]


@dataclass(frozen=True)
class RankingPage:
    """What the page shows.

    Attributes
    ----------
    facts : names and values.
    warnings : what a reader must know first.
    cards : the segments shown; `number`: of all segments.
    scale : lowest and highest value of every curve, as text.
    files : rows of file, seconds, mean, best segment, share unlike, equal files.
    problems : file and sentence of each that could not be ranked.
    left_out : reason and number of files.
    """

    facts: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    cards: Sequence[Card]
    number: int
    scale: tuple[str, str]
    files: Sequence[Sequence[str]]
    problems: Sequence[tuple[str, str]]
    left_out: Sequence[tuple[str, int]]


def clock_text(second: float) -> str:
    """Return a time as people read it: 75.5 → 1:15.5."""
    tenths = round(second * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    shown = f"{rest / 10:04.1f}".removesuffix(".0")
    return f"{hours}:{minutes:02d}:{shown}" if hours else f"{minutes}:{shown}"


def address_of(path: str, begin_s: float | None = None, end_s: float | None = None) -> str:
    """Return the address of a file beside the page, at a stretch of it (media fragment)."""
    # A colon in a first part would be the name of a scheme.
    address = quote(path, safe="/")
    return address if begin_s is None else f"{address}#t={begin_s:g},{end_s:g}"


def distance_words(outside: float, distance: float) -> tuple[str, bool]:
    """Say how far a segment is from the training clips, and whether that is a warning.

    Parameters
    ----------
    outside : share of its steps beyond the threshold.
    distance : the largest of a step, 1 being the threshold.
    """
    if np.isnan(distance):
        return "How far it is from the training clips cannot be told.", True
    if outside == 0:
        return "Like the training clips.", False
    share = f"{100 * outside:.0f} % of its steps are unlike the training clips"
    most = f"distance up to {distance:.1f} times the threshold"
    if outside <= WARNED_SHARE:
        return f"{share} ({most}).", False
    return f"{share} ({most}): the prediction is extrapolated.", True


def spread_words(sd_folds: float, sd_seeds: float) -> str:
    """Say how far the models of folds and seeds differ."""
    known = [
        f"SD {sd:.3f} over {what}"
        for sd, what in ((sd_folds, "folds"), (sd_seeds, "seeds"))
        if not np.isnan(sd)
    ]
    return ", ".join(known) or "spread unknown: one model"


def curve_of(
    steps: pd.DataFrame, begin_s: float, end_s: float, scale: tuple[float, float]
) -> Curve:
    """Return the curve of a file with a segment of it.

    Parameters
    ----------
    steps : columns of a prediction, by step.
    begin_s, end_s : of the segment.
    scale : values at the lower and the upper edge.
    """
    times = steps["time_s"].to_numpy(np.float64)
    end = 2 * times[-1] - times[-2]
    parts = np.array_split(np.arange(len(steps)), min(_POINTS, len(steps)))
    mean, spread = (
        np.array([steps[name].to_numpy(np.float64)[own].mean() for own in parts])
        for name in ("mean", "sd_folds")
    )
    across = np.array([times[own].mean() for own in parts]) / end * _WIDTH

    def down(values: Array) -> Array:
        low, high = scale
        share = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
        found: Array = _HEIGHT * (1 - np.clip(share, 0, 1))
        return found

    band = ""
    if not np.isnan(spread).any():
        upper, lower = _points(across, down(mean + spread)), _points(across, down(mean - spread))
        band = " ".join([*upper, *reversed(lower)])
    left = begin_s / end * _WIDTH
    width = (min(end_s, end) - begin_s) / end * _WIDTH
    return Curve(" ".join(_points(across, down(mean))), band, round(left, 1), round(width, 1))


def _points(across: Array, down: Array) -> list[str]:
    return [f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True)]


def cards_of(
    segments: pd.DataFrame,
    duplicates: pd.DataFrame,
    predictions: Mapping[str, pd.DataFrame],
    held: Mapping[str, Sequence[str]],
    *,
    folder: str,
    clips: Mapping[str, str],
    posters: Mapping[str, bytes],
    scale: tuple[float, float],
) -> list[Card]:
    """Return the cards of segments.

    Parameters
    ----------
    segments, duplicates : of `tinglegram.bundles.ranking.Ranked`; those segments that are shown.
    predictions : content -> its steps.
    held : content -> what it has of picture and sound.
    folder : that is ranked, from the folder of the page.
    clips : segment -> path of its clip; posters : segment -> JPEG.
    scale : as for `curve_of`.
    """
    found = []
    for own in segments.to_dict("records"):
        begin, end, steps = own["start_s"], own["end_s"], predictions[own["sha256"]]
        words, far = distance_words(own["outside"], own["distance"])
        original = address_of(str(PurePosixPath(folder, own["file"])), begin, end)
        clip = clips.get(own["segment"])
        elsewhere = duplicates[duplicates["segment"] == own["segment"]].to_dict("records")
        picture = posters.get(own["segment"], b"")
        found.append(
            Card(
                rank=own["rank"],
                name=own["segment"],
                file=own["file"],
                begin=clock_text(begin),
                end=clock_text(end),
                mean=f"{own['mean']:.3f}",
                spread=spread_words(own["sd_folds"], own["sd_seeds"]),
                distance=words,
                far=far,
                kind="video" if "picture" in held[own["sha256"]] else "audio",
                address=original if clip is None else address_of(clip),
                exported=clip is not None,
                original=original,
                poster=jpeg_address(picture) if picture else "",
                curve=curve_of(steps, begin, end, scale),
                seconds=clock_text(2 * steps["time_s"].iloc[-1] - steps["time_s"].iloc[-2]),
                duplicates=[_elsewhere(other) for other in elsewhere],
            )
        )
    return found


def jpeg_address(content: bytes) -> str:
    """Return a JPEG file as an address that holds it."""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")


def _elsewhere(other: Mapping[str, object]) -> str:
    begin = clock_text(float(other["start_s"]))  # type: ignore[arg-type]
    if other["how"] == "equal file":
        return f"{other['file']} at {begin} (equal file)"
    return f"{other['file']} at {begin} (same material, correlation {other['alike']:.2f})"


def file_rows(
    contents: Mapping[str, Sequence[str]],
    predictions: Mapping[str, pd.DataFrame],
    segments: pd.DataFrame,
) -> list[list[str]]:
    """Return a row of the summary for each content that was predicted, by its highest segment.

    Parameters
    ----------
    contents : content -> files.
    predictions : content -> steps; segments : all of them.
    """
    best = {row["sha256"]: row for row in reversed(segments.to_dict("records"))}
    rows = []
    for content, steps in predictions.items():
        first, *equal = contents[content]
        own = best.get(content)
        place, shown = (np.inf, "joined to others")
        if own is not None:
            place, shown = own["rank"], f"{own['mean']:.3f} at {clock_text(own['start_s'])}"
        length = 2 * steps["time_s"].iloc[-1] - steps["time_s"].iloc[-2]
        outside = steps["outside"].astype(float).mean()
        unlike = "unknown" if steps["distance"].isna().all() else f"{100 * outside:.0f} %"
        row = [first, clock_text(length), f"{steps['mean'].mean():.3f}", shown, unlike]
        rows.append((place, [*row, ", ".join(equal) or "none"]))
    return [row for _, row in sorted(rows, key=lambda ranked: (ranked[0], ranked[1]))]


def render_ranking(page: RankingPage) -> str:
    """Return the page. All text is escaped; posters, curves and styles stand inside it."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("tinglegram.bundles").joinpath("templates/ranking.html.j2")
    return environment.from_string(template.read_text(encoding="utf-8")).render(page=page)
