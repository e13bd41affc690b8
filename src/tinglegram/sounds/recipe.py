"""What a cyclic sound is made of: every parameter with its bounds and its unit.

The parameters are those that experiments with synthetic cyclic sounds varied: how fast and how
regularly cycles follow each other, how smooth they are, how much of a cycle is filled, which
frequencies they hold (Han et al., 2022, arXiv:2210.14321; Fang et al., 2025, arXiv:2504.00621),
and where the source lies beside the head.
"""

from collections.abc import Mapping
from typing import Annotated

import numpy as np

from tinglegram.settings import Bounds, fields_of, section


def _within(low: float, high: float) -> Bounds:
    return Bounds(minimum=low, maximum=high)


@section("sounds.cyclic")
class CyclicSound:
    """A cyclic sound: noise in a band of frequencies, switched on once a cycle."""

    rate_hz: Annotated[float, _within(0.5, 20.0), "Cycles per second, mean; Hz."] = 2.0
    regularity: Annotated[
        float,
        _within(0.0, 1.0),
        "1: all periods are equal; otherwise their coefficient of variation is 1 - regularity.",
    ] = 1.0
    smoothness: Annotated[
        float,
        _within(0.0, 1.0),
        "Share of the filled part of a cycle in which it rises or falls.",
    ] = 0.5
    attack: Annotated[
        float, _within(0.05, 0.95), "Share of rise and fall together that is the rise."
    ] = 0.5
    fill: Annotated[float, _within(0.05, 1.0), "Share of a cycle that holds sound."] = 0.5
    centre_hz: Annotated[
        float, _within(100.0, 9000.0), "Geometric centre of the band of frequencies, Hz."
    ] = 2000.0
    bandwidth_octaves: Annotated[
        float, _within(0.25, 6.0), "Width of the band of frequencies, octaves."
    ] = 2.0
    tilt_db_per_octave: Annotated[
        float, _within(-12.0, 6.0), "Slope of the spectrum within the band, dB per octave."
    ] = 0.0
    interaural_correlation: Annotated[
        float, _within(0.0, 1.0), "Correlation of the noise at both ears."
    ] = 1.0
    level_difference_db: Annotated[
        float, _within(-15.0, 15.0), "Level at the right ear above that at the left, dB."
    ] = 0.0
    time_difference_us: Annotated[
        float, _within(-700.0, 700.0), "Arrival at the right ear before the left, microseconds."
    ] = 0.0
    distance_m: Annotated[
        float, _within(0.1, 1.6), "Distance of the source from the head, metres."
    ] = 0.1


# Parameters whose ratios matter: they are drawn and changed on a logarithmic scale.
LOGARITHMIC = ("rate_hz", "centre_hz", "bandwidth_octaves", "fill", "distance_m")


def recipe_bounds() -> dict[str, tuple[float, float]]:
    """Return the lowest and the highest value of every parameter."""
    return {s.name: (s.bounds["minimum"], s.bounds["maximum"]) for s in fields_of(CyclicSound)}


def within_bounds(values: Mapping[str, float]) -> CyclicSound:
    """Return a recipe of the values.

    Raises
    ------
    ValueError : a value outside its bounds, or none at all.
    """
    for name, (low, high) in recipe_bounds().items():
        value = values.get(name, low)
        if not low <= value <= high:
            raise ValueError(f"{name}: expected {low:g} to {high:g}, found {value}")
    return CyclicSound(**values)


def draw_recipe(generator: np.random.Generator) -> CyclicSound:
    """Return a recipe whose parameters are drawn within their bounds.

    Evenly, those of `LOGARITHMIC` on a logarithmic scale; of regularity, the square root of what it
    lacks to 1 is drawn evenly.
    """
    values = {}
    for name, (low, high) in recipe_bounds().items():
        if name in LOGARITHMIC:
            value = np.exp(generator.uniform(np.log(low), np.log(high)))
        elif name == "regularity":
            # ASSUMPTION: small irregularities are heard better than differences between large ones.
            value = high - (high - low) * generator.uniform() ** 2
        else:
            value = generator.uniform(low, high)
        values[name] = float(np.clip(value, low, high))
    return CyclicSound(**values)
