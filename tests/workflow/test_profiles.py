"""Profiles of schedulers that are not at hand plan the same jobs as this machine does."""

import importlib.util

import pytest
from paths import ROOT
from workflow_helpers import Study


@pytest.mark.parametrize("name", ["cluster-generic", "kubernetes"])
def test_profile_plans_the_study(name, tmp_path):
    module = f"snakemake_executor_plugin_{name.replace('-', '_')}"
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: `make test-slurm` installs it")
    study = Study(tmp_path, ROOT, ROOT / "workflow/studies/demo.yaml")
    here = study.plan()
    assert here["train_network"] == 36
    assert study.plan("--profile", str(ROOT / "profiles" / name)) == here
