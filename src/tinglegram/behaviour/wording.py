"""How a report names what was reported, and draws its scale."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

import numpy as np

from tinglegram.behaviour.responses import Dimension
from tinglegram.settings import NOT_EMPTY, section


@section("report")
class ResponseWord:
    """What is reported, in a word."""

    response: Annotated[
        str, NOT_EMPTY, "What is reported, in a word: the noun of the report's sentences."
    ] = "tingle"


class Scale(NamedTuple):
    """Ends of the scale of a dimension; both are None where it has none."""

    low: float | None = None
    high: float | None = None

    @property
    def label(self) -> str:
        """The ends as a figure's axis names them; empty where there are none."""
        return "" if self.low is None else f" ({self.low:g}–{self.high:g})"

    @property
    def share_label(self) -> str:
        """What a share of the scale is called."""
        if self.high is None:
            return "rating, share of its range"
        return f"rating / {self.high:g}" if self.low == 0 else f"rating{self.label}"

    def share(self, values: np.ndarray) -> np.ndarray:
        """Return values as shares of the scale, 0 to 1; of their own range where it has no ends."""
        known = np.asarray(values, dtype=np.float64)
        low, high = self.low, self.high
        if low is None or high is None:
            low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        found: np.ndarray = (known - low) / (high - low if high > low else 1.0)
        return found


def scale_of(dimensions: Mapping[str, Dimension], name: str) -> Scale:
    """Return the scale of a dimension."""
    ends = dimensions[name].range
    return Scale() if ends is None else Scale(*ends)
