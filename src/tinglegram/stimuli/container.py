"""What the head of a clip's container tells about it, without decoding it."""

from fractions import Fraction
from typing import BinaryIO

import av

from tinglegram.errors import InputProblem
from tinglegram.stimuli.pictures import REMEDY, first_frame, frame_indices
from tinglegram.stimuli.video import missing_stream, open_clip


def clip_problems(
    stream: BinaryIO, source: str, *, start_s: float, n_steps: int, grid_hz: float
) -> list[InputProblem]:
    """Return what keeps a clip from filling its window, as far as the container declares it.

    Parameters
    ----------
    stream, source : the clip file, opened for reading bytes, and its name for messages.
    start_s, n_steps, grid_hz : start of the window in seconds, its steps, steps per second.
    """
    try:
        container = open_clip(stream, source)
    except InputProblem as problem:
        return [problem]
    with container:
        video, audio = (container.streams.best(kind) for kind in ("video", "audio"))
        whole = Fraction(container.duration or 0, av.time_base)
        problems = []
        if isinstance(video, av.VideoStream):
            rate = video.guessed_rate or video.average_rate or 0
            frames = video.frames or round(whole * rate)
            fps = float(rate)
            needed = first_frame(start_s, fps) + int(frame_indices(n_steps, grid_hz, fps)[-1]) + 1
            if frames and rate and frames < needed:
                problems.append(_short(source, "pictures", needed / fps, frames / fps))
        else:
            problems.append(missing_stream(source, "picture"))
        if isinstance(audio, av.AudioStream):
            # A declared length of the stream itself; without one, that of the container.
            length = (audio.duration or 0) * (audio.time_base or 0) or whole
            last = start_s + (n_steps - 1) / grid_hz
            if length and length < last:
                problems.append(_short(source, "sound", last, float(length)))
        else:
            problems.append(missing_stream(source, "sound"))
    return problems


def _short(source: str, what: str, needed_s: float, declared_s: float) -> InputProblem:
    return InputProblem(
        source,
        expected=f"{what} until second {needed_s:.2f}",
        found=f"{declared_s:.2f} s declared in its header",
        remedy=f"{REMEDY} If the clip is meant to be shorter, correct timing: clip.",
    )
