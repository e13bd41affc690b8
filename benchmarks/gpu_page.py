"""The section of docs/gpu.md that `make bench-gpu` writes."""

import json
import os
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import torch
from page import processor
from simulated import conditions, steps

from tinglegram.errors import TinglegramError
from tinglegram.study.protocols import PROTOCOLS

# Seconds in which one GPU of the H100's class should train the whole study.
AIM = 60.0
MEBIBYTE = 2**20

SECTION = """\
Trained on: {device}, PyTorch {torch}, {libraries}; {cores} CPU cores ({processor}), {system}.
{sharing}
Study: {people} people, {clips} clips, {steps} steps at {grid:g} Hz; networks {networks}, folds
{folds}; {epochs} epochs, batches of {batch}, float32.

{times}

{verdict}

- **s**: on the clock, from the first training's start to the last one's end; each training is a
  process that loads its libraries and files, as in a run of the workflow. Snakemake is not in it.
- **s each**: median of the single trainings, start included.
- **MiB a slot**: {memory}, at the most seen, divided by the trainings side by side.

The same training again:

{repeats}

The same training on the CPU, fold 1 of the first protocol:

{beside}
"""


@dataclass(frozen=True)
class Wave:
    """Trainings of one protocol in slots: seconds in all and of each, and bytes in use at most."""

    protocol: str
    slots: int
    seconds: float
    each: list[float]
    held: int


@dataclass(frozen=True)
class Repeated:
    """Trainings run several times: how many gave the same bytes, largest difference else."""

    what: str
    trainings: int
    times: int
    same: int
    largest: float


@dataclass(frozen=True)
class Beside:
    """A training on the device and on the CPU: macro F1 of each, differences of probabilities."""

    protocol: str
    model: str
    device_f1: float
    cpu_f1: float
    largest: float
    median: float


@dataclass(frozen=True)
class Measured:
    """All that was measured, and `about`: where, and on what."""

    about: dict[str, Any]
    waves: list[Wave]
    repeats: list[Repeated]
    beside: list[Beside]

    @classmethod
    def from_json(cls, text: str) -> "Measured":
        """Read what an earlier run wrote."""
        values = json.loads(text)
        return cls(
            values["about"],
            [Wave(**wave) for wave in values["waves"]],
            [Repeated(**repeat) for repeat in values["repeats"]],
            [Beside(**beside) for beside in values["beside"]],
        )

    def joined(self, earlier: "Measured") -> "Measured":
        """Put what an earlier run measured first; both must be of the same machine and study.

        Of trainings timed in the same slots by both, these count.
        """
        differing = [key for key in self.about if self.about[key] != earlier.about.get(key)]
        if differing:
            raise TinglegramError(
                f"The earlier measurements are not of this machine, code and study: other "
                f"{', '.join(differing)}. Leave out --also."
            )
        timed = {(wave.protocol, wave.slots) for wave in self.waves}
        kept = [wave for wave in earlier.waves if (wave.protocol, wave.slots) not in timed]
        return Measured(
            self.about,
            kept + self.waves,
            earlier.repeats + self.repeats,
            earlier.beside + self.beside,
        )


def about(settings: dict[str, Any], device: str, code: str) -> dict[str, Any]:
    """Describe machine and study; `code` is the checksum of what trains."""
    cuda = device == "cuda"
    return {
        "code": code,
        "cuda": cuda,
        "device": torch.cuda.get_device_name() if cuda else "the CPU",
        "torch": torch.__version__,
        "libraries": f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"
        if cuda
        else "no CUDA in use",
        "sharing": _sharing() if cuda else "",
        "cores": psutil.cpu_count(),
        "processor": processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "people": settings["bench"]["people"],
        "clips": len(conditions(settings)),
        "steps": steps(settings),
        "grid": settings["timing"]["grid"],
        "networks": ", ".join(settings["models"]),
        "folds": ", ".join(map(str, settings["bench"]["folds"])),
        "epochs": settings["training"]["bilstm"]["epochs"],
        "batch": settings["training"]["bilstm"]["batch"],
    }


def write_section(measured: Measured, whole: dict[str, int] | None) -> str:
    """Return the section in Markdown.

    Parameters
    ----------
    whole : protocol -> trainings of the whole study, which the aim is for; None where the study
        was made smaller or the device is no GPU.
    """
    cuda, waves = measured.about["cuda"], measured.waves
    repeats = [
        {
            "training": r.what,
            "trainings": str(r.trainings),
            "times": str(r.times),
            "same bytes": f"{r.same} of {r.trainings}",
            "largest difference of a probability": f"{r.largest:.2g}",
        }
        for r in measured.repeats
    ]
    beside = [
        {
            "protocol": b.protocol,
            "model": b.model,
            f"macro F1, {'GPU' if cuda else 'CPU'}": f"{b.device_f1:.4f}",
            "macro F1, CPU" if cuda else "macro F1, CPU again": f"{b.cpu_f1:.4f}",
            "largest difference of a probability": f"{b.largest:.2g}",
            "median": f"{b.median:.2g}",
        }
        for b in measured.beside
    ]
    return SECTION.format(
        **measured.about,
        times=_markdown(_times(waves)),
        verdict=_verdict(waves, whole),
        memory="GPU memory in use, CUDA's own part included" if cuda else "memory of the processes",
        repeats=_markdown(repeats),
        beside=_markdown(beside) if beside else "Not compared in this run.",
    )


def _times(waves: list[Wave]) -> list[dict[str, str]]:
    rows = [
        {
            "protocol": wave.protocol,
            "padding": str(PROTOCOLS[wave.protocol]["padding"]),
            "trainings": str(len(wave.each)),
            "slots": str(wave.slots),
            "s": f"{wave.seconds:.1f}",
            "s each": f"{statistics.median(wave.each):.1f}",
            "MiB a slot": f"{wave.held / min(wave.slots, len(wave.each)) / MEBIBYTE:.0f}",
        }
        for wave in waves
    ]
    for slots, together in sorted(_by_slots(waves).items()):
        held = max(wave.held / min(slots, len(wave.each)) for wave in together)
        rows.append(
            {
                "protocol": "**all**",
                "padding": "",
                "trainings": str(sum(len(wave.each) for wave in together)),
                "slots": str(slots),
                "s": f"**{sum(wave.seconds for wave in together):.1f}**",
                "s each": "",
                "MiB a slot": f"{held / MEBIBYTE:.0f}",
            }
        )
    return rows


def _by_slots(waves: list[Wave]) -> dict[int, list[Wave]]:
    found: dict[int, list[Wave]] = {}
    for wave in waves:
        found.setdefault(wave.slots, []).append(wave)
    return found


def _verdict(waves: list[Wave], whole: dict[str, int] | None) -> str:
    totals = {
        slots: sum(wave.seconds for wave in its)
        for slots, its in _by_slots(waves).items()
        if {wave.protocol: len(wave.each) for wave in its} == whole
    }
    if not totals:
        return "Not the whole study on a GPU, so not held against the aim."
    best = min(totals, key=lambda slots: totals[slots])
    mark = "reached" if totals[best] < AIM else "**missed**"
    return (
        f"Aim for the whole study's training on one GPU, below {AIM:.0f} s: {mark} "
        f"({totals[best]:.1f} s in {best} slots)."
    )


def _sharing() -> str:
    """Say whether processes compute side by side on the GPU or take turns."""
    pipes = Path(os.environ.get("CUDA_MPS_PIPE_DIRECTORY", "/tmp/nvidia-mps"))
    if pipes.exists():
        return "CUDA's multi-process service (MPS) was there: processes compute side by side."
    return "Without CUDA's multi-process service (MPS): processes take turns on the GPU."


def _markdown(rows: list[dict[str, str]]) -> str:
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)
