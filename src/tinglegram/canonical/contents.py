"""Whether two tables hold the same content: files that were copied under another name.

A digest stands for what was measured, not for how it is written, so that a copy is found in another
format, under another header or at another time of the session, as long as the format keeps every
digit. Little content is the same by chance; only what is rich enough has a digest. Some is the same
by design: triggers have none, and that of responses which follow a plain script is marked.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem, refuse
from tinglegram.formats.recording import Note

# ASSUMPTION: so many values, so many of them different, are never the same twice by chance: of
# responses, and of signals; nor so many changes of a button, by their times in ms.
_RESPONSES, _SIGNALS = (30, 8), (256, 32)
_PRESSES = 8
# ASSUMPTION: responses with fewer different pairs of steps, in time and value from one change to
# the next and on, half of them repeated at least, may follow a script (a ramp, a metronome, a
# countdown); nobody's own have so few.
_PAIRS = 8
_SCRIPTED = "scripted "
_IN_TRIAL = re.compile(r" in trial [0-9]+$")
# So many of the same values are named in a note.
_NAMED = 3
_Name = TypeVar("_Name")


def response_contents(responses: pd.DataFrame, trials: pd.DataFrame) -> dict[str, str]:
    """Return what of the responses -> digest: each dimension, and its rows in each trial.

    Parameters
    ----------
    responses, trials : tables of a participant; of trials that are not there nothing is used. Times
        count from the onset of the trial.
    """
    onsets = dict(zip(trials["trial"].tolist(), trials["onset_s"].tolist(), strict=True))
    responses = responses[responses["trial"].isin(onsets)]
    found = {}
    for dimension, rows in responses.groupby("dimension"):
        late = rows["time_s"] - rows["trial"].map(onsets)
        table = np.column_stack([np.round(late, 3), rows["value"]])
        in_trials = {
            f" in trial {trial}": table[(rows["trial"] == trial).to_numpy()]
            for trial in rows["trial"].unique().tolist()
        }
        scripted = {part: _is_scripted(own) for part, own in in_trials.items()}
        for part, own in {"": table, **in_trials}.items():
            values = own[:, 1]
            if _is_rich(values, *_RESPONSES) or np.count_nonzero(np.diff(values)) >= _PRESSES:
                mark = _SCRIPTED if scripted.get(part, all(scripted.values())) else ""
                digest = _digest(own, "trial" if part else "whole")
                found[f"responses {dimension}{part}"] = mark + digest
    return found


def _is_scripted(table: np.ndarray) -> bool:
    """Return whether times and values, (n, 2), change by few different pairs of steps."""
    after = np.flatnonzero(np.diff(table[:, 1])) + 1
    changes = table[after] - np.column_stack([np.zeros(len(after)), table[after - 1, 1]])
    steps = np.column_stack([np.diff(changes[:, 0]), changes[1:, 1]])
    # Sums of steps leave their last bits.
    steps /= [1.0, max(float(np.ptp(table[:, 1])), np.finfo(float).tiny)]
    pairs = np.round(np.column_stack([steps[:-1], steps[1:]]), 3)
    different = len(np.unique(pairs, axis=0))
    return different < _PAIRS and 2 * different <= len(pairs)


def signal_contents(signals: Mapping[str, Signal], trials: pd.DataFrame) -> dict[str, str]:
    """Return what of the signals -> digest: the whole of each, and its samples in each trial.

    Parameters
    ----------
    signals : by names that stand once. Triggers say what was shown, and are the same for everybody.
    trials : table of trials.
    """
    found = {}
    for name, signal in signals.items():
        if signal.type == "trigger":
            continue
        if _is_rich(signal.values, *_SIGNALS):
            found[name] = _digest(signal.values, "whole")
        times = signal.sample_times()
        columns = (trials[column].tolist() for column in ("trial", "onset_s", "duration_s"))
        for trial, onset, length in zip(*columns, strict=True):
            # A little earlier, so that rounding of times moves no sample.
            first, last = np.searchsorted(times, [onset - 1e-4, onset + length - 1e-4])
            own = signal.values[first:last]
            if _is_rich(own, *_SIGNALS):
                found[f"{name} in trial {trial}"] = _digest(own, "trial")
    return found


def _is_rich(values: np.ndarray, many: int, different: int) -> bool:
    return len(values) >= many and len(np.unique(values[np.isfinite(values)])) >= different


def _digest(values: np.ndarray, of: str) -> str:
    """Return a digest; what stands for a whole is no trial's, where there is one trial."""
    plain = np.ascontiguousarray(values, dtype=np.float64)
    return hashlib.blake2b(plain.tobytes(), digest_size=16, person=of.encode()).hexdigest()


def check_contents(contents: Mapping[str, str], source: str) -> list[Note]:
    """Refuse one content twice in a dimension or channel: a run or a file that was copied.

    Returns
    -------
    A note of the same values in two dimensions or channels, and of responses that follow a script.

    Parameters
    ----------
    contents : what -> digest.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : two are the same; both are named.
    """
    told = []
    for digest, names in _by_digest(contents.items()).items():
        firsts: dict[str, str] = {}
        for name in names:
            first = firsts.setdefault(_IN_TRIAL.sub("", name), name)
            if first != name and not digest.startswith(_SCRIPTED):
                raise InputProblem(
                    source,
                    where=name,
                    expected="data of its own",
                    found=f"the same values as in {first}",
                    remedy="A file was copied under another name: remove the copy, or put the "
                    "right file in its place.",
                )
        told += [f"{name} as in {names[0]}" for name in names[1:]]
    if not told:
        return []
    more = f", and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    said = f"the same values twice, as by design or by a copy: {', '.join(told[:_NAMED])}{more}"
    return [Note("same_values", said)]


def check_everybody(contents: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse the same content in two participants.

    Parameters
    ----------
    contents : participant -> what -> digest.

    Raises
    ------
    TinglegramError : some have the same (`copies`).
    """
    refuse(copies(contents))


def copies(contents: Mapping[str, Mapping[str, str]]) -> list[InputProblem]:
    """Return a problem for each dimension or channel that two participants have in common.

    Responses that follow a script are the same by design, and none.

    Parameters
    ----------
    contents : participant -> what -> digest.
    """
    every = (
        ((who, what), digest)
        for who, own in contents.items()
        for what, digest in own.items()
        if not digest.startswith(_SCRIPTED)
    )
    found: dict[tuple[str, ...], InputProblem] = {}
    for names in _by_digest(every).values():
        for (first, its), (other, what) in pairwise(_first_of_each(names)):
            channels = (first, _IN_TRIAL.sub("", its), other, _IN_TRIAL.sub("", what))
            problem = InputProblem(
                f"{what} of {other}",
                expected="data of its own",
                found=f"the same values as in {its} of {first}",
                remedy="A file was copied under another name: put the right file in its place, or "
                "leave one of them out (data: exclusions).",
            )
            found.setdefault(channels, problem)
    return list(found.values())


def _first_of_each(names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    firsts: dict[str, str] = {}
    for who, what in names:
        firsts.setdefault(who, what)
    return list(firsts.items())


def _by_digest(contents: Iterable[tuple[_Name, str]]) -> dict[str, list[_Name]]:
    """Return digest -> what has it, in order."""
    found: dict[str, list[_Name]] = {}
    for name, digest in contents:
        found.setdefault(digest, []).append(name)
    return found
