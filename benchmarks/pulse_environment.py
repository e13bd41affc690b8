"""Make an environment with NeuroKit2, heartpy and systole for the pulse benchmark.

They are no dependencies of ours and pin others than we do, so they never share our environment.
"""

import subprocess
import venv
from pathlib import Path

from tinglegram.command_line import program, run

# The versions that the table in docs/pulse.md was made with.
PACKAGES = ("neurokit2==0.3.0", "heartpy==1.2.7", "systole==0.3.1")


def main() -> None:
    """Create the environment and install the packages."""
    parser = program(__doc__)
    parser.add_argument("folder", type=Path, help="the environment (written)")
    options = parser.parse_args()
    venv.create(options.folder, with_pip=True)
    python = options.folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)


if __name__ == "__main__":
    run(main)
