"""Results of a small study as BIDS derivatives: valid, described, and the same numbers."""

import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_results import (
    FIRST_STEPS,
    with_skin_conductance,
    without_sensor,
    write_small_results,
)

from tinglegram.export.derivatives import (
    COLUMNS,
    DerivedStudy,
    ParticipantResults,
    derived_dataset_files,
    derived_participant_files,
)
from tinglegram.export.files import read_participant_results, read_statistics
from tinglegram.files import read_table
from tinglegram.study.cli import obey

STUDY = DerivedStudy("small", "described", "0.1.0", {1: "ada", 3: "c-3"}, ["doi:10.1/a", "file:b"])


def table(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), sep="\t")


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> tuple[Path, Path]:
    """Return the results of a small study, and their export by the command."""
    folder = tmp_path_factory.mktemp("study")
    results = write_small_results(folder / "results/small")
    words = ["export", str(results), "--derivatives", str(folder / "out")]
    assert obey([*words, "--", "--sources", "doi:10.1/a", "--license", "CC0"]) == 0
    return results, folder / "out"


def test_the_official_validator_accepts_it(exported, tmp_path):
    validator = shutil.which("bids-validator-deno")
    assert validator, "install the test extra"
    env = os.environ | {"DENO_NO_UPDATE_CHECK": "1", "DENO_DIR": str(tmp_path / "deno")}
    root = tmp_path / "dataset"
    shutil.copytree(exported[1], root)

    def errors() -> list[str]:
        said = subprocess.run(
            [validator, "--format", "json", str(root)],
            **{"capture_output": True, "text": True, "env": env, "timeout": 120, "check": False},
        )
        issues = json.loads(said.stdout)["issues"]["issues"]
        return [issue["code"] for issue in issues if issue["severity"] == "error"]

    assert errors() == []
    # It does look: statistics in a folder of their own have no place in BIDS.
    (root / "desc-agreement_statistics.tsv").write_text("r\n0.5\n")
    assert errors() == ["NOT_INCLUDED"]


def test_everyone_has_the_numbers_of_the_results(exported):
    results, out = exported
    for number, label in ((1, "sub-ada"), (3, "sub-cleo")):
        base = f"{label}/beh/{label}_task-small_desc-"
        ratings = read_table(results / f"described/labels/{number:03d}.parquet")
        found = read_table(out / f"{base}ratings_beh.tsv")
        given = ratings.drop(columns="subject")
        pd.testing.assert_frame_equal(found[given.columns], given, check_exact=True)
        # Participant 3 has no pulse, and no prediction.
        assert ("pulse" in found) == (number == 1)
        for name in ("pulsewindows", "predictions"):
            assert (out / f"{base}{name}_beh.tsv").exists() == (number == 1)
    predictions = read_table(out / "sub-ada/beh/sub-ada_task-small_desc-predictions_beh.tsv")
    assert predictions[["fold", "seed", "probability"]].to_numpy().tolist() == [
        *([1, 1, 0.25], [2, 1, 0.5], [2, 2, 0.75])
    ]


def test_group_tables_name_participants_and_models(exported):
    _, out = exported
    folds = read_table(out / "task-small_desc-folds_beh.tsv")
    assert folds["participant_id"].tolist() == [
        *("sub-ada", "sub-ada", "sub-ben", "sub-cleo", "sub-ben")
    ]
    pooled = read_table(out / "task-small_desc-pooled_beh.tsv")
    assert pooled["model"].tolist() == ["fusion", "majority"]


def test_the_dataset_says_what_it_is(exported):
    said = json.loads((exported[1] / "dataset_description.json").read_text())
    assert said["DatasetType"] == "derivative" and said["License"] == "CC0"
    assert said["SourceDatasets"] == [{"DOI": "doi:10.1/a"}]
    assert said["GeneratedBy"][0]["Name"] == "Tinglegram" and said["GeneratedBy"][0]["Version"]
    sidecar = json.loads((exported[1] / "task-small_desc-pulsewindows_beh.json").read_text())
    assert sidecar["pulse_rate_bpm"] == {"Description": "Pulse rate", "Units": "bpm"}


def test_every_column_is_described_or_told():
    statistics = {
        "change": pd.DataFrame({"subject": [1.0, np.nan], "r_mean_calm": [0.5, np.nan]}),
        "own_table": pd.DataFrame({"wonder": ["a\tb\n", ""]}),
    }
    files, notes = derived_dataset_files(STUDY, {}, statistics)
    assert [str(note) for note in notes] == ["column wonder has no description (own_table)"]
    base = "task-small_desc-"
    assert files[f"{base}change_beh.tsv"].decode() == (
        "participant_id\tr_mean_calm\nsub-ada\t0.5\nn/a\tn/a\n"
    )
    assert files[f"{base}owntable_beh.tsv"] == b"wonder\na b\nn/a\n"
    sidecar = json.loads(files[f"{base}change_beh.json"])
    assert sidecar["r_mean_calm"]["Description"] == "Mean correlation in the condition calm"
    assert json.loads(files["dataset_description.json"])["SourceDatasets"][1] == {"URL": "file:b"}


def test_numbers_read_back_as_the_same(tmp_path):
    wave = np.array([0.1, 1 / 3, 1e-30], np.float32)
    names = ["subject", "video", "order", "step", "rating"]
    rows = [(3, "sea", 0, step, 1 / (step + 3)) for step in range(3)]
    results = ParticipantResults(pd.DataFrame(rows, columns=names), {"sea": wave})
    [(path, content)] = derived_participant_files(3, results, STUDY).items()
    assert path == "sub-c3/beh/sub-c3_task-small_desc-ratings_beh.tsv"
    found = table(content)
    np.testing.assert_array_equal(found["rating"], [row[-1] for row in rows])
    np.testing.assert_array_equal(found["pulse"].astype(np.float32), wave)


def test_the_columns_of_the_small_study_are_declared(tmp_path):
    results = write_small_results(tmp_path / "small")
    own = read_participant_results(results / "described", "001")
    tables = [own.ratings, own.windows, own.predictions]
    tables += read_statistics(results / "described/statistics").values()
    names = {name for one in tables for name in one.columns}
    assert names - set(COLUMNS) == {"subject"}


def test_signals_other_than_the_pulse_are_exported(tmp_path, capfd):
    results = with_skin_conductance(write_small_results(tmp_path / "small"))
    assert obey(["export", str(results), "--derivatives", str(tmp_path / "out")]) == 0
    base = "sub-ada/beh/sub-ada_task-small_desc-"
    ratings = read_table(tmp_path / f"out/{base}ratings_beh.tsv")
    sea = ratings["video"] == "sea"
    assert ratings.loc[sea, "eda_phasic"].tolist() == list(range(1, 2 * FIRST_STEPS, 2))
    assert ratings.loc[~sea, "eda_tonic"].isna().all()
    for what in ("sensorwindows", "sensorblocks"):
        assert read_table(tmp_path / f"out/{base}{what}_beh.tsv")["eda_tonic_us"].tolist() == [2.5]
    assert "no description" not in capfd.readouterr().err


def test_a_study_without_a_sensor_is_exported(tmp_path):
    results = without_sensor(write_small_results(tmp_path / "small"))
    assert obey(["export", str(results), "--derivatives", str(tmp_path / "out")]) == 0
    base = "sub-ada/beh/sub-ada_task-small_desc-"
    assert "pulse" not in read_table(tmp_path / f"out/{base}ratings_beh.tsv")
    assert not (tmp_path / f"out/{base}pulsewindows_beh.tsv").exists()


@pytest.mark.parametrize(
    "gone",
    [
        *("folds.tsv", "models/fusion/fold3/seed2/predictions.parquet", "pulse_blocks/001.tsv"),
        *("models/majority/fold1/predictions.parquet", "statistics/fusion/pooled.tsv"),
    ],
)
def test_a_study_that_is_half_done_is_refused_and_nothing_is_written(
    tmp_path, monkeypatch, capfd, gone
):
    monkeypatch.chdir(tmp_path)
    (write_small_results(tmp_path / "small") / "described" / gone).unlink()
    assert obey(["export", "small", "--derivatives", "out"]) != 0
    assert f"small/described/{gone}: expected this file of the results" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_whose_pulse_is_not_used_has_none_of_an_earlier_run(tmp_path):
    folder = write_small_results(tmp_path / "small") / "described"
    assert len(read_participant_results(folder, "001").windows)
    none = read_participant_results(folder, "001", has_pulse=False)
    assert none.pulse == {} and none.windows.empty
