"""Ask for known vulnerabilities of the pinned dependencies: 0 none, 1 some, 3 nobody to ask."""

import json
import subprocess
import sys
from pathlib import Path

from tinglegram.command_line import program

PINS = Path(__file__).resolve().parent / "constraints.txt"
NONE_KNOWN, KNOWN, NOT_ASKED = 0, 1, 3


def main() -> None:
    """Run pip-audit over the pins, print what it found, and end with the exit code above."""
    parser = program(__doc__)
    parser.add_argument("--pins", type=Path, default=PINS, help="requirements, one version each")
    parser.add_argument(
        "--allow-unreachable",
        action="store_true",
        help="end with 0 where the advisory service cannot be asked; what is known still ends "
        "with 1",
    )
    options = parser.parse_args()
    # The pins are complete: nothing is resolved or downloaded.
    answer = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--requirement", str(options.pins), "--no-deps"]
        + ["--disable-pip", "--format", "json", "--desc", "off", "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
    )
    # 0 and 1 are answers, also those of a service out of reach; anything else is misuse.
    if answer.returncode not in (0, 1) or "No module named pip_audit" in answer.stderr:
        sys.exit(f"pip-audit cannot be run:\n{answer.stderr.strip()}")
    code, said = _verdict(answer.stdout, answer.stderr)
    print(said)
    sys.exit(NONE_KNOWN if code == NOT_ASKED and options.allow_unreachable else code)


def _verdict(stdout: str, stderr: str) -> tuple[int, str]:
    """Return the exit code and the words for what pip-audit answered.

    It ends with 0 even where the service knew no package at all, so its report is read instead.
    """
    try:
        packages = json.loads(stdout)["dependencies"]
    except json.JSONDecodeError:
        why = stderr.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        return NOT_ASKED, f"NOT AUDITED: the advisory service did not answer ({why[0]})."
    skipped = [package for package in packages if "skip_reason" in package]
    found = [
        f"  {package['name']} {package['version']}: {flaw['id']}"
        f" (mended in {', '.join(flaw['fix_versions']) or 'no version yet'})"
        for package in packages
        for flaw in package.get("vulns", [])
    ]
    if found:
        return KNOWN, "\n".join([f"VULNERABLE: {len(found)} known flaws:", *found])
    if skipped or not packages:
        reason = skipped[0]["skip_reason"] if skipped else "no packages"
        return NOT_ASKED, (
            f"NOT AUDITED: the advisory service did not know {len(skipped)} of {len(packages)} "
            f"packages ({reason}). Run make audit where it can be reached."
        )
    return NONE_KNOWN, f"Audited: no known flaw in {len(packages)} packages."


if __name__ == "__main__":
    main()
