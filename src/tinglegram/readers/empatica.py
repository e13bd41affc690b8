"""Empatica E4: the folder or zip archive that E4 connect gives for each session.

Each CSV file holds the start (unix seconds), the rate and then one value a line; `IBI.csv` holds
pairs of seconds since its start and interval; `tags.csv` one unix time for each press of the
button. Format: `info.txt` in each archive.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import plain_number
from tinglegram.formats.recording import Note
from tinglegram.readers.csv_times import UNIX_FROM_S, UNIX_TO_S
from tinglegram.readers.devices import (
    DeviceChannel,
    FoundChannel,
    chosen_channels,
    device_files,
    file_content,
    no_signals,
    one_file,
    plain_values,
    shown_path,
    trials_of_stimuli,
)
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request

TYPES: Mapping[str, DeviceChannel] = {
    "BVP": DeviceChannel("ppg", ""),
    "EDA": DeviceChannel("eda", "µS"),
    "TEMP": DeviceChannel("temperature", "°C"),
    "HR": DeviceChannel("hr", "bpm"),
    "IBI": DeviceChannel("ibi", "s"),
}
TAGS = "tags"
# Acceleration has no type of its own; it is told that it is left out.
KNOWN = (*TYPES, "ACC", TAGS)
# A day of the fastest channel is below 100 MB.
MOST_MEMBER_BYTES = 512 * 2**20
# Seconds by which the files of one session may begin apart; the heart rate begins 10 s later.
APART_S = 30.0


@dataclass(frozen=True)
class EmpaticaOptions:
    """`data: options` of the reader `empatica`.

    Attributes
    ----------
    files : archive (`e4/{participant}.zip`) or folder (`e4/{participant}/`) of each participant.
    channels : name of a file (BVP, EDA, TEMP, HR, IBI) -> type and unit; none: all five.
    tags : stimuli in the order in which the button was pressed at their onsets; or of each
        participant. Empty: tags begin no trial.
    clock : `relative`: second 0 is the earliest start among the files; `unix`: seconds since 1970.
    offset_s : is added to all times.
    """

    files: str = "{participant}.zip"
    channels: Mapping[str, DeviceChannel] | None = None
    tags: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    clock: Literal["relative", "unix"] = "unix"
    offset_s: float = 0.0


def find(request: Request) -> Mapping[str, Sequence[Path]]:
    """Return participant_id -> the archives, or the CSV files of the folders, of its sessions."""
    options = read_options(request.options, EmpaticaOptions, request.where)
    found = device_files(request, options.files)
    if not options.files.endswith("/"):
        return found
    return {
        person: [
            path
            for folder in folders
            for path in sorted(folder.iterdir())
            if path.suffix.lower() == ".csv" and _known(path.stem)
        ]
        for person, folders in found.items()
    }


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read the session of one participant.

    Raises
    ------
    InputProblem : no session or several, an archive that cannot be read, a file that is not of an
        E4, no signal, or tags that do not fit the stimuli.
    """
    options = read_options(request.options, EmpaticaOptions, request.where)
    source, contents = _contents(participant_id, files, request, options)
    read_: list[Signal] = []
    notes: list[Note] = []
    for name in TYPES:
        if name not in contents:
            notes.append(Note("no_file", f"there is no {name}.csv"))
            continue
        signal, told = e4_signal(contents[name], name, f"{source}/{name}.csv")
        notes += told
        if signal is not None:
            read_.append(signal)
    if "ACC" in contents:
        notes.append(Note("channels_left_out", "ACC.csv is not read: no stage uses acceleration"))
    found = [FoundChannel(signal.name, signal.unit) for signal in read_]
    where = f"{request.where}.channels"
    present = {signal.name for signal in read_}
    # What is lacking or empty was noted above, such as the empty IBI.csv of a device without beats.
    wanted = {
        name: channel
        for name, channel in (options.channels or TYPES).items()
        if name not in TYPES or name in present
    }
    chosen, told = chosen_channels(found, wanted, source, where)
    signals = [
        Signal(
            read_[place].name,
            channel.type,
            channel.unit or "",
            read_[place].values,
            read_[place].start_s,
            read_[place].rate_hz,
            read_[place].times_s,
        )
        for place, channel in sorted(chosen.items())
    ]
    if not signals:
        raise no_signals(source, found, where)
    starts = {signal.name: signal.start_s for signal in signals}
    zero = min(starts.values())
    late = {name: start - zero for name, start in starts.items() if start - zero > APART_S}
    told += [
        Note("starts_apart", f"{name} begins {by:.0f} s after the earliest file of the session")
        for name, by in late.items()
    ]
    moves = options.offset_s - zero
    trials, tag_notes = trial_table([]), []
    tags = e4_tags(contents.get(TAGS, b""), f"{source}/tags.csv")
    end = max(float(signal.sample_times()[-1]) for signal in read_)
    outside = (tags < zero) | (tags > end)
    if outside.any():
        said = f"{int(outside.sum())} tag(s) outside of the recording were left out"
        notes.append(Note("tags_outside", said))
        tags = tags[~outside]
    if options.tags:
        trials = trials_of_stimuli(
            _tagged(participant_id, tags + moves, options, source), request, f"{source}/tags.csv"
        )
    elif len(tags):
        tag_notes = [Note("markers", f"{len(tags)} tag(s) are not used")]
    return Session(
        participant_id,
        trials,
        response_table([]),
        [signal.later(moves) for signal in signals],
        [*notes, *told, *tag_notes],
        zero if options.clock == "unix" else None,
    )


def e4_signal(content: bytes, name: str, source: str) -> tuple[Signal | None, list[Note]]:
    """Return a channel from its CSV file, with times in unix seconds.

    Parameters
    ----------
    content : of the file.
    name : BVP, EDA, TEMP, HR or IBI.
    source : for messages.

    Returns
    -------
    signal : None where the file is empty, which the device writes when it found no beat.
    notes : of samples without a value, or of an empty file.

    Raises
    ------
    InputProblem : the start is no unix time in seconds, rate or a value is no number, the rate is
        not above 0, or a line holds another number of values.
    """
    lines = _lines(content, source)
    empty = Note("empty_file", f"{name}.csv holds no samples")
    if not lines:
        return None, [empty]
    unit = TYPES[name].unit or ""
    if name == "IBI":
        return _intervals(lines, unit, source, empty)
    start = _unix_s(lines[0], source, 1, "the start of the recording (unix seconds)")
    if len(lines) < 2:
        raise _fault(source, 2, "the sampling rate in Hz", "the end of the file")
    rate = _number(lines[1], source, 2, "the sampling rate in Hz")
    if not 0 < rate <= 10_000:
        raise _fault(source, 2, "a sampling rate above 0 Hz", f"'{lines[1].strip()}'")
    if len(lines) == 2:
        return None, [empty]
    values, notes = plain_values(_numbers(lines[2:], source, 3), name)
    return Signal(name, TYPES[name].type, unit, values, start, rate), notes


def _intervals(
    lines: list[str], unit: str, source: str, empty: Note
) -> tuple[Signal | None, list[Note]]:
    """Return the inter-beat intervals: the time of each, and its length.

    ASSUMPTION: the time is that of the beat which ends the interval. `info.txt` calls it "the time
    of the detected inter-beat interval".
    """
    head = lines[0].split(",")
    if len(head) != 2:
        raise _fault(source, 1, "a start (unix seconds) and 'IBI'", f"'{lines[0].strip()}'")
    start = _unix_s(head[0], source, 1, "the start of the recording (unix seconds)")
    if len(lines) == 1:
        return None, [empty]
    for place, line in enumerate(lines[1:]):
        if line.count(",") != 1:
            raise _fault(source, place + 2, "a time and an interval", f"'{line.strip()}'")
    pairs = _numbers([part for line in lines[1:] for part in line.split(",")], source, 2, 2)
    at, values = pairs[0::2], pairs[1::2]
    steps = np.flatnonzero(~(np.diff(at) > 0))
    if not np.isfinite(at).all() or len(steps):
        place = int(steps[0]) + 3 if len(steps) else 2
        raise _fault(source, place, "times that rise", f"'{lines[place - 1].strip()}'")
    plain, notes = plain_values(values, "IBI")
    return Signal("IBI", "ibi", unit, plain, start, None, start + at), notes


def e4_tags(content: bytes, source: str) -> np.ndarray:
    """Return the unix times at which the button was pressed, float64 (n,), rising.

    Raises
    ------
    InputProblem : a line is no unix time in seconds.
    """
    lines = _lines(content, source)
    times = np.array([_unix_s(line, source, i + 1, "a unix time") for i, line in enumerate(lines)])
    return np.sort(times.astype(np.float64))


def _tagged(
    participant_id: str, times: np.ndarray, options: EmpaticaOptions, source: str
) -> list[tuple[float, str]]:
    order = options.tags
    if isinstance(order, Mapping):
        order = order.get(participant_id, ())
    if len(order) != len(times):
        raise InputProblem(
            f"{source}/tags.csv",
            expected=f"a tag at the onset of each of {len(order)} stimuli of data.options.tags",
            found=f"{len(times)}",
            remedy="Delete accidental presses from the file, or list the stimuli of this "
            "participant (tags: {participant: [...]}).",
        )
    return list(zip(times.tolist(), order, strict=True))


def _known(stem: str) -> str | None:
    """Return the name of a file as the device writes it, whatever its case; None: another file."""
    return {name.lower(): name for name in KNOWN}.get(stem.lower())


def _contents(
    participant_id: str, files: Sequence[Path], request: Request, options: EmpaticaOptions
) -> tuple[str, dict[str, bytes]]:
    """Return the name of a session, and the content of each of its files."""
    if not options.files.endswith("/"):
        path = one_file(participant_id, files, request, options.files)
        source = shown_path(path, request.root)
        return source, archive_contents(file_content(path, request), source)
    folders = sorted({path.parent for path in files})
    folder = one_file(participant_id, folders, request, options.files)
    names = {path: _known(path.stem) for path in files}
    # The device leaves a file empty where it measured nothing.
    return shown_path(folder, request.root), {
        name: file_content(path, request, may_be_empty=True) for path, name in names.items() if name
    }


def archive_contents(content: bytes, source: str) -> dict[str, bytes]:
    """Return the files of an E4 in a zip archive, read in memory: nothing is written anywhere.

    Parameters
    ----------
    content : of the archive; the files may stand in one folder within it.
    source : for messages.

    Raises
    ------
    InputProblem : it is no zip archive, encrypted, damaged, holds no file of an E4 or several
        sessions, or a file that is too large.
    """
    remedy = "Download the session from E4 connect again."

    def fault(expected: str, found: str, remedy: str = remedy) -> InputProblem:
        return InputProblem(source, expected=expected, found=found, remedy=remedy)

    found: dict[str, bytes] = {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [info for info in archive.infolist() if _known_member(info.filename)]
    # zipfile raises whatever its parsing meets, NotImplementedError for example.
    except Exception as problem:
        raise fault("a zip archive of an E4", f"'{problem}'") from problem
    folders = sorted({str(PurePosixPath(info.filename).parent) for info in members})
    if len(folders) > 1:
        raise fault(
            "the files of one session",
            f"several folders: {', '.join(folders)}",
            "Make an archive of each session, and keep one for each participant.",
        )
    for info in members:
        name = _known(PurePosixPath(info.filename).stem)
        if name is None or name in found:
            raise fault(f"{info.filename} once", "it twice")
        if info.flag_bits & 1:
            raise fault("an archive without a password", f"{info.filename} encrypted", _UNLOCK)
        if info.file_size > MOST_MEMBER_BYTES:
            most = f"{MOST_MEMBER_BYTES // 2**20} MB"
            raise fault(f"files of at most {most}", f"{info.filename} with {info.file_size} bytes")
        try:
            found[name] = archive.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as problem:
            raise fault("an archive that is whole", f"'{problem}'") from problem
        except (NotImplementedError, RuntimeError, MemoryError) as problem:
            raise fault("an archive that can be unpacked", f"'{problem}'") from problem
    if not found:
        names = ", ".join(archive.namelist()[:8])
        raise fault("files of an E4 (BVP.csv, EDA.csv, ...)", names or "an archive without files")
    return found


_UNLOCK = "Unpack it, and make an archive without a password."


def _known_member(filename: str) -> bool:
    path = PurePosixPath(filename)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() == ".csv" and not hidden and _known(path.stem) is not None


def _lines(content: bytes, source: str) -> list[str]:
    """Return the lines of a file, without blank ones at its end."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as problem:
        raise InputProblem(
            source,
            expected="text",
            found=f"byte {problem.start} that is none",
            remedy="Download the session from E4 connect again.",
        ) from problem
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _number(text: str, source: str, line: int, expected: str) -> float:
    value = plain_number(text.strip())
    if value is None:
        raise _fault(source, line, expected, f"'{text.strip()[:80]}'")
    return value


def _unix_s(text: str, source: str, line: int, expected: str) -> float:
    """Return a unix time; one in other units, or that a spreadsheet has rounded, is refused."""
    value = _number(text, source, line, expected)
    if "e" in text.lower() or not UNIX_FROM_S <= value <= UNIX_TO_S:
        raise _fault(source, line, expected, f"'{text.strip()[:80]}'")
    return value


def _numbers(texts: list[str], source: str, first: int, per_line: int = 1) -> np.ndarray:
    """Return one number for each text, float64 (n,)."""
    try:
        if any("_" in text or not text.isascii() for text in texts):
            raise ValueError
        return np.array(texts, dtype=np.float64)
    except ValueError:
        for place, text in enumerate(texts):
            # The device writes samples without a value as nan.
            if plain_number(text.strip()) is None and text.strip().lower() != "nan":
                line = first + place // per_line
                raise _fault(source, line, "a number", f"'{text.strip()[:80]}'") from None
        raise _fault(source, first, "numbers", "something else") from None


def _fault(source: str, line: int, expected: str, found: str) -> InputProblem:
    return InputProblem(
        source,
        where=f"line {line}",
        expected=expected,
        found=found,
        remedy="Download the session from E4 connect again, and do not save it from a spreadsheet.",
    )
