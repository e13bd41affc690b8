"""A Slurm of one machine: started for a test, asked what ran on it, and stopped by process id."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SETTINGS = Path("/etc/slurm")
PROGRAMS = ("slurmctld", "slurmd", "munged", "squeue", "scancel", "scontrol")
GPU_MARK = "Name=gpu File=/dev/null\n"


def reason_not_to_start() -> str | None:
    """Say why no Slurm can be started here; None if it can."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return f"no {', '.join(missing)} on this machine: `make test-slurm` installs Slurm"
    if os.getuid() != 0:
        return "a Slurm of its own needs root"
    if (SETTINGS / "slurm.conf").exists():
        return f"{SETTINGS}/slurm.conf exists: this machine has a Slurm that is not ours"
    return None


def settings(folder: Path) -> str:
    """One node with this machine's cores and a pretend GPU; jobs over their memory are killed."""
    host = socket.gethostname().split(".")[0]
    memory = min(16000, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 - 1000)
    cores = os.cpu_count()
    return f"""ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
ReturnToService=2
MinJobAge=86400
SchedulerParameters=sched_min_interval=100000
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True)
class Job:
    """What Slurm knows of a submission: which rule or group it is, and how it went."""

    number: int
    name: str
    state: str
    memory: str
    gpus: bool
    started: str
    ended: str


@contextmanager
def process(*command: str, user: str | None = None) -> Iterator[subprocess.Popen]:
    """Run a server in the foreground; stop it at the end. Its settings name its log."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    groups = [] if user else None
    server = subprocess.Popen(command, user=user, group=user, extra_groups=groups, **quiet)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(30)


def wait_until(done, what: str, seconds: float = 30) -> None:
    """Wait for a condition; a test that would wait for ever fails."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.2)


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Slurm:
    """The running scheduler."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.host = socket.gethostname().split(".")[0]

    def start_node(self) -> None:
        self.node = self.stack.enter_context(process("slurmd", "-D", "-N", self.host))

    def idle(self) -> bool:
        said = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True, check=False
        )
        return said.stdout.strip() == "idle"

    def stop_node(self) -> None:
        """Kill the daemon that starts jobs; jobs that run go on."""
        self.node.kill()
        self.node.wait()

    def running(self) -> dict[int, str]:
        """Number of each running job -> its rule or group with wildcards."""
        said = subprocess.run(
            ["squeue", "--noheader", "--states=RUNNING", "--format=%i %k"],
            capture_output=True,
            text=True,
            check=True,
        )
        pairs = (line.split(maxsplit=1) for line in said.stdout.splitlines())
        return {int(number): name.strip() for number, name in pairs}

    def cancel(self, number: int) -> None:
        subprocess.run(["scancel", str(number)], check=True)

    def cancel_all(self) -> None:
        subprocess.run(["scancel", "--user=root"], check=True)

    def jobs(self) -> list[Job]:
        """Every job of this scheduler so far."""
        said = subprocess.run(
            ["scontrol", "show", "job", "--oneliner"], capture_output=True, text=True, check=True
        ).stdout
        found = []
        for line in said.splitlines():
            about = dict(re.findall(r"(\w+)=(\S*)", line))
            found.append(
                Job(
                    int(about["JobId"]),
                    about["Comment"],
                    about["JobState"],
                    about["MinMemoryNode"],
                    "gpu" in about.get("TresPerJob", ""),
                    about["StartTime"],
                    about["EndTime"],
                )
            )
        return found


@contextmanager
def started(folder: Path) -> Iterator[Slurm]:
    """Start munge, the controller and the node on loopback; stop them and remove the settings."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    with ExitStack() as stack:
        SETTINGS.mkdir(exist_ok=True)
        for name, text in {"slurm.conf": settings(folder), "gres.conf": GPU_MARK}.items():
            stack.callback((SETTINGS / name).unlink, missing_ok=True)
            (SETTINGS / name).write_text(text)
        if not succeeds("munge", "--no-input"):
            Path("/run/munge").mkdir(exist_ok=True)
            shutil.chown("/run/munge", "munge", "munge")
            stack.enter_context(process("munged", "--foreground", user="munge"))
            wait_until(lambda: succeeds("munge", "--no-input"), "munged")
        stack.enter_context(process("slurmctld", "-D"))
        slurm = Slurm(folder, stack)
        slurm.start_node()
        wait_until(slurm.idle, "the node to be idle")
        yield slurm


@pytest.fixture(scope="session")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    reason = reason_not_to_start()
    if reason:
        pytest.skip(reason)
    pytest.importorskip(
        "snakemake_executor_plugin_slurm", reason="`make test-slurm` installs the Slurm plugin"
    )
    with started(tmp_path_factory.mktemp("slurm")) as running:
        yield running
