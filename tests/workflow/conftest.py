"""A tiny study (4 people, 4 clips, 2 folds, 2-Hz grid), run once, and ways to look at plans."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

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

    @property
    def results(self) -> Path:
        return self.folder / "results" / "tiny"

    def snakemake(self, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "-s", str(root / "Snakefile")]
            + ["-d", str(self.folder), "--configfile", str(self.folder / "tiny.yaml")]
            + ["--cores", "2", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    def plan(self, *arguments: str, root: Path = ROOT) -> Counter:
        """Jobs per rule that a dry run announces."""
        answer = self.snakemake("-n", "--quiet", "rules", *arguments, root=root)
        listing = self.snakemake("-n", *arguments, root=root)
        assert listing.returncode == 0, answer.stderr + listing.stdout + listing.stderr
        return job_counts(listing.stdout + listing.stderr)

    def copy(self, folder: Path) -> "Study":
        """A copy to change freely, with times kept so that nothing looks newer."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Study(folder)


def job_counts(listing: str) -> Counter:
    counts: Counter = Counter()
    inside = False
    for line in listing.splitlines():
        words = line.split()
        if words[:2] == ["job", "count"]:
            inside = True
        elif inside and words and words[0] == "total":
            break
        elif inside and len(words) == 2 and words[1].isdigit():
            counts[words[0]] = int(words[1])
    counts.pop("all", None)
    return counts


def write_overlay(folder: Path, overlay: dict) -> None:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(overlay, sort_keys=False))
