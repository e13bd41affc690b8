"""Checksums of files."""

import hashlib
from pathlib import Path

from tinglegram.crate import NAME

# Times and messages of jobs, which differ from run to run.
NOT_RESULTS = ("logs", "benchmarks")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def result_files(results: Path) -> list[Path]:
    """Return every file below the folder of a study's results that is a result, by path."""
    return sorted(
        path
        for path in results.rglob("*")
        if path.is_file()
        and path.name != NAME
        and path.relative_to(results).parts[0] not in NOT_RESULTS
        and not any(part.startswith(".") for part in path.relative_to(results).parts)
    )
