"""Inspection of a participant by any reader: what a run would stop at, as entries of problems.tsv.

Everything that the jobs of a participant do until ratings and pulse are cut is done here too, so
that both refuse the same. Faults become the kinds of `data.problems` (docs/readers.md).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypedDict, TypeVar

import pandas as pd

from tinglegram.behaviour.designs import BY_DESIGN, as_notes, design_problems
from tinglegram.behaviour.placing import (
    kept_trials,
    place_responses,
    place_trials,
    require_samples,
    require_shown,
    require_trials,
    shown_trials,
)
from tinglegram.behaviour.ratings import ONE_DIMENSION, rating_grid
from tinglegram.behaviour.responses import Dimension
from tinglegram.behaviour.showings import covers, showings_of
from tinglegram.canonical.contents import (
    check_contents,
    copies,
    response_contents,
    signal_contents,
)
from tinglegram.canonical.tables import Session, Signal
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.formats.recording import Note
from tinglegram.inputs.inventory import ERROR, Entry, entry
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.heart_beats import r_peaks
from tinglegram.pulse.heart_slices import slice_heart
from tinglegram.pulse.heart_values import heart_values
from tinglegram.pulse.recordings import recording_of
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.slicing import slice_by_index
from tinglegram.pulse.steady import steady_wave, stopped_recordings
from tinglegram.pulse.wave_look import wave_notes
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.devices import distinct_names
from tinglegram.readers.parts import (
    EVENTS,
    RESPONSES,
    SIGNALS,
    Sources,
    check_recordings,
    chosen_signal,
    joined,
    read_parts,
    signals_on_clock,
)
from tinglegram.sensors.channels import chosen_sensors
from tinglegram.sensors.cleaning import clean_sensor, require_cover
from tinglegram.sensors.settings import SensorMethods

_T = TypeVar("_T")


@dataclass(frozen=True)
class ReadingDesign:
    """What a study says of every participant.

    Attributes
    ----------
    conditions : stimulus -> condition.
    lengths_s : stimulus -> its length.
    dimensions : response dimension -> how it is given; `target`: the one that is predicted.
    warm_up_s, grid : seconds at the start of each trial that are not analysed; steps per second.
    shortfall_s : a trial may end so much before its stimulus.
    signal : type of the signal that the pulse is taken from; None: none is.
    sensors : type of each other signal that is used -> name of its channel, or None.
    sensor_methods : how they are measured.
    windowing, limits, rests : settings of the pulse.
    clocks : how far clocks may run apart.
    noted : kinds of `BY_DESIGN` that are only noted.
    """

    conditions: Mapping[str, str]
    lengths_s: Mapping[str, float]
    dimensions: Mapping[str, Dimension] = field(default_factory=lambda: dict(ONE_DIMENSION))
    target: str = "response"
    warm_up_s: float = 5.0
    grid: int = 10
    shortfall_s: float = 0.5
    signal: str | None = None
    windowing: Windowing = field(default_factory=Windowing)
    limits: BeatLimits = field(default_factory=BeatLimits)
    rests: RestEpochs = field(default_factory=RestEpochs)
    clocks: ClockLimits = field(default_factory=ClockLimits)
    noted: tuple[str, ...] = BY_DESIGN
    sensors: Mapping[str, str | None] = field(default_factory=dict)
    sensor_methods: SensorMethods = field(default_factory=SensorMethods)

    @property
    def kinds(self) -> dict[str, str]:
        """Response dimension -> its kind."""
        return {name: about.kind for name, about in self.dimensions.items()}


class SeenPerson(TypedDict):
    """What was read of a participant: names of the trials as exclusions name them, and counts.

    `contents` are digests of what was measured (`tinglegram.canonical.contents`).
    """

    trials: list[str]
    contents: dict[str, str]
    responses: int
    of_target: int
    signals: int


def noted_kinds(policies: Mapping[str, str]) -> tuple[str, ...]:
    """Return the kinds that are only noted: designs differ, and no policy says what they become."""
    return tuple(kind for kind in BY_DESIGN if policies.get(kind, ERROR) == ERROR)


def inspect_participant(
    subject: str, sources: Sources, design: ReadingDesign, excluded: Collection[str] = ()
) -> tuple[SeenPerson, list[Entry]]:
    """Read one participant and return what was seen, and every problem and note.

    Parameters
    ----------
    subject : as files of results name the participant (007).
    sources : readers, ids and files.
    design : what the study says.
    excluded : clips, or showings of them, that the table of exclusions leaves out.

    Raises
    ------
    TinglegramError : options that no file could fit, or a library that is not installed.
    """
    look = _Look(subject, sources.ids[subject], sources, design, excluded)
    look.look()
    return look.seen, look.entries


@dataclass
class _Look:
    """One participant: what was seen and found so far."""

    subject: str
    name: str
    sources: Sources
    design: ReadingDesign
    excluded: Collection[str]
    entries: list[Entry] = field(default_factory=list)
    seen: SeenPerson = field(
        default_factory=lambda: SeenPerson(
            trials=[], contents={}, responses=0, of_target=0, signals=0
        )
    )

    def look(self) -> None:
        lacking = [
            part
            for part in (EVENTS, RESPONSES)
            if part in self.sources.parts and self.subject not in self.sources.files[part]
        ]
        for part in lacking:
            self._lacks(part, "missing_log")
        if lacking:
            return
        parts, session = self._events()
        if session is None:
            return
        shown = shown_trials(session.trials)
        names = showings_of(shown)
        self.seen["trials"] = [names[showing] for showing in shown]
        self._design(session)
        timeline = self._timeline(session)
        kept = self._kept(session.trials)
        self._contents(response_contents(session.responses, kept), "unreadable_log")
        self._responses(session, timeline)
        self._note(session.notes)
        if (self.design.signal is not None or self.design.sensors) and len(timeline):
            self._signals(parts, session, timeline)

    # What is found

    def _note(self, notes: Iterable[Note]) -> None:
        for note in notes:
            self.entries.append(
                Entry(self.subject, "*", note.kind, self.name, "", "", note.message, "")
            )

    def _add(self, problem: TinglegramError, kind: str, video: str = "") -> None:
        if not isinstance(problem, InputProblem):
            problem = InputProblem(
                self.name,
                expected="data that can be used",
                found=str(problem).rstrip("."),
                remedy="Correct the file or its options.",
            )
        found = entry(self.subject, problem, kind)
        self.entries.append(found._replace(video=video) if video else found)

    def _lacks(self, part: str, kind: str) -> None:
        self.entries.append(lacking_part(self.subject, self.name, part, kind))

    def _tried(self, kind: str, do: Callable[[], _T]) -> _T | None:
        """Do something; what it refuses is an entry, of this kind unless it says another."""
        try:
            return do()
        except InputProblem as problem:
            self._add(problem, kind)
            return None

    def _contents(self, contents: Mapping[str, str], kind: str) -> None:
        """Refuse one content twice, and keep what everybody's will be held against."""
        self._note(self._tried(kind, lambda: check_contents(contents, self.name)) or ())
        self.seen["contents"].update(contents)

    def _kept(self, trials: pd.DataFrame) -> pd.DataFrame:
        """Return the trials that are neither left out by table nor will be by a policy."""
        return kept_trials(trials, gone_trials(self.entries, self.excluded))

    # Trials and responses

    def _read(self, sources: Sources) -> tuple[dict[str, Session], Session]:
        lengths = self.design.lengths_s
        text = sources.as_text(self.subject, EVENTS, RESPONSES)
        parts = read_parts(text, self.name, lengths, self.design.kinds, self.design.clocks)
        return parts, joined(parts, self.name, lengths, self.design.clocks)

    def _events(self) -> tuple[dict[str, Session], Session | None]:
        """Read trials and responses; signals beside them that cannot be read are passed over."""
        try:
            return self._read(self.sources)
        except InputProblem as problem:
            fault = problem
        try:
            alone = self.sources.passing_over([self.subject])
            found = self._read(alone)
        except InputProblem:
            self._add(fault, "unreadable_log")
            return {}, None
        # Only with the signals it cannot be read.
        self._add(fault, "unreadable_pulse")
        self.sources = alone
        return found

    def _design(self, session: Session) -> None:
        design = self.design
        problems, notes = as_notes(
            design_problems(
                session.trials, design.lengths_s, design.shortfall_s, self.name, design.noted
            ),
            design.noted,
        )
        for problem in problems:
            self._add(problem, problem.kind)
        self._note(notes)
        may_lack = set() if "missing_clip" in design.noted else {*design.lengths_s}
        wanted = [name for name in self.excluded if name != "*" and name not in may_lack]
        self._tried("", lambda: require_shown(wanted, session.trials, self.name))

    def _timeline(self, session: Session) -> pd.DataFrame:
        """Place each trial by itself, so that every one that is too short is told."""
        trials, design = session.trials, self.design
        names, rows = showings_of(shown_trials(trials)), []
        for place in range(len(trials)):
            trial = trials.iloc[[place]]
            try:
                row = place_trials(
                    trial,
                    design.conditions,
                    subject=int(self.subject),
                    warm_up_s=design.warm_up_s,
                    grid=design.grid,
                    source=self.name,
                    excluded=self.excluded,
                )
            except InputProblem as problem:
                (showing,) = shown_trials(trial)
                self._add(problem, "aborted_clip", names[showing])
            else:
                rows.append(row)
        timeline = pd.concat(rows, ignore_index=True) if rows else trials[:0]
        if all(covers(self.excluded, name) for name in names.values()):
            self._tried("", lambda: require_trials(timeline, trials, self.name))
        return timeline

    def _responses(self, session: Session, timeline: pd.DataFrame) -> None:
        design, responses = self.design, session.responses
        self.seen["responses"] = len(responses)
        self.seen["of_target"] = int((responses["dimension"] == design.target).sum())
        if not len(timeline):
            return
        given = place_responses(
            responses, session.trials, subject=int(self.subject), excluded=self.excluded
        )
        # Trials that are too short are told already.
        given = given[given["order"].isin(timeline["order"])]
        kind = design.dimensions[design.target].kind
        self._tried(
            "unreadable_log",
            lambda: require_samples(given, timeline, design.target, kind, self.name),
        )
        self._tried(
            "unreadable_log",
            lambda: rating_grid(
                timeline,
                given,
                design.grid,
                dimensions=design.dimensions,
                target=design.target,
                source=f"responses of participant {self.name}",
            ),
        )

    # Signals

    def _signals(
        self, parts: Mapping[str, Session], session: Session, timeline: pd.DataFrame
    ) -> None:
        part = self.sources.of_signals()
        if self.subject not in self.sources.files[part]:
            if self.design.signal is not None:
                self._lacks(part, "missing_pulse")
            return
        if part == EVENTS and self.subject in self.sources.without_signals:
            return
        measured = parts.get(part) or self._tried("unreadable_pulse", lambda: self._measured(part))
        if measured is None:
            return
        if part == SIGNALS:
            self._note(measured.notes)
        zero_s, kind = session.zero_unix_s, str(self.design.signal)
        signals = self._tried(
            "unreadable_pulse", lambda: signals_on_clock(measured, zero_s, self.name)
        )
        if signals is None:
            return
        self.seen["signals"] = len(signals)
        names = distinct_names([signal.name for signal in signals])
        by_name = dict(zip(names, signals, strict=True))
        contents = signal_contents(by_name, self._kept(session.trials))
        self._contents(contents, "unreadable_pulse")
        told = self._tried(
            "unreadable_pulse",
            lambda: check_recordings(
                measured, signals, session.trials, zero_s, self.design.clocks, self.name
            ),
        )
        if told is None:
            return
        self._note(told)
        self._sensors(signals, timeline)
        if self.design.signal is None:
            return
        if self.subject in self.sources.without_pulse:
            self.entries.append(kept_back_pulse(self.subject, self.name))
            return
        chosen = self._tried("unreadable_pulse", lambda: chosen_signal(signals, kind, self.name))
        if chosen is None:
            return
        try:
            if kind in ("ibi", "hr"):
                self._heart(chosen, session, timeline)
            else:
                self._wave(chosen, session, timeline)
        except TinglegramError as problem:
            self._add(problem, "unreadable_pulse")

    def _sensors(self, signals: Sequence[Signal], timeline: pd.DataFrame) -> None:
        """Choose the signals other than the pulse, and measure them as their job does."""
        wanted = self.design.sensors
        found = self._tried("unreadable_signal", lambda: chosen_sensors(signals, wanted, self.name))
        if found is None:
            return
        self._note(found[1])
        for signal in found[0].values():
            self._tried("unreadable_signal", partial(self._sensor, signal, timeline))

    def _sensor(self, signal: Signal, timeline: pd.DataFrame) -> None:
        cleaned, notes = clean_sensor(signal, self.design.sensor_methods, self.name)
        if cleaned is not None:
            require_cover(cleaned, timeline, signal.name, self.name)
        self._note(notes)

    def _measured(self, part: str) -> Session:
        text = self.sources.as_text(self.subject, part)
        design = self.design
        return read_parts(text, self.name, design.lengths_s, design.kinds, design.clocks)[part]

    def _heart(self, signal: Signal, session: Session, timeline: pd.DataFrame) -> None:
        heart, notes = heart_values(signal, self.name)
        self._note(notes)
        n_clips = int(session.trials["order"].max()) + 1
        slice_heart(heart, self.name, timeline, n_clips, self.design.rests)

    def _wave(self, signal: Signal, session: Session, timeline: pd.DataFrame) -> None:
        wave, notes = steady_wave(signal, self.name)
        self._note(notes)
        if signal.type == "ppg":
            self._note(wave_notes(wave, self.design.windowing, self.design.limits))
        recording, clock = recording_of(wave)
        called = showings_of(shown_trials(session.trials))
        trials = timeline.to_dict("records")
        names = [called[trial["video"], trial["order"]] for trial in trials]
        stopped = {p.video: p for p in stopped_recordings(signal, timeline, names, self.name)}
        for name, trial in zip(names, trials, strict=True):
            edges = (trial["valid_start_s"], trial["end_s"])
            try:
                slice_by_index(recording, self.name, name, *edges, clock.offset(trial["start_s"]))
            except InputProblem as problem:
                self._add(problem, "short_pulse", name)
            else:
                if name in stopped:
                    self._add(stopped[name], "short_pulse")
        if signal.type == "ecg":
            r_peaks(recording.signal, recording.sampling_rate_hz, self.name)


def lacking_part(subject: str, name: str, part: str, kind: str) -> Entry:
    """Return the entry of a participant of whom there is no file of a part of the data."""
    problem = InputProblem(
        name,
        expected=f"files of the {part} of this participant",
        found="none",
        remedy="Add them, or say by the table of exclusions or data: problems: "
        f"{kind} what becomes of this participant.",
    )
    return entry(subject, problem, kind)


def kept_back_pulse(subject: str, name: str) -> Entry:
    """Return the entry of a participant of whose signals the reader keeps the pulse back."""
    said = "the pulse is not used, as in the own study; other signals are"
    return Entry(subject, "*", "no_pulse", name, "", "", said, "")


def uneven_clocks(entries: Sequence[Entry], people: Collection[str]) -> list[Entry]:
    """Return the entries, with a problem for who alone has no file of events.

    A study without events is one whose readers make the clock; where others have events, theirs
    are lost, and a made clock puts responses at other times.

    Parameters
    ----------
    entries : of everybody.
    people : participants who were read.
    """
    made = {e.subject for e in entries if e.kind == "made_clock"}
    if not made or made >= set(people):
        return list(entries)
    return [
        found._replace(
            kind="missing_log",
            expected="a file of events, as other participants have",
            remedy="Add it, or say by the table of exclusions or data: problems: missing_log what "
            "becomes of this participant.",
        )
        if found.kind == "made_clock"
        else found
        for found in entries
    ]


def copied_data(contents: Mapping[str, Mapping[str, str]]) -> list[Entry]:
    """Return an entry for all responses or signals that two participants have in common.

    Parameters
    ----------
    contents : participant -> what -> digest.
    """
    return [entry("", problem, "copied_data") for problem in copies(contents)]


def no_responses(of_target: int, has_trials: bool) -> list[Entry]:
    """Return an entry where nobody gave one response of what is predicted: it is named wrongly.

    Parameters
    ----------
    of_target : responses of everybody in the dimension that is predicted.
    has_trials : whether anybody was shown anything.
    """
    if of_target or not has_trials:
        return []
    problem = InputProblem(
        "responses of everybody",
        expected="responses in the dimension that is predicted (responses: target: dimension)",
        found="none",
        remedy="Name the dimension as the files or data: options do; data: options says which "
        "columns hold responses.",
    )
    return [entry("", problem, "no_responses")]


def gone_trials(entries: Collection[Entry], excluded: Collection[str]) -> set[str]:
    """Return the trials that are left out by table, and those that were cut off or shown again."""
    # Trials that the pulse does not cover, or that a policy may accept, are kept.
    kinds = ("aborted_clip", "repeated_clip")
    return {*excluded, *(e.video for e in entries if e.expected and e.kind in kinds)}


def usable_trials(seen: SeenPerson, entries: Collection[Entry], excluded: Collection[str]) -> int:
    """Return how many trials the inventory counts: neither left out by table nor cut off."""
    gone = gone_trials(entries, excluded)
    return sum(not covers(gone, name) for name in seen["trials"])
