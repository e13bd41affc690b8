"""What a job's log says at its end."""

import os
import pty
import re
import subprocess
import sys

JOB = """\
from tinglegram_shell import run

run(lambda: bytearray(b"x") * (100 * 2**20))
"""


def test_log_of_a_job_ends_with_its_own_peak_memory():
    # The job must not be charged with what the process that starts it holds.
    held = bytearray(b"x") * (400 * 2**20)
    ended = subprocess.run([sys.executable, "-c", JOB], capture_output=True, text=True, check=True)
    assert held[-1:] == b"x"
    found = re.fullmatch(r"INFO peak memory: (\d+) MiB\n", ended.stderr)
    assert found is not None, ended.stderr
    assert 100 < int(found[1]) < 300


def test_memory_of_a_program_that_a_job_runs_counts():
    inner = "bytearray(b'x') * (200 * 2**20)"
    job = f"""\
import subprocess, sys
from tinglegram_shell import run

run(lambda: subprocess.run([sys.executable, "-c", {inner!r}], check=True))
"""
    ended = subprocess.run([sys.executable, "-c", job], capture_output=True, text=True, check=True)
    (peak,) = re.findall(r"peak memory: (\d+) MiB", ended.stderr)
    assert int(peak) > 200


def test_a_terminal_is_spared_that_line():
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", f"{JOB}print('done')"], stdout=theirs, stderr=theirs, check=True
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        said = terminal.read1(10_000).decode()
    assert said.strip() == "done"
