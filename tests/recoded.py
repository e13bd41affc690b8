"""A simulated film, and the same film in other encodings, cuts, levels and rates."""

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np

from tinglegram.simulation.clip_format import ClipFormat
from tinglegram.simulation.clips import Feeling, simulate_clip
from tinglegram.simulation.design import TINGLE

FORM = ClipFormat(96, 72, Fraction(25), "mpeg4", "pcm_s16le", 32000)
WAYS: dict[str, dict[str, Any]] = {
    "MP4, little bit rate": {"sound_bits": 32000, "picture_bits": 40000},
    "Matroska, MPEG-4, Opus": {
        **{"form": "matroska", "picture": "mpeg4", "sound": "libopus", "rate": 48000}
    },
    "12 pictures a second": {"fps": 12},
    "softer and brighter": {"gain": 0.1, "bright": 20},
    "half the size, 22 kHz": {"scale": 0.5, "rate": 22050},
    "cut out": {"start": 1.37},
}


def film(seconds: float, video: str = "vid3") -> bytes:
    """An AVI film of a brush with its sound."""
    return simulate_clip(video, TINGLE, Feeling(seconds, 1.0, 0.5), FORM, 1)


def recoded(
    content: bytes,
    *,
    form: str = "mp4",
    picture: str = "libx264",
    sound: str = "aac",
    picture_bits: int = 150_000,
    sound_bits: int = 64_000,
    fps: int = 25,
    rate: int = 32_000,
    scale: float = 1.0,
    gain: float = 1.0,
    bright: int = 0,
    start: float = 0.0,
) -> bytes:
    """The same film again, from second `start` on."""
    out = io.BytesIO()
    with av.open(io.BytesIO(content)) as source, av.open(out, "w", format=form) as target:
        frames = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
        source.seek(0)
        to_float = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
        parts = [p for f in source.decode(audio=0) for p in to_float.resample(f)]
        parts += to_float.resample(None)
        samples = np.concatenate([part.to_ndarray() for part in parts], axis=1) * gain
        video = target.add_stream(picture, rate=fps)
        video.width, video.height = (int(size * scale) // 2 * 2 for size in frames[0].shape[1::-1])
        video.pix_fmt, video.bit_rate = "yuv420p", picture_bits
        video.codec_context.thread_count = 1
        audio = target.add_stream(sound, rate=rate, layout="stereo")
        audio.bit_rate = sound_bits
        for number in range(int((len(frames) / 25 - start) * fps)):
            shown = frames[min(int((start + number / fps) * 25 + 1e-6), len(frames) - 1)]
            shown = np.clip(shown.astype(int) * (0.9 if bright else 1) + bright, 0, 255)
            frame = av.VideoFrame.from_ndarray(shown.astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            target.mux(video.encode(frame))
        target.mux(video.encode(None))
        own = np.ascontiguousarray(samples[:, round(start * rate) :], np.float32)
        frame = av.AudioFrame.from_ndarray(own, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        cut = av.AudioResampler(
            format=audio.codec_context.format.name,
            layout="stereo",
            rate=rate,
            frame_size=audio.codec_context.frame_size or 1024,
        )
        for part in [*cut.resample(frame), *cut.resample(None)]:
            target.mux(audio.encode(part))
        target.mux(audio.encode(None))
    return out.getvalue()
