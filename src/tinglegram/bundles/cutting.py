"""Segments of films and sounds as clips of their own, and their posters.

A film becomes H.264 and AAC in MP4, which every browser and experiment software plays; sound alone
becomes a WAV file of 16 bits. Both hold exactly the segment: the first picture is the one on
display at its begin, and samples are cut where it begins and ends. Pictures of high dynamic range,
and pixels that are not square, stay as they are stored.
"""

import io
import wave
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

import numpy as np

from tinglegram.errors import InputProblem
from tinglegram.stimuli.settings import Stream
from tinglegram.trials.trials import Array

if TYPE_CHECKING:
    from av import AudioStream, VideoFrame, VideoStream
    from av.container import InputContainer, OutputContainer

# Ticks of a second in which pictures are timed.
_TICKS = 90_000
# Films are decoded from a key picture at least this long before a segment: seeking may be inexact.
_BEFORE_S = 2.0
# ASSUMPTION: stamps of sound that differ from its samples by more than this tell of a gap.
_GAP_S = 0.05
# Rates that AAC knows (ISO/IEC 14496-3, table 1.18), of those that browsers play.
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
# Quality of H.264, at which differences are hardly seen; bits a second of AAC.
_QUALITY, _AAC_BITS = "18", 192_000
_POSTER_WIDTH, _POSTER_QUALITY = 320, 70


class Cut(NamedTuple):
    """A clip: its bytes, the ending of its name, and what it holds of picture and sound."""

    content: bytes
    suffix: str
    streams: tuple[Stream, ...]


class Heard(NamedTuple):
    """Samples, (n, channels) int16, and their rate in Hz."""

    samples: Array
    rate: int


def cut_clip(
    stream: BinaryIO, source: str, start_s: float, end_s: float, streams: Collection[Stream]
) -> Cut:
    """Return a segment of a film or of a sound as a clip of its own.

    Parameters
    ----------
    stream, source : the file, opened for reading bytes, and its name for messages.
    start_s, end_s : of the segment, seconds after the first picture or sound.
    streams : what the file has of picture and sound (`streams_in`).

    Raises
    ------
    InputProblem : not a clip, or no picture at the begin of the segment.
    """
    from tinglegram.stimuli.video import read_head

    wanted = {"wants_sound": "sound" in streams, "wants_picture": "picture" in streams}
    origin = read_head(stream, source, **wanted).origin
    heard = heard_between(stream, source, origin + start_s, origin + end_s, wanted["wants_sound"])
    if "picture" not in streams:
        assert heard is not None
        return Cut(as_wav(heard), ".wav", ("sound",))
    content = _as_film(stream, source, origin + start_s, origin + end_s, heard)
    return Cut(content, ".mp4", ("picture", *(("sound",) if heard is not None else ())))


def heard_between(
    stream: BinaryIO, source: str, start_s: float, end_s: float, wanted: bool
) -> Heard | None:
    """Return the sound of a stretch in one or two channels; silence stands where there is none.

    Parameters
    ----------
    start_s, end_s : by the file's own timestamps.
    wanted : whether the file has sound; None is returned where it has none.
    """
    import av

    from tinglegram.stimuli.video import open_clip

    if not wanted:
        return None
    stream.seek(0)
    with open_clip(stream, source) as container:
        audio = cast("AudioStream", container.streams.best("audio"))
        rate = audio.rate if audio.rate in _AAC_RATES else 48_000
        channels = min(audio.channels, 2)
        resampler = av.AudioResampler(
            format="s16", layout="mono" if channels == 1 else "stereo", rate=rate
        )
        found = np.zeros((round((end_s - start_s) * rate), channels), np.int16)
        place: int | None = None
        for frame in _sound_frames(container, audio):
            stamp = None if frame.time is None else round((frame.time - start_s) * rate)
            if stamp is not None and (place is None or abs(stamp - place) > _GAP_S * rate):
                place = stamp
            for part in resampler.resample(frame):
                samples = part.to_ndarray().reshape(-1, channels)
                place = 0 if place is None else place
                first, last = max(place, 0), min(place + len(samples), len(found))
                if first < last:
                    found[first:last] = samples[first - place : last - place]
                place += len(samples)
            if place is not None and place > len(found) + rate:
                break
    stream.seek(0)
    return Heard(found, rate)


def _sound_frames(container: "InputContainer", audio: "AudioStream") -> Iterator:  # type: ignore[type-arg]
    """Yield the frames of a sound until it ends or cannot be decoded further."""
    import av

    for packet in container.demux(audio):
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            # Its damage was told when it was predicted; players pass over such packets too.
            continue


def as_wav(heard: Heard) -> bytes:
    """Return sound as a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(heard.samples.shape[1])
        target.setsampwidth(2)
        target.setframerate(heard.rate)
        target.writeframes(np.ascontiguousarray(heard.samples, "<i2").tobytes())
    return file.getvalue()


def _as_film(
    stream: BinaryIO, source: str, start_s: float, end_s: float, heard: Heard | None
) -> bytes:
    """Return an MP4 file of the pictures and sound of a stretch."""
    import av

    file = io.BytesIO()
    options = {"fflags": "+bitexact"}
    with av.open(file, "w", format="mp4", container_options=options) as target:
        encoder: VideoStream | None = None
        audio = None
        waiting: tuple[int, VideoFrame] | None = None
        for begin, frame in _pictures(stream, source, start_s, end_s):
            if encoder is None:
                encoder = _video_encoder(target, frame)
                audio = None if heard is None else _audio_encoder(target, heard)
            if waiting is not None:
                _mux_picture(target, encoder, waiting[1], waiting[0], begin - waiting[0])
            waiting = (begin, frame)
        if encoder is None or waiting is None:
            raise _no_picture(source, start_s)
        _mux_picture(target, encoder, waiting[1], waiting[0], _ticks(end_s - start_s) - waiting[0])
        target.mux(encoder.encode(None))
        if audio is not None and heard is not None:
            _mux_sound(target, audio, heard)
    return file.getvalue()


def _no_picture(source: str, second: float) -> InputProblem:
    return InputProblem(
        source,
        where=f"second {second:.2f}",
        expected="a picture",
        found="none",
        remedy="Copy the file again, or convert it again from its source.",
    )


def _ticks(seconds: float) -> int:
    return round(seconds * _TICKS)


def _pictures(
    stream: BinaryIO, source: str, start_s: float, end_s: float
) -> "Iterator[tuple[int, VideoFrame]]":
    """Yield the pictures on display in a stretch, upright, and when each begins (ticks of it)."""
    last: VideoFrame | None = None
    for second, frame in _decoded(stream, source, start_s):
        if second >= end_s - 1e-6:
            break
        if second <= start_s + 1e-6:
            last = frame
            continue
        if last is not None:
            yield 0, _upright(last)
            last = None
            if _ticks(second - start_s) == 0:
                continue
        yield _ticks(second - start_s), _upright(frame)
    if last is not None:
        yield 0, _upright(last)


def _decoded(stream: BinaryIO, source: str, near_s: float) -> "Iterator[tuple[float, VideoFrame]]":
    """Yield the pictures of a film and their times, from one at or before `near_s` on."""
    from tinglegram.stimuli.timeline import counts_frames
    from tinglegram.stimuli.video import open_clip

    for begin in (max(0.0, near_s - _BEFORE_S), 0.0):
        stream.seek(0)
        with open_clip(stream, source) as container:
            video = cast("VideoStream", container.streams.best("video"))
            video.codec_context.thread_count = 1
            # What is counted is counted from the first picture on.
            if begin > 0 and not counts_frames(container, video):
                container.seek(int(begin * 1_000_000))
            pictures = _timed(container, video)
            first = next(pictures, None)
            if begin > 0 and (first is None or first[0] > near_s):
                # There is no key picture where the file says so: from its begin, then.
                continue
            if first is not None:
                yield first
                yield from pictures
            return


def _timed(
    container: "InputContainer", video: "VideoStream"
) -> "Iterator[tuple[float, VideoFrame]]":
    """Yield pictures and their times; those without one follow the last by one picture."""
    import av

    from tinglegram.stimuli.timeline import counts_frames, shown_at, stores_order

    counted, in_order = counts_frames(container, video), stores_order(container)
    # ASSUMPTION: where nothing says how many pictures a second has, it is 25.
    rate = float(video.guessed_rate or video.average_rate or 25)
    second = -1 / rate
    for packet in container.demux(video):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            # Players pass over such packets too.
            continue
        for frame in frames:
            stamp = None if counted else shown_at(frame, in_order)
            if stamp is None or frame.time_base is None:
                second += 1 / rate
            else:
                second = float(stamp * frame.time_base)
            yield second, frame


def _upright(frame: "VideoFrame") -> "VideoFrame":
    """Return a picture as players show it: turned by quarters, sizes even, in yuv420p."""
    import av

    width, height = (max(2, size // 2 * 2) for size in (frame.width, frame.height))
    if frame.rotation % 360 == 0:
        return frame.reformat(width=width, height=height, format="yuv420p")
    rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    turned = np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / 90)), np.uint8)
    return av.VideoFrame.from_ndarray(turned, format="rgb24").reformat(format="yuv420p")


def _video_encoder(target: "OutputContainer", frame: "VideoFrame") -> "VideoStream":
    encoder = target.add_stream("libx264", rate=30)
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuv420p"
    encoder.codec_context.time_base = Fraction(1, _TICKS)
    # One thread and pictures in order, so that the bytes do not depend on the machine.
    encoder.codec_context.thread_count = 1
    encoder.options = {"crf": _QUALITY, "bf": "0", "preset": "veryfast"}
    return encoder


def _mux_picture(
    target: "OutputContainer", encoder: "VideoStream", frame: "VideoFrame", begin: int, length: int
) -> None:
    frame.pts, frame.time_base = begin, Fraction(1, _TICKS)
    frame.pict_type = 0
    frame.duration = length
    target.mux(encoder.encode(frame))


def _audio_encoder(target: "OutputContainer", heard: Heard) -> "AudioStream":
    layout = "mono" if heard.samples.shape[1] == 1 else "stereo"
    encoder = target.add_stream("aac", rate=heard.rate, layout=layout)
    encoder.codec_context.bit_rate = _AAC_BITS
    return encoder


def _mux_sound(target: "OutputContainer", encoder: "AudioStream", heard: Heard) -> None:
    import av

    layout = "mono" if heard.samples.shape[1] == 1 else "stereo"
    for begin in range(0, len(heard.samples), 1 << 16):
        part = np.ascontiguousarray(heard.samples[begin : begin + (1 << 16)]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
        frame.sample_rate, frame.pts = heard.rate, begin
        frame.time_base = Fraction(1, heard.rate)
        target.mux(encoder.encode(frame))
    target.mux(encoder.encode(None))


def poster(stream: BinaryIO, source: str, second: float, streams: Collection[Stream]) -> bytes:
    """Return the picture on display at a second of a film, as a small JPEG file.

    Parameters
    ----------
    second : after the first picture or sound.
    streams : what the file has of picture and sound (`streams_in`).

    Raises
    ------
    InputProblem : not a clip, or no picture there.
    """
    from PIL import Image

    from tinglegram.stimuli.video import read_head

    origin = read_head(stream, source, wants_sound="sound" in streams).origin
    shown = None
    for time, frame in _decoded(stream, source, origin + second):
        if shown is not None and time > origin + second + 1e-6:
            break
        shown = frame
    stream.seek(0)
    if shown is None:
        raise _no_picture(source, second)
    picture = Image.fromarray(_upright(shown).to_ndarray(format="rgb24"))
    height = max(1, round(picture.height * _POSTER_WIDTH / picture.width))
    file = io.BytesIO()
    picture.resize((_POSTER_WIDTH, height)).save(file, "JPEG", quality=_POSTER_QUALITY)
    return file.getvalue()
