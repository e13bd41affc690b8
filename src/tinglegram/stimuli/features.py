"""All features of a clip, in every variant that protocols ask for, from one decoding."""

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
import torch

from tinglegram.clock import Timing
from tinglegram.stimuli import acoustic, visual
from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.passes import decode_in_looks
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant


class ClipFeatures(NamedTuple):
    """Features of one clip.

    Attributes
    ----------
    variants : one set of arrays per variant asked for, in that order: visual (steps x 512),
        acoustic (steps x (MFCCs + 11)), acoustic_first (steps of a trial shown first x the same;
        where that is cut off), time_s (steps,): seconds after the warm-up; float32. Without
        pictures or sound, none of them.
    fps : frames per second of the clip; NaN without pictures.
    findings : what a careful reader should know and keeps no clip from being decoded.
    """

    variants: list[dict[str, np.ndarray]]
    fps: float
    findings: tuple[ClipFinding, ...]


def extract_features(
    stream: BinaryIO,
    source: str,
    variants: Sequence[FeatureVariant],
    *,
    network: torch.nn.Module | None,
    image_size: int,
    sound: AcousticFeatures,
    timing: Timing,
    device: torch.device | None = None,
    threads: int = 1,
    with_sound: bool = True,
) -> ClipFeatures:
    """Decode a clip once and return its features in every variant.

    Parameters
    ----------
    stream, source : the clip file, opened for reading bytes, and its name for messages.
    network, image_size : as for `tinglegram.stimuli.visual.FeatureExtractor`; None: the clip has no
        pictures that count.
    sound : how the sound is analysed; the hop is one grid step.
    timing : the window of the clip, and its grid.
    device : where the network runs; None: the CPU.
    threads : of the picture decoder.
    with_sound : whether the clip has sound that counts.

    Raises
    ------
    TinglegramError : the grid does not divide the sound into whole samples.
    InputProblem : what `tinglegram.stimuli.video.decode_clip` refuses.
    """
    hop = acoustic.hop_samples(sound.sample_rate, timing.grid)
    resizes = list(dict.fromkeys(variant.resize for variant in variants))
    taken = decode_in_looks(
        stream,
        source,
        variants,
        None
        if network is None
        else lambda: visual.FeatureExtractor(network, resizes, image_size, device),
        timing=timing,
        sample_rate=sound.sample_rate if with_sound else None,
        threads=threads,
    )
    clip, look_of = taken.clip, taken.look_of
    lengths = {"acoustic": timing.steps} if with_sound else {}
    if with_sound and timing.first_trial is not None:
        lengths["acoustic_first"] = timing.steps_first
    pictures = {look: extractor.features() for look, extractor in taken.takers.items()}
    # A trial shown first is shorter, and its features are none of the longer one's.
    heard = {
        (window, alignment, steps): acoustic.features(
            clip.sound[alignment],
            steps,
            sample_rate=sound.sample_rate,
            hop=hop,
            window=acoustic.window_samples(window, sound.n_fft, hop),
            n_mfcc=sound.n_mfcc,
        )
        for window, alignment in dict.fromkeys((v.audio_window, v.alignment) for v in variants)
        for steps in lengths.values()
    }
    found = [
        {
            **(
                {
                    "visual": pictures[look_of[variant]][variant.resize][
                        clip.picture_of_step[variant.alignment]
                    ]
                }
                if look_of
                else {}
            ),
            **{
                name: heard[variant.audio_window, variant.alignment, steps]
                for name, steps in lengths.items()
            },
            "time_s": (np.arange(timing.steps) / timing.grid).astype(np.float32),
        }
        for variant in variants
    ]
    return ClipFeatures(found, clip.fps, clip.findings)
