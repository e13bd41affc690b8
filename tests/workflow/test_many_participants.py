"""Ten thousand participants: no command line grows with them, and jobs of all of them start."""

import re
from pathlib import Path

import yaml
from conftest import TINY
from workflow_helpers import Study

# One argument of a command may hold this many bytes on Linux (MAX_ARG_STRLEN), and the shell is
# handed the whole command of a job as one.
LIMIT = 131_072
MANY = 10_000
STEPS = 20


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
    """Rule -> length in bytes of the longest command of its jobs."""
    said = study.run("-n", "-p", "--quiet", "progress")
    found: dict[str, int] = {}
    for rule, command in re.findall(
        r"^\s*rule (\w+):.*?^Shell command: (.*?)$", said, flags=re.MULTILINE | re.DOTALL
    ):
        found[rule] = max(found.get(rule, 0), len(command.encode()))
    return found


def test_commands_stay_within_the_limit_for_ten_thousand(tmp_path, code):
    few, more = 4, 24
    short, long = (commands(cohort(tmp_path / str(n), code, n)) for n in (few, more))
    assert len(short) > 25 and short.keys() == long.keys()
    each = {rule: (long[rule] - short[rule]) / (more - few) for rule in short}
    # Numbers of five digits take two more characters than those of three.
    at_many = {
        rule: short[rule] + MANY * (growth + 2 * (growth > 0)) for rule, growth in each.items()
    }
    assert {rule: size for rule, size in at_many.items() if size > LIMIT} == {}
    # Only the list of participants itself names them.
    assert {rule for rule, growth in each.items() if growth > 0} <= {"list_participants"}
