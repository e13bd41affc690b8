"""AcqKnowledge files (.acq) as the program saves them, compressed or not, read by bioread.

Text exports of the same program are read by `tinglegram.formats.biopac`. Event markers can begin
trials.
"""

import io
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tinglegram.canonical.tables import Session
from tinglegram.errors import InputProblem, require
from tinglegram.formats.recording import Note
from tinglegram.readers.devices import (
    MOST_BYTES,
    DeviceChannel,
    DeviceContent,
    DeviceFile,
    DeviceMarkers,
    DeviceSamples,
    FoundChannel,
    damaged,
    device_files,
    distinct_names,
    file_content,
    quiet,
    read_device,
)
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request

# Revisions of the format from AcqKnowledge 2.0 on; the newest known to bioread is 132.
REVISIONS = range(30, 256)
# AcqKnowledge records up to 60 channels and computes others from them.
MOST_CHANNELS = 256
# Samples after which the order of channels with different rates repeats.
LONGEST_PATTERN = 1_000_000
# AcqKnowledge writes a marker of this type where a recording begins or is continued.
APPENDED = "apnd"
REMEDY = "Open it in AcqKnowledge and save it again (as Graph, .acq)."


@dataclass(frozen=True)
class AcqOptions:
    """`data: options` of the reader `acq`.

    Attributes
    ----------
    files : file of each participant.
    channels : name or regular expression -> type and unit; None: those with well-known names.
    markers : which event markers begin a trial.
    clock : `relative`: second 0 is the first sample; `unix`: seconds since 1970, which files of
        AcqKnowledge 4.4 and later hold.
    offset_s : is added to all times.
    """

    files: str = "{participant}.acq"
    channels: Mapping[str, DeviceChannel] | None = None
    markers: DeviceMarkers | None = None
    clock: Literal["relative", "unix"] = "relative"
    offset_s: float = 0.0


def find(request: Request) -> Mapping[str, Sequence[Path]]:
    """Return participant_id -> files."""
    options = read_options(request.options, AcqOptions, request.where)
    return device_files(request, options.files)


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read the recording of one participant.

    Raises
    ------
    TinglegramError : bioread is not installed.
    InputProblem : no file or several, one that is damaged or ends early, no channel, markers that
        do not fit the study, or a unix clock that the file does not hold.
    """
    options = read_options(request.options, AcqOptions, request.where)

    def opened(path: Path, source: str) -> DeviceFile:
        return _opened(file_content(path, request), source, options, request.where)

    return read_device(participant_id, files, request, options, opened, options.markers)


def _opened(content: bytes, source: str, options: AcqOptions, where: str) -> DeviceFile:
    """Return the channels of a file, and how its samples and markers are read."""
    check_acq(content, source)
    library = require("bioread", "acq", "the reader acq")
    with quiet("bioread") as said:
        headers = _headers(library, content, source, said)
    file = headers.datafile
    names = distinct_names([channel.name.strip() for channel in file.channels])
    units = [channel.units.strip() for channel in file.channels]

    def load(places: Sequence[int]) -> DeviceContent:
        samples = _samples(library, headers, content, places, source)
        notes = []
        if file.event_markers is None:
            if options.markers is not None:
                raise damaged(source, "bioread", said[0] if said else "no event markers", REMEDY)
            notes.append(Note("markers", "the event markers cannot be read; they are not used"))
        markers = sorted(file.event_markers or [], key=lambda marker: marker.sample_index)
        events = [marker for marker in markers if marker.type_code != APPENDED or marker.text]
        return DeviceContent(
            samples,
            [marker.sample_index / file.samples_per_second for marker in events],
            [marker.text.strip() for marker in events],
            zero_unix_s=_began(markers, source, where) if options.clock == "unix" else None,
            notes=[*notes, *_pauses(markers)],
        )

    return DeviceFile([FoundChannel(*pair) for pair in zip(names, units, strict=True)], load)


def _samples(
    library: Any, headers: Any, content: bytes, places: Sequence[int], source: str
) -> dict[int, DeviceSamples]:
    """Return the samples of channels.

    Raises
    ------
    InputProblem : the file ends early, or has lost samples.
    """
    _check_lengths(headers, content, source)
    with quiet("bioread"):
        try:
            channels = library.read(io.BytesIO(content), list(places)).channels
            found = {
                place: DeviceSamples(
                    channels[place].data, 0.0, float(channels[place].samples_per_second)
                )
                for place in places
            }
        # Whatever the library raises of a file, its text says what is wrong.
        except Exception as fault:
            raise damaged(source, "bioread", fault, REMEDY) from fault
    for place, own in found.items():
        if len(own.values) != channels[place].point_count:
            name = channels[place].name.strip()
            raise damaged(source, "bioread", f"{name} has lost samples", REMEDY)
    return found


def check_acq(content: bytes, source: str) -> None:
    """Refuse what is no AcqKnowledge file, before a library searches it for headers.

    Raises
    ------
    InputProblem : the revision, number of channels or sampling interval at its start is none.
    """
    fault = InputProblem(
        source,
        expected="a file of AcqKnowledge 2 or later (.acq)",
        found=f"a file that begins with {content[:12]!r}",
        remedy="Save the recording as Graph (.acq). Text exports are another format.",
    )
    if len(content) < 24:
        raise fault
    order = min("<>", key=lambda one: struct.unpack_from(f"{one}I", content, 2)[0])
    revision, length, channels = struct.unpack_from(f"{order}Iih", content, 2)
    (interval_ms,) = struct.unpack_from(f"{order}d", content, 16)
    if (
        revision not in REVISIONS
        or not 0 < length < len(content)
        or not 1 <= channels <= MOST_CHANNELS
        or not (math.isfinite(interval_ms) and interval_ms > 0)
    ):
        raise fault


def _headers(library: Any, content: bytes, source: str, said: list[str]) -> Any:
    """Return what bioread reads of the headers."""
    try:
        headers = library.reader.Reader.read_headers(io.BytesIO(content))
    # Whatever the library raises of a file, its text says what is wrong.
    except Exception as fault:
        raise damaged(source, "bioread", fault, REMEDY) from fault
    if headers.datafile is None:
        raise damaged(source, "bioread", said[0] if said else "no headers", REMEDY)
    return headers


def _check_lengths(headers: Any, content: bytes, source: str) -> None:
    """Refuse lengths and rates that the file cannot hold, before memory is taken for them."""
    file = headers.datafile
    sizes = [channel.point_count * channel.sample_size for channel in file.channels]
    dividers = [channel.frequency_divider for channel in file.channels]
    if min(sizes) < 0 or min(dividers) < 1 or math.lcm(*dividers) > LONGEST_PATTERN:
        raise damaged(source, "bioread", "lengths or rates of channels make no sense", REMEDY)
    if file.is_compressed:
        lengths = [one.uncompressed_data_len for one in file.channel_compression_headers or []]
        if lengths != sizes or sum(sizes) > MOST_BYTES:
            raise damaged(source, "bioread", "lengths of compressed channels differ", REMEDY)
    elif headers.data_start_offset + sum(sizes) > len(content):
        there = max(len(content) - headers.data_start_offset, 0)
        raise InputProblem(
            source,
            expected=f"{sum(sizes)} bytes of samples",
            found=f"{there}",
            remedy="The file ends early. Copy it again, or open it in AcqKnowledge and save it "
            "again.",
        )


def _pauses(markers: Sequence[Any]) -> list[Note]:
    """Tell where a recording was stopped and continued: its samples follow without a gap."""
    pauses = sum(marker.type_code == APPENDED and marker.sample_index > 0 for marker in markers)
    if not pauses:
        return []
    return [
        Note(
            "recording_paused",
            f"the recording was stopped and continued {pauses} time(s): times are counted in "
            "samples, so that what happened in a pause takes no time",
        )
    ]


def _began(markers: Sequence[Any], source: str, where: str) -> float:
    """Return the unix time of the first sample.

    ASSUMPTION: the marker that AcqKnowledge sets where a recording begins was made at that moment.
    """
    starts = [marker for marker in markers if marker.type_code == APPENDED]
    if (
        len(starts) != 1
        or starts[0].sample_index != 0
        or starts[0].date_created_utc is None
        or starts[0].date_created_utc.timestamp() <= 0
    ):
        raise InputProblem(
            source,
            expected="one time at which the recording began (AcqKnowledge 4.4 and later)",
            found=f"{len(starts)} start(s), not all with a time or at the first sample",
            remedy=f"Choose {where}.clock: relative, and begin trials by event markers.",
        )
    return float(starts[0].date_created_utc.timestamp())
