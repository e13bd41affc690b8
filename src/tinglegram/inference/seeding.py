"""The seed of a study, and how p is counted: what every test with random draws is told."""

from typing import Annotated, Literal

from tinglegram.settings import SHARE, SWITCH, At, Bounds, section

Confidence = Annotated[float, SHARE, "Coverage of all confidence intervals."]

# How p is counted from draws: a switch of the protocols.
PValue = Annotated[
    Literal["count", "plus_one"],
    SWITCH,
    "How p is counted: the share of draws that reach the observed value, or with one added to both "
    "counts.",
]


@section("")
class Seeding:
    """The one seed of a study (paper: "Random seed (42)")."""

    seed: Annotated[
        int,
        At(("seed",)),
        Bounds(minimum=0, maximum=4294967295),
        "The one seed: folds, networks and every resampling derive from it.",
    ] = 42
