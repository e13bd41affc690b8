"""Viewers who used the scale upside down are named, and nobody else is."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.viewers import opposite_warning, viewer_table

STEPS, SMOOTH = 120, 30


def courses(draw, n):
    """Smooth courses of variance 1, (n, STEPS)."""
    window = np.hanning(SMOOTH)
    noise = draw.standard_normal((n, STEPS + SMOOTH - 1))
    found = np.array([np.convolve(row, window, "valid") for row in noise])
    return found / np.sqrt(np.sum(window**2))


def ratings_of(seed, clips, share, people=10, upside_down=()):
    """Ratings of 0 to 3 that share this part of their variance within a clip."""
    draw, tables = np.random.default_rng([seed, clips]), []
    for clip in range(clips):
        own = np.sqrt(share) * courses(draw, 1) + np.sqrt(1 - share) * courses(draw, people)
        rated = np.clip(np.round(own + 1.2), 0, 3).astype(int)
        for person, rating in enumerate(rated, 1):
            values = 3 - rating if person in upside_down else rating
            about = {"subject": person, "video": f"c{clip}", "order": clip, "rating": values}
            tables.append(pd.DataFrame(about | {"step": np.arange(STEPS)}))
    return pd.concat(tables, ignore_index=True)


def told(seed, clips, share, **about):
    conditions = {f"c{clip}": "any" for clip in range(clips)}
    table = viewer_table(ratings_of(seed, clips, share, **about), conditions)
    return table.set_index("subject")["opposite"]


@pytest.mark.parametrize(
    ("clips", "share", "least"), [(3, 0.3, 0.5), (4, 0.3, 0.6), (8, 0.3, 0.9), (8, 0.15, 0.2)]
)
def test_one_who_used_the_scale_upside_down_is_told(clips, share, least):
    """Most are where viewers share 30 % (of 60 studies in 67, 78, 93 %); no other of nine is."""
    found = [told(seed, clips, share, upside_down=[3]) for seed in range(16)]
    assert np.mean([one[3] for one in found]) >= least
    assert not any(one.drop(3).any() for one in found)


@pytest.mark.parametrize("share", [0.0, 0.15, 0.3])
@pytest.mark.parametrize("clips", [3, 8])
def test_nobody_is_told_where_nobody_did(clips, share):
    """By 200 studies, where viewers share 5 % or less 3 in 1,000 people at most; else nobody."""
    found = np.concatenate([told(seed, clips, share) for seed in range(16)])
    assert found.mean() <= (0.02 if share == 0 else 0.0)


def rated(series):
    tables = [
        pd.DataFrame({"subject": s, "video": v, "order": 0, "step": range(len(x)), "rating": x})
        for (s, v), x in series.items()
    ]
    return pd.concat(tables, ignore_index=True)


def test_numbers_of_a_small_study():
    rise, still = np.arange(8), np.zeros(8, dtype=int)
    series = {(s, v): rise for s in (1, 2, 4) for v in "abc"}
    series |= {(3, v): 7 - rise for v in "abc"}
    # The others' mean of 2 and 4 stands still at d; f has two viewers.
    series |= {(1, "d"): still, (2, "d"): rise, (3, "d"): 7 - rise, (4, "d"): rise}
    series |= {(1, "e"): rise, (2, "e"): 7 - rise, (5, "e"): still} | {
        (1, "f"): rise,
        (2, "f"): rise,
    }
    conditions = dict.fromkeys("abcdef", "any")
    table = viewer_table(rated(series), conditions).set_index("subject")
    assert list(table) == ["n_clips", "r_others", "n_negative", "opposite"]
    assert table["n_clips"].tolist() == [4, 4, 4, 3, 0]
    assert table["n_negative"].tolist() == [1, 1, 4, 0, 0]
    assert table.loc[3, "r_others"] == pytest.approx(-1) and np.isnan(table.loc[5, "r_others"])
    assert table.index[table["opposite"]].tolist() == [3]
    assert opposite_warning(table.reset_index()) == [
        "Opposite ratings: those of participant 3 (r = -1.00, below 0 in 4 of 4 clips) run against "
        "the mean of the other viewers: was the scale used upside down? (statistics/viewers.tsv)"
    ]
    assert opposite_warning(table.drop(index=3).reset_index()) == []


def test_two_clips_tell_nothing():
    rise = np.arange(8)
    series = {(s, v): rise if s != 3 else 7 - rise for s in (1, 2, 3, 4) for v in "ab"}
    assert not viewer_table(rated(series), {"a": "any", "b": "any"})["opposite"].any()


def test_nobody_beside_whom_to_stand():
    table = viewer_table(
        rated({(1, "a"): np.arange(4), (2, "b"): np.arange(4)}), {"a": "x", "b": "x"}
    )
    assert table["n_clips"].tolist() == [0, 0] and table["r_others"].isna().all()
    assert not table["opposite"].any() and opposite_warning(table) == []
