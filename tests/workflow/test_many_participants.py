"""Ten thousand participants: no command line grows with them, and jobs of all of them start."""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from workflow_helpers import TINY, Study

from tinglegram.command_line import names_in

# One argument of a command may hold this many bytes on Linux (MAX_ARG_STRLEN), and the shell is
# handed the whole command of a job as one.
LIMIT = 131_072
MANY = 10_000


def cohort(folder: Path, code: Path, n: int) -> Study:
    """A study of n participants whose raw files are there by name alone."""
    raw = folder / "raw"
    for kind in ("log", "ppg", "stim"):
        (raw / kind).mkdir(parents=True)
    for subject in range(1, n + 1):
        (raw / "log" / f"{subject:03d}-1-20240104-abcdef.log").touch()
        (raw / "ppg" / f"{subject:03d}_csv.txt").touch()
    for name in ("ASMR1.avi", "ASMR2.avi", "nature1.avi", "nature2.avi"):
        (raw / "stim" / name).touch()
    (folder / "tiny.yaml").write_text(yaml.safe_dump(TINY, sort_keys=False))
    return Study(folder, code, folder / "tiny.yaml")


def commands(study: Study) -> dict[str, int]:
    """Script -> length in bytes of the longest command that runs it."""
    # The logger of the default profile shows no commands.
    words = ["-s", study.code / "Snakefile", "-d", study.folder, "--configfile", study.overlay]
    said = subprocess.run(
        [sys.executable, "-m", "snakemake", *words, "-n", "-p"]
        + ["--profile", "none", "--workflow-profile", "none"],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, int] = {}
    for command, script in re.findall(
        r"^Shell command: (python \S*?scripts/(\S+)\.py.*)$",
        said.stdout + said.stderr,
        re.MULTILINE,
    ):
        found[script] = max(found.get(script, 0), len(command.encode()))
    return found


def test_commands_stay_within_the_limit_for_ten_thousand(tmp_path, code):
    few, more = 4, 24
    short, long = (commands(cohort(tmp_path / str(n), code, n)) for n in (few, more))
    assert len(short) > 25 and short.keys() == long.keys()
    each = {script: (long[script] - short[script]) / (more - few) for script in short}
    growing = {script for script, growth in each.items() if growth > 0.5}
    # Numbers of five digits take two more characters than those of three.
    at_many = {script: short[script] + MANY * (each[script] + 2) for script in growing}
    assert {script: size for script, size in at_many.items() if size > LIMIT} == {}
    # Only the lists of participants themselves name them.
    assert growing == {"inputs/list_participants"}


def test_jobs_of_ten_thousand_start(tmp_path, code):
    """The one command that names all of them really runs, and later ones read its list."""
    study = cohort(tmp_path, code, MANY)
    study.run("results/tiny/participants/all.txt", cores=1)
    names = names_in(study.results / "participants" / "all.txt")
    assert sorted(names, key=int) == [f"{number:03d}" for number in range(1, MANY + 1)]
