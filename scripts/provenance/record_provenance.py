"""Record what a run was made from: versions, commit, platform, seed, checksums of inputs."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import sha256, write_json


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
    parser.add_argument("--config", type=Path, required=True, help="merged configuration")
    parser.add_argument("--inputs", type=Path, nargs="*", default=[], help="raw input files")
    parser.add_argument("--code", type=Path, nargs="*", default=[], help="code the run depends on")
    parser.add_argument("--root", type=Path, required=True, help="folder of the workflow")
    parser.add_argument("--seed", type=int, required=True, help="the study's seed")
    parser.add_argument("--packages", nargs="+", required=True, help="whose versions to record")
    parser.add_argument("--output", type=Path, required=True, help="provenance.json")
    args = parser.parse_args()
    status = _git(args.root, "status", "--porcelain")
    write_json(
        {
            "workflow": {
                "commit": _git(args.root, "rev-parse", "HEAD"),
                "modified": None if status is None else bool(status),
                "modified_files": None if status is None else len(status.splitlines()),
                "code": {str(p.relative_to(args.root)): sha256(p) for p in sorted(args.code)},
            },
            "config_sha256": sha256(args.config),
            "seed": args.seed,
            "platform": {
                "python": platform.python_version(),
                "system": platform.system(),
                "machine": platform.machine(),
            },
            "versions": {name: _version(name) for name in sorted(args.packages)},
            "inputs": {str(p): sha256(p) for p in sorted(args.inputs)},
        },
        args.output,
    )


if __name__ == "__main__":
    run(main)
