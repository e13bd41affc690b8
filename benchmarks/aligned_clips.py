"""Clips whose pictures turn white and whose sound turns loud at a known time, in many formats."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np

SECONDS, EVENT = Fraction(4), Fraction(233, 100)
WIDTH, HEIGHT = 64, 48
VARIABLE = "variable"
RATES: dict[str, Fraction | None] = {
    "23.976": Fraction(24000, 1001),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "30": Fraction(30),
    "60": Fraction(60),
    VARIABLE: None,
}
# Frames of a variable rate are shown at some of these, as recorders of screens and phones do.
TICK = Fraction(1, 30)
STARTS = ("together", "sound late", "picture late")
LATE = Fraction(2, 5)
# Samples of sound in an MP3 frame: what an AVI can say of when MP3 begins.
MP3_FRAME = 1152


@dataclass(frozen=True)
class Format:
    """A container with its codecs.

    Attributes
    ----------
    container, video, audio : by FFmpeg's names.
    pixels : of the pictures.
    audio_rate : Hz.
    options : of the picture encoder.
    """

    container: str
    video: str
    audio: str
    pixels: str = "yuv420p"
    audio_rate: int = 44100
    options: dict[str, str] = field(default_factory=dict)

    @property
    def is_avi(self) -> bool:
        """Whether a late start can only stand in the headers of the streams."""
        return self.container == "avi"


_H264 = {"preset": "ultrafast", "bf": "2"}
_VP8 = {"deadline": "realtime", "cpu-used": "8"}
FORMATS = {
    "AVI (MPEG-4, MP3)": Format("avi", "mpeg4", "libmp3lame"),
    "AVI (MJPEG, PCM)": Format("avi", "mjpeg", "pcm_s16le", pixels="yuvj420p"),
    "MP4 (H.264, AAC)": Format("mp4", "libx264", "aac", options=_H264),
    "MKV (H.264, Opus)": Format("matroska", "libx264", "libopus", audio_rate=48000, options=_H264),
    "MOV (H.264, PCM)": Format("mov", "libx264", "pcm_s16le", options=_H264),
    "WebM (VP8, Opus)": Format("webm", "libvpx", "libopus", audio_rate=48000, options=_VP8),
    "WMV (WMV2, WMA2)": Format("asf", "wmv2", "wmav2"),
    "MPEG-TS (H.264, AAC)": Format("mpegts", "libx264", "aac", options=_H264),
}


def missing_codecs(form: Format) -> list[str]:
    """Return the encoders of a format that this build of FFmpeg lacks."""
    return [name for name in (form.video, form.audio) if not _has_encoder(name)]


def _has_encoder(name: str) -> bool:
    try:
        av.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def late_starts(form: Format, rate: Fraction | None, start: str) -> tuple[Fraction, Fraction]:
    """Return the seconds at which pictures and sound start, in units that the format can store."""
    frame = 1 / (rate or 1 / TICK)
    picture = round(LATE / frame) * frame if start == "picture late" else Fraction(0)
    unit = Fraction(MP3_FRAME if form.audio == "libmp3lame" else 1, form.audio_rate)
    sound = round(LATE / unit) * unit if start == "sound late" else Fraction(0)
    return picture, sound


def frame_times(rate: Fraction | None, first: Fraction) -> list[Fraction]:
    """Return when each frame is shown; without a rate, at irregular multiples of a tick."""
    if rate is not None:
        return [first + i / rate for i in range(int((SECONDS - first) * rate))]
    steps, found = [1, 2, 1, 3, 1, 1, 4, 2, 1, 1, 2, 5], [first]
    while found[-1] < SECONDS:
        found.append(found[-1] + TICK * steps[(len(found) - 1) % len(steps)])
    # One of them shows the event at once.
    shown = first + TICK * int((EVENT - first) / TICK + 1)
    return sorted({*found[:-1], shown})


def make_clip(form: Format, rate: Fraction | None, start: str) -> bytes:
    """Return the file of a clip: black and quiet before `EVENT`, then white and loud.

    Parameters
    ----------
    rate : frames per second; None: it varies.
    start : one of `STARTS`.
    """
    late, sound_late = late_starts(form, rate, start)
    stream = io.BytesIO()
    with av.open(stream, "w", format=form.container) as out:
        # By FFmpeg's names, which add_stream cannot type.
        pictures: Any = out.add_stream(form.video, rate=rate or 1 / TICK, options=form.options)
        pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, form.pixels
        sound: Any = out.add_stream(form.audio, rate=form.audio_rate, layout="mono")
        if form.audio == "wmav2":
            sound.bit_rate = 128_000
        packets = [*_pictures(pictures, form, rate, late), *_sound(sound, form, sound_late)]
        for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
            out.mux(packet)
    content = bytearray(stream.getvalue())
    if form.is_avi:
        _start_in_header(content, b"vids", late)
        _start_in_header(content, b"auds", sound_late)
    return bytes(content)


def _pictures(stream: Any, form: Format, rate: Fraction | None, late: Fraction) -> Iterator[Any]:
    tick = 1 / rate if rate else TICK
    stream.codec_context.time_base = tick
    # AVI counts frames from its first one.
    origin = late if form.is_avi else 0
    for time in frame_times(rate, late):
        white = 235 if time >= EVENT else 30
        picture = np.full((HEIGHT, WIDTH, 3), white, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = round((time - origin) / tick), tick
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sound(stream: Any, form: Format, late: Fraction) -> Iterator[Any]:
    rate = form.audio_rate
    times = late + np.arange(int((SECONDS - late) * rate)) / rate
    level = np.where(times >= float(EVENT), 0.5, 0.005)
    noise = np.random.default_rng(1).uniform(-1, 1, len(times))
    samples = np.rint(32767 * level.astype(float) * noise).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
    frame.pts = 0 if form.is_avi else round(late * rate)
    resampler = av.AudioResampler(
        stream.codec_context.format, "mono", rate, stream.codec_context.frame_size or 1024
    )
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        yield from stream.encode(part)
    yield from stream.encode(None)


def _start_in_header(content: bytearray, kind: bytes, late: Fraction) -> None:
    """Let a stream of an AVI start late: AVIStreamHeader.dwStart, in units of its own rate."""
    place = content.index(kind, content.index(b"strh"))
    scale, rate = struct.unpack_from("<II", content, place + 20)
    struct.pack_into("<I", content, place + 28, round(late * rate / scale))
