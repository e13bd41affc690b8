"""Feature sets of a clip beside the visual and acoustic features, from one decoding for all.

Apart from `features`, so that an edit here extracts nothing of the paper's own features anew.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.stimuli.acoustic import hop_samples
from tinglegram.stimuli.binaural import BINAURAL_MEMORY, binaural, binaural_columns
from tinglegram.stimuli.motion import LightFlowAndCuts, motion_columns
from tinglegram.stimuli.network_features import (
    Embedder,
    PictureEmbeddings,
    network_columns,
    network_sound,
)
from tinglegram.stimuli.passes import Pass, decode_in_looks
from tinglegram.stimuli.psychoacoustic import (
    PSYCHOACOUSTIC_MEMORY,
    psychoacoustic,
    psychoacoustic_columns,
)
from tinglegram.stimuli.settings import FEATURE_SETS, FeatureVariant, NetworkFeatures
from tinglegram.stimuli.texture import texture, texture_columns, texture_memory

Array = NDArray[Any]


class Watches(Protocol):
    """What is shown the pictures of a clip, one after the other, and makes features of them."""

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3)."""

    def features(self, of_step: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return (steps, columns); `of_step` is each step's picture among those taken."""


@dataclass(frozen=True)
class SoundSet:
    """A feature set of the sound.

    Attributes
    ----------
    compute : of samples (n,) int16, or (n, 2) where `stereo`, and the number of steps; sample_rate
        and hop by name -> (n_steps, columns) float32.
    columns : sampling rate of the sound, Hz -> names of the columns.
    stereo : whether it hears left and right channel, or their mix.
    memory : how long before a step sound may change its features, seconds.
    hop : seconds from one value to the next; None: one step.
    """

    compute: Callable[..., NDArray[np.float32]]
    columns: Callable[[int], Sequence[str]]
    stereo: bool = False
    memory: float = 0.0
    hop: float | None = None

    def steps_before(self, begin: int, step_s: float) -> int:
        """Return how many of the steps before step `begin` of a longer sound it must hear.

        With these, its features from `begin` on are those of the whole sound; at the begin of the
        sound there are fewer. Whole hops, so that values stand where they do in a clip that begins
        there.
        """
        every = 1 if self.hop is None else max(1, round(self.hop / step_s))
        wanted = math.ceil(self.memory / step_s - 1e-9)
        return min(-(-wanted // every), begin // every) * every


@dataclass(frozen=True)
class PictureSet:
    """A feature set of the pictures: what watches those of one clip, and columns as `SoundSet`."""

    start: Callable[[], Watches]
    columns: Callable[[int], Sequence[str]]


class _Audience:
    """Hands every picture to all sets that are of pictures."""

    def __init__(self, sets: Mapping[str, PictureSet]) -> None:
        self.watching = {name: own.start() for name, own in sets.items()}

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3)."""
        for own in self.watching.values():
            own.add(picture)


class _Heard(NamedTuple):
    """How a set of the sound is computed, what its columns are called, how long it remembers."""

    compute: Callable[..., Array]
    columns: Callable[..., Sequence[str]]
    memory: Callable[[Any], float]


_HEARD: Mapping[str, _Heard] = {
    "binaural": _Heard(binaural, binaural_columns, lambda _: BINAURAL_MEMORY),
    "psychoacoustic": _Heard(
        psychoacoustic, lambda _, rate: psychoacoustic_columns(), lambda _: PSYCHOACOUSTIC_MEMORY
    ),
    "texture": _Heard(texture, texture_columns, texture_memory),
}


def known_set(name: str, settings: Any) -> SoundSet | PictureSet:
    """Return a set of `tinglegram.stimuli.settings.FEATURE_SETS` with its settings."""
    if name == "motion":
        return PictureSet(partial(LightFlowAndCuts, settings), lambda rate: motion_columns())
    own = _HEARD[name]
    return SoundSet(
        partial(own.compute, settings=settings),
        partial(own.columns, settings),
        FEATURE_SETS[name].stereo,
        own.memory(settings),
    )


def network_set(settings: NetworkFeatures, embedder: Embedder) -> SoundSet | PictureSet:
    """Return the set that a network from a file makes, an entry of features.networks."""

    def columns(_: int) -> Sequence[str]:
        return network_columns(embedder)

    if settings.stream == "picture":
        return PictureSet(partial(PictureEmbeddings, settings, embedder), columns)
    return SoundSet(
        partial(network_sound, settings=settings, embedder=embedder),
        columns,
        memory=settings.window,
        hop=settings.hop,
    )


def extract_feature_sets(
    stream: BinaryIO,
    source: str,
    variants: Sequence[FeatureVariant],
    sets: Mapping[str, SoundSet | PictureSet],
    *,
    sample_rate: int,
    timing: Timing,
    with_sound: bool = True,
    with_picture: bool = True,
    threads: int = 1,
) -> list[dict[str, dict[str, Array]]]:
    """Decode a clip once and return every feature set on the grid, in every variant.

    Parameters
    ----------
    stream, source : the clip file, opened for reading bytes, and its name for messages.
    variants : with the switches of `tinglegram.stimuli.settings.CourseVariant`.
    sets : name -> set.
    sample_rate : of the sound, Hz.
    timing : the window of the clip, and its grid.
    with_sound, with_picture : whether the clip has sound and pictures that count.
    threads : of the picture decoder.

    Returns
    -------
    Of each variant set -> its arrays: values (steps, columns) float32, columns (their names),
    time_s (steps,), seconds after the warm-up. Without the stream that a set is computed from, no
    values.

    Raises
    ------
    TinglegramError : the grid does not divide the sound into whole samples.
    InputProblem : what `tinglegram.stimuli.video.decode_clip` refuses; values that are not finite.
    """
    heard = {n: s for n, s in sets.items() if isinstance(s, SoundSet)} if with_sound else {}
    seen = {n: s for n, s in sets.items() if isinstance(s, PictureSet)} if with_picture else {}
    made: list[dict[str, Array]] = [{} for _ in variants]
    if heard or seen:
        taken = decode_in_looks(
            stream,
            source,
            variants,
            partial(_Audience, seen) if seen else None,
            timing=timing,
            sample_rate=sample_rate if heard else None,
            threads=threads,
            stereo=any(own.stereo for own in heard.values()),
        )
        of_sound = _of_sound(taken, heard, sample_rate, timing)
        of_pictures = _of_pictures(taken, seen, variants)
        made = [of_sound[variant.alignment] | of_pictures[variant] for variant in variants]
    about = {name: list(own.columns(sample_rate)) for name, own in sets.items()}
    time_s = (np.arange(timing.steps) / timing.grid).astype(np.float32)
    return [
        {
            name: {"columns": np.array(columns, dtype=str), "time_s": time_s}
            | ({"values": _checked(own[name], name, source, columns)} if name in own else {})
            for name, columns in about.items()
        }
        for own in made
    ]


def _of_sound(
    taken: Pass[_Audience], heard: Mapping[str, SoundSet], sample_rate: int, timing: Timing
) -> dict[str, dict[str, Array]]:
    """Return alignment -> set -> values (steps, columns)."""
    clip = taken.clip
    hop = hop_samples(sample_rate, timing.grid) if heard else 0
    return {
        alignment: {
            name: own.compute(
                clip.stereo[alignment] if own.stereo else samples,
                timing.steps,
                sample_rate=sample_rate,
                hop=hop,
            )
            for name, own in heard.items()
        }
        for alignment, samples in clip.sound.items()
    }


def _of_pictures(
    taken: Pass[_Audience], seen: Mapping[str, PictureSet], variants: Sequence[FeatureVariant]
) -> dict[FeatureVariant, dict[str, Array]]:
    """Return variant -> set -> values (steps, columns)."""
    if not seen:
        return {variant: {} for variant in variants}
    places = taken.clip.picture_of_step
    # Variants may differ in nothing that this clip has.
    made = {
        (look, alignment): {
            name: own.features(places[alignment])
            for name, own in taken.takers[look].watching.items()
        }
        for look, alignment in dict.fromkeys((taken.look_of[v], v.alignment) for v in variants)
    }
    return {v: made[taken.look_of[v], v.alignment] for v in variants}


def _checked(values: Array, name: str, source: str, columns: Sequence[str]) -> Array:
    """Return the values of a set, all of them finite.

    Raises
    ------
    InputProblem : some are not.
    """
    finite = np.isfinite(values)
    if not finite.all():
        step, column = np.argwhere(~finite)[0]
        raise InputProblem(
            source,
            where=f"{name}, step {step}, {columns[column]}",
            expected="finite features",
            found=f"{int((~finite).sum())} that are not",
            remedy="Play the clip. If it plays, take the set out of the modalities of the models.",
        )
    return values
