"""Planning writes nothing: neither a dry run, nor a run whose configuration is refused."""

from pathlib import Path

import pytest


def files(folder: Path) -> dict[Path, tuple[bytes, int]]:
    """Every file outside Snakemake's own folder: content and time of change."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".snakemake" not in path.parts
    }


def test_a_dry_run_with_other_settings_leaves_the_saved_configuration(study):
    before = files(study.folder)
    saved = study.results / "config.yaml"
    assert "seed: 42" in before[saved][0].decode()
    plan = study.plan("--config", "seed=7")
    assert plan["save_configuration"] == 1 and plan["make_folds"] >= 1
    assert files(study.folder) == before


def test_a_dry_run_with_policies_keeps_nothing_of_what_it_found(study):
    """Policies let planning read the raw files; what it finds is kept for real runs alone."""
    before = files(study.folder)
    text = study.overlay.read_text().replace(
        "  root: raw\n", "  root: raw\n  problems: {missing_pulse: without_pulse}\n"
    )
    overlay = study.folder / "aside" / "policy.yaml"
    overlay.write_text(text)
    study.run("-n", overlay=overlay)
    overlay.unlink()
    assert files(study.folder) == before


@pytest.mark.parametrize(
    "settings", [("study=a/b",), ("study=..",), ("seed=-1",), ("study=new", "sed=1")]
)
@pytest.mark.parametrize("dry", [("-n",), ("--cores", "1")], ids=["dry", "real"])
def test_a_refused_configuration_leaves_nothing_behind(study, settings, dry):
    before = files(study.folder)
    code, said = study.snakemake(*dry, "--config", *settings)
    assert code != 0 and "The configuration has 1 fault(s)" in " ".join(said.split())
    assert files(study.folder) == before
    assert not (study.folder / "results" / "unnamed").exists()
    assert [path.name for path in (study.folder / "results").iterdir()] == ["tiny"]
