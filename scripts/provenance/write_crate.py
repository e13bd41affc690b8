"""Record every result with its checksum as a Process Run Crate (ro-crate-metadata.json)."""

import json
from datetime import UTC, datetime
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import sha256, write_json
from tinglegram.provenance import ro_crate
from tinglegram.provenance.checksums import result_files


def main() -> None:
    """Walk the folder of results and write the record."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--provenance", type=Path, required=True, help="versions and checksums of inputs")
    add("--study", required=True, help="name of the study")
    add("--title", required=True, help="heading of its report")
    add("--workflow-version", required=True, help="version of this workflow")
    add("--output", type=Path, required=True, help="ro-crate-metadata.json")
    options = parser.parse_args()
    files = [
        ro_crate.CrateFile(
            path.relative_to(options.results).as_posix(), path.stat().st_size, sha256(path)
        )
        for path in result_files(options.results)
    ]
    write_json(
        ro_crate.crate_metadata(
            options.study,
            options.title,
            files,
            json.loads(options.provenance.read_text(encoding="utf-8")),
            version=options.workflow_version,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        ),
        options.output,
    )


if __name__ == "__main__":
    run(main)
