"""Inspection of the raw files: heads, structure and tails, a whole study in seconds."""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from tinglegram.errors import InputProblem
from tinglegram.files import write_json
from tinglegram.formats.biopac import (
    HEAD_BYTES,
    TAIL_BYTES,
    ExportOutline,
    read_outline,
)
from tinglegram.inputs.inventory import (
    Design,
    Entry,
    LogInspection,
    coverage,
    entry,
    fit_entries,
    inspect_log,
    missing_file,
)
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.pulse.fit import Fit, align_clock, fit_of_length, fit_of_title
from tinglegram.stimuli.findings import ClipFinding

STIMULUS_REMEDY = "Add it, or take the clip out of the study by setting it to null under clips."
# What was found in some files: number of usable trials, entries.
Found = tuple[int, list[Entry]]
# What comes before the entries, of any kind that JSON holds.
Seen = TypeVar("Seen")


class Inspection(NamedTuple):
    """Every entry of a study, and for each participant the number of usable trials."""

    entries: list[Entry]
    n_clips: dict[str, int]


class Cache:
    """What was found in files that have not changed since, by path, size and time.

    Parameters
    ----------
    path : JSON file that keeps it.
    code : files of ours that decide what is found.
    """

    def __init__(self, path: Path, code: Iterable[str]) -> None:
        """Read what is known."""
        self.path = path
        self.context = sha256(b"".join(Path(file).read_bytes() for file in code)).hexdigest()
        self.known: dict[str, Any] = {}
        if path.exists():
            self.known = json.loads(path.read_text(encoding="utf-8"))
        self.used: dict[str, Any] = {}

    def recall(
        self, paths: Iterable[str], about: str, look: Callable[[], tuple[Seen, list[Entry]]]
    ) -> tuple[Seen, list[Entry]]:
        """Return what `look` finds in these files, from memory where they are the same."""
        states = [(path, Path(path).stat()) for path in paths if Path(path).is_file()]
        files = [(path, state.st_size, state.st_mtime_ns) for path, state in states]
        key = sha256(repr((self.context, about, files)).encode()).hexdigest()
        self.used[key] = self.known[key] if key in self.known else look()
        seen, entries = self.used[key]
        return seen, [Entry(*found) for found in entries]

    def keep(self) -> None:
        """Write what was used, if it is not what was known."""
        if self.used.keys() != self.known.keys():
            write_json(self.used, self.path)


def inspect(
    raw: RawFiles,
    design: Design,
    excluded: Collection[tuple[str, str]],
    cache: Cache | None = None,
    offsets: Mapping[str, float] = MappingProxyType({}),
) -> Inspection:
    """Inspect the logs and recordings of a study; clips: `tinglegram.inputs.clips`.

    Parameters
    ----------
    raw : the files; any of them may be missing.
    design : what a session should hold.
    excluded : (subject, video or *) of the table of exclusions.
    cache : remembers files inspected before.
    offsets : participant -> where the recording started, in seconds on the log clock.
    """

    def found(paths: Iterable[str], look: partial[Found]) -> Found:
        return cache.recall(paths, repr(look.args), look) if cache else look()

    entries = [entry(subject, problem, "") for subject, problem in raw.unclear]
    n_clips = {}
    for subject in raw.subjects:
        left_out = sorted(video for s, video in excluded if s == subject and video != "*")
        unclear = sorted(Path(p.source).parent.name for s, p in raw.unclear if s == subject)
        log, ppg = (files.get(subject, "") for files in (raw.logs, raw.ppgs))
        offset_s = offsets.get(subject, 0.0)
        look = partial(_participant, subject, log, ppg, design, left_out, unclear, offset_s)
        n_clips[subject], own = found([log, ppg], look)
        entries += own
    return Inspection(entries, n_clips)


def _participant(
    subject: str,
    log: str,
    ppg: str,
    design: Design,
    excluded: Collection[str],
    unclear: Collection[str],
    offset_s: float,
) -> Found:
    """Inspect one participant's files; empty path: none, or several in an unclear folder."""
    found = LogInspection(None, [])
    if log:
        content = Path(log).read_bytes()
        found = inspect_log(content, Path(log).name, subject, design, excluded)
    entries = found.entries
    if not log and "log" not in unclear:
        entries.append(missing_file(subject, "event log", f"log/{subject}-....log", "missing_log"))
    if ppg:
        path = Path(ppg)
        with path.open("rb") as stream:
            size = path.stat().st_size
            head = stream.read(HEAD_BYTES)
            stream.seek(max(0, size - TAIL_BYTES))
            tail = stream.read()
        try:
            outline = read_outline(
                head, tail, size, path.name, design.channel, design.sampling_rate
            )
        except InputProblem as problem:
            entries.append(entry(subject, problem, "unreadable_pulse"))
        else:
            entries += _recording(path, head, outline, subject, design, found, offset_s)
    elif "ppg" not in unclear:
        entries.append(
            missing_file(subject, "pulse recording", f"ppg/{subject}_csv.txt", "missing_pulse")
        )
    return 0 if found.trials is None else len(found.trials), entries


def _recording(
    path: Path,
    head: bytes,
    outline: ExportOutline,
    subject: str,
    design: Design,
    log: LogInspection,
    offset_s: float,
) -> list[Entry]:
    """Return what does not fit in a recording that can be read."""
    source, ask = path.name, design.alignment
    fits = [
        fit_of_title(outline.title, source, int(subject)),
        Fit(notes=outline.findings),
    ]
    if log.trials is None or not len(log.trials):
        return fit_entries(subject, source, fits)
    try:
        aligned = align_clock(
            head,
            path.read_bytes,
            source,
            (design.channel, design.sampling_rate),
            ask,
            log.trials["start_s"].tolist(),
            offset_s,
        )
    except InputProblem as problem:
        return [*fit_entries(subject, source, fits), entry(subject, problem, "unreadable_pulse")]
    fits.append(aligned.fit)
    clock = aligned.clock
    uncovered = coverage(outline, source, subject, log.trials, clock)
    fits.append(
        fit_of_length(
            outline.seconds + clock.offset(math.inf),
            log.end_s,
            source,
            ask.end_tolerance,
            explained=bool(uncovered) or aligned.agrees,
        )
    )
    return [*uncovered, *fit_entries(subject, source, fits)]


def missing_clips(clips: Mapping[str, str]) -> list[Entry]:
    """Return an entry for each of these clips, code -> path, that there is no file for."""
    found = []
    for video, path in clips.items():
        if not Path(path).exists():
            problem = InputProblem(
                path, expected=f"clip {video}", found="no such file", remedy=STIMULUS_REMEDY
            )
            found.append(entry("", problem, "missing_stimulus")._replace(video=video))
    return found


def clip_entries(video: str, path: str, findings: Iterable[ClipFinding]) -> list[Entry]:
    """Return what was found in the clip `video`, of the file `path`, as entries."""
    return [
        Entry("", video, f.kind, Path(path).name, f.where, f.expected, f.found, f.remedy)
        for f in findings
    ]
