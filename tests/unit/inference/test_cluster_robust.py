"""The sandwich against its dense formulas, and against the truth it must cover."""

import numpy as np
import pytest
from scipy import linalg

from tinglegram.inference.cluster_robust import degrees_of_freedom, fit_cluster_robust, whiten

D = np.array([[2.0, 0.3], [0.3, 0.5]])


def rows(sizes=(5, 9, 3, 7, 12), seed=0):
    random = np.random.default_rng(seed)
    found = []
    for n in sizes:
        exog = np.column_stack([np.ones(n), random.integers(0, 2, n), random.standard_normal(n)])
        found.append((exog, exog[:, [0, 2]], random.standard_normal(n)))
    return found


def dense(found, covariance):
    """Everything by whole matrices: V^(-1/2), hat matrix, adjustments, sandwich."""
    blocks = [np.eye(len(y)) + z @ covariance @ z.T for _, z, y in found]
    roots = [linalg.sqrtm(linalg.inv(v)).real for v in blocks]
    exog = np.concatenate([w @ x for w, (x, _, _) in zip(roots, found, strict=True)])
    endog = np.concatenate([w @ y for w, (_, _, y) in zip(roots, found, strict=True)])
    bread = linalg.inv(exog.T @ exog)
    beta = bread @ exog.T @ endog
    residual_maker = np.eye(len(endog)) - exog @ bread @ exog.T
    edges = np.cumsum([0, *(len(y) for _, _, y in found)])
    places = [slice(a, b) for a, b in zip(edges, edges[1:], strict=False)]
    adjust = [linalg.inv(linalg.sqrtm(residual_maker[p, p])).real for p in places]
    return exog, endog, bread, beta, residual_maker, places, adjust


def test_everything_equals_the_dense_formulas():
    found = rows()
    result = fit_cluster_robust([whiten(x, z, y, D) for x, z, y in found])
    exog, endog, bread, beta, maker, places, adjust = dense(found, D)
    assert result.estimate == pytest.approx(beta)
    left = endog - exog @ beta
    assert result.scale == pytest.approx(left @ left / (len(endog) - 3))
    assert result.naive == pytest.approx(result.scale * bread)
    meat = np.zeros((3, 3))
    for place, a in zip(places, adjust, strict=True):
        score = exog[place].T @ a @ left[place]
        meat += np.outer(score, score)
    assert result.robust == pytest.approx(bread @ meat @ bread)
    for contrast in (np.array([0, 1.0, 0]), np.array([0, 0, 1.0]), np.array([1.0, 1, 0])):
        vectors = np.array(
            [
                maker[:, p] @ a @ exog[p] @ bread @ contrast
                for p, a in zip(places, adjust, strict=True)
            ]
        )
        overlap = vectors @ vectors.T
        expected = np.trace(overlap) ** 2 / np.sum(overlap**2)
        assert degrees_of_freedom(result, contrast) == pytest.approx(expected)


def test_without_random_effects_whitening_changes_nothing():
    x, z, y = rows()[0]
    same = whiten(x, z[:, :0], y, np.zeros((0, 0)))
    assert np.array_equal(same.exog, x)
    assert np.array_equal(same.endog, y)


def test_a_mean_over_clusters_has_the_t_tests_variance_and_degrees_of_freedom():
    random = np.random.default_rng(1)
    values = random.standard_normal(9)
    groups = [(np.ones((4, 1)), np.empty((4, 0)), np.full(4, v)) for v in values]
    result = fit_cluster_robust([whiten(x, z, y, np.zeros((0, 0))) for x, z, y in groups])
    assert result.robust[0, 0] == pytest.approx(np.var(values, ddof=1) / 9)
    assert degrees_of_freedom(result, np.ones(1)) == pytest.approx(8)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "column",
    [
        lambda x: x[:, 0],
        lambda x: x @ [0.1, 0.2, 0.3],
        lambda x: x[:, 2] + 1e-10 * x[:, 1],
        lambda x: 0 * x[:, 0],
    ],
)
def test_dependent_columns_are_refused(column, seed):
    found = [(np.column_stack([x, column(x)]), z, y) for x, z, y in rows(seed=seed)]
    with pytest.raises(np.linalg.LinAlgError, match="4 columns of rank 3: linearly dependent"):
        fit_cluster_robust([whiten(x, z, y, D) for x, z, y in found])


def test_columns_of_very_different_units_are_not_dependent():
    units = np.array([1.0, 1e-9, 1e9])
    found = rows()
    plain = fit_cluster_robust([whiten(x, z, y, D) for x, z, y in found])
    scaled = fit_cluster_robust([whiten(x * units, z, y, D) for x, z, y in found])
    assert scaled.estimate * units == pytest.approx(plain.estimate)
