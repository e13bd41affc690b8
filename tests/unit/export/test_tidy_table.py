"""One tidy table of a study, and the scripts that export one."""

import json
import runpy
import sys

import numpy as np
import pandas as pd
import pytest
from paths import ROOT
from small_results import (
    FIRST_STEPS,
    RAIN_STEPS,
    SEA_STEPS,
    with_motion,
    with_skin_conductance,
    write_small_results,
)

from tinglegram.canonical.files import write_session, write_signals
from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.export.files import write_tidy
from tinglegram.export.tidy import feature_columns, tidy_steps
from tinglegram.files import write_arrays, write_table

COLUMNS = {"acoustic": ["acoustic_rms", "acoustic_zcr"], "visual": ["visual_1"]}
STIMULI = {
    "sea": {
        "acoustic": np.arange(6.0).reshape(3, 2),
        "acoustic_first": -np.arange(4.0).reshape(2, 2),
        "visual": np.full((3, 1), 7.0),
    },
    "rain": {"acoustic": np.arange(6.0).reshape(3, 2) + 10},
}


def ratings():
    rows = [(4, "rain", 1, k, k / 10, 1) for k in range(3)]
    rows += [(4, "sea", 0, k, k / 10, 2) for k in range(2)]
    return pd.DataFrame(rows, columns=["subject", "video", "order", "step", "time_s", "rating"])


def test_a_row_for_every_step_in_the_order_shown():
    pulse = {"sea": np.array([0.5, 0.25, 9.0])}
    table = tidy_steps(ratings(), {"pulse": pulse}, STIMULI, COLUMNS)
    assert table["video"].tolist() == ["sea", "sea", "rain", "rain", "rain"]
    np.testing.assert_array_equal(table["pulse"], [0.5, 0.25, *[np.nan] * 3])
    # The trial shown first has features of its own; a sound has no picture.
    assert table["acoustic_rms"].tolist() == [0.0, -2.0, 10.0, 12.0, 14.0]
    np.testing.assert_array_equal(table["visual_1"], [7.0, 7.0, *[np.nan] * 3])


def test_a_clip_shown_again_has_its_own_pulse():
    again = ratings()
    again.loc[again["video"] == "rain", "video"] = "sea"
    pulse = {"sea": np.zeros(2), "sea@1": np.ones(3)}
    table = tidy_steps(again, {"pulse": pulse}, {}, {})
    np.testing.assert_array_equal(table["pulse"], [0, 0, 1, 1, 1])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_who_has_no_row_changes_no_column(tmp_path, suffix):
    whole = tidy_steps(ratings(), {"pulse": {}}, STIMULI, COLUMNS)
    empty = tidy_steps(ratings().iloc[:0], {"pulse": {}}, STIMULI, COLUMNS)
    to = tmp_path / f"t.{suffix}"
    assert write_tidy([empty, whole, empty, whole], to) == 10
    table = pd.read_csv(to) if suffix == "csv" else pd.read_parquet(to)
    assert list(table) == list(whole) and len(table) == 10
    with pytest.raises(TinglegramError, match="expected rows to write"):
        write_tidy([empty], tmp_path / f"none.{suffix}")


def test_a_signal_that_is_too_short_is_refused():
    with pytest.raises(InputProblem, match="rain, pulse: expected 3 steps"):
        tidy_steps(ratings(), {"pulse": {"rain": np.zeros(2)}}, {}, {})


def test_columns_have_their_names_or_numbers():
    named = feature_columns(STIMULI, ["acoustic", "visual", "touch"], {"acoustic": ["rms", "zcr"]})
    assert named == COLUMNS
    assert feature_columns(STIMULI, ["acoustic"], {})["acoustic"] == ["acoustic_1", "acoustic_2"]


def script(monkeypatch, name, *words):
    monkeypatch.setattr(sys, "argv", [name, *map(str, words)])
    runpy.run_path(str(ROOT / "scripts" / "export" / f"{name}.py"))["main"]()


@pytest.fixture
def results(tmp_path):
    """Return the results of a study of one participant."""
    folder = tmp_path / "results"
    session = Session(
        "P4",
        trial_table([(1, "sea", 0, 1.0, 0.2), (2, "rain", 1, 2.0, 0.3)]),
        response_table([(1, "joy", 1.05, 2.0)]),
    )
    base = folder / "canonical"
    write_session(session, *(base / f"004_{name}.tsv" for name in ("trials", "responses", "notes")))
    write_signals(
        {"pulse": Signal("x", "ppg", "mV", np.ones(4), 0.0, 10.0)}, base / "004_signals.npz"
    )
    (folder / "participants").mkdir()
    for name in ("all", "with_pulse"):
        (folder / f"participants/{name}.txt").write_text("004\n")
    clips = {code: {"file": f"{code}.wav"} for code in ("sea", "rain")}
    config = {
        **{"protocols": ["described"], "clips": clips, "models": {}, "data": {"root": "data"}},
        "published_predictions": None,
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    people = pd.DataFrame({"subject": [4], "participant_id": ["P4"], "age": [30]})
    write_table(people, folder / "participants.tsv")
    write_table(ratings(), folder / "described/labels/004.parquet")
    write_arrays(folder / "described/pulse_10hz/004.npz", {"sea": np.ones(2), "rain": np.ones(3)})
    for video, arrays in STIMULI.items():
        write_arrays(folder / f"described/stimuli/{video}.npz", arrays)
    return folder


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_script_writes_the_table(results, tmp_path, monkeypatch, suffix):
    to = tmp_path / f"table.{suffix}"
    given = ("--results", results, "--protocol", "described", "--features", "acoustic")
    script(monkeypatch, "export_table", *given, "--output", to)
    table = pd.read_csv(to) if suffix == "csv" else pd.read_parquet(to)
    assert table.shape == (5, 11)
    assert table[["participant_id", "age", "pulse", "acoustic_2"]].iloc[1].tolist() == [
        *("P4", 30, 1.0, -3.0)
    ]


def test_signals_other_than_the_pulse_are_columns_of_everybody(tmp_path, monkeypatch):
    results = with_skin_conductance(write_small_results(tmp_path / "small"))
    write_arrays(results / "described/sensors_10hz/003.npz", {})
    to = tmp_path / "t.csv"
    given = ("--results", results, "--protocol", "described", "--output", to)
    script(monkeypatch, "export_table", *given)
    table = pd.read_csv(to)
    sea = table[table["video"] == "sea"].set_index("subject")
    assert sea.loc[2, "eda_tonic"].tolist() == list(range(0, 2 * SEA_STEPS, 2))
    assert sea.loc[3, ["eda_tonic", "eda_phasic"]].isna().all(axis=None)
    (results / "described/sensors_10hz/003.npz").unlink()
    with pytest.raises(InputProblem, match="sensors_10hz/003.npz"):
        script(monkeypatch, "export_table", *given)


def test_feature_sets_are_columns_under_their_names(tmp_path, monkeypatch):
    results = with_motion(write_small_results(tmp_path / "small"))
    to = tmp_path / "t.csv"
    given = ("--results", results, "--protocol", "described", "--output", to)
    script(monkeypatch, "export_table", *given)
    table = pd.read_csv(to)
    assert table.columns[-2:].tolist() == ["motion_luminance", "motion_flow"]
    assert "visual_2" in table.columns
    first = table[(table["video"] == "sea") & (table["subject"] == 1)]
    assert first["motion_flow"].tolist() == [-1.0 - 2 * step for step in range(FIRST_STEPS)]
    assert table.loc[table["video"] == "rain", "motion_flow"].isna().all()
    script(monkeypatch, "export_table", *given, "--features", "motion")
    assert not any(name.startswith(("visual", "acoustic")) for name in pd.read_csv(to).columns)
    (results / "described/features/motion/sea.npz").unlink()
    with pytest.raises(InputProblem, match="features/motion/sea.npz"):
        script(monkeypatch, "export_table", *given)


def test_the_script_writes_the_dataset_with_its_stimuli(results, tmp_path, monkeypatch):
    film, to = tmp_path / "sea.mp4", tmp_path / "bids"
    film.write_bytes(b"film")
    given = ("--results", results, "--name", "x", "--conditions", "sea=calm", "rain=calm")
    script(monkeypatch, "export_bids", *given, "--stimuli", f"sea={film}", "--output", to)
    names = sorted(path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file())
    assert names == [
        "README",
        "dataset_description.json",
        "participants.json",
        "participants.tsv",
        "stimuli/sea.mp4",
        *(f"sub-P4/beh/sub-P4_task-x_{name}" for name in ("events.tsv", "physio.json")),
        "sub-P4/beh/sub-P4_task-x_physio.tsv.gz",
        "task-x_events.json",
    ]
    assert (
        to / "participants.tsv"
    ).read_text() == "participant_id\tstudy_id\tage\nsub-P4\tP4\t30\n"


def test_ids_that_bids_would_confuse_are_found_before_anything_is_written(tmp_path, monkeypatch):
    results = write_small_results(tmp_path / "small")
    people = pd.DataFrame({"subject": [1, 2, 3], "participant_id": ["ada", "ben", "A-da"]})
    write_table(people, results / "participants.tsv")
    with pytest.raises(TinglegramError, match="found sub-ada for ada, too"):
        script(
            *(monkeypatch, "export_bids", "--results", results, "--name", "x"),
            *("--output", tmp_path / "out"),
        )
    assert not (tmp_path / "out").exists()


def test_files_of_an_earlier_run_are_not_exported(tmp_path, monkeypatch):
    results = write_small_results(tmp_path / "small")
    (results / "participants/all.txt").write_text("002\n003\n")
    (results / "participants/with_pulse.txt").write_text("003\n")
    for old, new in (
        ("described/pulse_10hz/002.npz", "003.npz"),
        ("canonical/002_signals.npz", ""),
    ):
        new = new or "003_signals.npz"
        (results / old).with_name(new).write_bytes((results / old).read_bytes())
    windows = results / "described/pulse_windows"
    (windows / "003.tsv").write_text((windows / "002.tsv").read_text().replace("2", "3", 1))
    given = ("--results", results, "--output")
    script(monkeypatch, "export_table", *given, tmp_path / "t.csv", "--protocol", "described")
    pulse = pd.read_csv(tmp_path / "t.csv").groupby("subject")["pulse"].count()
    assert pulse.to_dict() == {2: 0, 3: SEA_STEPS + RAIN_STEPS}
    script(monkeypatch, "export_bids", *given, tmp_path / "bids", "--name", "x")
    found = {path.name.split("_")[0] for path in (tmp_path / "bids").rglob("*_physio.json")}
    assert found == {"sub-cleo"} and not (tmp_path / "bids/sub-ada").exists()
