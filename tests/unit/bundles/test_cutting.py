"""A cut clip holds exactly the segment: its pictures, its samples, its length."""

import io
import wave

import av
import clip_files
import numpy as np
import pytest
from PIL import Image

from tinglegram.bundles.cutting import cut_clip, poster
from tinglegram.errors import InputProblem
from tinglegram.stimuli.container import playing_seconds, streams_in

BOTH = ("picture", "sound")


def shown(content: bytes) -> list[tuple[float, int]]:
    """Time and number of each picture of a clip."""
    with av.open(io.BytesIO(content)) as clip:
        return [
            (round(frame.time, 3), clip_files.number_in(frame.to_ndarray(format="rgb24")))
            for frame in clip.decode(video=0)
        ]


def heard(content: bytes, rate: int) -> np.ndarray:
    """Samples of a clip, (n, channels)."""
    with av.open(io.BytesIO(content)) as clip:
        channels = clip.streams.audio[0].channels
        to_samples = av.AudioResampler(
            format="s16", layout="mono" if channels == 1 else "stereo", rate=rate
        )
        parts = [p for f in clip.decode(audio=0) for p in to_samples.resample(f)]
        parts += to_samples.resample(None)
    return np.concatenate([part.to_ndarray().reshape(-1, channels) for part in parts])


@pytest.mark.parametrize("how", [("avi", "mpeg4", "pcm_s16le"), ("mp4", "libx264", "aac")])
def test_a_film_is_cut_to_the_picture_and_to_the_sample(how):
    source = clip_files.clip_file(100, 25, *how, sound_rate=32000)
    cut = cut_clip(source, "film", 1.2, 3.3, streams_in(source, "film"))
    assert (cut.suffix, cut.streams) == (".mp4", BOTH)
    pictures = shown(cut.content)
    # From the picture that is on display at second 1.2, on; the last one begins at 3.28.
    assert [number for _, number in pictures] == list(range(30, 83))
    assert [time for time, _ in pictures] == pytest.approx([n / 25 for n in range(53)], abs=1e-3)
    length = playing_seconds(io.BytesIO(cut.content), "clip", BOTH)
    assert length == pytest.approx(2.1, abs=0.03)
    whole, part = heard(source.getvalue(), 32000), heard(cut.content, 32000)
    own = whole[38400 : 38400 + 60000, 0].astype(float)
    lags = range(-60, 61)
    alike = [np.corrcoef(own[100:-100], part[100 + k : 59900 + k, 0])[0, 1] for k in lags]
    assert abs(lags[int(np.argmax(alike))]) <= 1 and max(alike) > 0.99


def test_a_picture_that_began_before_the_segment_is_its_first():
    source = clip_files.clip_file(50, 5, "mp4", "libx264", "aac")
    cut = cut_clip(source, "film", 1.3, 2.1, BOTH)
    assert shown(cut.content) == [(0.0, 6), (0.1, 7), (0.3, 8), (0.5, 9), (0.7, 10)]


def test_turned_pictures_are_upright():
    source = clip_files.clip_file(30, 25, "mp4", "libx264", "aac", rotation=90, height=48)
    cut = cut_clip(source, "film", 0.2, 0.6, BOTH)
    with av.open(io.BytesIO(cut.content)) as clip:
        video = clip.streams.video[0]
        assert (video.width, video.height) == (48, 64)
        assert next(clip.decode(video)).rotation == 0
    picture = Image.open(io.BytesIO(poster(source, "film", 0.2, BOTH)))
    assert picture.format == "JPEG" and picture.size == (320, 427)


@pytest.mark.parametrize("channels", [1, 2])
def test_sound_alone_is_cut_to_the_sample(channels):
    samples = np.random.default_rng(1).integers(-9000, 9000, (44100, channels), dtype=np.int16)
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(2)
        target.setframerate(22050)
        target.writeframes(samples.tobytes())
    cut = cut_clip(file, "sound", 0.5, 1.5, ("sound",))
    assert (cut.suffix, cut.streams) == (".wav", ("sound",))
    np.testing.assert_array_equal(heard(cut.content, 22050), samples[11025:33075])


def test_what_lies_beyond_the_end_of_the_sound_is_silence():
    source = clip_files.clip_file(50, 25, "mp4", "libx264", "aac", sound_seconds=1.0)
    cut = cut_clip(source, "film", 0.5, 1.5, BOTH)
    part = heard(cut.content, 44100)
    assert np.abs(part[:20000]).max() > 1000 and np.abs(part[24000:44000]).max() < 100


def test_the_same_segment_gives_the_same_bytes():
    source = clip_files.clip_file(40, 25, "mp4", "libx264", "aac")
    first, again = (cut_clip(source, "film", 0.4, 1.2, BOTH) for _ in range(2))
    assert first == again


def test_a_poster_is_the_picture_on_display():
    source = clip_files.clip_file(60, 25, "mp4", "libx264", "aac")
    picture = Image.open(io.BytesIO(poster(source, "film", 1.02, BOTH))).convert("RGB")
    small = np.asarray(picture.resize((clip_files.SIZE, clip_files.SIZE)))
    assert clip_files.number_in(small) == 25


def test_a_segment_without_pictures_is_refused():
    source = clip_files.clip_file(25, 25, "mp4", "libx264", None)
    with pytest.raises(InputProblem, match="film, second -1.00: expected a picture, found none"):
        cut_clip(source, "film", -1.0, 0.0, ("picture",))
