"""A tiny study (4 people, 4 clips, 2 folds, 2-Hz grid), run once, and ways to look at plans."""

import copy
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from paths import ROOT
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


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

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "-s", str(self.code / "Snakefile")]
            + ["-d", str(self.folder), "--configfile", str(self.overlay)]
            + ["--profile", str(ROOT / "profiles/default"), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    def run(self, *arguments: str, cores: int = 2) -> str:
        answer = self.snakemake("--cores", str(cores), *arguments)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout + answer.stderr

    def plan(self, *arguments: str) -> Counter:
        """Jobs per rule that a dry run announces."""
        return job_counts(self.run("-n", *arguments))

    def copy(self, folder: Path) -> "Study":
        """A copy to change freely, with times kept so that nothing looks newer."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Study(folder, self.code, folder / "tiny.yaml")


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


def write_overlay(folder: Path, overlay: dict) -> None:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(overlay, sort_keys=False))


RAW_OVERLAY = TINY | {
    "data": {
        "root": "raw",
        "simulation": {"participants": [1, 2, 3, 4, 10], "rests": [2.0, 2.0, 2.0]},
    },
}


@pytest.fixture(scope="session")
def code(tmp_path_factory) -> Path:
    """A copy of the workflow whose files a test may edit (and must restore)."""
    root = tmp_path_factory.mktemp("code")
    for name in ("workflow", "scripts", "src", "envs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "config.yaml", "pyproject.toml"):
        shutil.copy2(ROOT / name, root / name)
    return root


@pytest.fixture(scope="session")
def finished(tmp_path_factory, code) -> Study:
    """The tiny study after its full run; copy it before changing anything.

    Its raw data come from the simulation, but it is run as a study with real files would be.
    Participant 10 is simulated too and kept aside, to be added later.
    """
    folder = tmp_path_factory.mktemp("study")
    study = Study(folder, code, folder / "tiny.yaml")
    demo = yaml.safe_load((ROOT / "workflow/studies/demo.yaml").read_text())
    overlay = copy.deepcopy(RAW_OVERLAY)
    overlay["data"]["simulation"] = (
        demo["data"]["simulation"] | RAW_OVERLAY["data"]["simulation"] | {"frame_size": [96, 64]}
    )
    write_overlay(folder, overlay)
    study.run(
        *(f"raw/stim/{name}" for name in ("ASMR1.avi", "ASMR2.avi", "nature1.avi", "nature2.avi")),
        *(f"raw/ppg/{s:03d}_csv.txt" for s in (1, 2, 3, 4, 10)),
    )
    shutil.rmtree(folder / ".snakemake")
    shutil.rmtree(study.results)
    (folder / "aside").mkdir()
    for path in (folder / "raw").glob("*/010*"):
        path.rename(folder / "aside" / path.name)
    write_overlay(folder, TINY)
    study.run()
    return study


@pytest.fixture
def study(finished, tmp_path) -> Study:
    """A copy of the finished study to change freely."""
    return finished.copy(tmp_path / "study")


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The results of the demo study, run from nothing as `make demo` does."""
    folder = tmp_path_factory.mktemp("demo")
    Study(folder, ROOT, ROOT / "workflow/studies/demo.yaml").run()
    return folder / "results" / "demo"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no chromium with chromedriver on this machine")
    options = Options()
    options.binary_location = chromium
    for argument in (*QUIET, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()
