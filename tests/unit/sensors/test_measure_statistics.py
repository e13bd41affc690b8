"""Planted effects of signals other than the pulse are found, nothing else is, and gaps are told."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sensor_tables import MEASURES, USUAL, sensor_blocks, sensor_windows

from tinglegram.inference.multiple_testing import adjust
from tinglegram.pulse.clip_shifts import ClipShifts
from tinglegram.pulse.mixed_model import MIXED_MODEL_COLUMNS
from tinglegram.sensors import measure_statistics as of_sensors
from tinglegram.sensors.measures import SENSOR_MEASURE_NAMES, measures_named, measures_of

CONDITIONS = ["sea", "forest"]
NAMES = [measure.name for measure in MEASURES]
BOOTSTRAP = {"resamples": 300, "confidence": 0.95, "seed": 7}
PLACED = {"window_s": 4.0, "step_s": 2.0, "confidence": 0.95}


def coupled(windows, conditions=CONDITIONS, measures=MEASURES):
    coupling = of_sensors.couple_measures(windows, conditions, 10, measures)
    tests = of_sensors.compare_measures(
        coupling,
        conditions,
        measures,
        of_sensors.poor_shares(windows, measures),
        of_sensors.absent_measures(windows, measures),
    )
    return coupling, tests


def rows(table, **wanted):
    return table[np.logical_and.reduce([table[key] == value for key, value in wanted.items()])]


def row(table, **wanted):
    found = rows(table, **wanted)
    assert len(found) == 1
    return found.iloc[0]


def test_measures_of_the_types_that_are_read():
    assert [m.name for m in measures_of(["temperature", "eda"])] == [
        *("eda_tonic", "eda_phasic", "eda_responses"),
        "temperature",
    ]
    assert measures_of([]) == []
    assert measures_named(["resp_depth", "eda_tonic"])[0].column == "resp_depth"
    # Columns and names are as every other stage and file calls them.
    assert {m.name: m.column for m in MEASURES} == {
        "eda_tonic": "eda_tonic_us",
        "eda_phasic": "eda_phasic_us",
        "eda_responses": "eda_responses_per_min",
        "resp_rate": "resp_rate_per_min",
        "resp_depth": "resp_depth",
        "temperature": "temperature_c",
    }
    assert list(SENSOR_MEASURE_NAMES) == NAMES


def test_planted_coupling_has_its_sign_and_size():
    windows = sensor_windows(1, {"eda_tonic": (1.0, 0.0), "resp_rate": (-1.0, -1.0)}, people=20)
    coupling, tests = coupled(windows)
    # r of value = slope * rating + noise, both of known spread, within a person.
    spread = windows.groupby(["subject", "condition"])["mean_rating"].std().mean()
    for measure, condition, slope in (
        ("eda_tonic", "sea", 1.0),
        ("eda_tonic", "forest", 0.0),
        ("resp_rate", "sea", -1.0),
        ("resp_rate", "forest", -1.0),
        ("temperature", "sea", 0.0),
    ):
        expected = slope * spread / np.sqrt(1 + (slope * spread) ** 2)
        mean = rows(coupling, measure=measure, condition=condition)["r"].mean()
        assert mean == pytest.approx(expected, abs=0.1), (measure, condition)
    own = row(tests, windows="all", measure="eda_tonic")
    assert own["comparison"] == "sea - forest" and own["t"] > 5 and own["p_holm"] < 0.001
    assert row(tests, windows="good", measure="eda_tonic")["p_holm"] < 0.001
    assert row(tests, windows="all", measure="temperature")["p_value"] > 0.01


def test_the_family_spans_the_measures():
    _, tests = coupled(sensor_windows(2))
    change = of_sensors.rest_change_of_measures(sensor_blocks(2), CONDITIONS, MEASURES, **BOOTSTRAP)
    models = of_sensors.fit_measures(
        sensor_windows(2, people=6), *CONDITIONS, measures=MEASURES, **PLACED
    )
    for table in (tests, change, models.model):
        assert table.groupby("windows")["family"].nunique().tolist() == [1, 1]
        for kept in ("all", "good"):
            part = rows(table, windows=kept)
            assert set(part["measure"]) == set(NAMES)
            right = adjust(part["p_value"], "")
            np.testing.assert_allclose(part["p_holm"], right["p_holm"])
            np.testing.assert_allclose(part["p_bh"], right["p_bh"])
    alone = of_sensors.tests_of_all_windows(tests)
    np.testing.assert_array_equal(alone["p_holm"], rows(tests, windows="all")["p_holm"])
    assert not {"windows", "n_windows", "share_poor"} & set(alone)
    assert set(alone["family"]) == {of_sensors.COUPLING_FAMILY}


def test_each_measure_is_tested_on_its_own_windows():
    windows = sensor_windows(3)
    holes = windows.copy()
    holes.loc[holes["subject"] <= 5, "temperature_c"] = np.nan
    holes.loc[holes["start_s"] < 20, "resp_rate_per_min"] = np.nan
    whole, gaps = (coupled(w)[0] for w in (windows, holes))
    for measure in ("eda_tonic", "eda_phasic", "eda_responses", "resp_depth"):
        pd.testing.assert_frame_equal(rows(whole, measure=measure), rows(gaps, measure=measure))
    missing = rows(gaps, measure="temperature")
    assert missing.loc[missing["subject"] <= 5, "n_windows"].eq(0).all()
    assert missing.loc[missing["subject"] <= 5, "r"].isna().all()
    assert rows(gaps, measure="resp_rate")["n_windows"].eq(3 * 14).all()
    test = row(coupled(holes)[1], windows="all", measure="temperature")
    assert (test["n_pairs"], test["n_windows"], test["reason"]) == (5, 5 * 6 * 24, "")


def test_poor_windows_are_left_out_of_the_good_ones_and_counted_where_somebody_has_the_measure():
    windows = sensor_windows(4, {"eda_tonic": (1.0, 1.0)})
    even = windows["subject"] % 2 == 0
    windows["eda_poor"], windows["temperature_poor"] = even, even
    windows.loc[even, "temperature_c"] = np.nan
    shares = of_sensors.poor_shares(windows, MEASURES)
    assert (shares["eda_tonic"], shares["temperature"]) == (0.5, 0.0)
    # Windows poor in one signal are good in another.
    assert 0.05 < shares["resp_rate"] < 0.15
    coupling, tests = coupled(windows)
    own = rows(coupling, measure="eda_tonic")
    assert own.loc[own["subject"] % 2 == 0, "r_good"].isna().all()
    assert own.loc[own["subject"] % 2 == 1, "r_good"].tolist() == (
        own.loc[own["subject"] % 2 == 1, "r"].tolist()
    )
    assert row(tests, windows="good", measure="eda_tonic")["n_pairs"] == 5
    assert row(tests, windows="good", measure="resp_rate")["n_pairs"] == 10
    assert row(tests, windows="all", measure="temperature")["share_poor"] == 0.0
    models = of_sensors.fit_measures(windows, *CONDITIONS, measures=MEASURES[:1], **PLACED)
    assert rows(models.model, windows="good")["n_participants"].eq(5).all()


def test_planted_change_against_rest_is_recovered():
    shifts = {"temperature": (-1.5, 0.0), "eda_responses": (1.0, 1.0)}
    change = of_sensors.rest_change_of_measures(
        sensor_blocks(5, shifts, people=30), CONDITIONS, MEASURES, **BOOTSTRAP
    )
    for measure, condition, shift in (
        ("temperature", "sea", -1.5),
        ("temperature", "forest", 0.0),
        ("eda_responses", "sea", 1.0),
        ("resp_depth", "sea", 0.0),
    ):
        found = row(change, windows="all", measure=measure, condition=condition, against="rest")
        truth = shift * USUAL[measure][1]
        assert found["ci_low"] < truth < found["ci_high"], (measure, condition)
        assert found["mean_change"] == pytest.approx(truth, abs=0.3 * USUAL[measure][1])
        assert (found["p_holm"] < 0.001) == (shift != 0), (measure, condition)
    assert (
        row(change, windows="all", measure="temperature", condition="sea", against="rest")["unit"]
        == "°C"
    )


def test_planted_slopes_lie_within_their_intervals():
    # Another slope for each measure, in SDs of its noise: sea, forest.
    planted = {name: (1.0 - 0.2 * k, 0.2 * k - 0.5) for k, name in enumerate(NAMES)}
    windows = sensor_windows(6, planted, people=20)
    # 18 intervals at once: so wide that none misses its truth by chance.
    models = of_sensors.fit_measures(
        windows, *CONDITIONS, measures=MEASURES, **(PLACED | {"confidence": 0.999})
    )
    for name, (sea, forest) in planted.items():
        sd = USUAL[name][1]
        for term, truth in (
            ("slope in sea", sea * sd),
            ("slope in forest", forest * sd),
            ("slope, sea - forest", (sea - forest) * sd),
        ):
            found = row(models.model, windows="all", measure=name, term=term)
            assert found["ci_low"] < truth < found["ci_high"], (name, term)
            assert found["estimate"] == pytest.approx(truth, abs=0.25 * sd)
        found = row(models.model, windows="all", measure=name, term="slope, sea - forest")
        assert found["p_holm"] < 0.01 or abs(sea - forest) < 0.25, name


def test_tables_of_the_models_name_measure_and_unit_and_add_up():
    windows = sensor_windows(7, people=8)
    windows["order"] = windows["video"].str[-1].astype(int)
    models = of_sensors.fit_measures(windows, *CONDITIONS, measures=MEASURES[:2], **PLACED)
    assert list(models.model.columns) == ["measure", "unit", *MIXED_MODEL_COLUMNS, "windows"]
    assert list(models.residuals.columns) == [
        *("measure", "unit", "subject", "video", "order", "condition", "start_s", "position"),
        *("value", "rating", "fitted", "residual", "windows"),
    ]
    assert list(models.participants.columns) == [
        *("measure", "unit", "subject", "intercept", "slope", "windows"),
    ]
    left = models.residuals
    np.testing.assert_allclose(left["fitted"] + left["residual"], left["value"])
    # Windows of 4 s every 2 s: every second one overlaps no other.
    n = rows(left, windows="all", measure="eda_tonic")
    assert len(n) == len(windows) / 2
    assert set(models.checks["measure"]) == {"eda_tonic", "eda_phasic"}
    assert set(models.random_effects) == {
        f"{name}, {kept}" for name in ("eda_tonic", "eda_phasic") for kept in ("all", "good")
    }


@pytest.mark.parametrize("factor", [1e-6, 1e5])
def test_the_unit_of_a_measure_changes_no_test(factor):
    windows = sensor_windows(8, {"resp_depth": (0.5, 0.0)}, people=12)
    depth = measures_named(["resp_depth"])
    other = windows.assign(resp_depth=windows["resp_depth"] * factor)
    first, second = (
        of_sensors.fit_measures(w, *CONDITIONS, measures=depth, **PLACED) for w in (windows, other)
    )
    np.testing.assert_allclose(
        first.model["estimate"] * factor, second.model["estimate"], rtol=1e-3, atol=1e-3 * factor
    )
    np.testing.assert_allclose(first.model["p_value"], second.model["p_value"], atol=1e-3)
    assert first.random_effects == second.random_effects
    a, b = (coupled(w, measures=depth)[1] for w in (windows, other))
    pd.testing.assert_frame_equal(a, b)


@pytest.mark.parametrize("lacking", ["no column", "no value"])
def test_a_measure_that_nobody_has_is_a_row_with_the_reason(lacking):
    windows, blocks = sensor_windows(9, people=6), sensor_blocks(9, people=6)
    if lacking == "no value":
        windows, blocks = (t.assign(temperature_c=np.nan) for t in (windows, blocks))
    else:
        windows, blocks = (t.drop(columns="temperature_c") for t in (windows, blocks))
    windows, blocks = (of_sensors.with_columns(t, MEASURES) for t in (windows, blocks))
    coupling, tests = coupled(windows)
    change = of_sensors.rest_change_of_measures(blocks, CONDITIONS, MEASURES, **BOOTSTRAP)
    models = of_sensors.fit_measures(windows, *CONDITIONS, measures=MEASURES, **PLACED)
    assert rows(coupling, measure="temperature")["n_windows"].eq(0).all()
    for table in (tests, change, models.model):
        own = rows(table, measure="temperature")
        assert len(own)
        assert set(own["reason"]) == {"nobody has a value of the temperature"}
        assert own["p_holm"].isna().all()
        assert not rows(table, measure="eda_tonic")["reason"].any()
    told = [finding for finding in models.findings if finding.startswith("temperature: ")]
    assert told == ["temperature: nobody has a value of the temperature"]
    assert rows(tests, measure="temperature")["share_poor"].isna().all()
    assert set(rows(models.checks, measure="temperature")["holds"]) == {False}


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (sensor_windows(1, people=1), "1 participant(s) with a correlation in both conditions"),
        (
            sensor_windows(1, people=3).assign(eda_tonic_us=lambda t: t["mean_rating"] + 1),
            "0 participant(s) with a correlation in both conditions",
        ),
        (
            sensor_windows(1, people=3).assign(mean_rating=np.nan),
            "0 participant(s) with a correlation in both conditions",
        ),
    ],
    ids=["one person", "a correlation of 1", "no rating"],
)
def test_why_there_is_no_test_of_coupling(windows, expected):
    tests = coupled(windows)[1]
    assert row(tests, windows="all", measure="eda_tonic")["reason"] == expected


def test_equal_differences_and_equal_correlations_are_said():
    one = sensor_windows(3, people=1)
    same = pd.concat([one.assign(subject=s) for s in (1, 2)], ignore_index=True)
    tests = coupled(same)[1]
    assert set(tests["reason"]) == {"the same difference in everybody"}
    tests = coupled(same[same["condition"] == "sea"], ["sea"])[1]
    assert set(tests["reason"]) == {"the same correlation in everybody"}


@pytest.mark.parametrize("conditions", [["all"], ["a", "b", "c", "d"]], ids=["none", "four"])
def test_any_number_of_conditions(conditions):
    windows = sensor_windows(10, {"eda_tonic": [1.0] * len(conditions)}, conditions=conditions)
    blocks = sensor_blocks(10, conditions=conditions, people=9, rests=["baseline"])
    coupling, tests = coupled(windows, conditions)
    assert len(coupling) == 10 * len(conditions) * len(MEASURES)
    alone = rows(tests, windows="all", measure="eda_tonic", comparison=f"{conditions[0]} against 0")
    assert alone["p_holm"].iloc[0] < 0.001 and alone["t"].iloc[0] > 0
    pairs = len(conditions) * (len(conditions) - 1) // 2
    assert len(tests) == 2 * len(MEASURES) * (len(conditions) + pairs)
    change = of_sensors.rest_change_of_measures(blocks, conditions, MEASURES, **BOOTSTRAP)
    assert len(change) == 2 * len(MEASURES) * (2 * len(conditions) + pairs)
    two = MEASURES[:2]
    models = of_sensors.fit_measures(windows, *conditions, measures=two, **PLACED)
    assert len(models.model) == 2 * len(two) * (3 * len(conditions) - 1)
    assert not models.model["reason"].any()


def test_without_any_rest_the_reason_is_said():
    blocks = sensor_blocks(11, conditions=["all"], rests=[])
    change = of_sensors.rest_change_of_measures(blocks, ["all"], MEASURES, **BOOTSTRAP)
    assert set(change["reason"]) == {"0 participant(s) with both values"}
    assert list(rows(change, windows="all")["measure"]) == NAMES


def test_a_clip_shown_again_counts_with_each_showing():
    windows = sensor_windows(12, people=6)
    again = pd.concat([windows.assign(order=0), windows.assign(order=9)], ignore_index=True)
    models = of_sensors.fit_measures(again, *CONDITIONS, measures=MEASURES[:1], **PLACED)
    assert rows(models.model, windows="all")["n_windows"].iloc[0] == len(windows)
    coupling, _ = coupled(again)
    assert rows(coupling, measure="eda_tonic")["n_windows"].eq(2 * 3 * 24).all()


def test_where_nothing_is_planted_p_values_are_uniform():
    """Rejections at 5% in 204 tests stay within what chance allows (binomial, two-sided 99.9%).

    The six measures of a study have noise of their own, so that their tests are independent.
    """
    found = []
    shape = {"conditions": ["all"], "people": 4}
    for seed in range(34):
        windows = sensor_windows(1000 + seed, clips=1, n=12, slope_sd=0.0, **shape)
        blocks = sensor_blocks(1000 + seed, rests=["baseline"], **shape)
        tests = rows(coupled(windows, ["all"])[1], windows="all")
        change = of_sensors.rest_change_of_measures(
            blocks, ["all"], MEASURES, **(BOOTSTRAP | {"resamples": 2})
        )
        change = rows(change, windows="all", against="rest")
        found += list(zip(tests["p_value"], change["p_value"], strict=True))
    low, high = stats.binom.interval(0.999, len(found), 0.05)
    for p_values in np.array(found).T:
        assert low <= (p_values < 0.05).sum() <= high
        assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_clips_moved_in_time_decide_for_other_signals_too():
    measures = measures_named(["eda_tonic", "temperature"])
    windows = sensor_windows(1, {"eda_tonic": (1.0, 0.0)}, people=8)
    shifts = ClipShifts(99, (1,), "plus_one")
    coupling = of_sensors.couple_measures(windows, CONDITIONS, 10, measures)
    told = (of_sensors.poor_shares(windows, measures), {})
    tests = of_sensors.compare_measures(coupling, CONDITIONS, measures, *told, each=True)
    decided = of_sensors.decide_by_shifts(tests, windows, CONDITIONS, 10, measures, shifts)
    own = row(decided, windows="all", measure="eda_tonic", comparison="sea against 0")
    assert own["p_shift"] == 0.01 and own["p_value"] == own["p_shift_course"] < 0.05
    assert decided["p_value"].notna().all() and list(decided.columns[:-2]) == list(tests.columns)
    part = rows(decided, windows="good")
    np.testing.assert_allclose(part["p_holm"], adjust(part["p_value"], "")["p_holm"])
    models = of_sensors.fit_measures(
        windows, *CONDITIONS, measures=measures, **PLACED, shifts=shifts
    ).model
    slopes = models["term"].str.startswith("slope")
    np.testing.assert_array_equal(models["p_value"][slopes], models["p_shift_course"][slopes])
    part = rows(models, windows="all")
    np.testing.assert_allclose(part["p_holm"], adjust(part["p_value"], "")["p_holm"])
    change = of_sensors.rest_change_of_measures(
        sensor_blocks(2), CONDITIONS, measures, **BOOTSTRAP, interval="t"
    )
    middle = (change["ci_low"] + change["ci_high"]) / 2
    np.testing.assert_allclose(middle, change["mean_change"], atol=1e-9)
