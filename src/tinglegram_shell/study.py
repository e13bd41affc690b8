"""Which raw files a study has, found by their names alone so that planning a run stays quick."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tinglegram.errors import InputProblem, TinglegramError

EXCLUSION_COLUMNS = ["subject", "video", "reason"]


@dataclass(frozen=True)
class RawFiles:
    """Paths of the raw data, by participant ("001") or by clip code."""

    logs: dict[str, str]
    ppgs: dict[str, str]
    clips: dict[str, str]

    @property
    def subjects(self) -> list[str]:
        """Everyone with a log or a pulse recording, in numeric order."""
        return sorted(self.logs.keys() | self.ppgs.keys(), key=int)


def raw_files(
    root: str | None, simulation: Mapping[str, Any] | None, clips: Mapping[str, Any], seed: int
) -> RawFiles:
    """List the raw files under `root`, or the ones a simulated study will write there."""
    if root is None:
        return RawFiles({}, {}, {})
    stimuli = {code: f"{root}/stim/{clip['file']}" for code, clip in clips.items()}
    if simulation is not None:
        from tinglegram.simulation.design import file_names

        names = file_names(simulation["participants"], seed)
        return RawFiles(
            {s: f"{root}/log/{log}" for s, (log, _) in names.items()},
            {s: f"{root}/ppg/{ppg}" for s, (_, ppg) in names.items()},
            stimuli,
        )
    folder = Path(root)
    if not folder.is_dir():
        raise InputProblem(
            str(root),
            expected="a folder with log/, ppg/ and stim/",
            found="no such folder",
            remedy="Put the dataset there or set data.root in the configuration.",
        )
    return RawFiles(
        _by_subject(folder / "log", "*.log", r"(\d+)-.*\.log"),
        _by_subject(folder / "ppg", "*.txt", r"(\d+)_csv\.txt"),
        stimuli,
    )


def _by_subject(folder: Path, pattern: str, form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob(pattern)):
        match = re.fullmatch(form, path.name)
        if match is None:
            raise InputProblem(
                str(path),
                expected="a file name like 007-1-...log or 007_csv.txt",
                found=path.name,
                remedy="Rename the file or move it out of the folder.",
            )
        subject = f"{int(match[1]):03d}"
        if subject in found:
            raise InputProblem(
                str(path),
                expected=f"one file of participant {subject} in {folder.name}/",
                found=f"also {Path(found[subject]).name}",
                remedy="Keep the file of the complete session and move the other one away.",
            )
        found[subject] = str(path)
    return found


def read_exclusions(path: str | None, raw: RawFiles, clips: Mapping[str, Any]) -> dict:
    """Read the table of exclusions: (subject, video or '*') -> reason.

    Raises
    ------
    InputProblem : a column is missing, a reason is empty, or a row names nobody.
    """
    if path is None:
        return {}
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
            expected=f"a table with the columns {', '.join(EXCLUSION_COLUMNS)}",
            found=str(fault).strip(),
            remedy="Mend the file, or set data.exclusions to null.",
        ) from fault
    # pandas makes an index of surplus fields.
    if list(table.columns) != EXCLUSION_COLUMNS or not isinstance(table.index, pd.RangeIndex):
        raise InputProblem(
            path,
            expected=f"the tab-separated columns {', '.join(EXCLUSION_COLUMNS)}",
            found=f"{', '.join(map(str, table.columns))} over {table.shape[1]} or more fields",
            remedy="Write that header into the first line, and three fields into the others.",
        )
    excluded = {}
    for line, (subject, video, reason) in enumerate(table.itertuples(index=False), start=2):
        name = f"{int(subject):03d}" if subject.isdecimal() else subject
        where = f"line {line}"
        if name not in raw.subjects:
            raise InputProblem(
                path,
                where=where,
                expected="a participant with raw files",
                found=f"'{subject}'",
                remedy=f"Present: {', '.join(raw.subjects)}.",
            )
        if video != "*" and video not in clips:
            raise InputProblem(
                path,
                where=where,
                expected="a clip code or *",
                found=f"'{video}'",
                remedy=f"Known: {', '.join(clips)}.",
            )
        if not reason.strip():
            raise InputProblem(
                path,
                where=where,
                expected="a reason",
                found="an empty field",
                remedy="Say in a few words why this is left out; the report prints it.",
            )
        excluded[name, video] = reason
    return excluded


def require_pairs(raw: RawFiles, excluded: Mapping[tuple[str, str], str], root: str | None) -> None:
    """Raise unless somebody takes part, and all who do have a log and a pulse recording."""
    if root is not None and all((s, "*") in excluded for s in raw.subjects):
        raise TinglegramError(
            f"Nobody takes part: {root} holds the files of {len(raw.subjects)} people in log/ and "
            f"ppg/, of whom {len(raw.subjects)} are excluded. Check data.root and data.exclusions."
        )
    lacking = [
        f"participant {s} has no {what}"
        for what, files in (("log", raw.logs), ("pulse recording", raw.ppgs))
        for s in raw.subjects
        if s not in files and (s, "*") not in excluded
    ]
    if lacking:
        raise TinglegramError(
            f"Raw files are missing: {'; '.join(lacking)}. Add the files, or leave these people "
            "out by a line (subject, *, reason) in the table of exclusions."
        )
