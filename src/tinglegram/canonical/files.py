"""The canonical tables of a participant as files: trials, responses, notes and signals."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import (
    RESPONSE_COLUMNS,
    TRIAL_COLUMNS,
    Session,
    Signal,
)
from tinglegram.files import read_arrays, read_table, write_arrays, write_table
from tinglegram.formats.recording import Note

_ARRAYS = ("values", "times_s", "printed_time_s")


def write_session(session: Session, trials: Path, responses: Path, notes: Path) -> None:
    """Write the tables of a participant: trials, responses, and notes (kind, message)."""
    write_table(session.trials, trials)
    write_table(session.responses, responses)
    write_table(pd.DataFrame(list(session.notes), columns=list(Note._fields)), notes)


def read_session_tables(trials: Path, responses: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the tables of trials and responses that `write_session` wrote."""
    return (
        read_table(trials).astype(TRIAL_COLUMNS),
        read_table(responses).astype(RESPONSE_COLUMNS),
    )


def pack_signals(signals: Mapping[str, Signal]) -> dict[str, np.ndarray]:
    """Return the arrays that hold signals: `<key>@values`, ..., and one text that describes all."""
    arrays: dict[str, np.ndarray] = {}
    about = {}
    for key, signal in signals.items():
        for name in _ARRAYS:
            array = getattr(signal, name)
            if array is not None:
                arrays[f"{key}@{name}"] = array
        about[key] = {
            "name": signal.name,
            "type": signal.type,
            "unit": signal.unit,
            "start_s": signal.start_s,
            "rate_hz": signal.rate_hz,
            "first_index": signal.first_index,
            "clock_at_s": list(signal.clock_at_s),
            "clock_offset_s": list(signal.clock_offset_s),
        }
    arrays["about"] = np.array(json.dumps(about))
    return arrays


def unpack_signals(arrays: Mapping[str, np.ndarray]) -> dict[str, Signal]:
    """Return the signals that `pack_signals` packed, by their keys."""
    found = {}
    for key, about in json.loads(str(arrays["about"])).items():
        held = {name: arrays.get(f"{key}@{name}") for name in _ARRAYS}
        about |= {name: tuple(about[name]) for name in ("clock_at_s", "clock_offset_s")}
        found[key] = Signal(**about, **held)  # type: ignore[arg-type]
    return found


def write_signals(signals: Mapping[str, Signal], path: Path) -> None:
    """Write signals, by keys that are free of `@`, as one NPZ file."""
    write_arrays(path, pack_signals(signals))


def read_signals(path: Path) -> dict[str, Signal]:
    """Read the signals that `write_signals` wrote."""
    return unpack_signals(read_arrays(path))
