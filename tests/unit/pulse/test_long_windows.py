"""RMSSD of rests and conditions from windows long enough for it."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.pulse.long_windows import (
    LongWindows,
    long_windowing,
    too_short_finding,
    with_long_rmssd,
)
from tinglegram.pulse.measures import MEASURES_OF_BLOCKS
from tinglegram.pulse.rest_change import changes, rest_change
from tinglegram.pulse.rests import Rest, block_table
from tinglegram.pulse.windows import Windowing

CONDITIONS = ["ASMR", "Nature"]
RESTS = [Rest("baseline", 0.0, 40.0), Rest("washout", 90.0, 100.0), Rest("final", 0, 0, "none")]
HOW = {"resamples": 200, "confidence": 0.95, "seed": 3}


def windows_of(column, blocks):
    """Block -> RMSSD of its windows; one more window is poor."""
    return pd.DataFrame(
        [
            {column: name, "video": name, "rmssd_ms": value, "pulse_rate_bpm": 60.0, "poor": poor}
            for name, values in blocks.items()
            for value, poor in [*((v, False) for v in values), (400.0, True)]
        ],
        columns=[column, "video", "rmssd_ms", "pulse_rate_bpm", "poor"],
    )


def test_a_long_window_needs_as_many_beats_in_every_second():
    long = long_windowing(Windowing(), LongWindows())
    assert (long.window, long.step) == (30.0, 1.0)
    # 3 intervals in 5 s are 36 a minute, and so are 18 in 30 s.
    assert (long.minimum_intervals, long.minimum_peaks) == (18, 19)


def test_blocks_hold_geometric_means_of_long_windows():
    short = windows_of("condition", {"ASMR": [10.0], "Nature": [11.0]})
    resting = windows_of("rest", {"baseline": [12.0], "washout": [13.0]})
    blocks = block_table(short, resting, RESTS, CONDITIONS)
    long = windows_of("condition", {"ASMR": [20.0, 45.0, 0.0], "Nature": [7.0]})
    rested = windows_of("rest", {"baseline": [32.0]})
    found = with_long_rmssd(blocks, long, rested, RESTS, CONDITIONS)
    good = found[found["windows"] == "good"].set_index("block")
    assert good.loc["ASMR", "rmssd_ms"] == pytest.approx(30.0)
    # An RMSSD of 0 has no ratio.
    assert good["n_windows_rmssd"].to_dict() == {
        **{"baseline": 1, "washout": 0, "final": 0, "ASMR": 2, "Nature": 1}
    }
    assert good.loc[["washout", "final"], "rmssd_ms"].isna().all()
    every = found[found["windows"] == "all"].set_index("block")
    assert every.loc["Nature", "rmssd_ms"] == pytest.approx(np.sqrt(7 * 400))
    unchanged = [c for c in blocks.columns if c != "rmssd_ms"]
    pd.testing.assert_frame_equal(found[unchanged], blocks[unchanged])


def test_what_is_too_short_is_counted():
    timeline = pd.DataFrame({"video": ["ASMR", "Nature", "vid3"]})
    long = windows_of("condition", {"ASMR": [20.0], "Nature": [7.0]})
    rested = windows_of("rest", {"baseline": [32.0]})
    assert too_short_finding(timeline, long, rested, RESTS, 30.0) == (
        "1 of 3 clips and 1 of 2 rests are too short for a window of 30 s (pulse: rmssd_window): "
        "they have no RMSSD"
    )
    assert too_short_finding(timeline[:2], long, rested, RESTS[:1], 30.0) == ""
    assert too_short_finding(timeline, long[:0], rested[:0], [], 30.0).startswith("3 of 3 clips")


def blocks_of(ratios, rest=30.0):
    """One rest and two conditions; the RMSSD of each person in ASMR over that at rest."""
    parts = [("baseline", "rest", np.ones(len(ratios))), ("ASMR", "clips", np.array(ratios))]
    parts += [("Nature", "clips", np.ones(len(ratios)))]
    tables = [
        pd.DataFrame(
            {
                "subject": np.arange(1, len(ratios) + 1),
                "block": name,
                "segment": segment,
                "windows": "all",
                "pulse_rate_bpm": 60.0 + np.arange(len(ratios)) % 3 * (name == "ASMR"),
                "rmssd_ms": rest * np.arange(1, len(ratios) + 1) * values,
            }
        )
        for name, segment, values in parts
    ]
    return pd.concat(tables, ignore_index=True)


def rmssd_row(table):
    keys = (table["measure"] == "rmssd") & (table["condition"] == "ASMR")
    return table[keys & (table["against"] == "rest")].iloc[0]


def test_the_change_of_a_ratio_is_its_logarithm_printed_in_percent():
    ratios = [0.5, 2.0, 1.0, 0.8]
    measures = MEASURES_OF_BLOCKS["long"]
    row = rmssd_row(
        rest_change(blocks_of(ratios), CONDITIONS, **HOW, interval="t", measures=measures)
    )
    logged = np.log(ratios)
    error = logged.std(ddof=1) / 2
    assert row["unit"] == "%" and row["interval"].startswith("t over participants")
    assert row["mean_change"] == pytest.approx(100 * np.expm1(logged.mean()))
    assert row["t"] == pytest.approx(logged.mean() / error)
    # The 97.5 % point of t with 3 degrees of freedom.
    for end, sign in (("ci_low", -1), ("ci_high", 1)):
        assert row[end] == pytest.approx(
            100 * np.expm1(logged.mean() + sign * 3.182446 * error), rel=1e-5
        )
    people = changes(blocks_of(ratios), CONDITIONS, measures)
    own = people[(people["measure"] == "rmssd") & (people["condition"] == "ASMR")]
    assert own[own["against"] == "rest"]["change"].tolist() == pytest.approx([-50, 100, 0, -20])
    # Released: milliseconds, and those with a high RMSSD decide.
    short = rmssd_row(rest_change(blocks_of(ratios), CONDITIONS, **HOW))
    assert short["unit"] == "ms" and "interval" not in short
    assert short["mean_change"] == pytest.approx(30 * (0.5 * -1 + 1 * 2 - 0.2 * 4) / 4)


def test_without_any_long_window_there_is_no_test_and_no_crash():
    blocks = blocks_of([1.0, 1.1, 0.9]).assign(rmssd_ms=np.nan)
    how = {"interval": "t", "measures": MEASURES_OF_BLOCKS["long"]}
    row = rmssd_row(rest_change(blocks, CONDITIONS, **HOW, **how))
    assert row["n_participants"] == 0 and row["reason"] != ""
    assert np.isnan([row["mean_change"], row["ci_low"], row["p_value"]]).all()
