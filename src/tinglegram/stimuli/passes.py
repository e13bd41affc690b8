"""One pass over a clip for everything that protocols ask of it, whatever its pictures need."""

from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinglegram.clock import Timing
from tinglegram.stimuli.look import HLG, PQ, Look
from tinglegram.stimuli.settings import FeatureVariant
from tinglegram.stimuli.sound import Store
from tinglegram.stimuli.video import DecodedClip, decode_clip, read_head


class TakesPictures(Protocol):
    """What looks at the pictures of a clip, one after the other."""

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3)."""


Taker = TypeVar("Taker", bound=TakesPictures)


class Pass(NamedTuple, Generic[Taker]):
    """What one pass over a clip gives.

    Attributes
    ----------
    clip : sound, places of pictures, findings.
    takers : look -> what took its pictures; none without pictures.
    look_of : variant -> its look; none without pictures.
    """

    clip: DecodedClip
    takers: dict[Look, Taker]
    look_of: Mapping[FeatureVariant, Look]


def decode_in_looks(
    stream: BinaryIO,
    source: str,
    variants: Sequence[FeatureVariant],
    taker: Callable[[], Taker] | None,
    *,
    timing: Timing,
    sample_rate: int | None,
    threads: int = 1,
    store: Store | None = None,
) -> Pass[Taker]:
    """Decode a clip once, with its pictures in every look that variants ask for.

    Parameters
    ----------
    stream, source : as for `tinglegram.stimuli.video.decode_clip`.
    variants : with alignment, deinterlace and tone_mapping.
    taker : makes what takes the pictures of one look; None: no picture is wanted.
    timing : the window of the clip, and its grid.
    sample_rate : of the sound, Hz; None: none is wanted.
    threads, store : as for `decode_clip`.

    Raises
    ------
    InputProblem : what `tinglegram.stimuli.video.decode_clip` refuses.
    """
    alignments = list(dict.fromkeys(variant.alignment for variant in variants))
    wanted = {"wants_sound": sample_rate is not None, "wants_picture": taker is not None}
    head = read_head(stream, source, **wanted)
    # Most clips go by the marks of their first picture; where those change, once more by all.
    marks = frozenset({(head.interlaced, head.transfer)})
    while True:
        look_of = _looks(variants, marks) if taker is not None else {}
        takers = {look: taker() for look in dict.fromkeys(look_of.values()) if taker is not None}
        clip = decode_clip(
            stream,
            source,
            start_s=timing.warm_up,
            n_steps=timing.steps,
            grid_hz=timing.grid,
            sample_rate=sample_rate,
            take={look: own.add for look, own in takers.items()},
            alignments=alignments,
            threads=threads,
            store=store,
        )
        if clip.marks <= marks:
            return Pass(clip, takers, look_of)
        marks |= clip.marks


def _looks(
    variants: Sequence[FeatureVariant], marks: frozenset[tuple[bool, int]]
) -> dict[FeatureVariant, Look]:
    """Return the look of each variant; pictures that need nothing look the same in all of them.

    Parameters
    ----------
    marks : of the pictures: whether they are made of two fields, and their transfer
        characteristics.
    """
    interlaced = any(of_fields for of_fields, _ in marks)
    transfer = next((used for _, used in marks if used in (PQ, HLG)), 0)
    return {
        variant: Look(variant.deinterlace, variant.tone_mapping).needed(interlaced, transfer)
        for variant in variants
    }
