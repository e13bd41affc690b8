"""Checksums of files."""

from pathlib import Path

from tinglegram.provenance.ro_crate import CRATE_NAME

# Times and messages of jobs, which differ from run to run.
NOT_RESULTS = ("logs", "benchmarks")


def result_files(results: Path) -> list[Path]:
    """Return every file below the folder of a study's results that is a result, by path."""
    return sorted(
        path
        for path in results.rglob("*")
        if path.is_file()
        and path.name != CRATE_NAME
        and path.relative_to(results).parts[0] not in NOT_RESULTS
        and not any(part.startswith(".") for part in path.relative_to(results).parts)
    )
