"""Responses that contradict the study, and settings of responses that contradict themselves."""

from pathlib import Path

import pandas as pd
from error_cases import Case
from overlay import overlaid

from tinglegram.behaviour.ratings import rating_grid
from tinglegram.behaviour.responses import Dimension

TITLE = "Responses: dimensions, ranges and class 1"

TIMELINE = pd.DataFrame(
    {
        "subject": [7],
        "video": ["vid5"],
        "condition": ["Nature"],
        "order": [0],
        "start_s": [60.0],
        "valid_start_s": [65.0],
        "end_s": [75.0],
        "n_steps": [100],
    }
)
JOY = {"joy": Dimension(kind="continuous", range=(-1, 1))}


def responses(*rows: tuple[int, str, float, float]):
    """Provoke ratings from rows of order, dimension, time_s and value."""

    def provoke(folder: Path) -> None:
        table = pd.DataFrame(rows, columns=["order", "dimension", "time_s", "rating"])
        given = table.assign(video="vid5")
        rating_grid(TIMELINE, given, 10, dimensions=JOY, target="joy", source="responses of P7")

    return provoke


CASES = [
    Case(
        "values beyond the range of their dimension",
        "responses of P7, trial 1 (vid5), second 66.5000: expected joy from -1 to 1, found 1.5, "
        "and 1 more outside. Correct the file, or responses: dimensions: joy: range.",
        responses((0, "joy", 66.0, 1), (0, "joy", 66.5, 1.5), (0, "joy", 67.0, -2)),
    ),
    Case(
        "a value that is no number",
        "responses of P7, trial 1 (vid5), second 66.0000: expected a number as time and value of "
        "every response, found 1 without. Correct the file, or leave out rows without a value and "
        "count them.",
        responses((0, "joy", 66.0, float("nan"))),
    ),
    Case(
        "a dimension that the configuration does not name",
        "responses of P7, trial 1 (vid5), second 66.0000: expected a dimension out of joy, found "
        "'fear'. Add it to responses: dimensions in the configuration, or leave it out by the "
        "reader's options.",
        responses((0, "fear", 66.0, 0)),
    ),
    Case(
        "responses of a trial that was not shown",
        "responses of P7, trial 4 (vid5), second 66.0000: expected responses of the 1 trials of "
        "the participant, found 2 of trials that the timeline does not have. Correct the reader: "
        "a response belongs to a trial that was shown.",
        responses((3, "joy", 66.0, 0), (3, "joy", 67.0, 0)),
    ),
    overlaid(
        "a kind of response that there is not",
        "responses:\n  dimensions:\n    response: {kind: slider}\n",
        "study.yaml, line 3: responses.dimensions.response.kind: expected one of ordinal, "
        'continuous, hold, episodes, found "slider". Known: ordinal, continuous, hold, episodes.',
    ),
    overlaid(
        "a range that ends below its beginning",
        "responses:\n  dimensions:\n    response: {range: [3, 0]}\n",
        "study.yaml, line 3: responses.dimensions.response.range: the first value must be below "
        "the second, found [3, 0]",
    ),
    overlaid(
        "a first level beyond the range",
        "responses:\n  dimensions:\n    response: {range: [0, 3], initial: 4}\n",
        "study.yaml, line 3: responses.dimensions.response.initial: expected a level from 0 to 3, "
        "as in range, found 4",
    ),
    overlaid(
        "a target that nobody reports",
        "responses:\n  dimensions:\n    response: null\n    joy: {kind: continuous}\n",
        "config.yaml, line 149: responses.target.dimension: no dimension 'response'. Known: joy.",
    ),
    overlaid(
        "a level that no rating is above",
        "responses:\n  target: {above: 3}\n",
        "study.yaml, line 2: responses.target.above: expected a level from 0 to below 3, the range "
        "of response, found 3: every frame would be of one class",
    ),
    overlaid(
        "class 1 in a condition that there is not",
        "responses:\n  target: {condition: Joy}\n",
        "study.yaml, line 2: responses.target.condition: no condition 'Joy'. Known: ASMR, Nature. "
        "null: reports in any clip are class 1",
    ),
]
