# The merged configuration is saved, then checked, so that every complaint points at a real file.
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

ROOT = Path(str(workflow.current_basedir)).parent.parent
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE))

from tinglegram import configuration


def save_and_check(config):
    """Write results/<study>/config.yaml if it changed; raise with every fault it has."""
    saved = Path("results") / str(config.get("study", "unnamed")) / "config.yaml"
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    if not saved.exists() or saved.read_text(encoding="utf-8") != text:
        saved.parent.mkdir(parents=True, exist_ok=True)
        saved.write_text(text, encoding="utf-8")
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    faults = configuration.problems(config, schema)
    if faults:
        raise WorkflowError(
            f"The configuration has {len(faults)} fault(s), merged in {saved}:\n  "
            + "\n  ".join(faults)
        )


# An overlay takes a clip or model of config.yaml out by setting it to null.
for section in ("clips", "models"):
    for name in [name for name, entry in (config.get(section) or {}).items() if entry is None]:
        del config[section][name]

save_and_check(config)
