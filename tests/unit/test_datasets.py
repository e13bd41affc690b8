"""A study as a PyTorch dataset and as tables."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from small_results import (
    FIRST_STEPS,
    RAIN_STEPS,
    SEA_STEPS,
    WIDTH,
    counted,
    with_motion,
    with_skin_conductance,
    without_sensor,
    write_small_results,
)
from torch.utils.data import DataLoader, Subset

from tinglegram.datasets import TrialDataset, study_tables
from tinglegram.errors import InputProblem


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return write_small_results(tmp_path_factory.mktemp("results") / "small")


def test_trials_have_their_features_labels_and_names(results):
    data = TrialDataset(results, "described", ["pulse", "visual", "acoustic"])
    # Whoever has no pulse is left out.
    assert len(data) == 4 and data.without_pulse == [3]
    assert [(t["subject"], t["video"], t["order"]) for t in data] == [
        *((1, "sea", 0), (1, "rain", 1), (2, "sea", 1), (2, "rain", 0)),
    ]
    sea, rain = data[2], data[-1]
    assert (sea["condition"], rain["condition"]) == ("calm", "wild")
    assert sea["features"].dtype == torch.float32
    expected = counted(SEA_STEPS, WIDTH)
    expected[:, 2:4] = np.log1p(expected[:, 2:4])
    np.testing.assert_array_equal(sea["features"][:, :2], counted(SEA_STEPS, 2))
    np.testing.assert_array_equal(sea["features"][:, 2:-1], expected)
    np.testing.assert_array_equal(sea["features"][:, -1], np.ones(SEA_STEPS))
    # A sound has no picture, and is shorter.
    assert rain["features"].shape == (RAIN_STEPS, 2 + WIDTH + 1)
    assert not rain["features"][:, :2].any()
    # Class 1: above 1 in wild clips.
    assert rain["ratings"].tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert rain["labels"].tolist() == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0]
    assert rain["labels"].dtype == torch.int64 and not sea["labels"].any()


def test_the_trial_shown_first_has_its_own_sound(results):
    first = TrialDataset(results, "described", ["acoustic"])[0]
    assert first["features"].shape == (FIRST_STEPS, WIDTH)
    own = -counted(FIRST_STEPS, WIDTH)[:, 0] / 1000
    np.testing.assert_array_equal(first["features"][:, 0], own)


def test_columns_have_names(results):
    data = TrialDataset(results, "described")
    assert data.columns[:6] == [
        *("visual_1", "visual_2", "acoustic_mfcc_1", "acoustic_rms"),
        *("acoustic_log1p_spectral_centroid_hz", "acoustic_log1p_spectral_bandwidth_hz"),
    ]
    assert data.columns[-1] == "pulse" and len(data.columns) == data[0]["features"].shape[1]


def test_pytorch_takes_it(results):
    data = TrialDataset(results, "described", ["acoustic"])
    assert len(data) == 6 and data.without_pulse == []
    roles = data.fold(1)
    assert [data[row]["subject"] for row in roles.test] == [2, 3]
    (trial,) = DataLoader(Subset(data, roles.train), batch_size=None)
    assert trial["video"] == "rain" and isinstance(trial["features"], torch.Tensor)
    # Without pulse nobody is left out; with it, neither folds list whom the data do not hold.
    assert len(TrialDataset(results, "described", ["pulse"]).fold(1).test) == 1
    with pytest.raises(IndexError):
        data[6]


def test_tables_by_name(results):
    tables = study_tables(results, "described")
    assert set(tables) == {
        *("timeline", "ratings", "participants", "folds", "pulse_windows", "predictions"),
        *("agreement", "pooled"),
    }
    assert tables["timeline"]["n_steps"].sum() == len(tables["ratings"]) == 72
    assert tables["participants"]["participant_id"].tolist() == ["ada", "ben", "cleo"]
    assert tables["pulse_windows"]["subject"].tolist() == [1, 2]
    assert tables["predictions"].to_numpy().tolist() == [
        ["fusion", 1, 1, 1, 0.25],
        ["fusion", 2, 1, 1, 0.5],
        ["fusion", 2, 2, 1, 0.75],
    ]
    assert tables["pooled"].to_numpy().tolist() == [
        ["fusion", "accuracy", 0.6],
        ["majority", "accuracy", 0.8],
    ]


def test_a_study_without_a_sensor_has_its_tables(tmp_path):
    results = without_sensor(write_small_results(tmp_path / "small"))
    assert "pulse_windows" not in study_tables(results, "described")
    assert len(TrialDataset(results, "described", ["acoustic"])) == 6


def test_tables_load_no_pytorch(results):
    code = (
        "import sys\nfrom tinglegram.datasets import study_tables\n"
        f"print(len(study_tables({str(results)!r}, 'described')), 'torch' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.split() == ["8", "False"], answer.stderr


def test_sensors_are_features_of_the_trials_that_have_them(tmp_path):
    results = with_skin_conductance(write_small_results(tmp_path / "small"))
    data = TrialDataset(results, "described", ["eda"])
    assert data.columns == ["eda_tonic", "eda_phasic"]
    assert [(t["subject"], t["video"]) for t in data] == [*((1, "sea"), (2, "sea"), (3, "sea"))]
    np.testing.assert_array_equal(data[0]["features"], counted(FIRST_STEPS, 2))
    assert len(TrialDataset(results, "described", ["acoustic"])) == 6


def test_feature_sets_are_features_of_every_trial(tmp_path):
    results = with_motion(write_small_results(tmp_path / "small"))
    data = TrialDataset(results, "described", ["motion", "visual"])
    assert data.columns == ["visual_1", "visual_2", "motion_luminance", "motion_flow"]
    sea, rain = (next(t for t in data if t["video"] == clip) for clip in ("sea", "rain"))
    np.testing.assert_array_equal(sea["features"][:, 2:], -counted(len(sea["features"]), 2))
    assert not rain["features"].any()
    with pytest.raises(InputProblem, match=r"\(visual, acoustic, pulse, motion\), found texture"):
        TrialDataset(results, "described", ["texture"])
    (results / "described/features/motion/rain.npz").unlink()
    with pytest.raises(InputProblem, match="features/motion/rain.npz: expected this file"):
        TrialDataset(results, "described", ["motion"])
    # Who asks for no feature set needs none of their files.
    assert len(TrialDataset(results, "described", ["acoustic"])) == 6
