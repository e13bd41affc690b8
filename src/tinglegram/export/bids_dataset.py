"""Canonical tables as a raw BIDS dataset, which the reader `bids` reads back bit by bit.

BIDS specification 1.10. Where it has no place for something, documented keys of our own in the JSON
files hold it: readers of others pass over them.
"""

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.canonical.membership import responses_in_trials
from tinglegram.canonical.tables import Session, Signal
from tinglegram.errors import TinglegramError
from tinglegram.files import MISSING
from tinglegram.formats.recording import Note

BIDS_VERSION = "1.10.0"
# What BIDS calls the columns of these types.
_COLUMNS = {"ppg": "cardiac", "resp": "respiratory"}
# A recording on a grid may be this many times as long as the samples it holds; beyond, each
# response keeps its time in a table.
_MOST_GAPS = 20


@dataclass(frozen=True)
class BidsStudy:
    """What a dataset says of its study.

    Attributes
    ----------
    name : of the dataset; its letters and digits are the task of every file.
    dimensions : response dimension -> kind. Continuous ones become recordings of their own, others
        events.
    stimuli : stimulus_id -> file below stimuli/, of those that are shared.
    conditions : stimulus_id -> condition, of those that have one.
    authors, license : of the dataset, as BIDS wants them.
    """

    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    stimuli: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    authors: Sequence[str] = ()
    license: str | None = None

    @property
    def task(self) -> str:
        """Return the label of the task in file names."""
        return _label(self.name, "the name of the study")


def _label(text: str, what: str) -> str:
    """Return letters and digits of a text: all that BIDS allows in the name of a file."""
    label = re.sub("[^A-Za-z0-9]", "", text)
    if not label:
        raise TinglegramError(
            f"{what}: expected letters or digits of the Latin alphabet, which BIDS wants in the "
            f"names of files, found {text!r}. Rename it."
        )
    return label


def stimulus_names(files: Mapping[str, str]) -> dict[str, str]:
    """Return stimulus_id -> name below stimuli/; files of one name get their id in front.

    Names that differ in capitals alone are one: not every disk tells them apart.

    Parameters
    ----------
    files : stimulus_id -> path of its file. One file may belong to several stimuli.
    """
    of_name: dict[str, set[str]] = {}
    for path in files.values():
        of_name.setdefault(PurePath(path).name.casefold(), set()).add(path)
    found: dict[str, str] = {}
    file_called: dict[str, str] = {}
    for one, path in files.items():
        name = PurePath(path).name
        if len(of_name[name.casefold()]) > 1:
            name = f"{one}_{name}"
        while file_called.setdefault(name.casefold(), path) != path:
            name = f"{one}_{name}"
        found[one] = name
    return found


def participant_labels(ids: Sequence[str]) -> dict[str, str]:
    """Return participant_id -> sub-<label>.

    Raises
    ------
    TinglegramError : two of them would be called alike, but for capitals.
    """
    labels = {one: f"sub-{_label(one.removeprefix('sub-'), f'participant {one}')}" for one in ids}
    taken: dict[str, str] = {}
    for one, label in labels.items():
        other = taken.setdefault(label.casefold(), one)
        if other != one:
            raise TinglegramError(
                f"participant {one}: expected an id that differs from others in letters or digits, "
                f"found {labels[other]} for {other}, too. Rename one of them."
            )
    return labels


def dataset_files(
    study: BidsStudy, ids: Sequence[str], participants: pd.DataFrame | None = None
) -> dict[str, bytes]:
    """Return path -> content of the files that stand beside the participants' folders.

    Parameters
    ----------
    study : what the dataset says of it.
    ids : participant_id of everyone.
    participants : a row for each: subject (the number), participant_id and covariates.

    Raises
    ------
    TinglegramError : names that BIDS does not allow; see `participant_labels`.
    """
    labels = participant_labels(ids)
    known = pd.DataFrame({"participant_id": list(labels)}, dtype=object)
    if participants is not None:
        given = participants.drop(columns="subject", errors="ignore")
        given = given.astype({"participant_id": str})
        known = known.merge(given, on="participant_id", how="left", validate="one_to_one")
    covariates = [str(name) for name in known.columns[1:]]
    # What was exported before has such a column, and its labels are the ids.
    own = _unique("study_id", {*covariates})
    table = known.rename(columns={"participant_id": own})
    table.insert(0, "participant_id", list(labels.values()))
    about: dict[str, Any] = {own: {"Description": "How the study calls the participant"}}
    if own != "study_id" and list(labels) == list(labels.values()):
        table, about = table.drop(columns=own), {}
    about |= {name: {"Description": f"{name}, as the study gives it"} for name in covariates}
    description: dict[str, Any] = {
        "Name": study.name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "Tinglegram"}],
    }
    if study.authors:
        description["Authors"] = list(study.authors)
    if study.license:
        description["License"] = study.license
    shared = (
        "The stimuli lie in stimuli/."
        if study.stimuli
        else "The stimuli are not part of the dataset, since they may not be shared."
    )
    return {
        "dataset_description.json": json_bytes(description),
        "README": _readme(study, shared).encode(),
        "participants.tsv": tsv_bytes(table),
        "participants.json": json_bytes(about),
        f"task-{study.task}_events.json": json_bytes(_EVENTS | {"TaskName": study.task}),
    }


def _readme(study: BidsStudy, shared: str) -> str:
    return f"""# {study.name}

Raw data of a study with continuous ratings, written by Tinglegram from its canonical tables. All
times of a participant count on one clock, in seconds.

- `_events.tsv`: one row for each trial (trial_type stimulus), and one for each response that is an
  event (trial_type response: a key, a button, an episode).
- `_recording-<dimension>_stim.tsv.gz`: continuous ratings at a steady rate.
- `_acq-<name>_beh.tsv`: what has a time for each value: continuous ratings at no steady rate, and
  signals such as intervals between heart beats.
- `_physio.tsv.gz`: signals at a steady rate. SignalType and LongName are the type and the name of
  a channel in the study, Precision how its numbers are held; FirstIndex, ClockAt and ClockOffset
  say where a recording was cut and how its clock runs against the events; PrintedTimeOf marks
  time stamps of the file.

{shared}
"""


_EVENTS: dict[str, Any] = {
    "trial_type": {
        "Description": "What kind of event it is",
        "Levels": {"stimulus": "a trial", "response": "a value that the participant gave"},
    },
    "stimulus_id": {"Description": "How the study calls the stimulus"},
    "condition": {"Description": "Condition of the stimulus"},
    "trial_number": {"Description": "Trial of the participant, from 1"},
    "shown_order": {"Description": "Place in the order shown, from 0, trials left out included"},
    "dimension": {"Description": "What the response is about"},
    "value": {"Description": "The response"},
}


def participant_files(session: Session, study: BidsStudy) -> tuple[dict[str, bytes], list[Note]]:
    """Return path -> content of a participant's files, and a note for what they leave out."""
    label = participant_labels([session.participant_id])[session.participant_id]
    base = f"{label}/beh/{label}_task-{study.task}"
    files, as_events = _response_files(session, study, base)
    files[f"{base}_events.tsv"] = tsv_bytes(_events(session, as_events, study))
    own, notes = _signal_files(session, base)
    return files | own, notes


def _events(session: Session, responses: pd.DataFrame, study: BidsStudy) -> pd.DataFrame:
    trials = session.trials
    rows = pd.DataFrame(
        {
            "onset": trials["onset_s"],
            "duration": trials["duration_s"],
            "trial_type": "stimulus",
            "stim_file": [study.stimuli.get(s, MISSING) for s in trials["stimulus_id"]],
            "stimulus_id": trials["stimulus_id"],
            "condition": [study.conditions.get(s, MISSING) for s in trials["stimulus_id"]],
            "trial_number": trials["trial"].astype(object),
            "shown_order": trials["order"].astype(object),
            "dimension": MISSING,
            "value": np.nan,
        }
    )
    events = pd.DataFrame(
        {
            "onset": responses["time_s"],
            "duration": 0.0,
            "trial_type": "response",
            "trial_number": responses["trial"].astype(object),
            "dimension": responses["dimension"],
            "value": responses["value"],
        }
    )
    both = pd.concat([rows, events], ignore_index=True) if len(events) else rows
    return both.sort_values("onset", kind="stable", ignore_index=True)


# Responses


def _response_files(
    session: Session, study: BidsStudy, base: str
) -> tuple[dict[str, bytes], pd.DataFrame]:
    """Return recordings of continuous responses, and the responses that stand as events."""
    files: dict[str, bytes] = {}
    as_events = []
    taken: set[str] = set()
    for dimension, rows in session.responses.groupby("dimension", sort=True):
        name = str(dimension)
        if study.dimensions.get(name) != "continuous":
            as_events.append(rows)
            continue
        label = _unique(_label(name, f"dimension {name}"), taken)
        about = {"Description": f"Continuous rating: {name}", "Dimension": name}
        rows = rows.sort_values("time_s", kind="stable")
        grid = _grid(rows, session.trials)
        if grid is None:
            table = pd.DataFrame(
                {"onset": rows["time_s"], "value": rows["value"], "trial_number": rows["trial"]}
            )
            files[f"{base}_acq-{label}_beh.tsv"] = tsv_bytes(table)
            files[f"{base}_acq-{label}_beh.json"] = json_bytes({"value": about})
            continue
        start, rate, places = grid
        values = np.full(places[-1] + 1, np.nan)
        values[places] = rows.drop_duplicates("time_s")["value"]
        sidecar = {
            "SamplingFrequency": rate,
            "StartTime": start,
            "Columns": [name],
            "ResponseGaps": True,
            name: about,
        }
        files[f"{base}_recording-{label}_stim.tsv.gz"] = _packed([values])
        files[f"{base}_recording-{label}_stim.json"] = json_bytes(sidecar)
    empty = session.responses.iloc[:0]
    return files, pd.concat(as_events) if as_events else empty


def _grid(responses: pd.DataFrame, trials: pd.DataFrame) -> tuple[float, float, np.ndarray] | None:
    """Return start, rate and places of samples that give exactly these times and trials back."""
    # The last sample of a trial may be the level of the next one, too.
    samples = responses.drop_duplicates("time_s")
    times, values = samples["time_s"].to_numpy(), samples["value"].to_numpy()
    if len(times) < 2 or not _reads_back(times, values, responses, trials):
        return None
    measured = 1 / float(np.median(np.diff(times)))
    for digits in (0, 1, 2, 3, 6):
        rate = round(measured, digits)
        if not rate > 0:
            continue
        for start in (0.0, float(times[0])):
            places = np.rint((times - start) * rate).astype(np.int64)
            if places[0] < 0 or places[-1] > _MOST_GAPS * len(places):
                continue
            if np.array_equal(start + places / rate, times):
                return start, rate, places
    return None


def _reads_back(
    times: np.ndarray, values: np.ndarray, responses: pd.DataFrame, trials: pd.DataFrame
) -> bool:
    """Whether samples without the names of their trials are read as these responses."""
    shown = trials.sort_values("onset_s", kind="stable")
    onsets = shown["onset_s"].to_numpy()
    ends = onsets + shown["duration_s"].to_numpy()
    found = responses_in_trials(times, values, "continuous", onsets, ends)
    by_trial = responses.sort_values(["trial", "time_s"], kind="stable")
    table = pd.DataFrame(
        {
            "trial": shown["trial"].to_numpy()[found.places],
            "time_s": found.times_s,
            "value": found.values,
        }
    ).sort_values(["trial", "time_s"], kind="stable")
    return all(np.array_equal(table[name], by_trial[name]) for name in table)


# Signals


def _signal_files(session: Session, base: str) -> tuple[dict[str, bytes], list[Note]]:
    files: dict[str, bytes] = {}
    groups: dict[Any, list[tuple[str, int, Signal]]] = {}
    notes = []
    columns: set[str] = set()
    for order, signal in enumerate(session.signals):
        if not len(signal.values):
            message = f"{session.participant_id}: signal {signal.name} has no sample"
            notes.append(Note("empty_signal", message))
            continue
        column = _unique(_COLUMNS.get(signal.type, signal.type), columns)
        if signal.times_s is not None:
            label = _label(column, "signal")
            table = pd.DataFrame({"onset": signal.times_s, "value": signal.values})
            files[f"{base}_acq-{label}_beh.tsv"] = tsv_bytes(table)
            files[f"{base}_acq-{label}_beh.json"] = json_bytes({"value": _channel(signal, order)})
            continue
        alike = (
            *(signal.rate_hz, signal.start_s, signal.first_index, len(signal.values)),
            *(signal.clock_at_s, signal.clock_offset_s),
        )
        groups.setdefault(alike, []).append((column, order, signal))
    for members in groups.values():
        names = "".join(_label(column, "signal") for column, _, _ in members)
        recording = f"_recording-{names}" if len(groups) > 1 else ""
        arrays, sidecar = _recording(members)
        files[f"{base}{recording}_physio.tsv.gz"] = _packed(arrays)
        files[f"{base}{recording}_physio.json"] = json_bytes(sidecar)
    return files, notes


def _channel(signal: Signal, order: int) -> dict[str, Any]:
    """Return what a sidecar says of a channel."""
    said: dict[str, Any] = {
        "LongName": signal.name,
        "SignalType": signal.type,
        "SignalOrder": order,
    }
    if signal.values.dtype == np.float32:
        said["Precision"] = "float32"
    return said | ({"Units": signal.unit} if signal.unit else {})


def _recording(
    members: Sequence[tuple[str, int, Signal]],
) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Return the columns and the sidecar of signals of one rate, start and length."""
    first = members[0][2]
    names, arrays = [], []
    sidecar: dict[str, Any] = {"SamplingFrequency": first.rate_hz, "StartTime": first.start_s}
    if first.first_index:
        sidecar["FirstIndex"] = first.first_index
    if first.clock_at_s:
        sidecar["ClockAt"] = list(first.clock_at_s)
        sidecar["ClockOffset"] = list(first.clock_offset_s)
    for column, order, signal in members:
        names.append(column)
        arrays.append(signal.values)
        sidecar[column] = _channel(signal, order)
        if signal.printed_time_s is not None:
            names.append(f"{column}_printed_time")
            arrays.append(signal.printed_time_s)
            sidecar[names[-1]] = {"PrintedTimeOf": column, "Units": "s"}
    return arrays, sidecar | {"Columns": names}


def _unique(name: str, taken: set[str]) -> str:
    """Return a name, with a number where it is taken, and remember it."""
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}{number}", number + 1
    taken.add(unique)
    return unique


# Bytes


def _number(value: float) -> str:
    """Return the shortest text that reads back as the same number."""
    return repr(value) if value == value else MISSING


def _numbers(column: np.ndarray) -> list[str]:
    """Return the shortest text of each number: for float32, that reads back as the same float32."""
    if column.dtype != np.float32:
        return [_number(value) for value in column.astype(np.float64).tolist()]
    texts = column.astype(str)
    # What is read is rounded twice, to float64 and to float32; next to the middle of two numbers
    # only the exact value is safe.
    wrong = texts.astype(np.float64).astype(np.float32) != column
    exact = column.astype(np.float64)
    return [
        _number(value) if one_by_one else text
        for text, value, one_by_one in zip(
            texts.tolist(), exact.tolist(), wrong.tolist(), strict=True
        )
    ]


def _packed(columns: Sequence[np.ndarray]) -> bytes:
    """Return columns of numbers as a `.tsv.gz` without header; the same numbers, the same bytes."""
    texts = [_numbers(column) for column in columns]
    rows = "".join("\t".join(row) + "\n" for row in zip(*texts, strict=True))
    return gzip.compress(rows.encode(), mtime=0)


def tsv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as a TSV with header; numbers as the shortest text that reads back alike."""
    columns = [
        [MISSING if gone else _text(cell) for cell, gone in zip(column.array, missing, strict=True)]
        for column, missing in ((table[name], table[name].isna()) for name in table.columns)
    ]
    rows = [list(map(str, table.columns)), *zip(*columns, strict=True)]
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def _text(cell: object) -> str:
    """Return a cell without the signs that part cells and rows; an empty one is missing."""
    return re.sub(r"[\t\r\n]+", " ", str(cell)).strip() or MISSING


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return the text of a JSON file."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
