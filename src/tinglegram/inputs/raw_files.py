"""Which raw files a study has, found by their names alone so that planning a run stays quick."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinglegram.errors import InputProblem, TinglegramError

# Snakemake's wildcards, and its path variables (Snakemake 9: "<logs>/a.txt" is "logs/a.txt").
FILLED_IN = re.compile(r"[{}]|<[a-z][a-z0-9_]*>")


@dataclass(frozen=True)
class RawFiles:
    """Paths of the raw data, by participant ("001") or by clip code.

    `unclear` holds what cannot be told by the names: (participant or "", problem). A participant
    with two logs has none in `logs`; `every_log` and `every_ppg` list all files there are.
    """

    logs: dict[str, str]
    ppgs: dict[str, str]
    clips: dict[str, str]
    unclear: tuple[tuple[str, InputProblem], ...] = ()
    every_log: tuple[str, ...] = ()
    every_ppg: tuple[str, ...] = ()

    @property
    def subjects(self) -> list[str]:
        """Everyone with a log or a pulse recording, in numeric order."""
        unclear = {subject for subject, _ in self.unclear if subject}
        return sorted(self.logs.keys() | self.ppgs.keys() | unclear, key=int)

    def of(self, subjects: Collection[str]) -> "RawFiles":
        """Return the files of these participants, and all clips."""
        logs, ppgs = (
            {s: path for s, path in found.items() if s in subjects}
            for found in (self.logs, self.ppgs)
        )
        return RawFiles(logs, ppgs, self.clips, (), (*logs.values(),), (*ppgs.values(),))


def raw_files(
    root: str | None, simulation: Mapping[str, Any] | None, clips: Mapping[str, Any], seed: int
) -> RawFiles:
    """List the raw files under `root`, or the ones a simulated study will write there."""
    if root is None:
        return RawFiles({}, {}, {})
    files = {code: clip.get("file") for code, clip in clips.items()}
    stimuli = {code: f"{root}/stim/{file}" for code, file in files.items() if file is not None}
    if simulation is not None:
        from tinglegram.simulation.design import file_names

        names = file_names(simulation["participants"], seed)
        logs, ppgs = (
            [Path(root) / kind / name for name in found]
            for kind, found in zip(("log", "ppg"), zip(*names.values(), strict=True), strict=True)
        )
        return sort_files(logs, ppgs, stimuli)
    folder = Path(root)
    if not folder.is_dir():
        raise InputProblem(
            str(root),
            expected="a folder with log/, ppg/ and stim/",
            found="no such folder",
            remedy="Put the dataset there or set data.root in the configuration.",
        )
    return sort_files(folder.glob("log/*.log"), folder.glob("ppg/*.txt"), stimuli)


def sort_files(logs: Iterable[Path], ppgs: Iterable[Path], clips: Mapping[str, str]) -> RawFiles:
    """Give every log and every pulse recording to the participant its name tells."""
    logs, ppgs = sorted(logs), sorted(ppgs)
    own_logs, unclear_logs = _by_subject(logs, r"(\d+)-.*\.log")
    own_ppgs, unclear_ppgs = _by_subject(ppgs, r"(\d+)_csv\.txt")
    return RawFiles(
        own_logs,
        own_ppgs,
        dict(clips),
        (*unclear_logs, *unclear_ppgs),
        tuple(map(str, logs)),
        tuple(map(str, ppgs)),
    )


def _by_subject(
    paths: Iterable[Path], form: str
) -> tuple[dict[str, str], list[tuple[str, InputProblem]]]:
    found: dict[str, list[Path]] = {}
    unclear = []
    for path in paths:
        match = re.fullmatch(form, path.name)
        if match:
            found.setdefault(f"{int(match[1]):03d}", []).append(path)
            continue
        problem = InputProblem(
            str(path),
            expected="a file name like 007-1-...log or 007_csv.txt",
            found=path.name,
            remedy="Rename the file or move it out of the folder.",
            kind="unknown_file",
        )
        unclear.append(("", problem))
    for subject, [first, *others] in found.items():
        if others:
            problem = InputProblem(
                str(first),
                expected=f"one file of participant {subject} in {first.parent.name}/",
                found=f"also {', '.join(path.name for path in others)}",
                remedy="Keep the file of the complete session and move the other one away.",
                kind="several_files",
            )
            unclear.append((subject, problem))
    return {s: str(paths[0]) for s, paths in found.items() if len(paths) == 1}, unclear


def require_plain_names(paths: Iterable[str | Path]) -> None:
    """Raise if Snakemake would change the name of a file."""
    named = [str(path) for path in paths if FILLED_IN.search(str(path))]
    if named:
        raise TinglegramError(
            "Snakemake fills in braces and <word> in the names of files. Rename " + ", ".join(named)
        )


def absent_files(raw: RawFiles) -> frozenset[str]:
    """Return the raw files that are named but not there."""
    every = [*raw.every_log, *raw.every_ppg, *raw.clips.values()]
    return frozenset(path for path in every if not Path(path).exists())
