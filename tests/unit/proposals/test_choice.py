"""Choice of proposals: known answers, and what each setting changes."""

import dataclasses

import numpy as np
import pytest
from scipy import integrate, stats

from tinglegram.proposals.choice import (
    CHOICE_COLUMNS,
    PredictedCandidates,
    choose_proposals,
    expected_improvement,
)
from tinglegram.proposals.settings import Proposing

PLAIN = Proposing(variety_weight=0.0, exploration=0.0)


def candidates(n: int = 40, seed: int = 0, **changes: object) -> PredictedCandidates:
    generator = np.random.default_rng(seed)
    parts = {
        "predictions": generator.uniform(0, 1, (10, n)),
        "best": 0.5,
        "distances": np.full(n, 0.5),
        "features": generator.standard_normal((n, 3)),
    }
    return PredictedCandidates(**(parts | changes))


def test_expected_improvement_is_the_integral_it_stands_for():
    generator = np.random.default_rng(0)
    predictions = generator.normal(0.4, 0.2, (500, 1))
    mean, spread = predictions.mean(), predictions.std(ddof=1)
    integral, _ = integrate.quad(
        lambda x: (x - 0.6) * stats.norm.pdf(x, mean, spread), 0.6, mean + 12 * spread
    )
    assert expected_improvement(predictions, 0.6)[0] == pytest.approx(integral, rel=1e-6)


def test_without_spread_only_what_exceeds_the_best_counts():
    predictions = np.array([[0.2, 0.5, 0.9]])
    np.testing.assert_allclose(expected_improvement(predictions, 0.5), [0, 0, 0.4])
    np.testing.assert_allclose(expected_improvement(np.repeat(predictions, 3, 0), 0.5), [0, 0, 0.4])


def test_plain_choice_takes_the_highest_first():
    own = candidates()
    chosen = choose_proposals(own, 5, PLAIN, seed=0)
    order = np.argsort(-expected_improvement(own.predictions, own.best))[:5]
    assert chosen["candidate"].tolist() == order.tolist()
    assert list(chosen.columns) == list(CHOICE_COLUMNS)
    assert chosen["why"][0].startswith("expected to exceed the best so far by 0.")
    assert "rank 1 of 40 left" in chosen["why"][0]
    np.testing.assert_allclose(chosen["mean"], own.predictions.mean(axis=0)[order])


def test_distance_is_paid_for():
    own = candidates()
    first = choose_proposals(own, 1, PLAIN, seed=0)["candidate"][0]
    far = own.distances.copy()
    far[first] = 3.0
    moved = dataclasses.replace(own, distances=far)
    assert choose_proposals(moved, 1, PLAIN, seed=0)["candidate"][0] != first
    free = dataclasses.replace(PLAIN, distance_penalty=0.0)
    assert choose_proposals(moved, 1, free, seed=0)["candidate"][0] == first
    # Of all candidates it is still the last resort, and says so.
    everything = choose_proposals(moved, 40, PLAIN, seed=0)
    assert everything["candidate"].iloc[-1] == first
    assert "lowered by 2.00 for its distance" in everything["why"].iloc[-1]


@pytest.mark.parametrize("variety", ["max_min", "determinantal"])
def test_variety_keeps_proposals_apart(variety):
    generator = np.random.default_rng(1)
    # One tight group of the best, and others around.
    features = np.concatenate(
        [0.01 * generator.standard_normal((10, 2)), 3 * generator.standard_normal((30, 2))]
    )
    predictions = np.repeat(np.r_[np.full(10, 0.9), np.full(30, 0.6)][None], 5, 0)
    predictions = predictions + 0.01 * generator.standard_normal((5, 40))
    own = candidates(predictions=predictions, features=features)

    def from_group(weight: float) -> int:
        settings = Proposing(variety=variety, variety_weight=weight, exploration=0.0)
        return int((choose_proposals(own, 6, settings, seed=0)["candidate"] < 10).sum())

    assert from_group(0.0) == 6 and from_group(0.7) <= 2


def test_determinantal_choice_is_that_of_the_determinant():
    """Greedy gains are those of the log determinant, computed anew for every set."""
    own = candidates(12, predictions=np.full((2, 12), 0.5))
    settings = Proposing(variety="determinantal", variety_weight=0.5, exploration=0.0)
    chosen = choose_proposals(own, 4, settings, seed=0)["candidate"].tolist()
    between = np.linalg.norm(own.features[:, None] - own.features[None], axis=2)
    usual = np.median(between[np.triu_indices(12, 1)])
    kernel = np.exp(-0.5 * (2 * between / usual) ** 2)
    found = [chosen[0]]
    for _ in range(3):
        left = [i for i in range(12) if i not in found]
        gains = [np.linalg.slogdet(kernel[np.ix_([*found, i], [*found, i])])[1] for i in left]
        found.append(left[int(np.argmax(gains))])
    assert chosen == found


def test_thompson_sampling_follows_its_members():
    # Each member likes one candidate alone.
    own = candidates(8, predictions=np.eye(8))
    settings = dataclasses.replace(PLAIN, acquisition="thompson")
    firsts = [int(choose_proposals(own, 1, settings, seed=s)["candidate"][0]) for s in range(60)]
    assert set(firsts) == set(range(8))
    one, again = (choose_proposals(own, 5, settings, seed=3) for _ in range(2))
    assert one.equals(again) and "drawn, predicts 1.000" in one["why"][0]


def test_exploration_takes_what_members_disagree_about():
    predictions = np.full((4, 20), 0.6)
    predictions[:, 13] = [0.0, 0.1, 0.9, 1.0]
    predictions[:, 2] = 0.9
    own = candidates(20, predictions=predictions, best=0.95)
    settings = Proposing(variety_weight=0.0, exploration=0.5, distance_penalty=0.0)
    chosen = choose_proposals(own, 2, settings, seed=0)
    assert chosen["purpose"].tolist() == ["improve", "explore"]
    # The one with the wide spread promises most, then what is left is explored.
    own = candidates(20, predictions=predictions, best=0.5)
    calm = dataclasses.replace(own, predictions=np.delete(predictions, [1, 2], axis=0) * 1.0)
    assert 13 in choose_proposals(calm, 2, settings, seed=0)["candidate"].tolist()
    assert choose_proposals(own, 1, dataclasses.replace(settings, exploration=1.0), seed=0)[
        "candidate"
    ].tolist() == [13]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: choose_proposals(candidates(5), 6, PLAIN, seed=0),
        lambda: candidates(5, distances=np.zeros(4)),
        lambda: candidates(5, best=np.nan),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        wrong()
