"""Plan and run one size of the scaling benchmark in a folder of its own; collect what it cost."""

import csv
import functools
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import psutil
import yaml
from simulated import ROOT

from tinglegram.errors import TinglegramError

STUDY = "scale"
RESULTS = Path("results") / STUDY
DEMO = ROOT / "workflow/studies/demo.yaml"
# Seconds: two windows and more fit into a clip, and each rest is long enough to be used.
TIMING = {"clip": 12.0, "first_trial": 11.0, "warm_up": 3.0}
RESTS = [10.0, 12.0, 10.0]
# Pictures per second: a little more than the grid of the features, so that clips cost little.
FRAME_RATES = ["12"]
# Bytes of one sample in the text of a recording, rounded up; for the room that a run needs.
SAMPLE_BYTES = 40
# Seconds between two looks at the pace of the machine, and what is computed for it, some 20 ms.
PACE_EVERY, PACE_STEPS = 5.0, 200_000


def session_seconds(n_clips: int, clip: float, rests: Sequence[float]) -> float:
    """Return how long a session lasts."""
    return n_clips * clip + sum(rests)


def cohort(people: int, n_clips: int, scheme: str) -> dict[str, Any]:
    """Return the overlay of demo.yaml that changes nothing but people and clips."""
    conditions = ("ASMR", "Nature")
    more = {
        f"vid{i}": {"file": f"more{i}.avi", "condition": conditions[i % 2]}
        for i in range(9, n_clips + 1)
    }
    return {
        "study": STUDY,
        "data": {"root": str(RESULTS / "raw"), "simulation": {"participants": people}},
        "clips": more,
        "folds": {"scheme": scheme, "number": n_clips // 2},
        "report": {"tinglegram_subjects": [1], "claims": False},
    }


def shortened(overlay: dict[str, Any]) -> dict[str, Any]:
    """Return the overlay that is run: one protocol, one network, short clips, small pictures."""
    simulation = overlay["data"]["simulation"] | {"rests": RESTS, "frame_rates": FRAME_RATES}
    return overlay | {
        "protocols": ["corrected"],
        "data": overlay["data"] | {"simulation": simulation},
        "timing": TIMING,
        "stimuli": {"image_size": 32},
        "models": {"visual": None, "acoustic": None},
        "perturbations": ["shuffled_pulse"],
        "training": {"network_seeds": {"corrected": 1}},
    }


def scheme_of(n_clips: int, fewest_people: int) -> str:
    """Return the folds that the smallest cohort allows, so that all cohorts have the same.

    Double-independent folds need a person for each pair of clips.
    """
    few = fewest_people < n_clips // 2
    return "leave_one_clip_pair_out" if few else "double_independent"


def snakemake(folder: Path, overlay: Path, *arguments: str) -> list[str]:
    """Return the command that runs the workflow of this checkout in `folder`."""
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")),
        *("--directory", str(folder), "--configfile", str(DEMO), str(overlay), *arguments),
    ]


def timed(command: list[str], log: Path) -> dict[str, float]:
    """Run a command, its words into `log`; return seconds, processor seconds and peak MiB.

    The processor time and the peak are those of the command and of what it started.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    started = time.perf_counter()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=subprocess.STDOUT, env=os.environ | {"PATH": path}
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        tail = log.read_text(encoding="utf-8")[-3000:]
        raise TinglegramError(
            f"{' '.join(command[1:])} ended with code {process.returncode}:\n{tail}"
        )
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss * unit / 2**20,
    }


class Pace:
    """Seconds of the processor that a fixed computation takes, looked at throughout a block.

    What else runs on the same machine, other virtual machines too, changes how much a second of the
    processor does. Cohorts are measured one after the other, so each has a pace of its own.
    """

    def __enter__(self) -> "Pace":
        """Begin to look."""
        self.looks: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            started = time.thread_time()
            sum(i * i for i in range(PACE_STEPS))
            self.looks.append(time.thread_time() - started)
            if self._ended.wait(PACE_EVERY):
                return

    @property
    def seconds(self) -> float:
        """Return the mean of all looks."""
        return mean(self.looks)


def write_overlay(folder: Path, overlay: dict[str, Any]) -> Path:
    """Write an overlay into a working folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(overlay, sort_keys=False), encoding="utf-8")
    return path


def planned_jobs(listing: str) -> int:
    """Return how many jobs a dry run plans."""
    total = re.search(r"^\s*total\s+(\d+)", listing, re.MULTILINE)
    if total is None:
        raise TinglegramError(f"The dry run did not say how many jobs it plans:\n{listing[-2000:]}")
    return int(total[1])


def plan(folder: Path, overlay: dict[str, Any]) -> dict[str, Any]:
    """Time a dry run of the whole demo (three protocols, four models) before any file exists."""
    path, log = write_overlay(folder, overlay), folder / "plan.log"
    cost = timed(snakemake(folder, path, "-n", "--quiet"), log)
    return cost | {"jobs": planned_jobs(log.read_text(encoding="utf-8"))}


def longest_command(folder: Path, overlay: dict[str, Any]) -> int:
    """Return the length, in bytes, of the longest shell command that the whole demo plans."""
    path, log = write_overlay(folder, overlay), folder / "commands.log"
    timed(snakemake(folder, path, "-n", "-p", "--workflow-profile", "none"), log)
    commands = re.findall(r"^.*\bpython .*$", log.read_text(encoding="utf-8"), re.MULTILINE)
    if not commands:
        raise TinglegramError(f"{log}: expected shell commands, found none.")
    return max(len(command.encode()) for command in commands)


def plan_of_some(folder: Path, overlay: dict[str, Any], share: int) -> dict[str, dict[str, float]]:
    """Time two ways to plan a part of the study: a batch of a rule, and files asked for by name."""
    path, log = write_overlay(folder, overlay), folder / "part.log"
    people = overlay["data"]["simulation"]["participants"]
    wanted = [f"{RESULTS}/corrected/pulse_windows/{n + 1:03d}.tsv" for n in range(people // share)]
    ways = {"batch": ["--batch", f"make_folds=1/{share}"], "files": ["--", *wanted]}
    found = {}
    for way, words in ways.items():
        cost = timed(snakemake(folder, path, "-n", "--quiet", *words), log)
        found[way] = cost | {"jobs": planned_jobs(log.read_text(encoding="utf-8"))}
    return found


@functools.cache
def stages() -> dict[str, str]:
    """Return rule -> stage, the name of its rule file."""
    return {
        rule: path.stem
        for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
        for rule in re.findall(r"/benchmarks/(\w+)", path.read_text(encoding="utf-8"))
    }


def collect(results: Path) -> list[dict[str, Any]]:
    """Read every job's benchmark file and log: rule, s, peak_mib.

    The peak is what the job itself says at its end; Snakemake looks twice a second, which is too
    seldom for short jobs. It is None where a job says none: one that only copies files.
    """
    jobs, benchmarks = [], results / "benchmarks"
    for path in sorted(benchmarks.rglob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            row = next(csv.DictReader(stream, delimiter="\t"))
        name = path.relative_to(benchmarks)
        log = (results / "logs" / name).with_suffix(".log").read_text(encoding="utf-8")
        peaks = [float(peak) for peak in re.findall(r"^INFO peak memory: (\d+) MiB$", log, re.M)]
        jobs.append(
            {
                "rule": name.parts[0].removesuffix(".tsv"),
                "s": float(row["s"]),
                "peak_mib": max(peaks, default=None),
            }
        )
    if not jobs:
        raise TinglegramError(f"{benchmarks}: expected benchmark files of jobs, found none.")
    return jobs


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def require_room(folder: Path, people: int, n_clips: int) -> None:
    """Raise TinglegramError unless the disk has room for the recordings of a run."""
    simulation = yaml.safe_load(DEMO.read_text(encoding="utf-8"))["data"]["simulation"]
    seconds = session_seconds(n_clips, TIMING["clip"], RESTS)
    needed = people * seconds * simulation["sampling_rate"] * SAMPLE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise TinglegramError(
            f"{folder}: {people} people and {n_clips} clips need {needed / 1e9:.1f} GB, found "
            f"{free / 1e9:.1f} GB free. Choose another --folder or smaller cohorts."
        )


def run_size(folder: Path, overlay: dict[str, Any], cores: int) -> dict[str, Any]:
    """Run the workflow on one size; return its jobs, its time and its disk.

    Everything it wrote is removed afterwards: raw data go with the results, because provenance
    and inventory read them too and a rule that threw them away would simulate them again.
    """
    path, results = write_overlay(folder, overlay), folder / RESULTS
    with Pace() as pace:
        cost = timed(snakemake(folder, path, "--cores", str(cores)), folder / "run.log")
    raw = size_of(results / "raw")
    found = {
        "cores": cores,
        "wall_s": cost["seconds"],
        "cpu_s": cost["cpu_seconds"],
        "pace_s": pace.seconds,
        "load": psutil.getloadavg()[2],
        "jobs": [job | {"stage": stages()[job["rule"]]} for job in collect(results)],
        "raw_bytes": raw,
        "results_bytes": size_of(results) - raw,
    }
    shutil.rmtree(folder)
    return found
