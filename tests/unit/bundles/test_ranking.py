"""Segments: what they are made of, which of them stay, their order, and what is joined."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.bundles.fingerprints import Fingerprint
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.bundles.ranking import (
    DUPLICATE_COLUMNS,
    SEGMENT_COLUMNS,
    Content,
    rank_segments,
    segment_names,
    windows_of,
    without_overlap,
)

GRID = 2.0


def steps_of(mean, **more) -> pd.DataFrame:
    """A prediction of these means."""
    number = len(mean)
    table = {
        "model": "acoustic",
        "step": np.arange(number),
        "time_s": np.arange(number) / GRID,
        "mean": np.asarray(mean, float),
        "sd_folds": np.full(number, 0.1),
        "sd_seeds": np.full(number, np.nan),
        "low": np.nan,
        "high": np.nan,
        "distance": np.full(number, 0.5),
        "outside": False,
    }
    return pd.DataFrame(table | more)


def course(seed: int, seconds: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(round(seconds * 10), 15)).astype(np.float32)


def content(files, mean, seed=0, **more) -> Content:
    print_ = Fingerprint({"sound": course(seed, len(mean) / GRID)})
    return Content(tuple(files), steps_of(mean, **more), print_)


def test_a_window_has_the_means_of_its_steps_the_largest_distance_and_the_share_outside():
    distance = np.array([0.1, 0.2, 3.0, 0.4, 0.5, 0.6])
    steps = steps_of([0, 1, 2, 3, 4, 5], distance=distance, outside=distance > 1)
    found = windows_of(steps, length_s=2.0, every_s=0.5)
    assert found["start_s"].tolist() == [0.0, 0.5, 1.0]
    assert found["end_s"].tolist() == [2.0, 2.5, 3.0]
    assert found["mean"].tolist() == [1.5, 2.5, 3.5]
    assert found["distance"].tolist() == [3.0, 3.0, 3.0]
    assert found["outside"].tolist() == [0.25, 0.25, 0.25]
    assert found["sd_seeds"].isna().all() and found["sd_folds"].tolist() == pytest.approx([0.1] * 3)
    every = windows_of(steps, length_s=2.0, every_s=1.0)
    assert every["start_s"].tolist() == [0.0, 1.0]


def test_a_file_shorter_than_a_segment_is_one_segment_of_its_own_length():
    found = windows_of(steps_of([0.2, 0.4]), length_s=10.0, every_s=1.0)
    assert found[["start_s", "end_s", "mean"]].to_numpy().tolist() == [
        [0.0, 1.0, pytest.approx(0.3)]
    ]


@given(st.integers(0, 2**32), st.integers(2, 12), st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_the_spread_of_a_segment_is_never_below_that_of_its_mean(seed, folds, length):
    """Whatever the models' errors have in common."""
    rng = np.random.default_rng(seed)
    courses = rng.normal(size=(folds, 12)) + rng.normal(size=(folds, 1)) * rng.integers(0, 3)
    steps = steps_of(courses.mean(axis=0), sd_folds=courses.std(axis=0, ddof=1))
    found = windows_of(steps, length / GRID, 0.5)
    for place, spread in zip(found["first"], found["sd_folds"], strict=True):
        own = courses[:, place : place + length].mean(axis=1).std(ddof=1)
        assert own <= spread + 1e-12


@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.integers(1, 8))
@settings(max_examples=80, deadline=None)
def test_what_stays_does_not_overlap_and_nothing_better_is_left(means, length):
    windows = windows_of(steps_of(means), length / GRID, 0.5)
    kept = without_overlap(windows)
    starts = np.sort(kept["first"].to_numpy())
    own = int(windows["n_steps"].iloc[0])
    assert (np.diff(starts) >= own).all()
    assert kept["mean"].is_monotonic_decreasing
    for row in windows.itertuples():
        near = kept[(kept["first"] - row.first).abs() < own]
        # Itself, or one that is as good or better.
        assert near["mean"].max() >= row.mean


def test_order_goes_by_mean_then_file_then_time():
    contents = {
        "a" * 64: content(["b.wav"], [0.5] * 8, 1),
        "c" * 64: content(["a.wav"], [0.5] * 4 + [0.9] * 4, 2),
    }
    found = rank_segments(contents, ["sound"], Ranking(length=2.0, step=2.0)).segments
    assert tuple(found.columns) == SEGMENT_COLUMNS
    assert found["segment"].tolist() == ["a_2s", "a_0s", "b_0s", "b_2s"]
    assert found["rank"].tolist() == [1, 2, 3, 4]


def test_equal_files_are_one_content_and_the_same_material_is_joined():
    """A part of one film inside another, at an offset that is no multiple of the step."""
    whole = course(7, 20.0)
    part = whole[57:157]
    contents = {
        "a" * 64: Content(
            ("one.mp4", "copy.mp4"),
            steps_of([0.1] * 12 + [0.8] * 16 + [0.1] * 12),
            Fingerprint({"sound": whole}),
        ),
        "b" * 64: Content(("part.mp4",), steps_of([0.7] * 20), Fingerprint({"sound": part})),
    }
    found = rank_segments(contents, ["sound"], Ranking(length=8.0, step=1.0))
    assert found.segments["file"].tolist() == ["one.mp4"]
    first = found.segments.iloc[0]
    assert (first["start_s"], first["duplicates"]) == (6.0, 2)
    joined = found.duplicates.set_index("how")
    assert tuple(found.duplicates.columns) == DUPLICATE_COLUMNS
    assert joined.loc["same material", "file"] == "part.mp4"
    # Second 6.0 of the film is second 0.3 of the part.
    assert joined.loc["same material", "start_s"] == pytest.approx(0.3)
    assert joined.loc["same material", "alike"] == pytest.approx(1.0)
    assert joined.loc["equal file", ["file", "start_s"]].tolist() == ["copy.mp4", 6.0]


def test_nothing_to_rank_is_two_empty_tables():
    found = rank_segments({}, ["sound"], Ranking())
    assert found.segments.empty and tuple(found.segments.columns) == SEGMENT_COLUMNS
    assert found.duplicates.empty


def test_segments_have_names_that_a_study_can_use_each_its_own():
    files = ["a/Rain (1).mp4", "b/Rain_1.wav", "08.mp3", "雨.mp4", "a/Rain (1).mp4"]
    found = segment_names(files, [1.0, 1.0, 2.5, 0.0, 12.0])
    assert found == ["Rain_1_1s", "Rain_1_1s_2", "clip_08_2_5s", "clip_0s", "Rain_1_12s"]
    assert all(name.replace("_", "").isascii() and name.isidentifier() for name in found)
