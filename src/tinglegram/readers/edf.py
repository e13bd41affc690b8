"""EDF, EDF+, BDF and BDF+ files, read by pyedflib; annotations can begin trials."""

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tinglegram.canonical.tables import Session
from tinglegram.errors import InputProblem, TinglegramError, require
from tinglegram.formats.edf_header import EdfOutline, edf_outline, signal_places
from tinglegram.formats.recording import Note
from tinglegram.readers.devices import (
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
from tinglegram.readers.names import check_names
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request

_RIGHT_NAME = "If the file's name is right, set check_names: false."


@dataclass(frozen=True)
class EdfOptions:
    """`data: options` of the reader `edf`.

    Attributes
    ----------
    files : file of each participant.
    channels : name or regular expression -> type and unit; None: those with well-known names.
    markers : which annotations begin a trial.
    clock : `relative`: second 0 is the start of the file; `unix`: seconds since 1970.
    timezone : of the recorder, for `unix` (`Europe/Berlin`): the format holds local time only.
    offset_s : is added to all times.
    check_names : whether a participant that the file names must be the one of its own name.
    """

    files: str = "{participant}.edf"
    channels: Mapping[str, DeviceChannel] | None = None
    markers: DeviceMarkers | None = None
    clock: Literal["relative", "unix"] = "relative"
    timezone: str = ""
    offset_s: float = 0.0
    check_names: bool = True


def find(request: Request) -> Mapping[str, Sequence[Path]]:
    """Return participant_id -> files."""
    options = read_options(request.options, EdfOptions, request.where)
    return device_files(request, options.files)


def read(participant_id: str, files: Sequence[Path], request: Request) -> Session:
    """Read the recording of one participant.

    Raises
    ------
    TinglegramError : pyedflib is not installed, or the zone of a unix clock is unknown.
    InputProblem : no file or several, one that names another participant, is damaged, has pauses
        or was not closed, no channel, or markers that do not fit the study.
    """
    options = read_options(request.options, EdfOptions, request.where)
    zone = _zone(options, request.where)

    def opened(path: Path, source: str) -> DeviceFile:
        outline = edf_outline(file_content(path, request), source)
        if options.check_names:
            said = [("patient field of the header", word) for word in outline.patient.split()]
            check_names(said, participant_id, source, lambda: find(request), _RIGHT_NAME)
        return _opened(path, outline, source, zone)

    return read_device(participant_id, files, request, options, opened, options.markers)


def _opened(
    path: Path, outline: EdfOutline, source: str, zone: datetime.tzinfo | None
) -> DeviceFile:
    """Return the signals of a file, and how their samples and the annotations are read."""
    places = signal_places(outline.kind, outline.labels)
    names = distinct_names([outline.labels[i] for i in places])
    found = [FoundChannel(name, outline.units[i]) for name, i in zip(names, places, strict=True)]

    def load(chosen: Sequence[int]) -> DeviceContent:
        library = require("pyedflib", "edf", "the reader edf")
        with quiet("pyedflib"):
            try:
                start, annotations, values = _read(library, path, chosen)
            # Whatever the library raises of a file, its text says what is wrong.
            except Exception as fault:
                remedy = "Open it with EDFbrowser, which names what is wrong, and export it again."
                raise damaged(source, "pyedflib", fault, remedy) from fault
        zero_s, notes = (None, []) if zone is None else _unix_start(start, zone, source)
        rates = {place: outline.samples[places[place]] / outline.record_s for place in chosen}
        return DeviceContent(
            {place: DeviceSamples(values[place], 0.0, rates[place]) for place in chosen},
            [onset for onset, _ in annotations],
            [text for _, text in annotations],
            zero_unix_s=zero_s,
            notes=notes,
        )

    return DeviceFile(found, load)


def _read(
    library: Any, path: Path, places: Sequence[int]
) -> tuple[datetime.datetime, list[tuple[float, str]], dict[int, np.ndarray]]:
    """Return start, annotations (second, text) and the values of channels."""
    with library.EdfReader(str(path)) as file:
        onsets, _, texts = file.readAnnotations()
        values = {place: file.readSignal(place) for place in places}
        pairs = [(float(at), str(text)) for at, text in zip(onsets, texts, strict=True)]
        # pyedflib 0.1.42 gives a tenth of the seconds' fraction, which it holds in 100 ns.
        part = datetime.timedelta(microseconds=int(file.starttime_subsecond) // 10)
        return file.getStartdatetime().replace(microsecond=0) + part, pairs, values


def _unix_start(
    start: datetime.datetime, zone: datetime.tzinfo, source: str
) -> tuple[float, list[Note]]:
    """Return the unix time of a local one, and a note where the clock showed it twice.

    Raises
    ------
    InputProblem : the clock passed over this time, as it does when summer time begins.
    """
    local = start.replace(tzinfo=zone)
    unix_s = local.timestamp()
    if datetime.datetime.fromtimestamp(unix_s, zone).replace(tzinfo=None) != start:
        raise InputProblem(
            source,
            expected=f"a start that the clock of {zone} shows",
            found=f"{start}, which it passes over as summer time begins",
            remedy="Correct timezone in the options (UTC, if the recorder knows no summer time).",
        )
    later_s = local.replace(fold=1).timestamp()
    if later_s == unix_s:
        return unix_s, []
    said = (
        f"the clock of {zone} shows {start} twice, as summer time ends; the earlier one is taken, "
        f"add offset_s: {later_s - unix_s:g} for the later one"
    )
    return unix_s, [Note("clock_change", said)]


def _zone(options: EdfOptions, where: str) -> datetime.tzinfo | None:
    """Return the zone of the recorder's clock; None where times are relative."""
    if options.clock == "relative":
        return None
    try:
        return zoneinfo.ZoneInfo(options.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise TinglegramError(
            f"{where}.timezone: expected the time zone of the recorder's clock (such as "
            f"Europe/Berlin or UTC), because EDF files hold local time only, found "
            f"{options.timezone!r}. Add it, or choose clock: relative."
        ) from None
