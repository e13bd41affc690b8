# The files of the configuration, read once more for the line of every key. Snakemake says neither
# where config.yaml cannot be read, nor where a value stands that is wrong.
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# Relative to the working folder, so that results stay valid when the whole checkout moves.
ROOT = Path(os.path.relpath(Path(str(workflow.current_basedir)).parent.parent))
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE.resolve()))

from tinglegram.configuration_lines import place
from tinglegram.errors import TinglegramError
from tinglegram_shell import configuration_files

try:
    configuration_files.require_plain_names([ROOT])
    VALUES, OUTLINES = configuration_files.read_files(
        [ROOT / "config.yaml", *workflow.overwrite_configfiles], workflow.config_settings.config
    )
except TinglegramError as problem:
    raise WorkflowError(str(problem))
