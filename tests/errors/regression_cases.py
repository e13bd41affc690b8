"""Models of the reported value that cannot be what they are told to be."""

from pathlib import Path

import numpy as np
import pandas as pd
from error_cases import Case
from overlay import CONFIG, overlaid

from tinglegram.inputs.raw_files import RawFiles
from tinglegram.models.ridge import inner_folds
from tinglegram.models.values import shown_values
from tinglegram.statistics.regression import trial_scores
from tinglegram.study.configuration_lines import read_keys
from tinglegram.study.plan import Plan
from tinglegram.study.planning import refuse_missing_modalities
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import Split, Trials

TITLE = "Models of the reported value"
NAMED = "regression:\n  models:\n"


def reports(folder: Path) -> Trials:
    """Two people; the clip b was seen by the second one alone, and nothing changes."""
    rows = [(p, v, 0, s, 2.0) for p, v in ((1, "a"), (2, "a"), (2, "b")) for s in range(3)]
    table = pd.DataFrame(rows, columns=["subject", "video", "order", "step", "rating"])
    features = {"modalities": (), "stimuli": {}, "pulse": {}, "log_columns": ()}
    return assemble(table, {"a": "x", "b": "x"}, steps=3, grid=10.0, **features)


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def without_sound(_: Path) -> None:
    """A study whose clips have no file, and a model of their sound."""
    text = f"{NAMED}    line:\n      kind: ridge\n      modalities: [acoustic]\n"
    models = {"line": {"kind": "ridge", "modalities": ["acoustic"]}}
    config = {
        **CONFIG,
        "models": {},
        "regression": CONFIG["regression"] | {"models": models},
        "clips": {"a": {"file": None}},
    }
    plan = Plan(config, raw=RawFiles({"001": "log/001.log"}, {}, {}))
    refuse_missing_modalities(plan, [read_keys(text.encode(), "study.yaml")[1]])


CASES = [
    overlaid(
        "a kind that there is not",
        f"{NAMED}    line: {{kind: lasso, modalities: auto}}\n",
        "study.yaml, line 3: regression.models.line.kind: expected one of ridge, xgboost, bilstm, "
        'found "lasso". Known: ridge, xgboost, bilstm.',
    ),
    overlaid(
        "a model that is called as a baseline is",
        f"{NAMED}    time_course: {{kind: ridge, modalities: auto}}\n",
        "study.yaml, line 3: regression.models.time_course: this name is kept for a baseline; "
        "choose another",
    ),
    overlaid(
        "models where there are no raw data",
        "data:\n  root: null\npublished_predictions: data/stim/ASMR1.avi\n"
        f"{NAMED}    line: {{kind: ridge, modalities: auto}}\n",
        "study.yaml, line 5; study.yaml, line 2: regression.models: without raw data nothing is "
        "trained. Name data: root, or write {}",
    ),
    overlaid(
        "lags between the steps of the grid",
        f"{NAMED}    line: {{kind: ridge, modalities: auto}}\n  ridge:\n    lags: [0.0, 0.25]\n"
        "timing: {grid: 10}\n",
        "study.yaml, line 5; study.yaml, line 6: regression.ridge.lags: expected whole steps of "
        "the grid, 0.1 s each, found 0.25 s",
    ),
    Case(
        "features that the study does not have",
        "The configuration has 1 fault(s):\n"
        "  study.yaml, line 3: regression.models.line.modalities: not in this study: acoustic (no "
        "clip has a file with sound). Name others or auto, or take the model out by setting it to "
        "null",
        without_sound,
    ),
    Case(
        "training values that never change",
        "regression, fold 4: expected training trials in which something changes, found the value "
        "2 in all 6 frames. Include people or clips with other values, name another responses: "
        "target: dimension, or take all models out of regression.",
        lambda folder: shown_values(reports(folder), rows(0, 1), 4) and None,
    ),
    Case(
        "a penalty that nothing can be held out for",
        "regression, fold 1: expected training trials of two participants or clips, to choose the "
        "penalty of ridge by, found those of one participant and one clip (1 trials). Name a "
        "single penalty under regression: ridge: penalties, or choose another folds: scheme.",
        lambda folder: inner_folds(reports(folder), Split(1, rows(0), rows(), rows(2)), 5) and None,
    ),
    Case(
        "predicted values that are not complete",
        "line: expected every test trial once, with a value at each of its steps, found 2 frames, "
        "1 without a value. Delete this model's predictions and run the workflow again.",
        lambda _: (
            trial_scores(
                [
                    pd.DataFrame(
                        {
                            **{"subject": 1, "video": "a", "condition": "x", "step": [0, 1]},
                            **{"valid": True, "reported": 1.0, "predicted": [1.0, np.nan]},
                        }
                    )
                ],
                "line",
            )
            and None
        ),
    ),
]
