"""Clips: the pictures and the sound of a window, from one pass over the file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Literal

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from tinglegram.errors import InputProblem
from tinglegram.stimuli.pictures import REMEDY, Picture, Pictures
from tinglegram.stimuli.sound import Sound


@dataclass(frozen=True)
class DecodedClip:
    """What one pass over a clip yields beside its pictures.

    Attributes
    ----------
    sound : mono 16-bit samples of the window, (n_steps × hop,) or less than one hop shorter;
        empty when none was asked for.
    picture_of_step : for each grid step the place of its picture among those handed over.
    fps : frames per second.
    findings : what a careful reader should know and is no error.
    """

    sound: NDArray[np.int16]
    picture_of_step: NDArray[np.int64]
    fps: float
    findings: tuple[str, ...]


def decode_clip(
    stream: BinaryIO,
    source: str,
    *,
    start_s: float,
    n_steps: int,
    grid_hz: float,
    sample_rate: int | None,
    take: Callable[[Picture], None],
    threads: int = 1,
) -> DecodedClip:
    """Decode a clip once, pictures and sound together, until the last frame and sample needed.

    Each distinct frame of the grid goes to `take` as an RGB array (height, width, 3), in order;
    steps that fall on the same frame share it. Of several streams FFmpeg's best is taken.

    Parameters
    ----------
    stream : the clip file, opened for reading bytes; `source` names it in messages.
    start_s, n_steps, grid_hz : start of the window in seconds, its length in steps, steps per
        second.
    sample_rate : of the sound in Hz (down-mixed to mono and resampled by FFmpeg);
        None decodes no sound.
    threads : of the picture decoder.

    Raises
    ------
    InputProblem : not a clip, no picture or sound stream, an unknown codec, damaged, shorter than
        the window, or timestamps that place no picture.
    """
    with open_clip(stream, source) as container:
        video = _best(container, "video", source)
        assert isinstance(video, av.VideoStream)
        video.codec_context.thread_count = threads
        pictures = Pictures(source, container, video, start_s, n_steps, grid_hz, take)
        streams: list[av.VideoStream | av.AudioStream] = [video]
        sound = None
        if sample_rate is not None:
            streams.append(_best(container, "audio", source))
            sound = Sound(source, start_s, n_steps, grid_hz, sample_rate)
        findings = _choices(container, streams)
        kind = "header"
        try:
            for packet in container.demux(streams):
                kind = packet.stream.type
                part = pictures if packet.stream.index == video.index else sound
                if part is None or part.complete:
                    continue
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        pictures.add(frame)
                    elif isinstance(frame, av.AudioFrame) and sound is not None:
                        sound.add(frame)
                if pictures.complete and (sound is None or sound.complete):
                    break
        except av.FFmpegError as damage:
            pictures.finish()
            reason = f"damaged {kind} ({damage.strerror})"
            if not pictures.complete:
                raise pictures.shortage(f", then {reason}") from damage
            if sound is not None and not sound.complete:
                raise sound.shortage(reason) from damage
        pictures.finish()
        if not pictures.complete:
            raise pictures.shortage("")
        samples = sound.window() if sound else np.empty(0, np.int16)
        if sound and not samples.any():
            findings.append("the sound of the window is digital silence")
        findings += pictures.findings()
    return DecodedClip(samples, pictures.picture_of_step, pictures.fps, tuple(findings))


def open_clip(stream: BinaryIO, source: str) -> InputContainer:
    """Open a clip's container, to be closed by the caller, or raise that it is none."""
    try:
        return av.open(stream, "r")
    except av.FFmpegError as problem:
        raise InputProblem(
            source, expected="a video clip", found=f"{problem.strerror}", remedy=REMEDY
        ) from problem


def missing_stream(source: str, kind: str) -> InputProblem:
    """Return the problem of a clip without a stream of `kind` (picture, sound)."""
    return InputProblem(
        source,
        expected="a clip with pictures and sound",
        found=f"no {kind} stream",
        remedy="Export the clip again with both.",
    )


_KINDS = {"video": "picture", "audio": "sound"}


def _best(
    container: InputContainer, kind: Literal["video", "audio"], source: str
) -> av.VideoStream | av.AudioStream:
    """Return the stream of a kind that FFmpeg holds to be the best."""
    stream = container.streams.best(kind)
    if not isinstance(stream, av.VideoStream | av.AudioStream):
        raise missing_stream(source, _KINDS[kind])
    if stream.codec_context is None:
        raise InputProblem(
            source,
            expected=f"a {_KINDS[kind]} stream in a codec that FFmpeg decodes",
            found="an unknown one",
            remedy="Convert the clip with the program that plays it, for example to H.264 and AAC "
            "in MP4.",
        )
    return stream


def _choices(container: InputContainer, chosen: list[av.VideoStream | av.AudioStream]) -> list[str]:
    """Say which of several streams are used, and what becomes of surround sound."""
    findings = []
    for stream in chosen:
        if isinstance(stream, av.AudioStream):
            what = stream.layout.name
            if stream.channels > 2:
                findings.append(
                    f"sound of {stream.channels} channels ({what}) is mixed to one by FFmpeg's "
                    "rules, which leave the subwoofer out"
                )
        else:
            what = f"{stream.width} x {stream.height}"
        n_rivals = sum(other.type == stream.type for other in container.streams)
        if n_rivals > 1:
            findings.append(
                f"{n_rivals} {_KINDS[stream.type]} streams; the best by FFmpeg's rules is used: "
                f"stream {stream.index} ({what})"
            )
    return findings
