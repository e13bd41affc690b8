"""Record what a run was made from: versions, commit, platform, seed, checksums of inputs."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path

from tinglegram.command_line import add_simulated, program, run
from tinglegram.files import read_table, sha256, write_json
from tinglegram.inference.seeding import Seeding
from tinglegram.inputs.raw_files import absent_files, raw_files
from tinglegram.provenance.code_files import recorded_code
from tinglegram.settings import add_settings, only, pairs_of, read_settings
from tinglegram.study.settings import Published, RawData

Seed = only(Seeding, "seed")
Data = only(RawData, "root", "exclusions", "offsets")


def _git(root: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _version(package: str) -> str | None:
    """Return the version; None where this rule's own environment goes without the package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Write provenance.json."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--config", type=Path, required=True, help="merged configuration")
    add("--checkout", type=Path, required=True, help="folder of the workflow")
    add("--packages", nargs="+", required=True, help="whose versions to record")
    files = pairs_of(str, "CLIP=FILE", nargs="*")
    add("--files", default={}, help="of each clip, in stim/", **files)
    add_simulated(parser)
    add("--weights", type=Path, nargs="*", default=[], help="files of networks that make features")
    add("--sources", type=Path, nargs="?", help="files that another reader than rest_asmr reads")
    add_settings(parser, Seed, Data, Published)
    add("--output", type=Path, required=True, help="provenance.json")
    options = parser.parse_args()
    seed = read_settings(options, Seed).seed
    data, published = read_settings(options, Data), read_settings(options, Published)
    simulation = {"participants": options.simulated} if options.simulated else None
    clips = {code: {"file": name} for code, name in options.files.items()}
    if options.sources:
        every = [*dict.fromkeys(read_table(options.sources)["file"]), *options.files.values()]
        absent = frozenset(path for path in every if not Path(path).exists())
    else:
        raw = raw_files(data.root, simulation, clips, seed)
        absent = absent_files(raw)
        every = [*raw.every_log, *raw.every_ppg, *raw.clips.values()]
    tables = (published.published_predictions, data.exclusions, data.offsets)
    others = [path for path in tables if path]
    inputs = [
        *(Path(path) for path in every if path not in absent),
        *options.weights,
        *map(Path, others),
    ]
    root = options.checkout
    status = _git(root, "status", "--porcelain")
    write_json(
        {
            "workflow": {
                "commit": _git(root, "rev-parse", "HEAD"),
                "modified": None if status is None else bool(status),
                "modified_files": None if status is None else len(status.splitlines()),
                "code": {str(p.relative_to(root)): sha256(p) for p in recorded_code(root)},
            },
            "config_sha256": sha256(options.config),
            "seed": seed,
            "platform": {
                "python": platform.python_version(),
                "system": platform.system(),
                "machine": platform.machine(),
            },
            "versions": {name: _version(name) for name in sorted(options.packages)},
            "inputs": {str(p): sha256(p) for p in sorted(inputs)},
        },
        options.output,
    )


if __name__ == "__main__":
    run(main)
