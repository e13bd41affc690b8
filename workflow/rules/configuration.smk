# The merged configuration is saved, then checked, so that every complaint points at a real file.
import os
import re
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

# Relative to the working folder, so that results stay valid when the whole checkout moves.
ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))

from tinglegram import configuration
from tinglegram_shell import write_text


def save(config):
    """Write results/<study>/config.yaml if it changed; return its path.

    Given as the overlay of another run, the file gives the same study again.
    """
    name = str(config.get("study"))
    saved = Path("results") / (name if re.fullmatch(r"[\w-]+", name) else "unnamed") / "config.yaml"
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    if not saved.exists() or saved.read_text(encoding="utf-8") != text:
        write_text(text, saved)
    return saved


def drop_removed(config):
    """Take out the clips and models that an overlay set to null."""
    for section in ("clips", "models"):
        entries = config.get(section) or {}
        for name in [name for name, entry in entries.items() if entry is None]:
            del entries[name]


def check(config, saved):
    """Raise with every fault of the configuration."""
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    faults = configuration.problems(config, schema)
    if faults:
        raise WorkflowError(
            f"The configuration has {len(faults)} fault(s), merged in {saved}:\n  "
            + "\n  ".join(faults)
        )


configuration.put_in_order(config, yaml.safe_load((ROOT / "config.yaml").read_text()))
CONFIG = save(config)
drop_removed(config)
check(config, CONFIG)
