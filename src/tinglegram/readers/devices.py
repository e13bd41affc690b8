"""What the readers of device files share: which file is whose, which channels, which markers.

`read_device` reads a recording in one file; a reader of a format says how such a file is opened.
"""

import logging
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from tinglegram.canonical.membership import responses_in_trials
from tinglegram.canonical.tables import (
    Session,
    Signal,
    SignalType,
    response_table,
    trial_table,
)
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.formats.recording import Note
from tinglegram.readers.registry import Request

PLACE = "{participant}"
# The largest file that is read at once.
MOST_BYTES = 4 * 2**30
# Names by which devices and laboratories call their channels, from the first letter on.
# "Pulse" is not among them: it names a wave in one device and a rate in another.
WELL_KNOWN: Mapping[str, SignalType] = {
    r"(ppg|bvp|pleth|photopleth)\w*": "ppg",
    r"(ecg|ekg)\w*": "ecg",
    r"(eda|gsr|scl|skin conductance|electrodermal)\w*": "eda",
    r"(resp|rsp)\w*": "resp",
    r"(temp|skt|skin temp)\w*": "temperature",
    r"(hr|heart rate)": "hr",
    r"(ibi|rr interval)": "ibi",
}


@dataclass(frozen=True)
class DeviceChannel:
    """What a channel holds.

    Attributes
    ----------
    type : of the signal (`tinglegram.canonical.tables.SIGNAL_TYPES`).
    unit : of its values; None takes what the file says.
    """

    type: SignalType
    unit: str | None = None


@dataclass(frozen=True)
class DeviceMarkers:
    """Which markers begin a trial.

    Attributes
    ----------
    begin : text of a marker -> stimulus; or a regular expression of the whole text, whose first
        group (or the text itself, where it has none) is the stimulus.
    """

    begin: str | Mapping[str, str]


@dataclass(frozen=True)
class FoundChannel:
    """A channel that a file has.

    Attributes
    ----------
    name : as the file names it; of several with one name, `name#1`, `name#2` and so on.
    unit : as the file names it.
    labels : other texts by which the options may name it.
    """

    name: str
    unit: str = ""
    labels: tuple[str, ...] = ()


class DeviceOptions(Protocol):
    """Options that every reader of single recordings has."""

    @property
    def files(self) -> str:
        """File of each participant."""

    @property
    def channels(self) -> Mapping[str, DeviceChannel] | None:
        """Name or regular expression -> type and unit; None: those with well-known names."""

    @property
    def offset_s(self) -> float:
        """Is added to all times."""


class DeviceSamples(NamedTuple):
    """The samples of a channel: at a steady rate from a start on, or each with its time."""

    values: np.ndarray
    start_s: float = 0.0
    rate_hz: float | None = None
    times_s: np.ndarray | None = None


class DeviceResponses(NamedTuple):
    """What a channel says of a dimension of responses: float64 (n,) times and values."""

    dimension: str
    times_s: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class DeviceContent:
    """What was read of a recording, on the clock of its file.

    Attributes
    ----------
    samples : place of a channel -> its samples.
    marker_times_s, marker_texts : of each marker.
    responses : of channels that hold them.
    origin_s : what becomes time 0.
    zero_unix_s : unix time of that; None where the file tells no date.
    notes : on what was read.
    """

    samples: Mapping[int, DeviceSamples]
    marker_times_s: Sequence[float] = ()
    marker_texts: Sequence[str] = ()
    responses: Sequence[DeviceResponses] = ()
    origin_s: float = 0.0
    zero_unix_s: float | None = None
    notes: Sequence[Note] = ()


@dataclass(frozen=True, eq=False)
class DeviceFile:
    """A recording whose headers were read.

    Attributes
    ----------
    channels : that it has.
    load : reads the channels at some places, sorted, and everything else.
    notes : on the file.
    may_lack_signals : whether it is read for its trials and responses, too.
    """

    channels: Sequence[FoundChannel]
    load: Callable[[Sequence[int]], DeviceContent]
    notes: Sequence[Note] = ()
    may_lack_signals: bool = False


def device_files(request: Request, pattern: str) -> dict[str, list[Path]]:
    """Return participant_id -> files or folders whose names match a pattern, sorted.

    Parameters
    ----------
    request : whose `root` is searched.
    pattern : path below it with `{participant}`, and `*` for any text within a name. One that ends
        in `/` names folders.

    Raises
    ------
    TinglegramError : the pattern does not say where the participant's name stands, or leaves the
        folder.
    """
    where = f"{request.where}.files"
    parts = pattern.rstrip("/").split("/")
    if PLACE not in pattern:
        raise TinglegramError(f"{where}: expected {PLACE} in it, found {pattern!r}. Add it.")
    if ".." in parts or "" in parts:
        raise TinglegramError(
            f"{where}: expected a path below data: root, found {pattern!r}. Correct it."
        )
    glob = "/".join(
        re.sub(r"([?\[])", r"[\1]", part.replace(PLACE, "*")).replace("**", "*") for part in parts
    )
    named, seen = "", False
    for piece in re.split(r"(\{participant\}|\*)", "/".join(parts)):
        if piece == PLACE:
            named += r"(?P=participant)" if seen else r"(?P<participant>[^/]+?)"
            seen = True
        else:
            named += r"[^/]*" if piece == "*" else re.escape(piece)
    found = defaultdict(list)
    for path in sorted(request.root.glob(glob)):
        match = re.fullmatch(named, path.relative_to(request.root).as_posix())
        hidden = any(part.startswith(".") for part in path.relative_to(request.root).parts)
        if match and not hidden and path.is_dir() == pattern.endswith("/"):
            found[match["participant"]].append(path)
    return dict(sorted(found.items()))


def shown_path(path: Path, root: Path) -> str:
    """Return a path as messages name it: below the root where it lies there."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def one_file(participant_id: str, files: Sequence[Path], request: Request, pattern: str) -> Path:
    """Return the only file of a participant.

    Raises
    ------
    InputProblem : there is none, or there are several.
    """
    if not files:
        raise InputProblem(
            participant_id,
            expected=f"a file {pattern.replace(PLACE, participant_id)}",
            found="none",
            remedy=f"Add it, correct {request.where}.files, or leave the participant out "
            "(data: exclusions).",
        )
    if len(files) > 1:
        raise InputProblem(
            participant_id,
            expected="one recording",
            found=f"{len(files)}: {', '.join(shown_path(path, request.root) for path in files)}",
            remedy=f"Move away all but one, or make {request.where}.files fit one of them only.",
            kind="several_files",
        )
    return files[0]


def file_content(path: Path, request: Request, may_be_empty: bool = False) -> bytes:
    """Return the bytes of a recording.

    Raises
    ------
    InputProblem : it cannot be opened, is empty, or is too large.
    """
    source = shown_path(path, request.root)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as fault:
        raise InputProblem(
            source,
            expected="a file that can be read",
            found=fault.strerror or str(fault),
            remedy="Correct its permissions, or copy it again.",
        ) from fault
    if not content and not (may_be_empty and size == 0):
        raise InputProblem(
            source,
            expected=f"a recording of at most {MOST_BYTES // 2**30} GB",
            found=f"{size} bytes",
            remedy="Copy or export it again.",
        )
    return content


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return names of which none stands twice: of several that are alike, all get a number."""
    times, seen, distinct = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        distinct.append(f"{name}#{seen[name]}" if times[name] > 1 else name)
    return distinct


def chosen_channels(
    found: Sequence[FoundChannel],
    wanted: Mapping[str, DeviceChannel] | None,
    source: str,
    where: str,
) -> tuple[dict[int, DeviceChannel], list[Note]]:
    """Return which of a file's channels are read and as what, and notes on the others.

    Parameters
    ----------
    found : channels of the file, in its order.
    wanted : name, or regular expression of the whole name -> what it is; None goes by
        `WELL_KNOWN` names.
    source, where : file and option, for messages.

    Returns
    -------
    chosen : place in `found` -> type, and the unit that holds.
    notes : names that were counted out, numbered, or whose unit was overruled.

    Raises
    ------
    TinglegramError : a regular expression that is none.
    InputProblem : a wanted channel that the file does not have.
    """
    chosen: dict[int, DeviceChannel] = {}
    notes = []
    if wanted is None:
        for place, channel in enumerate(found):
            kinds = [kind for label in (channel.name, *channel.labels) if (kind := _kind(label))]
            if kinds:
                chosen[place] = DeviceChannel(kinds[0], channel.unit)
    for key, channel_type in (wanted or {}).items():
        places = _places(key, found, where)
        if not places:
            raise InputProblem(
                source,
                expected=f"a channel {key}",
                found=", ".join(channel.name for channel in found) or "no channels",
                remedy=f"Correct {where}.",
            )
        for place in places:
            if place in chosen:
                continue
            unit = found[place].unit if channel_type.unit is None else channel_type.unit
            chosen[place] = DeviceChannel(channel_type.type, unit)
            if found[place].unit and unit != found[place].unit:
                notes.append(
                    Note(
                        "unit",
                        f"{found[place].name} is taken as {unit or 'without a unit'}, as the "
                        f"configuration says; the file says {found[place].unit}",
                    )
                )
    left = [channel.name for place, channel in enumerate(found) if place not in chosen]
    if left:
        notes.append(
            Note("channels_left_out", f"{len(left)} channel(s) are not read: {', '.join(left)}")
        )
    again = [channel.name for channel in found if re.search(r"#\d+$", channel.name)]
    if again:
        notes.append(
            Note("channel_names", f"channels of one name are numbered: {', '.join(again)}")
        )
    return chosen, notes


def _kind(label: str) -> SignalType | None:
    """Return what a channel of this name holds; None where the name does not say."""
    # A rate or interval that software computed from a wave bears the wave's name: "ECG rate".
    if re.match(r"(ppg|bvp|ecg|ekg|resp|rsp).*(\brate|interval|r-r)", label, re.IGNORECASE):
        return None
    for pattern, kind in WELL_KNOWN.items():
        if re.match(rf"{pattern}(?![a-z])", label, re.IGNORECASE):
            return kind
    return None


def _places(key: str, found: Sequence[FoundChannel], where: str) -> list[int]:
    names = [(channel.name, *channel.labels) for channel in found]
    exact = [place for place, labels in enumerate(names) if key in labels]
    if exact:
        return exact
    pattern = compiled(key, where)
    return [
        place
        for place, labels in enumerate(names)
        if any(pattern.fullmatch(label) for label in labels)
    ]


def compiled(text: str, where: str) -> re.Pattern[str]:
    """Return a regular expression that ignores case.

    Raises
    ------
    TinglegramError : it is none.
    """
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as fault:
        raise TinglegramError(
            f"{where}: expected a name or a regular expression, found {text!r} ({fault}). "
            "Put a backslash before each of ( ) [ ] * + ? that stands for itself."
        ) from None


def plain_values(values: np.ndarray, name: str) -> tuple[np.ndarray, list[Note]]:
    """Return values as float64 (n,) with NaN for infinite ones, and a note of how many are none."""
    plain = np.array(values, dtype=np.float64).ravel()
    plain[np.isinf(plain)] = np.nan
    lacking = int(np.isnan(plain).sum())
    if not lacking:
        return plain, []
    share = f"{name}: {lacking} of {len(plain)} samples hold no number"
    return plain, [Note("samples_without_value", share)]


def no_signals(source: str, found: Sequence[FoundChannel], where: str) -> InputProblem:
    """Return the problem of a file of which no channel is read."""
    return InputProblem(
        source,
        expected="a channel that is known by its name (PPG, BVP, ECG, EDA, GSR, Resp, Temp, HR, "
        "IBI) or named in the configuration, with samples",
        found=", ".join(channel.name for channel in found) or "no channels",
        remedy=f"Name the channels and their types: {where}.",
    )


def trials_of_stimuli(
    shown: Sequence[tuple[float, str]], request: Request, source: str
) -> pd.DataFrame:
    """Return the table of trials from onsets in seconds and their stimuli, sorted by onset.

    Raises
    ------
    InputProblem : a stimulus that the study does not have.
    """
    rows = []
    for place, (onset, stimulus) in enumerate(sorted(shown)):
        if stimulus not in request.lengths_s:
            raise InputProblem(
                source,
                where=f"second {onset:.3f}",
                expected=f"the onset of a stimulus of the study ({', '.join(request.lengths_s)})",
                found=f"'{stimulus}'",
                remedy=f"Correct {request.where}, or add the stimulus under clips.",
            )
        rows.append((place + 1, stimulus, place, onset, request.lengths_s[stimulus]))
    return trial_table(rows)


def trials_of_markers(
    times_s: Sequence[float],
    texts: Sequence[str],
    markers: DeviceMarkers | None,
    request: Request,
    source: str,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the trials that markers begin, and a note of the markers that begin none.

    Parameters
    ----------
    times_s, texts : of each marker.
    markers : which begin a trial; None: none does.
    request : gives the lengths of the stimuli.
    source : name of the file, for messages.

    Raises
    ------
    InputProblem : no marker begins a trial, a stimulus is unknown, or a time is no number.
    """
    if markers is None:
        told = [Note("markers", f"{len(texts)} marker(s) are not used")] if len(texts) else []
        return trial_table([]), told
    begin, shown, others = markers.begin, [], Counter[str]()
    pattern = compiled(begin, f"{request.where}.markers.begin") if isinstance(begin, str) else None
    for time, text in zip(times_s, texts, strict=True):
        stimulus = None
        if pattern is None:
            stimulus = begin.get(text) if isinstance(begin, Mapping) else None
        elif match := pattern.fullmatch(text):
            stimulus = match[1] if pattern.groups else text
        if stimulus is None:
            others[text] += 1
        else:
            shown.append((float(time), stimulus))
    if not shown:
        known = ", ".join(f"'{text}'" for text, _ in others.most_common(8))
        raise InputProblem(
            source,
            expected="markers that begin a trial",
            found=f"{len(texts)} other marker(s){': ' + known if known else ''}",
            remedy=f"Correct {request.where}.markers.begin.",
        )
    if not np.isfinite([time for time, _ in shown]).all():
        raise InputProblem(
            source,
            expected="a time of each marker",
            found="one that is no number",
            remedy="Export the recording again.",
        )
    notes = []
    if others:
        known = ", ".join(f"'{text}' ({n})" for text, n in others.most_common(8))
        notes.append(
            Note("markers_left_out", f"{others.total()} marker(s) begin no trial: {known}")
        )
    return trials_of_stimuli(shown, request, source), notes


def responses_of_samples(
    trials: pd.DataFrame, given: Sequence[DeviceResponses], kinds: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the responses of each trial from the samples of sliders, joysticks, buttons and keys.

    By the rule of `tinglegram.canonical.membership`; what it leaves out is counted.

    Parameters
    ----------
    trials : table of trials, by onset.
    given : samples on the clock of the trials.
    kinds : dimension -> its kind.
    """
    onsets = trials["onset_s"].to_numpy()
    ends = onsets + trials["duration_s"].to_numpy()
    rows: list[tuple[int, str, float, float]] = []
    notes: list[Note] = []
    for dimension, times, values in given:
        good = np.isfinite(values) & np.isfinite(times)
        kind = kinds[dimension]
        found = responses_in_trials(times[good], values[good], kind, onsets, ends)
        rows += [
            (int(trials["trial"].iloc[place]), dimension, time, value)
            for place, time, value in found.rows()
        ]
        if not good.all():
            lost = f"{dimension}: {int((~good).sum())} hold no number"
            notes.append(Note("responses_without_value", lost))
        if found.outside:
            said = f"{dimension}: {found.outside} lie outside of any trial"
            notes.append(Note("responses_outside_trials", said))
        notes += found.notes(dimension)
    return response_table(rows), notes


def read_device(
    participant_id: str,
    files: Sequence[Path],
    request: Request,
    options: DeviceOptions,
    opened: Callable[[Path, str], DeviceFile],
    begin: DeviceMarkers | None,
) -> Session:
    """Read the recording of one participant: what all readers of single files do in one order.

    Parameters
    ----------
    participant_id, files, request : as every reader gets them.
    options : of the reader.
    opened : opens a file, given its path and its name for messages.
    begin : which markers begin a trial; None: none does.

    Raises
    ------
    InputProblem : no file or several, no channel, markers that do not fit the study, or whatever
        `opened` and `DeviceFile.load` raise.
    """
    path = one_file(participant_id, files, request, options.files)
    source = shown_path(path, request.root)
    file = opened(path, source)
    where = f"{request.where}.channels"
    chosen, notes = dict[int, DeviceChannel](), list[Note]()
    if request.with_signals:
        chosen, notes = chosen_channels(file.channels, options.channels, source, where)
    if request.with_signals and not chosen and not file.may_lack_signals:
        raise no_signals(source, file.channels, where)
    places = sorted(chosen)
    content = file.load(places)
    signals = []
    for place in places:
        name, kind, own = file.channels[place].name, chosen[place], content.samples[place]
        plain, told = plain_values(own.values, name)
        notes += told
        signals.append(
            Signal(name, kind.type, kind.unit or "", plain, own.start_s, own.rate_hz, own.times_s)
        )
    moves = options.offset_s - content.origin_s
    onsets = [time + moves for time in content.marker_times_s]
    trials, told = trials_of_markers(onsets, content.marker_texts, begin, request, source)
    given = [one._replace(times_s=one.times_s + moves) for one in content.responses]
    responses, told_too = responses_of_samples(trials, given, request.dimensions)
    return Session(
        participant_id,
        trials,
        responses,
        [signal.later(moves) for signal in signals],
        [*file.notes, *notes, *content.notes, *told, *told_too],
        content.zero_unix_s,
    )


@contextmanager
def quiet(library: str) -> Iterator[list[str]]:
    """Keep what a library logs or warns of off the screen; give its warnings and errors."""
    said: list[str] = []

    class Keep(logging.Handler):
        """Keep messages."""

        def emit(self, record: logging.LogRecord) -> None:
            """Keep one."""
            said.append(record.getMessage())

    logger = logging.getLogger(library)
    before = logger.handlers, logger.propagate, logger.level
    logger.handlers, logger.propagate = [Keep(logging.WARNING)], False
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said
    finally:
        logger.handlers, logger.propagate = before[0], before[1]
        logger.setLevel(before[2])


def damaged(source: str, library: str, fault: object, remedy: str) -> InputProblem:
    """Return the problem of a file that a library cannot read."""
    text = " ".join(str(fault).split()) or type(fault).__name__
    return InputProblem(
        source,
        expected=f"a file that {library} can read",
        found=f"'{text[:300]}'",
        remedy=remedy,
    )
