"""A study in a folder of its own, its plans, and changes that a test makes and takes back."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import forked
import networkx as nx
import yaml
from paths import ROOT

from tinglegram.report.figures import rule_graph

# `make test` runs several processes side by side; each leaves the others a core.
CORES = int(os.environ.get("TEST_CORES", "2"))

# Overlay of the tiny study: 4 participants, 4 clips, 2 folds, a 2-Hz grid.
TINY = {
    "study": "tiny",
    "protocols": ["described", "released"],
    "data": {"root": "raw"},
    "clips": {"vid3": None, "vid4": None, "vid7": None, "vid8": None},
    "timing": {"clip": 14.0, "first_trial": 12.6, "warm_up": 4.0, "grid": 2},
    "pulse": {"minimum_windows": 3},
    "stimuli": {"weights": "untrained", "image_size": 64},
    "folds": {"number": 2},
    "models": {
        "fusion": {"kind": "bilstm", "modalities": ["visual", "acoustic", "pulse"]},
        "visual": None,
        "acoustic": {"kind": "bilstm", "modalities": ["acoustic"]},
        "xgboost": {"kind": "xgboost", "modalities": ["acoustic", "pulse"]},
    },
    "training": {"device": "cpu", "bilstm": {"hidden": 8, "epochs": 2}, "xgboost": {"trees": 5}},
    "report": {"tinglegram_subjects": [1]},
}


@dataclass(frozen=True)
class Study:
    """A working folder with its own raw data and an overlay of the configuration."""

    folder: Path
    code: Path
    overlay: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "tiny"

    def start(
        self,
        *arguments: str,
        output: int | IO[str] = subprocess.PIPE,
        overlay: Path | None = None,
        environment: Mapping[str, str] | None = None,
        first_on_path: Path | None = None,
    ) -> subprocess.Popen:
        """Start Snakemake in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *self.options(overlay), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env=variables(first_on_path) | (environment or {}),
            start_new_session=True,
        )

    def options(self, overlay: Path | None = None) -> list[str]:
        """What every Snakemake of this study is told."""
        return [
            *("-s", str(self.code / "Snakefile"), "-d", str(self.folder)),
            *("--configfile", str(overlay or self.overlay)),
            *("--profile", str(ROOT / "profiles/default")),
        ]

    def snakemake(self, *arguments: str, **how: Any) -> tuple[int, str]:
        """Exit code and everything printed."""
        if not how.keys() - {"overlay"}:
            return forked.snakemake([*self.options(**how), *arguments], variables())
        process = self.start(*arguments, **how)
        said, _ = process.communicate()
        return process.returncode, said

    def run(self, *arguments: str, cores: int = CORES, **how: Any) -> str:
        code, said = self.snakemake("--cores", str(cores), *arguments, **how)
        assert code == 0, said
        return said

    def resume(self, *arguments: str, cores: int = CORES, **how: Any) -> tuple[int, str]:
        """Do what `make resume` does: exit code, and everything printed."""
        code, told = 0, []
        for command in resume_commands(self.results, cores):
            words = command[: command.index("--configfile")]
            config = Path(command[len(words) + 1])
            more = arguments if "--cores" in words else ()
            code, said = self.snakemake(*words, *more, overlay=config, **how)
            told.append(said or "")
        return code, "\n".join(told)

    def plan(self, *arguments: str) -> Counter:
        """Jobs per rule that a dry run announces."""
        return job_counts(self.run("-n", *arguments))

    def rule_graphs(self) -> tuple[nx.DiGraph, nx.DiGraph]:
        """The graph of rules that Snakemake draws for this study, and that of all its jobs."""
        drawn, jobs = (
            rule_graph.parse_dot(self.run(kind, "dot", "--nolock"))
            for kind in ("--rulegraph", "--dag")
        )
        # The label of a job begins with its rule; its wildcards follow.
        return drawn, nx.relabel_nodes(jobs, lambda label: label.split("\\n")[0])

    def copy(self, folder: Path) -> "Study":
        """A copy to change freely, with times kept so that nothing looks newer."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Study(folder, self.code, folder / "tiny.yaml")


def variables(first_on_path: Path | None = None) -> dict[str, str]:
    """The environment of a Snakemake of the tests."""
    # Hundreds of jobs import the same modules; those are compiled once unless forbidden.
    ours = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    found = {k: v for k, v in os.environ.items() if k not in ours}
    folders = [first_on_path] if first_on_path else []
    folders += [Path(sys.executable).parent, found["PATH"]]
    return found | {"PATH": os.pathsep.join(map(str, folders))}


def job_counts(listing: str) -> Counter:
    """Read the table of jobs per rule from what a dry run prints."""
    table = re.search(r"Job stats(.*?)\btotal\b", listing, flags=re.DOTALL)
    if table is None:
        assert "Nothing to be done" in listing or "nothing to be done" in listing, listing
        return Counter()
    rows = re.findall(r"^ *(\w[\w ]*?) {2,}(\d+) *$", table[1], flags=re.MULTILINE)
    counts = Counter({name.replace(" ", "_"): int(count) for name, count in rows})
    counts.pop("all", None)
    return counts


def resume_commands(results: Path, cores: int) -> list[list[str]]:
    """Arguments of every Snakemake that `make resume` starts."""
    printed = subprocess.run(
        ["make", "-n", "-C", str(ROOT), "resume", f"RESULTS={results}", f"CORES={cores}"],
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")},
    ).stdout
    lines = [line for line in printed.splitlines() if line.startswith("snakemake ")]
    return [shlex.split(line)[1:] for line in lines]


# Below results/<study>/: what may differ between two runs on the same inputs, and nothing else.
# What jobs said and how long they took; of the record, the time at which the run ended.
MAY_DIFFER = ("logs", "benchmarks")
TIMES = ("datePublished", "endTime")


def fingerprint(results: Path) -> dict[str, str]:
    """Path below the folder -> SHA-256, of every file that must be the same in every run."""
    found = {}
    for path in sorted(results.rglob("*")):
        name = path.relative_to(results)
        if not path.is_file() or name.parts[0] in MAY_DIFFER:
            continue
        content = path.read_bytes()
        if name.name == "ro-crate-metadata.json":
            record = json.loads(content)
            for entity in record["@graph"]:
                for time_of_run in TIMES:
                    entity.pop(time_of_run, None)
            content = json.dumps(record).encode()
        found[name.as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names of the files that two fingerprints do not agree on."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def compare(
    quiet: Study, other: Study, record: Callable[[str, int], None], is_part: bool = False
) -> None:
    """Hold the results of a run against those of an undisturbed one, and record how much that was.

    `record` is pytest's record_property; `make reliability` puts its numbers on a page. `is_part`:
    the other run made a part of the results only.
    """
    expected, made = fingerprint(quiet.results), fingerprint(other.results)
    if is_part:
        expected = {name: content for name, content in expected.items() if name in made}
    assert changed(expected, made) == []
    assert len(expected) > (150 if is_part else 500)
    record("files", len(expected))
    record("bytes", sum((quiet.results / name).stat().st_size for name in expected))


def write_overlay(folder: Path, overlay: dict) -> None:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(overlay, sort_keys=False))


@contextmanager
def edited(path: Path) -> Iterator[None]:
    """Change the content of a file, then restore content and times."""
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(content + b"# edited\n")
    try:
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
