"""What is measured of each type of signal other than the pulse. Imports nothing heavy."""

from collections.abc import Iterable

from tinglegram.pulse.measures import Measure

# Type of the signal -> its measures, in the order in which they are reported.
SENSOR_MEASURES = {
    "eda": (
        Measure("eda_tonic", "eda_tonic_us", "µS", "tonic skin conductance"),
        Measure("eda_phasic", "eda_phasic_us", "µS", "phasic skin conductance"),
        Measure(
            "eda_responses", "eda_responses_per_min", "1/min", "skin conductance response rate"
        ),
    ),
    "resp": (
        Measure("resp_rate", "resp_rate_per_min", "1/min", "respiration rate"),
        Measure("resp_depth", "resp_depth", "own medians", "respiration depth"),
    ),
    "temperature": (Measure("temperature", "temperature_c", "°C", "temperature"),),
}
_BY_NAME = {measure.name: measure for own in SENSOR_MEASURES.values() for measure in own}
SENSOR_MEASURE_NAMES = tuple(_BY_NAME)
# Name of a measure -> the column of windows that says whether its signal is poor.
POOR_COLUMNS = {m.name: f"{kind}_poor" for kind, own in SENSOR_MEASURES.items() for m in own}


def measures_of(types: Iterable[str]) -> list[Measure]:
    """Return the measures of these types of signals, in the order of `SENSOR_MEASURES`."""
    wanted = set(types)
    return [measure for kind, own in SENSOR_MEASURES.items() if kind in wanted for measure in own]


def measures_named(names: Iterable[str]) -> list[Measure]:
    """Return the measures with these names (`SENSOR_MEASURE_NAMES`), in the order given."""
    return [_BY_NAME[name] for name in names]
