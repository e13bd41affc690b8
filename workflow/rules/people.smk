# Who takes part, with which files. The names of raw files decide; what stands in them does where
# the configuration decides by itself about a kind of problem (data: problems).
import sys

from tinglegram.errors import TinglegramError
from tinglegram.trials.folds import number_of_folds
from tinglegram.inputs import exclusions, raw_files

POLICIES = {k: d for k, d in config["data"]["problems"].items() if d != "error"}
# Says that nothing in the raw files stops the study; its rule fails otherwise, naming everything.
ACCEPTED = f"{R}/inputs_accepted.txt"


def planned_decisions():
    """What the policies leave out: (subject, video or *) -> reason, and people without pulse."""
    simulated = config["data"]["simulation"] is not None
    raw = [*RAW.every_log, *RAW.every_ppg, *RAW.clips.values()]
    # The files of a simulated study come to be in the same run and have no problems.
    if not POLICIES or (simulated and not all(os.path.exists(path) for path in raw)):
        return {}, []
    # Imported here, because most studies leave nothing to policies.
    from tinglegram.inputs.inventory import decide
    from tinglegram.inputs.inspection import Cache, design_of, inspect

    cache = Cache(Path(R) / "inspection.json", code("inputs/take_inventory"))
    found = inspect(RAW, design_of(config), EXCLUSIONS, cache)
    decided = decide(found.entries, POLICIES, EXCLUSIONS.keys(), CLIPS)
    return decided.excluded, decided.without_pulse


def raw_file(files, name):
    """A raw file; where there is none, the file whose rule then fails and says so."""
    path = files.get(name)
    there = path and (config["data"]["simulation"] or os.path.exists(path))
    return path if there else ACCEPTED


try:
    RAW = raw_files.raw_files(
        **{k: config["data"][k] for k in ("root", "simulation")}, clips=CLIPS, seed=config["seed"]
    )
    configuration.require_plain_names([*RAW.every_log, *RAW.every_ppg])
    # The table goes before the policies; both together leave out.
    EXCLUSIONS = exclusions.read_exclusions(config["data"]["exclusions"], RAW, CLIPS)
    BY_POLICY, WITHOUT_PULSE = planned_decisions()
    LEFT_OUT = BY_POLICY | EXCLUSIONS
    if config["data"]["root"] is not None:
        exclusions.require_participants(RAW, LEFT_OUT, WITHOUT_PULSE, config["data"]["root"])
    SUBJECTS = [s for s in RAW.subjects if (s, "*") not in LEFT_OUT]
    with configuration.placed(OUTLINES, "folds", "number"):
        N_FOLDS = number_of_folds(
            *(config["folds"][k] for k in ("scheme", "number")),
            n_people=len(SUBJECTS),
            clips={code: clip["condition"] for code, clip in CLIPS.items()},
        )
except TinglegramError as problem:
    raise WorkflowError(str(problem))
FOLDS = range(1, N_FOLDS + 1)
if any(word.startswith("--rulegraph") for word in sys.argv):
    # Everybody has the same rules, and their graph shows each once. One person with pulse, and those
    # whose Tinglegrams are drawn, are enough; planning for it then does not grow with people.
    shown = config["report"]["tinglegram_subjects"]
    first = ([s for s in SUBJECTS if s not in WITHOUT_PULSE] or SUBJECTS)[:1]
    SUBJECTS = [s for s in SUBJECTS if s in first or (shown != "all" and int(s) in shown)]
    RAW = RAW.of(SUBJECTS)
WITH_PULSE = [s for s in SUBJECTS if s not in WITHOUT_PULSE]
# Raw files that are there, or will be.
RAW_FILES = [
    path
    for path in [*RAW.every_log, *RAW.every_ppg, *RAW.clips.values()]
    if config["data"]["simulation"] or os.path.exists(path)
]
