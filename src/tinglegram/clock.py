"""The clock of the log: whole ticks of 0.1 ms."""

# Presentation logs count time in units of 0.1 ms (paper, "Photoplethysmography Data": "with a
# precision of 0.1 ms"), so every time of the log clock is a whole number of these ticks.
TICKS_PER_SECOND = 10_000


def to_ticks(seconds: float) -> int:
    """Return the whole number of ticks nearest to `seconds`."""
    return round(seconds * TICKS_PER_SECOND)
