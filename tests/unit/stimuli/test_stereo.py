"""Left and right channel beside the mono mix: the same samples, at the same times."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from clip_files import clip_file, noise, sound_file, tone

from tinglegram.errors import TinglegramError
from tinglegram.stimuli.sound import Sound
from tinglegram.stimuli.timeline import Starts
from tinglegram.stimuli.video import DecodedClip, decode_clip

BOTH = ("first_frame", "timestamps")


def heard(stream: io.BytesIO, stereo: bool = True, **window) -> DecodedClip:
    given = {"start_s": 0.5, "n_steps": 20, "grid_hz": 10, "sample_rate": 44100} | window
    given = {"take": lambda picture: None} | given
    return decode_clip(stream, "x", alignments=BOTH, stereo=stereo, **given)


def two(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A tone on the left, noise on the right."""
    return left, noise(len(right))


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"sound_late_ms": 300},
        {"sound_gap_ms": (1000, 400)},
        {"sound_gap_ms": (1000, -200)},
        {"sound_rate": 48000, "sound_late_ms": 100},
    ],
)
def test_both_channels_stand_where_their_mix_does(made):
    stream = clip_file(90, container="matroska", audio="pcm_s16le", heard=two, **made)
    clip, alone = heard(stream), heard(stream, stereo=False)
    assert alone.stereo == {}
    for name in BOTH:
        mono, both = clip.sound[name], clip.stereo[name]
        assert mono.tobytes() == alone.sound[name].tobytes()
        assert both.shape == (len(mono), 2)
        assert both.dtype == np.int16
        # FFmpeg mixes two channels to their mean, and rounds.
        assert np.abs(both.mean(axis=1) - mono).max() <= 2
        assert (both == 0).all(axis=1).sum() == pytest.approx((mono == 0).sum(), abs=200)
    assert (clip.stereo["first_frame"].tobytes() != clip.stereo["timestamps"].tobytes()) == any(
        name in made for name in ("sound_late_ms", "sound_gap_ms")
    )


def test_left_is_left_and_keeps_every_sample():
    clip = heard(clip_file(90, audio="pcm_s16le", heard=two), start_s=0.0)
    samples = clip.stereo["timestamps"]
    np.testing.assert_array_equal(samples[:, 0], tone(3.6, 44100)[: len(samples)])
    np.testing.assert_array_equal(samples[:, 1], noise(len(samples)))


def test_sound_of_one_channel_is_the_same_in_both_ears():
    clip = heard(sound_file(3.0), take={})
    for name in BOTH:
        mono = clip.sound[name]
        np.testing.assert_array_equal(clip.stereo[name], np.column_stack([mono, mono]))


def test_surround_is_mixed_to_two_channels():
    stream = clip_file(
        90,
        container="matroska",
        audio="pcm_s16le",
        layout="5.1",
        channels=[0, 4],
        sound_seconds=3.6,
    )
    clip = heard(stream)
    left, right = np.square(clip.stereo["timestamps"].astype(float)).mean(axis=0)
    assert clip.stereo["timestamps"].shape == (len(clip.sound["timestamps"]), 2)
    # Front left and back left are heard.
    assert left > 1e4 > 1e2 > right


def test_real_films_have_both_channels(shared: Path):
    paths = sorted((shared / "real/video").glob("*"))
    for path in paths:
        with av.open(path) as container:
            sound = next(iter(container.streams.audio), None)
            if sound is None or sound.channels != 2 or (container.duration or 0) < 4e6:
                continue
        with path.open("rb") as stream:
            clip = heard(stream, take={})
        mono, both = clip.sound["timestamps"], clip.stereo["timestamps"]
        assert both.shape == (len(mono), 2)
        assert np.abs(both.mean(axis=1) - mono).max() <= 2
        return
    pytest.skip(f"no film of two channels and four seconds below {shared}")


def test_nobody_is_handed_channels_that_were_not_collected():
    sound = Sound("x.wav", 0.0, 10, 10.0, 44100, Starts(None, 0.0))
    with pytest.raises(TinglegramError, match="x.wav: stereo sound was not collected"):
        sound.stereo_windows(["timestamps"])
