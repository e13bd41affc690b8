"""In which form simulated clips are written: size, codecs and rates.

Apart from the code that writes them, because planning reads it and PyAV takes long to load.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np

from tinglegram.settings import CLOSED_SHARE, Bounds, Each, section, written_as

# ASSUMPTION: a clip outlasts its time on screen a little, as one cut from a longer video does.
OVERRUN = 0.1


@section("data.simulation")
class SimulatedClips:
    """What simulated clips carry; they take the entries of lists in turn."""

    feature_signal: Annotated[
        float,
        CLOSED_SHARE,
        "Share of the variance of picture and sound that viewers feel; 0: nothing to learn from.",
    ]
    frame_size: Annotated[tuple[int, int], Each(Bounds(minimum=16)), "Width and height in pixels."]
    frame_rates: Annotated[
        tuple[str, ...],
        Bounds(minItems=1),
        Each(written_as("[0-9]+(/[0-9]+)?", "a rate in quotes such as 25 or 30000/1001")),
        "Frames per second, clips in turn.",
    ]
    video_codecs: Annotated[
        tuple[Literal["mpeg4", "mjpeg"], ...],
        Bounds(minItems=1),
        "Codecs of the picture, clips in turn.",
    ]
    audio_codecs: Annotated[
        tuple[Literal["libmp3lame", "pcm_s16le"], ...],
        Bounds(minItems=1),
        "Codecs of the sound; the codec changes every second clip.",
    ]
    audio_rates: Annotated[
        tuple[int, ...],
        Bounds(minItems=1),
        Each(Bounds(minimum=8000)),
        "Rates of the sound, Hz, clips in turn.",
    ]


@dataclass(frozen=True)
class ClipFormat:
    """Picture and sound of an AVI file; `frame_rate` in Hz, `audio_rate` in Hz."""

    width: int
    height: int
    frame_rate: Fraction
    video_codec: str
    audio_codec: str
    audio_rate: int

    def frames(self, seconds: float) -> int:
        """Return the number of frames of a clip shown for `seconds`, overrun included."""
        return int(np.ceil((seconds + OVERRUN) * self.frame_rate))

    def samples(self, seconds: float) -> int:
        """Return the number of audio samples of a clip shown for `seconds`, overrun included."""
        return round((seconds + OVERRUN) * self.audio_rate)


def format_in_turn(settings: SimulatedClips, index: int) -> ClipFormat:
    """Return the format of the clip at `index` (from 0): clips take the entries of lists in turn.

    The codec of the sound changes every second clip, so that each meets every codec of the picture.
    """
    width, height = settings.frame_size
    return ClipFormat(
        width=width,
        height=height,
        frame_rate=Fraction(settings.frame_rates[index % len(settings.frame_rates)]),
        video_codec=settings.video_codecs[index % len(settings.video_codecs)],
        audio_codec=settings.audio_codecs[index // 2 % len(settings.audio_codecs)],
        audio_rate=settings.audio_rates[index % len(settings.audio_rates)],
    )
