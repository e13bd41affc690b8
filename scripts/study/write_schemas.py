"""Write what is made from the declarations of all settings: two schemas and a table."""

import json
from pathlib import Path
from typing import Any

from tinglegram.command_line import program, run
from tinglegram.files import write_text
from tinglegram.study.schema import configuration_schema, overlay_schema, settings_page


def write_schema(schema: dict[str, Any], path: Path) -> None:
    """Write a schema as JSON, its keys in the order of config.yaml."""
    write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n", path)


def main() -> None:
    """Write the schema of a configuration, that of an overlay, and the table of all settings."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--configuration", type=Path, required=True, help="schema of config.yaml (written)")
    add("--overlay", type=Path, required=True, help="schema of an overlay (written)")
    add("--page", type=Path, required=True, help="table of settings in Markdown (written)")
    options = parser.parse_args()
    write_schema(configuration_schema(), options.configuration)
    write_schema(overlay_schema(), options.overlay)
    write_text(settings_page(), options.page)


if __name__ == "__main__":
    run(main)
