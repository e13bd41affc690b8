"""What is amiss in the raw files of a study, and what becomes of each participant and trial."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, get_args

import pandas as pd

from tinglegram.behaviour.sessions import session_findings, session_problems
from tinglegram.behaviour.showings import AT, covers
from tinglegram.behaviour.timeline import ClipEnds, timeline, timeline_problems
from tinglegram.clock import TICKS_PER_SECOND, Timing
from tinglegram.errors import InputProblem
from tinglegram.formats.biopac import ExportOutline
from tinglegram.formats.presentation import Finding, read_log
from tinglegram.formats.recording import Note
from tinglegram.pulse.alignment import STARTS_TOGETHER, Clock, ClockAlignment
from tinglegram.pulse.epochs import first_sample
from tinglegram.pulse.fit import Fit
from tinglegram.settings import fields_of, section
from tinglegram.stimuli.findings import ClipProblems

ERROR, TRIAL, SUBJECT = "error", "exclude_trial", "exclude_subject"
WITHOUT_PULSE = "without_pulse"
# Decisions that no policy takes: the table of exclusions did, or nothing needs deciding.
BY_TABLE, NOTED = "excluded", "noted"
_Log = Literal["error", "exclude_subject"]
_Trial = Literal["error", "exclude_trial", "exclude_subject"]
_Pulse = Literal["error", "exclude_subject", "without_pulse"]
_Fit = Literal["error", "exclude_subject", "without_pulse", "accept"]


# Designs differ: `tinglegram.behaviour.designs.BY_DESIGN`.
_DIFFERS = " With readers other than rest_asmr, error only notes it."


@section("data.problems")
class Problems:
    """What becomes of a participant or trial whose raw files have a problem, by kind of problem."""

    missing_log: Annotated[_Log, "No log."] = "error"
    unreadable_log: Annotated[_Log, "A log that is no whole event table."] = "error"
    restarted_session: Annotated[_Log, "A session that was started again." + _DIFFERS] = "error"
    time_steps_back: Annotated[_Log, "Times that step back."] = "error"
    other_subject: Annotated[
        Literal["error", "exclude_subject", "accept"],
        "Another subject in the log than in its name (accept: the name is right).",
    ] = "error"
    several_files: Annotated[_Log, "Two logs or recordings of one participant."] = "error"
    missing_clip: Annotated[_Trial, "A clip that was not shown." + _DIFFERS] = "error"
    repeated_clip: Annotated[_Trial, "A clip that was shown again." + _DIFFERS] = "error"
    aborted_clip: Annotated[_Trial, "A clip that was cut off by a Quit."] = "error"
    stopped_clip: Annotated[
        Literal["error", "exclude_trial", "exclude_subject", "accept"],
        "A clip that the log shows stopped early (accept: it went on, and is kept)." + _DIFFERS,
    ] = "error"
    missing_pulse: Annotated[
        _Pulse, "No pulse recording (without_pulse keeps the participant for models without pulse)."
    ] = "error"
    unreadable_pulse: Annotated[_Pulse, "A pulse recording that cannot be read."] = "error"
    short_pulse: Annotated[_Trial, "The recording ends before the clip."] = "error"
    other_title: Annotated[
        _Fit, "Another participant in the title of a recording than in its name."
    ] = "error"
    early_end: Annotated[
        _Fit, "A recording that ends long before the last event of the log (end_tolerance)."
    ] = "error"
    shifted_pulse: Annotated[
        _Fit, "A trigger channel that shows the clips at other times than the log."
    ] = "error"


# Kind of problem -> what the configuration can decide about it; every other kind is an error.
DECISIONS: dict[str, tuple[str, ...]] = {
    setting.name: get_args(setting.kind)
    for setting in (*fields_of(Problems), *fields_of(ClipProblems))
}
INVENTORY = ["subject", "log", "ppg", "n_clips", "problem", "included", "reason"]
# Beyond what others rely on: trials left out, and whether the participant's pulse is used.
INVENTORY += ["n_left_out", "pulse"]
# What was found in the clips that the participant saw and that are not left out.
INVENTORY += ["clip_findings"]
# Findings that only tell how a file is written.
_FORM = {"encoding", "after_table", "no_subject", "negative_time", "no_sample_counts"}
_FORM |= {"separators", "no_line_end"}
# Problems of trials that inspection keeps, as a policy may: known only with all files read, or
# accepted.
_KEPT = ("short_pulse", "stopped_clip")


class Entry(NamedTuple):
    """A row of problems.tsv before its decision: a problem, or a finding that needs none."""

    subject: str
    video: str
    kind: str
    file: str
    where: str
    expected: str
    found: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The entry as it is read."""
        place = f"{self.file}, {self.where}" if self.where else self.file
        if not self.expected:
            return f"{place}: {self.found}"
        return f"{place}: expected {self.expected}, found {self.found}. {self.remedy}"


@dataclass(frozen=True)
class Design:
    """What a session should hold.

    Attributes
    ----------
    clips : code -> condition.
    ratings : code of a key -> rating.
    timing : of the clips.
    channel, sampling_rate : of the pulse recording, as for `tinglegram.formats.biopac.read_export`.
    ends : how early a clip may end.
    alignment : how recordings are brought in line with their logs.
    """

    clips: Mapping[str, str]
    ratings: Mapping[str, int]
    timing: Timing
    channel: str
    sampling_rate: float | None
    ends: ClipEnds = field(default_factory=ClipEnds)
    alignment: ClockAlignment = field(default_factory=ClockAlignment)


class LogInspection(NamedTuple):
    """What a log gave: its trials (None where it is not usable), entries, and its last event."""

    trials: pd.DataFrame | None
    entries: list[Entry]
    end_s: float = 0.0


class Decided(NamedTuple):
    """Decisions in the order of the entries, and what they leave out: (subject, video or *)."""

    decisions: list[str]
    excluded: dict[tuple[str, str], str]
    without_pulse: list[str]


def entry(subject: str, problem: InputProblem, kind: str) -> Entry:
    """Return a problem as an entry; `kind` names it where it has no name of its own."""
    return Entry(
        subject,
        problem.video,
        problem.kind or kind,
        problem.source,
        problem.where,
        problem.expected,
        problem.found,
        problem.remedy,
    )


def _noted(subject: str, source: str, finding: Finding | Note) -> Entry:
    place = f"line {finding.line}" if isinstance(finding, Finding) else ""
    return Entry(subject, "*", finding.kind, source, place, "", finding.message, "")


def fit_entries(subject: str, source: str, fits: Iterable[Fit]) -> list[Entry]:
    """Return the entries of what does not fit in a recording, problems first."""
    fits = list(fits)
    return [
        *(entry(subject, problem, "unreadable_pulse") for fit in fits for problem in fit.problems),
        *(_noted(subject, source, note) for fit in fits for note in fit.notes),
    ]


def is_of_clip(found: Entry) -> bool:
    """Return whether an entry concerns the file of a clip, which all participants share."""
    return not found.subject and found.video != "*"


def missing_file(subject: str, what: str, path: str, kind: str) -> Entry:
    """Return the entry of a participant who lacks a log or a pulse recording."""
    remedy = (
        "Add the file, or leave the person out by a line (subject, *, reason) in the table of "
        f"exclusions or by data: problems: {kind}."
    )
    return Entry(
        subject, "*", kind, path, "", f"the {what} of participant {subject}", "no such file", remedy
    )


def inspect_log(
    content: bytes, source: str, subject: str, design: Design, excluded: Collection[str]
) -> LogInspection:
    """Read a log and return its trials, every problem and every finding.

    Trials with a problem of their own are not among the trials returned, except clips that were
    stopped early, which a policy may accept.
    """
    try:
        log = read_log(content, source)
    except InputProblem as problem:
        return LogInspection(None, [entry(subject, problem, "unreadable_log")])
    of_session = session_problems(log.events, source=source, subject=int(subject))
    of_trials = timeline_problems(
        log.events,
        source=source,
        clips=design.clips,
        timing=design.timing,
        excluded=excluded,
        ends=design.ends,
        videos=log.videos,
    )
    found = timeline(
        log.events,
        source=source,
        subject=int(subject),
        clips=design.clips,
        ratings=design.ratings,
        timing=design.timing,
        excluded=[*excluded, *(p.video for p in of_trials if p.kind not in _KEPT)],
        ends=design.ends,
        videos=log.videos,
        accepted=_KEPT,
    )
    findings = (*log.findings, *session_findings(log.events), *found.findings)
    return LogInspection(
        found.timeline,
        [
            *(entry(subject, problem, "unreadable_log") for problem in of_session + of_trials),
            *(_noted(subject, source, finding) for finding in findings),
        ],
        float(log.events["time_ticks"].max()) / TICKS_PER_SECOND,
    )


def coverage(
    outline: ExportOutline,
    source: str,
    subject: str,
    trials: pd.DataFrame,
    clock: Clock = STARTS_TOGETHER,
) -> list[Entry]:
    """Return an entry for each trial whose valid epoch the pulse recording does not cover.

    `clock` says where the recording started on the log clock.
    """
    rate, first = outline.sampling_rate_hz, outline.first_index
    found = []
    columns = (trials[name].tolist() for name in ("video", "start_s", "valid_start_s", "end_s"))
    for video, shown_s, start_s, end_s in zip(*columns, strict=True):
        offset_s = clock.offset(shown_s)
        if first_sample(start_s - offset_s, rate) < first:
            begin_s = first / rate + offset_s
            where, expected = f"second {start_s:.1f}", f"{video} to begin after the recording"
            seen = f"a clip before second {begin_s:.1f}" if begin_s else "a clip before time 0"
        elif first_sample(end_s - offset_s, rate) > first + outline.n_samples:
            where = f"second {outline.seconds:.1f}"
            expected = f"samples up to second {end_s:.1f}, where clip {video} ends"
            seen = f"the end of the recording after {outline.n_samples} samples"
        else:
            continue
        remedy = (
            "Export the whole recording, check that log and recording belong together, or leave "
            "the trial out by the table of exclusions or by data: problems: short_pulse."
        )
        found.append(Entry(subject, video, "short_pulse", source, where, expected, seen, remedy))
    return found


def decide(
    entries: Sequence[Entry],
    policies: Mapping[str, str],
    excluded: Set[tuple[str, str]],
    clips: Collection[str],
    shown: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Decided:
    """Decide about every entry.

    Parameters
    ----------
    entries : of everybody.
    policies : kind -> one of its `DECISIONS`; a kind that is not named is an error.
    excluded : (subject, video or *) of the table of exclusions, which goes before all policies.
    clips : codes of the study. A participant none of whose trials is left is left out.
    shown : participant -> names of the trials (`vid1`, `vid1@5`), where not all saw all clips once.
    """

    def policy(found: Entry) -> str:
        return policies.get(found.kind, ERROR) if found.kind in DECISIONS else ERROR

    def by_table(found: Entry) -> bool:
        names = ("*", found.video, found.video.partition(AT)[0])
        return not excluded.isdisjoint({(found.subject, name) for name in names})

    left_out: dict[tuple[str, str], str] = {}
    for found in entries:
        if not found.expected or by_table(found) or policy(found) not in (TRIAL, SUBJECT):
            continue
        video = found.video if policy(found) == TRIAL else "*"
        left_out.setdefault((found.subject, video), f"{found.kind}: {policy(found)}")
    for subject in {subject for subject, _ in left_out}:
        trials = {video for s, video in [*left_out, *excluded] if s == subject}
        own = shown.get(subject, clips)
        if "*" not in trials and own and all(covers(trials, name) for name in own):
            left_out[subject, "*"] = f"no trial left: {SUBJECT}"
    decisions = []
    for found in entries:
        if not found.expected:
            decisions.append(NOTED)
        elif by_table(found):
            decisions.append(BY_TABLE)
        else:
            gone = (found.subject, "*") in left_out
            decisions.append(SUBJECT if gone else policy(found))
    pulseless = {f.subject for f, d in zip(entries, decisions, strict=True) if d == WITHOUT_PULSE}
    return Decided(decisions, left_out, sorted(pulseless, key=int))


def problem_table(entries: Sequence[Entry], decisions: Iterable[str]) -> pd.DataFrame:
    """Return problems.tsv: one row per entry, with its decision; nobody's subject is missing."""
    table = pd.DataFrame(list(entries), columns=list(Entry._fields))
    table["subject"] = pd.to_numeric(table["subject"].replace("", None)).astype("Int64")
    return table.replace("", pd.NA).assign(decision=list(decisions))


def read_problems(table: pd.DataFrame) -> list[tuple[Entry, str]]:
    """Return the entries and decisions of problems.tsv as read back."""
    rows = table.astype(object).where(table.notna(), "").itertuples(index=False)
    return [
        (Entry(f"{int(subject):03d}" if subject != "" else "", *map(str, found)), str(decision))
        for subject, *found, decision in rows
    ]


def inventory_table(
    participants: Mapping[str, tuple[str | None, str | None, int]],
    entries: Sequence[Entry],
    decided: Decided,
    excluded: Mapping[tuple[str, str], str],
) -> pd.DataFrame:
    """Return inventory.tsv: one row per participant found.

    Parameters
    ----------
    participants : subject -> log, pulse recording (None: none) and number of usable trials.
    entries, decided : of everybody.
    excluded : (subject, video or *) -> reason, of the table of exclusions.
    """
    rows = []
    in_clips: dict[str, list[str]] = {}
    for found in entries:
        if is_of_clip(found) and found.kind not in in_clips.setdefault(found.video, []):
            in_clips[found.video].append(found.kind)
    for subject, (log, ppg, n_clips) in participants.items():
        reasons = {
            v: r for (s, v), r in [*decided.excluded.items(), *excluded.items()] if s == subject
        }
        problems = [e.sentence for e in entries if e.subject == subject and e.kind not in _FORM]
        trials = [video for video in reasons if video != "*"]
        # Inspection counts these trials; it left out others for what the log says.
        gone = {
            e.video
            for e, d in zip(entries, decided.decisions, strict=True)
            if e.subject == subject and e.kind in _KEPT and d == TRIAL
        }
        if subject in decided.without_pulse:
            reasons[WITHOUT_PULSE] = "models and results without pulse only"
        rows.append(
            {
                "subject": int(subject),
                "log": log,
                "ppg": ppg,
                "n_clips": n_clips - len(gone),
                "problem": "; ".join(problems) or None,
                "included": "*" not in reasons,
                "reason": "; ".join(
                    reason if video == "*" else f"{video}: {reason}"
                    for video, reason in reasons.items()
                )
                or None,
                "n_left_out": len(trials),
                "pulse": ppg is not None and subject not in decided.without_pulse,
                "clip_findings": "; ".join(
                    f"{video}: {', '.join(kinds)}"
                    for video, kinds in in_clips.items()
                    if video not in reasons
                )
                or None,
            }
        )
    return pd.DataFrame(rows, columns=INVENTORY)
