"""XDF files of the Lab Streaming Layer, read by pyxdf: signals, markers and responses of streams.

pyxdf puts all streams on the clock of the recording computer (its clock offsets). The times within
a stream are ours (`tinglegram.readers.xdf_times`), since pyxdf draws one line through a stream
across every gap below 500 samples.
"""

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Session
from tinglegram.errors import InputProblem, TinglegramError, require
from tinglegram.formats.recording import Note
from tinglegram.formats.xdf_chunks import whole_chunks
from tinglegram.readers.devices import (
    MOST_BYTES,
    DeviceChannel,
    DeviceContent,
    DeviceFile,
    DeviceMarkers,
    DeviceResponses,
    DeviceSamples,
    FoundChannel,
    damaged,
    device_files,
    distinct_names,
    file_content,
    quiet,
    read_device,
)
from tinglegram.readers.names import check_names
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request
from tinglegram.readers.xdf_times import stream_times

# Messages of pyxdf that say nothing of the data.
USUAL = ("Segments and clock-segments differ", "effective sampling rate", "stream_id")
# By which time may step back where a clock was reset, in seconds; what overlaps is left out.
MOST_BACK_S = 1.0


@dataclass(frozen=True)
class XdfMarkers:
    """Which markers of which stream begin a trial.

    Attributes
    ----------
    stream : name of the stream.
    begin : as `tinglegram.readers.devices.DeviceMarkers.begin`.
    """

    stream: str
    begin: str | Mapping[str, str]


@dataclass(frozen=True)
class XdfResponse:
    """Which channel of a stream holds responses.

    Attributes
    ----------
    dimension : of the responses.
    channel : label of the channel, or its place from 1.
    """

    dimension: str
    channel: int | str = 1


@dataclass(frozen=True)
class XdfOptions:
    """`data: options` of the reader `xdf`.

    Attributes
    ----------
    files : file of each participant.
    channels : name (`stream/label`, the stream or the label alone) or regular expression -> type
        and unit; None: those with well-known names or of a stream with a well-known type.
    markers : stream and markers that begin trials.
    responses : name of a stream -> which channels are responses.
    clock : `relative`: second 0 is the first sample of any stream; `lsl`: seconds of the clock of
        the computer that recorded.
    offset_s : is added to all times.
    check_names : whether a participant that the file names must be the one of its own name.
    """

    files: str = "{participant}.xdf"
    channels: Mapping[str, DeviceChannel] | None = None
    markers: XdfMarkers | None = None
    responses: Mapping[str, tuple[XdfResponse, ...] | XdfResponse] | None = None
    clock: Literal["relative", "lsl"] = "relative"
    offset_s: float = 0.0
    check_names: bool = True


@dataclass(frozen=True, eq=False)
class XdfStream:
    """A stream that has samples.

    Attributes
    ----------
    name, kind : as its header names them.
    rate_hz : nominal; 0 of an irregular stream.
    labels, units : of its channels; empty texts where the header has none.
    stamps_s : float64 (n,) on the clock of the recording computer.
    values : float64 (n, channels), or texts in lists.
    resets : how often its clock was reset.
    synchronised : whether its clock was compared with that of the recording computer.
    subject : the participant that its header names (desc/subject/id); empty where it names none.
    """

    name: str
    kind: str
    rate_hz: float
    labels: tuple[str, ...]
    units: tuple[str, ...]
    stamps_s: np.ndarray
    values: Any
    resets: int
    synchronised: bool
    subject: str = ""


def find(request: Request) -> Mapping[str, Sequence[Path]]:
    """Return participant_id -> files."""
    options = read_options(request.options, XdfOptions, request.where)
    return device_files(request, options.files)


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read the recording of one participant.

    Raises
    ------
    TinglegramError : pyxdf is not installed, or responses are wanted without markers.
    InputProblem : no file or several, one that is damaged, a stream or channel that it does not
        have, times that step back, or markers that do not fit the study.
    """
    options = read_options(request.options, XdfOptions, request.where)
    if options.responses and options.markers is None:
        raise TinglegramError(
            f"{request.where}.responses: expected markers beside it, which say when each trial "
            "began, found none. Add markers: {stream, begin}."
        )
    _check_dimensions(options, request)

    def opened(path: Path, source: str) -> DeviceFile:
        streams, notes = _streams(file_content(path, request), source)
        if options.check_names:
            said = [(f"stream {stream.name}, subject", stream.subject) for stream in streams]
            remedy = "If the file's name is right, set check_names: false."
            check_names(said, participant_id, source, lambda: find(request), remedy)
        return _opened(streams, notes, source, options, request.where)

    begin = None if options.markers is None else DeviceMarkers(options.markers.begin)
    return read_device(participant_id, files, request, options, opened, begin)


def _answers(options: XdfOptions) -> list[tuple[str, XdfResponse]]:
    """Return the responses that are wanted, each with the name of its stream."""
    return [
        (name, one)
        for name, ones in (options.responses or {}).items()
        for one in (ones if isinstance(ones, tuple) else (ones,))
    ]


def _check_dimensions(options: XdfOptions, request: Request) -> None:
    dimensions = [one.dimension for _, one in _answers(options)]
    repeated = [name for name, n in Counter(dimensions).items() if n > 1]
    for name in [*repeated, *dimensions]:
        if name in repeated or name not in request.dimensions:
            raise TinglegramError(
                f"{request.where}.responses: expected each dimension of the study "
                f"({', '.join(request.dimensions)}) at most once, found {name!r}. Correct it."
            )


def _opened(
    streams: Sequence[XdfStream],
    notes: Sequence[Note],
    source: str,
    options: XdfOptions,
    where: str,
) -> DeviceFile:
    """Return the channels of a file, and how its streams are read."""
    if not streams:
        raise InputProblem(
            source,
            expected="a stream with samples",
            found="none with any",
            remedy="Check that the devices sent data, and record again.",
        )
    shown = None
    if options.markers is not None:
        shown = _stream(streams, options.markers.stream, source, f"{where}.markers.stream")
    answered = [
        (_stream(streams, name, source, f"{where}.responses"), one)
        for name, one in _answers(options)
    ]
    taken = {id(stream) for stream, _ in answered} | {id(shown)}
    found, places, told = _channels([stream for stream in streams if id(stream) not in taken])

    def load(chosen: Sequence[int]) -> DeviceContent:
        samples, told = _samples([(place, *places[place]) for place in chosen], source, where)
        responses = [
            DeviceResponses(
                one.dimension,
                stream.stamps_s,
                _numbers(stream, one.channel, source, f"{where}.responses"),
            )
            for stream, one in answered
        ]
        first = min(float(stream.stamps_s.min()) for stream in streams)
        return DeviceContent(
            samples,
            [] if shown is None else shown.stamps_s.tolist(),
            [] if shown is None else _texts(shown),
            responses,
            0.0 if options.clock == "lsl" else first,
            notes=told,
        )

    # Sensors are what others bring where this file brings trials and responses.
    return DeviceFile(found, load, [*notes, *told], options.markers is not None)


def _streams(content: bytes, source: str) -> tuple[list[XdfStream], list[Note]]:
    """Return the streams of a file that have samples, with distinct names, and notes."""
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content, source)
    chunks, notes = whole_chunks(content, source), []
    if chunks.lost_bytes:
        notes.append(
            Note(
                "damaged_file",
                f"{chunks.lost_bytes} of {len(content)} bytes are damaged, at "
                f"{chunks.lost_places} place(s), and not read; the recorder may have stopped early",
            )
        )
    library = require("pyxdf", "xdf", "the reader xdf")
    with quiet("pyxdf") as said:
        try:
            raw, _ = library.load_xdf(io.BytesIO(chunks.content), dejitter_timestamps=False)
            streams = [_stream_of(one) for one in raw]
        # Whatever the library raises of a file, its text says what is wrong.
        except Exception as fault:
            raise damaged(source, "pyxdf", fault, "Copy the file again.") from fault
    notes += [
        Note("library", f"pyxdf says: {text}")
        for text in dict.fromkeys(said)
        if not any(usual in text for usual in USUAL)
    ]
    empty = [stream.name for stream in streams if not len(stream.stamps_s)]
    if empty:
        notes.append(Note("empty_streams", f"streams without samples: {', '.join(empty)}"))
    streams = [stream for stream in streams if len(stream.stamps_s)]
    for stream in streams:
        if not np.isfinite(stream.stamps_s).all():
            raise InputProblem(
                source,
                where=f"stream {stream.name}",
                expected="a time of each sample",
                found=f"{int((~np.isfinite(stream.stamps_s)).sum())} that are no number",
                remedy="The file is damaged there: copy it again.",
            )
    notes += _clock_notes(streams)
    names = distinct_names([stream.name for stream in streams])
    repeated = [name for name, one in zip(names, streams, strict=True) if name != one.name]
    if repeated:
        notes.append(Note("stream_names", f"streams of one name: {', '.join(repeated)}"))
    return [
        XdfStream(**{**vars(stream), "name": name})
        for name, stream in zip(names, streams, strict=True)
    ], notes


def _unpacked(content: bytes, source: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise damaged(source, "gzip", fault, "Copy the file again.") from fault
    if len(unpacked) > MOST_BYTES:
        raise damaged(source, "gzip", "it is too large", "Unpack it, and choose fewer streams.")
    return unpacked


def _clock_notes(streams: Sequence[XdfStream]) -> list[Note]:
    notes = [
        Note("clock_reset", f"the clock of stream {stream.name} was reset {stream.resets} time(s)")
        for stream in streams
        if stream.resets
    ]
    alone = [stream.name for stream in streams if not stream.synchronised]
    if 0 < len(alone) < len(streams):
        notes.append(
            Note(
                "clock_not_compared",
                f"the clocks of these streams were not compared with the recorder's: "
                f"{', '.join(alone)}. They are right if both ran on one computer.",
            )
        )
    return notes


def _stream_of(raw: Mapping[str, Any]) -> XdfStream:
    info = raw["info"]
    count = int(info["channel_count"][0])
    rate = float(info["nominal_srate"][0])
    described: list[Mapping[str, Any]] = []
    if info.get("desc") and isinstance(info["desc"][0], Mapping):
        channels = info["desc"][0].get("channels")
        if channels and isinstance(channels[0], Mapping):
            described = [one for one in channels[0].get("channel") or [] if one is not None]
    if len(described) != count:
        described = [{} for _ in range(count)]
    texts = info["channel_format"][0] == "string"
    return XdfStream(
        name=str((info.get("name") or [None])[0] or "unnamed").strip(),
        kind=str((info.get("type") or [None])[0] or "").strip(),
        rate_hz=rate if np.isfinite(rate) and rate > 0 else 0.0,
        labels=tuple(_said(one, "label") for one in described),
        units=tuple(_said(one, "unit") for one in described),
        stamps_s=np.asarray(raw["time_stamps"], dtype=np.float64),
        values=raw["time_series"]
        if texts
        else np.asarray(raw["time_series"], np.float64).reshape(-1, count),
        resets=max(len(info["clock_segments"]) - 1, 0),
        synchronised=len(raw["clock_times"]) > 0,
        subject=_subject(info),
    )


def _subject(info: Mapping[str, Any]) -> str:
    """Return desc/subject/id of a header, as the extension "Meta-data" of XDF names it."""
    found: Any = info
    for key in ("desc", "subject", "id"):
        inner = found.get(key) if isinstance(found, Mapping) else None
        found = inner[0] if inner else None
    return found.strip() if isinstance(found, str) else ""


def _said(channel: Any, key: str) -> str:
    value = channel.get(key) if isinstance(channel, Mapping) else None
    return str(value[0] or "").strip() if value else ""


def _stream(streams: Sequence[XdfStream], name: str, source: str, option: str) -> XdfStream:
    for stream in streams:
        if stream.name == name:
            return stream
    raise InputProblem(
        source,
        expected=f"a stream {name} with samples",
        found=", ".join(stream.name for stream in streams),
        remedy=f"Correct {option}; of several streams of one name, add the number (name#1).",
    )


def _channels(
    streams: Sequence[XdfStream],
) -> tuple[list[FoundChannel], list[tuple[XdfStream, int]], list[Note]]:
    """Return the channels of streams of numbers, stream and column of each, and a note."""
    texts = [stream.name for stream in streams if isinstance(stream.values, list)]
    notes = []
    if texts:
        notes.append(Note("text_streams", f"streams of texts are not read: {', '.join(texts)}"))
    found, places = [], []
    for stream in streams:
        if stream.name in texts:
            continue
        labels = distinct_names([label or str(i + 1) for i, label in enumerate(stream.labels)])
        for channel, label in enumerate(labels):
            alone = len(labels) == 1
            own = stream.labels[channel]
            name = stream.name if alone and not own else f"{stream.name}/{label}"
            others = tuple(text for text in (own, stream.name, alone and stream.kind) if text)
            found.append(FoundChannel(name, stream.units[channel], others))
            places.append((stream, channel))
    return found, places, notes


def _samples(
    chosen: Sequence[tuple[int, XdfStream, int]], source: str, where: str
) -> tuple[dict[int, DeviceSamples], list[Note]]:
    """Return the samples of channels (place, stream, column) on the recorder's clock, and notes."""
    found, times = {}, {}
    notes: list[Note] = []
    for place, stream, channel in chosen:
        if id(stream) not in times:
            times[id(stream)], told = _times(stream, source, f"{where}.channels")
            notes += told
        rows, start_s, rate_hz, times_s = times[id(stream)]
        values = stream.values[rows, channel]
        found[place] = DeviceSamples(values, start_s, rate_hz, times_s)
    return found, notes


_Times = tuple[Any, float, float | None, np.ndarray | None]


def _times(stream: XdfStream, source: str, where: str) -> tuple[_Times, list[Note]]:
    """Return the rows of a stream that are used, their start and rate or times, and notes."""
    rows: Any = slice(None)
    notes = []
    if stream.rate_hz == 0:
        stamps = stream.stamps_s
        # Of several samples at one time the last holds.
        last = np.append(np.diff(stamps) != 0, True)
        if not last.all():
            rows = np.flatnonzero(last)
            lost = len(stamps) - len(rows)
            notes.append(
                Note(
                    "samples_at_one_time", f"{stream.name}: {lost} sample(s) were replaced at once"
                )
            )
        result: _Times = (rows, float(stamps[0]), None, stamps[rows])
    else:
        even = stream_times(stream.stamps_s, stream.rate_hz)
        result = (rows, even.start_s, even.rate_hz, even.times_s)
        if even.rate_hz is not None and abs(even.rate_hz / stream.rate_hz - 1) > 0.01:
            notes.append(
                Note(
                    "rate",
                    f"{stream.name} announces {stream.rate_hz:g} Hz and ran at {even.rate_hz:.4g} "
                    "Hz, which is used",
                )
            )
        if not even.steady:
            text = f"{stream.name} keeps no steady rate: each sample has its own time stamp"
            notes.append(Note("rate", text))
        if len(even.gaps_s):
            notes.append(
                Note(
                    "gaps",
                    f"{stream.name}: {len(even.gaps_s)} gap(s), {even.gaps_s.sum():.3f} s without "
                    "samples; each sample keeps its own time",
                )
            )
    used, start, rate, times = result
    if times is None:
        return result, notes
    rises = np.append(True, times[1:] > np.maximum.accumulate(times)[:-1])
    if rises.all():
        return result, notes
    back = int(np.argmin(np.diff(times)))
    if times[back] - times[back + 1] > MOST_BACK_S:
        raise InputProblem(
            source,
            where=f"stream {stream.name}, sample {back + 2}",
            expected="times that rise",
            found=f"{times[back + 1]:.4f} s after {times[back]:.4f} s",
            remedy="The clock of the device stepped back. Leave the channel out "
            f"({where}), or record again.",
        )
    text = f"{stream.name}: {int((~rises).sum())} sample(s) left out whose time steps back"
    notes.append(Note("samples_out_of_order", text))
    kept = np.arange(len(stream.stamps_s))[used][rises]
    return (kept, start, rate, times[rises]), notes


def _texts(stream: XdfStream) -> list[str]:
    """Return the text of each marker: of the first channel; numbers without zeros behind them."""
    if isinstance(stream.values, list):
        return [str(row[0]).strip() for row in stream.values]
    return [f"{value:.15g}" for value in stream.values[:, 0]]


def _numbers(stream: XdfStream, channel: int | str, source: str, where: str) -> np.ndarray:
    """Return the values of a channel, float64 (n,); texts that are none become NaN."""
    if isinstance(channel, str):
        place = stream.labels.index(channel) if channel in stream.labels else -1
    else:
        place = channel - 1
    if not 0 <= place < len(stream.labels):
        labels = ", ".join(label or str(i + 1) for i, label in enumerate(stream.labels))
        raise InputProblem(
            source,
            where=f"stream {stream.name}",
            expected=f"a channel {channel}",
            found=labels,
            remedy=f"Correct {where}.",
        )
    if not isinstance(stream.values, list):
        return np.asarray(stream.values[:, place], dtype=np.float64)
    texts = pd.Series([row[place] for row in stream.values], dtype=object)
    return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)
