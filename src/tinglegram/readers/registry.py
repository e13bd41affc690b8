"""Which readers there are, and what each must offer."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast

from tinglegram.canonical.tables import Session
from tinglegram.errors import TinglegramError
from tinglegram.readers.clocks import ClockLimits

# Name in the configuration -> module. A reader's libraries load when it reads, not before.
MODULES = {
    "bids": "tinglegram.readers.bids",
    "csv": "tinglegram.readers.csv_files",
    "empatica": "tinglegram.readers.empatica",
    "acq": "tinglegram.readers.acq",
    "xdf": "tinglegram.readers.xdf",
    "edf": "tinglegram.readers.edf",
    "canonical": "tinglegram.readers.canonical_tables",
}


@dataclass(frozen=True)
class Request:
    """What a reader is asked.

    Attributes
    ----------
    root : folder of the raw data (`data: root`).
    options : of this reader (`data: options`), as the configuration gives them.
    lengths_s : stimulus_id -> length of the stimulus, of every stimulus of the study (`clips`).
    dimensions : response dimensions of the study -> their kind (ordinal, continuous, hold,
        episodes).
    where : path of the options in the configuration, for messages.
    with_signals : whether signals are wanted; False where those of a participant cannot be read
        and `data: problems` does without them. A reader that reads them nevertheless may fail.
    limits : how far clocks may run apart.
    """

    root: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    lengths_s: Mapping[str, float] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)
    where: str = "data.options"
    with_signals: bool = True
    limits: ClockLimits = field(default_factory=ClockLimits)


class Reader(Protocol):
    """A reader: a module of ours, or a script of the user's own, with these two functions.

    It may also have `covariates(request) -> pandas.DataFrame`: participant_id and any columns; and
    `without_pulse(request)`: ids of those whose signals are read, but not for a pulse.
    """

    def find(self, request: Request) -> Mapping[str, Sequence[Path]]:
        """Return participant_id -> every file that its reading depends on, by names alone."""

    def read(self, participant_id: str, files: Sequence[Path], request: Request) -> Session:
        """Read one participant; raise `InputProblem` for what cannot be read."""


def reader(name: str) -> Reader:
    """Return a reader by its name in the configuration, or the path of a script (`*.py`).

    Raises
    ------
    TinglegramError : there is no such reader, or the script lacks one of both functions.
    """
    if name in MODULES:
        return cast(Reader, importlib.import_module(MODULES[name]))
    if not name.endswith(".py"):
        raise TinglegramError(
            f"data.reader: expected rest_asmr, {', '.join(MODULES)} or the path of a script of "
            f"yours (.py), found {name!r}."
        )
    module = _script(name)
    lacking = [function for function in ("find", "read") if not hasattr(module, function)]
    if lacking:
        raise TinglegramError(
            f"{name}: expected the functions find(request) and read(participant_id, files, "
            f"request), found no {' and no '.join(lacking)}. docs/readers.md shows a whole reader."
        )
    return cast(Reader, module)


def reader_file(name: str, source: Path) -> Path:
    """Return the file of a reader; `source` is the folder of our library."""
    if name in MODULES:
        return source / Path(*MODULES[name].split(".")).with_suffix(".py")
    return Path(name)


def files_of_readers(names: Sequence[str], source: Path) -> list[Path]:
    """Return the files of these readers that are there; `source` is the folder of our library."""
    return [path for name in names if (path := reader_file(name, source)).is_file()]


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reader_of_study", name)
    if spec is None or spec.loader is None or not Path(name).is_file():
        raise TinglegramError(f"data.reader: no script {name}. Correct its path.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
