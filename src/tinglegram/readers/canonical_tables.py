"""Finished studies read back from their canonical tables: one, or several as one study.

A study that ran keeps trials, responses and signals of everybody in `canonical/` below its folder
of results, and their covariates in `participants.tsv`. This reader takes them up again, unchanged.
Of several studies, people keep their ids behind the name of their study, which becomes a covariate.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from tinglegram.canonical.files import read_session_tables, read_signals
from tinglegram.canonical.tables import Session
from tinglegram.command_line import names_in
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import read_table
from tinglegram.formats.recording import Note
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request

# The covariate that says whose study somebody took part in.
STUDY = "study"
_ENDS = ("trials.tsv", "responses.tsv", "notes.tsv", "clock.json")
_SIGNAL_ENDS = ("signals.npz", "signal_notes.tsv")


@dataclass(frozen=True)
class CanonicalOptions:
    """`data: options` of the reader `canonical`.

    Attributes
    ----------
    studies : name of a study -> folder of its results below `data: root`; empty: the root is that
        of the only one.
    stimuli : study -> stimulus as it names it -> as this study does; others keep their names.
    dimensions : study -> dimension as it names it -> as this study does; others keep their names.
    with_pulse : for `data: signals`, where the signals of all studies are read: studies whose pulse
        is used, of those whose pulse they used. None: trials, responses and signals are read, and
        everybody's pulse is used who has one.
    """

    studies: Mapping[str, str] = field(default_factory=dict)
    stimuli: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dimensions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    with_pulse: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _Person:
    """A participant: the folder and name of their study, and the name of their files."""

    folder: Path
    study: str
    name: str

    def file(self, end: str) -> Path:
        """Return a canonical file of the participant."""
        return self.folder / "canonical" / f"{self.name}_{end}"


def find(request: Request) -> Mapping[str, Sequence[Path]]:
    """Return participant_id -> the canonical files of everybody who took part.

    With `with_pulse`, of everybody who has signals.

    Raises
    ------
    InputProblem : a folder of no study, or a table of somebody that is missing.
    """
    options = _options(request)
    people = _people(options, request)
    of_pulse: list[str] = []
    if options.with_pulse is not None:
        of_pulse = _with_pulse(options, people)
        people = {
            who: person
            for who, person in people.items()
            if who in of_pulse or person.file("signals.npz").is_file()
        }
    found = {}
    for who, person in people.items():
        paths = [person.file(end) for end in (*_ENDS, *_SIGNAL_ENDS)]
        # Who they are stands in the other two.
        paths += [person.folder / "participants.tsv", person.folder / "participants/all.txt"]
        found[who] = [path for path in paths if path.is_file()]
        for end in ("trials.tsv", "responses.tsv", *(["signals.npz"] if who in of_pulse else [])):
            if person.file(end) not in found[who]:
                raise InputProblem(
                    str(person.file(end)),
                    expected=f"this canonical table of {who}",
                    found="none",
                    remedy="Run that study to its end.",
                )
    return found


def without_pulse(request: Request) -> list[str]:
    """Return the ids of those whose signals are read, but whose pulse is not used.

    Their study did not use it, or is none of `with_pulse`.
    """
    options = _options(request)
    if options.with_pulse is None:
        return []
    used = _with_pulse(options, _people(options, request))
    return [who for who in find(request) if who not in used]


def covariates(request: Request) -> pd.DataFrame:
    """Return participant_id, the study (where there are several), and what each study knows.

    A covariate that a study does not have is missing for its people.

    Raises
    ------
    InputProblem : a covariate that one study gives in numbers and another in words, or one that is
        called as that of the study.
    """
    options = _options(request)
    people = _people(options, request)
    several = len(options.studies) > 1
    parts: list[pd.DataFrame] = []
    kinds: dict[str, tuple[str, str]] = {}
    for study, folder in _folders(options, request).items():
        own = {who: person for who, person in people.items() if person.study == study}
        table = _participants(folder, list(own.values()))
        parts.append(table.assign(participant_id=list(own)))
        for name in table.columns:
            if several and name == STUDY:
                raise InputProblem(
                    str(folder / "participants.tsv"),
                    expected=f"no covariate that is called {STUDY}, which says whose study it is",
                    found="one",
                    remedy="Rename the column in the raw data of that study and run it again.",
                )
            if table[name].isna().all():
                continue
            kind = "numbers" if pd.api.types.is_numeric_dtype(table[name]) else "words"
            first = kinds.setdefault(str(name), (kind, study))
            if first[0] != kind:
                raise InputProblem(
                    str(folder / "participants.tsv"),
                    expected=f"{first[0]} as {name}, as in {first[1]}",
                    found=f"{kind} in {study}",
                    remedy="Write both alike in the raw data, or rename one of them.",
                )
    table = pd.concat(parts, ignore_index=True)
    names = [name for name in table.columns if name != "participant_id"]
    if several:
        table = table.assign(**{STUDY: [people[who].study for who in table["participant_id"]]})
        names.insert(0, STUDY)
    return table[["participant_id", *names]]


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read one participant's session as the study kept it.

    Raises
    ------
    TinglegramError : two stimuli of a participant's study, or two dimensions, that would be one.
    """
    options = _options(request)
    person = _people(options, request)[participant_id]
    there = {path.name.removeprefix(f"{person.name}_"): path for path in files}
    trials, responses = read_session_tables(there["trials.tsv"], there["responses.tsv"])
    for kind, names, column in (
        ("stimuli", options.stimuli, trials["stimulus_id"]),
        ("dimensions", options.dimensions, responses["dimension"]),
    ):
        _require_apart(names.get(person.study, {}), set(column), f"{request.where}.{kind}", person)
    stimuli = options.stimuli.get(person.study, {})
    dimensions = options.dimensions.get(person.study, {})
    of_signals = options.with_pulse is not None
    notes = there.get("signal_notes.tsv" if of_signals else "notes.tsv")
    clock = there.get("clock.json")
    session = Session(
        participant_id,
        trials.assign(stimulus_id=[stimuli.get(s, s) for s in trials["stimulus_id"]]),
        responses.assign(dimension=[dimensions.get(d, d) for d in responses["dimension"]]),
        notes=[] if notes is None else [Note(*row) for row in _rows(notes)],
        zero_unix_s=None if clock is None else json.loads(clock.read_text())["zero_unix_s"],
    )
    if "signals.npz" in there:
        session = replace(session, signals=list(read_signals(there["signals.npz"]).values()))
    return session


def _rows(path: Path) -> list[tuple[str, str]]:
    return [(str(kind), str(said)) for kind, said in read_table(path).itertuples(index=False)]


def _options(request: Request) -> CanonicalOptions:
    """Return the options.

    Raises
    ------
    TinglegramError : a study that is renamed something for is none of the studies.
    """
    options = read_options(request.options, CanonicalOptions, request.where)
    known = list(options.studies) or [STUDY]
    for name in ("stimuli", "dimensions", "with_pulse"):
        unknown = [study for study in getattr(options, name) or () if study not in known]
        if unknown:
            raise TinglegramError(
                f"{request.where}.{name}: expected names of studies ({', '.join(known)}), found "
                f"{', '.join(unknown)}. Correct it."
            )
    return options


def _folders(options: CanonicalOptions, request: Request) -> dict[str, Path]:
    folders = {name: request.root / below for name, below in options.studies.items()}
    return folders or {STUDY: request.root}


def _people(options: CanonicalOptions, request: Request) -> dict[str, _Person]:
    """Return participant_id -> where the canonical files are, of everybody who took part.

    Raises
    ------
    InputProblem : a folder that is none of results, or two people of one id.
    """
    several = len(options.studies) > 1
    found: dict[str, _Person] = {}
    for study, folder in _folders(options, request).items():
        everyone = folder / "participants/all.txt"
        if not everyone.is_file() or not (folder / "canonical").is_dir():
            raise InputProblem(
                str(folder),
                expected="results of a study that ran, with participants/all.txt and canonical/",
                found="neither" if not everyone.is_file() else "no canonical/",
                remedy=f"Correct data.root or {request.where}.studies, or run that study first.",
            )
        ids = _ids(folder)
        for name in names_in(everyone):
            own = ids.get(int(name), name)
            who = f"{study}_{own}" if several else own
            if who in found:
                raise InputProblem(
                    str(folder),
                    expected="every participant once",
                    found=f"{who} in {found[who].study} and {study}",
                    remedy="Give the studies other names.",
                )
            found[who] = _Person(folder, study, name)
    return found


def _with_pulse(options: CanonicalOptions, people: Mapping[str, _Person]) -> list[str]:
    """Return the ids of those whose pulse their study used, of the studies `with_pulse`."""
    used: dict[Path, list[str]] = {}
    for folder in {person.folder for person in people.values()}:
        path = folder / "participants/with_pulse.txt"
        used[folder] = names_in(path, may_be_empty=True) if path.is_file() else []
    return [
        who
        for who, person in people.items()
        if person.study in (options.with_pulse or ()) and person.name in used[person.folder]
    ]


def _ids(folder: Path) -> dict[int, str]:
    """Return number -> participant_id; empty where the study names nobody."""
    path = folder / "participants.tsv"
    if not path.is_file():
        return {}
    table = read_table(path, ["subject", "participant_id"])
    return dict(zip(table["subject"].tolist(), table["participant_id"].tolist(), strict=True))


def _participants(folder: Path, people: Sequence[_Person]) -> pd.DataFrame:
    """Return the covariates of people of a study, in their order."""
    path = folder / "participants.tsv"
    numbers = [int(person.name) for person in people]
    if not path.is_file():
        return pd.DataFrame(index=range(len(numbers)))
    table = read_table(path).set_index("subject")
    return table.loc[numbers].drop(columns="participant_id").reset_index(drop=True)


def _require_apart(names: Mapping[str, str], own: set[str], where: str, person: _Person) -> None:
    """Raise if two names of a study would become one."""
    called: dict[str, str] = {}
    for name in sorted(own):
        other = called.setdefault(names.get(name, name), name)
        if other != name:
            raise TinglegramError(
                f"{where}.{person.study}: expected another name for each, found "
                f"{names.get(name, name)} for {other} and {name}. Correct it."
            )
