"""Reader of BIDS datasets: events, physiology and ratings of each participant on one clock.

BIDS specification 1.10, "Task events" and "Physiological recordings". Times of one recording
(session, task, run) count from its start; `onset` and `StartTime` do both.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.canonical.membership import responses_in_trials
from tinglegram.canonical.tables import (
    RESPONSE,
    SIGNAL_TYPES,
    Session,
    Signal,
    response_table,
    trial_table,
)
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.formats.delimited import numbers_or_words
from tinglegram.formats.recording import Note
from tinglegram.readers.bids_files import (
    DATA_SUFFIXES,
    BidsName,
    bids_name,
    continuous_column,
    named_numbers,
    natural_key,
    read_continuous,
    read_named,
    read_sidecar,
    sampling_of,
)
from tinglegram.readers.clocks import recording_notes
from tinglegram.readers.names import check_names, is_name_column
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request

# ASSUMPTION: runs are joined with this much time between them, so that no rest reaches from one
# run into the next.
RUN_GAP_S = 60.0
# ASSUMPTION: names of columns, where nothing else says what a column holds. BIDS itself knows
# cardiac (mostly a pulse oximeter), respiratory and trigger.
KNOWN_COLUMNS = {
    "cardiac.*|ppg.*|pleth.*|bvp.*|pulse": "ppg",
    "ecg.*|ekg.*": "ecg",
    "eda.*|gsr.*|scr|electrodermal.*": "eda",
    "resp.*|rsp.*|breath.*": "resp",
    "temp.*|skt.*": "temperature",
    "hr|heart ?_?rate.*": "hr",
    "ibi|rr": "ibi",
    "trigger.*|scanner trigger": "trigger",
}
_BEHAVIOUR_COLUMNS = ("onset", "duration", "trial_number", "trial_type")
_STIMULUS_COLUMNS = ("stimulus_id", "stim_file", "trial_type")


@dataclass(frozen=True)
class BidsResponse:
    """A recording that holds responses (`data: options: responses`).

    Attributes
    ----------
    dimension : of the study, that it holds.
    recording : label in the file's name (`recording-Anxiety`); null: any.
    column : of the file; null: the only one.
    datatype : folder of the file, such as beh; null: any.
    """

    dimension: str
    recording: str | None = None
    column: str | None = None
    datatype: str | None = None


@dataclass(frozen=True)
class BidsOptions:
    """`data: options` of the reader `bids`.

    Attributes
    ----------
    task : to read; several, or `*` for all, are joined like runs. Null: the only one; all, where
        no events are there, since then each task is a stimulus.
    sessions, runs : labels to read; null: all.
    stimulus_column : of the events, that names the stimulus; null: stimulus_id, else stim_file,
        else trial_type.
    keep : values of trial_type that are trials; null: every row that names a stimulus of the study.
    rename : file, trial type or task -> stimulus of the study. Others must be called like it.
    responses : which recordings hold responses; null: those that are called like a dimension.
    signals : column, or a pattern for the whole of it -> type; null leaves it out.
    check_names : whether columns and keys of sidecars that name a participant must name the one of
        the folder.
    """

    task: str | tuple[str, ...] | None = None
    sessions: tuple[str, ...] | None = None
    runs: tuple[str, ...] | None = None
    stimulus_column: str | None = None
    keep: tuple[str, ...] | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    responses: tuple[BidsResponse, ...] | None = None
    signals: Mapping[str, str | None] = field(default_factory=dict)
    check_names: bool = True


@dataclass
class _Trial:
    stimulus: str
    onset_s: float
    duration_s: float
    number: int | None = None
    order: int | None = None


@dataclass
class _Part:
    """What was read of one recording: a session, a task and a run."""

    label: str
    trials: list[_Trial] = field(default_factory=list)
    # Dimension, place of the trial, time, value.
    responses: list[tuple[str, int, float, float]] = field(default_factory=list)
    # Order in which they were written, signal.
    signals: list[tuple[float, Signal]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    # Whether no events say when its trial began.
    is_made: bool = False

    def note(self, kind: str, message: str) -> None:
        self.notes.append(Note(kind, f"{self.label}: {message}"))

    def add_responses(
        self,
        dimension: str,
        times_s: np.ndarray,
        values: np.ndarray,
        request: Request,
        named: np.ndarray | None = None,
    ) -> int:
        """Add what belongs to trials; return how many values belong to none."""
        onsets = np.array([trial.onset_s for trial in self.trials])
        ends = onsets + np.array([trial.duration_s for trial in self.trials])
        kind = request.dimensions.get(dimension, "ordinal")
        found = responses_in_trials(times_s, values, kind, onsets, ends, named)
        self.responses += [(dimension, *row) for row in found.rows()]
        for note in found.notes(dimension):
            self.note(*note)
        return found.outside + found.early


def find(request: Request) -> dict[str, list[Path]]:
    """Return sub-<label> -> its files of events, physiology and ratings, and their sidecars.

    Raises
    ------
    InputProblem : no folder sub-<label>.
    """
    options = _options(request)
    folders = sorted(
        (path for path in request.root.glob("sub-*") if path.is_dir()),
        key=lambda path: natural_key(path.name),
    )
    if not folders:
        raise InputProblem(
            str(request.root),
            expected="folders sub-<label>, as BIDS names those of participants",
            found="none" if request.root.is_dir() else "no such folder",
            remedy="Correct data: root. It is the folder with dataset_description.json.",
        )
    shared = _names(sorted(request.root.glob("*.json")))
    found = {}
    for folder in folders:
        # Folders below a session or a participant hold one datatype each.
        names = _names(sorted(itertools.chain(*(folder.glob(p) for p in ("*", "*/*", "*/*/*")))))
        _check_folder(folder.name, names)
        wanted = [name for name in names if name.extension == "json" or _is_wanted(name, options)]
        found[folder.name] = [name.path for name in (*shared, *wanted)]
    return found


def covariates(request: Request) -> pd.DataFrame:
    """Return participants.tsv: participant_id (sub-<label>) and what else is known of them.

    Raises
    ------
    InputProblem : no column participant_id, a participant twice, or a word in a column of numbers.
    """
    path = request.root / "participants.tsv"
    if not path.exists():
        return pd.DataFrame({"participant_id": list(find(request))})
    table = read_named(path)

    def fault(expected: str, found: str) -> InputProblem:
        return InputProblem(
            path.name,
            expected=expected,
            found=found,
            remedy="Correct the file; BIDS wants one line for each participant.",
        )

    if "participant_id" not in table:
        raise fault("a column participant_id", ", ".join(table.columns))
    ids = table["participant_id"]
    if ids.isna().any() or ids.duplicated().any():
        twice = ids[ids.duplicated() | ids.isna()].iloc[0]
        raise fault("every participant once", f"{twice or 'n/a'} again")
    table["participant_id"] = [f"sub-{name.removeprefix('sub-')}" for name in ids]
    for column in table.columns.drop("participant_id"):
        cells = [cell or "" for cell in table[column]]
        lines = range(2, len(cells) + 2)
        if isinstance(numbers_or_words(cells, lines, str(column), path.name), np.ndarray):
            table[column] = pd.to_numeric(table[column])
    return table


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read one participant.

    Parameters
    ----------
    participant_id : sub-<label>.
    files : as `find` gave them.
    request : root, options, stimuli and dimensions of the study.

    Raises
    ------
    InputProblem : a file that cannot be read as BIDS describes it; no trial of the study; a trial
        without an onset; signals that cannot be of their run.
    """
    options = _options(request)
    names = _names(files)
    groups = _groups(participant_id, names, options)
    if options.check_names:
        _check_said(participant_id, names, groups, request)
    parts = [_read_part(label, group, names, options, request) for label, group in groups.items()]
    for part in parts:
        part.notes += _of_recordings(participant_id, part, request)
    session = _join(participant_id, parts)
    if not len(session.trials):
        raise InputProblem(
            participant_id,
            expected=f"a trial of the study's stimuli ({', '.join(request.lengths_s)})",
            found="; ".join(map(str, session.notes)) or "no events and no ratings",
            remedy="Say by data: options which column names the stimulus (stimulus_column), and "
            "what it is called in the study (rename).",
            kind="" if any(name.suffix == "events" for name in names) else "missing_log",
        )
    return session


def _options(request: Request) -> BidsOptions:
    options = read_options(request.options, BidsOptions, request.where)
    for pattern, kind in options.signals.items():
        try:
            re.compile(pattern)
        except re.error:
            raise TinglegramError(
                f"{request.where}.signals: expected names of columns or patterns (regular "
                f"expressions), found {pattern!r}. Correct it."
            ) from None
        if kind is not None and kind not in SIGNAL_TYPES:
            raise TinglegramError(
                f"{request.where}.signals.{pattern}: expected a type out of "
                f"{', '.join(SIGNAL_TYPES)}, or null, found {kind!r}. Correct it."
            )
    return options


def _check_folder(folder: str, names: Sequence[BidsName]) -> None:
    """Refuse a file that names another participant or session than the folder it lies in."""
    for name in names:
        of = name.entities.get
        parts = name.path.parts
        session = next(
            (part[4:] for part in parts[parts.index(folder) :] if part[:4] == "ses-"), None
        )
        for entity, label, is_said in (
            ("sub", folder.removeprefix("sub-"), True),
            ("ses", session, session is not None and "ses" in name.entities),
        ):
            if is_said and of(entity, label) != label:
                raise InputProblem(
                    name.path.name,
                    expected=f"{entity}-{label}, as the folder it lies in is called",
                    found=f"{entity}-{of(entity)}",
                    remedy="Were files exchanged? Move or rename it.",
                )


def _names(paths: Sequence[Path]) -> list[BidsName]:
    found = [bids_name(path) for path in paths]
    return [name for name in found if name is not None and name.suffix in DATA_SUFFIXES]


def _is_wanted(name: BidsName, options: BidsOptions) -> bool:
    """Whether a data file is one that `options` ask for."""
    of = name.entities.get
    tasks = (options.task,) if isinstance(options.task, str) else options.task
    return (
        name.extension in ("tsv", "tsv.gz")
        and (tasks is None or "*" in tasks or of("task") in tasks)
        and (options.sessions is None or of("ses") in options.sessions)
        and (options.runs is None or of("run") in options.runs)
    )


def _groups(
    participant_id: str, names: Sequence[BidsName], options: BidsOptions
) -> dict[str, list[BidsName]]:
    """Return the data files of each session, task and run, in that order.

    Raises
    ------
    InputProblem : several tasks, and none is chosen.
    """
    found: dict[tuple[str, ...], list[BidsName]] = {}
    for name in names:
        if name.extension != "json" and _is_wanted(name, options):
            key = tuple(name.entities.get(entity, "") for entity in ("ses", "task", "run"))
            found.setdefault(key, []).append(name)
    _check_runs(found)
    tasks = sorted({key[1] for key in found}, key=natural_key)
    has_events = any(name.suffix == "events" for group in found.values() for name in group)
    if options.task is None and len(tasks) > 1 and has_events:
        raise InputProblem(
            participant_id,
            expected="one task, or a choice",
            found=", ".join(tasks),
            remedy="Name one as data: options: task, or join all of them with task: '*'.",
        )
    ordered = sorted(found, key=lambda key: [natural_key(label) for label in key])
    return {
        "_".join(f"{e}-{v}" for e, v in zip(("ses", "task", "run"), key, strict=True) if v)
        or participant_id: found[key]
        for key in ordered
    }


def _check_runs(found: Mapping[tuple[str, ...], Sequence[BidsName]]) -> None:
    """Refuse files of one run whose number is written in two ways: run-1 and run-01."""
    first: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, group in found.items():
        other = first.setdefault((*key[:2], key[2].lstrip("0")), key)
        if other != key:
            raise InputProblem(
                group[0].path.name,
                expected=f"one way to write the number of a run (run-{other[2]})",
                found=f"run-{key[2]}, beside {found[other][0].path.name}",
                remedy="Move the copy away, or give both runs numbers of their own.",
            )


def _check_said(
    participant_id: str,
    names: Sequence[BidsName],
    groups: Mapping[str, Sequence[BidsName]],
    request: Request,
) -> None:
    """Refuse tables and sidecars that name another participant than their folder does."""
    remedy = f"If the folder is right, set {request.where}.check_names: false."
    for name in itertools.chain(*groups.values()):
        said: list[tuple[str, str]] = []
        if name.extension == "tsv":
            table = read_named(name.path)
            for column in filter(is_name_column, table):
                words = table[column].dropna().unique()
                said += [(f"column {column}", str(word)) for word in words]
        for key, value in read_sidecar(name, names).items():
            if is_name_column(key) and isinstance(value, str | int):
                said.append((f"{key} of its sidecar", str(value)))
        check_names(said, participant_id, name.path.name, lambda: find(request), remedy)


def _read_part(
    label: str,
    group: Sequence[BidsName],
    names: Sequence[BidsName],
    options: BidsOptions,
    request: Request,
) -> _Part:
    part = _Part(label)
    events = [name for name in group if name.suffix == "events"]
    if len(events) > 1:
        raise InputProblem(
            label,
            expected="one file of events for each session, task and run",
            found=", ".join(f"{e.path.parent.name}/{e.path.name}" for e in events),
            remedy="Keep the one that holds the trials and move the others away.",
        )
    if events:
        _read_events(part, events[0], options, request)
    else:
        _made_trial(part, group, options, request)
    others = [
        name
        for name in group
        if name.suffix != "events" and (request.with_signals or name.suffix != "physio")
    ]
    if not part.trials:
        if others:
            listed = ", ".join(name.path.name for name in others)
            part.note("no_trials", f"{len(others)} files without a trial were left out: {listed}")
        return part
    tables = [_Continuous.read(name, names) for name in others if name.extension == "tsv.gz"]
    wide = [(name, read_named(name.path)) for name in others if name.extension == "tsv"]
    chosen = _choose_responses(part, tables, wide, options, request)
    if not events and not chosen:
        # A film that was rated for something else only is not one without any response.
        listed = ", ".join(name.path.name for name in others)
        part.notes.clear()
        part.note("not_rated", f"no events and no rating that the study asks for: {listed}")
        part.trials = []
        return part
    for table in tables:
        _read_recording(part, table, chosen, options, request)
    for name, rows in wide:
        _read_behaviour(part, name, rows, read_sidecar(name, names), chosen, request)
    return part


# Events


def _stimulus(value: str | None, options: BidsOptions, request: Request) -> str | None:
    """Return the stimulus of the study that a cell names; None where it names none."""
    if value is None:
        return None
    stem = PurePosixPath(value.replace("\\", "/")).name
    for called in (value, stem, stem.rsplit(".", 1)[0]):
        if called in options.rename:
            return options.rename[called]
    return next((c for c in (value, stem.rsplit(".", 1)[0]) if c in request.lengths_s), None)


def _read_events(part: _Part, name: BidsName, options: BidsOptions, request: Request) -> None:
    source = name.path.name
    rows = read_named(name.path)
    needed = [options.stimulus_column] if options.stimulus_column else []
    lacking = [c for c in ("onset", "duration", *needed) if c not in rows]
    if lacking:
        raise InputProblem(
            source,
            where="line 1",
            expected="the columns " + " and ".join(("onset", "duration", *needed)),
            found=", ".join(rows.columns),
            remedy=f"Correct the line of column names, or {request.where}.stimulus_column.",
        )
    onsets, durations = (named_numbers(rows, c, source) for c in ("onset", "duration"))
    if not np.isfinite(onsets).all():
        raise InputProblem(
            source,
            where=f"line {int(np.flatnonzero(~np.isfinite(onsets))[0]) + 2}",
            expected="an onset in seconds",
            found="n/a",
            remedy="BIDS wants an onset for every event: write it, or remove the line.",
        )
    columns = needed or [c for c in _STIMULUS_COLUMNS if c in rows]
    kinds = rows["trial_type"] if "trial_type" in rows else pd.Series([None] * len(rows))
    is_response = _response_rows(rows, kinds)
    numbers, orders = _counts(rows, "trial_number"), _counts(rows, "shown_order")
    others: Counter[str] = Counter()
    without_length = 0
    found = []
    of_trials: list[int] = []
    for row in np.argsort(onsets, kind="stable"):
        if is_response[row]:
            continue
        named = (_stimulus(rows[c].iloc[row], options, request) for c in columns)
        stimulus = next((s for s in named if s is not None), None)
        kind = kinds.iloc[row]
        if (kind not in options.keep) if options.keep is not None else (stimulus is None):
            others[_called(rows, row, columns)] += 1
            continue
        if stimulus is None:
            raise InputProblem(
                source,
                where=f"line {row + 2}",
                expected=f"a stimulus of the study ({', '.join(request.lengths_s)})",
                found=_called(rows, row, columns),
                remedy=f"Say what it is called in the study by {request.where}.rename.",
            )
        duration = durations[row]
        if not duration > 0 and stimulus in request.lengths_s:
            duration = request.lengths_s[stimulus]
            without_length += 1
        found.append(
            _Trial(stimulus, onsets[row], float(duration), numbers.get(row), orders.get(row))
        )
        of_trials.append(int(row))
    part.trials = found
    for column, counts in (("trial_number", numbers), ("shown_order", orders)):
        _check_once(column, {row: counts[row] for row in of_trials if row in counts}, source)
    if without_length:
        message = f"{without_length} trials without a duration were taken as long as their stimulus"
        part.note("no_duration", message)
    if others:
        listed = ", ".join(f"{kind} ({n})" for kind, n in sorted(others.items()))
        part.note("other_events", f"{sum(others.values())} events are no trials: {listed}")
    _event_responses(part, rows, np.flatnonzero(is_response), onsets, source, request)


def _called(rows: pd.DataFrame, row: int, columns: Sequence[str]) -> str:
    """Return what an event is called: the first of `columns` that has a value there."""
    cells = [rows[column].iloc[row] for column in columns]
    return next((cell for cell in cells if cell is not None), "n/a")


def _response_rows(rows: pd.DataFrame, kinds: pd.Series) -> np.ndarray:
    """Return which rows are responses: their trial type says so, and they have a value."""
    if "value" not in rows:
        return np.zeros(len(rows), bool)
    return (kinds == "response").to_numpy(dtype=bool)


def _counts(rows: pd.DataFrame, column: str) -> dict[int, int]:
    """Return row -> whole number of a column that our own export writes."""
    cells = enumerate(rows[column]) if column in rows else ()
    return {row: int(cell) for row, cell in cells if re.fullmatch("[0-9]+", cell or "")}


def _check_once(column: str, counts: Mapping[int, int], source: str) -> None:
    """Refuse two trials of one number: responses name their trial by it."""
    first: dict[int, int] = {}
    for row, number in sorted(counts.items()):
        if first.setdefault(number, row) != row:
            raise InputProblem(
                source,
                where=f"line {row + 2}, column {column}",
                expected="another number for every trial",
                found=f"{number}, as in line {first[number] + 2}",
                remedy="Correct it, or rename the column if it counts something else.",
            )


def _event_responses(
    part: _Part,
    rows: pd.DataFrame,
    at: np.ndarray,
    onsets: np.ndarray,
    source: str,
    request: Request,
) -> None:
    """Add responses that stand as events: onset, value, and dimension if there are several."""
    if not len(at):
        return
    values = named_numbers(rows, "value", source)[at]
    only = next(iter(request.dimensions)) if len(request.dimensions) == 1 else RESPONSE
    said = rows["dimension"].iloc[at] if "dimension" in rows else [None] * len(at)
    dimensions = [only if cell is None else cell for cell in said]
    numbers = _counts(rows, "trial_number")
    _add_responses(part, dimensions, onsets[at], values, [numbers.get(row) for row in at], request)


def _add_responses(
    part: _Part,
    dimensions: Sequence[str],
    times_s: np.ndarray,
    values: np.ndarray,
    numbers: Sequence[int | None],
    request: Request,
) -> None:
    """Add responses at times of their own; what belongs to no trial is counted."""
    by_number = {trial.number: place for place, trial in enumerate(part.trials) if trial.number}
    named = np.array([by_number.get(number, -1) if number else -1 for number in numbers], int)
    known = np.isfinite(values) & np.isfinite(times_s)
    left: Counter[str] = Counter()
    for dimension in dict.fromkeys(dimensions):
        own = np.array([one == dimension for one in dimensions])
        if request.dimensions and dimension not in request.dimensions:
            left[f"of {dimension}, which is no dimension of the study"] += int(own.sum())
            continue
        left["without a value or time"] += int((own & ~known).sum())
        for is_named in (True, False):
            rows = np.flatnonzero(own & known & ((named >= 0) == is_named))
            if len(rows):
                left["in no trial"] += part.add_responses(
                    dimension,
                    times_s[rows],
                    values[rows],
                    request,
                    named[rows] if is_named else None,
                )
    for why, count in left.items():
        if count:
            part.note("responses_left_out", f"{count} responses {why} were left out")


def _made_trial(
    part: _Part, group: Sequence[BidsName], options: BidsOptions, request: Request
) -> None:
    """Make the trial of a recording without events: one stimulus, named by its task."""
    task = group[0].entities.get("task")
    stimulus = _stimulus(task, options, request)
    if stimulus is None or stimulus not in request.lengths_s:
        part.note("no_events", f"no events, and task {task} is no stimulus of the study")
        return
    # ASSUMPTION: without events, time 0 is the onset of the stimulus.
    part.trials = [_Trial(stimulus, 0.0, request.lengths_s[stimulus])]
    part.is_made = True
    part.note("made_clock", f"no events: {stimulus} begins at second 0 of its recordings")


# Recordings


@dataclass(frozen=True)
class _Continuous:
    """A continuous recording: its rows, and what its sidecars say."""

    name: BidsName
    about: Mapping[str, Any]
    rate_hz: float
    start_s: float
    columns: list[str]
    rows: pd.DataFrame

    @classmethod
    def read(cls, name: BidsName, names: Sequence[BidsName]) -> "_Continuous":
        about = read_sidecar(name, names)
        rate, start, columns = sampling_of(name, about, names)
        return cls(name, about, rate, start, columns, read_continuous(name.path, columns))

    def column(self, place: int) -> np.ndarray:
        return continuous_column(self.rows, place, self.name.path.name, self.columns[place])

    def of_column(self, place: int) -> Mapping[str, Any]:
        said = self.about.get(self.columns[place])
        return said if isinstance(said, Mapping) else {}


# File and column -> dimension.
_Chosen = dict[tuple[Path, str], str]


def _matches(name: BidsName, column: str, wanted: BidsResponse, n_columns: int) -> bool:
    return (
        wanted.recording in (None, name.entities.get("recording"), name.entities.get("acq"))
        and wanted.datatype in (None, name.path.parent.name)
        and (column == wanted.column or (wanted.column is None and n_columns == 1))
    )


def _choose_responses(
    part: _Part,
    tables: Sequence[_Continuous],
    wide: Sequence[tuple[BidsName, pd.DataFrame]],
    options: BidsOptions,
    request: Request,
) -> _Chosen:
    """Return which columns hold responses, and of which dimension.

    Raises
    ------
    InputProblem : several columns for one dimension.
    """
    columns = [(table.name, c, len(table.columns)) for table in tables for c in table.columns]
    for name, rows in wide:
        own = [c for c in rows.columns if c not in _BEHAVIOUR_COLUMNS]
        columns += [(name, str(c), len(own)) for c in own]
    chosen: _Chosen = {}
    taken: dict[str, str] = {}
    for name, column, n_columns in columns:
        dimension = _dimension_of(name, column, n_columns, options, request)
        if dimension is None:
            continue
        label = f"{column} of {name.path.name}"
        if dimension in taken:
            raise InputProblem(
                part.label,
                expected=f"one recording of {dimension}",
                found=f"{taken[dimension]} and {label}",
                remedy=f"Choose by {request.where}.responses (recording, column, datatype).",
            )
        taken[dimension] = label
        chosen[name.path, column] = dimension
    return chosen


def _dimension_of(
    name: BidsName, column: str, n_columns: int, options: BidsOptions, request: Request
) -> str | None:
    """Return the dimension of responses that a column holds; None where it holds none."""
    if options.responses is not None:
        hits = [r.dimension for r in options.responses if _matches(name, column, r, n_columns)]
        return hits[0] if hits else None
    labels = {column.lower()}
    if n_columns == 1:
        labels.add(name.entities.get("recording", column).lower())
    hits = [d for d in request.dimensions if d.lower() in labels]
    if hits:
        return hits[0]
    # A study that names no dimension has one, and its only recording of ratings is it.
    unnamed = set(request.dimensions) <= {RESPONSE} and name.suffix == "stim"
    return RESPONSE if unnamed else None


def _read_recording(
    part: _Part, table: _Continuous, chosen: _Chosen, options: BidsOptions, request: Request
) -> None:
    """Add the signals and responses of a continuous recording; what is neither is counted."""
    stamps = {}
    missing: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for place in range(len(table.columns)):
        of = table.of_column(place).get("PrintedTimeOf")
        if of is not None:
            stamps[of] = table.column(place)
    for place, column in enumerate(table.columns):
        dimension = chosen.get((table.name.path, column))
        if dimension is not None:
            _sampled_responses(part, table, table.column(place), dimension, request)
            continue
        about = table.of_column(place)
        if "PrintedTimeOf" in about:
            continue
        kind = _type_of(column, about, options) if table.name.suffix == "physio" else None
        if kind is None:
            others[column] += 1
            continue
        values = table.column(place)
        if np.isnan(values).any():
            missing[column] += int(np.isnan(values).sum())
        part.signals.append(
            (
                float(about.get("SignalOrder", math.inf)),
                Signal(
                    name=_signal_name(column, about),
                    type=kind,
                    unit=_unit(about),
                    values=_precise(values, about),
                    start_s=table.start_s,
                    rate_hz=table.rate_hz,
                    first_index=int(table.about.get("FirstIndex", 0)),
                    clock_at_s=tuple(table.about.get("ClockAt", ())),
                    clock_offset_s=tuple(table.about.get("ClockOffset", ())),
                    printed_time_s=stamps.get(column),
                ),
            )
        )
    for column, count in missing.items():
        part.note("no_value", f"{count} of {len(table.rows)} samples of {column} are n/a")
    if others:
        listed = ", ".join(f"{c} ({n})" if n > 1 else c for c, n in others.items())
        part.note(
            "other_columns",
            f"{sum(others.values())} columns of {table.name.path.name} were left out, for they are "
            f"no known signal and no dimension of the study: {listed}",
        )


def _signal_name(column: str, about: Mapping[str, Any]) -> str:
    """Return what a channel is called: our own export keeps its name beside its type."""
    name = about.get("LongName")
    return name if isinstance(name, str) and "SignalType" in about else column


def _precise(values: np.ndarray, about: Mapping[str, Any]) -> np.ndarray:
    """Return values at the precision at which our own export held them."""
    return values.astype(np.float32) if about.get("Precision") == "float32" else values


def _unit(about: Mapping[str, Any]) -> str:
    unit = about.get("Units", "")
    return unit if isinstance(unit, str) and unit != "n/a" else ""


def _type_of(column: str, about: Mapping[str, Any], options: BidsOptions) -> str | None:
    """Return the type of a signal, by the options, by its sidecar or by its name."""
    for pattern, kind in options.signals.items():
        if column == pattern or _whole(pattern, column):
            return kind
    said = about.get("SignalType")
    if said in SIGNAL_TYPES:
        return str(said)
    return next((k for p, k in KNOWN_COLUMNS.items() if _whole(p, column)), None)


def _whole(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.IGNORECASE) is not None


def _sampled_responses(
    part: _Part, table: _Continuous, values: np.ndarray, dimension: str, request: Request
) -> None:
    """Add the samples of a slider or joystick that belong to trials, each as a response."""
    times = table.start_s + np.arange(len(values)) / table.rate_hz
    held = np.isfinite(values)
    if not held.all() and "ResponseGaps" not in table.about:
        missing = int((~held).sum())
        part.note("no_value", f"{missing} of {len(values)} samples of {dimension} are n/a")
    outside = part.add_responses(dimension, times[held], values[held], request)
    if outside:
        part.note("responses_left_out", f"{outside} samples of {dimension} lie in no trial")


def _read_behaviour(
    part: _Part,
    name: BidsName,
    rows: pd.DataFrame,
    about: Mapping[str, Any],
    chosen: _Chosen,
    request: Request,
) -> None:
    """Add what a `_beh.tsv` with a column `onset` holds: responses, or a signal with its times."""
    source = name.path.name
    of_value = about.get("value")
    of_value = of_value if isinstance(of_value, Mapping) else {}
    if "onset" not in rows:
        part.note("other_tables", f"{source} was left out: it has no column onset")
        return
    times = named_numbers(rows, "onset", source)
    if "value" in rows and of_value.get("SignalType") in SIGNAL_TYPES:
        signal = Signal(
            name=_signal_name("value", of_value),
            type=str(of_value["SignalType"]),
            unit=_unit(of_value),
            values=_precise(named_numbers(rows, "value", source), of_value),
            times_s=times,
        )
        part.signals.append((float(of_value.get("SignalOrder", math.inf)), signal))
        return
    columns = {c: chosen[name.path, c] for c in map(str, rows) if (name.path, c) in chosen}
    if not columns and isinstance(of_value.get("Dimension"), str) and "value" in rows:
        columns = {"value": of_value["Dimension"]}
    if not columns:
        part.note("other_tables", f"{source} was left out: no column is a dimension of the study")
    numbers = _counts(rows, "trial_number")
    in_trials = [numbers.get(row) for row in range(len(rows))]
    for column, dimension in columns.items():
        values = named_numbers(rows, column, source)
        _add_responses(part, [dimension] * len(rows), times, values, in_trials, request)


def _of_recordings(participant_id: str, part: _Part, request: Request) -> list[Note]:
    """Say where signals do not fit the trials of their own run; joined, runs make room for all."""
    source = participant_id if part.label == participant_id else f"{participant_id}_{part.label}"
    rows = [(i, t.stimulus, i, t.onset_s, t.duration_s) for i, t in enumerate(part.trials)]
    notes = []
    for _, signal in part.signals:
        notes += recording_notes(signal, trial_table(rows), request.limits, source)
    return [note._replace(message=f"{part.label}: {note.message}") for note in notes]


# All recordings of a participant on one clock


def _span(part: _Part) -> tuple[float, float]:
    """Return the first and last second of anything in a recording."""
    times = [trial.onset_s for trial in part.trials]
    times += [trial.onset_s + trial.duration_s for trial in part.trials]
    times += [time for _, _, time, _ in part.responses]
    for _, signal in part.signals:
        stamps = signal.sample_times()
        times += [float(stamps[0]), float(stamps[-1])] if len(stamps) else []
    return min(times, default=0.0), max(times, default=0.0)


def _join(participant_id: str, parts: Sequence[_Part]) -> Session:
    """Return the session of all recordings, each after the one before it."""
    notes = [note for part in parts for note in part.notes]
    used = [part for part in parts if part.trials]
    shifts, end = [], 0.0
    for place, part in enumerate(used):
        first, last = _span(part)
        # By whole seconds, so that samples of one rate stay on one grid.
        shift = float(math.ceil(end + RUN_GAP_S - first)) if place else 0.0
        shifts.append(shift)
        end = last + shift
    if len(used) > 1:
        listed = ", ".join(f"{p.label} {s:g} s" for p, s in zip(used, shifts, strict=True))
        notes.append(Note("joined_runs", f"recordings were put on one clock, later by: {listed}"))
    trials: list[tuple[int, str, int, float, float]] = []
    responses: list[tuple[int, str, float, float]] = []
    signals: list[tuple[float, Signal]] = []
    for part, shift in zip(used, shifts, strict=True):
        numbers = _trial_numbers(part, len(trials), len(used) == 1)
        for trial, (number, order) in zip(part.trials, numbers, strict=True):
            onset = trial.onset_s + shift
            trials.append((number, trial.stimulus, order, onset, trial.duration_s))
        responses += [(numbers[p][0], d, time + shift, v) for d, p, time, v in part.responses]
        signals += [(order, signal.later(shift)) for order, signal in part.signals]
    return Session(
        participant_id,
        trial_table(trials),
        response_table(responses),
        _one_of_each(signals, notes),
        notes,
        onsets="made" if len(used) > 1 or any(part.is_made for part in used) else "read",
    )


def _trial_numbers(part: _Part, before: int, alone: bool) -> list[tuple[int, int]]:
    """Return number and order of each trial: those of our own export, or by onset."""
    said = [(trial.number, trial.order) for trial in part.trials]
    if alone and all(number is not None and order is not None for number, order in said):
        return [(int(number or 0), int(order or 0)) for number, order in said]
    return [(before + place + 1, before + place) for place in range(len(said))]


def _one_of_each(signals: Sequence[tuple[float, Signal]], notes: list[Note]) -> list[Signal]:
    """Return the signals, those of one name and type in several recordings joined to one."""
    found: dict[tuple[str, str], list[Signal]] = {}
    for _, signal in sorted(signals, key=lambda pair: pair[0]):
        same = found.setdefault((signal.name, signal.type), [])
        if same and same[0].unit != signal.unit:
            raise InputProblem(
                f"signal {signal.name}",
                expected=f"one unit in all recordings, {same[0].unit or 'none'}",
                found=signal.unit or "none",
                remedy="Correct Units in the sidecar of one of them.",
            )
        same.append(signal)
    joined = []
    for same in found.values():
        spans = [(s.sample_times()[0], s.sample_times()[-1]) for s in same if len(s.values)]
        if all(a[1] < b[0] for a, b in itertools.pairwise(sorted(spans))):
            joined.append(_joined(same))
        else:
            # Two columns, or two recordings at one time, of one name.
            names = [f"{same[0].name} {n}" for n in range(1, len(same) + 1)]
            notes.append(Note("same_name", f"signals of one name are called {', '.join(names)}"))
            joined += [replace(s, name=n) for s, n in zip(same, names, strict=True)]
    return joined


def _joined(same: Sequence[Signal]) -> Signal:
    """Return one signal of several that follow each other.

    Where all lie on one grid of samples, what lies between them is NaN; otherwise each sample keeps
    its time.
    """
    if len(same) == 1:
        return same[0]
    first = same[0]
    rate = first.rate_hz
    if rate is not None and all(s.rate_hz == rate and not s.clock_at_s for s in same):
        places = [(s.start_s - first.start_s) * rate for s in same]
        # A thousandth of a sample: what rounded numbers may differ by.
        if all(abs(place - round(place)) < 1e-3 for place in places):
            n = round(places[-1]) + len(same[-1].values)
            values = np.full(n, np.nan)
            for place, signal in zip(places, same, strict=True):
                values[round(place) : round(place) + len(signal.values)] = signal.values
            return replace(first, values=values, printed_time_s=None)
    return replace(
        first,
        values=np.concatenate([s.values for s in same]),
        times_s=np.concatenate([s.sample_times() for s in same]),
        start_s=0.0,
        rate_hz=None,
        printed_time_s=None,
    )
