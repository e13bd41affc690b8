"""Clips: the pictures and the sound of a window, from one pass over the file."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

import av
import av.logging
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from tinglegram.errors import InputProblem
from tinglegram.stimuli.chunks import pictures_before_break
from tinglegram.stimuli.damage import Damage
from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.look import Look
from tinglegram.stimuli.pictures import REMEDY, Picture, Pictures
from tinglegram.stimuli.settings import Alignment
from tinglegram.stimuli.sound import Sound, Store
from tinglegram.stimuli.timeline import Starts, read_starts, stores_order


@dataclass(frozen=True)
class DecodedClip:
    """What one pass over a clip yields beside its pictures.

    Attributes
    ----------
    sound : alignment -> mono 16-bit samples of the window, (n_steps × hop,) or less than one hop
        shorter; empty when none was asked for.
    picture_of_step : alignment -> for each grid step the place of its picture among those handed
        over; empty without pictures.
    fps : frames per second; NaN without pictures.
    starts : of picture and sound.
    marks : of the pictures handed over: whether they are made of two fields, and their transfer
        characteristics.
    findings : what a careful reader should know and keeps no clip from being decoded.
    """

    sound: dict[Alignment, NDArray[np.int16]]
    picture_of_step: dict[Alignment, NDArray[np.int64]]
    fps: float
    starts: Starts
    marks: frozenset[tuple[bool, int]]
    findings: tuple[ClipFinding, ...]


def decode_clip(
    stream: BinaryIO,
    source: str,
    *,
    start_s: float,
    n_steps: int,
    grid_hz: float,
    sample_rate: int | None,
    take: Callable[[Picture], None] | Mapping[Look, Callable[[Picture], None]],
    alignments: Sequence[Alignment] = ("timestamps",),
    threads: int = 1,
    store: Store | None = None,
) -> DecodedClip:
    """Decode a clip once, pictures and sound together, until the last frame and sample needed.

    Each distinct frame of the grid goes to `take` as an RGB array (height, width, 3), in order;
    steps that fall on the same frame share it. Of several streams FFmpeg's best is taken. Packets
    that cannot be decoded are passed over, and told as findings.

    Parameters
    ----------
    stream : the clip file, opened for reading bytes; `source` names it in messages. Its head is
        read twice: when both streams start is needed before the first picture is chosen.
    start_s, n_steps, grid_hz : start of the window in seconds, its length in steps, steps per
        second.
    sample_rate : of the sound in Hz (down-mixed to mono and resampled by FFmpeg);
        None decodes no sound.
    take : as above; or look -> what takes pictures of that look; empty: no picture is decoded.
    alignments : where time 0 of picture and sound is, one or several.
    threads : of the picture decoder.
    store : makes files for sound, so that memory does not grow with the clip; None: it does.

    Raises
    ------
    InputProblem : not a clip, no picture or sound stream, an unknown codec, cut off, shorter than
        the window, or timestamps that place no picture.
    """
    wants_sound = sample_rate is not None
    takes = take if isinstance(take, Mapping) else {Look(): take}
    wants_picture = bool(takes)
    starts = read_head(stream, source, wants_sound=wants_sound, wants_picture=wants_picture)
    late: dict[Alignment, float] = {
        name: starts.picture_late if name == "timestamps" else 0.0 for name in alignments
    }
    lost = _lost_chunks(stream, source, start_s + n_steps / grid_hz) if wants_picture else []
    with open_clip(stream, source) as container:
        video, audio = _chosen(container, source, wants_sound, wants_picture)
        streams: list[av.VideoStream | av.AudioStream] = []
        pictures = sound = None
        if video is not None:
            video.codec_context.thread_count = threads
            streams.append(video)
            pictures = Pictures(source, container, video, start_s, n_steps, grid_hz, takes, late)
        if audio is not None and sample_rate is not None:
            streams.append(audio)
            sound = Sound(source, start_s, n_steps, grid_hz, sample_rate, starts, store)
        findings = _choices(container, streams) + lost
        damage = Damage(starts.origin)
        broken = ""
        with damage.listening():
            try:
                for packet in container.demux(streams):
                    part = pictures if packet.stream is video else sound
                    if part is None or part.complete:
                        continue
                    if isinstance(part, Pictures):
                        part.look(packet)
                    for frame in damage.decode(packet):
                        if isinstance(frame, av.VideoFrame) and pictures is not None:
                            pictures.add(frame, damaged=damage.has("picture"))
                        elif isinstance(frame, av.AudioFrame) and sound is not None:
                            sound.add(frame)
                    if all(part is None or part.complete for part in (pictures, sound)):
                        break
            except av.FFmpegError as problem:
                broken = f"the end of what can be read ({problem.strerror})"
        if pictures is not None:
            pictures.finish()
            if not pictures.complete:
                raise pictures.shortage(f", then {broken}" if broken else damage.first)
        sounds: dict[Alignment, NDArray[np.int16]] = {}
        if sound is not None:
            if broken and not sound.complete:
                raise sound.shortage(broken)
            sounds = sound.windows(alignments)
            findings += sound.findings(sounds[alignments[-1]])
        findings += [*(pictures.findings() if pictures is not None else ()), *damage.findings()]
    return DecodedClip(
        sounds or {name: np.empty(0, np.int16) for name in alignments},
        {} if pictures is None else pictures.picture_of_step,
        math.nan if pictures is None else pictures.fps,
        starts,
        frozenset(() if pictures is None else pictures.marks),
        tuple(findings),
    )


def read_head(
    stream: BinaryIO, source: str, *, wants_sound: bool = True, wants_picture: bool = True
) -> Starts:
    """Return when picture and sound of a clip start, and leave its file at its begin.

    Raises
    ------
    InputProblem : not a clip, no picture or sound stream, or an unknown codec.
    """
    stream.seek(0)
    with open_clip(stream, source) as container:
        chosen = _chosen(container, source, wants_sound, wants_picture)
        try:
            found = read_starts(container, *chosen)
        except av.FFmpegError:
            # A whole pass meets the same place, and says what is missing there.
            found = Starts(None, None)
    stream.seek(0)
    return found


def sound_rate(stream: BinaryIO, source: str) -> int:
    """Return the sampling rate at which the sound of a clip is stored, Hz; leave it at its begin.

    Raises
    ------
    InputProblem : not a clip, no sound stream, or an unknown codec.
    """
    stream.seek(0)
    with open_clip(stream, source) as container:
        _, audio = _chosen(container, source, wants_sound=True, wants_picture=False)
        assert audio is not None
        rate = int(audio.rate)
    stream.seek(0)
    return rate


def _lost_chunks(stream: BinaryIO, source: str, end_s: float) -> list[ClipFinding]:
    """Say where an AVI is damaged before second `end_s`; leave its file at its begin."""
    with open_clip(stream, source) as container:
        video, _ = _chosen(container, source, wants_sound=False)
        assert video is not None
        rate = video.guessed_rate or video.average_rate
        is_avi, index = stores_order(container), video.index
    number = pictures_before_break(stream, index) if is_avi and rate else None
    stream.seek(0)
    if number is None or not rate or number / rate >= end_s:
        return []
    return [
        ClipFinding(
            "damaged_stimulus",
            where=f"second {float(number / rate):.2f}",
            expected="one chunk of picture or sound after the other",
            found="bytes that belong to none; AVI counts pictures and samples, so from there on "
            "they come too early by what is lost",
            remedy=f"{REMEDY} To use it as it is: data: problems: damaged_stimulus.",
        )
    ]


def _chosen(
    container: InputContainer, source: str, wants_sound: bool, wants_picture: bool = True
) -> tuple[av.VideoStream | None, av.AudioStream | None]:
    """Return the streams that are decoded."""
    video = _best(container, "video", source) if wants_picture else None
    audio = _best(container, "audio", source) if wants_sound else None
    assert video is None or isinstance(video, av.VideoStream)
    assert audio is None or isinstance(audio, av.AudioStream)
    return video, audio


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
        remedy="Export the clip again with both, or say what people were shown of it (clips: "
        "streams).",
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


def _choices(
    container: InputContainer, chosen: list[av.VideoStream | av.AudioStream]
) -> list[ClipFinding]:
    """Say which of several streams are used, and what becomes of surround sound."""
    findings = []
    for stream in chosen:
        if isinstance(stream, av.AudioStream):
            what = stream.layout.name
            if stream.channels > 2:
                findings.append(
                    ClipFinding(
                        "surround",
                        f"sound of {stream.channels} channels ({what}) is mixed to one by FFmpeg's "
                        "rules, which leave the subwoofer out",
                    )
                )
        else:
            what = f"{stream.width} x {stream.height}"
        n_rivals = sum(other.type == stream.type for other in container.streams)
        if n_rivals > 1:
            findings.append(
                ClipFinding(
                    "several_streams",
                    f"{n_rivals} {_KINDS[stream.type]} streams; the best by FFmpeg's rules is "
                    f"used: stream {stream.index} ({what})",
                )
            )
    return findings
