# The merged configuration is saved, then checked, so that every complaint points at a real file.
import re

import yaml

from tinglegram.study import consistency
from tinglegram.files import write_text


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


if IMPORTED:
    # Snakemake merges nothing for a module; what the importing Snakefile holds stays as it is.
    config = configuration.overlaid(VALUES)
consistency.put_in_order(config, VALUES[0])
CONFIG = save(config)
consistency.drop_removed(config)
try:
    configuration.check_configuration(
        config,
        yaml.safe_load((ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8")),
        OUTLINES,
        CONFIG,
    )
except TinglegramError as problem:
    raise WorkflowError(str(problem))
