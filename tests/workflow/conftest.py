"""A tiny study (4 people, 4 clips, 2 folds, 2-Hz grid), run once, and ways to look at plans."""

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from paths import ROOT
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from workflow_helpers import TINY, Study, write_overlay

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
def made_once(tmp_path_factory, worker_id) -> Callable:
    """A folder that the first of several processes makes, and all others wait for."""

    def made(name: str, make: Callable[[Path], object]) -> Path:
        base = tmp_path_factory.getbasetemp()
        folder = (base if worker_id == "master" else base.parent) / "made" / name
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):
            if not (folder / "done").exists():
                make(folder)
                (folder / "done").touch()
        return folder

    return made


@pytest.fixture(scope="session")
def finished(tmp_path_factory, code, made_once) -> Study:
    """The tiny study after its full run; copy it before changing anything.

    Its raw data come from the simulation, but it is run as a study with real files would be.
    Participant 10 is simulated too and kept aside, to be added later.
    """

    def make(folder: Path) -> None:
        # The study remembers its code by the way from its own folder.
        shutil.copytree(code, folder / code.name, dirs_exist_ok=True)
        run_tiny_study(folder / "study", folder / code.name)

    made = made_once("tiny", make)
    own = tmp_path_factory.mktemp("study")
    return Study(made / "study", code, made / "study/tiny.yaml").copy(own)


def run_tiny_study(folder: Path, code: Path) -> None:
    """Simulate the raw data of the tiny study, then run it on them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
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


@pytest.fixture
def study(finished, tmp_path_factory) -> Study:
    """A copy of the finished study to change freely, as far from the code as the original."""
    return finished.copy(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def demo(made_once) -> Path:
    """The results of the demo study, run from nothing as `make demo` does."""

    def make(folder: Path) -> None:
        Study(folder, ROOT, ROOT / "workflow/studies/demo.yaml").run()

    return made_once("demo", make) / "results" / "demo"


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
