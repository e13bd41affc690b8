"""A tiny study (4 people, 4 clips, 2 folds, 2-Hz grid), run once, and ways to look at plans."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from paths import ROOT
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from workflow_helpers import Study, write_overlay

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
    study.run(cores=2)
    return study


@pytest.fixture
def study(finished, tmp_path_factory) -> Study:
    """A copy of the finished study to change freely, as far from the code as the original."""
    return finished.copy(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The results of the demo study, run from nothing as `make demo CORES=2` does."""
    folder = tmp_path_factory.mktemp("demo")
    Study(folder, ROOT, ROOT / "workflow/studies/demo.yaml").run(cores=2)
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
