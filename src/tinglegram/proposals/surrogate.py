"""A quick model of mean responses to sounds, and whether anything in them can be predicted.

Kernel ridge regression on standardised features with a Gaussian kernel; an ensemble of it, each
member fitted to sounds drawn with replacement. For the closed loop, and for a study that has no
bundle yet.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from tinglegram.inference.resampling import exceedance

Numbers = NDArray[np.float64]

# Penalties that are tried, as shares of the kernel's diagonal.
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_TINY = 1e-9
# Share of training sounds whose nearest other one lies within the threshold of distance.
_WITHIN = 0.95


@dataclass(frozen=True, eq=False)
class SoundEnsemble:
    """Members of an ensemble over the same training sounds.

    Attributes
    ----------
    centre, scale : of each feature over the training sounds.
    training : standardised features of the training sounds, (n, features).
    width : of the Gaussian kernel: the median distance between two training sounds.
    weights, intercepts : of each member, (members, n) and (members,).
    threshold : distance that is 1: from the nearest training sound.
    """

    centre: Numbers
    scale: Numbers
    training: Numbers
    width: float
    weights: Numbers
    intercepts: Numbers
    threshold: float

    def standardised(self, features: Numbers) -> Numbers:
        """Return features on the scale of the training sounds."""
        return (features - self.centre) / self.scale

    def predict(self, features: Numbers) -> Numbers:
        """Return the predictions of each member, (members, sounds)."""
        kernel = gaussian_kernel(self.standardised(features), self.training, self.width)
        found: Numbers = self.weights @ kernel.T + self.intercepts[:, None]
        return found

    def distances(self, features: Numbers) -> Numbers:
        """Return the distance of sounds from the nearest training sound; 1: the threshold."""
        found: Numbers = cdist(self.standardised(features), self.training).min(axis=1)
        return found / self.threshold


def gaussian_kernel(one: Numbers, other: Numbers, width: float) -> Numbers:
    """Return similarities, (len(one), len(other)): exp(-d² / 2 width²)."""
    found: Numbers = np.exp(-0.5 * np.square(cdist(one, other) / width))
    return found


def usual_distance(features: Numbers) -> float:
    """Return the median distance between two rows, 1 where all are alike."""
    between = cdist(features, features)[np.triu_indices(len(features), 1)]
    found = float(np.median(between)) if len(between) else 0.0
    return found if found > _TINY else 1.0


def fit_ensemble(
    features: Numbers, responses: Numbers, members: int, generator: np.random.Generator
) -> SoundEnsemble:
    """Return an ensemble fitted to the mean responses of sounds.

    The penalty is the one with the least error on sounds left out, the same for all members.

    Parameters
    ----------
    features : (n, features). responses : (n,). members : of the ensemble.

    Raises
    ------
    ValueError : fewer than three sounds.
    """
    if len(features) < 3:
        raise ValueError(f"expected three sounds or more, found {len(features)}")
    centre, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > _TINY, scale, 1.0)
    training = (features - centre) / scale
    width = usual_distance(training)
    kernel = gaussian_kernel(training, training, width)
    penalty = PENALTIES[int(np.argmax(explained_left_out(kernel, responses[:, None])[:, 0]))]
    n = len(training)
    weights, intercepts = np.zeros((members, n)), np.zeros(members)
    for member in range(members):
        drawn = np.unique(generator.integers(n, size=n), return_counts=True)
        weights[member], intercepts[member] = _fit_member(kernel, responses, drawn, penalty)
    between = cdist(training, training)
    np.fill_diagonal(between, np.inf)
    threshold = float(np.quantile(between.min(axis=1), _WITHIN))
    return SoundEnsemble(centre, scale, training, width, weights, intercepts, max(threshold, _TINY))


def _fit_member(
    kernel: Numbers,
    responses: Numbers,
    drawn: tuple[NDArray[np.intp], NDArray[np.intp]],
    penalty: float,
) -> tuple[Numbers, float]:
    """Return weights, (n,), and intercept of a fit to rows that count as often as drawn."""
    rows, counts = drawn
    own = kernel[np.ix_(rows, rows)] + np.diag(penalty / counts)
    solved = np.linalg.solve(own, np.column_stack([responses[rows], np.ones(len(rows))]))
    intercept = float(solved[:, 0].sum() / solved[:, 1].sum())
    weights = np.zeros(len(kernel))
    weights[rows] = solved[:, 0] - intercept * solved[:, 1]
    return weights, intercept


def explained_left_out(kernel: Numbers, responses: Numbers) -> Numbers:
    """Return the share of variance explained in sounds left out, (penalties, columns).

    Each sound is predicted by a fit to all others, exactly and without fitting again: a linear
    smoother H leaves (y - H y) / (1 - diag H).

    Parameters
    ----------
    responses : (n, columns), each column a set of responses of its own.
    """
    n = len(kernel)
    around = responses - responses.mean(axis=0)
    # Without the own response in the mean either.
    total = np.square(around * n / (n - 1)).sum(axis=0)
    found = np.empty((len(PENALTIES), responses.shape[1]))
    for place, penalty in enumerate(PENALTIES):
        inverse = np.linalg.inv(kernel + penalty * np.eye(n))
        sums = inverse.sum(axis=0)
        # (I - H) = penalty * (inverse, less the part that the intercept explains).
        rest = inverse - np.outer(sums, sums) / sums.sum()
        left = (rest @ responses) / np.diag(rest)[:, None]
        found[place] = 1 - np.square(left).sum(axis=0) / np.maximum(total, _TINY**2)
    return found


class Worked(NamedTuple):
    """Whether responses can be predicted from the sounds at all.

    Attributes
    ----------
    explained : share of their variance that is predicted in sounds left out; below 0: worse than
        their mean.
    p : how often responses exchanged between sounds are predicted as well.
    works : p is at most alpha, and something is explained.
    """

    explained: float
    p: float
    works: bool

    @property
    def sentence(self) -> str:
        """What a reader is told."""
        numbers = f"explained in sounds left out: {100 * self.explained:.0f} %, p = {self.p:.3f}"
        if self.works:
            return f"Responses depend on the sounds ({numbers})."
        return f"Nothing found that works: responses do not depend on the sounds ({numbers})."


def whether_it_works(
    features: Numbers,
    responses: Numbers,
    *,
    permutations: int,
    alpha: float,
    generator: np.random.Generator,
) -> Worked:
    """Return whether responses to sounds are predicted better than by chance.

    Under the hypothesis that no response depends on its sound, the responses of sounds may be
    exchanged. For each exchange the penalty is chosen anew, as it was for the observed ones.

    Parameters
    ----------
    features : (n, features). responses : (n,), mean of each sound.
    """
    scale = features.std(axis=0)
    standardised = (features - features.mean(axis=0)) / np.where(scale > _TINY, scale, 1.0)
    kernel = gaussian_kernel(standardised, standardised, usual_distance(standardised))
    orders = [generator.permutation(len(responses)) for _ in range(permutations)]
    columns = np.column_stack([responses, *(responses[order] for order in orders)])
    best = explained_left_out(kernel, columns).max(axis=0)
    p = float(exceedance(best[1:, None], best[:1], "plus_one")[0])
    return Worked(float(best[0]), p, bool(p <= alpha and best[0] > 0))
