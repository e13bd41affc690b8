"""Time each stage beside a plain reference of it, on the same data; compare their results.

Needs no input: the data are simulated. Ends with an error if any results differ.
"""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from page import WAYS, Planning, rows, write_page
from simulated import ROOT, read_settings
from stages import STAGES, Stage

from tinglegram.command_line import program, run
from tinglegram.errors import TinglegramError
from tinglegram.files import read_arrays, write_text

# One thread in both ways, whatever library computes.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
DRY_RUN = ["snakemake", "-n", "--forceall", "--configfile", "workflow/studies/demo.yaml"]


def measured_once(*arguments: str | Path) -> str:
    """Run `measure.py` in a process of its own; return what it printed."""
    script = Path(__file__).with_name("measure.py")
    answer = subprocess.run(
        [sys.executable, script, *arguments],
        env=os.environ | ONE_THREAD,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise TinglegramError(
            f"measure.py {' '.join(map(str, arguments))} ended with code {answer.returncode}; "
            "what it said stands above."
        )
    return answer.stdout


def require_equal(stage: Stage, ours: dict[str, np.ndarray], plain: dict[str, np.ndarray]) -> None:
    """Raise TinglegramError unless both ways found the same arrays, within the tolerance."""
    differing = sorted(ours.keys() ^ plain.keys())
    for name in sorted(ours.keys() & plain.keys()):
        a, b = ours[name], plain[name]
        if a.shape != b.shape or not np.allclose(a, b, stage.rtol, stage.atol, equal_nan=True):
            differing.append(name)
    if differing:
        raise TinglegramError(
            f"{stage.title}: our results are not those of the plain way ({', '.join(differing)}). "
            "Find out which of them is wrong before looking at any time."
        )


def measure_stage(stage: Stage, data: Path) -> dict[str, list[dict[str, Any]]]:
    """Run both ways of a stage, alternated; return the measurements of either."""
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for repeat in range(stage.repeats):
        found = {}
        for way in WAYS:
            results = data / f"{stage.module}_{way}.npz"
            options = ["--stage", stage.module, "--way", way, "--data", data, "--results", results]
            runs[way].append(json.loads(measured_once(*options)))
            found[way] = read_arrays(results)
        require_equal(stage, found["ours"], found["reference"])
        both = [runs[way][repeat]["seconds"] for way in WAYS]
        logging.info("%s: ours %.3f s, plain %.3f s, equal", stage.title, *both)
    return runs


def measure_planning(repeats: int = 3) -> Planning:
    """Time a dry run of the demo study that plans every job."""
    seconds, said = [], ""
    for _ in range(repeats):
        started = time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-m", *DRY_RUN],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        ).stdout
        seconds.append(time.perf_counter() - started)
    total = re.search(r"^\s*total\s+(\d+)", said, re.MULTILINE)
    if total is None:
        raise TinglegramError(f"The dry run did not say how many jobs it plans:\n{said[-2000:]}")
    return Planning(" ".join(DRY_RUN), seconds, int(total[1]))


def main() -> None:
    """Simulate, measure, compare, write the page."""
    parser = program(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="page to write (Markdown)")
    args = parser.parse_args()

    started = time.perf_counter()
    measured: list[tuple[Stage, dict[str, list[dict[str, Any]]]]] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        measured_once("--data", data)
        settings = read_settings(data)
        logging.info("data simulated")
        for stage in STAGES:
            again = stage.lap is not None
            measured.append((stage, measured[-1][1] if again else measure_stage(stage, data)))
    planning = measure_planning()
    minutes = (time.perf_counter() - started) / 60
    before = args.output.read_text(encoding="utf-8") if args.output.exists() else ""
    page = write_page(measured, settings, planning, "make bench", minutes, before)
    write_text(page, args.output)
    table = rows(measured, settings).drop(columns=["data", "plain way"])
    print(table.to_string(index=False))


if __name__ == "__main__":
    run(main)
