"""The clock of the log (whole ticks of 0.1 ms), and how long the clips of a study play."""

from typing import Annotated

from tinglegram.settings import ABOVE_ZERO, AT_LEAST_ZERO, Bounds, section

# Presentation logs count time in units of 0.1 ms (paper, "Photoplethysmography Data": "with a
# precision of 0.1 ms"), so every time of the log clock is a whole number of these ticks.
TICKS_PER_SECOND = 10_000


@section("timing")
class Timing:
    """How long the clips of a study play, and the grid of everything that is measured in them."""

    clip: Annotated[float, ABOVE_ZERO, "Seconds a clip plays."] = 60.0
    # Paper, "Latency Correction".
    first_trial: Annotated[
        float | None,
        ABOVE_ZERO,
        "Seconds the clip shown first plays before it is cut off; null: it plays as all others.",
    ] = 55.7
    warm_up: Annotated[
        float, AT_LEAST_ZERO, "Seconds at the start of each clip that only set the initial state."
    ] = 5.0
    grid: Annotated[
        int, Bounds(minimum=1, maximum=1000), "Grid of ratings, pulse and features, in Hz."
    ] = 10

    @property
    def steps(self) -> int:
        """Grid steps of a clip, warm-up left out."""
        return grid_steps(self.clip, self.warm_up, self.grid)

    @property
    def steps_first(self) -> int:
        """Grid steps of a trial shown first, warm-up left out."""
        return grid_steps(self.first_end, self.warm_up, self.grid)

    @property
    def first_end(self) -> float:
        """Seconds the clip shown first plays."""
        return self.clip if self.first_trial is None else self.first_trial


def grid_steps(end_s: float, warm_up_s: float, grid_hz: int) -> int:
    """Return the grid steps from the end of the warm-up to `end_s`."""
    return round((end_s - warm_up_s) * grid_hz)


def to_ticks(seconds: float) -> int:
    """Return the whole number of ticks nearest to `seconds`."""
    return round(seconds * TICKS_PER_SECOND)
