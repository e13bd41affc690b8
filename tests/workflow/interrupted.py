"""Run a script as `python` does, and kill it, Snakemake or both at a moment that was asked for.

Faults wait as files in a folder, NUMBER-SCRIPT-WHO-MOMENT: a job takes the first one that names
its script by moving it to the folder `done`, so that each is injected once. WHO is `job`,
`snakemake` or `both`; MOMENT is `begin`, before the script starts; `written`, when an output is
complete but still has its temporary name; `named`, right after an output got its name. Where
Snakemake alone is killed, the job goes on and writes beside the one that the resumed run starts.
"""

import os
import runpy
import signal
import sys
from pathlib import Path

SNAKEMAKE, BOTH = "snakemake", "both"


def take(folder: Path, script: str) -> tuple[str, str] | None:
    """Who is to be killed and when, if a fault waits for this script."""
    for fault in sorted((folder / "waiting").iterdir()):
        _, name, who, moment = fault.name.split("-")
        if name == script:
            try:
                fault.rename(folder / "done" / fault.name)
            except FileNotFoundError:
                continue
            return who, moment
    return None


def strike(who: str) -> None:
    """Kill; a job that is not killed itself goes on."""
    # Snakemake leads the session that the test started.
    leader = os.getsid(0)
    if who == BOTH:
        os.killpg(leader, signal.SIGKILL)
    os.kill(leader if who == SNAKEMAKE else os.getpid(), signal.SIGKILL)


def arm(who: str, moment: str) -> None:
    """Strike at the first output that gets its name."""
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        Path.replace = replace
        if moment == "written":
            strike(who)
        answer = replace(self, target)
        strike(who) if moment == "named" else None
        return answer

    Path.replace = interrupted


def main() -> None:
    """Run the script given as the first argument."""
    folder, script = Path(sys.argv[1]), sys.argv[2]
    fault = take(folder, Path(script).stem)
    if fault and fault[1] == "begin":
        strike(fault[0])
    elif fault:
        arm(*fault)
    sys.argv = sys.argv[2:]
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
