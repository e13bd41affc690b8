"""What a job's log says at its end."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

JOB = """\
from tinglegram.command_line import run

run(lambda: bytearray(b"x") * (100 * 2**20))
"""


def log_of(job: str, path: Path) -> str:
    with path.open("w") as log:
        subprocess.run([sys.executable, "-c", job], stderr=log, check=True)
    return path.read_text()


def test_log_of_a_job_ends_with_its_own_peak_memory(tmp_path):
    # The job must not be charged with what the process that starts it holds.
    held = bytearray(b"x") * (400 * 2**20)
    said = log_of(JOB, tmp_path / "log")
    assert held[-1:] == b"x"
    found = re.fullmatch(r"INFO peak memory: (\d+) MiB\n", said)
    assert found is not None, said
    assert 100 < int(found[1]) < 300


def test_memory_of_a_program_that_a_job_runs_counts(tmp_path):
    inner = "bytearray(b'x') * (200 * 2**20)"
    job = f"""\
import subprocess, sys
from tinglegram.command_line import run

run(lambda: subprocess.run([sys.executable, "-c", {inner!r}], check=True))
"""
    (peak,) = re.findall(r"peak memory: (\d+) MiB", log_of(job, tmp_path / "log"))
    assert int(peak) > 200


def test_a_pipe_is_spared_that_line():
    ended = subprocess.run([sys.executable, "-c", JOB], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")


def test_a_terminal_is_spared_that_line():
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", f"{JOB}print('done')"], stdout=theirs, stderr=theirs, check=True
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        said = terminal.read1(10_000).decode()
    assert said.strip() == "done"
