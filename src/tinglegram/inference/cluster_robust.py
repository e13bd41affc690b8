"""Inference for generalised least squares when rows of one cluster depend on each other anyhow.

The bias-reduced sandwich CR2 of Bell & McCaffrey (2002) with Satterthwaite's degrees of freedom,
for a linear mixed model whose covariance is the working model (Pustejovsky & Tipton, 2018,
doi:10.1080/07350015.2016.1247004, applied to the whitened rows). It needs no assumption about how
the rows of a cluster are correlated, only that clusters are independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Cluster:
    """Whitened rows of one cluster: exog (n, k), random (n, q) and endog (n,)."""

    exog: np.ndarray
    random: np.ndarray
    endog: np.ndarray


@dataclass(frozen=True, eq=False)
class Robust:
    """Estimates (k,) with the model's own covariance and the cluster-robust one (k, k each).

    `scale` is the residual variance and `bread` M = (X'X)^(-1) of all whitened rows. For each
    cluster with adjustment A, `gram` holds (A X M)'(A X M) and `reach` X'A X M, (k, k) each.
    """

    estimate: np.ndarray
    naive: np.ndarray
    robust: np.ndarray
    scale: float
    bread: np.ndarray
    gram: np.ndarray
    reach: np.ndarray


def whiten(
    exog: np.ndarray, random: np.ndarray, endog: np.ndarray, covariance: np.ndarray
) -> Cluster:
    """Multiply the rows of a cluster by V^(-1/2), V = 1 + Z D Z'.

    Parameters
    ----------
    exog, random, endog : (n, k), (n, q), (n,).
    covariance : D (q, q), of the random effects in units of the residual variance.
    """
    # The symmetric root of V has the left singular vectors of Z D^(1/2), so V is never formed.
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    left, spread, _ = np.linalg.svd(random @ root, full_matrices=False)
    factor = left * (1 / np.sqrt(1 + spread**2) - 1)
    rows = np.column_stack([exog, random, endog])
    rows = rows + factor @ (left.T @ rows)
    k = exog.shape[1]
    return Cluster(rows[:, :k], rows[:, k:-1], rows[:, -1])


def fit_cluster_robust(clusters: Sequence[Cluster]) -> Robust:
    """Least squares over whitened clusters, with both covariances of the estimates.

    Raises
    ------
    numpy.linalg.LinAlgError : the columns of exog are linearly dependent, or so nearly that their
        inverse holds no digit.
    """
    exog = np.concatenate([c.exog for c in clusters])
    endog = np.concatenate([c.endog for c in clusters])
    _require_independent(exog)
    bread = np.linalg.inv(exog.T @ exog)
    estimate = bread @ (exog.T @ endog)
    scale = float(np.sum((endog - exog @ estimate) ** 2) / (len(endog) - exog.shape[1]))
    half = np.linalg.cholesky(bread)
    scores, grams, reaches = [], [], []
    for c in clusters:
        # X M^(1/2) = U S W', so that the hat matrix of the cluster is U S^2 U' and the adjustment
        # (1 - hat)^(-1/2) acts in the few dimensions of U only.
        left, spread, right = np.linalg.svd(c.exog @ half, full_matrices=False)
        remaining = 1 - spread**2
        # A direction that the cluster alone determines has no residual: the pseudo-inverse.
        adjusted = np.where(remaining > 1e-10, remaining, np.inf) ** -0.5
        # A X M = U diag(adjusted S) W' M^(1/2)'.
        turned = (adjusted * spread)[:, None] * (right @ half.T)
        scores.append(turned.T @ (left.T @ (c.endog - c.exog @ estimate)))
        grams.append(turned.T @ turned)
        reaches.append((c.exog.T @ left) @ turned)
    meat = np.array(scores)
    return Robust(
        estimate, scale * bread, meat.T @ meat, scale, bread, np.array(grams), np.array(reaches)
    )


def _require_independent(exog: np.ndarray) -> None:
    """Raise where inverting X'X would return rounding errors instead of an error."""
    lengths = np.linalg.norm(exog, axis=0)
    unit = exog / np.where(lengths > 0, lengths, 1)
    # X'X squares the condition of X: below the root of the precision no digit is left.
    rank = np.linalg.matrix_rank(unit, rtol=np.sqrt(np.finfo(float).eps))
    if rank < exog.shape[1]:
        raise np.linalg.LinAlgError(f"{exog.shape[1]} columns of rank {rank}: linearly dependent")


def degrees_of_freedom(result: Robust, contrast: np.ndarray) -> float:
    """Satterthwaite's degrees of freedom of the robust variance of `contrast` (k,) x estimates."""
    own = np.einsum("i,cij,j->c", contrast, result.gram, contrast)
    reach = result.reach @ contrast
    overlap = np.diag(own) - reach @ result.bread @ reach.T
    return float(np.trace(overlap) ** 2 / np.sum(overlap**2))
