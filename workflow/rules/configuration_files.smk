# The files of the configuration, read once more for the line of every key. Snakemake says neither
# where config.yaml cannot be read, nor where a value stands that is wrong.
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.sourcecache import LocalSourceFile

if not isinstance(workflow.current_basedir, LocalSourceFile):
    raise WorkflowError(
        "The workflow runs the scripts of its own folder, so it cannot be imported by github(), "
        "gitlab(), gitfile() or a URL. Name the Snakefile of a clone or a git submodule."
    )

# Relative to the working folder, so that results stay valid when the whole checkout moves.
ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))

from tinglegram.study import configuration
from tinglegram.errors import TinglegramError
from tinglegram.study.configuration_lines import place

# Imported as a module, the workflow is handed its overlay; files and values on the command line
# are those of the Snakefile that imports it.
IMPORTED = workflow.modifier.skip_configfile

try:
    configuration.require_plain_names([ROOT])
    if IMPORTED:
        VALUES, OUTLINES = configuration.read_files(
            [ROOT / "config.yaml"], config, f"the config of module {workflow.modifier.namespace}"
        )
    else:
        VALUES, OUTLINES = configuration.read_files(
            [ROOT / "config.yaml", *workflow.overwrite_configfiles],
            workflow.config_settings.config,
        )
except TinglegramError as problem:
    raise WorkflowError(str(problem))
