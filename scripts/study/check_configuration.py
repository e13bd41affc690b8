"""Check a study's configuration without running anything: every fault, with its file and line."""

from pathlib import Path

import yaml

from tinglegram.command_line import program, run
from tinglegram.study import configuration

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Print that the configuration is sound, or end with its faults."""
    parser = program(__doc__)
    parser.add_argument(
        "--configfile",
        type=Path,
        nargs="*",
        default=[],
        help="overlays of config.yaml, in the order in which snakemake is given them",
    )
    options = parser.parse_args()
    files = [ROOT / "config.yaml", *options.configfile]
    values, outlines = configuration.read_files(files, {})
    schema = (ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8")
    configuration.check_configuration(
        configuration.merged_configuration(values), yaml.safe_load(schema), outlines
    )
    print(f"Sound: {', '.join(outline.source for outline in outlines[:-1])}")


if __name__ == "__main__":
    run(main)
