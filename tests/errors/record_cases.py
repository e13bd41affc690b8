"""Results whose record of the run cannot be used."""

import contextlib
import runpy
import sys
from pathlib import Path
from unittest import mock

from error_cases import Case

TITLE = "Records of a run (make verify)"
SCRIPT = Path(__file__).parents[2] / "scripts/provenance/verify_results.py"


def _verify(content: str | None):
    def provoke(folder):
        results = folder / "results/demo"
        results.mkdir(parents=True)
        if content is not None:
            (results / "ro-crate-metadata.json").write_text(content)
        words = [SCRIPT.name, "--results", "results/demo"]
        with contextlib.chdir(folder), mock.patch.object(sys, "argv", words):
            runpy.run_path(str(SCRIPT))["main"]()

    return provoke


CASES = [
    Case(
        "run that has not finished",
        "results/demo/ro-crate-metadata.json: expected the record that a run writes when it ends, "
        "found no such file. Let the run finish, then verify; name other results with STUDY or "
        "RESULTS.",
        _verify(None),
    ),
    Case(
        "record that was cut off",
        "results/demo/ro-crate-metadata.json: expected the record that a run writes when it ends, "
        "found text that is not JSON (Unterminated string starting at: line 1 column 2 (char 1)). "
        "Delete it and let the run finish again.",
        _verify('{"@graph'),
    ),
]
