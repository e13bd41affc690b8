"""The tiny study from raw files to its report."""

import subprocess
import sys

import pandas as pd
import pytest


def test_results_keep_the_contract(finished, shared):
    checker = shared.parent / "check_contract.py"
    answer = subprocess.run(
        [sys.executable, str(checker), str(finished.results)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


def test_every_output_of_every_model_exists(finished):
    for protocol in ("described", "released"):
        for model in ("fusion", "acoustic", "xgboost"):
            folder = finished.results / protocol
            assert (folder / f"statistics/{model}/pooled.tsv").is_file()
            for fold in (1, 2):
                assert (folder / f"models/{model}/fold{fold}/predictions.parquet").is_file()


def test_shared_stages_are_computed_once(finished):
    ours, theirs = (
        finished.results / protocol / "labels/001.parquet" for protocol in ("described", "released")
    )
    assert ours.samefile(theirs)


def test_no_half_written_file_is_left(finished):
    assert not list(finished.results.rglob(".*.partial*"))


def test_inventory_lists_everybody(finished):
    inventory = pd.read_csv(finished.results / "inventory.tsv", sep="\t")
    assert inventory.subject.tolist() == [1, 2, 3, 4]
    assert (inventory.n_clips == 4).all()
    assert inventory.included.all()


@pytest.mark.parametrize("model", ["fusion", "xgboost"])
def test_predictions_do_not_depend_on_cores(study, model):
    """A model trained again on one core gives the same bytes as in the run on two."""
    folder = study.results / "described" / "models" / model
    before = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for path in before:
        (folder / path).unlink()
    targets = [str((folder / p).relative_to(study.folder)) for p in before]
    study.run(*targets, cores=1)
    assert {path: (folder / path).read_bytes() for path in before} == before


def test_snakemake_report_works(study):
    study.run("--report", "snakemake.html")
    assert (study.folder / "snakemake.html").stat().st_size > 10_000


def test_broken_log_stops_with_one_sentence(study):
    log = next((study.folder / "raw/log").glob("002-*"))
    log.write_bytes(b"")
    code, said = study.snakemake("--cores", "2")
    assert code != 0
    said = " ".join(said.split())
    assert f"{log.name}: expected a Presentation event log, found an empty file." in said
    assert "Traceback" not in said


def test_faulty_configuration_lists_every_fault(study):
    overlay = study.folder / "tiny.yaml"
    overlay.write_text(overlay.read_text() + "overides: {}\nstatistics: {bootstrap: 0}\n")
    _, said = study.snakemake("-n")
    said = " ".join(said.split())
    assert "The configuration has 2 fault(s), merged in results/tiny/config.yaml" in said
    assert "overides: unknown key. Did you mean 'overrides'?" in said
    assert "statistics.bootstrap: 0 is less than the minimum of 1" in said


def test_person_without_pulse_is_named(study):
    (study.folder / "raw/ppg/002_csv.txt").unlink()
    _, said = study.snakemake("-n")
    assert "participant 002 has no pulse recording" in " ".join(said.split())
