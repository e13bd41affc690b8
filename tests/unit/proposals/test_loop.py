"""Closed loops with simulated listeners, in short: 2 repetitions of 2 rounds, which can fail."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tinglegram.proposals.features import modulation_powers, summarise_sound, summary_names
from tinglegram.proposals.listeners import Listening, draw_panel, sound_means, who_hears
from tinglegram.proposals.loop import (
    AGAIN,
    LOOP_COLUMNS,
    MODEL,
    ORACLE,
    RANDOM,
    ClosedLoop,
    simulate_loop,
)
from tinglegram.proposals.loop_page import gain_of, loop_page, summarise_loops
from tinglegram.proposals.pool import PoolOfSounds, SoundPool, pool_of, pool_table
from tinglegram.proposals.settings import Proposing
from tinglegram.sounds.safety import SoundSafety

LISTENING = Listening()
SHORT = ClosedLoop(rounds=2, per_round=8, existing=24, candidates=110, members=10, exchanges=39)


@pytest.fixture(scope="module")
def pool() -> SoundPool:
    """Measures drawn at random, and features that depend on them with noise."""
    generator = np.random.default_rng(0)
    n = 260
    measures = pd.DataFrame(
        {
            "rate_hz": 2 ** generator.uniform(-1, 4, n),
            "regularity": generator.uniform(0, 1, n),
            "centroid_hz": 2 ** generator.uniform(7, 13, n),
            "interaural_correlation": generator.uniform(0, 1, n),
        }
    )
    known = np.column_stack([np.log2(measures["rate_hz"]), np.log2(measures["centroid_hz"])])
    rest = measures[["regularity", "interaural_correlation"]].to_numpy() * 4
    features = np.column_stack([known, rest, generator.standard_normal((n, 3))])
    return SoundPool(features + 0.2 * generator.standard_normal(features.shape), measures)


def test_short_loop_beats_chance_and_not_the_oracle(pool):
    loops = pd.concat(
        simulate_loop(pool, "responding", repetition, SHORT, LISTENING, Proposing(), 1)
        for repetition in range(2)
    )
    assert list(loops.columns) == list(LOOP_COLUMNS)
    assert len(loops) == 2 * 4 * 3
    start = loops[loops["round"] == 0].groupby("repetition")["mean"].nunique()
    assert (start == 1).all()
    reached = loops[loops["round"] > 0].groupby("strategy")[["mean", "best"]].mean()
    means, best = reached["mean"], reached["best"]
    assert means[ORACLE] > means[MODEL] > means[RANDOM] + 0.05
    assert best[ORACLE] > best[MODEL] > best[AGAIN] + 0.05
    assert loops.loc[loops["strategy"] == MODEL, "works"].isin([0, 1]).all()
    assert loops.loc[loops["strategy"] != MODEL, "works"].isna().all()
    assert (loops.loc[(loops["strategy"] == MODEL) & (loops["round"] == 2), "works"] == 1).all()


def test_where_nothing_works_the_loop_says_so(pool):
    loops = pd.concat(
        simulate_loop(pool, "unmoved", repetition, SHORT, LISTENING, Proposing(), 1)
        for repetition in range(10)
    )
    last = loops[(loops["strategy"] == MODEL) & (loops["round"] == 2)]
    # At a level of 5 %, four or more of ten have a probability of 0.1 %.
    assert last["works"].sum() <= 3
    # All sounds are the same to them, whichever strategy.
    assert loops.groupby("repetition")["mean"].agg(np.ptp).max() == pytest.approx(0, abs=1e-12)


def test_the_same_seed_gives_the_same_loop(pool):
    def loop(seed: int) -> pd.DataFrame:
        return simulate_loop(pool, "responding", 0, SHORT, LISTENING, Proposing(), seed)

    pd.testing.assert_frame_equal(loop(3), loop(3))
    assert not loop(3).equals(loop(4))


def test_a_pool_that_is_too_small_is_refused(pool):
    with pytest.raises(ValueError, match="expected a pool of 244 sounds, found 20"):
        simulate_loop(pool.some(np.arange(20)), "responding", 0, SHORT, LISTENING, Proposing(), 1)


def test_listeners_like_what_is_planted():
    panel = draw_panel("responding", Listening(differ_octaves=0.0), np.random.default_rng(0))
    liked = {
        "rate_hz": 2.5,
        "regularity": 1.0,
        "centroid_hz": 4000.0,
        "interaural_correlation": 0.0,
    }
    other = {
        "rate_hz": 15.0,
        "regularity": 0.2,
        "centroid_hz": 300.0,
        "interaural_correlation": 1.0,
    }
    best = panel.felt(pd.DataFrame([liked])).mean()
    assert best > 0.9
    for name, value in other.items():
        assert panel.felt(pd.DataFrame([liked | {name: value}])).mean() < best - 0.01
    unmoved = draw_panel("unmoved", LISTENING, np.random.default_rng(0))
    felt = unmoved.felt(pd.DataFrame([liked, other]))
    np.testing.assert_array_equal(felt[:, 0], felt[:, 1])
    assert felt.std() > 0.05


@pytest.mark.parametrize("sounds", [4, 12, 24])
def test_everybody_hears_as_many_sounds(sounds):
    who = who_hears(sounds, LISTENING, np.random.default_rng(0))
    assert who.shape == (8, sounds)
    assert all(len(set(column)) == 8 for column in who.T)
    counts = np.bincount(who.ravel(), minlength=24)
    assert np.ptp(counts) <= 1


def test_reticent_listeners_do_not_make_a_sound_worse():
    generator = np.random.default_rng(0)
    truth, own = generator.uniform(0, 1, 24), generator.normal(0, 0.5, 24)
    tables = []
    for _ in range(3):
        who = who_hears(24, LISTENING, generator)
        tables.append(
            pd.DataFrame(
                {
                    "sound": np.broadcast_to(np.arange(24), who.shape).ravel(),
                    "listener": who.ravel(),
                    "response": (truth + own[who]).ravel(),
                }
            )
        )
    responses = pd.concat(tables)
    fitted = sound_means(responses)
    plain = responses.groupby("sound")["response"].mean()
    errors = [np.std(values.to_numpy() - truth) for values in (fitted, plain)]
    assert errors[0] < 0.3 * errors[1]


def test_modulation_is_found_in_its_octave():
    time = np.arange(0, 8, 1 / 200)
    for rate, band in ((0.7, 0), (3.0, 2), (20.0, 5)):
        powers = modulation_powers(1 + 0.5 * np.sin(2 * np.pi * rate * time), 200)
        assert np.argmax(powers) == band
        assert powers[band] == pytest.approx(10 * np.log10(0.5**2 / 2), abs=0.3)


def test_pool_is_made_of_sounds_one_by_one():
    settings = PoolOfSounds(sounds=4, sound_s=1, pool_rate=16000)
    whole = pool_table(settings, SoundSafety(), 0, 3, seed=5)
    part = pool_table(settings, SoundSafety(), 2, 1, seed=5)
    pd.testing.assert_frame_equal(whole.iloc[[2]].reset_index(drop=True), part)
    found = pool_of(whole)
    assert found.features.shape == (3, len(summary_names()))
    assert np.isfinite(found.features).all() and len(set(summary_names())) == 101
    mono = np.zeros((16000, 2), np.float32)
    assert np.isfinite(summarise_sound(mono, 16000)).all()


def test_page_and_table_say_what_was_reached(pool):
    loops = pd.concat(
        simulate_loop(pool, kind, repetition, SHORT, LISTENING, Proposing(), 1)
        for kind in ("responding", "unmoved")
        for repetition in range(3)
    )
    summary = summarise_loops(loops)
    own = loops.query("listeners == 'responding' and strategy == 'model' and round == 2")["mean"]
    row = summary.query(
        "quantity == 'mean' and listeners == 'responding' and strategy == 'model' and round == 2"
    ).iloc[0]
    assert row["value"] == pytest.approx(own.mean())
    # t with two degrees of freedom: 4.303.
    assert row["high"] - row["value"] == pytest.approx(4.303 * own.std() / np.sqrt(3), rel=1e-3)
    responding = loops[loops["listeners"] == "responding"]
    value, low, high = gain_of(responding, RANDOM, "mean")
    assert low < value < high
    page = loop_page(
        loops,
        SHORT,
        LISTENING,
        PoolOfSounds(),
        "thompson",
        page="docs/loop.md",
        table="docs/loop.tsv",
        figure="docs/images/loop.svg",
    )
    assert "(images/loop.svg)" in page and "[loop.tsv](loop.tsv)" in page
    assert f"- **model less random**, all rounds: mean {value:+.3f}" in page
    assert "nothing found that works" in page and "of 8 in all others" in page
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    widths = [len(a.split("|")) == len(b.split("|")) for a, b in pairwise(lines[:3])]
    assert all(widths)
