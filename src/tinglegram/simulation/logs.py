"""Presentation logs (Neurobehavioral Systems) of simulated sessions.

Layout as in logs written by Presentation: `Scenario` and `Logfile written` lines, a header in which
`Uncertainty` occurs twice, a blank line, ragged rows of 13 fields (stimuli) or 7 (the rest), and in
some a blank line followed by summary tables. Time is an integer in units of 0.1 ms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tinglegram.clock import TICKS_PER_SECOND, to_ticks
from tinglegram.simulation.design import Press, SimulatedSession, Stream, generator, recording_day

HEADER = (
    "Subject\tTrial\tEvent Type\tCode\tTime\tTTime\tUncertainty\tDuration\tUncertainty"
    "\tReqTime\tReqDur\tStim Type\tPair Index"
)
VIDEO_SUMMARY = (
    "Filename\tStart Frame\tEnd Frame\tFrames Presented\tFrames Dropped\tStart Time\tEnd Time"
    "\tDuration"
)
STIMULUS_SUMMARY = (
    "Event Type\tCode\tType\tResponse\tRT\tRT Uncertainty\tTime\tUncertainty\tDuration"
    "\tUncertainty\tReqTime\tReqDur"
)
# Seconds between two Pulse events ("system heartbeat"; paper, "Data Records").
HEARTBEAT = 2.0
# Refreshes of the screen per second (paper, "Experimental Procedure").
SCREEN_RATE = 60
# Seconds at the end of a rest in which the screen announces the coming block.
CUE = 2.0


@dataclass(frozen=True)
class LogLayout:
    """What differs between logs: line ends, a first event before time 0, summary tables."""

    crlf: bool
    negative_start: bool
    summary: bool


def log_layout(subject: int) -> LogLayout:
    """Return the layout of a participant's log, so that four participants cover every variant."""
    return LogLayout(
        crlf=subject % 2 == 0, negative_start=subject % 4 == 1, summary=subject % 3 == 0
    )


@dataclass(frozen=True)
class SimulatedEvent:
    """One row before its trial's clock is known; `duration` (ticks) is None for a short row."""

    time: int
    rank: int
    kind: str
    code: str
    duration: int | None = None


def _stimuli(session: SimulatedSession, layout: LogLayout) -> list[SimulatedEvent]:
    """Return rests, announcements and clips."""
    events = []
    for index, rest in enumerate(session.rests):
        # ASSUMPTION: a first event before time 0 lies some ten ms early; the one real log with
        # one that we know starts 1 s early.
        start = (
            -to_ticks(0.0317) if index == 0 and layout.negative_start else to_ticks(rest.start_s)
        )
        coming = [s for s in session.showings if s.start_s >= rest.end_s][:1]
        cue = to_ticks(rest.end_s - min(CUE, (rest.end_s - rest.start_s) / 2))
        end = cue if coming else to_ticks(rest.end_s)
        events.append(SimulatedEvent(start, 0, "Picture", "rest", end - start))
        for showing in coming:
            announced = to_ticks(showing.start_s) - cue
            events.append(
                SimulatedEvent(cue, 0, "Picture", f"announce_{showing.condition}", announced)
            )
    for showing in session.showings:
        length = to_ticks(showing.end_s) - to_ticks(showing.start_s)
        events.append(SimulatedEvent(to_ticks(showing.start_s), 0, "Video", showing.video, length))
    return events


def _short_rows(
    session: SimulatedSession, key_presses: Sequence[Press], codes: Mapping[int, str]
) -> list[SimulatedEvent]:
    """Return heartbeats, key presses of practice in the first rest and during clips, and Quit."""
    beats = np.arange(0.0, session.duration_s, HEARTBEAT)
    events = [SimulatedEvent(to_ticks(t), 1, "Pulse", "99") for t in beats]
    practice = np.linspace(0.2, 0.6, len(codes)) * session.rests[0].end_s
    events += [
        SimulatedEvent(to_ticks(t), 2, "Response", codes[rating])
        for t, rating in zip(practice, sorted(codes), strict=True)
    ]
    events += [
        SimulatedEvent(to_ticks(p.time_s), 2, "Response", codes[p.rating]) for p in key_presses
    ]
    return [*events, SimulatedEvent(to_ticks(session.duration_s), 3, "Quit", "")]


def _summaries(stimuli: Sequence[SimulatedEvent], filenames: Mapping[str, str]) -> list[str]:
    """Return the tables that may follow the event table, each after a blank line."""
    videos = [event for event in stimuli if event.kind == "Video"]
    lines = ["", VIDEO_SUMMARY, ""]
    for event in videos:
        frames = (event.duration or 0) * SCREEN_RATE // TICKS_PER_SECOND
        lines.append(
            f"{filenames[event.code]}\t0\t{frames - 1}\t{frames}\t0\t{event.time}"
            f"\t{event.time + (event.duration or 0)}\t{event.duration}"
        )
    lines += ["", STIMULUS_SUMMARY, ""]
    return lines + [
        f"{event.kind}\t{event.code}\tother\t\t\t\t{event.time}\t1\t{event.duration}\t2\t0\tnext"
        for event in stimuli
    ]


def presentation_log(
    session: SimulatedSession,
    key_presses: Sequence[Press],
    codes: Mapping[int, str],
    filenames: Mapping[str, str],
    layout: LogLayout,
    seed: int,
) -> bytes:
    """Return a participant's log.

    Parameters
    ----------
    key_presses : of all clips, in any order; times are whole ticks.
    codes : rating -> code of its key.
    filenames : clip code -> file name, for the summary table.
    """
    draw = generator(seed, Stream.LOG, session.subject)
    stimuli = sorted(_stimuli(session, layout), key=lambda event: event.time)
    rows = sorted(
        stimuli + _short_rows(session, key_presses, codes),
        key=lambda event: (event.time, event.rank),
    )
    written = datetime.combine(recording_day(session.subject), datetime.min.time())
    written = written.replace(hour=10 + 4 * (session.subject % 2), minute=17, second=42)
    lines = ["Scenario - REST_ASMR_simulated", f"Logfile written - {written:%m/%d/%Y %H:%M:%S}"]
    lines += ["", HEADER, ""]
    trial, trial_start = 0, 0
    for event in rows:
        if event.duration is not None:
            trial, trial_start = trial + 1, event.time
        row = (
            f"{session.subject:03d}\t{trial}\t{event.kind}\t{event.code}\t{event.time}"
            f"\t{event.time - trial_start}\t{draw.integers(1, 4)}"
        )
        if event.duration is not None:
            row += f"\t{event.duration}\t{draw.integers(1, 4)}\t0\tnext\tother\t0"
        lines.append(row)
    if layout.summary:
        lines += _summaries(stimuli, filenames)
    end = "\r\n" if layout.crlf else "\n"
    return (end.join(lines) + end).encode("ascii")
