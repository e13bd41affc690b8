"""The demo through profiles/slurm on a real Slurm that loses jobs, memory and its node.

One run stands for all: what it makes must be the bytes of the demo run on this machine alone.
"""

import importlib.util
import time
from itertools import pairwise

import pytest
import yaml
from paths import ROOT
from scheduler import Slurm, slurm, wait_until  # noqa: F401 (a fixture)
from workflow_helpers import Study, changed, fingerprint

PROFILE = ROOT / "profiles/slurm/config.yaml"
# The models of the demo train for seconds: six to a submission, as docs/clusters.md shows.
TRAININGS = (
    "train_network=networks",
    "train_network_again=networks",
    "train_boosting=boosting",
)
# Too little at first, as the drawing of the graph starts a Snakemake; sixteen times that then.
TOO_LITTLE = "draw_rule_graph:mem_mb=100 * attempt ** 4"
SECONDS_WITHOUT_NODE = 5


def options() -> list[str]:
    """What docs/clusters.md adds to the profile for short trainings, and quicker looks."""
    profile = yaml.safe_load(PROFILE.read_text())
    return [
        *("--profile", str(PROFILE.parent), "--set-resources", TOO_LITTLE),
        *("--groups", *profile["groups"], *TRAININGS),
        *("--group-components", *profile["group-components"], "networks=6", "boosting=6"),
        *("--seconds-between-status-checks", "1", "--local-cores", "1"),
        *("--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "10"),
    ]


class Run:
    """The demo on Slurm, disturbed: what was printed, what Slurm ran, and what came out."""

    def __init__(self, slurm: Slurm, study: Study) -> None:  # noqa: F811
        log = study.folder / "said.log"
        with log.open("w") as said:
            process = study.start(*options(), output=said)
            try:
                self.cancelled = self.cancel(slurm, process, "extract_features")
                self.on_the_node = self.lose_the_node(slurm, process)
                self.code = process.wait()
            finally:
                process.kill()
                slurm.cancel_all()
        self.said, self.jobs, self.study = log.read_text(), slurm.jobs(), study

    def running(self, slurm: Slurm, process, part: str) -> int:  # noqa: F811
        """Wait for a running job whose name holds `part`."""
        found: list[int] = []

        def seen() -> bool:
            assert process.poll() is None, "the run ended before its jobs were seen"
            found.extend(n for n, name in slurm.running().items() if part in name)
            return bool(found)

        wait_until(seen, f"a running job of {part}", seconds=600)
        return found[0]

    def cancel(self, slurm: Slurm, process, part: str) -> int:  # noqa: F811
        number = self.running(slurm, process, part)
        slurm.cancel(number)
        return number

    def lose_the_node(self, slurm: Slurm, process) -> int:  # noqa: F811
        """Kill the node's daemon while a training runs, and start it again."""
        number = self.running(slurm, process, "networks")
        slurm.stop_node()
        time.sleep(SECONDS_WITHOUT_NODE)
        slurm.start_node()
        return number

    def named(self, part: str) -> list:
        return [job for job in self.jobs if part in job.name]


@pytest.fixture(scope="module")
def disturbed(slurm, tmp_path_factory) -> Run:  # noqa: F811
    folder = tmp_path_factory.mktemp("cluster")
    return Run(slurm, Study(folder, ROOT, ROOT / "workflow/studies/demo.yaml"))


def test_same_bytes_as_on_one_machine(slurm, disturbed, demo_bytes):  # noqa: F811
    assert disturbed.code == 0, disturbed.said
    here = fingerprint(disturbed.study.folder / "results" / "demo")
    assert len(here) > 1000
    assert changed(demo_bytes, here) == []


def test_every_job_ran_under_slurm(disturbed):
    """The only jobs elsewhere are copies between protocols; groups keep the queue short."""
    logs = {int(path.stem) for path in disturbed.study.folder.glob("results/slurm/**/*.log")}
    assert {job.number for job in disturbed.jobs} == logs
    for job in disturbed.jobs:
        assert f"SLURM jobid {job.number} " in disturbed.said
    assert 30 < len(disturbed.jobs) < 90


def test_cancelled_job_ran_again(disturbed):
    (first,) = [job for job in disturbed.jobs if job.number == disturbed.cancelled]
    assert first.state == "CANCELLED"
    assert [job.state for job in disturbed.named(first.name)] == ["CANCELLED", "COMPLETED"]


def test_job_over_its_memory_ran_again_with_more(disturbed):
    small, large = disturbed.named("draw_rule_graph")
    assert (small.memory, large.memory) == ("100M", "1600M")
    assert small.state in ("FAILED", "OUT_OF_MEMORY")
    assert large.state == "COMPLETED"


def test_job_outlives_the_daemon_of_its_node(disturbed):
    (job,) = [job for job in disturbed.jobs if job.number == disturbed.on_the_node]
    assert job.state == "COMPLETED"


def test_one_gpu_trains_one_submission_at_a_time(disturbed):
    """Networks ask for the GPU and nothing else does; others run beside them."""
    waiting = sorted((job.started, job.ended) for job in disturbed.jobs if job.gpus)
    assert len(waiting) >= 8
    assert all(end <= start for (_, end), (start, _) in pairwise(waiting))
    others = [job for job in disturbed.jobs if not job.gpus]
    assert not any("networks" in job.name for job in others)
    assert any(o.started < end and start < o.ended for o in others for start, end in waiting)


@pytest.mark.parametrize("name", ["cluster-generic", "kubernetes"])
def test_profile_plans_the_study(name, tmp_path):
    module = f"snakemake_executor_plugin_{name.replace('-', '_')}"
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: `make test-slurm` installs it")
    study = Study(tmp_path, ROOT, ROOT / "workflow/studies/demo.yaml")
    here = study.plan()
    assert here["train_network"] == 36
    assert study.plan("--profile", str(ROOT / "profiles" / name)) == here
