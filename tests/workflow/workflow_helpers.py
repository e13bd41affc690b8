"""A study in a folder of its own, its plans, and changes that a test makes and takes back."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from paths import ROOT

# `make test` runs two processes side by side; each leaves the other a core.
CORES = int(os.environ.get("TEST_CORES", "2"))


@dataclass(frozen=True)
class Study:
    """A working folder with its own raw data and an overlay of the configuration."""

    folder: Path
    code: Path
    overlay: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "tiny"

    def start(self, *arguments: str, output: int = subprocess.PIPE) -> subprocess.Popen:
        """Start Snakemake in a process group of its own."""
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", "-s", str(self.code / "Snakefile")]
            + ["-d", str(self.folder), "--configfile", str(self.overlay)]
            + ["--profile", str(ROOT / "profiles/default"), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )

    def snakemake(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything printed."""
        process = self.start(*arguments)
        said, _ = process.communicate()
        return process.returncode, said

    def run(self, *arguments: str, cores: int = CORES) -> str:
        code, said = self.snakemake("--cores", str(cores), *arguments)
        assert code == 0, said
        return said

    def plan(self, *arguments: str) -> Counter:
        """Jobs per rule that a dry run announces."""
        return job_counts(self.run("-n", *arguments))

    def copy(self, folder: Path) -> "Study":
        """A copy to change freely, with times kept so that nothing looks newer."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Study(folder, self.code, folder / "tiny.yaml")


def job_counts(listing: str) -> Counter:
    """Read the table of jobs per rule from what a dry run prints."""
    table = re.search(r"Job stats(.*?)\btotal\b", listing, flags=re.DOTALL)
    if table is None:
        assert "Nothing to be done" in listing or "nothing to be done" in listing, listing
        return Counter()
    rows = re.findall(r"^ *(\w[\w ]*?) {2,}(\d+) *$", table[1], flags=re.MULTILINE)
    counts = Counter({name.replace(" ", "_"): int(count) for name, count in rows})
    counts.pop("all", None)
    return counts


def write_overlay(folder: Path, overlay: dict) -> None:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(overlay, sort_keys=False))


@contextmanager
def edited(path: Path) -> Iterator[None]:
    """Change the content of a file, then restore content and times."""
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(content + b"# edited\n")
    try:
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def wait_for(condition: Callable[[], object], process: subprocess.Popen, seconds: float = 120):
    """Wait until `condition` holds while `process` runs."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the run ended before it could be interrupted"
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)
