"""Several networks as one model: the mean of what they say."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.errors import InputProblem
from tinglegram.models.averaging import mean_predictions, mean_probability


def said(*probability: float) -> pd.DataFrame:
    found = np.array(probability)
    about = {"subject": 1, "video": "a", "step": np.arange(len(found)), "label": 1}
    return pd.DataFrame(about | {"probability": found, "predicted": (found > 0.5).astype(np.int64)})


def test_the_class_is_that_of_the_mean_and_not_of_the_majority():
    # Two of three networks say class 1 at the first step, and at the second none is sure.
    tables = [said(0.6, 0.5, 0.25), said(0.6, 0.25, 0.75), said(0.0, 0.75, 0.75)]
    found = mean_predictions(tables)
    assert found["probability"].tolist() == pytest.approx([0.4, 0.5, 7 / 12])
    assert found["predicted"].tolist() == [0, 0, 1]
    told = ["probability", "predicted"]
    pd.testing.assert_frame_equal(found.drop(columns=told), tables[0].drop(columns=told))


def test_one_network_is_its_own_mean():
    own = said(0.1, 0.7, 1 / 3)
    pd.testing.assert_frame_equal(mean_predictions([own]), own, check_exact=True)
    probability = np.random.default_rng(1).random((3, 4))
    assert np.array_equal(mean_probability([probability]), probability)


def test_networks_of_other_frames_are_refused():
    with pytest.raises(InputProblem, match="frames that seed 1 predicts"):
        mean_predictions([said(0.1, 0.2), said(0.1, 0.2).assign(step=[1, 0])], "fusion")
