"""Changes against rest of known size, from tables and from simulated recordings."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tinglegram.formats.recording import Recording
from tinglegram.inference.multiple_testing import adjust
from tinglegram.pulse import rests
from tinglegram.pulse.continuity import Continuity, find_level
from tinglegram.pulse.quality import Quality, mark_poor, measure_quality
from tinglegram.pulse.rest_change import changes, rest_change
from tinglegram.pulse.slicing import slice_by_index
from tinglegram.pulse.windows import Windowing, exact_windows, filter_windows, measure_windows
from tinglegram.report.figures.rest_change import describe_rest_change, draw_rest_change
from tinglegram.simulation import design, pulse_wave

CONDITIONS = ["ASMR", "Nature"]
HOW = {"resamples": 500, "confidence": 0.95, "seed": 42}
FAULTS = Continuity()
THRESHOLDS = Quality()
PAPER = Windowing()


def blocks_of(**rates):
    """Name of a block -> pulse rate of each person; RMSSD is half of it."""
    parts = []
    for name, values in rates.items():
        segment = "clips" if name in CONDITIONS else "rest"
        parts.append(
            pd.DataFrame(
                {
                    "subject": range(1, len(values) + 1),
                    "block": name,
                    "segment": segment,
                    "pulse_rate_bpm": np.array(values, dtype=float),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["rmssd_ms"] = table["pulse_rate_bpm"] / 2
    return pd.concat([table.assign(windows=kept) for kept in ("all", "good")])


def rates(n=12, seed=1):
    random = np.random.default_rng(seed)
    base = random.normal(70, 6, n)
    return {
        "baseline": base + 1,
        "washout": base,
        "final": base - 1,
        "ASMR": base - 3 + random.normal(0, 1, n),
        "Nature": base + random.normal(0, 1, n),
    }


def row_of(table, condition, against, measure="pulse_rate", windows="all"):
    keys = {"condition": condition, "against": against, "measure": measure, "windows": windows}
    found = table[np.logical_and.reduce([table[k] == v for k, v in keys.items()])]
    assert len(found) == 1
    return found.iloc[0]


def test_every_number_against_its_formula():
    given = rates()
    table = rest_change(blocks_of(**given), CONDITIONS, **HOW)
    rest = (given["baseline"] + given["washout"] + given["final"]) / 3
    for against, values in {"rest": rest, **given}.items():
        if against == "ASMR":
            continue
        change = given["ASMR"] - values
        row = row_of(table, "ASMR", against)
        test = stats.ttest_1samp(change, 0)
        assert row["mean_change"] == pytest.approx(change.mean())
        assert (row["t"], row["p_value"]) == pytest.approx((test.statistic, test.pvalue))
        assert (row["df"], row["n_participants"], row["reason"]) == (11, 12, "")
        assert row["ci_low"] < change.mean() < row["ci_high"]
        # With 12 people the bootstrap comes near the interval of t, and is a little shorter.
        half = test.confidence_interval().high - change.mean()
        assert 0.6 * half < (row["ci_high"] - row["ci_low"]) / 2 < 1.1 * half
    assert row_of(table, "ASMR", "rest", "rmssd")["mean_change"] == pytest.approx(
        (given["ASMR"] - rest).mean() / 2
    )
    # 2 measures x (2 conditions x (3 rests and their mean) + 1 difference) x 2 kinds of windows.
    assert len(table) == 2 * 9 * 2


def test_families_are_the_tests_on_the_same_windows():
    table = rest_change(blocks_of(**rates()), CONDITIONS, **HOW)
    assert table.groupby("windows")["family"].nunique().tolist() == [1, 1]
    part = table[table["windows"] == "good"]
    expected = adjust(part["p_value"], "x")
    assert np.allclose(part["p_holm"], expected["p_holm"])
    assert np.allclose(part["p_bh"], expected["p_bh"])


def test_missing_rests_and_people_are_left_out_where_they_lack_only():
    given = rates()
    given["final"][:] = np.nan
    given["washout"][2] = np.nan
    given["ASMR"][5] = np.nan
    table = rest_change(blocks_of(**given), CONDITIONS, **HOW)
    none = row_of(table, "ASMR", "final")
    assert none["n_participants"] == 0 and "0 participant(s)" in none["reason"]
    assert none[["mean_change", "ci_low", "t", "p_value", "p_holm"]].isna().all()
    assert row_of(table, "ASMR", "washout")["n_participants"] == 10
    assert row_of(table, "Nature", "rest")["n_participants"] == 12
    person = changes(blocks_of(**given), CONDITIONS)
    third = person[(person["subject"] == 3) & (person["against"] == "rest")]
    expected = given["Nature"][2] - given["baseline"][2]
    assert third[third["condition"] == "Nature"]["change"].iloc[0] == pytest.approx(expected)


def test_one_person_and_equal_changes_have_no_test():
    one = rest_change(blocks_of(**{k: v[:1] for k, v in rates().items()}), CONDITIONS, **HOW)
    assert (one["reason"] == "1 participant(s) with both values").all()
    assert one["ci_low"].isna().all() and one["mean_change"].notna().all()
    same = blocks_of(baseline=[70, 80], ASMR=[69, 79], Nature=[72, 81])
    row = row_of(rest_change(same, CONDITIONS, **HOW), "ASMR", "baseline")
    assert (row["mean_change"], row["reason"]) == (-1, "the same change in everybody")


def test_equal_values_over_other_numbers_of_windows_have_no_test():
    """Means of one value over 7 or 9 windows differ in their last digit."""
    random = np.random.default_rng(0)
    constant = 33.1 + np.arange(6)
    rounded = {
        name: constant + 7.1e-15 * random.integers(-1, 2, 6)
        for name in ("baseline", "washout", "final", "ASMR", "Nature")
    }
    table = rest_change(blocks_of(**rounded), CONDITIONS, **HOW)
    own = table[table["measure"] == "pulse_rate"]
    assert len(own) and (own["reason"] == "the same change in everybody").all()
    assert own[["t", "p_value"]].isna().all(axis=None)


def test_the_same_seed_gives_the_same_interval_whatever_the_order_of_people():
    table = blocks_of(**rates())
    ours = rest_change(table, CONDITIONS, **HOW)
    pd.testing.assert_frame_equal(ours, rest_change(table, CONDITIONS, **HOW))
    shuffled = pd.concat([part[::-1] for _, part in table.groupby("block", sort=False)])
    again = rest_change(shuffled, CONDITIONS, **HOW)
    assert row_of(again, "ASMR", "rest")["ci_low"] == row_of(ours, "ASMR", "rest")["ci_low"]
    other = rest_change(table, CONDITIONS, **(HOW | {"seed": 7}))
    assert row_of(other, "ASMR", "rest")["ci_low"] != row_of(ours, "ASMR", "rest")["ci_low"]


def test_without_a_change_the_interval_covers_zero_as_often_as_it_says():
    # Many rests of pure chance against a constant: one table holds many studies.
    draws = np.random.default_rng(3).normal(70, 6, (400, 34))
    given = {f"rest{k}": values for k, values in enumerate(draws)}
    table = rest_change(blocks_of(**given, ASMR=np.full(34, 70.0)), ["ASMR"], **HOW)
    each = table[(table["against"] != "rest") & (table["windows"] == "all")]
    each = each[each["measure"] == "pulse_rate"]
    covered = ((each["ci_low"] <= 0) & (each["ci_high"] >= 0)).mean()
    assert len(each) == 400
    assert 0.90 < covered < 0.97
    assert 0.02 < (each["p_value"] < 0.05).mean() < 0.09


@pytest.mark.parametrize("change", [0.0, -3.0])
def test_a_simulated_change_is_recovered_from_the_recordings(change):
    clips = {f"vid{i}": "ASMR" if i < 3 else "Nature" for i in range(1, 5)}
    schedule = design.Schedule(clip=30.0, first_trial=28.0, rests=(30.0, 30.0, 30.0))
    heart = pulse_wave.Cardiac(
        resting=(66.0, 80.0),
        coupling={},
        drift=0.5,
        noise=0.02,
        rest_change={"ASMR": change},
    )
    parts = []
    for subject in range(1, 9):
        session = design.plan_session(subject, clips, schedule, 42)
        wave = pulse_wave.simulate_pulse(session, {v: () for v in clips}, heart, 200.0, 42)
        record = Recording(wave.filtered, np.empty(0), 200.0, "CH2", "", "", "", "", ())
        shown = pd.DataFrame(session.showings)

        def windows(clip, start, end):
            place = exact_windows(start, end, 10, PAPER)
            waves = filter_windows(clip, place, 200.0, PAPER)
            table = measure_windows(clip, place, np.empty(0), 200.0, PAPER, waves)
            found = measure_quality(waves, *find_level(clip.signal, 200.0, FAULTS))
            return mark_poor(table.join(found), 3.0, THRESHOLDS)

        found = rests.find_rests(
            shown, rests.recording_seconds(len(wave.filtered), 200.0), 4, margin_s=2, minimum_s=5
        )
        resting = [
            windows(rests.slice_rest(record, "x", r), r.start_s, r.end_s).assign(rest=r.name)
            for r in found
        ]
        during = [
            windows(
                slice_by_index(record, "x", s.video, s.start_s + 5, s.end_s), s.start_s + 5, s.end_s
            ).assign(condition=s.condition)
            for s in session.showings
        ]
        table = rests.block_table(pd.concat(during), pd.concat(resting), found, CONDITIONS)
        parts.append(table.assign(subject=subject))
    table = rest_change(pd.concat(parts), CONDITIONS, **HOW)
    for condition, true in (("ASMR", change), ("Nature", 0.0)):
        # Windows with a false beat, more of them where the pulse is slow, draw towards 0.
        row = row_of(table, condition, "rest", windows="good")
        assert row["mean_change"] == pytest.approx(true, abs=0.4)
        assert row["ci_low"] - 0.2 < true < row["ci_high"] + 0.2
    assert (row_of(table, "ASMR", "rest")["p_holm"] < 0.05) == (change != 0)


def test_the_figure_shows_every_person_and_says_who_is_missing():
    given = rates()
    given["ASMR"][0] = np.nan
    blocks = blocks_of(**given)
    tests = rest_change(blocks, CONDITIONS, **HOW)
    figure = draw_rest_change(changes(blocks, CONDITIONS), tests, CONDITIONS, note="careful")
    assert [axis.get_ylabel() for axis in figure.axes] == [
        *("Change of pulse rate (bpm)", "Change of RMSSD (ms)"),
    ]
    points = [len(dots.get_offsets()) for dots in figure.axes[0].collections[:1]]
    assert points == [12]
    ticks = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert "(n = 11)" in ticks[0] and "(n = 12)" in ticks[1]
    assert "N = 11 in ASMR, 12 in Nature" in describe_rest_change(tests, 0.95, 500)


def test_the_figure_of_a_study_without_rests_says_there_is_no_test():
    given = {name: np.full(4, np.nan) for name in ("baseline", "final")}
    blocks = blocks_of(**given, ASMR=[70, 71, 72, 73], Nature=[71, 75, 72, 76])
    tests = rest_change(blocks, CONDITIONS, **HOW)
    figure = draw_rest_change(changes(blocks, CONDITIONS), tests, CONDITIONS)
    assert "no test" in figure.axes[0].get_xticklabels()[0].get_text()


def test_gaps_too_short_in_everybody_are_no_rests():
    blocks = blocks_of(**rates(), washout2=[np.nan] * 12, washout3=[70.0] + [np.nan] * 11)
    against = set(rest_change(blocks, CONDITIONS, **HOW)["against"])
    assert against == {"rest", "baseline", "washout", "washout3", "final", "Nature"}


def test_one_condition_is_set_against_rest_alone():
    given = {name: r for name, r in rates().items() if name not in ("washout", "Nature")}
    table = rest_change(blocks_of(**given), ["ASMR"], **HOW)
    assert set(table["condition"]) == {"ASMR"}
    assert set(table["against"]) == {"rest", "baseline", "final"}
    caption = describe_rest_change(table, 0.95, 500)
    assert "joined" not in caption and "N = 12 in ASMR" in caption


def test_the_interval_of_t_is_that_of_the_test():
    given = rates(8)
    table = rest_change(blocks_of(**given), CONDITIONS, **HOW, interval="t")
    row = row_of(table, "ASMR", "baseline")
    test = stats.ttest_1samp(given["ASMR"] - given["baseline"], 0).confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((test.low, test.high))
    drawn = row_of(rest_change(blocks_of(**given), CONDITIONS, **HOW), "ASMR", "baseline")
    # Percentiles of eight people are too near.
    assert drawn["ci_high"] - drawn["ci_low"] < 0.95 * (row["ci_high"] - row["ci_low"])
    said = describe_rest_change(table, 0.95, 500)
    assert "these clips, other people" in said and "resamples" not in said
    one = rest_change(blocks_of(**{k: v[:1] for k, v in given.items()}), CONDITIONS, **HOW)
    assert one["ci_low"].isna().all()


def test_t_covers_as_often_as_it_says_where_people_are_few():
    draws = np.random.default_rng(5).normal(70, 6, (600, 8))
    given = {f"rest{k}": values for k, values in enumerate(draws)}
    covered = {}
    for interval in ("t", "bootstrap"):
        blocks = blocks_of(**given, ASMR=np.full(8, 70.0))
        table = rest_change(blocks, ["ASMR"], **(HOW | {"resamples": 200}), interval=interval)
        each = table[(table["against"] != "rest") & (table["windows"] == "all")]
        each = each[each["measure"] == "pulse_rate"]
        covered[interval] = ((each["ci_low"] <= 0) & (each["ci_high"] >= 0)).mean()
    assert 0.93 < covered["t"] < 0.97
    assert covered["bootstrap"] < 0.92
