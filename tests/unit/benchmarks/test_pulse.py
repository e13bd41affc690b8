"""The pulse benchmark on few waves: known beats are found, and the page says what was measured."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
from paths import ROOT

from tinglegram.errors import TinglegramError


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return importlib.import_module("pulse")


@pytest.fixture(scope="module")
def waves(bench):
    wanted = ("clean 100 Hz 70 bpm", "ectopic beats 100 Hz 70 bpm", "clean 25 Hz 40 bpm")
    return [wave for wave in bench.simulated() if wave.name in wanted]


def test_known_beats_give_their_own_rate(bench, waves):
    for wave in waves:
        rates, rmssds = bench.window_values(wave, wave.beats_s, wave.normal)
        assert np.nanmean(rates) == pytest.approx(wave.bpm, rel=0.02)
        assert np.nanmax(rmssds) < 100


def test_corrected_is_near_the_truth_and_the_lag_of_a_clock_is_found(bench, waves):
    late = replace(
        waves[1], name="late", group="late", beats_s=waves[1].beats_s - 1.0, lags_s=(-2.0, 2.0)
    )
    beats = {f"{wave.name}@perfect": wave.beats_s for wave in waves}
    beats["late@none@error"] = np.array("it failed")
    table = bench.compare([*waves, late], beats)
    own = table[table["way"] == "corrected"]
    assert (own["rate"] - own["true_rate"]).abs().median() < 0.1
    perfect = table[(table["way"] == "perfect") & table["group"].str.startswith("clean")]
    assert len(perfect) == 70
    assert (perfect["rate"] - perfect["true_rate"]).abs().max() == 0
    assert table.loc[table["way"] == "none", "rate"].isna().all()
    page = bench.pulse_page.page(table, ["late"])
    assert "| late | " in page
    assert "no value" in page
    assert "| 40 | " in page
    assert "not installed" not in page


def test_the_page_says_what_was_not_there(bench, waves):
    page = bench.pulse_page.page(bench.compare(waves[:1], {}), [])
    assert "The other packages were not installed" in page
    assert "The reference recordings were not there" in page


def test_a_folder_without_recordings_is_named(bench, tmp_path):
    with pytest.raises(TinglegramError, match="has no reference recording"):
        bench.recordings(tmp_path)


def test_reference_recordings_have_beats(bench, shared):
    found = bench.recordings(shared)
    assert len(found) >= 3
    for wave in found:
        assert 40 < 60 / np.median(np.diff(wave.beats_s)) < 110, wave.name
