"""The area under the ROC curve as a rank sum."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tinglegram.inference.rank_sums import rank_auc


@pytest.mark.parametrize("seed", range(3))
def test_it_is_that_of_scikit_learn_with_ties(seed):
    generator = np.random.default_rng(seed)
    probability, label = generator.integers(0, 5, 40) / 4, generator.random(40) < 0.4
    expected = pytest.approx(roc_auc_score(label, probability))
    assert rank_auc(probability, label) == rank_auc(probability, label.astype("u1")) == expected


def test_frames_of_one_class_have_none():
    assert np.isnan(rank_auc(np.linspace(0, 1, 5), np.ones(5)))
    assert np.isnan(rank_auc(np.empty(0), np.empty(0)))
