"""Time the whole study's training on a GPU in slots, and compare its repetitions and the CPU's.

Needs no input: the trials are simulated in the study's size. Every training is a process of its
own, the script of the rule `train_network`, as in a run of the workflow. Where there is no CUDA
device it ends with exit code 2. A JSON beside the section takes the measurements, so that they
can be made in several runs (--also).
"""

import argparse
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from compare import ONE_THREAD
from gpu_page import Beside, Measured, Repeated, Wave, about, write_section
from gpu_study import SCRIPT, Predicted, Training, command, predicted, prepare, trainings
from simulated import ROOT, paper_scale

from tinglegram.command_line import program, run
from tinglegram.errors import TinglegramError
from tinglegram.files import write_json, write_text
from tinglegram.provenance.code_files import code_files
from tinglegram.study.protocols import PROTOCOLS

# Seconds between two looks at the memory in use.
LOOK_EVERY = 0.1


def held_on(device: str) -> Callable[[], int]:
    """Return what tells how many bytes are in use: of the GPU by anyone, of memory by the jobs."""
    if device == "cuda":

        def used() -> int:
            free, total = torch.cuda.mem_get_info()
            return total - free

        return used
    return _memory_of_children


def _memory_of_children() -> int:
    sizes = 0
    for child in psutil.Process().children(recursive=True):
        try:
            sizes += child.memory_info().rss
        except psutil.Error:
            # It ended between the two calls.
            continue
    return sizes


@contextmanager
def watched(used: Callable[[], int]) -> Iterator[list[int]]:
    """Look at `used` until the block ends; the list holds what came on top of its first value."""
    before, seen, done = used(), [0], threading.Event()

    def look() -> None:
        while not done.wait(LOOK_EVERY):
            seen.append(used() - before)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


class Bench:
    """Runs trainings on simulated data; `work` takes the data and what the trainings leave."""

    def __init__(self, settings: dict[str, Any], work: Path) -> None:
        """Simulate the data."""
        self.settings, self.work = settings, work
        prepare(work, settings)
        logging.info("data simulated: %d people", settings["bench"]["people"])

    def train(self, training: Training, device: str, results: Path) -> float:
        """Train one network in a process of its own; return the seconds on the clock."""
        results.mkdir(parents=True)
        words = command(training, self.settings, self.work, device, results)
        started = time.perf_counter()
        answer = subprocess.run(
            [sys.executable, *words],
            env=os.environ | ONE_THREAD,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise TinglegramError(
                f"The training {training.name} on {device} ended with code {answer.returncode}: "
                f"{answer.stdout[-2000:]}"
            )
        return time.perf_counter() - started

    def wave(
        self, label: str, jobs: Sequence[Training], device: str, slots: int
    ) -> tuple[Wave, list[Predicted]]:
        """Run trainings in so many slots; return how it went and what each of them predicted."""
        places = [self.work / "runs" / label / f"{i}-{job.name}" for i, job in enumerate(jobs, 1)]
        with watched(held_on(device)) as held, ThreadPoolExecutor(slots) as pool:
            started = time.perf_counter()
            each = list(pool.map(self.train, jobs, [device] * len(jobs), places))
            wall = time.perf_counter() - started
        found = [
            predicted(place, str(PROTOCOLS[job.protocol]["padding"]))
            for job, place in zip(jobs, places, strict=True)
        ]
        protocol = jobs[0].protocol
        logging.info("%s: %d trainings, %d slots, %.1f s", label, len(jobs), slots, wall)
        return Wave(protocol, slots, wall, each, max(held)), found


def repeated(what: str, runs: list[list[Predicted]]) -> Repeated:
    """Compare the repetitions of several trainings; each inner list is one of them, repeated."""
    largest = [
        max((float(np.abs(r.probability - first.probability).max()) for r in more), default=0.0)
        for first, *more in runs
    ]
    same = [all(r.content == first.content for r in more) for first, *more in runs]
    return Repeated(what, len(runs), len(runs[0]), sum(same), max(largest))


def require_device(device: str) -> None:
    """End with exit code 2 where the device is not there."""
    if device == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda or "no CUDA at all"
        logging.error(
            "This benchmark expected a CUDA device, found none (PyTorch %s, built for CUDA: %s). "
            "Run it on a machine with an NVIDIA GPU and its driver, or add "
            "--device cpu --people 4 --epochs 1 to see that it runs.",
            *(torch.__version__, built),
        )
        sys.exit(2)


def measure(bench: Bench, jobs: dict[str, list[Training]], args: argparse.Namespace) -> Measured:
    """Run the trainings in every count of slots, then again, then some on the CPU."""
    code = hashlib.sha256(b"".join(Path(p).read_bytes() for p in code_files(SCRIPT, ROOT / "src")))
    measured = Measured(about(bench.settings, args.device, code.hexdigest()), [], [], [])
    earlier = measured
    if args.also:
        earlier = Measured.from_json(args.also.read_text(encoding="utf-8"))
        # Before anything is measured: it raises where the two do not fit.
        measured.joined(earlier)
    waves: list[Wave] = []
    results: dict[Training, list[Predicted]] = {}
    for slots in args.slots:
        for protocol, its in jobs.items():
            wave, found = bench.wave(f"{protocol}-{slots}", its, args.device, slots)
            waves.append(wave)
            for job, prediction in zip(its, found, strict=True):
                results.setdefault(job, []).append(prediction)
    repeats = []
    for protocol, (first, *_) in jobs.items():
        again = [first] * args.repeats
        found = bench.wave(f"{protocol}-again", again, args.device, max(args.slots))[1]
        repeats.append(repeated(f"{first.name}, {max(args.slots)} side by side", [found]))
    if len(args.slots) > 1:
        counts = ", ".join(map(str, args.slots))
        repeats.append(repeated(f"every one, in {counts} slots", [*results.values()]))
    beside = []
    if args.compare_cpu:
        # One fold: on a CPU the study takes hours.
        its = next(iter(jobs.values()))
        chosen = [job for job in its if (job.fold, job.replicate) == (its[0].fold, 1)]
        on_cpu = bench.wave("on-cpu", chosen, "cpu", psutil.cpu_count() or 1)[1]
        for job, cpu in zip(chosen, on_cpu, strict=True):
            ours = results[job][0]
            away = np.abs(ours.probability - cpu.probability)
            scores = (ours.macro_f1, cpu.macro_f1)
            beside.append(
                Beside(job.protocol, job.model, *scores, float(away.max()), float(np.median(away)))
            )
    return Measured(measured.about, waves, repeats, beside).joined(earlier)


def main() -> None:
    """Simulate, train in slots, repeat, compare with the CPU, write the section of the page."""
    study = paper_scale()
    networks = [name for name, model in study["models"].items() if model["kind"] == "bilstm"]
    folds = list(range(1, study["folds"]["number"] + 1))
    people, epochs = study["bench"]["people"], study["training"]["bilstm"]["epochs"]
    parser = program(__doc__)
    add = parser.add_argument
    add("--output", type=Path, required=True, help="section of the page to write (Markdown)")
    add("--also", type=Path, help="JSON of an earlier run, whose measurements join the section")
    add("--device", choices=["cuda", "cpu"], default="cuda", help="where to train")
    add("--people", type=int, default=people, help="people in the study")
    add("--epochs", type=int, default=epochs, help="passes over the training trials")
    add("--protocols", nargs="+", choices=PROTOCOLS, default=study["protocols"], help="to train")
    add("--networks", nargs="+", choices=networks, default=networks, help="to train")
    add("--folds", type=int, nargs="+", choices=folds, default=folds, help="to train")
    add("--slots", type=int, nargs="+", default=[1, 4, 8, 12], help="trainings side by side")
    add("--repeats", type=int, default=5, help="of one training for each protocol")
    compare_cpu = argparse.BooleanOptionalAction
    add("--compare-cpu", action=compare_cpu, default=True, help="train one fold on the CPU too")
    args = parser.parse_args()
    args.slots = sorted(set(args.slots))
    if args.slots[0] < 1 or args.repeats < 2:
        raise TinglegramError("--slots takes numbers from 1, --repeats one from 2.")
    require_device(args.device)

    everything = trainings(study, folds)
    full = (args.device, args.people, args.epochs) == ("cuda", people, epochs)
    study["bench"] = study["bench"] | {"people": args.people, "folds": args.folds}
    study["protocols"] = args.protocols
    study["models"] = {name: study["models"][name] for name in args.networks}
    study["training"]["bilstm"]["epochs"] = args.epochs
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Bench(study, Path(folder)), trainings(study, args.folds), args)
    whole = {protocol: len(its) for protocol, its in everything.items()} if full else None
    section = write_section(measured, whole)
    write_json(asdict(measured), args.output.with_suffix(".json"))
    write_text(section, args.output)
    print(section)


if __name__ == "__main__":
    run(main)
