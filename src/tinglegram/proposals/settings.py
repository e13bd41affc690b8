"""What proposals are chosen by, and which candidates they are chosen from.

These are options of `tinglegram propose`, no part of a study's configuration.
"""

import math
from collections.abc import Iterator
from typing import Annotated, Literal, cast

from tinglegram.errors import InputProblem, refuse
from tinglegram.settings import (
    AT_LEAST_ONE,
    AT_LEAST_ZERO,
    CLOSED_SHARE,
    Bounds,
    fields_of,
    section,
)

Acquisition = Literal["expected_improvement", "thompson"]
Variety = Literal["max_min", "determinantal"]


@section("proposals")
class Proposing:
    """How proposals are chosen from candidates."""

    acquisition: Annotated[
        Acquisition,
        "What a candidate is worth: how far it is expected to exceed the best so far, or its "
        "prediction by a member of the ensemble drawn anew for every proposal.",
    ] = "expected_improvement"
    # ASSUMPTION: a candidate two thresholds away from the training data loses all that lies
    # between the worst and the best candidate.
    distance_penalty: Annotated[
        float,
        AT_LEAST_ZERO,
        "What each unit of distance beyond the threshold costs, in ranges of the acquisition.",
    ] = 1.0
    variety: Annotated[
        Variety,
        "How proposals are kept apart: by the smallest distance between two, or by the determinant "
        "of their similarities.",
    ] = "max_min"
    variety_weight: Annotated[
        float, Bounds(minimum=0, exclusiveMaximum=1), "Weight of variety beside acquisition."
    ] = 0.25
    exploration: Annotated[
        float,
        CLOSED_SHARE,
        "Share of proposals for what the ensemble disagrees about most.",
    ] = 0.25


@section("proposals")
class CandidateSounds:
    """The candidates: how many of each kind, how long, at which rate."""

    synthesised: Annotated[int, AT_LEAST_ZERO, "Candidates of the synthesiser."] = 60
    transformed: Annotated[
        int, AT_LEAST_ZERO, "Candidates that are an existing sound, changed."
    ] = 30
    recombined: Annotated[
        int, AT_LEAST_ZERO, "Candidates of two existing or synthesised sounds, joined or layered."
    ] = 30
    duration_s: Annotated[float, Bounds(minimum=1, maximum=600), "Length of a sound, seconds."] = 30
    sound_rate: Annotated[
        int, Bounds(minimum=8000, maximum=192000), "Sampling rate of the files, Hz."
    ] = 48000


@section("proposals")
class ListeningOrders:
    """In which orders the next study plays the sounds."""

    listeners: Annotated[int, AT_LEAST_ONE, "Participants for whom an order is drawn."] = 24
    pause_s: Annotated[float, AT_LEAST_ZERO, "Silence between two sounds, seconds."] = 5.0


def require_within(*chosen: object) -> None:
    """Raise InputProblem where settings, such as a limit of level, are outside of their bounds.

    A configuration is held against its schema; options that people type are held against the same
    bounds here.
    """
    refuse([problem for settings in chosen for problem in _outside(settings)])


def _outside(settings: object) -> Iterator[InputProblem]:
    for setting in fields_of(cast(type, type(settings))):
        value, bounds = getattr(settings, setting.name), setting.bounds
        if not isinstance(value, int | float):
            continue
        inside = (
            math.isfinite(value)
            and bounds.get("minimum", value) <= value <= bounds.get("maximum", value)
            and bounds.get("exclusiveMinimum", -math.inf) < value
            and value < bounds.get("exclusiveMaximum", math.inf)
        )
        if not inside:
            yield InputProblem(
                setting.option,
                expected=_bounds_in_words(bounds),
                found=f"{value:g}",
                remedy="Correct it.",
            )


def _bounds_in_words(bounds: Bounds) -> str:
    words = {
        "minimum": "{:g} or more",
        "exclusiveMinimum": "more than {:g}",
        "maximum": "at most {:g}",
        "exclusiveMaximum": "less than {:g}",
    }
    said = [text.format(bounds[name]) for name, text in words.items() if name in bounds]
    return " and ".join(["a number", *said][bool(said) :])
