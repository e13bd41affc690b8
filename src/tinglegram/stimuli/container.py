"""What the head of a clip's container tells about it, without decoding it."""

from collections.abc import Collection
from fractions import Fraction
from typing import BinaryIO

import av
from av.container import InputContainer

from tinglegram.errors import InputProblem
from tinglegram.stimuli.pictures import REMEDY, first_frame, frame_indices, is_still
from tinglegram.stimuli.settings import STREAMS, Stream
from tinglegram.stimuli.timeline import counts_frames
from tinglegram.stimuli.video import missing_stream, open_clip, read_head

# Formats that store no lengths: FFmpeg estimates them from the ends of the file, or its bit rate.
_ESTIMATED = ("mpegts", "mpeg")


def clip_problems(
    stream: BinaryIO,
    source: str,
    *,
    start_s: float,
    n_steps: int,
    grid_hz: float,
    streams: Collection[str] = STREAMS,
) -> list[InputProblem]:
    """Return what keeps a clip from filling its window, as far as the container declares it.

    Parameters
    ----------
    stream, source : the clip file, opened for reading bytes, and its name for messages.
    start_s, n_steps, grid_hz : start of the window in seconds, its steps, steps per second.
    streams : those that count: picture, sound.
    """
    try:
        container = open_clip(stream, source)
    except InputProblem as problem:
        return [problem]
    with container:
        video, audio = (container.streams.best(kind) for kind in ("video", "audio"))
        problems = []
        if "picture" not in streams or is_still(container):
            pass
        elif isinstance(video, av.VideoStream):
            rate = float(video.guessed_rate or video.average_rate or 0)
            end = _end(container, video)
            if rate and end:
                last = first_frame(start_s, rate) + int(frame_indices(n_steps, grid_hz, rate)[-1])
                needed = (last + 1) / rate
                # What is declared is rounded, and the last picture may stand for some time.
                if end < needed - 1 / rate:
                    problems.append(_short(source, "pictures", needed, end))
        else:
            problems.append(missing_stream(source, "picture"))
        if "sound" not in streams:
            pass
        elif isinstance(audio, av.AudioStream):
            last_s, end = start_s + (n_steps - 1) / grid_hz, _end(container, audio)
            if end and end < last_s:
                problems.append(_short(source, "sound", last_s, end))
        else:
            problems.append(missing_stream(source, "sound"))
    return problems


def streams_in(stream: BinaryIO, source: str) -> tuple[Stream, ...]:
    """Return what a file holds of picture and sound; leave it at its begin.

    The cover of a song is no picture of it.

    Raises
    ------
    InputProblem : neither film nor sound, or a single picture.
    """
    stream.seek(0)
    with open_clip(stream, source) as container:
        video, audio = (container.streams.best(kind) for kind in ("video", "audio"))
        films = isinstance(video, av.VideoStream) and not (
            video.disposition & av.stream.Disposition.attached_pic
        )
        held = {"picture": films and not is_still(container), "sound": audio is not None}
    stream.seek(0)
    found = tuple(name for name in STREAMS if held[name])
    if not found:
        raise InputProblem(
            source,
            expected="a film or a sound",
            found="neither moving pictures nor sound",
            remedy="Name files that a player plays.",
        )
    return found


def playing_seconds(stream: BinaryIO, source: str, streams: Collection[str]) -> float:
    """Return until which second of a file all of these streams last; leave it at its begin.

    By the timestamps of its packets, of which none is decoded: what a header declares may be wrong.

    Parameters
    ----------
    streams : that count: picture, sound.

    Raises
    ------
    InputProblem : not a clip, or one of these streams is not there or cannot be decoded.
    """
    wanted = {"wants_sound": "sound" in streams, "wants_picture": "picture" in streams}
    starts = read_head(stream, source, **wanted)
    with open_clip(stream, source) as container:
        video, audio = (container.streams.best(kind) for kind in ("video", "audio"))
        chosen = {name: {"picture": video, "sound": audio}[name] for name in streams}
        ends = dict.fromkeys(chosen, Fraction(0))
        names = {own.index: name for name, own in chosen.items() if own is not None}
        numbers = dict.fromkeys(chosen, 0)
        try:
            for packet in container.demux([own for own in chosen.values() if own is not None]):
                name = names[packet.stream.index]
                numbers[name] += packet.size > 0
                stamp = packet.dts if packet.pts is None else packet.pts
                if stamp is not None and packet.time_base is not None:
                    end = (stamp + (packet.duration or 0)) * packet.time_base
                    ends[name] = max(ends[name], end)
        except av.FFmpegError:
            # The file breaks off here, and so does what can be played.
            ends = dict(ends)
        found = {name: float(end) - starts.origin for name, end in ends.items()}
        if (
            "picture" in streams
            and isinstance(video, av.VideoStream)
            and counts_frames(container, video)
        ):
            rate = video.guessed_rate or video.average_rate
            found["picture"] = float(numbers["picture"] / rate) if rate else 0.0
    stream.seek(0)
    return min(found.values())


def _end(container: InputContainer, stream: av.VideoStream | av.AudioStream) -> float:
    """Return the second at which a stream ends, as declared; 0: nothing is.

    Length and start are those of its timestamps: a number of frames tells no time where the frame
    rate varies. Streams of a transport are estimated, so the container's own length holds for them.
    """
    origin = Fraction(container.start_time or 0, av.time_base)
    whole = Fraction(container.duration or 0, av.time_base)
    base = stream.time_base or Fraction(0)
    if not stream.duration or container.format.name in _ESTIMATED:
        return float(whole)
    return float((stream.start_time or 0) * base - origin + stream.duration * base)


def _short(source: str, what: str, needed_s: float, declared_s: float) -> InputProblem:
    return InputProblem(
        source,
        expected=f"{what} until second {needed_s:.2f}",
        found=f"{declared_s:.2f} s declared in its header",
        remedy=f"{REMEDY} If the clip is meant to be shorter, "
        "say how long it plays (clips: duration).",
    )
