"""Networks and models trained again whose files do not belong together."""

from pathlib import Path

import pandas as pd
from error_cases import Case

from tinglegram.models.averaging import mean_predictions
from tinglegram.statistics.retrained import retrained_test
from tinglegram.statistics.scored_trials import as_trials

TITLE = "Several networks, and models trained again"


def said(*people: int) -> pd.DataFrame:
    """Predictions of four steps of a clip for each of these people."""
    rows = [(p, "sea", "calm", step, True, step % 2, 1, 0.75) for p in people for step in range(4)]
    names = ["subject", "video", "condition", "step", "valid", "label", "predicted", "probability"]
    return pd.DataFrame(rows, columns=names)


def other_frames(_: Path) -> None:
    """The second network was tested on another participant."""
    mean_predictions([said(1), said(2)], "fusion")


def other_trials(_: Path) -> None:
    """Under the second shift one of two participants is missing, and a stranger has a score."""
    scored = as_trials([said(1, 2)], padding="masked", target="calm")
    rows = [(1, 1), (1, 2), (2, 1), (2, 3)]
    moved = pd.DataFrame(rows, columns=["shift", "subject"]).assign(video="sea", roc_auc=0.5)
    retrained_test(scored, moved, p_value="plus_one", source="fusion")


CASES = [
    Case(
        "networks of one model that were tested on other frames",
        "fusion, seed 2: expected predictions of the 4 frames that seed 1 predicts, found 4 "
        "frames, other ones or in another order. "
        "Delete this model's predictions and run the workflow again.",
        other_frames,
    ),
    Case(
        "models trained again that were tested on other trials",
        "fusion: expected scores of 2 target trials for each of 2 shifts, found 1 of these trials "
        "with all scores, and 1 other trials. "
        "Delete the folders retrained of this model and run the workflow again.",
        other_trials,
    ),
]
