"""Compare a folder of results with its record, and name every file that changed since the run.

Looked at: the results themselves, the raw inputs, the merged configuration and the code. Input
paths are taken as in the run, relative to the working folder. Exit code 1: something changed.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.files import sha256
from tinglegram.provenance import ro_crate
from tinglegram.provenance.checksums import result_files

CONFIG = "config.yaml"


def read_record(path: Path) -> dict:
    """Read one of the two records of a run."""
    if not path.is_file():
        raise InputProblem(
            str(path),
            expected="the record that a run writes when it ends",
            found="no such file",
            remedy="Let the run finish, then verify; name other results with STUDY or RESULTS.",
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise InputProblem(
            str(path),
            expected="the record that a run writes when it ends",
            found=f"text that is not JSON ({fault})",
            remedy="Delete it and let the run finish again.",
        ) from fault


def main() -> None:
    """Print what changed; exit 1 if anything did."""
    parser = program(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="folder of a study's results")
    results = parser.parse_args().results
    record = read_record(results / ro_crate.CRATE_NAME)
    provenance = read_record(results / "provenance.json")
    root = Path(__file__).parents[2]

    def of(paths: Iterable[str], folder: Path) -> dict[str, str | None]:
        """Checksums now."""
        return {p: sha256(folder / p) if (folder / p).is_file() else None for p in paths}

    recorded = ro_crate.crate_checksums(record)
    # The configuration stands in both records.
    recorded.pop(CONFIG, None)
    present = {path.relative_to(results).as_posix() for path in result_files(results)} - {CONFIG}
    sections = {
        "result": (recorded, of({*recorded, *present}, results)),
        "input": (provenance["inputs"], of(provenance["inputs"], Path())),
        "code": (provenance["workflow"]["code"], of(provenance["workflow"]["code"], root)),
        "configuration": (
            {CONFIG: provenance["config_sha256"]},
            of([CONFIG], results),
        ),
    }
    faults = 0
    for name, (before, now) in sections.items():
        found = ro_crate.checksum_differences(before, now)
        # A file of the user's own beside the results changes none of them.
        differing = [(kind, path) for kind, path in found if kind != ro_crate.NEW]
        faults += len(differing)
        print(f"{name}: {len(before) - len(differing)} of {len(before)} as recorded")
        for kind, path in found:
            print(f"  {kind}: {path}")
    if faults:
        sys.exit(f"{results}: {faults} file(s) are not as the run left or found them.")
    print(f"{results}: everything is as the run left and found it.")


if __name__ == "__main__":
    run(main)
