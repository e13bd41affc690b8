"""Windows, blocks and series of planted sensors."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sensor_signals import flat_ratings, planted_skin, sensor, sensor_timeline

from tinglegram.canonical.files import write_signals
from tinglegram.errors import InputProblem
from tinglegram.files import read_arrays, read_table, write_table
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.sensors.cleaning import clean_sensor, require_cover, unpack_sensors
from tinglegram.sensors.sensor_series import sensor_series
from tinglegram.sensors.sensor_windows import measure_sensors
from tinglegram.sensors.settings import SensorMethods

METHODS = SensorMethods()
ROOT = Path(__file__).parents[3]
# Two clips of each condition, rests before, between and after them.
TIMELINE = sensor_timeline([20, 52, 100, 132])
ONSETS = [27.0, 33.0, 60.0, 110.0, 115.0, 120.0]
SKIN, TONIC = planted_skin(190, 4, ONSETS, [0.4] * 6, noise_us=0.002)
WARM = 33.0 + np.arange(760) / 760


def cleaned(**signals):
    units = {"eda": "µS", "temperature": "°C"}
    return {
        kind: clean_sensor(sensor(kind, values, 4, units[kind]), METHODS, "P07")[0]
        for kind, values in signals.items()
    }


def tables(sensors, kinds, timeline=TIMELINE):
    return measure_sensors(
        sensors,
        kinds,
        timeline,
        flat_ratings(timeline) if len(timeline) else pd.DataFrame(columns=["video", "step"]),
        ["A", "B"],
        subject=7,
        n_clips=4,
        window_clock="exact",
        grid_hz=10,
        windowing=Windowing(),
        rest_epochs=RestEpochs(),
        coverage=METHODS.sensor_coverage,
    )


def test_windows_have_the_planted_values():
    found = tables(cleaned(eda=SKIN, temperature=WARM), ["eda", "temperature"])
    windows = found.windows
    assert list(windows) == [
        *("subject", "video", "start_s", "mean_rating"),
        *("eda_tonic_us", "eda_phasic_us", "eda_responses_per_min", "temperature_c"),
        *("eda_coverage", "eda_poor", "temperature_coverage", "temperature_poor", "poor"),
    ]
    assert not windows["poor"].any() and (windows["subject"] == 7).all()
    starts = windows["video"].map(TIMELINE.set_index("video")["valid_start_s"]) + windows["start_s"]
    for row, start_s in zip(windows.itertuples(), starts, strict=True):
        own = slice(round(start_s * 4), round((start_s + 5) * 4))
        assert row.eda_tonic_us == pytest.approx(TONIC[own].mean(), abs=0.06)
        assert row.temperature_c == pytest.approx(WARM[own].mean(), abs=1e-6)
        begun = sum(start_s <= onset < start_s + 5 for onset in ONSETS)
        near = any(min(abs(onset - start_s), abs(onset - start_s - 5)) < 0.3 for onset in ONSETS)
        assert near or row.eda_responses_per_min == pytest.approx(12.0 * begun)
    assert windows.groupby("video")["mean_rating"].mean().tolist() == [0, 1, 2, 3]


def test_blocks_are_means_of_rests_and_conditions():
    found = tables(cleaned(eda=SKIN, temperature=WARM), ["eda", "temperature"])
    blocks = found.blocks
    assert blocks["block"].tolist() == [
        name for name in ("baseline", "washout", "final", "A", "B") for _ in range(2)
    ]
    assert blocks["windows"].tolist() == ["all", "good"] * 5
    assert (blocks["problem"] == "").all() and (blocks["subject"] == 7).all()
    clips = found.windows.merge(TIMELINE[["video", "condition"]])
    for row in blocks[blocks["segment"] == "clips"].itertuples():
        own = clips[clips["condition"] == row.block]
        assert row.eda_tonic_us == pytest.approx(own["eda_tonic_us"].mean())
        assert row.n_windows == row.eda_windows == len(own)
    rests = blocks[blocks["segment"] == "rest"]
    # Nothing was planted in a rest, and it gets warmer.
    assert (rests["eda_responses_per_min"] == 0).all()
    assert rests["temperature_c"].iloc[::2].is_monotonic_increasing


def test_a_sensor_that_is_not_there_has_no_values_and_spoils_no_other():
    found = tables(cleaned(eda=SKIN), ["eda", "resp", "temperature"])
    assert found.windows[["resp_rate_per_min", "resp_depth", "temperature_c"]].isna().all(axis=None)
    assert found.windows["resp_poor"].all() and not found.windows["poor"].any()
    assert found.blocks["eda_tonic_us"].notna().all() and found.blocks["resp_depth"].isna().all()
    nothing = tables({}, ["eda"])
    assert len(nothing.windows) == len(found.windows) and nothing.windows["poor"].all()
    assert nothing.windows["eda_tonic_us"].isna().all()
    assert nothing.findings == tuple(
        f"rest '{name}' is not used: no sensor recorded"
        for name in ("baseline", "washout", "final")
    )
    resting = nothing.blocks[nothing.blocks["segment"] == "rest"]
    assert set(resting["problem"]) == {"no sensor recorded"}
    clips = nothing.blocks[nothing.blocks["segment"] == "clips"]
    assert (
        clips["problem"].tolist()
        == [
            "no window with a skin conductance",
            "no good window",
        ]
        * 2
    )


def test_the_job_of_a_participant_with_a_dead_sensor_does_without_it(tmp_path):
    dead, warm = sensor("eda", np.zeros(760), 4, "µS"), sensor("temperature", WARM, 4, "°C")
    write_signals({"EDA": dead, "TEMPERATURE": warm}, tmp_path / "signals.npz")
    write_table(TIMELINE, tmp_path / "timeline.tsv")
    settings = [
        f"--{name.replace('_', '-')}={value}"
        if not isinstance(value, tuple)
        else f"--{name.replace('_', '-')} {value[0]} {value[1]}"
        for name, value in vars(METHODS).items()
    ]
    given = ("--signals", tmp_path / "signals.npz", "--timeline", tmp_path / "timeline.tsv")
    written = ("--output", tmp_path / "clean.npz", "--notes", tmp_path / "notes.tsv")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/sensors/clean_sensors.py", *map(str, given + written)]
        + ["--participant", "P07", "--sensors", "eda=", "temperature="]
        + " ".join(settings).split(),
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(unpack_sensors(read_arrays(tmp_path / "clean.npz"))) == ["temperature"]
    notes = read_table(tmp_path / "notes.tsv")
    assert notes["kind"].tolist() == ["no_eda"] and "dead" in notes["message"][0]


def test_windows_without_enough_values_are_poor():
    values = SKIN.copy()
    values[28 * 4 : 40 * 4] = np.nan
    found = tables(cleaned(eda=values), ["eda"]).windows
    first = found[found["video"] == "clip0"].set_index("start_s")
    assert not first.loc[16.0, "poor"] and first.loc[[2.0, 5.0, 8.0], "poor"].all()
    assert first.loc[5.0, ["eda_coverage"]].tolist() == [0.0]
    assert np.isnan(first.loc[5.0, "eda_tonic_us"])
    # A mean may come from a few samples; a rate of a second would be wild.
    few = found[(found["eda_coverage"] > 0) & found["eda_poor"]]
    assert len(few) and few["eda_tonic_us"].notna().all()
    assert few["eda_responses_per_min"].isna().all()
    assert found.loc[~found["eda_poor"], "eda_responses_per_min"].notna().all()
    assert found.loc[found["video"] != "clip0", "eda_coverage"].min() == 1.0


@pytest.mark.parametrize("rate_hz", [0.5, 0.1, 1 / 30])
def test_windows_read_a_slow_temperature_between_its_samples(rate_hz):
    values = 33 + np.arange(0, 240, 1 / rate_hz) / 760
    clean, _ = clean_sensor(sensor("temperature", values, rate_hz, "°C"), METHODS, "P07")
    windows = tables({"temperature": clean}, ["temperature"]).windows
    starts = windows["video"].map(TIMELINE.set_index("video")["valid_start_s"]) + windows["start_s"]
    assert (windows["temperature_coverage"] == 1).all()
    np.testing.assert_allclose(windows["temperature_c"], 33 + (starts + 2.5) / 760, atol=2e-4)
    arrays, lacking = sensor_series({"temperature": clean}, TIMELINE, 0.8)
    assert lacking == [] and len(arrays) == 4


def test_windows_of_a_constant_are_equal_whatever_their_number_of_samples():
    values = np.full(760, 33.1)
    values[-1] = 34.0
    clean, _ = clean_sensor(sensor("temperature", values, 4, "°C"), METHODS, "P07")
    usable = np.random.default_rng(0).random(760) < 0.9
    clean = clean.__class__("temperature", 0.0, 4.0, usable, clean.parts)
    assert set(tables({"temperature": clean}, ["temperature"]).windows["temperature_c"]) == {33.1}


def test_a_participant_whose_clips_are_left_out_has_empty_tables():
    found = tables(cleaned(eda=SKIN), ["eda"], TIMELINE.iloc[:0])
    assert len(found.windows) == 0 and "eda_tonic_us" in found.windows
    assert found.blocks["block"].tolist() == ["A", "A", "B", "B"]
    assert found.blocks["problem"].tolist() == ["no window", "no good window"] * 2


def test_clips_that_were_shown_again_keep_their_order():
    again = TIMELINE.assign(video=["clip0", "clip1", "clip0", "clip1"], condition="A")
    found = tables(cleaned(eda=SKIN), ["eda"], again).windows
    assert found.drop_duplicates("order")["order"].tolist() == [0, 1, 2, 3]


def test_series_are_z_scores_on_the_grid():
    arrays, lacking = sensor_series(cleaned(eda=SKIN, temperature=WARM), TIMELINE, 0.8)
    assert lacking == [] and len(arrays) == 8
    for name in ("clip0@eda", "clip3@temperature"):
        series = arrays[name]
        assert series.dtype == np.float32 and series.shape == (250, 2 if "eda" in name else 1)
        np.testing.assert_allclose(series.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(series.std(axis=0), 1, atol=1e-5)
    # The phasic series rises after the onset at 27 s, 2 s into the clip.
    phasic = arrays["clip0@eda"][:, 1]
    assert phasic[:15].max() < phasic[35]
    assert arrays["clip0@temperature"][0, 0] < arrays["clip0@temperature"][-1, 0]


def test_a_trial_without_enough_of_a_sensor_has_no_series_of_it():
    values = SKIN.copy()
    values[30 * 4 : 40 * 4] = np.nan
    arrays, lacking = sensor_series(cleaned(eda=values, temperature=WARM), TIMELINE, 0.8)
    assert lacking == ["clip0@eda"] and len(arrays) == 7


def test_a_level_that_does_not_change_is_zero():
    level = np.repeat([33.0, 34.0], [600, 160])
    (clean,) = cleaned(temperature=level).values()
    clean = clean.__class__("temperature", 0.0, 4.0, np.ones(760, dtype=bool), clean.parts)
    arrays, _ = sensor_series({"temperature": clean}, TIMELINE, 0.8)
    assert not arrays["clip0@temperature"].any() and arrays["clip3@temperature"].any()


def test_a_signal_on_another_clock_is_refused():
    (clean,) = cleaned(eda=SKIN).values()
    require_cover(clean, TIMELINE, "EDA", "P07")
    with pytest.raises(InputProblem, match="values from second 0.0 to second 190.0 alone"):
        require_cover(clean, TIMELINE.assign(valid_start_s=900.0, end_s=930.0), "EDA", "P07")
