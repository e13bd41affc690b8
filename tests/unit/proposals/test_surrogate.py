"""The quick model against fits done anew, and its decision against exchanged responses."""

import numpy as np
import pytest
from scipy.stats import binomtest

from tinglegram.proposals.surrogate import (
    PENALTIES,
    explained_left_out,
    fit_ensemble,
    gaussian_kernel,
    usual_distance,
    whether_it_works,
)


def refit(kernel: np.ndarray, y: np.ndarray, penalty: float, new: np.ndarray) -> np.ndarray:
    """Kernel ridge with an intercept, by its equations written out."""
    n = len(y)
    system = np.block([[kernel + penalty * np.eye(n), np.ones((n, 1))], [np.ones((1, n)), 0.0]])
    solved = np.linalg.solve(system, np.append(y, 0))
    return new @ solved[:n] + solved[n]


def test_leaving_out_is_that_of_fits_done_anew():
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((15, 3)), generator.standard_normal(15)
    kernel = gaussian_kernel(x, x, usual_distance(x))
    found = explained_left_out(kernel, y[:, None])[:, 0]
    for place, penalty in enumerate(PENALTIES):
        errors, around = [], []
        for i in range(15):
            rest = np.delete(np.arange(15), i)
            own = refit(kernel[np.ix_(rest, rest)], y[rest], penalty, kernel[[i]][:, rest])
            errors.append(y[i] - own[0])
            around.append(y[i] - y[rest].mean())
        expected = 1 - np.sum(np.square(errors)) / np.sum(np.square(around))
        assert found[place] == pytest.approx(expected, abs=1e-9)


def test_ensemble_learns_a_smooth_function_and_knows_where_it_knows_nothing():
    generator = np.random.default_rng(0)
    x = generator.uniform(-2, 2, (80, 2))
    y = np.sin(x[:, 0]) + 0.05 * generator.standard_normal(80)
    model = fit_ensemble(x, y, 20, generator)
    new = generator.uniform(-1.5, 1.5, (50, 2))
    predictions = model.predict(new)
    assert predictions.shape == (20, 50)
    assert np.corrcoef(predictions.mean(axis=0), np.sin(new[:, 0]))[0, 1] > 0.98
    far = np.array([[30.0, 30.0]])
    assert model.distances(far)[0] > 10 and np.median(model.distances(new)) < 1
    # Of the training sounds themselves each is its own nearest.
    np.testing.assert_allclose(model.distances(x), 0, atol=1e-12)


def test_one_column_that_never_changes_does_no_harm():
    generator = np.random.default_rng(0)
    x = np.column_stack([generator.standard_normal(20), np.full(20, 3.0)])
    assert np.isfinite(fit_ensemble(x, x[:, 0], 5, generator).predict(x)).all()
    with pytest.raises(ValueError, match="three sounds"):
        fit_ensemble(x[:2], x[:2, 0], 5, generator)


def decisions(strength: float, studies: int) -> list[bool]:
    found = []
    for study in range(studies):
        generator = np.random.default_rng(study)
        x = generator.standard_normal((30, 4))
        y = strength * np.sin(x[:, 0]) + generator.standard_normal(30)
        found.append(whether_it_works(x, y, permutations=79, alpha=0.05, generator=generator).works)
    return found


def test_decision_keeps_its_level_and_finds_what_is_there():
    nothing = sum(decisions(0.0, 200))
    # At a level of 5 %, so few or so many in 200 have a probability below 0.1 %.
    assert binomtest(nothing, 200, 0.05).pvalue > 0.001
    assert sum(decisions(3.0, 20)) >= 18


def test_decision_says_what_it_found():
    generator = np.random.default_rng(0)
    x = generator.standard_normal((30, 2))
    asked = {"permutations": 19, "alpha": 0.05, "generator": generator}
    works = whether_it_works(x, x[:, 0], **asked)
    assert works.works and works.sentence.startswith("Responses depend on the sounds")
    nothing = whether_it_works(x, generator.standard_normal(30), **asked)
    assert not nothing.works and nothing.sentence.startswith("Nothing found that works")
