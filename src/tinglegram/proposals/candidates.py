"""Candidates for the next study: synthesised, changed or recombined sounds.

A candidate is a plan, a few numbers. Its samples are made when they are needed, the same each time,
so that hundreds of candidates take no memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

import numpy as np

from tinglegram.proposals.settings import CandidateSounds
from tinglegram.sounds.recipe import draw_recipe, within_bounds
from tinglegram.sounds.synthesis import Stereo, level_at, synthesise
from tinglegram.sounds.transformations import (
    cross_faded,
    layered,
    of_length,
    stretched,
    tilted,
    widened,
)

CandidateKind = Literal["synthesised", "transformed", "recombined"]

# ASSUMPTION: changes within these bounds leave a sound recognisable: speed (ratio), slope of the
# spectrum (dB per octave), level (dB), width of the stereo image (ratio).
_SPEED, _TILT, _LEVEL, _WIDTH = (0.7, 1.4), (-4.0, 4.0), (-10.0, 0.0), (0.0, 2.0)
# The shortest stretch of a sound that is repeated, seconds.
_SHORTEST_S = 0.5
# Fade between parts that are joined, seconds.
_FADE_S = (0.1, 1.0)


@dataclass(frozen=True)
class CandidatePlan:
    """How a candidate is made.

    Attributes
    ----------
    kind : of candidate.
    seed : of its noise.
    parameters : name -> value, as they stand in `proposals.tsv`.
    sources : places of the existing sounds it is made of; empty: of none.
    """

    kind: CandidateKind
    seed: int
    parameters: Mapping[str, float]
    sources: tuple[int, ...] = ()


class MadeCandidate(NamedTuple):
    """The samples of a candidate and its level beside the loudness of all, dB (0 or below)."""

    samples: Stereo
    level_db: float


def plan_candidates(
    settings: CandidateSounds, lengths_s: Sequence[float], seed: int
) -> list[CandidatePlan]:
    """Return plans of candidates, kind after kind.

    Parameters
    ----------
    lengths_s : of each existing sound, seconds; without any, no sound is transformed, and those
        recombined are synthesised ones.
    """
    numbers: dict[CandidateKind, int] = {
        "synthesised": settings.synthesised,
        "transformed": settings.transformed if lengths_s else 0,
        "recombined": settings.recombined,
    }
    plans = []
    for kind_number, (kind, number) in enumerate(numbers.items()):
        for place in range(number):
            generator = np.random.default_rng([seed, kind_number, place])
            own = int(generator.integers(2**31))
            plans.append(_plan(kind, own, lengths_s, generator))
    return plans


def _plan(
    kind: CandidateKind, seed: int, lengths_s: Sequence[float], generator: np.random.Generator
) -> CandidatePlan:
    if kind == "synthesised":
        return CandidatePlan(kind, seed, asdict(draw_recipe(generator)))
    if kind == "transformed":
        source = int(generator.integers(len(lengths_s)))
        return CandidatePlan(kind, seed, _changes(lengths_s[source], generator), (source,))
    parameters: dict[str, float] = {
        "layers": float(generator.integers(2)),
        "cross_fade_s": generator.uniform(*_FADE_S),
        "second_level_db": generator.uniform(-12, 0),
    }
    # An existing sound first where there is one; the second of a synthesiser, or another one.
    sources: tuple[int, ...] = ()
    if lengths_s:
        number = 2 if len(lengths_s) > 1 and generator.integers(2) else 1
        sources = tuple(map(int, generator.permutation(len(lengths_s))[:number]))
    for part in range(len(sources), 2):
        recipe = asdict(draw_recipe(generator))
        parameters |= {f"part{part + 1}_{name}": value for name, value in recipe.items()}
    return CandidatePlan(kind, seed, parameters, sources)


def _changes(length_s: float, generator: np.random.Generator) -> dict[str, float]:
    """Return what becomes of an existing sound: at least one thing, each with a chance of half."""
    low, high = _SPEED
    drawn = {
        "speed": float(np.exp(generator.uniform(np.log(low), np.log(high)))),
        "tilt_db_per_octave": float(generator.uniform(*_TILT)),
        "level_db": float(generator.uniform(*_LEVEL)),
        "width": float(generator.uniform(*_WIDTH)),
        "repeated_s": float(generator.uniform(min(_SHORTEST_S, length_s), length_s)),
    }
    kept = generator.integers(2, size=len(drawn)).astype(bool)
    kept[generator.integers(len(drawn))] = True
    found = {name: value for (name, value), keep in zip(drawn.items(), kept, strict=True) if keep}
    if "repeated_s" in found:
        found["repeated_from_s"] = float(generator.uniform(0, length_s - found["repeated_s"]))
    return found


def make_candidate(
    plan: CandidatePlan, sources: Sequence[Stereo], duration_s: float, sample_rate: int
) -> MadeCandidate:
    """Return the samples of a candidate, (duration × rate, 2), of any level.

    Parameters
    ----------
    sources : all existing sounds at that rate.
    """
    if plan.kind == "synthesised":
        recipe = within_bounds(plan.parameters)
        sound = synthesise(recipe, duration_s, sample_rate, plan.seed)
        return MadeCandidate(sound, level_at(recipe.distance_m))
    if plan.kind == "transformed":
        sound = _changed(sources[plan.sources[0]], plan.parameters, sample_rate)
        level = plan.parameters.get("level_db", 0.0)
        return MadeCandidate(of_length(sound, duration_s, sample_rate), level)
    return MadeCandidate(_recombined(plan, sources, duration_s, sample_rate), 0.0)


def _changed(sound: Stereo, changes: Mapping[str, float], sample_rate: int) -> Stereo:
    if "repeated_s" in changes:
        first = round(changes["repeated_from_s"] * sample_rate)
        sound = sound[first : first + max(1, round(changes["repeated_s"] * sample_rate))]
    if "speed" in changes:
        sound = stretched(sound, changes["speed"])
    if "tilt_db_per_octave" in changes:
        sound = tilted(sound, changes["tilt_db_per_octave"], sample_rate)
    if "width" in changes:
        sound = widened(sound, changes["width"])
    return sound


def _recombined(
    plan: CandidatePlan, sources: Sequence[Stereo], duration_s: float, sample_rate: int
) -> Stereo:
    layers, fade_s = bool(plan.parameters["layers"]), plan.parameters["cross_fade_s"]
    # Parts that are joined are half as long, and share the fade.
    own_s = duration_s if layers else min(duration_s, (duration_s + fade_s) / 2)
    parts = [of_length(sources[source], own_s, sample_rate) for source in plan.sources]
    for part in range(len(parts), 2):
        prefix = f"part{part + 1}_"
        recipe = within_bounds(
            {n.removeprefix(prefix): v for n, v in plan.parameters.items() if n.startswith(prefix)}
        )
        parts.append(synthesise(recipe, own_s, sample_rate, plan.seed + part))
    if layers:
        return layered(parts, [0.0, plan.parameters["second_level_db"]])
    # Of equal strength, whatever they were recorded at.
    level = [layered([part], [0.0]) for part in parts]
    return of_length(cross_faded(level, fade_s, sample_rate), duration_s, sample_rate)
