"""The benchmark at tiny size: both ways of every stage find the same. No times are asserted."""

import copy
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from paths import ROOT

from tinglegram.errors import TinglegramError

BENCH = ROOT / "benchmarks"


def shrunk(settings: dict[str, Any]) -> dict[str, Any]:
    """The benchmark's settings, small enough for a test."""
    settings = copy.deepcopy(settings)
    settings["timing"] |= {"clip": 9.0, "first_trial": 8.0, "warm_up": 2.0}
    settings["simulation"] |= {"rests": [2.0, 2.0, 2.0], "smoothness": 0.5}
    settings["pulse"]["sampling_rate"] = 250
    settings["stimuli"] |= {"image_size": 32}
    settings["training"]["bilstm"] |= {"hidden": 4, "batch": 8}
    settings["statistics"] |= {"agreement_bootstrap": 50, "bootstrap": 60, "permutations": 150}
    settings["bench"] |= {
        "people": 9,
        "trained_people": 8,
        "frame_size": [64, 48],
        "draws_per_reference_draw": 3,
    }
    return settings


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """The benchmark's modules, and a folder with its data at tiny size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        names = ("compare", "measure", "page", "simulated", "stages")
        modules = {name: importlib.import_module(name) for name in names}
        data: Path = tmp_path_factory.mktemp("bench")
        modules["simulated"].prepare(data, shrunk(modules["simulated"].paper_scale()))
        yield SimpleNamespace(data=data, **modules)


STAGES = [
    "ppg_reading",
    "ppg_reading_once",
    "pulse_windows",
    "behaviour",
    "stimuli",
    "trials",
    "training",
    "resampling",
]


def test_every_stage_is_tested_here(bench):
    assert list(dict.fromkeys(stage.module for stage in bench.stages.STAGES)) == STAGES


@pytest.mark.parametrize("name", STAGES)
def test_both_ways_find_the_same(bench, name):
    found, measured = {}, {}
    for way in bench.page.WAYS:
        results = bench.data / f"{name}_{way}.npz"
        measured[way] = bench.measure.measure(name, way, bench.data, results)
        found[way] = dict(np.load(results))
    stage = next(stage for stage in bench.stages.STAGES if stage.module == name)
    bench.compare.require_equal(stage, found["ours"], found["reference"])
    assert all(m["seconds"] > 0 and m["peak_mib"] > 1 for m in measured.values())
    # Something was compared, and it is not all missing.
    assert all(np.isfinite(array).any() for array in found["ours"].values())


def test_windows_have_pulse_rates(bench):
    module = importlib.import_module("stages.pulse_windows")
    settings = bench.simulated.read_settings(bench.data)
    windows = module.ours(module.load(bench.data, settings, "ours"))["windows"]
    # 9 s less 2 s of warm-up hold 2 windows of 5 s that end before the clip; the first clip 1.
    assert windows.shape == (15, 3)
    assert np.isfinite(windows[:, 0]).sum() > 10


def test_plain_resampling_is_scaled_to_all_draws(bench):
    module = importlib.import_module("stages.resampling")
    inputs = module.load(bench.data, bench.simulated.read_settings(bench.data), "reference")
    assert (inputs.few.bootstrap, inputs.few.permutations, module.scale(inputs)) == (20, 50, 3)


def test_differing_results_stop_the_benchmark(bench):
    stage = bench.stages.STAGES[0]
    ours = {"a": np.array([1.0, np.nan]), "b": np.zeros(2)}
    bench.compare.require_equal(stage, ours, copy.deepcopy(ours))
    for plain in (
        {"a": ours["a"] + 1e-3, "b": ours["b"]},
        {"a": ours["a"], "b": np.zeros(3)},
        {"a": ours["a"]},
    ):
        with pytest.raises(TinglegramError, match="PPG reading: our results are not those"):
            bench.compare.require_equal(stage, ours, plain)


def test_failing_measurement_stops_the_benchmark(bench, tmp_path):
    with pytest.raises(TinglegramError, match="--stage absent .* ended with code 1"):
        bench.compare.measured_once("--stage", "absent", "--way", "ours", "--data", tmp_path)


def test_page_says_ratio_memory_and_missed_marks(bench):
    def runs(*seconds: float) -> list[dict[str, Any]]:
        return [
            {"seconds": s, "peak_mib": 100.0, "growth_mib": 12.4, "laps": [s / 4, s / 2]}
            for s in seconds
        ]

    measured = [
        (stage, {"ours": runs(0.5, 1.0, 2.0), "reference": runs(10.0, 20.0, 30.0)})
        for stage in bench.stages.STAGES
    ]
    settings = bench.simulated.paper_scale()
    table = bench.page.rows(measured, settings).set_index("stage")
    assert table.loc["PPG reading", "ratio"] == "**20.0** (15.0-20.0)"
    assert table.loc["PPG reading", "mark"] == "≥ 3: reached"
    assert table.loc["resampling", "mark"] == "≥ 300: **missed**"
    assert table.loc["resampling", "ours, MiB"] == "100 (+12)"
    assert table.loc["stimuli, with a cache", "plain, s"] == "10.0"
    assert "12 min at 2000 Hz" in table.loc["PPG reading", "data"]
    assert "68 trials x 550 frames" in table.loc["resampling", "data"]
    planning = bench.page.Planning("snakemake -n", [4.0, 5.0, 4.5], 198)
    other = "<!-- scale: begin -->\n\nWhat another command wrote.\n\n<!-- scale: end -->"
    before = f"# Old page\n{other}\n"
    page = bench.page.write_page(measured, settings, planning, "make bench", 7.25, before)
    assert page.endswith(f"\n{other}\n") and "# Old page" not in page
    assert bench.page.kept_section("") == "<!-- scale: begin -->\n<!-- scale: end -->"
    assert "Marks missed: resampling." in page
    assert "`snakemake -n` plans\n198 jobs in 4.5 s on the clock (median of 3)" in page
    assert "The whole run took 7.2 min" in page
    assert sys.version.split()[0] in page
