"""Which reader reads which part of a study, whose files it finds, and how parts become one."""

import dataclasses
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tinglegram.canonical.tables import Session, Signal, fit_session, signal_faults
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.formats.delimited import plain_number
from tinglegram.formats.recording import Note
from tinglegram.readers.clocks import (
    ClockLimits,
    compare_trials,
    recording_notes,
    response_notes,
)
from tinglegram.readers.names import same_number
from tinglegram.readers.options import read_options
from tinglegram.readers.people import with_people
from tinglegram.readers.registry import Request, reader

EVENTS, RESPONSES, SIGNALS = "events", "responses", "signals"
# ASSUMPTION: the clocks of two devices that recorded one session are as much apart at most.
_MOST_APART_S = 0.5
DEFAULT_LIMITS = ClockLimits()
# ASSUMPTION: whole numbers of a covariate that are years, and the age of the oldest.
_YEARS, _OLDEST = (1900, 2100), 130
_NUMBERED = re.compile(r"[^\W\d]*[-_ ]?0*([0-9]{1,6})")


@dataclass(frozen=True)
class Part:
    """A reader for a part of the data, the folder of its files (None: data.root), its options."""

    reader: str
    root: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """Where a study that another reader than `rest_asmr` reads comes from.

    Attributes
    ----------
    parts : events, and responses and signals where they have a reader of their own.
    ids : participant as files of results name them ("001") -> id.
    files : part -> participant -> the files that reading depends on.
    without_signals : participants whose events are read without the signals beside them.
    without_pulse : participants of whose signals the reader keeps the pulse back.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    without_signals: Collection[str] = ()
    without_pulse: Collection[str] = ()

    def of_signals(self) -> str:
        """Return the part that gives the signals."""
        return SIGNALS if SIGNALS in self.parts else EVENTS

    def used(self, subject: str, *names: str) -> list[str]:
        """Return the files of a participant in these parts."""
        return [path for name in names for path in self.files.get(name, {}).get(subject, ())]

    def passing_over(self, subjects: Iterable[str]) -> "Sources":
        """Return the same sources, with the signals beside the events of these not read."""
        return dataclasses.replace(self, without_signals=frozenset(subjects))

    def as_text(self, subject: str, *names: str) -> str:
        """Return these parts and the participant's files as one argument of a script."""
        return json.dumps(
            {
                name: {
                    **dataclasses.asdict(self.parts[name]),
                    "files": self.used(subject, name),
                    # Said only where it is not as usual.
                    **({"with_signals": False} if subject in self.without_signals else {}),
                    **({"with_pulse": False} if subject in self.without_pulse else {}),
                }
                for name in names
                if name in self.parts
            }
        )


def sources_of_text(text: str, subject: str, participant: str, lacking: Collection[str]) -> Sources:
    """Return the sources of one participant that `Sources.as_text` wrote.

    Parameters
    ----------
    subject, participant : as files of results name the participant, and the id.
    lacking : parts of which the participant has no file.
    """
    parts, files, with_pulse = {}, {}, True
    for name, about in json.loads(text).items():
        own = tuple(about.pop("files"))
        with_pulse = about.pop("with_pulse", with_pulse)
        parts[name] = Part(**about)
        files[name] = {} if name in lacking else {subject: own}
    without_pulse = () if with_pulse else (subject,)
    return Sources(parts, {subject: participant}, files, without_pulse=without_pulse)


def parts_of(data: Mapping[str, Any]) -> dict[str, Part]:
    """Return the readers that a configuration names under `data`."""
    found = {EVENTS: Part(data["reader"], data["root"], data["options"])}
    for name in (RESPONSES, SIGNALS):
        if data[name] is not None:
            part = read_options(data[name], Part, f"data.{name}")
            found[name] = dataclasses.replace(part, root=part.root or data["root"])
    return found


def numbered(ids: Iterable[str]) -> dict[str, str]:
    """Return participant as files of results name them -> id, in the order of the numbers.

    Ids that are numbers (7, P7, sub-07) keep them, where all are and no two have the same one; else
    they are numbered from 1 in their sorted order.
    """
    every = sorted(set(ids))
    matches = [_NUMBERED.fullmatch(name) for name in every]
    numbers = [int(match[1]) for match in matches if match]
    if len(set(numbers)) < len(every):
        numbers = list(range(1, len(every) + 1))
    return {f"{number:03d}": name for number, name in sorted(zip(numbers, every, strict=True))}


def find_sources(
    data: Mapping[str, Any], lengths_s: Mapping[str, float], dimensions: Mapping[str, str]
) -> Sources:
    """Find the participants of a study and their files, by names alone.

    Parameters
    ----------
    data : section of the configuration.
    lengths_s : stimulus -> its length.
    dimensions : response dimension -> its kind.

    Raises
    ------
    TinglegramError : nobody was found, or a part of the data names people that the events do not
        and `problems: missing_log` does not leave them out.
    """
    parts = parts_of(data)
    requests = {
        name: (part, request_of(name, part, lengths_s, dimensions)) for name, part in parts.items()
    }
    found = {
        name: {
            participant: tuple(map(str, files))
            for participant, files in reader(part.reader).find(request).items()
        }
        for name, (part, request) in requests.items()
    }
    people = found[EVENTS]
    if not people:
        raise TinglegramError(
            f"{parts[EVENTS].root}: the reader {parts[EVENTS].reader} found nobody there. Check "
            "data.root and data.options; `tinglegram check` says what a folder looks like."
        )
    everybody = dict.fromkeys(people)
    may_lack = data.get("problems", {}).get("missing_log", "error") != "error"
    for name in found:
        strangers = sorted(found[name].keys() - people.keys())
        if may_lack:
            everybody |= dict.fromkeys(found[name])
        elif strangers:
            raise TinglegramError(
                f"data.{name}: files of {', '.join(strangers)}, who have no events. Present: "
                f"{', '.join(sorted(people))}. Name people alike, or move the files away."
            )
    for one, other in same_number(everybody):
        raise TinglegramError(
            f"{parts[EVENTS].root}: expected every participant under one name, found {one} and "
            f"{other}. Move the copy away, or give two people names that differ in more than "
            "zeros, signs and case."
        )
    ids = numbered(everybody)
    files = {
        name: {subject: own[who] for subject, who in ids.items() if who in own}
        for name, own in found.items()
    }
    kept_back = _without_pulse(requests)
    without_pulse = frozenset(subject for subject, who in ids.items() if who in kept_back)
    return Sources(parts, ids, files, without_pulse=without_pulse)


def _without_pulse(requests: Mapping[str, tuple[Part, Request]]) -> set[str]:
    """Return the ids of those of whose signals the reader keeps the pulse back."""
    part, request = requests[SIGNALS if SIGNALS in requests else EVENTS]
    ask = getattr(reader(part.reader), "without_pulse", None)
    return set() if ask is None else {*ask(request)}


def request_of(
    name: str,
    part: Part,
    lengths_s: Mapping[str, float],
    dimensions: Mapping[str, str],
    limits: ClockLimits = DEFAULT_LIMITS,
) -> Request:
    """Return what the reader of a part is asked."""
    where = "data.options" if name == EVENTS else f"data.{name}.options"
    root = Path(str(part.root))
    return Request(root, part.options, lengths_s, dimensions, where, limits=limits)


def covariate_table(
    sources: Sources,
    lengths_s: Mapping[str, float],
    dimensions: Mapping[str, str],
    people: str | None = None,
) -> pd.DataFrame:
    """Return subject (number), participant_id, and all covariates.

    Those that the events' reader knows, then those of `people`, a table that stands beside the data
    (`data: participants`).

    Raises
    ------
    InputProblem : a covariate's table names somebody twice, or in other letters or blanks than
        the files do; or see `tinglegram.readers.people.with_people`.
    """
    return with_people(_known_covariates(sources, lengths_s, dimensions), people, sources.ids)


def _known_covariates(
    sources: Sources, lengths_s: Mapping[str, float], dimensions: Mapping[str, str]
) -> pd.DataFrame:
    """Return subject, participant_id, and the covariates that the events' reader knows."""
    table = pd.DataFrame(
        {
            "subject": [int(subject) for subject in sources.ids],
            "participant_id": list(sources.ids.values()),
        }
    )
    part = sources.parts[EVENTS]
    module = reader(part.reader)
    if not hasattr(module, "covariates"):
        return table
    known = module.covariates(request_of(EVENTS, part, lengths_s, dimensions))
    where = "table of participants"
    named: dict[str, str] = {}
    for name in known["participant_id"]:
        first = named.get(_bare(name))
        if first is not None:
            raise InputProblem(
                str(part.root),
                where=where,
                expected="every participant once",
                found=f"{name} again" if first == name else f"'{first}' and '{name}'",
                remedy="Keep one line for each.",
            )
        named[_bare(name)] = name
    for name in sources.ids.values():
        other = named.get(_bare(name), name)
        if other != name:
            raise InputProblem(
                str(part.root),
                where=where,
                expected=f"'{name}', as the files name this participant",
                found=f"'{other}'",
                remedy="Write the name in the table as the files do.",
            )
    return table.merge(known, on="participant_id", how="left", validate="one_to_one")


def mixed_columns(covariates: pd.DataFrame) -> dict[str, str]:
    """Return column -> a sentence, of columns whose cells are of two kinds.

    Words of which some are numbers; and numbers of which some are years and all others ages.

    Parameters
    ----------
    covariates : of `covariate_table`, without its first two columns.
    """
    found = {}
    for column in covariates.select_dtypes(exclude="number"):
        cells = [str(cell) for cell in covariates[column].dropna()]
        words = [cell for cell in cells if plain_number(cell) is None]
        if words and len(words) < len(cells):
            found[str(column)] = (
                f"{len(cells) - len(words)} of {len(cells)} values are numbers, and it is taken as "
                f"words, because of '{words[0][:40]}'; statistics see groups in it and no amounts"
            )
    for column in covariates.select_dtypes(include="number"):
        values = covariates[column].dropna()
        years = values[values.between(*_YEARS) & (values == values.round())]
        others = values.drop(years.index)
        if len(years) and len(others) and others.between(0, _OLDEST).all():
            found[str(column)] = (
                f"{len(years)} of {len(values)} values look like years ({years.iloc[0]:g}), beside "
                f"others of {others.min():g} to {others.max():g}: ages and years of birth? "
                "Statistics take them as they are"
            )
    return found


def _bare(name: str) -> str:
    """Return a name without its case and its blanks."""
    return "".join(name.split()).casefold()


def read_parts(
    text: str,
    participant: str,
    lengths_s: Mapping[str, float],
    dimensions: Mapping[str, str],
    limits: ClockLimits = DEFAULT_LIMITS,
) -> dict[str, Session]:
    """Read the parts of a participant that `Sources.as_text` wrote."""
    found = {}
    for name, about in json.loads(text).items():
        files = [Path(path) for path in about.pop("files")]
        with_signals = about.pop("with_signals", True)
        about.pop("with_pulse", None)
        part = Part(**about)
        request = request_of(name, part, lengths_s, dimensions, limits)
        request = dataclasses.replace(request, with_signals=with_signals)
        found[name] = reader(part.reader).read(participant, files, request)
    return found


def joined(
    sessions: Mapping[str, Session],
    source: str,
    lengths_s: Mapping[str, float],
    limits: ClockLimits = DEFAULT_LIMITS,
) -> Session:
    """Return trials and responses of one participant, from one reader or two, and check them.

    Parameters
    ----------
    sessions : events, and responses where they have a reader of their own.
    source : name of the participant, for messages.
    lengths_s : stimulus -> its length, of every stimulus of the study.
    limits : how far clocks may run apart.

    Raises
    ------
    InputProblem : both name another stimulus of one trial; see
        `tinglegram.canonical.tables.fit_session`; or markers of the responses that contradict the
        events (`tinglegram.readers.clocks.compare_trials`).
    """
    session = sessions[EVENTS]
    if RESPONSES in sessions:
        other = sessions[RESPONSES]
        _check_same_trials(session.trials, other.trials, source)
        responses, told = _on_clock_of(other, session, limits, source)
        responses, left_out = _within_other_trials(responses, session.trials)
        # The trials are those of the events: nothing of them was made.
        of_other = [note for note in other.notes if note.kind != "made_clock"]
        notes = (*session.notes, *of_other, *told, *left_out)
        session = dataclasses.replace(session, responses=responses, notes=notes)
    session = fit_session(session, source, lengths_s)
    told = response_notes(session.responses, session.trials)
    return dataclasses.replace(session, notes=(*session.notes, *told))


def _on_clock_of(
    other: Session, session: Session, limits: ClockLimits, source: str
) -> tuple[pd.DataFrame, list[Note]]:
    """Return responses of one reader on the clock of the events of another one, and notes.

    Onsets that the responses' reader made are no markers.
    """
    responses = other.responses
    if other.onsets == "made":
        onsets, own = (t.set_index("trial")["onset_s"] for t in (session.trials, other.trials))
        # Of a trial that the events lack there is no onset; its responses are refused later.
        later = responses["trial"].map((onsets - own).fillna(0.0))
        said = "times of responses count from the onsets of the events: no file says other ones"
        found = responses.assign(time_s=responses["time_s"] + later)
        return found, [Note("times_since_onset", said)]
    shift_s = shift_between(other.zero_unix_s, session.zero_unix_s, source)
    told = _marker_notes(other, session.trials, shift_s, limits, "the responses", source)
    return responses.assign(time_s=responses["time_s"] + shift_s), told


def _marker_notes(
    session: Session,
    trials: pd.DataFrame,
    shift_s: float,
    limits: ClockLimits,
    what: str,
    source: str,
) -> list[Note]:
    """Compare onsets of a reader with those of the events, unless they are first responses."""
    if session.onsets == "first_response":
        return []
    own = session.trials.assign(onset_s=session.trials["onset_s"] + shift_s)
    return compare_trials(own, trials, limits, what, source)


def _check_same_trials(trials: pd.DataFrame, others: pd.DataFrame, source: str) -> None:
    """Refuse responses whose reader numbers other trials than that of the events."""
    both = trials.merge(others, on="trial", suffixes=("", "_other"))
    wrong = both[both["stimulus_id"] != both["stimulus_id_other"]]
    if len(wrong):
        raise InputProblem(
            source,
            where=f"trial {wrong['trial'].iloc[0]}",
            expected=f"{wrong['stimulus_id'].iloc[0]}, as the events say, in the responses too",
            found=f"{wrong['stimulus_id_other'].iloc[0]}",
            remedy="Name the files of the trials in data.responses: options, with their onsets.",
        )


def _within_other_trials(
    responses: pd.DataFrame, trials: pd.DataFrame
) -> tuple[pd.DataFrame, list[Note]]:
    """Leave out what two readers' onsets of one trial, a little apart, put beside the trial.

    Such a response comes at most `_MOST_APART_S` before the onset, where the last one alone is the
    level, or after the end. What lies farther away is left to be refused.
    """
    about = trials.drop_duplicates("trial").set_index("trial").reindex(responses["trial"])
    onsets = about["onset_s"].to_numpy()
    times = responses["time_s"].to_numpy()
    after = times - (onsets + about["duration_s"].to_numpy())
    before = onsets - times
    last = ~responses.assign(early=before > 0).duplicated(["trial", "dimension", "early"], "last")
    beside = (after >= 0) & (after <= _MOST_APART_S)
    beside |= (before > 0) & (before <= _MOST_APART_S) & ~last.to_numpy()
    if not beside.any():
        return responses, []
    said = (
        f"{int(beside.sum())} response(s) lie up to {_MOST_APART_S:g} s beside their trial, whose "
        "times two readers give, and were left out"
    )
    return responses[~beside].reset_index(drop=True), [Note("times_apart", said)]


def shift_between(zero_s: float | None, clock_zero_s: float | None, source: str) -> float:
    """Return the seconds to add to times of one clock to have them on the participant's.

    Parameters
    ----------
    zero_s, clock_zero_s : unix times of both zeros; None: a clock without a date.

    Raises
    ------
    InputProblem : only one of both has a date, so that nothing says how they belong together.
    """
    if zero_s is None and clock_zero_s is None:
        return 0.0
    if zero_s is None or clock_zero_s is None:
        lacking = "events have" if clock_zero_s is None else "other part has"
        raise InputProblem(
            source,
            expected="unix times in all files of a participant, or in none",
            found=f"some: the {lacking} none",
            remedy="Name the clock of each reader in its options, and offset_s between them.",
        )
    return zero_s - clock_zero_s


def check_recordings(
    session: Session,
    signals: Sequence[Signal],
    trials: pd.DataFrame,
    clock_zero_s: float | None,
    limits: ClockLimits,
    source: str,
) -> list[Note]:
    """Compare recordings with the session that they should be of.

    Parameters
    ----------
    session : as its reader gave it; the trials of its own markers are compared, if it has any.
    signals : `signals_on_clock`.
    trials : table of trials, of the events.
    clock_zero_s : unix time of the participant's time 0; None: no date.
    limits : how far clocks may run apart.

    Raises
    ------
    InputProblem : see `tinglegram.readers.clocks.compare_trials` and `recording_notes`.
    """
    notes = []
    if len(session.trials):
        shift_s = shift_between(session.zero_unix_s, clock_zero_s, source)
        notes += _marker_notes(session, trials, shift_s, limits, "the signals", source)
    for signal in signals:
        notes += recording_notes(signal, trials, limits, source)
    return notes


def signals_on_clock(session: Session, clock_zero_s: float | None, source: str) -> list[Signal]:
    """Return the signals of a session on the participant's clock.

    Parameters
    ----------
    session : as its reader gave it.
    clock_zero_s : unix time of the participant's time 0; None: no date.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : see `shift_between` and `tinglegram.canonical.tables.signal_faults`.
    """
    if not session.signals:
        return []
    signal_faults(session.signals, source)
    shift_s = shift_between(session.zero_unix_s, clock_zero_s, source)
    return [signal.later(shift_s) for signal in session.signals]


def chosen_signal(signals: Sequence[Signal], kind: str, source: str) -> Signal:
    """Return the one signal of a type.

    Raises
    ------
    InputProblem : there is none, or more than one.
    """
    own = [signal for signal in signals if signal.type == kind]
    if len(own) == 1:
        return own[0]
    present = ", ".join(f"{signal.name} ({signal.type})" for signal in signals) or "no signal"
    raise InputProblem(
        source,
        expected=f"one signal of type {kind} (pulse: signal)",
        found=present if not own else f"{len(own)}: {', '.join(s.name for s in own)}",
        remedy="Name the channel to use in data: options; without a pulse set pulse: signal to "
        "null.",
        kind="" if own else "missing_pulse",
    )
