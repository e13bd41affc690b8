"""Run one stage of the benchmark in one way, and print its seconds and its peak memory as JSON.

Each measurement is a process of its own, so that no other one's memory or caches count. Seconds
are those the processor worked for this process (all its threads), which other work on the machine
disturbs less than the clock on the wall.
"""

import importlib
import json
import time
from pathlib import Path
from typing import Any

import psutil
from simulated import paper_scale, prepare, read_settings

from tinglegram.command_line import peak_memory, program, run
from tinglegram.files import write_arrays

MEBIBYTE = 2**20


def measure(stage: str, way: str, data: Path, results: Path) -> dict[str, Any]:
    """Run the stage; write what it computed to `results` (NPZ)."""
    # By name, because each process must hold the libraries of its own stage only.
    module = importlib.import_module(f"stages.{stage}")
    inputs = module.load(data, read_settings(data), way)
    before = psutil.Process().memory_info().rss
    started = time.process_time()
    found = getattr(module, way)(inputs)
    seconds = time.process_time() - started
    peak = peak_memory()
    if way == "ours" and hasattr(module, "also_compare"):
        found |= module.also_compare(inputs)
    if way == "reference" and hasattr(module, "scale"):
        seconds *= module.scale(inputs)
    write_arrays(results, found)
    return {
        "seconds": seconds,
        "peak_mib": peak / MEBIBYTE,
        "growth_mib": max(0, peak - before) / MEBIBYTE,
        "laps": [lap - started for lap in getattr(inputs, "laps", [])],
    }


def main() -> None:
    """Simulate the data, or measure one stage on them."""
    parser = program(__doc__)
    parser.add_argument("--stage", help="module under stages/; left out: simulate the data")
    parser.add_argument("--way", choices=["ours", "reference"], help="which way to run")
    parser.add_argument("--data", type=Path, required=True, help="folder of the simulated data")
    parser.add_argument("--results", type=Path, help="NPZ to write what was computed to")
    args = parser.parse_args()
    if args.stage is None:
        prepare(args.data, paper_scale())
    else:
        print(json.dumps(measure(args.stage, args.way, args.data, args.results)))


if __name__ == "__main__":
    run(main)
