"""From the events of one log to when each clip was shown and which keys were pressed in it."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.clock import TICKS_PER_SECOND, Timing, to_ticks
from tinglegram.errors import InputProblem, refuse
from tinglegram.formats.presentation import Finding, PlayedVideo
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
STOPPED = (
    "List it in the exclusions table (subject, video, reason) or set data: problems: stopped_clip; "
    "if clips are meant to play for less, correct timing: clip."
)
# Types of events that show nothing.
_NOT_SHOWN = ("response", "pulse", "port input", "manual", "quit", "pause", "resume")
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


@section("timing")
class ClipEnds:
    """How early a clip may end."""

    shortfall: Annotated[
        float,
        AT_LEAST_ZERO,
        "Seconds by which a clip may end early and still count as whole; it is noted.",
    ] = 0.5


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
    ends: ClipEnds | None = None,
    videos: Sequence[PlayedVideo] = (),
    accepted: Collection[str] = (),
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
    ends : how early a clip may end.
    videos : video summary of `tinglegram.formats.presentation.read_log`.
    accepted : kinds of problems that are taken for none; such trials are kept.

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
    ends = ends or ClipEnds()
    problems = timeline_problems(
        events,
        source=source,
        clips=clips,
        timing=timing,
        excluded=excluded,
        ends=ends,
        videos=videos,
    )
    refuse([problem for problem in problems if problem.kind not in accepted])
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
        (
            *_foreign(foreign, clips),
            *_slightly_short(events, trials, timing, ends),
            *_log_ends(events, trials, ends),
            *findings,
            *_summary_findings(videos, everything, trials),
        ),
    )


def timeline_problems(
    events: pd.DataFrame,
    *,
    source: str,
    clips: Mapping[str, str],
    timing: Timing,
    excluded: Collection[str] = (),
    ends: ClipEnds | None = None,
    videos: Sequence[PlayedVideo] = (),
) -> list[InputProblem]:
    """Return every clip that is repeated, missing, cut off by a Quit or stopped early.

    A clip was stopped early if a later trial shows something before its end, or if the video
    summary says that it played for less. The released code takes none of these amiss: it joins
    the rows of a clip shown twice. Parameters are those of `timeline`.
    """
    shown = _events(events, "Video")
    trials, repeated, _ = _trials(shown, source, clips, timing, excluded)
    aborted = _aborted(_events(events, "Quit"), trials, source)
    gone = {problem.video for problem in aborted}
    ends_early = _stopped(events, trials, source, ends or ClipEnds())
    by_summary = _stopped_by_summary(videos, shown, trials, source, ends or ClipEnds())
    stopped = {problem.video: problem for problem in [*by_summary, *ends_early]}
    early = [stopped[t.video] for t in trials if t.video in stopped.keys() - gone]
    return [*repeated, *aborted, *early, *_missing(trials, source, clips, excluded)]


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
        length = to_ticks(timing.clip if order else timing.first_end)
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


def _next_shown(events: pd.DataFrame, trials: list[ShownTrial]) -> dict[str, tuple[str, int, int]]:
    """Clip -> what a later trial shows first after it began: in words, ticks, and line."""
    # ASSUMPTION: Presentation counts its trials up, so whatever a later trial shows, the clip is
    # over; another picture within the clip's own trial may lie over it.
    kinds = events["event_type"].str.casefold()
    videos, others = events[kinds == "video"], events[~kinds.isin([*_NOT_SHOWN, "video"])]
    found = {}
    for trial in trials:
        own = events["trial"][events["line"] == trial.line].iloc[0]
        later = pd.concat(
            [
                videos[videos["line"] > trial.line],
                others[(others["line"] > trial.line) & (others["trial"] > own)],
            ]
        ).sort_values("line")
        if len(later):
            row = later.iloc[0]
            words = f"{row['event_type']} '{row['code']}'"
            found[trial.video] = (words, int(row["time_ticks"]), int(row["line"]))
    return found


def _stopped(
    events: pd.DataFrame, trials: list[ShownTrial], source: str, ends: ClipEnds
) -> list[InputProblem]:
    shown = _next_shown(events, trials)
    return [
        InputProblem(
            source,
            where=f"line {line}",
            expected=f"{trial.video} to play for "
            f"{(trial.end - trial.start) / TICKS_PER_SECOND:g} s",
            found=f"{words} {(time - trial.start) / TICKS_PER_SECOND:.4f} s after its start",
            remedy=STOPPED,
            kind="stopped_clip",
            video=trial.video,
        )
        for trial in trials
        if trial.video in shown
        for words, time, line in [shown[trial.video]]
        if trial.end - time > to_ticks(ends.shortfall)
    ]


def _slightly_short(
    events: pd.DataFrame, trials: list[ShownTrial], timing: Timing, ends: ClipEnds
) -> list[Finding]:
    """Return a finding for each trial that ends early by more than a grid step, and was kept."""
    findings = []
    shown = _next_shown(events, trials)
    for trial in trials:
        words, time, _ = shown.get(trial.video, ("", trial.end, 0))
        lacking = trial.end - time
        if lacking * timing.grid > TICKS_PER_SECOND:
            allowed = "" if lacking > to_ticks(ends.shortfall) else ", as timing: shortfall allows"
            message = (
                f"{words} follows {(time - trial.start) / TICKS_PER_SECOND:.4f} s after "
                f"{trial.video}, which should play for "
                f"{(trial.end - trial.start) / TICKS_PER_SECOND:g} s; the trial was kept{allowed}"
            )
            findings.append(Finding("clip_cut_short", trial.line, message))
    return findings


def _log_ends(events: pd.DataFrame, trials: list[ShownTrial], ends: ClipEnds) -> list[Finding]:
    """Return a finding for a trial within which the log ends: nothing shows that it went on."""
    last = events.sort_values("time_ticks", kind="stable").iloc[-1]
    return [
        Finding(
            "log_ends_in_clip",
            int(last["line"]),
            f"the log ends {(last['time_ticks'] - trial.start) / TICKS_PER_SECOND:.1f} s after the "
            f"start of {trial.video}, which should play for "
            f"{(trial.end - trial.start) / TICKS_PER_SECOND:g} s; whether it did is not known, and "
            "the trial was kept",
        )
        for trial in trials
        if last["event_type"].casefold() != "quit"
        and trial.end - last["time_ticks"] > to_ticks(ends.shortfall)
        and trial.start <= last["time_ticks"]
    ]


def _unit_of(videos: Sequence[PlayedVideo], expected: float) -> int | None:
    """Return the ticks per unit of the video summary's times; None where it has no durations."""
    # ASSUMPTION: times are in units of 0.1 ms, 1 ms or 1 s: of the event table, or as people
    # write; the unit is the one that brings durations closest to how long clips should play.
    spans = [span for span in map(_span, videos) if span > 0]
    if not spans:
        return None
    usual = float(np.median(spans))
    return min((1, 10, TICKS_PER_SECOND), key=lambda ticks: abs(np.log(usual * ticks / expected)))


def _span(video: PlayedVideo) -> float:
    return video.end - video.start if math.isnan(video.duration) else video.duration


def _played(
    videos: Sequence[PlayedVideo], shown: list[LogEvent], trials: list[ShownTrial]
) -> list[tuple[PlayedVideo, ShownTrial, int | None]]:
    """Return the rows of the video summary that belong to trials, with the ticks they played.

    Rows are given to trials in their order, or by their start times where they are not as many.
    """
    if not trials:
        return []
    by_line = {trial.line: trial for trial in trials}
    unit = _unit_of(videos, float(np.median([trial.end - trial.start for trial in trials])))
    found = []
    for i, video in enumerate(videos):
        event = shown[i] if len(videos) == len(shown) else None
        if event is None and unit is not None and not math.isnan(video.start):
            away = [abs(one.time - video.start * unit) for one in shown]
            event = shown[away.index(min(away))] if min(away) < TICKS_PER_SECOND else None
        if event is not None and event.line in by_line:
            known = unit is not None and not math.isnan(_span(video))
            ticks = round(_span(video) * unit) if unit is not None and known else None
            found.append((video, by_line[event.line], ticks))
    return found


def _stopped_by_summary(
    videos: Sequence[PlayedVideo],
    shown: list[LogEvent],
    trials: list[ShownTrial],
    source: str,
    ends: ClipEnds,
) -> list[InputProblem]:
    return [
        InputProblem(
            source,
            where=f"line {video.line}",
            expected=f"{trial.video} to play for "
            f"{(trial.end - trial.start) / TICKS_PER_SECOND:g} s",
            found=f"{ticks / TICKS_PER_SECOND:.4f} s of {video.file} in the video summary",
            remedy=STOPPED,
            kind="stopped_clip",
            video=trial.video,
        )
        for video, trial, ticks in _played(videos, shown, trials)
        if ticks is not None and trial.end - trial.start - ticks > to_ticks(ends.shortfall)
    ]


def _summary_findings(
    videos: Sequence[PlayedVideo], shown: list[LogEvent], trials: list[ShownTrial]
) -> list[Finding]:
    """Return a finding for each clip with dropped frames."""
    given = {video.line: trial.video for video, trial, _ in _played(videos, shown, trials)}
    findings = []
    for video in videos:
        if video.dropped > 0:
            place = f", shown as {given[video.line]}," if video.line in given else ""
            of = f" ({video.presented:.0f} were presented)" if video.presented >= 0 else ""
            message = f"{video.dropped:.0f} frames of {video.file}{place} were dropped{of}"
            findings.append(Finding("dropped_frames", video.line, message))
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
