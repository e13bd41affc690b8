"""Does a log hold one session of the participant it is named after, on one clock?"""

import re

import pandas as pd

from tinglegram.clock import TICKS_PER_SECOND
from tinglegram.errors import InputProblem
from tinglegram.formats.presentation import ORIGINAL, RESTARTED, Finding

# ASSUMPTION: a subject entered as 7, 007, S07 or SUBJ-007 is number 7. Longer numbers (dates,
# hospital records) and anything else cannot be compared with the name of the file.
NUMBERED = re.compile(r"[^\W\d]*[ _-]?0*([0-9]{1,4})")


def session_problems(events: pd.DataFrame, *, source: str, subject: int) -> list[InputProblem]:
    """Return a problem each if the session was restarted, its clock jumps, or it is another's.

    Parameters
    ----------
    events : table of `tinglegram.formats.presentation.read_log`.
    source : name of the log, for messages.
    subject : number of the participant, from the name of the file.

    Returns
    -------
    Problems of the kinds restarted_session (the trial counter goes back), time_steps_back and
    other_subject, each named at the first line where it shows.
    """
    return [
        *_restarts(events, source),
        *_steps_back(events, source),
        *_strangers(events, source, subject),
    ]


def _restarts(events: pd.DataFrame, source: str) -> list[InputProblem]:
    back = events["trial"].diff() < 0
    return [
        InputProblem(
            source,
            where=f"line {events['line'][index]}",
            expected="a trial counter that rises",
            found=f"trial {events['trial'][index]} after {events['trial'][index - 1]}: the session "
            "was started again",
            remedy=RESTARTED,
            kind="restarted_session",
        )
        for index in events.index[back]
    ][:1]


def _steps_back(events: pd.DataFrame, source: str) -> list[InputProblem]:
    back = events["time_ticks"].diff() < 0
    seconds = events["time_ticks"] / TICKS_PER_SECOND
    return [
        InputProblem(
            source,
            where=f"line {events['line'][index]}",
            expected="times that rise",
            found=f"{seconds[index]:.4f} s after {seconds[index - 1]:.4f} s",
            remedy=ORIGINAL,
            kind="time_steps_back",
        )
        for index in events.index[back]
    ][:1]


def _strangers(events: pd.DataFrame, source: str, subject: int) -> list[InputProblem]:
    for line, entered in zip(events["line"], events["subject"], strict=True):
        number = None if pd.isna(entered) else NUMBERED.fullmatch(entered)
        if number and int(number[1]) != subject:
            return [
                InputProblem(
                    source,
                    where=f"line {line}",
                    expected=f"subject {subject}, as in the name of the file",
                    found=f"'{entered}' in column Subject",
                    remedy="Find out whose session this is and rename the file; if its name is "
                    "right, set data: problems: other_subject to accept.",
                    kind="other_subject",
                )
            ]
    return []


def session_findings(events: pd.DataFrame) -> tuple[Finding, ...]:
    """Return what should be known of a session and does not stop the analysis."""
    findings = []
    if events["subject"].isna().all():
        message = "no column Subject: only the name of the file says whose log this is"
        findings.append(Finding("no_subject", int(events["line"].iloc[0]), message))
    early = events[events["time_ticks"] < 0]
    if len(early):
        first = early["time_ticks"].iloc[0] / TICKS_PER_SECOND
        message = f"{len(early)} event(s) before time 0, the first at {first:.4f} s, were kept"
        findings.append(Finding("negative_time", int(early["line"].iloc[0]), message))
    return tuple(findings)
