"""The reader `csv`: tables of any experiment software, by columns that the configuration names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Onsets, Session, Signal, response_table, trial_table
from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import (
    DelimitedTable,
    Wanted,
    numbers_or_words,
    read_delimited,
)
from tinglegram.formats.recording import Note
from tinglegram.readers.csv_names import name_glob, name_pattern
from tinglegram.readers.csv_options import (
    CsvLabelled,
    CsvOptions,
    CsvParticipants,
    CsvResponses,
    CsvSignals,
    csv_options,
    trials_source,
)
from tinglegram.readers.csv_parts import (
    CsvName,
    CsvPart,
    ParticipantClock,
    part_notes,
    part_of,
    words_of,
)
from tinglegram.readers.csv_responses import CollectedResponses
from tinglegram.readers.csv_signals import signals_of_tables
from tinglegram.readers.csv_times import UNIX_FROM_S, UNIX_TO_S, TrialSpans, clock_seconds
from tinglegram.readers.csv_trials import made_trials, trials_of
from tinglegram.readers.registry import Request


def find(request: Request) -> Mapping[str, Sequence[Path]]:
    """Return participant_id -> files, by their names; of files of several people, by their column.

    Files whose name begins with a dot are passed over.

    Raises
    ------
    InputProblem : a pattern that fits no file, or a name with a stimulus that the study lacks and a
        participant of whom nothing else is known.
    """
    options = csv_options(request.options, request.where)
    found: dict[str, set[Path]] = {}
    strangers: list[tuple[CsvName, Path, str]] = []
    for place, entry in options.entries():
        where = f"{request.where}.{place}"
        names = _names(sorted(request.root.glob(name_glob(entry.files))), entry, request)
        if not names:
            raise InputProblem(
                entry.files,
                expected="files of this name below data.root",
                found="none",
                remedy=f"Correct {where}.files or data.root.",
            )
        for name, path in names:
            if not name.is_known:
                strangers.append((name, path, where))
                continue
            for participant in _participants(path, name, entry):
                found.setdefault(participant, set()).add(path)
    for name, path, where in strangers:
        if name.participant not in found:
            raise InputProblem(
                name.source,
                expected=f"a stimulus of the study in its name ({', '.join(request.lengths_s)})",
                found=f"'{name.stimulus}'",
                remedy=f"Translate it by {where}.rename, or add it under clips.",
            )
        found[name.participant].add(path)
    if options.participants is not None and options.participants.unix_zero is not None:
        for paths in found.values():
            paths.add(request.root / options.participants.file)
    return {participant: sorted(paths) for participant, paths in sorted(found.items())}


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read the files of a participant.

    Parameters
    ----------
    files : as `find` gave them.

    Raises
    ------
    InputProblem : files that cannot be read or contradict each other, or are missing.
    """
    options = csv_options(request.options, request.where)
    reading = _Reading(participant_id, files, request, options)
    clock = ParticipantClock(reading.origin_s())
    spans = reading.spans(clock)
    responses = CollectedResponses(spans, request.dimensions, limits=request.limits)
    for i, entry in enumerate(options.responses):
        responses.add(reading.parts(f"responses[{i}]", entry), entry, clock)
    rows = responses.all_rows()
    signals: list[Signal] = []
    for i, sensor in enumerate(options.signals if request.with_signals else ()):
        read_signals, notes = signals_of_tables(
            reading.parts(f"signals[{i}]", sensor), sensor, clock, spans
        )
        signals += read_signals
        reading.notes += notes
    lengths = spans.end_s - spans.onset_s
    trials = trial_table(
        [
            (i + 1, stimulus, i, float(spans.onset_s[i]), float(lengths[i]))
            for i, stimulus in enumerate(spans.stimuli)
        ]
    )
    notes = [*reading.notes, *responses.notes, *_silent(options.responses, responses)]
    table = response_table(rows)
    return Session(
        participant_id, trials, table, signals, notes, clock.origin_s, onsets=reading.onsets
    )


def covariates(request: Request) -> pd.DataFrame:
    """Return the table of participants: participant_id, and a column for each covariate.

    Columns of numbers become numbers, blank cells NaN. Without such a table there is only an empty
    column participant_id.

    Raises
    ------
    InputProblem : a participant without a name or there twice, none of the study's, or a word in a
        column of numbers.
    """
    options = csv_options(request.options, request.where)
    if options.participants is None:
        return pd.DataFrame({"participant_id": pd.Series(dtype="str")})
    about = options.participants
    path = request.root / about.file
    names = about.columns or _other_columns(path, about)
    table = _people(path, about, [about.id, *names])
    ids = table.texts[about.id]
    known = find(request)
    if not set(ids) & set(known):
        raise InputProblem(
            about.file,
            expected=f"participants of the study ({', '.join(list(known)[:5])}, ...)",
            found=", ".join(ids[:5]) or "no row",
            remedy=f"Name the right column ({request.where}.participants.id), or write their names "
            "as the files do.",
        )
    columns = {
        name: numbers_or_words(
            table.texts[name], table.lines.tolist(), name, about.file, about.decimal
        )
        for name in names
    }
    return pd.DataFrame({"participant_id": ids} | columns)


def _other_columns(path: Path, about: CsvParticipants) -> list[str]:
    header = _people(path, about, [about.id]).names
    return [name for name in header if name and name not in (about.id, about.unix_zero)]


def _people(path: Path, about: CsvParticipants, texts: Sequence[str]) -> DelimitedTable:
    """Read columns of the table of participants; each must stand there once."""
    table = read_delimited(_content(path, about.file), about.file, Wanted(texts=list(texts)))
    ids = table.texts[about.id]
    for i, name in enumerate(ids):
        if not name or name in ids[:i]:
            raise InputProblem(
                about.file,
                where=f"line {table.lines[i]}",
                expected=f"every participant once in column '{about.id}'",
                found=f"'{name}' again" if name else "a blank cell",
                remedy="Correct the table.",
            )
    return table


def _content(path: Path, source: str) -> bytes:
    if not path.is_file():
        raise InputProblem(
            source,
            expected="a file below data.root",
            found="none",
            remedy="Correct its name in the options, or data.root.",
        )
    return path.read_bytes()


def _names(
    paths: Sequence[Path], entry: CsvLabelled, request: Request
) -> list[tuple[CsvName, Path]]:
    """Return what the names of those files say that fit the pattern."""
    stimuli = {*request.lengths_s, *entry.rename} if request.lengths_s else set()
    exact, loose = name_pattern(entry.files, stimuli), name_pattern(entry.files)
    found = []
    for path in paths:
        source = path.relative_to(request.root).as_posix()
        match = exact.fullmatch(source) or loose.fullmatch(source)
        if match is None or path.name.startswith(".") or not path.is_file():
            continue
        is_known = exact.fullmatch(source) is not None
        found.append((CsvName(source, **match.groupdict(), is_known=is_known), path))
    return found


def _participants(path: Path, name: CsvName, entry: CsvLabelled) -> list[str]:
    """Return the participants of whom a file has rows."""
    if entry.participant is None:
        return [name.participant]
    wanted = Wanted(
        texts=[entry.participant],
        only={column: words_of(words) for column, words in entry.keep.items()},
        header=entry.header,
        lines_before_header=entry.lines_before_header,
    )
    table = read_delimited(_content(path, name.source), name.source, wanted)
    return [text for text in dict.fromkeys(table.texts[entry.participant]) if text]


@dataclass(eq=False)
class _Reading:
    """Files of one participant, read as they are asked for.

    Attributes
    ----------
    notes : of everything that was read or missed.
    onsets : where those of the trials come from.
    """

    participant: str
    files: Sequence[Path]
    request: Request
    options: CsvOptions
    notes: list[Note] = field(default_factory=list)
    onsets: Onsets = "read"
    known: dict[str, list[CsvPart]] = field(default_factory=dict)

    def parts(self, place: str, entry: CsvLabelled) -> list[CsvPart]:
        """Return the rows of the participant, file by file; missing ones are told.

        Raises
        ------
        InputProblem : there is no file of trials or of samples of this participant.
        """
        if place not in self.known:
            self.known[place] = self._parts(entry)
        return self.known[place]

    def _parts(self, entry: CsvLabelled) -> list[CsvPart]:
        names = [
            (name, path)
            for name, path in _names(self.files, entry, self.request)
            if name.participant in ("", self.participant)
        ]
        strange = [name.source for name, _ in names if not name.is_known]
        if strange:
            said = (
                f"{', '.join(strange)}: {len(strange)} file(s) that name no stimulus of the study "
                "were left out"
            )
            self.notes.append(Note("left_out", said))
        parts = [
            part_of(
                _content(path, name.source),
                name,
                entry,
                self.participant,
                *_columns(entry),
                everybody=lambda: find(self.request),
            )
            for name, path in names
            if name.is_known
        ]
        for part in parts:
            self.notes += part_notes(part, entry)
        # In a file of several people, one without a row is missing.
        there = [part for part in parts if len(part)] if entry.participant else parts
        if not there:
            self._miss(entry, bool(parts))
        return there

    def _miss(self, entry: CsvLabelled, has_file: bool) -> None:
        source = entry.files.replace("{participant}", self.participant)
        found = "no row" if has_file or entry.participant else "no file"
        optional = isinstance(entry, CsvSignals) or (
            # Who never pressed a button has no row in a file of several people.
            isinstance(entry, CsvResponses) and not entry.values() and entry.participant
        )
        if not optional:
            kind = "responses" if isinstance(entry, CsvResponses) else "trials"
            raise InputProblem(
                source,
                expected=f"the {kind} of participant {self.participant}",
                found=found,
                remedy="Add them, or exclude the participant (data: exclusions).",
                kind="missing_log",
            )
        said = f"{source}: {found} of participant {self.participant}"
        self.notes.append(Note("no_file", said))

    def origin_s(self) -> float | None:
        """Return the unix time at which the participant's clock is 0; None: no unix times."""
        about = self.options.participants
        if about is not None and about.unix_zero is not None:
            return self._zero(about, about.unix_zero)
        if all(entry.clock != "unix" for _, entry in self.options.entries()):
            return None
        for place, entry, column in _first_times(self.options):
            parts = [part for part in self.parts(place, entry) if len(part)]
            if parts and column is None:
                return entry.start if isinstance(entry, CsvSignals) else None
            times = [_unix_times(part, entry, column) for part in parts if column is not None]
            stamps = np.concatenate([np.empty(0), *times])
            if stamps.size:
                return float(stamps.min())
        return None

    def _zero(self, about: CsvParticipants, column: str) -> float:
        content = _content(self.request.root / about.file, about.file)
        wanted = Wanted(
            numbers=[column],
            only={about.id: frozenset({self.participant})},
            decimal=about.decimal,
        )
        found = read_delimited(content, about.file, wanted).numbers[column]
        if len(found) != 1 or not UNIX_FROM_S <= found[0] <= UNIX_TO_S:
            raise InputProblem(
                about.file,
                expected=f"one unix time in seconds in column '{column}' for participant "
                f"{self.participant}",
                found=", ".join(f"{value:.16g}" for value in found) or "no row",
                remedy="Correct the table.",
            )
        return float(found[0])

    def spans(self, clock: ParticipantClock) -> TrialSpans:
        """Return the trials."""
        lengths = self.request.lengths_s
        if self.options.trials is not None:
            parts = self.parts("trials", self.options.trials)
            spans, notes = trials_of(parts, self.options.trials, clock, lengths)
        elif not self.options.responses:
            # Signals of a study whose events another reader reads.
            return TrialSpans(np.empty(0), np.empty(0), (), ())
        else:
            place, entry = trials_source(self.options)
            spans, notes = made_trials(self.parts(place, entry), entry, clock, lengths)
            self.onsets = "made" if entry.clock == "trial" else "first_response"
        self.notes += notes
        return spans


def _first_times(options: CsvOptions) -> list[tuple[str, CsvLabelled, str | None]]:
    """Return the entries, with place and column of times, of which one's first stamp is time 0."""
    if options.trials is not None:
        return [("trials", options.trials, options.trials.onset)]
    if options.responses:
        place, made = trials_source(options)
        return [(place, made, made.time or made.start)]
    return [(f"signals[{i}]", entry, entry.time) for i, entry in enumerate(options.signals)]


def _unix_times(part: CsvPart, entry: CsvLabelled, column: str) -> np.ndarray:
    times = part.table.numbers[column]
    found = clock_seconds(times, entry.unit, "unix", part.source, part.table.lines)
    stamps: np.ndarray = found[~np.isnan(found)]
    return stamps


def _columns(entry: CsvLabelled) -> tuple[list[str], list[str]]:
    """Return the columns of numbers and of texts that the files of an entry must have."""
    if isinstance(entry, CsvSignals):
        return [name for name in (entry.time, *entry.columns) if name], []
    if isinstance(entry, CsvResponses):
        numbers = (entry.time, *entry.values().values(), entry.start, entry.end, entry.duration)
        return [name for name in numbers if name], [name for name in (entry.event,) if name]
    numbers = tuple(getattr(entry, name) for name in ("onset", "end", "duration"))
    return [name for name in numbers if name], []


def _silent(entries: Sequence[CsvResponses], responses: CollectedResponses) -> list[Note]:
    """Return a note of each dimension of samples with trials that have none."""
    found = []
    for dimension in dict.fromkeys(name for entry in entries for name in entry.values()):
        n_trials = len(responses.spans.stimuli)
        lacking = [i for i in range(n_trials) if (dimension, i) not in responses.met]
        if lacking:
            names = ", ".join(f"{i + 1} ({responses.spans.stimuli[i]})" for i in lacking)
            said = f"{dimension}: no response in {len(lacking)} trial(s): {names}"
            found.append(Note("no_response", said))
    return found
