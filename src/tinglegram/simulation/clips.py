"""AVI clips whose picture and sound carry a known part of what all viewers feel."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
import scipy
from av import AudioStream, VideoStream

from tinglegram.simulation.clip_format import ClipFormat
from tinglegram.simulation.design import (
    LATENT_RATE,
    TINGLE,
    Stream,
    generator,
    key,
    shared_latent,
    smooth_noise,
)

# Pixel format each encoder takes in AVI files.
PIXEL_FORMATS = {"mpeg4": "yuv420p", "mjpeg": "yuvj420p"}


@dataclass(frozen=True)
class Feeling:
    """What picture and sound follow.

    Parameters
    ----------
    seconds : time the clip plays.
    smoothness : SD in seconds of the Gaussian that smooths the latent intensity.
    feature_signal : share (0-1) of the variance of what is seen and heard that viewers feel.
    """

    seconds: float
    smoothness: float
    feature_signal: float


def visible_intensity(video: str, feeling: Feeling, seed: int) -> np.ndarray:
    """Return at 10 Hz, between 0 and 1, what picture and sound follow.

    A share of its variance is what all viewers feel alike; the rest is noise that nobody feels.
    """
    shared = shared_latent(video, feeling.seconds, feeling.smoothness, seed)
    draw = generator(seed, Stream.CLIP, key(video), 1)
    noise = smooth_noise(draw, feeling.seconds, feeling.smoothness)
    share = feeling.feature_signal
    mixed = np.sqrt(share) * shared + np.sqrt(1.0 - share) * noise
    visible: np.ndarray = 0.5 + 0.5 * np.tanh(mixed)
    return visible


def _at(intensity: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the 10-Hz intensity at `times` in seconds."""
    found: np.ndarray = np.interp(times, np.arange(len(intensity)) / LATENT_RATE, intensity)
    return found


def asmr_frames(
    intensity: np.ndarray, form: ClipFormat, draw: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield RGB frames: a warm brush stroking a dark ground, brighter and faster with intensity.

    Parameters
    ----------
    intensity : one value (0-1) per frame.
    """
    across = np.linspace(-1.0, 1.0, form.width, dtype=np.float32)
    down = np.linspace(-1.0, 1.0, form.height, dtype=np.float32)[:, None]
    tint = np.array([1.0, 0.55 + 0.2 * draw.random(), 0.3 + 0.2 * draw.random()], np.float32)
    ground = (30.0 + 10.0 * np.cos(3.0 * across) * np.cos(2.0 * down))[..., None] * tint
    stroke = 2 * np.pi * np.cumsum(0.2 + 0.8 * intensity) / float(form.frame_rate)
    # Python floats keep the arrays at single precision.
    for value, angle in zip(intensity.tolist(), stroke.tolist(), strict=True):
        beside = np.exp(-(((across - 0.5 * math.sin(angle)) / 0.25) ** 2))
        above = np.exp(-(((down - 0.2 * math.cos(angle)) / 0.4) ** 2))
        row = (60.0 + 150.0 * value) * beside[:, None] * tint
        # Rows are flattened, because a last axis of three colours makes broadcasting slow.
        light = (above * row.reshape(1, -1)).reshape(ground.shape)
        yield np.clip(ground + light, 0, 255).astype(np.uint8)


def nature_frames(
    intensity: np.ndarray, form: ClipFormat, draw: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield RGB frames: a drifting rough surface under a bright sky; see `asmr_frames`."""
    sky = form.height // 2
    surface = scipy.signal.fftconvolve(
        draw.standard_normal((form.height - sky, form.width)), np.ones((5, 9)) / 7.0, mode="same"
    )
    colour = np.array([50.0 + 30.0 * draw.random(), 130.0, 60.0 + 90.0 * draw.random()])
    scene = np.empty((form.height, form.width, 3), np.float32)
    scene[:sky] = np.linspace(1.0, 0.8, sky)[:, None, None] * np.array([150.0, 190.0, 235.0])
    scene[sky:] = colour + 25.0 * surface[..., None]
    drift = np.cumsum((0.02 + 0.1 * intensity) / float(form.frame_rate)) * form.width
    for value, shift in zip(intensity.tolist(), drift.astype(int).tolist(), strict=True):
        moved = scene.copy()
        moved[sky:] = np.roll(scene[sky:], shift, axis=1)
        yield np.clip(moved * (0.8 + 0.3 * value), 0, 255).astype(np.uint8)


def asmr_sound(intensity: np.ndarray, rate: int, draw: np.random.Generator) -> np.ndarray:
    """Return stereo sound (samples x 2, -1 to 1): brushing and taps that follow the intensity.

    Parameters
    ----------
    intensity : one value (0-1) per sample.
    """
    band = scipy.signal.butter(2, (1500.0, 7000.0), "bandpass", fs=rate, output="sos")
    brush = scipy.signal.sosfilt(band, draw.standard_normal(len(intensity))) * (
        0.02 + 0.2 * intensity
    )
    # Up to six taps a second, each a decaying 900-Hz knock.
    knocks = draw.random(len(intensity)) < 6.0 * intensity**2 / rate
    age = np.arange(int(0.05 * rate)) / rate
    knock = np.exp(-age / 0.008) * np.sin(2 * np.pi * 900.0 * age)
    taps = 0.5 * scipy.signal.fftconvolve(knocks.astype(float), knock)[: len(intensity)]
    # The source wanders between the ears (binaural triggers; paper, "Stimuli Selection").
    side = 0.5 + 0.4 * np.sin(2 * np.pi * 0.1 * np.arange(len(intensity)) / rate)
    return np.column_stack([(brush + taps) * side, (brush + taps) * (1.0 - side)])


def nature_sound(intensity: np.ndarray, rate: int, draw: np.random.Generator) -> np.ndarray:
    """Return stereo sound (samples x 2, -1 to 1): wind or water; see `asmr_sound`."""
    band = scipy.signal.butter(1, 400.0 + 500.0 * draw.random(), "lowpass", fs=rate, output="sos")
    noise: np.ndarray
    noise = scipy.signal.sosfilt(band, draw.standard_normal((len(intensity), 2)), axis=0)
    return noise * (0.25 + 0.35 * intensity)[:, None]


def _sound_frame(sound: np.ndarray, form: ClipFormat, start: int) -> av.AudioFrame:
    """Return samples (n x 2, int16) as a frame that begins at sample `start`."""
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = form.audio_rate
    frame.time_base = Fraction(1, form.audio_rate)
    frame.pts = start
    return frame


def encode_avi(pictures: Iterator[np.ndarray], sound: np.ndarray, form: ClipFormat) -> bytes:
    """Return an AVI file of RGB frames (height x width x 3, uint8) and sound (n x 2, -1 to 1)."""
    samples = np.round(np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16)
    file = io.BytesIO()
    with av.open(
        file,
        "w",
        format="avi",
        container_options={"fflags": "+bitexact", "avoid_negative_ts": "disabled"},
    ) as container:
        # Streams are typed by their codec; the names of both codecs come from arguments.
        video = cast(VideoStream, container.add_stream(form.video_codec, rate=form.frame_rate))
        video.width, video.height = form.width, form.height
        video.pix_fmt = PIXEL_FORMATS[form.video_codec]
        video.bit_rate = 2_000_000
        # One thread, so that the bytes do not depend on the machine.
        video.codec_context.thread_count = 1
        audio = cast(
            AudioStream,
            container.add_stream(form.audio_codec, rate=form.audio_rate, layout="stereo"),
        )
        heard = 0
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, 1 / form.frame_rate
            container.mux(video.encode(frame))
            until = round((index + 1) / form.frame_rate * form.audio_rate)
            if until > heard and heard < len(samples):
                container.mux(audio.encode(_sound_frame(samples[heard:until], form, heard)))
                heard = until
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return file.getvalue()


def simulate_clip(
    video: str, condition: str, feeling: Feeling, form: ClipFormat, seed: int
) -> bytes:
    """Return the AVI file of a clip."""
    draw = generator(seed, Stream.CLIP, key(video), 0)
    intensity = visible_intensity(video, feeling, seed)
    frame_times = np.arange(form.frames(feeling.seconds)) / float(form.frame_rate)
    sample_times = np.arange(form.samples(feeling.seconds)) / form.audio_rate
    show, play = (asmr_frames, asmr_sound) if condition == TINGLE else (nature_frames, nature_sound)
    sound = play(_at(intensity, sample_times), form.audio_rate, draw)
    return encode_avi(show(_at(intensity, frame_times), form, draw), sound, form)


def clip_truth(
    video: str, condition: str, feeling: Feeling, form: ClipFormat, seed: int
) -> dict[str, Any]:
    """Return everything known about a simulated clip, ready for JSON; series are at 10 Hz."""
    shared = shared_latent(video, feeling.seconds, feeling.smoothness, seed)
    return {
        "video": video,
        "condition": condition,
        "seconds": feeling.seconds,
        "feature_signal": feeling.feature_signal,
        "frame_rate": str(form.frame_rate),
        "video_codec": form.video_codec,
        "audio_codec": form.audio_codec,
        "audio_rate_hz": form.audio_rate,
        "n_frames": form.frames(feeling.seconds),
        "latent_rate_hz": LATENT_RATE,
        "shared_latent": np.round(shared, 6).tolist(),
        "visible_intensity": np.round(visible_intensity(video, feeling, seed), 6).tolist(),
    }
