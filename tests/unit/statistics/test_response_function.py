"""Temporal response function: planted kernels, ordinary ridge, and what is left out of a fit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter1d
from sklearn.linear_model import Ridge

from tinglegram.inference.circular_shifts import draw_clip_shifts
from tinglegram.statistics.response_function import (
    ClipMoments,
    Equations,
    RatedClip,
    ResponseFunction,
    block_means,
    chosen_penalties,
    fit_kernel,
    lag_range,
    lagged_frames,
    left_out_scores,
    mean_rating_scores,
    mean_without,
    person_scores,
    shifted_group_scores,
    sides_of,
)
from tinglegram.statistics.response_tables import (
    BOTH,
    ENVELOPE,
    LUMINANCE,
    MOTION,
    PICTURE,
    SOUND,
    TERASHIMA,
    CourseColumn,
    Inference,
    MeasuredClip,
    claim_row,
    feature_set,
    measured_clip,
    response_tables,
)

PENALTIES = (1.0, 10.0, 100.0, 1000.0)
CENTRES = (500.0, 1000.0, 5000.0, 9000.0)
FIT = ResponseFunction(
    response_function="ridge",
    response_lags=(-0.4, 2.4),
    response_step=0.2,
    response_penalties=PENALTIES,
    response_shifts=99,
)
SURE = Inference(0.95, "plus_one", 3)


def noise(generator, *shape):
    drawn = gaussian_filter1d(generator.standard_normal(shape), 2, axis=-1)
    return drawn / drawn.std(axis=-1, keepdims=True)


def planted(seed, *, weight=-1.0, n_clips=4, steps=400, people=5, lag=10, band=2):
    """Clips whose 5-kHz band moves every rating by `weight`, `lag` steps of 0.1 s later."""
    generator = np.random.default_rng(seed)
    features, ratings = {}, {}
    for clip in range(n_clips):
        bands = noise(generator, len(CENTRES), steps).T
        picture = noise(generator, 2, steps).T
        driven = np.zeros(steps)
        driven[lag:] = bands[:-lag, band]
        own = noise(generator, people, steps) + 0.5 * noise(generator, 1, steps)
        columns = tuple(CourseColumn(ENVELOPE, hz) for hz in CENTRES)
        columns += (CourseColumn(LUMINANCE), CourseColumn(MOTION))
        values = np.column_stack([bands, picture])
        features[f"c{clip}"] = MeasuredClip(columns, values, 44100.0)
        ratings[f"c{clip}"] = pd.DataFrame(own + weight * driven, index=range(1, people + 1))
    return features, ratings


def laid_out(features, ratings, name=SOUND, fit=FIT):
    return feature_set(name, features, ratings, 10, fit)


def test_a_planted_kernel_is_recovered_at_its_band_and_lag_and_the_claim_is_supported():
    found = response_tables(*planted(1), grid=10, fit=FIT, inference=SURE)
    sound = found.kernel[found.kernel["features"] == SOUND]
    strongest = sound.loc[sound["weight"].abs().idxmax()]
    assert strongest["centre_hz"] == 5000 and strongest["lag_s"] == pytest.approx(1.0)
    assert strongest["weight"] < 0 and strongest["se"] < abs(strongest["weight"]) / 3
    whole = found.function[found.function["video"] == "all"].set_index(["target", "features"])
    for target in ("group", "person"):
        row = whole.loc[(target, SOUND)]
        assert row["r"] > 0.4 and row["p_value"] == 0.01 and 0 < row["any_low"] < row["r"]
        assert row["ci_low"] < row["r"] < row["ci_high"]
        assert row["n_clips"] == 4 and row["n_people"] == 5
    # One clip is no evidence of its own: r alone.
    single = found.function[found.function["video"] != "all"]
    inferred = ["ci_low", "ci_high", "any_low", "any_high", "p_any", "p_value", "p_holm"]
    assert single["r"].notna().all() and single[inferred].isna().all(axis=None)
    # Light and motion have nothing to do with the ratings, so that they add nothing.
    assert whole.loc[("group", PICTURE), "p_value"] > 0.05
    assert whole.loc[("group", BOTH), "r"] > 0.4
    # The mean of all is more of what they share than the rating of one.
    assert whole.loc[("group", SOUND), "r"] > whole.loc[("person", SOUND), "r"]
    (claim,) = found.claims.to_dict("records")
    assert claim["verdict"] == "supported" and claim["p_value"] == 0.01
    assert claim["value"] < 0 < claim["se"] < abs(claim["value"]) / 3
    assert len(found.people) == 5 * 3 and (found.people["n_clips"] == 4).all()


@pytest.mark.parametrize(("weight", "verdict"), [(1.0, "opposite"), (0.0, "not shown")])
def test_a_claim_is_judged_by_the_sign_of_its_weight(weight, verdict):
    found = response_tables(*planted(2, weight=weight), grid=10, fit=FIT, inference=SURE)
    assert found.claims["verdict"].tolist() == [verdict]


def test_a_fit_equals_ordinary_ridge_on_detrended_standardised_lags():
    features, ratings = planted(3, n_clips=3)
    of = laid_out(features, ratings)
    sides = sides_of(of.equations.clips, [clip.ratings.mean(axis=0)[None] for clip in of.rated])
    penalty = 7.0
    weights, without, _ = fit_kernel(
        of.equations, sides, None, np.zeros(len(of.lags) * 4, bool), [penalty]
    )

    def detrended(table):
        time = np.linspace(-1, 1, len(table))
        basis = np.stack([time**0, time, time**2], axis=1)
        return table - basis @ np.linalg.lstsq(basis, table, rcond=None)[0]

    x, y = [], []
    for clip in of.rated:
        frames, given = lagged_frames(clip.features, of.lags)
        x.append(detrended(given))
        y.append(detrended(clip.ratings.mean(axis=0)[frames, None])[:, 0])

    def theirs(which):
        given, told = np.concatenate([x[i] for i in which]), np.concatenate([y[i] for i in which])
        sd = np.sqrt(np.mean(given**2, axis=0))
        model = Ridge(alpha=penalty * len(told), fit_intercept=False).fit(given / sd, told)
        return model.coef_, sd, np.sqrt(np.mean(told**2))

    coefficients, _, spread = theirs([0, 1, 2])
    np.testing.assert_allclose(weights, coefficients / spread, atol=1e-9)
    coefficients, sd, spread = theirs([0, 1])
    np.testing.assert_allclose(without[2], coefficients / spread, atol=1e-9)
    predicted = x[2] / sd @ coefficients
    z = left_out_scores(of.equations, sides, sides, [penalty])
    assert np.tanh(z[2, 0]) == pytest.approx(np.corrcoef(predicted, y[2])[0, 1])


def test_the_penalty_is_the_one_that_predicts_held_out_training_clips_best():
    features, ratings = planted(4, weight=-0.3)
    of = laid_out(features, ratings)
    means = [clip.ratings.mean(axis=0)[None] for clip in of.rated]
    sides = sides_of(of.equations.clips, means)
    (chosen,) = chosen_penalties(of.equations, [0, 1, 2], sides, PENALTIES)
    losses = {}
    for penalty in PENALTIES:
        loss = 0.0
        for held in range(3):
            trains = [i for i in range(3) if i != held]
            x = np.concatenate([of.equations.clips[i].given for i in trains])
            y = np.concatenate([_own_frames(of, i, means) for i in trains])
            sd = np.sqrt(np.mean(x**2, axis=0))
            model = Ridge(alpha=penalty * len(y), fit_intercept=False).fit(x / sd, y)
            told = of.equations.clips[held].given / sd @ model.coef_
            loss += np.sum((told - _own_frames(of, held, means)) ** 2)
        losses[penalty] = loss
    assert chosen == min(losses, key=losses.get)
    # What does not vary is predicted as well by any penalty: the largest is taken.
    still = sides_of(of.equations.clips, [np.ones((1, clip.steps)) for clip in of.equations.clips])
    assert chosen_penalties(of.equations, [0, 1, 2], still, PENALTIES) == 1000.0


def _own_frames(of, clip, means):
    frames, _ = lagged_frames(of.rated[clip].features, of.lags)
    own = means[clip][0][frames]
    trend = np.polynomial.legendre.legvander(np.linspace(-1, 1, len(own)), 2)
    return own - trend @ np.linalg.lstsq(trend, own, rcond=None)[0]


def test_a_persons_prediction_uses_neither_that_person_nor_that_clip():
    features, ratings = planted(5)
    of = laid_out(features, ratings)
    before = person_scores(of.rated, of.equations, PENALTIES)[:, :, 0]

    def changed(clip, viewer):
        other = list(of.rated)
        given = other[clip].ratings.copy()
        given[viewer] = np.random.default_rng(0).standard_normal(given.shape[1])
        other[clip] = replace(other[clip], ratings=given)
        return person_scores(other, of.equations, PENALTIES)[:, :, 0]

    # The rating of viewer 1 of clip 0: the same viewer's other clips, and other viewers of that
    # clip, do not learn from it; other viewers of other clips do.
    after = changed(0, 1)
    same = np.isclose(after, before, rtol=0, atol=1e-12)
    assert same[1:, 1].all() and same[0, [0, 2, 3, 4]].all()
    assert not same[0, 1] and not same[1:][:, [0, 2, 3, 4]].any()


def test_the_group_prediction_of_a_clip_does_not_learn_from_it():
    features, ratings = planted(6)
    of = laid_out(features, ratings)
    sides = sides_of(of.equations.clips, [clip.ratings.mean(axis=0)[None] for clip in of.rated])
    other = [clip.ratings.mean(axis=0)[None] for clip in of.rated]
    other[0] = other[0][:, ::-1].copy()
    learned = sides_of(of.equations.clips, other)
    before = left_out_scores(of.equations, sides, sides, PENALTIES)[:, 0]
    after = left_out_scores(of.equations, learned, sides, PENALTIES)[:, 0]
    assert after[0] == before[0] and (after[1:] != before[1:]).all()


def test_moved_ratings_are_fitted_as_if_they_had_been_given_so():
    features, ratings = planted(7, people=3)
    of = laid_out(features, ratings)
    shifts = draw_clip_shifts([c.steps for c in of.equations.clips], 3, np.random.default_rng(1))
    shifts[0] = 0
    group = shifted_group_scores(of.rated, of.equations, shifts, PENALTIES)
    people = person_scores(of.rated, of.equations, PENALTIES, shifts=shifts)
    for draw, steps in enumerate(shifts):
        moved = [
            replace(clip, ratings=np.roll(clip.ratings, step, axis=1))
            for clip, step in zip(of.rated, steps, strict=True)
        ]
        own = mean_rating_scores(moved, of.equations, [set()], PENALTIES)[:, 0]
        np.testing.assert_allclose(group[:, draw], own, atol=1e-9)
        each = person_scores(moved, of.equations, PENALTIES)[:, :, 0]
        np.testing.assert_allclose(people[:, :, draw], each, atol=1e-9)


def test_a_study_without_somebody_is_the_study_of_the_others():
    features, ratings = planted(8)
    of = laid_out(features, ratings)
    fewer = laid_out(features, {video: table.drop(index=2) for video, table in ratings.items()})
    whole = person_scores(of.rated, of.equations, PENALTIES, without={2})[:, :, 0]
    assert np.isnan(whole[:, 1]).all()
    rest = person_scores(fewer.rated, fewer.equations, PENALTIES)[:, :, 0]
    np.testing.assert_allclose(np.delete(whole, 1, axis=1), rest, atol=1e-9)
    own = mean_rating_scores(of.rated, of.equations, [{2}], PENALTIES)
    np.testing.assert_allclose(
        own, mean_rating_scores(fewer.rated, fewer.equations, [set()], PENALTIES), atol=1e-9
    )


def test_p_of_noise_is_as_often_small_as_it_says():
    """Ratings that know nothing of the sound, though they are smooth and rise in all clips."""
    small = np.zeros(2)
    studies = 120
    for seed in range(studies):
        generator = np.random.default_rng([11, seed])
        rise = np.linspace(-1, 1, 60)
        clips, rated = [], []
        for _ in range(4):
            features = noise(generator, 3, 60).T + rise[:, None]
            given = noise(generator, 4, 60) + noise(generator, 1, 60) + 2 * rise
            rated.append(RatedClip(features, given, (1, 2, 3, 4)))
            clips.append(ClipMoments(features, range(4), 2))
        equations = Equations(clips)
        shifts = draw_clip_shifts([c.steps for c in clips], 39, generator)
        group = shifted_group_scores(rated, equations, shifts, PENALTIES).mean(axis=0)
        people = person_scores(rated, equations, PENALTIES, shifts=shifts).mean(axis=(0, 1))
        small += [np.mean(null >= null[0]) <= 0.05 for null in (group, people)]
    # 99 % of studies with a rate of 5 % lie below 12 of 120.
    assert (small <= 12).all() and small.sum() > 0


def test_clips_of_other_lengths_seen_by_some_and_without_picture_are_used_as_far_as_they_go():
    features, ratings = planted(12, n_clips=5)
    ratings["c0"] = ratings["c0"].iloc[:, :300]
    ratings["c1"] = ratings["c1"].drop(index=[1, 2])
    sound = features["c4"]
    features["c4"] = MeasuredClip(sound.columns[:4], sound.values[:, :4], 44100.0)
    ratings["c3"] = ratings["c3"].iloc[:, :30]
    found = response_tables(features, ratings, grid=10, fit=FIT, inference=SURE)
    assert found.left_out == ("c3",)
    rows = found.function.set_index(["target", "features", "video"])
    assert rows.loc[("group", SOUND, "all"), "n_clips"] == 4
    assert rows.loc[("group", PICTURE, "all"), "n_clips"] == 3
    assert rows.loc[("person", SOUND, "c1"), "n_people"] == 3
    people = found.people[found.people["features"] == SOUND].set_index("subject")["n_clips"]
    assert people.to_dict() == {1: 3, 2: 3, 3: 4, 4: 4, 5: 4}


def test_two_clips_are_too_few_and_say_so():
    found = response_tables(*planted(13, n_clips=2), grid=10, fit=FIT, inference=SURE)
    assert found.function["r"].isna().all() and (found.function["n_clips"] == 2).all()
    assert found.kernel.empty and found.people.empty
    (claim,) = found.claims.to_dict("records")
    assert claim["verdict"] == "not computable"
    assert claim["reason"] == "2 clips with sound and ratings; 3 are needed"
    none = response_tables({}, {}, grid=10, fit=FIT, inference=SURE)
    assert none.function.empty and none.claims["reason"].tolist() == [
        "no clip with sound and ratings"
    ]


def test_a_claim_needs_a_sound_and_a_window_that_hold_its_band():
    window = np.array([True, False])
    about = {"weights": np.ones(2), "without": np.ones((3, 2)), "drawn": np.ones(9)}
    slow = claim_row(TERASHIMA, window, **about, sound_hz=11025.0, inference=SURE)
    assert slow["reason"] == "sound of 11025 Hz; 12000 Hz are needed" and np.isnan(slow["value"])
    outside = claim_row(TERASHIMA, ~window & False, **about, sound_hz=44100.0, inference=SURE)
    assert outside["reason"] == "no band and lag of the kernel lie in the window"


def test_one_viewer_has_a_kernel_and_no_prediction_from_others():
    found = response_tables(*planted(14, people=1), grid=10, fit=FIT, inference=SURE)
    assert set(found.function["target"]) == {"group"} and found.people.empty
    assert found.function["ci_low"].isna().all() and found.function["r"].notna().all()


def test_a_rating_that_never_changes_has_no_score():
    features, ratings = planted(15, people=3)
    for table in ratings.values():
        table.loc[2] = 1.0
    of = laid_out(features, ratings)
    z = person_scores(of.rated, of.equations, PENALTIES)[:, :, 0]
    assert np.isnan(z[:, 1]).all() and not np.isnan(z[:, [0, 2]]).any()


def test_frames_are_those_whose_whole_window_lies_in_the_clip():
    frames, given = lagged_frames(np.arange(6.0)[:, None], range(-1, 3))
    assert (frames.start, frames.stop) == (2, 5)
    np.testing.assert_array_equal(given, [[3, 2, 1, 0], [4, 3, 2, 1], [5, 4, 3, 2]])
    assert lag_range(-0.6, 4.0, 0.2) == range(-3, 21)
    np.testing.assert_array_equal(block_means(np.array([1.0, 3, 5, 7, 9]), 2), [2, 6])


def test_nobody_left_is_no_mean():
    given = mean_without(np.array([[1.0, 2], [3, 4]]), np.array([[False, True], [True, True]]))
    np.testing.assert_array_equal(given, [[1, 2], [np.nan, np.nan]])


def test_the_file_of_a_clip_gives_its_columns():
    arrays = {
        "bands": np.ones((4, 2)),
        "centre_hz": np.array([100.0, 200]),
        "sound_hz": np.array(8000),
        "luminance": np.zeros(4),
        "motion": np.full(4, 2.0),
        "time_s": np.arange(4.0),
    }
    found = measured_clip(arrays)
    assert [c.kind for c in found.columns] == [ENVELOPE, ENVELOPE, LUMINANCE, MOTION]
    assert found.values[0].tolist() == [1, 1, 0, 2] and found.sound_hz == 8000
    assert found.chosen((LUMINANCE, MOTION))[1].shape == (4, 2)
    only_light = measured_clip({"luminance": np.zeros(4), "motion": np.zeros(4)})
    assert only_light.chosen((ENVELOPE,)) is None and np.isnan(only_light.sound_hz)
