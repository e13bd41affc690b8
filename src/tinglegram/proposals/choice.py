"""Which candidates to try next: what they are worth, how far they lie, how they differ.

Candidates are chosen one after another. Each choice weighs the acquisition, scaled to 0 to 1 over
the candidates that are left and lowered by the distance from the training data, against the
variety that it adds to those chosen before.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special
from scipy.spatial.distance import cdist

from tinglegram.proposals.settings import Proposing

Numbers = NDArray[np.float64]

CHOICE_COLUMNS = {
    "place": "int64",
    "candidate": "int64",
    "mean": "float64",
    "spread": "float64",
    "distance": "float64",
    "acquisition": "float64",
    "variety": "float64",
    "purpose": "str",
    "why": "str",
}
# Distances beyond this are outside of what the model was trained on.
THRESHOLD = 1.0
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class PredictedCandidates:
    """What is known of the candidates before anybody heard them.

    Attributes
    ----------
    predictions : mean response to each sound by each member of the ensemble, (members, candidates).
    best : highest response to a sound so far, as the same ensemble sees it.
    distances : from the training data, (candidates,); 1 is the threshold.
    features : (candidates, features), standardised.
    """

    predictions: Numbers
    best: float
    distances: Numbers
    features: Numbers

    def __post_init__(self) -> None:
        """Refuse arrays of other lengths and values that are no numbers."""
        n = self.predictions.shape[1]
        if self.distances.shape != (n,) or len(self.features) != n or not self.predictions.size:
            raise ValueError(
                f"expected distances and features of {n} candidates, found "
                f"{self.distances.shape} and {self.features.shape}"
            )
        arrays = (self.predictions, self.distances, self.features, np.array(self.best))
        if not all(np.isfinite(array).all() for array in arrays):
            raise ValueError("expected numbers in predictions, distances and features")


def expected_improvement(predictions: Numbers, best: float) -> Numbers:
    """Return by how much each candidate is expected to exceed the best so far, (candidates,).

    Of a normal distribution with mean and standard deviation of the ensemble (Jones, Schonlau &
    Welch, 1998, doi:10.1023/A:1008306431147); without any spread, what the mean exceeds it by.

    Parameters
    ----------
    predictions : (members, candidates).
    """
    above = predictions.mean(axis=0) - best
    spread = _spread(predictions)
    z = above / np.maximum(spread, _TINY)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    found = above * special.ndtr(z) + spread * density
    improvement: Numbers = np.where(spread > _TINY, found, np.maximum(above, 0))
    return improvement


def choose_proposals(
    candidates: PredictedCandidates, number: int, settings: Proposing, seed: int
) -> pd.DataFrame:
    """Return the chosen candidates, columns of `CHOICE_COLUMNS`, in the order chosen.

    Parameters
    ----------
    number : of proposals.
    seed : of the draws of Thompson sampling.

    Raises
    ------
    ValueError : fewer candidates than proposals.
    """
    n = len(candidates.distances)
    if not 0 < number <= n:
        raise ValueError(f"expected 1 to {n} proposals of {n} candidates, found {number}")
    generator = np.random.default_rng(seed)
    apart = _Apart(candidates.features)
    penalty = settings.distance_penalty * np.maximum(0, candidates.distances - THRESHOLD)
    exploring = round(settings.exploration * number)
    rows: list[dict[str, object]] = []
    left = np.ones(n, bool)
    for place in range(number):
        explores = place >= number - exploring
        worth, words = _worth(candidates, settings, explores, generator)
        merit = _scaled(worth, left) - penalty
        variety = apart.of(settings.variety)
        weight = settings.variety_weight
        score = (1 - weight) * merit + weight * variety
        chosen = int(np.argmax(np.where(left, score, -np.inf)))
        rows.append(
            {
                "place": place + 1,
                "candidate": chosen,
                "mean": candidates.predictions[:, chosen].mean(),
                "spread": _spread(candidates.predictions)[chosen],
                "distance": candidates.distances[chosen],
                "acquisition": worth[chosen],
                "variety": variety[chosen],
                "purpose": "explore" if explores else "improve",
                "why": _why(words, worth, chosen, left, penalty, variety if place else None),
            }
        )
        left[chosen] = False
        apart.add(chosen)
    return pd.DataFrame(rows).astype(CHOICE_COLUMNS)


def _spread(predictions: Numbers) -> Numbers:
    """Return the standard deviation over members, 0 of a single one."""
    if len(predictions) < 2:
        return np.zeros(predictions.shape[1])
    found: Numbers = predictions.std(axis=0, ddof=1)
    return found


def _worth(
    candidates: PredictedCandidates,
    settings: Proposing,
    explores: bool,
    generator: np.random.Generator,
) -> tuple[Numbers, str]:
    """Return what each candidate is worth for the next choice, and what that is in words."""
    if explores:
        return _spread(candidates.predictions), "members disagree by {:.3f}"
    if settings.acquisition == "expected_improvement":
        found = expected_improvement(candidates.predictions, candidates.best)
        return found, "expected to exceed the best so far by {:.3f}"
    member = int(generator.integers(len(candidates.predictions)))
    return candidates.predictions[member], f"member {member + 1}, drawn, predicts {{:.3f}}"


def _scaled(worth: Numbers, left: NDArray[np.bool_]) -> Numbers:
    """Return worth from 0 (lowest of those left) to 1 (highest)."""
    low, high = worth[left].min(), worth[left].max()
    found: Numbers = (worth - low) / max(high - low, _TINY)
    return found


def _why(
    words: str,
    worth: Numbers,
    chosen: int,
    left: NDArray[np.bool_],
    penalty: Numbers,
    variety: Numbers | None,
) -> str:
    rank = 1 + int((worth[left] > worth[chosen]).sum())
    said = [words.format(worth[chosen]), f"rank {rank} of {int(left.sum())} left"]
    if penalty[chosen] > 0:
        said.append(f"lowered by {penalty[chosen]:.2f} for its distance")
    if variety is not None and rank > 1:
        said.append(f"chosen for variety {variety[chosen]:.2f}")
    return "; ".join(said)


class _Apart:
    """How much variety each candidate would add to those chosen so far."""

    def __init__(self, features: Numbers) -> None:
        self._features = features
        # The usual distance between two candidates; that of a sample where there are many.
        some = features[:: max(1, len(features) // 200)]
        between = cdist(some, some)
        usual = np.median(between[np.triu_indices(len(some), 1)]) if len(some) > 1 else 1.0
        self._usual = float(usual) if usual > _TINY else 1.0
        self._nearest = np.full(len(features), np.inf)
        # Greedy Cholesky factors of the similarities (Chen, Zhang & Zhou, 2018, NeurIPS).
        self._left = np.ones(len(features))
        self._factors: list[Numbers] = []

    def of(self, variety: str) -> Numbers:
        """Return variety, at most 1; of all candidates 1 before the first is chosen.

        `max_min`: the distance to the nearest one chosen beside the usual distance between
        candidates. `determinantal`: 1 + half the logarithm of what a candidate's similarity
        to itself keeps after those chosen, the gain of greedy maximisation of the determinant
        (Kulesza & Taskar, 2012, doi:10.1561/2200000044); 0.01 at least is kept.
        """
        if variety == "max_min":
            return np.minimum(1.0, self._nearest / self._usual)
        found: Numbers = 1 + 0.5 * np.log(np.maximum(self._left, 0.01))
        return found

    def add(self, chosen: int) -> None:
        """Take a candidate as chosen."""
        distance = cdist(self._features[[chosen]], self._features)[0]
        self._nearest = np.minimum(self._nearest, distance)
        similarity = np.exp(-0.5 * np.square(2 * distance / self._usual))
        known = sum(
            (factor[chosen] * factor for factor in self._factors), start=np.zeros(len(distance))
        )
        factor = (similarity - known) / np.sqrt(max(self._left[chosen], _TINY))
        self._factors.append(factor)
        self._left = np.maximum(self._left - np.square(factor), 0)
