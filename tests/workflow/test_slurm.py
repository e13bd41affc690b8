"""A study through profiles/slurm on a real Slurm that loses jobs, memory and its node.

One run stands for all: what it makes must be the bytes of a run on this machine alone. Within
`make test` it is a part of the tiny study, which other tests have run already; `make test-slurm` by
itself takes the demo.
"""

import os
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from elsewhere import fresh
from paths import ROOT
from scheduler import Job, Slurm, slurm, wait_until  # noqa: F401 (a fixture)
from workflow_helpers import Study, changed, fingerprint, job_counts

IS_SMALL = os.environ.get("TEST_SLURM") == "small"
PROFILE = ROOT / "profiles/slurm/config.yaml"
# Everything in these studies takes seconds, so more goes together, as docs/clusters.md shows.
TOGETHER = {
    "train_network": "networks",
    "train_first_network": "networks",
    "train_network_again": "networks",
    "train_boosting": "boosting",
    "extract_features": "clips",
}
AT_ONCE = {"networks": 1 if IS_SMALL else 6, "boosting": 6, "clips": 2}
# The tiny study trains on the CPU; its networks ask for the GPU all the same.
ON_GPU = ["train_network:gpu=1"] if IS_SMALL else []
PART = ["results/tiny/figures/workflow.svg"]
PART += [f"results/tiny/described/statistics/{name}.tsv" for name in ("ablation", "agreement")]
TARGETS = PART if IS_SMALL else []
# Too little at first, as the drawing of the graph starts a Snakemake; sixteen times that then.
TOO_LITTLE = "draw_rule_graph:mem_mb=100 * attempt ** 4"
SECONDS_WITHOUT_NODE = 5


def options() -> list[str]:
    """What docs/clusters.md adds to the profile for short jobs, and quicker looks."""
    profile = yaml.safe_load(PROFILE.read_text())
    together = dict(entry.split("=") for entry in profile["groups"]) | TOGETHER
    at_once = dict(entry.split("=") for entry in profile["group-components"]) | AT_ONCE
    return [
        *("--profile", str(PROFILE.parent), "--set-resources", TOO_LITTLE, *ON_GPU),
        *("--groups", *(f"{rule}={group}" for rule, group in together.items())),
        *("--group-components", *(f"{group}={count}" for group, count in at_once.items())),
        *("--seconds-between-status-checks", "1", "--local-cores", "1"),
        *("--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "10"),
    ]


class Run:
    """A study on Slurm, disturbed: what was printed, what Slurm ran, and what came out."""

    def __init__(self, slurm: Slurm, study: Study) -> None:  # noqa: F811
        log = study.folder / "said.log"
        with log.open("w") as said:
            process = study.start(*TARGETS, *options(), output=said)
            try:
                self.cancelled = self.first_running(slurm, process, "clips")
                slurm.cancel(self.cancelled)
                self.on_the_node = self.first_running(slurm, process, "networks")
                # A job that its node was told of but had not started yet is lost with the daemon,
                # which Slurm finds out many minutes later. Its own first act is to open its log.
                log_of_job = f"results/slurm/**/{self.on_the_node}.log"
                wait_until(lambda: any(study.folder.glob(log_of_job)), log_of_job)
                slurm.stop_node()
                time.sleep(SECONDS_WITHOUT_NODE)
                slurm.start_node()
                self.code = process.wait()
            finally:
                process.kill()
                slurm.cancel_all()
        self.said, self.jobs, self.study = log.read_text(), slurm.jobs(), study

    def first_running(self, slurm: Slurm, process, part: str) -> int:  # noqa: F811
        """Wait for a running job whose name holds `part`."""
        found: list[int] = []

        def seen() -> bool:
            assert process.poll() is None, "the run ended before its jobs were seen"
            found.extend(n for n, name in slurm.running().items() if part in name)
            return bool(found)

        wait_until(seen, f"a running job of {part}", seconds=1500)
        return found[0]

    def numbered(self, number: int) -> Job:
        (job,) = [job for job in self.jobs if job.number == number]
        return job

    def tries(self, number: int) -> list[Job]:
        """Every submission of what was submitted under this number."""
        submitted = re.findall(r"Job (\S+) has been submitted with SLURM jobid (\d+) ", self.said)
        (ours,) = [job for job, found in submitted if int(found) == number]
        return [self.numbered(int(found)) for job, found in submitted if job == ours]


@pytest.fixture(scope="module")
def alone(request) -> Path:
    """The results of the study, run on this machine."""
    return (
        request.getfixturevalue("finished").results if IS_SMALL else request.getfixturevalue("demo")
    )


@pytest.fixture(scope="module")
def disturbed(slurm, request, tmp_path_factory) -> Run:  # noqa: F811
    folder = tmp_path_factory.mktemp("cluster")
    if IS_SMALL:
        return Run(slurm, fresh(request.getfixturevalue("finished"), folder))
    return Run(slurm, Study(folder, ROOT, ROOT / "workflow/studies/demo.yaml"))


def test_same_bytes_as_on_one_machine(disturbed, alone):
    assert disturbed.code == 0, disturbed.said
    made, expected = map(fingerprint, (disturbed.study.folder / "results" / alone.name, alone))
    if IS_SMALL:
        expected = {name: content for name, content in expected.items() if name in made}
    assert len(made) > (60 if IS_SMALL else 1000)
    assert changed(made, expected) == []


def test_every_job_ran_under_slurm(disturbed):
    """The only jobs elsewhere are copies between protocols; groups keep the queue short."""
    logs = {int(path.stem) for path in disturbed.study.folder.glob("results/slurm/**/*.log")}
    assert {job.number for job in disturbed.jobs} == logs
    for job in disturbed.jobs:
        assert f"SLURM jobid {job.number} " in disturbed.said
    assert len(disturbed.jobs) < sum(job_counts(disturbed.said).values()) / 2


def test_cancelled_job_ran_again(disturbed):
    states = [job.state for job in disturbed.tries(disturbed.cancelled)]
    assert states == ["CANCELLED", "COMPLETED"]


def test_job_over_its_memory_ran_again_with_more(disturbed):
    (first, *_) = [job for job in disturbed.jobs if job.name == "rule_draw_rule_graph"]
    tries = [(job.state, job.memory) for job in disturbed.tries(first.number)]
    assert tries == [("FAILED", "100M"), ("COMPLETED", "1600M")]


def test_job_outlives_the_daemon_of_its_node(disturbed):
    assert disturbed.numbered(disturbed.on_the_node).state == "COMPLETED"


def test_one_gpu_trains_one_submission_at_a_time(disturbed):
    """Only networks ask for the GPU; other jobs run beside them."""
    on_gpu = sorted((job.started, job.ended) for job in disturbed.jobs if job.gpus)
    assert len(on_gpu) >= 3
    assert all(end <= start for (_, end), (start, _) in pairwise(on_gpu))
    others = [job for job in disturbed.jobs if not job.gpus]
    assert not any("train_network" in job.name for job in others)
    assert any(o.started < end and start < o.ended for o in others for start, end in on_gpu)
