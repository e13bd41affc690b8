"""Options of the reader `csv`: which file holds what, in which column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

from tinglegram.canonical.tables import RESPONSE
from tinglegram.errors import TinglegramError
from tinglegram.readers.csv_names import placeholders
from tinglegram.readers.options import read_options

Unit = Literal["s", "ms", "us"]
Clock = Literal["relative", "unix", "trial"]


@dataclass(frozen=True, kw_only=True)
class CsvFiles:
    """Files of one kind, and how to read them.

    Attributes
    ----------
    files : pattern of their names below `data: root`, with `{participant}`, `{stimulus}` and
        `{trial}`; `*` is any text within a name, `**/` any folders.
    participant : column that names the participant, in a file of several.
    keep : column -> what must stand in it for a row to be read.
    unit : of all times.
    clock : `relative` is the participant's own clock, `unix` counts from 1970, `trial` from the
        onset of the trial.
    offset_s : added to all times, of a device whose clock is known to be late.
    decimal : sign before the decimals.
    header : names of the columns, of a file that does not name them.
    lines_before_header : lines to pass over.
    check_names : whether a column that names a participant, in a file of one, must name this one.
    """

    files: str
    participant: str | None = None
    keep: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    unit: Unit = "s"
    clock: Clock = "relative"
    offset_s: float = 0.0
    decimal: Literal[".", ","] = "."
    header: tuple[str, ...] = ()
    lines_before_header: int = 0
    check_names: bool = True


@dataclass(frozen=True, kw_only=True)
class CsvLabelled(CsvFiles):
    """Files whose rows may say of which trial they are.

    Attributes
    ----------
    stimulus, trial : columns that name the stimulus, or the trial.
    rename : stimulus as the files name it -> as the study does.
    """

    stimulus: str | None = None
    trial: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)

    def is_labelled(self) -> bool:
        """Whether file names or columns say of which trial a row is."""
        return bool(self.stimulus or self.trial or placeholders(self.files) & {"stimulus", "trial"})


@dataclass(frozen=True, kw_only=True)
class CsvTrials(CsvLabelled):
    """Files of the trials; each row one.

    Attributes
    ----------
    onset : column of the time at which the stimulus began.
    end, duration : column of the time at which it ended, or of how long it was; with neither, it
        took as long as the stimulus is.
    """

    onset: str
    end: str | None = None
    duration: str | None = None


@dataclass(frozen=True, kw_only=True)
class CsvResponses(CsvLabelled):
    """Files of responses: samples of a value, presses and releases, or episodes.

    Attributes
    ----------
    dimension : name of what is reported, of samples in one column, presses and episodes.
    time, value : columns of samples; `value` may be {dimension: column} for several.
    event, press, release : column of what was done at `time`, and the words for it.
    start, end, duration : columns of episodes, or of presses with their lengths.
    """

    dimension: str = RESPONSE
    time: str | None = None
    value: str | Mapping[str, str] | None = None
    event: str | None = None
    press: tuple[Any, ...] = ("press", "pressed", "down", "keydown", "mousedown", 1)
    release: tuple[Any, ...] = ("release", "released", "up", "keyup", "mouseup", 0)
    start: str | None = None
    end: str | None = None
    duration: str | None = None

    def values(self) -> dict[str, str]:
        """Return dimension -> column of its samples; empty of presses and episodes."""
        if self.value is None:
            return {}
        return {self.dimension: self.value} if isinstance(self.value, str) else dict(self.value)

    def dimensions(self) -> list[str]:
        """Return the dimensions that these files hold."""
        return list(self.values()) or [self.dimension]


@dataclass(frozen=True, kw_only=True)
class CsvChannel:
    """A column of a sensor: its type, unit, and name if the column's does not serve."""

    type: str
    unit: str = ""
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class CsvSignals(CsvLabelled):
    """Files of sensors.

    Attributes
    ----------
    columns : column -> what it holds.
    time : column of time stamps; None: the samples follow each other at `rate`.
    rate : samples per second; None: the time stamps place every sample.
    start : time of the first sample in seconds on the clock of the file, where it has no stamps.
    """

    columns: Mapping[str, CsvChannel]
    time: str | None = None
    rate: float | None = None
    start: float = 0.0


@dataclass(frozen=True, kw_only=True)
class CsvParticipants:
    """A table of the participants.

    Attributes
    ----------
    file : its name below `data: root`.
    id : column that names the participant, as file names do.
    unix_zero : column of the unix time, in seconds, at which the participant's own clock was 0;
        needed where some files have unix times and others times of that clock.
    columns : covariates to read; empty: all.
    """

    file: str
    id: str
    unix_zero: str | None = None
    columns: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."


@dataclass(frozen=True, kw_only=True)
class CsvOptions:
    """Everything under `data: options` of the reader `csv`."""

    trials: CsvTrials | None = None
    responses: tuple[CsvResponses, ...] = ()
    signals: tuple[CsvSignals, ...] = ()
    participants: CsvParticipants | None = None

    def entries(self) -> Iterator[tuple[str, CsvLabelled]]:
        """Give every kind of files, with its path in the options."""
        if self.trials is not None:
            yield "trials", self.trials
        yield from ((f"responses[{i}]", entry) for i, entry in enumerate(self.responses))
        yield from ((f"signals[{i}]", entry) for i, entry in enumerate(self.signals))


def csv_options(values: Mapping[str, Any], where: str) -> CsvOptions:
    """Return the options, after a look whether they contradict each other.

    Raises
    ------
    TinglegramError : a contradiction, with the path of the option.
    """
    options = read_options(values, CsvOptions, where)
    if not any(True for _ in options.entries()):
        raise TinglegramError(
            f"{where}: expected trials, responses or signals, found none. docs/readers.md "
            "shows them."
        )
    only_signals = options.trials is None and not options.responses
    if only_signals and any(entry.clock == "trial" for entry in options.signals):
        raise TinglegramError(
            f"{where}.signals: expected relative or unix as clock, because no trials are named "
            "here, found 'trial'. Name the files of the trials under trials."
        )
    labelled = options.trials is not None or any(entry.is_labelled() for entry in options.responses)
    if not labelled and not only_signals:
        raise TinglegramError(
            f"{where}: expected trials, or responses whose files or rows name their stimulus, "
            "found neither. Name the files of the trials under trials."
        )
    for path, entry in options.entries():
        _check_names(entry, f"{where}.{path}")
        if isinstance(entry, CsvTrials):
            _check_trials(entry, f"{where}.{path}")
        elif entry.clock == "trial" and not entry.is_labelled():
            raise TinglegramError(
                f"{where}.{path}: expected a column stimulus or trial, or one of them in the names "
                "of the files, because times count from the onset of a trial (clock: trial), found "
                "neither. Name one, or set clock."
            )
        if isinstance(entry, CsvResponses):
            _check_responses(entry, f"{where}.{path}")
        if isinstance(entry, CsvSignals) and entry.time is None and entry.rate is None:
            raise TinglegramError(
                f"{where}.{path}: expected time (a column) or rate (Hz), found neither. Add one."
            )
        if isinstance(entry, CsvSignals) and entry.rate is not None and not 0 < entry.rate < inf:
            raise TinglegramError(
                f"{where}.{path}.rate: expected samples per second, above 0, found {entry.rate:g}. "
                "Correct it."
            )
    _check_clocks(options, where)
    return options


def _check_names(entry: CsvFiles, where: str) -> None:
    names = placeholders(entry.files)
    strange = names - {"participant", "stimulus", "trial"}
    if strange or entry.files.startswith("/") or ".." in entry.files.split("/"):
        raise TinglegramError(
            f"{where}.files: expected a pattern below data.root with {{participant}}, {{stimulus}} "
            f"or {{trial}}, found {entry.files!r}. Correct it."
        )
    if ("participant" in names) == (entry.participant is not None):
        found = "both" if entry.participant else "neither"
        raise TinglegramError(
            f"{where}: expected {{participant}} in files, or the column that names the "
            f"participant, found {found}. Name one of them."
        )


def _check_trials(entry: CsvTrials, where: str) -> None:
    if entry.clock == "trial":
        raise TinglegramError(
            f"{where}.clock: expected relative or unix, found 'trial'. The onset of a trial is on "
            "the clock of the participant."
        )
    if entry.stimulus is None and "stimulus" not in placeholders(entry.files):
        raise TinglegramError(
            f"{where}: expected a column stimulus, or {{stimulus}} in files, found neither. "
            "Add one."
        )


def _check_responses(entry: CsvResponses, where: str) -> None:
    given = {
        "time and value": bool(entry.time and entry.value),
        "time and event": bool(entry.time and entry.event),
        "start and end": bool(entry.start and (entry.end or entry.duration)),
    }
    kinds = [kind for kind, is_given in given.items() if is_given]
    if len(kinds) != 1:
        found = " as well as ".join(kinds) or "none of these"
        raise TinglegramError(
            f"{where}: expected columns time and value (samples), time and event (a button), or "
            f"start and end or duration (episodes), found {found}. Name those of one kind."
        )


def _check_clocks(options: CsvOptions, where: str) -> None:
    clocks: dict[str, str] = {}
    for path, entry in options.entries():
        if entry.clock != "trial":
            clocks.setdefault(entry.clock, path)
    known = options.participants is not None and options.participants.unix_zero is not None
    if len(clocks) > 1 and not known:
        raise TinglegramError(
            f"{where}: expected one clock, found unix ({clocks['unix']}) and relative "
            f"({clocks['relative']}). Say at which unix time each participant's clock was 0, in a "
            "column of the table of participants (participants: unix_zero)."
        )
    if options.trials is not None or not options.responses:
        return
    made, entry = trials_source(options)
    for clock, path in clocks.items():
        if clock != entry.clock and (entry.clock == "trial" or not known):
            raise TinglegramError(
                f"{where}.{path}.clock: expected {entry.clock}, as in {made}, which the trials are "
                f"made from, found '{clock}'. Name the files of the trials under trials."
            )


def trials_source(options: CsvOptions) -> tuple[str, CsvResponses]:
    """Return path and entry of the responses that trials are made from, where they have no file."""
    return next(
        (f"responses[{i}]", entry)
        for i, entry in enumerate(options.responses)
        if entry.is_labelled()
    )
