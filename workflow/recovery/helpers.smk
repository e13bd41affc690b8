# What the rules of the validation need: paths, the effects and their options.
import os
import shlex
import sys
from pathlib import Path

import yaml

ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))
os.environ.update(PYTHONPATH=str(SOURCE.resolve()))

from tinglegram.provenance.code_files import code_files

RECOVERY = config["recovery"]
R = "results/recovery"
# Effects are named for readers; their files by place, since names hold blanks and apostrophes.
# An overlay takes a statistic out by setting it to null.
TOPICS = {topic: list(cells.items()) for topic, cells in RECOVERY["topics"].items() if cells}
CHUNKS = range(RECOVERY["chunks"])
BOUNDS = [round(RECOVERY["studies"] * k / len(CHUNKS)) for k in range(len(CHUNKS) + 1)]


def code(script):
    """The script and every module of ours it imports."""
    return code_files(ROOT / "scripts" / f"{script}.py", SOURCE)


def env(family):
    """The conda environment of a rule family."""
    return (ROOT / "envs" / f"{family}.yaml").resolve()


def options(**values):
    """Command-line options; mappings and lists as YAML."""
    words = []
    for name, value in values.items():
        text = (
            yaml.safe_dump(value, default_flow_style=True, width=10000).strip()
            if isinstance(value, (dict, list))
            else str(value)
        )
        words.append(f"--{name.replace('_', '-')}={text}")
    return shlex.join(words)


def effect(w):
    """The effect of a job: what is simulated, and which studies of it."""
    name, parameters = TOPICS[w.topic][int(w.cell)]
    first, end = BOUNDS[int(w.chunk)], BOUNDS[int(w.chunk) + 1]
    return options(
        topic=w.topic, cell=name, parameters=parameters, first=first + 1, studies=end - first
    )


COHORT = options(
    people=RECOVERY["people"],
    folds=config["folds"]["number"],
    **{name: config["timing"][name] for name in ("clip", "first_trial", "warm_up", "grid")},
    **{name: config["pulse"][name] for name in ("window", "step", "minimum_windows")},
    reporting=RECOVERY["reporting"],
)
CLIPS = shlex.join(
    word for code, clip in config["clips"].items() for word in ("--video", code, clip["condition"])
)
INSIDE = {name: RECOVERY[name] for name in ("bootstrap", "permutations")}
INSIDE["confidence"] = config["statistics"]["confidence"]
