"""Profiles of schedulers that are not at hand plan the same jobs as this machine does."""

import importlib.util

import pytest
from paths import ROOT
from workflow_helpers import Study


@pytest.mark.parametrize("name", ["cluster-generic", "kubernetes"])
def test_profile_plans_the_study(name, code):
    """In the folder of the Snakefile, which pods mount as a volume."""
    module = f"snakemake_executor_plugin_{name.replace('-', '_')}"
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: `make test-slurm` installs it")
    study = Study(code, code, code / "workflow/studies/demo.yaml")
    here = study.plan()
    # In `corrected` the model is the mean over networks, and the first one has a rule of its own.
    assert (here["train_network"], here["train_first_network"]) == (24, 12)
    options = ["--profile", str(ROOT / "profiles" / name)]
    if name == "kubernetes":
        options += ["--default-storage-prefix", str(code)]
    assert study.plan(*options) == here
