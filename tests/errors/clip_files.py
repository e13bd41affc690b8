"""Small clips made with PyAV, whole and damaged: each frame shows its own number."""

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

BLOCK, SIZE = 16, 64  # a frame's number as 12 black or white blocks
TONE = 441.0
MILLISECOND = Fraction(1, 1000)


def painted(number: int) -> np.ndarray:
    """The picture of a number."""
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    for bit in range(12):
        row, column = divmod(bit, 4)
        if number >> bit & 1:
            image[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK] = 255
    return image


def number_in(picture: np.ndarray) -> int:
    """The number of a picture."""
    blocks = picture[..., 0].reshape(4, BLOCK, 4, BLOCK).mean(axis=(1, 3)).ravel()
    return sum(1 << bit for bit in range(12) if blocks[bit] > 127)


def tone(seconds: float, rate: int) -> np.ndarray:
    """A tone whose level rises with time, 16 bits."""
    time = np.arange(round(seconds * rate)) / rate
    level = 2000 + 2000 * time
    return np.rint(level * np.sin(2 * np.pi * TONE * time)).astype(np.int16)


def clip_file(
    n_frames: int,
    fps: float | Fraction = 25,
    container: str = "avi",
    video: str = "mpeg4",
    audio: str | None = "libmp3lame",
    *,
    b_frames: int = 0,
    stamps_ms: Sequence[int] | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    sound_rate: int = 44100,
    sound_seconds: float | None = None,
    layout: str = "stereo",
    channels: Sequence[int] | None = None,
    sounds: int = 1,
) -> io.BytesIO:
    """A clip with its frame numbers painted and a tone in each of its channels.

    Parameters
    ----------
    stamps_ms : timestamp of each frame in milliseconds; None: at the constant rate `fps`.
    rotation, mirrored : what the display matrix says, in degrees counter-clockwise.
    channels : those that hold the tone; None: all.
    sounds : number of sound streams.
    """
    stream, rate = io.BytesIO(), Fraction(fps)
    with av.open(stream, "w", format=container) as out:
        pictures = out.add_stream(video, rate=rate)
        pictures.width = pictures.height = SIZE
        pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
        if stamps_ms is not None:
            pictures.codec_context.time_base = MILLISECOND
        if b_frames:
            pictures.codec_context.max_b_frames = b_frames
        if rotation or mirrored:
            pictures.set_display_rotation(rotation, hflip=mirrored)
        added = [
            out.add_stream(audio, rate=sound_rate, layout=layout) for _ in range(sounds) if audio
        ]
        for number in range(n_frames):
            frame = av.VideoFrame.from_ndarray(painted(number), format="rgb24")
            if stamps_ms is None:
                frame.pts, frame.time_base = number, 1 / rate
            else:
                frame.pts, frame.time_base = stamps_ms[number], MILLISECOND
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode(None))
        seconds = float(n_frames / rate) if sound_seconds is None else sound_seconds
        for sound in added:
            n_channels = sound.codec_context.channels
            data = np.repeat(tone(seconds, sound_rate)[None], n_channels, axis=0)
            if channels is not None:
                data[[c for c in range(n_channels) if c not in channels]] = 0
            packed = audio.startswith("pcm")
            data = np.ascontiguousarray(data.T.reshape(1, -1) if packed else data)
            frame = av.AudioFrame.from_ndarray(data, "s16" if packed else "s16p", layout)
            frame.sample_rate, frame.pts = sound_rate, 0
            fifo = av.AudioFifo()
            fifo.write(frame)
            for part in fifo.read_many(1152, partial=True):
                out.mux(sound.encode(part))
            out.mux(sound.encode(None))
    stream.seek(0)
    return stream


def sound_file(seconds: float, rate: int = 44100) -> io.BytesIO:
    """A sound without pictures."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="wav") as out:
        sound = out.add_stream("pcm_s16le", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(seconds, rate)[None], format="s16", layout="mono")
        frame.sample_rate = rate
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    stream.seek(0)
    return stream
