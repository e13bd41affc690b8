"""Reports that are moved clip by clip: the coupling at every lag, and the pulse around edges."""

import dataclasses
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tinglegram.inference.circular_shifts import draw_clip_shifts
from tinglegram.inference.resampling import Permutations
from tinglegram.pulse import moved_reports
from tinglegram.pulse.clip_shifts import less_course
from tinglegram.pulse.lagged import (
    LAG_COLUMNS,
    correlations_of,
    lag_table,
    lagged_z,
    moments_by_shift,
    ranked_views,
    steps_between,
)
from tinglegram.pulse.locked import (
    LOCKED_COLUMNS,
    ClipEvents,
    WindowPlaces,
    events_of,
    locked_mean,
    locked_table,
    reported_edges,
    values_around,
)
from tinglegram.pulse.moved_reports import (
    ClipViews,
    largest_departure,
    of_two_people,
    views_of,
    without_course,
)

DRAWS = Permutations(permutations=99, confidence=0.95, seed=7, p_value="plus_one")
# Windows of 5 s every second on a grid of 10 steps per second: a clip of 45 s has 40 of them.
PLACES = WindowPlaces(grid=10.0, window=5.0, step=1.0)
LAGS = (-2.0, 8.0)


def clip_of(values, ratings, video="a", viewer=None) -> ClipViews:
    values, ratings = np.atleast_2d(values).astype(float), np.atleast_2d(ratings).astype(float)
    viewer = np.arange(len(values)) if viewer is None else np.array(viewer)
    return ClipViews(video, "joy", viewer, np.full(len(values), -1), values, ratings)


def smooth(random, *shape) -> np.ndarray:
    noise = random.standard_normal((*shape[:-1], shape[-1] + 4))
    return np.lib.stride_tricks.sliding_window_view(noise, 5, axis=-1).mean(axis=-1)


def study_of(random, *, people=8, lag=0, coupling=0.0, clips=3, lengths=(40, 36, 31)):
    """Windows, and ratings on the grid, of people whose pulse follows their rating by `lag`."""
    windows, ratings = [], []
    for c in range(clips):
        rating = np.maximum(np.round(3 * smooth(random, people, lengths[c])), 0)
        noise = smooth(random, people, lengths[c])
        pulse = coupling * np.roll(rating, lag, axis=1) + noise
        for person in range(people):
            # One saw less of a clip.
            n = lengths[c] - 4 * (person == c)
            place = np.arange(n)
            common = {"subject": person + 1, "video": f"v{c}"}
            windows.append(
                pd.DataFrame(
                    common
                    | {
                        "condition": "joy",
                        "start_s": place * 1.0,
                        "pulse_rate_bpm": 60 + 5 * person + pulse[person, :n],
                        "mean_rating": rating[person, :n],
                    }
                )
            )
            # A window's rating is that of its middle on the grid.
            step = np.arange(10 * n + 50)
            held = rating[person, np.clip(np.round((step - 25) / 10), 0, n - 1).astype(int)]
            ratings.append(pd.DataFrame(common | {"order": c, "step": step, "rating": held}))
    return pd.concat(windows, ignore_index=True), pd.concat(ratings, ignore_index=True)


def lags_of(windows, **changed):
    asked = {"lags": LAGS, "step": 1.0, "minimum_windows": 10, "permutations": DRAWS}
    return lag_table(windows, ["joy"], **(asked | changed))


def locked_of(windows, ratings, conditions=("joy",), **changed):
    asked = {"above": 0, "around": (-5.0, 10.0), "places": PLACES, "permutations": DRAWS}
    return locked_table(windows, ratings, conditions, **(asked | changed))


# Clips as they were seen


def test_views_keep_who_saw_what_when():
    windows = pd.DataFrame(
        {
            "subject": [4, 4, 2, 4, 4],
            "video": ["b", "b", "b", "a", "a"],
            "condition": "joy",
            "order": [5.0, 5.0, np.nan, 3.0, 7.0],
            "start_s": [0.0, 1.0, 1.0, 0.0, 0.0],
            "rate": [1.0, 2.0, 3.0, 4.0, 5.0],
            "mean_rating": [0.0, 1.0, 2.0, 0.0, 0.0],
        }
    )
    (a, b), subjects = views_of(windows, "rate", 1.0)
    assert subjects == [2, 4]
    assert (b.video, b.viewer.tolist(), b.order.tolist()) == ("b", [0, 1], [-1, 5])
    assert np.array_equal(b.values, [[np.nan, 3], [1, 2]], equal_nan=True)
    assert np.array_equal(b.ratings, [[np.nan, 2], [0, 1]], equal_nan=True)
    # A clip that was shown again is two rows of one viewer.
    assert a.viewer.tolist() == [1, 1] and a.values.tolist() == [[4], [5]]


def test_the_course_of_other_clips_goes_and_what_is_a_clips_own_stays():
    random, ramp = np.random.default_rng(1), np.exp(-np.arange(30) / 5)
    own = [np.sin(np.arange(n) / (c + 2)) for c, n in enumerate((30, 30, 24))]
    level = 60 + 10 * random.random((20, 1))
    clips = [clip_of(level + ramp[: len(o)] + o, np.zeros((20, len(o)))) for o in own]
    plain = [clip_of(level + o, np.zeros((20, len(o)))) for o in own]
    for with_ramp, without in zip(without_course(clips), without_course(plain), strict=True):
        # Up to the level of the shorter clip, on which a part of the course does not lie.
        assert np.abs(with_ramp.values - without.values).max() < 0.1
        assert with_ramp.values.mean(axis=1) == pytest.approx(0, abs=1e-12)
    # Where no other clip has a window, nothing tells what all clips share.
    assert np.isnan(without_course(clips[:1])[0].values).all()
    left = [np.isnan(clip.values).sum() for clip in without_course(clips[1:])]
    assert left == [20 * 6, 0]


def test_one_course_of_other_clips_is_behind_all_tests():
    windows, _ = study_of(np.random.default_rng(15))
    clips, subjects = views_of(windows, "pulse_rate_bpm", 1.0)
    left = less_course(windows.sample(frac=1, random_state=2), "pulse_rate_bpm").reindex(
        windows.index
    )
    for clip, without in zip(clips, without_course(clips), strict=True):
        for row, viewer in enumerate(clip.viewer):
            seen = (windows["video"] == clip.video) & (windows["subject"] == subjects[viewer])
            own = left[seen].to_numpy()
            assert own - np.nanmean(own) == pytest.approx(
                without.values[row, : len(own)], nan_ok=True
            )


def test_the_first_shift_is_none_and_others_reach_every_step():
    shifts = draw_clip_shifts([3, 7], 500, np.random.default_rng(0))
    assert shifts[0].tolist() == [0, 0] and shifts.shape == (501, 2)
    assert [set(column.tolist()) for column in shifts.T] == [set(range(3)), set(range(7))]


# Lags


def test_lags_are_whole_steps_of_the_windows():
    assert steps_between(LAGS, 1.0).tolist() == list(range(-2, 9))
    assert steps_between((-1.0, 1.0), 0.4).tolist() == [-2, -1, 0, 1, 2]


@pytest.mark.parametrize("lag", [-2, 0, 3])
@pytest.mark.parametrize("shift", [0, 5])
def test_moments_are_those_of_pairs_within_the_clip(lag, shift):
    random = np.random.default_rng(2)
    x, y = random.standard_normal((2, 2, 15))
    x[0, 4], y[1, 7] = np.nan, np.nan
    table = moments_by_shift(clip_of(x, y, viewer=[1, 0]), np.array([lag]), 2)
    assert table.shape == (15, 2, 1, 6)
    for row, viewer in enumerate((1, 0)):
        moved = np.roll(y[row], shift)
        pairs = np.array([(x[row, t], moved[t - lag]) for t in range(15) if 0 <= t - lag < 15])
        a, b = pairs[~np.isnan(pairs).any(axis=1)].T
        wanted = [len(a), a.sum(), b.sum(), (a * a).sum(), (b * b).sum(), (a * b).sum()]
        assert table[shift, viewer, 0] == pytest.approx(wanted)
        r = correlations_of(table[shift, viewer, 0], 2)
        assert float(r) == pytest.approx(stats.pearsonr(a, b).statistic)


def test_at_lag_0_of_one_clip_it_is_spearmans_correlation():
    random = np.random.default_rng(3)
    x, y = random.standard_normal((6, 30)), random.integers(0, 4, (6, 30))
    clips = ranked_views([clip_of(x, y)])
    still = np.zeros((1, 1), dtype=int)
    found = lagged_z(clips, np.array([0]), still, n_viewers=6, minimum_windows=10)
    rho = [stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)]
    assert found.mean.item() == pytest.approx(np.mean(np.arctanh(rho)))
    assert found.n.item() == 6


def test_no_pair_reaches_across_the_end_of_a_clip():
    # The pulse jumps with the rating of the last window of the clip before: only a lag that
    # reached across the border would see it.
    y = np.zeros((1, 20))
    y[0, -1] = 1
    x = np.zeros((1, 20))
    x[0, 1] = 1
    table = moments_by_shift(clip_of(x, y), np.arange(-2, 9), 1)
    assert table[0, 0, :, 5] == pytest.approx(0)
    # Moved by four, the last rating lies on the fourth window.
    assert table[4, 0, :, 5] == pytest.approx([1.0, *[0.0] * 10])


def test_too_few_windows_or_no_change_give_no_correlation():
    x = np.arange(12.0)
    moments = moments_by_shift(clip_of([x, x, x], [x, x * 0, x % 2]), np.array([0, 4]), 3)[0]
    assert np.isnan(correlations_of(moments, 8)).tolist() == [
        [False, True],
        [True, True],
        [False, True],
    ]


@pytest.mark.parametrize("lag", [0, 4])
def test_the_planted_lag_is_found(lag):
    windows, _ = study_of(np.random.default_rng(11), lag=lag, coupling=-0.5)
    table = lags_of(windows)
    assert [*table.columns[: len(LAG_COLUMNS)]] == [*LAG_COLUMNS]
    assert table["lag_s"].tolist() == list(range(-2, 9)) and table["largest"].sum() == 1
    (largest,) = table[table["largest"]].to_dict("records")
    assert abs(largest["lag_s"] - lag) <= 1 and largest["r_mean"] < largest["band_low"] < 0
    assert largest["p_value"] == largest["p_holm"] == pytest.approx(1 / 100)
    # p is of the largest alone: no lag is tested by itself.
    assert table["p_value"].notna().sum() == 1
    assert (largest["n_participants"], largest["n_clips"], largest["n_shifts"]) == (8, 3, 99)
    assert table.equals(lags_of(windows.sample(frac=1, random_state=1)))


def test_many_people_are_taken_in_parts(monkeypatch):
    windows, ratings = study_of(np.random.default_rng(4), coupling=0.1)
    whole = lags_of(windows), locked_of(windows, ratings)
    monkeypatch.setattr(moved_reports, "_AT_ONCE", 20_000)
    for one, parts in zip(whole, (lags_of(windows), locked_of(windows, ratings)), strict=True):
        pd.testing.assert_frame_equal(one, parts)


def test_ratings_that_never_change_leave_a_reason():
    windows, ratings = study_of(np.random.default_rng(4))
    (row,) = lags_of(windows.assign(mean_rating=0.0)).to_dict("records")
    assert row["reason"].startswith("nobody has a correlation") and np.isnan(row["p_value"])
    assert (row["n_participants"], row["largest"]) == (0, False)
    nobody = locked_of(windows, ratings.assign(rating=1), ["joy", "sea"])
    assert nobody["reason"].unique().tolist() == ["nobody reported one"]
    assert nobody[["condition", "edge"]].to_numpy().tolist() == [
        ["joy", "onset"],
        ["joy", "offset"],
        ["sea", "onset"],
        ["sea", "offset"],
    ]


def test_one_person_and_one_clip_have_no_test_and_the_reason():
    windows, ratings = study_of(np.random.default_rng(4), coupling=-0.9)
    alone = windows[windows["subject"] == 3]
    (row,) = lags_of(alone).to_dict("records")
    assert row["reason"] == "1 participant with a correlation: a test takes 2 people"
    assert np.isnan(row["p_value"]) and row["n_participants"] == 1 and not row["largest"]
    locked = locked_of(alone, ratings)
    assert locked["p_value"].isna().all() and locked["n_participants"].tolist() == [1, 1]
    assert (locked["reason"].str.endswith("around them: a test takes 2 people")).all()
    assert lags_of(windows[windows["subject"] <= 2])["p_value"].notna().sum() == 1
    one = windows[windows["video"] == "v0"]
    for table in (lags_of(one), locked_of(one, ratings)):
        assert table["p_value"].isna().all() and table["reason"].str.startswith("one clip").all()


def test_a_place_of_one_person_is_not_among_those_looked_at():
    mean, n = np.array([[0.1, 9.0], [0.2, 0.1]]), np.array([[2, 1], [2, 2]])
    assert np.array_equal(of_two_people(mean, n), [[0.1, np.nan], [0.2, 0.1]], equal_nan=True)


# Onsets and offsets


def test_edges_of_reports_need_to_be_seen():
    # There at the start and at the end: neither has been seen to begin, or to end.
    reported = np.array([1, 1, 0, 0, 1, 0, 1, 1], dtype=bool)
    edges = reported_edges(reported)
    assert edges["onset"].tolist() == [4, 6] and edges["offset"].tolist() == [2, 5]
    assert not reported_edges(np.zeros(0, dtype=bool))["onset"].size


def test_events_belong_to_their_showing():
    clip = replace(clip_of(np.zeros((3, 4)), np.zeros((3, 4)), viewer=[0, 1, 1]))
    clip = replace(clip, order=np.array([-1, 2, 6]))
    steps = {(4, 0): [0, 1, 1], (9, 6): [0, 0, 3], (9, 2): [1, 0, 0]}
    ratings = pd.concat(
        pd.DataFrame({"subject": s, "order": o, "video": "a", "step": range(3), "rating": rating})
        for (s, o), rating in steps.items()
    )
    found = events_of(ratings, [clip], [4, 9], above=0)
    (onsets,), (offsets,) = found["onset"], found["offset"]
    assert (onsets.row.tolist(), onsets.step.tolist(), onsets.length) == ([0, 2], [1, 2], 3)
    assert (offsets.row.tolist(), offsets.step.tolist()) == ([1], [1])
    assert events_of(ratings, [clip], [4, 9], above=1)["onset"][0].row.tolist() == [2]


def test_values_around_an_event_end_with_the_clip():
    clip = clip_of([np.arange(40.0), np.r_[np.arange(36.0), [np.nan] * 4]], np.zeros((2, 40)))
    # Windows of 5 s: the middle of window k is at k + 2.5 s.
    events = ClipEvents(np.array([0, 0, 1, 1]), np.array([125, 129, 20, 440]), 450)
    times = np.array([-1, 0, 1])
    still = values_around(clip, events, times, np.array([0]), PLACES)[:, 0]
    assert still[0].tolist() == [9, 10, 11] and still[1].tolist() == [9, 10, 11]
    # Two seconds into the clip, nearest to window 0; near the end there is no window.
    assert np.isnan(still[2, 0]) and still[2, 1:].tolist() == [0, 1]
    assert np.isnan(still[3]).all()
    # In a circle of the whole clip, for who saw less of it too.
    moved = values_around(clip, events, times, np.array([35]), PLACES)[:, 0]
    assert np.isnan(moved[3, 0]) and moved[3, 1] == 0


def test_a_mean_is_over_events_and_then_over_people():
    clip = clip_of([np.arange(40.0), np.arange(40.0) + 100, np.arange(40.0)], np.zeros((3, 40)))
    events = ClipEvents(np.array([0, 0, 1]), np.array([125, 145, 125]), 450)
    still = np.zeros((1, 1), dtype=int)
    found = locked_mean([clip], [events], np.array([0, 35]), still, PLACES, 3)
    # The first has 10 and 12, the second 110; 35 s later the first alone would have none.
    assert found.mean[0, 0] == pytest.approx((11 + 110) / 2)
    assert np.isnan(found.mean[0, 1])
    assert (found.n_events[0].tolist(), found.n_participants[0].tolist()) == ([3, 0], [2, 0])


def test_no_time_counts_for_more_because_it_varies_more():
    random = np.random.default_rng(8)
    mean = random.standard_normal((200, 3)) * [1, 50, 0] + [0, 7, 2]
    mean[0] = [6, 9, 2]
    departure, largest = largest_departure(mean)
    assert np.argmax(np.abs(departure[0])) == 0 and largest[0] == largest.max()
    assert not departure[:, 2].any()
    mean[5:, 1] = np.nan
    assert np.isfinite(largest_departure(mean)[1]).all()


def test_a_pulse_that_follows_onsets_is_found_and_counted():
    windows, ratings = study_of(np.random.default_rng(21), lag=3, coupling=1.5)
    table = locked_of(windows, ratings)
    assert [*table.columns[: len(LOCKED_COLUMNS)]] == [*LOCKED_COLUMNS]
    assert table["time_s"].tolist() == [*range(-5, 11)] * 2
    largest = table[table["largest"]].set_index("edge")
    assert (largest["p_value"] == 0.01).all() and (largest["p_holm"] == 0.02).all()
    onset = table[table["edge"] == "onset"].set_index("time_s")
    # Up after an onset, down after an offset, three to five seconds late.
    assert onset["mean_change"].idxmax() in (3, 4, 5)
    assert table[table["edge"] == "offset"].set_index("time_s")["mean_change"][4.0] < 0
    n_events = sum(
        len(reported_edges(rows["rating"].to_numpy() > 0)["onset"])
        for _, rows in ratings.groupby(["subject", "video"])
    )
    assert onset["n_events"].max() <= n_events and onset["n_cut_short"].iloc[0] > 0
    assert n_events - onset["n_events"].min() <= onset["n_cut_short"].iloc[0]


def test_without_agreement_of_times_nothing_is_found_more_often_than_asked():
    """A pulse that all viewers of a clip share: what takes them as independent finds it."""
    random = np.random.default_rng(6)
    draws = dataclasses.replace(DRAWS, permutations=19)
    p_values, naive = [], []
    for _ in range(30):
        windows, ratings = study_of(random, people=8)
        shared = smooth(random, 3, 40) * 2
        at = windows["video"].str[1:].astype(int), windows["start_s"].astype(int)
        windows["pulse_rate_bpm"] += shared[at]
        group = smooth(random, 3, 40)
        windows["mean_rating"] += 3 * group[at]
        steps = ratings["video"].str[1:].astype(int), np.clip(ratings["step"] // 10 - 2, 0, 39)
        ratings["rating"] += 3 * group[steps]
        lagged = lags_of(windows, permutations=draws)
        locked = locked_of(windows, ratings, permutations=draws)
        p_values.append([*lagged["p_value"].dropna(), *locked["p_value"].dropna()])
        r = [
            stats.pearsonr(own["pulse_rate_bpm"], own["mean_rating"]).statistic
            for _, own in windows.groupby("subject")
        ]
        naive.append(stats.ttest_1samp(np.arctanh(r), 0).pvalue)
    # One or two of 30 are expected; more than five come in one of 300 such tests.
    assert (np.array(p_values) <= 0.05).sum(axis=0).max() <= 5
    assert np.sum(np.array(naive) <= 0.05) > 8


def test_a_start_that_all_clips_share_is_no_coupling(monkeypatch):
    """A pulse that settles while nobody reports anything: without the course of other clips."""
    random = np.random.default_rng(12)
    studies = []
    for _ in range(12):
        windows, _ = study_of(random, clips=3, lengths=(40, 40, 40))
        late = windows["start_s"] >= 10
        windows["pulse_rate_bpm"] += 4 * np.exp(-windows["start_s"] / 5)
        studies.append(windows.assign(mean_rating=windows["mean_rating"] * late))

    def found() -> int:
        return sum(lags_of(w)["p_value"].min() <= 0.05 for w in studies)

    # More than three of 12 come in one of 400 such tests.
    assert found() <= 3
    monkeypatch.setattr("tinglegram.pulse.lagged.without_course", lambda clips: clips)
    assert found() >= 8
