"""How far a step of a clip lies from what a model was trained on.

Features are standardised by the training steps and turned into principal components; what these
leave out is one more coordinate, its length, so that a picture unlike all training pictures is far
even where the components cannot show it (score and orthogonal distance: Hubert, Rousseeuw & Vanden
Branden 2005, doi:10.1198/004017004000000563). The distance is that to the k-th nearest training
step (Ramaswamy, Rastogi & Shim 2000, doi:10.1145/342009.335437), which needs no shape of the data.
It is divided by what 95 % of the steps of a training clip stay below when that clip is left out of
everything: 1 is the threshold.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tinglegram.trials.trials import Array

# ASSUMPTION: components that hold 95 % of the variance, or this many.
_VARIANCE, _COMPONENTS = 0.95, 32
# ASSUMPTION: the fifth neighbour: one odd training step makes nothing near, five do.
_NEIGHBOURS = 5
# Training steps that are kept, evenly spaced in every clip.
MOST_POINTS = 2000
# Share of the steps of left-out training clips that are inside.
_INSIDE = 0.95


class Reference(NamedTuple):
    """What distances are measured from.

    Attributes
    ----------
    mean, sd : (width,) of the training steps.
    components : (c, width) unit vectors.
    points : (n, c + 1) kept training steps: components, and the length of what they leave out.
    threshold : distance that is 1; NaN where it cannot be told, because there is one clip.
    """

    mean: Array
    sd: Array
    components: Array
    points: Array
    threshold: float


class _Sums(NamedTuple):
    """Number of steps, their sum, and that of their products, of one or several clips."""

    n: int
    total: Array
    products: Array

    def without(self, other: "_Sums") -> "_Sums":
        return _Sums(self.n - other.n, self.total - other.total, self.products - other.products)


def fit_reference(clips: Sequence[Array]) -> Reference:
    """Measure the training clips.

    Parameters
    ----------
    clips : of each clip its features, (steps, width).
    """
    shift = np.mean([clip.mean(axis=0, dtype=np.float64) for clip in clips], axis=0)
    # Centred first: of columns far from 0, such as frequencies, products would lose their digits.
    centred = [clip.astype(np.float64) - shift for clip in clips]
    sums = [_Sums(len(clip), clip.sum(axis=0), clip.T @ clip) for clip in centred]
    whole = _Sums(
        sum(own.n for own in sums),
        np.sum([own.total for own in sums], axis=0),
        np.sum([own.products for own in sums], axis=0),
    )
    kept = [_evenly(clip, MOST_POINTS // len(clips)) for clip in centred]
    left_out = []
    for place, own in enumerate(centred if len(clips) > 1 else []):
        others = _axes(whole.without(sums[place]), shift)
        points = np.concatenate([_placed(k, *others) for i, k in enumerate(kept) if i != place])
        left_out.append(_nearest(_placed(_evenly(own, MOST_POINTS), *others), points))
    mean, sd, components = _axes(whole, shift)
    return Reference(
        mean + shift,
        sd,
        components,
        np.concatenate([_placed(own, mean, sd, components) for own in kept]),
        _threshold(left_out),
    )


def _threshold(left_out: Sequence[Array]) -> float:
    """Return what a share of the distances stays below; every clip counts the same."""
    if not left_out:
        return float("nan")
    weights = np.concatenate([np.full(len(own), 1 / len(own)) for own in left_out])
    values = np.concatenate(left_out)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, _INSIDE - 1e-12)])


def _evenly(steps: Array, number: int) -> Array:
    """Return at most `number` of the steps, evenly spaced."""
    if len(steps) <= number:
        return steps
    chosen: Array = steps[np.linspace(0, len(steps) - 1, max(number, 1)).round().astype(int)]
    return chosen


def _axes(sums: _Sums, shift: Array) -> tuple[Array, Array, Array]:
    """Return mean, SD and principal components of steps, from their sums after `shift`."""
    mean = sums.total / sums.n
    covariance = sums.products / sums.n - np.outer(mean, mean)
    variance = np.maximum(np.diag(covariance), 0.0)
    # A column that is constant to the precision of its values is only centred.
    constant = np.sqrt(variance) <= np.finfo(np.float32).eps * np.abs(mean + shift)
    sd = np.where(constant, 1.0, np.sqrt(variance))
    values, vectors = np.linalg.eigh(covariance / np.outer(sd, sd))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    explained = np.cumsum(values) / max(float(values.sum()), 1e-300)
    number = min(int(np.searchsorted(explained, _VARIANCE)) + 1, _COMPONENTS, len(values))
    return mean, sd, vectors[:, :number].T


def _placed(steps: Array, mean: Array, sd: Array, components: Array) -> Array:
    """Return the coordinates of steps, (n, components + 1)."""
    scaled = (steps - mean) / sd
    scores = scaled @ components.T
    rest = np.square(scaled).sum(axis=1) - np.square(scores).sum(axis=1)
    return np.column_stack([scores, np.sqrt(np.maximum(rest, 0.0))])


def _nearest(steps: Array, points: Array) -> Array:
    """Return the distance of each step from its k-th nearest point, (n,)."""
    k = min(_NEIGHBOURS, len(points))
    found = np.empty(len(steps))
    norms = np.square(points).sum(axis=1)
    for begin in range(0, len(steps), 1000):
        part = steps[begin : begin + 1000]
        squared = np.square(part).sum(axis=1)[:, None] - 2 * part @ points.T + norms
        found[begin : begin + 1000] = np.sqrt(
            np.maximum(np.partition(squared, k - 1, axis=1)[:, k - 1], 0.0)
        )
    return found


def distances(reference: Reference, steps: Array) -> Array:
    """Return how far steps are from the training steps, (n,); 1 is the threshold.

    Parameters
    ----------
    steps : (n, width) features, as those that the reference was fitted to.
    """
    axes = (reference.mean, reference.sd, reference.components)
    placed = _placed(steps.astype(np.float64), *axes)
    found: Array = _nearest(placed, reference.points) / reference.threshold
    return found


def reference_arrays(reference: Reference) -> dict[str, Array]:
    """Return a reference as named arrays, float64."""
    return {
        name: np.array(value, np.float64, order="C") for name, value in reference._asdict().items()
    }


def stored_reference(arrays: Mapping[str, Array]) -> Reference:
    """Return the reference that `reference_arrays` gave."""
    return Reference(
        arrays["mean"],
        arrays["sd"],
        arrays["components"],
        arrays["points"],
        float(arrays["threshold"]),
    )
