"""`make loop` in short: 2 repetitions of 2 rounds, from sounds to page."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
from paths import ROOT

SNAKEFILE = ROOT / "workflow/proposals/Snakefile"
SHORT = ROOT / "workflow/proposals/short.yaml"


def asked(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the short version of the closed loops in a folder."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--snakefile", str(SNAKEFILE)]
    return subprocess.run(
        [*command, "--configfile", str(SHORT), *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )


def test_short_loops(tmp_path):
    answer = asked(tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    results = tmp_path / "results/loop"
    summary = pd.read_csv(results / "short/loop.tsv", sep="\t")
    assert set(summary["round"]) == {0, 1, 2} and set(summary["repetitions"]) == {2}
    assert set(summary["quantity"]) == {"mean", "best", "works"}
    responding = summary.query("listeners == 'responding' and quantity == 'mean' and round > 0")
    means = responding.groupby("strategy")["value"].mean()
    assert means["oracle"] > means["random"] and means["oracle"] > means["model"]
    page = (results / "short/loop.md").read_text()
    assert "a pool of 32 synthesised sounds of 2 s" in page and "(loop.svg)" in page
    assert (results / "short/loop.svg").is_file() and (results / "short/loop.png").is_file()
    # What is lost is made again alone.
    before = (results / "short/loop.tsv").read_bytes()
    for lost in ("loops/unmoved/0.parquet", "short/loop.tsv", "short/loop.md"):
        (results / lost).unlink()
    again = asked(tmp_path)
    said = [
        line for line in (again.stdout + again.stderr).splitlines() if "Simulate closed" in line
    ]
    assert len(said) == 1 and "unmoved listeners, part 0" in said[0]
    assert (results / "short/loop.tsv").read_bytes() == before


def test_a_pool_that_is_too_small_is_refused(tmp_path):
    (tmp_path / "small.yaml").write_text("loop: {pool: {sounds: 10}}")
    refused = asked(tmp_path, str(tmp_path / "small.yaml"))
    assert refused.returncode and not (tmp_path / "results").exists()
    assert "expected a pool of 32 sounds or more, found 10" in refused.stderr
    (tmp_path / "small.yaml").write_text("loop: {rounds: 0}")
    refused = asked(tmp_path, str(tmp_path / "small.yaml"))
    assert "rounds: expected a whole number of at least 1, found 0" in refused.stderr
