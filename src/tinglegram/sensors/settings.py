"""Which signals other than the pulse a study uses, and how they are measured.

Apart from the code that measures them, because planning reads it.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal, get_args

from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ZERO,
    CLOSED_SHARE,
    SHARE,
    Bounds,
    Each,
    Keys,
    section,
)

SensorType = Literal["eda", "resp", "temperature"]
SENSOR_TYPES: tuple[SensorType, ...] = get_args(SensorType)
# ASSUMPTION: samples per second at which these slow signals are measured. Responses rise within 1 s
# or more, and breaths last 1 s or more.
RATE_HZ = 8.0
# What each type of signal gives in a window.
MEASURES_OF: Mapping[str, tuple[str, ...]] = {
    "eda": ("eda_tonic_us", "eda_phasic_us", "eda_responses_per_min"),
    "resp": ("resp_rate_per_min", "resp_depth"),
    "temperature": ("temperature_c",),
}
# What models see of each: columns of its series.
SERIES_OF: Mapping[str, tuple[str, ...]] = {
    "eda": ("tonic", "phasic"),
    "resp": ("wave",),
    "temperature": ("level",),
}


def series_name(trial: str, kind: str) -> str:
    """Return the name under which the series of a trial stands."""
    return f"{trial}@{kind}"


def series_columns(kind: str) -> list[str]:
    """Return the names of the columns of a sensor's series in tables."""
    return [f"{kind}_{column}" for column in SERIES_OF[kind]]


@section("")
class SensorChannels:
    """Which signals of a study are used, beside the pulse."""

    sensors: Annotated[
        Mapping[str, str | None],
        Keys(Bounds(enum=list(SENSOR_TYPES))),
        "Signals other than the pulse (readers other than rest_asmr): eda (electrodermal "
        "activity), resp (respiration), temperature -> name of the channel; null: the one of that "
        "type.",
    ] = field(default_factory=dict)


@section("sensor_methods")
class SensorMethods:
    """How signals other than the pulse are measured, and which windows of them are good."""

    eda_amplitude: Annotated[
        float,
        ABOVE_ZERO,
        "Least amplitude of a skin conductance response, µS (Boucsein et al., 2012).",
    ] = 0.05
    eda_range: Annotated[
        tuple[float, float],
        Each(AT_LEAST_ZERO),
        "Skin conductances that count, µS; others are missing (Kleckner et al., 2018).",
    ] = (0.05, 60.0)
    eda_slope: Annotated[
        float,
        ABOVE_ZERO,
        "Largest change of a skin conductance that counts, µS per second (Kleckner et al., 2018).",
    ] = 10.0
    resp_band: Annotated[
        tuple[float, float],
        Each(ABOVE_ZERO),
        "Butterworth band-pass of the respiration, Hz, second order, forward-backward.",
    ] = (0.05, 1.0)
    resp_depth_share: Annotated[
        float,
        SHARE,
        "Least depth of a breath as a share of the median depth (Khodadad et al., 2018).",
    ] = 0.3
    resp_rate_range: Annotated[
        tuple[float, float], Each(ABOVE_ZERO), "Breathing rates that count, cycles per minute."
    ] = (3.0, 60.0)
    temperature_range: Annotated[
        tuple[float, float], "Temperatures that count, °C; others are missing."
    ] = (15.0, 45.0)
    sensor_flat: Annotated[
        float,
        ABOVE_ZERO,
        "Seconds without any change that make a flat line of skin conductance or respiration; more "
        "where the resolution is coarse.",
    ] = 5.0
    temperature_flat: Annotated[
        float,
        ABOVE_ZERO,
        "Seconds without any change that make a flat line of temperature; more where the "
        "resolution is coarse.",
    ] = 60.0
    sensor_coverage: Annotated[
        float,
        CLOSED_SHARE,
        "A window, or a trial of a model, needs values in at least this share of its time.",
    ] = 0.8
