"""Whether two tables hold the same content: files that were copied under another name.

A digest stands for what was measured, not for how it is written, so that a copy is found in another
format, under another header or at another time of the session. Little content is the same by
chance; only what is rich enough has a digest.
"""

import hashlib
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem

# ASSUMPTION: so many values, so many of them different, are never the same twice by chance: of
# responses, and of signals; nor so many changes of a button, by their times in ms.
_RESPONSES, _SIGNALS = (30, 8), (256, 32)
_PRESSES = 8


def response_contents(responses: pd.DataFrame, trials: pd.DataFrame) -> dict[str, str]:
    """Return what of the responses -> digest: each dimension, and its rows in each trial.

    Parameters
    ----------
    responses, trials : tables of a participant. Times count from the onset of the trial.
    """
    onsets = dict(zip(trials["trial"].tolist(), trials["onset_s"].tolist(), strict=True))
    found = {}
    for dimension, rows in responses.groupby("dimension"):
        late = rows["time_s"] - rows["trial"].map(onsets)
        table = np.column_stack([np.round(late, 3), rows["value"]])
        parts = {"": table} | {
            f" in trial {trial}": table[(rows["trial"] == trial).to_numpy()]
            for trial in rows["trial"].unique().tolist()
        }
        for part, own in parts.items():
            values = own[:, 1]
            if _is_rich(values, *_RESPONSES) or np.count_nonzero(np.diff(values)) >= _PRESSES:
                found[f"responses {dimension}{part}"] = _digest(own, "trial" if part else "whole")
    return found


def signal_contents(signals: Mapping[str, Signal], trials: pd.DataFrame) -> dict[str, str]:
    """Return what of the signals -> digest: the whole of each, and its samples in each trial.

    Parameters
    ----------
    signals : by names that stand once.
    trials : table of trials.
    """
    found = {}
    for name, signal in signals.items():
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


def check_contents(contents: Mapping[str, str], source: str) -> None:
    """Refuse one content twice in a participant: a run or a file that was copied.

    Parameters
    ----------
    contents : what -> digest.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : two are the same; both are named.
    """
    for first, other in _same(contents):
        raise InputProblem(
            source,
            where=other,
            expected="data of its own",
            found=f"the same values as in {first}",
            remedy="A file was copied under another name: remove the copy, or put the right file "
            "in its place.",
        )


def check_everybody(contents: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse the same content in two participants.

    Parameters
    ----------
    contents : participant -> what -> digest.

    Raises
    ------
    InputProblem : two have the same; both are named.
    """
    every = {
        f"{what} of {who}": digest for who, own in contents.items() for what, digest in own.items()
    }
    for first, other in _same(every):
        raise InputProblem(
            other,
            expected="data of its own",
            found=f"the same values as in {first}",
            remedy="A file was copied under another name: put the right file in its place, or "
            "leave one of them out (data: exclusions).",
        )


def _same(contents: Mapping[str, str]) -> list[tuple[str, str]]:
    by_digest: dict[str, list[str]] = {}
    for name, digest in contents.items():
        by_digest.setdefault(digest, []).append(name)
    return [pair for names in by_digest.values() for pair in pairwise(names)]
