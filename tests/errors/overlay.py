"""An overlay, study.yaml, laid over the study's own config.yaml, and its faults as a case."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml
from error_cases import Case
from paths import ROOT

from tinglegram.study import configuration

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.json").read_text())
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())


def check(
    folder: Path, overlay: bytes, command_line: Mapping[str, object], absent: str | None
) -> None:
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "study.yaml").write_bytes(overlay)
    for clip in CONFIG["clips"].values():
        path = folder / "data/stim" / clip["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    if absent is not None:
        shutil.rmtree(folder / absent)
    values, outlines = configuration.read_files(
        [Path("config.yaml"), Path("study.yaml")], command_line
    )
    configuration.check_configuration(configuration.merged_configuration(values), SCHEMA, outlines)


def overlaid(
    given: str,
    overlay: str,
    *faults: str,
    command_line: Mapping[str, object] | None = None,
    absent: str | None = None,
) -> Case:
    """An overlay and the faults found in it; `absent` is a folder of the data that is missing."""
    return Case(
        given,
        "\n  ".join([f"The configuration has {len(faults)} fault(s):", *faults]),
        lambda folder: check(folder, overlay.encode(), command_line or {}, absent),
    )
