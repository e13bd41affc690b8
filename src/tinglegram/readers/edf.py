"""EDF, EDF+, BDF and BDF+ files, read by pyedflib; annotations can begin trials."""

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tinglegram.canonical.tables import Session, Signal, response_table
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.formats.edf_header import edf_outline, signal_places
from tinglegram.formats.recording import Note
from tinglegram.readers.devices import (
    DeviceChannel,
    DeviceMarkers,
    FoundChannel,
    chosen_channels,
    damaged,
    device_files,
    distinct_names,
    file_content,
    no_signals,
    one_file,
    plain_values,
    quiet,
    shown_path,
    trials_of_markers,
)
from tinglegram.readers.names import check_names
from tinglegram.readers.options import read_options
from tinglegram.readers.registry import Request, require

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
    path = one_file(participant_id, files, request, options.files)
    source = shown_path(path, request.root)
    outline = edf_outline(file_content(path, request), source)
    if options.check_names:
        said = [("patient field of the header", word) for word in outline.patient.split()]
        check_names(said, participant_id, source, lambda: find(request), _RIGHT_NAME)
    places = signal_places(outline.kind, outline.labels)
    names = distinct_names([outline.labels[i] for i in places])
    found = [FoundChannel(name, outline.units[i]) for name, i in zip(names, places, strict=True)]
    where = f"{request.where}.channels"
    chosen, notes = chosen_channels(found, options.channels, source, where)
    if not chosen:
        raise no_signals(source, found, where)
    library = require("pyedflib", "edf", "the reader edf")
    with quiet("pyedflib"):
        try:
            start, annotations, values = _read(library, path, sorted(chosen))
        # Whatever the library raises of a file, its text says what is wrong.
        except Exception as fault:
            remedy = "Open it with EDFbrowser, which names what is wrong, and export it again."
            raise damaged(source, "pyedflib", fault, remedy) from fault
    signals = []
    for place, samples in values.items():
        plain, told = plain_values(samples, found[place].name)
        notes += told
        rate = outline.samples[places[place]] / outline.record_s
        kind = chosen[place]
        signals.append(Signal(found[place].name, kind.type, kind.unit or "", plain, 0.0, rate))
    moves = options.offset_s
    zero_s = None
    if zone is not None:
        zero_s, told = _unix_start(start, zone, source)
        notes += told
    onsets, texts = [onset + moves for onset, _ in annotations], [text for _, text in annotations]
    trials, told = trials_of_markers(onsets, texts, options.markers, request, source)
    return Session(
        participant_id,
        trials,
        response_table([]),
        [signal.later(moves) for signal in signals],
        [*notes, *told],
        zero_s,
    )


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
