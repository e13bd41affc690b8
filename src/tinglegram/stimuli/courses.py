"""What the response function is fitted to: band envelopes of the sound, light and motion."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinglegram.clock import Timing
from tinglegram.stimuli.acoustic import hop_samples
from tinglegram.stimuli.bands import band_centres, band_envelopes
from tinglegram.stimuli.passes import decode_in_looks
from tinglegram.stimuli.settings import FeatureVariant, SoundBands
from tinglegram.stimuli.video import sound_rate

Array = NDArray[Any]

# ASSUMPTION: pictures are looked at in about so many columns, so that grain is no motion.
_COLUMNS = 64


class LightAndMotion:
    """Keeps the luma of pictures, made small."""

    def __init__(self, columns: int = _COLUMNS) -> None:
        """Start without any picture; they are kept in about so many columns."""
        self._columns = columns
        self._pictures: list[NDArray[np.uint8]] = []

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3); luma as in ITU-R BT.601."""
        image = Image.fromarray(picture).convert("L")
        self._pictures.append(np.asarray(image.reduce(max(1, image.width // self._columns))))

    def luma(self, of_step: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the small pictures of steps, 0 to 1, (steps, height, width) float32."""
        kept = [self._pictures[picture] for picture in of_step]
        return np.stack(kept).astype(np.float32) / np.float32(255)

    def courses(self, of_step: NDArray[np.int64]) -> tuple[NDArray[np.float32], ...]:
        """Return luminance and motion of each step, (steps,) float32.

        Parameters
        ----------
        of_step : the picture of each step, by its place among those taken.

        Returns
        -------
        Mean luma, 0 to 1; and the root mean square of its change from the picture of the step
        before, of which the first step has none and gets that of the second.
        """
        luma = self.luma(of_step)
        change = np.sqrt(np.square(np.diff(luma, axis=0)).mean(axis=(1, 2)))
        motion = np.concatenate([change[:1], change]) if len(change) else np.zeros(len(luma))
        return luma.mean(axis=(1, 2)), motion.astype(np.float32)


def measure_courses(
    stream: BinaryIO,
    source: str,
    variants: Sequence[FeatureVariant],
    *,
    bands: SoundBands,
    sample_rate: int,
    timing: Timing,
    with_sound: bool = True,
    with_picture: bool = True,
    threads: int = 1,
) -> list[dict[str, Array]]:
    """Decode a clip once and return its courses on the grid in every variant.

    Parameters
    ----------
    stream, source : the clip file, opened for reading bytes, and its name for messages.
    variants : with the switches of `tinglegram.stimuli.settings.CourseVariant`.
    bands, sample_rate : of the sound, Hz.
    timing : the window of the clip, and its grid.
    with_sound, with_picture : whether the clip has sound and pictures that count.
    threads : of the picture decoder.

    Returns
    -------
    Of each variant its arrays: time_s (steps,), seconds after the warm-up; with sound bands
    (steps, n) and centre_hz (n,), and sound_hz, the rate at which it was recorded, at most
    `sample_rate`; with pictures luminance and motion (steps,).

    Raises
    ------
    TinglegramError : the grid does not divide the sound into whole samples.
    InputProblem : what `tinglegram.stimuli.video.decode_clip` refuses.
    """
    hop = hop_samples(sample_rate, timing.grid) if with_sound else 0
    recorded = min(sound_rate(stream, source), sample_rate) if with_sound else 0
    found = decode_in_looks(
        stream,
        source,
        variants,
        LightAndMotion if with_picture else None,
        timing=timing,
        sample_rate=sample_rate if with_sound else None,
        threads=threads,
    )
    centres = band_centres(bands, recorded)
    heard = {
        alignment: band_envelopes(
            found.clip.sound[alignment],
            timing.steps,
            sample_rate=sample_rate,
            hop=hop,
            centres=centres,
            power=bands.band_power,
        )
        for alignment in dict.fromkeys(variant.alignment for variant in variants)
        if with_sound
    }
    made: list[dict[str, Array]] = []
    for variant in variants:
        arrays: dict[str, Array] = {
            "time_s": (np.arange(timing.steps) / timing.grid).astype(np.float32)
        }
        if with_sound:
            arrays["bands"] = heard[variant.alignment]
            arrays["centre_hz"] = centres
            arrays["sound_hz"] = np.array(recorded)
        if with_picture:
            taken = found.takers[found.look_of[variant]]
            light, motion = taken.courses(found.clip.picture_of_step[variant.alignment])
            arrays |= {"luminance": light, "motion": motion}
        made.append(arrays)
    return made
