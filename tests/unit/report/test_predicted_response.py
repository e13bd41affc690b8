"""The figure of a predicted response shows where a file is unlike the training clips."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.report.figures.predicted_response import (
    draw_predicted_response,
    outside_stretches,
)
from tinglegram.report.figures.style import rendered


def table(outside: list[int], low: float = np.nan) -> pd.DataFrame:
    steps = np.arange(len(outside))
    return pd.DataFrame(
        {
            **{"model": "a", "step": steps, "time_s": steps / 2, "mean": 0.5, "sd_folds": 0.1},
            **{"sd_seeds": np.nan, "low": low, "high": low + 0.4, "distance": 1.0 * steps},
            "outside": np.array(outside, bool),
        }
    )


@pytest.mark.parametrize(
    ("outside", "stretches"),
    [
        ([0, 0, 0], []),
        ([1, 1, 1], [(0.0, 1.5)]),
        ([1, 0, 0, 1, 1], [(0.0, 0.5), (1.5, 2.5)]),
    ],
)
def test_stretches_known_answers(outside, stretches):
    assert outside_stretches(table(outside)) == stretches


def labels_of(axis) -> list[str]:
    return axis.get_legend_handles_labels()[1]


def test_what_is_drawn():
    figure = draw_predicted_response(
        table([0, 1, 1, 0], low=0.2), {"a": "P(joy > 0)"}, title="film.mp4", notes={"a": "Careful."}
    )
    above, below = figure.axes
    wanted = ["unlike the training clips", "calibrated interval", "± SD over folds", "predicted"]
    assert sorted(labels_of(above)) == sorted(wanted)
    assert above.get_ylabel() == "P(joy > 0)" and above.get_title("left") == "film.mp4: a"
    assert below.get_ylabel() == "Distance"
    assert figure.get_supxlabel() == "Careful."
    assert rendered(figure, "svg") == rendered(figure, "svg")


def test_without_interval_and_outside_neither_is_named():
    above = draw_predicted_response(table([0, 0]), {"a": "value"}, title="x").axes[0]
    assert sorted(labels_of(above)) == ["predicted", "± SD over folds"]
