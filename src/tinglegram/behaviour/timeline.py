"""From the events of one log to when each clip was shown and which keys were pressed in it."""

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Annotated, NamedTuple

import pandas as pd

from tinglegram.clock import TICKS_PER_SECOND, Timing, to_ticks
from tinglegram.errors import InputProblem, refuse
from tinglegram.formats.presentation import Finding
from tinglegram.settings import AT_LEAST_ZERO, Bounds, Each, Keys, section, written_as

TIMELINE = {
    "subject": "int64",
    "order": "int64",
    "video": "str",
    "condition": "str",
    "start_s": "float64",
    "valid_start_s": "float64",
    "end_s": "float64",
    "n_steps": "int64",
}
PRESSES = {"subject": "int64", "video": "str", "time_s": "float64", "rating": "int64"}
EXCLUDE = "List it in the exclusions table (subject, video, reason) if it is to be left out."


@section("")
class RatingKeys:
    """Which key stands for which rating (paper, "Data Acquisition": 1 none ... 4 very)."""

    ratings: Annotated[
        Mapping[str, int],
        Bounds(minProperties=2),
        Keys(written_as("[A-Za-z0-9_]+", "made of letters, digits and _")),
        Each(AT_LEAST_ZERO),
        "Code of a key in the logs -> the rating it stands for.",
    ] = field(default_factory=lambda: {"1": 0, "2": 1, "3": 2, "4": 3})


class Behaviour(NamedTuple):
    """What one log says: table of trials, table of key presses, and findings."""

    timeline: pd.DataFrame
    key_presses: pd.DataFrame
    findings: tuple[Finding, ...]


class LogEvent(NamedTuple):
    """A row of the log: its code, time in ticks, and line."""

    code: str
    time: int
    line: int


class ShownTrial(NamedTuple):
    """A clip as shown: place in the session (from 0), code, line of the log, and ticks."""

    order: int
    video: str
    line: int
    start: int
    end: int


def timeline(
    events: pd.DataFrame,
    *,
    source: str,
    subject: int,
    clips: Mapping[str, str],
    ratings: Mapping[str, int],
    timing: Timing,
    excluded: Collection[str] = (),
) -> Behaviour:
    """Place every clip and every rating of one session on the log's clock.

    Parameters
    ----------
    events : table of `tinglegram.formats.presentation.read_log`.
    source : name of the log, for messages.
    subject : number of the participant.
    clips : code of the Video event -> condition; case and surrounding blanks do not matter.
    ratings : code of the Response event -> rating.
    timing : durations and grid of the study.
    excluded : Video codes left out. They still count in the order of trials, and may be missing,
        repeated or cut short.

    Returns
    -------
    Behaviour : `timeline`, in the order shown, with the columns subject, order, video, condition,
        start_s, valid_start_s, end_s, n_steps; `key_presses`, by trial and time, with the columns
        subject, video, time_s, rating, for the key presses within [start_s, end_s); findings.
        Times are seconds on the log's clock, exact to 0.1 ms.

    Raises
    ------
    TinglegramError : the problems of `timeline_problems`.
    """
    refuse(timeline_problems(events, source=source, clips=clips, timing=timing, excluded=excluded))
    everything = _events(events, "Video")
    trials, _, foreign = _trials(everything, source, clips, timing, excluded)
    key_presses, findings = _presses(_events(events, "Response"), trials, ratings)
    rows = [
        (
            subject,
            trial.order,
            trial.video,
            clips[trial.video],
            trial.start / TICKS_PER_SECOND,
            (trial.start + to_ticks(timing.warm_up)) / TICKS_PER_SECOND,
            trial.end / TICKS_PER_SECOND,
            round(
                (trial.end - trial.start - to_ticks(timing.warm_up))
                * timing.grid
                / TICKS_PER_SECOND
            ),
        )
        for trial in trials
    ]
    return Behaviour(
        pd.DataFrame(rows, columns=list(TIMELINE)).astype(TIMELINE),
        pd.DataFrame([(subject, *p) for p in key_presses], columns=list(PRESSES)).astype(PRESSES),
        (*_foreign(foreign, clips), *_overlaps(everything, trials, timing), *findings),
    )


def timeline_problems(
    events: pd.DataFrame,
    *,
    source: str,
    clips: Mapping[str, str],
    timing: Timing,
    excluded: Collection[str] = (),
) -> list[InputProblem]:
    """Return every repeated clip, every clip cut off by a Quit and every missing clip.

    The released code takes none of these amiss: it joins the rows of a clip shown twice.
    Parameters are those of `timeline`.
    """
    trials, repeated, _ = _trials(_events(events, "Video"), source, clips, timing, excluded)
    aborted = _aborted(_events(events, "Quit"), trials, source)
    return [*repeated, *aborted, *_missing(trials, source, clips, excluded)]


def _key(code: str) -> str:
    """Return a code as it is compared: the released code goes by its digits only."""
    return code.strip().casefold()


def _events(events: pd.DataFrame, event_type: str) -> list[LogEvent]:
    """Return the events of one type in the order of the log."""
    of_type = events[events["event_type"] == event_type]
    columns = (of_type[name].tolist() for name in ("code", "time_ticks", "line"))
    return [LogEvent(*row) for row in zip(*columns, strict=True)]


def _trials(
    everything: list[LogEvent],
    source: str,
    clips: Mapping[str, str],
    timing: Timing,
    excluded: Collection[str],
) -> tuple[list[ShownTrial], list[InputProblem], list[LogEvent]]:
    """Return the trials kept, in the order shown, every repetition, and what is no trial.

    Excluded trials still count in the order.
    """
    left_out = {_key(code) for code in excluded}
    known = {_key(code): code for code in clips}
    # ASSUMPTION: a clip that is none of the study's is not one of its trials. The released code
    # counts it, and cuts it short instead of the study's own first clip if it comes first.
    foreign = [event for event in everything if _key(event.code) not in known.keys() | left_out]
    shown = [event for event in everything if event not in foreign]
    trials: dict[str, ShownTrial] = {}
    repeated = []
    for order, event in enumerate(shown):
        key = _key(event.code)
        if key in left_out:
            continue
        video = known[key]
        if video in trials:
            repeated.append(
                InputProblem(
                    source,
                    where=f"line {event.line}",
                    expected="every clip once",
                    found=f"{video} again, first shown in line {trials[video].line}",
                    remedy=EXCLUDE,
                    kind="repeated_clip",
                    video=video,
                )
            )
            continue
        length = to_ticks(timing.clip if order else timing.first_trial)
        trials[video] = ShownTrial(order, video, event.line, event.time, event.time + length)
    return list(trials.values()), repeated, foreign


def _aborted(quits: list[LogEvent], trials: list[ShownTrial], source: str) -> list[InputProblem]:
    return [
        InputProblem(
            source,
            where=f"line {event.line}",
            expected=f"{trial.video} to play for "
            f"{(trial.end - trial.start) / TICKS_PER_SECOND:g} s",
            found=f"Quit {(event.time - trial.start) / TICKS_PER_SECOND:.1f} s after its start",
            remedy=EXCLUDE,
            kind="aborted_clip",
            video=trial.video,
        )
        for event in quits
        for trial in trials
        if trial.start <= event.time < trial.end
    ]


def _missing(
    trials: list[ShownTrial], source: str, clips: Mapping[str, str], excluded: Collection[str]
) -> list[InputProblem]:
    there = {_key(trial.video) for trial in trials} | {_key(code) for code in excluded}
    return [
        InputProblem(
            source,
            expected=f"a Video event {code}",
            found=f"none; shown: {', '.join(trial.video for trial in trials) or 'no clip'}",
            remedy=EXCLUDE,
            kind="missing_clip",
            video=code,
        )
        for code in clips
        if _key(code) not in there
    ]


def _foreign(events: list[LogEvent], clips: Mapping[str, str]) -> list[Finding]:
    return [
        Finding(
            "foreign_clip",
            event.line,
            f"Video event '{event.code}' is none of {', '.join(clips)} and was not counted",
        )
        for event in events
    ]


def _overlaps(shown: list[LogEvent], trials: list[ShownTrial], timing: Timing) -> list[Finding]:
    """Return a finding for each trial that the next clip cuts short by more than a grid step."""
    findings = []
    for trial in trials:
        following = [event.time for event in shown if event.line > trial.line][:1]
        if following and (trial.end - following[0]) * timing.grid > TICKS_PER_SECOND:
            findings.append(
                Finding(
                    "clip_cut_short",
                    trial.line,
                    f"the next clip starts {(following[0] - trial.start) / TICKS_PER_SECOND:.4f} s "
                    f"after {trial.video}, which should play for "
                    f"{(trial.end - trial.start) / TICKS_PER_SECOND:g} s; the trial was kept",
                )
            )
    return findings


def _presses(
    responses: list[LogEvent], trials: list[ShownTrial], ratings: Mapping[str, int]
) -> tuple[list[tuple[str, float, int]], list[Finding]]:
    """Return (video, seconds, rating) of the key presses in trials, and those not understood."""
    # A stable sort, so that of two key presses in one tick the later one in the log counts.
    responses = sorted(responses, key=lambda event: event.time)
    key_presses, findings = [], []
    for trial in trials:
        for event in responses:
            if not trial.start <= event.time < trial.end:
                continue
            if event.code in ratings:
                time_s = event.time / TICKS_PER_SECOND
                key_presses.append((trial.video, time_s, ratings[event.code]))
                continue
            # ASSUMPTION: a key that is no rating leaves the rating as it was. The released code
            # turns a code that is not a number into rating 0 and clips any other to 0..3.
            keys = ", ".join(ratings)
            message = f"key '{event.code}' during {trial.video} is none of {keys} and was ignored"
            findings.append(Finding("unknown_key", event.line, message))
    return key_presses, findings
