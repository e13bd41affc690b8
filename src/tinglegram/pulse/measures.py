"""What is measured in windows: the name of each measure, its column, its unit and its words."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Measure:
    """One measure of the windows.

    Attributes
    ----------
    name : as it stands in columns and file names.
    column : of the tables of windows and of blocks.
    unit : of its values, as printed.
    words : what it is called in a sentence.
    ratio : two values are compared by their ratio, whose logarithm is averaged and tested; changes
        are in percent.
    """

    name: str
    column: str
    unit: str
    words: str
    ratio: bool = False

    def column_of(self, what: str) -> str:
        """Return `what` with the ending of the measure's own column: residual, `residual_bpm`."""
        return what + self.column.removeprefix(self.name)

    @property
    def without_ending(self) -> "Measure":
        """Return the measure for tables of several, whose columns end like none of them."""
        return replace(self, column=self.name)


# Differences of no more than this share of the values themselves are rounding.
ROUNDING = 1e-9
PULSE_RATE = Measure("pulse_rate", "pulse_rate_bpm", "bpm", "pulse rate")
RMSSD = Measure("rmssd", "rmssd_ms", "ms", "RMSSD")
PULSE_MEASURES = (PULSE_RATE, RMSSD)
# What is compared with rest where RMSSD is from long windows (switch rmssd_windows).
MEASURES_OF_BLOCKS = {
    "short": PULSE_MEASURES,
    "long": (PULSE_RATE, replace(RMSSD, unit="%", ratio=True)),
}
