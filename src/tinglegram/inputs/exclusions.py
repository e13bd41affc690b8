"""The table of trials and participants to leave out, and who then takes part."""

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from tinglegram.behaviour.showings import AT
from tinglegram.errors import InputProblem, TinglegramError, refuse
from tinglegram.inputs.raw_files import RawFiles

EXCLUSION_COLUMNS = ["subject", "video", "reason"]
# One showing of a clip: its code, and its place in the session (column order of the timeline).
_SHOWING = re.compile(f"(.+){AT}(0|[1-9][0-9]*)")


def read_rows(path: str, headers: Sequence[Sequence[str]], setting: str) -> pd.DataFrame:
    """Read a tab-separated table of text whose columns are one of `headers`.

    Raises
    ------
    InputProblem : it cannot be read, or has other columns; `setting` is the one that names it.
    """
    columns = " or ".join(", ".join(header) for header in headers)
    try:
        table = pd.read_csv(
            path,
            sep="\t",
            dtype=str,
            keep_default_na=False,
            quoting=csv.QUOTE_NONE,
        )
    except (OSError, ValueError) as fault:
        raise InputProblem(
            path,
            expected=f"a table with the columns {columns}",
            found=str(fault).strip(),
            remedy=f"Mend the file, or set {setting} to null.",
        ) from fault
    # pandas makes an index of surplus fields.
    if list(table.columns) not in map(list, headers) or not isinstance(table.index, pd.RangeIndex):
        number = {2: "two", 3: "three"}[len(headers[0])]
        raise InputProblem(
            path,
            expected=f"the tab-separated columns {columns}",
            found=f"{', '.join(map(str, table.columns))} over {table.shape[1]} or more fields",
            remedy=f"Write that header into the first line, and {number} fields into the others.",
        )
    return table


def participant_name(written: str) -> str:
    """Return a participant as files name them, 007, of a number as people write it."""
    return f"{int(written):03d}" if re.fullmatch("[0-9]+", written) else written


def read_exclusions(
    path: str | None,
    raw: RawFiles,
    clips: Mapping[str, Any],
    ids: Mapping[str, str] = MappingProxyType({}),
) -> dict[tuple[str, str], str]:
    """Read the table of exclusions: (subject, video or '*') -> reason.

    `ids`: participant ("007") -> id, where people have ids of their own; the table may name either,
    and then one showing of a clip too: `vid1@5`. Whether that was shown is known once trials are
    read (`tinglegram.behaviour.placing.require_shown`).

    Raises
    ------
    TinglegramError : a column is missing, a reason is empty, a row names nobody or what an
        earlier one named; all faulty rows at once.
    """
    if path is None:
        return {}
    table = read_rows(path, [EXCLUSION_COLUMNS], "data.exclusions")
    excluded: dict[tuple[str, str], str] = {}
    faults = []
    by_id = {own: name for name, own in ids.items()}
    for line, (subject, video, reason) in enumerate(table.itertuples(index=False), start=2):
        name = by_id.get(subject, participant_name(subject))

        def faulty(expected: str, found: str, remedy: str, line: int = line) -> None:
            where = f"line {line}"
            faults.append(
                InputProblem(path, where=where, expected=expected, found=found, remedy=remedy)
            )

        if name not in raw.subjects:
            present = ", ".join(ids.values() or raw.subjects) or "nobody"
            faulty("a participant with raw files", f"'{subject}'", f"Present: {present}.")
        # Only sessions of other readers can show a clip more than once.
        named = _SHOWING.fullmatch(video) if ids else None
        if video != "*" and (named[1] if named else video) not in clips:
            wanted = "a clip code, a showing (clip@order) or *" if ids else "a clip code or *"
            faulty(wanted, f"'{video}'", f"Known: {', '.join(clips)}.")
        if not reason.strip():
            remedy = "Say in a few words why this is left out; the report prints it."
            faulty("a reason", "an empty field", remedy)
        if (name, video) in excluded or (named and (name, named[1]) in excluded):
            faulty("every person and clip once", f"{subject}, {video} again", "Keep one line.")
        excluded[name, video] = reason
    refuse(faults)
    return excluded


def require_participants(
    raw: RawFiles,
    excluded: Mapping[tuple[str, str], str],
    without_pulse: Collection[str],
    root: str,
    of_pulse: Sequence[str] = (),
    *,
    folders: str = "in log/ and ppg/",
    settings: str = "data.root, data.exclusions and data.problems",
) -> None:
    """Raise unless somebody takes part, and where models need it somebody with a pulse.

    `of_pulse` names the models that use the pulse. Without one a study of nobody's pulse goes on.
    `folders` and `settings` say where files lie, and what decides who takes part.
    """
    participants = [s for s in raw.subjects if (s, "*") not in excluded]
    if not participants:
        raise TinglegramError(
            f"Nobody takes part: {root} holds the files of {len(raw.subjects)} people"
            f"{f' {folders}' * bool(folders)}, of whom {len(raw.subjects)} are excluded. "
            f"Check {settings}."
        )
    if of_pulse and set(participants) <= set(without_pulse):
        raise TinglegramError(
            f"None of the {len(participants)} people in {root} has a pulse recording that can be "
            "used. Add the recordings, or check pulse.channel and pulse.sampling_rate; to do "
            f"without, take pulse out of the modalities of {', '.join(of_pulse)} in models."
        )
