# What all stages use. Where files lie, which code a job depends on, and which protocol computes a
# stage that several protocols share.
import os
import re
import shlex
import tomllib

# Jobs run scripts with the `python` of their environment; the library comes from this checkout.
# Arrow's own allocators keep what was freed, some 30 MiB of reading a table of many people.
# A job that the system kills can say nothing itself; the shell around it can (128 + SIGKILL).
os.environ.update(
    PYTHONPATH=str(SOURCE.resolve()),
    ARROW_DEFAULT_MEMORY_POOL="system",
    TINGLEGRAM_KILLED=(
        "ERROR The job named below was killed from outside, nearly always because memory ran out."
        " What it is known to need stands as mem_mb in the resources of its rule (workflow/rules)."
        " Run fewer jobs at once (CORES=1), close other programs, or take a larger machine, then"
        " run the same command again."
    ),
)
shell.prefix("set -euo pipefail; trap '[ $? != 137 ] || echo \"$TINGLEGRAM_KILLED\" >&2' EXIT; ")

from tinglegram.study import protocols
from tinglegram.provenance.code_files import code_files

R = f"results/{config['study']}"
PROTOCOLS = list(config["protocols"])
OWN = config["own_protocols"]
SWITCHES = {p: protocols.switches(p, config["overrides"], OWN) for p in PROTOCOLS}
# Networks trained per fold; a protocol of the study's own takes the number of its root.
NETWORK_SEEDS = {p: config["training"]["network_seeds"][protocols.root(p, OWN)] for p in PROTOCOLS}
CLIPS = config["clips"]
MODELS = config["models"] if config["data"]["root"] else {}
NETWORKS = [name for name, about in MODELS.items() if about["kind"] == "bilstm"]
SCORED = list(MODELS) + (["published"] if config["published_predictions"] else [])
# The condition whose reports are predicted, and its control: the order of the clips decides.
TARGET, CONTROL = dict.fromkeys(clip["condition"] for clip in CLIPS.values())
# The two tables of the configuration that many scripts take, as command-line options.
VIDEO_FLAGS = shlex.join(
    part for video, clip in CLIPS.items() for part in ("--video", video, clip["condition"])
)
RATING_FLAGS = shlex.join(
    part for key, rating in config["ratings"].items() for part in ("--rating", key, str(rating))
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Whose versions stand in the provenance: the dependencies of docs/dependencies.md.
PACKAGES = PROJECT["dependencies"]


wildcard_constraints:
    protocol="|".join(PROTOCOLS),
    subject=r"\d\d\d+",
    replicate=r"\d+",
    video="|".join(map(re.escape, CLIPS)),
    fold=r"\d+",


def env(family):
    """The conda environment of a rule family."""
    return (ROOT / "envs" / f"{family}.yaml").resolve()


def caption(name):
    """The one-sentence caption of a result in Snakemake's own report."""
    return (ROOT / "workflow" / "report" / f"{name}.rst").resolve()


def code(script):
    """The script and every module of ours it imports, directly or not: edit one, rerun the rule."""
    return code_files(ROOT / "scripts" / f"{script}.py", SOURCE)


def flags(section, *names):
    """Command-line options for single values of a configuration section."""
    options = []
    for name in names:
        value = section[name]
        if value is not None:
            options.append(f"--{name.replace('_', '-')}")
            options += [str(v) for v in (value if isinstance(value, list) else [value])]
    return shlex.join(options)
