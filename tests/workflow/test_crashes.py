"""Kills, a full disk, too little memory, a broken person: nothing half-written, all resumable."""

import itertools
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elsewhere import environment, fresh
from paths import ROOT
from workflow_helpers import Study, changed, compare, fingerprint

# `make test` kills once in every stage, a job, Snakemake or both in turn, and makes one protocol;
# `make reliability` makes everything and kills each of them in every stage.
IS_SHORT = os.environ.get("TEST_KILLS") == "short"

# Stage -> scripts of its rules, in the order of the data. Several jobs of a stage are killed.
STAGES = {
    "inputs": ("take_inventory", "record_provenance"),
    "behaviour": ("read_log", "rate_grid"),
    "pulse": ("slice_recording", "resample", "compute_windows"),
    "stimuli": ("extract_features",),
    "trials": ("make_folds",),
    "models": ("train_network", "train_boosting", "reevaluate"),
    "statistics": ("score_model", "measure_agreement", "give_verdicts"),
    "report": ("make_tables", "draw_ratings", *(() if IS_SHORT else ("write_report",))),
}
WHO = ("job", "snakemake", "both")
MOMENTS = ("written", "named", "begin")


def faults() -> list[str]:
    """Every stage with each of the three kinds of kill; the moments take turns."""
    moments = itertools.cycle(MOMENTS)
    found = []
    for number, scripts in enumerate(STAGES.values()):
        kinds = (WHO[number % 3],) if IS_SHORT else WHO
        for who, script in zip(kinds, itertools.cycle(scripts), strict=False):
            found.append(f"{len(found):02d}-{script}-{who}-{next(moments)}")
        # There are as many kinds as moments: one turn more, and each kind meets another moment.
        if number % 2:
            next(moments)
    return found


FAULTS = faults()


def targets(finished: Study) -> list[str]:
    """What is made: everything, or the figures and tables of one protocol, and the records."""
    if not IS_SHORT:
        return []
    found = [
        path.relative_to(finished.folder).as_posix()
        for kind in ("figures/*.svg", "tables/*.tsv")
        for path in sorted((finished.results / "described").glob(kind))
    ]
    return [*found, "results/tiny/provenance.json", "results/tiny/figures/workflow.svg"]


def python_that_is(folder: Path, command: str) -> Path:
    """A folder whose `python` runs the given shell command with the arguments of the job."""
    (folder / "bin").mkdir()
    shim = folder / "bin/python"
    shim.write_text(f"#!/bin/sh\n{command}\n")
    shim.chmod(0o755)
    return shim.parent


def half_written(study: Study) -> list[Path]:
    return list(study.folder.rglob(".*.partial*"))


def test_every_kill_in_every_stage_is_survived_in_another_place(
    finished, tmp_path_factory, tmp_path, record_property
):
    """The run is killed again and again, resumed, and ends with the bytes of the quiet one.

    That one had two cores, this one has one, and everything of `elsewhere` differs, too.
    """
    study = fresh(finished, tmp_path_factory.mktemp("elsewhere") / "deeper" / "down")
    for name in ("waiting", "done"):
        (tmp_path / name).mkdir()
    for fault in FAULTS:
        (tmp_path / "waiting" / fault).touch()
    python = python_that_is(
        tmp_path,
        f'exec "{sys.executable}" "{ROOT}/tests/workflow/interrupted.py" "{tmp_path}" "$@"',
    )
    log, wanted = tmp_path / "said.log", targets(finished)
    with log.open("w") as said:
        how = {"output": said, "first_on_path": python}
        how["environment"] = environment(tmp_path_factory.mktemp("home"))
        code, _ = study.snakemake("--cores", "1", "--keep-going", *wanted, **how)
        rounds = 1
        while code != 0:
            before = len(list((tmp_path / "done").iterdir()))
            code, _ = study.resume("--keep-going", *wanted, cores=1, **how)
            rounds += 1
            assert code == 0 or len(list((tmp_path / "done").iterdir())) > before, log.read_text()
    assert {p.name for p in (tmp_path / "done").iterdir()} == set(FAULTS)
    # Each killed Snakemake took a resumption of its own.
    assert rounds > sum("-job-" not in fault for fault in FAULTS)
    compare(finished, study, record_property, is_part=IS_SHORT)
    kinds = {path.suffix.lstrip(".") for path in finished.results.rglob("*")}
    assert kinds >= {"tsv", "npz", "parquet", "safetensors", "ubj", "svg", "png", "html", "json"}
    assert half_written(study) == []
    assert study.plan(*wanted) == Counter()
    for name, count in {"kills": len(FAULTS), "resumed": rounds - 1}.items():
        record_property(name, count)


def mounted(folder: Path, megabytes: int, *more: str) -> bool:
    """Give a folder a disk of its own, if this machine lets us."""
    options = ",".join(["size=" + str(megabytes) + "m", *more])
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.fixture
def no_room(finished, tmp_path_factory, tmp_path) -> Iterator[tuple[Study, Callable]]:
    """A study whose recordings do not fit into its results, and how to run it with room enough.

    The results lie on a small disk of their own; where nobody may mount one, no file may be large.
    """
    study = fresh(finished, tmp_path_factory.mktemp("study"))
    study.results.mkdir(parents=True)
    # 400 blocks of 512 bytes.
    limited = python_that_is(tmp_path, f'ulimit -f 400; exec "{sys.executable}" "$@"')
    disk = mounted(study.results, 1)

    def run(*targets: str, room: bool) -> tuple[int, str]:
        if disk and room:
            assert mounted(study.results, 64, "remount")
        python = None if disk or room else limited
        return study.snakemake("--cores", "1", *targets, first_on_path=python)

    yield study, run
    if disk:
        subprocess.run(["umount", str(study.results)], check=True)


def test_full_disk_is_named_and_resumed_from(no_room, finished):
    study, run = no_room
    target = "results/tiny/recordings/001.npz"
    first = "results/tiny/canonical/001_signals.npz"
    code, said = run(target, room=False)
    said = " ".join(said.split())
    assert code != 0
    assert "slice_recording" in said
    assert f"ERROR {first}: expected room for the whole file, found none after" in said
    assert "Traceback" not in said
    assert not (study.folder / target).exists()
    assert half_written(study) == []
    code, said = run(target, room=True)
    assert code == 0, said
    assert (study.folder / target).read_bytes() == (finished.folder / target).read_bytes()


def test_too_little_memory_is_named(study):
    overlay = study.folder / "tiny.yaml"
    overlay.write_text(overlay.read_text() + "statistics: {agreement_bootstrap: 1000000000000}\n")
    before = fingerprint(study.results)
    code, said = study.snakemake("--cores", "1", "results/tiny/described/statistics/agreement.tsv")
    said = " ".join(said.split())
    assert code != 0
    assert "Failed measure_agreement" in said
    assert "ERROR measure_agreement.py: expected enough memory, found none left with" in said
    assert "Unable to allocate" in said and "mem_mb" in said
    assert "Traceback" not in said
    # The failed job's own output is gone and all else is whole; the copy of the configuration is
    # a job of its own, which Snakemake starts before the failure or not at all.
    assert set(changed(before, fingerprint(study.results))) - {"config.yaml"} == {
        "described/statistics/agreement.tsv"
    }


def test_killed_job_says_what_may_have_happened(study, tmp_path):
    """What the system does when memory runs out: the job is killed and cannot say why."""
    shim = python_that_is(tmp_path, "kill -9 $$")
    (study.results / "described/statistics/agreement.tsv").unlink()
    code, said = study.snakemake(
        "--cores",
        "1",
        "results/tiny/described/statistics/agreement.tsv",
        first_on_path=shim,
    )
    said = " ".join(said.split())
    assert code != 0
    assert "ERROR The job named below was killed from outside, nearly always because memory" in said
    assert "Failed measure_agreement" in said


# What is made of each person's log alone, and of the pulse recording cut by it.
OF_LOG = ("timeline", "presses", "described/labels")
OF_PULSE = ("recordings", "rests") + tuple(
    f"described/{name}" for name in ("pulse_10hz", "pulse_windows", "pulse_blocks")
)


def test_everything_else_is_finished_when_people_are_broken(study, finished, record_property):
    """With --keep-going, every file that needs nothing of what is broken is made again."""
    logs, pulses = (
        {
            path.relative_to(finished.results): path.read_bytes()
            for folder in folders
            for path in (finished.results / folder).iterdir()
        }
        for folders in (OF_LOG, OF_PULSE)
    )
    expected = {path: content for path, content in logs.items() if path.stem != "002"}
    # Slices of a recording need the log, too.
    expected |= {p: content for p, content in pulses.items() if p.stem not in ("002", "003")}
    assert len(expected) == 3 * len(OF_LOG) + 2 * len(OF_PULSE)
    for folder in OF_LOG + OF_PULSE:
        shutil.rmtree(study.results / folder)
    broken = [next((study.folder / "raw").glob(name)) for name in ("log/002*", "ppg/003*")]
    for path in broken:
        path.write_bytes(path.read_bytes()[:1000] + b"\0" * 1000)
    code, said = study.snakemake("--cores", "1", "--keep-going")
    assert code != 0
    assert all(path.name in said for path in broken) and "Traceback" not in said
    found = {
        path.relative_to(study.results): path.read_bytes()
        for folder in OF_LOG + OF_PULSE
        for path in (study.results / folder).glob("*")
    }
    assert found == expected
    record_property("files of other people", len(expected))
