"""Snakemake in the child of a process that has imported it already: imports are half of a plan.

Python's own fork server imports once and forks for every call. What it imports is none of ours, so
that a test may edit our code.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["snakemake.cli", "pandas", "jsonschema", "yaml"])


def snakemake(arguments: Sequence[str], variables: Mapping[str, str]) -> tuple[int, str]:
    """Run Snakemake with these variables of the environment: exit code and everything printed."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.log"
        child = CONTEXT.Process(target=_run, args=(list(arguments), dict(variables), said))
        child.start()
        child.join()
        assert child.exitcode is not None
        return child.exitcode, said.read_text()


def _run(arguments: list[str], variables: dict[str, str], said: Path) -> None:
    # A process group of its own, as every Snakemake of the tests has.
    os.setsid()
    written = os.open(said, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["snakemake", *arguments]
    from snakemake.cli import main

    main(arguments)
