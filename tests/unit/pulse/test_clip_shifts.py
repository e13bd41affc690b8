"""Clips moved in time: sums against rolled series, slopes against the model, and error rates."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from tinglegram.inference.multiple_testing import adjust
from tinglegram.pulse.clip_shifts import (
    NO_COURSE,
    ClipShifts,
    coupling_by_shifts,
    decided_by_shifts,
    lagged_sums,
    less_course,
    shifted_coupling,
    shifted_slopes,
    slope_p_values,
)
from tinglegram.pulse.coupling import compare_conditions, correlate, described_alone
from tinglegram.pulse.measures import PULSE_MEASURES, PULSE_RATE, RMSSD
from tinglegram.pulse.mixed_model import fit_mixed_model, slope_weights
from tinglegram.pulse.mixed_model_checks import NO_INTERVAL, fit_by_quality

CONDITIONS = ["ASMR", "Nature"]
SHIFTS = ClipShifts(99, (1, 2), "plus_one")


def smooth(random, shape):
    """Series of SD 1 in which neighbours are alike."""
    white = random.normal(size=(*shape[:-1], shape[-1] + 4))
    return sum(white[..., k : k + shape[-1]] for k in range(5)) / np.sqrt(5)


def study(seed, *, people=10, clips=4, n=20, r=0.0, shared=0.0, onset=0.0, conditions=CONDITIONS):
    """Windows whose ratings viewers share for the most part.

    `shared` is the share of the pulse's variance that the target's viewers have in common, `onset`
    that of one course of all the target's clips, which their ratings then have too.
    """
    random = np.random.default_rng(seed)
    parts = []
    for i, condition in enumerate(conditions):
        shape = (people, clips, n)
        rating = np.sqrt(0.9) * smooth(random, (1, *shape[1:])) + np.sqrt(0.1) * smooth(
            random, shape
        )
        pulse = smooth(random, shape)
        if i == 0:
            course = np.exp(-np.arange(n) / 4)
            course = (course - course.mean()) / course.std()
            common = smooth(random, (1, *shape[1:]))
            pulse = (
                r * rating
                + np.sqrt(1 - shared - onset) * pulse
                + np.sqrt(shared) * common
                + np.sqrt(onset) * course
            )
            rating = rating - (2 * course if onset else 0)
        person, clip, window = (axis.ravel() for axis in np.indices(shape))
        parts.append(
            pd.DataFrame(
                {
                    "subject": person + 1,
                    "video": [f"{condition}{c}" for c in clip],
                    "condition": condition,
                    "start_s": 1.0 * window,
                    "pulse_rate_bpm": 70 + 4 * pulse.ravel() + 3.0 * person,
                    "rmssd_ms": 40 + random.normal(size=pulse.size),
                    "mean_rating": rating.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def p_of(windows, shifts=SHIFTS):
    """p of the t-test, and those of the shifts."""
    coupling = correlate(windows, CONDITIONS, 10)
    shifted = shifted_coupling(windows, CONDITIONS, 10, PULSE_MEASURES, shifts, [PULSE_RATE])
    test = compare_conditions(coupling, CONDITIONS, each=True)
    decided = decided_by_shifts(test, shifted, ["measure", "comparison"]).iloc[0]
    return (
        test["p_value"].iloc[0],
        decided["p_shift"],
        decided["p_shift_course"],
        decided["p_value"],
    )


def test_sums_at_every_lag_are_those_of_rolled_series():
    random = np.random.default_rng(1)
    x, y = random.normal(size=(2, 7))
    x[2], y[[0, 5]] = np.nan, np.nan
    for lag, found in enumerate(lagged_sums(x, y)):
        moved = np.roll(y, lag)
        both = np.isfinite(x) & np.isfinite(moved)
        a, b = x[both], moved[both]
        expected = [both.sum(), a.sum(), b.sum(), a @ a, b @ b, a @ b]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_steps_are_those_of_clips_and_the_first_draw_moves_nothing():
    shifts, lengths = ClipShifts(6000, (3,), "plus_one"), np.array([8, 8, 5])
    steps = shifts.steps(lengths)
    assert steps.shape == (6001, 3) and not steps[0].any()
    # Back as often as on, but for the half turn: a shorter series goes with the others.
    for own, length in zip(steps[1:].T, lengths, strict=True):
        assert np.unique(own).tolist() == list(range(-((length - 1) // 2), length // 2 + 1))
        assert np.bincount(own % length) == pytest.approx(6000 / length, rel=0.12)
    assert np.array_equal(steps, shifts.steps(lengths))


def test_p_is_that_of_all_shifts_of_clips_of_unequal_length():
    """Steps of the longest clip would leave a shorter one in place too often."""
    windows = study(28, people=3, clips=2, n=12, conditions=["a"])
    windows = windows[(windows["video"] == "a0") | (windows["start_s"] < 5)]
    shifts = ClipShifts(20_000, (4,), "plus_one")
    found = shifted_coupling(windows, ["a"], 5, [PULSE_RATE], shifts)["p_shift"].iloc[0]
    people = [own for _, own in windows.groupby("subject")]
    mean_z = []
    for long, short in product(range(12), range(5)):
        r = []
        for own in people:
            pulse, first = own["pulse_rate_bpm"], (own["video"] == "a0").to_numpy()
            rating = own["mean_rating"].to_numpy()
            moved = np.concatenate([np.roll(rating[first], long), np.roll(rating[~first], short)])
            r.append(spearmanr(pulse, moved).statistic)
        mean_z.append(np.arctanh(r).mean())
    away = np.abs(np.array(mean_z) - np.mean(mean_z))
    assert found == pytest.approx(np.mean(away >= away[0] - 1e-9), abs=0.012)


def test_a_course_is_that_of_the_other_clips_of_the_condition():
    windows = study(3, people=2, clips=2, n=3)
    course = np.array([5.0, 1.0, -6.0])
    at = windows["start_s"].to_numpy(dtype=int)
    # Each person's level in each clip is another; the course is one per condition.
    level = windows.groupby(["subject", "video"]).ngroup() * 10.0
    own = np.where(windows["condition"] == "ASMR", 1.0, -2.0) * course[at]
    left = less_course(windows.assign(pulse_rate_bpm=level + own), "pulse_rate_bpm")
    np.testing.assert_allclose(left, level, atol=1e-9)
    alone = windows[~windows["video"].isin(["ASMR1", "Nature1"])]
    assert less_course(alone, "pulse_rate_bpm").isna().all()


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_slopes_after_a_shift_are_those_of_the_model_with_these_variances(missing):
    windows = study(4, people=6, clips=2, n=9, r=-0.3)
    windows["position"] = windows["start_s"]
    gone = np.random.default_rng(5).random(len(windows)) < missing
    windows.loc[gone, "pulse_rate_bpm"] = np.nan
    model = fit_mixed_model(windows, *CONDITIONS, confidence=0.95, family="x")
    assert model.random_effects != "none"
    weights = np.array(list(slope_weights(CONDITIONS).values()))
    steps = np.array([[0, 0, 0, 0], [2, -3, 1, 4]])
    how = (CONDITIONS, PULSE_RATE, model.covariance, weights)
    found = shifted_slopes(windows, *how, steps)
    fitted = model.table.set_index("term")["estimate"]
    np.testing.assert_allclose(found[0], fitted[list(slope_weights(CONDITIONS))], rtol=1e-9)
    videos = sorted(windows["video"].unique())
    moved = windows.copy()
    for (_, video), rows in windows.groupby(["subject", "video"]):
        by = steps[1][videos.index(video)]
        moved.loc[rows.index, "mean_rating"] = np.roll(rows["mean_rating"], by)
    again = shifted_slopes(moved, *how, steps[:1])
    np.testing.assert_allclose(found[1], again[0], rtol=1e-9)
    assert not np.allclose(found[0], found[1])


def test_people_without_a_random_effect_are_least_squares():
    windows = study(6, people=5, clips=2, n=8, r=0.4)
    found = shifted_slopes(
        windows, CONDITIONS, PULSE_RATE, np.zeros((0, 0)), np.eye(2), np.zeros((1, 4), dtype=int)
    )
    rating = windows["mean_rating"] - windows.groupby(["subject", "condition"])[
        "mean_rating"
    ].transform("mean")
    for slope, condition in zip(found[0], CONDITIONS, strict=True):
        own = (windows["condition"] == condition).to_numpy()
        x, y = rating[own], windows["pulse_rate_bpm"][own]
        assert slope == pytest.approx(x @ y / (x @ x))


def test_a_coupling_is_found_and_its_p_needs_only_ranks():
    windows = study(7, r=-0.8)
    _, shift, course, p = p_of(windows)
    assert (shift, p) == (0.01, course) and p < 0.05
    squared = windows.assign(pulse_rate_bpm=np.exp(windows["pulse_rate_bpm"] / 10))
    assert p_of(squared)[1] == shift
    assert p_of(windows.sample(frac=1, random_state=1))[1:] == (shift, course, p)


def test_what_viewers_of_a_clip_share_is_no_coupling():
    """The t-test takes the coincidences of eight clips for a finding in every third study."""
    found = np.array([p_of(study([8, k], shared=0.7)) for k in range(30)]) < 0.05
    t, shift, course, p = found.sum(axis=0)
    assert t >= 8
    assert shift <= 4 and course <= 4 and p <= 3


def test_what_all_clips_share_from_their_start_on_is_no_coupling():
    """Moved clips alone take an onset for coupling; less the course of other clips it is none."""
    found = np.array([p_of(study([9, k], onset=0.3)) for k in range(8)]) < 0.05
    t, shift, _, p = found.sum(axis=0)
    assert t >= 7 and shift >= 7
    assert p <= 1


def test_slopes_of_the_model_keep_their_rate_where_viewers_share_a_response():
    weights, found = {"slope in ASMR": np.array([1.0, 0.0])}, []
    for k in range(15):
        windows = study([10, k], people=6, n=10, shared=0.8)
        windows["position"] = windows["start_s"]
        model = fit_mixed_model(windows, *CONDITIONS, confidence=0.95, family="x")
        how = (CONDITIONS, PULSE_RATE, model.covariance, weights, SHIFTS)
        p = slope_p_values(windows, *how).iloc[0]
        cr2 = model.table.set_index("term").loc["slope in ASMR", "p_value"]
        found.append([cr2, p["p_shift"], p["p_shift_course"]])
    cr2, shift, course = (np.array(found) < 0.05).sum(axis=0)
    assert cr2 >= 6 and shift <= 2 and course <= 2


def test_the_table_of_the_model_has_the_p_of_the_shifts_for_slopes_alone():
    windows = study(17, people=8, clips=3, n=10, r=-0.5).assign(poor=False)
    placed = {"window_s": 1.0, "step_s": 1.0, "confidence": 0.95}
    plain = fit_by_quality(windows, *CONDITIONS, **placed).model
    model = fit_by_quality(windows, *CONDITIONS, **placed, shifts=SHIFTS).model
    assert list(model.columns) == [*plain.columns, "p_shift", "p_shift_course"]
    slopes = model["term"].str.startswith("slope")
    np.testing.assert_array_equal(model["p_value"][slopes], model["p_shift_course"][slopes])
    # A difference of means keeps the p of the sandwich: it is about these clips.
    np.testing.assert_array_equal(model["p_value"][~slopes], plain["p_value"][~slopes])
    assert model["p_shift"][~slopes].isna().all() and model["p_shift"][slopes].notna().all()
    for kept in ("all", "good"):
        own = model[model["windows"] == kept]
        np.testing.assert_allclose(own["p_holm"], adjust(own["p_value"], "x")["p_holm"])
    same = ["term", "estimate", "se", "df", "t", "se_naive"]
    pd.testing.assert_frame_equal(model[same], plain[same])
    # No interval of a slope that takes clips for the only ones, and no p that takes windows so.
    assert model["p_naive"].isna().all() and plain["p_naive"].notna().sum() == 8
    ends = ["ci_low", "ci_high"]
    assert model.loc[slopes, ends].isna().all(axis=None)
    pd.testing.assert_frame_equal(model.loc[~slopes, ends], plain.loc[~slopes, ends])
    assert (model.loc[slopes, "reason"] == NO_INTERVAL).all()
    assert (model.loc[~slopes, "reason"] == "").all()
    single = study(17, people=8, clips=1, n=14).assign(poor=False)
    alone = fit_by_quality(single, *CONDITIONS, **placed, shifts=SHIFTS).model
    slopes = alone["term"].str.startswith("slope")
    assert alone.loc[slopes, "p_value"].isna().all() and alone.loc[slopes, "p_shift"].notna().all()
    assert (alone.loc[slopes, "reason"] == NO_COURSE).all()
    assert alone.loc[slopes, ends].isna().all(axis=None)


def test_one_condition_more_than_two_and_single_clips():
    one = study(11, clips=3, conditions=["all"])
    found = shifted_coupling(one, ["all"], 10, [PULSE_RATE], SHIFTS)
    assert found["comparison"].tolist() == ["all against 0"]
    names = ["a", "b", "c"]
    three = study(12, clips=2, conditions=names)
    found = shifted_coupling(three, names, 10, [PULSE_RATE], SHIFTS)
    tests = compare_conditions(correlate(three, names, 10), names, [PULSE_RATE])
    assert found["comparison"].tolist() == tests["comparison"].tolist()
    assert found[["p_shift", "p_shift_course"]].notna().all(axis=None)
    single = study(13, clips=1)
    _, shift, course, p = p_of(single)
    # Open to an onset of pulse and ratings alike: it describes.
    assert np.isnan(course) and np.isnan(p) and 0 < shift < 1
    tests = compare_conditions(correlate(single, CONDITIONS, 10), CONDITIONS)
    shifted = shifted_coupling(single, CONDITIONS, 10, [PULSE_RATE], SHIFTS)
    decided = decided_by_shifts(tests, shifted, ["measure", "comparison"])
    assert decided["reason"].tolist() == [NO_COURSE, ""]
    assert decided[["p_value", "p_holm", "p_bh"]].isna().all(axis=None)
    # A table that has reasons keeps them, and their place.
    told = decided_by_shifts(
        tests.assign(reason=["", "nobody"]), shifted, ["measure", "comparison"]
    )
    assert told["reason"].tolist() == [NO_COURSE, "nobody"]
    assert list(told.columns) == [*tests.columns, "reason", "p_shift", "p_shift_course"]
    slopes = slope_p_values(
        single, CONDITIONS, PULSE_RATE, np.eye(1), slope_weights(CONDITIONS), SHIFTS
    )
    assert slopes["p_shift"].notna().all() and slopes["p_shift_course"].isna().all()


def test_two_conditions_are_also_tested_alone():
    windows = study(16, r=-0.8)
    coupling = correlate(windows, CONDITIONS, 10)
    tests = compare_conditions(coupling, CONDITIONS, [PULSE_RATE], each=True)
    names = ["ASMR - Nature", "ASMR against 0", "Nature against 0"]
    assert tests["comparison"].tolist() == names
    shifted = shifted_coupling(windows, CONDITIONS, 10, [PULSE_RATE], SHIFTS)
    decided = decided_by_shifts(tests, shifted, ["measure", "comparison"])
    assert (decided["p_value"] < 0.05).tolist() == [True, True, False]
    alone = compare_conditions(coupling, CONDITIONS, [PULSE_RATE])
    assert alone["comparison"].tolist() == names[:1]
    columns = ["t", "df", "p_value", "n_pairs", "r_mean_ASMR", "r_mean_Nature"]
    pd.testing.assert_frame_equal(tests[columns].iloc[:1], alone[columns])


def test_good_windows_and_measures_that_only_describe():
    windows = study(14, r=-0.8).assign(poor=False)
    windows.loc[windows["condition"] == "ASMR", "poor"] = True
    shifted = coupling_by_shifts(windows, CONDITIONS, 10, PULSE_MEASURES, SHIFTS, [PULSE_RATE])
    assert set(shifted["measure"]) == {"pulse_rate"}
    shifted = shifted[shifted["comparison"] == "ASMR - Nature"]
    assert shifted["windows"].tolist() == ["all", "good"]
    assert shifted["p_shift"].notna().tolist() == [True, False]
    tests = compare_conditions(correlate(windows, CONDITIONS, 10), CONDITIONS)
    decided = decided_by_shifts(tests, shifted.iloc[:1], ["measure", "comparison"])
    rmssd = decided[decided["measure"] == "rmssd"].iloc[0]
    assert np.isnan(rmssd["p_value"]) and np.isfinite(rmssd["t"])
    # The family is smaller by the measure that is no test.
    assert decided["p_holm"].iloc[0] == decided["p_value"].iloc[0]
    assert list(decided.columns) == [*tests.columns, "p_shift", "p_shift_course", "reason"]
    assert (decided["reason"] == "").all()
    told = described_alone(tests, [RMSSD])
    assert told["p_value"].isna().tolist() == [False, True]
    assert told["p_holm"].iloc[0] == tests["p_value"].iloc[0]


def test_a_shorter_first_trial_turns_within_its_own_windows():
    windows = study(15, r=-0.8)
    short = (windows["subject"] == 1) & (windows["video"] == "ASMR0") & (windows["start_s"] > 15)
    assert 0 < p_of(windows[~short])[3] < 0.05
